//! What is done with every field of every kind that is read: followed, irrelevant with a reason, or not followed.
//!
//! The classification is data (`fields/*.yaml`): unknown fields count as not followed, and `docs/profiles.md` is made of it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use super::Problem;
use crate::text::Location;
use crate::text::suggest;
use crate::yaml::{Entry, Mapping, Node, Value};

mod published;
mod table;

pub use published::{Published, Single, Type};
pub use table::{Class, Table};

/// What is done with the fields of a kind and what its publisher says of them, in the order of the documentation.
const TEXTS: [(&str, &str); 15] = [
    (include_str!("fields/application.yaml"), include_str!("fields/published/application.txt")),
    (include_str!("fields/applicationset.yaml"), include_str!("fields/published/applicationset.txt")),
    (include_str!("fields/appproject.yaml"), include_str!("fields/published/appproject.txt")),
    (include_str!("fields/kustomization.yaml"), include_str!("fields/published/kustomization.txt")),
    (include_str!("fields/helmrelease.yaml"), include_str!("fields/published/helmrelease.txt")),
    (include_str!("fields/flux-kustomization.yaml"), include_str!("fields/published/flux-kustomization.txt")),
    (include_str!("fields/helmchart.yaml"), include_str!("fields/published/helmchart.txt")),
    (include_str!("fields/helmrepository.yaml"), include_str!("fields/published/helmrepository.txt")),
    (include_str!("fields/ocirepository.yaml"), include_str!("fields/published/ocirepository.txt")),
    (include_str!("fields/gitrepository.yaml"), include_str!("fields/published/gitrepository.txt")),
    (include_str!("fields/bucket.yaml"), include_str!("fields/published/bucket.txt")),
    (include_str!("fields/externalartifact.yaml"), include_str!("fields/published/externalartifact.txt")),
    (include_str!("fields/helmfile.yaml"), include_str!("fields/published/helmfile.txt")),
    (include_str!("fields/fleet.yaml"), include_str!("fields/published/fleet.txt")),
    (include_str!("fields/terraform.yaml"), include_str!("fields/published/terraform.txt")),
];

static TABLES: LazyLock<BTreeMap<String, Table>> = LazyLock::new(|| {
    let mut tables = BTreeMap::new();
    for (text, published) in TEXTS {
        let table = table::read(text, published, &tables);
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
    TEXTS.iter().map(|(text, _)| of(table::kind(text)))
}

/// The part of the documentation that lists the fields of every kind.
pub fn markdown() -> String {
    all().map(Table::markdown).collect::<Vec<_>>().join("\n")
}

impl Table {
    /// What an object says that is not followed or is refused, each at its line.
    pub(super) fn problems(&self, root: &Node) -> Vec<Problem> {
        self.problems_below(root, "")
    }

    /// The same for the part of an object at a path.
    pub(super) fn problems_below(&self, node: &Node, path: &str) -> Vec<Problem> {
        let all = self.unfollowed_below(node, path).into_iter().chain(self.mistyped(node, path));
        all.chain(if path.is_empty() { self.outdated(node) } else { vec![] }).collect()
    }

    /// Fields that the version of an object no longer has: the API server refuses it, or drops them.
    fn outdated(&self, root: &Node) -> Vec<Problem> {
        let version = root.get("apiVersion").and_then(Node::as_str).unwrap_or_default();
        let gone = self.gone.get(version).map(Vec::as_slice).unwrap_or_default();
        let say = |(path, at): (&String, Location)| Problem::new(at, format!("`{version}` has no field `{path}`"));
        gone.iter().flat_map(|path| places(root, path).into_iter().map(move |at| (path, at))).map(say).collect()
    }

    /// What keeps an object from being what it is taken for, whatever it deploys: fields that nobody knows, and values of another type than
    /// their fields have.
    pub(super) fn strange(&self, node: &Node, path: &str) -> Vec<Problem> {
        let unknown = self.unfollowed(node, path).into_iter().filter(|each| each.is_unknown);
        unknown.map(|each| each.problem).chain(self.mistyped(node, path)).collect()
    }

    /// The same for a file that only its name makes one of the kind: nothing, where most of its keys are neither fields nor close to any.
    pub(super) fn strange_by_name(&self, root: &Node) -> Vec<Problem> {
        let keys = root.as_map().map(Mapping::effective).unwrap_or_default();
        let names: BTreeSet<&str> = self.entries.keys().filter_map(|path| path.split('.').next()).collect();
        let is_meant = |key: &str| suggest::nearest(key, names.iter().copied()).is_some();
        let meant = keys.iter().filter(|(key, _)| is_meant(key)).count();
        if meant * 2 < keys.len() { vec![] } else { self.strange(root, "") }
    }

    /// Values of another type than their fields have.
    pub(super) fn mistyped(&self, node: &Node, path: &str) -> Vec<Problem> {
        self.published.mistyped(node, path)
    }

    /// Fields that are not followed, at and below a path.
    pub(super) fn unfollowed_below(&self, node: &Node, path: &str) -> Vec<Problem> {
        self.unfollowed(node, path).into_iter().map(|each| each.problem).collect()
    }

    fn unfollowed(&self, node: &Node, path: &str) -> Vec<Unfollowed> {
        let mut found = vec![];
        self.walk(node, path, &mut found);
        found
    }

    fn walk(&self, node: &Node, path: &str, found: &mut Vec<Unfollowed>) {
        for item in node.as_seq().unwrap_or_default() {
            self.walk(item, path, found);
        }
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            let say = |why: &str, is_unknown: bool| {
                let message = format!("`{below}{}` is not followed: {why}", shown(&entry.value));
                Unfollowed { problem: Problem::new(entry.key.location, message), is_unknown }
            };
            match self.class(&below) {
                // What is of another type says nothing of what is in it.
                Some(Class::Followed) if self.published.fits(&entry.value, &below) => {
                    self.walk(&entry.value, &below, found);
                }
                Some(Class::Followed) => {}
                Some(Class::Irrelevant(_)) => self.strangers(&entry.value, &below, found),
                // kustomize refuses every field that it does not know, whatever it says.
                None if self.is_strict() => found.push(say(UNKNOWN, true)),
                _ if says_nothing(&entry.value) => {}
                Some(Class::Unfollowed(why)) => found.push(say(why, false)),
                None => found.push(say(UNKNOWN, true)),
            }
        }
    }

    /// Fields of an irrelevant part that nobody knows, where that matters: what is meant may be another.
    fn strangers(&self, node: &Node, path: &str, found: &mut Vec<Unfollowed>) {
        for item in node.as_seq().unwrap_or_default() {
            self.strangers(item, path, found);
        }
        let is_closed = (self.is_strict() || path == "metadata") && self.published.has_fields(path);
        for entry in node.as_map().map(Mapping::entries).unwrap_or_default() {
            let key = entry.key.key_text();
            let below = format!("{path}.{key}");
            if is_closed && !self.published.knows(path, &key) {
                let message = if self.is_strict() {
                    format!("kustomize refuses `{below}`, which it does not know")
                } else {
                    format!("`{below}{}` is not followed: {UNKNOWN}", shown(&entry.value))
                };
                found.push(Unfollowed { problem: Problem::new(entry.key.location, message), is_unknown: true });
            }
            self.strangers(&entry.value, &below, found);
        }
    }

    /// Whether the tool refuses every field that it does not know.
    fn is_strict(&self) -> bool {
        self.kind == "Kustomization"
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
                    mapping.entries().iter().map(|entry| self.respelled_entry(entry, path)).collect();
                // Of two spellings the one that sorts behind the other counts, as JSON is written with its keys sorted.
                let is_respelled = |(new, old): (&Entry, &Entry)| new.key.key_text() != old.key.key_text();
                if entries.iter().zip(mapping.entries()).any(is_respelled) {
                    let mut pairs: Vec<_> =
                        mapping.entries().iter().map(|old| old.key.key_text()).zip(entries).collect();
                    pairs.sort_by(|left, right| left.0.cmp(&right.0));
                    entries = pairs.into_iter().map(|(_, entry)| entry).collect();
                }
                Value::Map(std::sync::Arc::new(Mapping::new(entries)))
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

/// Where the field at a path of keys stands, in every item of lists on the way to it.
fn places(node: &Node, path: &str) -> Vec<Location> {
    if let Some(items) = node.as_seq() {
        return items.iter().flat_map(|item| places(item, path)).collect();
    }
    let (key, rest) = path.split_once('.').map_or((path, None), |(key, rest)| (key, Some(rest)));
    match (node.entry(key), rest) {
        (Some(entry), Some(rest)) => places(&entry.value, rest),
        (Some(entry), None) => vec![entry.key.location],
        (None, _) => vec![],
    }
}

/// A field that is not followed.
struct Unfollowed {
    problem: Problem,
    /// Whether no definition has it.
    is_unknown: bool,
}

/// Why a field is not followed that no definition has.
const UNKNOWN: &str = "chartgate does not know this field";

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
        Value::Map(mapping) => mapping.entries().is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
