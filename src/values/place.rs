//! Places: what an origin of a value stands for — the line that set it, its path there, and what it took the place of.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::Error;
use crate::template::origin::{OriginId, Origins};
use crate::template::value::{Data, List, Map, Value};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Step, Value as Yaml};

/// One place in a values file or in a `--set` expression.
#[derive(Debug, Clone)]
pub struct Place {
    /// The value's span.
    pub location: Location,
    within: Option<(OriginId, Key)>,
}

/// The last step of a place's path.
#[derive(Debug, Clone)]
pub(super) enum Key {
    Name(Arc<str>),
    Index(usize),
}

/// Every place that the values of one rendering come from, by origin.
#[derive(Debug, Clone, Default)]
pub struct Places {
    list: Vec<Place>,
    /// What each origin that counts took the place of, the first first.
    shadows: BTreeMap<(OriginId, u32), OriginId>,
}

impl Places {
    /// The place of an origin; none for an absent key.
    pub fn get(&self, id: OriginId) -> Option<&Place> {
        self.list.get(id.0 as usize)
    }

    /// The path of a place from the root of its file.
    pub fn path(&self, id: OriginId) -> KeyPath {
        let mut steps = vec![];
        let mut next = self.get(id).and_then(|place| place.within.as_ref());
        while let Some((parent, key)) = next {
            steps.push(match key {
                Key::Name(name) => Step::Key(name.as_ref().to_owned()),
                Key::Index(index) => Step::Index(*index),
            });
            next = self.get(*parent).and_then(|place| place.within.as_ref());
        }
        steps.reverse();
        KeyPath(steps)
    }

    /// What the value of an origin took the place of, the strongest first.
    pub fn shadowed(&self, id: OriginId) -> Vec<OriginId> {
        let mut found: Vec<OriginId> = vec![];
        let mut known = HashSet::from([id]);
        let mut open = vec![id];
        while let Some(winner) = open.pop() {
            for under in self.under(winner) {
                if known.insert(*under) {
                    found.push(*under);
                    open.push(*under);
                }
            }
        }
        found
    }

    /// Bytes that they take, near enough.
    pub(crate) fn size(&self) -> usize {
        // The tree's leaves are half full where keys come in order.
        let shadows = 2 * size_of::<((OriginId, u32), OriginId)>();
        size_of_val(&*self.list) + self.shadows.len() * shadows
    }

    /// What an origin itself took the place of.
    fn under(&self, winner: OriginId) -> impl Iterator<Item = &OriginId> {
        self.shadows.range((winner, 0)..=(winner, u32::MAX)).map(|(_, under)| under)
    }

    /// A place of its own, outside any values file.
    pub fn note(&mut self, location: Location) -> OriginId {
        self.add(location, None)
    }

    /// Notes that `over` took the place of `under`.
    pub(super) fn shadow(&mut self, over: &Value, under: &Value) {
        for over in over.origins.iter() {
            for under in under.origins.iter().filter(|under| *under != over) {
                let next = self.shadows.range((over, 0)..=(over, u32::MAX)).next_back();
                let place = next.map_or(0, |((_, place), _)| place + 1);
                self.shadows.insert((over, place), under);
            }
        }
    }

    pub(super) fn add(&mut self, location: Location, within: Option<(OriginId, Key)>) -> OriginId {
        let id = u32::try_from(self.list.len()).unwrap_or(u32::MAX).min(OriginId::SERVED.0 - 1);
        self.list.push(Place { location, within });
        OriginId(id)
    }

    /// The root of a values file as templates see it.
    ///
    /// # Errors
    /// A number that JSON does not have; a root that is no mapping.
    pub fn root(&mut self, node: &Node) -> Result<Map, Error> {
        match &node.value {
            Yaml::Null => {
                let id = self.add(node.location, None);
                Ok(Map::located(BTreeMap::new(), Map::ANY, Origins::one(id)))
            }
            Yaml::Map(_) => match self.value(node, None)?.data {
                Data::Map(map) => Ok(map),
                _ => Err(Error::not_a_map(node)),
            },
            _ => Err(Error::not_a_map(node)),
        }
    }

    /// A node as templates see it: every number is a `float64`, as JSON has it.
    pub(super) fn value(&mut self, node: &Node, within: Option<(OriginId, Key)>) -> Result<Value, Error> {
        let id = self.add(node.location, within);
        #[expect(clippy::cast_precision_loss, reason = "Go's JSON decoder rounds in the same way")]
        let data = match &node.value {
            Yaml::Null => Data::Nil,
            Yaml::Bool(value, _) => Data::Bool(*value),
            Yaml::Int(value, _) => Data::Float(*value as f64),
            Yaml::Uint(value, _) => Data::Float(*value as f64),
            Yaml::Float(value, _) if value.is_finite() => Data::Float(*value),
            Yaml::Float(..) => return Err(Error::not_a_number(node)),
            Yaml::String(text) => Data::String(Arc::clone(text).into()),
            Yaml::Seq(items) => {
                let within = |index| Some((id, Key::Index(index)));
                let items = items.iter().enumerate().map(|(index, item)| self.value(item, within(index)));
                Data::List(List::new(items.collect::<Result<_, _>>()?))
            }
            Yaml::Map(mapping) => {
                let mut entries = BTreeMap::new();
                for entry in mapping.entries() {
                    let key: Arc<str> = match &entry.key.value {
                        Yaml::String(text) => Arc::clone(text),
                        _ => entry.key.key_text().into(),
                    };
                    let value = self.value(&entry.value, Some((id, Key::Name(Arc::clone(&key)))))?;
                    entries.insert(key, value);
                }
                Data::Map(Map::located(entries, Map::ANY, Origins::one(id)))
            }
        };
        Ok(Value::from(data).with_origins(Origins::one(id)))
    }
}

/// Takes out of a value what it shares with others and what could change.
fn unshare(value: &mut Value) {
    match &value.data {
        Data::Map(map) => value.data = Data::Map(copy_map(map)),
        Data::List(list) if list.iter().any(holds_map) => {
            let mut items = list.to_vec();
            items.iter_mut().for_each(unshare);
            value.data = Data::List(List::new(items));
        }
        _ => {}
    }
}

fn holds_map(value: &Value) -> bool {
    match &value.data {
        Data::Map(_) => true,
        Data::List(list) => list.iter().any(holds_map),
        _ => false,
    }
}

/// A copy that shares nothing that could change.
pub(super) fn copy_map(map: &Map) -> Map {
    map.copy(Map::ANY, map.origins().clone(), unshare)
}
