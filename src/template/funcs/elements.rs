//! What functions take for the elements of a value.

use std::borrow::Cow;

use super::Fault;
use super::show::strval;
use crate::template::call::Call;
use crate::template::value::{Data, Value, View};

/// The elements of a slice of any type, `None` for what is no slice.
pub(super) fn elements(value: &Value) -> Option<Cow<'_, [Value]>> {
    match &value.data {
        Data::List(items) => Some(Cow::Borrowed(items)),
        Data::Bytes(bytes) => Some(bytes.iter().map(|byte| Value::from(Data::Uint8(*byte))).collect()),
        Data::Object(object) => match object.view() {
            View::List(items) => Some(Cow::Owned(items)),
            _ => None,
        },
        _ => None,
    }
}

/// sprig's `strslice`: the elements as text without nil, or the value itself as the only one.
pub(super) fn string_slice(call: &mut Call<'_>, value: &Value) -> Result<Vec<Value>, Fault> {
    if value.is_nil() {
        return Ok(vec![]);
    }
    let Some(items) = elements(value) else {
        return Ok(vec![strval(call, value)?]);
    };
    call.step(items.len() as u64)?;
    items.iter().filter(|item| !item.is_nil()).map(|item| strval(call, item)).collect()
}
