//! Examples of what a rule denies and of what is fine.

/// Something that a rule denies and something that it does not; see `docs/adding-a-rule.md` for their shapes.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    /// Denied.
    pub bad: serde_json::Map<String, serde_json::Value>,
    /// Fine.
    pub good: serde_json::Map<String, serde_json::Value>,
}

/// A kind of fault that a native rule finds, shown by fields of an object.
#[derive(Debug, Clone, PartialEq, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// What the rule asks for.
    pub what: String,
    /// The kind of the object.
    pub kind: String,
    /// Values by the paths of fields, as they are found.
    pub bad: serde_json::Map<String, serde_json::Value>,
    /// The same as they should be.
    pub good: serde_json::Map<String, serde_json::Value>,
}

impl Fault {
    /// Fields as lines of YAML.
    pub fn lines(fields: &serde_json::Map<String, serde_json::Value>) -> Vec<String> {
        fields.iter().map(|(path, value)| format!("{path}: {}", flow(value))).collect()
    }
}

/// A value in one line of YAML.
fn flow(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::Object(fields) => {
            let field = |(key, value): (&String, &Value)| format!("{key}: {}", flow(value));
            format!("{{{}}}", fields.iter().map(field).collect::<Vec<_>>().join(", "))
        }
        Value::String(text) if text.bytes().all(|byte| byte.is_ascii_alphabetic()) => match text.as_str() {
            "true" | "false" | "null" | "yes" | "no" | "on" | "off" => format!("\"{text}\""),
            text => text.to_owned(),
        },
        other => other.to_string(),
    }
}
