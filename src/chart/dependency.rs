//! What a chart says it depends on, in Chart.yaml or, for apiVersion v1, in requirements.yaml.

use super::Chart;
use crate::text::Location;
use crate::yaml::Node;

/// Most dependencies that a chart is taken to declare; with more, what it deploys is not known.
pub(super) const MOST_DECLARED: usize = 1_000;

/// A declared dependency.
#[derive(Debug, Clone, Copy)]
pub struct Declared<'a> {
    /// Its mapping.
    pub node: &'a Node,
    /// `name`.
    pub name: Option<&'a str>,
    /// `version`, exact or a range.
    pub version: Option<&'a str>,
    /// `repository`, an address; none where the chart stands in `charts/`.
    pub repository: Option<&'a str>,
    /// `alias`, by which values and conditions know it.
    pub alias: Option<&'a str>,
    /// `condition`, value paths joined by commas.
    pub condition: Option<&'a str>,
}

impl<'a> Declared<'a> {
    fn new(node: &'a Node) -> Self {
        let text = |field| node.get(field).and_then(Node::scalar_text);
        Self {
            node,
            name: text("name"),
            version: text("version"),
            repository: text("repository").filter(|repository| !repository.is_empty()),
            alias: text("alias").filter(|alias| !alias.is_empty()),
            condition: text("condition"),
        }
    }

    /// The name by which its values are known: the alias, else the name.
    pub fn key(&self) -> Option<&'a str> {
        self.alias.or(self.name)
    }

    /// The path behind `file://`, relative to the chart's folder.
    pub fn folder(&self) -> Option<&'a str> {
        self.repository?.strip_prefix("file://")
    }

    /// The place of a field, else that of the whole.
    pub fn place(&self, field: &str) -> Location {
        self.node.get(field).map_or(self.node.location, |node| node.location)
    }
}

impl Chart {
    /// The declared dependencies in file order, as many as are taken: requirements.yaml's where there is one, as Helm reads it after Chart.yaml.
    pub fn declared(&self) -> Vec<Declared<'_>> {
        let required = self.requirements.as_ref().and_then(|file| file.root()?.get("dependencies"));
        let list = required.or_else(|| self.metadata.as_ref()?.root().get("dependencies"));
        let items = list.and_then(Node::as_seq).unwrap_or_default();
        items.iter().take(MOST_DECLARED).filter(|item| item.as_map().is_some()).map(Declared::new).collect()
    }
}
