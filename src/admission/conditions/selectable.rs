//! Fields of custom resources that they can be selected by (`ValidateCustomResourceSelectableFields` in
//! `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use std::collections::HashSet;

use super::{Part, Refused, field, text};
use crate::yaml::Node;

/// How many there may be.
const MOST: usize = 8;
/// Types of a field that can be selected by.
const TYPES: [&str; 3] = ["string", "boolean", "integer"];

/// The fields of a version.
pub(super) fn fields(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(given) = part.node.get("selectableFields").and_then(Node::as_seq) else { return };
    let Some(schema) = field(part.node, "schema").and_then(|schema| field(schema, "openAPIV3Schema")) else { return };
    let mut seen = HashSet::new();
    for (index, item) in given.iter().enumerate() {
        let Some((node, way)) = item.get("jsonPath").and_then(|node| Some((node, node.as_str()?))) else { continue };
        let found = kind(schema, way);
        let (what, help) = if way.starts_with(".metadata.") || way == ".metadata" {
            ("which is of the metadata", "leave it out: objects can always be selected by their metadata")
        } else if !seen.insert(way) {
            ("which stands there before", "keep one of the two")
        } else if found.is_none() {
            ("which the schema does not have", "name a field of the schema")
        } else if found.is_some_and(|kind| !TYPES.contains(&kind)) {
            ("which is no text, whole number or boolean", "name a field of one of these types")
        } else {
            continue;
        };
        let path = part.path.key("selectableFields").index(index).key("jsonPath").to_path();
        refused.say(node.location, path.clone(), format!("`{path}` is `{way}`, {what}"), help);
    }
    if seen.len() > MOST {
        refused.of(
            part,
            "selectableFields",
            format!("has {} entries, and at most {MOST} are allowed", seen.len()),
            "leave some out",
        );
    }
}

/// The type of the field that a way leads to, empty where the schema says none; none where there is no such field.
fn kind<'a>(schema: &'a Node, way: &str) -> Option<&'a str> {
    // Names in brackets are left to the API server.
    if way.contains('[') {
        return Some(TYPES[0]);
    }
    let mut at = schema;
    for name in way.strip_prefix('.')?.split('.') {
        let own = at.get("properties").and_then(|properties| properties.get(name));
        let others = || field(at, "additionalProperties").filter(|others| others.as_map().is_some());
        at = own.or_else(others)?;
    }
    Some(text(at, "type"))
}
