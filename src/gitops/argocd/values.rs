//! The values of an Application: `valueFiles` with wildcards, then `valuesObject`, else `values`.

use std::collections::BTreeSet;

use super::Source;
use crate::gitops::files::Files;
use crate::gitops::glob::{self, Flavour, Glob};
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Inside, Problem, text};
use crate::text::Location;
use crate::yaml::{Node, embedded};

/// Values in the order in which Helm lays them over each other.
pub(super) struct SourceValues {
    pub(super) roots: Vec<Node>,
    /// Those that lie in a chart which is not here.
    pub(super) inside: Vec<Inside>,
}

/// A values file.
struct Listed {
    place: ValuesPlace,
    at: Location,
}

/// Where a values file lies.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum ValuesPlace {
    /// In the repository.
    Here(String),
    /// In a chart that is not.
    Inside(String),
}

/// The values of an Application.
pub(super) fn read(files: &Files<'_>, source: &mut Source<'_>, helm: &Node, chart: Option<&str>) -> SourceValues {
    let is_optional = helm.get("ignoreMissingValueFiles").and_then(Node::as_bool) == Some(true);
    let (mut roots, mut inside) = (vec![], vec![]);
    for Listed { place, at } in listed(files, source, helm, chart, is_optional) {
        match place {
            ValuesPlace::Inside(path) => inside.push(Inside { at, path, before: roots.len(), is_optional }),
            ValuesPlace::Here(path) => match files.layers(&path) {
                Ok(layers) => roots.extend(layers),
                Err(message) => source.problems.push(Problem::new(at, message)),
            },
        }
    }
    roots.extend(inline(files, source, helm));
    SourceValues { roots, inside }
}

/// The files of `valueFiles`, each once.
fn listed(
    files: &Files<'_>,
    source: &mut Source<'_>,
    helm: &Node,
    chart: Option<&str>,
    is_optional: bool,
) -> Vec<Listed> {
    let mut problems = vec![];
    let mut resolved = vec![];
    for item in helm.items("valueFiles") {
        let reference = item.scalar_text().unwrap_or("");
        let found = match elsewhere(files, source, helm, reference) {
            Some(url) => Err(format!("the values file `{reference}` lies in `{url}`, which is not this repository")),
            None => path(source, reference, chart),
        };
        match found {
            Ok(place) => resolved.push((place, item.location)),
            Err(message) => problems.push(Problem::new(item.location, message)),
        }
    }
    // A file that is also named by itself stands where it is named.
    let here =
        resolved.iter().filter_map(|(place, _)| if let ValuesPlace::Here(path) = place { Some(path) } else { None });
    let named: BTreeSet<String> = here.filter(|path| !glob::is_pattern(path)).cloned().collect();
    let (mut seen, mut all) = (BTreeSet::new(), vec![]);
    for (place, at) in resolved {
        let path = match place {
            ValuesPlace::Here(path) => path,
            place @ ValuesPlace::Inside(_) => {
                if seen.insert(place.clone()) {
                    all.push(Listed { place, at });
                }
                continue;
            }
        };
        let matched = if glob::is_pattern(&path) { matching(files, &path, &named) } else { Ok(vec![path.clone()]) };
        let matched = matched.unwrap_or_else(|message| {
            problems.push(Problem::new(at, message));
            vec![]
        });
        if matched.iter().any(|path| !files.is_file(path) && files.is_folder(path)) {
            problems.push(Problem::new(at, format!("`{path}` is a folder, and Helm refuses a folder as values")));
            continue;
        }
        let is_missing = |path: &String| !files.is_file(path);
        if matched.iter().all(is_missing) && !is_optional && problems.iter().all(|problem| problem.at != at) {
            let is_found_elsewhere = glob::is_pattern(&path)
                && Glob::new(&path, Flavour::Folders).is_ok_and(|glob| named.iter().any(|named| glob.matches(named)));
            if !is_found_elsewhere {
                problems.push(Problem::new(at, format!("`{path}` does not exist")));
            }
            continue;
        }
        let there = matched.into_iter().filter(|path| !is_missing(path)).map(ValuesPlace::Here);
        all.extend(there.filter(|place| seen.insert(place.clone())).map(|place| Listed { place, at }));
    }
    source.problems.extend(problems);
    all
}

/// Steps of trying a pattern on a path and on the folders in it.
const TRIED: u64 = 6;

/// The files that a pattern fits, without those that are named by themselves: those of a folder before those of the folders in it.
fn matching(files: &Files<'_>, pattern: &str, named: &BTreeSet<String>) -> Result<Vec<String>, String> {
    let glob = Glob::new(pattern, Flavour::Folders)?;
    let seen = files.seen_below(glob::fixed(pattern))?;
    files.steps.spend(seen.len() as u64 * TRIED)?;
    if let Some(folder) = seen.iter().find_map(|path| folders(path).find(|folder| glob.matches(folder))) {
        return Err(format!("`{pattern}` fits the folder `{folder}` as well, and Helm refuses a folder as values"));
    }
    let mut fitting: Vec<String> =
        seen.into_iter().filter(|path| !named.contains(path) && glob.matches(path)).collect();
    fitting.sort_by_cached_key(|path| levels(path));
    Ok(fitting)
}

/// Every folder that a path lies in.
fn folders(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// The names of a path, so that a file comes before the folders beside it.
fn levels(path: &str) -> Vec<(bool, String)> {
    let names: Vec<&str> = path.split('/').collect();
    let last = names.len() - 1;
    names.iter().enumerate().map(|(index, name)| (index < last, (*name).to_owned())).collect()
}

/// The path of a file: relative to the chart, from the root with `/`, or in another source with `$name/`. Of a chart that is not here only
/// the last is known before it is fetched.
pub(super) fn path(source: &Source<'_>, reference: &str, chart: Option<&str>) -> Result<ValuesPlace, String> {
    let outside = || format!("the values file `{reference}` is not in this repository");
    if let Some((other, path)) = referred(source, reference) {
        if text(other, "chart").is_some_and(|name| !name.is_empty()) {
            return Err(format!("Argo CD refuses `{reference}`, as the source of that `ref` has a `chart`"));
        }
        // A reference leads from the root of the source's repository: this one, if the file is here.
        return join("", &source.environment.filled(path)?).map(ValuesPlace::Here).ok_or_else(outside);
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
    let Some(chart) = chart else {
        if glob::is_pattern(&filled) {
            return Err(format!(
                "`{reference}` is a pattern in a chart that is not in this repository, which is not followed"
            ));
        }
        return join("", &filled).map(ValuesPlace::Inside).ok_or_else(outside);
    };
    join(chart, &filled).map(ValuesPlace::Here).ok_or_else(outside)
}

/// The source of the Application that a values file lies in by `$name/`, and the rest of its path.
fn referred<'s>(source: &Source<'s>, reference: &'s str) -> Option<(&'s Node, &'s str)> {
    let (name, path) = reference.strip_prefix('$')?.split_once('/')?;
    Some((source.all.iter().find(|other| text(other, "ref") == Some(name))?, path))
}

/// The address of another repository that a values file surely lies in. A mirror of this one has its files.
fn elsewhere(files: &Files<'_>, source: &Source<'_>, helm: &Node, reference: &str) -> Option<String> {
    let (other, _) = referred(source, reference)?;
    let own = &files.search.own;
    let url = text(other, "repoURL").filter(|url| own.is_other(url))?;
    // An Application that knows this repository by its own address means another one.
    if text(&source.node, "repoURL").is_some_and(|address| own.names(address)) {
        return Some(url.to_owned());
    }
    let is_folder = |path: &str| join("", path).is_some_and(|folder| files.is_folder(&folder));
    let is_mirror = |each: &Node| text(each, "repoURL") == Some(url) && text(each, "path").is_some_and(is_folder);
    let has_file = |path: &str| {
        let glob = Glob::new(path.trim_start_matches('/'), Flavour::Folders);
        glob.is_ok_and(|glob| files.below("").iter().any(|path| glob.matches(path)))
    };
    let named = helm.items("valueFiles").iter().filter_map(Node::scalar_text);
    let mut of_other =
        named.filter_map(|named| referred(source, named)).filter(|(named, _)| std::ptr::eq(*named, other));
    let is_here = source.all.iter().any(is_mirror) || of_other.any(|(_, path)| has_file(path));
    (!is_here).then(|| url.to_owned())
}

/// `valuesObject`, else `values`.
fn inline(files: &Files<'_>, source: &mut Source<'_>, helm: &Node) -> Vec<Node> {
    if let Some(object) = helm.get("valuesObject").filter(|object| object.as_map().is_some()) {
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
