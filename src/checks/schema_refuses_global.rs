//! `schema-refuses-global`: values.schema.json refuses the key `global`, or what other charts put there.

use serde_json::json;

use super::schema_refused::Judge;
use crate::finding::Label;
use crate::rule::{Context, Findings};

/// A key that no schema names.
const FOREIGN: &str = "keyOfAnotherChart";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(judge) = Judge::of(context) else { return };
    let refused = "values.schema.json refuses the key `global`";
    if let Some(place) = judge.refusal("global", json!({})).filter(|_| !judge.has("global")) {
        findings
            .report(Label::new(place, ""), "global", &[("problem", refused)])
            .help("add `\"global\": { \"type\": \"object\" }` to `properties`");
    } else if let Some(place) = judge.refusal("global", json!({ FOREIGN: "a" })) {
        let refused = "values.schema.json refuses keys of `global` that it does not name";
        findings
            .report(Label::new(place, ""), "global.*", &[("problem", refused)])
            .help("let `global` have further keys: other charts of a release share it");
    }
}
