//! ConfigMaps that a kustomization generates: other fields and objects read from them.

use crate::gitops::files::Files;
use crate::gitops::path::join;
use crate::gitops::{Problem, items, text};
use crate::kustomize::edit;
use crate::text::Location;
use crate::yaml::{Document, Entry, Node};

/// The ConfigMap of an entry, under the name without its hash, by which others name it.
pub(super) fn config_map(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Option<Document> {
    let at = item.location;
    let name = text(item, "name")?;
    if let Some(behavior) =
        item.get("behavior").filter(|node| !matches!(node.scalar_text(), Some("create" | "") | None))
    {
        problems.push(Problem::new(
            behavior.location,
            "a generator that changes another ConfigMap is not followed".to_owned(),
        ));
    }
    let mut data = vec![];
    for literal in items(item, "literals") {
        if let Some((key, value)) = literal.scalar_text().and_then(|text| text.split_once('=')) {
            data.push(edit::entry(
                key,
                edit::text(value.trim_matches(['"', '\'']), literal.location),
                literal.location,
            ));
        }
    }
    for file in items(item, "files") {
        let reference = file.scalar_text().unwrap_or("");
        let (key, path) =
            reference.split_once('=').unwrap_or_else(|| (reference.rsplit('/').next().unwrap_or(reference), reference));
        match content(files, here, path) {
            Ok((text, at)) => data.push(edit::entry(key, edit::text(&text, at), at)),
            Err(message) => problems.push(Problem::new(file.location, message)),
        }
    }
    for file in items(item, "envs").iter().chain(item.get("env")) {
        match content(files, here, file.scalar_text().unwrap_or("")) {
            Ok((text, at)) => data.extend(variables(&text, at)),
            Err(message) => problems.push(Problem::new(file.location, message)),
        }
    }
    let mut metadata = vec![edit::entry("name", edit::text(name, at), at)];
    metadata.extend(text(item, "namespace").map(|namespace| edit::entry("namespace", edit::text(namespace, at), at)));
    let entries = vec![
        edit::entry("apiVersion", edit::text("v1", at), at),
        edit::entry("kind", edit::text("ConfigMap", at), at),
        edit::entry("metadata", edit::mapping(metadata, at), at),
        edit::entry("data", edit::mapping(data, at), at),
    ];
    Some(Document { source: at.source, root: edit::mapping(entries, at) })
}

/// The text of a file with the whole of it as its place.
fn content(files: &Files<'_>, here: &str, reference: &str) -> Result<(String, Location), String> {
    let path = join(here, reference).ok_or_else(|| format!("`{reference}` leads out of the repository"))?;
    let (id, source) = files.text(&path)?;
    Ok((source.text.to_string(), Location::new(id, crate::text::Span::new(0, source.text.len()))))
}

/// The lines `KEY=value` of a file of variables.
fn variables(text: &str, at: Location) -> Vec<Entry> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let pairs = lines.filter_map(|line| line.split_once('='));
    pairs.map(|(key, value)| edit::entry(key, edit::text(value, at), at)).collect()
}
