//! `chartgate diff`: what changed in a chart, by what it means to its users, and the version that calls for.

use serde::Serialize;

use super::args::{Color, DiffArgs, Listing};
use super::environment::Environment;
use super::exit;
use super::output::Output;
use super::refusal::refused;
use crate::change::Step;
use crate::chart::Version;
use crate::gate::{Diff, PolicyChoice, PolicySource, Request};
use crate::published::Difference;
use crate::report::human;
use crate::rule::Reason;
use crate::text::printable::Printable;
use crate::text::{Location, Sources};

pub(super) fn run(arguments: &DiffArgs, color: Color, environment: &Environment, output: &mut Output) -> u8 {
    let look = environment.look(color, false);
    let sources = environment.sources();
    let paths: Vec<_> = arguments.chart.iter().cloned().collect();
    let request = Request {
        charts: arguments.state.charts(&paths, &arguments.versions),
        policy: PolicyChoice { from: PolicySource::of(arguments.config.clone(), None), ..PolicyChoice::default() },
        ..Request::default()
    };
    let diff = match environment.session(false).diff(&request, arguments.against.as_deref(), &sources) {
        Ok(diff) => diff,
        Err(error) => return refused(&error, &sources, look, output),
    };
    output.print(&match arguments.format {
        Listing::Human => text(&diff, &sources),
        Listing::Json => Printable::json(&wire(&diff, &sources)),
    });
    for failure in &diff.failures {
        output.complain(&human::failure(failure, &sources, look));
    }
    let is_whole = diff.failures.is_empty() && diff.uncompared.is_empty();
    if is_whole { exit::PASS } else { exit::UNDECIDED }
}

/// The groups in which changes are shown, with what heads them.
const GROUPS: [(Step, &str); 3] = [(Step::Major, "breaking"), (Step::Minor, "features"), (Step::Patch, "fixes")];

fn text(diff: &Diff, sources: &Sources) -> Printable {
    lines(diff, sources).into_iter().map(Printable::line).collect()
}

fn lines(diff: &Diff, sources: &Sources) -> Vec<String> {
    let version = diff.chart.version().unwrap_or("no version");
    let name = diff.chart.name().unwrap_or(&diff.chart.path);
    let Some(since) = &diff.since else {
        let new = if diff.failures.is_empty() { format!(": new, not at {}", diff.baseline) } else { String::new() };
        return vec![format!("{name} {version}{new}")];
    };
    let mut lines = vec![format!("{name} {} → {version}, against {}", since.version, diff.baseline)];
    for (step, heading) in GROUPS {
        let reasons = since.reasons.iter().filter(|reason| reason.step == step);
        let mut changes: Vec<String> = reasons.flat_map(|reason| shown(reason, sources)).collect();
        if step == Step::Patch {
            changes.extend(unexplained(diff, sources).map(|file| format!("  {}: {}", file.path, file.kind)));
        }
        if !changes.is_empty() {
            lines.extend([String::new(), heading.to_owned()]);
            lines.append(&mut changes);
        }
    }
    for part in &diff.uncompared {
        lines.extend([String::new(), format!("not compared: {} ({})", part.reason, part.rules.join(", "))]);
    }
    lines.extend([String::new(), verdict(diff, &since.version, version)]);
    lines
}

fn verdict(diff: &Diff, old: &str, new: &str) -> String {
    let (Some(step), Some(least)) = (diff.step(), diff.least()) else {
        return "nothing that is packaged differs".to_owned();
    };
    let is_met = match (Version::parse(old), Version::parse(new)) {
        (Some(old), Some(new)) if !step.is_met(&old, &new) => format!("; {new} is not enough"),
        _ => String::new(),
    };
    format!("a {step} step: {old} → {least} or later{is_met}")
}

fn shown(reason: &Reason, sources: &Sources) -> Vec<String> {
    let change = &reason.change;
    let places = [("old", change.old), ("new", change.new)].into_iter();
    let line = |(side, at): (&str, Option<Location>)| at.map(|at| format!("      {side} {}", sources.seen(at)));
    std::iter::once(format!("  {} [{}]", change.message, change.rule)).chain(places.filter_map(line)).collect()
}

/// Files that differ and that no change is about.
fn unexplained<'a>(diff: &'a Diff, sources: &Sources) -> impl Iterator<Item = &'a Difference> + use<'a> {
    let reasons = diff.since.iter().flat_map(|since| &since.reasons);
    let places = reasons.flat_map(|reason| [reason.change.old, reason.change.new]).flatten();
    let explained: Vec<String> = places.map(|at| sources.path(at)).collect();
    diff.files.iter().filter(move |file| {
        let is_it = |path: &String| path == &file.path || path.ends_with(&format!("/{}", file.path));
        file.path != "Chart.yaml" && !explained.iter().any(is_it)
    })
}

/// The wire form of `--format json`.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct DiffWire<'a> {
    schema_version: u32,
    chart: WireSubject<'a>,
    against: WireBase<'a>,
    /// `major`, `minor` or `patch`; null where nothing that is packaged differs.
    step: Option<Step>,
    /// The least version that is that step away.
    least: Option<String>,
    changes: Vec<WireChange<'a>>,
    files: Vec<&'a str>,
    not_compared: Vec<WirePart<'a>>,
    failures: Vec<&'a str>,
}

#[derive(Serialize)]
struct WireSubject<'a> {
    name: Option<&'a str>,
    version: Option<&'a str>,
    path: &'a str,
}

#[derive(Serialize)]
struct WireBase<'a> {
    baseline: &'a str,
    /// Null where the chart is new there.
    version: Option<&'a str>,
}

#[derive(Serialize)]
struct WireChange<'a> {
    rule: &'a str,
    step: Step,
    subject: &'a str,
    message: &'a str,
    old: Option<WireSpan>,
    new: Option<WireSpan>,
}

/// Lines and columns from 1, the end exclusive.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WireSpan {
    path: String,
    line: usize,
    column: usize,
    end_line: usize,
    end_column: usize,
}

#[derive(Serialize)]
struct WirePart<'a> {
    rules: &'a [&'a str],
    reason: &'a str,
}

fn wire<'a>(diff: &'a Diff, sources: &Sources) -> DiffWire<'a> {
    let place = |at: Location| {
        let (start, end) = (sources.start(at), sources.end(at));
        let path = sources.path(at);
        WireSpan { path, line: start.line, column: start.column, end_line: end.line, end_column: end.column }
    };
    let change = |reason: &'a Reason| WireChange {
        rule: reason.change.rule,
        step: reason.step,
        subject: &reason.change.subject,
        message: &reason.change.message,
        old: reason.change.old.map(place),
        new: reason.change.new.map(place),
    };
    let since = diff.since.as_ref();
    DiffWire {
        schema_version: 1,
        chart: WireSubject { name: diff.chart.name(), version: diff.chart.version(), path: &diff.chart.path },
        against: WireBase { baseline: &diff.baseline, version: since.map(|since| since.version.as_str()) },
        step: since.and(diff.step()),
        least: diff.least().map(|least| least.to_string()),
        changes: since.map_or_else(Vec::new, |since| since.reasons.iter().map(change).collect()),
        files: diff.files.iter().map(|file| file.path.as_str()).collect(),
        not_compared: diff.uncompared.iter().map(|part| WirePart { rules: part.rules, reason: &part.reason }).collect(),
        failures: diff.failures.iter().map(|failure| failure.message.as_str()).collect(),
    }
}
