//! Regular expressions: sprig's functions over Go's patterns. Those without `must` panic in Go on a bad pattern, with another text.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::ops::Range;
use std::sync::Arc;

use super::show::part;
use super::{Fault, Func, Type};
use crate::budget::pattern::reading;
use crate::template::call::Call;
use crate::template::go::regex::{self, Error, Pattern, ReplacementPart};
use crate::template::limits::Exceeded;
use crate::template::value::{List, Value};
use crate::template::weave::Weave;

const TWO: &[Type] = &[Type::String, Type::String];
const THREE: &[Type] = &[Type::String, Type::String, Type::String];
const COUNTED: &[Type] = &[Type::String, Type::String, Type::Int];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("mustRegexFind", TWO, must_find).own(),
    Func::new("mustRegexFindAll", COUNTED, must_find_all),
    Func::new("mustRegexMatch", TWO, must_match),
    Func::new("mustRegexReplaceAll", THREE, must_replace).own(),
    Func::new("mustRegexReplaceAllLiteral", THREE, must_replace_literal).own(),
    Func::new("mustRegexSplit", COUNTED, must_split),
    Func::new("regexFind", TWO, find).own(),
    Func::new("regexFindAll", COUNTED, find_all),
    Func::new("regexMatch", TWO, is_match),
    Func::new("regexQuoteMeta", &[Type::String], quote_meta).slow(),
    Func::new("regexReplaceAll", THREE, replace).own(),
    Func::new("regexReplaceAllLiteral", THREE, replace_literal).own(),
    Func::new("regexSplit", COUNTED, split),
];

/// How much longer a search takes that finds groups as well.
const CAPTURING: u64 = 2;

/// The pattern of `args[0]`.
fn compiled(call: &mut Call<'_>, args: &[Value]) -> Result<Arc<Pattern>, Fault> {
    call.step(args[0].bytes().len() as u64 / 8 + 1)?;
    call.step(reading(&args[0].text()) as u64)?;
    let pattern = regex::compile(&args[0].text()).map_err(|error| match error {
        Error::Syntax(message) => message.into(),
        Error::TooLarge => Fault::from(Exceeded::Steps),
    })?;
    // As much if it was known already, so that the order in which charts are judged makes no difference.
    call.step(pattern.weight.building() as u64)?;
    Ok(pattern)
}

/// The pattern of `args[0]`, and steps for one search through `args[1]`.
fn searching(call: &mut Call<'_>, args: &[Value]) -> Result<Arc<Pattern>, Fault> {
    let pattern = compiled(call, args)?;
    call.step(pattern.reach.start().steps(args[1].bytes(), 0) as u64)?;
    Ok(pattern)
}

/// As [`compiled`], with the text of Go's panic.
fn panicking(call: &mut Call<'_>, args: &[Value]) -> Result<Arc<Pattern>, Fault> {
    compiled(call, args).map_err(|fault| match fault {
        Fault::Message(message) => regex::must_compile_message(&args[0].text(), &message).into(),
        fault => fault,
    })
}

fn is_match(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    match searching(call, args) {
        Err(Fault::Message(_)) => Ok(false.into()),
        regex => Ok(regex?.regex.is_match(args[1].bytes()).into()),
    }
}

fn must_match(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(searching(call, args)?.regex.is_match(args[1].bytes()).into())
}

fn find(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = panicking(call, args)?;
    first(call, &regex, args)
}

fn must_find(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = compiled(call, args)?;
    first(call, &regex, args)
}

fn first(call: &mut Call<'_>, regex: &Pattern, args: &[Value]) -> Result<Value, Fault> {
    call.step(regex.reach.start().steps(args[1].bytes(), 0) as u64)?;
    Ok(match regex.regex.find(args[1].bytes()) {
        Some(found) => part(&args[1], found.range()),
        None => Value::from("").with_origins(args[1].all_origins()),
    })
}

fn find_all(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = panicking(call, args)?;
    all(call, &regex, args)
}

fn must_find_all(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = compiled(call, args)?;
    all(call, &regex, args)
}

/// At most `count` matches, all of them if it is negative.
fn ranges(call: &mut Call<'_>, regex: &Pattern, text: &[u8], count: i64) -> Result<Vec<Range<usize>>, Fault> {
    let most = usize::try_from(count).unwrap_or(usize::MAX);
    let mut ranges = vec![];
    let mut reaching = regex.reach.start();
    let mut found = regex.regex.find_iter(text).map(|found| found.range());
    let mut start = 0;
    while ranges.len() < most {
        call.step(reaching.steps(text, start) as u64)?;
        let Some(range) = found.next() else { break };
        start = range.end;
        if !regex::splits_character(text, &range) {
            ranges.push(range);
        }
    }
    Ok(ranges)
}

fn all(call: &mut Call<'_>, regex: &Pattern, args: &[Value]) -> Result<Value, Fault> {
    let ranges = ranges(call, regex, args[1].bytes(), args[2].integer())?;
    call.list(ranges.len())?;
    if ranges.is_empty() {
        return Ok(List::nil(List::STRINGS).into());
    }
    Ok(List::strings(ranges.into_iter().map(|range| part(&args[1], range))).into())
}

fn split(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = panicking(call, args)?;
    parts(call, &regex, args)
}

fn must_split(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = compiled(call, args)?;
    parts(call, &regex, args)
}

/// Go's `Regexp.Split`.
fn parts(call: &mut Call<'_>, regex: &Pattern, args: &[Value]) -> Result<Value, Fault> {
    let (text, count) = (args[1].bytes(), args[2].integer());
    if count == 0 {
        return Ok(List::nil(List::STRINGS).into());
    }
    if !args[0].bytes().is_empty() && text.is_empty() {
        return Ok(List::strings([""]).into());
    }
    let mut parts = vec![];
    let (mut start, mut end) = (0, 0);
    for found in ranges(call, regex, text, count)? {
        if i64::try_from(parts.len()).is_ok_and(|length| length == count - 1) {
            break;
        }
        end = found.start;
        if found.end != 0 {
            parts.push(part(&args[1], start..end));
        }
        start = found.end;
    }
    if end != text.len() {
        parts.push(part(&args[1], start..text.len()));
    }
    call.list(parts.len())?;
    Ok(List::strings(parts).into())
}

fn replace(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = panicking(call, args)?;
    replaced(call, &regex, args, true)
}

fn must_replace(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = compiled(call, args)?;
    replaced(call, &regex, args, true)
}

fn replace_literal(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = panicking(call, args)?;
    replaced(call, &regex, args, false)
}

fn must_replace_literal(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let regex = compiled(call, args)?;
    replaced(call, &regex, args, false)
}

/// `args[1]` with `args[2]` for every match; what stays and what groups bring keeps its pieces.
fn replaced(call: &mut Call<'_>, regex: &Pattern, args: &[Value], expands: bool) -> Result<Value, Fault> {
    let (text, replacement) = (args[1].bytes(), args[2].bytes());
    let mut out = Weave::with_capacity(text.len());
    let mut start = 0;
    let mut reaching = regex.reach.start();
    let mut all = regex.regex.captures_iter(text);
    loop {
        call.step(CAPTURING * (reaching.steps(text, start) + replacement.len() / 64) as u64)?;
        let Some(captures) = all.next() else { break };
        if out.len() > call.limits().string {
            return Err(Exceeded::Text.into());
        }
        let found = captures.get(0).map_or(start..start, |found| found.range());
        if regex::splits_character(text, &found) {
            continue;
        }
        out.push_slice(&args[1], start..found.start);
        start = found.end;
        if !expands || !replacement.contains(&b'$') {
            out.push_value(&args[2]);
            continue;
        }
        for part in regex::expand(replacement, regex, &captures) {
            match part {
                ReplacementPart::Literal(bytes) => out.push_read(bytes, &args[2].all_origins()),
                ReplacementPart::Group(range) => out.push_slice(&args[1], range),
            }
        }
    }
    out.push_slice(&args[1], start..text.len());
    call.text(out.len())?;
    Ok(out.finish())
}

fn quote_meta(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(regex::quote_meta(&args[0].text()).into())
}
