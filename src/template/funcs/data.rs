//! Values written as YAML, JSON and TOML and read from them, as Helm's engine and sprig do it.
//!
//! What is written remembers which bytes each scalar became, and what is read asks the text where its scalars came from: values keep their
//! origins through `toYaml`, `fromYaml` and back.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::ops::Range;

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::json::{self, Layout};
use crate::template::go::toml;
use crate::template::limits::Exceeded;
use crate::template::string::Str;
use crate::template::trace::Piece;
use crate::template::value::{Data, List, Map, Value};
use crate::text::{Address, Source, Sources};
use crate::yaml::emit::{self, Bounds};
use crate::yaml::{self, Document, Node};

const ANY: &[Type] = &[Type::Any];
const TEXT: &[Type] = &[Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("fromJson", TEXT, from_json).own(),
    Func::new("fromJsonArray", TEXT, from_json_array).own(),
    Func::new("fromToml", TEXT, from_toml).deep().slow(),
    Func::new("fromYaml", TEXT, from_yaml).own(),
    Func::new("fromYamlArray", TEXT, from_yaml_array).own(),
    Func::new("mustFromJson", TEXT, must_from_json).own(),
    Func::new("mustToJson", ANY, must_to_json).own(),
    Func::new("mustToPrettyJson", ANY, must_to_pretty_json).own(),
    Func::new("mustToRawJson", ANY, must_to_raw_json).own(),
    Func::new("mustToToml", ANY, must_to_toml).deep(),
    Func::new("mustToYaml", ANY, must_to_yaml).own(),
    Func::new("toJson", ANY, to_json).own(),
    Func::new("toPrettyJson", ANY, to_pretty_json).own(),
    Func::new("toRawJson", ANY, must_to_raw_json).own(),
    Func::new("toToml", ANY, to_toml).deep(),
    Func::new("toYaml", ANY, to_yaml).own(),
    Func::new("toYamlPretty", ANY, to_yaml_pretty).own(),
];

/// Readers and writers as sprig and Argo CD have them, beside those of Helm of the same names: an error is one, or nothing at all.
pub const STRICT: &[Func] = &[
    Func::new("fromJson", TEXT, any_from_json).own(),
    Func::new("fromYaml", TEXT, must_from_yaml).own(),
    Func::new("fromYamlArray", TEXT, must_from_yaml_array).own(),
    Func::new("toYaml", ANY, must_to_yaml).own(),
];

const PLAIN: Layout = Layout { pretty: false, raw: false };
const PRETTY: Layout = Layout { pretty: true, raw: false };
const RAW: Layout = Layout { pretty: false, raw: true };

/// Pieces of a text that is being written.
#[derive(Default)]
struct Leaves(Vec<Piece>);

impl Leaves {
    fn add(&mut self, value: &Value, range: Range<usize>) {
        let origins = value.all_origins();
        let bounds = u32::try_from(range.start).ok().zip(u32::try_from(range.end).ok());
        if let Some((start, end)) = bounds.filter(|_| !origins.is_empty()) {
            Piece::append(&mut self.0, Piece { start, end, origins, at: None });
        }
    }
}

/// Bounds of a session for an encoder, which recurses on the same stack.
fn bounds<'a>(call: &mut Call<'_>, has_room: &'a dyn Fn() -> bool) -> Bounds<'a> {
    let limits = call.limits();
    Bounds { bytes: limits.string, depth: limits.nesting, has_room }
}

/// What writing came to: the text with its pieces, Go's refusal, or a bound that was passed.
fn written(
    call: &mut Call<'_>,
    value: &Value,
    write: impl FnOnce(&Value, Bounds<'_>, &mut Leaves) -> Result<String, emit::Error>,
) -> Result<Result<Value, String>, Fault> {
    call.descend()?;
    let mut leaves = Leaves::default();
    let budget = call.budget().clone();
    let has_room = || budget.descend().is_ok();
    match write(value, bounds(call, &has_room), &mut leaves) {
        Ok(mut text) => {
            call.text(text.len())?;
            // What costs is the values, of which nearly all stand on lines of their own.
            call.step((text.len() / 64 + 4 * text.matches('\n').count()) as u64)?;
            if text.ends_with('\n') {
                text.pop();
            }
            let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
            let pieces = leaves.0.into_iter().filter_map(|piece| piece.clip(0, end)).collect();
            Ok(Ok(Value::from(Str::from(text).with_pieces(pieces)).with_origins(value.origins.clone())))
        }
        Err(emit::Error::Unsupported(message)) => Ok(Err(message)),
        Err(emit::Error::TooLarge(_)) => Err(Exceeded::Text.into()),
        Err(emit::Error::TooDeep(_)) => Err(Exceeded::Nesting.into()),
    }
}

/// The text, or an empty one where Go refuses.
fn or_empty(value: &Value, written: Result<Value, String>) -> Result<Value, Fault> {
    Ok(written.unwrap_or_else(|_| Value::from("").with_origins(value.origins.clone())))
}

fn yaml_of(call: &mut Call<'_>, value: &Value) -> Result<Result<Value, String>, Fault> {
    written(call, value, |value, bounds, leaves| emit::to_yaml(value, bounds, |leaf, range| leaves.add(leaf, range)))
}

fn to_yaml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = yaml_of(call, &args[0])?;
    or_empty(&args[0], text)
}

fn must_to_yaml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(yaml_of(call, &args[0])?.map_err(|message| match message.strip_prefix("json: ") {
        Some(_) => format!("error marshaling into JSON: {message}"),
        None => message,
    })?)
}

fn to_yaml_pretty(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = written(call, &args[0], |value, bounds, leaves| {
        emit::to_yaml_pretty(value, bounds, |leaf, range| leaves.add(leaf, range))
    })?;
    or_empty(&args[0], text)
}

fn json_of(call: &mut Call<'_>, value: &Value, layout: Layout) -> Result<Result<Value, String>, Fault> {
    written(call, value, |value, bounds, leaves| {
        json::to_json(value, layout, bounds, |leaf, range| leaves.add(leaf, range))
    })
}

fn to_json(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = json_of(call, &args[0], PLAIN)?;
    or_empty(&args[0], text)
}

fn must_to_json(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(json_of(call, &args[0], PLAIN)??)
}

fn to_pretty_json(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = json_of(call, &args[0], PRETTY)?;
    or_empty(&args[0], text)
}

fn must_to_pretty_json(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(json_of(call, &args[0], PRETTY)??)
}

fn must_to_raw_json(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(json_of(call, &args[0], RAW)??)
}

fn toml_of(call: &mut Call<'_>, value: &Value) -> Result<Result<Value, String>, Fault> {
    if value.is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    let budget = call.budget().clone();
    let has_room = || budget.descend().is_ok();
    match toml::to_toml(value, bounds(call, &has_room)) {
        Ok(text) => {
            call.text(text.len())?;
            Ok(Ok(text.into()))
        }
        Err(emit::Error::Unsupported(message)) => Ok(Err(message)),
        Err(emit::Error::TooLarge(_)) => Err(Exceeded::Text.into()),
        Err(emit::Error::TooDeep(_)) => Err(Exceeded::Nesting.into()),
    }
}

/// An error is the text returned.
fn to_toml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(toml_of(call, &args[0])?.unwrap_or_else(Value::from))
}

fn must_to_toml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(toml_of(call, &args[0])??)
}

fn from_toml(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(toml::from_toml(&args[0].text()).unwrap_or_else(error_map))
}

/// How Helm's readers report an error: in the map that they return.
fn error_map(message: String) -> Value {
    Value::from([("Error", Value::from(message))].into_iter().collect::<Map>())
}

fn map_of_yaml(call: &mut Call<'_>, text: &Value) -> Result<Result<Value, String>, Fault> {
    Ok(read_yaml(call, text)?.and_then(|value| match value.data {
        Data::Map(_) => Ok(value),
        Data::Nil => Ok(Value::from(Map::new()).with_origins(value.origins)),
        _ => Err(wrong_yaml(&value, Map::ANY)),
    }))
}

fn list_of_yaml(call: &mut Call<'_>, text: &Value) -> Result<Result<Value, String>, Fault> {
    Ok(read_yaml(call, text)?.and_then(|value| match value.data {
        Data::List(_) => Ok(value),
        Data::Nil => Ok(Value::from(List::new(vec![])).with_origins(value.origins)),
        _ => Err(wrong_yaml(&value, List::ANY)),
    }))
}

fn from_yaml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(map_of_yaml(call, &args[0])?.unwrap_or_else(error_map))
}

fn from_yaml_array(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(list_of_yaml(call, &args[0])?.unwrap_or_else(|message| List::new(vec![message.into()]).into()))
}

fn must_from_yaml(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(map_of_yaml(call, &args[0])??)
}

fn must_from_yaml_array(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(list_of_yaml(call, &args[0])??)
}

fn wrong_yaml(value: &Value, wanted: &str) -> String {
    format!("error unmarshaling JSON: while decoding JSON: {}", wrong_json(value, wanted))
}

fn wrong_json(value: &Value, wanted: &str) -> String {
    let found = match &value.data {
        Data::Map(_) => "object",
        Data::List(_) => "array",
        Data::String(_) => "string",
        Data::Bool(_) => "bool",
        _ => "number",
    };
    format!("json: cannot unmarshal {found} into Go value of type {wanted}")
}

/// The first document of a text; numbers are floats, as they come through JSON.
fn read_yaml(call: &mut Call<'_>, text: &Value) -> Result<Result<Value, String>, Fault> {
    let shown = text.text();
    call.step((shown.len() / 16) as u64)?;
    call.step(4 * shown.matches(['\n', ',']).count() as u64)?;
    let source = Sources::new().add(Source::new("fromYaml", Address::Rendered, &*shown));
    let document = match Document::first(source, &shown) {
        Ok(document) => document,
        Err(error) => return Ok(Err(format!("error converting YAML to JSON: yaml: {error}"))),
    };
    let Some(document) = document else { return Ok(Ok(Value::NIL)) };
    if let Some((_, number)) = document.root.endless() {
        return Ok(Err(format!("error converting YAML to JSON: json: unsupported value: {number}")));
    }
    let value = from_node(call, &document.root, text)?;
    Ok(Ok(value.reading(&text.origins)))
}

/// A node of a text as a value, with the origins of its place in the text.
pub(super) fn from_node(call: &mut Call<'_>, node: &Node, text: &Value) -> Result<Value, Fault> {
    call.step(1)?;
    let data = match &node.value {
        yaml::Value::Null => Data::Nil,
        yaml::Value::Bool(value, _) => Data::Bool(*value),
        #[expect(clippy::cast_precision_loss, reason = "Go reads every number of JSON as a float")]
        yaml::Value::Int(number, _) => Data::Float(*number as f64),
        #[expect(clippy::cast_precision_loss, reason = "Go reads every number of JSON as a float")]
        yaml::Value::Uint(number, _) => Data::Float(*number as f64),
        yaml::Value::Float(number, _) => Data::Float(*number),
        yaml::Value::String(text) => Data::String(Str::from(text.clone())),
        yaml::Value::Seq(items) => {
            call.descend()?;
            Data::List(List::new(items.iter().map(|item| from_node(call, item, text)).collect::<Result<_, _>>()?))
        }
        yaml::Value::Map(map) => {
            call.descend()?;
            let entries = map.effective().into_iter();
            let entries = entries.map(|(key, entry)| Ok((key.into_owned(), from_node(call, &entry.value, text)?)));
            Data::Map(entries.collect::<Result<Map, Fault>>()?)
        }
    };
    let span = node.location.span;
    let known = text.as_string().map(|text| text.origins_in(span.start as usize..span.end as usize));
    let value = Value::from(data);
    Ok(match value.data {
        Data::List(_) | Data::Map(_) => value,
        _ => value.with_origins(known.unwrap_or_default()).reading(&text.origins),
    })
}

fn read_json(text: &Value) -> Result<Value, String> {
    let shown = text.text();
    let read: serde_json::Value = serde_json::from_str(&shown).map_err(|error| json_error(&shown, &error))?;
    let origins = text.all_origins();
    Ok(from_json_value(read, &|value| value.with_origins(origins.clone())))
}

/// Go's words for the commonest errors.
fn json_error(text: &str, error: &serde_json::Error) -> String {
    if error.is_eof() {
        return "unexpected end of JSON input".to_owned();
    }
    if let Some(message) = literal_error(text.trim_start()) {
        return message;
    }
    let line = text.lines().nth(error.line().saturating_sub(1)).unwrap_or_default();
    let wrong = line.get(error.column().saturating_sub(1)..).and_then(|rest| rest.chars().next());
    let wrong = wrong.map(|char| crate::template::print::quote::quote_char(char, false)).unwrap_or_default();
    format!("invalid character {wrong} looking for beginning of value")
}

/// A word that begins like `null`, `true` or `false` and goes on otherwise.
fn literal_error(text: &str) -> Option<String> {
    let word = ["null", "true", "false"].into_iter().find(|word| text.starts_with(&word[..1]))?;
    let (found, expected) = text.chars().zip(word.chars()).find(|(found, expected)| found != expected)?;
    let [found, expected] = [found, expected].map(|char| crate::template::print::quote::quote_char(char, false));
    Some(format!("invalid character {found} in literal {word} (expecting {expected})"))
}

fn from_json_value(read: serde_json::Value, place: &dyn Fn(Value) -> Value) -> Value {
    place(match read {
        serde_json::Value::Null => Value::NIL,
        serde_json::Value::Bool(value) => value.into(),
        serde_json::Value::Number(number) => number.as_f64().unwrap_or(0.0).into(),
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(items) => {
            List::new(items.into_iter().map(|item| from_json_value(item, place)).collect()).into()
        }
        serde_json::Value::Object(entries) => {
            let entries = entries.into_iter().map(|(key, value)| (key, from_json_value(value, place)));
            Value::from(entries.collect::<Map>())
        }
    })
}

fn must_from_json(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(read_json(&args[0])?)
}

/// Any value; nothing where the text is no JSON.
fn any_from_json(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(read_json(&args[0]).unwrap_or(Value::NIL))
}

fn from_json(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let read = read_json(&args[0]).and_then(|value| match value.data {
        Data::Map(_) => Ok(value),
        Data::Nil => Ok(Value::from(Map::new())),
        _ => Err(wrong_json(&value, Map::ANY)),
    });
    Ok(read.unwrap_or_else(error_map))
}

fn from_json_array(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let read = read_json(&args[0]).and_then(|value| match value.data {
        Data::List(_) => Ok(value),
        Data::Nil => Ok(List::nil(List::ANY).into()),
        _ => Err(wrong_json(&value, List::ANY)),
    });
    Ok(read.unwrap_or_else(|message| List::new(vec![message.into()]).into()))
}
