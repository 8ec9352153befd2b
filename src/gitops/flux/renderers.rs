//! `postRenderers`: kustomizations over what Helm rendered, one behind the other.

use crate::gitops::files::Files;
use crate::gitops::kustomize::steps;
use crate::gitops::{Problem, text};
use crate::kustomize::{Build, Change, Part, Patch, PatchBody, Step};
use crate::yaml::{Document, Node};

/// What the post-renderers of a release make of the chart. Flux has one of its own, so that there always is something behind Helm.
pub(super) fn build(files: &Files<'_>, spec: &Node, problems: &mut Vec<Problem>) -> Build {
    let renderers: Vec<&Node> =
        spec.items("postRenderers").iter().filter_map(|renderer| renderer.get("kustomize")).collect();
    if !renderers.is_empty() && text(spec, "postRenderStrategy") == Some("nohooks") {
        let at = spec.get("postRenderStrategy").map_or(spec.location, |node| node.location);
        problems.push(Problem::new(
            at,
            "`postRenderStrategy: nohooks` is not followed: hooks are rendered with the rest".to_owned(),
        ));
    }
    let first = Build { parts: vec![Part::Chart(spec.location)], steps: vec![] };
    renderers.into_iter().fold(first, |build, renderer| {
        let mut own = vec![];
        for item in renderer.items("patchesStrategicMerge") {
            own.push(merge(item));
        }
        for item in renderer.items("patches").iter().chain(renderer.items("patchesJson6902")) {
            own.extend(steps::patch(files, "", item, problems));
        }
        own.extend(renderer.items("images").iter().filter_map(|item| steps::image(item, &[])));
        steps::followed_by(build, own)
    })
}

/// A patch that is written out as YAML.
pub(super) fn merge(item: &Node) -> Step {
    let document = Document { source: item.location.source, root: item.clone() };
    let patch = Patch { target: None, body: PatchBody::Merge(vec![document]), renames: false, changes_kind: false };
    Step { at: item.location, change: Change::Patch(patch) }
}
