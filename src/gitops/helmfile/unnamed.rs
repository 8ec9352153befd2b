//! Helmfiles under names of their own, which `helmfile --file` takes: known by what stands in them.

use rayon::prelude::*;

use super::{is_helmfile, state};
use crate::gitops::files::Files;
use crate::gitops::path::{folder, join};
use crate::gitops::{items, text};
use crate::source::Look;
use crate::yaml::Node;

/// Fields of which one stands in a helmfile beside its releases.
const BESIDE: &[&str] =
    &["repositories:", "helmDefaults:", "bases:", "helmfiles:", "environments:", "helmBinary:", "defaultInherit:"];
/// Whether a text may be a helmfile.
const HELMFILE: Look = Look::at(&[&["releases:"], SIGNS]);
/// Words of which one stands in every helmfile with a release.
const SIGNS: &[&str] = &["chart:", "inherit:", "bases:", "helmfiles:", "defaultInherit:"];

/// The helmfiles under other names that no other is made of.
pub(super) fn helmfiles(files: &Files<'_>) -> Vec<String> {
    let may_be = |path: &&String| {
        let name = path.strip_suffix(".gotmpl").unwrap_or(path);
        let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
        is_yaml && !is_helmfile(path) && !files.is_template(path)
    };
    let looks = |path: &&String| files.may_show(path, HELMFILE);
    let paths: Vec<&String> = files.search.paths.par_iter().filter(may_be).filter(looks).collect();
    let read = |path: &String| {
        let (state, read) = files.recorded(|| state::of(files, path));
        let is_one = match state {
            Ok(state) => state.is_some_and(|state| releases(files, path, &state.root)),
            // Of what is no template that is said already, whatever it is.
            Err(_) => files.text(path).map_or(path.ends_with(".gotmpl"), |(_, source)| speaks(&source.text)),
        };
        is_one.then(|| (path.clone(), read))
    };
    let all: Vec<_> = paths.into_iter().filter_map(read).collect();
    if all.is_empty() {
        return vec![];
    }
    let named = files.search.paths.iter().filter(|path| is_helmfile(path));
    let of_named = named.map(|path| (path.clone(), files.recorded(|| state::of(files, path)).1));
    let readers: Vec<_> = of_named.chain(all.iter().cloned()).collect();
    let is_part = |path: &String| {
        let shown = files.search.tree.shown(path);
        readers.iter().any(|(other, read)| other != path && read.contains(&shown))
    };
    all.iter().map(|(path, _)| path).filter(|path| !is_part(path)).cloned().collect()
}

/// Whether what stands under `releases` are such: beside other fields of a helmfile, in a file with a name of its kind, or with a chart of the
/// repository.
fn releases(files: &Files<'_>, path: &str, root: &Node) -> bool {
    let is_release = |node: &Node| {
        text(node, "name").is_some()
            && ["chart", "inherit", "namespace", "values"].iter().any(|field| node.get(field).is_some())
    };
    let is_beside = BESIDE.iter().any(|field| root.get(field.trim_end_matches(':')).is_some());
    let is_called = path.to_lowercase().contains("helmfile");
    let is_here = |node: &Node| {
        let chart = text(node, "chart").and_then(|chart| join(folder(path), chart));
        chart.is_some_and(|chart| files.charts().any(|known| known == chart))
    };
    let releases = items(root, "releases");
    let is_any = releases.iter().any(is_release);
    is_any && (is_beside || is_called || releases.iter().any(is_here))
}

/// The same of a text with template code.
fn speaks(text: &str) -> bool {
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let names_chart = || text.lines().any(|line| line.trim_start().trim_start_matches("- ").starts_with("chart:"));
    has_line("releases:") && BESIDE.iter().any(|field| has_line(field)) && names_chart()
}
