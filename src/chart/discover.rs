//! Which charts there are below a path.

use std::collections::{BTreeMap, BTreeSet};

use super::ignore::Ignore;
use crate::source::{Entry, EntryKind, Error, FILE_LIMIT, LinkFault, LinkTarget, Tree, below, join};

/// A chart that was found; nothing of it was read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Found {
    /// The chart in this folder of the tree.
    Folder(String),
    /// The packaged chart in this file of the tree.
    Archive(String),
}

/// What there is below a path.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Discovery {
    /// The charts, sorted.
    pub charts: Vec<Found>,
    /// What lies in no chart, may hold some, and could not be looked into.
    pub unseen: Vec<Entry>,
    /// What looks like a chart outside of all charts, and is none.
    pub headless: Vec<Headless>,
    /// Packaged charts that lie beside charts and are none of those, sorted.
    pub packages: Vec<String>,
    /// Charts outside of all others that git ignores, sorted.
    pub ignored: Vec<String>,
    /// Every file that git does not ignore, sorted.
    pub files: Vec<String>,
}

/// A folder with `templates/` that is no chart, as it has no Chart.yaml.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Headless {
    /// The folder.
    pub folder: String,
    /// The file that some systems take for its Chart.yaml: `chart.yaml`, `Chart.yml`.
    pub meant: Option<String>,
}

impl From<Found> for Discovery {
    fn from(found: Found) -> Self {
        Self { charts: vec![found], ..Self::default() }
    }
}

/// The charts at or below a path of a tree: folders with a Chart.yaml, without those that another chart packages as its dependencies and
/// those that git ignores. What the path itself names is taken as it is: a chart's folder, a Chart.yaml, a `.tgz`, a folder of `.tgz`s without
/// charts.
///
/// # Errors
/// As [`Tree::list`].
pub fn discover(tree: &dyn Tree, path: &str) -> Result<Discovery, Error> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let entries = match tree.list_kept(path) {
        Ok(entries) if name == "Chart.yaml" && !holds_chart(&entries, path) => {
            return Ok(Found::Folder(folder.to_owned()).into());
        }
        Ok(entries) => entries,
        Err(Error::WrongKind { .. }) if name == "Chart.yaml" => return Ok(Found::Folder(folder.to_owned()).into()),
        Err(Error::WrongKind { .. }) if is_archive(name) => return Ok(Found::Archive(path.to_owned()).into()),
        Err(error) => return Err(error),
    };
    let mut folders: BTreeSet<&str> = entries.iter().filter_map(|entry| chart_folder(entry, path)).collect();
    if !folders.contains(path) && is_chart(tree, path) {
        folders.insert(path);
    }
    let mut ignores = BTreeMap::new();
    let mut charts = folders.clone();
    charts.retain(|folder| !is_packaged(tree, &folders, folder, &mut ignores));
    let is_in_chart = |path: &str| charts.iter().any(|chart| *chart == path || below(path, chart).is_some());
    let unseen = entries.iter().filter(|entry| is_unseen(&entry.kind) && !is_in_chart(&entry.path));
    let unseen = unseen.cloned().collect();
    let headless = headless(&entries).into_iter().filter(|each| !is_in_chart(&each.folder)).collect();
    let passed_over = tree.ignored_charts(path).into_iter().filter(|chart| !is_in_chart(chart)).collect();
    let is_package = |entry: &&Entry| matches!(entry.kind, EntryKind::File { .. }) && is_archive(&entry.path);
    let lying = entries.iter().filter(is_package).filter(|entry| !is_in_chart(&entry.path));
    let mut beside: Vec<String> = lying.map(|entry| entry.path.clone()).collect();
    let mut charts: Vec<Found> = charts.into_iter().map(|folder| Found::Folder(folder.to_owned())).collect();
    if charts.is_empty() {
        charts.extend(packages(tree, &entries, path));
        beside.retain(|package| !charts.contains(&Found::Archive(package.clone())));
    }
    let is_file = |entry: &Entry| matches!(entry.kind, EntryKind::File { .. });
    let files = entries.into_iter().filter(is_file).map(|entry| entry.path).collect();
    Ok(Discovery { charts, unseen, headless, packages: beside, ignored: passed_over, files })
}

/// The packaged charts that lie side by side in a folder that was named, and is no repository: where releases are made, nothing else is there.
fn packages(tree: &dyn Tree, entries: &[Entry], folder: &str) -> Vec<Found> {
    if folder.is_empty() && tree.holds_git("") {
        return vec![];
    }
    let is_package = |entry: &&Entry| {
        let name = below(&entry.path, folder).unwrap_or_default();
        matches!(entry.kind, EntryKind::File { .. }) && !name.contains('/') && is_archive(name)
    };
    let mut packages: Vec<Found> =
        entries.iter().filter(is_package).map(|entry| Found::Archive(entry.path.clone())).collect();
    packages.sort();
    packages
}

/// Folders with `templates/` and no Chart.yaml, sorted.
fn headless(entries: &[Entry]) -> Vec<Headless> {
    let above = |path: &'_ str| if path.starts_with("templates/") { Some(0) } else { path.find("/templates/") };
    let folders = entries.iter().filter_map(|entry| Some(&entry.path[..above(&entry.path)?]));
    let mut found: BTreeMap<&str, Option<&str>> = folders.map(|folder| (folder, None)).collect();
    for entry in entries {
        let (folder, name) = entry.path.rsplit_once('/').unwrap_or(("", &entry.path));
        if name == "Chart.yaml" {
            found.remove(folder);
        } else if ["Chart.yaml", "Chart.yml"].iter().any(|meant| name.eq_ignore_ascii_case(meant))
            && let Some(meant) = found.get_mut(folder)
        {
            *meant = Some(&entry.path);
        }
    }
    let each =
        |(folder, meant): (&str, Option<&str>)| Headless { folder: folder.to_owned(), meant: meant.map(str::to_owned) };
    found.into_iter().map(each).collect()
}

/// Whether a chart lies in the `charts/` of another that packages it: Helm takes what `.helmignore` leaves, but for names that begin with
/// `.` or `_`.
fn is_packaged<'a>(
    tree: &dyn Tree,
    folders: &BTreeSet<&str>,
    folder: &'a str,
    ignores: &mut BTreeMap<&'a str, Option<Ignore>>,
) -> bool {
    let above = folder.match_indices("charts/").filter(|(start, _)| *start == 0 || folder[..*start].ends_with('/'));
    above.into_iter().any(|(start, _)| {
        let outer = folder[..start].trim_end_matches('/');
        let inside = &folder[if outer.is_empty() { 0 } else { outer.len() + 1 }..];
        let is_taken = !inside["charts/".len()..].starts_with(['.', '_']);
        // What may be left out is judged by itself.
        let is_left_out = |ignore: &Option<Ignore>| {
            ignore
                .as_ref()
                .is_none_or(|ignore| ignore.excludes(&join(inside, "Chart.yaml")) || ignore.exceeded().is_some())
        };
        folders.contains(outer) && is_taken && !is_left_out(ignores.entry(outer).or_insert_with(|| ignore(tree, outer)))
    })
}

/// What a chart's `.helmignore` leaves out; none where it cannot be read, which loading the chart says.
fn ignore(tree: &dyn Tree, chart: &str) -> Option<Ignore> {
    let data = match tree.read(&join(chart, ".helmignore"), FILE_LIMIT) {
        Ok(data) => data,
        Err(Error::NotFound { .. }) => vec![],
        Err(_) => return None,
    };
    let (ignore, _) = Ignore::parse(String::from_utf8_lossy(&data).trim_start_matches('\u{feff}'));
    Some(ignore).filter(|ignore| !ignore.is_cut())
}

/// Whether charts may lie behind an entry.
fn is_unseen(kind: &EntryKind) -> bool {
    match kind {
        EntryKind::Submodule | EntryKind::Unreadable { .. } => true,
        EntryKind::BrokenLink { why } => matches!(why, LinkFault::Outside | LinkFault::Git),
        EntryKind::File { .. } | EntryKind::Linked { .. } | EntryKind::Irregular => false,
    }
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
