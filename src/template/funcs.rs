//! The functions that templates call: how one is declared, what it may do, and the table they are found in.
//!
//! A family is a module below with one `pub const FUNCS: &[Func]`, named in [`Table::families`] (its file opens with
//! `#![expect(clippy::unnecessary_wraps, reason = …)]`). A function declares its parameters as Go does, because
//! the executor checks and converts arguments by them and words the errors; its body then gets exactly those kinds. What the body need not do: count
//! arguments, accept nil where Go would not, gather origins. By default the result carries the origins of all arguments ([`Propagate::Shallow`]).
//!
//! A function whose result is text made of parts of its arguments keeps those parts apart: it declares [`Func::own`], builds the result with a
//! [`Weave`](super::weave::Weave) (`push` for its own text, `push_slice` for parts of an argument, `push_instead` for parts it rewrites) and asks
//! [`Call::text`](super::call::Call::text) for room before it makes anything longer than its arguments. `strings::nindent` shows it.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};

use super::call::Call;
use super::value::{Data, Value};

pub use super::fault::Fault;

pub mod builtins;
mod cast;
pub mod compare;
pub mod crypto;
pub mod data;
pub mod dates;
mod decimal;
pub mod dicts;
mod elements;
pub mod encoding;
pub mod engine;
pub mod lists;
pub mod logic;
pub mod merge;
pub mod numbers;
pub mod paths;
pub mod random;
pub mod regexes;
mod show;
pub mod strings;
pub mod versions;
pub mod words;

/// A parameter's Go type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Type {
    /// `interface {}`.
    Any,
    /// `reflect.Value`, which builtins take: like [`Type::Any`].
    Reflect,
    /// `string`.
    String,
    /// `bool`.
    Bool,
    /// `int`.
    Int,
    /// `int64`.
    Int64,
    /// `float64`.
    Float,
    /// `[]uint8`.
    Bytes,
    /// `[]interface {}`.
    List,
    /// `[]string`.
    Strings,
    /// `map[string]interface {}`.
    Map,
    /// Another type, by the name `%T` prints.
    Named(&'static str),
}

impl Type {
    /// The name that errors print.
    pub fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Reflect => "reflect.Value",
            Self::String => "string",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Int64 => "int64",
            Self::Float => "float64",
            Self::Bytes => "[]uint8",
            Self::List => "[]interface {}",
            Self::Strings => "[]string",
            Self::Map => "map[string]interface {}",
            Self::Named(name) => name,
        }
    }

    /// True if nil may be passed for it.
    pub fn is_nillable(self) -> bool {
        match self {
            Self::String | Self::Bool | Self::Int | Self::Int64 | Self::Float => false,
            Self::Named(name) => name.starts_with(['*', '[']) || name.starts_with("map["),
            _ => true,
        }
    }

    /// True if Go would assign the value, which is not nil, to a parameter of this type.
    pub fn accepts(self, value: &Value) -> bool {
        match (self, &value.data) {
            (Self::Any | Self::Reflect, _)
            | (Self::String, Data::String(_))
            | (Self::Bool, Data::Bool(_))
            | (Self::Int, Data::Int(_))
            | (Self::Int64, Data::Int64(_))
            | (Self::Float, Data::Float(_))
            | (Self::Bytes, Data::Bytes(_)) => true,
            // A named type such as common.Values is assignable to the plain type below it, a map[string]string is not.
            (Self::Map, Data::Map(map)) => !map.type_name().starts_with("map[") || map.type_name() == self.name(),
            (Self::List | Self::Strings, Data::List(list)) => list.type_name() == self.name(),
            (_, Data::Object(object)) => object.type_name() == self.name(),
            _ => false,
        }
    }
}

/// Which origins a result gets besides those the body gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Propagate {
    /// Those of the arguments themselves; containers without their entries.
    Shallow,
    /// Those of the arguments and of everything in them.
    Deep,
    /// None: the body sees to it.
    Own,
}

/// The code of a function. Arguments are as declared; for methods the object comes first.
pub type Body = fn(&mut Call<'_>, &[Value]) -> Result<Value, Fault>;

/// The pace of functions that copy and compare.
const QUICK: u64 = 256;
/// The pace of functions over words, dates, paths and keys: the slowest of them takes 20 nanoseconds for a byte.
const SLOW: u64 = 8;

/// A function that templates can call.
#[derive(Debug, Clone, Copy)]
pub struct Func {
    /// The name in templates.
    pub name: &'static str,
    /// The fixed parameters.
    pub params: &'static [Type],
    /// The type of further arguments, if there may be any.
    pub rest: Option<Type>,
    /// How origins get to the result.
    pub origins: Propagate,
    /// How many bytes of its texts it works through in the time of a step.
    pub pace: u64,
    /// The code.
    pub body: Body,
}

impl Func {
    /// A function with fixed parameters, whose result carries the origins of its arguments.
    pub const fn new(name: &'static str, params: &'static [Type], body: Body) -> Self {
        Self { name, params, rest: None, origins: Propagate::Shallow, pace: QUICK, body }
    }

    /// The function with any number of further arguments of type `rest`.
    pub const fn variadic(self, rest: Type) -> Self {
        Self { rest: Some(rest), ..self }
    }

    /// The function as one that looks at its texts letter by letter, or makes others of them.
    pub const fn slow(self) -> Self {
        Self { pace: SLOW, ..self }
    }

    /// The function with [`Propagate::Own`].
    pub const fn own(self) -> Self {
        Self { origins: Propagate::Own, ..self }
    }

    /// The function with [`Propagate::Deep`].
    pub const fn deep(self) -> Self {
        Self { origins: Propagate::Deep, ..self }
    }

    /// The type of the argument at `index`, the last one if there are too many.
    pub fn param(&self, index: usize) -> Type {
        self.params.get(index).copied().or(self.rest).unwrap_or(Type::Any)
    }
}

/// Functions by name. The parser resolves names with it, so that a parsed template holds its functions.
#[derive(Debug)]
pub struct Table {
    by_name: HashMap<&'static str, &'static Func, BuildHasherDefault<NameHasher>>,
}

/// FNV-1a: every call in a template is looked up, and nobody but this library adds names that could collide.
#[derive(Debug)]
struct NameHasher(u64);

impl Default for NameHasher {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Hasher for NameHasher {
    fn write(&mut self, bytes: &[u8]) {
        self.0 = bytes.iter().fold(self.0, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01B3));
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Table {
    /// The table of several families; of two functions with one name the later counts.
    pub fn new(families: &[&'static [Func]]) -> Self {
        let by_name = families.iter().flat_map(|family| family.iter()).map(|func| (func.name, func)).collect();
        Self { by_name }
    }

    /// The table but for some names.
    pub fn without(mut self, names: &[&str]) -> Self {
        self.by_name.retain(|name, _| !names.contains(name));
        self
    }

    /// Every function this library has.
    pub fn all() -> Self {
        Self::new(Self::families())
    }

    /// The families of this library.
    pub fn families() -> &'static [&'static [Func]] {
        &[
            builtins::FUNCS,
            compare::FUNCS,
            crypto::FUNCS,
            data::FUNCS,
            dates::FUNCS,
            dicts::FUNCS,
            encoding::FUNCS,
            engine::FUNCS,
            lists::FUNCS,
            logic::FUNCS,
            merge::FUNCS,
            numbers::FUNCS,
            paths::FUNCS,
            random::FUNCS,
            regexes::FUNCS,
            strings::FUNCS,
            versions::FUNCS,
            words::FUNCS,
        ]
    }

    /// The function of a name.
    pub fn get(&self, name: &str) -> Option<&'static Func> {
        self.by_name.get(name).copied()
    }

    /// The names, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.by_name.keys().copied().collect();
        names.sort_unstable();
        names
    }
}
