//! Lists: their items, their length, and what must not repeat in sets and maps of Kubernetes.

use std::collections::HashSet;

use super::super::schema::Schema;
use super::{Checker, plain};
use crate::budget::Exceeded;
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
        self.count("minItems", "maxItems", "items", items.len(), at, schema);
        match schema.get("x-kubernetes-list-type").and_then(Node::as_str) {
            Some("set") => self.unique(items, node, schema, |item| Some(key(item)))?,
            Some("map") => {
                let keys: Vec<_> = schema.texts("x-kubernetes-list-map-keys").collect();
                self.unique(items, node, schema, |item| {
                    let values = keys.iter().map(|name| item.get(name).map_or_else(String::new, key));
                    item.as_map().map(|_| values.collect::<Vec<_>>().join("\0"))
                })?;
            }
            _ if schema.flag("uniqueItems") => self.unique(items, node, schema, |item| Some(key(item)))?,
            _ => {}
        }
        let Some(schema) = schema.items() else { return Ok(()) };
        for (index, item) in items.iter().enumerate() {
            let first = item.as_map().and_then(|mapping| mapping.entries.first());
            let at = first.map_or(item.location, |entry| entry.key.location);
            self.within_index(index, |checker| checker.value(item, at, schema))?;
        }
        Ok(())
    }

    fn unique(
        &mut self,
        items: &[Node],
        list: &Node,
        schema: Schema<'_>,
        identity: impl Fn(&Node) -> Option<String>,
    ) -> Result<(), Exceeded> {
        let keys: Vec<_> = schema.texts("x-kubernetes-list-map-keys").collect();
        self.budget.spend(list.weight().saturating_mul(2 + keys.len()))?;
        let mut seen = HashSet::new();
        for (index, item) in items.iter().enumerate() {
            if identity(item).is_some_and(|identity| !seen.insert(identity)) {
                let what = if keys.is_empty() {
                    format!("repeats `{}`", plain(item))
                } else {
                    let values =
                        keys.iter().map(|name| format!("{name}: {}", item.get(name).map_or_else(String::new, plain)));
                    format!("repeats `{}`", values.collect::<Vec<_>>().join(", "))
                };
                self.within_index(index, |checker| checker.wrong(item.location, what, schema));
            }
        }
        Ok(())
    }
}

/// A value as JSON, which says whether two values are the same.
fn key(node: &Node) -> String {
    node.to_json().to_string()
}
