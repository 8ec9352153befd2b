//! Schemas that lead back to themselves for the same value: Helm judges there, and takes the way back for a failure. The library would go
//! round for ever, so each way is written out, and its end is a schema that nothing meets.

use std::collections::{BTreeMap, BTreeSet};

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Map, Value as Json, json};

use super::cost;
use super::refs::{anchor, inside};
use super::walk::{self, Placed};

/// Keywords that hold schemas for the same value.
const ONE: [&str; 4] = ["else", "if", "not", "then"];
const SEVERAL: [&str; 5] = ["allOf", "anyOf", "dependencies", "dependentSchemas", "oneOf"];
/// Keywords that refer to another schema for the same value. Without addresses inside, the dynamic ones lead where the plain one does.
const REFERENCES: [&str; 3] = ["$ref", "$dynamicRef", "$recursiveRef"];
/// Values of schemas that may be written out.
const WRITTEN: usize = 200_000;
/// What the end of a way is known by, and where the way turned back.
const MARK: &str = "chartgate: a circle at ";

/// The schema with its circles written out; as it is where there are none, or too many.
pub(super) fn unrolled(root: Json) -> Json {
    let all = walk::all(&root);
    let circles = Circles::of(&root, &all);
    if circles.inner.is_empty() {
        return root;
    }
    let Some(written) = circles.written(&all) else { return root };
    let mut written: Vec<(String, Json)> = written.into_iter().collect();
    // What lies inside another is put back before that other is.
    written.sort_by_key(|(at, _)| std::cmp::Reverse(at.len()));
    let mut result = root.clone();
    for (at, schema) in written {
        let Some(place) = result.pointer_mut(&at) else { continue };
        let old = place.take();
        *place = restored(schema, &old);
    }
    result
}

/// The reference that leads back, where that is why a value is refused.
pub(super) fn at(error: &ValidationError<'_>) -> Option<String> {
    let ValidationErrorKind::Not { schema } = error.kind() else { return None };
    Some(schema.get("$comment")?.as_str()?.strip_prefix(MARK)?.to_owned())
}

/// A written schema with those below it that judge other values as they are by now.
fn restored(mut schema: Json, old: &Json) -> Json {
    if let (Some(entries), Some(old)) = (schema.as_object_mut(), old.as_object()) {
        for (key, value) in old.iter().filter(|(key, _)| !is_same_value(key)) {
            entries.entry(key.clone()).and_modify(|entry| *entry = value.clone());
        }
    }
    schema
}

fn is_same_value(key: &str) -> bool {
    ONE.contains(&key) || SEVERAL.contains(&key) || REFERENCES.contains(&key)
}

struct Circles<'s> {
    root: &'s Json,
    anchors: BTreeMap<&'s str, &'s str>,
    /// The schemas on circles and between them.
    inner: BTreeSet<&'s str>,
}

impl<'s> Circles<'s> {
    fn of(root: &'s Json, all: &'s [Placed<'s>]) -> Self {
        let anchors = all.iter().filter_map(|(at, schema)| Some((anchor(schema)?, at.as_str()))).collect();
        let mut circles = Self { root, anchors, inner: BTreeSet::new() };
        let is_addressed =
            |(_, schema): &Placed<'_>| schema.get("$id").or(schema.get("id")).is_some_and(Json::is_string);
        if !all.iter().skip(1).any(is_addressed) {
            circles.inner = circles.found(all);
        }
        circles
    }

    /// What is left when schemas that lead nowhere, or that nothing leads to, are taken away again and again.
    fn found(&self, all: &'s [Placed<'s>]) -> BTreeSet<&'s str> {
        let known: BTreeMap<&str, usize> =
            all.iter().enumerate().map(|(index, (at, _))| (at.as_str(), index)).collect();
        let (mut onward, mut back) = (vec![vec![]; all.len()], vec![vec![]; all.len()]);
        for (index, (at, schema)) in all.iter().enumerate() {
            let ways = self.children(schema, at).into_iter().map(|(below, ..)| below).chain(self.target(schema));
            for to in ways.filter_map(|to| known.get(to.as_str()).copied()) {
                onward[index].push(to);
                back[to].push(index);
            }
        }
        let (ends, starts) = (left(&onward, &back), left(&back, &onward));
        all.iter()
            .enumerate()
            .filter(|(index, _)| ends[*index] && starts[*index])
            .map(|(_, (at, _))| at.as_str())
            .collect()
    }

    /// The schemas right below one that judge the same value: where, and under which keys.
    fn children(&self, schema: &Json, at: &str) -> Vec<(String, String, Option<String>)> {
        let Some(entries) = schema.as_object().filter(|entries| !self.is_bare(entries)) else { return vec![] };
        let place = |key: &str, token: &str| format!("{at}/{key}/{}", walk::escaped(token));
        let mut found: Vec<(String, String, Option<String>)> = vec![];
        for (key, value) in entries {
            match value {
                Json::Object(_) if ONE.contains(&key.as_str()) => {
                    found.push((format!("{at}/{key}"), key.clone(), None));
                }
                Json::Object(named) if SEVERAL.contains(&key.as_str()) => {
                    found.extend(named.keys().map(|name| (place(key, name), key.clone(), Some(name.clone()))));
                }
                Json::Array(items) if SEVERAL.contains(&key.as_str()) => {
                    let each = (0..items.len()).map(|index| index.to_string());
                    found.extend(each.map(|index| (place(key, &index), key.clone(), Some(index))));
                }
                _ => {}
            }
        }
        found
    }

    /// Whether old drafts look at nothing but the reference.
    fn is_bare(&self, entries: &Map<String, Json>) -> bool {
        let draft = self.root.get("$schema").and_then(Json::as_str).unwrap_or_default();
        entries.contains_key("$ref") && ["draft-04", "draft-06", "draft-07"].iter().any(|old| draft.contains(old))
    }

    /// Where a schema's reference leads, as a JSON pointer.
    fn target(&self, schema: &Json) -> Option<String> {
        let reference = REFERENCES.iter().find_map(|key| schema.get(key)?.as_str())?;
        let fragment = inside(self.root, reference)?;
        Some(self.anchors.get(fragment.as_str()).map_or(fragment, |at| (*at).to_owned()))
    }

    /// Every schema on a circle that something outside of it leads to, written out; none where that is too much, or where a circle is
    /// entered in its middle.
    fn written(&self, all: &[Placed<'_>]) -> Option<BTreeMap<String, Json>> {
        let below: BTreeSet<String> = all
            .iter()
            .filter(|(at, _)| self.inner.contains(at.as_str()))
            .flat_map(|(at, schema)| self.children(schema, at).into_iter().map(|(below, ..)| below))
            .collect();
        let is_entered_below = all.iter().filter(|(at, _)| !self.inner.contains(at.as_str())).any(|(_, schema)| {
            self.target(schema).is_some_and(|to| self.inner.contains(to.as_str()) && below.contains(&to))
        });
        if is_entered_below {
            return None;
        }
        let mut left = WRITTEN;
        let tops = self.inner.iter().filter(|at| !below.contains(**at));
        tops.map(|at| Some(((*at).to_owned(), self.out(at, &mut vec![(*at).to_owned()], true, &mut left)?))).collect()
    }

    /// A schema without circles, as it judges where `path` was taken to it.
    fn out(&self, at: &str, path: &mut Vec<String>, is_own: bool, left: &mut usize) -> Option<Json> {
        let schema = self.root.pointer(at)?;
        *left = left.checked_sub(cost::size(schema))?;
        let mut entries = if is_own { schema.as_object()?.clone() } else { elsewhere(schema.as_object()?, at) };
        for (below, key, token) in self.children(schema, at) {
            let Some(place) = entries.get_mut(&key) else { continue };
            let place = match &token {
                None => Some(place),
                Some(token) if place.is_array() => place.get_mut(token.parse::<usize>().ok()?),
                Some(token) => place.get_mut(token),
            };
            if self.inner.contains(below.as_str()) {
                *place? = self.next(&below, &below, path, is_own, left)?;
            }
        }
        let Some(to) = self.target(schema).filter(|to| self.inner.contains(to.as_str())) else {
            return Some(Json::Object(entries));
        };
        let key = REFERENCES.iter().find(|key| entries.contains_key(**key))?;
        let next = self.next(&to, &format!("{at}/{key}"), path, false, left)?;
        if self.is_bare(&entries) {
            entries.retain(|key, _| {
                ["$schema", "$id", "id"].contains(&key.as_str()) || walk::DEFINITIONS.contains(&key.as_str())
            });
        }
        entries.remove(*key);
        let all = entries.entry("allOf").or_insert_with(|| json!([]));
        all.as_array_mut()?.push(next);
        Some(Json::Object(entries))
    }

    /// What stands for a schema that the way leads to: itself, or where it was before the end.
    fn next(&self, to: &str, from: &str, path: &mut Vec<String>, is_own: bool, left: &mut usize) -> Option<Json> {
        if path.iter().any(|before| before == to) {
            return Some(json!({ "not": { "$comment": format!("{MARK}{from}") } }));
        }
        path.push(to.to_owned());
        let next = self.out(to, path, is_own, left);
        path.pop();
        next
    }
}

/// A copy whose schemas for other values are referred to where they are.
fn elsewhere(entries: &Map<String, Json>, at: &str) -> Map<String, Json> {
    let mut copy = entries.clone();
    for key in ["$anchor", "$dynamicAnchor", "$id", "id", "$schema"].iter().chain(&walk::DEFINITIONS) {
        copy.remove(*key);
    }
    let schema = Json::Object(copy);
    let places: Vec<String> = walk::children(&schema, "").into_iter().map(|(below, _)| below).collect();
    let mut schema = schema;
    for below in places.iter().filter(|below| !is_same_value(below.split('/').nth(1).unwrap_or_default())) {
        if let Some(place) = schema.pointer_mut(below).filter(|place| place.is_object()) {
            *place = json!({ "$ref": format!("#{at}{below}") });
        }
    }
    match schema {
        Json::Object(entries) => entries,
        _ => Map::new(),
    }
}

/// Which of several nodes are left when those without a way onward are taken away, one after the other.
fn left(onward: &[Vec<usize>], back: &[Vec<usize>]) -> Vec<bool> {
    let mut ways: Vec<usize> = onward.iter().map(Vec::len).collect();
    let mut open: Vec<usize> = (0..ways.len()).filter(|index| ways[*index] == 0).collect();
    let mut left = vec![true; ways.len()];
    while let Some(index) = open.pop() {
        left[index] = false;
        for from in &back[index] {
            ways[*from] -= 1;
            if ways[*from] == 0 {
                open.push(*from);
            }
        }
    }
    left
}
