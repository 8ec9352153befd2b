//! Applications that an ApplicationSet makes from generators which can be followed without a cluster.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::path::{folder, join};
use super::{Search, Unresolved, items};
use crate::budget::{Budget, Exceeded};
use crate::text::{Location, glob};
use crate::yaml::{Entry, Mapping, Node, Value};

/// Values for the placeholders of a template, by dotted name.
type Parameters = BTreeMap<String, String>;

/// More Applications than any set needs.
const MOST: usize = 2_000;
/// Steps that all sets of a repository may take.
const STEPS: u64 = 10_000_000;
/// Steps of writing out one value of a template.
const EXPANDING: usize = 4;

/// Why a generator cannot be followed, and where it says so.
type Open = (Location, String);

/// What all sets of a repository may cost.
pub(super) fn budget() -> Budget {
    Budget::new(STEPS, 1)
}

/// The Applications of a set, as if they had been written out.
pub(super) fn applications(
    search: &Search<'_>,
    set: &Node,
    budget: &Budget,
    unresolved: &mut Vec<Unresolved>,
) -> Vec<Node> {
    let Some(spec) = set.get("spec") else { return vec![] };
    let Some(template) = spec.get("template") else { return vec![] };
    let mut made = vec![];
    for generator in items(spec, "generators") {
        match parameters(search, generator, budget, 0).and_then(|sets| expanded(template, &sets, generator, budget)) {
            Ok(applications) => made.extend(applications),
            Err((at, message)) => unresolved.push(Unresolved { chart: None, at, message }),
        }
    }
    made
}

fn expanded(template: &Node, sets: &[Parameters], generator: &Node, budget: &Budget) -> Result<Vec<Node>, Open> {
    few(sets.len(), generator)?;
    let weight = EXPANDING * template.weight();
    let expanded = |parameters| {
        budget.spend(weight).map_err(|exceeded| open(generator, exceeded))?;
        Ok(expand(template, parameters))
    };
    sets.iter().map(expanded).collect()
}

fn few(sets: usize, generator: &Node) -> Result<(), Open> {
    if sets > MOST {
        return Err((generator.location, format!("the generator makes more than {MOST} Applications")));
    }
    Ok(())
}

fn open(generator: &Node, exceeded: Exceeded) -> Open {
    (generator.location, format!("the generator cannot be followed: {exceeded}"))
}

fn parameters(search: &Search<'_>, generator: &Node, budget: &Budget, depth: usize) -> Result<Vec<Parameters>, Open> {
    let Some(entry) = generator.as_map().and_then(|mapping| mapping.entries.first()) else { return Ok(vec![]) };
    match &*entry.key.key_text() {
        "list" => Ok(items(&entry.value, "elements").iter().map(element).collect()),
        "git" => git(search, &entry.value, budget).map_err(|exceeded| open(&entry.value, exceeded)),
        "matrix" if depth < 4 => matrix(search, &entry.value, budget, depth),
        "merge" if depth < 4 => {
            let mut all = vec![];
            for inner in items(&entry.value, "generators") {
                all.extend(parameters(search, inner, budget, depth + 1)?);
            }
            Ok(all)
        }
        kind => Err((entry.key.location, format!("the `{kind}` generator needs a cluster or the network"))),
    }
}

/// Every pair of what two generators give.
fn matrix(search: &Search<'_>, matrix: &Node, budget: &Budget, depth: usize) -> Result<Vec<Parameters>, Open> {
    let mut all = vec![Parameters::new()];
    for inner in items(matrix, "generators") {
        let sets = parameters(search, inner, budget, depth + 1)?;
        few(all.len().saturating_mul(sets.len()), matrix)?;
        let names = |sets: &[Parameters]| sets.iter().map(Parameters::len).sum::<usize>();
        let pairs = names(&all).saturating_mul(sets.len()).saturating_add(names(&sets).saturating_mul(all.len()));
        budget.spend(pairs).map_err(|exceeded| open(matrix, exceeded))?;
        let pair = |left: &Parameters| {
            let joined = |right: &Parameters| {
                left.iter().chain(right).map(|(name, value)| (name.clone(), value.clone())).collect()
            };
            sets.iter().map(joined).collect::<Vec<Parameters>>()
        };
        all = all.iter().flat_map(pair).collect();
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
fn git(search: &Search<'_>, generator: &Node, budget: &Budget) -> Result<Vec<Parameters>, Exceeded> {
    let mut sets = vec![];
    let folders: std::collections::BTreeSet<&str> = search.paths.iter().flat_map(|path| parents(path)).collect();
    let patterns = items(generator, "directories");
    let pattern = |node: &Node| super::text(node, "path").and_then(|path| join("", path));
    let excluded = |node: &&Node| node.get("exclude").and_then(Node::as_bool) == Some(true);
    let exclude: Vec<String> = patterns.iter().filter(excluded).filter_map(pattern).collect();
    for include in patterns.iter().filter(|node| !excluded(node)).filter_map(pattern) {
        for path in &folders {
            if glob::matches(&include, path, budget)? && !any(&exclude, path, budget)? {
                sets.push(path_parameters(path));
            }
        }
    }
    for include in items(generator, "files").iter().filter_map(pattern) {
        for path in search.paths {
            if !glob::matches(&include, path, budget)? {
                continue;
            }
            let mut parameters = path_parameters(folder(path));
            for document in search.documents(path).unwrap_or_default() {
                budget.spend(EXPANDING * document.root.weight())?;
                flatten(&document.root, "", &mut parameters);
            }
            sets.push(parameters);
        }
    }
    Ok(sets)
}

fn any(globs: &[String], path: &str, budget: &Budget) -> Result<bool, Exceeded> {
    for glob in globs {
        if glob::matches(glob, path, budget)? {
            return Ok(true);
        }
    }
    Ok(false)
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
