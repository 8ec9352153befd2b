//! Values as text: sprig's `strval`, which is `%v` for everything but strings, and errors in Go's words.

use crate::template::call::Call;
use crate::template::funcs::Fault;
use crate::template::string::Str;
use crate::template::value::{Data, Value, View};
use crate::template::weave::Weave;
use crate::yaml::emit::number;

/// Go's message for a panic on nil.
pub(super) const NIL_POINTER: &str = "runtime error: invalid memory address or nil pointer dereference";

/// The value as a string value: a string as it is, its pieces included, anything else as `%v` prints it.
pub(super) fn strval(call: &mut Call<'_>, value: &Value) -> Result<Value, Fault> {
    match &value.data {
        Data::String(_) => Ok(value.clone()),
        Data::Bytes(bytes) => Ok(read(Str::from_bytes(bytes.to_vec()), value)),
        _ => printed(call, value),
    }
}

/// The value as `%v` prints it.
pub(super) fn printed(call: &mut Call<'_>, value: &Value) -> Result<Value, Fault> {
    if value.as_string().is_some() {
        return Ok(value.clone());
    }
    let mut text = String::new();
    print(call, value, &mut text)?;
    call.text(text.len())?;
    Ok(read(text.into(), value))
}

fn read(text: Str, value: &Value) -> Value {
    let mut weave = Weave::with_capacity(text.len());
    weave.push_read(text.as_bytes(), &value.deep_origins(1_000));
    weave.finish()
}

fn print(call: &mut Call<'_>, value: &Value, out: &mut String) -> Result<(), Fault> {
    if out.len() > call.limits().string {
        call.text(out.len())?;
    }
    match &value.data {
        Data::Nil => out.push_str("<nil>"),
        Data::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Data::Int(number) | Data::Int64(number) => out.push_str(&number.to_string()),
        Data::Uint8(number) => out.push_str(&number.to_string()),
        Data::Uint64(number) => out.push_str(&number.to_string()),
        Data::Float(number) => out.push_str(&number::general(*number)),
        Data::String(text) => out.push_str(&text.as_str()),
        Data::Bytes(bytes) => {
            let numbers: Vec<String> = bytes.iter().map(u8::to_string).collect();
            out.push_str(&format!("[{}]", numbers.join(" ")));
        }
        Data::List(items) => print_list(call, items, out)?,
        Data::Map(map) => print_map(call, map.snapshot().iter().map(|(key, value)| (&**key, value)), out)?,
        Data::Object(object) => match (object.string(), object.view()) {
            (Some(text), _) => out.push_str(&text),
            (None, View::Opaque) => out.push_str(&object.print()),
            (None, View::Int64(number)) => out.push_str(&number.to_string()),
            (None, View::List(items)) => print_list(call, &items, out)?,
            (None, View::Map(entries)) => {
                print_map(call, entries.iter().map(|(key, value)| (&**key, value)), out)?;
            }
        },
    }
    Ok(())
}

fn print_list(call: &mut Call<'_>, items: &[Value], out: &mut String) -> Result<(), Fault> {
    call.descend()?;
    call.step(items.len() as u64)?;
    out.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(' ');
        }
        print(call, item, out)?;
    }
    out.push(']');
    Ok(())
}

fn print_map<'a>(
    call: &mut Call<'_>,
    entries: impl Iterator<Item = (&'a str, &'a Value)>,
    out: &mut String,
) -> Result<(), Fault> {
    call.descend()?;
    out.push_str("map[");
    for (index, (key, value)) in entries.enumerate() {
        call.step(1)?;
        if index > 0 {
            out.push(' ');
        }
        out.push_str(key);
        out.push(':');
        print(call, value, out)?;
    }
    out.push(']');
    Ok(())
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
