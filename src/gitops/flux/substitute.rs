//! `postBuild`: variables that Flux puts into everything it applies, in the way of fluxcd/pkg/envsubst.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::gitops::files::Files;
use crate::gitops::glob::{Flavour, Glob};
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::text::{Address, Source};
use crate::yaml::{Document, Entry, Mapping, Node, Value};

/// Defaults inside defaults inside defaults.
const DEEPEST: usize = 16;

/// Variables by name.
#[derive(Default)]
pub(super) struct Variables {
    known: BTreeMap<String, String>,
    /// Whether defaults count even where there is no variable at all.
    is_always: bool,
    /// Sources of variables that are not known: any variable may come from them.
    pub(super) unknown: Vec<Problem>,
}

impl Variables {
    pub(super) fn new(is_always: bool) -> Self {
        Self { is_always, ..Self::default() }
    }

    /// Adds variables, which take the place of known ones. Line breaks are taken out of them.
    pub(super) fn add(&mut self, variables: BTreeMap<String, Node>) {
        let texts =
            variables.into_iter().filter_map(|(name, value)| Some((name, value.helm_text()?.replace('\n', ""))));
        self.known.extend(texts);
    }

    /// An object with every variable in its texts filled in.
    pub(super) fn filled(&self, root: &Node, files: &Files<'_>, problems: &mut Vec<Problem>) -> Node {
        let is_idle = self.known.is_empty() && self.unknown.is_empty() && !self.is_always;
        if is_idle || is_disabled(root) {
            return root.clone();
        }
        self.node(root, files, problems)
    }

    fn node(&self, node: &Node, files: &Files<'_>, problems: &mut Vec<Problem>) -> Node {
        let value = match &node.value {
            Value::String(text) if text.contains("${") => match self.text(text) {
                Ok(filled) if is_plain(text) => resolved(&filled, files),
                Ok(filled) => Value::String(filled.into()),
                Err(message) => {
                    problems.push(Problem::new(node.location, message));
                    node.value.clone()
                }
            },
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.node(item, files, problems)).collect()),
            Value::Map(mapping) => {
                let entry = |entry: &Entry| {
                    let (key, value) =
                        (self.node(&entry.key, files, problems), self.node(&entry.value, files, problems));
                    Entry { key, value, merged: entry.merged }
                };
                Value::Map(Arc::new(mapping.entries().iter().map(entry).collect::<Mapping>()))
            }
            value => value.clone(),
        };
        edit::with_value(node, value)
    }

    /// A text with its variables filled in; `$${` is `${`.
    fn text(&self, text: &str) -> Result<String, String> {
        let (filled, rest) = self.until(text, false, 0)?;
        if rest.is_empty() { Ok(filled) } else { Err(format!("`{text}` has a brace that closes nothing")) }
    }

    /// The text up to the end, or up to a closing brace, which is consumed.
    fn until<'t>(&self, text: &'t str, in_braces: bool, depth: usize) -> Result<(String, &'t str), String> {
        if depth > DEEPEST {
            return Err(format!("variables are nested more than {DEEPEST} levels deep"));
        }
        let (mut out, mut rest) = (String::new(), text);
        loop {
            if let Some(behind) = rest.strip_prefix("$${") {
                out.push_str("${");
                rest = behind;
            } else if let Some(behind) = rest.strip_prefix("${") {
                let (value, behind) = self.expression(behind, depth)?;
                out.push_str(&value);
                rest = behind;
            } else if let (true, Some(behind)) = (in_braces, rest.strip_prefix('}')) {
                return Ok((out, behind));
            } else {
                let mut letters = rest.chars();
                let Some(letter) = letters.next() else {
                    return if in_braces { Err(format!("`{text}` lacks a closing brace")) } else { Ok((out, "")) };
                };
                out.push(letter);
                rest = letters.as_str();
            }
        }
    }

    /// What stands between the braces of `${…}`.
    fn expression<'t>(&self, text: &'t str, depth: usize) -> Result<(String, &'t str), String> {
        let wrong = || format!("`${{{}` is no variable", text.lines().next().unwrap_or(""));
        if let Some(length) = text.strip_prefix('#') {
            let (name, rest) = name(length);
            let rest = rest.strip_prefix('}').ok_or_else(wrong)?;
            return Ok((self.value(name)?.len().to_string(), rest));
        }
        let (name, rest) = name(text);
        if name.is_empty() {
            return Err(wrong());
        }
        if let Some(rest) = rest.strip_prefix('}') {
            return Ok((self.value(name)?, rest));
        }
        let defaults = [":=", ":-", "="].iter().find_map(|sign| rest.strip_prefix(sign));
        if let Some(default) = defaults {
            let (default, rest) = self.until(default, true, depth + 1)?;
            let value = self.value(name)?;
            return Ok((if value.is_empty() { default } else { value }, rest));
        }
        let (argument, behind) = self.until(rest, true, depth + 1)?;
        Ok((changed(&self.value(name)?, &argument).ok_or_else(wrong)?, behind))
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

/// A value after an operator such as `^^`, `:1:2`, `/a/b`, `%suffix`.
fn changed(value: &str, operator: &str) -> Option<String> {
    let first = |change: fn(char) -> String| {
        let mut letters = value.chars();
        letters.next().map(|letter| change(letter) + letters.as_str()).unwrap_or_default()
    };
    match operator {
        "^^" => return Some(value.to_uppercase()),
        ",," => return Some(value.to_lowercase()),
        "^" => return Some(first(|letter| letter.to_uppercase().collect())),
        "," => return Some(first(|letter| letter.to_lowercase().collect())),
        _ => {}
    }
    if let Some(range) = operator.strip_prefix(':') {
        return Some(part(value, range));
    }
    if let Some(rest) = operator.strip_prefix('/') {
        return replaced(value, rest);
    }
    let shortest = |pattern: &str| Glob::new(pattern, Flavour::Names).ok();
    let prefixes = |glob: &Glob| {
        (0..=value.len()).filter(|end| value.is_char_boundary(*end) && glob.matches(&value[..*end])).collect::<Vec<_>>()
    };
    let suffixes = |glob: &Glob| {
        (0..=value.len())
            .filter(|start| value.is_char_boundary(*start) && glob.matches(&value[*start..]))
            .collect::<Vec<_>>()
    };
    if let Some(pattern) = operator.strip_prefix('#') {
        let (pattern, is_longest) = pattern.strip_prefix('#').map_or((pattern, false), |pattern| (pattern, true));
        let ends = prefixes(&shortest(pattern)?);
        let end = if is_longest { ends.last() } else { ends.first() };
        return Some(value[end.copied().unwrap_or(0)..].to_owned());
    }
    if let Some(pattern) = operator.strip_prefix('%') {
        let (pattern, is_longest) = pattern.strip_prefix('%').map_or((pattern, false), |pattern| (pattern, true));
        let starts = suffixes(&shortest(pattern)?);
        let start = if is_longest { starts.first() } else { starts.last() };
        return Some(value[..start.copied().unwrap_or(value.len())].to_owned());
    }
    None
}

/// `position` or `position:length` of a text.
fn part(value: &str, range: &str) -> String {
    let (position, length) = range.split_once(':').map_or((range, None), |(position, length)| (position, Some(length)));
    let Ok(position) = position.trim().parse::<i64>() else { return value.to_owned() };
    let size = i64::try_from(value.len()).unwrap_or(i64::MAX);
    let start = if position < 0 { (size + position).max(0) } else { position };
    let end = match length.map(|length| length.trim().parse::<i64>()) {
        None => size,
        Some(Ok(length)) => (start + length).min(size),
        Some(Err(_)) => return value.to_owned(),
    };
    let index = |number: i64| usize::try_from(number).unwrap_or(usize::MAX);
    value.get(index(start)..index(end)).unwrap_or("").to_owned()
}

/// `a/b`, `/a/b`, `#a/b` and `%a/b` behind the first slash.
fn replaced(value: &str, operator: &str) -> Option<String> {
    let (kind, rest) = match operator.chars().next()? {
        sign @ ('/' | '#' | '%') => (Some(sign), &operator[1..]),
        _ => (None, operator),
    };
    let (from, to) = rest.split_once('/')?;
    Some(match kind {
        Some('/') => value.replace(from, to),
        Some('#') => value.strip_prefix(from).map_or_else(|| value.to_owned(), |rest| format!("{to}{rest}")),
        Some(_) => value.strip_suffix(from).map_or_else(|| value.to_owned(), |rest| format!("{rest}{to}")),
        None => value.replacen(from, to, 1),
    })
}

fn name(text: &str) -> (&str, &str) {
    let end = text.find(|letter: char| !(letter.is_alphanumeric() || letter == '_')).unwrap_or(text.len());
    text.split_at(end)
}

/// Whether the object itself says that nothing is to be filled in.
fn is_disabled(root: &Node) -> bool {
    let metadata = root.get("metadata");
    ["labels", "annotations"].iter().any(|field| {
        let marks = metadata.and_then(|metadata| metadata.get(field));
        marks.and_then(|marks| text(marks, "kustomize.toolkit.fluxcd.io/substitute")) == Some("disabled")
    })
}

/// Whether Flux writes a text without quotes before it fills in variables, so that the result is read anew.
fn is_plain(text: &str) -> bool {
    let special = [": ", " #", "\n", "\t"];
    let has_special = special.iter().any(|part| text.contains(part)) || text.ends_with(':') || text.trim() != text;
    !has_special && !text.starts_with(|letter: char| "!&*-?|>@%`\"'#,[]{}:".contains(letter))
}

/// What a text without quotes means: `3.10` is a number.
fn resolved(text: &str, files: &Files<'_>) -> Value {
    let id = files.search.sources.add(Source::new("postBuild", Address::Rendered, text));
    let parsed = Document::parse(id, &files.search.sources.get(id).text);
    match parsed.map(|document| document.root.value) {
        Ok(value @ (Value::Null | Value::Bool(..) | Value::Int(..) | Value::Uint(..) | Value::Float(..))) => value,
        _ => Value::String(text.into()),
    }
}
