//! Rendered objects: which are gone, new or renamed, and which of their fields may not change.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::identity::Identity;
use super::rendered::{Both, State, state};
use super::{Changes, Pair, Places, immutable, values};
use crate::render::Overrides;
use crate::text::Location;
use crate::yaml::{Anchor, Entry, Mapping, Node, Style, Value};

/// Changed defaults that are tried one by one for the one that a lost object is due to.
const TRIED: usize = 12;

/// Kinds that nobody misses: clusters no longer serve them.
const RETIRED: [&str; 1] = ["PodSecurityPolicy"];

/// Objects by what they are to the cluster.
type Objects<'a> = BTreeMap<Identity, &'a Node>;

pub(super) fn compare(pair: Pair<'_>, both: &Both, changes: &mut Changes) {
    let (old, new) = (objects(&both.old, pair), objects(&both.new, pair));
    let gone: Vec<&Identity> =
        old.keys().filter(|key| !new.contains_key(key) && !RETIRED.contains(&key.kind.as_str())).collect();
    let fresh: Vec<&Identity> = new.keys().filter(|key| !old.contains_key(key)).collect();
    let successors = successors(&gone, &fresh);
    let defaults = if gone.is_empty() { None } else { Defaults::new(pair, both) };
    for key in &gone {
        let from = place(old[*key]);
        if let Some((message, places)) = defaults.as_ref().and_then(|defaults| defaults.cause(key, from)) {
            changes.add("change-values-default-identity", key.shown(), message, places);
            continue;
        }
        let successor = successors.get(key).copied();
        let message = match successor {
            Some(to) if to.name != key.name => format!("`{}` is now named `{}`", key.shown(), to.name),
            Some(to) => format!("`{}` moved from namespace `{}` to `{}`", key.shown(), key.namespace, to.namespace),
            None => format!("`{}` is gone", key.shown()),
        };
        let places = Places { old: Some(from), new: successor.map(|to| place(new[to])) };
        changes.add("change-resource-removed", key.shown(), message, places);
    }
    let renamed: BTreeSet<&Identity> = successors.values().copied().collect();
    for key in fresh.iter().filter(|key| !renamed.contains(*key)) {
        let message = format!("`{}` is new", key.shown());
        changes.add("change-resource-added", key.shown(), message, Places::new(place(new[*key])));
    }
    for (key, before) in &old {
        if let Some(after) = new.get(key) {
            immutable::compare(key, before, after, changes);
        }
    }
}

fn objects<'a>(state: &'a State, pair: Pair<'_>) -> Objects<'a> {
    let roots = state.objects().map(|object| object.root);
    let is_counted = |key: &Identity| key.kind != "CustomResourceDefinition";
    let keyed = roots.filter_map(|root| Some((Identity::of(root, &state.chart, &pair.options.namespace)?, root)));
    keyed.filter(|(key, _)| is_counted(key)).collect()
}

/// Where an object is named.
fn place(object: &Node) -> Location {
    let name = object.get("metadata").and_then(|metadata| metadata.get("name"));
    name.map_or(object.location, |name| name.location)
}

/// Objects that are gone with the only new one of their kind, where they are the only ones of it that are gone.
fn successors<'a>(gone: &[&'a Identity], fresh: &[&'a Identity]) -> BTreeMap<&'a Identity, &'a Identity> {
    let mut kinds: BTreeMap<_, (Vec<&Identity>, Vec<&Identity>)> = BTreeMap::new();
    for key in gone {
        kinds.entry((&key.group, &key.kind)).or_default().0.push(key);
    }
    for key in fresh {
        kinds.entry((&key.group, &key.kind)).or_default().1.push(key);
    }
    let pair = |both: (Vec<&'a Identity>, Vec<&'a Identity>)| match (both.0.as_slice(), both.1.as_slice()) {
        ([from], [to]) => Some((*from, *to)),
        _ => None,
    };
    kinds.into_values().filter_map(pair).collect()
}

/// The new chart under the old defaults: an object that it then has is lost through a default alone.
struct Defaults<'a> {
    pair: Pair<'a>,
    both: &'a Both,
    under_old: BTreeSet<Identity>,
    /// What the chart renders to with one of the old defaults, by its place among them.
    singles: OnceCell<Vec<BTreeSet<Identity>>>,
    changed: Vec<ChangedDefault>,
}

/// A default that changed.
struct ChangedDefault {
    path: Vec<String>,
    old: Entry,
    new: Location,
    words: String,
}

impl<'a> Defaults<'a> {
    fn new(pair: Pair<'a>, both: &'a Both) -> Option<Self> {
        let (old, new) = (values::defaults(pair.old)?, values::defaults(pair.new)?);
        let mut changed = vec![];
        differing(&old, &new, &[], &mut changed);
        if changed.is_empty() {
            return None;
        }
        let mut defaults = Self { pair, both, under_old: BTreeSet::new(), singles: OnceCell::new(), changed };
        let over =
            defaults.changed.iter().map(ChangedDefault::overlay).reduce(|below, above| merged(&below, &above))?;
        defaults.under_old = defaults.rendered_with(&over);
        Some(defaults)
    }

    fn rendered_with(&self, over: &Node) -> BTreeSet<Identity> {
        let overrides = Overrides { files: vec![over], set: vec![] };
        let rendered = state(self.both.new.chart.clone(), &overrides, self.pair);
        rendered.map_or_else(|_| BTreeSet::new(), |state| objects(&state, self.pair).into_keys().collect())
    }

    /// What took the object away, where that is a default.
    fn cause(&self, key: &Identity, from: Location) -> Option<(String, Places)> {
        if !self.under_old.contains(key) {
            return None;
        }
        let singles = self.singles.get_or_init(|| {
            self.changed.iter().take(TRIED).map(|default| self.rendered_with(&default.overlay())).collect()
        });
        let enough = singles.iter().position(|rendered| rendered.contains(key));
        let Some(cause) = enough.and_then(|position| self.changed.get(position)) else {
            let message = format!("other defaults take `{}` away from whoever sets nothing", key.shown());
            return Some((message, Places::old(from)));
        };
        let message =
            format!("the default of `{}` {}, and `{}` is gone", values::shown(&cause.path), cause.words, key.shown());
        Some((message, Places::both(cause.old.location(Anchor::Entry), cause.new)))
    }
}

/// `over` over `under`, nulls too.
fn merged(under: &Node, over: &Node) -> Node {
    let (Value::Map(below), Value::Map(above)) = (&under.value, &over.value) else { return over.clone() };
    let kept = below.entries().iter().map(|known| match above.entry(&known.key.key_text()) {
        Some(entry) => Entry { value: merged(&known.value, &entry.value), ..known.clone() },
        None => known.clone(),
    });
    let new = above.entries().iter().filter(|entry| below.entry(&entry.key.key_text()).is_none());
    let entries: Mapping = kept.chain(new.cloned()).collect();
    Node { value: Value::Map(Arc::new(entries)), ..over.clone() }
}

/// Defaults of the same key that are not the same, mappings followed.
fn differing(old: &Node, new: &Node, path: &[String], found: &mut Vec<ChangedDefault>) {
    let (Some(before), Some(after)) = (old.as_map(), new.as_map()) else { return };
    for (key, entry) in before.effective() {
        let Some(other) = after.entry(&key) else { continue };
        let path: Vec<String> = path.iter().cloned().chain([key.into_owned()]).collect();
        if entry.value.as_map().is_some() && other.value.as_map().is_some() {
            differing(&entry.value, &other.value, &path, found);
        } else if !entry.value.same_meaning(&other.value) {
            let text =
                |node: &Node| node.scalar_text().map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
            let words = format!("was {} and is {}", text(&entry.value), text(&other.value));
            found.push(ChangedDefault { path, old: entry.clone(), new: other.location(Anchor::Entry), words });
        }
    }
}

impl ChangedDefault {
    /// Values that set it as it was.
    fn overlay(&self) -> Node {
        let at = self.old.key.location;
        let wrap = |value: Node, key: &String| {
            let key = Node { value: Value::String(key.as_str().into()), location: at, style: Style::Plain };
            let entries = vec![Entry { key, value, merged: false }];
            Node { value: Value::Map(Arc::new(Mapping::new(entries))), location: at, style: Style::Block }
        };
        self.path.iter().rev().fold(self.old.value.clone(), wrap)
    }
}
