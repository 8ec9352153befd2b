//! Says a [`Report`] in one of several formats. Nothing is filtered here: what a format leaves out, it counts.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::finding::{ChartReport, Failure, PublishedState, Report, Severity, Status, UsedPolicy};
use crate::text::printable::Printable;
use crate::text::suggest::nearest;
use crate::text::{Location, Sources};

pub use timings::timings;

pub mod attestation;
mod concise;
mod excerpt;
mod fold;
pub mod github;
mod gitlab;
pub mod group;
pub mod html;
pub mod human;
mod json;
mod junit;
pub mod markdown;
mod place;
mod sarif;
mod timings;

/// A way to say a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Format {
    /// For people: messages with the source lines they are about.
    Human,
    /// One line a finding: `path:line:col: severity rule: message`.
    Concise,
    /// The stable format; `docs/report.schema.json` describes it.
    Json,
    /// Workflow commands that GitHub Actions turns into annotations.
    Github,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// GitLab's code quality report.
    Gitlab,
    /// JUnit's XML.
    Junit,
    /// A comment on a pull request, the summary of a job.
    Markdown,
    /// One page to read, keep and print.
    Html,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 9] = [
        Self::Human,
        Self::Concise,
        Self::Json,
        Self::Github,
        Self::Sarif,
        Self::Gitlab,
        Self::Junit,
        Self::Markdown,
        Self::Html,
    ];

    /// What it is called on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Github => "github",
            Self::Sarif => "sarif",
            Self::Gitlab => "gitlab",
            Self::Junit => "junit",
            Self::Markdown => "markdown",
            Self::Html => "html",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(Self::name);
        let found = Self::ALL.into_iter().find(|format| format.name() == text);
        found.ok_or_else(|| match nearest(text, names) {
            Some(near) => format!("there is no format `{text}`; did you mean `{near}`?"),
            None => format!("there is no format `{text}`; there are {}", names.join(", ")),
        })
    }
}

/// How a report is shown to a person. Other formats look the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// What the screen can do.
    pub screen: Screen,
    /// Whether to draw lines with more than ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// Whether to leave out the summary.
    pub quiet: bool,
}

/// What a screen can do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Screen {
    /// Text alone: a pipe, a file.
    Plain,
    /// Colours.
    Color,
    /// Colours, and links that can be clicked.
    Links,
}

/// The report in a format; ends with a line break unless it is empty.
pub fn render(format: Format, report: &Report, sources: &Sources, look: Look) -> Printable {
    match format {
        Format::Human => human::render(report, sources, look),
        Format::Concise => concise::render(report, sources, look.quiet),
        Format::Json => json::render(report, sources),
        Format::Github => github::render(report, sources, look.quiet),
        Format::Sarif => sarif::render(report, sources),
        Format::Gitlab => gitlab::render(report, sources),
        Format::Junit => junit::render(report, sources),
        Format::Markdown => markdown::render(report, sources),
        Format::Html => html::page(report, None, sources),
    }
}

/// The charts whose version is out with the same content: there is nothing left to release of them.
pub fn already_published(report: &Report) -> impl Iterator<Item = &ChartReport> {
    report.charts.iter().filter(|chart| chart.published == PublishedState::Identical)
}

/// The same of one chart, to follow its path.
fn already(chart: &ChartReport) -> String {
    let version = chart.version.as_deref().map(|version| format!("version `{version}` is ")).unwrap_or_default();
    format!("{version}already published, identical")
}

/// The last line of a report for people: `fail: 2 errors, 1 warning (1 suppressed by a comment) in 1 chart by 12 rules of `.chartgate.yaml``.
fn summary(report: &Report) -> String {
    let groups = group::open(report);
    let of = |severity| groups.iter().filter(|group| group.severity() == severity).count();
    let levels = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")];
    let counts = levels.into_iter().map(|(severity, name)| (of(severity), name));
    let mut parts: Vec<_> = counts.filter(|(count, _)| *count > 0).map(|(count, name)| counted(count, name)).collect();
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    if !report.failures.is_empty() {
        parts.push(counted(report.failures.len(), "failure"));
    }
    let suppressed = suppressed(report).map(|words| format!(" ({words})")).unwrap_or_default();
    let (charts, rules) = (counted(report.charts.len(), "chart"), counted(report.rules.len(), "rule"));
    let policy = policy(report).map(|words| format!(" of {words}")).unwrap_or_default();
    format!("{}: {}{suppressed} in {charts} by {rules}{policy}", report.verdict, parts.join(", "))
}

/// How many findings are suppressed, and by what: `2 suppressed by comments, 1 in the baseline`; none where none is.
fn suppressed(report: &Report) -> Option<String> {
    let closed = group::closed(report);
    let by = |kind: &str| {
        let is_it = |status: &Status| match status {
            Status::Suppressed { by, .. } => by == kind,
            Status::Baseline => kind == "baseline",
            Status::Open => false,
        };
        closed.iter().filter(|group| is_it(&group.first().status)).count()
    };
    let comments = match by("comment") {
        1 => "1 suppressed by a comment".to_owned(),
        count => format!("{count} suppressed by comments"),
    };
    let kinds = [
        (by("comment"), comments),
        (by("configuration"), format!("{} suppressed by configuration", by("configuration"))),
        (by("baseline"), format!("{} in the baseline", by("baseline"))),
    ];
    let words: Vec<String> = kinds.into_iter().filter(|(count, _)| *count > 0).map(|(_, words)| words).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// The configurations that charts were judged under; none where there was none.
fn policy(report: &Report) -> Option<String> {
    const SHOWN: usize = 2;
    let of_file = |policy: &UsedPolicy| {
        let configuration = policy.configuration.as_ref()?;
        let revision = policy.revision.as_ref().map(|name| format!(" at `{name}`")).unwrap_or_default();
        Some(format!("`{configuration}`{revision}"))
    };
    let files: Vec<String> = report.policies.iter().filter_map(of_file).collect();
    match files.len() {
        0 => None,
        count if count > SHOWN => Some(format!("{} and {} more", files[..SHOWN].join(", "), count - SHOWN)),
        _ => Some(files.join(" and ")),
    }
}

/// How many findings count, as people count them.
pub fn open(report: &Report) -> usize {
    group::open(report).len()
}

/// How often each rule found something that counts, the most frequent first.
pub fn statistics(report: &Report) -> Printable {
    let mut counts: BTreeMap<(&str, Severity), usize> = BTreeMap::new();
    for group in group::open(report) {
        *counts.entry((&group.first().rule, group.severity())).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let line = |((rule, severity), count): ((&str, Severity), usize)| {
        Printable::line(format!("{count:5}  {severity:7}  {rule}"))
    };
    counts.into_iter().map(line).collect()
}

/// What charts were compared with, where a run says it: one line a state, naming the charts where they differ in it.
fn compared(report: &Report) -> Vec<String> {
    const SHOWN: usize = 3;
    let mut charts: indexmap::IndexMap<&str, Vec<&str>> = indexmap::IndexMap::new();
    for chart in &report.charts {
        for with in &chart.compared_with {
            charts.entry(&with.place).or_default().push(&chart.path);
        }
    }
    let is_one = charts.len() == 1;
    let line = |(place, charts): (&str, Vec<&str>)| match charts.as_slice() {
        _ if is_one => format!("compared with {place}"),
        [chart] => format!("{chart}: compared with {place}"),
        charts => format!("{} charts: compared with {place}", charts.len()),
    };
    let count = charts.len();
    let mut lines: Vec<String> = charts.into_iter().take(SHOWN).map(line).collect();
    if count > SHOWN {
        lines.push(format!("compared with {} more states, which `--format json` lists", count - SHOWN));
    }
    lines
}

/// Rules that did not apply and charts that were left out, one line a reason.
pub fn skipped(report: &Report) -> impl Iterator<Item = String> {
    let mut reasons: indexmap::IndexMap<&str, Vec<&str>> = indexmap::IndexMap::new();
    for skip in &report.skipped {
        reasons.entry(&skip.reason).or_default().push(&skip.rule);
    }
    reasons.into_iter().map(|(reason, rules)| match rules.as_slice() {
        ["*"] => format!("not judged: {reason}"),
        rules => format!("skipped {}: {reason}", rules.join(", ")),
    })
}

/// Where a failure is, as far as that is known.
fn place_of(failure: &Failure, sources: &Sources) -> Option<String> {
    let place = failure.location.map(|location| shown(sources, location));
    place.or_else(|| failure.path.clone()).or_else(|| failure.chart.clone())
}

fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// `path:line:col` of a location.
fn shown(sources: &Sources, location: Location) -> String {
    format!("{}:{}", sources.path(location), sources.start(location))
}
