//! What a chart knows of values: its own, those of its sub-charts, what templates read and what schemas name.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::{BTreeSet, HashSet};

use serde_json::Value as Json;

use crate::change::Reads;
use crate::chart::{Chart, Declared};
use crate::render::Cache;
use crate::yaml::{KeyPath, Node};

/// Keys that mean something to Helm itself.
const OF_HELM: [&str; 2] = ["global", "tags"];

/// The values that one chart knows.
pub(super) struct Known<'a> {
    chart: &'a Chart,
    /// Has its templates parsed.
    cache: &'a Cache,
    /// Found out when it is asked for first: it takes reading every template.
    reads: OnceCell<Vec<Reads>>,
    /// The keys that the schema names, at whatever depth.
    schema: OnceCell<HashSet<String>>,
    price_of_files: OnceCell<usize>,
    /// Paths by which Helm asks whether to take in a chart below this one: of its own conditions, and of those of charts above it.
    conditions: Vec<String>,
}

/// What becomes of a key.
pub(super) enum Use<'a> {
    /// The chart knows it.
    Known,
    /// A sub-chart takes what stands below it; none where that chart is not at hand, or all charts may.
    Below(Option<&'a Chart>),
    /// Nothing knows it.
    Unknown,
}

/// The values right below a path, as one chart knows them.
pub(super) struct Level<'k, 'a> {
    known: &'k Known<'a>,
    path: &'k [String],
    /// The keys that the chart has values for.
    own: HashSet<Cow<'a, str>>,
    names: OnceCell<BTreeSet<String>>,
}

impl<'a> Level<'_, 'a> {
    /// What a key means here, files that `tpl` may render aside.
    pub(super) fn of_key(&self, key: &str) -> Use<'a> {
        if let Some(found) = self.known.outward(self.path, key) {
            return found;
        }
        let path: Vec<String> = self.path.iter().cloned().chain([key.to_owned()]).collect();
        let is_known = self.own.contains(key)
            || self.known.is_condition(&path)
            || self.known.is_in_schema(key)
            || self.known.is_read(&path);
        if is_known { Use::Known } else { Use::Unknown }
    }

    /// What it takes to tell what a key means, in steps.
    pub(super) fn price(&self, key: &str) -> usize {
        if self.own.contains(key) { 1 } else { 1 + self.known.reads().iter().map(Reads::count).sum::<usize>() / 4 }
    }

    /// The keys that are known here.
    pub(super) fn names(&self) -> &BTreeSet<String> {
        self.names.get_or_init(|| {
            let (known, path) = (self.known, self.path);
            let mut names: BTreeSet<String> = self.own.iter().map(|key| key.clone().into_owned()).collect();
            names.extend(known.reads().iter().flat_map(|reads| reads.below(path)).map(str::to_owned));
            names.extend(known.conditions_below(path));
            if path.is_empty() {
                names.extend(known.chart.declared().iter().filter_map(Declared::key).map(str::to_owned));
            }
            names
        })
    }
}

impl<'a> Known<'a> {
    pub(super) fn of(chart: &'a Chart, cache: &'a Cache) -> Self {
        let declared = chart.declared();
        let conditions = declared.iter().filter_map(|one| one.condition).flat_map(|condition| condition.split(','));
        let conditions = conditions.map(|condition| condition.trim().to_owned()).collect();
        let (reads, schema, price_of_files) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        Self { chart, cache, reads, schema, price_of_files, conditions }
    }

    /// The same of a sub-chart whose values stand at a path.
    pub(super) fn of_part<'p>(&self, part: &'p Chart, path: &[String]) -> Known<'p>
    where
        'a: 'p,
    {
        let prefix = format!("{}.", path.join("."));
        let mut known = Known::of(part, self.cache);
        known
            .conditions
            .extend(self.conditions.iter().filter_map(|path| path.strip_prefix(&prefix)).map(str::to_owned));
        known
    }

    /// The values right below a path of the chart's.
    pub(super) fn level<'k>(&'k self, path: &'k [String]) -> Level<'k, 'a> {
        let own = self.default(path).and_then(Node::as_map).map(crate::yaml::Mapping::effective).unwrap_or_default();
        Level { known: self, path, own: own.into_iter().map(|(key, _)| key).collect(), names: OnceCell::new() }
    }

    /// What becomes of a key at the root that other charts take; none where no other chart does.
    pub(super) fn below(&self, key: &str) -> Option<Use<'a>> {
        if OF_HELM.contains(&key) {
            return Some(Use::Below(None));
        }
        let declared = self.chart.declared();
        if let Some(one) = declared.iter().find(|one| one.key() == Some(key)) {
            return Some(Use::Below(self.chart.parts().find(|part| part.name() == one.name)));
        }
        let is_held = |part: &&Chart| part.name() == Some(key) && !declared.iter().any(|one| one.name == part.name());
        self.chart.parts().find(is_held).map(|part| Use::Below(Some(part)))
    }

    /// What a key means that leads to another chart.
    fn outward(&self, above: &[String], key: &str) -> Option<Use<'a>> {
        let found = self.below(key).filter(|_| above.is_empty())?;
        let is_missing = matches!(found, Use::Below(None)) && !OF_HELM.contains(&key);
        Some(if is_missing && self.is_read(&[key.to_owned()]) { Use::Known } else { found })
    }

    /// What it takes to look for a key in the files that `tpl` may render, in steps.
    pub(super) fn price_of_files(&self) -> usize {
        *self.price_of_files.get_or_init(|| 1 + self.others().map(str::len).sum::<usize>() / 64)
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

    /// How many values the chart has of its own at its root.
    pub(super) fn size(&self) -> usize {
        let root = self.chart.values.as_ref().and_then(|values| values.root());
        root.and_then(Node::as_map).map_or(0, |mapping| mapping.entries().len())
    }

    /// The dependencies' alias where a key is the name that it took the place of.
    pub(super) fn alias(&self, key: &str) -> Option<&'a str> {
        let declared = self.chart.declared();
        let named: Vec<_> = declared.iter().filter(|one| one.name == Some(key)).collect();
        if named.iter().any(|one| one.alias.is_none()) { None } else { named.first()?.alias }
    }

    /// Whether the chart's own templates or conditions read a path.
    pub(super) fn reads_own(&self, path: &[String]) -> bool {
        self.is_condition(path)
            || self.is_in_schema(&path.join("."))
            || Reads::of(self.chart, self.cache).may_read(path)
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
        let read = || {
            let schema = self.chart.schema.as_ref().and_then(|schema| serde_json::from_str(&schema.text).ok());
            let mut names = HashSet::new();
            if let Some(schema) = &schema {
                collect(schema, &mut names);
            }
            names
        };
        self.schema.get_or_init(read).contains(key)
    }

    /// Whether a packaged file that is no template names a part of a path as a template would: `tpl` renders such files.
    pub(super) fn is_in_file(&self, path: &[String]) -> bool {
        let names =
            |text: &str| (1..=path.len()).any(|end| text.contains(&format!(".Values.{}", path[..end].join("."))));
        self.others().any(names)
    }

    /// The packaged files that are no templates and that `tpl` may render.
    fn others(&self) -> impl Iterator<Item = &'a str> {
        let files = self.chart.files.iter();
        let others = files.filter(|file| !file.path.starts_with("templates/") && !file.path.ends_with(".md"));
        others.filter_map(|file| std::str::from_utf8(&file.data).ok()).filter(|text| text.contains("{{"))
    }

    fn is_read(&self, path: &[String]) -> bool {
        self.reads().iter().any(|reads| reads.may_read(path))
    }

    /// What its templates read, and those of all sub-charts: helpers of a library read the values of whoever calls them.
    fn reads(&self) -> &[Reads] {
        self.reads.get_or_init(|| {
            self.chart.with_dependencies().into_iter().map(|chart| Reads::of(chart, self.cache)).collect()
        })
    }
}

/// The keys of all `properties` of a schema.
fn collect(schema: &Json, names: &mut HashSet<String>) {
    match schema {
        Json::Array(items) => items.iter().for_each(|item| collect(item, names)),
        Json::Object(entries) => {
            let properties = entries.get("properties").and_then(Json::as_object);
            names.extend(properties.into_iter().flat_map(|properties| properties.keys().cloned()));
            entries.values().for_each(|value| collect(value, names));
        }
        _ => {}
    }
}
