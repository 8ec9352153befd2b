//! One line a finding, for editors and `grep`.

use std::fmt::Write as _;

use super::{already, already_published, open, shown, single_line};
use crate::finding::{Failure, Report};
use crate::text::Sources;

pub(super) fn render(report: &Report, sources: &Sources) -> String {
    let mut text = String::new();
    for finding in open(report) {
        let place = single_line(&shown(sources, finding.primary.location));
        let message = single_line(&finding.message);
        let _ = writeln!(text, "{place}: {} {}: {message}", finding.severity, finding.rule);
    }
    for failure in &report.failures {
        let _ =
            writeln!(text, "{}failure {}: {}", place(failure, sources), failure.kind, single_line(&failure.message));
    }
    for chart in already_published(report) {
        let _ = writeln!(text, "{}: note published: {}", single_line(&chart.path), single_line(&already(chart)));
    }
    text
}

fn place(failure: &Failure, sources: &Sources) -> String {
    let place = failure.location.map(|location| shown(sources, location));
    let place = place.or_else(|| failure.path.clone()).or_else(|| failure.chart.clone());
    place.map(|place| format!("{}: ", single_line(&place))).unwrap_or_default()
}
