//! Says a [`Report`] in one of several formats. Nothing is filtered here: what a format leaves out, it counts.

use std::fmt;
use std::str::FromStr;

use crate::finding::{ChartReport, Finding, PublishedState, Report, Severity, Status};
use crate::text::suggest::nearest;
use crate::text::{Location, Sources};

mod concise;
mod excerpt;
pub mod github;
pub mod human;
mod json;
pub mod summary;

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
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Human, Self::Concise, Self::Json, Self::Github];
}

impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Human => "human",
            Self::Concise => "concise",
            Self::Json => "json",
            Self::Github => "github",
        })
    }
}

impl FromStr for Format {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let names = Self::ALL.map(|format| format.to_string());
        let found = Self::ALL.into_iter().find(|format| format.to_string() == text);
        found.ok_or_else(|| match nearest(text, names.iter().map(String::as_str)) {
            Some(near) => format!("there is no format `{text}`; did you mean `{near}`?"),
            None => format!("there is no format `{text}`; there are {}", names.join(", ")),
        })
    }
}

/// How a report is shown to a person. Other formats look the same everywhere.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    /// What the screen can do.
    pub screen: Screen,
    /// Whether to draw lines with more than ASCII.
    pub unicode: bool,
    /// Columns.
    pub width: usize,
    /// Whether to leave out the summary.
    pub quiet: bool,
    /// The page about a rule, where there is one.
    pub page: &'a dyn Fn(&str) -> Option<String>,
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

impl fmt::Debug for Look<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { screen, unicode, width, .. } = self;
        write!(formatter, "Look {{ screen: {screen:?}, unicode: {unicode}, width: {width} }}")
    }
}

/// The report in a format; ends with a line break unless it is empty.
pub fn render(format: Format, report: &Report, sources: &Sources, look: Look<'_>) -> String {
    match format {
        Format::Human => human::render(report, sources, look),
        Format::Concise => concise::render(report, sources),
        Format::Json => json::render(report, sources),
        Format::Github => github::render(report, sources),
    }
}

/// The findings that count.
fn open(report: &Report) -> impl Iterator<Item = &Finding> {
    report.findings.iter().filter(|finding| finding.status == Status::Open)
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

/// The last line of a report for people: `fail: 2 errors, 1 warning (3 suppressed) in 1 chart by 12 rules`.
fn summary(report: &Report) -> String {
    let of = |severity| open(report).filter(|finding| finding.severity == severity).count();
    let levels = [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Info, "info")];
    let counts = levels.into_iter().map(|(severity, name)| (of(severity), name));
    let mut parts: Vec<_> = counts.filter(|(count, _)| *count > 0).map(|(count, name)| counted(count, name)).collect();
    if parts.is_empty() {
        parts.push("no findings".to_owned());
    }
    if !report.failures.is_empty() {
        parts.push(counted(report.failures.len(), "failure"));
    }
    let suppressed = report.findings.len() - open(report).count();
    let suppressed = if suppressed > 0 { format!(" ({suppressed} suppressed)") } else { String::new() };
    let (charts, rules) = (counted(report.charts.len(), "chart"), counted(report.rules, "rule"));
    format!("{}: {}{suppressed} in {charts} by {rules}", report.verdict, parts.join(", "))
}

fn counted(count: usize, name: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {name}{plural}")
}

/// `path:line:col` of a location.
fn shown(sources: &Sources, location: Location) -> String {
    format!("{}:{}", sources.path(location), sources.start(location))
}

/// The text without characters that would steer a terminal or hide what is there; every other character stays in its place.
fn plain(text: &str) -> String {
    text.chars().map(plain_char).collect()
}

/// One character that takes as many bytes of UTF-8 as `letter`, or is `letter` itself.
fn plain_char(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        // The replacements take one, two and three bytes, as what they replace.
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' => '¿',
        '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        _ => letter,
    }
}

/// The text on one line.
fn single_line(text: &str) -> String {
    plain(&text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " "))
}
