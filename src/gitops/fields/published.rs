//! What the publisher of a kind says of its fields: which there are, and of which type. A value of another type is refused by the tool, and
//! nothing of the object is deployed.

use std::collections::BTreeMap;

use super::Problem;
use crate::text::Location;
use crate::yaml::{Mapping, Node, Value};

/// The fields of one kind.
#[derive(Debug, Clone, Default)]
pub struct Published {
    types: BTreeMap<&'static str, Type>,
    /// Parts that have the fields of another part.
    same: BTreeMap<&'static str, &'static str>,
}

/// What the value of a field has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// Anything.
    Any,
    /// A single value.
    One(Single),
    /// A list of such values; of anything, where none is named.
    List(Option<Single>),
}

/// A single value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Single {
    /// `true` or `false`.
    Boolean,
    /// A mapping.
    Mapping,
    /// A number.
    Number,
    /// Neither a mapping nor a list: what reads it makes text of everything else.
    Scalar,
    /// Text.
    Text,
    /// A mapping of names to texts.
    Texts,
}

impl Published {
    /// Reads a recorded list: `path type`, or `path type = other` for a part that has the fields of another.
    pub(super) fn read(text: &'static str) -> Self {
        let mut read = Self::default();
        for line in text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
            let (field, other) = line.split_once(" = ").map_or((line, None), |(field, other)| (field, Some(other)));
            let (path, written) = field.split_once(' ').expect("a recorded field has a type");
            read.types.insert(path, Type::read(written).expect("a recorded type is one of ours"));
            read.same.extend(other.map(|other| (path, other)));
        }
        read
    }

    /// The type of the field at a path of keys; none where no such field is published.
    pub fn get(&self, path: &str) -> Option<Type> {
        let known = self.types.get(path).copied();
        known.or_else(|| self.get(&self.original(path)?))
    }

    /// Whether the fields below a path are published one by one.
    pub(super) fn has_fields(&self, path: &str) -> bool {
        let prefix = if path.is_empty() { String::new() } else { format!("{path}.") };
        let next = self.types.range(prefix.as_str()..).next();
        next.is_some_and(|(known, _)| known.starts_with(&prefix))
            || self.same.get(path).is_some_and(|other| self.has_fields(other))
            || self.original(path).is_some_and(|original| self.has_fields(&original))
    }

    /// Whether there is a field of some name below a path, however it is spelled.
    pub(super) fn knows(&self, path: &str, key: &str) -> bool {
        let prefix = format!("{path}.");
        let below = self.types.range(prefix.as_str()..).take_while(|(known, _)| known.starts_with(&prefix));
        let names = below.filter_map(|(known, _)| known[prefix.len()..].split('.').next());
        names.into_iter().any(|name| name.eq_ignore_ascii_case(key))
    }

    /// The path in the part that the nearest part above it is the same as.
    fn original(&self, path: &str) -> Option<String> {
        let above = path.rmatch_indices('.').map(|(at, _)| at);
        above.into_iter().find_map(|at| Some(format!("{}{}", self.same.get(&path[..at])?, &path[at..])))
    }

    /// Every path, parts that are the same as another written out.
    #[cfg(test)]
    pub(super) fn paths(&self) -> Vec<String> {
        let mut all: Vec<String> = self.types.keys().map(|path| (*path).to_owned()).collect();
        // Parts of parts: each round writes out one level.
        for _ in 0..3 {
            for (path, other) in &self.same {
                let prefix = format!("{other}.");
                let below = all.iter().filter_map(|known| Some(format!("{path}.{}", known.strip_prefix(&prefix)?)));
                all.extend(below.collect::<Vec<_>>());
            }
            all.sort();
            all.dedup();
        }
        all
    }

    /// Whether the value of the field at a path is of its type.
    pub(super) fn fits(&self, value: &Node, path: &str) -> bool {
        self.get(path).is_none_or(|is| is.problems(path, value).is_empty())
    }

    /// Every value of another type than its field has, at and below a path.
    pub(super) fn mistyped(&self, node: &Node, path: &str) -> Vec<Problem> {
        let mut problems = vec![];
        self.walk(node, path, &mut problems);
        problems
    }

    fn walk(&self, node: &Node, path: &str, problems: &mut Vec<Problem>) {
        for item in node.as_seq().unwrap_or_default() {
            self.walk(item, path, problems);
        }
        for (key, entry) in node.as_map().map(Mapping::effective).unwrap_or_default() {
            let below = if path.is_empty() { key.to_string() } else { format!("{path}.{key}") };
            let wrong = self.get(&below).map(|is| is.problems(&below, &entry.value)).unwrap_or_default();
            if wrong.is_empty() && self.has_fields(&below) {
                self.walk(&entry.value, &below, problems);
            }
            problems.extend(wrong);
        }
    }
}

impl Type {
    fn read(written: &str) -> Option<Self> {
        if let Some(items) = written.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            return Some(Self::List(Some(Single::read(items)?)));
        }
        match written {
            "any" => Some(Self::Any),
            "list" => Some(Self::List(None)),
            _ => Single::read(written).map(Self::One),
        }
    }

    /// What is wrong with the value of a field.
    pub(in crate::gitops) fn problems(self, path: &str, value: &Node) -> Vec<Problem> {
        let is_open = value.is_null() || value.as_str().is_some_and(is_filled_in);
        match (self, value.as_seq()) {
            _ if is_open => vec![],
            (Self::Any, _) | (Self::List(None), Some(_)) => vec![],
            (Self::One(single), _) => single.problem(path, value).into_iter().collect(),
            (Self::List(Some(single)), Some(items)) => {
                items.iter().filter_map(|item| single.problem(path, item)).collect()
            }
            (Self::List(_), None) => vec![not(path, value, "a list", value.location)],
        }
    }
}

impl Single {
    fn read(written: &str) -> Option<Self> {
        Some(match written {
            "boolean" => Self::Boolean,
            "mapping" => Self::Mapping,
            "number" => Self::Number,
            "scalar" => Self::Scalar,
            "text" => Self::Text,
            "texts" => Self::Texts,
            _ => return None,
        })
    }

    /// What is wrong with a value at a path.
    fn problem(self, path: &str, value: &Node) -> Option<Problem> {
        if value.is_null() || value.as_str().is_some_and(is_filled_in) {
            return None;
        }
        let (fits, name) = match self {
            Self::Boolean => (value.as_bool().is_some(), "a boolean"),
            Self::Mapping => (value.as_map().is_some(), "a mapping"),
            Self::Number => (matches!(value.value, Value::Int(..) | Value::Uint(..)), "a whole number"),
            Self::Scalar => (value.scalar_text().is_some(), "a string"),
            Self::Text => (value.as_str().is_some(), "a string"),
            Self::Texts => return texts(path, value),
        };
        let is_bare = self == Self::Text && value.scalar_text().is_some();
        let name = if is_bare { format!("{name}; put it in quotes") } else { name.to_owned() };
        (!fits).then(|| not(path, value, &name, value.location))
    }
}

/// Whether Flux or Terraform puts something into a text, so that what it is comes out later.
fn is_filled_in(text: &str) -> bool {
    text.contains("${")
}

fn texts(path: &str, value: &Node) -> Option<Problem> {
    let Some(mapping) = value.as_map() else { return Single::Mapping.problem(path, value) };
    let mut entries = mapping.effective().into_iter();
    entries.find_map(|(key, entry)| Single::Text.problem(&format!("{path}.{key}"), &entry.value))
}

fn not(path: &str, value: &Node, name: &str, at: Location) -> Problem {
    Problem::new(at, format!("`{path}` is {}, not {name}", value.kind()))
}
