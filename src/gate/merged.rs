//! The values of a chart's profiles, merged: what several profiles have in common is held once.

use std::collections::HashSet;
use std::sync::Arc;

use crate::profile::Profile;
use crate::render::{Cache, Error};
use crate::values;
use crate::yaml::{Node, Value};

/// Bytes that a value takes beside its text, in a tree of them.
const VALUE: usize = size_of::<Node>() + 32;

/// What was merged so far.
pub(super) struct Merged {
    known: Vec<Known>,
    /// That the files of the profiles alone take more room than there is.
    full: Option<Error>,
}

/// Values that were merged.
struct Known {
    own: Node,
    layers: Vec<Node>,
    merged: Node,
}

impl Merged {
    /// For profiles, whose files take room, each once.
    pub(super) fn new(profiles: &[Profile], cache: &Cache) -> Self {
        let mut counted = HashSet::new();
        let roots = profiles.iter().flat_map(|profile| &profile.values).filter(|root| match &root.value {
            Value::Map(mapping) => counted.insert(Arc::as_ptr(mapping)),
            _ => false,
        });
        let values: usize = roots.map(Node::weight).sum();
        Self { known: vec![], full: cache.keep(values * VALUE).err() }
    }

    /// A chart's own values with others over them.
    ///
    /// # Errors
    /// Where the profiles of the chart hold too much.
    pub(super) fn of(&mut self, own: &Node, layers: &[&Node], cache: &Cache) -> Result<Node, Error> {
        if layers.is_empty() {
            return Ok(own.clone());
        }
        let are_same = |known: &[Node]| {
            known.len() == layers.len() && known.iter().zip(layers).all(|(known, layer)| is_shared(known, layer))
        };
        let is_it = |known: &&Known| {
            (own.is_null() && known.own.is_null() || is_shared(&known.own, own)) && are_same(&known.layers)
        };
        if let Some(known) = self.known.iter().find(is_it) {
            return Ok(known.merged.clone());
        }
        if let Some(full) = &self.full {
            return Err(full.clone());
        }
        let (merged, size) = values::merged_with_size(own, layers.iter().copied());
        if let Err(full) = cache.keep(size) {
            return Err(self.full.insert(full).clone());
        }
        let layers = layers.iter().copied().cloned().collect();
        self.known.push(Known { own: own.clone(), layers, merged: merged.clone() });
        Ok(merged)
    }
}

/// Whether two values are one, held twice.
fn is_shared(one: &Node, other: &Node) -> bool {
    matches!((&one.value, &other.value), (Value::Map(one), Value::Map(other)) if Arc::ptr_eq(one, other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn node(text: &str) -> Node {
        let id = Sources::new().add(Source::new("", Address::Rendered, text));
        Document::parse(id, text).expect("valid").root
    }

    #[test]
    fn profiles_with_the_same_values_hold_them_once() {
        let (own, layer, other) = (node("a: 1\n"), node("b: 2\n"), node("b: 2\n"));
        let cache = Cache::default();
        let mut merged = Merged::new(&[], &cache);
        let mut of = |layer: &Node| {
            let before = cache.room();
            let node = merged.of(&own, &[layer], &cache).expect("there is room");
            (node.to_json().to_string(), before - cache.room())
        };
        let first = of(&layer);
        assert!(first.0 == r#"{"a":1,"b":2}"# && first.1 > 0, "{first:?}");
        assert_eq!(of(&layer), (first.0.clone(), 0), "the same mapping again");
        assert_eq!(of(&other), first, "another one of the same text");
    }

    #[test]
    fn files_that_take_all_room_leave_none_for_what_they_are_merged_to() {
        let values = format!("a: [{}]\n", "1, ".repeat(1_000));
        let profile = Profile { values: vec![node(&values)], ..Profile::default() };
        let cache = Cache::default();
        cache.keep(usize::try_from(cache.room()).expect("it fits") - 1_000).expect("there is room");
        let mut merged = Merged::new(&[profile], &cache);
        assert!(merged.of(&node("a: 1\n"), &[], &cache).is_ok(), "the chart's own are held anyway");
        assert!(merged.of(&node("a: 1\n"), &[&node("b: 1\n")], &cache).is_err());
    }
}
