//! `templatePatch`: a part of an Application that is merged into each that the template makes.

use super::parameters::Parameters;
use super::render::Renderer;
use crate::gitops::Problem;
use crate::gitops::files::Files;
use crate::kustomize::edit;
use crate::text::{Address, Source};
use crate::yaml::{Document, Node, embedded};

/// The Application with the patch.
pub(super) fn applied(
    files: &Files<'_>,
    renderer: &Renderer<'_>,
    root: &Node,
    patch: &Node,
    parameters: &Parameters,
) -> Result<Node, Problem> {
    let wrong = |message: String| Problem::new(patch.location, message);
    let written = patch.as_str().unwrap_or_default();
    let text = renderer.text(written, parameters).map_err(wrong)?;
    let not_yaml = |error: &crate::yaml::Error| wrong(format!("`templatePatch` is not YAML: {error}"));
    let documents = if text == written {
        let file = files.search.sources.get(patch.location.source);
        embedded::documents(patch, &file.text).map_err(|error| not_yaml(&error))?
    } else {
        // What is made of a template has no place of its own but the template's.
        let id = files.search.sources.add(Source::new("templatePatch", Address::Rendered, text));
        let documents =
            Document::parse_all(id, &files.search.sources.get(id).text).map_err(|error| not_yaml(&error))?;
        documents
            .into_iter()
            .map(|document| Document {
                source: patch.location.source,
                root: edit::placed(&document.root, patch.location),
            })
            .collect()
    };
    let project = root.get("spec").and_then(|spec| spec.get("project")).cloned();
    let patched = documents.first().map_or_else(|| root.clone(), |document| merged(root, &document.root));
    Ok(match project {
        Some(project) => edit::with_at(&patched, &["spec", "project"], project),
        None => patched,
    })
}

/// Mappings merge, a null removes, lists and the rest replace: the fields of an Application have no keys to merge lists by.
fn merged(below: &Node, over: &Node) -> Node {
    if below.as_map().is_none() || over.as_map().is_none() {
        return over.clone();
    }
    edit::over(below, over, |old, new| match old {
        _ if new.is_null() => None,
        Some(old) => Some(merged(old, new)),
        None => Some(new.clone()),
    })
}
