//! Schemas of custom resources, which have to be structural (`ValidateStructural` in `apiextensions-apiserver/pkg/apiserver/schema` and
//! `ValidateCustomResourceDefinitionOpenAPISchema` beside it): every field has a type, and conditions add none.

use std::cell::Cell;

use super::level::{DEPTH, Level, Place, mapping};
use super::{Part, Refused, defaults, field, key_of, listed, listing, metas, text};
use crate::budget::Budget;
use crate::schema;
use crate::text::Location;
use crate::yaml::Node;
use crate::yaml::path::Trail;

/// Types of values.
const TYPES: [&str; 6] = ["array", "boolean", "integer", "number", "object", "string"];
/// Keywords that no schema of a custom resource may have.
const FORBIDDEN: [&str; 6] = ["$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"];
/// Keywords with conditions, each a schema or a list of schemas.
const CONDITIONS: [&str; 4] = ["allOf", "anyOf", "oneOf", "not"];
/// What a condition may not say: it belongs to the field itself.
const OWN: [&str; 14] = [
    "additionalProperties",
    "default",
    "description",
    "externalDocs",
    "nullable",
    "title",
    "type",
    "x-kubernetes-embedded-resource",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
];
/// What the root of a schema may not say where the status is judged apart from the rest (`allowedFieldsAtRootSchema`).
const NOT_WITH_STATUS: [&str; 15] = [
    "$ref",
    "$schema",
    "additionalItems",
    "allOf",
    "anyOf",
    "default",
    "definitions",
    "dependencies",
    "enum",
    "id",
    "maxProperties",
    "minProperties",
    "not",
    "oneOf",
    "x-kubernetes-map-type",
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
    let walk = Walk { budget: schema::budget(), is_over: Cell::new(false) };
    walk.of_field(
        &Level {
            node: root,
            at,
            depth: 0,
            is_root: true,
            is_meta: false,
            place: Place { is_whole: true, ..Place::default() },
        },
        &path,
        refused,
    );
    complete(root, root, &path, 0, refused);
}

/// The root of a schema whose status is a subresource (`validateCustomResourceDefinitionValidation`).
pub(super) fn with_status(part: &Part<'_, '_>, refused: &mut Refused) {
    let has_status = field(part.node, "subresources").and_then(|parts| field(parts, "status")).is_some();
    let root = field(part.node, "schema").and_then(|schema| field(schema, "openAPIV3Schema"));
    let Some(root) = root.filter(|_| has_status) else { return };
    let is_said = |node: &Node| node.as_seq().is_none_or(|items| !items.is_empty()) && node.as_str() != Some("");
    for key in NOT_WITH_STATUS.into_iter().filter(|key| field(root, key).is_some_and(is_said)) {
        let path = part.path.key("schema").key("openAPIV3Schema").key(key).to_path();
        let message = format!("`{path}` cannot stand at the root, as `status` is a subresource");
        refused.say(key_of(root, key).unwrap_or(part.at), path, message, "say it of `spec`, or as a rule in CEL");
    }
}

/// What goes along through a schema.
struct Walk {
    budget: Budget,
    /// Whether the budget is spent, which is said once.
    is_over: Cell<bool>,
}

impl Walk {
    fn of_field(&self, level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
        let Level { node, depth, is_root, is_meta, place, .. } = *level;
        if depth > DEPTH || node.as_map().is_none() {
            return;
        }
        types(level, path, refused);
        keywords(level, path, refused);
        pattern(node, path, refused);
        listing::of_schema(level, path, refused);
        metas::of_schema(level, path, refused);
        self.default(level, path, refused);
        super::rules::of_schema(node, place, path, refused);
        let is_whole = place.is_whole;
        let is_atomic = text(node, "x-kubernetes-map-type") == "atomic";
        for (name, entry) in mapping(node, "properties") {
            let is_own = is_whole && ["apiVersion", "kind", "metadata"].contains(&&*name);
            if is_own && is_root {
                // What every object has is Kubernetes' own.
                defaults::forbidden(&entry.value, &path.key("properties").key(&name), depth + 1, refused);
            } else {
                let (node, at) = (&entry.value, entry.key.location);
                let is_meta = is_own || (is_meta && !is_whole);
                let is_lost = place.is_lost || is_atomic;
                let place = Place { is_whole: metas::is_embedded(node), is_lost, ..place };
                let inner = Level { node, at, depth: depth + 1, is_root: false, is_meta, place };
                self.of_field(&inner, &path.key("properties").key(&name), refused);
            }
        }
        let is_list_of_keys = text(node, "x-kubernetes-list-type") == "map";
        for (key, bound) in [("items", "maxItems"), ("additionalProperties", "maxProperties")] {
            let Some(entry) = node.entry(key).filter(|entry| entry.value.as_map().is_some()) else { continue };
            let (node, at) = (&entry.value, entry.key.location);
            if is_meta && key == "additionalProperties" {
                defaults::forbidden(node, &path.key(key), depth + 1, refused);
            }
            let place = Place {
                is_whole: metas::is_embedded(node),
                is_many: place.is_many || level.node.get(bound).is_none(),
                is_lost: place.is_lost || (key == "items" && !is_list_of_keys),
            };
            let inner = Level { node, at, depth: depth + 1, is_root: false, is_meta, place };
            self.of_field(&inner, &path.key(key), refused);
        }
        conditions(node, path, depth, refused);
    }

    fn default(&self, level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
        if level.is_meta || level.is_root || self.is_over.get() {
            return;
        }
        if let Err(exceeded) = defaults::of_schema(level, path, &self.budget, refused) {
            self.is_over.set(true);
            defaults::beyond(level.node, path.to_path(), &exceeded, refused);
        }
    }
}

/// Every field says what it holds.
fn types(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let Level { node, at, is_root, .. } = *level;
    let is = |key: &str| node.get(key).and_then(Node::as_bool) == Some(true);
    let kind = text(node, "type");
    let is_free = is_root || is(EITHER) || is(KEPT) || metas::is_embedded(node) || field(node, "$ref").is_some();
    if kind.is_empty() && !is_free && node.get("type").is_none_or(|kind| kind.scalar_text().is_some()) {
        let path = path.key("type").to_path();
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "say what the field holds");
    } else if !kind.is_empty() && !TYPES.contains(&kind) {
        let path = path.key("type").to_path();
        let place = node.get("type").map_or(at, |node| node.location);
        refused.say(place, path.clone(), format!("`{path}` is `{kind}`"), format!("write one of {}", listed(&TYPES)));
    }
    if kind == "array" && field(node, "items").is_none() {
        let path = path.key("items").to_path();
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "say what the items are");
    }
}

/// The conditions of a schema. `anyOf` of a number and a text, alone or first in `allOf`, is how a field that takes both was written before it
/// had a keyword, and is taken (`isIntOrStringAnyOfPattern`).
fn conditions(node: &Node, path: &Trail<'_>, depth: usize, refused: &mut Refused) {
    for key in CONDITIONS {
        let Some(given) = node.get(key).filter(|given| !(key == "anyOf" && is_either(given))) else { continue };
        let path = path.key(key);
        match given.as_seq() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    let is_first = key == "allOf" && index == 0;
                    of_condition(item, depth + 1, is_first, &path.index(index), refused);
                }
            }
            None => of_condition(given, depth + 1, false, &path, refused),
        }
    }
}

/// Whether alternatives are a whole number and a text, in this order, and say nothing else.
fn is_either(given: &Node) -> bool {
    let is = |node: &Node, kind: &str| {
        text(node, "type") == kind && node.as_map().is_some_and(|mapping| mapping.entries().len() == 1)
    };
    matches!(given.as_seq(), Some([first, second]) if is(first, "integer") && is(second, "string"))
}

/// What conditions at the root say of fields is said of fields that the schema has (`validateStructuralCompleteness`).
fn complete(condition: &Node, schema: &Node, path: &Trail<'_>, depth: usize, refused: &mut Refused) {
    if depth > DEPTH {
        return;
    }
    for key in CONDITIONS {
        let Some(given) = condition.get(key) else { continue };
        let path = path.key(key);
        match given.as_seq() {
            Some(items) => {
                for (index, item) in items.iter().enumerate() {
                    complete_below(item, schema, &path.index(index), depth + 1, refused);
                }
            }
            None => complete_below(given, schema, &path, depth + 1, refused),
        }
    }
}

fn complete_below(condition: &Node, schema: &Node, path: &Trail<'_>, depth: usize, refused: &mut Refused) {
    complete(condition, schema, path, depth, refused);
    if let Some(items) = condition.entry("items").filter(|entry| entry.value.as_map().is_some()) {
        match field(schema, "items") {
            Some(schema) => complete_below(&items.value, schema, &path.key("items"), depth + 1, refused),
            None => lacking(items.key.location, &path.key("items"), refused),
        }
    }
    let (known, below) = (mapping(schema, "properties"), path.key("properties"));
    for (name, entry) in mapping(condition, "properties") {
        match known.iter().find(|(known, _)| *known == name) {
            Some((_, schema)) => complete_below(&entry.value, &schema.value, &below.key(&name), depth + 1, refused),
            None => lacking(entry.key.location, &below.key(&name), refused),
        }
    }
}

fn lacking(at: Location, path: &Trail<'_>, refused: &mut Refused) {
    let path = path.to_path();
    let message = format!("`{path}` is of a field that the schema does not have outside of conditions");
    refused.say(at, path, message, "add the field to the schema itself");
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

/// A pattern that is none (`validatePattern`).
fn pattern(node: &Node, path: &Trail<'_>, refused: &mut Refused) {
    if let Some((at, pattern)) = node.get("pattern").and_then(|at| Some((at, at.as_str()?)))
        && let Err(reason) = crate::template::go::regex::translate(pattern)
    {
        let path = path.key("pattern").to_path();
        let message = format!("`{path}` is `{pattern}`, which is no regular expression of Go: {reason}");
        refused.say(at.location, path, message, "");
    }
}

/// A condition says nothing that a field says of itself.
fn of_condition(node: &Node, depth: usize, is_first: bool, path: &Trail<'_>, refused: &mut Refused) {
    if depth > DEPTH || node.as_map().is_none() {
        return;
    }
    for key in OWN {
        let is_said = |value: &Node| {
            let is_empty = value.as_seq().is_some_and(<[Node]>::is_empty) || value.as_str() == Some("");
            !is_empty && value.as_bool() != Some(false)
        };
        let given = field(node, key).is_some_and(is_said);
        if let Some(at) = key_of(node, key).filter(|_| given) {
            let path = path.key(key).to_path();
            let message = format!("`{path}` stands in a condition");
            refused.say(at, path, message, "say it of the field itself, outside of the condition");
        }
    }
    let below = path.key("properties");
    for (name, entry) in mapping(node, "properties") {
        let path = below.key(&name);
        if name == "metadata" {
            let path = path.to_path();
            let message = format!("`{path}` stands in a condition");
            refused.say(entry.key.location, path, message, "say it as a rule in CEL (`x-kubernetes-validations`)");
        }
        of_condition(&entry.value, depth + 1, false, &path, refused);
    }
    if let Some(items) = field(node, "items") {
        of_condition(items, depth + 1, false, &path.key("items"), refused);
    }
    // Of the first in `allOf`, `anyOf` may be what stands for both types; elsewhere it may not.
    let either = node.get("anyOf").filter(|given| !is_first && is_either(given)).and_then(Node::as_seq);
    for (index, item) in either.unwrap_or_default().iter().enumerate() {
        of_condition(item, depth + 1, false, &path.key("anyOf").index(index), refused);
    }
    conditions(node, path, depth, refused);
}
