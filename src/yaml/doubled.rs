//! How many keys of a value stand twice.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Node, Value};

/// Keys of mappings below a value that stand there before, those of what aliases share counted once.
pub(super) fn count(node: &Node) -> usize {
    of(node, &mut HashSet::new())
}

fn of(node: &Node, seen: &mut HashSet<*const ()>) -> usize {
    let mut is_new = |shared: usize, place: *const ()| shared == 1 || seen.insert(place);
    match &node.value {
        Value::Map(mapping) if is_new(Arc::strong_count(mapping), Arc::as_ptr(mapping).cast()) => {
            let below = mapping.entries().iter().map(|entry| of(&entry.value, seen)).sum::<usize>();
            mapping.duplicates().len() + below
        }
        Value::Seq(items) if is_new(Arc::strong_count(items), Arc::as_ptr(items).cast()) => {
            items.iter().map(|item| of(item, seen)).sum()
        }
        _ => 0,
    }
}
