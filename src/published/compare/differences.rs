//! The packaged files of two states of a chart that differ, as far as whoever keeps the chart decides them.
//!
//! A sub-chart out of a repository is there once a dependency build has run: where one state has it and the other does not, Chart.yaml
//! and Chart.lock say whether it is another one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use gix::diff::blob::{Algorithm, Diff, InternedInput};
use sha2::{Digest, Sha256};

use crate::chart::{Chart, package};
use crate::dependency::{self, lock};
use crate::published::{Difference, DifferenceKind};
use crate::source::{Entry, Tree, below, join};
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
    let is_kept = |path: &str| {
        let id = |chart: &Chart| chart.tree.blob_id(&join(&chart.folder, path));
        id(new).is_some_and(|id_now| id(old) == Some(id_now))
    };
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
            // What git keeps may be the same where what it checks out is not.
            Some(earlier) if !is_same(path, data, earlier) && !is_kept(path) => {
                add(path, DifferenceKind::Changed { lines: changed_lines(data, earlier) });
            }
            _ => {}
        }
    }
}

/// Whether two contents of a packaged file mean the same: a lock carries the time it was made, and git may have changed line ends or
/// put a pointer in the place of the content.
fn is_same(path: &str, new: &[u8], old: &[u8]) -> bool {
    new == old
        || is_pointer_to(old, new)
        || is_pointer_to(new, old)
        || has_same_lines(new, old)
        || has_same_identity(new, old)
        || LOCKS.contains(&path) && same_meaning(new, old, &["generated"])
}

/// Whether a content is a Git LFS pointer to another (git-lfs, `docs/spec.md`): the one is seen where LFS was not run.
fn is_pointer_to(pointer: &[u8], content: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(pointer) else { return false };
    if pointer.len() > 1024 || !text.starts_with("version https://git-lfs.github.com/spec/") {
        return false;
    }
    let field = |name: &str| text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let digest = Sha256::digest(content).iter().fold(String::from("sha256:"), |hex, byte| format!("{hex}{byte:02x}"));
    field("size") == Some(content.len().to_string().as_str()) && field("oid") == Some(digest.as_str())
}

/// Whether two texts differ in line ends alone, which git sets as the working tree's owner has it.
fn has_same_lines(new: &[u8], old: &[u8]) -> bool {
    let is_binary = |data: &[u8]| data.contains(&0);
    let has_returns = |data: &[u8]| data.windows(2).any(|pair| pair == b"\r\n");
    if is_binary(new) || has_returns(new) == has_returns(old) {
        return false;
    }
    let lines =
        |data: &[u8]| data.split(|byte| *byte == b'\n').map(without_return).map(<[u8]>::to_vec).collect::<Vec<_>>();
    lines(new) == lines(old)
}

/// Whether two texts differ in what git writes into `$Id$` alone (`ident` in gitattributes).
fn has_same_identity(new: &[u8], old: &[u8]) -> bool {
    const OPENED: &[u8] = b"$Id:";
    let is_in = |data: &[u8]| data.windows(OPENED.len()).any(|part| part == OPENED);
    (is_in(new) || is_in(old)) && without_identity(new) == without_identity(old)
}

/// A text with every `$Id: …$` as git keeps it.
fn without_identity(data: &[u8]) -> Vec<u8> {
    let mut kept = Vec::with_capacity(data.len());
    let mut rest = data;
    while let Some(start) = rest.windows(4).position(|part| part == b"$Id:") {
        let line = &rest[start + 4..];
        let end = line.iter().position(|byte| matches!(byte, b'$' | b'\n'));
        let Some(end) = end.filter(|end| line[*end] == b'$') else {
            kept.extend_from_slice(&rest[..start + 4]);
            rest = line;
            continue;
        };
        kept.extend_from_slice(&rest[..start]);
        kept.extend_from_slice(b"$Id$");
        rest = &line[end + 1..];
    }
    kept.extend_from_slice(rest);
    kept
}

fn without_return(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
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
