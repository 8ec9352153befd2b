//! Values in and out of the condition language. Whole numbers become `int` wherever they fit, as users write them in rules.

use std::collections::HashMap;
use std::sync::Arc;

use cel::Value;
use cel::objects::Key;

use crate::yaml;

/// A YAML value, as Helm understands it.
pub fn from_node(node: &yaml::Node) -> Value {
    match &node.value {
        yaml::Value::Null => Value::Null,
        yaml::Value::Bool(value, _) => Value::Bool(*value),
        yaml::Value::Int(value, _) => Value::Int(*value),
        yaml::Value::Uint(value, _) => Value::UInt(*value),
        yaml::Value::Float(value, _) => Value::Float(*value),
        yaml::Value::String(text) => text.as_ref().into(),
        yaml::Value::Seq(items) => Value::List(Arc::new(items.iter().map(from_node).collect())),
        yaml::Value::Map(mapping) => {
            map(mapping.effective().into_iter().map(|(key, entry)| (key.into_owned(), from_node(&entry.value))))
        }
    }
}

/// A JSON value.
pub fn from_json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(value) => Value::Bool(*value),
        serde_json::Value::Number(number) => number
            .as_i64()
            .map(Value::Int)
            .or_else(|| number.as_u64().map(Value::UInt))
            .unwrap_or_else(|| Value::Float(number.as_f64().unwrap_or(f64::NAN))),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(items) => Value::List(Arc::new(items.iter().map(from_json).collect())),
        serde_json::Value::Object(entries) => map(entries.iter().map(|(key, value)| (key.clone(), from_json(value)))),
    }
}

/// A mapping.
pub(crate) fn map<K: Into<String>>(entries: impl IntoIterator<Item = (K, Value)>) -> Value {
    let entries = entries.into_iter().map(|(key, value)| (Key::String(Arc::new(key.into())), value));
    Value::Map(cel::objects::Map { map: Arc::new(entries.collect::<HashMap<_, _>>()) })
}

/// A value as it stands in a message: texts without quotes, lists and mappings in brackets.
pub fn show(value: &Value) -> String {
    match value {
        Value::String(text) => text.as_str().to_owned(),
        Value::Int(number) => number.to_string(),
        Value::UInt(number) => number.to_string(),
        Value::Float(number) => number.to_string(),
        Value::Bool(value) => value.to_string(),
        Value::Null => "null".to_owned(),
        Value::List(items) => {
            let items: Vec<String> = items.iter().map(show).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(entries) => {
            let mut entries: Vec<String> =
                entries.map.iter().map(|(key, value)| format!("{key}: {}", show(value))).collect();
            entries.sort();
            format!("{{{}}}", entries.join(", "))
        }
        other => other.type_of().to_string(),
    }
}

/// Words that no field of an expression can be.
const RESERVED: [&str; 21] = [
    "true",
    "false",
    "null",
    "in",
    "as",
    "break",
    "const",
    "continue",
    "else",
    "for",
    "function",
    "if",
    "import",
    "let",
    "loop",
    "package",
    "namespace",
    "return",
    "var",
    "void",
    "while",
];

/// A field's name as an expression writes it (`Escape` in `k8s.io/apiserver/pkg/cel`).
pub fn escaped(name: &str) -> String {
    if RESERVED.contains(&name) {
        return format!("__{name}__");
    }
    let name = name.replace("__", "__underscores__");
    name.replace('.', "__dot__").replace('-', "__dash__").replace('/', "__slash__")
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn names_that_no_expression_can_have_are_escaped() {
        let cases = [
            ("namespace", "__namespace__"),
            ("a-b", "a__dash__b"),
            ("a.b/c", "a__dot__b__slash__c"),
            ("a__b", "a__underscores__b"),
            ("name", "name"),
        ];
        for (name, expected) in cases {
            assert_eq!(escaped(name), expected);
        }
    }
}
