//! Lists: their items, their length, and what must not repeat in sets and maps of Kubernetes.

use std::collections::HashSet;

use super::{Checker, plain};
use crate::budget::Exceeded;
use crate::schema::source::{Items, Schema};
use crate::schema::violation::Defect;
use crate::text::Location;
use crate::yaml::Node;

impl Checker<'_> {
    pub(super) fn list(
        &mut self,
        items: &[Node],
        node: &Node,
        at: Location,
        schema: Schema<'_>,
    ) -> Result<(), Exceeded> {
        let at = if at.source == node.location.source { at } else { node.location };
        if items.is_empty() && schema.is_filled() {
            let path = self.path();
            self.report(at, format!("required field `{path}` is missing"), None, None);
        }
        self.count("minItems", "maxItems", "items", items.len(), at, schema);
        match schema.repetition() {
            _ if self.is_default => {}
            Items::Free => {}
            Items::Distinct => self.unique(items, node, &[], schema)?,
            Items::Keyed(keys) => self.unique(items, node, &keys, schema)?,
        }
        let Some(schema) = schema.items() else { return Ok(()) };
        for (index, item) in items.iter().enumerate() {
            let first = item.as_map().and_then(|mapping| mapping.entries().first());
            let at = first.map_or(item.location, |entry| entry.key.location);
            self.within_index(index, |checker| checker.value(item, at, schema))?;
        }
        Ok(())
    }

    /// Reports every item that repeats another: as a whole, or in some fields.
    fn unique(&mut self, items: &[Node], list: &Node, keys: &[&str], schema: Schema<'_>) -> Result<(), Exceeded> {
        self.budget.spend(list.weight().saturating_mul(2 + keys.len()))?;
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if identity(item, keys, schema).is_some_and(|identity| !seen.insert(identity)) {
                let named = keys.iter().filter_map(|name| Some(format!("{name}: {}", plain(item.get(name)?))));
                let what = if keys.is_empty() { plain(item) } else { named.collect::<Vec<_>>().join(", ") };
                self.within_index(index, |checker| {
                    let place = keys.iter().find_map(|name| item.get(name)).unwrap_or(item).location;
                    let place = if schema.is_own() { place } else { item.location };
                    checker.wrong(place, format!("repeats `{what}`"), schema);
                    checker.is(Defect::Repeated);
                });
            }
        }
        Ok(())
    }
}

/// What makes an item itself; none for one that cannot be told.
fn identity(item: &Node, keys: &[&str], schema: Schema<'_>) -> Option<String> {
    if keys.is_empty() {
        return Some(key(item));
    }
    item.as_map()?;
    let value = |name: &&str| match item.get(name).filter(|value| !value.is_null()) {
        Some(value) => Some(key(value)),
        None if !schema.is_own() => Some(String::new()),
        // The one key of such lists that Kubernetes fills in.
        None => (*name == "protocol").then(|| "\"TCP\"".to_owned()),
    };
    Some(keys.iter().map(value).collect::<Option<Vec<_>>>()?.join("\0"))
}

/// A value as JSON, which says whether two values are the same.
fn key(node: &Node) -> String {
    node.to_json().to_string()
}
