//! Text functions of sprig: case, trimming, indentation.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::Value;
use crate::template::weave::Weave;

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("contains", &[Type::String, Type::String], contains),
    Func::new("indent", &[Type::Int, Type::String], indent).own(),
    Func::new("nindent", &[Type::Int, Type::String], nindent).own(),
    Func::new("trim", &[Type::String], trim).own(),
];

fn contains(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args[1].text().contains(&*args[0].text()).into())
}

fn trim(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = args[0].text();
    let start = text.len() - text.trim_start().len();
    let mut trimmed = Weave::default();
    trimmed.push_slice(&args[0], start..start + text.trim().len());
    Ok(trimmed.finish())
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
