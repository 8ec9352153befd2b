//! `.argocd-source.yaml` and `.argocd-source-NAME.yaml` beside a chart: Argo CD lays them over the source before it renders.

use crate::gitops::declared::Declared;
use crate::gitops::files::Files;
use crate::gitops::path::join;
use crate::gitops::{Problem, fields, text};
use crate::kustomize::edit;
use crate::yaml::{Entry, Mapping, Node};

/// The source with what the files of its folder say; it stays where it is, whatever they say of that.
pub(super) fn laid_over(files: &Files<'_>, source: &Node, application: &Declared, problems: &mut Vec<Problem>) -> Node {
    let folder = text(source, "path")
        .filter(|_| text(source, "chart").is_none_or(str::is_empty))
        .and_then(|path| join("", path));
    let Some(folder) = folder else { return source.clone() };
    let mut merged = source.clone();
    let beside = |name: &str| crate::source::join(&folder, &format!(".argocd-source{name}.yaml"));
    let name = application.name();
    // Outside of Argo CD's own namespace, which nothing here tells, an Application goes by both of its names.
    let own = application.namespace().map(|namespace| beside(&format!("-{namespace}_{name}")));
    let own = own.filter(|path| files.is_file(path)).unwrap_or_else(|| beside(&format!("-{name}")));
    for path in [beside(""), own] {
        if !files.is_file(&path) {
            continue;
        }
        match files.documents(&path) {
            Ok(documents) => {
                let over = documents.first().map(|document| spelled(&document.root));
                merged = over.map_or_else(|| merged.clone(), |over| patched(&merged, &over, false));
            }
            Err(problem) => problems.push(problem),
        }
    }
    for kept in ["chart", "path", "repoURL", "targetRevision"] {
        merged = match source.get(kept) {
            Some(value) => edit::with(&merged, kept, value.clone()),
            None => edit::without(&merged, kept),
        };
    }
    merged
}

/// Keys as Argo CD spells them: Go reads them in any case.
fn spelled(root: &Node) -> Node {
    fields::of("Application").spelled_below(root, "spec.source")
}

/// A JSON merge patch (RFC 7386) that is read into what was there before, so that a field which it takes away stays. In `valuesObject`, which is
/// read as a whole, a null takes away what it names.
fn patched(below: &Node, over: &Node, is_whole: bool) -> Node {
    let mut patched_below = below.clone();
    for (key, Entry { value: new, .. }) in over.as_map().map(Mapping::effective).unwrap_or_default() {
        let is_whole = is_whole || key == "valuesObject";
        let old = below.get(&key);
        let both = old.filter(|old| old.as_map().is_some() && new.as_map().is_some());
        patched_below = match both {
            None if new.is_null() && is_whole => edit::without(&patched_below, &key),
            None if new.is_null() => patched_below,
            None => edit::with(&patched_below, &key, new.clone()),
            Some(old) => edit::with(&patched_below, &key, patched(old, new, is_whole)),
        };
    }
    patched_below
}
