//! Counts what the library would do, in its own manner: every branch is taken, none is cut short, so that the count is never too small.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value as Json};

use super::pattern;
use super::refs::Refs;
use crate::budget::pattern::reading;
use crate::budget::{Budget, Exceeded};

/// Steps for an object of a schema, which becomes a handful of allocations.
const OBJECT: usize = 8;
/// Steps for a branch that is built once more for `unevaluated…`.
const BRANCH: usize = 20;
/// States of a pattern that a text of a few bytes goes through in a step.
const STATES_PER_STEP: usize = 64;
/// Keywords that judge the same value by one schema.
const SAME: [&str; 4] = ["not", "if", "then", "else"];
/// Keywords that judge the same value by each of a list of schemas.
const SAME_OF_LIST: [&str; 3] = ["allOf", "anyOf", "oneOf"];
/// Keywords that judge the same value by each of a mapping of schemas.
const SAME_OF_MAP: [&str; 2] = ["dependentSchemas", "dependencies"];
const UNEVALUATED: [&str; 2] = ["unevaluatedProperties", "unevaluatedItems"];

/// Takes the steps of making a schema ready.
pub(super) fn building(schema: &Json, budget: &Budget) -> Result<(), Exceeded> {
    let refs = Refs::of(schema);
    Cost::new(&refs, budget).built(schema)
}

/// Steps of looking through a schema once.
pub(super) fn size(schema: &Json) -> usize {
    match schema {
        Json::Array(items) => 1 + items.iter().map(size).sum::<usize>(),
        Json::Object(entries) => 1 + entries.values().map(size).sum::<usize>(),
        _ => 1,
    }
}

/// Takes the steps of judging a value by a schema.
pub(super) fn judging(schema: &Json, value: &Json, budget: &Budget) -> Result<(), Exceeded> {
    let refs = Refs::of(schema);
    Cost::new(&refs, budget).judged(schema, value)
}

struct Cost<'s, 'r> {
    refs: &'r Refs<'s>,
    budget: &'r Budget,
    /// Schemas that are ready.
    built: HashSet<*const Json>,
    /// Schemas that are being followed for `unevaluated…`: a circle ends where it begins.
    open: HashSet<*const Json>,
    /// The states of patterns: each may be searched for in every value.
    states: RefCell<HashMap<&'s str, usize>>,
}

impl<'s, 'r> Cost<'s, 'r> {
    fn new(refs: &'r Refs<'s>, budget: &'r Budget) -> Self {
        Self { refs, budget, built: HashSet::new(), open: HashSet::new(), states: RefCell::default() }
    }

    fn states(&self, pattern: &'s str) -> usize {
        *self.states.borrow_mut().entry(pattern).or_insert_with(|| pattern::states(pattern))
    }

    /// Every part of a schema is compiled once, what it refers to before what stands behind it.
    fn built(&mut self, schema: &'s Json) -> Result<(), Exceeded> {
        let _level = self.budget.enter()?;
        match schema {
            Json::Array(items) => items.iter().try_for_each(|item| self.built(item)),
            Json::Object(_) if !self.built.insert(std::ptr::from_ref(schema)) => Ok(()),
            Json::Object(entries) => {
                self.budget.spend(OBJECT)?;
                self.patterns(entries)?;
                if UNEVALUATED.iter().any(|keyword| entries.contains_key(*keyword)) {
                    self.branches(schema)?;
                }
                let reference = entries.get("$ref").and_then(Json::as_str);
                for target in reference.into_iter().flat_map(|reference| self.refs.targets(reference)) {
                    self.built(target)?;
                }
                entries.values().try_for_each(|value| self.built(value))
            }
            Json::String(text) => self.budget.scan(text.len()),
            _ => Ok(()),
        }
    }

    fn patterns(&self, entries: &'s Map<String, Json>) -> Result<(), Exceeded> {
        let keys = entries.get("patternProperties").and_then(Json::as_object).into_iter().flat_map(Map::keys);
        let own = entries.get("pattern").and_then(Json::as_str);
        for pattern in keys.map(String::as_str).chain(own) {
            self.budget.scan(pattern.len() * 64)?;
            self.budget.spend(reading(pattern))?;
            self.budget.spend(self.states(pattern) / 4 + 50)?;
        }
        Ok(())
    }

    /// `unevaluated…` builds every schema that judges the same value anew, wherever it stands.
    fn branches(&mut self, schema: &'s Json) -> Result<(), Exceeded> {
        let _level = self.budget.enter()?;
        self.budget.spend(BRANCH)?;
        if !self.open.insert(std::ptr::from_ref(schema)) {
            return Ok(());
        }
        let is_nested = UNEVALUATED.iter().any(|keyword| schema.get(keyword).is_some());
        for branch in self.same(schema) {
            self.branches(branch)?;
            if is_nested {
                self.branches(branch)?;
            }
        }
        self.open.remove(&std::ptr::from_ref(schema));
        Ok(())
    }

    /// The schemas that judge the same value.
    fn same(&self, schema: &'s Json) -> Vec<&'s Json> {
        let Some(entries) = schema.as_object() else { return vec![] };
        let mut found: Vec<&'s Json> = SAME.iter().filter_map(|keyword| entries.get(*keyword)).collect();
        for keyword in SAME_OF_LIST {
            found.extend(entries.get(keyword).and_then(Json::as_array).into_iter().flatten());
        }
        for keyword in SAME_OF_MAP {
            found.extend(entries.get(keyword).and_then(Json::as_object).into_iter().flat_map(Map::values));
        }
        let reference = |keyword: &str| entries.get(keyword).and_then(Json::as_str);
        found.extend(reference("$ref").into_iter().flat_map(|reference| self.refs.targets(reference)));
        let dynamic = reference("$dynamicRef").or_else(|| reference("$recursiveRef"));
        found.extend(dynamic.into_iter().flat_map(|reference| self.refs.dynamic(reference)));
        found
    }

    fn judged(&self, schema: &'s Json, value: &Json) -> Result<(), Exceeded> {
        let Some(entries) = schema.as_object() else { return self.budget.spend(1) };
        let _level = self.budget.enter()?;
        self.budget.spend(entries.len())?;
        self.compared(entries, value)?;
        // Whatever looks at what the others left has them judge once more.
        let times = 1 + UNEVALUATED.iter().filter(|keyword| entries.contains_key(**keyword)).count();
        for _ in 0..times {
            for branch in self.same(schema) {
                self.judged(branch, value)?;
            }
        }
        match value {
            Json::Object(fields) => self.fields(entries, fields),
            Json::Array(items) => self.items(entries, items),
            Json::String(text) => self.text(entries, text),
            _ => Ok(()),
        }
    }

    /// `enum`, `const`, `uniqueItems` and `required` look through whole values.
    fn compared(&self, entries: &'s Map<String, Json>, value: &Json) -> Result<(), Exceeded> {
        if let Some(values) = entries.get("enum").and_then(Json::as_array) {
            self.budget.spend(values.len())?;
            values.iter().filter(|each| each.is_array() || each.is_object()).try_for_each(|each| self.weighed(each))?;
        }
        if entries.contains_key("const") || entries.contains_key("uniqueItems") {
            self.weighed(value)?;
        }
        let required = entries.get("required").and_then(Json::as_array).map_or(0, Vec::len);
        self.budget.spend(required)
    }

    fn weighed(&self, value: &Json) -> Result<(), Exceeded> {
        match value {
            Json::Array(items) => items.iter().try_for_each(|item| self.weighed(item)),
            Json::Object(fields) => fields.values().try_for_each(|field| self.weighed(field)),
            Json::String(text) => self.budget.scan(text.len()),
            _ => Ok(()),
        }?;
        self.budget.spend(2)
    }

    fn text(&self, entries: &'s Map<String, Json>, text: &str) -> Result<(), Exceeded> {
        self.budget.scan(text.len())?;
        if entries.contains_key("format") {
            self.budget.scan(text.len() * 8)?;
        }
        match entries.get("pattern").and_then(Json::as_str) {
            Some(pattern) => self.searched(pattern, text),
            None => Ok(()),
        }
    }

    fn searched(&self, pattern: &'s str, text: &str) -> Result<(), Exceeded> {
        self.budget.spend(1 + (text.len() / 16).saturating_mul(1 + self.states(pattern) / STATES_PER_STEP))
    }

    fn fields(&self, entries: &'s Map<String, Json>, fields: &Map<String, Json>) -> Result<(), Exceeded> {
        let properties = entries.get("properties").and_then(Json::as_object);
        self.budget.spend(fields.len() + properties.map_or(0, Map::len))?;
        let patterns = entries.get("patternProperties").and_then(Json::as_object);
        let each = ["additionalProperties", "unevaluatedProperties"].map(|keyword| entries.get(keyword));
        for (key, field) in fields {
            let named = properties.and_then(|properties| properties.get(key));
            if let Some(schema) = named {
                self.judged(schema, field)?;
            }
            for (pattern, schema) in patterns.into_iter().flatten() {
                self.searched(pattern, key)?;
                self.judged(schema, field)?;
            }
            for schema in each.into_iter().flatten().filter(|_| named.is_none()) {
                self.judged(schema, field)?;
            }
            if let Some(schema) = entries.get("propertyNames") {
                self.judged(schema, &Json::String(key.clone()))?;
            }
        }
        Ok(())
    }

    fn items(&self, entries: &'s Map<String, Json>, items: &[Json]) -> Result<(), Exceeded> {
        self.budget.spend(items.len())?;
        let each = ["items", "additionalItems", "unevaluatedItems", "contains"];
        let each: Vec<&Json> = each.iter().filter_map(|keyword| entries.get(*keyword)).collect();
        let prefix = entries.get("prefixItems").or_else(|| entries.get("items")).and_then(Json::as_array);
        for (index, item) in items.iter().enumerate() {
            if let Some(schema) = prefix.and_then(|schemas| schemas.get(index)) {
                self.judged(schema, item)?;
            }
            for schema in &each {
                self.judged(schema, item)?;
            }
        }
        Ok(())
    }
}
