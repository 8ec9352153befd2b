//! What a new version of a chart asks for elsewhere: the charts that take it by `file://` or hold it in `charts/`, and their locks.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::diff::on_disk;
use super::{Error, Request, Session, prepare};
use crate::chart::{self, Chart, Declared, Version, package};
use crate::dependency::{is_packaged, lock};
use crate::finding::Fix;
use crate::source::{EntryKind, Home, Tree, join, normal};
use crate::text::{Address, Location, Sources};
use crate::values::dependency::is_compatible;
use crate::yaml::edit::Writer;
use crate::yaml::{Entry, Node};

/// A chart that takes another one by `file://`, or holds it in its `charts/`.
#[derive(Debug)]
pub struct Parent {
    /// Its path in reports.
    pub path: String,
    /// Its folder on disk.
    pub folder: PathBuf,
    /// What is to be written: its range and its lock.
    pub fixes: Vec<Fix>,
    /// What has to be done by hand.
    pub open: Option<String>,
    /// Whether its `charts/` has the chart in a package, which holds the version before.
    pub is_packed: bool,
}

impl Session {
    /// The one chart that a request names.
    ///
    /// # Errors
    /// As [`check`](Self::check), where there are several, and where it is packaged.
    pub fn chart(&self, request: &Request, sources: &Sources) -> Result<Chart, Error> {
        let plan = prepare::plan(self, request, sources)?;
        let [planned] = plan.charts.as_slice() else {
            return Err(Error::usage(format!("there are {} charts there", plan.charts.len()), "name one of them"));
        };
        if plan.places[planned.place].is_archive {
            return Err(Error::usage("a packaged chart keeps its version", "name the folder it is made from"));
        }
        Ok(chart::load(&planned.tree, &planned.folder, sources))
    }

    /// What one chart is compared with, where that is so of the other charts of its repository too: a git revision, and no chart or address.
    ///
    /// # Errors
    /// Where what is named cannot be read.
    pub fn shared<'a>(&self, against: Option<&'a str>) -> Result<Option<&'a str>, Error> {
        let home = Home::new(&self.surroundings.working_dir);
        let Some(against) = against.filter(|against| !against.contains("://")) else { return Ok(None) };
        Ok(on_disk(&home, against)?.is_none().then_some(against))
    }

    /// The charts of the repository that take a chart by `file://` or hold it in `charts/`, with what its new version asks of them.
    ///
    /// # Errors
    /// Where the repository cannot be looked through.
    pub fn dependents(&self, chart: &Chart, version: &str, sources: &Sources) -> Result<Vec<Parent>, Error> {
        let unreadable = |error: crate::source::Error| Error::usage(error.to_string(), "make the repository readable");
        let entries = chart.tree.list_kept("").map_err(unreadable)?;
        let own = real(&*chart.tree, &chart.folder);
        let is_itself = |folder: &str| folder == chart.folder || own.is_some() && real(&*chart.tree, folder) == own;
        let charts = entries.iter().filter_map(|entry| Some((folder_of_chart(&entry.path)?, &entry.kind)));
        let holding: BTreeSet<&str> = charts
            .clone()
            .filter_map(|(folder, _)| holder(folder))
            .filter(|(_, held)| is_itself(held))
            .map(|(holder, _)| holder)
            .collect();
        let mut parents = vec![];
        // What links lead to stands elsewhere as well, and is written there.
        for (folder, _) in
            charts.filter(|(folder, kind)| matches!(kind, EntryKind::File { .. }) && *folder != chart.folder)
        {
            let is_held = holding.contains(folder);
            let takes = |declared: &Declared<'_>| match declared.folder() {
                Some(path) => normal(folder, Path::new(path)).is_some_and(|path| is_itself(&path)),
                None => is_held && declared.repository.is_none() && declared.name == chart.name(),
            };
            let thin = chart::load_files(&chart.tree, folder, &Sources::new());
            if !is_held && !thin.declared().iter().any(takes) {
                continue;
            }
            let parent = chart::load(&chart.tree, folder, sources);
            let declared: Vec<_> = parent.declared().into_iter().filter(takes).collect();
            parents.push(raised(&parent, &declared, version, sources));
        }
        Ok(parents)
    }
}

/// The folder of a chart, where a path is that of its Chart.yaml.
fn folder_of_chart(path: &str) -> Option<&str> {
    let folder = path.strip_suffix("Chart.yaml")?;
    if folder.is_empty() { Some("") } else { folder.strip_suffix('/') }
}

/// The chart in whose `charts/` another one may stand, with that one; names that begin with `.` or `_` are none of Helm's.
fn holder(folder: &str) -> Option<(&str, &str)> {
    let (charts, name) = folder.rsplit_once('/')?;
    let holder = if charts == "charts" { Some("") } else { charts.strip_suffix("/charts") };
    holder.filter(|_| !name.starts_with(['.', '_'])).map(|holder| (holder, folder))
}

/// Where the Chart.yaml of a folder lies, links followed.
fn real(tree: &dyn Tree, folder: &str) -> Option<String> {
    tree.real(&join(folder, "Chart.yaml"))
}

/// What a new version asks of a chart that declares it, under several aliases perhaps.
fn raised(parent: &Chart, declared: &[Declared<'_>], version: &str, sources: &Sources) -> Parent {
    let folder = match parent.tree.address(&parent.folder) {
        Address::Disk(folder) => folder,
        _ => PathBuf::from(&parent.path),
    };
    let names: BTreeSet<Option<&str>> = declared.iter().map(|one| one.name).collect();
    let is_packed = parent.dependencies.iter().any(|held| is_packaged(held) && names.contains(&held.name()));
    let mut result = Parent { path: parent.path.clone(), folder, fixes: vec![], open: None, is_packed };
    let mut ranges = vec![];
    for one in declared {
        let range = one.version.unwrap_or_default();
        let new = if is_compatible(range, version) { Some(range.to_owned()) } else { range_of(range, version) };
        let Some(new) = new else {
            result.open = Some(format!("its range `{range}` does not hold `{version}`: write another one by hand"));
            return Parent { fixes: vec![], ..result };
        };
        if new != range {
            match one.node.get("version").and_then(|node| set(node, &new, sources)) {
                Some(fix) => result.fixes.push(fix),
                None => {
                    result.open = Some(format!("its range `{range}` cannot be written over: write `{new}` by hand"));
                }
            }
        }
        ranges.push((one.node.location, new));
    }
    result.fixes.extend(locked(parent, declared, &ranges, version, sources));
    result
}

fn set(node: &Node, text: &str, sources: &Sources) -> Option<Fix> {
    let source = sources.get(node.location.source);
    let edit = Writer::new(&source.text).scalar(node, text)?;
    Some(Fix::safe(format!("{} → {text}", node.scalar_text().unwrap_or_default()), vec![edit]))
}

/// The edits of the lock: the version that it pins, and the digest of all together.
fn locked(
    parent: &Chart,
    declared: &[Declared<'_>],
    ranges: &[(Location, String)],
    version: &str,
    sources: &Sources,
) -> Vec<Fix> {
    let Some(root) = parent.lock.as_ref().and_then(|lock| lock.root()) else { return vec![] };
    let is_raised = |item: &Value| {
        let says = |field: &str| item.get(field).and_then(Value::as_str);
        declared.iter().any(|one| says("name") == one.name && says("repository") == one.repository)
    };
    let entries = root.items("dependencies");
    let pinned: Vec<&Node> =
        entries.iter().filter(|entry| is_raised(&entry.to_json())).filter_map(|entry| entry.get("version")).collect();
    if pinned.is_empty() {
        return vec![];
    }
    let with = |mut list: Value, new: &dyn Fn(usize) -> Option<String>| {
        let items = list.as_array_mut().into_iter().flatten().enumerate();
        for (item, new) in items.filter(|(_, item)| is_raised(item)).filter_map(|(at, item)| Some((item, new(at)?))) {
            item["version"] = new.into();
        }
        list
    };
    let all = parent.declared();
    let range = |at: usize| {
        let place = all.get(at)?.node.location;
        ranges.iter().find(|(of, _)| *of == place).map(|(_, range)| range.clone())
    };
    let [declared, locked] =
        [with(package::declared(parent), &range), with(package::locked(parent), &|_| Some(version.to_owned()))];
    let digest = lock::digest(&declared, &locked);
    let stated = root.entry("digest").filter(|Entry { value, .. }| value.scalar_text() != Some(&digest));
    let digest = stated.and_then(|Entry { value, .. }| set(value, &digest, sources));
    let stale = pinned.into_iter().filter(|node| node.scalar_text() != Some(version));
    stale.filter_map(|node| set(node, version, sources)).chain(digest).collect()
}

/// A range of one version with another version in it; none where it has several.
fn range_of(range: &str, version: &str) -> Option<String> {
    let operator = ["^", "~", ">=", "=", ""].into_iter().find(|operator| range.trim_start().starts_with(operator))?;
    let rest = range.trim_start().strip_prefix(operator)?;
    let blank = &rest[..rest.len() - rest.trim_start().len()];
    Version::parse(rest.trim())?;
    Some(format!("{operator}{blank}{version}"))
}

#[cfg(test)]
mod tests {
    use super::range_of;

    #[test]
    fn a_range_of_one_version_keeps_its_operator() {
        for (range, expected) in
            [("1.2.3", "2.0.0"), ("^1.2", "^2.0.0"), ("~ 1.2.3", "~ 2.0.0"), (">=1.0.0", ">=2.0.0")]
        {
            assert_eq!(range_of(range, "2.0.0").as_deref(), Some(expected), "{range}");
        }
        for range in ["1.x", ">=1.0.0 <2.0.0", "1.0.0 || 1.2.0", "*"] {
            assert_eq!(range_of(range, "2.0.0"), None, "{range}");
        }
    }
}
