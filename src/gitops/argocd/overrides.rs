//! `.argocd-source.yaml` and `.argocd-source-NAME.yaml` beside a chart: Argo CD lays them over the source before it renders.

use crate::gitops::files::Files;
use crate::gitops::path::join;
use crate::gitops::{Problem, fields, text};
use crate::kustomize::edit;
use crate::yaml::{Node, Value};

/// The source with what the files of its folder say; it stays where it is, whatever they say of that.
pub(super) fn laid_over(files: &Files<'_>, source: &Node, application: &str, problems: &mut Vec<Problem>) -> Node {
    let folder = text(source, "path")
        .filter(|_| text(source, "chart").is_none_or(str::is_empty))
        .and_then(|path| join("", path));
    let Some(folder) = folder else { return source.clone() };
    let mut merged = source.clone();
    for name in [".argocd-source.yaml".to_owned(), format!(".argocd-source-{application}.yaml")] {
        let path = crate::source::join(&folder, &name);
        if !files.is_file(&path) {
            continue;
        }
        match files.documents(&path) {
            Ok(documents) => {
                let over = documents.first().map(|document| spelled(&document.root));
                merged = over.map_or_else(|| merged.clone(), |over| patched(&merged, &over));
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

/// A JSON merge patch (RFC 7386).
fn patched(below: &Node, over: &Node) -> Node {
    let (Value::Map(_), true) = (&over.value, below.as_map().is_some()) else { return over.clone() };
    edit::over(below, over, |old, new| match old {
        _ if new.is_null() => None,
        Some(old) if old.as_map().is_some() && new.as_map().is_some() => Some(patched(old, new)),
        _ => Some(new.clone()),
    })
}
