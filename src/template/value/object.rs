//! Values of types that only Go code could make: structs with fields and methods, named maps and slices, durations.

use std::any::Any;
use std::fmt;
use std::sync::Arc;

use super::Value;
use crate::template::funcs::Func;

/// A value with fields or methods: `.Files`, `.Capabilities.APIVersions`, a semantic version, a point in time.
pub trait Object: fmt::Debug {
    /// The type as `%T` prints it, such as `*semver.Version`.
    fn type_name(&self) -> &'static str;

    /// The kind as Go's `reflect` spells it: `struct`, `ptr`, `map`, `slice`, `int64`, ….
    fn kind(&self) -> &'static str {
        match self.view() {
            View::Opaque | View::Struct(_) => "struct",
            View::Map(_) => "map",
            View::List(_) => "slice",
            View::Int64(_) => "int64",
        }
    }

    /// What `reflect` sees below the type's name. Defaults to a struct.
    fn view(&self) -> View {
        View::Opaque
    }

    /// The exported field of this name. Defaults to the fields of a [`View::Struct`].
    fn field(&self, name: &str) -> Option<Value> {
        match self.view() {
            View::Struct(fields) => fields.into_iter().find(|(known, _)| *known == name).map(|(_, value)| value),
            _ => None,
        }
    }

    /// The method of this name. Its body gets the object as first argument; its parameters do not count it.
    fn method(&self, name: &str) -> Option<&'static Func> {
        let _ = name;
        None
    }

    /// The text of Go's `String()` or `Error()`, `None` where the type has neither and prints by its content.
    fn string(&self) -> Option<String> {
        None
    }

    /// What an action prints for the object itself. Differs from [`Object::string`] where Go's `String()` has a pointer receiver: an action
    /// finds that method, `printf` of a copy does not.
    fn shown(&self) -> Option<String> {
        self.string()
    }

    /// The text of Go's `MarshalJSON`/`MarshalText`, or the JSON of the exported fields; `None` if `view` says it all.
    fn json(&self) -> Option<Value> {
        None
    }

    /// The fields of a struct by their keys in JSON, in order, where those are not the fields' own names.
    fn keyed(&self) -> Option<Vec<(&'static str, Value)>> {
        None
    }

    /// Itself, to downcast.
    fn as_any(&self) -> &dyn Any;
}

/// What lies below the name of an object's type.
#[derive(Debug, Clone)]
pub enum View {
    /// A struct whose fields nobody sees: always true, no elements.
    Opaque,
    /// A struct with its fields in order, which Go prints and compares.
    Struct(Vec<(&'static str, Value)>),
    /// A map; entries sorted by key.
    Map(Vec<(Arc<str>, Value)>),
    /// A slice.
    List(Vec<Value>),
    /// An `int64`, as durations are.
    Int64(i64),
}

impl View {
    /// Go's truth.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Opaque | Self::Struct(_) => true,
            Self::Map(entries) => !entries.is_empty(),
            Self::List(items) => !items.is_empty(),
            Self::Int64(number) => *number != 0,
        }
    }

    /// The value of a key, if this is a map.
    pub fn get(&self, key: &str) -> Option<Value> {
        match self {
            Self::Map(entries) => entries.iter().find(|(name, _)| &**name == key).map(|(_, value)| value.clone()),
            _ => None,
        }
    }
}
