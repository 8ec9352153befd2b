//! The git generator: folders or files of this repository, and what is in the files.

use std::collections::{BTreeMap, BTreeSet};

use super::parameters::{Parameters, flattened};
use super::render::{Renderer, normalized};
use crate::gitops::files::Files;
use crate::gitops::glob::{Flavour, Glob};
use crate::gitops::path::folder;
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::text::Location;
use crate::yaml::{Entry, Node, Value};

/// The sets of a git generator.
pub(super) fn sets(files: &Files<'_>, renderer: &Renderer<'_>, node: &Node) -> Result<Vec<Parameters>, Problem> {
    let is_of_files = node.items("directories").is_empty();
    let sets = if is_of_files { of_files(files, renderer, node)? } else { of_folders(files, renderer, node)? };
    if let Some(problem) = other_repository(files, node).filter(|_| sets.is_empty()) {
        return Ok(vec![Parameters { unknown: Some(problem), ..Parameters::none(node.location) }]);
    }
    sets.into_iter().map(|set| with_values(renderer, node, set)).collect()
}

/// What is not known of a generator that looks through a repository which surely is another, or is not known.
fn other_repository(files: &Files<'_>, node: &Node) -> Option<Problem> {
    let url = node.get("repoURL")?;
    let written = url.scalar_text()?;
    let message = || format!("what the `git` generator finds in `{written}` is not in this repository");
    // Where nobody knows how others call this repository, what is not here may be there.
    let own = &files.search.own;
    let is_other = written.contains("{{") || own.is_other(written) || own.addresses.is_empty();
    is_other.then(|| Problem::elsewhere(url.location, message()))
}

fn of_folders(files: &Files<'_>, renderer: &Renderer<'_>, node: &Node) -> Result<Vec<Parameters>, Problem> {
    let empty = edit::mapping(vec![], node.location);
    Ok(folders(files, node)?.iter().map(|path| with_path(renderer, node, &empty, path, None)).collect())
}

/// A set for each object of each file: its content, or the items of a list.
fn of_files(files: &Files<'_>, renderer: &Renderer<'_>, node: &Node) -> Result<Vec<Parameters>, Problem> {
    let mut sets = vec![];
    for path in matching(files, node)? {
        let documents = files.looked_at(&path).inspect_err(|_| files.reads(&path))?;
        let objects = match documents.first().map(|document| &document.root) {
            Some(Node { value: Value::Seq(items), .. }) => items.to_vec(),
            Some(root) if root.as_map().is_some() => vec![root.clone()],
            None | Some(Node { value: Value::Null, .. }) => vec![edit::mapping(vec![], node.location)],
            Some(root) => {
                let message = format!("`{path}`, which an ApplicationSet reads, is {}, not a mapping", root.kind());
                return Err(Problem::new(root.location, message));
            }
        };
        for object in objects {
            let values = if renderer.is_go { object } else { flattened(&object) };
            // Go calls the root by a dot.
            let here = Some(folder(&path)).filter(|here| !here.is_empty()).unwrap_or(".");
            let set = with_path(renderer, node, &values, here, path.rsplit('/').next());
            sets.push(Parameters { files: BTreeSet::from([path.clone()]), ..set });
        }
    }
    Ok(sets)
}

fn patterns(node: &Node, field: &str, flavour: Flavour) -> Result<(Vec<Glob>, Vec<Glob>), Problem> {
    let (mut wanted, mut unwanted) = (vec![], vec![]);
    for item in node.items(field) {
        let pattern = text(item, "path").unwrap_or("");
        let wrong = |message: String| Problem::new(item.location, message);
        if pattern.contains("{{") {
            return Err(wrong(format!("`{pattern}` depends on what is not known")));
        }
        let glob = Glob::new(pattern.trim_start_matches("./"), flavour).map_err(wrong)?;
        let is_excluded = item.get("exclude").and_then(Node::as_bool) == Some(true);
        if is_excluded { unwanted.push(glob) } else { wanted.push(glob) }
    }
    Ok((wanted, unwanted))
}

/// The folders that `directories` ask for; hidden ones are none.
fn folders(files: &Files<'_>, node: &Node) -> Result<Vec<String>, Problem> {
    let (wanted, unwanted) = patterns(node, "directories", Flavour::Names)?;
    let all: BTreeSet<&str> =
        files.search.paths.iter().flat_map(|path| path.match_indices('/').map(|(end, _)| &path[..end])).collect();
    let is_hidden = |path: &str| path.split('/').any(|name| name.starts_with('.'));
    let fits = |globs: &[Glob], path: &str| globs.iter().any(|glob| glob.matches(path));
    let found = all.into_iter().filter(|path| !is_hidden(path) && fits(&wanted, path) && !fits(&unwanted, path));
    Ok(found.map(str::to_owned).collect())
}

/// The files that `files` ask for.
fn matching(files: &Files<'_>, node: &Node) -> Result<Vec<String>, Problem> {
    let (wanted, unwanted) = patterns(node, "files", Flavour::Anything)?;
    let fits = |globs: &[Glob], path: &str| globs.iter().any(|glob| glob.matches(path));
    let found = files.search.paths.iter().filter(|path| fits(&wanted, path) && !fits(&unwanted, path));
    Ok(found.cloned().collect())
}

/// The parameters of a folder, and of a file in it.
fn with_path(renderer: &Renderer<'_>, node: &Node, values: &Node, path: &str, file: Option<&str>) -> Parameters {
    let prefix = text(node, "pathParamPrefix").filter(|prefix| !prefix.is_empty());
    let at = node.location;
    let basename = path.rsplit('/').next().unwrap_or(path);
    let mut names = BTreeMap::from([("basename", basename.to_owned()), ("basenameNormalized", normalized(basename))]);
    if let Some(file) = file {
        names.insert("filename", file.to_owned());
        names.insert("filenameNormalized", normalized(file));
    }
    let values = if renderer.is_go {
        nested(values, prefix, path, &names, at)
    } else {
        dotted(values, prefix, path, &names, at)
    };
    Parameters::new(values)
}

fn nested(values: &Node, prefix: Option<&str>, path: &str, names: &BTreeMap<&str, String>, at: Location) -> Node {
    let mut entries: Vec<Entry> =
        names.iter().map(|(name, value)| edit::entry(name, edit::text(value.as_str(), at), at)).collect();
    entries.push(edit::entry("path", edit::text(path, at), at));
    let segments = path.split('/').map(|part| edit::text(part, at)).collect();
    entries.push(edit::entry("segments", edit::list(segments, at), at));
    let own = edit::mapping(entries, at);
    match prefix {
        Some(prefix) => edit::with(values, prefix, edit::mapping(vec![edit::entry("path", own, at)], at)),
        None => edit::with(values, "path", own),
    }
}

fn dotted(values: &Node, prefix: Option<&str>, path: &str, names: &BTreeMap<&str, String>, at: Location) -> Node {
    let own = prefix.map_or_else(|| "path".to_owned(), |prefix| format!("{prefix}.path"));
    let mut values = edit::with(values, &own, edit::text(path, at));
    for (name, value) in names {
        values = edit::with(&values, &format!("{own}.{name}"), edit::text(value.as_str(), at));
    }
    for (index, part) in path.split('/').enumerate() {
        values = edit::with(&values, &format!("{own}[{index}]"), edit::text(part, at));
    }
    values
}

/// The set with the generator's own `values`, which may be made of it.
fn with_values(renderer: &Renderer<'_>, node: &Node, set: Parameters) -> Result<Parameters, Problem> {
    let own = node.get("values").map(edit::entries).unwrap_or_default();
    let mut values = set.values.clone();
    let mut inner = vec![];
    for entry in own {
        let key = entry.key.key_text().into_owned();
        let template = entry.value.scalar_text().unwrap_or("");
        let text = renderer.text(template, &set).map_err(|message| Problem::new(entry.value.location, message))?;
        let value = edit::text(text, entry.value.location);
        if renderer.is_go {
            inner.push(edit::entry(&key, value, entry.value.location));
        } else {
            values = edit::with(&values, &format!("values.{key}"), value);
        }
    }
    if !inner.is_empty() {
        values = edit::with(&values, "values", edit::mapping(inner, node.location));
    }
    Ok(Parameters { values, ..set })
}
