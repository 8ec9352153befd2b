//! `dependency-unlisted`: a chart in `charts/` that Chart.yaml does not name.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let Some(metadata) = &chart.metadata else { return };
    let declared = chart.declared();
    let place = metadata.root().entry("dependencies").map_or(metadata.place("name"), |entry| entry.key.location);
    for part in &chart.dependencies {
        let Some(name) = part.name().filter(|name| declared.iter().all(|one| one.name != Some(name))) else { continue };
        let path = part.path.strip_prefix(&chart.path).unwrap_or(&part.path).trim_start_matches('/');
        let args = [("path", path), ("name", name)];
        let reported = findings.report(Label::new(place, ""), path, &args);
        if let Some(inner) = &part.metadata {
            reported.related(Label::new(inner.place("name"), "this chart"));
        }
    }
}
