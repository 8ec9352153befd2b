//! Values laid over values, as Helm coalesces them; every node keeps the place that set it.

use crate::template::value::{Map, Value as TemplateValue};
use crate::text::Location;
use crate::yaml::Node;

mod coalesce;
pub mod dependency;
mod merge;
pub mod place;
pub mod scope;
pub mod set;

pub use self::merge::{merged, merged_with_size};
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
    /// Whether a bound of ours was reached, and Helm would go on.
    pub is_limit: bool,
}

impl Error {
    fn not_a_number(node: &Node) -> Self {
        let message = "error converting YAML to JSON: json: unsupported value: a number that JSON does not have";
        Self { message: message.to_owned(), location: Some(node.location), is_limit: false }
    }

    fn not_a_map(node: &Node) -> Self {
        let message = format!("values have to be a mapping, not {}", node.kind());
        Self { message, location: Some(node.location), is_limit: false }
    }

    fn type_mismatch(name: &str, found: &TemplateValue) -> Self {
        let message =
            format!("type mismatch on {name}: a sub-chart's values have to be a mapping, not {}", found.kind());
        Self { message, location: None, is_limit: false }
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
                let both = below.moved(root.origins().clone());
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
    fn each_layer_costs_what_it_says_and_not_what_lies_below_it() {
        let nodes: Vec<Node> = (0..30_000).map(|key| node(&format!("all: {{k{key}: {key}}}\nk{key}: 1\n"))).collect();
        let values = layers(&nodes, &mut Places::default()).expect("mappings");
        assert_eq!(values.len(), 30_001);
        let all = values.get("all").expect("it is there");
        assert_eq!(all.as_map().map(Map::len), Some(30_000));
    }

    #[test]
    fn layers_that_share_nothing_keep_their_places() {
        let [below, above] = [node("a: {b: 1, c: 2}\nd: 3\n"), node("a: {c: 4}\n")];
        let mut places = Places::default();
        let values = layers([&below, &above], &mut places).expect("mappings");
        let a = values.get("a").and_then(|value| value.as_map().cloned()).expect("a mapping");
        assert_eq!(a.keys().iter().map(|key| &**key).collect::<Vec<_>>(), ["b", "c"]);
        // What was laid under is as it was.
        let again = layers([&below], &mut places).expect("a mapping");
        assert_eq!(again.len(), 2);
    }
}
