//! `requirements-misplaced`: a requirements.yaml in a chart whose dependencies stand in Chart.yaml.

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::{Location, Span};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(metadata), Some(file)) = (&context.chart.metadata, &context.chart.requirements) else { return };
    if metadata.text("apiVersion") != Some("v2") {
        return;
    }
    let has_own = metadata.root().get("dependencies").is_some_and(|own| !own.is_null());
    let problem = if has_own { ", and takes the place of those of Chart.yaml" } else { "" };
    let start = Location::new(file.source, Span::default());
    findings.report(Label::new(start, ""), "", &[("problem", problem)]);
}
