//! What Helm's engine adds around templates: `include`, `tpl`, `required`, `fail`, `lookup`.

use super::{Fault, Func, Type, data};
use crate::template::call::Call;
use crate::template::value::{List, Map, Value};

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

/// An object by its name, or a list of all; an empty map where there is no cluster.
fn lookup(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let [api_version, kind, namespace, name] = [0, 1, 2, 3].map(|index: usize| args[index].text().into_owned());
    let objects = call.objects(&api_version, &kind, &namespace, &name);
    let mut found = vec![];
    for object in &objects {
        found.push(data::from_node(call, object, &Value::NIL)?);
    }
    match found.pop() {
        None => Ok(Map::new().into()),
        Some(object) if !name.is_empty() => Ok(object),
        Some(last) => {
            found.push(last);
            Ok(Map::from_iter([("items", List::new(found).into())]).into())
        }
    }
}
