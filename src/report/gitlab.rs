//! GitLab's code quality report (<https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>).

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::group::{self, Group};
use super::place::place;
use crate::finding::{Failure, Report, Severity, Skipped};
use crate::text::printable::{Printable, single_line};
use crate::text::{Sources, hex};

#[derive(Serialize)]
struct Issue {
    r#type: &'static str,
    check_name: String,
    description: String,
    categories: [&'static str; 1],
    severity: &'static str,
    fingerprint: String,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: usize,
    end: usize,
}

pub(super) fn render(report: &Report, sources: &Sources) -> Printable {
    let findings = group::open(report).iter().map(|group| finding(group, sources)).collect::<Vec<_>>();
    let failures = report.failures.iter().map(|failure| not_checked(failure, sources));
    let skipped = report.skipped.iter().map(skipped);
    Printable::json(&findings.into_iter().chain(failures).chain(skipped).collect::<Vec<_>>())
}

fn issue(
    check_name: String,
    description: &str,
    severity: &'static str,
    fingerprint: String,
    location: Location,
) -> Issue {
    let description = single_line(description);
    Issue { r#type: "issue", check_name, description, categories: ["Bug Risk"], severity, fingerprint, location }
}

fn finding(group: &Group<'_>, sources: &Sources) -> Issue {
    let finding = group.first();
    let severity = match finding.severity {
        Severity::Error => "critical",
        Severity::Warning => "minor",
        Severity::Info => "info",
    };
    let help = group.advice().map(|help| format!("; help: {help}")).unwrap_or_default();
    let description = format!("{}{help}", group.message());
    let place = place(group.anchor(sources), sources);
    // A span that ends before the first column of a line does not reach into it.
    let end = if place.end_column == 1 && place.end_line > place.line { place.end_line - 1 } else { place.end_line };
    let location = Location { path: place.path, lines: Lines { begin: place.line, end } };
    // Two places of one fingerprint would be one issue to GitLab.
    let fingerprint = digest(&[&finding.fingerprint, &location.path, &finding.rule, &finding.message]);
    issue(finding.rule.clone(), &description, severity, fingerprint, location)
}

/// What kept chartgate from looking is worse than anything found: nobody knows what it hides.
fn not_checked(failure: &Failure, sources: &Sources) -> Issue {
    let location = match failure.location.map(|at| place(at, sources)) {
        Some(place) => Location { path: place.path, lines: Lines { begin: place.line, end: place.line } },
        None => whole(failure.path.as_deref().or(failure.chart.as_deref())),
    };
    let help = failure.help.as_deref().map(|help| format!("; help: {help}")).unwrap_or_default();
    let name = format!("failure-{}", failure.kind);
    let fingerprint = digest(&[&name, &failure.message, &location.path]);
    issue(name, &format!("{}{help}", failure.message), "blocker", fingerprint, location)
}

fn skipped(skipped: &Skipped) -> Issue {
    let fingerprint = digest(&["skipped", &skipped.rule, &skipped.reason]);
    let (name, words) =
        if skipped.is_all() { ("not-judged", "not judged") } else { (skipped.rule.as_str(), "skipped") };
    issue(name.to_owned(), &format!("{words}: {}", skipped.reason), "info", fingerprint, whole(None))
}

/// A file as a whole, else the configuration.
fn whole(path: Option<&str>) -> Location {
    Location { path: path.unwrap_or(".chartgate.yaml").to_owned(), lines: Lines { begin: 1, end: 1 } }
}

fn digest(parts: &[&str]) -> String {
    let digest = Sha256::digest(parts.join("\0"));
    hex(&digest[..16])
}
