//! Sets that make nothing, and why.

use crate::gitops::declared::Declared;
use crate::gitops::{PassedOver, text};
use crate::yaml::{Mapping, Node};

/// A set whose generators give nothing, each for one of the reasons; or that has none.
pub(super) fn passed_over(set: &Declared, reasons: &[String]) -> PassedOver {
    let reasons = if reasons.is_empty() { "it has no generators".to_owned() } else { reasons.join(", ") };
    let reason = format!("the ApplicationSet `{}` makes no Application, since {reasons}", set.name());
    PassedOver { path: set.file.clone(), reason }
}

/// Why a generator gives nothing, in half a sentence.
pub(super) fn why(generator: &Node) -> String {
    let is_kind = |key: &str| !matches!(key, "selector" | "values" | "template");
    let entries = generator.as_map().map(Mapping::effective).unwrap_or_default();
    let Some((kind, entry)) = entries.iter().find(|(key, entry)| is_kind(key) && !entry.value.is_null()) else {
        return "a generator is empty".to_owned();
    };
    if generator.get("selector").is_some_and(|selector| !selector.is_null()) {
        return format!("nothing that its `{kind}` generator gives fits the `selector`");
    }
    let is_wanted = |item: &&Node| item.get("exclude").and_then(Node::as_bool) != Some(true);
    let first = |field: &str| entry.value.items(field).iter().find(is_wanted).and_then(|item| text(item, "path"));
    match (first("directories"), first("files")) {
        (Some(pattern), _) => format!("its `git` generator finds no folder that fits `{pattern}`"),
        (None, Some(pattern)) => format!("its `git` generator finds no file that fits `{pattern}`"),
        (None, None) => format!("its `{kind}` generator gives nothing"),
    }
}
