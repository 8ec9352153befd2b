//! What a kustomization does to what it gathers, in kustomize's order.

use std::sync::Arc;

use crate::gitops::files::{self, Files};
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::kustomize::id::Id;
use crate::kustomize::{
    Change, FieldSpec, ImageOverride, Options, Patch, PatchBody, Reference, Replacement, Selector, Source, Step, Target,
};
use crate::text::Location;
use crate::yaml::{Document, Node, embedded};

/// The steps of a kustomization but for its transformers, `fields` being those that its configurations add to the ones that hold images.
pub(super) fn of(
    files: &Files<'_>,
    here: &str,
    root: &Node,
    fields: &[FieldSpec],
    problems: &mut Vec<Problem>,
) -> Vec<Step> {
    let mut steps = vec![];
    for item in root.items("patchesStrategicMerge") {
        steps.extend(merge_patch(files, here, item, problems));
    }
    for item in root.items("patches") {
        steps.extend(patch(files, here, item, problems));
    }
    steps.extend(named(root));
    for item in root.items("patchesJson6902") {
        steps.extend(patch(files, here, item, problems));
    }
    steps.extend(root.items("replicas").iter().filter_map(scale));
    for item in ["images", "imageTags"].into_iter().flat_map(|field| root.items(field)) {
        steps.extend(image(item, fields));
    }
    for item in root.items("replacements") {
        steps.extend(replacements(files, here, item, problems));
    }
    steps
}

/// An entry of `images`.
pub(in crate::gitops) fn image(item: &Node, fields: &[FieldSpec]) -> Option<Step> {
    image_in(item, ImageOverride::fields(fields))
}

/// The same in given fields besides containers.
pub(super) fn image_in(item: &Node, fields: Vec<FieldSpec>) -> Option<Step> {
    Some(Step { at: item.location, change: Change::Image(ImageOverride::read(item, fields)?) })
}

/// An entry of `replicas`.
pub(super) fn scale(item: &Node) -> Option<Step> {
    if item.as_map().is_none() && !item.is_null() {
        return None;
    }
    let name = text(item, "name").unwrap_or("").to_owned();
    let count = item.get("count").cloned().unwrap_or_else(|| edit::text("0", item.location));
    Some(Step { at: item.location, change: Change::Scale { name, count } })
}

/// `namespace`, `namePrefix`, `nameSuffix`, labels and annotations.
pub(in crate::gitops) fn named(root: &Node) -> Vec<Step> {
    let mut steps = vec![];
    if let Some(namespace) =
        root.get("namespace").filter(|node| node.scalar_text().is_some_and(|text| !text.is_empty()))
    {
        let change = Change::Namespace(namespace.scalar_text().unwrap_or("").to_owned());
        steps.push(Step { at: namespace.location, change });
    }
    let affix = |field: &str| text(root, field).unwrap_or("").to_owned();
    let (prefix, suffix) = (affix("namePrefix"), affix("nameSuffix"));
    if !(prefix.is_empty() && suffix.is_empty()) {
        let given = if prefix.is_empty() { "nameSuffix" } else { "namePrefix" };
        let at = root.get(given).map_or(root.location, |node| node.location);
        steps.push(Step { at, change: Change::Rename { prefix, suffix } });
    }
    let mut mark = |field, pairs: Option<&Node>| {
        let pairs = pairs.filter(|pairs| pairs.as_map().is_some());
        steps.extend(
            pairs.map(|pairs| Step { at: pairs.location, change: Change::Mark { field, pairs: pairs.clone() } }),
        );
    };
    for label in root.items("labels") {
        mark("labels", label.get("pairs"));
    }
    mark("labels", root.get("commonLabels"));
    mark("annotations", root.get("commonAnnotations"));
    steps
}

/// An entry of `patchesStrategicMerge`: a path, or the patch itself, which older Flux writes out as YAML.
pub(super) fn merge_patch(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Option<Step> {
    let content = item.scalar_text().unwrap_or("");
    let documents = if item.as_map().is_some() {
        Ok(vec![Document { source: item.location.source, root: item.clone() }])
    } else if content.contains('\n') || content.contains(": ") {
        inline(files, item)
    } else {
        from_file(files, here, item)
    };
    match documents {
        Ok(documents) => {
            let documents = filled(documents);
            if documents.is_empty() {
                problems.push(Problem::new(item.location, "kustomize refuses a patch without content".to_owned()));
            }
            let body = PatchBody::Merge(documents);
            let patch = Patch { target: None, body, renames: false, changes_kind: false };
            Some(Step { at: item.location, change: Change::Patch(patch) })
        }
        Err(problem) => {
            problems.push(problem);
            None
        }
    }
}

/// An entry of `patches` or `patchesJson6902`.
pub(in crate::gitops) fn patch(
    files: &Files<'_>,
    here: &str,
    item: &Node,
    problems: &mut Vec<Problem>,
) -> Option<Step> {
    // What is of another type is said by that.
    item.as_map()?;
    let documents = match documents(files, here, item) {
        Ok(documents) => filled(documents),
        Err(problem) => {
            problems.push(problem);
            return None;
        }
    };
    let option =
        |field: &str| item.get("options").and_then(|options| options.get(field)).and_then(Node::as_bool) == Some(true);
    let body = match documents.as_slice() {
        // Of several lists the first counts.
        [first, ..] if first.root.as_seq().is_some() => PatchBody::Operations(first.clone()),
        documents => PatchBody::Merge(files::objects(documents)),
    };
    let patch = Patch {
        target: item.get("target").filter(|target| target.as_map().is_some()).map(Selector::read),
        body,
        renames: option("allowNameChange"),
        changes_kind: option("allowKindChange"),
    };
    Some(Step { at: item.location, change: Change::Patch(patch) })
}

/// What an entry of `patches` or `patchesJson6902` holds.
pub(super) fn documents(files: &Files<'_>, here: &str, item: &Node) -> Result<Vec<Document>, Problem> {
    let filled_in =
        |field: &str| item.get(field).filter(|node| node.scalar_text().is_some_and(|text| !text.trim().is_empty()));
    match (filled_in("patch"), filled_in("path")) {
        (Some(patch), None) => {
            json_alone(patch.scalar_text().unwrap_or_default(), patch)?;
            inline(files, patch)
        }
        (None, Some(path)) => {
            let documents = from_file(files, here, path)?;
            if let Some(first) = documents.first() {
                json_alone(&files.search.sources.get(first.source).text, path)?;
            }
            Ok(documents)
        }
        // Flux's older post-renderers write the patch out as YAML.
        (None, None) if item.get("patch").is_some_and(|patch| patch.as_seq().is_some() || patch.as_map().is_some()) => {
            let root = item.get("patch").cloned().unwrap_or_else(|| item.clone());
            Ok(vec![Document { source: root.location.source, root }])
        }
        _ => Err(Problem::new(item.location, "a patch needs one of `patch` and `path`".to_owned())),
    }
}

/// What begins as a list of JSON has to be JSON.
fn json_alone(text: &str, at: &Node) -> Result<(), Problem> {
    let is_other = text.trim_start().starts_with('[') && serde_json::from_str::<serde_json::Value>(text).is_err();
    let message = || "kustomize takes a patch that begins with `[` for JSON, and this is none".to_owned();
    if is_other { Err(Problem::new(at.location, message())) } else { Ok(()) }
}

fn filled(documents: Vec<Document>) -> Vec<Document> {
    let is_empty = |root: &Node| root.is_null() || root.as_map().is_some_and(|mapping| mapping.entries().is_empty());
    documents.into_iter().filter(|document| !is_empty(&document.root)).collect()
}

/// The documents of YAML inside YAML.
pub(in crate::gitops) fn inline(files: &Files<'_>, node: &Node) -> Result<Vec<Document>, Problem> {
    let file = files.search.sources.get(node.location.source);
    embedded::documents(node, &file.text)
        .map_err(|error| Problem::new(error.location, format!("a patch is not YAML: {error}")))
}

pub(super) fn from_file(files: &Files<'_>, here: &str, node: &Node) -> Result<Vec<Document>, Problem> {
    let reference = node.scalar_text().unwrap_or("");
    let wrong = |message: String| Problem::new(node.location, message);
    if is_remote(reference) {
        return Err(wrong(format!("`{reference}` is not in this repository")));
    }
    let path = join(here, reference).ok_or_else(|| wrong(format!("`{reference}` leads out of the repository")))?;
    if !files.is_file(&path) {
        return Err(wrong(format!("`{path}` does not exist")));
    }
    files.documents(&path).map(|documents| documents.to_vec())
}

/// What an entry of `replacements` asks for, written out or in a file.
pub(super) fn replacements(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Vec<Step> {
    let Some(path) = item.get("path").filter(|path| path.scalar_text().is_some()) else {
        return vec![replacement(item, item.location)];
    };
    match from_file(files, here, path) {
        Ok(documents) if documents.iter().all(|document| document.root.is_null()) => {
            problems
                .push(Problem::new(path.location, "kustomize refuses a file of replacements that is empty".to_owned()));
            vec![]
        }
        Ok(documents) => {
            let all = documents.iter().flat_map(|document| match document.root.as_seq() {
                Some(items) => items.to_vec(),
                None => vec![document.root.clone()],
            });
            all.map(|node| replacement(&node, path.location)).collect()
        }
        Err(problem) => {
            problems.push(problem);
            vec![]
        }
    }
}

fn replacement(item: &Node, at: Location) -> Step {
    let source = match item.get("sourceValue") {
        Some(value) => Source::Value(value.clone()),
        None => Source::Field(item.get("source").map(reference).unwrap_or_default()),
    };
    let targets = item.items("targets").iter().map(|target| {
        let paths: Vec<String> =
            target.items("fieldPaths").iter().filter_map(Node::scalar_text).map(str::to_owned).collect();
        Target {
            select: target.get("select").map(Selector::read).unwrap_or_default(),
            reject: target.items("reject").iter().map(Selector::read).collect(),
            paths: if paths.is_empty() { vec!["metadata.name".to_owned()] } else { paths },
            options: Options::read(target.get("options")),
        }
    });
    Step { at, change: Change::Replace(Replacement { source, targets: targets.collect() }) }
}

fn reference(source: &Node) -> Reference {
    let field = |name: &str| text(source, name).unwrap_or("").to_owned();
    let id = Id {
        group: field("group"),
        version: field("version"),
        kind: field("kind"),
        name: field("name"),
        namespace: field("namespace"),
    };
    Reference { id, path: field("fieldPath"), options: Options::read(source.get("options")) }
}

/// The configurations of plugins that an entry of `generators` or `transformers` is or names.
pub(super) fn plugin(files: &Files<'_>, here: &str, item: &Node) -> Result<Vec<Document>, Problem> {
    if item.as_map().is_some() {
        return Ok(vec![Document { source: item.location.source, root: item.clone() }]);
    }
    let content = item.scalar_text().unwrap_or("");
    if content.is_empty() {
        return Ok(vec![]);
    }
    let is_inline = content.contains('\n') || content.contains(": ");
    let documents = if is_inline { inline(files, item) } else { from_file(files, here, item) };
    documents.map(|documents| files::objects(&documents))
}

/// The fields that `configurations` add to those that hold images.
pub(super) fn configured(files: &Files<'_>, here: &str, root: &Node, problems: &mut Vec<Problem>) -> Vec<FieldSpec> {
    let mut fields = vec![];
    for item in root.items("configurations") {
        match from_file(files, here, item) {
            Ok(documents) => {
                fields.extend(documents.iter().flat_map(|document| document.root.items("images")).map(field_spec));
            }
            Err(problem) => problems.push(problem),
        }
    }
    fields
}

pub(super) fn field_spec(node: &Node) -> FieldSpec {
    let field = |name: &str| text(node, name).unwrap_or("").to_owned();
    FieldSpec { group: field("group"), version: field("version"), kind: field("kind"), path: field("path") }
}

/// A build with steps behind all that it does.
pub(in crate::gitops) fn followed_by(build: crate::kustomize::Build, steps: Vec<Step>) -> crate::kustomize::Build {
    crate::kustomize::Build { parts: vec![crate::kustomize::Part::Build(Arc::new(build))], steps }
}
