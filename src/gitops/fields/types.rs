//! Values of another type than their field has: the tool refuses the object, and nothing of it is deployed.

use super::{Class, LISTS, Problem, Table, Type};
use crate::yaml::{Mapping, Node, Value};

impl Table {
    /// Adds what is wrong with the types of the fields at and below a path.
    pub(super) fn mistyped(&self, node: &Node, path: &str, problems: &mut Vec<Problem>) {
        for item in node.as_seq().unwrap_or_default() {
            self.mistyped(item, path, problems);
        }
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            problems.extend(self.stranger(path, &below, &entry.key));
            let wrong = self.types.get(&below).map(|is| is.problems(&below, &entry.value, LISTS.contains(&&*key)));
            let wrong = wrong.unwrap_or_default();
            if wrong.is_empty() && self.has_types(&below) {
                self.mistyped(&entry.value, &below, problems);
            }
            problems.extend(wrong);
        }
    }

    /// What is wrong with a field that nobody asks for by itself, where every field beside it is known by its type.
    fn stranger(&self, path: &str, below: &str, key: &Node) -> Option<Problem> {
        let is_strict = self.kind == "Kustomization" && matches!(self.class(below), Some(Class::Irrelevant(_)));
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let typed = || self.types.range(prefix.clone()..).take_while(|(typed, _)| typed.starts_with(&prefix));
        let is_known = |typed: &String| {
            let known = typed[prefix.len()..].split('.').next().unwrap_or_default();
            known.eq_ignore_ascii_case(&below[prefix.len()..])
        };
        let is_stranger = is_strict
            && !self.entries.contains_key(below)
            && typed().next().is_some()
            && !typed().any(|(typed, _)| is_known(typed));
        is_stranger.then(|| Problem::new(key.location, format!("kustomize refuses `{below}`, which it does not know")))
    }

    fn has_types(&self, path: &str) -> bool {
        let prefix = format!("{path}.");
        self.types.range(prefix.clone()..).next().is_some_and(|(typed, _)| typed.starts_with(&prefix))
    }
}

impl Type {
    /// What is wrong with the value of a field, which may be one of those that are lists.
    fn problems(self, path: &str, value: &Node, is_list: bool) -> Vec<Problem> {
        match (self, value.as_seq()) {
            (Self::List | Self::Text, Some(items)) if is_list || self == Self::List => {
                items.iter().filter_map(|item| Self::Text.problem(path, item)).collect()
            }
            (Self::Mappings, Some(items)) => {
                items.iter().filter_map(|item| Self::Mapping.problem(path, item)).collect()
            }
            // That it is no list is said where the fields are.
            (Self::Text, None) if is_list => vec![],
            _ => self.problem(path, value).into_iter().collect(),
        }
    }

    /// What is wrong with a value of this type at a path. What Flux fills in is not known before.
    fn problem(self, path: &str, value: &Node) -> Option<Problem> {
        if value.is_null() || value.as_str().is_some_and(|text| text.contains("${")) {
            return None;
        }
        let (fits, name) = match self {
            Self::Boolean => (value.as_bool().is_some(), "a boolean"),
            Self::Mapping => (value.as_map().is_some(), "a mapping"),
            Self::List | Self::Mappings => (value.as_seq().is_some(), "a list"),
            Self::Number => (matches!(value.value, Value::Int(..) | Value::Uint(..)), "a whole number"),
            Self::Text => (value.as_str().is_some(), "a string"),
            Self::Texts => return Self::texts(path, value),
        };
        let is_bare = self == Self::Text && value.scalar_text().is_some();
        let help = if is_bare { "; put it in quotes" } else { "" };
        let message = || format!("`{path}` is {}, not {name}{help}", value.kind());
        (!fits).then(|| Problem::new(value.location, message()))
    }

    fn texts(path: &str, value: &Node) -> Option<Problem> {
        let Some(mapping) = value.as_map() else { return Self::Mapping.problem(path, value) };
        let mut entries = mapping.effective().into_iter();
        entries.find_map(|(key, entry)| Self::Text.problem(&format!("{path}.{key}"), &entry.value))
    }
}
