//! Bounds on an evaluation: every loop is counted, what functions read and lists hold is charged, growing values are measured, and mappings
//! are walked in the order of keys.
//!
//! The library knows no limit and walks mappings in an order that changes from run to run, so the compiled tree calls
//! functions of ours whose names no rule can write.

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, StructFieldExpr, operators};
use cel::common::types::{
    CelInt, CelList, CelMap, CelMapKey, CelString, DYN_TYPE, INT_TYPE, LIST_TYPE, MAP_TYPE, STRING_TYPE,
};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

use super::patterns;
use super::steps::{refused, spend};

/// Bytes that a function reads in a step.
const BYTES_PER_STEP: usize = 256;
/// Most bytes of a text, and items of a list, that an expression may build.
const SIZE_LIMIT: usize = 1024 * 1024;

const ORDERED: &str = "@ordered";
const MEASURED: &str = "@measured";
const REPLACE: &str = "@replace";
/// Charges for a value that is copied or compared whole.
const WHOLE: &str = "@whole";
/// Charges for a value that is read once: a text, or a list that is searched.
const READ: &str = "@read";
/// Functions whose result may be larger than what they are given.
const GROWING: [&str; 4] = [operators::ADD, "join", "format", "strings.quote"];
/// Of the free operators those that give a part of what they are given, which can be large.
const YIELDING: [&str; 4] = [operators::CONDITIONAL, operators::INDEX, operators::OPT_INDEX, operators::OPT_SELECT];
/// Functions that look at all of what they are given.
const THOROUGH: [&str; 4] = [operators::EQUALS, operators::NOT_EQUALS, "join", "format"];
/// Operators that take no time to speak of.
const FREE: [&str; 13] = [
    operators::LOGICAL_AND,
    operators::LOGICAL_OR,
    operators::LOGICAL_NOT,
    operators::CONDITIONAL,
    operators::INDEX,
    operators::OPT_INDEX,
    operators::OPT_SELECT,
    operators::SUBSTRACT,
    operators::MULTIPLY,
    operators::DIVIDE,
    operators::MODULO,
    operators::NEGATE,
    operators::NOT_STRICTLY_FALSE,
];

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(ORDERED, "ordered_list", vec![LIST_TYPE], ordered_list)?;
    env.add_overload(ORDERED, "ordered_map", vec![MAP_TYPE], ordered_map)?;
    env.add_overload(WHOLE, "whole", vec![DYN_TYPE], whole)?;
    env.add_overload(READ, "read", vec![DYN_TYPE], read)?;
    env.add_overload(REPLACE, "replace", vec![STRING_TYPE, STRING_TYPE, STRING_TYPE], replace)?;
    env.add_overload(REPLACE, "replace_some", vec![STRING_TYPE, STRING_TYPE, STRING_TYPE, INT_TYPE], replace)?;
    env.add_overload(MEASURED, "measured", vec![DYN_TYPE], measured)
}

/// The same expression within bounds.
pub(super) fn bounded(tree: IdedExpr) -> IdedExpr {
    let id = tree.id;
    let expr = match tree.expr {
        Expr::Call(call) => return bounded_call(id, call),
        Expr::Comprehension(loops) => Expr::Comprehension(Box::new(bounded_loop(*loops))),
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(held).collect();
            Expr::List(list)
        }
        Expr::Map(mut map) => {
            for entry in &mut map.entries {
                entry.expr = bounded_entry(std::mem::replace(
                    &mut entry.expr,
                    EntryExpr::StructField(StructFieldExpr::default()),
                ));
            }
            Expr::Map(map)
        }
        Expr::Select(mut select) => {
            select.operand = Box::new(bounded(*select.operand));
            Expr::Select(select)
        }
        other @ (Expr::Unspecified | Expr::Ident(_) | Expr::Literal(_) | Expr::Struct(_)) => other,
    };
    IdedExpr { id, expr }
}

fn bounded_entry(entry: EntryExpr) -> EntryExpr {
    match entry {
        EntryExpr::MapEntry(mut entry) => {
            entry.key = bounded(entry.key);
            entry.value = held(entry.value);
            EntryExpr::MapEntry(entry)
        }
        EntryExpr::StructField(mut field) => {
            field.value = bounded(field.value);
            EntryExpr::StructField(field)
        }
    }
}

/// An expression whose value is kept in a list or a mapping, which copies it.
fn held(tree: IdedExpr) -> IdedExpr {
    charged(WHOLE, bounded(tree))
}

/// A call that charges for its argument, where that can be large and is not charged for yet.
fn charged(function: &str, argument: IdedExpr) -> IdedExpr {
    let is_small = match &argument.expr {
        Expr::Literal(_) => true,
        Expr::Call(call) => {
            call.func_name == MEASURED || (is_free(&call.func_name) && !YIELDING.contains(&call.func_name.as_str()))
        }
        _ => false,
    };
    if is_small { argument } else { called(function, argument) }
}

fn is_free(function: &str) -> bool {
    let is_operator = FREE.contains(&function) || (function.starts_with('@') && function != operators::IN);
    is_operator || ["hasValue", "value", "orValue"].contains(&function) || function.starts_with("optional.")
}

fn bounded_call(id: u64, call: CallExpr) -> IdedExpr {
    let name = call.func_name.as_str();
    let grows = GROWING.contains(&name);
    let charge = if THOROUGH.contains(&name) { WHOLE } else { READ };
    let is_free = is_free(name);
    // Behind a namespace, `strings` of `strings.quote(x)`, no value stands.
    let is_space = |target: &IdedExpr| matches!(&target.expr, Expr::Ident(name) if ["optional", "sets", "strings"].contains(&&**name));
    let argument = |tree: IdedExpr| {
        if is_free || is_space(&tree) { bounded(tree) } else { charged(charge, bounded(tree)) }
    };
    let ours = patterns::CALLS.into_iter().chain([("replace", REPLACE)]).find(|(theirs, _)| *theirs == name);
    let target = call.target.map(|target| argument(*target));
    let args = call.args.into_iter().map(argument);
    let call = match ours {
        Some((_, ours)) => {
            CallExpr { func_name: ours.to_owned(), target: None, args: target.into_iter().chain(args).collect() }
        }
        None => CallExpr { target: target.map(Box::new), args: args.collect(), func_name: call.func_name },
    };
    let expr = IdedExpr { id, expr: Expr::Call(call) };
    if grows { called(MEASURED, expr) } else { expr }
}

fn bounded_loop(loops: ComprehensionExpr) -> ComprehensionExpr {
    ComprehensionExpr {
        iter_range: called(ORDERED, bounded(loops.iter_range)),
        accu_init: bounded(loops.accu_init),
        loop_step: bounded_step(loops.loop_step),
        result: bounded(loops.result),
        ..loops
    }
}

/// A loop's step; `@result + [x]` of `map` and `filter` grows by one a round, which is counted, and stays as the library
/// recognises it.
fn bounded_step(step: IdedExpr) -> IdedExpr {
    let id = step.id;
    match step.expr {
        Expr::Call(mut call) if call.func_name == operators::ADD && is_accumulator(call.args.first()) => {
            call.args = call.args.into_iter().map(bounded).collect();
            IdedExpr { id, expr: Expr::Call(call) }
        }
        Expr::Call(mut call) if call.func_name == operators::CONDITIONAL => {
            call.args = call.args.into_iter().map(bounded_step).collect();
            IdedExpr { id, expr: Expr::Call(call) }
        }
        expr => bounded(IdedExpr { id, expr }),
    }
}

fn is_accumulator(argument: Option<&IdedExpr>) -> bool {
    argument.is_some_and(|argument| matches!(&argument.expr, Expr::Ident(name) if name.starts_with('@')))
}

fn called(function: &str, argument: IdedExpr) -> IdedExpr {
    let call = CallExpr { func_name: function.to_owned(), target: None, args: vec![argument] };
    IdedExpr { id: 0, expr: Expr::Call(call) }
}

fn first<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    arguments.into_iter().next().ok_or(ExecutionError::MissingArgumentOrTarget)
}

fn ordered_list<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let list = first(arguments)?;
    spend(list.downcast_ref::<CelList>().map_or(0, |list| list.inner().len()))?;
    Ok(list)
}

fn ordered_map<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let map = first(arguments)?;
    let Some(entries) = map.downcast_ref::<CelMap>() else { return Ok(map) };
    spend(entries.inner().len())?;
    let mut keys: Vec<CelMapKey<'_>> = entries.inner().keys().cloned().collect();
    keys.sort_by_key(rank);
    let keys: Vec<Box<dyn Val>> = keys.into_iter().map(key_value).collect();
    Ok(CowVal::owned(CelList::from(keys)))
}

fn rank(key: &CelMapKey<'_>) -> (u8, i128, String) {
    match key {
        CelMapKey::Bool(value) => (0, i128::from(*value.inner()), String::new()),
        CelMapKey::Int(value) => (1, i128::from(*value.inner()), String::new()),
        CelMapKey::UInt(value) => (1, i128::from(*value.inner()), String::new()),
        CelMapKey::String(value) => (2, 0, value.inner().to_owned()),
    }
}

fn key_value(key: CelMapKey<'_>) -> Box<dyn Val> {
    match key {
        CelMapKey::Bool(value) => Box::new(value),
        CelMapKey::Int(value) => Box::new(value),
        CelMapKey::UInt(value) => Box::new(value),
        CelMapKey::String(value) => Box::new(value.into_static()),
    }
}

fn whole<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = first(arguments)?;
    weighed(value.as_ref())?;
    Ok(value)
}

/// Takes the steps of looking at all of a value.
fn weighed(value: &dyn Val) -> Result<(), ExecutionError> {
    if let Some(text) = value.downcast_ref::<CelString>() {
        return spend(text.inner().len() / BYTES_PER_STEP);
    }
    if let Some(list) = value.downcast_ref::<CelList>() {
        spend(list.inner().len())?;
        return list.inner().iter().try_for_each(|item| weighed(item.as_ref()));
    }
    if let Some(map) = value.downcast_ref::<CelMap>() {
        spend(map.inner().len())?;
        return map.inner().values().try_for_each(|field| weighed(field.as_ref()));
    }
    Ok(())
}

fn read<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = first(arguments)?;
    if let Some(text) = value.downcast_ref::<CelString>() {
        spend(text.inner().len() / BYTES_PER_STEP)?;
    } else if let Some(list) = value.downcast_ref::<CelList>() {
        spend(list.inner().len())?;
    }
    Ok(value)
}

/// `text.replace(old, new)` and `text.replace(old, new, count)`, measured before it is made.
#[expect(clippy::needless_pass_by_value, reason = "the library calls it so")]
fn replace<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let text = |index: usize| {
        let text = arguments.get(index).and_then(|argument| argument.downcast_ref::<CelString>());
        text.map(CelString::inner).ok_or(ExecutionError::MissingArgumentOrTarget)
    };
    let (text, old, new) = (text(0)?, text(1)?, text(2)?);
    let count = arguments.get(3).and_then(|argument| argument.downcast_ref::<CelInt>()).map(|count| *count.inner());
    let most = count.and_then(|count| usize::try_from(count).ok()).unwrap_or(usize::MAX);
    let found = text.matches(old).take(most).count();
    let size = text.len().saturating_add(found.saturating_mul(new.len()));
    if size > SIZE_LIMIT && new.len() > old.len() {
        return Err(too_large());
    }
    spend(size / BYTES_PER_STEP)?;
    Ok(CowVal::owned(CelString::from(text.replacen(old, new, most))))
}

fn too_large() -> ExecutionError {
    refused(format!("the expression builds a value larger than {SIZE_LIMIT}"))
}

fn measured<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = first(arguments)?;
    weighed(value.as_ref())?;
    let size = value
        .downcast_ref::<CelString>()
        .map(|text| text.inner().len())
        .or_else(|| value.downcast_ref::<CelList>().map(|list| list.inner().len()))
        .unwrap_or(0);
    if size > SIZE_LIMIT {
        return Err(too_large());
    }
    Ok(value)
}
