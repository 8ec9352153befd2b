//! Slices: immutable here, as no function of Helm's changes one in place.

use std::ops::Deref;
use std::rc::Rc;

use super::{Data, Value};

/// A Go slice of values with the name of its type.
#[derive(Debug, Clone)]
pub struct List(Rc<ListInner>);

#[derive(Debug)]
struct ListInner {
    items: Vec<Value>,
    type_name: &'static str,
    nil: bool,
}

impl List {
    /// `[]interface {}`, the type of nearly all lists.
    pub const ANY: &'static str = "[]interface {}";
    /// `[]string`, what `splitList`, `keys` and `sortAlpha` return.
    pub const STRINGS: &'static str = "[]string";
    /// `[]int`, what `until` and `untilStep` return.
    pub const INTS: &'static str = "[]int";

    /// A `[]interface {}`.
    pub fn new(items: Vec<Value>) -> Self {
        Self::typed(items, Self::ANY)
    }

    /// A slice of the Go type `type_name`.
    pub fn typed(items: Vec<Value>, type_name: &'static str) -> Self {
        Self(Rc::new(ListInner { items, type_name, nil: false }))
    }

    /// A nil slice of the Go type `type_name`: empty, but `null` in JSON and YAML.
    pub fn nil(type_name: &'static str) -> Self {
        Self(Rc::new(ListInner { items: Vec::new(), type_name, nil: true }))
    }

    /// A `[]string`.
    pub fn strings<S: Into<Value>>(items: impl IntoIterator<Item = S>) -> Self {
        Self::typed(items.into_iter().map(Into::into).collect(), Self::STRINGS)
    }

    /// The type as `%T` prints it.
    pub fn type_name(&self) -> &'static str {
        self.0.type_name
    }

    /// True for a slice made by [`List::nil`].
    pub fn is_nil(&self) -> bool {
        self.0.nil
    }
}

impl Deref for List {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.items
    }
}

/// Nested containers are taken apart in a loop: a template can nest them deeper than a stack is.
impl Drop for ListInner {
    fn drop(&mut self) {
        if self.items.iter().any(is_container) {
            release(std::mem::take(&mut self.items));
        }
    }
}

/// True for what holds other values.
pub(super) fn is_container(value: &Value) -> bool {
    matches!(value.data, Data::List(_) | Data::Map(_))
}

/// Drops values without recursion.
pub(super) fn release(mut open: Vec<Value>) {
    while let Some(value) = open.pop() {
        match value.data {
            Data::List(list) => {
                if let Some(mut inner) = Rc::into_inner(list.0) {
                    open.extend(std::mem::take(&mut inner.items).into_iter().filter(is_container));
                }
            }
            Data::Map(map) => map.take_last(&mut open),
            _ => {}
        }
    }
}
