//! From a report to what an editor shows: findings and failures as diagnostics of files.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::{
    CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, Location as At, NumberOrString,
    Range, TextEdit,
};

use super::documents::uri_of;
use super::job::Job;
use super::utf16;
use crate::finding::{Failure, Fix, Report, Safety, Severity};
use crate::gate::Error;
use crate::report::group::{self, Group};
use crate::report::skipped;
use crate::text::printable::plain;
use crate::text::{Address, Location, Sources};

/// A diagnostic of a file, with the change that would mend it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    /// As the editor shows it.
    pub(super) diagnostic: Diagnostic,
    /// What mends it.
    pub(super) offer: Option<Offer>,
}

/// A fix as edits of files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// What it does.
    pub(super) title: String,
    /// Whether it means the same but for what was found.
    pub(super) is_safe: bool,
    /// The edits of each file.
    pub(super) edits: BTreeMap<PathBuf, Vec<TextEdit>>,
}

/// What is to be shown of one chart, by file.
pub(super) type OfChart = BTreeMap<PathBuf, Vec<Found>>;

/// What is to be shown of a folder.
#[derive(Debug, Default)]
pub(super) struct Diagnosed {
    /// Of each chart that was judged, by its path; of none in particular under the empty one.
    pub(super) charts: BTreeMap<String, OfChart>,
    /// What stands in no file.
    pub(super) notices: Vec<String>,
    /// Which rules did not apply.
    pub(super) skipped: Vec<String>,
    /// Whether nothing could be judged at all: what was shown before counts no longer.
    pub(super) is_refusal: bool,
}

impl Diagnosed {
    fn add(&mut self, chart: Option<&str>, path: PathBuf, found: Found) {
        let of_chart = self.charts.entry(chart.unwrap_or_default().to_owned()).or_default();
        of_chart.entry(path).or_default().push(found);
    }
}

/// What a report says. Findings that somebody decided not to count are not shown.
pub(super) fn report(report: &Report, job: &Job, sources: &Sources) -> Diagnosed {
    let mut diagnosed = Diagnosed { skipped: skipped(report).collect(), ..Diagnosed::default() };
    for chart in &report.charts {
        diagnosed.charts.insert(chart.path.clone(), OfChart::new());
    }
    for group in group::open(report) {
        let chart = group.first().chart.as_deref();
        let (path, found) = finding(&group, report, job, sources);
        diagnosed.add(chart, path, found);
    }
    for failure in &report.failures {
        match place_of(failure, job, sources) {
            Some((path, range)) => {
                let chart = failure.chart.as_deref();
                let message = told(&format!("not checked: {}", failure.message), failure.help.as_deref());
                let code = format!("failure-{}", failure.kind);
                diagnosed.add(chart, path, plain_error(range, &code, message));
            }
            None => {
                diagnosed.notices.push(told(&format!("not checked: {}", failure.message), failure.help.as_deref()));
            }
        }
    }
    diagnosed
}

/// What is to be shown where nothing was judged: the faults of the configuration at their places, and at every open file that it was not judged.
pub(super) fn refusal(error: &Error, job: &Job, sources: &Sources) -> Diagnosed {
    let mut diagnosed = unjudged(job, &why(error));
    match error {
        Error::Usage { .. } | Error::Failed(_) => diagnosed,
        Error::Config(errors) => {
            for error in errors {
                let Some((path, range)) = on_disk(error.at, job, sources) else {
                    diagnosed.notices.push(told(&error.message, error.help.as_deref()));
                    continue;
                };
                let message = told(&error.message, error.help.as_deref());
                diagnosed.add(None, path, plain_error(range, "configuration", message));
            }
            diagnosed
        }
    }
}

/// Why nothing can be said of charts, in words.
pub(super) fn why(error: &Error) -> String {
    match error {
        Error::Usage { message, help } => told(message, Some(help)),
        Error::Config(_) => "the configuration is wrong".to_owned(),
        Error::Failed(failures) => {
            failures.first().map_or_else(String::new, |first| told(&first.message, first.help.as_deref()))
        }
    }
}

/// That nothing was judged, and why, at the start of every file whose charts should have been.
pub(super) fn unjudged(job: &Job, why: &str) -> Diagnosed {
    let mut diagnosed = Diagnosed { is_refusal: true, ..Diagnosed::default() };
    for path in job.versions.keys() {
        let found = plain_error(Range::default(), "not-checked", format!("not checked: {why}"));
        diagnosed.add(None, path.clone(), found);
    }
    diagnosed
}

fn finding(group: &Group<'_>, report: &Report, job: &Job, sources: &Sources) -> (PathBuf, Found) {
    let first = group.first();
    let at = first.primary.location;
    let place = on_disk(at, job, sources);
    // In an archive, or in what was rendered.
    let elsewhere = || format!(" (in `{}:{}`)", sources.path(at), sources.start(at));
    let elsewhere = if place.is_some() { String::new() } else { elsewhere() };
    let place = place.unwrap_or_else(|| chart_file(first.chart.as_deref(), job));
    let page = report.rule(&first.rule).and_then(|rule| rule.page.as_ref());
    let related = group.related().into_iter().filter_map(|label| {
        let (path, range) = on_disk(label.location, job, sources)?;
        let message = if label.message.is_empty() { "see here".to_owned() } else { plain(&label.message) };
        Some(DiagnosticRelatedInformation { location: At { uri: uri_of(&path)?, range }, message })
    });
    let diagnostic = Diagnostic {
        range: place.1,
        severity: Some(match first.severity {
            Severity::Error => DiagnosticSeverity::ERROR,
            Severity::Warning => DiagnosticSeverity::WARNING,
            Severity::Info => DiagnosticSeverity::INFORMATION,
        }),
        code: Some(NumberOrString::String(first.rule.clone())),
        code_description: page.and_then(|page| Some(CodeDescription { href: page.parse().ok()? })),
        source: Some("chartgate".to_owned()),
        message: told(&format!("{}{elsewhere}", group.message()), group.advice()),
        related_information: Some(related.collect()),
        tags: None,
        data: None,
    };
    let offer = first.fix.as_ref().and_then(|fix| offer(fix, job, sources));
    (place.0, Found { diagnostic, offer })
}

/// A fix whose edits all lie in files.
pub(super) fn offer(fix: &Fix, job: &Job, sources: &Sources) -> Option<Offer> {
    if fix.safety == Safety::DisplayOnly || fix.edits.is_empty() {
        return None;
    }
    let mut edits: BTreeMap<PathBuf, Vec<TextEdit>> = BTreeMap::new();
    for edit in &fix.edits {
        let (path, range) = on_disk(edit.location, job, sources)?;
        edits.entry(path).or_default().push(TextEdit { range, new_text: edit.content.clone() });
    }
    Some(Offer { title: plain(&fix.title), is_safe: fix.safety == Safety::Safe, edits })
}

fn plain_error(range: Range, code: &str, message: String) -> Found {
    let diagnostic = Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::ERROR),
        code: Some(NumberOrString::String(code.to_owned())),
        source: Some("chartgate".to_owned()),
        message,
        ..Diagnostic::default()
    };
    Found { diagnostic, offer: None }
}

fn told(message: &str, help: Option<&str>) -> String {
    let help = help.map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    plain(&format!("{message}{help}"))
}

/// Where a location lies; none where it is in no file of its own.
fn on_disk(at: Location, job: &Job, sources: &Sources) -> Option<(PathBuf, Range)> {
    let source = sources.get(at.source);
    match &source.address {
        Address::Disk(path) => Some((job.folder.join(path), utf16::range(&source, at.span))),
        _ => None,
    }
}

/// Where a failure is shown; none where it is about no file and no chart.
fn place_of(failure: &Failure, job: &Job, sources: &Sources) -> Option<(PathBuf, Range)> {
    let at = failure.location.and_then(|at| on_disk(at, job, sources));
    at.or_else(|| {
        let path = failure.path.as_ref().map(|path| job.root.join(path));
        let is_open = |path: &PathBuf| job.versions.contains_key(path);
        let open = path.filter(is_open);
        let chart = failure.chart.as_deref();
        open.or_else(|| chart.map(|chart| manifest(&job.root, chart))).map(|path| (path, Range::default()))
    })
}

/// The start of the Chart.yaml of a chart.
fn chart_file(chart: Option<&str>, job: &Job) -> (PathBuf, Range) {
    (manifest(&job.root, chart.unwrap_or(".")), Range::default())
}

fn manifest(root: &Path, chart: &str) -> PathBuf {
    let folder = if chart == "." { root.to_owned() } else { root.join(chart) };
    folder.join("Chart.yaml")
}
