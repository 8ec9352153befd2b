//! Template values as Go's encoders see them.

use crate::template::go::base;
use crate::template::value::{Data, Object, Value, View};
use crate::yaml::emit::{Form, Input, Shape};

impl Input for Value {
    fn inspect<R>(&self, form: Form, see: impl FnOnce(Shape<'_, Self>) -> R) -> R {
        match &self.data {
            Data::Nil => see(Shape::Null),
            Data::Bool(value) => see(Shape::Bool(*value)),
            Data::Int(number) | Data::Int64(number) => see(Shape::Int(*number)),
            Data::Uint8(number) => see(Shape::Uint(u64::from(*number))),
            Data::Uint64(number) => see(Shape::Uint(*number)),
            Data::Float(number) => see(Shape::Float(*number)),
            Data::String(text) => see(Shape::Text(&text.as_str())),
            Data::Bytes(bytes) if form == Form::Json => see(Shape::Text(&base::encode64(bytes))),
            Data::Bytes(bytes) => {
                let numbers: Vec<Self> = bytes.iter().map(|byte| Data::Uint8(*byte).into()).collect();
                see(Shape::List(numbers.iter().collect()))
            }
            Data::List(list) if list.is_nil() && form == Form::Json => see(Shape::Null),
            Data::List(list) => see(Shape::List(list.iter().collect())),
            Data::Map(map) if map.is_nil() && form == Form::Json => see(Shape::Null),
            Data::Map(map) => {
                map.inspect(|entries| see(Shape::Map(entries.iter().map(|(key, value)| (&**key, value)).collect())))
            }
            Data::Object(object) => inspect_object(&**object, form, see),
        }
    }
}

fn inspect_object<R>(object: &dyn Object, form: Form, see: impl FnOnce(Shape<'_, Value>) -> R) -> R {
    if let Some(fields) = object.keyed().filter(|_| form == Form::Json) {
        return see(Shape::Fields(fields.iter().map(|(key, value)| (*key, value)).collect()));
    }
    match object.view() {
        // Only JSON has no idea of durations.
        View::Int64(number) => match object.string().filter(|_| form != Form::Json) {
            Some(text) => see(Shape::Text(&text)),
            None => see(Shape::Int(number)),
        },
        View::List(items) => see(Shape::List(items.iter().collect())),
        View::Map(entries) => see(Shape::Map(entries.iter().map(|(key, value)| (&**key, value)).collect())),
        // Dates have a form of their own in YAML and TOML.
        View::Opaque if form != Form::Json && object.type_name() == "time.Time" => {
            let shown = object.json().unwrap_or_default();
            see(Shape::Bare(&shown.text()))
        }
        view @ (View::Opaque | View::Struct(_)) => match (object.json(), view) {
            (Some(value), _) => value.inspect(form, see),
            (None, View::Struct(fields)) => inspect_fields(&fields, form, see),
            (None, _) => see(Shape::Map(vec![])),
        },
    }
}

/// The exported fields; go.yaml.in/yaml/v3 writes their names in lower case.
fn inspect_fields<R>(fields: &[(&'static str, Value)], form: Form, see: impl FnOnce(Shape<'_, Value>) -> R) -> R {
    let exported = fields.iter().filter(|(name, _)| name.starts_with(|char: char| char.is_ascii_uppercase()));
    if form != Form::Yaml {
        return see(Shape::Fields(exported.map(|(name, value)| (*name, value)).collect()));
    }
    let named: Vec<(String, &Value)> = exported.map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
    see(Shape::Fields(named.iter().map(|(name, value)| (name.as_str(), *value)).collect()))
}
