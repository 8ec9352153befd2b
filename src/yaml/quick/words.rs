//! Values of short plain scalars, read once.

use std::sync::Arc;

use crate::yaml::{Value, resolve};

/// Longer scalars seldom come twice.
const LONGEST: usize = 24;
/// Bytes of text for each slot, up to so many slots.
const SPARSENESS: usize = 32;
const MOST_SLOTS: usize = 256;

/// The last values that were read, by a hash of their text. Keys such as `description` and `type` stand in a file thousands of
/// times; they share one text, which saves most of the allocations and of the memory.
#[derive(Debug)]
pub(super) struct Words(Vec<Value>);

impl Words {
    /// For a text of so many bytes: most are small manifests, for which a large table would cost more than it saves.
    pub(super) fn for_length(length: usize) -> Self {
        Self(vec![Value::Null; (length / SPARSENESS).next_power_of_two().min(MOST_SLOTS)])
    }

    /// What a plain scalar means.
    pub(super) fn value(&mut self, text: &str) -> Value {
        if text.len() > LONGEST {
            return resolve::plain(text);
        }
        let slots = self.0.len();
        let slot = &mut self.0[hash(text) % slots];
        if written(slot).is_none_or(|known| **known != *text) {
            *slot = resolve::plain(text);
        }
        slot.clone()
    }
}

fn hash(text: &str) -> usize {
    let hash = text.bytes().fold(text.len(), |hash, byte| (hash ^ usize::from(byte)).wrapping_mul(0x0100_0193));
    hash ^ (hash >> 15)
}

fn written(value: &Value) -> Option<&Arc<str>> {
    match value {
        Value::String(text)
        | Value::Bool(_, text)
        | Value::Int(_, text)
        | Value::Uint(_, text)
        | Value::Float(_, text) => Some(text),
        Value::Null | Value::Seq(_) | Value::Map(_) => None,
    }
}
