//! CEL rules of custom resource definitions (`ValidateCustomResourceDefinitionOpenAPISchema` in
//! `apiextensions-apiserver/pkg/apis/apiextensions/validation`).

use super::expressions::{judged, lines, reason, required};
use super::level::Place;
use super::{Refused, field, key_of, text};
use crate::cel::{Foreign, Kind, escaped};
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Mapping, Node};

/// What rules may name.
const VARIABLES: [&str; 2] = ["self", "oldSelf"];
/// Why a rule refuses something.
const REASONS: [&str; 4] = ["FieldValueDuplicate", "FieldValueForbidden", "FieldValueInvalid", "FieldValueRequired"];
/// Fields of every object.
const OWN: [&str; 3] = ["apiVersion", "kind", "metadata"];

/// The rules of a schema.
pub(super) fn of_schema(schema: &Node, place: Place, path: &Trail<'_>, refused: &mut Refused) {
    let path = path.key("x-kubernetes-validations");
    let rules = schema.items("x-kubernetes-validations");
    for (index, rule) in rules.iter().enumerate() {
        let path = path.index(index);
        required(rule, rule.location, "rule", &path, refused);
        lines(rule, "rule", &path, refused);
        for key in ["rule", "messageExpression"] {
            let Some(node) = rule.get(key) else { continue };
            let path = path.key(key).to_path();
            let Some(expression) = judged(node, &path, &VARIABLES, refused) else { continue };
            let wrong = no_field(schema, place, &expression).or_else(|| of_types(schema, place, key, &expression));
            if let Some((what, help)) = wrong {
                refused.say(node.location, path.clone(), format!("`{path}` {what}"), help);
            }
            if key == "rule" {
                old(rule, node, place, &expression, &path, refused);
            }
        }
        reason(rule, &REASONS, &path, refused);
        pointer(schema, rule, &path, refused);
    }
}

/// What is wrong, and what to do.
type Wrong = Option<(String, &'static str)>;

/// A field that the schema does not have.
fn no_field(schema: &Node, place: Place, expression: &Foreign) -> Wrong {
    let mut fields =
        VARIABLES.into_iter().flat_map(|name| expression.fields(name).into_iter().map(move |way| (name, way)));
    let (name, field) = fields.find_map(|(name, way)| Some((name, unknown(schema, place.is_whole, &way)?)))?;
    let is_reserved = escaped(&field) != field && field_named(schema, &field);
    let help = if is_reserved {
        "write its name as rules do: `__namespace__` for `namespace`, `a__dash__b` for `a-b`"
    } else {
        "add it to `properties`, or ask for another"
    };
    Some((format!("cannot be compiled: `{name}` has no field `{field}` in the schema"), help))
}

/// Whether a schema has a property by this name, at any depth.
fn field_named(schema: &Node, name: &str) -> bool {
    let fields = schema.get("properties").and_then(Node::as_map).map(Mapping::effective).unwrap_or_default();
    fields.into_iter().any(|(key, entry)| key == name || field_named(&entry.value, name))
}

/// What the types of the schema do not allow, and what costs too much (`StaticEstimatedCostLimit`).
fn of_types(schema: &Node, place: Place, key: &str, expression: &Foreign) -> Wrong {
    let typed = expression.typed(&Kind::of(schema, place.is_whole));
    if let Some(mistake) = typed.mistake {
        return Some((format!("cannot be compiled: {mistake}"), "compare values of one type"));
    }
    let (wanted, words) = if key == "rule" { (Kind::Boolean, "true or false") } else { (Kind::Text, "a text") };
    if typed.kind != Kind::Any && typed.kind != wanted {
        return Some((
            format!("has to give {words}"),
            "compare it with something, or turn it into a text: `string(…)`",
        ));
    }
    let loops = typed.loops + usize::from(place.is_many && typed.loops > 0);
    (loops > 1).then(|| {
        let what = "costs more than the API server allows: it goes over lists or mappings without a bound, one inside the other";
        (what.to_owned(), "give them `maxItems` or `maxProperties`, and texts in them `maxLength`")
    })
}

/// What a rule may ask of the earlier object.
fn old(rule: &Node, node: &Node, place: Place, expression: &Foreign, path: &KeyPath, refused: &mut Refused) {
    let asks = expression.names("oldSelf");
    if asks && place.is_lost {
        let message = format!("`{path}` asks for `oldSelf`, and nothing tells which item of the earlier list that is");
        refused.say(
            node.location,
            path.clone(),
            message,
            "give the list `x-kubernetes-list-type: map`, or ask it of the whole list",
        );
    }
    if let Some(at) = key_of(rule, "optionalOldSelf").filter(|_| !asks && field(rule, "optionalOldSelf").is_some()) {
        let message = format!("`{path}` does not ask for `oldSelf`, which `optionalOldSelf` is about");
        refused.say(at, path.clone(), message, "leave out `optionalOldSelf`");
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
        && let Some(field) = unknown_as(schema, false, true, &names)
    {
        let message = format!("`{path}` is `{given}`, and the schema has no field `{field}`");
        refused.say(node.location, path, message, "name a field of the schema");
    }
}

/// The first name of a way that leads out of the schema; none where that is not certain.
fn unknown(schema: &Node, is_root: bool, way: &[String]) -> Option<String> {
    unknown_as(schema, is_root, false, way)
}

/// The same of a way whose names may be `plain`, as the schema writes them.
fn unknown_as(schema: &Node, is_root: bool, is_plain: bool, way: &[String]) -> Option<String> {
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
        match fields.into_iter().find(|(key, _)| escaped(key) == *name || (is_plain && *key == name.as_str())) {
            Some((_, entry)) => at = &entry.value,
            None => return Some(name.clone()),
        }
    }
    None
}
