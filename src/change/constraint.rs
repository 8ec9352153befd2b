//! One schema against the one it was: what it takes no more. Shared by values.schema.json and custom resource definitions.

use std::collections::BTreeSet;

use crate::text::Location;
use crate::yaml::{Anchor, Node};

/// Keywords under which a larger number takes less.
const LEAST: [&str; 5] = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
/// Keywords under which a smaller number takes less.
const MOST: [&str; 5] = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];
/// Keywords of which nothing is known but whether they are there.
const SAID: [&str; 3] = ["pattern", "format", "multipleOf"];
/// Keywords that say what is taken, though there be no `type`.
const OTHERWISE: [&str; 8] =
    ["$ref", "oneOf", "anyOf", "allOf", "enum", "const", "properties", "x-kubernetes-preserve-unknown-fields"];

/// Something that a schema takes no more.
pub(super) struct Tightened {
    /// How, to follow what it is about: `takes at most 3`.
    pub(super) words: String,
    /// The schema or keyword as it was.
    pub(super) old: Location,
    /// The keyword as it is.
    pub(super) new: Location,
}

/// What one schema, the ones below it aside, takes no more.
pub(super) fn tightened(old: &Node, new: &Node) -> Vec<Tightened> {
    let mut found = vec![];
    let mut add = |key: &str, words: String| {
        let place = |node: &Node| node.entry(key).map(|entry| entry.location(Anchor::Entry));
        let fallback = |node: &Node| node.location;
        let (before, after) = (place(old), place(new));
        found.push(Tightened {
            words,
            old: before.unwrap_or_else(|| fallback(old)),
            new: after.unwrap_or_else(|| fallback(new)),
        });
    };
    if let Some(words) = types(old, new) {
        add("type", words);
    }
    if let Some(words) = choices(old, new) {
        add("enum", words);
    }
    if let Some(words) = constant(old, new) {
        add("const", words);
    }
    for (keys, is_least) in [(LEAST, true), (MOST, false)] {
        for key in keys {
            if let Some(words) = bound(old, new, key, is_least) {
                add(key, words);
            }
        }
    }
    for key in SAID {
        if let (None, Some(after)) = (given(old, key), given(new, key)) {
            let text = after.scalar_text().unwrap_or_default();
            add(key, format!("now has to meet the {key} `{text}`"));
        }
    }
    let is_unique = |node: &Node| given(node, "uniqueItems").and_then(Node::as_bool) == Some(true);
    if is_unique(new) && !is_unique(old) {
        add("uniqueItems", "no longer takes the same item twice".to_owned());
    }
    found
}

/// A keyword that is there and says something.
pub(super) fn given<'n>(schema: &'n Node, key: &str) -> Option<&'n Node> {
    schema.get(key).filter(|node| !node.is_null())
}

/// The strings of a list.
pub(super) fn texts<'n>(schema: &'n Node, key: &str) -> Vec<&'n str> {
    let items = given(schema, key).and_then(Node::as_seq).unwrap_or_default();
    items.iter().filter_map(Node::as_str).collect()
}

fn flag(schema: &Node, key: &str) -> bool {
    given(schema, key).and_then(Node::as_bool) == Some(true)
}

/// The types that a schema takes; empty where it does not say.
fn type_names(schema: &Node) -> BTreeSet<&str> {
    if flag(schema, "x-kubernetes-int-or-string") {
        return BTreeSet::from(["integer", "string"]);
    }
    let mut names: BTreeSet<&str> = texts(schema, "type").into_iter().collect();
    names.extend(given(schema, "type").and_then(Node::as_str));
    if !names.is_empty() && flag(schema, "nullable") {
        names.insert("null");
    }
    names
}

fn types(old: &Node, new: &Node) -> Option<String> {
    let (before, after) = (type_names(old), type_names(new));
    if after.is_empty() || (before.is_empty() && OTHERWISE.iter().any(|key| given(old, key).is_some())) {
        return None;
    }
    let is_taken = |name: &&str| after.contains(name) || (*name == "integer" && after.contains("number"));
    let gone: Vec<&str> = before.iter().copied().filter(|name| !is_taken(name)).collect();
    let list = |names: &[&str]| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ");
    match (before.is_empty(), gone.as_slice()) {
        (true, _) => Some(format!("takes {} alone", list(&after.iter().copied().collect::<Vec<_>>()))),
        (false, []) => None,
        (false, gone) => Some(format!("no longer takes {}", list(gone))),
    }
}

fn choices(old: &Node, new: &Node) -> Option<String> {
    let after = given(new, "enum")?.as_seq()?;
    let Some(before) = given(old, "enum").and_then(Node::as_seq) else {
        // What is said otherwise may amount to the same.
        let is_open = given(old, "const").is_none() && given(old, "$ref").is_none();
        return is_open.then(|| format!("takes {} values alone", after.len()));
    };
    let lost = before.iter().find(|value| !after.iter().any(|other| other.same_meaning(value)))?;
    Some(format!("no longer takes `{}`", lost.scalar_text().unwrap_or("null")))
}

fn constant(old: &Node, new: &Node) -> Option<String> {
    let after = given(new, "const")?;
    let shown = |node: &Node| node.scalar_text().map_or(node.kind().to_owned(), |text| format!("`{text}`"));
    if let Some(before) = given(old, "const") {
        let is_other = !before.same_meaning(after);
        return is_other.then(|| format!("takes {} and no longer {}", shown(after), shown(before)));
    }
    let choices = given(old, "enum").and_then(Node::as_seq).unwrap_or_default();
    let is_the_only = !choices.is_empty() && choices.iter().all(|choice| choice.same_meaning(after));
    let is_open = given(old, "$ref").is_none() && !is_the_only;
    is_open.then(|| format!("takes {} alone", shown(after)))
}

fn bound(old: &Node, new: &Node, key: &str, is_least: bool) -> Option<String> {
    let number = |schema: &Node| given(schema, key)?.scalar_text()?.parse::<f64>().ok();
    let after = number(new)?;
    let is_tighter = match number(old) {
        Some(before) if is_least => after > before,
        Some(before) => after < before,
        // No length is below zero.
        None => !is_least || after > 0.0 || !key.starts_with("min") || key == "minimum",
    };
    is_tighter.then(|| format!("now has `{key}: {after}`"))
}
