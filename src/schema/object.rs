//! What every object has whatever its schema says: `apiVersion`, `kind` and `metadata` (Kubernetes' ObjectMeta).

use super::checker::{Checker, shortened};
use super::unknown::closest;
use crate::text::Location;
use crate::yaml::{Mapping, Node};

/// Fields of ObjectMeta.
const FIELDS: [&str; 16] = [
    "name",
    "generateName",
    "namespace",
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
    "uid",
    "resourceVersion",
    "generation",
    "creationTimestamp",
    "deletionTimestamp",
    "deletionGracePeriodSeconds",
    "managedFields",
    "selfLink",
    "clusterName",
];

/// Judges the metadata of an object that is to be created.
pub(super) fn metadata(object: &Node, at: Location, checker: &mut Checker<'_>) {
    let Some(entry) = object.entry("metadata") else {
        return checker.report(at, "required field `metadata` is missing".into(), Some(NAME_IT.into()), None);
    };
    let Some(mapping) = entry.value.as_map() else {
        let message = format!("`metadata` is {}, not a mapping", entry.value.kind());
        return checker.report(entry.location(crate::yaml::Anchor::Key), message, Some(NAME_IT.into()), None);
    };
    let is_named = |key: &str| mapping.entry(key).is_some_and(|entry| !entry.value.is_null());
    if !is_named("name") && !is_named("generateName") {
        let message = "`metadata` has neither `name` nor `generateName`".into();
        checker.report(entry.key.location, message, Some(NAME_IT.into()), None);
    }
    checker.within_key("metadata", |checker| fields(mapping, checker));
}

const NAME_IT: &str = "give the example a name: `metadata: {name: …}`";

fn fields(mapping: &Mapping, checker: &mut Checker<'_>) {
    for (key, entry) in mapping.effective() {
        let at = entry.key.location;
        match key.as_ref() {
            _ if entry.value.is_null() => {}
            "name" => name(&entry.value, checker),
            "labels" | "annotations" => texts(&key, &entry.value, checker),
            known if FIELDS.contains(&known) => {}
            unknown => {
                let help = closest(unknown, FIELDS.into_iter()).map(|close| format!("did you mean `{close}`?"));
                checker.report(at, format!("unknown field `metadata.{unknown}`"), help, None);
            }
        }
    }
}

/// A name is a DNS subdomain, as for every custom resource.
fn name(node: &Node, checker: &mut Checker<'_>) {
    let at = node.location;
    let Some(text) = node.as_str() else {
        let message = format!("`metadata.name` is {}, not a string", node.kind());
        return checker.report(at, message, Some("put it in quotes".into()), None);
    };
    let is_label = |label: &str| {
        let edge = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        let bytes = label.as_bytes();
        let inner = bytes.iter().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || *byte == b'-');
        edge(bytes.first()) && edge(bytes.last()) && inner
    };
    if text.len() > 253 || !text.split('.').all(is_label) {
        let message = format!("`metadata.name` is `{}`, which is no name of a Kubernetes object", shortened(text));
        let help = "use lower-case letters, digits, `-` and `.`, at most 253 characters";
        checker.report(at, message, Some(help.into()), None);
    }
}

fn texts(key: &str, node: &Node, checker: &mut Checker<'_>) {
    let Some(mapping) = node.as_map() else {
        let message = format!("`metadata.{key}` is {}, not a mapping", node.kind());
        return checker.report(node.location, message, None, None);
    };
    for (name, entry) in mapping.effective() {
        if !entry.value.is_null() && entry.value.as_str().is_none() {
            let (at, kind) = (entry.value.location, entry.value.kind());
            let message = format!("`metadata.{key}[{name:?}]` is {kind}, not a string");
            checker.report(at, message, Some("put it in quotes".into()), None);
        }
    }
}

/// Judges an object inside another (`x-kubernetes-embedded-resource`).
pub(super) fn embedded(mapping: &Mapping, at: Location, checker: &mut Checker<'_>) {
    for key in ["apiVersion", "kind"] {
        if mapping.entry(key).and_then(|entry| entry.value.as_str()).is_none_or(str::is_empty) {
            let path = checker.path().key(key);
            checker.report(at, format!("required field `{path}` is missing"), None, None);
        }
    }
}
