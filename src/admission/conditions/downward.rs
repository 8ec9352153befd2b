//! What a pod says of itself to its containers, by variables and in files (`core/validation`: `validateObjectFieldSelector`,
//! `validateContainerResourceFieldSelector`).

use super::super::labels::wrong_key;
use super::{Part, Refused, field, key_of, listed, text};
use crate::kubernetes::Quantity;
use crate::text::suggest::nearest;

/// Fields that a variable may be set from; labels and annotations by a key besides.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// Fields that a file may show; labels and annotations by a key besides.
const IN_FILES: [&str; 5] =
    ["metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid"];

pub(super) fn variable(part: &Part<'_, '_>, refused: &mut Refused) {
    of_pod(part, &FIELDS, "which no variable can be set from", refused);
}

/// `validateDownwardAPIVolumeFile`: a file is of no container, so that one is named for its resources.
pub(super) fn file(part: &Part<'_, '_>, refused: &mut Refused) {
    of_pod(part, &IN_FILES, "which no file can show", refused);
    let Some(resource) = field(part.node, "resourceFieldRef").filter(|resource| resource.as_map().is_some()) else {
        return;
    };
    if field(resource, "containerName").is_none_or(|name| name.as_str() == Some("")) {
        let at = key_of(part.node, "resourceFieldRef").unwrap_or(part.at);
        let path = part.path.key("resourceFieldRef");
        refused.missing(
            &Part { name: "", node: resource, at, path: &path, minor: part.minor },
            "containerName",
            "",
            "name the container",
        );
    }
}

/// A field of the pod, or one of its labels or annotations.
fn of_pod(part: &Part<'_, '_>, fields: &[&'static str], cannot: &str, refused: &mut Refused) {
    let Some(reference) = field(part.node, "fieldRef").filter(|reference| reference.as_map().is_some()) else { return };
    let at = key_of(part.node, "fieldRef").unwrap_or(part.at);
    let path = part.path.key("fieldRef");
    let reference = Part { name: "", node: reference, at, path: &path, minor: part.minor };
    let given = text(reference.node, "fieldPath");
    if let Some(key) = subscript(given) {
        // Keys of annotations may be in capitals.
        let key = if given.starts_with("metadata.annotations") { key.to_lowercase() } else { key.to_owned() };
        if let Some(problem) = wrong_key(&key) {
            refused.of(&reference, "fieldPath", format!("is `{given}`, whose key {problem}"), "");
        }
    } else if !given.is_empty() && !fields.contains(&given) {
        let close = nearest(given, fields.iter().copied());
        let help = close
            .map_or_else(|| format!("write one of {}", listed(fields)), |close| format!("did you mean `{close}`?"));
        refused.of(&reference, "fieldPath", format!("is `{given}`, {cannot}"), &help);
    }
}

/// The key in `metadata.labels['KEY']` or `metadata.annotations['KEY']`.
fn subscript(path: &str) -> Option<&str> {
    let rest = ["metadata.labels['", "metadata.annotations['"].iter().find_map(|start| path.strip_prefix(start))?;
    rest.strip_suffix("']")
}

/// Resources of a container that a variable or a file may show.
const SHOWN: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// What amounts may be divided by.
const OF_CPU: [&str; 2] = ["1m", "1"];
const OF_BYTES: [&str; 13] = ["1", "1k", "1M", "1G", "1T", "1P", "1E", "1Ki", "1Mi", "1Gi", "1Ti", "1Pi", "1Ei"];

pub(super) fn resource(part: &Part<'_, '_>, refused: &mut Refused) {
    let name = text(part.node, "resource");
    let is_pages = ["limits.hugepages-", "requests.hugepages-"].iter().any(|start| name.starts_with(start));
    if !name.is_empty() && !is_pages && !SHOWN.contains(&name) {
        let what = format!("is `{name}`, which is no resource of a container that can be shown");
        return refused.of(part, "resource", what, "write `limits.memory` or `requests.cpu`, say");
    }
    let divisor = field(part.node, "divisor").and_then(|node| node.scalar_text());
    let Some((text, amount)) = divisor.and_then(|text| Some((text, Quantity::parse(text)?))) else { return };
    let known: &[&str] = if name.ends_with(".cpu") { &OF_CPU } else { &OF_BYTES };
    let is_known = known.iter().any(|known| Quantity::parse(known) == Some(amount));
    if !name.is_empty() && !is_known && !amount.is_zero() {
        let what = format!("is `{text}`, and can be {} for `{name}`", listed(known));
        refused.of(part, "divisor", what, "");
    }
}
