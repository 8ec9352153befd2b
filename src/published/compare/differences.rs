//! The packaged files of two states of a chart that differ, as far as whoever keeps the chart decides them.
//!
//! A sub-chart out of a repository is there once a dependency build has run: where one state has it and the other does not, Chart.yaml
//! and Chart.lock say whether it is another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gix::diff::blob::{Algorithm, Diff, InternedInput};

use super::checkout::is_written_of;
use crate::chart::{Chart, Original, package};
use crate::dependency::{self, lock};
use crate::published::{Difference, DifferenceKind};
use crate::source::{BlobId, Entry, Tree, below, join};
use crate::text::{Address, Source, Sources};
use crate::yaml::{self, Document, Mapping, Node, Value};

/// What a dependency build writes beside the sub-charts.
const LOCKS: [&str; 2] = ["Chart.lock", "requirements.lock"];

/// What differs, by path, each state as Helm would write it.
pub fn differences(new: &Chart, old: &Chart) -> Vec<Difference> {
    let known = package::extras(old);
    let extras = package::extras(new).into_iter().filter(|extra| !known.contains(extra));
    let mut found: Vec<_> = extras.map(|extra| Difference { path: extra.path, kind: DifferenceKind::Added }).collect();
    walk(new, old, "", &mut found);
    found.sort();
    found.dedup();
    found
}

fn walk(new: &Chart, old: &Chart, folder: &str, found: &mut Vec<Difference>) {
    files(new, old, folder, found);
    let (new_parts, old_parts) = (Parts::of(new, old), Parts::of(old, new));
    let names: BTreeSet<&str> = new_parts.0.keys().chain(old_parts.0.keys()).copied().collect();
    for name in names {
        let below = format!("{folder}charts/{name}/");
        let (news, olds) = (new_parts.named(name), old_parts.named(name));
        for index in 0..news.len().max(olds.len()) {
            match (news.get(index), olds.get(index)) {
                (Some(part), Some(earlier)) if is_floating(new, part, old, earlier) => {}
                (Some(part), Some(earlier)) => walk(part, earlier, &below, found),
                (Some(part), None) if is_in_submodules(part, &*old.tree) => {
                    let path = below.trim_end_matches('/').to_owned();
                    let is_other = part.tree.submodule(&part.folder) != old.tree.submodule(&part.folder);
                    found
                        .extend(is_other.then_some(Difference { path, kind: DifferenceKind::Changed { lines: None } }));
                }
                (Some(part), None) if is_kept(new, part, old) => all(part, &below, DifferenceKind::Added, found),
                // A dependency build would bring what its repository has.
                (Some(part), None) => match new.originals.get(&part.path) {
                    Some(Original::Package(original)) => walk(part, original, &below, found),
                    Some(Original::Absent) => all(part, &below, DifferenceKind::Added, found),
                    Some(Original::Same) | None => {}
                },
                (None, Some(earlier)) if is_kept(old, earlier, new) => {
                    all(earlier, &below, DifferenceKind::Removed, found);
                }
                _ => {}
            }
        }
    }
}

/// The sub-charts of one state by name, as they are to be compared with another's.
struct Parts<'a>(BTreeMap<&'a str, Vec<&'a Chart>>);

impl<'a> Parts<'a> {
    /// Where the other state's `charts/` lacks what this one takes by `file://`, the folder counts and not what was built of it.
    fn of(chart: &'a Chart, other: &Chart) -> Self {
        let has = |charts: &[Chart], part: &Chart| charts.iter().any(|each| each.name() == part.name());
        let is_folder = |part: &Chart| {
            has(&chart.beside, part) && !has(&other.dependencies, part) && !dependency::is_packaged(other)
        };
        let built = chart.parts().filter(|part| !is_folder(part));
        let mut parts = BTreeMap::new();
        for part in built.chain(chart.beside.iter().filter(|part| is_folder(part))) {
            parts.entry(package::folder_name(part)).or_insert_with(Vec::new).push(part);
        }
        Self(parts)
    }

    fn named(&self, name: &str) -> &[&'a Chart] {
        self.0.get(name).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Whether a chart lies in a submodule now and did before: an earlier state has no more of it than the submodule's commit.
pub fn is_in_submodules(part: &Chart, earlier: &dyn Tree) -> bool {
    part.tree.submodule(&part.folder).is_some() && earlier.submodule(&part.folder).is_some()
}

/// Whether a sub-chart that the other state lacks is a difference: whoever keeps the chart keeps it too, or the other is packaged, and
/// nothing can be added any more.
fn is_kept(chart: &Chart, part: &Chart, other: &Chart) -> bool {
    let is_declared = chart.declared().iter().any(|one| one.name == part.name() && one.repository.is_some());
    let is_beside = chart.beside.iter().any(|each| each.name() == part.name());
    !is_declared || is_beside || dependency::is_packaged(other)
}

/// Whether a sub-chart is another than in a release only because its version is left open: nothing pins it, and either would do.
fn is_floating(new: &Chart, part: &Chart, old: &Chart, earlier: &Chart) -> bool {
    let declared = new.declared();
    let Some(declared) = declared.iter().find(|one| one.name == part.name() && one.repository.is_some()) else {
        return false;
    };
    let is_built = || {
        let is_in_charts = new.dependencies.iter().any(|each| std::ptr::eq(each, part));
        !is_in_charts || is_ignored(new, &format!("charts/{}", last(&part.path)))
    };
    dependency::is_packaged(old)
        && part.version() != earlier.version()
        && declared.folder().is_none()
        && lock::pinned(new, declared).is_none()
        && dependency::fits(declared, earlier)
        && is_built()
}

/// Whether git ignores a file or folder of a chart.
fn is_ignored(chart: &Chart, path: &str) -> bool {
    let at = join(&chart.folder, path);
    let lies_there = |entry: &Entry| entry.path == at || below(&entry.path, &at).is_some();
    chart.tree.list_kept(&chart.folder).is_ok_and(|entries| !entries.iter().any(lies_there))
}

fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn all(chart: &Chart, folder: &str, kind: DifferenceKind, found: &mut Vec<Difference>) {
    let entries = package::entries(chart).into_iter();
    found.extend(entries.map(|entry| Difference { path: format!("{folder}{}", entry.path), kind }));
}

/// The chart's own files.
fn files(new: &Chart, old: &Chart, folder: &str, found: &mut Vec<Difference>) {
    let files = |chart: &Chart| -> BTreeMap<String, Arc<[u8]>> {
        package::own_entries(chart).into_iter().map(|entry| (entry.path, entry.data)).collect()
    };
    let state = |chart, path, data| State { chart, path, data };
    let (now, was) = (new, old);
    let (new, old) = (files(new), files(old));
    let mut add = |path: &str, kind| found.push(Difference { path: format!("{folder}{path}"), kind });
    // A dependency build makes a lock where there is none.
    let counts = |path: &&String| !LOCKS.contains(&path.as_str());
    for path in old.keys().filter(|path| !new.contains_key(*path)).filter(counts) {
        add(path, DifferenceKind::Removed);
    }
    for (path, data) in &new {
        match old.get(path) {
            None if counts(&path) => add(path, DifferenceKind::Added),
            Some(earlier) if !state(now, path, data).is_same(&state(was, path, earlier)) => {
                add(path, DifferenceKind::Changed { lines: changed_lines(data, earlier) });
            }
            _ => {}
        }
    }
}

/// One state of a packaged file.
struct State<'a> {
    chart: &'a Chart,
    path: &'a str,
    data: &'a [u8],
}

impl State<'_> {
    /// What git keeps of it, as far as git knows the file as it is.
    fn id(&self) -> Option<BlobId> {
        self.chart.tree.blob_id(&join(&self.chart.folder, self.path))
    }

    /// Whether its content is what git keeps, and not what it writes of that.
    fn is_committed(&self) -> bool {
        matches!(self.chart.tree.address(&self.chart.folder), Address::Committed { .. })
    }

    /// Whether it is the same file as an earlier one: a lock carries the time it was made, and git writes some files in another form than it keeps.
    fn is_same(&self, earlier: &Self) -> bool {
        let is_lock = || LOCKS.contains(&self.path) && same_meaning(self.data, earlier.data, &["generated"]);
        let is_git = || match (self.id(), earlier.id()) {
            (Some(now), Some(was)) => now == was,
            (None, Some(_)) if earlier.is_committed() => is_written_of(earlier.data, self.data),
            (Some(_), None) if self.is_committed() => is_written_of(self.data, earlier.data),
            _ => false,
        };
        self.data == earlier.data || is_lock() || is_git()
    }
}

/// Whether two YAML files have the same documents, apart from some keys of their roots.
fn same_meaning(new: &[u8], old: &[u8], aside: &[&str]) -> bool {
    let (Some(new), Some(old)) = (documents(new), documents(old)) else { return false };
    let root = |document: &Document| without(&document.root, aside);
    new.len() == old.len() && new.iter().zip(&old).all(|(new, old)| root(new).same_meaning(&root(old)))
}

fn documents(data: &[u8]) -> Option<Vec<Document>> {
    let text = std::str::from_utf8(data).ok()?;
    let source = Sources::new().add(Source::new("", Address::Rendered, text));
    Document::parse_all(source, text).ok()
}

fn without(node: &Node, keys: &[&str]) -> Node {
    let Value::Map(mapping) = &node.value else { return node.clone() };
    let kept = |entry: &&yaml::Entry| !keys.contains(&&*entry.key.key_text());
    let mapping: Mapping = mapping.entries().iter().filter(kept).cloned().collect();
    Node { value: Value::Map(Arc::new(mapping)), ..node.clone() }
}

/// Lines added and removed; none where one of the contents is no text.
fn changed_lines(new: &[u8], old: &[u8]) -> Option<usize> {
    if new.contains(&0) || old.contains(&0) {
        return None;
    }
    let (old, new) = (std::str::from_utf8(old).ok()?, std::str::from_utf8(new).ok()?);
    let input = InternedInput::new(old, new);
    let diff = Diff::compute(Algorithm::Histogram, &input);
    usize::try_from(diff.count_additions() + diff.count_removals()).ok()
}
