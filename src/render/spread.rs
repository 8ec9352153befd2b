//! Where values went: the scalars of a rendering's objects that each was printed to, found in one walk for all that ask.

use std::collections::HashMap;

use super::{Object, Record, Rendered};
use crate::template::origin::OriginId;
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Value};

/// The scalars of objects by the values that they were printed from, each of a record.
#[derive(Debug)]
pub struct Spread<'r> {
    rendered: &'r Rendered,
    scalars: HashMap<(*const Record, OriginId), Vec<(Object<'r>, &'r Node)>>,
}

impl<'r> Spread<'r> {
    /// Those of every object, but for nodes that are `left_out` of one.
    pub fn of(rendered: &'r Rendered, left_out: impl Fn(&Object<'r>) -> Vec<Location>) -> Self {
        let mut spread = Self { rendered, scalars: HashMap::new() };
        for object in rendered.objects() {
            let left_out = left_out(&object);
            spread.add(object, object.root, &left_out);
        }
        spread
    }

    fn add(&mut self, object: Object<'r>, node: &'r Node, left_out: &[Location]) {
        match &node.value {
            Value::Map(mapping) => {
                mapping.entries().iter().for_each(|entry| self.add(object, &entry.value, left_out));
            }
            Value::Seq(items) => items.iter().for_each(|item| self.add(object, item, left_out)),
            _ if left_out.contains(&node.location) => {}
            _ => {
                let (record, ids) = object.manifest.printed_to(node.location.span);
                for id in ids {
                    self.scalars.entry((std::ptr::from_ref(record), id)).or_default().push((object, node));
                }
            }
        }
    }

    /// The scalars that the value of a path that stands, or is missing, at a place was printed to.
    pub fn scalars<'s>(
        &'s self,
        place: Location,
        path: &'s KeyPath,
    ) -> impl Iterator<Item = (Object<'r>, &'r Node)> + 's {
        let ids = self.rendered.record.all().flat_map(move |record| {
            let ids = record.ids_of(place, path).into_iter();
            ids.map(move |id| (std::ptr::from_ref(record), id))
        });
        ids.filter_map(|id| self.scalars.get(&id)).flatten().copied()
    }
}
