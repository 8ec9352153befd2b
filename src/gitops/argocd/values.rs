//! The values of an Application: `valueFiles` with wildcards, then `valuesObject`, else `values`.

use std::collections::BTreeSet;

use super::Source;
use crate::gitops::files::Files;
use crate::gitops::glob::{self, Flavour, Glob};
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Problem, items, text};
use crate::yaml::{Node, embedded};

/// The roots of the values in the order in which Helm lays them over each other.
pub(super) fn read(files: &Files<'_>, source: &mut Source<'_>, helm: &Node, chart: Option<&str>) -> Vec<Node> {
    let is_optional = helm.get("ignoreMissingValueFiles").and_then(Node::as_bool) == Some(true);
    let mut values = vec![];
    for (path, at) in listed(files, source, helm, chart, is_optional) {
        match files.layers(&path) {
            Ok(roots) => values.extend(roots),
            Err(message) => source.problems.push(Problem::new(at, message)),
        }
    }
    values.extend(inline(files, source, helm));
    values
}

/// The paths of `valueFiles`, each once.
fn listed(
    files: &Files<'_>,
    source: &mut Source<'_>,
    helm: &Node,
    chart: Option<&str>,
    is_optional: bool,
) -> Vec<(String, crate::text::Location)> {
    let mut problems = vec![];
    let mut resolved = vec![];
    for item in items(helm, "valueFiles") {
        match path(source, item.scalar_text().unwrap_or(""), chart) {
            Ok(path) => resolved.push((path, item.location)),
            Err(message) => problems.push(Problem::new(item.location, message)),
        }
    }
    // A file that is also named by itself stands where it is named.
    let named: BTreeSet<String> =
        resolved.iter().map(|(path, _)| path.clone()).filter(|path| !glob::is_pattern(path)).collect();
    let (mut seen, mut paths) = (BTreeSet::new(), vec![]);
    for (path, at) in resolved {
        let matched = if glob::is_pattern(&path) { matching(files, &path, &named) } else { Ok(vec![path.clone()]) };
        let matched = matched.unwrap_or_else(|message| {
            problems.push(Problem::new(at, message));
            vec![]
        });
        let is_missing = |path: &String| !files.is_file(path);
        if matched.iter().all(is_missing) && !is_optional && problems.iter().all(|problem| problem.at != at) {
            let is_found_elsewhere = glob::is_pattern(&path)
                && Glob::new(&path, Flavour::Folders).is_ok_and(|glob| named.iter().any(|named| glob.matches(named)));
            if !is_found_elsewhere {
                problems.push(Problem::new(at, format!("`{path}` does not exist")));
            }
            continue;
        }
        paths.extend(
            matched.into_iter().filter(|path| !is_missing(path) && seen.insert(path.clone())).map(|path| (path, at)),
        );
    }
    source.problems.extend(problems);
    paths
}

/// The files that a pattern fits, in their order, without those that are named by themselves.
fn matching(files: &Files<'_>, pattern: &str, named: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let fixed = pattern.split(['*', '?', '[']).next().unwrap_or("");
    let below = fixed.rsplit_once('/').map_or("", |(folder, _)| folder);
    let glob = Glob::new(pattern, Flavour::Folders)?;
    Ok(files.below(below).iter().filter(|path| !named.contains(*path) && glob.matches(path)).cloned().collect())
}

/// The path of a file: relative to the chart, from the root with `/`, or in another source with `$name/`. Of a chart that is not here only
/// the last is known.
pub(super) fn path(source: &Source<'_>, reference: &str, chart: Option<&str>) -> Result<String, String> {
    let outside = || format!("the values file `{reference}` is not in this repository");
    let referred = reference
        .strip_prefix('$')
        .and_then(|named| named.split_once('/'))
        .filter(|(name, _)| source.all.iter().any(|other| text(other, "ref") == Some(name)));
    if let Some((_, path)) = referred {
        // A reference leads from the root of the source's repository: this one, if the file is here.
        return join("", &source.environment.filled(path)?).ok_or_else(outside);
    }
    let filled = source.environment.filled(reference)?;
    let is_variable = |name: &str| name.starts_with("ARGOCD_") || name.starts_with('{');
    if let Some((name, _)) =
        reference.strip_prefix('$').and_then(|named| named.split_once('/')).filter(|(name, _)| !is_variable(name))
    {
        return Err(format!("no source of the Application has `ref: {name}`"));
    }
    if is_remote(&filled) {
        return Err(outside());
    }
    let chart = chart.ok_or_else(|| format!("`{reference}` lies in the chart, which is not in this repository"))?;
    join(chart, &filled).ok_or_else(outside)
}

/// `valuesObject`, else `values`.
fn inline(files: &Files<'_>, source: &mut Source<'_>, helm: &Node) -> Vec<Node> {
    if let Some(object) =
        helm.get("valuesObject").filter(|object| object.as_map().is_some_and(|map| !map.entries.is_empty()))
    {
        return vec![object.clone()];
    }
    let Some(inline) = helm.get("values").filter(|inline| inline.as_str().is_some_and(|text| !text.is_empty())) else {
        return vec![];
    };
    let file = files.search.sources.get(inline.location.source);
    match embedded::documents(inline, &file.text) {
        Ok(documents) => documents.into_iter().take(1).map(|document| document.root).collect(),
        Err(error) => {
            source.problems.push(Problem::new(inline.location, format!("`values` is not YAML: {error}")));
            vec![]
        }
    }
}
