//! `x-kubernetes-list-type` and `x-kubernetes-map-type`, and what they ask of items and keys (`ValidateCustomResourceDefinitionOpenAPISchema`
//! and `validateMapListKeysMapSet` in `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use std::collections::HashSet;

use super::level::{Level, mapping};
use super::{Refused, field, key_of, listed, text};
use crate::yaml::Node;
use crate::yaml::path::Trail;

const LIST: &str = "x-kubernetes-list-type";
const KEYS: &str = "x-kubernetes-list-map-keys";
const MAP: &str = "x-kubernetes-map-type";

/// What a schema says of the lists and mappings that it stands for.
pub(super) fn of_schema(level: &Level<'_>, path: &Trail<'_>, refused: &mut Refused) {
    let node = level.node;
    let mut say = |key: &str, what: &str, help: &str| {
        let scalar = node.get(key).filter(|node| node.scalar_text().is_some()).map(|node| node.location);
        let at = scalar.or_else(|| key_of(node, key)).unwrap_or(level.at);
        let path = path.key(key).to_path();
        refused.say(at, path.clone(), format!("`{path}` {what}"), help);
    };
    let kind = text(node, "type");
    let (list, map) = (field(node, LIST).and_then(Node::as_str), field(node, MAP).and_then(Node::as_str));
    if let Some(map) = map {
        if !["atomic", "granular"].contains(&map) {
            say(MAP, &format!("is `{map}`"), &format!("write {}", listed(&["atomic", "granular"])));
        } else if kind != "object" {
            say(MAP, "is for schemas of `type: object`", "leave it out");
        }
    }
    let keys = node.items(KEYS);
    match list {
        None if !keys.is_empty() => say(KEYS, "stands without `x-kubernetes-list-type: map`", "add it"),
        Some(list) if !["atomic", "set", "map"].contains(&list) => {
            say(LIST, &format!("is `{list}`"), "write `atomic`, `set` or `map`");
        }
        Some(_) if kind != "array" => say(LIST, "is for schemas of `type: array`", "leave it out"),
        Some(list) if list != "map" && !keys.is_empty() => {
            say(KEYS, "is for lists of type `map`", "write `x-kubernetes-list-type: map`, or leave it out");
        }
        Some("map") if keys.is_empty() => {
            say(LIST, &format!("is `map`, and there are no `{KEYS}`"), "list the keys that make an item unique");
        }
        _ => {}
    }
    let Some(items) = field(node, "items").filter(|items| items.as_map().is_some() && kind == "array") else { return };
    match list {
        Some("set") => of_set(items, path, refused),
        Some("map") => of_map(items, keys, path, refused),
        _ => {}
    }
}

fn is_nullable(node: &Node) -> bool {
    node.get("nullable").and_then(Node::as_bool) == Some(true)
}

/// Items of a set are values as a whole.
fn of_set(items: &Node, path: &Trail<'_>, refused: &mut Refused) {
    let at = key_of(items, "type").unwrap_or(items.location);
    let (path, is) = (path.key("items").to_path(), |key: &str| text(items, key));
    let (what, help) = match is("type") {
        _ if is_nullable(items) => ("may be null", "leave out `nullable`"),
        "object" if is(MAP) != "atomic" => ("are objects that can be merged", "add `x-kubernetes-map-type: atomic`"),
        "array" if !["", "atomic"].contains(&is(LIST)) => {
            ("are lists that can be merged", "write `x-kubernetes-list-type: atomic`")
        }
        _ => return,
    };
    let message = format!("`{path}` {what}, and items of a list of type `set` cannot be so");
    refused.say(at, path, message, help);
}

/// Items of a list of type `map` are objects with keys.
fn of_map(items: &Node, keys: &[Node], path: &Trail<'_>, refused: &mut Refused) {
    let inner = path.key("items").to_path();
    if text(items, "type") != "object" || is_nullable(items) {
        let at = key_of(items, "type").unwrap_or(items.location);
        let message = format!("`{inner}` has to be of `type: object`, and not null: the list is of type `map`");
        return refused.say(at, inner, message, "write objects, or `x-kubernetes-list-type: atomic`");
    }
    let path = path.key(KEYS).to_path();
    let (properties, mut seen) = (mapping(items, "properties"), HashSet::new());
    let required = items.items("required");
    for (node, key) in keys.iter().filter_map(|node| Some((node, node.as_str()?))) {
        let property = properties.iter().find(|(name, _)| name == key).map(|(_, entry)| &entry.value);
        let is_given = required.iter().any(|name| name.as_str() == Some(key));
        let (what, help) = match property {
            _ if !seen.insert(key) => ("there twice", "leave it out once"),
            None => ("no property of the items", "name a property of the items"),
            Some(property) if ["array", "object"].contains(&text(property, "type")) => {
                ("a list or an object", "name a property that is a text, a number or a boolean")
            }
            Some(property) if is_nullable(property) => ("a property that may be null", "leave out `nullable` there"),
            Some(property) if !is_given && field(property, "default").is_none() => {
                ("a property that an item may lack", "list it under `required` of the items, or give it a `default`")
            }
            Some(_) => continue,
        };
        let message = format!("`{KEYS}` names `{key}`, which is {what}");
        refused.say(node.location, path.clone(), message, help);
    }
}
