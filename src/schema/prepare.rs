//! What the API server makes of an object before it judges it: nulls that are not allowed go, defaults come.

use std::collections::HashSet;
use std::sync::Arc;

use super::source::Schema;
use crate::budget::{Budget, Exceeded};
use crate::yaml::{Entry, Mapping, Node, Style, Value};

/// Steps for an entry that is copied: what its memory stands for.
const COPY: usize = 4;

/// The object with defaults filled in; each default lies where the schema declares it.
pub(super) fn prepared(node: &Node, schema: Schema<'_>, budget: &Budget) -> Result<Node, Exceeded> {
    let _level = budget.enter()?;
    let value = match &node.value {
        Value::Map(mapping) => Value::Map(Arc::new(Mapping::new(fields(mapping, schema, budget)?))),
        Value::Seq(items) => list(items, schema, budget)?.unwrap_or_else(|| node.value.clone()),
        scalar => scalar.clone(),
    };
    Ok(Node { value, ..node.clone() })
}

fn fields(mapping: &Mapping, schema: Schema<'_>, budget: &Budget) -> Result<Vec<Entry>, Exceeded> {
    let mut entries = vec![];
    let written = mapping.effective();
    budget.spend(schema.lookup_cost() * (written.len() + 1) + COPY * written.len())?;
    let mut present = HashSet::new();
    for (key, entry) in &written {
        let Some(schema) = schema.field(key) else {
            entries.push((*entry).clone());
            continue;
        };
        if entry.value.is_null() && !schema.is_nullable() {
            continue;
        }
        present.insert(key.as_ref());
        entries.push(Entry { value: prepared(&entry.value, schema, budget)?, ..(*entry).clone() });
    }
    for (key, schema) in schema.properties() {
        let Some(default) = schema.default().filter(|_| !present.contains(key.as_ref())) else { continue };
        budget.spend(COPY + key.len() / 8)?;
        let key = Node { value: Value::String(key.as_ref().into()), location: default.location, style: Style::Plain };
        entries.push(Entry { key, value: prepared(default, schema, budget)?, merged: false });
    }
    Ok(entries)
}

fn list(items: &[Node], schema: Schema<'_>, budget: &Budget) -> Result<Option<Value>, Exceeded> {
    let Some(schema) = schema.items() else { return Ok(None) };
    let mut prepared_items = Vec::with_capacity(items.len());
    budget.spend(COPY * items.len())?;
    for item in items {
        let default = schema.default().filter(|_| item.is_null() && !schema.is_nullable());
        prepared_items.push(prepared(default.unwrap_or(item), schema, budget)?);
    }
    Ok(Some(Value::Seq(prepared_items.into())))
}
