//! Default values: keys that are gone, new or of another type, judged by what the templates of both states read.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::reads::Reads;
use super::{Changes, Pair, Places, dependencies};
use crate::chart::Chart;
use crate::values::{GLOBAL, merged};
use crate::yaml::{Anchor, Entry, KeyPath, Mapping, Node, Step, Value};

/// New keys among which a renamed one is looked for.
const CANDIDATES: usize = 5000;

pub(super) fn compare(pair: Pair<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (defaults(pair.old), defaults(pair.new)) else { return };
    let mut comparison = Comparison { foreign: foreign(pair), ..Comparison::default() };
    comparison.mappings(&[], &old, &new);
    if comparison.gone.is_empty() && comparison.fresh.is_empty() && comparison.retyped.is_empty() {
        return;
    }
    let reads = BothReads { old: Reads::of(pair.old, pair.cache), new: Reads::of(pair.new, pair.cache) };
    let renamed = comparison.removed(&reads, changes);
    comparison.retyped(&reads, changes);
    comparison.added(&reads, &renamed, changes);
}

/// The chart's own defaults, its documents merged.
pub(super) fn defaults(chart: &Chart) -> Option<Node> {
    let roots = chart.values.as_ref()?.documents.iter().map(|document| &document.root);
    let mut roots = roots.filter(|root| root.as_map().is_some());
    Some(merged(roots.next()?, roots))
}

/// Keys of the root that are for sub-charts: what becomes of them is theirs.
fn foreign(pair: Pair<'_>) -> BTreeSet<String> {
    let keys = [pair.old, pair.new].into_iter().flat_map(dependencies::keys);
    let mut keys: BTreeSet<String> = keys.collect();
    if !keys.is_empty() {
        keys.insert(GLOBAL.to_owned());
    }
    keys
}

struct BothReads {
    old: Reads,
    new: Reads,
}

type Path = Vec<String>;

#[derive(Default)]
struct Comparison {
    foreign: BTreeSet<String>,
    gone: Vec<(Path, Entry)>,
    fresh: Vec<(Path, Entry)>,
    retyped: Vec<(Path, Entry, Entry)>,
}

impl Comparison {
    fn mappings(&mut self, path: &[String], old: &Node, new: &Node) {
        let (Some(before), Some(after)) = (old.as_map(), new.as_map()) else { return };
        for (key, entry) in self.own(path, before) {
            let path = joined(path, &key);
            match after.entry(&key) {
                None => self.gone.push((path, entry.clone())),
                Some(other) if entry.value.as_map().is_some() && other.value.as_map().is_some() => {
                    self.mappings(&path, &entry.value, &other.value);
                }
                Some(other) if is_retyped(&entry.value, &other.value) => {
                    self.retyped.push((path, entry.clone(), other.clone()));
                }
                Some(_) => {}
            }
        }
        for (key, entry) in self.own(path, after) {
            if before.entry(&key).is_none() {
                self.fresh.push((joined(path, &key), entry.clone()));
            }
        }
    }

    fn own<'m>(&self, path: &[String], mapping: &'m Mapping) -> Vec<(Cow<'m, str>, &'m Entry)> {
        let mut entries = mapping.effective();
        entries.retain(|(key, _)| !path.is_empty() || !self.foreign.contains(key.as_ref()));
        entries
    }

    /// Tells of keys that are gone; gives the new keys that are old ones under another name.
    fn removed(&self, reads: &BothReads, changes: &mut Changes) -> Vec<Path> {
        let (candidates, mut targets) = (self.candidates(), vec![]);
        for (path, entry) in &self.gone {
            removed(path, entry, reads, &mut |path, entry| {
                let (subject, key) = (shown(path), entry.location(Anchor::Key));
                let found = renamed(path, &entry.value, &candidates);
                targets.extend(found.map(|(to, _)| to.clone()));
                let message = found.map_or_else(
                    || format!("the value `{subject}` is gone, and nothing reads it any more"),
                    |(to, _)| format!("the value `{subject}` is now `{}`", shown(to)),
                );
                let places = Places { old: Some(key), new: found.map(|(_, entry)| entry.location(Anchor::Key)) };
                changes.add("change-values-key-removed", subject, message, places);
            });
        }
        targets
    }

    fn retyped(&self, reads: &BothReads, changes: &mut Changes) {
        for (path, before, after) in self.retyped.iter().filter(|(path, ..)| reads.old.reads(path)) {
            let subject = shown(path);
            let message = format!("the value `{subject}` was {} and is {}", before.value.kind(), after.value.kind());
            let places = Places::both(before.location(Anchor::Key), after.location(Anchor::Key));
            changes.add("change-values-type-changed", subject, message, places);
        }
    }

    /// A default for what was read before is no news.
    fn added(&self, reads: &BothReads, renamed: &[Path], changes: &mut Changes) {
        let is_new = |path: &Path| reads.new.reads(path) && !reads.old.reads(path) && !renamed.contains(path);
        for (path, entry) in self.fresh.iter().filter(|(path, _)| is_new(path)) {
            let subject = shown(path);
            let message = format!("the value `{subject}` is new");
            changes.add("change-values-key-added", subject, message, Places::new(entry.location(Anchor::Key)));
        }
    }

    /// Every new key with those below it.
    fn candidates(&self) -> Vec<(Path, Entry)> {
        let mut found = self.fresh.clone();
        let mut next = 0;
        while let Some((path, entry)) = found.get(next).cloned().filter(|_| found.len() < CANDIDATES) {
            let below = entry.value.as_map().map(Mapping::effective).unwrap_or_default();
            found.extend(below.into_iter().map(|(key, entry)| (joined(&path, &key), entry.clone())));
            next += 1;
        }
        found
    }
}

/// Tells of the outermost keys in a removed part that were read and no longer are.
fn removed(path: &Path, entry: &Entry, reads: &BothReads, tell: &mut dyn FnMut(&Path, &Entry)) {
    if !reads.new.reads(path) {
        if reads.old.reads(path) {
            tell(path, entry);
        }
        return;
    }
    for (key, below) in entry.value.as_map().map(Mapping::effective).unwrap_or_default() {
        removed(&joined(path, &key), below, reads, tell);
    }
}

/// The only new key that holds the same: under the same name elsewhere, or under another name at the same place.
fn renamed<'c>(path: &Path, value: &Node, candidates: &'c [(Path, Entry)]) -> Option<(&'c Path, &'c Entry)> {
    let (name, parent) = path.split_last()?;
    let is_telling = match &value.value {
        Value::String(text) => text.len() > 2,
        Value::Seq(items) => !items.is_empty(),
        Value::Map(mapping) => !mapping.entries().is_empty(),
        _ => false,
    };
    let fits = |(other, entry): &&(Path, Entry)| {
        let is_same_name = other.last() == Some(name);
        let is_sibling = other.split_last().is_some_and(|(_, above)| above == parent);
        (is_same_name || (is_telling && is_sibling)) && entry.value.same_meaning(value)
    };
    let mut found = candidates.iter().filter(fits);
    match (found.next(), found.next()) {
        (Some((path, entry)), None) => Some((path, entry)),
        _ => None,
    }
}

/// Whether what users wrote for the one cannot stand for the other. What is empty says little of what is meant: `[]` was often put
/// for a mapping, and mended later.
fn is_retyped(old: &Node, new: &Node) -> bool {
    let class = |node: &Node| match &node.value {
        Value::Null => 0,
        Value::String(text) if text.is_empty() => 0,
        Value::Seq(items) if items.is_empty() => 0,
        Value::Map(mapping) if mapping.entries().is_empty() => 0,
        Value::Seq(_) => 1,
        Value::Map(_) => 2,
        _ => 3,
    };
    let (old, new) = (class(old), class(new));
    old != 0 && new != 0 && old != new
}

fn joined(path: &[String], key: &str) -> Path {
    path.iter().cloned().chain([key.to_owned()]).collect()
}

/// A path of keys as people write it.
pub(super) fn shown(path: &[String]) -> String {
    KeyPath(path.iter().cloned().map(Step::Key).collect()).to_string()
}
