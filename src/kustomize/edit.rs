//! Changed copies of nodes: what is not changed is shared, and keeps its place.

use std::collections::HashMap;
use std::sync::Arc;

use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node, Style, Value};

/// Text that stands at a place.
pub fn text(content: impl Into<Arc<str>>, at: Location) -> Node {
    Node { value: Value::String(content.into()), location: at, style: Style::Plain }
}

/// The node as another value.
pub(crate) fn with_value(node: &Node, value: Value) -> Node {
    Node { value, ..node.clone() }
}

/// A list at a place.
pub(crate) fn list(items: Vec<Node>, at: Location) -> Node {
    Node { value: Value::Seq(Arc::from(items)), location: at, style: Style::Flow }
}

/// A mapping at a place.
pub fn mapping(entries: Vec<Entry>, at: Location) -> Node {
    Node { value: Value::Map(Arc::new(Mapping::new(entries))), location: at, style: Style::Block }
}

/// An entry whose key stands at a place.
pub fn entry(key: &str, value: Node, at: Location) -> Entry {
    Entry { key: text(key, at), value, merged: false }
}

/// Bytes and nodes of an object that steps may make, at most: one that is copied into itself doubles each time.
const LARGEST: usize = 8_000_000;

/// Whether an object has grown beyond what is followed.
pub(crate) fn is_overgrown(root: &Node) -> bool {
    size(root).is_none()
}

/// Bytes and nodes of an object; none beyond what is followed.
pub(crate) fn size(root: &Node) -> Option<usize> {
    fn counted(node: &Node, left: &mut usize) -> bool {
        let own = 1 + node.scalar_text().map_or(0, str::len);
        let Some(rest) = left.checked_sub(own) else { return false };
        *left = rest;
        let entries = node.as_map().map(Mapping::entries).unwrap_or_default();
        node.as_seq().unwrap_or_default().iter().all(|item| counted(item, left))
            && entries.iter().all(|entry| counted(&entry.key, left) && counted(&entry.value, left))
    }
    let mut left = LARGEST;
    counted(root, &mut left).then(|| LARGEST - left)
}

/// The node with everything in it at one place.
pub(crate) fn placed(node: &Node, at: Location) -> Node {
    let value = match &node.value {
        Value::Seq(items) => Value::Seq(items.iter().map(|item| placed(item, at)).collect()),
        Value::Map(_) => {
            let entry =
                |entry: Entry| Entry { key: placed(&entry.key, at), value: placed(&entry.value, at), merged: false };
            mapping(entries(node).into_iter().map(entry).collect(), at).value
        }
        value => value.clone(),
    };
    Node { value, location: at, style: node.style }
}

/// The mapping with a key set, at its old place where it was there; what is no mapping becomes one.
pub fn with(node: &Node, key: &str, value: Node) -> Node {
    let at = value.location;
    let mut entries = entries(node);
    match entries.iter_mut().find(|entry| entry.key.key_text() == key) {
        Some(old) => old.value = value,
        None => entries.push(entry(key, value, at)),
    }
    let shell = if node.as_map().is_some() { node.clone() } else { mapping(vec![], at) };
    with_value(&shell, Value::Map(Arc::new(Mapping::new(entries))))
}

/// One mapping over another, in the order of the lower one. `combine` gives what comes of a value and of what it lies over, none where the key goes.
pub(crate) fn over(below: &Node, above: &Node, mut combine: impl FnMut(Option<&Node>, &Node) -> Option<Node>) -> Node {
    let mut all: Vec<Option<Entry>> = entries(below).into_iter().map(Some).collect();
    let named = |(at, entry): (usize, &Option<Entry>)| Some((entry.as_ref()?.key.key_text().into_owned(), at));
    let mut places: HashMap<String, usize> = all.iter().enumerate().filter_map(named).collect();
    for new in entries(above) {
        let key = new.key.key_text().into_owned();
        let known = places.get(&key).copied().filter(|at| all[*at].is_some());
        let old = known.and_then(|at| all[at].as_ref());
        match (combine(old.map(|old| &old.value), &new.value), known) {
            (Some(value), Some(at)) => all[at] = all[at].take().map(|old| Entry { value, ..old }),
            (Some(value), None) => {
                all.push(Some(Entry { value, merged: false, ..new }));
                places.insert(key, all.len() - 1);
            }
            (None, Some(at)) => all[at] = None,
            (None, None) => {}
        }
    }
    let shell = if below.as_map().is_some() { below.clone() } else { mapping(vec![], above.location) };
    with_value(&shell, Value::Map(Arc::new(all.into_iter().flatten().collect::<Mapping>())))
}

/// The mapping without a key.
pub(crate) fn without(node: &Node, key: &str) -> Node {
    let mut entries = entries(node);
    entries.retain(|entry| entry.key.key_text() != key);
    with_value(node, Value::Map(Arc::new(Mapping::new(entries))))
}

/// The entries of a mapping that count; none of anything else.
pub(crate) fn entries(node: &Node) -> Vec<Entry> {
    let effective = node.as_map().map(Mapping::effective).unwrap_or_default();
    effective.into_iter().map(|(_, entry)| entry.clone()).collect()
}

/// The mapping with the value at a path of keys set; mappings on the way are made.
pub(crate) fn with_at(node: &Node, path: &[&str], value: Node) -> Node {
    match path {
        [] => value,
        [key] => with(node, key, value),
        [key, rest @ ..] => {
            let below = node.get(key).cloned().unwrap_or_else(|| mapping(vec![], value.location));
            with(node, key, with_at(&below, rest, value))
        }
    }
}
