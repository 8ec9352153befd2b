//! Objects that a schema stands for, whole or inside of others: what it may say of their type, kind and metadata
//! (`validateStructuralInvariants` in `apiextensions-apiserver/pkg/apiserver/schema`).

use super::level::{Level, mapping};
use super::{Refused, field, key_of, text};
use crate::yaml::path::Trail;
use crate::yaml::{Mapping, Node};

const EMBEDDED: &str = "x-kubernetes-embedded-resource";
const KEPT: &str = "x-kubernetes-preserve-unknown-fields";
const EITHER: &str = "x-kubernetes-int-or-string";
/// What the schema of an object's metadata may hold besides `properties`.
const PASSED: [&str; 4] = ["default", "example", "properties", "type"];

/// Whether a schema is of a whole object inside of another.
pub(super) fn is_embedded(node: &Node) -> bool {
    is(node, EMBEDDED)
}

fn is(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

/// What a schema says of whole objects.
pub(super) fn of_schema(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let node = level.node;
    let mut say = |key: &str, what: &str, help: &str| {
        let (at, path) = (key_of(node, key).unwrap_or(level.at), path.key(key).to_path());
        refused.say(at, path.clone(), format!("`{path}` {what}"), help);
    };
    if is(node, EITHER) {
        for key in [KEPT, EMBEDDED].into_iter().filter(|key| is(node, key)) {
            say(key, &format!("stands beside `{EITHER}`"), "keep one of them");
        }
    }
    // That it is `false` is said of any schema.
    let is_given = field(node, "additionalProperties").is_some_and(|others| others.as_bool() != Some(false));
    if level.is_root && is_given {
        say("additionalProperties", "cannot stand at the root", "name the fields under `properties`");
    }
    if level.is_root && is(node, "nullable") {
        say("nullable", "cannot be true at the root", "leave it out");
    }
    let (is_whole, properties) = (is_embedded(node), mapping(node, "properties"));
    if is_whole && !is(node, EITHER) {
        if text(node, "type") != "object" {
            say("type", &format!("has to be `object` with `{EMBEDDED}`"), "write `type: object`");
        }
        if field(node, "additionalProperties").is_some() {
            say("additionalProperties", &format!("stands beside `{EMBEDDED}`"), "name the fields under `properties`");
        } else if properties.is_empty() && !is(node, KEPT) {
            say(EMBEDDED, "stands without `properties`", &format!("name the fields, or add `{KEPT}: true`"));
        }
    }
    if !is_whole && !level.is_root {
        return;
    }
    let below = path.key("properties");
    for (name, entry) in properties {
        let wanted = match &*name {
            "apiVersion" | "kind" => "string",
            "metadata" => "object",
            _ => continue,
        };
        let path = below.key(&name);
        let at = entry.value.get("type").map_or(entry.key.location, |node| node.location);
        if entry.value.as_map().is_some() && text(&entry.value, "type") != wanted {
            let path = path.key("type").to_path();
            refused.say(at, path.clone(), format!("`{path}` has to be `{wanted}`"), format!("write `type: {wanted}`"));
        } else if let Some(key) = restricting(&entry.value).filter(|_| &*name == "metadata" && level.is_root) {
            let path = path.to_path();
            let at = key_of(&entry.value, &key).unwrap_or(entry.key.location);
            let message = format!("`{path}` may describe only `name` and `generateName`, and has `{key}`");
            refused.say(at, path, message, "write `metadata: {type: object}`: it is the same in every object");
        }
    }
}

/// What the schema of an object's metadata says besides of its names.
fn restricting(node: &Node) -> Option<String> {
    let is_empty = |node: &Node| {
        node.is_null()
            || node.as_bool() == Some(false)
            || node.as_str() == Some("")
            || node.as_map().is_some_and(|map| map.entries().is_empty())
            || node.as_seq().is_some_and(<[Node]>::is_empty)
    };
    let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
    let own = entries.into_iter().find(|(key, entry)| !PASSED.contains(&&**key) && !is_empty(&entry.value));
    let is_name = |name: &str| ["name", "generateName"].contains(&name);
    let named =
        || mapping(node, "properties").into_iter().find(|(name, _)| !is_name(name)).map(|_| "properties".into());
    own.map(|(key, _)| key.into_owned()).or_else(named)
}
