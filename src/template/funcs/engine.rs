//! What Helm's engine adds around templates: `include`, `tpl`, `required`, `fail`, `lookup`.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::{Map, Value};

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("include", &[Type::String, Type::Any], include).own(),
    Func::new("tpl", &[Type::String, Type::Any], tpl).own(),
    Func::new("required", &[Type::String, Type::Any], required).own(),
    Func::new("fail", &[Type::String], fail),
    Func::new("lookup", &[Type::String, Type::String, Type::String, Type::String], lookup),
];

fn include(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.include(&args[0], args[1].clone())
}

fn tpl(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.tpl(&args[0], args[1].clone())
}

/// Neither nil nor the empty string pass; other empty values do.
fn required(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let missing = args[1].is_nil() || args[1].as_string().is_some_and(crate::template::string::Str::is_empty);
    if missing { Err(Fault::Refused(args[0].text().into_owned())) } else { Ok(args[1].clone()) }
}

fn fail(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Err(Fault::Refused(args[0].text().into_owned()))
}

/// There is no cluster: nothing is found.
fn lookup(_: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    Ok(Map::new().into())
}
