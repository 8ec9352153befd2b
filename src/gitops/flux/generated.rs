//! The kustomization that Flux builds for a Kustomization: the one of its folder, or a new one, with what the Kustomization adds written into it.

use crate::gitops::path::{is_remote, join};
use crate::gitops::{Problem, files::Files, text};
use crate::kustomize::edit;
use crate::text::Location;
use crate::yaml::Node;

/// The root of that kustomization, whose folder is `here`.
pub(super) fn root(
    files: &Files<'_>,
    own: Option<&Node>,
    spec: &Node,
    here: &str,
    problems: &mut Vec<Problem>,
) -> Node {
    let mut root = own.cloned().unwrap_or_else(|| edit::mapping(vec![], spec.location));
    for (from, to) in [("targetNamespace", "namespace"), ("namePrefix", "namePrefix"), ("nameSuffix", "nameSuffix")] {
        if let Some(value) = spec.get(from).filter(|value| value.scalar_text().is_some()) {
            root = edit::with(&root, to, value.clone());
        }
    }
    root = with_items(&root, "patches", spec.items("patches").iter().map(|patch| edit::without(patch, "path")));
    root = with_items(&root, "components", components(files, spec, here, problems));
    for field in ["patchesStrategicMerge", "patchesJson6902"] {
        root = with_items(&root, field, spec.items(field).iter().cloned());
    }
    let images = spec.items("images").iter().fold(root.items("images").to_vec(), with_image);
    if images.is_empty() { root } else { edit::with(&root, "images", edit::list(images, spec.location)) }
}

/// The root with items behind those of a list.
fn with_items(root: &Node, field: &str, added: impl IntoIterator<Item = Node>) -> Node {
    let added: Vec<Node> = added.into_iter().collect();
    let Some(at) = added.first().map(|item| item.location) else { return root.clone() };
    let all = root.items(field).iter().cloned().chain(added).collect();
    edit::with(root, field, edit::list(all, at))
}

/// The components that count: Flux leaves out what is not there where it is told so.
fn components(files: &Files<'_>, spec: &Node, here: &str, problems: &mut Vec<Problem>) -> Vec<Node> {
    let ignores_missing = spec.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true);
    let mut counting = vec![];
    for item in spec.items("components") {
        let reference = item.scalar_text().unwrap_or("");
        if is_remote(reference) || reference.starts_with('/') {
            let message = format!("Flux refuses the component `{reference}`, which is no path from the folder");
            problems.push(Problem::new(item.location, message));
        } else if !(ignores_missing && join(here, reference).is_some_and(|folder| !files.is_folder(&folder))) {
            counting.push(item.clone());
        }
    }
    counting
}

/// The entries of `images` with one more, which changes the first of its name.
fn with_image(mut images: Vec<Node>, added: &Node) -> Vec<Node> {
    let filled =
        |field: &str| added.get(field).filter(|value| value.scalar_text().is_some_and(|text| !text.is_empty()));
    let Some(known) = images.iter_mut().find(|known| text(known, "name") == text(added, "name")) else {
        images.push(added.clone());
        return images;
    };
    // The entry is as much this one's now: a finding points at what was said last.
    let at: Location = added.location;
    if let Some(name) = filled("newName") {
        *known = edit::with(known, "newName", name.clone());
    }
    // A tag and a digest are set as one.
    if filled("newTag").or_else(|| filled("digest")).is_some() {
        for field in ["newTag", "digest"] {
            *known = match filled(field) {
                Some(value) => edit::with(known, field, value.clone()),
                None => edit::without(known, field),
            };
        }
    }
    *known = Node { location: at, ..known.clone() };
    images
}
