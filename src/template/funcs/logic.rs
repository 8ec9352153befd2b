//! Defaults, choices and the questions about kinds and types.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::lists::deep_equal;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::origin::Origins;
use crate::template::value::{Map, Value};

const TWO: &[Type] = &[Type::Any, Type::Any];
const NAME_VALUE: &[Type] = &[Type::String, Type::Any];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("all", &[], all).variadic(Type::Any),
    Func::new("any", &[], any).variadic(Type::Any),
    Func::new("coalesce", &[], coalesce).variadic(Type::Any).own(),
    Func::new("deepEqual", TWO, is_deep_equal).deep(),
    Func::new("default", &[Type::Any], default).variadic(Type::Any).own(),
    Func::new("empty", &[Type::Any], empty),
    Func::new("hello", &[], hello),
    Func::new("kindIs", NAME_VALUE, kind_is),
    Func::new("kindOf", &[Type::Any], kind_of),
    Func::new("ternary", &[Type::Any, Type::Any, Type::Bool], ternary).own(),
    Func::new("typeIs", NAME_VALUE, type_is),
    Func::new("typeIsLike", NAME_VALUE, type_is_like),
    Func::new("typeOf", &[Type::Any], type_of),
];

fn default(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(match args.get(1) {
        Some(given) if given.is_true() => given.clone(),
        Some(given) => args[0].clone().reading(&given.all_origins()),
        None => args[0].clone(),
    })
}

fn empty(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((!args[0].is_true()).into())
}

fn coalesce(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut passed = Origins::NONE;
    for arg in args {
        if arg.is_true() {
            return Ok(arg.clone().reading(&passed));
        }
        passed.add(&arg.all_origins());
    }
    Ok(Value::NIL.with_origins(passed))
}

fn all(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args.iter().all(Value::is_true).into())
}

fn any(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(args.iter().any(Value::is_true).into())
}

fn ternary(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let chosen = if args[2].is_true() { &args[0] } else { &args[1] };
    Ok(chosen.clone().reading(&args[2].origins))
}

/// A value whose type somebody asks for.
fn asked(value: &Value) -> &Value {
    value.as_map().into_iter().for_each(Map::look);
    value
}

fn kind_of(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(asked(&args[0]).kind().into())
}

fn kind_is(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((args[0].bytes() == asked(&args[1]).kind().as_bytes()).into())
}

fn type_of(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(asked(&args[0]).type_name().into())
}

fn type_is(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok((args[0].bytes() == asked(&args[1]).type_name().as_bytes()).into())
}

fn type_is_like(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let name = asked(&args[1]).type_name();
    Ok((*args[0].text() == *name || Some(&*args[0].text()) == name.strip_prefix('*')).into())
}

fn is_deep_equal(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(deep_equal(call, &args[0], &args[1])?.into())
}

fn hello(_: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    Ok("Hello!".into())
}
