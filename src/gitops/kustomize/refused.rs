//! What kustomize refuses of what a kustomization says, whatever objects it is about.

use super::steps;
use crate::gitops::files::{self, Files};
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::yaml::{Document, Node};

/// The lists of field specifications that a file of `configurations` may have.
const CONFIGURED: [&str; 12] = [
    "commonAnnotations",
    "commonLabels",
    "images",
    "labels",
    "namePrefix",
    "nameReference",
    "nameSuffix",
    "namespace",
    "replicas",
    "templateLabels",
    "varReference",
    "volumeClaimTemplateLabels",
];

/// Every fault of a kustomization in the folder `here`.
pub(super) fn problems(files: &Files<'_>, here: &str, root: &Node) -> Vec<Problem> {
    let mut found: Vec<Problem> = root.items("replacements").iter().filter_map(replacement).collect();
    found.extend(root.items("patchesJson6902").iter().filter_map(|item| operations(files, here, item)));
    found.extend(root.items("patches").iter().filter_map(|item| part(files, here, item)));
    found.extend(["commonLabels", "commonAnnotations"].iter().filter_map(|field| unnamed(root.get(field)?)));
    found.extend(root.items("labels").iter().filter_map(|label| label.get("pairs").and_then(unnamed)));
    found.extend(root.items("labels").iter().flat_map(|label| label.items("fields")).filter_map(nowhere));
    found.extend(root.items("crds").iter().filter_map(|item| definitions(files, here, item)));
    found.extend(root.items("configurations").iter().filter_map(|item| configuration(files, here, item)));
    found.extend(root.items("validators").iter().flat_map(|item| validator(files, here, item)));
    found
}

fn refused(at: &Node, message: &str) -> Problem {
    Problem::new(at.location, format!("kustomize refuses {message}"))
}

fn is_there(node: &Node, field: &str) -> bool {
    node.get(field).is_some_and(|value| !value.is_null())
}

pub(super) fn replacement(item: &Node) -> Option<Problem> {
    let targets = item.items("targets");
    let has_source = is_there(item, "source") || is_there(item, "sourceValue");
    if text(item, "path").is_some_and(|path| !path.is_empty()) {
        let is_double = has_source || !targets.is_empty();
        let message = "a replacement with both a `path` and a source or targets";
        return is_double.then(|| refused(item, message));
    }
    if !has_source || targets.is_empty() {
        return Some(refused(item, "a replacement without a source or without targets"));
    }
    if is_there(item, "source") && is_there(item, "sourceValue") {
        return Some(refused(item, "a replacement with both `source` and `sourceValue`"));
    }
    let each = |field: &'static str| targets.iter().flat_map(move |target| target.items(field));
    if let Some(empty) = each("fieldPaths").find(|path| path.scalar_text().is_none_or(str::is_empty)) {
        return Some(refused(empty, "a path of a field that is empty"));
    }
    if let Some(empty) = each("reject").find(|selector| selector.is_null()) {
        return Some(refused(empty, "a selector that is empty"));
    }
    let open = targets.iter().find(|target| !is_there(target, "select"))?;
    Some(refused(open, "a target without `select`"))
}

/// An entry of `patchesJson6902`.
pub(super) fn operations(files: &Files<'_>, here: &str, item: &Node) -> Option<Problem> {
    let target = item.get("target").filter(|target| target.as_map().is_some());
    if target.and_then(|target| text(target, "name")).is_none_or(str::is_empty) {
        return Some(refused(target.unwrap_or(item), "a JSON patch whose `target` has no `name`"));
    }
    // A patch that cannot be read is said where it is followed.
    let documents = steps::documents(files, here, item).ok()?;
    let is_list = documents.iter().any(|document| document.root.as_seq().is_some_and(|items| !items.is_empty()));
    (!is_list).then(|| refused(item, "a JSON patch that is no list of operations"))
}

/// An entry of `patches`: operations, or parts of objects that say what they are.
fn part(files: &Files<'_>, here: &str, item: &Node) -> Option<Problem> {
    // A patch that cannot be read is said where it is followed.
    let documents = files::objects(&steps::documents(files, here, item).ok()?);
    let is_part = |document: &Document| {
        let root = &document.root;
        let name = root.get("metadata").and_then(|metadata| text(metadata, "name"));
        let is_object = text(root, "kind").is_some_and(|kind| kind.ends_with("List"))
            || (text(root, "kind").is_some_and(|kind| !kind.is_empty()) && name.is_some_and(|name| !name.is_empty()));
        let is_empty = root.is_null() || root.as_map().is_some_and(|map| map.entries().is_empty());
        is_empty || is_object
    };
    let is_operation = |item: &Node| item.as_map().is_some();
    let is_patch = |document: &Document| match document.root.as_seq() {
        Some(operations) => operations.iter().all(is_operation),
        None => is_part(document),
    };
    if documents.iter().all(is_patch) {
        return None;
    }
    Some(refused(item, "a patch that is neither operations nor a part of an object with `kind` and `metadata.name`"))
}

/// Labels or annotations of which one has no name.
fn unnamed(pairs: &Node) -> Option<Problem> {
    let entries = edit::entries(pairs);
    let lost = entries.iter().find(|entry| entry.key.as_str().is_none_or(str::is_empty))?;
    Some(refused(&lost.key, "a label or an annotation whose name is no text; put it in quotes"))
}

/// A specification of a field without a path.
fn nowhere(field: &Node) -> Option<Problem> {
    text(field, "path").is_none_or(str::is_empty).then(|| refused(field, "a field without a `path`"))
}

/// An entry of `crds`: Kubernetes' definitions by their names.
fn definitions(files: &Files<'_>, here: &str, item: &Node) -> Option<Problem> {
    let documents = match steps::from_file(files, here, item) {
        Ok(documents) => documents,
        Err(problem) => return Some(problem),
    };
    let is_definition = |node: &Node| node.is_null() || node.as_map().is_some();
    let is_one = documents.first().is_none_or(|document| {
        let entries = edit::entries(&document.root);
        document.root.is_null()
            || document.root.as_map().is_some() && entries.iter().all(|entry| is_definition(&entry.value))
    });
    (!is_one).then(|| refused(item, "a file of `crds` that does not hold definitions by their names"))
}

/// An entry of `configurations`.
fn configuration(files: &Files<'_>, here: &str, item: &Node) -> Option<Problem> {
    // That it cannot be read is said where its fields are.
    let documents = steps::from_file(files, here, item).ok()?;
    let root = &documents.first()?.root;
    if root.as_map().is_none() && !root.is_null() {
        return Some(refused(item, "a configuration that is no mapping"));
    }
    let entries = edit::entries(root);
    let unknown = entries
        .iter()
        .find(|entry| !CONFIGURED.iter().any(|known| known.eq_ignore_ascii_case(&entry.key.key_text())))?;
    Some(refused(item, &format!("the field `{}` of a configuration", unknown.key.key_text())))
}

/// Whether a transformer that is part of kustomize has nothing to change, as a validator may not change anything.
fn is_idle(root: &Node) -> bool {
    let is_empty =
        |field: &str| root.get(field).is_none_or(|value| value.as_map().is_none_or(|map| map.entries().is_empty()));
    let kind = text(root, "kind").unwrap_or("");
    text(root, "apiVersion") == Some("builtin")
        && match kind {
            "AnnotationsTransformer" => is_empty("annotations"),
            "LabelTransformer" => is_empty("labels"),
            _ => !kind.ends_with("Generator"),
        }
}

/// An entry of `validators`: of those that are part of kustomize none changes anything.
fn validator(files: &Files<'_>, here: &str, item: &Node) -> Vec<Problem> {
    let reference = item.scalar_text().unwrap_or("");
    let is_folder = !is_remote(reference)
        && !reference.contains('\n')
        && join(here, reference).is_some_and(|path| !files.is_file(&path) && files.is_folder(&path));
    if is_folder {
        return vec![Problem::new(
            item.location,
            format!("the validators in the folder `{reference}` are not followed"),
        )];
    }
    let documents = match steps::plugin(files, here, item) {
        Ok(documents) => documents,
        Err(problem) => return vec![problem],
    };
    let foreign = documents.iter().filter(|document| !is_idle(&document.root));
    let say = |document: &Document| {
        let kind = text(&document.root, "kind").unwrap_or("");
        Problem::new(item.location, format!("the validator `{kind}` is not followed"))
    };
    foreign.map(say).collect()
}
