//! Fields that a schema does not know: the API server drops them, or refuses them under strict validation as `kubectl apply` asks
//! for.

use super::check::Unjudged;
use super::keywords::Checker;
use super::schema::{Additional, Schema};
use crate::yaml::{Entry, Node, Value};

/// Reports every unknown field of a value; `is_root` for the whole object.
pub(super) fn fields(node: &Node, schema: Schema<'_>, is_root: bool, checker: &mut Checker) -> Result<(), Unjudged> {
    checker.budget.enter()?;
    match &node.value {
        Value::Map(mapping) => {
            let entries = mapping.effective();
            checker.budget.spend(schema.lookup_cost() * entries.len())?;
            for (key, entry) in entries {
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
    checker.budget.leave();
    Ok(())
}

fn field(key: &str, entry: &Entry, schema: Schema<'_>, is_root: bool, checker: &mut Checker) -> Result<(), Unjudged> {
    if let Some(schema) = schema.field(key) {
        return fields(&entry.value, schema, false, checker);
    }
    if schema.keeps_unknown() || matches!(schema.additional(), Additional::Any(true)) {
        return Ok(());
    }
    let location = entry.key.location;
    let mut known: Vec<_> = schema.properties().into_iter().map(|(key, _)| key).collect();
    if is_root || schema.is_resource() {
        known.extend(META.map(Into::into));
    }
    let help = closest(key, known.iter().map(AsRef::as_ref)).map_or_else(
        || "remove it, or add it to the schema; the API server drops what the schema does not know".into(),
        |close| format!("did you mean `{close}`?"),
    );
    checker.report(location, format!("unknown field `{}`", checker.path()), Some(help), schema.location());
    Ok(())
}

const META: [&str; 3] = ["apiVersion", "kind", "metadata"];

fn is_meta(key: &str) -> bool {
    META.contains(&key)
}

/// The name that a misspelt one most likely stands for.
pub(super) fn closest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let rated =
        known.map(|candidate| (strsim::jaro_winkler(&name.to_lowercase(), &candidate.to_lowercase()), candidate));
    let best = rated.max_by(|left, right| left.0.total_cmp(&right.0))?;
    (best.0 >= 0.85).then_some(best.1)
}
