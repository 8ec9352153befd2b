//! The dynamic value: what Go's `interface{}` holds in a template, with the origins of what was read to make it.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

pub use self::list::List;
pub use self::map::Map;
pub use self::object::{Object, View};
pub use self::watch::{Shared, Tells, Watch};
use super::origin::Origins;
use super::string::Str;

mod list;
mod map;
mod object;
mod watch;

/// A value and where it came from. Clones are cheap; maps are shared, so that `set` is seen through every alias as in Go.
#[derive(Debug, Clone, Default)]
pub struct Value {
    /// What it is.
    pub data: Data,
    /// What was read to make it. Parts of a string and entries of a container have more of their own.
    pub origins: Origins,
}

/// The Go kinds that occur in templates. Kinds matter: `kindOf`, `%T`, comparisons and argument checks tell them apart.
#[derive(Debug, Clone, Default)]
pub enum Data {
    /// `nil`.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`: constants of templates, `len`, range indexes.
    Int(i64),
    /// `int64`: what arithmetic functions return.
    Int64(i64),
    /// `uint8`: a byte of an indexed string.
    Uint8(u8),
    /// `uint64`: parts of a semantic version.
    Uint64(u64),
    /// `float64`: every number of a values file.
    Float(f64),
    /// `string`.
    String(Str),
    /// `[]uint8`.
    Bytes(Arc<[u8]>),
    /// A slice of values.
    List(List),
    /// A map from strings.
    Map(Map),
    /// Anything with methods or fields.
    Object(Rc<dyn Object>),
}

impl Value {
    /// `nil` without origins.
    pub const NIL: Self = Self { data: Data::Nil, origins: Origins::NONE };

    /// The value with `origins` instead of its own.
    pub fn with_origins(self, origins: Origins) -> Self {
        Self { origins, ..self }
    }

    /// The value with `origins` added to its own.
    pub fn reading(mut self, origins: &Origins) -> Self {
        self.origins.add(origins);
        self
    }

    /// A value of an object type.
    pub fn object(object: impl Object + 'static) -> Self {
        Self::from(Data::Object(Rc::new(object)))
    }

    /// True for `nil`.
    pub fn is_nil(&self) -> bool {
        matches!(self.data, Data::Nil)
    }

    /// The string, if it is one.
    pub fn as_string(&self) -> Option<&Str> {
        match &self.data {
            Data::String(text) => Some(text),
            _ => None,
        }
    }

    /// The text of a string value; empty for other kinds. For parameters declared as strings, where no other kind arrives.
    pub fn text(&self) -> Cow<'_, str> {
        self.as_string().map_or(Cow::Borrowed(""), Str::as_str)
    }

    /// The bytes of a string or byte slice; empty for other kinds.
    pub fn bytes(&self) -> &[u8] {
        match &self.data {
            Data::String(text) => text.as_bytes(),
            Data::Bytes(bytes) => bytes,
            _ => &[],
        }
    }

    /// The integer of a value of an integer kind; 0 for other kinds. For parameters declared as integers.
    pub fn integer(&self) -> i64 {
        match self.data {
            Data::Int(number) | Data::Int64(number) => number,
            Data::Uint8(number) => i64::from(number),
            Data::Uint64(number) => number.cast_signed(),
            _ => 0,
        }
    }

    /// The list, if it is one.
    pub fn as_list(&self) -> Option<&List> {
        match &self.data {
            Data::List(list) => Some(list),
            _ => None,
        }
    }

    /// The map, if it is one.
    pub fn as_map(&self) -> Option<&Map> {
        match &self.data {
            Data::Map(map) => Some(map),
            _ => None,
        }
    }

    /// The object downcast to `T`, if it is one.
    pub fn as_object<T: 'static>(&self) -> Option<&T> {
        match &self.data {
            Data::Object(object) => object.as_any().downcast_ref(),
            _ => None,
        }
    }

    /// The kind as Go's `reflect` spells it: `string`, `slice`, `map`, … and `invalid` for nil.
    pub fn kind(&self) -> &'static str {
        match &self.data {
            Data::Nil => "invalid",
            Data::Bool(_) => "bool",
            Data::Int(_) => "int",
            Data::Int64(_) => "int64",
            Data::Uint8(_) => "uint8",
            Data::Uint64(_) => "uint64",
            Data::Float(_) => "float64",
            Data::String(_) => "string",
            Data::Bytes(_) | Data::List(_) => "slice",
            Data::Map(_) => "map",
            Data::Object(object) => object.kind(),
        }
    }

    /// The type as `%T` prints it: `string`, `[]interface {}`, `map[string]interface {}`, … and `<nil>`.
    pub fn type_name(&self) -> &'static str {
        match &self.data {
            Data::Nil => "<nil>",
            Data::Bytes(_) => "[]uint8",
            Data::List(list) => list.type_name(),
            Data::Map(map) => map.type_name(),
            Data::Object(object) => object.type_name(),
            _ => self.kind(),
        }
    }

    /// Go's truth of `if` and `and`: false for nil, false, zero and whatever has no elements.
    pub fn is_true(&self) -> bool {
        match &self.data {
            Data::Nil => false,
            Data::Bool(value) => *value,
            Data::Int(number) | Data::Int64(number) => *number != 0,
            Data::Uint8(number) => *number != 0,
            Data::Uint64(number) => *number != 0,
            Data::Float(number) => *number != 0.0,
            Data::String(text) => !text.is_empty(),
            Data::Bytes(bytes) => !bytes.is_empty(),
            Data::List(list) => !list.is_empty(),
            Data::Map(map) => !map.is_empty(),
            Data::Object(object) => object.view().is_true(),
        }
    }

    /// The value's origins and those of the parts of its text: what one had to read to know it, containers without their entries.
    pub fn all_origins(&self) -> Origins {
        match self.as_string() {
            Some(text) if !text.pieces().is_empty() => self.origins.union(&text.origins()),
            _ => self.origins.clone(),
        }
    }

    /// The origins of the value and of everything in it. Entries beyond `limit` (cycles, huge values) are not visited.
    pub fn deep_origins(&self, limit: usize) -> Origins {
        let mut ids: Vec<_> = Vec::new();
        let mut open = vec![self.clone()];
        for _ in 0..limit {
            let Some(value) = open.pop() else { break };
            ids.extend(value.all_origins().iter());
            match &value.data {
                Data::List(list) => open.extend(list.iter().cloned()),
                Data::Map(map) => open.extend(map.snapshot().into_iter().map(|(_, value)| value)),
                _ => {}
            }
        }
        ids.into_iter().collect()
    }
}

impl From<Data> for Value {
    fn from(data: Data) -> Self {
        Self { data, origins: Origins::NONE }
    }
}

macro_rules! value_from {
    ($($from:ty => $data:expr),* $(,)?) => {
        $(impl From<$from> for Value {
            fn from(plain: $from) -> Self {
                Self::from($data(plain))
            }
        })*
    };
}

value_from! {
    bool => Data::Bool,
    f64 => Data::Float,
    Str => Data::String,
    &str => |text: &str| Data::String(text.into()),
    String => |text: String| Data::String(text.into()),
    Arc<str> => |text: Arc<str>| Data::String(text.into()),
    List => Data::List,
    Map => Data::Map,
}
