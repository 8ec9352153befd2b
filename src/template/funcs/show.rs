//! Values as text: sprig's `strval`, parts of strings, and strings rewritten part by part.

use crate::template::call::Call;
use crate::template::funcs::Fault;
use crate::template::string::Str;
use crate::template::value::{Data, Value};
use crate::template::weave::Weave;

/// Go's message for a panic on nil.
pub(super) const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The value as a string value: a string as it is, its pieces included, anything else as `%v` prints it.
pub(super) fn strval(call: &mut Call<'_>, value: &Value) -> Result<Value, Fault> {
    match &value.data {
        Data::String(_) => Ok(value.clone()),
        Data::Bytes(bytes) => Ok(Value::from(Str::from_bytes(bytes.to_vec())).with_origins(value.origins.clone())),
        _ => Ok(call.print(value)?),
    }
}

/// The string with the bytes of each of its pieces rewritten on their own, so that every part keeps its place.
pub(super) fn rewrite(call: &mut Call<'_>, value: &Value, change: impl Fn(&str) -> String) -> Result<Value, Fault> {
    let Some(text) = value.as_string() else { return Ok(value.clone()) };
    call.text(text.len())?;
    let mut weave = Weave::with_capacity(text.len());
    let mut start = 0;
    let ends = text.pieces().iter().flat_map(|piece| [piece.start as usize, piece.end as usize]);
    for end in ends.chain([text.len()]) {
        if end > start {
            let part = String::from_utf8_lossy(text.as_bytes().get(start..end).unwrap_or_default());
            let changed = change(&part);
            if *changed == *part {
                weave.push_slice(value, start..end);
            } else {
                weave.push_instead(value, start..end, changed.as_bytes());
            }
            start = end;
        }
    }
    Ok(weave.finish())
}

/// A part of a string, by bytes.
pub(super) fn part(value: &Value, range: std::ops::Range<usize>) -> Value {
    let mut weave = Weave::with_capacity(range.len());
    weave.push_slice(value, range);
    weave.finish()
}
