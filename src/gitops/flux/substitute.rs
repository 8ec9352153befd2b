//! `postBuild`: variables that Flux fills into everything it applies (`fluxcd/pkg/kustomize/kustomize_varsub.go`). It writes an object as YAML,
//! fills in the text, and reads that again, so that what a variable holds may be a number, a list, or no YAML at all.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::json;

use super::envsubst;
use crate::gitops::declared::Declared;
use crate::gitops::files::Files;
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::text::{Address, Location, Source};
use crate::yaml::emit::{Bounds, to_yaml};
use crate::yaml::{Document, Entry, Mapping, Node, Value};

/// Bytes of a variable that an expression goes through in the time of a step.
const READ: usize = 16;

/// Variables by name.
#[derive(Default)]
pub(super) struct Variables {
    known: BTreeMap<String, String>,
    /// Whether defaults count even where there is no variable at all.
    is_always: bool,
    /// Sources of variables that are not known: any variable may come from them.
    pub(super) unknown: Vec<Problem>,
    /// A name for which Flux applies nothing at all.
    refused: Option<Problem>,
}

impl Variables {
    pub(super) fn new(is_always: bool) -> Self {
        Self { is_always, ..Self::default() }
    }

    /// Adds variables, which take the place of known ones. Line breaks are taken out of them.
    pub(super) fn add(&mut self, variables: BTreeMap<String, Node>) {
        for (name, value) in variables {
            let Some(text) = value.helm_text() else { continue };
            if !is_name(&name) {
                let message = format!("Flux refuses `{name}` as the name of a variable, and applies nothing");
                self.refused.get_or_insert_with(|| Problem::new(value.location, message));
            }
            self.known.insert(name, text.replace('\n', ""));
        }
    }

    /// An object with every variable in its texts filled in.
    pub(super) fn filled(&self, root: &Node, files: &Files<'_>, problems: &mut Vec<Problem>) -> Node {
        let is_idle = self.known.is_empty() && self.unknown.is_empty() && !self.is_always;
        if is_idle || is_disabled(root) {
            return root.clone();
        }
        problems.extend(self.refused.clone());
        self.node(root, Frame::Value, files, problems)
    }

    fn node(&self, node: &Node, frame: Frame, files: &Files<'_>, problems: &mut Vec<Problem>) -> Node {
        let value = match &node.value {
            Value::String(text) if text.contains("${") || text.contains("$$") => {
                return self.text(text, node, frame, files).unwrap_or_else(|message| {
                    problems.push(Problem::new(node.location, message));
                    node.clone()
                });
            }
            Value::Seq(items) => {
                Value::Seq(items.iter().map(|item| self.node(item, Frame::Item, files, problems)).collect())
            }
            Value::Map(mapping) => {
                let entry = |entry: &Entry| Entry {
                    key: self.node(&entry.key, Frame::Key, files, problems),
                    value: self.node(&entry.value, Frame::Value, files, problems),
                    merged: entry.merged,
                };
                Value::Map(Arc::new(mapping.entries().iter().map(entry).collect::<Mapping>()))
            }
            value => value.clone(),
        };
        edit::with_value(node, value)
    }

    /// What a text becomes where it stands.
    fn text(&self, text: &str, node: &Node, frame: Frame, files: &Files<'_>) -> Result<Node, String> {
        let unreadable = |why: &dyn std::fmt::Display| {
            format!("`{}` is no YAML once its variables are filled in: {why}", text.lines().next().unwrap_or_default())
        };
        let written = to_yaml(&frame.around(text), Bounds::default(), |_, _| {}).map_err(|error| unreadable(&error))?;
        let filled = envsubst::filled(&written, &|name| {
            let value = self.value(name)?;
            // Each operation goes through what it is given.
            files.steps.spend((value.len() / READ) as u64)?;
            Ok(value)
        })?;
        if filled == written {
            return Ok(node.clone());
        }
        let id = files.search.sources.add(Source::new("postBuild", Address::Rendered, filled));
        let document = Document::parse(id, &files.search.sources.get(id).text);
        let root = document.map_err(|error| unreadable(&error))?.root;
        let inner = frame.inner(&root).ok_or_else(|| unreadable(&"it is another thing then"))?;
        Ok(edit::placed(inner, node.location))
    }

    /// The value of a variable, empty where there is none.
    fn value(&self, name: &str) -> Result<String, String> {
        match (self.known.get(name), self.unknown.first()) {
            (Some(value), _) => Ok(value.clone()),
            (None, Some(unknown)) => Err(format!("the variable `{name}` is not known: {}", unknown.message)),
            (None, None) => Ok(String::new()),
        }
    }
}

/// Where a text stands, which decides what may come of it.
#[derive(Clone, Copy)]
enum Frame {
    Key,
    Value,
    Item,
}

impl Frame {
    /// The smallest object with a text there.
    fn around(self, text: &str) -> serde_json::Value {
        match self {
            Self::Key => json!({ text: null }),
            Self::Value => json!({ "value": text }),
            Self::Item => json!([text]),
        }
    }

    /// What stands there in such an object.
    fn inner(self, root: &Node) -> Option<&Node> {
        match self {
            Self::Key => root.as_map()?.entries().first().map(|entry| &entry.key),
            Self::Value => root.get("value"),
            Self::Item => root.as_seq()?.first(),
        }
    }
}

/// Fields of a HelmRelease that decide what it deploys.
const DECISIVE: [&str; 7] =
    ["chart", "chartRef", "postRenderers", "releaseName", "targetNamespace", "values", "valuesFrom"];

/// What is wrong with an object that no Kustomization of the repository applies and that has what looks like a variable: whoever applies it may fill
/// that in.
pub(super) fn unfilled(object: &Declared) -> Option<Problem> {
    let is_free = object.above.is_empty() && !is_disabled(&object.root);
    let spec = object.root.get("spec")?;
    let parts = object.root.get("metadata").into_iter().chain(DECISIVE.iter().filter_map(|field| spec.get(field)));
    let (at, name) = parts.filter(|_| is_free).find_map(variable)?;
    let message = format!(
        "`${{{name}}}` may be a variable of the Kustomization that applies the HelmRelease `{}`, which is not in this repository",
        object.name()
    );
    Some(Problem::new(at, message))
}

/// The first variable in a node.
fn variable(node: &Node) -> Option<(Location, &str)> {
    match &node.value {
        Value::String(text) => named_in(text).map(|name| (node.location, name)),
        Value::Seq(items) => items.iter().find_map(variable),
        Value::Map(mapping) => mapping.entries().iter().find_map(|entry| variable(&entry.value)),
        _ => None,
    }
}

/// The first variable of a text without white space, or of one that is no more than an expression: in others stand scripts, and formats with
/// variables of their own.
fn named_in(text: &str) -> Option<&str> {
    let text = text.trim();
    if text.contains(char::is_whitespace) && !is_one_expression(text) {
        return None;
    }
    // Two dollars are one that is meant.
    let is_escaped = |at: usize| (text[..at].len() - text[..at].trim_end_matches('$').len()) % 2 == 1;
    let name = |(at, _): (usize, &str)| {
        let rest = text[at + 2..].trim_start_matches('#');
        let end = rest.find(|letter: char| letter != '_' && !letter.is_ascii_alphanumeric())?;
        let (name, behind) = rest.split_at(end);
        let signs = ['}', ':', '=', '-', ',', '^', '/', '#', '%'];
        (is_name(name) && behind.trim_start().starts_with(signs)).then_some(name)
    };
    text.match_indices("${").filter(|(at, _)| !is_escaped(*at)).find_map(name)
}

/// Whether a text ends where the expression does that it begins with.
fn is_one_expression(text: &str) -> bool {
    let mut depth = 0_usize;
    for (at, letter) in text.char_indices() {
        depth += usize::from(text[at..].starts_with("${"));
        if letter == '}' {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return at > 0 && at + letter.len_utf8() == text.len();
        }
    }
    false
}

/// `^[_[:alpha:]][_[:alpha:][:digit:]]*$`
fn is_name(name: &str) -> bool {
    let is_letter = |letter: char| letter == '_' || letter.is_ascii_alphabetic();
    name.starts_with(is_letter) && name.chars().all(|letter| is_letter(letter) || letter.is_ascii_digit())
}

/// Whether the object itself says that nothing is to be filled in.
fn is_disabled(root: &Node) -> bool {
    let metadata = root.get("metadata");
    ["labels", "annotations"].iter().any(|field| {
        let marks = metadata.and_then(|metadata| metadata.get(field));
        marks.and_then(|marks| text(marks, "kustomize.toolkit.fluxcd.io/substitute")) == Some("disabled")
    })
}

#[cfg(test)]
mod tests {
    use super::named_in;

    #[test]
    fn a_variable_is_known_in_every_form_that_flux_reads() {
        for (text, name) in [
            ("${TAG}", "TAG"),
            ("v${TAG}-a", "TAG"),
            (" ${TAG}\n", "TAG"),
            ("${TAG:=1.0}", "TAG"),
            ("${TAG=1.0}", "TAG"),
            ("${TAG-1.0}", "TAG"),
            ("${TAG:=a b}", "TAG"),
            ("${TAG:=a ${OTHER} b}", "TAG"),
            ("${TAG := a}", "TAG"),
            ("${TAG:-a}${OTHER}", "TAG"),
            ("${#TAG}", "TAG"),
            ("${TAG^^}", "TAG"),
            ("${TAG,}", "TAG"),
            ("${TAG:0:3}", "TAG"),
            ("${TAG//a b/c}", "TAG"),
            ("${TAG#*/}", "TAG"),
            ("${TAG%%.*}", "TAG"),
            ("$$${TAG}", "TAG"),
            ("$${NO}${TAG}", "TAG"),
        ] {
            assert_eq!(named_in(text), Some(name), "{text}");
        }
        for text in [
            "",
            "TAG",
            "$TAG",
            "$${TAG}",
            "$$$${TAG}",
            "${}",
            "${1}",
            "${ TAG }",
            "${TAG",
            "${TAG.x}",
            "{TAG}",
            "echo ${TAG}",
            "${TAG} b",
            "${TAG:=a} ${OTHER}",
            "$${TAG:=a b}",
        ] {
            assert_eq!(named_in(text), None, "{text}");
        }
    }
}
