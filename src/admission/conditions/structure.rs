//! Schemas of custom resources, which have to be structural (`ValidateStructural` in `apiextensions-apiserver/pkg/apiserver/schema` and
//! `ValidateCustomResourceDefinitionOpenAPISchema` beside it): every field has a type, and conditions add none.

use super::{Part, Refused, field, key_of, listed, text};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{Mapping, Node};

/// Levels that are looked into; what is deeper the schema's own bound ends.
const DEPTH: usize = 96;
/// Types of values.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// Keywords that no schema of a custom resource may have.
const FORBIDDEN: [&str; 6] = ["$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"];
/// Keywords with conditions, each a schema or a list of schemas.
const CONDITIONS: [&str; 4] = ["allOf", "anyOf", "oneOf", "not"];
/// What a condition may not say: it belongs to the field itself.
const OWN: [&str; 7] = [
    "additionalProperties",
    "default",
    "description",
    "nullable",
    "title",
    "type",
    "x-kubernetes-preserve-unknown-fields",
];
/// A number or a text.
const EITHER: &str = "x-kubernetes-int-or-string";
/// Fields that the schema does not name are kept.
const KEPT: &str = "x-kubernetes-preserve-unknown-fields";

/// The schema of a version.
pub(super) fn schema(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(root) = field(part.node, "openAPIV3Schema").filter(|schema| schema.as_map().is_some()) else { return };
    let path = part.path.key("openAPIV3Schema");
    let at = key_of(part.node, "openAPIV3Schema").unwrap_or(part.at);
    let kind = text(root, "type");
    if kind != "object" {
        let path = path.key("type").to_path();
        let place = root.get("type").map_or(at, |node| node.location);
        let message = match kind {
            "" => format!("required field `{path}` is missing"),
            kind => format!("`{path}` is `{kind}`, and has to be `object`"),
        };
        refused.say(place, path, message, "write `type: object`");
    }
    of_field(&Level { node: root, at, depth: 0, is_root: true }, &path, refused);
}

/// A schema on the way.
struct Level<'a> {
    node: &'a Node,
    at: Location,
    depth: usize,
    is_root: bool,
}

fn of_field(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let Level { node, at, depth, is_root } = *level;
    if depth > DEPTH || node.as_map().is_none() {
        return;
    }
    let is = |key: &str| node.get(key).and_then(Node::as_bool) == Some(true);
    let kind = text(node, "type");
    let is_free = is_root || is(EITHER) || is(KEPT) || field(node, "$ref").is_some();
    if kind.is_empty() && !is_free && node.get("type").is_none_or(|kind| kind.scalar_text().is_some()) {
        let path = path.key("type").to_path();
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "say what the field holds");
    } else if !kind.is_empty() && !TYPES.contains(&kind) {
        let path = path.key("type").to_path();
        let place = node.get("type").map_or(at, |node| node.location);
        refused.say(place, path.clone(), format!("`{path}` is `{kind}`"), format!("write one of {}", listed(&TYPES)));
    }
    keywords(level, path, refused);
    values(level, path, refused);
    lists(level, path, refused);
    super::rules::of_schema(node, is_root, path, refused);
    for (name, entry) in mapping(node, "properties") {
        let inner = Level { node: &entry.value, at: entry.key.location, depth: depth + 1, is_root: false };
        // What every object has is Kubernetes' own.
        let is_own = is_root && ["apiVersion", "kind", "metadata"].contains(&&*name);
        if !is_own {
            of_field(&inner, &path.key("properties").key(&name), refused);
        }
    }
    for key in ["items", "additionalProperties"] {
        let Some(entry) = node.entry(key).filter(|entry| entry.value.as_map().is_some()) else { continue };
        let inner = Level { node: &entry.value, at: entry.key.location, depth: depth + 1, is_root: false };
        of_field(&inner, &path.key(key), refused);
    }
    // `anyOf` of a number and a text is how a field that takes both was written before it had a keyword.
    if !is(EITHER) {
        conditions(node, path, depth, refused);
    }
}

fn mapping<'a>(node: &'a Node, key: &str) -> Vec<(std::borrow::Cow<'a, str>, &'a crate::yaml::Entry)> {
    node.get(key).and_then(Node::as_map).map(Mapping::effective).unwrap_or_default()
}

/// The conditions of a schema.
fn conditions(node: &Node, path: &Trail<'_>, depth: usize, refused: &mut Refused) {
    for key in CONDITIONS {
        let Some(given) = node.get(key) else { continue };
        let path = path.key(key);
        match given.as_seq() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    of_condition(item, depth + 1, &path.index(index), refused);
                }
            }
            None => of_condition(given, depth + 1, &path, refused),
        }
    }
}

/// Keywords that are refused wherever they stand.
fn keywords(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let node = level.node;
    let mut refuse = |key: &str, what: &str, help: &str| {
        let at = key_of(node, key).unwrap_or(level.at);
        let path = path.key(key).to_path();
        refused.say(at, path.clone(), format!("`{path}` {what}"), help);
    };
    for key in FORBIDDEN.into_iter().filter(|key| field(node, key).is_some()) {
        refuse(key, "is not for schemas of custom resources", "write out what it stands for");
    }
    if node.get("uniqueItems").and_then(Node::as_bool) == Some(true) {
        refuse("uniqueItems", "cannot be true", "write `x-kubernetes-list-type: set`");
    }
    if node.get("additionalProperties").and_then(Node::as_bool) == Some(false) {
        refuse("additionalProperties", "cannot be false", "leave it out: what the schema does not name is dropped");
    } else if field(node, "additionalProperties").is_some_and(|each| each.as_map().is_some())
        && !mapping(node, "properties").is_empty()
    {
        refuse("additionalProperties", "stands beside `properties`", "keep one of them");
    }
    if node.get(KEPT).and_then(Node::as_bool) == Some(false) {
        refuse(KEPT, "cannot be false", "leave it out");
    }
    if node.get("items").is_some_and(|items| items.as_seq().is_some()) {
        refuse("items", "is a list", "write one schema that all items have");
    }
}

/// A pattern that is none (`validatePattern`), and a default of another type (`ValidateDefaults`).
fn values(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let (node, kind) = (level.node, text(level.node, "type"));
    if let Some((at, pattern)) = node.get("pattern").and_then(|at| Some((at, at.as_str()?)))
        && let Err(reason) = crate::template::go::regex::translate(pattern)
    {
        let path = path.key("pattern").to_path();
        let message = format!("`{path}` is `{pattern}`, which is no regular expression of Go: {reason}");
        refused.say(at.location, path, message, "");
    }
    let Some(given) = field(node, "default").filter(|_| node.get(EITHER).is_none()) else { return };
    let fits = match kind {
        "array" => given.as_seq().is_some(),
        "boolean" => given.as_bool().is_some(),
        "integer" | "number" => given.as_str().is_none() && given.as_bool().is_none() && given.scalar_text().is_some(),
        "object" => given.as_map().is_some(),
        "string" => given.as_str().is_some(),
        _ => true,
    };
    if !fits {
        let path = path.key("default").to_path();
        let message = format!("`{path}` is {}, and the field is of type `{kind}`", given.kind());
        refused.say(given.location, path, message, "write a value of that type");
    }
}

/// `x-kubernetes-list-type` and what it asks of the items.
fn lists(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let node = level.node;
    let kind = text(node, "type");
    if kind == "array" && field(node, "items").is_none() {
        let path = path.key("items").to_path();
        refused.say(level.at, path.clone(), format!("required field `{path}` is missing"), "say what the items are");
    }
    let Some(list) = node.get("x-kubernetes-list-type") else { return };
    let keys = node.get("x-kubernetes-list-map-keys").and_then(Node::as_seq).unwrap_or_default();
    let path = path.key("x-kubernetes-list-type");
    match list.as_str() {
        Some("map") if keys.is_empty() => {
            let message = format!("`{}` is `map`, and there are no `x-kubernetes-list-map-keys`", path.to_path());
            refused.say(list.location, path.to_path(), message, "list the keys that make an item unique");
        }
        Some("map") => {
            let properties = field(node, "items").map(|items| mapping(items, "properties")).unwrap_or_default();
            let items = field(node, "items");
            let required = items.and_then(|items| items.get("required")?.as_seq()).unwrap_or_default();
            for (node, key) in keys.iter().filter_map(|node| Some((node, node.as_str()?))) {
                let property = properties.iter().find(|(name, _)| name == key).map(|(_, entry)| &entry.value);
                let is_given = required.iter().any(|name| name.as_str() == Some(key));
                let (what, help) = match property {
                    None => ("no property of the items", "name a property of the items"),
                    Some(property) if !is_given && field(property, "default").is_none() => (
                        "a property that an item may lack",
                        "list it under `required` of the items, or give it a `default`",
                    ),
                    Some(_) => continue,
                };
                let message = format!("`x-kubernetes-list-map-keys` names `{key}`, which is {what}");
                refused.say(node.location, path.to_path(), message, help);
            }
        }
        Some("atomic" | "set" | "") | None => {}
        Some(other) => {
            let message = format!("`{}` is `{other}`", path.to_path());
            refused.say(list.location, path.to_path(), message, "write `atomic`, `set` or `map`");
        }
    }
}

/// A condition says nothing that a field says of itself.
fn of_condition(node: &Node, depth: usize, path: &Trail<'_>, refused: &mut Refused) {
    if depth > DEPTH || node.as_map().is_none() {
        return;
    }
    for key in OWN {
        let given = field(node, key).is_some_and(|value| value.as_str() != Some("") && value.as_bool() != Some(false));
        if let Some(at) = key_of(node, key).filter(|_| given) {
            let path = path.key(key).to_path();
            let message = format!("`{path}` stands in a condition");
            refused.say(at, path, message, "say it of the field itself, outside of the condition");
        }
    }
    for (name, entry) in mapping(node, "properties") {
        of_condition(&entry.value, depth + 1, &path.key("properties").key(&name), refused);
    }
    if let Some(items) = field(node, "items") {
        of_condition(items, depth + 1, &path.key("items"), refused);
    }
    conditions(node, path, depth, refused);
}
