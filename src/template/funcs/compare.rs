//! Go's comparisons: `eq`, `ne`, `lt`, `le`, `gt`, `ge`.

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::limits::Exceeded;
use crate::template::value::{Data, Value, View};

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("eq", &[Type::Reflect], eq).variadic(Type::Reflect),
    Func::new("ne", &[Type::Reflect, Type::Reflect], ne),
    Func::new("lt", &[Type::Reflect, Type::Reflect], lt),
    Func::new("le", &[Type::Reflect, Type::Reflect], le),
    Func::new("gt", &[Type::Reflect, Type::Reflect], gt),
    Func::new("ge", &[Type::Reflect, Type::Reflect], ge),
];

const INVALID: &str = "invalid type for comparison";

/// Go's basic kinds: within one of them values compare.
enum Basic<'a> {
    Bool(bool),
    /// Integers, signed or not, compare by value.
    Integer(i128),
    Float(f64),
    String(&'a [u8]),
    Other,
}

impl<'a> Basic<'a> {
    fn of(value: &'a Value) -> Self {
        match &value.data {
            Data::Bool(value) => Self::Bool(*value),
            Data::Int(number) | Data::Int64(number) => Self::Integer((*number).into()),
            Data::Uint8(number) => Self::Integer((*number).into()),
            Data::Uint64(number) => Self::Integer((*number).into()),
            Data::Float(number) => Self::Float(*number),
            Data::String(text) => Self::String(text.as_bytes()),
            Data::Object(object) => match object.view() {
                View::Int64(number) => Self::Integer(number.into()),
                _ => Self::Other,
            },
            _ => Self::Other,
        }
    }
}

/// True if the first equals one of the others.
fn eq(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let Some((first, others)) = args.split_first().filter(|(_, others)| !others.is_empty()) else {
        return Err("missing argument for comparison".into());
    };
    for other in others {
        if equal(call, first, other)? {
            return Ok(true.into());
        }
    }
    Ok(false.into())
}

fn ne(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((!equal(call, &args[0], &args[1])?).into())
}

fn lt(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(less(&args[0], &args[1])?.into())
}

fn le(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((less(&args[0], &args[1])? || equal(call, &args[0], &args[1])?).into())
}

fn gt(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((!less(&args[0], &args[1])? && !equal(call, &args[0], &args[1])?).into())
}

fn ge(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((!less(&args[0], &args[1])?).into())
}

#[expect(clippy::float_cmp, reason = "Go compares floats exactly as well")]
fn equal(call: &mut Call<'_>, one: &Value, other: &Value) -> Result<bool, Fault> {
    match (Basic::of(one), Basic::of(other)) {
        (Basic::Bool(one), Basic::Bool(other)) => Ok(one == other),
        (Basic::Integer(one), Basic::Integer(other)) => Ok(one == other),
        (Basic::Float(one), Basic::Float(other)) => Ok(one == other),
        (Basic::String(one), Basic::String(other)) => Ok(one == other),
        (Basic::Other, Basic::Other) => equal_others(call, one, other),
        _ if one.is_nil() || other.is_nil() => Ok(false),
        _ => Err(incompatible(one, other)),
    }
}

/// Values without a basic kind only compare with nil.
fn equal_others(call: &mut Call<'_>, one: &Value, other: &Value) -> Result<bool, Fault> {
    match (&one.data, &other.data) {
        (Data::Nil, Data::Nil) => return Ok(true),
        (Data::Nil, _) | (_, Data::Nil) => return Ok(false),
        _ if one.kind() != other.kind() => return Err(non_comparable(call, &[one, other])?.into()),
        (Data::Object(one), Data::Object(other)) if one.kind() == "ptr" => return Ok(std::rc::Rc::ptr_eq(one, other)),
        (Data::Object(one), Data::Object(other)) => {
            if let (View::Struct(fields), View::Struct(others)) = (one.view(), other.view()) {
                return equal_fields(call, &fields, &others);
            }
        }
        _ => {}
    }
    Err(non_comparable(call, &[other])?.into())
}

fn equal_fields(call: &mut Call<'_>, one: &[(&str, Value)], other: &[(&str, Value)]) -> Result<bool, Fault> {
    for ((name, field), (other_name, other_field)) in one.iter().zip(other) {
        if name != other_name || !equal(call, field, other_field)? {
            return Ok(false);
        }
    }
    Ok(one.len() == other.len())
}

/// Go prints value and type in this order, though the text says it the other way round.
fn non_comparable(call: &mut Call<'_>, values: &[&Value]) -> Result<String, Exceeded> {
    let mut parts = Vec::new();
    for (index, value) in values.iter().enumerate() {
        // The first value stands under the verb for types, the second under its own.
        let verb = Value::from(if index == 0 { "%s" } else { "%v" });
        parts.push((call.format(&verb, &[(*value).clone()])?, value.type_name()));
    }
    Ok(match parts.as_slice() {
        [(one, one_type), (other, other_type)] => {
            format!("non-comparable types {}: {one_type}, {other_type}: {}", one.text(), other.text())
        }
        [(one, one_type), ..] => format!("non-comparable type {}: {one_type}", one.text()),
        [] => String::new(),
    })
}

fn incompatible(one: &Value, other: &Value) -> Fault {
    format!("incompatible types for comparison: {} and {}", one.type_name(), other.type_name()).into()
}

fn less(one: &Value, other: &Value) -> Result<bool, Fault> {
    match (Basic::of(one), Basic::of(other)) {
        (Basic::Other, _) | (_, Basic::Other) | (Basic::Bool(_), Basic::Bool(_)) => Err(INVALID.into()),
        (Basic::Integer(one), Basic::Integer(other)) => Ok(one < other),
        (Basic::Float(one), Basic::Float(other)) => Ok(one < other),
        (Basic::String(one), Basic::String(other)) => Ok(one < other),
        _ => Err(incompatible(one, other)),
    }
}
