//! A schema as the judge asks it: read from its YAML as far as an object needs it, or one of Kubernetes' own.

use std::borrow::Cow;

use crate::kubernetes::{Scalar, Shape};
use crate::text::Location;
use crate::yaml::Node;

/// A schema or a part of one, wherever it comes from.
#[derive(Debug, Clone, Copy)]
pub enum Schema<'a> {
    /// As a custom resource definition writes it.
    Written(&'a Node),
    /// Of one of Kubernetes' own kinds.
    Own(Shape),
}

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

/// Which items of a list may repeat.
#[derive(Debug, Clone)]
pub(super) enum Items<'a> {
    /// All.
    Free,
    /// None.
    Distinct,
    /// None that has the same values of these fields as another.
    Keyed(Vec<&'a str>),
}

impl<'a> Schema<'a> {
    fn node(self) -> Option<&'a Node> {
        if let Self::Written(node) = self { Some(node) } else { None }
    }

    pub(super) fn is_own(self) -> bool {
        matches!(self, Self::Own(_))
    }

    pub(super) fn location(self) -> Option<Location> {
        self.node().map(|node| node.location)
    }

    pub(super) fn get(self, key: &str) -> Option<&'a Node> {
        self.node()?.get(key).filter(|value| !value.is_null())
    }

    pub(super) fn flag(self, key: &str) -> bool {
        self.get(key).and_then(Node::as_bool).unwrap_or(false)
    }

    /// Whether it has no keyword but this one.
    pub(super) fn is_only(self, key: &str) -> bool {
        let entries = self.node().and_then(Node::as_map).map_or(0, |map| map.entries().len());
        entries == 1 && self.get(key).is_some()
    }

    /// Steps that one look-up of a field takes at most.
    pub(super) fn lookup_cost(self) -> usize {
        self.get("properties").and_then(Node::as_map).map_or(1, |mapping| mapping.entries().len() + 1)
    }

    /// How many keywords there are, and types: each of ours is looked up among them.
    pub(super) fn keywords(self) -> usize {
        let types = self.get("type").and_then(Node::as_seq).map_or(0, <[Node]>::len);
        self.node().and_then(Node::as_map).map_or(1, |mapping| mapping.entries().len()) + types
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
    pub(super) fn types(self) -> Cow<'a, [&'a str]> {
        if let Self::Own(shape) = self {
            return own_types(shape).into();
        }
        if self.flag("x-kubernetes-int-or-string") {
            return ["integer", "string"].as_slice().into();
        }
        match self.get("type") {
            Some(node) => node.as_str().map_or_else(|| texts(node).collect(), |text| vec![text]).into(),
            None => vec![].into(),
        }
    }

    /// Whether a mapping is of one of its types.
    pub(super) fn takes_map(self) -> bool {
        let types = self.types();
        types.is_empty() || types.contains(&"object")
    }

    /// The schema of a field that `properties` names.
    pub(super) fn property(self, key: &str) -> Option<Self> {
        if let Self::Own(shape) = self {
            return shape.field(key).map(Self::Own);
        }
        self.get("properties")?.get(key).filter(|schema| schema.as_map().is_some()).map(Self::Written)
    }

    /// Every field that `properties` names.
    pub(super) fn properties(self) -> Vec<(Cow<'a, str>, Self)> {
        if let Self::Own(shape) = self {
            return shape.fields().map(|(name, field)| (name.into(), Self::Own(field))).collect();
        }
        let mapping = self.get("properties").and_then(Node::as_map);
        let entries = mapping.map(crate::yaml::Mapping::effective).unwrap_or_default();
        entries.into_iter().map(|(key, entry)| (key, Self::Written(&entry.value))).collect()
    }

    pub(super) fn additional(self) -> Additional<'a> {
        if let Self::Own(shape) = self {
            let is_free = matches!(shape.scalar(), Some(Scalar::Object | Scalar::Any));
            let each = shape.values().map(|each| Additional::Each(Self::Own(each)));
            return each.unwrap_or(if is_free { Additional::Any(true) } else { Additional::Unsaid });
        }
        match self.get("additionalProperties") {
            None => Additional::Unsaid,
            Some(node) => node.as_bool().map_or(Additional::Each(Self::Written(node)), Additional::Any),
        }
    }

    /// The schema of any field: that of `properties`, else that of `additionalProperties`.
    pub(super) fn field(self, key: &str) -> Option<Self> {
        self.property(key).or_else(|| match self.additional() {
            Additional::Each(schema) => Some(schema),
            Additional::Unsaid | Additional::Any(_) => None,
        })
    }

    /// The fields that have to be there.
    pub(super) fn required(self) -> Vec<&'a str> {
        match self {
            Self::Written(_) => self.texts("required").collect(),
            Self::Own(shape) => shape.required().collect(),
        }
    }

    /// The schema of list items.
    pub(super) fn items(self) -> Option<Self> {
        if let Self::Own(shape) = self {
            return shape.items().map(Self::Own);
        }
        self.get("items").filter(|node| node.as_map().is_some()).map(Self::Written)
    }

    /// Which items of a list may repeat.
    pub(super) fn repetition(self) -> Items<'a> {
        if let Self::Own(shape) = self {
            return match shape.list_keys() {
                None => Items::Free,
                Some(keys) if keys.is_empty() => Items::Distinct,
                Some(keys) => Items::Keyed(keys),
            };
        }
        match self.get("x-kubernetes-list-type").and_then(Node::as_str) {
            Some("set") => Items::Distinct,
            Some("map") => Items::Keyed(self.texts("x-kubernetes-list-map-keys").collect()),
            _ if self.flag("uniqueItems") => Items::Distinct,
            _ => Items::Free,
        }
    }

    /// Whether an empty text counts as left out.
    pub(super) fn may_be_empty(self) -> bool {
        matches!(self, Self::Own(shape) if shape.may_be_empty())
    }

    /// Whether an empty text is refused like one that is not there.
    pub(super) fn is_filled(self) -> bool {
        matches!(self, Self::Own(shape) if shape.is_filled())
    }

    /// The format that a text has to have.
    pub(super) fn format(self) -> Option<&'a str> {
        let Self::Own(shape) = self else { return self.get("format").and_then(Node::as_str) };
        match shape.scalar()? {
            Scalar::Bytes => Some("base64"),
            Scalar::Time => Some("date-time"),
            Scalar::Quantity => Some("quantity"),
            Scalar::Text | Scalar::IntOrText => shape.format(),
            _ => None,
        }
    }

    /// The only texts that one of Kubernetes' own fields may have; empty where any will do.
    pub(super) fn choices(self) -> Vec<&'static str> {
        if let Self::Own(shape) = self { shape.choices() } else { vec![] }
    }

    /// The least and the greatest number that one of Kubernetes' own fields may have.
    pub(super) fn range(self) -> Option<(i64, i64)> {
        if let Self::Own(shape) = self { shape.range() } else { None }
    }

    /// Which other versions know a field of one of Kubernetes' own kinds, in words.
    pub(super) fn other_versions(self, key: &str) -> Option<String> {
        let Self::Own(shape) = self else { return None };
        let known = shape.known_in(key);
        let (first, last) = (known.first()?.start(), known.last()?.end());
        let (minor, newest) = (shape.minor(), crate::kubernetes::newest());
        Some(if *first > minor {
            format!("Kubernetes {minor} does not know it, {first} is the first that does: leave it out there")
        } else {
            format!("Kubernetes {last} was the last to know it, of {newest} at the latest: remove it")
        })
    }

    pub(super) fn default(self) -> Option<&'a Node> {
        self.get("default")
    }

    /// The schemas of `allOf`, `anyOf` or `oneOf`.
    pub(super) fn alternatives(self, key: &str) -> impl Iterator<Item = Self> {
        self.get(key).and_then(Node::as_seq).unwrap_or_default().iter().map(Self::Written)
    }

    /// The strings of a list: `required`, `x-kubernetes-list-map-keys`.
    pub(super) fn texts(self, key: &str) -> impl Iterator<Item = &'a str> {
        self.get(key).into_iter().flat_map(texts)
    }
}

/// Types by their names in a schema.
fn own_types(shape: Shape) -> &'static [&'static str] {
    match shape.scalar() {
        Some(Scalar::Text | Scalar::Bytes | Scalar::Time) => &["string"],
        Some(Scalar::Boolean) => &["boolean"],
        Some(Scalar::Int32 | Scalar::Int64) => &["integer"],
        Some(Scalar::Number) => &["number"],
        Some(Scalar::Quantity) => &["string", "number"],
        Some(Scalar::IntOrText) => &["integer", "string"],
        Some(Scalar::Any) => &[],
        None if shape.items().is_some() => &["array"],
        Some(Scalar::Object) | None => &["object"],
    }
}

fn texts(node: &Node) -> impl Iterator<Item = &str> {
    node.as_seq().unwrap_or_default().iter().filter_map(Node::as_str)
}
