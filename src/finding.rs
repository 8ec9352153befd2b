//! What a run says: findings, failures and the verdict, as plain data without any word on how they are shown.

use std::fmt;

use crate::text::Location;
use crate::text::edit::Edit;

/// How bad a finding is. `Error` breaks a release, a listing or an install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Likely wrong.
    Warning,
    /// Breaks something.
    Error,
}

impl fmt::Display for Severity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// A place with a few words on it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Label {
    /// Where.
    pub location: Location,
    /// What is there, in lower case; may be empty where the message says all.
    pub message: String,
}

impl Label {
    /// A label at a location.
    pub fn new(location: Location, message: impl Into<String>) -> Self {
        Self { location, message: message.into() }
    }
}

/// What a fix promises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Safety {
    /// Means the same to Helm except for what the finding is about; comments stay.
    Safe,
    /// May change what the chart does beyond the finding.
    Unsafe,
    /// Shown to a person, never applied.
    DisplayOnly,
}

/// A change that resolves a finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fix {
    /// What it does, as an imperative: ``set `version` to `1.2.3` ``.
    pub title: String,
    /// What it promises.
    pub safety: Safety,
    /// All of them, or none.
    pub edits: Vec<Edit>,
    /// Whether what is mended goes unread as it is: once it is read, rules may say of it what was so all along.
    pub uncovers: bool,
}

impl Fix {
    /// A fix that means the same but for what the finding is about.
    pub fn safe(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self { title: title.into(), safety: Safety::Safe, edits, uncovers: false }
    }

    /// The same of what goes unread as it is: under a name that nobody knows, say.
    #[must_use]
    pub fn uncovering(self) -> Self {
        Self { uncovers: true, ..self }
    }

    /// The same with another promise.
    pub fn with(self, safety: Safety) -> Self {
        Self { safety, ..self }
    }
}

/// Whether a finding still counts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// It counts.
    Open,
    /// Somebody decided that it does not.
    Suppressed {
        /// `comment` or `configuration`.
        by: String,
        /// Their reason.
        reason: String,
    },
    /// It was there before chartgate was introduced.
    Baseline,
}

/// A statement about a chart that its author can act on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// How bad.
    pub severity: Severity,
    /// What is wrong, in lower case, values in backticks.
    pub message: String,
    /// Path of the chart it is about, as in [`ChartReport::path`].
    pub chart: Option<String>,
    /// The profile it is about; none for facts of the chart.
    pub profile: Option<String>,
    /// The line to change.
    pub primary: Label,
    /// Further places that explain it.
    pub related: Vec<Label>,
    /// What to do.
    pub help: Option<String>,
    /// A change that resolves it.
    pub fix: Option<Fix>,
    /// Whether it counts.
    pub status: Status,
    /// 16 hex digits over rule, chart, profile, key path and subject: stable while lines move.
    pub fingerprint: String,
}

impl Finding {
    /// The places that it speaks of.
    pub fn labels(&self) -> impl Iterator<Item = Location> + '_ {
        std::iter::once(&self.primary).chain(&self.related).map(|label| label.location)
    }

    /// Every place it points at, so that the texts behind them are kept. Whoever adds a field decides here whether it holds places.
    pub fn places(&self) -> impl Iterator<Item = Location> + '_ {
        let Self {
            primary,
            related,
            fix,
            rule: _,
            severity: _,
            message: _,
            chart: _,
            profile: _,
            help: _,
            status: _,
            fingerprint: _,
        } = self;
        let edits =
            fix.iter().flat_map(|Fix { edits, title: _, safety: _, uncovers: _ }| edits).map(|edit| edit.location);
        std::iter::once(primary).chain(related).map(|label| label.location).chain(edits)
    }
}

/// What kind of thing kept chartgate from looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// A file or folder could not be read.
    Read,
    /// The git repository or its base.
    Git,
    /// A registry or index.
    Network,
    /// What a registry or index wants to be shown before it answers.
    Credentials,
    /// A limit of chartgate's own.
    Limit,
    /// A rule could not be evaluated.
    Rule,
    /// A chart could not be rendered for a reason that is not its own.
    Render,
    /// chartgate itself went wrong.
    Internal,
}

impl fmt::Display for FailureKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Read => "read",
            Self::Git => "git",
            Self::Network => "network",
            Self::Credentials => "credentials",
            Self::Limit => "limit",
            Self::Rule => "rule",
            Self::Render => "render",
            Self::Internal => "internal",
        })
    }
}

/// Something that could not be checked. Any failure makes a run undecided at best.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Failure {
    /// What kind of thing.
    pub kind: FailureKind,
    /// What could not be done and why, in lower case.
    pub message: String,
    /// The chart that could not be judged whole.
    pub chart: Option<String>,
    /// The profile.
    pub profile: Option<String>,
    /// The path it is about, where there is no text to point into.
    pub path: Option<String>,
    /// The place it is about.
    pub location: Option<Location>,
    /// The words that mend it.
    pub help: Option<String>,
}

impl Failure {
    /// A failure with a message and nothing else.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), chart: None, profile: None, path: None, location: None, help: None }
    }

    /// The same with the path it is about.
    pub fn at_path(self, path: impl Into<String>) -> Self {
        Self { path: Some(path.into()), ..self }
    }

    /// The same with the place it is about.
    pub fn at(self, location: Location) -> Self {
        Self { location: Some(location), ..self }
    }

    /// The same with the words that mend it.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same for a chart.
    pub fn of_chart(self, chart: impl Into<String>) -> Self {
        Self { chart: Some(chart.into()), ..self }
    }

    /// The same for a profile.
    pub fn of_profile(self, profile: impl Into<String>) -> Self {
        Self { profile: Some(profile.into()), ..self }
    }
}

/// A rule that does not apply to this run, or a chart that no rule looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skipped {
    /// The rule's id; `*` for all of them.
    pub rule: String,
    /// Why, in lower case.
    pub reason: String,
}

impl Skipped {
    /// What no rule looked at.
    pub fn all(reason: impl Into<String>) -> Self {
        Self { rule: "*".to_owned(), reason: reason.into() }
    }

    /// Whether it speaks of no rule in particular.
    pub fn is_all(&self) -> bool {
        self.rule == "*"
    }
}

/// A configuration that charts were judged under.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsedPolicy {
    /// The file's path in reports; none for what counts without one.
    pub configuration: Option<String>,
    /// The revision that it was read from, as it was named, where it was read from another state than the charts.
    pub revision: Option<String>,
}

/// What a report has to say of a rule that was on, so that formats ask nobody else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ReportedRule {
    /// The rule's id.
    pub id: String,
    /// What it finds, in one line.
    pub summary: String,
    /// What to do, Markdown.
    pub remedy: String,
    /// Its level; the highest where charts have several.
    pub level: Severity,
    /// The page about it; a user's own rule has none.
    pub page: Option<String>,
    /// Whether it is about the difference from an earlier state, which any edit may bring up.
    pub is_of_change: bool,
}

/// Whether a release may go out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It may.
    Pass,
    /// Something could not be checked.
    Undecided,
    /// It may not.
    Fail,
}

impl fmt::Display for Verdict {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Pass => "pass",
            Self::Undecided => "undecided",
            Self::Fail => "fail",
        })
    }
}

/// What is known of this version where charts are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum PublishedState {
    /// Not there.
    Absent,
    /// There, with the same content.
    Identical,
    /// There, with other content.
    Different,
    /// Nobody looked, or looking failed.
    Unknown,
}

impl fmt::Display for PublishedState {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Absent => "absent",
            Self::Identical => "identical",
            Self::Different => "different",
            Self::Unknown => "unknown",
        })
    }
}

/// An earlier state that a chart was compared with.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComparedWith {
    /// The state in words, to follow "compared with": ``the merge-base `1a2b3c4d5e` with `origin/main` ``.
    pub place: String,
    /// `version` of the chart there, where there is one.
    pub version: Option<String>,
    /// What is there of the chart: nothing, the same content or another.
    pub state: PublishedState,
}

/// A chart of the run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChartReport {
    /// `name` of Chart.yaml, where it has one.
    pub name: Option<String>,
    /// `version` of Chart.yaml, where it has one.
    pub version: Option<String>,
    /// Path as reported: relative to the repository root, `/`-separated; `.` for the root itself.
    pub path: String,
    /// The verdict on this chart alone.
    pub verdict: Verdict,
    /// What is published.
    pub published: PublishedState,
    /// The earlier states that it was compared with: the one that its version is judged by, then its last release where that is another.
    pub compared_with: Vec<ComparedWith>,
    /// The least severity that fails it; none where nothing does.
    pub fail_on: Option<Severity>,
}

/// Everything a run has to say, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The verdict on all charts.
    pub verdict: Verdict,
    /// Every chart, by path.
    pub charts: Vec<ChartReport>,
    /// Every finding, suppressed ones too, in the order of their places.
    pub findings: Vec<Finding>,
    /// Every failure.
    pub failures: Vec<Failure>,
    /// Every rule that did not apply.
    pub skipped: Vec<Skipped>,
    /// Every rule that was on, by id.
    pub rules: Vec<ReportedRule>,
    /// Every configuration that charts were judged under.
    pub policies: Vec<UsedPolicy>,
    /// The least severity that fails a run; none where nothing does.
    pub fail_on: Option<Severity>,
}

impl Report {
    /// The rule of an id, where it was on.
    pub fn rule(&self, id: &str) -> Option<&ReportedRule> {
        self.rules.iter().find(|rule| rule.id == id)
    }

    /// The report of a run that had no chart to judge, with what kept it from finding one and what it left out.
    pub fn of_nothing(failures: Vec<Failure>, skipped: Vec<Skipped>) -> Self {
        Self {
            verdict: verdict([], !failures.is_empty(), None),
            charts: vec![],
            findings: vec![],
            failures,
            skipped,
            rules: vec![],
            policies: vec![],
            fail_on: None,
        }
    }
}

/// The verdict that findings and failures give: an open finding of at least `fail_on` fails, else any failure leaves it open.
pub fn verdict<'a>(
    findings: impl IntoIterator<Item = &'a Finding>,
    has_failures: bool,
    fail_on: Option<Severity>,
) -> Verdict {
    let fails = |finding: &Finding| {
        finding.status == Status::Open && fail_on.is_some_and(|threshold| finding.severity >= threshold)
    };
    if findings.into_iter().any(fails) {
        Verdict::Fail
    } else if has_failures {
        Verdict::Undecided
    } else {
        Verdict::Pass
    }
}
