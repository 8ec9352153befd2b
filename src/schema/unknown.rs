//! Fields that a schema does not know: the API server drops them, or refuses them under strict validation as `kubectl apply` asks
//! for.

use super::checker::Checker;
use super::source::{Additional, Schema};
use super::violation::{Correction, Defect};
use crate::budget::Exceeded;
use crate::kubernetes;
use crate::text::suggest::only;
use crate::yaml::{Entry, Node, Value};

/// Reports every unknown field of a value; `is_root` for the whole object.
pub(super) fn fields(
    node: &Node,
    schema: Schema<'_>,
    is_root: bool,
    checker: &mut Checker<'_>,
) -> Result<(), Exceeded> {
    let _level = checker.budget.enter()?;
    checker.budget.spend(schema.keywords())?;
    match &node.value {
        // What is no mapping to Kubernetes has no fields, and is refused as what it is.
        Value::Map(_) if schema.is_own() && !schema.takes_map() => {}
        Value::Map(mapping) => {
            let entries = mapping.effective();
            checker.budget.spend(schema.lookup_cost() * entries.len())?;
            for (key, entry) in entries {
                checker.budget.scan(key.len())?;
                if !(is_meta(&key) && (is_root || schema.is_resource())) {
                    checker.within_key(&key, |checker| field(&key, entry, schema, is_root, checker))?;
                }
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                let Some(schema) = schema.items() else { break };
                checker.within_index(index, |checker| fields(item, schema, false, checker))?;
            }
        }
        _ => {}
    }
    Ok(())
}

fn field(
    key: &str,
    entry: &Entry,
    schema: Schema<'_>,
    is_root: bool,
    checker: &mut Checker<'_>,
) -> Result<(), Exceeded> {
    if let Some(schema) = schema.field(key) {
        return fields(&entry.value, schema, false, checker);
    }
    let additional = schema.additional();
    let is_free = checker.is_open && matches!(additional, Additional::Unsaid);
    if schema.keeps_unknown() || is_free || matches!(additional, Additional::Any(true)) {
        return Ok(());
    }
    let location = entry.key.location;
    let mut known: Vec<_> = schema.properties().into_iter().map(|(key, _)| key).collect();
    if is_root || schema.is_resource() {
        known.extend(META.map(Into::into));
    }
    checker.budget.spend(COMPARING * known.len())?;
    let meant = only(key, known.iter().map(AsRef::as_ref)).map(str::to_owned);
    let place = if meant.is_none() { elsewhere(schema, key, checker)? } else { None };
    let help = closest(key, known.iter().map(AsRef::as_ref)).map_or_else(
        || if schema.is_own() { REMOVE.into() } else { REMOVE_OR_ADD.into() },
        |close| format!("did you mean `{close}`?"),
    );
    let (meant, help) = match schema.other_versions(key) {
        Some(help) => (None, help),
        None => (meant, place.map_or(help, |place| format!("it belongs to {place}"))),
    };
    checker.report(location, format!("unknown field `{}`", checker.path()), Some(help), schema.location());
    checker.is(Defect::Unknown);
    checker.means(meant.map(Correction::Name));
    Ok(())
}

/// Parts, each with one that is near and is taken for it, and where that is.
const BESIDE: [(&str, &str, &str); 3] = [
    ("core.v1.Container", "core.v1.PodSpec", "the pod, beside `containers`"),
    ("core.v1.EnvVar", "core.v1.EnvFromSource", "an entry of `envFrom`"),
    ("core.v1.HTTPGetAction", "core.v1.Probe", "the probe, beside `httpGet`"),
];
/// Levels below a part that are looked at for a field.
const LEVELS: usize = 3;
/// Fields that nobody writes, or that are like others.
const PASSED_OVER: [&str; 5] = ["ephemeralContainers", "initContainers", "managedFields", "ownerReferences", "status"];

/// Where a field of one of Kubernetes' own kinds belongs that stands too high, or beside its place, in words.
fn elsewhere(schema: Schema<'_>, key: &str, checker: &mut Checker<'_>) -> Result<Option<String>, Exceeded> {
    let Schema::Own(shape) = schema else { return Ok(None) };
    let near = BESIDE.iter().find(|(name, ..)| shape.name() == Some(name));
    if let Some((_, other, place)) = near
        && kubernetes::part(other, shape.minor()).field(key).is_some()
    {
        return Ok(Some((*place).to_owned()));
    }
    let mut level = vec![(shape, String::new())];
    for _ in 0..LEVELS {
        let mut below = vec![];
        for (shape, path) in level {
            checker.budget.spend(COMPARING)?;
            for (name, field) in shape.fields().filter(|(name, _)| !PASSED_OVER.contains(name)) {
                let (inner, end) = field.items().map_or((field, ""), |item| (item, "[]"));
                let path = format!("{path}{}{name}{end}", if path.is_empty() { "" } else { "." });
                if inner.has_fields() && inner.field(key).is_some() {
                    return Ok(Some(format!("`{path}`")));
                }
                below.extend(inner.has_fields().then_some((inner, path)));
            }
        }
        level = below;
    }
    Ok(None)
}

const REMOVE: &str = "remove it; the API server refuses or drops what it does not know";
const REMOVE_OR_ADD: &str = "remove it, or add it to the schema; the API server drops what the schema does not know";

const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

fn is_meta(key: &str) -> bool {
    META.contains(&key)
}

/// Steps of comparing two names.
const COMPARING: usize = 10;
/// Bytes of a name beyond which nobody misspelt it.
const NAME: usize = 128;

/// The name that a misspelt one most likely stands for.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    if name.len() > NAME {
        return None;
    }
    let name = name.to_lowercase();
    let rated = known
        .filter(|candidate| candidate.len() <= NAME)
        .map(|candidate| (strsim::jaro_winkler(&name, &candidate.to_lowercase()), candidate));
    let best = rated.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 >= 0.85).then_some(best.1)
}
