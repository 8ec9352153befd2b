//! Which charts there are below a path.

use std::collections::BTreeSet;

use crate::source::{Entry, EntryKind, Error, LinkTarget, Tree, below, join};

/// A chart that was found; nothing of it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// The chart in this folder of the tree.
    Folder(String),
    /// The packaged chart in this file of the tree.
    Archive(String),
}

/// The charts at or below a path of a tree, sorted: folders with a Chart.yaml, those in another chart's `charts/` and those that
/// git ignores left out. What the path itself names is taken as it is: a chart's folder, a Chart.yaml, a `.tgz`.
///
/// # Errors
/// As [`Tree::list`].
pub fn discover(tree: &dyn Tree, path: &str) -> Result<Vec<Found>, Error> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let entries = match tree.list_kept(path) {
        Ok(entries) if name == "Chart.yaml" && !holds_chart(&entries, path) => {
            return Ok(vec![Found::Folder(folder.to_owned())]);
        }
        Ok(entries) => entries,
        Err(Error::WrongKind { .. }) if name == "Chart.yaml" => return Ok(vec![Found::Folder(folder.to_owned())]),
        Err(Error::WrongKind { .. }) if is_archive(name) => return Ok(vec![Found::Archive(path.to_owned())]),
        Err(error) => return Err(error),
    };
    let mut folders: BTreeSet<&str> = entries.iter().filter_map(|entry| chart_folder(entry, path)).collect();
    if !folders.contains(path) && is_chart(tree, path) {
        folders.insert(path);
    }
    let is_inside = |folder: &str| {
        let above = folder.match_indices("charts/").filter(|(start, _)| *start == 0 || folder[..*start].ends_with('/'));
        above.into_iter().any(|(start, _)| folders.contains(folder[..start].trim_end_matches('/')))
    };
    let charts = folders.iter().filter(|folder| !is_inside(folder));
    Ok(charts.map(|folder| Found::Folder((*folder).to_owned())).collect())
}

fn is_archive(name: &str) -> bool {
    std::path::Path::new(name).extension().is_some_and(|extension| extension == "tgz")
}

fn holds_chart(entries: &[Entry], folder: &str) -> bool {
    let chart = join(folder, "Chart.yaml");
    entries.iter().any(|entry| entry.path == chart)
}

/// Whether a folder that was named is a chart, though git may ignore its files.
fn is_chart(tree: &dyn Tree, folder: &str) -> bool {
    !matches!(tree.read(&join(folder, "Chart.yaml"), 0), Err(Error::NotFound { .. }))
}

/// The folder of the chart that an entry makes one: a Chart.yaml, or anything in a folder of that name.
fn chart_folder<'a>(entry: &'a Entry, searched: &str) -> Option<&'a str> {
    let path = entry.path.as_str();
    if let EntryKind::Linked { link, target: LinkTarget::Inside(target), .. } = &entry.kind {
        // A chart reached through a linked folder is found in its own place, if that is searched.
        if link != path && (target == searched || below(target, searched).is_some()) {
            return None;
        }
    }
    let start = match path.strip_suffix("Chart.yaml") {
        Some(folder) if folder.is_empty() || folder.ends_with('/') => folder.len(),
        _ => named_folder(path)?,
    };
    Some(path[..start].trim_end_matches('/'))
}

/// Where a folder named Chart.yaml starts in a path.
fn named_folder(path: &str) -> Option<usize> {
    let found = path.match_indices("Chart.yaml/").find(|(start, _)| *start == 0 || path[..*start].ends_with('/'));
    found.map(|(start, _)| start)
}
