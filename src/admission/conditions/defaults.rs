//! Defaults in schemas of custom resources (`ValidateDefaults` in `apiextensions-apiserver/pkg/apiserver/schema/defaulting`): the schema has to
//! take them, and has no unknown field in them. In the metadata of objects there are none (`withForbiddenDefaults` in
//! `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use super::level::{DEPTH, Level, mapping};
use super::{Refused, key_of};
use crate::budget::{Budget, Exceeded};
use crate::schema;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// Judges the default of a schema, where it has one.
pub(super) fn of_schema(
    level: &Level<'_>,
    path: &Trail<'_>,
    budget: &Budget,
    refused: &mut Refused,
) -> Result<(), Exceeded> {
    let Some(given) = level.node.get("default").filter(|given| !given.is_null()) else { return Ok(()) };
    let Some(violation) = schema::default(given, level.node, budget)?.into_iter().next() else { return Ok(()) };
    let path = path.key("default").to_path();
    let message = format!("`{path}` does not fit its own schema: {}", violation.message);
    let help = violation.help.unwrap_or_else(|| "write a value that the schema takes".to_owned());
    refused.say(violation.location, path, message, help);
    Ok(())
}

/// Refuses every default in a schema of what all objects have.
pub(super) fn forbidden(node: &Node, path: &Trail<'_>, depth: usize, refused: &mut Refused) {
    if depth > DEPTH {
        return;
    }
    if let Some(at) = key_of(node, "default").filter(|_| node.get("default").is_some_and(|given| !given.is_null())) {
        let path = path.key("default").to_path();
        let message = format!("`{path}` is a default in the metadata of objects, which cannot have any");
        refused.say(at, path, message, "leave it out");
    }
    for (name, entry) in mapping(node, "properties") {
        forbidden(&entry.value, &path.key("properties").key(&name), depth + 1, refused);
    }
    for key in ["items", "additionalProperties"] {
        if let Some(inner) = node.get(key).filter(|inner| inner.as_map().is_some()) {
            forbidden(inner, &path.key(key), depth + 1, refused);
        }
    }
}

/// Says that defaults were not judged to the end.
pub(super) fn beyond(at: &Node, path: KeyPath, exceeded: &Exceeded, refused: &mut Refused) {
    let message = format!("the defaults from `{path}` on cannot be judged: {exceeded}");
    refused.leave(at.location, path, message);
}
