//! `schema-refuses-condition`: values.schema.json refuses the key by which a parent chart turns a sub-chart on and off.

use serde_json::json;

use super::schema_refused::Judge;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let key = context.params.string("key");
    let Some(judge) = Judge::of(context).filter(|judge| !judge.has(key)) else { return };
    if let Some(place) = judge.refusal(key, json!(true)) {
        let help = format!("add `\"{key}\": {{ \"type\": \"boolean\" }}` to `properties`");
        findings.report(Label::new(place, ""), key, &[("key", key)]).help(help);
    }
}
