//! Checks keys and kinds of a configuration against its shape, each fault with its place and what was likely meant.

use super::{Error, RuleNames};
use crate::text::suggest::nearest;
use crate::yaml::{Entry, Node, Value};

/// What may stand in a place of the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Shape {
    /// Text.
    Text,
    /// `true` or `false`.
    Flag,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A list of one shape.
    List(&'static Shape),
    /// A mapping of any keys to one shape.
    Map(&'static Shape),
    /// A mapping of rule ids to [`RULE`] or a level.
    Rules,
    /// A mapping of rule ids to levels.
    Levels,
    /// A mapping of these keys.
    Record(&'static [Field]),
    /// Any mapping.
    AnyMap,
}

/// A key of a [`Shape::Record`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) shape: Shape,
    pub(super) is_required: bool,
}

const fn field(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_required: false }
}

const fn required(name: &'static str, shape: Shape) -> Field {
    Field { name, shape, is_required: true }
}

pub(super) const LEVEL: Shape = Shape::Choice(&["off", "info", "warning", "error"]);
const TEXTS: Shape = Shape::List(&Shape::Text);
const RULE: Shape = Shape::Record(&[field("level", LEVEL), field("params", Shape::AnyMap)]);
/// Majors of Helm.
const HELM: Shape = Shape::Choice(&["3", "4"]);
const PROFILE: Shape = Shape::Record(&[
    field("production", Shape::Flag),
    field("charts", TEXTS),
    field("values", TEXTS),
    field("set", TEXTS),
    field("namespace", Shape::Text),
    field("release", Shape::Text),
    field("helm", HELM),
]);
const PUBLISHED: Shape = Shape::Record(&[
    field("base", Shape::Text),
    field("tags", Shape::Text),
    field("folder", Shape::Text),
    field("oci", Shape::Text),
    field("index", Shape::Text),
    field("bump", Shape::Choice(&["every-change", "at-release"])),
    field("plainHttp", Shape::Flag),
]);
const OVERRIDE: Shape =
    Shape::Record(&[field("paths", TEXTS), field("profiles", TEXTS), required("rules", Shape::Levels)]);
const SUPPRESSION: Shape = Shape::Record(&[
    required("rule", Shape::Text),
    required("path", Shape::Text),
    field("profiles", TEXTS),
    required("reason", Shape::Text),
    field("until", Shape::Text),
]);

/// A whole configuration.
pub(super) const CONFIG: Shape = Shape::Record(&[
    field("charts", TEXTS),
    field("kubeVersion", Shape::Text),
    field("kubeVersions", TEXTS),
    field("schemas", TEXTS),
    field("helm", HELM),
    field("profiles", Shape::Map(&PROFILE)),
    field("discover", Shape::List(&Shape::Choice(&["argocd", "fleet", "flux", "helmfile", "kustomize", "terraform"]))),
    field("testWords", TEXTS),
    field("published", PUBLISHED),
    field("dependencies", Shape::Record(&[field("fetch", Shape::Choice(&["locked", "always", "never"]))])),
    field("extends", TEXTS),
    field("replaces", Shape::Flag),
    field("gitops", Shape::Record(&[field("fetch", Shape::Flag), field("helm", HELM)])),
    field("resolve", Shape::Flag),
    field("rules", Shape::Rules),
    field("overrides", Shape::List(&OVERRIDE)),
    field("suppress", Shape::List(&SUPPRESSION)),
    field("failOn", Shape::Choice(&["error", "warning", "info", "never"])),
]);

/// Everything in `node` that does not have its shape.
pub(super) fn check(node: &Node, shape: Shape, rules: &RuleNames) -> Vec<Error> {
    let mut checker = Checker { rules, errors: vec![] };
    checker.check(node, shape);
    checker.errors
}

struct Checker<'a> {
    rules: &'a RuleNames,
    errors: Vec<Error>,
}

impl Checker<'_> {
    fn check(&mut self, node: &Node, shape: Shape) {
        match shape {
            Shape::Text => self.text(node),
            Shape::Flag => self.flag(node),
            Shape::Choice(words) => self.choice(node, words),
            Shape::List(item) => self.list(node, *item),
            Shape::Map(value) => self.entries(node, |checker, entry| checker.check(&entry.value, *value)),
            Shape::Rules => self.entries(node, Self::rule),
            Shape::Levels => self.entries(node, |checker, entry| {
                checker.rule_name(entry);
                checker.check(&entry.value, LEVEL);
            }),
            Shape::Record(fields) => self.record(node, fields),
            Shape::AnyMap => self.entries(node, |_, _| {}),
        }
    }

    fn list(&mut self, node: &Node, item: Shape) {
        if let Some(items) = node.as_seq() {
            return items.iter().for_each(|node| self.check(node, item));
        }
        self.wrong(node, "a list");
        if let (Some(text), Some(error)) = (node.scalar_text(), self.errors.last_mut()) {
            error.help = Some(format!("write it as a list: `[{text}]`"));
        }
    }

    fn wrong(&mut self, node: &Node, expected: &str) {
        self.errors.push(Error::new(node.location, format!("expected {expected}, found {}", node.kind())));
    }

    fn text(&mut self, node: &Node) {
        match &node.value {
            Value::String(text) if text.trim().is_empty() => {
                self.errors.push(Error::new(node.location, "expected text, found nothing"));
            }
            Value::String(_) => {}
            _ => {
                self.wrong(node, "a string");
                if let (Some(text), Some(error)) = (node.scalar_text(), self.errors.last_mut()) {
                    error.help = Some(format!("put it in quotes: `\"{text}\"`"));
                }
            }
        }
    }

    fn flag(&mut self, node: &Node) {
        if !matches!(node.scalar_text(), Some("true" | "false")) || node.as_bool().is_none() {
            let quoted = node.scalar_text().filter(|text| matches!(*text, "true" | "false"));
            let found = match (quoted, node.scalar_text()) {
                (Some(text), _) => format!("the text `\"{text}\"`"),
                (None, Some(text)) => format!("`{text}`"),
                (None, None) => node.kind().to_owned(),
            };
            let error = Error::new(node.location, format!("expected `true` or `false`, found {found}"));
            self.errors.push(Error { help: quoted.map(|text| format!("write `{text}` without quotes")), ..error });
        }
    }

    fn choice(&mut self, node: &Node, words: &[&str]) {
        let Some(text) = node.scalar_text() else { return self.wrong(node, &listed(words)) };
        if !words.contains(&text) {
            let error = Error::new(node.location, format!("`{text}` is none of {}", listed(words)));
            let near = nearest(text, words.iter().copied());
            self.errors.push(Error { help: near.map(|near| format!("did you mean `{near}`?")), ..error });
        }
    }

    /// Visits the entries of a mapping; what is none, and keys that stand twice, are errors.
    fn entries(&mut self, node: &Node, mut visit: impl FnMut(&mut Self, &Entry)) {
        let Some(mapping) = node.as_map() else { return self.wrong(node, "a mapping") };
        for (void, _) in mapping.duplicates() {
            let message = format!("key `{}` stands twice", void.key.key_text());
            self.errors.push(Error::new(void.key.location, message).help("remove one of them"));
        }
        mapping.effective().into_iter().for_each(|(_, entry)| visit(self, entry));
    }

    /// Whether the key of an entry names rules; an error where it does not.
    fn rule_name(&mut self, entry: &Entry) -> bool {
        let name = entry.key.key_text();
        let is_known = !self.rules.all(&name).is_empty();
        if !is_known {
            let error = Error::new(entry.key.location, format!("there is no rule `{name}`"));
            self.errors.push(error.help(self.rules.help(&name)));
        }
        is_known
    }

    fn rule(&mut self, entry: &Entry) {
        let name = entry.key.key_text();
        let is_known = self.rule_name(entry);
        if let (true, None, Some(params)) = (is_known, self.rules.id(&name), entry.value.entry("params")) {
            let error =
                Error::new(params.key.location, format!("`{name}` is a set of rules, and parameters are of one"));
            self.errors.push(error.help("name the rule"));
        }
        let shape = if entry.value.as_map().is_some() { RULE } else { LEVEL };
        self.check(&entry.value, shape);
    }

    fn record(&mut self, node: &Node, fields: &[Field]) {
        self.entries(node, |checker, entry| {
            let name = entry.key.key_text();
            match fields.iter().find(|field| field.name == name) {
                Some(field) => checker.check(&entry.value, field.shape),
                None => checker.unknown(entry, &name, fields),
            }
        });
        let missing = fields.iter().filter(|field| field.is_required && node.get(field.name).is_none());
        for field in missing.filter(|_| node.as_map().is_some()) {
            let error = Error::new(node.location, format!("`{}` is missing", field.name));
            self.errors.push(error.help(format!("add `{}: …`", field.name)));
        }
    }

    fn unknown(&mut self, entry: &Entry, name: &str, fields: &[Field]) {
        let names: Vec<_> = fields.iter().map(|field| field.name).collect();
        let help = match nearest(name, names.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known here: {}", listed(&names)),
        };
        self.errors.push(Error::new(entry.key.location, format!("unknown key `{name}`")).help(help));
    }
}

fn listed(words: &[&str]) -> String {
    words.iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}
