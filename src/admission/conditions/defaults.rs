//! Defaults in schemas of custom resources (`ValidateDefaults` in `apiextensions-apiserver/pkg/apiserver/schema/defaulting`): the schema has to
//! take them, and has no unknown field in them.

use super::Refused;
use super::level::Level;
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
    let Some(violation) = schema::part(given, level.node, budget)?.into_iter().next() else { return Ok(()) };
    let path = path.key("default").to_path();
    let part = |inner: &KeyPath| if inner.0.is_empty() { "it".to_owned() } else { format!("`{inner}`") };
    let what = match violation.message.strip_prefix("the object ") {
        Some(rest) => rest.to_owned(),
        None => format!("has what the schema refuses at {}: {}", part(&violation.path), violation.message),
    };
    let message = format!("`{path}` {what}");
    refused.say(
        violation.location,
        path,
        message,
        violation.help.unwrap_or_else(|| "write a value that the schema takes".to_owned()),
    );
    Ok(())
}

/// Says that defaults were not judged to the end.
pub(super) fn beyond(at: &Node, path: KeyPath, exceeded: &Exceeded, refused: &mut Refused) {
    let message = format!("cannot judge the defaults of `{path}`: {exceeded}");
    refused.leave(at.location, path, message);
}
