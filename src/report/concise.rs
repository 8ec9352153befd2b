//! One line a finding, for editors and `grep`.

use super::{already, already_published, compared, group, place_of, policy, skipped, suppressed};
use crate::finding::Report;
use crate::text::Sources;
use crate::text::printable::Printable;

pub(super) fn render(report: &Report, sources: &Sources, is_quiet: bool) -> Printable {
    let mut lines = vec![];
    for group in group::open(report) {
        lines.push(finding(&group, sources));
    }
    for failure in &report.failures {
        let place = failure.location.map(|at| sources.seen(at)).or_else(|| place_of(failure, sources));
        let place = place.map(|place| format!("{place}: ")).unwrap_or_default();
        lines.push(format!("{place}failure {}: {}", failure.kind, failure.message));
    }
    if is_quiet {
        return lines.into_iter().map(Printable::line).collect();
    }
    lines.extend(already_published(report).map(|chart| format!("{}: note published: {}", chart.path, already(chart))));
    lines.extend(compared(report).into_iter().map(|words| format!("note {words}")));
    lines.extend(skipped(report).map(|reason| format!("note {reason}")));
    lines.extend(suppressed(report).map(|words| format!("note not counted: {words}")));
    lines.extend(policy(report).map(|words| format!("note policy: {words}")));
    lines.into_iter().map(Printable::line).collect()
}

/// `path:line:col: severity rule: message`
pub(super) fn finding(group: &group::Group<'_>, sources: &Sources) -> String {
    let finding = group.first();
    let place = sources.seen(finding.primary.location);
    format!("{place}: {} {}: {}", finding.severity, finding.rule, group.message())
}
