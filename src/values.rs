//! Values laid over values, as Helm coalesces them; every node keeps the place that set it.

use std::sync::Arc;

use crate::template::value::{Map, Value as TemplateValue};
use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node, Value};

mod coalesce;
pub mod dependency;
pub mod place;
pub mod scope;
pub mod set;

pub use self::place::{Place, Places};
pub use self::scope::{Dependency, Import, Scope, text_of};

/// The key under which values are handed down to every sub-chart.
pub const GLOBAL: &str = "global";

/// Why values cannot be coalesced; the message is Helm's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong.
    pub message: String,
    /// Where, if it stands in a file.
    pub location: Option<Location>,
}

impl Error {
    fn not_a_number(node: &Node) -> Self {
        let message = "error converting YAML to JSON: json: unsupported value: a number that JSON does not have";
        Self { message: message.to_owned(), location: Some(node.location) }
    }

    fn not_a_map(node: &Node) -> Self {
        let message = format!("values have to be a mapping, not {}", node.kind());
        Self { message, location: Some(node.location) }
    }

    fn type_mismatch(name: &str, found: &TemplateValue) -> Self {
        let message =
            format!("type mismatch on {name}: a sub-chart's values have to be a mapping, not {}", found.kind());
        Self { message, location: None }
    }
}

/// Values files over each other, the last wins and nulls stay.
///
/// # Errors
/// A number that JSON does not have; a root that is no mapping.
pub fn layers<'n>(nodes: impl IntoIterator<Item = &'n Node>, places: &mut Places) -> Result<Map, Error> {
    let mut merged: Option<Map> = None;
    for node in nodes {
        let root = places.root(node)?;
        merged = Some(match merged {
            None => root,
            Some(below) => {
                let both = below.copy(Map::ANY, root.origins().clone(), |_| {});
                coalesce::lay_over(&both, &root, places);
                both
            }
        });
    }
    Ok(merged.unwrap_or_default())
}

/// `over` laid over `under`, in place: mappings merge, anything else replaces, nulls too.
pub fn lay_under(under: &Map, over: &Map, places: &mut Places) {
    coalesce::lay_over(under, over, places);
}

/// The values of the chart and its sub-charts, `over` laid over the charts' own: what `.Values` is.
///
/// # Errors
/// A sub-chart's values that are no mapping.
pub fn coalesce(scope: &Scope<'_>, over: &Map, places: &mut Places) -> Result<Map, Error> {
    coalesce::Coalesce::noting(scope.helm, places).values(scope, over)
}

/// `overlay` over `base`: mappings merge, a null removes the key, anything else replaces (Helm's `CoalesceTables`).
pub fn merge(base: &Node, overlay: &Node) -> Node {
    let (Value::Map(below), Value::Map(above)) = (&base.value, &overlay.value) else {
        return if overlay.is_null() { base.clone() } else { overlay.clone() };
    };
    let mut entries: Vec<Entry> = vec![];
    for (key, entry) in below.effective() {
        match above.entry(&key) {
            None => entries.push(entry.clone()),
            Some(over) if over.value.is_null() => {}
            Some(over) => entries.push(merged_entry(entry, over)),
        }
    }
    for (key, over) in above.effective() {
        if below.entry(&key).is_none() {
            entries.push(over.clone());
        }
    }
    Node { value: Value::Map(Arc::new(Mapping { entries })), location: overlay.location, style: overlay.style }
}

fn merged_entry(below: &Entry, above: &Entry) -> Entry {
    if below.value.as_map().is_some() && above.value.as_map().is_some() {
        Entry { key: above.key.clone(), value: merge(&below.value, &above.value), merged: false }
    } else {
        above.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};
    use crate::yaml::Document;

    fn node(text: &str) -> Node {
        let source = Sources::new().add(Source::new("values.yaml", Address::Rendered, text));
        Document::parse(source, text).expect("valid").root
    }

    #[test]
    fn mappings_merge_nulls_remove_and_the_rest_replaces() {
        let base = node("image: {tag: a, digest: d}\nlist: [1, 2]\ngone: x\nkept: 1\n");
        let overlay = node("image: {tag: b}\nlist: [3]\ngone: null\nnew: {a: 1}\n");
        let merged = merge(&base, &overlay).to_json();
        assert_eq!(merged, node("image: {tag: b, digest: d}\nlist: [3]\nkept: 1\nnew: {a: 1}\n").to_json());
    }
}
