//! Fields in which two renderings of a chart are not the same.

use std::collections::{BTreeMap, HashMap};

use crate::render::{Object, Rendered};
use crate::text::Location;
use crate::yaml::{KeyPath, Mapping, Node};

/// A field that is not the same.
pub(super) struct Field<'a> {
    pub(super) object: Object<'a>,
    pub(super) path: KeyPath,
    pub(super) at: Location,
}

impl Field<'_> {
    /// Whether one is the other, or a part of it.
    pub(super) fn touches(&self, other: &Self) -> bool {
        let (own, its) = (&self.path.0, &other.path.0);
        std::ptr::eq(self.object.root, other.object.root) && own.iter().zip(its).all(|(left, right)| left == right)
    }
}

/// The fields of `first` that are not so in `other`.
pub(super) fn differences<'a>(first: &'a Rendered, other: &Rendered, event: Event) -> Vec<Field<'a>> {
    let mut found = vec![];
    for (object, other) in pairs(first, other) {
        let root = object.root;
        let mut add = |path: KeyPath, node: &Node| found.push(Field { object, path, at: node.location });
        match other {
            Some(other) => compare(root, other.root, &KeyPath::default(), &mut add),
            // What an upgrade leaves out stays as it is.
            None if event == Event::Upgrade => {}
            None => add(KeyPath::default(), root.get("kind").unwrap_or(root)),
        }
    }
    found
}

/// What the other rendering is for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Event {
    Installation,
    Upgrade,
}

/// Every object with its counterpart: by template, kind and name, else the next of that template and kind.
fn pairs<'a, 'b>(first: &'a Rendered, other: &'b Rendered) -> Vec<(Object<'a>, Option<Object<'b>>)> {
    let mut open = Open::default();
    for object in other.objects() {
        open.0.entry(source(&object)).or_default().push(object);
    }
    let same =
        |left: Object<'_>, right: &Object<'_>| (left.name(), left.namespace()) == (right.name(), right.namespace());
    let by_name = |object| (object, open.take(&object, &|other| same(object, other)));
    let mut pairs: Vec<_> = first.objects().map(by_name).collect();
    for (object, counterpart) in pairs.iter_mut().filter(|(_, counterpart)| counterpart.is_none()) {
        *counterpart = open.take(object, &|_| true);
    }
    pairs
}

/// Objects without a counterpart yet, by template and kind.
#[derive(Default)]
struct Open<'b>(HashMap<(String, String), Vec<Object<'b>>>);

impl<'b> Open<'b> {
    fn take(&mut self, object: &Object<'_>, is_its: &dyn Fn(&Object<'_>) -> bool) -> Option<Object<'b>> {
        let open = self.0.get_mut(&source(object))?;
        open.iter().position(is_its).map(|at| open.remove(at))
    }
}

fn source(object: &Object<'_>) -> (String, String) {
    (object.manifest.path.to_string(), object.kind().to_owned())
}

/// The innermost nodes that are not the same.
fn compare(left: &Node, right: &Node, path: &KeyPath, add: &mut dyn FnMut(KeyPath, &Node)) {
    if let (Some(left), Some(right)) = (left.as_map(), right.as_map()) {
        let known: BTreeMap<_, _> = right.effective().into_iter().collect();
        let (mut shared, entries) = (0, left.effective());
        for (key, entry) in &entries {
            match known.get(key) {
                Some(other) => {
                    shared += 1;
                    compare(&entry.value, &other.value, &path.key(key), add);
                }
                None => add(path.key(key), &entry.key),
            }
        }
        if shared == entries.len() && known.len() > shared {
            added(left, path, add);
        }
    } else if let Some((left, right)) =
        left.as_seq().zip(right.as_seq()).filter(|(left, right)| left.len() == right.len())
    {
        for (index, (left, right)) in left.iter().zip(right).enumerate() {
            compare(left, right, &path.index(index), add);
        }
    } else if !left.same_meaning(right) {
        add(path.clone(), left);
    }
}

/// Keys that only the other rendering has: the mapping stands for them, at its first key.
fn added(mapping: &Mapping, path: &KeyPath, add: &mut dyn FnMut(KeyPath, &Node)) {
    if let Some(first) = mapping.entries().first() {
        add(path.clone(), &first.key);
    }
}
