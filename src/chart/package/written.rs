//! Chart.yaml as Helm writes it: the fields it knows, sorted, through JSON (`pkg/chart/v2/metadata.go`, sigs.k8s.io/yaml).

use serde_json::{Map, Value};

use crate::chart::metadata::sanitized;
use crate::chart::shape::{METADATA, Shape};
use crate::chart::{Chart, Metadata};
use crate::yaml::Node;
use crate::yaml::emit::{Bounds, to_yaml};

/// Chart.yaml of a chart; none where it has none.
pub(super) fn metadata(chart: &Chart) -> Option<String> {
    text(&Value::Object(fields(chart)?))
}

/// Name and version as Helm reads them.
pub(super) fn identity(chart: &Chart) -> Option<(String, String)> {
    let fields = fields(chart)?;
    let field = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    Some((field("name")?, field("version")?))
}

/// What Go's encoder makes of a value.
pub(super) fn text(value: &Value) -> Option<String> {
    to_yaml(value, Bounds::default(), |_, _| {}).ok()
}

/// The declared dependencies as Helm has read them, each with its fields that are not empty; null where the chart has no such list.
pub fn declared(chart: &Chart) -> Value {
    let mut list = merged(chart).and_then(|mut fields| fields.remove("dependencies")).unwrap_or_default();
    clean_value(&mut list);
    list
}

/// The fields that Helm has read and writes: empty ones are left out.
fn fields(chart: &Chart) -> Option<Map<String, Value>> {
    let mut fields = merged(chart)?;
    let version = fields.entry("apiVersion").or_insert_with(|| "v1".into());
    if matches!(version.as_str(), Some("" | "v1")) {
        *version = "v1".into();
        fields.remove("dependencies");
    }
    clean(&mut fields);
    for dependency in fields.get_mut("dependencies").and_then(Value::as_array_mut).into_iter().flatten() {
        complete(dependency);
    }
    Some(fields)
}

/// Chart.yaml's fields with those of requirements.yaml over them.
fn merged(chart: &Chart) -> Option<Map<String, Value>> {
    let mut fields = read(&METADATA, chart.metadata.as_ref().map(Metadata::root)?);
    let required = chart.requirements.as_ref().and_then(|file| file.root()).filter(|root| root.as_map().is_some());
    for (name, value) in required.map(|root| read(&METADATA, root)).unwrap_or_default() {
        match (fields.get_mut(&name), value) {
            (Some(Value::Object(below)), Value::Object(above)) => below.extend(above),
            (_, value) => _ = fields.insert(name, value),
        }
    }
    Some(fields)
}

/// A mapping as a Go struct of a shape takes it up: names of fields may be written in other case, null leaves a field as it is.
pub(super) fn read(shape: &Shape, node: &Node) -> Map<String, Value> {
    let (Shape::Record(known), Some(mapping)) = (shape, node.as_map()) else { return Map::new() };
    let mut entries = mapping.effective();
    entries.sort_by(|left, right| left.0.cmp(&right.0));
    let mut fields = Map::new();
    for (key, entry) in entries.into_iter().filter(|(_, entry)| !entry.value.is_null()) {
        if let Some((name, shape)) = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(&key)) {
            fields.insert((*name).to_owned(), value(shape, &entry.value));
        }
    }
    fields
}

fn value(shape: &Shape, node: &Node) -> Value {
    match shape {
        Shape::Text => node.helm_text().unwrap_or_default().into(),
        Shape::Bool => node.as_bool().unwrap_or_default().into(),
        Shape::Any => node.to_json(),
        Shape::List(shape) => node.as_seq().unwrap_or_default().iter().map(|item| value(shape, item)).collect(),
        Shape::Map(shape) => {
            let entries = node.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default();
            Value::Object(
                entries.into_iter().map(|(key, entry)| (key.into_owned(), value(shape, &entry.value))).collect(),
            )
        }
        Shape::Record(_) => Value::Object(read(shape, node)),
    }
}

/// Cleans every text but annotations and imported values, and drops what is empty then.
fn clean(fields: &mut Map<String, Value>) {
    for (name, value) in fields.iter_mut() {
        if !matches!(name.as_str(), "annotations" | "import-values") {
            clean_value(value);
        }
    }
    fields.retain(|_, value| !is_empty(value));
}

fn clean_value(value: &mut Value) {
    match value {
        Value::String(text) => *text = sanitized(text),
        Value::Array(items) => items.iter_mut().for_each(clean_value),
        Value::Object(fields) => clean(fields),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(_) => false,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// Adds the fields of a dependency that Go writes though they be empty.
pub(super) fn complete(dependency: &mut Value) {
    if let Value::Object(fields) = dependency {
        fields.retain(|_, value| !is_empty(value));
        for name in ["name", "repository"] {
            fields.entry(name).or_insert_with(|| "".into());
        }
    }
}
