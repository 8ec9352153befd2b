//! values.schema.json: values that it takes no more.
//!
//! What `oneOf`, `anyOf` and the like amount to is not compared, nor is a schema with none before it.

use super::constraint::{given, texts, tightened};
use super::{Changes, DEPTH, Pair, Places, values};
use crate::chart::{Chart, TextFile};
use crate::text::Location;
use crate::yaml::{Anchor, Document, KeyPath, Mapping, Node};

/// Pairs of schemas that are compared.
const STEPS: usize = 100_000;
const RULES: &[&str] = &["change-schema-tightened", "change-value-required"];

pub(super) fn compare(pair: Pair<'_>, changes: &mut Changes) {
    let (Some(old), Some(new)) = (&pair.old.schema, &pair.new.schema) else { return };
    if old.text == new.text {
        return;
    }
    let (Some(before), Some(after)) = (root(old), root(new)) else {
        let reason = "values.schema.json cannot be read on both sides".to_owned();
        changes.uncompared.push(super::Uncompared { rules: RULES, reason });
        return;
    };
    let defaults = values::defaults(pair.new);
    let mut walk = SchemaWalk { old: &before, new: &after, defaults, chart: pair.new, steps: 0, open: vec![], changes };
    walk.schemas(&before, &after, &KeyPath::default());
}

fn root(file: &TextFile) -> Option<Node> {
    Document::parse(file.source, &file.text).ok().map(|document| document.root)
}

struct SchemaWalk<'a> {
    old: &'a Node,
    new: &'a Node,
    defaults: Option<Node>,
    chart: &'a Chart,
    steps: usize,
    /// The schemas that are being compared, each inside the one before: of those that refer to themselves nothing new is learned.
    open: Vec<(&'a Node, &'a Node)>,
    changes: &'a mut Changes,
}

impl<'a> SchemaWalk<'a> {
    fn schemas(&mut self, old: &'a Node, new: &'a Node, path: &KeyPath) {
        self.steps += 1;
        if self.steps > STEPS {
            return self.uncompared(&format!("has more than {STEPS} schemas to compare"));
        }
        if is_for_dependency(self.chart, path) {
            return;
        }
        let (Some(old), Some(new)) = (resolved(self.old, old), resolved(self.new, new)) else {
            return self.uncompared(&format!("refers through more than {DEPTH} schemas"));
        };
        let is_pair = |pair: &(&Node, &Node)| std::ptr::eq(pair.0, old) && std::ptr::eq(pair.1, new);
        if self.open.iter().any(is_pair) {
            return;
        }
        if self.open.len() > DEPTH {
            return self.uncompared(&format!("is nested more than {DEPTH} levels deep"));
        }
        self.open.push((old, new));
        self.pair(old, new, path);
        self.open.pop();
    }

    fn uncompared(&mut self, why: &str) {
        let reason = format!("values.schema.json {why}");
        self.changes.uncompared.push(super::Uncompared { rules: RULES, reason });
    }

    fn pair(&mut self, old: &'a Node, new: &'a Node, path: &KeyPath) {
        for found in tightened(old, new) {
            self.add("change-schema-tightened", path, &found.words, found.old, found.new);
        }
        self.additional(old, new, path);
        self.required(old, new, path);
        for (key, entry) in given(old, "properties").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default()
        {
            if let Some(after) = given(new, "properties").and_then(|properties| properties.get(&key)) {
                self.schemas(&entry.value, after, &path.key(&key));
            }
        }
        for key in ["items", "additionalProperties"] {
            if let (Some(before), Some(after)) = (mapping(old, key), mapping(new, key)) {
                self.schemas(before, after, &path.key("*"));
            }
        }
    }

    fn additional(&mut self, old: &Node, new: &Node, path: &KeyPath) {
        let is_closed = |schema: &Node| given(schema, "additionalProperties").and_then(Node::as_bool) == Some(false);
        if is_closed(new) && !is_closed(old) {
            let place = new.entry("additionalProperties").map_or(new.location, |entry| entry.location(Anchor::Entry));
            self.add("change-schema-tightened", path, "takes no keys but those it names", old.location, place);
        }
    }

    /// A key that has to be there now, and that no default puts there.
    fn required(&mut self, old: &Node, new: &Node, path: &KeyPath) {
        let before = texts(old, "required");
        for name in texts(new, "required").into_iter().filter(|name| !before.contains(name)) {
            let path = path.key(name);
            let default = self.defaults.as_ref().and_then(|root| root.at(&path));
            if default.is_none_or(Node::is_null) {
                let place = new.entry("required").map_or(new.location, |entry| entry.location(Anchor::Key));
                self.add("change-value-required", &path, "now has to be set", old.location, place);
            }
        }
    }

    fn add(&mut self, rule: &'static str, path: &KeyPath, words: &str, old: Location, new: Location) {
        let shown = path.to_string();
        let subject = if shown.is_empty() { "the root of the values".to_owned() } else { format!("`{shown}`") };
        let message = format!("{subject} {words}");
        self.changes.add(rule, format!("values.schema.json {shown} {words}"), message, Places::both(old, new));
    }
}

/// Values for a sub-chart are judged with it.
fn is_for_dependency(chart: &Chart, path: &KeyPath) -> bool {
    let first = path.0.first().map(|step| KeyPath(vec![step.clone()]).to_string());
    first.is_some_and(|first| super::dependencies::keys(chart).contains(&first))
}

fn mapping<'n>(schema: &'n Node, key: &str) -> Option<&'n Node> {
    given(schema, key).filter(|node| node.as_map().is_some())
}

/// The schema that local references lead to; none where they do not come to an end.
fn resolved<'n>(root: &'n Node, schema: &'n Node) -> Option<&'n Node> {
    let mut schema = schema;
    for _ in 0..DEPTH {
        let reference = given(schema, "$ref").and_then(Node::as_str);
        let target =
            reference.and_then(|reference| reference.strip_prefix('#')).and_then(|pointer| root.pointer(pointer));
        match target {
            Some(target) => schema = target,
            None => return Some(schema),
        }
    }
    None
}
