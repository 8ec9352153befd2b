//! JSON values as an [`Input`], for what is put together here and not by a template.

use super::{Form, Input, Shape};

impl Input for serde_json::Value {
    fn inspect<R>(&self, _form: Form, see: impl FnOnce(Shape<'_, Self>) -> R) -> R {
        see(match self {
            Self::Null => Shape::Null,
            Self::Bool(value) => Shape::Bool(*value),
            Self::Number(number) => match (number.as_i64(), number.as_u64()) {
                (Some(value), _) => Shape::Int(value),
                (None, Some(value)) => Shape::Uint(value),
                (None, None) => Shape::Float(number.as_f64().unwrap_or(0.0)),
            },
            Self::String(text) => Shape::Text(text),
            Self::Array(items) => Shape::List(items.iter().collect()),
            Self::Object(entries) => Shape::Map(entries.iter().map(|(key, value)| (key.as_str(), value)).collect()),
        })
    }
}
