//! Values that a schema refuses, for a rendering that shows what else there is to say.

use super::error::Unmet;
use crate::template::value::{Map, Value};

/// Puts the chart's own values in the place of those that are refused. What is wrong with a mapping as a whole stays as it is, as what is
/// refused of the chart's own does.
pub(super) fn refused(unmet: &[Unmet], values: &Map, defaults: &Map) {
    for each in unmet {
        restore(values, Some(defaults), &each.keys);
    }
}

fn restore(values: &Map, defaults: Option<&Map>, keys: &[String]) {
    let Some((key, below)) = keys.split_first() else { return };
    let Some(value) = values.get(key) else { return };
    let own = defaults.and_then(|defaults| defaults.get(key));
    match (value.as_map(), own.as_ref().and_then(Value::as_map)) {
        (Some(inner), own) if !below.is_empty() => restore(inner, own, below),
        (Some(_), Some(_)) => {}
        _ => match own {
            Some(own) => values.insert(key.as_str().into(), own),
            None => values.remove(key),
        },
    }
}
