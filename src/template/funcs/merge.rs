//! Merging maps as dario.cat/mergo 1.0.1 does for sprig: `merge`, `mergeOverwrite` and their `must…` twins.

use std::sync::Arc;

use super::dicts::map_of;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::{Data, Map, Value};

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("merge", &[Type::Map], merge).variadic(Type::Map).own(),
    Func::new("mergeOverwrite", &[Type::Map], merge_overwrite).variadic(Type::Map).own(),
    Func::new("mustMerge", &[Type::Map], merge).variadic(Type::Map).own(),
    Func::new("mustMergeOverwrite", &[Type::Map], merge_overwrite).variadic(Type::Map).own(),
];

fn merge(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    all_into_first(call, args, false)
}

fn merge_overwrite(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    all_into_first(call, args, true)
}

fn all_into_first(call: &mut Call<'_>, args: &[Value], overwrite: bool) -> Result<Value, Fault> {
    let target = map_of(&args[0]);
    for source in &args[1..] {
        into_map(call, &target, &map_of(source), overwrite)?;
    }
    let result = if args[0].as_map().is_some() { args[0].clone() } else { Value::from(target) };
    Ok(args[1..].iter().fold(result, |result, source| result.reading(&source.origins)))
}

/// Entries of `source` go into `target`. Nothing is copied: maps of the source that the target lacks are shared after.
fn into_map(call: &mut Call<'_>, target: &Map, source: &Map, overwrite: bool) -> Result<(), Fault> {
    call.descend()?;
    for (key, new) in source.snapshot() {
        call.step(1)?;
        let old = target.get(&key);
        if new.is_nil() {
            if overwrite {
                target.insert(key, new);
            }
            continue;
        }
        entry(call, target, key, old, new, overwrite)?;
    }
    Ok(())
}

fn entry(
    call: &mut Call<'_>,
    target: &Map,
    key: Arc<str>,
    old: Option<Value>,
    new: Value,
    overwrite: bool,
) -> Result<(), Fault> {
    let old_map = old.as_ref().and_then(Value::as_map);
    if let (Some(map), Data::Map(source)) = (old_map, &new.data)
        && !map.same(source)
    {
        into_map(call, map, source, overwrite)?;
    }
    let filled = old.filter(|old| !is_empty(old));
    match (filled, &new.data) {
        (None, _) => target.insert(key, new),
        (Some(old), Data::Map(_)) if old.as_map().is_some() => {}
        (Some(_), _) if overwrite => target.insert(key, new),
        (Some(_), _) => {}
    }
    Ok(())
}

/// mergo's idea of an empty value, by which a target's value may be replaced. Structs and durations never count as empty.
fn is_empty(value: &Value) -> bool {
    match &value.data {
        Data::Object(_) => false,
        _ => !value.is_true(),
    }
}
