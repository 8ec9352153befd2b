//! The schemas inside a schema, by the keywords that hold them: data such as `default` and `enum` holds none.

use serde_json::Value as Json;

/// Keywords that hold one schema; `items` a list of them in old drafts.
const ONE: [&str; 11] = [
    "additionalItems",
    "additionalProperties",
    "contains",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const LIST: [&str; 4] = ["allOf", "anyOf", "oneOf", "prefixItems"];
const MAP: [&str; 4] = ["dependencies", "dependentSchemas", "patternProperties", "properties"];
/// Schemas that count only where something refers to them.
pub(super) const DEFINITIONS: [&str; 2] = ["$defs", "definitions"];

/// A schema, with the JSON pointer to it.
pub(super) type Placed<'s> = (String, &'s Json);

/// The schemas right below one that judge a value with it.
pub(super) fn children<'s>(schema: &'s Json, at: &str) -> Vec<Placed<'s>> {
    let Some(entries) = schema.as_object() else { return vec![] };
    let mut found = vec![];
    for (key, value) in entries {
        let below = format!("{at}/{}", escaped(key));
        match key.as_str() {
            key if ONE.contains(&key) || LIST.contains(&key) => match value {
                Json::Array(items) => {
                    found.extend(items.iter().enumerate().map(|(index, item)| (format!("{below}/{index}"), item)));
                }
                value => found.push((below, value)),
            },
            key if MAP.contains(&key) => found.extend(named(value, &below)),
            _ => {}
        }
    }
    found
}

/// The definitions right below a schema.
pub(super) fn definitions<'s>(schema: &'s Json, at: &str) -> Vec<Placed<'s>> {
    let held = |keyword: &str| Some(named(schema.get(keyword)?, &format!("{at}/{keyword}")));
    DEFINITIONS.iter().filter_map(|keyword| held(keyword)).flatten().collect()
}

fn named<'s>(value: &'s Json, at: &str) -> Vec<Placed<'s>> {
    let entries = value.as_object().into_iter().flatten();
    entries.map(|(name, value)| (format!("{at}/{}", escaped(name)), value)).collect()
}

/// A schema and all inside it, definitions too.
pub(super) fn all(root: &Json) -> Vec<Placed<'_>> {
    let mut found = vec![(String::new(), root)];
    let mut next = 0;
    while let Some((at, schema)) = found.get(next).cloned() {
        found.extend(children(schema, &at).into_iter().chain(definitions(schema, &at)));
        next += 1;
    }
    found
}

/// A key as a part of a JSON pointer.
pub(super) fn escaped(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

/// Where a keyword stands that the library names by the way it took: through a reference to what it leads to.
pub fn standing(root: &Json, way: &str) -> String {
    let mut at = String::new();
    for token in way.split('/').skip(1) {
        let below = format!("{at}/{token}");
        let target = root.pointer(&below).and_then(Json::as_str).and_then(|text| text.strip_prefix('#'));
        match target {
            Some(target) if token == "$ref" && root.pointer(target).is_some() => target.clone_into(&mut at),
            _ if root.pointer(&below).is_none() => break,
            _ => at = below,
        }
    }
    at
}
