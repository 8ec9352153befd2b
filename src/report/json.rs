//! The stable format, schema version 1. Its types are its own, so that a change elsewhere cannot change it.

use serde::Serialize;

use super::place::{Place, place};
use crate::finding::{
    ChartReport, ComparedWith, Failure, FailureKind, Finding, Fix, Label, PublishedState, Report, Safety, Severity,
    Status, UsedPolicy, Verdict,
};
use crate::text::Sources;
use crate::text::edit::Edit;
use crate::text::printable::Printable;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireReport<'a> {
    schema_version: u32,
    verdict: Verdict,
    charts: Vec<WireChart<'a>>,
    findings: Vec<WireFinding<'a>>,
    failures: Vec<WireFailure<'a>>,
    skipped: Vec<WireSkipped<'a>>,
    policies: Vec<WirePolicy<'a>>,
}

#[derive(Serialize)]
struct WirePolicy<'a> {
    configuration: Option<&'a str>,
    revision: Option<&'a str>,
}

#[derive(Serialize)]
struct WireChart<'a> {
    name: Option<&'a str>,
    version: Option<&'a str>,
    path: &'a str,
    verdict: Verdict,
    published: PublishedState,
    #[serde(rename = "comparedWith")]
    compared_with: Vec<WireCompared<'a>>,
}

#[derive(Serialize)]
struct WireCompared<'a> {
    place: &'a str,
    version: Option<&'a str>,
    state: PublishedState,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireFinding<'a> {
    rule: &'a str,
    severity: Severity,
    message: &'a str,
    chart: Option<&'a str>,
    profile: Option<&'a str>,
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    help: Option<&'a str>,
    related: Vec<WireLabel<'a>>,
    fix: Option<WireFix<'a>>,
    fingerprint: &'a str,
    suppressed: Option<WireSuppressed<'a>>,
}

#[derive(Serialize)]
struct WireLabel<'a> {
    path: String,
    line: usize,
    column: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct WireFix<'a> {
    title: &'a str,
    safety: &'static str,
    edits: Vec<WireEdit<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireEdit<'a> {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
    content: &'a str,
}

#[derive(Serialize)]
struct WireSuppressed<'a> {
    by: &'a str,
    reason: &'a str,
}

#[derive(Serialize)]
struct WireFailure<'a> {
    kind: FailureKind,
    message: &'a str,
    chart: Option<&'a str>,
    profile: Option<&'a str>,
    path: Option<String>,
    line: Option<usize>,
    column: Option<usize>,
    help: Option<&'a str>,
}

#[derive(Serialize)]
struct WireSkipped<'a> {
    rule: &'a str,
    reason: &'a str,
}

pub(super) fn render(report: &Report, sources: &Sources) -> Printable {
    let skipped = report.skipped.iter();
    let wire = WireReport {
        schema_version: 1,
        verdict: report.verdict,
        charts: report.charts.iter().map(chart).collect(),
        findings: report.findings.iter().map(|found| finding(found, sources)).collect(),
        failures: report.failures.iter().map(|failed| failure(failed, sources)).collect(),
        skipped: skipped.map(|skipped| WireSkipped { rule: &skipped.rule, reason: &skipped.reason }).collect(),
        policies: report.policies.iter().map(policy).collect(),
    };
    Printable::json(&wire)
}

fn policy(policy: &UsedPolicy) -> WirePolicy<'_> {
    WirePolicy { configuration: policy.configuration.as_deref(), revision: policy.revision.as_deref() }
}

fn chart(chart: &ChartReport) -> WireChart<'_> {
    WireChart {
        name: chart.name.as_deref(),
        version: chart.version.as_deref(),
        path: &chart.path,
        verdict: chart.verdict,
        published: chart.published,
        compared_with: chart.compared_with.iter().map(compared).collect(),
    }
}

fn compared(with: &ComparedWith) -> WireCompared<'_> {
    WireCompared { place: &with.place, version: with.version.as_deref(), state: with.state }
}

fn finding<'a>(finding: &'a Finding, sources: &Sources) -> WireFinding<'a> {
    let Place { path, line, column, end_line, end_column } = place(finding.primary.location, sources);
    WireFinding {
        rule: &finding.rule,
        severity: finding.severity,
        message: &finding.message,
        chart: finding.chart.as_deref(),
        profile: finding.profile.as_deref(),
        path,
        line,
        column,
        end_line,
        end_column,
        help: finding.help.as_deref(),
        related: finding.related.iter().map(|related| label(related, sources)).collect(),
        fix: finding.fix.as_ref().map(|offered| fix(offered, sources)),
        fingerprint: &finding.fingerprint,
        suppressed: suppressed(&finding.status),
    }
}

fn label<'a>(label: &'a Label, sources: &Sources) -> WireLabel<'a> {
    let Place { path, line, column, .. } = place(label.location, sources);
    WireLabel { path, line, column, message: &label.message }
}

fn fix<'a>(fix: &'a Fix, sources: &Sources) -> WireFix<'a> {
    let safety = match fix.safety {
        Safety::Safe => "safe",
        Safety::Unsafe => "unsafe",
        Safety::DisplayOnly => "display-only",
    };
    WireFix { title: &fix.title, safety, edits: fix.edits.iter().map(|change| edit(change, sources)).collect() }
}

fn edit<'a>(edit: &'a Edit, sources: &Sources) -> WireEdit<'a> {
    let Place { path, line, column, end_line, end_column } = place(edit.location, sources);
    WireEdit { path, line, column, end_line, end_column, content: &edit.content }
}

fn suppressed(status: &Status) -> Option<WireSuppressed<'_>> {
    match status {
        Status::Open => None,
        Status::Suppressed { by, reason } => Some(WireSuppressed { by, reason }),
        Status::Baseline => Some(WireSuppressed { by: "baseline", reason: "it was there before" }),
    }
}

fn failure<'a>(failure: &'a Failure, sources: &Sources) -> WireFailure<'a> {
    let place = failure.location.map(|location| place(location, sources));
    WireFailure {
        kind: failure.kind,
        message: &failure.message,
        chart: failure.chart.as_deref(),
        profile: failure.profile.as_deref(),
        line: place.as_ref().map(|place| place.line),
        column: place.as_ref().map(|place| place.column),
        path: place.map(|place| place.path).or_else(|| failure.path.clone()),
        help: failure.help.as_deref(),
    }
}
