//! Which of its tools Argo CD renders a source with: the one whose options are set, else the one that its folder speaks of.

use crate::gitops::Problem;
use crate::yaml::{Node, Value};

/// The tools, by the fields that hold their options.
const FIELDS: [&str; 4] = ["kustomize", "helm", "directory", "plugin"];
/// Options of kustomize that do nothing by themselves.
const IDLE: [&str; 5] = [
    "commonAnnotationsEnvsubst",
    "forceCommonAnnotations",
    "forceCommonLabels",
    "labelIncludeTemplates",
    "labelWithoutSelector",
];

/// The tool that a source names by its options; none where nothing of them is set.
///
/// # Errors
/// That there is more than one, which Argo CD refuses.
pub(super) fn told(source: &Node) -> Result<Option<&'static str>, Problem> {
    let mut set = FIELDS.into_iter().filter(|field| source.get(field).is_some_and(|options| is_set(field, options)));
    let (first, second) = (set.next(), set.next());
    let (Some(one), Some(other)) = (first, second) else { return Ok(first) };
    let at = source.entry(other).map_or(source.location, |entry| entry.key.location);
    Err(Problem::new(at, format!("Argo CD refuses a source with both `{one}` and `{other}`")))
}

/// Whether options are more than none at all, which Argo CD takes away.
fn is_set(field: &str, options: &Node) -> bool {
    let Some(mapping) = options.as_map() else { return false };
    let any = |known: &dyn Fn(&str) -> bool| {
        mapping.effective().iter().any(|(key, entry)| known(key) && says_something(key, &entry.value))
    };
    match field {
        "plugin" => true,
        "kustomize" => any(&|key| !IDLE.contains(&key)),
        _ => any(&|_| true),
    }
}

fn says_something(key: &str, value: &Node) -> bool {
    match &value.value {
        Value::Null | Value::Bool(false, _) => false,
        Value::String(text) => !text.is_empty(),
        Value::Seq(items) => !items.is_empty(),
        // Values are there even where they are empty.
        Value::Map(_) if key == "valuesObject" => true,
        Value::Map(mapping) => mapping.effective().iter().any(|(key, entry)| says_something(key, &entry.value)),
        _ => true,
    }
}
