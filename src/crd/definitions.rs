//! Definitions that lie outside of a chart, for the custom resources that it renders.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::Crd;
use crate::schema::Unknown;
use crate::yaml::Node;

/// A kind of custom resources in one version.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct CustomKind {
    /// The group of its `apiVersion`.
    pub group: String,
    /// The version of its `apiVersion`.
    pub version: String,
    /// Its `kind`.
    pub kind: String,
}

impl CustomKind {
    /// What an object of an `apiVersion` and a kind asks for; none where there is nothing to ask by.
    pub fn of(api_version: &str, kind: &str) -> Option<Self> {
        let (group, version) = api_version.split_once('/')?;
        let asked = Self { group: group.to_owned(), version: version.to_owned(), kind: kind.to_owned() };
        (!group.is_empty() && !version.is_empty() && !kind.is_empty()).then_some(asked)
    }
}

impl fmt::Display for CustomKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` of `{}/{}`", self.kind, self.group, self.version)
    }
}

/// What was found for the kinds that a chart renders, the nearest first.
#[derive(Debug, Clone, Default)]
pub struct Definitions(BTreeMap<CustomKind, Vec<Arc<Crd>>>);

impl Definitions {
    /// Adds what was found for a kind.
    pub fn add(&mut self, asked: CustomKind, found: Vec<Arc<Crd>>) {
        self.0.insert(asked, found);
    }

    /// The kinds of which nothing was found.
    pub fn missing(&self) -> impl Iterator<Item = &CustomKind> {
        self.0.iter().filter(|(_, found)| found.is_empty()).map(|(asked, _)| asked)
    }

    /// What was found for a kind, the nearest first.
    pub fn of(&self, asked: &CustomKind) -> &[Arc<Crd>] {
        self.0.get(asked).map(Vec::as_slice).unwrap_or_default()
    }
}

impl Crd {
    /// Whether it defines a kind, in whatever version.
    pub fn is_of(&self, asked: &CustomKind) -> bool {
        self.group.text == asked.group && self.kind.text == asked.kind
    }

    /// Whether another definition says something else of a version, or one of both does not have it.
    pub fn differs(&self, other: &Self, version: &str) -> bool {
        let schema = |crd: &Self| crd.version(version).filter(|version| version.served)?.schema.clone();
        match (schema(self), schema(other)) {
            (Some(own), Some(other)) => !Node::same_meaning(&own, &other),
            (None, None) => false,
            _ => true,
        }
    }

    /// A definition of one version, of which nothing is known but its schema: what a catalogue holds.
    pub fn of_schema(asked: &CustomKind, schema: &Node) -> Self {
        let name = |text: &str| super::Name { text: text.to_owned(), location: schema.location };
        let version = super::Version {
            name: name(&asked.version),
            served: true,
            unknown: Unknown::Free,
            has_status: true,
            schema: Some(schema.clone()),
        };
        Self { name: None, group: name(&asked.group), kind: name(&asked.kind), versions: vec![version] }
    }
}
