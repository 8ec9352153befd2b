//! ConfigMaps that a kustomization generates: other fields and objects read from them.

use std::sync::Arc;

use crate::gitops::files::Files;
use crate::gitops::path::join;
use crate::gitops::{Problem, items, text};
use crate::kustomize::edit;
use crate::text::{Location, Source, SourceId, Span};
use crate::yaml::{Document, Entry, Node};

/// What kustomize itself writes on an object whose name gets a hash in the end.
const HASHED: &str = "internal.config.kubernetes.io/needsHashSuffix";

/// Whether kustomize adds a hash to the name of a ConfigMap that it generated.
pub(in crate::gitops) fn is_hashed(map: &Node) -> bool {
    let annotations = map.get("metadata").and_then(|metadata| metadata.get("annotations"));
    annotations.is_some_and(|annotations| annotations.get(HASHED).is_some())
}

/// Whether the name of what an entry of a kustomization generates stays as it is.
fn is_plain(root: &Node, item: &Node) -> bool {
    let options = [item.get("options"), root.get("generatorOptions")];
    let disables = |options: &Node| options.get("disableNameSuffixHash").and_then(Node::as_bool) == Some(true);
    options.into_iter().flatten().any(disables)
}

/// The ConfigMap of an entry, under the name without its hash, by which others name it.
pub(super) fn config_map(
    files: &Files<'_>,
    here: &str,
    root: &Node,
    item: &Node,
    problems: &mut Vec<Problem>,
) -> Option<Document> {
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
    let mut wrong = |node: &Node, message: String| problems.push(Problem::new(node.location, message));
    for literal in items(item, "literals") {
        let at = literal.location;
        match literal.scalar_text().and_then(|text| text.split_once('=')) {
            Some((key, value)) => data.push(edit::entry(key, edit::text(value.trim_matches(['"', '\'']), at), at)),
            None => wrong(literal, "kustomize refuses a literal without `=`".to_owned()),
        }
    }
    for file in items(item, "files") {
        let reference = file.scalar_text().unwrap_or("");
        let (key, path) =
            reference.split_once('=').unwrap_or_else(|| (reference.rsplit('/').next().unwrap_or(reference), reference));
        match content(files, here, path) {
            Ok(Some((text, at))) => data.push(edit::entry(key, edit::text(&text, at), at)),
            // Bytes that are no text become `binaryData`.
            Ok(None) => {}
            Err(message) => wrong(file, message),
        }
    }
    for file in items(item, "envs").iter().chain(item.get("env")) {
        match content(files, here, file.scalar_text().unwrap_or("")).and_then(|content| variables(content.as_ref())) {
            Ok(variables) => data.extend(variables),
            Err(message) => wrong(file, message),
        }
    }
    let mut metadata = vec![edit::entry("name", edit::text(name, at), at)];
    metadata.extend(text(item, "namespace").map(|namespace| edit::entry("namespace", edit::text(namespace, at), at)));
    if !is_plain(root, item) {
        let hashed = edit::mapping(vec![edit::entry(HASHED, edit::text("enabled", at), at)], at);
        metadata.push(edit::entry("annotations", hashed, at));
    }
    let entries = vec![
        edit::entry("apiVersion", edit::text("v1", at), at),
        edit::entry("kind", edit::text("ConfigMap", at), at),
        edit::entry("metadata", edit::mapping(metadata, at), at),
        edit::entry("data", edit::mapping(data, at), at),
    ];
    Some(Document { source: at.source, root: edit::mapping(entries, at) })
}

/// The text of a file with the whole of it as its place; none where it is no text.
fn content(files: &Files<'_>, here: &str, reference: &str) -> Result<Option<(String, Location)>, String> {
    let path = join(here, reference).ok_or_else(|| format!("`{reference}` leads out of the repository"))?;
    let found = files.text_or_bytes(&path)?;
    let whole = |(id, source): (SourceId, Arc<Source>)| {
        (source.text.to_string(), Location::new(id, Span::new(0, source.text.len())))
    };
    Ok(found.map(whole))
}

/// The lines `KEY=value` of a file of variables.
fn variables(content: Option<&(String, Location)>) -> Result<Vec<Entry>, String> {
    let (text, at) = content.ok_or_else(|| "kustomize refuses variables that are not UTF-8".to_owned())?;
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let entry = |line: &str| {
        let unknown = || format!("the value of the variable `{line}` is known only where kustomize runs");
        let (key, value) = line.split_once('=').ok_or_else(unknown)?;
        Ok(edit::entry(key, edit::text(value, *at), *at))
    };
    lines.map(entry).collect()
}
