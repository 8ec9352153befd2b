//! `chart-api-version-old`: Chart.yaml of apiVersion v1 has fields of v2.

use super::edits;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let root = metadata.root();
    let has_newer = ["type", "dependencies"].iter().any(|field| root.get(field).is_some());
    let Some(node) = root.get("apiVersion").filter(|node| has_newer && node.scalar_text() == Some("v1")) else {
        return;
    };
    // What requirements.yaml declares has to be moved by hand.
    let is_alone = context.chart.requirements.is_none() && context.chart.file("requirements.lock").is_none();
    let fix = edits::scalar(context, node, "v2", "set `apiVersion` to `v2`").filter(|_| is_alone);
    findings.report(Label::new(node.location, ""), "apiVersion", &[]).fix(fix);
}
