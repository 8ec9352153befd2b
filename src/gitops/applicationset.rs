//! Applications that an ApplicationSet makes from generators which can be followed without a cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::path::{folder, join};
use super::{Search, Unresolved, items};
use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node, Value};

/// Values for the placeholders of a template, by dotted name.
type Parameters = BTreeMap<String, String>;

/// More Applications than any set needs.
const MOST: usize = 2_000;

/// The Applications of a set, as if they had been written out.
pub(super) fn applications(search: &Search<'_>, set: &Node, unresolved: &mut Vec<Unresolved>) -> Vec<Node> {
    let Some(spec) = set.get("spec") else { return vec![] };
    let Some(template) = spec.get("template") else { return vec![] };
    let mut made = vec![];
    for generator in items(spec, "generators") {
        let sets = match parameters(search, generator, 0) {
            Ok(sets) => sets,
            Err((at, message)) => {
                unresolved.push(Unresolved { chart: None, at, message });
                continue;
            }
        };
        made.extend(sets.iter().take(MOST).map(|parameters| expand(template, parameters)));
    }
    made
}

fn parameters(search: &Search<'_>, generator: &Node, depth: usize) -> Result<Vec<Parameters>, (Location, String)> {
    let Some(entry) = generator.as_map().and_then(|mapping| mapping.entries.first()) else { return Ok(vec![]) };
    match &*entry.key.key_text() {
        "list" => Ok(items(&entry.value, "elements").iter().map(element).collect()),
        "git" => Ok(git(search, &entry.value)),
        "matrix" if depth < 4 => matrix(search, &entry.value, depth),
        "merge" if depth < 4 => {
            let mut all = vec![];
            for inner in items(&entry.value, "generators") {
                all.extend(parameters(search, inner, depth + 1)?);
            }
            Ok(all)
        }
        kind => Err((entry.key.location, format!("the `{kind}` generator needs a cluster or the network"))),
    }
}

/// Every pair of what two generators give.
fn matrix(search: &Search<'_>, matrix: &Node, depth: usize) -> Result<Vec<Parameters>, (Location, String)> {
    let mut all = vec![Parameters::new()];
    for inner in items(matrix, "generators") {
        let sets = parameters(search, inner, depth + 1)?;
        let pair = |left: &Parameters| {
            let joined = |right: &Parameters| {
                left.iter().chain(right).map(|(name, value)| (name.clone(), value.clone())).collect()
            };
            sets.iter().map(joined).collect::<Vec<Parameters>>()
        };
        all = all.iter().flat_map(pair).take(MOST).collect();
    }
    Ok(all)
}

fn element(node: &Node) -> Parameters {
    let mut parameters = Parameters::new();
    flatten(node, "", &mut parameters);
    parameters
}

fn flatten(node: &Node, prefix: &str, into: &mut Parameters) {
    if let Some(text) = node.scalar_text() {
        into.insert(prefix.to_owned(), text.to_owned());
    }
    for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
        let name = if prefix.is_empty() { key.into_owned() } else { format!("{prefix}.{key}") };
        flatten(&entry.value, &name, into);
    }
}

/// Folders (`directories`) or files (`files`) of this repository that match.
fn git(search: &Search<'_>, generator: &Node) -> Vec<Parameters> {
    let mut sets = vec![];
    let folders: std::collections::BTreeSet<&str> = search.paths.iter().flat_map(|path| parents(path)).collect();
    let patterns = items(generator, "directories");
    let pattern = |node: &Node| super::text(node, "path").and_then(|path| join("", path));
    let excluded = |node: &&Node| node.get("exclude").and_then(Node::as_bool) == Some(true);
    let exclude: Vec<String> = patterns.iter().filter(excluded).filter_map(pattern).collect();
    for include in patterns.iter().filter(|node| !excluded(node)).filter_map(pattern) {
        let fits = |path: &&&str| matches(&include, path) && !exclude.iter().any(|exclude| matches(exclude, path));
        sets.extend(folders.iter().filter(fits).map(|path| path_parameters(path)));
    }
    for include in items(generator, "files").iter().filter_map(pattern) {
        for path in search.paths.iter().filter(|path| matches(&include, path)) {
            let mut parameters = path_parameters(folder(path));
            for document in search.documents(path).unwrap_or_default() {
                flatten(&document.root, "", &mut parameters);
            }
            sets.push(parameters);
        }
    }
    sets
}

fn parents(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(end, _)| &path[..end])
}

fn path_parameters(path: &str) -> Parameters {
    let basename = path.rsplit('/').next().unwrap_or(path);
    let names =
        [("path", path), ("path.path", path), ("path.basename", basename), ("path.basenameNormalized", basename)];
    names.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// A glob in which `*` stands for part of one name and `**` for any names.
fn matches(pattern: &str, path: &str) -> bool {
    fn parts(pattern: &[&str], path: &[&str]) -> bool {
        match (pattern, path) {
            ([], []) => true,
            (["**", rest @ ..], _) => (0..=path.len()).any(|skipped| parts(rest, &path[skipped..])),
            ([first, rest @ ..], [name, below @ ..]) => part(first, name) && parts(rest, below),
            _ => false,
        }
    }
    fn part(pattern: &str, name: &str) -> bool {
        match pattern.split_once('*') {
            None => pattern == name,
            Some((before, after)) => name.strip_prefix(before).is_some_and(|rest| {
                rest.char_indices().map(|(start, _)| start).chain([rest.len()]).any(|start| part(after, &rest[start..]))
            }),
        }
    }
    let pattern: Vec<&str> = pattern.split('/').collect();
    let path: Vec<&str> = path.split('/').collect();
    pattern.len() <= 32 && parts(&pattern, &path)
}

/// The template with `{{name}}` and `{{ .name }}` filled in; what is not known stays, and names no chart then.
fn expand(node: &Node, parameters: &Parameters) -> Node {
    let value = match &node.value {
        Value::String(text) if text.contains("{{") => Value::String(Arc::from(fill(text, parameters))),
        Value::Seq(items) => Value::Seq(items.iter().map(|item| expand(item, parameters)).collect()),
        Value::Map(mapping) => {
            let expanded = |entry: &Entry| Entry { value: expand(&entry.value, parameters), ..entry.clone() };
            Value::Map(Arc::new(Mapping { entries: mapping.entries.iter().map(expanded).collect() }))
        }
        value => value.clone(),
    };
    Node { value, ..node.clone() }
}

fn fill(text: &str, parameters: &Parameters) -> String {
    let mut filled = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("{{") {
        filled.push_str(before);
        let Some((expression, behind)) = after.split_once("}}") else {
            filled.push_str("{{");
            rest = after;
            continue;
        };
        let name = expression.trim().trim_matches('-').trim().trim_start_matches('.');
        match parameters.get(name) {
            Some(value) => filled.push_str(value),
            None => filled.extend(["{{", expression, "}}"]),
        }
        rest = behind;
    }
    filled + rest
}
