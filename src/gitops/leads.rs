//! Paths and names in whatever is not followed that lead to a chart of the repository.

use super::files::{self, Files, WORDS};
use super::path::{is_remote, join};
use super::{Search, text};
use crate::yaml::{Entry, Node, Value, embedded};

/// Kinds that deploy charts.
pub(super) const DEPLOYING: [&str; 4] = ["HelmRelease", "Kustomization", "Application", "ApplicationSet"];

/// Keys of which a bare word may be a folder.
const PATHS: [&str; 5] = ["chart", "chartPath", "chart_path", "helmChartPath", "path"];
/// Keys beside a chart's name that hold its repository.
const REPOSITORIES: [&str; 6] = ["repoURL", "repo", "repoUrl", "repository", "repositoryURL", "url"];
/// How Terraform calls folders.
const NAMED: [&str; 3] = ["${path.module}/", "${path.root}/", "${path.cwd}/"];
/// Texts in texts that are read.
const TEXTS: usize = 8;
/// Longest path that is looked at.
const LONGEST: usize = 512;

/// The folder of a chart of the repository that a text in a node leads to, as a path from the root or from the folder `here`, or by the
/// place where it is published.
pub(super) fn chart_of(files: &Files<'_>, node: &Node, here: &str) -> Option<String> {
    in_value(files, "", node, here)
}

fn in_value(files: &Files<'_>, key: &str, node: &Node, here: &str) -> Option<String> {
    match &node.value {
        Value::String(written) => folder_of(files, key, written, here),
        Value::Seq(items) => items.iter().find_map(|item| in_value(files, key, item, here)),
        Value::Map(mapping) => {
            let below = |entry: &Entry| in_value(files, &entry.key.key_text(), &entry.value, here);
            published(files.search, node).or_else(|| mapping.entries().iter().find_map(below))
        }
        _ => None,
    }
}

fn folder_of(files: &Files<'_>, key: &str, written: &str, here: &str) -> Option<String> {
    let written = NAMED.iter().find_map(|name| written.strip_prefix(name)).unwrap_or(written);
    let is_path = written.len() <= LONGEST && (written.contains('/') || PATHS.contains(&key));
    if !is_path || is_remote(written) {
        return None;
    }
    let folders = [join("", written), join(here, written)];
    folders.into_iter().flatten().map(|folder| files.place(&folder)).find(|folder| files.is_chart(folder))
}

fn published(search: &Search<'_>, node: &Node) -> Option<String> {
    let name = text(node, "chart").or_else(|| text(node, "name"))?;
    let mut repositories = REPOSITORIES.iter().filter_map(|field| text(node, field));
    repositories.find_map(|repository| search.published_chart(repository, name)).map(str::to_owned)
}

/// An object that deploys something, inside another.
pub(super) struct Held {
    /// Its kind.
    pub(super) kind: &'static str,
    /// The chart of the repository that it leads to; none where that cannot be told.
    pub(super) chart: Option<String>,
}

/// An object that a node or a text in it holds, which deploys a chart of the repository or may do so.
pub(super) fn held(files: &Files<'_>, node: &Node) -> Option<Held> {
    held_within(files, node, TEXTS)
}

/// The same where no more than so many texts lie in each other; what lies deeper is told by its lines.
fn held_within(files: &Files<'_>, node: &Node, texts: usize) -> Option<Held> {
    match &node.value {
        Value::String(written) => {
            let speaks = |words: &[&str]| words.iter().any(|word| written.contains(word));
            if !speaks(&WORDS) || !speaks(&DEPLOYING) {
                return None;
            }
            let Some(texts) = texts.checked_sub(1) else { return unread(written) };
            let file = files.search.sources.get(node.location.source);
            let Ok(documents) = embedded::documents(node, &file.text) else { return unread(written) };
            let objects = files::objects(&documents);
            let mut objects = objects.iter().filter(|object| object.root.as_map().is_some());
            objects.find_map(|object| held_within(files, &object.root, texts))
        }
        Value::Seq(items) => items.iter().find_map(|item| held_within(files, item, texts)),
        Value::Map(mapping) => one(files, node)
            .or_else(|| mapping.entries().iter().find_map(|entry| held_within(files, &entry.value, texts))),
        _ => None,
    }
}

/// What a text is by its lines that is no YAML: one with template code in it, say.
fn unread(written: &str) -> Option<Held> {
    let values = |key: &str| {
        let lines = written.lines().map(|line| line.trim_start_matches([' ', '-']));
        lines.filter_map(|line| Some(line.strip_prefix(key)?.trim())).collect::<Vec<_>>()
    };
    let is_spoken = values("apiVersion:").iter().any(|version| WORDS.iter().any(|word| version.contains(word)));
    let kinds = values("kind:");
    let kind = DEPLOYING.into_iter().find(|kind| is_spoken && kinds.contains(kind))?;
    Some(Held { kind, chart: None })
}

/// What an object deploys by itself.
fn one(files: &Files<'_>, node: &Node) -> Option<Held> {
    let version = text(node, "apiVersion").filter(|version| WORDS.iter().any(|word| version.contains(word)));
    let kind = DEPLOYING.into_iter().find(|kind| version.is_some() && text(node, "kind") == Some(kind))?;
    let spec = node.get("spec")?;
    let chart = chart_of(files, spec, "");
    (chart.is_some() || is_open(spec)).then_some(Held { kind, chart })
}

/// Whether a path or a chart stays open until something is filled in.
fn is_open(node: &Node) -> bool {
    let has_code = |node: &Node| node.scalar_text().is_some_and(|text| text.contains("{{") || text.contains("${"));
    let entry = |entry: &Entry| {
        (matches!(&*entry.key.key_text(), "chart" | "path") && has_code(&entry.value)) || is_open(&entry.value)
    };
    match &node.value {
        Value::Seq(items) => items.iter().any(is_open),
        Value::Map(mapping) => mapping.entries().iter().any(entry),
        _ => false,
    }
}
