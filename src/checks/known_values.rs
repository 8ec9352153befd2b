//! What a chart knows of values: its own, those of its sub-charts, what templates read and what schemas name.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::change::Reads;
use crate::chart::{Chart, Declared};
use crate::yaml::{KeyPath, Node};

/// Keys that mean something to Helm itself.
const OF_HELM: [&str; 2] = ["global", "tags"];

/// The values that one chart knows.
pub(super) struct Known<'a> {
    chart: &'a Chart,
    /// Found out when it is asked for first: it takes reading every template.
    reads: OnceCell<Vec<Reads>>,
    schema: Option<Json>,
    /// Paths by which Helm asks whether to take in a chart below this one: of its own conditions, and of those of charts above it.
    conditions: Vec<String>,
}

/// What becomes of a key.
pub(super) enum Use<'a> {
    /// The chart knows it.
    Known,
    /// A sub-chart takes what stands below it; none where that chart is not at hand, or all charts may.
    Below(Option<&'a Chart>),
    /// Nothing knows it; with the keys that stand in its place.
    Unknown(BTreeSet<String>),
}

impl<'a> Known<'a> {
    pub(super) fn of(chart: &'a Chart) -> Self {
        let schema = chart.schema.as_ref().and_then(|schema| serde_json::from_str(&schema.text).ok());
        let declared = chart.declared();
        let conditions = declared.iter().filter_map(|one| one.condition).flat_map(|condition| condition.split(','));
        let conditions = conditions.map(|condition| condition.trim().to_owned()).collect();
        Self { chart, reads: OnceCell::new(), schema, conditions }
    }

    /// The same of a sub-chart whose values stand at a path.
    pub(super) fn of_part<'p>(&self, part: &'p Chart, path: &[String]) -> Known<'p> {
        let prefix = format!("{}.", path.join("."));
        let mut known = Known::of(part);
        known
            .conditions
            .extend(self.conditions.iter().filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned));
        known
    }

    /// What a key at a path of the chart's values means.
    pub(super) fn of_key(&self, path: &[String]) -> Use<'a> {
        let Some((last, above)) = path.split_last() else { return Use::Known };
        if above.is_empty() {
            if OF_HELM.contains(&last.as_str()) {
                return Use::Below(None);
            }
            let declared = self.chart.declared();
            if let Some(one) = declared.iter().find(|one| one.key() == Some(last)) {
                let part = self.chart.parts().find(|part| part.name() == one.name);
                return if self.is_read(path) && part.is_none() { Use::Known } else { Use::Below(part) };
            }
            if let Some(part) = self
                .chart
                .parts()
                .find(|part| part.name() == Some(last) && !declared.iter().any(|one| one.name == part.name()))
            {
                return Use::Below(Some(part));
            }
        }
        let is_told = self.default(path).is_some() || self.is_condition(path) || self.is_in_schema(last);
        if is_told || self.is_read(path) || self.is_in_file(path) {
            return Use::Known;
        }
        let own = self.default(above).and_then(Node::as_map).map(crate::yaml::Mapping::effective).unwrap_or_default();
        let mut names: BTreeSet<String> = own.into_iter().map(|(key, _)| key.into_owned()).collect();
        names.extend(self.reads().iter().flat_map(|reads| reads.below(above)).map(str::to_owned));
        names.extend(self.conditions_below(above));
        if above.is_empty() {
            names.extend(self.chart.declared().iter().filter_map(Declared::key).map(str::to_owned));
        }
        Use::Unknown(names)
    }

    /// Whether Helm, a dependency, a condition, the schema or a file tells of a path that the chart has no value for.
    pub(super) fn tells(&self, path: &[String]) -> bool {
        let Some((last, first)) = path.last().zip(path.first()) else { return true };
        let is_foreign = OF_HELM.contains(&first.as_str())
            || self.chart.declared().iter().any(|one| one.key() == Some(first))
            || self.chart.parts().any(|part| part.name() == Some(first));
        is_foreign || self.is_condition(path) || self.is_in_schema(last) || self.is_in_file(path)
    }

    /// The chart's own value at a path.
    pub(super) fn default(&self, path: &[String]) -> Option<&'a Node> {
        let root = self.chart.values.as_ref()?.root()?;
        let path = path.iter().fold(KeyPath::default(), |path, key| path.key(key));
        root.at(&path)
    }

    /// The dependencies' alias where a key is the name that it took the place of.
    pub(super) fn alias(&self, key: &str) -> Option<&'a str> {
        let declared = self.chart.declared();
        let named: Vec<_> = declared.iter().filter(|one| one.name == Some(key)).collect();
        if named.iter().any(|one| one.alias.is_none()) { None } else { named.first()?.alias }
    }

    /// Whether the chart's own templates or conditions read a path.
    pub(super) fn reads_own(&self, path: &[String]) -> bool {
        self.is_condition(path) || self.is_in_schema(&path.join(".")) || Reads::of(self.chart).reads(path)
    }

    /// The keys right below a path that lead to a condition.
    fn conditions_below(&self, above: &[String]) -> impl Iterator<Item = String> {
        let prefix: String = above.iter().flat_map(|key| [key, "."]).collect();
        let rest = self.conditions.iter().filter_map(move |path| path.strip_prefix(&prefix).map(str::to_owned));
        rest.filter_map(|rest| Some(rest.split('.').next()?.to_owned()))
    }

    fn is_condition(&self, path: &[String]) -> bool {
        let path = path.join(".");
        let leads_to = |condition: &str| {
            condition.strip_prefix(&path).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.conditions.iter().any(|condition| leads_to(condition))
    }

    /// Whether a schema names a key, at whatever depth: more counts as known rather than less.
    fn is_in_schema(&self, key: &str) -> bool {
        self.schema.as_ref().is_some_and(|schema| names(schema, key))
    }

    /// Whether a packaged file that is no template names a part of a path as a template would: `tpl` renders such files.
    fn is_in_file(&self, path: &[String]) -> bool {
        let names = |text: &str| {
            text.contains("{{")
                && (1..=path.len()).any(|end| text.contains(&format!(".Values.{}", path[..end].join("."))))
        };
        let others =
            self.chart.files.iter().filter(|file| !file.path.starts_with("templates/") && !file.path.ends_with(".md"));
        others.filter_map(|file| std::str::from_utf8(&file.data).ok()).any(names)
    }

    fn is_read(&self, path: &[String]) -> bool {
        self.reads().iter().any(|reads| reads.reads(path))
    }

    /// What its templates read, and those of all sub-charts: helpers of a library read the values of whoever calls them.
    fn reads(&self) -> &[Reads] {
        self.reads.get_or_init(|| self.chart.with_dependencies().into_iter().map(Reads::of).collect())
    }
}

fn names(schema: &Json, key: &str) -> bool {
    match schema {
        Json::Array(items) => items.iter().any(|item| names(item, key)),
        Json::Object(entries) => {
            let properties = entries.get("properties").and_then(Json::as_object);
            properties.is_some_and(|properties| properties.contains_key(key))
                || entries.values().any(|value| names(value, key))
        }
        _ => false,
    }
}
