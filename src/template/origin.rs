//! Where values come from: small sets of opaque ids that travel with every value.
//!
//! The caller gives an [`OriginId`] to each place it can name (a leaf or an entry of a values file) and hangs it on the values it hands in.
//! A lookup that finds no entry makes an id of its own in the [`Ledger`], so that "this key was looked for and is absent" travels as well.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::Arc;

/// One place that values are read from. Ids of the caller stay below [`OriginId::ABSENT`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OriginId(pub u32);

impl OriginId {
    /// Ids from here on name absent keys and are resolved by [`Ledger::absent`].
    pub const ABSENT: u32 = 1 << 31;
    /// What the cluster serves, `.Capabilities.APIVersions`: a place of no file.
    pub const SERVED: Self = Self(Self::ABSENT - 1);

    /// True for the id of a key that was looked for and not found.
    pub fn is_absent(self) -> bool {
        self.0 >= Self::ABSENT
    }
}

/// A sorted set of origins. Empty and one-element sets need no allocation; larger ones are shared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Origins(Repr);

#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
enum Repr {
    #[default]
    None,
    One(OriginId),
    /// Behind a thin pointer: sets travel with every value.
    Many(Rc<Vec<OriginId>>),
}

impl Origins {
    /// No origins.
    pub const NONE: Self = Self(Repr::None);

    /// The set of one origin.
    pub fn one(id: OriginId) -> Self {
        Self(Repr::One(id))
    }

    /// True if nothing is known to have been read.
    pub fn is_empty(&self) -> bool {
        matches!(self.0, Repr::None)
    }

    /// The ids, ascending.
    pub fn as_slice(&self) -> &[OriginId] {
        match &self.0 {
            Repr::None => &[],
            Repr::One(id) => std::slice::from_ref(id),
            Repr::Many(ids) => ids,
        }
    }

    /// The ids, ascending.
    pub fn iter(&self) -> impl Iterator<Item = OriginId> + '_ {
        self.as_slice().iter().copied()
    }

    /// True if `id` is in the set.
    pub fn contains(&self, id: OriginId) -> bool {
        self.as_slice().binary_search(&id).is_ok()
    }

    /// The ids of both sets.
    pub fn union(&self, other: &Self) -> Self {
        let mut both = self.clone();
        both.add(other);
        both
    }

    /// Adds the ids of `other`; shares instead of copying where one set holds the other.
    pub fn add(&mut self, other: &Self) {
        if other.is_empty() {
            return;
        }
        let (mine, theirs) = (self.as_slice(), other.as_slice());
        if theirs.iter().all(|id| mine.binary_search(id).is_ok()) {
            return;
        }
        if mine.iter().all(|id| theirs.binary_search(id).is_ok()) {
            *self = other.clone();
            return;
        }
        *self = mine.iter().chain(theirs).copied().collect();
    }
}

impl FromIterator<OriginId> for Origins {
    fn from_iter<I: IntoIterator<Item = OriginId>>(ids: I) -> Self {
        let mut ids: Vec<_> = ids.into_iter().collect();
        ids.sort_unstable();
        ids.dedup();
        match ids.as_slice() {
            [] => Self::NONE,
            [id] => Self::one(*id),
            _ => Self(Repr::Many(Rc::new(ids))),
        }
    }
}

/// A key that was looked for in a map that has an origin, and not found.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Absent {
    /// The origin of the map.
    pub map: OriginId,
    /// The key it lacks.
    pub key: Arc<str>,
}

/// The absent keys that were looked for while rendering.
#[derive(Debug, Default)]
pub struct Ledger {
    absents: Vec<Absent>,
    ids: HashMap<OriginId, BTreeMap<Arc<str>, OriginId>>,
}

impl Ledger {
    /// The origins of looking for `key` in a map with the origins `map`: one absent entry for each of them.
    pub fn missing(&mut self, map: &Origins, key: &str) -> Origins {
        if map.is_empty() {
            return Origins::NONE;
        }
        map.iter().filter(|id| !id.is_absent()).map(|map| self.id(map, key)).collect()
    }

    fn id(&mut self, map: OriginId, key: &str) -> OriginId {
        let known = self.ids.entry(map).or_default();
        if let Some(id) = known.get(key) {
            return *id;
        }
        let next = u32::try_from(self.absents.len()).map_or(u32::MAX, |count| OriginId::ABSENT | count);
        let key: Arc<str> = key.into();
        known.insert(Arc::clone(&key), OriginId(next));
        self.absents.push(Absent { map, key });
        OriginId(next)
    }

    /// All absent keys, by what their ids have above [`OriginId::ABSENT`].
    pub fn into_absents(self) -> Vec<Absent> {
        self.absents
    }

    /// The absent key behind an id, `None` for ids of the caller.
    pub fn absent(&self, id: OriginId) -> Option<&Absent> {
        id.is_absent().then(|| self.absents.get((id.0 & !OriginId::ABSENT) as usize)).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(ids: &[u32]) -> Origins {
        ids.iter().map(|id| OriginId(*id)).collect()
    }

    #[test]
    fn union_is_sorted_and_without_duplicates() {
        assert_eq!(set(&[3, 1]).union(&set(&[2, 3])), set(&[1, 2, 3]));
        assert_eq!(set(&[]).union(&set(&[7])), Origins::one(OriginId(7)));
        assert_eq!(set(&[7]).union(&set(&[])), set(&[7]));
    }

    #[test]
    fn an_absent_key_has_one_id_however_often_it_is_looked_for() {
        let mut ledger = Ledger::default();
        let map = Origins::one(OriginId(4));
        let first = ledger.missing(&map, "digest");
        assert_eq!(ledger.missing(&map, "digest"), first);
        let id = first.iter().next().expect("one origin");
        assert_eq!(ledger.absent(id), Some(&Absent { map: OriginId(4), key: Arc::from("digest") }));
        assert_eq!(ledger.missing(&Origins::NONE, "digest"), Origins::NONE);
    }
}
