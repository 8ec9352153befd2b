//! Custom resource definitions (`ValidateCustomResourceDefinition` in `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use std::collections::HashSet;

use super::super::labels::is_subdomain;
use super::{Part, Refused, field, listed, text};
use crate::yaml::{KeyPath, Node};

/// `ValidateCustomResourceDefinition`: the object is named after what it defines.
pub(super) fn whole(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = field(part.node, "spec") else { return };
    let plural = field(spec, "names").map_or("", |names| text(names, "plural"));
    let group = text(spec, "group");
    let path = KeyPath::dotted("metadata.name");
    let Some(node) = part.node.at(&path).filter(|_| !plural.is_empty() && !group.is_empty()) else { return };
    let (given, wanted) = (node.as_str().unwrap_or_default(), format!("{plural}.{group}"));
    if !given.is_empty() && given != wanted {
        let message = format!("`{path}` is `{given}`, and has to be plural and group: `{wanted}`");
        refused.say(node.location, path, message, format!("write `{wanted}`"));
    }
}

/// `validateCustomResourceDefinitionSpec`.
pub(super) fn spec(part: &Part<'_, '_>, refused: &mut Refused) {
    let group = text(part.node, "group");
    if !group.is_empty() && (!group.contains('.') || !is_subdomain(group)) {
        refused.of(
            part,
            "group",
            format!("is `{group}`, and has to be a domain with a dot"),
            "write it as `example.com`",
        );
    }
    if part.node.get("preserveUnknownFields").and_then(Node::as_bool) == Some(true) {
        let help = "set `x-kubernetes-preserve-unknown-fields: true` in the schema instead";
        refused.of(part, "preserveUnknownFields", "cannot be true in `apiextensions.k8s.io/v1`", help);
    }
    let Some(versions) = part.node.get("versions").and_then(Node::as_seq) else { return };
    let is_stored = |version: &&Node| version.get("storage").and_then(Node::as_bool) == Some(true);
    let stored = versions.iter().filter(is_stored).count();
    if stored != 1 && !versions.is_empty() {
        let what = format!("stores {stored} versions, and has to store one");
        refused.of(part, "versions", what, "set `storage: true` in exactly one version");
    }
    let mut seen = HashSet::new();
    for (index, version) in versions.iter().enumerate() {
        let name = text(version, "name");
        if let Some(node) = version.get("name").filter(|_| !name.is_empty() && !is_label(name)) {
            let path = part.path.key("versions").index(index).key("name").to_path();
            let message = format!(
                "`{path}` is `{name}`, and has to start with a letter and have lower-case letters, digits and `-` alone"
            );
            refused.say(node.location, path, message, "write it as `v1beta1`");
        }
        if let Some(node) = version.get("name").filter(|_| !name.is_empty() && !seen.insert(name)) {
            let path = part.path.key("versions").index(index).key("name").to_path();
            refused.say(node.location, path.clone(), format!("`{path}` repeats `{name}`"), "give each version a name");
        }
    }
}

/// `ValidateCustomResourceDefinitionNames`.
pub(super) fn names(part: &Part<'_, '_>, refused: &mut Refused) {
    for key in ["plural", "singular"] {
        let name = text(part.node, key);
        if !name.is_empty() && !is_label(name) {
            let what = format!(
                "is `{name}`, and has to start with a letter and have lower-case letters, digits and `-` alone"
            );
            refused.of(part, key, what, "");
        }
    }
    let (kind, list) = (text(part.node, "kind"), text(part.node, "listKind"));
    if !kind.is_empty() && kind == list {
        refused.of(part, "listKind", "is the same as `kind`", &format!("write `{kind}List`"));
    }
    for (index, node) in part.node.get("shortNames").and_then(Node::as_seq).unwrap_or_default().iter().enumerate() {
        let Some(name) = node.as_str().filter(|name| !is_label(name)) else { continue };
        let path = part.path.key("shortNames").index(index).to_path();
        let message = format!("`{path}` is `{name}`, and may have lower-case letters, digits and `-` alone");
        refused.say(node.location, path, message, "");
    }
}

/// A label of DNS that starts with a letter (RFC 1035).
fn is_label(text: &str) -> bool {
    text.len() <= 63
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && is_subdomain(text)
        && !text.contains('.')
}

/// `validateCustomResourceDefinitionVersion`: each version has a schema.
pub(super) fn version(part: &Part<'_, '_>, refused: &mut Refused) {
    let schema = field(part.node, "schema").and_then(|schema| field(schema, "openAPIV3Schema"));
    if schema.is_none() {
        let help = "write one; `type: object` with `x-kubernetes-preserve-unknown-fields: true` takes everything";
        refused.missing(part, "schema", "", help);
    }
}

/// Types of columns.
const COLUMNS: [&str; 5] = ["integer", "number", "string", "boolean", "date"];

/// `ValidateCustomResourceColumnDefinition`.
pub(super) fn column(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = text(part.node, "type");
    if !kind.is_empty() && !COLUMNS.contains(&kind) {
        refused.of(part, "type", format!("is `{kind}`"), &format!("write one of {}", listed(&COLUMNS)));
    }
    path_below(part, "jsonPath", &["."], refused);
}

/// `ValidateCustomResourceDefinitionSubresources`: where the numbers stand.
pub(super) fn scale(part: &Part<'_, '_>, refused: &mut Refused) {
    path_below(part, "specReplicasPath", &[".spec."], refused);
    path_below(part, "statusReplicasPath", &[".status."], refused);
    path_below(part, "labelSelectorPath", &[".spec.", ".status."], refused);
}

fn path_below(part: &Part<'_, '_>, key: &str, starts: &[&str], refused: &mut Refused) {
    let path = text(part.node, key);
    if !path.is_empty() && !starts.iter().any(|start| path.starts_with(start)) {
        refused.of(part, key, format!("is `{path}`, and has to begin with {}", listed(starts)), "");
    }
}

/// `validateCustomResourceConversion`: who is asked, and in which versions.
pub(super) fn conversion(part: &Part<'_, '_>, refused: &mut Refused) {
    let has_webhook = field(part.node, "webhook").is_some();
    match text(part.node, "strategy") {
        "Webhook" if !has_webhook => {
            refused.missing(part, "webhook", ": the strategy is `Webhook`", "say who converts");
        }
        "None" if has_webhook => {
            refused.of(part, "webhook", "is for the strategy `Webhook` alone", "leave it out");
        }
        _ => {}
    }
}
