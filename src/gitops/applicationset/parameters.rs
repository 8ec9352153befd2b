//! Parameters: what a generator supplies for the placeholders of a template.

use std::borrow::Cow;
use std::collections::BTreeSet;

use crate::gitops::Problem;
use crate::kustomize::edit;
use crate::text::Location;
use crate::yaml::emit::number;
use crate::yaml::{Mapping, Node, Value};

/// One set of parameters.
#[derive(Debug, Clone)]
pub(super) struct Parameters {
    /// A mapping: nested for Go templates, of dotted names to text for plain ones.
    pub(super) values: Node,
    /// What else is supplied and not known.
    pub(super) unknown: Option<Problem>,
    /// The files that they stand in, but for that of the set.
    pub(super) files: BTreeSet<String>,
}

impl Parameters {
    /// What is supplied by the set itself.
    pub(super) fn new(values: Node) -> Self {
        Self { values, unknown: None, files: BTreeSet::new() }
    }

    pub(super) fn none(at: Location) -> Self {
        Self::new(edit::mapping(vec![], at))
    }

    /// The text of a name, for plain templates.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.scalar_text()
    }

    /// A name that another set supplies with another text.
    pub(super) fn contradicts(&self, other: &Self) -> Option<String> {
        let entries = edit::entries(&other.values);
        let names = entries.iter().map(|entry| entry.key.key_text());
        let is_other = |name: &str| self.text(name).zip(other.text(name)).is_some_and(|(own, theirs)| own != theirs);
        names.into_iter().find(|name| is_other(name)).map(Cow::into_owned)
    }

    /// The same with the parameters of another set below its own, mappings merged where they are nested.
    pub(super) fn over(&self, below: &Self) -> Self {
        Self {
            values: laid_over(&below.values, &self.values),
            unknown: self.unknown.clone().or_else(|| below.unknown.clone()),
            files: self.files.union(&below.files).cloned().collect(),
        }
    }
}

/// One mapping over another, mappings in them merged.
fn laid_over(below: &Node, above: &Node) -> Node {
    edit::over(below, above, |old, new| {
        let both = old.filter(|old| old.as_map().is_some() && new.as_map().is_some());
        Some(both.map_or_else(|| new.clone(), |old| laid_over(old, new)))
    })
}

/// A mapping's texts by dotted name; items of lists by their number.
pub(super) fn flattened(node: &Node) -> Node {
    let mut entries = vec![];
    flatten(node, "", &mut entries);
    edit::mapping(entries, node.location)
}

fn flatten(node: &Node, prefix: &str, into: &mut Vec<crate::yaml::Entry>) {
    let below = |key: &str| if prefix.is_empty() { key.to_owned() } else { format!("{prefix}.{key}") };
    if let Some(text) = printed(node) {
        into.push(edit::entry(prefix, edit::text(text, node.location), node.location));
    }
    for (index, item) in node.as_seq().unwrap_or_default().iter().enumerate() {
        flatten(item, &below(&index.to_string()), into);
    }
    for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
        flatten(&entry.value, &below(&key), into);
    }
}

/// A single value as Go prints it, which has read every number as a floating-point one.
fn printed(node: &Node) -> Option<Cow<'_, str>> {
    let number = match &node.value {
        Value::Null => return Some("<nil>".into()),
        Value::Int(number, _) => number.to_string().parse::<f64>(),
        Value::Uint(number, _) => number.to_string().parse::<f64>(),
        _ => return node.helm_text(),
    };
    number.map_or_else(|_| node.helm_text(), |number| Some(number::general(number).into()))
}

/// A text with a stand-in for each `{{…}}`.
pub(super) fn without_placeholders(text: &str, stand_in: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some((before, after)) = rest.split_once("{{") {
        out.push_str(before);
        out.push_str(stand_in);
        rest = after.split_once("}}").map_or("", |(_, behind)| behind);
    }
    out + rest
}
