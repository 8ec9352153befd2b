//! What every object has whatever its schema says: `apiVersion`, `kind` and `metadata` (Kubernetes' ObjectMeta).

use super::checker::{Checker, shortened};
use super::source::Schema;
use super::unknown;
use crate::budget::Exceeded;
use crate::kubernetes::{self, Minor};
use crate::text::Location;
use crate::yaml::{Anchor, Node};

/// Judges the metadata of a custom resource that is to be created.
pub(super) fn metadata(object: &Node, at: Location, checker: &mut Checker<'_>) -> Result<(), Exceeded> {
    let Some(entry) = object.entry("metadata") else {
        checker.report(at, "required field `metadata` is missing".into(), Some(NAME_IT.into()), None);
        return Ok(());
    };
    let Some(mapping) = entry.value.as_map() else {
        let message = format!("`metadata` is {}, not a mapping", entry.value.kind());
        checker.report(entry.location(Anchor::Key), message, Some(NAME_IT.into()), None);
        return Ok(());
    };
    let is_named = |key: &str| mapping.entry(key).is_some_and(|entry| !entry.value.is_null());
    if !is_named("name") && !is_named("generateName") {
        let message = "`metadata` has neither `name` nor `generateName`".into();
        checker.report(entry.key.location, message, Some(NAME_IT.into()), None);
    }
    if let Some(text) = mapping.entry("name").and_then(|entry| entry.value.as_str()) {
        let at = mapping.entry("name").map_or(at, |entry| entry.value.location);
        checker.within_key("metadata", |checker| name(text, at, checker));
    }
    fields(object, kubernetes::newest(), checker)
}

const NAME_IT: &str = "give the example a name: `metadata: {name: …}`";

/// Judges the fields of the metadata of an object of whatever kind: the API server decodes them as those of its own kinds
/// (`GetObjectMeta` in `apiextensions-apiserver/pkg/apiserver/schema/objectmeta`).
pub(super) fn fields(object: &Node, minor: Minor, checker: &mut Checker<'_>) -> Result<(), Exceeded> {
    let Some(entry) = object.entry("metadata").filter(|entry| !entry.value.is_null()) else { return Ok(()) };
    let schema = Schema::Own(kubernetes::part("meta.v1.ObjectMeta", minor));
    checker.within_key("metadata", |checker| {
        unknown::fields(&entry.value, schema, false, checker)?;
        checker.value(&entry.value, entry.key.location, schema)
    })
}

/// A name is a DNS subdomain, as for every custom resource.
fn name(text: &str, at: Location, checker: &mut Checker<'_>) {
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

/// Judges an object inside another (`x-kubernetes-embedded-resource`).
pub(super) fn embedded(object: &Node, at: Location, checker: &mut Checker<'_>) -> Result<(), Exceeded> {
    for key in ["apiVersion", "kind"] {
        if object.get(key).and_then(Node::as_str).is_none_or(str::is_empty) {
            let path = checker.path().key(key);
            checker.report(at, format!("required field `{path}` is missing"), None, None);
        }
    }
    fields(object, kubernetes::newest(), checker)
}
