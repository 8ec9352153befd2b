//! What a user sets a rule's parameters to, checked against what the rule declares.

use serde_json::Value;

use super::read::Error;
use super::{ParamKind, ParamSpec, Params, Rule};
use crate::yaml::Node;

/// The rule's parameters: those of `given`, a mapping from the configuration, over the rule's defaults.
///
/// # Errors
/// Every parameter that the rule does not declare or that has another type, at its place.
pub fn resolve(rule: &Rule, given: Option<&Node>) -> Result<Params, Vec<Error>> {
    let mut values: serde_json::Map<String, Value> =
        rule.params.iter().map(|(name, spec)| (name.clone(), spec.default.clone())).collect();
    let mut errors = vec![];
    let entries = given.and_then(Node::as_map).map(crate::yaml::Mapping::effective).unwrap_or_default();
    for (name, entry) in entries {
        let Some(spec) = rule.params.get(name.as_ref()) else {
            errors.push(undeclared(rule, &name, entry.key.location));
            continue;
        };
        let value = if spec.kind == ParamKind::String {
            entry.value.scalar_text().map_or_else(|| entry.value.to_json(), Value::from)
        } else {
            entry.value.to_json()
        };
        match check(spec, &value) {
            Ok(()) => _ = values.insert(name.into_owned(), value),
            Err(message) => errors.push(Error::new(entry.value.location, format!("`{name}`: {message}"))),
        }
    }
    if errors.is_empty() { Ok(Params(values)) } else { Err(errors) }
}

fn undeclared(rule: &Rule, name: &str, place: crate::text::Location) -> Error {
    let error = Error::new(place, format!("`{}` has no parameter `{name}`", rule.id));
    if rule.params.is_empty() {
        return error.help("it has none");
    }
    error.among(name, rule.params.keys().map(String::as_str))
}

/// Whether a value is of the declared type and among the choices; the words say what is wrong.
pub(super) fn check(spec: &ParamSpec, value: &Value) -> Result<(), String> {
    let (fits, wanted) = match spec.kind {
        ParamKind::String => (value.is_string(), "a string"),
        ParamKind::Boolean => (value.is_boolean(), "true or false"),
        ParamKind::Integer => (value.is_i64() || value.is_u64(), "a whole number"),
        ParamKind::List => (value.is_array(), "a list"),
        ParamKind::Map => (value.is_object(), "a mapping"),
        ParamKind::Files => return super::files::check(value),
    };
    if !fits {
        return Err(format!("expected {wanted}, found {}", kind(value)));
    }
    let chosen = value.as_str().is_none_or(|text| spec.choices.iter().any(|choice| choice == text));
    if spec.choices.is_empty() || chosen {
        return Ok(());
    }
    let choices: Vec<String> = spec.choices.iter().map(|choice| format!("`{choice}`")).collect();
    Err(format!("expected one of {}", choices.join(", ")))
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "nothing",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
