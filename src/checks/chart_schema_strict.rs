//! `chart-schema-strict`: what Helm takes in Chart.yaml and strict readers refuse.

use crate::chart::loose;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    for part in loose(metadata.root(), context.sources) {
        let path = part.path.to_string();
        let args = [("field", path.as_str()), ("problem", &part.problem)];
        findings.report(Label::new(part.location, ""), path.as_str(), &args).help(part.help);
    }
}
