//! A chart with its own values and the sub-charts that take part, by the names their values go by.

use std::borrow::Cow;
use std::sync::Arc;

use super::Error;
use super::place::Places;
use crate::chart::Chart;
use crate::helm::Major;
use crate::template::print::float::format_float;
use crate::template::value::Map;
use crate::yaml::{Node, Value as Yaml};

/// A chart and the sub-charts below it.
#[derive(Debug, Clone)]
pub struct Scope<'c> {
    /// The chart.
    pub chart: &'c Chart,
    /// Its name, or the alias it goes by.
    pub name: Arc<str>,
    /// What it depends on, where it says anything; disabled dependencies are removed by `Scopes::enable`.
    pub declared: Option<Vec<Dependency>>,
    /// The sub-charts.
    pub dependencies: Vec<Self>,
    pub(super) defaults: Map,
    /// The Helm that is followed.
    pub(super) helm: Major,
    /// The name that its undeclared sub-charts stand under in place of its own.
    pub(super) shared_as: Option<Arc<str>>,
}

/// An entry of `dependencies`.
#[derive(Debug, Clone, Default)]
pub struct Dependency {
    /// The chart's name; its alias once that was resolved.
    pub name: String,
    /// Version or range.
    pub version: String,
    /// Where it is published.
    pub repository: String,
    /// Value paths that decide, joined by commas.
    pub condition: String,
    /// Groups that decide.
    pub tags: Vec<String>,
    /// Whether it takes part.
    pub enabled: bool,
    /// What the parent takes over from its values.
    pub imports: Vec<Import>,
    /// The name its values go by instead.
    pub alias: String,
}

/// An entry of `import-values`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    /// Path in the sub-chart's values.
    pub child: String,
    /// Path in the parent's values, `.` for their root.
    pub parent: String,
    /// Written as one name, which stands for `exports.NAME`.
    pub is_export: bool,
}

/// A scalar as Helm reads it where it wants text: what is no string becomes one (sigs.k8s.io/yaml); none for null and collections.
pub fn text_of(node: &Node) -> Option<Cow<'_, str>> {
    Some(match &node.value {
        Yaml::Bool(value, _) => (if *value { "true" } else { "false" }).into(),
        Yaml::Int(value, _) => value.to_string().into(),
        Yaml::Uint(value, _) => value.to_string().into(),
        Yaml::Float(value, _) => format_float(*value, 'g', None).into(),
        _ => node.scalar_text()?.into(),
    })
}

impl<'c> Scope<'c> {
    /// The chart with everything in its `charts/`.
    ///
    /// # Errors
    /// Values that Helm cannot read.
    pub fn new(chart: &'c Chart, helm: Major, places: &mut Places) -> Result<Self, Error> {
        let dependencies = chart.parts().map(|sub| Self::new(sub, helm, places)).collect::<Result<_, _>>()?;
        let documents = chart.values.as_ref().map_or(&[][..], |file| &file.documents);
        let read = if helm.reads_first_document() { 1 } else { documents.len() };
        let defaults = super::layers(documents.iter().take(read).map(|document| &document.root), places)?;
        let named = chart.metadata.as_ref().and_then(|metadata| text_of(metadata.root().get("name")?));
        let name = named.unwrap_or_default().into();
        let declared = Dependency::declared(chart);
        Ok(Self { chart, name, declared, dependencies, defaults, helm, shared_as: None })
    }
}

impl Scope<'_> {
    /// The Helm that is followed.
    pub fn helm(&self) -> Major {
        self.helm
    }

    /// The path of a sub-chart's files, below that of its own.
    pub fn path_of(&self, path: &str, sub: &Self) -> String {
        let is_declared = || self.declared.iter().flatten().any(|dependency| *dependency.name == *sub.name);
        let Some(shared) = self.shared_as.as_ref().filter(|_| !is_declared()) else {
            return format!("{path}/charts/{}", sub.name);
        };
        let above = path.rsplit_once('/').map_or("", |(above, _)| above);
        format!("{above}/{shared}/charts/{}", sub.name)
    }
}

impl Dependency {
    /// What a chart says it depends on; none where it says nothing.
    fn declared(chart: &Chart) -> Option<Vec<Self>> {
        let has = |node: &Node| node.get("dependencies").is_some_and(|list| list.as_seq().is_some());
        let required = chart.requirements.as_ref().and_then(|file| file.root()).is_some_and(has);
        let said = required || chart.metadata.as_ref().is_some_and(|metadata| has(metadata.root()));
        said.then(|| chart.declared().iter().map(|declared| Self::read(declared.node)).collect())
    }

    fn read(node: &Node) -> Self {
        let text = |key| node.get(key).and_then(text_of).unwrap_or_default().into_owned();
        let items = |key| node.items(key);
        Self {
            name: text("name"),
            version: text("version"),
            repository: text("repository"),
            condition: text("condition"),
            tags: items("tags").iter().filter_map(text_of).map(Cow::into_owned).collect(),
            enabled: node.get("enabled").and_then(Node::as_bool).unwrap_or_default(),
            imports: items("import-values").iter().filter_map(Import::read).collect(),
            alias: text("alias"),
        }
    }
}

impl Import {
    fn read(node: &Node) -> Option<Self> {
        match &node.value {
            Yaml::String(name) => {
                Some(Self { child: format!("exports.{name}"), parent: ".".to_owned(), is_export: true })
            }
            Yaml::Map(_) => {
                // Go prints an absent key as `<nil>`, which is then a path that leads nowhere.
                let text = |key| node.get(key).and_then(text_of).unwrap_or(Cow::Borrowed("<nil>")).into_owned();
                Some(Self { child: text("child"), parent: text("parent"), is_export: false })
            }
            _ => None,
        }
    }
}
