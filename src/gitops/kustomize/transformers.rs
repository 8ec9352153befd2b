//! Transformers that are part of kustomize, written out as such: each does what a field of a kustomization does, in the fields that it names.

use super::{refused, steps};
use crate::gitops::files::Files;
use crate::gitops::{Problem, text};
use crate::kustomize::{Change, Step, edit};
use crate::yaml::{Document, Node};

/// The steps of an entry of `transformers`.
pub(super) fn steps(files: &Files<'_>, here: &str, item: &Node, problems: &mut Vec<Problem>) -> Vec<Step> {
    match steps::plugin(files, here, item) {
        Ok(documents) => {
            let one = |Document { root, .. }: &Document| Transformer { files, here, root }.steps(problems);
            documents.iter().flat_map(one).collect()
        }
        Err(problem) => {
            problems.push(problem);
            vec![]
        }
    }
}

/// A transformer as it is written.
struct Transformer<'a> {
    files: &'a Files<'a>,
    /// The folder of the kustomization, from which paths are seen.
    here: &'a str,
    root: &'a Node,
}

impl Transformer<'_> {
    fn steps(&self, problems: &mut Vec<Problem>) -> Vec<Step> {
        let (files, here, root) = (self.files, self.here, self.root);
        if text(root, "apiVersion") != Some("builtin") {
            problems.push(self.unfollowed("is not followed"));
            return vec![];
        }
        match text(root, "kind").unwrap_or("") {
            "HashTransformer" => vec![],
            "ImageTagTransformer" => {
                let fields = root.items("fieldSpecs").iter().map(steps::field_spec).collect();
                let tag = root.get("imageTag").and_then(|image_tag| steps::image_in(image_tag, fields));
                tag.into_iter().collect()
            }
            "PatchTransformer" => steps::patch(files, here, root, problems).into_iter().collect(),
            "PatchJson6902Transformer" => {
                let operations = root.get("jsonOp").cloned();
                let item = operations.map_or_else(|| root.clone(), |operations| edit::with(root, "patch", operations));
                problems.extend(refused::operations(files, here, &item));
                steps::patch(files, here, &item, problems).into_iter().collect()
            }
            "PatchStrategicMergeTransformer" => {
                let written =
                    root.get("patches").filter(|patches| patches.as_str().is_some_and(|text| !text.is_empty()));
                let all: Vec<&Node> = root.items("paths").iter().chain(written).collect();
                if all.is_empty() {
                    problems.push(self.refused("has neither `paths` nor `patches`"));
                }
                all.into_iter().filter_map(|patch| steps::merge_patch(files, here, patch, problems)).collect()
            }
            "ReplacementTransformer" => {
                let replacements = root.items("replacements");
                problems.extend(replacements.iter().filter_map(refused::replacement));
                replacements.iter().flat_map(|item| steps::replacements(files, here, item, problems)).collect()
            }
            "ReplicaCountTransformer" => self.scaled(problems),
            "NamespaceTransformer" => self.moved(problems),
            "PrefixTransformer" => self.renamed(&["prefix"], problems),
            "SuffixTransformer" => self.renamed(&["suffix"], problems),
            "PrefixSuffixTransformer" => self.renamed(&["prefix", "suffix"], problems),
            "AnnotationsTransformer" => self.marked("annotations", problems),
            "LabelTransformer" => self.marked("labels", problems),
            _ => {
                problems.push(self.unfollowed("is not followed"));
                vec![]
            }
        }
    }

    /// `ReplicaCountTransformer`: kustomize refuses one that changes nothing.
    fn scaled(&self, problems: &mut Vec<Problem>) -> Vec<Step> {
        if self.root.items("fieldSpecs").is_empty() {
            problems.push(self.refused("has no `fieldSpecs`"));
        }
        let is_own = self.root.items("fieldSpecs").iter().any(|spec| text(spec, "path") != Some("spec/replicas"));
        if is_own {
            return vec![];
        }
        self.root.get("replica").and_then(steps::scale).into_iter().collect()
    }

    /// `NamespaceTransformer`: the namespace of every object that is in one, whatever its fields are.
    fn moved(&self, problems: &mut Vec<Problem>) -> Vec<Step> {
        let namespace = self.root.get("metadata").and_then(|metadata| metadata.get("namespace"));
        let Some(namespace) = namespace.filter(|node| node.scalar_text().is_some_and(|text| !text.is_empty())) else {
            return vec![];
        };
        let is_known =
            |spec: &Node| text(spec, "path").is_some_and(|path| path.starts_with("metadata/") || is_subject(path));
        let is_partial = self.root.get("unsetOnly").and_then(Node::as_bool) == Some(true);
        if is_partial || !self.root.items("fieldSpecs").iter().all(is_known) {
            problems.push(self.unfollowed("is not followed with these options"));
            return vec![];
        }
        let change = Change::Namespace(namespace.scalar_text().unwrap_or("").to_owned());
        vec![Step { at: namespace.location, change }]
    }

    /// A prefix, a suffix or both, which are for names alone where they are followed.
    fn renamed(&self, affixes: &[&str], problems: &mut Vec<Problem>) -> Vec<Step> {
        let specs = self.root.items("fieldSpecs");
        if specs.is_empty() {
            problems.push(self.refused("has no `fieldSpecs`"));
            return vec![];
        }
        let affix = |field: &str| text(self.root, field).filter(|_| affixes.contains(&field)).unwrap_or("").to_owned();
        let (prefix, suffix) = (affix("prefix"), affix("suffix"));
        if prefix.is_empty() && suffix.is_empty() {
            return vec![];
        }
        if specs.len() > 1 || !is_of_all(&specs[0], "metadata/name") {
            problems.push(self.unfollowed("is not followed for other fields than all names"));
            return vec![];
        }
        vec![Step { at: self.root.location, change: Change::Rename { prefix, suffix } }]
    }

    /// Labels or annotations of all objects; those of pods and selectors are nothing that decides about images.
    fn marked(&self, field: &'static str, problems: &mut Vec<Problem>) -> Vec<Step> {
        let pairs =
            self.root.get(field).filter(|pairs| pairs.as_map().is_some_and(|pairs| !pairs.entries().is_empty()));
        let Some(pairs) = pairs else { return vec![] };
        let path = format!("metadata/{field}");
        let specs = self.root.items("fieldSpecs").iter().filter(|spec| text(spec, "path") == Some(&path));
        let specs: Vec<&Node> = specs.collect();
        let is_made = |spec: &&&Node| spec.get("create").and_then(Node::as_bool) == Some(true);
        if specs.iter().filter(is_made).any(|spec| is_of_all(spec, &path)) {
            return vec![Step { at: pairs.location, change: Change::Mark { field, pairs: pairs.clone() } }];
        }
        if !specs.is_empty() {
            problems.push(self.unfollowed("is not followed for some objects alone"));
        }
        vec![]
    }

    fn unfollowed(&self, why: &str) -> Problem {
        let kind = text(self.root, "kind").unwrap_or("");
        Problem::new(self.root.location, format!("the transformer `{kind}` {why}"))
    }

    fn refused(&self, why: &str) -> Problem {
        let kind = text(self.root, "kind").unwrap_or("");
        Problem::new(self.root.location, format!("kustomize refuses a `{kind}` that {why}"))
    }
}

/// Whether a specification is of a field of every object.
fn is_of_all(spec: &Node, path: &str) -> bool {
    let is_empty = |field: &str| text(spec, field).is_none_or(str::is_empty);
    text(spec, "path") == Some(path) && ["group", "version", "kind"].iter().all(|field| is_empty(field))
}

/// Whether a path is one at which bindings name what they are for.
fn is_subject(path: &str) -> bool {
    path.starts_with("subjects")
        || path.starts_with("webhooks")
        || path.starts_with("spec/service")
        || path.starts_with("spec/conversion")
}
