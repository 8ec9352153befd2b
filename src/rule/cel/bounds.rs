//! Bounds on an evaluation: every loop is counted, growing values are measured, and mappings are walked in the order of keys.
//!
//! The library knows no limit and walks mappings in an order that changes from run to run, so the compiled tree calls three
//! functions of ours whose names no rule can write.

use std::cell::Cell;

use cel::common::ast::{CallExpr, ComprehensionExpr, EntryExpr, Expr, IdedExpr, StructFieldExpr, operators};
use cel::common::types::{CelList, CelMap, CelMapKey, CelString, DYN_TYPE, LIST_TYPE, MAP_TYPE};
use cel::common::value::{CowVal, Val};
use cel::{DeclarationError, Env, ExecutionError};

/// Most rounds of all loops of one evaluation together.
const ROUND_LIMIT: u64 = 200_000;
/// Most bytes of a text, and items of a list, that an expression may build.
const SIZE_LIMIT: usize = 1024 * 1024;

const ORDERED: &str = "@ordered";
const MEASURED: &str = "@measured";
/// Functions whose result may be larger than what they are given.
const GROWING: [&str; 5] = [operators::ADD, "replace", "join", "format", "strings.quote"];

thread_local! {
    /// Rounds left; functions of the library are plain functions and can carry no state.
    static ROUNDS: Cell<u64> = const { Cell::new(0) };
}

/// Evaluates with a fresh count.
pub(super) fn within<T>(evaluate: impl FnOnce() -> T) -> T {
    ROUNDS.with(|rounds| rounds.set(ROUND_LIMIT));
    evaluate()
}

pub(super) fn extension(env: &mut Env) -> Result<(), DeclarationError> {
    env.add_overload(ORDERED, "ordered_list", vec![LIST_TYPE], ordered_list)?;
    env.add_overload(ORDERED, "ordered_map", vec![MAP_TYPE], ordered_map)?;
    env.add_overload(MEASURED, "measured", vec![DYN_TYPE], measured)
}

/// The same expression within bounds.
pub(super) fn bounded(tree: IdedExpr) -> IdedExpr {
    let id = tree.id;
    let expr = match tree.expr {
        Expr::Call(call) => return bounded_call(id, call),
        Expr::Comprehension(loops) => Expr::Comprehension(Box::new(bounded_loop(*loops))),
        Expr::List(mut list) => {
            list.elements = list.elements.into_iter().map(bounded).collect();
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
            entry.value = bounded(entry.value);
            EntryExpr::MapEntry(entry)
        }
        EntryExpr::StructField(mut field) => {
            field.value = bounded(field.value);
            EntryExpr::StructField(field)
        }
    }
}

fn bounded_call(id: u64, call: CallExpr) -> IdedExpr {
    let grows = GROWING.contains(&call.func_name.as_str());
    let call = CallExpr {
        func_name: call.func_name,
        target: call.target.map(|target| Box::new(bounded(*target))),
        args: call.args.into_iter().map(bounded).collect(),
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

fn refused(message: String) -> ExecutionError {
    ExecutionError::FunctionError { function: MEASURED.to_owned(), message }
}

fn spend(rounds: usize) -> Result<(), ExecutionError> {
    let rounds = u64::try_from(rounds).unwrap_or(u64::MAX);
    let left = ROUNDS.with(|left| {
        let rest = left.get().checked_sub(rounds);
        left.set(rest.unwrap_or(0));
        rest
    });
    left.map(|_| ()).ok_or_else(|| refused(format!("the expression needs more than {ROUND_LIMIT} rounds of its loops")))
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

fn measured<'b, 'v>(arguments: Vec<CowVal<'b, 'v>>) -> Result<CowVal<'b, 'v>, ExecutionError> {
    let value = first(arguments)?;
    let size = value
        .downcast_ref::<CelString>()
        .map(|text| text.inner().len())
        .or_else(|| value.downcast_ref::<CelList>().map(|list| list.inner().len()))
        .unwrap_or(0);
    if size > SIZE_LIMIT {
        return Err(refused(format!("the expression builds a value larger than {SIZE_LIMIT}")));
    }
    Ok(value)
}
