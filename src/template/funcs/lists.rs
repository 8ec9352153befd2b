//! List functions of sprig.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::borrow::Cow;

use super::cast::to_int64;
use super::elements::{elements, string_slice};
use super::show::NIL_POINTER;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::{Data, List, Value};

const LIST: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

/// The family. The `must…` functions differ from the others in nothing that a template can see.
pub const FUNCS: &[Func] = &[
    Func::new("append", TWO, append),
    Func::new("chunk", &[Type::Int, Type::Any], chunk),
    Func::new("compact", LIST, compact),
    Func::new("concat", &[], concat).variadic(Type::Any),
    Func::new("first", LIST, first).own(),
    Func::new("has", TWO, has).deep(),
    Func::new("initial", LIST, initial),
    Func::new("last", LIST, last).own(),
    Func::new("list", &[], list).variadic(Type::Any).own(),
    Func::new("mustAppend", TWO, append),
    Func::new("mustChunk", &[Type::Int, Type::Any], chunk),
    Func::new("mustCompact", LIST, compact),
    Func::new("mustFirst", LIST, first).own(),
    Func::new("mustHas", TWO, has).deep(),
    Func::new("mustInitial", LIST, initial),
    Func::new("mustLast", LIST, last).own(),
    Func::new("mustPrepend", TWO, prepend),
    Func::new("mustPush", TWO, append),
    Func::new("mustRest", LIST, rest),
    Func::new("mustReverse", LIST, reverse),
    Func::new("mustSlice", LIST, slice).variadic(Type::Any),
    Func::new("mustUniq", LIST, uniq),
    Func::new("mustWithout", LIST, without).variadic(Type::Any),
    Func::new("prepend", TWO, prepend),
    Func::new("push", TWO, append),
    Func::new("rest", LIST, rest),
    Func::new("reverse", LIST, reverse),
    Func::new("slice", LIST, slice).variadic(Type::Any),
    Func::new("sortAlpha", LIST, sort_alpha),
    Func::new("tuple", &[], list).variadic(Type::Any).own(),
    Func::new("uniq", LIST, uniq),
    Func::new("without", LIST, without).variadic(Type::Any),
];

/// The elements, or sprig's complaint, which ends in the kind.
fn required<'a>(call: &mut Call<'_>, value: &'a Value, complaint: &str) -> Result<Cow<'a, [Value]>, Fault> {
    if value.is_nil() {
        return Err(NIL_POINTER.into());
    }
    let items = elements(value).ok_or_else(|| format!("{complaint} {}", value.kind()))?;
    call.list(items.len())?;
    Ok(items)
}

fn made(items: Vec<Value>) -> Result<Value, Fault> {
    Ok(List::new(items).into())
}

/// What functions return for an empty list where Go returns a nil slice.
fn nil_list() -> Result<Value, Fault> {
    Ok(List::nil(List::ANY).into())
}

fn list(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.list(args.len())?;
    made(args.to_vec())
}

fn append(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = required(call, &args[0], "Cannot push on type")?.into_owned();
    items.push(args[1].clone());
    made(items)
}

fn prepend(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot prepend on type")?;
    made(std::iter::once(&args[1]).chain(items.iter()).cloned().collect())
}

fn chunk(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[1], "Cannot chunk type")?;
    let size = usize::try_from(args[0].integer()).ok().filter(|size| *size > 0);
    let size = size.ok_or("runtime error: makeslice: len out of range")?;
    let chunks = items.chunks(size).map(|chunk| List::new(chunk.to_vec()).into()).collect();
    Ok(List::typed(chunks, "[][]interface {}").into())
}

fn first(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find first on type")?;
    Ok(items.first().cloned().unwrap_or_else(|| Value::NIL.reading(&args[0].origins)))
}

fn last(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find last on type")?;
    Ok(items.last().cloned().unwrap_or_else(|| Value::NIL.reading(&args[0].origins)))
}

fn rest(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find rest on type")?;
    items.get(1..).map_or_else(nil_list, |rest| made(rest.to_vec()))
}

fn initial(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find initial on type")?;
    items.split_last().map_or_else(nil_list, |(_, initial)| made(initial.to_vec()))
}

fn reverse(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find reverse on type")?;
    made(items.iter().rev().cloned().collect())
}

fn compact(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot compact on type")?;
    made(items.iter().filter(|item| item.is_true()).cloned().collect())
}

fn uniq(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find uniq on type")?;
    let mut kept: Vec<Value> = vec![];
    for item in items.iter() {
        if !contains(call, &kept, item)? {
            kept.push(item.clone());
        }
    }
    made(kept)
}

fn without(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "Cannot find without on type")?;
    let mut kept = vec![];
    for item in items.iter() {
        if !contains(call, &args[1..], item)? {
            kept.push(item.clone());
        }
    }
    made(kept)
}

fn has(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if args[1].is_nil() {
        return Ok(false.into());
    }
    let items = required(call, &args[1], "Cannot find has on type")?;
    Ok(contains(call, &items, &args[0])?.into())
}

fn contains(call: &mut Call<'_>, items: &[Value], wanted: &Value) -> Result<bool, Fault> {
    call.step(items.len() as u64)?;
    for item in items {
        if deep_equal(call, item, wanted)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn slice(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let items = required(call, &args[0], "list should be type of slice or array but")?;
    if items.is_empty() {
        return Ok(Value::NIL);
    }
    let start = args.get(1).map_or(0, to_int64);
    let end = args.get(2).map_or(i64::try_from(items.len()).unwrap_or(i64::MAX), to_int64);
    let range = usize::try_from(start).ok().zip(usize::try_from(end).ok());
    let part = range.and_then(|(start, end)| items.get(start..end));
    let part = part.ok_or("reflect.Value.Slice: slice index out of bounds")?;
    let type_name = match args[0].type_name() {
        name @ (List::STRINGS | List::INTS) => name,
        _ => List::ANY,
    };
    Ok(List::typed(part.to_vec(), type_name).into())
}

fn concat(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut all = vec![];
    for list in args {
        if list.is_nil() {
            return Err(NIL_POINTER.into());
        }
        let items = elements(list).ok_or_else(|| format!("Cannot concat type {} as list", list.kind()))?;
        call.list(all.len() + items.len())?;
        all.extend_from_slice(&items);
    }
    if all.is_empty() { nil_list() } else { made(all) }
}

fn sort_alpha(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut items = match elements(&args[0]) {
        Some(_) => string_slice(call, &args[0])?,
        None => vec![super::show::strval(call, &args[0])?],
    };
    items.sort_by(|left, right| left.bytes().cmp(right.bytes()));
    Ok(List::strings(items).into())
}

/// Go's `reflect.DeepEqual`: types count, so `1` from values and `1` in a template differ.
pub(super) fn deep_equal(call: &mut Call<'_>, left: &Value, right: &Value) -> Result<bool, Fault> {
    Ok(match (&left.data, &right.data) {
        (Data::Nil, Data::Nil) => true,
        (Data::Bool(left), Data::Bool(right)) => left == right,
        (Data::Int(left), Data::Int(right)) | (Data::Int64(left), Data::Int64(right)) => left == right,
        (Data::Uint8(left), Data::Uint8(right)) => left == right,
        (Data::Uint64(left), Data::Uint64(right)) => left == right,
        #[expect(clippy::float_cmp, reason = "Go compares floats exactly here")]
        (Data::Float(left), Data::Float(right)) => left == right,
        (Data::String(left), Data::String(right)) => left == right,
        (Data::Bytes(left), Data::Bytes(right)) => left == right,
        (Data::List(left), Data::List(right)) => {
            left.type_name() == right.type_name()
                && left.is_nil() == right.is_nil()
                && left.len() == right.len()
                && all_equal(call, left.iter().zip(right.iter()))?
        }
        (Data::Map(left), Data::Map(right)) => {
            let (left_entries, right_entries) = (left.snapshot(), right.snapshot());
            left.same(right)
                || left.type_name() == right.type_name()
                    && left_entries.iter().map(|(key, _)| key).eq(right_entries.iter().map(|(key, _)| key))
                    && all_equal(
                        call,
                        left_entries.iter().zip(&right_entries).map(|(left, right)| (&left.1, &right.1)),
                    )?
        }
        (Data::Object(left), Data::Object(right)) => {
            left.type_name() == right.type_name() && format!("{left:?}") == format!("{right:?}")
        }
        _ => false,
    })
}

fn all_equal<'a>(call: &mut Call<'_>, pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Result<bool, Fault> {
    call.descend()?;
    for (left, right) in pairs {
        call.step(1)?;
        if !deep_equal(call, left, right)? {
            return Ok(false);
        }
    }
    Ok(true)
}
