//! Helmfiles under names of their own, which `helmfile --file` takes: known by what stands in them.

use super::{is_helmfile, state};
use crate::gitops::files::Files;
use crate::gitops::path::{folder, is_remote, join};
use crate::gitops::text;
use crate::yaml::Node;

/// Fields of which one stands in a helmfile beside its releases.
const BESIDE: &[&str] =
    &["repositories:", "helmDefaults:", "bases:", "helmfiles:", "environments:", "helmBinary:", "defaultInherit:"];

/// The helmfiles under other names that no other is made of.
pub(super) fn helmfiles(files: &Files<'_>) -> Vec<String> {
    let may_be = |path: &&str| {
        let name = path.strip_suffix(".gotmpl").unwrap_or(path);
        let is_yaml = [".yaml", ".yml"].iter().any(|ending| name.ends_with(ending));
        is_yaml && !is_helmfile(path)
    };
    let paths = files.like_helmfiles().into_iter().filter(may_be);
    let read = |path: &str| {
        let (state, read) = files.recorded(|| state::of(files, path));
        let is_one = match state {
            Ok(state) => state.is_some_and(|state| releases(files, path, &state.root)),
            // What is wrong with a file that is no template was said when it was read.
            Err(_) => files.text(path).map_or(path.ends_with(".gotmpl"), |(_, source)| speaks(&source.text)),
        };
        is_one.then(|| (path.to_owned(), read))
    };
    let all: Vec<_> = paths.filter_map(read).collect();
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
/// repository or at an address.
fn releases(files: &Files<'_>, path: &str, root: &Node) -> bool {
    let is_release = |node: &Node| {
        text(node, "name").is_some()
            && ["chart", "inherit", "namespace", "values"].iter().any(|field| node.get(field).is_some())
    };
    let is_beside = BESIDE.iter().any(|field| root.get(field.trim_end_matches(':')).is_some());
    let is_called = path.to_lowercase().contains("helmfile");
    let is_chart = |node: &Node| {
        let Some(chart) = text(node, "chart") else { return false };
        let is_here = || join(folder(path), chart).is_some_and(|chart| files.charts().any(|known| known == chart));
        is_release(node) && (is_remote(chart) || is_here())
    };
    let releases = root.items("releases");
    let is_any = releases.iter().any(is_release);
    is_any && (is_beside || is_called || releases.iter().any(is_chart))
}

/// The same of a text with template code.
fn speaks(text: &str) -> bool {
    let has_line = |start: &str| text.lines().any(|line| line.starts_with(start));
    let charts =
        text.lines().filter_map(|line| line.trim_start().trim_start_matches("- ").strip_prefix("chart:")).peekable();
    let is_beside = || BESIDE.iter().any(|field| has_line(field));
    has_line("releases:") && ((is_beside() && charts.clone().next().is_some()) || charts.clone().any(is_remote))
}
