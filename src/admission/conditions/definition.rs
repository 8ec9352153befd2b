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
    if stored != 1 {
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
    for key in ["kind", "listKind"] {
        let name = text(part.node, key);
        if !name.is_empty() && !is_label(&name.to_lowercase()) {
            let what = format!("is `{name}`, and has to start with a letter and have letters, digits and `-` alone");
            refused.of(part, key, what, "write it as `MyKind`");
        }
    }
    let (kind, list) = (text(part.node, "kind"), text(part.node, "listKind"));
    if !kind.is_empty() && kind == list {
        refused.of(part, "listKind", "is the same as `kind`", &format!("write `{kind}List`"));
    }
    for key in ["shortNames", "categories"] {
        for (index, node) in part.node.items(key).iter().enumerate() {
            let Some(name) = node.as_str().filter(|name| !is_label(name)) else { continue };
            let path = part.path.key(key).index(index).to_path();
            let message = format!(
                "`{path}` is `{name}`, and has to start with a letter and have lower-case letters, digits and `-` alone"
            );
            refused.say(node.location, path, message, "");
        }
    }
}

/// Says in a definition of a group of Kubernetes' own who approved it.
const APPROVED: &str = "api-approved.kubernetes.io";

/// `validateAPIApproval`: groups of Kubernetes' community are for what was approved there.
pub(super) fn approval(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = field(part.node, "spec") else { return };
    let group = text(spec, "group");
    let is_protected =
        ["k8s.io", "kubernetes.io"].iter().any(|own| group == *own || group.ends_with(&format!(".{own}")));
    if !is_protected {
        return;
    }
    let metadata = field(part.node, "metadata");
    let annotation = metadata.and_then(|metadata| field(metadata, "annotations")?.get(APPROVED));
    let (given, path) = (annotation.and_then(Node::as_str).unwrap_or_default(), KeyPath::dotted("spec.group"));
    let is_url = given.split_once("://").is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty());
    if is_url || given.starts_with("unapproved") {
        return;
    }
    let at = annotation.map(|node| node.location).or_else(|| spec.get("group").map(|node| node.location));
    let lack = if given.is_empty() { "is not there".to_owned() } else { format!("is `{given}`, which is no URL") };
    let message = format!("`{path}` is `{group}`, a group of Kubernetes' own, and its approval `{APPROVED}` {lack}");
    refused.say(at.unwrap_or(part.at), path, message, "name a domain of your own as group, or the URL of the approval");
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

/// Longest warning of a version.
const WARNING: usize = 256;

/// `validateDeprecationWarning`.
pub(super) fn warning(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(given) = field(part.node, "deprecationWarning").and_then(Node::as_str) else { return };
    if part.node.get("deprecated").and_then(Node::as_bool) != Some(true) {
        refused.of(
            part,
            "deprecationWarning",
            "is for deprecated versions alone",
            "set `deprecated: true`, or leave it out",
        );
    } else if given.is_empty() || given.len() > WARNING || given.chars().any(char::is_control) {
        let what = format!("has to be one line of 1 to {WARNING} characters");
        refused.of(part, "deprecationWarning", what, "shorten it");
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

/// Versions in which the API server asks a webhook to convert.
const REVIEWS: [&str; 2] = ["v1", "v1beta1"];

/// `validateConversionReviewVersions`.
pub(super) fn reviews(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(versions) = part.node.get("conversionReviewVersions").and_then(Node::as_seq) else { return };
    let names: Vec<&str> = versions.iter().filter_map(Node::as_str).collect();
    let (key, mut seen) = ("conversionReviewVersions", HashSet::new());
    if let Some(twice) = names.iter().find(|name| !seen.insert(**name)) {
        refused.of(part, key, format!("names `{twice}` twice"), "keep one of them");
    } else if let Some(name) = names.iter().find(|name| !is_label(name)) {
        refused.of(part, key, format!("names `{name}`, which is no version"), "write `v1`");
    } else if names.len() == versions.len() && !names.iter().any(|name| REVIEWS.contains(name)) {
        let what = format!("has none of {}, which the API server speaks", listed(&REVIEWS));
        refused.of(part, key, what, "add `v1`");
    }
}
