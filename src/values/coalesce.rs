//! Helm's coalescing (`pkg/chart/common/util/coalesce.go`), on maps that are shared and changed in place as Go's are.
//!
//! Which maps are shared with which shows in the result (globals leak through nested tables), so the steps follow Helm's.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use super::place::{Places, copy_map};
use super::scope::Scope;
use super::{Error, GLOBAL};
use crate::helm::Major;
use crate::template::value::{Data, Map, Value};

/// Whether nulls remove keys (coalescing) or stay (merging, for values that are coalesced again later).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Nulls {
    Remove,
    Keep,
}

/// One pass of coalescing.
pub(super) struct Coalesce<'p> {
    helm: Major,
    nulls: Nulls,
    /// Where to note what shadows what, in the pass that counts.
    places: Option<&'p mut Places>,
}

impl<'p> Coalesce<'p> {
    pub(super) fn new(helm: Major, nulls: Nulls) -> Self {
        Self { helm, nulls, places: None }
    }

    /// The last pass, which remembers what shadows what.
    pub(super) fn noting(helm: Major, places: &'p mut Places) -> Self {
        Self { helm, nulls: Nulls::Remove, places: Some(places) }
    }

    /// The values of a chart and its sub-charts, `over` before the chart's own; `over` itself does not change.
    pub(super) fn values(&mut self, scope: &Scope<'_>, over: &Map) -> Result<Map, Error> {
        let values = copy_map(over);
        self.scope(scope, &values)?;
        Ok(values)
    }

    fn note(&mut self, over: &Value, under: &Value) {
        if let Some(places) = &mut self.places {
            places.shadow(over, under);
        }
    }

    fn scope(&mut self, scope: &Scope<'_>, dest: &Map) -> Result<(), Error> {
        self.defaults(scope, dest);
        for sub in &scope.dependencies {
            let below = match dest.get(&sub.name) {
                None => {
                    let map = Map::located(BTreeMap::new(), Map::ANY, dest.origins().clone());
                    dest.insert(Arc::clone(&sub.name), map.clone().into());
                    map
                }
                Some(Value { data: Data::Map(map), .. }) => map,
                Some(other) => return Err(Error::type_mismatch(&sub.name, &other)),
            };
            self.globals(&below, dest);
            self.scope(sub, &below)?;
        }
        Ok(())
    }

    /// The chart's own values below those in `dest`.
    fn defaults(&mut self, scope: &Scope<'_>, dest: &Map) {
        for (key, value) in copy_map(&scope.defaults).snapshot() {
            let Some(over) = dest.get(&key) else {
                if self.nulls == Nulls::Remove && !self.helm.keeps_nulls() {
                    if value.is_nil() {
                        continue;
                    }
                    value.as_map().into_iter().for_each(remove_nulls);
                }
                dest.insert(key, value);
                continue;
            };
            self.note(&over, &value);
            match (&over.data, &value.data) {
                (Data::Nil, _) if self.nulls == Nulls::Remove => dest.remove(&key),
                (Data::Map(over), Data::Map(under)) => {
                    let is_child = scope.dependencies.iter().any(|sub| sub.name == key);
                    let nulls = if is_child { Nulls::Keep } else { self.nulls };
                    if nulls == Nulls::Remove && !self.helm.keeps_nulls() {
                        remove_nulls(under);
                    }
                    self.tables(over, under, nulls);
                }
                _ => {}
            }
        }
    }

    /// Globals of a chart's values for its sub-chart: the parent's win.
    fn globals(&mut self, dest: &Map, src: &Map) {
        let table = |map: &Map| match map.get(GLOBAL) {
            None => Some(Map::new()),
            Some(Value { data: Data::Map(map), .. }) => Some(map),
            Some(_) => None,
        };
        let origins = src.get(GLOBAL).map(|value| value.origins).unwrap_or_default();
        let (Some(below), Some(above)) = (table(dest), table(src)) else { return };
        for (key, value) in above.snapshot() {
            let old = below.get(&key);
            match (&value.data, old.as_ref().map(|old| &old.data)) {
                (Data::Map(map), old) => {
                    let copy = map.copy(Map::ANY, map.origins().clone(), |_| {});
                    match old {
                        Some(Data::Map(old)) => self.tables(&copy, old, Nulls::Keep),
                        Some(_) => continue,
                        None => {}
                    }
                    below.insert(key, Value::from(copy).with_origins(value.origins.clone()));
                }
                (_, Some(Data::Map(_))) => {}
                _ => below.insert(key, value),
            }
        }
        let origins = if below.origins().is_empty() { origins } else { below.origins().clone() };
        dest.insert(Arc::from(GLOBAL), Value::from(below).with_origins(origins));
    }

    /// `src` below `dest`, both changed in place.
    pub(super) fn tables(&mut self, dest: &Map, src: &Map, nulls: Nulls) {
        let absent = if self.helm.null_removes_null() { vec![] } else { nulls_of(dest) };
        // Which keys the source sets only matters for those that are about to be laid over it.
        let is_set = |(key, _): &&(Arc<str>, Value)| src.get(key).is_some_and(|value| !value.is_nil());
        let set: HashSet<Arc<str>> = match nulls {
            Nulls::Keep => HashSet::new(),
            Nulls::Remove => absent.iter().filter(is_set).map(|(key, _)| Arc::clone(key)).collect(),
        };
        for (key, value) in absent {
            if let Some(under) = src.get(&key) {
                self.note(&value, &under);
            }
            src.insert(key, value);
        }
        for (key, value) in src.snapshot() {
            let Some(over) = dest.get(&key) else {
                dest.insert(key, value);
                continue;
            };
            self.note(&over, &value);
            match (&over.data, &value.data) {
                (Data::Nil, _) if nulls == Nulls::Remove && (self.helm.null_removes_null() || set.contains(&key)) => {
                    dest.remove(&key);
                }
                (Data::Map(over), Data::Map(under)) => self.tables(over, under, nulls),
                _ => {}
            }
        }
    }
}

/// The entries of a map that are null.
fn nulls_of(map: &Map) -> Vec<(Arc<str>, Value)> {
    let copied = |(key, value): (&Arc<str>, &Value)| (Arc::clone(key), value.clone());
    map.inspect(|entries| entries.iter().filter(|(_, value)| value.is_nil()).map(copied).collect())
}

/// Removes nulls, in nested maps too, but not in lists.
fn remove_nulls(map: &Map) {
    for (key, _) in nulls_of(map) {
        map.remove(&key);
    }
    let inner: Vec<Map> = map.inspect(|entries| entries.values().filter_map(Value::as_map).cloned().collect());
    inner.iter().for_each(remove_nulls);
}

/// `over` laid over `under`, as several values files are: nulls are values like any other (`MergeMaps`).
pub(super) fn lay_over(under: &Map, over: &Map, places: &mut Places) {
    for (key, value) in over.snapshot() {
        let old = under.take(&key);
        if let Some(old) = &old {
            places.shadow(&value, old);
        }
        match (old.map(|old| old.data), value.as_map()) {
            (Some(Data::Map(old)), Some(new)) => {
                let merged = old.moved(new.origins().clone());
                lay_over(&merged, new, places);
                under.insert(key, Value::from(merged).with_origins(value.origins.clone()));
            }
            _ => under.insert(key, value),
        }
    }
}
