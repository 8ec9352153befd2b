//! A structural schema, read from its YAML as far as an object needs it.

use std::borrow::Cow;

use crate::text::Location;
use crate::yaml::Node;

/// A schema or a part of one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schema<'a>(pub(super) &'a Node);

/// `additionalProperties`.
#[derive(Debug, Clone, Copy)]
pub(super) enum Additional<'a> {
    /// Not said.
    Unsaid,
    /// `true` or `false`.
    Any(bool),
    /// A schema for each.
    Each(Schema<'a>),
}

impl<'a> Schema<'a> {
    pub(super) fn location(self) -> Location {
        self.0.location
    }

    pub(super) fn get(self, key: &str) -> Option<&'a Node> {
        self.0.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn flag(self, key: &str) -> bool {
        self.0.get(key).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Steps that one look-up of a field takes at most.
    pub(super) fn lookup_cost(self) -> usize {
        self.get("properties").and_then(Node::as_map).map_or(1, |mapping| mapping.entries.len() + 1)
    }

    /// How many keywords there are, and types: each of ours is looked up among them.
    pub(super) fn keywords(self) -> usize {
        let types = self.get("type").and_then(Node::as_seq).map_or(0, <[Node]>::len);
        self.0.as_map().map_or(0, |mapping| mapping.entries.len()) + types
    }

    pub(super) fn keeps_unknown(self) -> bool {
        self.flag("x-kubernetes-preserve-unknown-fields")
    }

    pub(super) fn is_resource(self) -> bool {
        self.flag("x-kubernetes-embedded-resource")
    }

    pub(super) fn is_nullable(self) -> bool {
        self.flag("nullable")
    }

    /// The types that are allowed; empty where any is.
    pub(super) fn types(self) -> Vec<&'a str> {
        if self.flag("x-kubernetes-int-or-string") {
            return vec!["integer", "string"];
        }
        match self.get("type") {
            Some(node) => node.as_str().map_or_else(|| texts(node).collect(), |text| vec![text]),
            None => vec![],
        }
    }

    /// The schema of a field that `properties` names.
    pub(super) fn property(self, key: &str) -> Option<Self> {
        self.get("properties")?.get(key).filter(|schema| schema.as_map().is_some()).map(Self)
    }

    /// Every field that `properties` names.
    pub(super) fn properties(self) -> Vec<(Cow<'a, str>, Self)> {
        let mapping = self.get("properties").and_then(Node::as_map);
        let entries = mapping.map(crate::yaml::Mapping::effective).unwrap_or_default();
        entries.into_iter().map(|(key, entry)| (key, Self(&entry.value))).collect()
    }

    pub(super) fn additional(self) -> Additional<'a> {
        match self.get("additionalProperties") {
            None => Additional::Unsaid,
            Some(node) => node.as_bool().map_or(Additional::Each(Self(node)), Additional::Any),
        }
    }

    /// The schema of any field: that of `properties`, else that of `additionalProperties`.
    pub(super) fn field(self, key: &str) -> Option<Self> {
        self.property(key).or_else(|| match self.additional() {
            Additional::Each(schema) => Some(schema),
            Additional::Unsaid | Additional::Any(_) => None,
        })
    }

    /// The schema of list items.
    pub(super) fn items(self) -> Option<Self> {
        self.get("items").filter(|node| node.as_map().is_some()).map(Self)
    }

    pub(super) fn default(self) -> Option<&'a Node> {
        self.get("default")
    }

    /// The schemas of `allOf`, `anyOf` or `oneOf`.
    pub(super) fn alternatives(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).and_then(Node::as_seq).unwrap_or_default().iter().map(Self)
    }

    /// The strings of a list: `required`, `x-kubernetes-list-map-keys`.
    pub(super) fn texts(self, key: &str) -> impl Iterator<Item = &'a str> {
        self.get(key).into_iter().flat_map(texts)
    }
}

fn texts(node: &Node) -> impl Iterator<Item = &str> {
    node.as_seq().unwrap_or_default().iter().filter_map(Node::as_str)
}
