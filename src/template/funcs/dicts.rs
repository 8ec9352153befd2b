//! Map functions of sprig. `set`, `unset` and the merging ones change the map they are given, as in Go.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::sync::Arc;

use super::show::strval;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::{Data, List, Map, Value};

const DICT: &[Type] = &[Type::Map];
const DICT_KEY: &[Type] = &[Type::Map, Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("deepCopy", &[Type::Any], deep_copy).own(),
    Func::new("dict", &[], dict).variadic(Type::Any).own(),
    Func::new("dig", &[], dig).variadic(Type::Any).own(),
    Func::new("get", DICT_KEY, get).own(),
    Func::new("hasKey", DICT_KEY, has_key).own(),
    Func::new("keys", &[], keys).variadic(Type::Map),
    Func::new("mustDeepCopy", &[Type::Any], deep_copy).own(),
    Func::new("omit", DICT, omit).variadic(Type::String).own(),
    Func::new("pick", DICT, pick).variadic(Type::String).own(),
    Func::new("pluck", &[Type::String], pluck).variadic(Type::Map).own(),
    Func::new("set", &[Type::Map, Type::String, Type::Any], set).own(),
    Func::new("unset", DICT_KEY, unset).own(),
    Func::new("values", DICT, values),
];

/// The map of an argument declared as one; a named map type passes as a copy of its entries.
pub(super) fn map_of(value: &Value) -> Map {
    match &value.data {
        Data::Map(map) => map.clone(),
        Data::Object(object) => match object.view() {
            crate::template::value::View::Map(entries) => entries.into_iter().collect(),
            _ => Map::new(),
        },
        _ => Map::new(),
    }
}

fn key_of(value: &Value) -> Arc<str> {
    value.as_string().map_or_else(|| "".into(), crate::template::string::Str::to_key)
}

fn get(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let found = call.lookup(&map_of(&args[0]), &key_of(&args[1]));
    Ok(found.unwrap_or_else(|missing| Value::from("").with_origins(missing)))
}

fn set(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let Some(map) = args[0].as_map() else {
        return Err("assignment to entry in nil map".into());
    };
    map.insert(key_of(&args[1]), args[2].clone());
    Ok(args[0].clone())
}

fn unset(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if let Some(map) = args[0].as_map() {
        map.remove(&key_of(&args[1]));
    }
    Ok(args[0].clone())
}

fn has_key(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(match call.lookup(&map_of(&args[0]), &key_of(&args[1])) {
        Ok(value) => Value::from(true).reading(&value.origins),
        Err(missing) => Value::from(false).with_origins(missing),
    })
}

fn pluck(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let key = key_of(&args[0]);
    let mut found = vec![];
    let mut looked_for = Value::NIL;
    for map in &args[1..] {
        match call.lookup(&map_of(map), &key) {
            Ok(value) => found.push(value),
            Err(missing) => looked_for = looked_for.reading(&missing),
        }
    }
    Ok(Value::from(List::new(found)).reading(&looked_for.origins))
}

/// Go leaves the order open; here it is that of the sorted keys, map by map.
fn keys(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let keys: Vec<Value> = args.iter().flat_map(|map| map_of(map).keys()).map(Value::from).collect();
    call.list(keys.len())?;
    Ok(List::strings(keys).into())
}

fn values(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let entries = map_of(&args[0]).snapshot();
    call.list(entries.len())?;
    Ok(List::new(entries.into_iter().map(|(_, value)| value).collect()).into())
}

fn pick(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let map = map_of(&args[0]);
    let mut missing = args[0].origins.clone();
    let picked = Map::new();
    for key in args[1..].iter().map(key_of) {
        match call.lookup(&map, &key) {
            Ok(value) => picked.insert(key, value),
            Err(absent) => missing.add(&absent),
        }
    }
    Ok(Value::from(picked).with_origins(missing))
}

fn omit(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let entries = map_of(&args[0]).snapshot();
    call.list(entries.len())?;
    let left_out: Vec<_> = args[1..].iter().map(key_of).collect();
    let kept: Map = entries.into_iter().filter(|(key, _)| !left_out.contains(key)).collect();
    Ok(Value::from(kept).with_origins(args[0].origins.clone()))
}

fn dict(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let map = Map::new();
    // A map takes the memory, and the time, of several values.
    call.step(4)?;
    for pair in args.chunks(2) {
        let key = strval(call, &pair[0])?;
        let value = pair.get(1).cloned().unwrap_or_else(|| "".into());
        map.insert(key_of(&key), value);
    }
    Ok(map.into())
}

fn dig(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let [keys @ .., default, map] = args else {
        return Err("dig needs at least three arguments".into());
    };
    if keys.is_empty() {
        return Err("dig needs at least three arguments".into());
    }
    let mut here = asserted_map(map)?;
    if let Some(wrong) = keys.iter().find(|key| key.as_string().is_none()) {
        return Err(conversion(wrong, "string"));
    }
    for (index, key) in keys.iter().enumerate() {
        match call.lookup(&here, &key_of(key)) {
            Err(missing) => return Ok(default.clone().reading(&missing)),
            Ok(value) if index + 1 == keys.len() => return Ok(value),
            Ok(value) => here = asserted_map(&value)?,
        }
    }
    Ok(default.clone())
}

/// Go's type assertion to `map[string]interface {}`, which named map types fail.
fn asserted_map(value: &Value) -> Result<Map, Fault> {
    match value.as_map() {
        Some(map) if map.type_name() == Map::ANY => Ok(map.clone()),
        _ => Err(conversion(value, Map::ANY)),
    }
}

fn conversion(value: &Value, wanted: &str) -> Fault {
    let actual = if value.is_nil() { "nil" } else { value.type_name() };
    format!("interface conversion: interface {{}} is {actual}, not {wanted}").into()
}

fn deep_copy(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    if args[0].is_nil() {
        return Err("reflect: call of reflect.Value.Type on zero Value".into());
    }
    copy(call, &args[0])
}

/// A copy whose maps can be changed without the original noticing.
pub(super) fn copy(call: &mut Call<'_>, value: &Value) -> Result<Value, Fault> {
    call.descend()?;
    // A map takes the memory of several values.
    call.step(if value.as_map().is_some() { 4 } else { 1 })?;
    let data = match &value.data {
        Data::List(items) if items.is_nil() => Data::List(items.clone()),
        Data::List(items) => {
            let copies = items.iter().map(|item| copy(call, item)).collect::<Result<_, _>>()?;
            Data::List(List::typed(copies, items.type_name()))
        }
        Data::Map(map) if map.is_nil() => Data::Map(map.clone()),
        Data::Map(map) => {
            let copies = map.snapshot().into_iter().map(|(key, value)| Ok((key, copy(call, &value)?)));
            let entries = copies.collect::<Result<_, Fault>>()?;
            Data::Map(Map::located(entries, map.type_name(), map.origins().clone()))
        }
        other => other.clone(),
    };
    Ok(Value { data, origins: value.origins.clone() })
}
