//! Custom resource definitions: what users' objects may no longer say, and what is new.
//!
//! CEL rules (`x-kubernetes-validations`), changed patterns and `status`, which users do not write, are not compared.

use super::constraint::{given, texts, tightened};
use super::rendered::{Both, State};
use super::{Changes, DEPTH, Pair, Places, Uncompared, dependencies};
use crate::chart::Chart;
use crate::crd::{self, Crd, Version};
use crate::schema::Unknown;
use crate::text::Location;
use crate::yaml::{Anchor, Entry, KeyPath, Mapping, Node};

/// New fields that are named one by one.
const NAMED: usize = 3;

const RULES: &[&str] = &["change-crd-added", "change-crd-removed"];
const FIELDS: &[&str] =
    &["change-crd-field-added", "change-crd-field-removed", "change-crd-field-required", "change-crd-field-tightened"];

pub(super) fn compare(pair: Pair<'_>, both: Option<&Both>, changes: &mut Changes) {
    let [old, new] = [(pair.old, both.map(|both| &both.old)), (pair.new, both.map(|both| &both.new))]
        .map(|(chart, state)| shipped(chart, state));
    if both.is_none() && [pair.old, pair.new].into_iter().any(is_templated) {
        let reason = "templates that may define custom resources do not render".to_owned();
        changes.uncompared.push(Uncompared { rules: RULES, reason });
        return;
    }
    for before in &old {
        if let Some(after) = new.iter().find(|after| is_same(before, after)) {
            definitions(before, after, changes);
            continue;
        }
        let message = format!("the custom resource definition `{}` is gone", name(before));
        changes.add("change-crd-removed", name(before), message, Places::old(before.kind.location));
    }
    for after in new.iter().filter(|after| !old.iter().any(|before| is_same(before, after))) {
        let message = format!("the custom resource definition `{}` is new", name(after));
        changes.add("change-crd-added", name(after), message, Places::new(after.kind.location));
    }
}

/// Those of the chart and of what it holds itself, in `crds/` and in templates.
fn shipped(chart: &Chart, state: Option<&State>) -> Vec<Crd> {
    let rendered = state.into_iter().flat_map(State::objects).map(|object| object.root);
    let is_definition = |root: &&Node| root.get("kind").and_then(Node::as_str) == Some("CustomResourceDefinition");
    let rendered = rendered.filter(is_definition).filter_map(|root| Crd::read(root).ok());
    dependencies::with_local(chart).into_iter().flat_map(crd::own).chain(rendered).collect()
}

fn is_templated(chart: &Chart) -> bool {
    chart.templates.iter().any(|template| template.text.contains("kind: CustomResourceDefinition"))
}

fn is_same(left: &Crd, right: &Crd) -> bool {
    left.kind.text == right.kind.text && left.group.text == right.group.text
}

fn name(crd: &Crd) -> String {
    crd.name.as_ref().map_or_else(|| format!("{}.{}", crd.kind.text, crd.group.text), |name| name.text.clone())
}

fn definitions(old: &Crd, new: &Crd, changes: &mut Changes) {
    let of = |version: &Version| format!("{} {}", name(old), version.name.text);
    for before in old.served() {
        match new.version(&before.name.text) {
            Some(after) if after.served => versions(&of(before), before, after, changes),
            after => {
                let how = if after.is_some() { "is no longer served" } else { "is gone" };
                let message = format!("the version `{}` of `{}` {how}", before.name.text, name(old));
                let places = Places { old: Some(before.name.location), new: after.map(|after| after.name.location) };
                changes.add("change-crd-version-removed", of(before), message, places);
            }
        }
    }
    let is_new = |after: &&Version| !old.served().any(|before| before.name.text == after.name.text);
    for after in new.served().filter(is_new) {
        let message = format!("the version `{}` of `{}` is new", after.name.text, name(new));
        changes.add("change-crd-version-added", of(after), message, Places::new(after.name.location));
    }
}

fn versions(of: &str, old: &Version, new: &Version, changes: &mut Changes) {
    let (Some(before), Some(after)) = (&old.schema, &new.schema) else { return };
    if new.unknown == Unknown::Kept {
        return;
    }
    let mut walk = DefinitionWalk { of, fresh: vec![], changes };
    walk.schemas(before, after, &KeyPath::default(), 0);
    walk.added();
}

struct DefinitionWalk<'a> {
    /// The definition and its version.
    of: &'a str,
    fresh: Vec<(KeyPath, Location)>,
    changes: &'a mut Changes,
}

impl DefinitionWalk<'_> {
    fn schemas(&mut self, old: &Node, new: &Node, path: &KeyPath, depth: usize) {
        if depth > DEPTH {
            let reason = format!("the schema of `{}` is nested more than {DEPTH} levels deep", self.of);
            self.changes.uncompared.push(Uncompared { rules: FIELDS, reason });
            return;
        }
        for found in tightened(old, new) {
            self.add("change-crd-field-tightened", path, &found.words, Places::both(found.old, found.new));
        }
        self.required(old, new, path);
        for (key, entry) in properties(old) {
            let path = path.key(&key);
            if path.0.len() == 1 && key == "status" {
                continue;
            }
            match given(new, "properties").and_then(|properties| properties.get(&key)) {
                Some(after) => self.schemas(&entry.value, after, &path, depth + 1),
                None if keeps(new) => {}
                None => {
                    let place = Places::old(entry.location(Anchor::Key));
                    self.add("change-crd-field-removed", &path, "is gone", place);
                }
            }
        }
        for (key, entry) in properties(new) {
            let is_known = given(old, "properties").is_some_and(|known| known.get(&key).is_some());
            let is_status = path.0.is_empty() && key == "status";
            if !is_known && !is_status {
                self.fresh.push((path.key(&key), entry.location(Anchor::Key)));
            }
        }
        for key in ["items", "additionalProperties"] {
            if let (Some(before), Some(after)) = (mapping(old, key), mapping(new, key)) {
                self.schemas(before, after, &path.key("*"), depth + 1);
            }
        }
    }

    /// A field that has to be there now and that nothing fills in.
    fn required(&mut self, old: &Node, new: &Node, path: &KeyPath) {
        let before = texts(old, "required");
        for name in texts(new, "required").into_iter().filter(|name| !before.contains(name)) {
            let field = given(new, "properties").and_then(|properties| properties.get(name));
            if field.is_some_and(|field| given(field, "default").is_some()) {
                continue;
            }
            let place = new.entry("required").map_or(new.location, |entry| entry.location(Anchor::Key));
            let places = Places::both(old.location, place);
            self.add("change-crd-field-required", &path.key(name), "now has to be set", places);
        }
    }

    fn add(&mut self, rule: &'static str, path: &KeyPath, words: &str, places: Places) {
        let field = if path.0.is_empty() { "the object".to_owned() } else { format!("`{path}`") };
        let message = format!("{field} of `{}` {words}", self.of);
        self.changes.add(rule, format!("{} {path} {words}", self.of), message, places);
    }

    /// One difference for all new fields, however many a new release of an operator brings.
    fn added(self) {
        let Some((_, place)) = self.fresh.first() else { return };
        let named: Vec<String> = self.fresh.iter().take(NAMED).map(|(path, _)| format!("`{path}`")).collect();
        let rest = self.fresh.len().saturating_sub(NAMED);
        let more = if rest == 0 { String::new() } else { format!(" and {rest} more") };
        let message = format!("`{}` has new fields: {}{more}", self.of, named.join(", "));
        self.changes.add("change-crd-field-added", self.of, message, Places::new(*place));
    }
}

/// Whether a schema takes fields that it does not name.
fn keeps(schema: &Node) -> bool {
    let preserves = given(schema, "x-kubernetes-preserve-unknown-fields").and_then(Node::as_bool) == Some(true);
    preserves || given(schema, "additionalProperties").is_some_and(|node| node.as_bool() != Some(false))
}

fn properties(schema: &Node) -> Vec<(std::borrow::Cow<'_, str>, &Entry)> {
    given(schema, "properties").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default()
}

fn mapping<'n>(schema: &'n Node, key: &str) -> Option<&'n Node> {
    given(schema, key).filter(|node| node.as_map().is_some())
}
