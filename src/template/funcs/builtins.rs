//! Go's other builtins: logic, length, indexing, printing, escaping.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::fmt::Write as _;

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::print::{sprint, sprintf, sprintln};
use crate::template::value::{Data, Map, Value, View};
use crate::text::unicode::is_print;

/// The family. `slice` is missing: sprig has one of that name.
pub const FUNCS: &[Func] = &[
    Func::new("and", &[Type::Reflect], last).variadic(Type::Reflect).own(),
    Func::new("or", &[Type::Reflect], last).variadic(Type::Reflect).own(),
    Func::new("not", &[Type::Reflect], not),
    Func::new("len", &[Type::Reflect], len),
    Func::new("index", &[Type::Reflect], index).variadic(Type::Reflect).own(),
    Func::new("call", &[Type::Reflect], call_value).variadic(Type::Reflect),
    Func::new("print", &[], print).variadic(Type::Any).own(),
    Func::new("printf", &[Type::String], printf).variadic(Type::Any).own().slow(),
    Func::new("println", &[], println).variadic(Type::Any).own(),
    Func::new("html", &[], html).variadic(Type::Any).deep().slow(),
    Func::new("js", &[], js).variadic(Type::Any).deep().slow(),
    Func::new("urlquery", &[], urlquery).variadic(Type::Any).deep().slow(),
];

/// `and` and `or` never get here: the executor stops at the argument that decides.
fn last(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args.last().cloned().unwrap_or_default())
}

fn not(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((!args[0].is_true()).into())
}

fn len(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let length = match &args[0].data {
        Data::Nil => return Err("len of nil pointer".into()),
        Data::String(text) => text.len(),
        Data::Bytes(bytes) => bytes.len(),
        Data::List(list) => list.len(),
        Data::Map(map) => map.len(),
        Data::Object(object) => match object.view() {
            View::Map(entries) => entries.len(),
            View::List(items) => items.len(),
            View::Opaque | View::Struct(_) | View::Int64(_) => {
                return Err(format!("len of type {}", object.type_name()).into());
            }
        },
        _ => return Err(format!("len of type {}", args[0].type_name()).into()),
    };
    Ok(Data::Int(i64::try_from(length).unwrap_or(i64::MAX)).into())
}

fn index(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (item, indexes) = args.split_first().ok_or("index of untyped nil")?;
    if item.is_nil() {
        return Err("index of untyped nil".into());
    }
    let mut item = item.clone();
    for index in indexes {
        item = element(call, &item, index)?.reading(&index.all_origins());
    }
    Ok(item)
}

fn element(call: &mut Call<'_>, item: &Value, index: &Value) -> Result<Value, Fault> {
    let of_item = |value: Value| value.reading(&item.origins);
    match &item.data {
        Data::Nil => Err("index of nil pointer".into()),
        Data::Map(map) => entry(call, map, index),
        Data::List(list) => Ok(list[position(index, list.len())?].clone()),
        Data::String(text) => Ok(of_item(Data::Uint8(text.as_bytes()[position(index, text.len())?]).into())),
        Data::Bytes(bytes) => Ok(of_item(Data::Uint8(bytes[position(index, bytes.len())?]).into())),
        Data::Object(object) => match object.view() {
            View::Map(_) => Ok(object.view().get(&key(index)?.text()).unwrap_or_default()),
            View::List(items) => Ok(items[position(index, items.len())?].clone()),
            View::Opaque | View::Struct(_) | View::Int64(_) => {
                Err(format!("can't index item of type {}", object.type_name()).into())
            }
        },
        _ => Err(format!("can't index item of type {}", item.type_name()).into()),
    }
}

fn entry(call: &mut Call<'_>, map: &Map, index: &Value) -> Result<Value, Fault> {
    let name = key(index)?.as_string().map(crate::template::string::Str::to_key).unwrap_or_default();
    let absent = if map.type_name() == Map::STRINGS { Value::from("") } else { Value::NIL };
    Ok(call.lookup(map, &name).unwrap_or_else(|looked| absent.with_origins(looked)))
}

fn key(index: &Value) -> Result<&Value, Fault> {
    match index.data {
        Data::String(_) => Ok(index),
        Data::Nil => Err("value is nil; should be of type string".into()),
        _ => Err(format!("value has type {}; should be string", index.type_name()).into()),
    }
}

fn position(index: &Value, length: usize) -> Result<usize, Fault> {
    match index.data {
        Data::Int(_) | Data::Int64(_) | Data::Uint8(_) | Data::Uint64(_) => {}
        Data::Nil => return Err("cannot index slice/array with nil".into()),
        _ => return Err(format!("cannot index slice/array with type {}", index.type_name()).into()),
    }
    let number = index.integer();
    match usize::try_from(number) {
        Ok(position) if position < length => Ok(position),
        Ok(position) if position == length => Err("reflect: slice index out of range".into()),
        _ => Err(format!("index out of range: {number}").into()),
    }
}

/// No value of a template is a function.
fn call_value(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    match args[0].data {
        Data::Nil => Err("call of nil".into()),
        _ => Err(format!("non-function of type {}", args[0].type_name()).into()),
    }
}

fn print(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(sprint(call.budget(), args)?)
}

fn printf(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(sprintf(call.budget(), &args[0], &args[1..])?)
}

fn println(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(sprintln(call.budget(), args)?)
}

/// The arguments as `print` prints them, through `escape`.
fn escaped(call: &mut Call<'_>, args: &[Value], escape: fn(&mut String, char)) -> Result<Value, Fault> {
    let printed = sprint(call.budget(), args)?;
    let printed = printed.text();
    let mut text = String::with_capacity(printed.len());
    printed.chars().for_each(|character| escape(&mut text, character));
    call.text(text.len())?;
    Ok(text.into())
}

fn html(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    escaped(call, args, |text, character| match character {
        '\0' => text.push('\u{fffd}'),
        '"' => text.push_str("&#34;"),
        '\'' => text.push_str("&#39;"),
        '&' => text.push_str("&amp;"),
        '<' => text.push_str("&lt;"),
        '>' => text.push_str("&gt;"),
        _ => text.push(character),
    })
}

fn js(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    escaped(call, args, |text, character| match character {
        '\\' => text.push_str("\\\\"),
        '\'' => text.push_str("\\'"),
        '"' => text.push_str("\\\""),
        '<' | '>' | '&' | '=' => drop(write!(text, "\\u{:04X}", u32::from(character))),
        _ if character >= ' ' && (character.is_ascii() || is_print(character)) => text.push(character),
        _ => drop(write!(text, "\\u{:04X}", u32::from(character))),
    })
}

fn urlquery(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    escaped(call, args, |text, character| match character {
        ' ' => text.push('+'),
        'a'..='z' | 'A'..='Z' | '0'..='9' | '-' | '_' | '.' | '~' => text.push(character),
        _ => {
            for byte in character.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    })
}
