//! GitHub Actions: annotations by workflow commands, and a Markdown table for the job's summary.

use std::fmt::Write as _;

use super::{already, already_published, open, plain, shown, single_line, summary};
use crate::finding::{Failure, Finding, Report, Severity};
use crate::text::{Location, Sources};

/// GitHub refuses a summary above 1 MiB; this leaves room for those of other steps.
const SUMMARY_LIMIT: usize = 900 * 1024;

pub(super) fn render(report: &Report, sources: &Sources) -> String {
    let mut text = String::new();
    for finding in open(report) {
        text.push_str(&command(finding, sources));
    }
    for failure in &report.failures {
        text.push_str(&failure_command(failure, sources));
    }
    for chart in already_published(report) {
        let message = format!("{}: {}", chart.path, already(chart));
        let _ = writeln!(text, "::notice title=already published::{}", data(&message));
    }
    let _ = writeln!(text, "{}", summary(report));
    text
}

fn command(finding: &Finding, sources: &Sources) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let place = place(finding.primary.location, sources);
    let mut message = format!("{} [{}]", finding.message, finding.rule);
    if let Some(profile) = &finding.profile {
        let _ = write!(message, "\nprofile: {profile}");
    }
    if let Some(help) = &finding.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    format!("::{name} {place},title={}::{}\n", property(&finding.rule), data(&message))
}

fn failure_command(failure: &Failure, sources: &Sources) -> String {
    let at = failure.location.map(|location| place(location, sources));
    let at = at.or_else(|| failure.path.as_ref().map(|path| format!("file={}", property(path))));
    let at = at.map(|at| format!("{at},")).unwrap_or_default();
    let help = failure.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let message = format!("{}{help}", failure.message);
    format!("::error {at}title={}::{}\n", property(&format!("failure {}", failure.kind)), data(&message))
}

/// The place as properties. Columns only mean something to GitHub where a single line is marked.
fn place(location: Location, sources: &Sources) -> String {
    let (start, end) = (sources.start(location), sources.end(location));
    let mut text = format!("file={},line={}", property(&sources.path(location)), start.line);
    if end.line == start.line {
        let _ = write!(text, ",endLine={},col={},endColumn={}", end.line, start.column, end.column);
    } else {
        // A span that ends before the first column of a line does not reach into it.
        let last = if end.column == 1 { end.line - 1 } else { end.line };
        let _ = write!(text, ",endLine={last}");
    }
    text
}

/// The text of a command, with what would end it escaped.
fn data(text: &str) -> String {
    let kept = text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A");
    plain(&kept)
}

/// The value of a command's property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

/// The lines for `$GITHUB_OUTPUT`.
pub fn outputs(report: &Report) -> String {
    let is_out = !report.charts.is_empty() && already_published(report).count() == report.charts.len();
    format!("verdict={}\nalready-published={is_out}\n", report.verdict)
}

/// The table for `$GITHUB_STEP_SUMMARY`, Markdown.
pub fn markdown(report: &Report, sources: &Sources) -> String {
    let mut text = format!("### chartgate: {}\n\n", report.verdict);
    let rows: Vec<_> = open(report).map(|finding| row(finding, sources)).collect();
    if !rows.is_empty() {
        text.push_str("| | rule | where | what |\n|---|---|---|---|\n");
    }
    let fitting = rows
        .iter()
        .scan(text.len(), |length, row| {
            *length += row.len();
            (*length < SUMMARY_LIMIT).then_some(row)
        })
        .count();
    text.extend(rows[..fitting].iter().map(String::as_str));
    if fitting < rows.len() {
        let _ = writeln!(text, "\n… and {} more, in the log.", rows.len() - fitting);
    }
    if !report.failures.is_empty() {
        text.push_str("\nNot checked:\n\n");
        for failure in &report.failures {
            let help = failure.help.as_deref().map(|help| format!(" — {}", cell(help))).unwrap_or_default();
            let _ = writeln!(text, "- {}{help}", cell(&failure.message));
        }
    }
    if already_published(report).next().is_some() {
        text.push('\n');
    }
    for chart in already_published(report) {
        let _ = writeln!(text, "- {}: {}", cell(&chart.path), cell(&already(chart)));
    }
    let _ = writeln!(text, "\n{}", cell(&summary(report)));
    text
}

fn row(finding: &Finding, sources: &Sources) -> String {
    let place = cell(&shown(sources, finding.primary.location));
    let profile = finding.profile.as_ref().map(|profile| format!(" ({})", cell(profile))).unwrap_or_default();
    let message = cell(&finding.message);
    format!("| {} | `{}` | {place} | {message}{profile} |\n", finding.severity, finding.rule)
}

/// Text that stays inside its cell and is no HTML.
fn cell(text: &str) -> String {
    single_line(text).replace('&', "&amp;").replace('<', "&lt;").replace('\\', "\\\\").replace('|', "\\|")
}
