//! What differs between two states of a chart, as far as the package does.

use std::collections::BTreeMap;
use std::sync::Arc;

use gix::diff::blob::{Algorithm, Diff, InternedInput};
use sha2::{Digest, Sha256};

use super::{Comparison, Difference, DifferenceKind, Earlier};
use crate::chart::{self, Chart, package};
use crate::finding::{Failure, FailureKind};
use crate::source::{BlobId, Entry, EntryKind, FILE_LIMIT, Tree};
use crate::text::{Address, Source, Sources};
use crate::yaml::{Document, Node, Value};

/// A chart against the chart in a folder of an earlier tree.
///
/// # Errors
/// A failure of kind git where the earlier chart cannot be read whole.
pub fn with_earlier(
    chart: &Chart,
    tree: &Arc<dyn Tree>,
    folder: &str,
    baseline: &str,
) -> Result<Comparison, Box<Failure>> {
    let existing = |earlier: &Chart, differences| Comparison::Existing {
        baseline: baseline.to_owned(),
        version: earlier.version().map(str::to_owned),
        app_version: app_version(earlier),
        differences,
        earlier: Earlier { tree: Arc::clone(tree), folder: folder.to_owned() },
    };
    if is_untouched(chart, tree.as_ref(), folder) {
        return Ok(existing(chart, vec![]));
    }
    // The texts of the earlier state are nobody's to point into.
    let earlier = chart::load_files(tree, folder, &Sources::new());
    match earlier.failures.first() {
        None => Ok(existing(&earlier, differences(chart, &earlier))),
        Some(failure) => Err(Box::new(unread(failure, baseline).of_chart(&chart.path))),
    }
}

/// `appVersion` as Helm reads it: a number in its shortest form.
pub fn app_version(chart: &Chart) -> Option<String> {
    let node = chart.metadata.as_ref()?.root().get("appVersion")?;
    node.helm_text().map(std::borrow::Cow::into_owned)
}

fn unread(failure: &Failure, baseline: &str) -> Failure {
    let message = format!("the chart at {baseline} cannot be read: {}", failure.message);
    Failure { kind: FailureKind::Git, message, location: None, ..failure.clone() }
}

/// Whether the folders hold the same files, byte by byte; said without parsing anything.
fn is_untouched(chart: &Chart, earlier: &dyn Tree, folder: &str) -> bool {
    let (Ok(new), Ok(old)) = (chart.tree.list(&chart.folder), earlier.list(folder)) else { return false };
    let below = |entry: &Entry, folder: &str| entry.path[folder.len()..].trim_start_matches('/').to_owned();
    let is_same = |(new, old): (&Entry, &Entry)| {
        below(new, &chart.folder) == below(old, folder)
            && is_file(&new.kind)
            && earlier.blob_id(&old.path).is_some_and(|id| Some(id) == blob_id(chart.tree.as_ref(), &new.path))
    };
    new.len() == old.len() && new.iter().zip(&old).all(is_same)
}

fn is_file(kind: &EntryKind) -> bool {
    matches!(kind, EntryKind::File { .. } | EntryKind::Linked { .. })
}

fn blob_id(tree: &dyn Tree, path: &str) -> Option<BlobId> {
    tree.blob_id(path).or_else(|| BlobId::of(&tree.read(path, FILE_LIMIT).ok()?))
}

/// The packaged files of two states of a chart that differ, by path, each state as Helm would write it.
pub fn differences(new: &Chart, old: &Chart) -> Vec<Difference> {
    let files = |chart: &'_ Chart| -> BTreeMap<String, Arc<[u8]>> {
        package::entries(chart).into_iter().map(|entry| (entry.path, entry.data)).collect()
    };
    let (new, old) = (files(new), files(old));
    let difference = |path: &String, kind| Difference { path: path.clone(), kind };
    let mut found: Vec<_> = old
        .keys()
        .filter(|path| !new.contains_key(*path))
        .map(|path| difference(path, DifferenceKind::Removed))
        .collect();
    for (path, data) in &new {
        match old.get(path) {
            None => found.push(difference(path, DifferenceKind::Added)),
            Some(earlier) if is_same(path, data, earlier) => {}
            Some(earlier) => {
                let lines = changed_lines(data, earlier);
                found.push(difference(path, DifferenceKind::Changed { lines }));
            }
        }
    }
    found.sort();
    found
}

/// Whether two contents of a packaged file mean the same: a lock carries the time it was made, and git may have changed line ends or
/// put a pointer in the place of the content.
fn is_same(path: &str, new: &[u8], old: &[u8]) -> bool {
    new == old
        || is_pointer_to(old, new)
        || is_pointer_to(new, old)
        || has_same_lines(new, old)
        || matches!(path_in_chart(path), "Chart.lock" | "requirements.lock") && same_meaning(new, old, &["generated"])
}

/// A path below the innermost sub-chart that holds it.
fn path_in_chart(mut path: &str) -> &str {
    while let Some((_, rest)) = path.strip_prefix("charts/").and_then(|rest| rest.split_once('/')) {
        path = rest;
    }
    path
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
    let mut mapping = mapping.as_ref().clone();
    mapping.entries.retain(|entry| !keys.contains(&entry.key.key_text().as_ref()));
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
