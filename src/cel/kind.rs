//! Kinds of values, as a schema of a custom resource tells them (`SchemaDeclType` in `k8s.io/apiserver/pkg/cel/common`). What is not certain is any
//! kind, and fits everywhere.

use crate::yaml::{Mapping, Node};

mod look;

pub use look::Typed;
pub(super) use look::typed;

/// The kind of a value.
#[derive(Debug, Clone)]
pub enum Kind<'a> {
    /// Not known.
    Any,
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// A text.
    Text,
    /// Bytes.
    Bytes,
    /// A time.
    Time,
    /// A duration.
    Span,
    /// A list, and whether the schema says how long it may be.
    List(Box<Kind<'a>>, Size),
    /// A mapping from names to values of a kind.
    Map(Box<Kind<'a>>, Size),
    /// An object, with its schema; whether it is a whole one, with `apiVersion`, `kind` and `metadata`.
    Object(&'a Node, bool),
    /// The metadata of an object, of which rules see the names.
    Metadata,
}

impl PartialEq for Kind<'_> {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::List(left, _), Self::List(right, _)) | (Self::Map(left, _), Self::Map(right, _)) => left == right,
            (Self::Object(left, _), Self::Object(right, _)) => std::ptr::eq(*left, *right),
            (left, right) => std::mem::discriminant(left) == std::mem::discriminant(right),
        }
    }
}

/// How much there may be of something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// As much as a schema allows, or an expression has.
    Bounded,
    /// As much as a request can hold.
    Unbounded,
}

impl<'a> Kind<'a> {
    /// The kind of what a schema describes; `is_whole` for a whole object.
    pub fn of(schema: &'a Node, is_whole: bool) -> Self {
        let text = |key: &str| schema.get(key).and_then(Node::as_str).unwrap_or_default();
        let is = |key: &str| schema.get(key).and_then(Node::as_bool) == Some(true);
        let size = |key: &str| if schema.get(key).is_some() { Size::Bounded } else { Size::Unbounded };
        if is("x-kubernetes-int-or-string") || is("nullable") {
            return Self::Any;
        }
        match text("type") {
            "boolean" => Self::Boolean,
            "integer" => Self::Integer,
            "number" => Self::Number,
            "string" => match text("format") {
                "byte" => Self::Bytes,
                "date" | "date-time" | "datetime" => Self::Time,
                "duration" => Self::Span,
                _ => Self::Text,
            },
            "array" => match schema.get("items") {
                Some(items) => Self::List(Box::new(Self::of(items, is_resource(items))), size("maxItems")),
                None => Self::Any,
            },
            "object" => match schema.get("additionalProperties").filter(|others| others.as_map().is_some()) {
                Some(others) => Self::Map(Box::new(Self::of(others, is_resource(others))), size("maxProperties")),
                None => Self::Object(schema, is_whole),
            },
            _ => Self::Any,
        }
    }

    fn field(&self, name: &str) -> Result<Self, String> {
        match self {
            Self::Any => Ok(Self::Any),
            Self::Map(value, _) => Ok((**value).clone()),
            Self::Metadata if ["name", "generateName"].contains(&name) => Ok(Self::Text),
            Self::Metadata => {
                Err(format!("`metadata.{name}` is not seen by rules, which know `name` and `generateName`"))
            }
            Self::Object(_, true) if ["apiVersion", "kind"].contains(&name) => Ok(Self::Text),
            Self::Object(_, true) if name == "metadata" => Ok(Self::Metadata),
            Self::Object(schema, _) => Ok(property(schema, name)),
            other => Err(format!("`.{name}` is asked of {}", other.words())),
        }
    }

    fn words(&self) -> &'static str {
        match self {
            Self::Any => "a value",
            Self::Boolean => "a boolean",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "a text",
            Self::Bytes => "bytes",
            Self::Time => "a time",
            Self::Span => "a duration",
            Self::List(..) => "a list",
            Self::Map(..) => "a mapping",
            Self::Object(..) | Self::Metadata => "an object",
        }
    }

    /// Whether it is surely of another kind.
    fn differs(&self, other: &Self) -> bool {
        !matches!(self, Self::Any) && !matches!(other, Self::Any) && self.words() != other.words()
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Integer | Self::Number)
    }

    /// Whether it is surely something that is not a part of others.
    fn is_scalar(&self) -> bool {
        matches!(
            self,
            Self::Boolean | Self::Integer | Self::Number | Self::Text | Self::Bytes | Self::Time | Self::Span
        )
    }
}

fn is_resource(schema: &Node) -> bool {
    schema.get("x-kubernetes-embedded-resource").and_then(Node::as_bool) == Some(true)
}

fn property<'a>(schema: &'a Node, name: &str) -> Kind<'a> {
    let fields = schema.get("properties").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    let found = fields.into_iter().find(|(key, _)| super::escaped(key) == name);
    found.map_or(Kind::Any, |(_, entry)| Kind::of(&entry.value, is_resource(&entry.value)))
}
