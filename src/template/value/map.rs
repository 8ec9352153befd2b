//! Maps: references that every alias sees change, sorted by key as Go prints and ranges over them.

use std::cell::{OnceCell, Ref, RefCell, RefMut};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::list::{is_container, release};
use super::{Shared, Value, Watch};
use crate::template::origin::Origins;

/// A Go map from strings with the name of its type.
#[derive(Debug, Clone)]
pub struct Map(Rc<MapInner>);

#[derive(Debug)]
struct MapInner {
    entries: RefCell<BTreeMap<Arc<str>, Value>>,
    type_name: &'static str,
    origins: Origins,
    is_nil: bool,
    /// Told when somebody can tell an absent key from a null.
    watch: OnceCell<Watch>,
    shared: OnceCell<Rc<Shared>>,
}

impl Map {
    /// `map[string]interface {}`, the type of nearly all maps.
    pub const ANY: &'static str = "map[string]interface {}";
    /// `map[string]string`, what `split` returns.
    pub const STRINGS: &'static str = "map[string]string";

    /// An empty `map[string]interface {}` without origin.
    pub fn new() -> Self {
        Self::typed(BTreeMap::new(), Self::ANY)
    }

    /// A map of the Go type `type_name`.
    pub fn typed(entries: BTreeMap<Arc<str>, Value>, type_name: &'static str) -> Self {
        Self::located(entries, type_name, Origins::NONE)
    }

    /// A map that stands at `origins` in the caller's files: keys looked for and not found are recorded under them.
    pub fn located(entries: BTreeMap<Arc<str>, Value>, type_name: &'static str, origins: Origins) -> Self {
        Self(Rc::new(MapInner {
            entries: RefCell::new(entries),
            type_name,
            origins,
            is_nil: false,
            watch: OnceCell::new(),
            shared: OnceCell::new(),
        }))
    }

    /// A nil map of the Go type `type_name`: JSON's null.
    pub fn nil(type_name: &'static str) -> Self {
        Self(Rc::new(MapInner {
            entries: RefCell::default(),
            type_name,
            origins: Origins::NONE,
            is_nil: true,
            watch: OnceCell::new(),
            shared: OnceCell::new(),
        }))
    }

    /// True for a nil map.
    pub fn is_nil(&self) -> bool {
        self.0.is_nil
    }

    /// The type as `%T` prints it.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name
    }

    /// Where the map itself stands.
    pub fn origins(&self) -> &Origins {
        &self.0.origins
    }

    /// Has `watch` told once somebody can tell an absent key of the map from a null.
    pub fn watch(&self, watch: &Watch) {
        self.0.watch.get_or_init(|| watch.clone());
    }

    /// Makes the map one that templates share, and returns the lists and maps in it; none where it is one already. Nobody is told.
    pub fn share(&self, shared: &Rc<Shared>) -> Vec<Value> {
        match self.0.shared.set(Rc::clone(shared)) {
            Ok(()) => self.0.entries.borrow().values().filter(|value| is_container(value)).cloned().collect(),
            Err(_) => vec![],
        }
    }

    /// The entries, for whoever sees which keys there are.
    fn seen(&self) -> Ref<'_, BTreeMap<Arc<str>, Value>> {
        if let Some(watch) = self.0.watch.get() {
            watch.see();
        }
        self.look();
        self.0.entries.borrow()
    }

    /// Tells that somebody looks at the map as a whole.
    pub fn look(&self) {
        if let Some(shared) = self.0.shared.get() {
            shared.ask(None);
        }
    }

    /// The entries, for whoever changes them.
    fn changed(&self) -> RefMut<'_, BTreeMap<Arc<str>, Value>> {
        if let Some(shared) = self.0.shared.get() {
            shared.changed.see();
        }
        self.0.entries.borrow_mut()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.look();
        self.field(key).filter(|value| !value.is_nil()).or_else(|| self.seen().get(key).cloned())
    }

    /// The same for those to whom an absent key is a null.
    pub fn field(&self, key: &str) -> Option<Value> {
        if let Some(shared) = self.0.shared.get() {
            shared.ask(Some(key));
        }
        self.0.entries.borrow().get(key).cloned()
    }

    /// True if the key is there, be its value nil.
    pub fn contains(&self, key: &str) -> bool {
        self.seen().contains_key(key)
    }

    /// Sets a key, for all aliases.
    pub fn insert(&self, key: Arc<str>, value: Value) {
        let _old = self.changed().insert(key, value);
    }

    /// Removes a key, for all aliases.
    pub fn remove(&self, key: &str) {
        let _old = self.changed().remove(key);
    }

    /// Removes a key, for all aliases, and hands its value over.
    pub fn take(&self, key: &str) -> Option<Value> {
        self.changed().remove(key)
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.seen().len()
    }

    /// True if there is no key.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The keys, sorted.
    pub fn keys(&self) -> Vec<Arc<str>> {
        self.seen().keys().cloned().collect()
    }

    /// The entries as they are now, sorted by key. Later changes do not show, so the map may change while one walks them.
    pub fn snapshot(&self) -> Vec<(Arc<str>, Value)> {
        self.seen().iter().map(|(key, value)| (Arc::clone(key), value.clone())).collect()
    }

    /// Shows the entries to `see`, which must not change them.
    pub fn inspect<R>(&self, see: impl FnOnce(&BTreeMap<Arc<str>, Value>) -> R) -> R {
        see(&self.seen())
    }

    /// A map of its own with the same entries, each as `change` leaves it.
    pub fn copy(&self, type_name: &'static str, origins: Origins, change: impl FnMut(&mut Value)) -> Self {
        let mut entries = self.seen().clone();
        entries.values_mut().for_each(change);
        Self::located(entries, type_name, origins)
    }

    /// A map of its own with the same entries that stands at `origins`: this one, where nobody else sees it.
    pub fn moved(self, origins: Origins) -> Self {
        match Rc::try_unwrap(self.0) {
            Ok(inner) => Self::located(inner.entries.take(), Self::ANY, origins),
            Err(shared) => Self(shared).copy(Self::ANY, origins, |_| {}),
        }
    }

    /// True if both are the same map, not only equal ones.
    pub fn same(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }

    /// Hands the entries over if this is the last reference.
    pub(super) fn take_last(self, open: &mut Vec<Value>) {
        if let Some(inner) = Rc::into_inner(self.0) {
            open.extend(inner.entries.take().into_values().filter(is_container));
        }
    }
}

impl Default for Map {
    fn default() -> Self {
        Self::new()
    }
}

impl<K: Into<Arc<str>>> FromIterator<(K, Value)> for Map {
    fn from_iter<I: IntoIterator<Item = (K, Value)>>(entries: I) -> Self {
        Self::typed(entries.into_iter().map(|(key, value)| (key.into(), value)).collect(), Self::ANY)
    }
}

impl Drop for MapInner {
    fn drop(&mut self) {
        let entries = self.entries.get_mut();
        if entries.values().any(is_container) {
            release(std::mem::take(entries).into_values().filter(is_container).collect());
        }
    }
}
