//! GitHub Actions: annotations by workflow commands, as many as GitHub shows, and the rest as lines of the log.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::group::{self, Group};
use super::{already, already_published, compared, concise, place_of, skipped, summary};
use crate::finding::{Failure, Report, Severity};
use crate::text::printable::{Printable, plain};
use crate::text::{Location, Sources};

/// Annotations of a level that GitHub shows of one step; it drops more of them without a word.
/// <https://docs.github.com/en/actions/reference/limits>
const SHOWN: usize = 10;

pub(super) fn render(report: &Report, sources: &Sources, is_quiet: bool) -> Printable {
    let groups = group::open(report);
    let mut room = Room::default();
    let mut text = String::new();
    let mut rest = vec![];
    // What kept chartgate from looking comes first: it explains why there is no more.
    for failure in &report.failures {
        if room.take("error") {
            text.push_str(&failure_command(failure, sources));
        } else {
            rest.push(failure_line(failure, sources));
        }
    }
    for group in &groups {
        if room.take(level(group.severity())) {
            text.push_str(&command(group, sources));
        } else {
            rest.push(concise::finding(group, sources));
        }
    }
    if is_quiet {
        let mut text = Printable::document(text);
        text.extend(rest.into_iter().map(Printable::line));
        return text;
    }
    for chart in already_published(report) {
        let message = format!("{}: {}", chart.path, already(chart));
        if room.take("notice") {
            let _ = writeln!(text, "::notice title=already published::{}", data(&message));
        } else {
            rest.push(message);
        }
    }
    let mut text = Printable::document(text);
    text.extend(rest.into_iter().map(Printable::line));
    text.extend(compared(report).into_iter().map(Printable::line));
    text.extend(skipped(report).map(Printable::line));
    text.push(&Printable::line(summary(report)));
    text
}

/// How many annotations of each level there are so far.
#[derive(Default)]
struct Room(BTreeMap<&'static str, usize>);

impl Room {
    /// Whether there is room for one more.
    fn take(&mut self, level: &'static str) -> bool {
        let taken = self.0.entry(level).or_default();
        *taken += 1;
        *taken <= SHOWN
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    }
}

fn command(group: &Group<'_>, sources: &Sources) -> String {
    let finding = group.first();
    let place = place(group.anchor(sources), sources);
    let mut message = format!("{} [{}]", finding.message, finding.rule);
    match group.profiles().as_slice() {
        [] => {}
        [profile] => _ = write!(message, "\nprofile: {profile}"),
        several => _ = write!(message, "\nprofiles: {}", several.join(", ")),
    }
    if let Some(charts) = group.charts_in_words() {
        let _ = write!(message, "\n{charts}");
    }
    if let Some(help) = group.advice() {
        let _ = write!(message, "\nhelp: {help}");
    }
    format!("::{} {place},title={}::{}\n", level(finding.severity), property(&finding.rule), data(&message))
}

fn failure_command(failure: &Failure, sources: &Sources) -> String {
    let at = failure.location.map(|location| place(location, sources));
    let at = at.or_else(|| failure.path.as_ref().map(|path| format!("file={}", property(path))));
    let at = at.map(|at| format!("{at},")).unwrap_or_default();
    let help = failure.help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let message = format!("{}{help}", failure.message);
    format!("::error {at}title={}::{}\n", property(&format!("failure {}", failure.kind)), data(&message))
}

fn failure_line(failure: &Failure, sources: &Sources) -> String {
    let place = place_of(failure, sources).map(|place| format!("{place}: ")).unwrap_or_default();
    format!("{place}failure {}: {}", failure.kind, failure.message)
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
