//! What is done with every field of every kind that is read: followed, irrelevant with a reason, or not followed.
//!
//! The classification is data (`fields/*.yaml`): unknown fields count as not followed, and `docs/profiles.md` is made of it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::Problem;
use crate::yaml::{Entry, Mapping, Node, Value};

mod table;
mod types;

pub use table::{Class, Table, Type};

/// The tables, in the order of the documentation.
const TEXTS: [&str; 15] = [
    include_str!("fields/application.yaml"),
    include_str!("fields/applicationset.yaml"),
    include_str!("fields/appproject.yaml"),
    include_str!("fields/kustomization.yaml"),
    include_str!("fields/helmrelease.yaml"),
    include_str!("fields/flux-kustomization.yaml"),
    include_str!("fields/helmchart.yaml"),
    include_str!("fields/helmrepository.yaml"),
    include_str!("fields/ocirepository.yaml"),
    include_str!("fields/gitrepository.yaml"),
    include_str!("fields/bucket.yaml"),
    include_str!("fields/externalartifact.yaml"),
    include_str!("fields/helmfile.yaml"),
    include_str!("fields/fleet.yaml"),
    include_str!("fields/terraform.yaml"),
];

/// Fields that are lists in every kind that has them: what is none is refused, and would be read as nothing.
const LISTS: [&str; 32] = [
    "additionalValuesFiles",
    "apiVersions",
    "bases",
    "components",
    "configMapGenerator",
    "configurations",
    "directories",
    "elements",
    "fileParameters",
    "generators",
    "helmCharts",
    "helmfiles",
    "images",
    "matchExpressions",
    "parameters",
    "patches",
    "patchesJson6902",
    "patchesStrategicMerge",
    "postRenderers",
    "releases",
    "replacements",
    "repositories",
    "resources",
    "setString",
    "sources",
    "substituteFrom",
    "targetCustomizations",
    "targets",
    "transformers",
    "valueFiles",
    "valuesFiles",
    "valuesFrom",
];

static TABLES: LazyLock<BTreeMap<String, Table>> = LazyLock::new(|| {
    let mut tables = BTreeMap::new();
    for text in TEXTS {
        let table = table::read(text, &tables);
        tables.insert(table.kind.clone(), table);
    }
    tables
});

/// The table of a kind.
///
/// # Panics
/// Where no table is written for it.
pub fn of(kind: &str) -> &'static Table {
    TABLES.get(kind).unwrap_or_else(|| panic!("no table of fields for `{kind}`"))
}

/// Every table, in the order of the documentation.
pub fn all() -> impl Iterator<Item = &'static Table> {
    TEXTS.iter().map(|text| of(table::kind(text)))
}

/// The part of the documentation that lists the fields of every kind.
pub fn markdown() -> String {
    all().map(Table::markdown).collect::<Vec<_>>().join("\n")
}

impl Table {
    /// What an object says that is not followed, each at its line.
    pub(super) fn problems(&self, root: &Node) -> Vec<Problem> {
        self.problems_below(root, "")
    }

    /// The same for the part of an object at a path.
    pub(super) fn problems_below(&self, node: &Node, path: &str) -> Vec<Problem> {
        let mut problems = vec![];
        self.walk(node, path, &mut problems);
        self.mistyped(node, path, &mut problems);
        problems
    }

    fn walk(&self, node: &Node, path: &str, problems: &mut Vec<Problem>) {
        for item in node.as_seq().unwrap_or_default() {
            self.walk(item, path, problems);
        }
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            let say = |why: &str| {
                Problem::new(entry.key.location, format!("`{below}{}` is not followed: {why}", shown(&entry.value)))
            };
            let is_classified = self.entries.contains_key(&below) || self.has_fields(&below);
            if is_classified && LISTS.contains(&&*key) && !says_nothing(&entry.value) && entry.value.as_seq().is_none()
            {
                let message = format!("`{below}` is {}, not a list", entry.value.kind());
                problems.push(Problem::new(entry.value.location, message));
                continue;
            }
            match self.class(&below) {
                Some(Class::Followed) => self.walk(&entry.value, &below, problems),
                Some(Class::Irrelevant(_)) => {}
                // kustomize refuses every field that it does not know, whatever it says.
                None if self.kind == "Kustomization" => problems.push(say("chartgate does not know this field")),
                _ if says_nothing(&entry.value) => {}
                Some(Class::Unfollowed(why)) => problems.push(say(why)),
                None => problems.push(say("chartgate does not know this field")),
            }
        }
    }

    /// The object with its keys spelled as the table spells them, as Go reads JSON without regard to case.
    pub(super) fn spelled(&self, root: &Node) -> Node {
        self.respelled(root, "")
    }

    /// The same for the part of an object at a path.
    pub(super) fn spelled_below(&self, node: &Node, path: &str) -> Node {
        self.respelled(node, path)
    }

    fn respelled(&self, node: &Node, path: &str) -> Node {
        let value = match &node.value {
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.respelled(item, path)).collect()),
            Value::Map(mapping) if self.has_fields(path) => {
                let mut entries: Vec<Entry> =
                    mapping.entries.iter().map(|entry| self.respelled_entry(entry, path)).collect();
                // Of two spellings the one that sorts behind the other counts, as JSON is written with its keys sorted.
                let is_respelled = |(new, old): (&Entry, &Entry)| new.key.key_text() != old.key.key_text();
                if entries.iter().zip(&mapping.entries).any(is_respelled) {
                    let mut pairs: Vec<_> = mapping.entries.iter().map(|old| old.key.key_text()).zip(entries).collect();
                    pairs.sort_by(|left, right| left.0.cmp(&right.0));
                    entries = pairs.into_iter().map(|(_, entry)| entry).collect();
                }
                Value::Map(std::sync::Arc::new(Mapping { entries }))
            }
            value => value.clone(),
        };
        Node { value, ..node.clone() }
    }

    fn respelled_entry(&self, entry: &Entry, path: &str) -> Entry {
        let written = entry.key.key_text();
        let name = self.spelling(path, &written).unwrap_or(&written).to_owned();
        let below = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let key = if name == written {
            entry.key.clone()
        } else {
            Node { value: Value::String(name.as_str().into()), ..entry.key.clone() }
        };
        Entry { key, value: self.respelled(&entry.value, &below), merged: entry.merged }
    }
}

/// A short value behind the name of its field.
fn shown(value: &Node) -> String {
    match value.scalar_text() {
        Some(text) if text.len() <= 40 && !text.contains('\n') => format!(": {text}"),
        _ => String::new(),
    }
}

/// Whether a value is what the field would have been without it.
fn says_nothing(value: &Node) -> bool {
    match &value.value {
        Value::Null | Value::Bool(false, _) => true,
        Value::String(text) => text.is_empty(),
        Value::Seq(items) => items.is_empty(),
        Value::Map(mapping) => mapping.entries.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
