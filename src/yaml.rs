//! YAML as a tree in which every key and value knows its place in the file.
//!
//! Events come from granit-parser; what a plain scalar means is decided as Go-YAML decides it for Helm ([`resolve`]).

use std::borrow::Cow;
use std::sync::Arc;

use serde::de::DeserializeOwned;

use crate::text::{Location, SourceId};

mod breaks;
mod doubled;
pub mod edit;
pub mod embedded;
pub mod emit;
mod escapes;
mod gaps;
mod mapping;
mod offsets;
mod parse;
pub mod path;
mod quick;
mod relieved;
pub mod resolve;
pub mod shared;
mod stream;

pub use mapping::Mapping;
pub use parse::{Error, Limits};
pub use path::{KeyPath, Step};

/// One YAML document.
#[derive(Debug, Clone)]
pub struct Document {
    /// The source it was read from.
    pub source: SourceId,
    /// Its only root node; an empty document is null.
    pub root: Node,
}

/// A value with its place. Cloning is cheap: collections are shared.
#[derive(Debug, Clone)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it is written. For an alias this is the alias; for a block scalar, its content; a value that is left out has
    /// an empty location after its key.
    pub location: Location,
    /// How it is written.
    pub style: Style,
}

/// What a node holds, as Helm's YAML library sees it.
#[derive(Debug, Clone)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// A boolean of YAML 1.1: `yes`, `on`, `y` count too.
    Bool(bool, Arc<str>),
    /// A whole number that fits 64 bits with sign.
    Int(i64, Arc<str>),
    /// A whole number that only fits 64 bits without sign.
    Uint(u64, Arc<str>),
    /// Any other number.
    Float(f64, Arc<str>),
    /// Text.
    String(Arc<str>),
    /// A list.
    Seq(Arc<[Node]>),
    /// A mapping.
    Map(Arc<Mapping>),
}

/// How a node is written in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// `'…'`
    SingleQuoted,
    /// `"…"`
    DoubleQuoted,
    /// `|`
    Literal,
    /// `>`
    Folded,
    /// A list or mapping by indentation.
    Block,
    /// `[…]` or `{…}`
    Flow,
}

/// A key with its value.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The key, a scalar.
    pub key: Node,
    /// The value.
    pub value: Node,
    /// Whether the entry came in through a merge key.
    pub merged: bool,
}

/// Which part of an entry a label points at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anchor {
    /// The value.
    Value,
    /// The key.
    Key,
    /// Key and value.
    Entry,
}

impl Entry {
    /// The location of a part of the entry.
    pub fn location(&self, anchor: Anchor) -> Location {
        match anchor {
            Anchor::Value => self.value.location,
            Anchor::Key => self.key.location,
            Anchor::Entry => {
                let same_source = self.key.location.source == self.value.location.source;
                let ordered = self.key.location.span.start <= self.value.location.span.start;
                if same_source && ordered {
                    Location::new(self.key.location.source, self.key.location.span.to(self.value.location.span))
                } else {
                    self.key.location
                }
            }
        }
    }
}

impl Node {
    /// A null node at a location.
    pub fn null(location: Location) -> Self {
        Self { value: Value::Null, location, style: Style::Plain }
    }

    /// The mapping, where the node is one.
    pub fn as_map(&self) -> Option<&Mapping> {
        if let Value::Map(mapping) = &self.value { Some(mapping) } else { None }
    }

    /// The items, where the node is a list.
    pub fn as_seq(&self) -> Option<&[Node]> {
        if let Value::Seq(items) = &self.value { Some(items) } else { None }
    }

    /// The text, where the node is a string (a number or boolean is not).
    pub fn as_str(&self) -> Option<&str> {
        if let Value::String(text) = &self.value { Some(text) } else { None }
    }

    /// The boolean, where the node is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(value, _) = &self.value { Some(*value) } else { None }
    }

    /// The text of any scalar as it is written in the file, quotes and escapes resolved; `None` for null and collections.
    pub fn scalar_text(&self) -> Option<&str> {
        match &self.value {
            Value::String(text)
            | Value::Bool(_, text)
            | Value::Int(_, text)
            | Value::Uint(_, text)
            | Value::Float(_, text) => Some(text),
            Value::Null | Value::Seq(_) | Value::Map(_) => None,
        }
    }

    /// The text of a scalar where Helm wants text, after its way through JSON: `1.10` without quotes is `1.1`, `0777` is `511`.
    pub fn helm_text(&self) -> Option<Cow<'_, str>> {
        match &self.value {
            Value::Float(value, _) => Some(emit::number::general(*value).into()),
            Value::Null | Value::Seq(_) | Value::Map(_) => None,
            _ => Some(self.key_text()),
        }
    }

    /// Whether the node is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The value of a key, where the node is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// The items of the list that a key has; none where it has none.
    pub fn items(&self, key: &str) -> &[Node] {
        self.get(key).and_then(Self::as_seq).unwrap_or_default()
    }

    /// The first number that JSON does not have, `.inf` say, with what Go calls it: Helm refuses a text that has one.
    pub fn endless(&self) -> Option<(&Self, String)> {
        match &self.value {
            Value::Float(number, _) if !number.is_finite() => Some((self, emit::number::general(*number))),
            Value::Seq(items) => items.iter().find_map(Self::endless),
            Value::Map(mapping) => mapping.entries().iter().find_map(|entry| entry.value.endless()),
            _ => None,
        }
    }

    /// The entry of a key, where the node is a mapping that has it.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.as_map()?.entry(key)
    }

    /// The place of a field's key, else that of the first key, else that of the node.
    pub fn key_location(&self, key: &str) -> Location {
        let first = || self.as_map().and_then(|mapping| mapping.entries().first());
        self.entry(key).or_else(first).map_or(self.location, |entry| entry.key.location)
    }

    /// What the value is, in words for a message: `a string`, `a list`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(..) => "a boolean",
            Value::Int(..) | Value::Uint(..) | Value::Float(..) => "a number",
            Value::String(_) => "a string",
            Value::Seq(_) => "a list",
            Value::Map(_) => "a mapping",
        }
    }

    /// The node as a mapping key of JSON, as sigs.k8s.io/yaml converts it: `on` is `true`, `010` is `8`, `1.10` is `1.1`.
    pub fn key_text(&self) -> Cow<'_, str> {
        match &self.value {
            Value::String(text) => text.as_ref().into(),
            Value::Float(value, _) => emit::number::key(*value).into(),
            Value::Bool(value, _) => (if *value { "true" } else { "false" }).into(),
            Value::Int(value, _) => value.to_string().into(),
            Value::Uint(value, _) => value.to_string().into(),
            Value::Null => "null".into(),
            Value::Seq(_) | Value::Map(_) => "".into(),
        }
    }

    fn is_key(&self, key: &str) -> bool {
        if let Value::String(text) = &self.value { &**text == key } else { self.key_text() == key }
    }

    /// How many keys below the value stand twice in their mapping.
    pub fn doubled(&self) -> usize {
        doubled::count(self)
    }

    /// What looking at the whole value costs: a step for each value in it, and more for long texts.
    pub fn weight(&self) -> usize {
        match &self.value {
            Value::Null => 1,
            Value::Bool(_, text) | Value::Int(_, text) | Value::Uint(_, text) | Value::Float(_, text) => {
                1 + text.len() / 64
            }
            Value::String(text) => 1 + text.len() / 64,
            Value::Seq(items) => 1 + items.iter().map(Self::weight).sum::<usize>(),
            Value::Map(mapping) => {
                let entry = |entry: &Entry| entry.key.weight() + entry.value.weight();
                1 + mapping.entries().iter().map(entry).sum::<usize>()
            }
        }
    }

    /// The value as JSON, as Helm converts YAML; a number that JSON does not have becomes null.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value, _) => (*value).into(),
            Value::Int(value, _) => (*value).into(),
            Value::Uint(value, _) => (*value).into(),
            Value::Float(value, _) => (*value).into(),
            Value::String(text) => text.as_ref().into(),
            Value::Seq(items) => items.iter().map(Node::to_json).collect(),
            Value::Map(mapping) => {
                let entries = mapping.effective().into_iter();
                serde_json::Value::Object(
                    entries.map(|(key, entry)| (key.into_owned(), entry.value.to_json())).collect(),
                )
            }
        }
    }

    /// Whether two nodes mean the same: order of keys, style, comments and place do not count, types do.
    pub fn same_meaning(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(left, _), Value::Bool(right, _)) => left == right,
            (Value::Int(left, _), Value::Int(right, _)) => left == right,
            (Value::Uint(left, _), Value::Uint(right, _)) => left == right,
            (Value::Float(left, _), Value::Float(right, _)) => left.to_bits() == right.to_bits(),
            (Value::String(left), Value::String(right)) => left == right,
            (Value::Seq(left), Value::Seq(right)) => {
                left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| left.same_meaning(right))
            }
            (Value::Map(left), Value::Map(right)) => {
                let left = left.effective();
                let same = |(key, entry): &(Cow<'_, str>, &Entry)| {
                    right.entry(key).is_some_and(|found| found.value.same_meaning(&entry.value))
                };
                left.len() == right.effective().len() && left.iter().all(same)
            }
            _ => false,
        }
    }
}

impl Document {
    /// Every document of a text that is already one of the sources.
    ///
    /// # Errors
    /// The first syntax error, with its place, or a limit that the text exceeds.
    pub fn parse_all(source: SourceId, text: &str) -> Result<Vec<Self>, Error> {
        parse::documents(source, text, &offsets::OffsetMap::identity(), Limits::default())
    }

    /// Every document of a values file, of which Helm 4 takes less than YAML does.
    ///
    /// # Errors
    /// As [`Document::parse_all`]; also for a directive, and for what stands on the line of a `---`.
    pub fn parse_values(source: SourceId, text: &str) -> Result<Vec<Self>, Error> {
        let documents = Self::parse_all(source, text)?;
        stream::check(source, text)?;
        Ok(documents)
    }

    /// The first document of a text, if there is any; nothing behind it is read, as in Go's `yaml.Unmarshal`.
    ///
    /// # Errors
    /// As [`Document::parse_all`], for the first document.
    pub fn first(source: SourceId, text: &str) -> Result<Option<Self>, Error> {
        parse::first(source, text)
    }

    /// The only document of a text; an empty text is one null document.
    ///
    /// # Errors
    /// As [`Document::parse_all`]; also where a second document starts.
    pub fn parse(source: SourceId, text: &str) -> Result<Self, Error> {
        let mut documents = Self::parse_all(source, text)?;
        match documents.len() {
            0 => Ok(Self { source, root: Node::null(Location::new(source, crate::text::Span::default())) }),
            1 => Ok(documents.remove(0)),
            _ => Err(Error::second_document(documents[1].root.location)),
        }
    }
}

/// A text of our own kinds (configuration, rules) as one of our types. A byte order mark at its start is no part of it.
///
/// # Errors
/// What serde says, with the line.
pub fn typed<T: DeserializeOwned>(text: &str) -> Result<T, serde_yaml::Error> {
    serde_yaml::from_str(text.strip_prefix('\u{feff}').unwrap_or(text))
}
