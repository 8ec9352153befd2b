//! Text functions of sprig whose results are parts of their arguments: trimming, cutting, joining, replacing, indentation.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::ops::Range;

use super::elements::string_slice;
use super::show::{part, rewrite, strval};
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::print::quote;
use crate::template::value::{List, Map, Value};
use crate::template::weave::Weave;

const TEXT: &[Type] = &[Type::String];
const TWO: &[Type] = &[Type::String, Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("cat", &[], cat).variadic(Type::Any).own(),
    Func::new("contains", TWO, contains),
    Func::new("hasPrefix", TWO, has_prefix),
    Func::new("hasSuffix", TWO, has_suffix),
    Func::new("indent", &[Type::Int, Type::String], indent).own(),
    Func::new("join", &[Type::String, Type::Any], join).own(),
    Func::new("lower", TEXT, lower).own(),
    Func::new("nindent", &[Type::Int, Type::String], nindent).own(),
    Func::new("quote", &[], quoted).variadic(Type::Any).own(),
    Func::new("repeat", &[Type::Int, Type::String], repeat).own(),
    Func::new("replace", &[Type::String, Type::String, Type::String], replace).own(),
    Func::new("split", TWO, split),
    Func::new("splitList", TWO, split_list),
    Func::new("splitn", &[Type::String, Type::Int, Type::String], splitn),
    Func::new("squote", &[], squoted).variadic(Type::Any).own(),
    Func::new("substr", &[Type::Int, Type::Int, Type::String], substr).own().slow(),
    Func::new("toString", &[Type::Any], to_string).own(),
    Func::new("toStrings", &[Type::Any], to_strings),
    Func::new("trim", TEXT, trim).own(),
    Func::new("trimAll", TWO, trim_all).own().slow(),
    Func::new("trimPrefix", TWO, trim_prefix).own(),
    Func::new("trimSuffix", TWO, trim_suffix).own(),
    Func::new("trimall", TWO, trim_all).own().slow(),
    Func::new("trunc", &[Type::Int, Type::String], trunc).own(),
    Func::new("upper", TEXT, upper).own(),
];

fn contains(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (part, text) = (args[0].bytes(), args[1].bytes());
    Ok((part.is_empty() || find(text, part).is_some()).into())
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    match (std::str::from_utf8(text), std::str::from_utf8(part)) {
        (Ok(text), Ok(part)) => text.find(part),
        _ => text.windows(part.len().max(1)).position(|window| window == part),
    }
}

fn has_prefix(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args[1].bytes().starts_with(args[0].bytes()).into())
}

fn has_suffix(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args[1].bytes().ends_with(args[0].bytes()).into())
}

fn trim(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    trimmed(&args[0], char::is_whitespace)
}

/// Cuts the characters of `args[0]` off both ends of `args[1]`.
fn trim_all(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let cut = args[0].text();
    trimmed(&args[1], |char| cut.contains(char))
}

fn trimmed(value: &Value, cut: impl Fn(char) -> bool) -> Result<Value, Fault> {
    let text = value.text();
    if text.len() != value.bytes().len() {
        return Ok(text.trim_matches(&cut).into());
    }
    let start = text.len() - text.trim_start_matches(&cut).len();
    let end = text.trim_end_matches(&cut).len().max(start);
    Ok(part(value, start..end))
}

fn trim_prefix(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (prefix, text) = (args[0].bytes(), args[1].bytes());
    let start = if text.starts_with(prefix) { prefix.len() } else { 0 };
    Ok(part(&args[1], start..text.len()))
}

fn trim_suffix(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (suffix, text) = (args[0].bytes(), args[1].bytes());
    let cut = if text.ends_with(suffix) { suffix.len() } else { 0 };
    Ok(part(&args[1], 0..text.len() - cut))
}

/// A negative count keeps the end of the text.
fn trunc(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let length = args[1].bytes().len();
    let count = usize::try_from(args[0].integer().unsigned_abs()).unwrap_or(usize::MAX).min(length);
    let range = if args[0].integer() < 0 { length - count..length } else { 0..count };
    Ok(part(&args[1], range))
}

fn substr(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (start, end) = (args[0].integer(), args[1].integer());
    let length = args[2].bytes().len();
    let full = i64::try_from(length).unwrap_or(i64::MAX);
    let range = if start < 0 {
        if !(0..=full).contains(&end) {
            return Err(out_of_range(end, length));
        }
        0..end
    } else if end < 0 || end > full {
        if start > full {
            return Err(format!("runtime error: slice bounds out of range [{start}:{length}]").into());
        }
        start..full
    } else if start > end {
        return Err(format!("runtime error: slice bounds out of range [{start}:{end}]").into());
    } else {
        start..end
    };
    Ok(part(&args[2], index(range.start)..index(range.end)))
}

fn out_of_range(end: i64, length: usize) -> Fault {
    let with = if end < 0 { String::new() } else { format!(" with length {length}") };
    format!("runtime error: slice bounds out of range [:{end}]{with}").into()
}

fn index(number: i64) -> usize {
    usize::try_from(number).unwrap_or(0)
}

fn repeat(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let count = usize::try_from(args[0].integer()).map_err(|_| "strings: negative Repeat count")?;
    let length = args[1].bytes().len();
    if length == 0 {
        return Ok(args[1].clone());
    }
    call.step(count as u64)?;
    call.text(count.saturating_mul(length))?;
    let mut text = Weave::with_capacity(count * length);
    for _ in 0..count {
        text.push_value(&args[1]);
    }
    Ok(text.finish())
}

fn replace(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (old, new, text) = (args[0].text(), args[1].bytes(), args[2].text());
    let places: Vec<usize> = if old.is_empty() {
        text.char_indices().map(|(position, _)| position).chain([text.len()]).collect()
    } else {
        text.match_indices(&*old).map(|(position, _)| position).collect()
    };
    if places.is_empty() {
        return Ok(args[2].clone());
    }
    call.step(places.len() as u64)?;
    call.text(places.len().saturating_mul(new.len()).saturating_add(text.len()))?;
    let lossy = text.len() != args[2].bytes().len();
    let source = if lossy { Value::from(&*text) } else { args[2].clone() };
    let mut replaced = Weave::default();
    let mut start = 0;
    for position in places {
        replaced.push_slice(&source, start..position);
        replaced.push_value(&args[1]);
        start = position + old.len();
    }
    replaced.push_slice(&source, start..text.len());
    Ok(replaced.finish())
}

fn upper(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    rewrite(call, &args[0], |text| text.chars().map(to_upper).collect())
}

fn lower(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    rewrite(call, &args[0], |text| text.chars().map(to_lower).collect())
}

/// Go maps one character to one character; what has no such partner stays.
pub(super) fn to_upper(char: char) -> char {
    let mut upper = char.to_uppercase();
    if upper.len() == 1 { upper.next().unwrap_or(char) } else { char }
}

/// Go maps one character to one character.
pub(super) fn to_lower(char: char) -> char {
    char.to_lowercase().next().unwrap_or(char)
}

fn to_string(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    strval(call, &args[0])
}

fn to_strings(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(List::strings(string_slice(call, &args[0])?).into())
}

fn join(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = string_slice(call, &args[1])?;
    let text = joined(call, &items, &args[0])?;
    Ok(text.reading(&args[1].origins))
}

/// The strings with `separator` between them.
fn joined(call: &mut Call<'_>, items: &[Value], separator: &Value) -> Result<Value, Fault> {
    let length: usize = items.iter().map(|item| item.bytes().len() + separator.bytes().len()).sum();
    call.text(length)?;
    let mut text = Weave::with_capacity(length);
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push_value(separator);
        }
        text.push_value(item);
    }
    Ok(text.finish())
}

fn cat(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items: Vec<Value> =
        args.iter().filter(|item| !item.is_nil()).map(|item| call.print(item)).collect::<Result<_, _>>()?;
    joined(call, &items, &" ".into())
}

fn quoted(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = vec![];
    for item in args.iter().filter(|item| !item.is_nil()) {
        let text = strval(call, item)?;
        call.text(text.bytes().len())?;
        let escaped = text.bytes().iter().filter(|byte| !is_plain(**byte)).count() as u64;
        call.step(escaped / ESCAPED_PER_STEP)?;
        items.push(go_quoted(&text));
    }
    joined(call, &items, &" ".into())
}

/// Bytes of characters that may have to be escaped, each a piece of its own, in the time of a step.
const ESCAPED_PER_STEP: u64 = 4;

/// Whether a byte is a character that stands in quotes as it is.
fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'!' | b'#'..=b'[' | b']'..=b'~')
}

/// The string as `%q` prints it; unescaped parts keep their pieces.
fn go_quoted(value: &Value) -> Value {
    let bytes = value.bytes();
    let mut text = Weave::with_capacity(bytes.len() + 2);
    text.push("\"");
    let (mut start, mut position) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        let chars = chunk.valid().chars().map(char::len_utf8);
        for length in chars.chain(chunk.invalid().iter().map(|_| 1)) {
            let range = position..position + length;
            position += length;
            let is_plain = matches!(bytes.get(range.clone()), Some([byte]) if is_plain(*byte));
            if !is_plain && let Some(escaped) = escape(bytes, range.clone()) {
                text.push_slice(value, start..range.start);
                text.push_instead(value, range, escaped.as_bytes());
                start = position;
            }
        }
    }
    text.push_slice(value, start..bytes.len());
    text.push("\"");
    text.finish()
}

/// The escape of one character, `None` if it needs none.
fn escape(bytes: &[u8], range: Range<usize>) -> Option<String> {
    let char = bytes.get(range)?;
    let quoted = quote::quote(char);
    let inner = quoted.get(1..quoted.len() - 1)?;
    if inner.as_bytes() == char { None } else { Some(inner.to_owned()) }
}

fn squoted(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = vec![];
    for item in args.iter().filter(|item| !item.is_nil()) {
        let printed = call.print(item)?;
        let mut text = Weave::with_capacity(printed.bytes().len() + 2);
        text.push("'");
        text.push_value(&printed);
        text.push("'");
        items.push(text.finish());
    }
    joined(call, &items, &" ".into())
}

fn split_list(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(List::strings(parts(call, &args[0], -1, &args[1])?).into())
}

fn split(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let parts = parts(call, &args[0], -1, &args[1])?;
    Ok(numbered(parts))
}

fn splitn(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let parts = parts(call, &args[0], args[1].integer(), &args[2])?;
    Ok(numbered(parts))
}

fn numbered(parts: Vec<Value>) -> Value {
    let entries = parts.into_iter().enumerate().map(|(index, part)| (format!("_{index}").into(), part));
    Map::typed(entries.collect(), Map::STRINGS).into()
}

/// Go's `strings.SplitN`: at most `count` parts, all of them if it is negative, none if it is 0.
fn parts(call: &mut Call<'_>, separator: &Value, count: i64, value: &Value) -> Result<Vec<Value>, Fault> {
    if count == 0 {
        return Ok(vec![]);
    }
    let (separator, text) = (separator.text(), value.text());
    let source = if text.len() == value.bytes().len() { value.clone() } else { Value::from(&*text) };
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let starts: Vec<usize> = if separator.is_empty() {
        text.char_indices().skip(1).map(|(position, _)| position).take(most - 1).collect()
    } else {
        text.match_indices(&*separator).map(|(position, _)| position).take(most - 1).collect()
    };
    if separator.is_empty() && text.is_empty() {
        return Ok(vec![]);
    }
    call.list(starts.len() + 1)?;
    let mut parts = Vec::with_capacity(starts.len() + 1);
    let mut start = 0;
    for position in starts {
        parts.push(part(&source, start..position));
        start = position + separator.len();
    }
    parts.push(part(&source, start..text.len()));
    Ok(parts)
}

fn indent(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    indented(call, "", args)
}

fn nindent(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    indented(call, "\n", args)
}

/// Every line of `args[1]` behind `args[0]` spaces; each keeps its own pieces.
fn indented(call: &mut Call<'_>, first: &str, args: &[Value]) -> Result<Value, Fault> {
    let width = usize::try_from(args[0].integer()).map_err(|_| "strings: negative Repeat count")?;
    let bytes = args[1].bytes();
    let lines = 1 + bytes.split_inclusive(|byte| *byte == b'\n').count();
    call.text(width.saturating_mul(lines).saturating_add(bytes.len()))?;
    let padding = " ".repeat(width);
    let mut text = Weave::with_capacity(first.len() + bytes.len() + width * lines);
    text.push(first);
    let mut start = 0;
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        text.push(&padding);
        text.push_slice(&args[1], start..start + line.len());
        start += line.len();
    }
    if bytes.last().is_none_or(|byte| *byte == b'\n') {
        text.push(&padding);
    }
    Ok(text.finish())
}
