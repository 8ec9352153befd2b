//! `chart-api-version-old`: Chart.yaml of apiVersion v1 has fields of v2.

use super::edits;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let root = metadata.root();
    // What is empty counts as left out.
    let has_type = root.get("type").is_some_and(|kind| !kind.is_null() && kind.scalar_text() != Some(""));
    let has_dependencies = root.get("dependencies").is_some_and(|list| match list.as_seq() {
        Some(items) => !items.is_empty(),
        None => !list.is_null(),
    });
    let has_newer = has_type || has_dependencies;
    let Some(node) = root.get("apiVersion").filter(|node| has_newer && node.scalar_text() == Some("v1")) else {
        return;
    };
    // What requirements.yaml declares has to be moved by hand.
    let is_alone = context.chart.requirements.is_none() && context.chart.file("requirements.lock").is_none();
    let fix = edits::scalar(context, node, "v2", "set `apiVersion` to `v2`").filter(|_| is_alone);
    findings.report(Label::new(node.location, ""), "apiVersion", &[]).fix(fix);
}
