//! The way through an object along its type: every mapping that is of a definition, with its name.

use crate::kubernetes::{Minor, Shape};
use crate::text::Location;
use crate::yaml::path::Trail;
use crate::yaml::{Node, Value};

/// A part of an object that is of a definition.
pub(super) struct Part<'a, 't> {
    /// The definition's name: `core.v1.Container`.
    pub(super) name: &'static str,
    /// The part.
    pub(super) node: &'a Node,
    /// Where to say what it lacks as a whole: at its key, or at its first.
    pub(super) at: Location,
    /// The way to it.
    pub(super) path: &'t Trail<'t>,
    /// The version that is asked.
    pub(super) minor: Minor,
}

/// Goes through every part, outer ones first. A new object's status counts for nothing.
pub(super) fn parts<'a>(root: &'a Node, shape: Shape, visit: &mut dyn FnMut(&Part<'a, '_>)) {
    let at = root.entry("kind").map_or(root.location, |entry| entry.key.location);
    go(root, at, shape, &Trail::Root, visit);
}

fn go<'a>(node: &'a Node, at: Location, shape: Shape, path: &Trail<'_>, visit: &mut dyn FnMut(&Part<'a, '_>)) {
    match &node.value {
        Value::Map(mapping) => {
            if let Some(name) = shape.name().filter(|_| shape.has_fields()) {
                visit(&Part { name, node, at, path, minor: shape.minor() });
            }
            let is_root = matches!(path, Trail::Root);
            for (key, entry) in mapping.effective() {
                let inner = shape.field(&key).or_else(|| shape.values());
                if let Some(inner) = inner.filter(|_| !(is_root && key == "status")) {
                    go(&entry.value, entry.key.location, inner, &path.key(&key), visit);
                }
            }
        }
        Value::Seq(items) => {
            let Some(inner) = shape.items() else { return };
            for (index, item) in items.iter().enumerate() {
                let first = item.as_map().and_then(|mapping| mapping.entries().first());
                let at = first.map_or(item.location, |entry| entry.key.location);
                go(item, at, inner, &path.index(index), visit);
            }
        }
        _ => {}
    }
}
