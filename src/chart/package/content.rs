//! What stands in a packaged chart, file by file, and the digest over it.

use std::collections::HashSet;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::{lock, written};
use crate::chart::{Chart, File};
use crate::source::{Extra, FILE_LIMIT};
use crate::text::{Address, hex};

/// A file of a packaged chart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Path below the chart's folder.
    pub path: String,
    /// Its bytes.
    pub data: Arc<[u8]>,
}

/// The files that Helm writes, in its order: Chart.yaml and Chart.lock written anew, all others as they are. Where Chart.yaml or
/// Chart.lock cannot be read, it stands as it is.
pub fn entries(chart: &Chart) -> Vec<Entry> {
    let mut entries = vec![];
    add(chart, "", &mut entries);
    entries
}

/// The digest of what a chart packages, whatever the times and the order of the archive: Go's `Hash1` of the unpacked folder in
/// lower-case hexadecimal digits, which in-toto calls `dirHash` (`spec/v1/digest_set.md`).
///
/// It is the SHA-256 of a list with one line for each file, sorted by path: the SHA-256 of its bytes, two spaces, its path. What an archive
/// holds besides ([`extras`]) follows in lines of its own, in the order in which it is read, so that no archive with such a thing has the
/// digest of one without.
pub fn digest(chart: &Chart) -> String {
    let name = written::identity(chart).map_or_else(|| chart.path.clone(), |(name, _)| name);
    let line = |entry: Entry| (format!("{name}/{}", entry.path), hex(&Sha256::digest(&entry.data)));
    let mut lines: Vec<_> = entries(chart).into_iter().map(line).collect();
    lines.sort();
    let extra = |extra: Extra| (format!("{name}/{} {}", extra.path, extra.what), hex(&Sha256::digest(&extra.data)));
    lines.extend(extras(chart).into_iter().map(extra));
    let list = lines.into_iter().fold(String::new(), |list, (path, digest)| list + &digest + "  " + &path + "\n");
    hex(&Sha256::digest(list))
}

/// What the archive of a chart holds and `helm package` would not write, in the order in which it is read; nothing of a folder.
pub fn extras(chart: &Chart) -> Vec<Extra> {
    if !matches!(chart.tree.address(&chart.folder), Address::Archived { .. }) {
        return vec![];
    }
    let written: HashSet<String> = entries(chart).into_iter().map(|entry| entry.path).collect();
    // What cannot be listed or read is a failure of the chart itself.
    let listed = chart.tree.list("").into_iter().flatten().map(|entry| entry.path);
    let unwritten = listed.filter(|path| !written.contains(path)).map(|path| Extra {
        data: chart.tree.read(&path, FILE_LIMIT).unwrap_or_default(),
        what: unwritten(&path, chart),
        path,
    });
    chart.tree.extras().iter().cloned().chain(unwritten).collect()
}

/// Why Helm does not write a file that it finds.
fn unwritten(path: &str, chart: &Chart) -> &'static str {
    let is_hidden = path.strip_prefix("charts/").is_some_and(|name| name.starts_with(['.', '_']));
    let is_of_v1 = matches!(path, "requirements.yaml" | "requirements.lock");
    if is_hidden {
        HIDDEN
    } else if is_of_v1 && chart.metadata.as_ref().and_then(|metadata| metadata.text("apiVersion")) == Some("v2") {
        REQUIREMENTS
    } else {
        "is none of the files that `helm package` writes"
    }
}

/// A file in `charts/` that Helm passes over.
pub(in crate::chart) const HIDDEN: &str = "stands in `charts/` where Helm passes over it";
/// A declaration of dependencies that Helm obeys though it should not be there.
pub(in crate::chart) const REQUIREMENTS: &str = "is read by Helm though charts of apiVersion v2 have none";

fn add(chart: &Chart, folder: &str, entries: &mut Vec<Entry>) {
    let own = own_entries(chart).into_iter();
    entries.extend(own.map(|entry| Entry { path: format!("{folder}{}", entry.path), ..entry }));
    for part in chart.parts() {
        add(part, &format!("{folder}charts/{}/", folder_name(part)), entries);
    }
}

/// The same without those of its sub-charts.
pub fn own_entries(chart: &Chart) -> Vec<Entry> {
    let mut own = own(chart);
    // Helm walks folder by folder.
    own.sort_by_cached_key(|file| (rank(&file.path), file.path.replace('/', "\0")));
    own.into_iter().filter_map(|file| written(chart, file)).collect()
}

/// The name of a sub-chart's folder in the package.
pub fn folder_name(dependency: &Chart) -> &str {
    dependency.name().unwrap_or_else(|| dependency.path.rsplit('/').next().unwrap_or_default())
}

/// The files of the chart itself, without those of its sub-charts.
fn own(chart: &Chart) -> Vec<&File> {
    let mut inner = HashSet::new();
    for dependency in &chart.dependencies {
        let folder = folder_name(dependency);
        inner
            .extend(dependency.files.iter().map(|file| (format!("charts/{folder}/{}", file.path), file.data.as_ptr())));
    }
    chart.files.iter().filter(|file| !inner.contains(&(file.path.clone(), file.data.as_ptr()))).collect()
}

fn rank(path: &str) -> u8 {
    match path {
        "Chart.yaml" => 0,
        "Chart.lock" => 1,
        "values.yaml" => 2,
        "values.schema.json" => 3,
        path if path.starts_with("templates/") => 4,
        _ => 5,
    }
}

fn written(chart: &Chart, file: &File) -> Option<Entry> {
    let data = match file.path.as_str() {
        "Chart.yaml" => written::metadata(chart).map(|text| Arc::from(text.into_bytes())),
        "Chart.lock" => match lock::written(&file.data) {
            Ok(text) => Some(text?.into_bytes().into()),
            Err(_) => None,
        },
        _ => None,
    };
    Some(Entry { path: file.path.clone(), data: data.unwrap_or_else(|| Arc::clone(&file.data)) })
}
