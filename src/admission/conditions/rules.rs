//! CEL rules of custom resource definitions (`ValidateCustomResourceDefinitionOpenAPISchema` in
//! `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use super::expressions::{judged, lines, reason, required};
use super::{Refused, field, text};
use crate::yaml::path::Trail;
use crate::yaml::{Mapping, Node};

/// What rules may name.
const VARIABLES: [&str; 2] = ["self", "oldSelf"];
/// Why a rule refuses something.
const REASONS: [&str; 4] = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
/// Fields of every object.
const OWN: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The rules of a schema.
pub(super) fn of_schema(schema: &Node, is_root: bool, path: &Trail<'_>, refused: &mut Refused) {
    let path = path.key("x-kubernetes-validations");
    let rules = schema.get("x-kubernetes-validations").and_then(Node::as_seq).unwrap_or_default();
    for (index, rule) in rules.iter().enumerate() {
        let path = path.index(index);
        required(rule, rule.location, "rule", &path, refused);
        lines(rule, "rule", &path, refused);
        for key in ["rule", "messageExpression"] {
            let Some(node) = rule.get(key) else { continue };
            let path = path.key(key).to_path();
            let Some(expression) = judged(node, &path, &VARIABLES, refused) else { continue };
            let fields =
                VARIABLES.into_iter().flat_map(|name| expression.fields(name).into_iter().map(move |way| (name, way)));
            let mut unknown = fields.filter_map(|(name, way)| Some((name, unknown(schema, is_root, &way)?)));
            if let Some((name, field)) = unknown.next() {
                let message = format!("`{path}` cannot be compiled: `{name}` has no field `{field}` in the schema");
                refused.say(node.location, path, message, "add it to `properties`, or ask for another");
            }
        }
        reason(rule, &REASONS, &path, refused);
        pointer(schema, rule, &path, refused);
    }
}

/// `fieldPath` leads from the schema to a field that it has.
fn pointer(schema: &Node, rule: &Node, path: &Trail<'_>, refused: &mut Refused) {
    let given = text(rule, "fieldPath").trim();
    let Some(node) = rule.get("fieldPath").filter(|_| !given.is_empty()) else { return };
    let path = path.key("fieldPath").to_path();
    if !given.starts_with(['.', '[']) {
        let message = format!("`{path}` is `{given}`, and has to begin with `.`");
        return refused.say(node.location, path, message, format!("write `.{given}`"));
    }
    let is_plain =
        |name: &str| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let names: Vec<String> = given[1..].split('.').map(str::to_owned).collect();
    if names.iter().all(|name| is_plain(name))
        && let Some(field) = unknown(schema, false, &names)
    {
        let message = format!("`{path}` is `{given}`, and the schema has no field `{field}`");
        refused.say(node.location, path, message, "name a field of the schema");
    }
}

/// The first name of a way that leads out of the schema; none where that is not certain.
fn unknown(schema: &Node, is_root: bool, way: &[String]) -> Option<String> {
    let mut at = schema;
    for (depth, name) in way.iter().enumerate() {
        let is = |key: &str| at.get(key).and_then(Node::as_bool) == Some(true);
        if text(at, "type") != "object" || is("x-kubernetes-int-or-string") {
            return None;
        }
        if let Some(others) = field(at, "additionalProperties") {
            at = Some(others).filter(|others| others.as_map().is_some())?;
            continue;
        }
        let is_object = (is_root && depth == 0) || is("x-kubernetes-embedded-resource");
        if is_object && OWN.contains(&name.as_str()) {
            return None;
        }
        let fields = at.get("properties").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
        if fields.is_empty() {
            return None;
        }
        match fields.into_iter().find(|(key, _)| *key == plain(name).as_str() || *key == name.as_str()) {
            Some((_, entry)) => at = &entry.value,
            None => return Some(name.clone()),
        }
    }
    None
}

/// A field's name as the schema writes it (`cel/common`: `Unescape`).
fn plain(name: &str) -> String {
    let word = name.strip_prefix("__").and_then(|rest| rest.strip_suffix("__"));
    if let Some(word) =
        word.filter(|word| !word.contains('_') && !["dot", "dash", "slash", "underscores"].contains(word))
    {
        return word.to_owned();
    }
    let signs = [("__dot__", "."), ("__dash__", "-"), ("__slash__", "/"), ("__underscores__", "__")];
    signs.iter().fold(name.to_owned(), |name, (written, sign)| name.replace(written, sign))
}
