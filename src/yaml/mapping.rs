//! Mappings: their entries in file order, and which of them counts for a key.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet, hash_map};
use std::sync::OnceLock;

use indexmap::IndexMap;

use super::Entry;

/// Entries beyond which a mapping is searched by its sorted keys: below, looking at each is faster.
const SMALL: usize = 32;

/// The entries of a mapping, in file order; a key that stands twice has two entries, of which the last counts.
#[derive(Debug, Clone, Default)]
pub struct Mapping {
    entries: Vec<Entry>,
    /// The places of the entries, sorted by key and then by place; made when a large mapping is first asked for a key.
    sorted: OnceLock<Box<[usize]>>,
}

impl FromIterator<Entry> for Mapping {
    fn from_iter<I: IntoIterator<Item = Entry>>(entries: I) -> Self {
        Self::new(entries.into_iter().collect())
    }
}

impl Mapping {
    /// A mapping of these entries.
    pub fn new(entries: Vec<Entry>) -> Self {
        Self { entries, sorted: OnceLock::new() }
    }

    /// Every entry; those of a merge key (`<<`) stand where the merge key stands.
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The entry that counts for a key: the last one, as in Go-YAML 2, be it written or merged.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        if self.entries.len() <= SMALL {
            return self.entries.iter().rfind(|entry| entry.key.is_key(key));
        }
        let sorted = self.sorted.get_or_init(|| self.sorted());
        let behind = sorted.partition_point(|at| &*self.entries[*at].key.key_text() <= key);
        let entry = &self.entries[*sorted[..behind].last()?];
        entry.key.is_key(key).then_some(entry)
    }

    fn sorted(&self) -> Box<[usize]> {
        let mut places: Vec<usize> = (0..self.entries.len()).collect();
        places.sort_by(|left, right| self.entries[*left].key.key_text().cmp(&self.entries[*right].key.key_text()));
        places.into()
    }

    /// Entries that count, in file order, each with its key as text: of a repeated key only the last.
    pub fn effective(&self) -> Vec<(Cow<'_, str>, &Entry)> {
        let all: Vec<_> = self.entries.iter().map(|entry| (entry.key.key_text(), entry)).collect();
        if are_distinct(all.iter().map(|(key, _)| &**key)) {
            return all;
        }
        let last: IndexMap<Cow<'_, str>, &Entry> = all.into_iter().collect();
        last.into_iter().collect()
    }

    /// Written entries that a later written entry of the same key makes void, each with the one that counts.
    pub fn duplicates(&self) -> Vec<(&Entry, &Entry)> {
        let keys: Vec<_> =
            self.entries.iter().filter(|entry| !entry.merged).map(|entry| entry.key.key_text()).collect();
        if are_distinct(keys.iter().map(|key| &**key)) {
            return vec![];
        }
        let mut last: HashMap<Cow<'_, str>, &Entry> = HashMap::with_capacity(self.entries.len());
        let mut void = vec![];
        for entry in self.entries.iter().filter(|entry| !entry.merged).rev() {
            match last.entry(entry.key.key_text()) {
                hash_map::Entry::Occupied(winner) => void.push((entry, *winner.get())),
                hash_map::Entry::Vacant(place) => _ = place.insert(entry),
            }
        }
        void.reverse();
        void
    }
}

/// Whether no two keys are the same. Nearly always so, and most mappings are small: comparing all pairs beats hashing there.
fn are_distinct<'k>(keys: impl ExactSizeIterator<Item = &'k str> + Clone) -> bool {
    const FEW: usize = 16;
    if keys.len() > FEW {
        let mut seen = HashSet::with_capacity(keys.len());
        return keys.into_iter().all(|key| seen.insert(key));
    }
    let mut rest = keys;
    while let Some(key) = rest.next() {
        if rest.clone().any(|other| other == key) {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SMALL;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    proptest! {
        /// Small and large mappings answer alike: with the last entry of a key, or with none.
        #[test]
        fn the_last_entry_of_a_key_counts(keys in prop::collection::vec(0..60_u32, 1..3 * SMALL)) {
            let lines = keys.iter().enumerate().map(|(line, key)| format!("{key}: {line}\n"));
            let text = lines.collect::<String>();
            let source = Sources::new().add(Source::new("a.yaml", Address::Rendered, &*text));
            let root = Document::parse(source, &text).expect("valid").root;
            for key in 0..60 {
                let last = keys.iter().rposition(|other| *other == key).map(|line| line.to_string());
                let found = root.get(&key.to_string()).and_then(|value| value.scalar_text().map(str::to_owned));
                prop_assert_eq!(found, last);
            }
        }
    }
}
