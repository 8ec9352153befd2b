//! `dependency-vendored-mismatch`: what lies in `charts/` is not the dependency that is declared.

use crate::chart::{Chart, Declared};
use crate::dependency::{fits, is_packaged, is_range, lock};
use crate::finding::Label;
use crate::published::compare::differences;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::values::dependency::is_compatible;

/// What is wrong with a chart in `charts/`.
struct Mismatch {
    problem: String,
    at: Location,
    related: Option<Label>,
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let all = chart.declared();
    for part in &chart.dependencies {
        let of_name: Vec<&Declared<'_>> =
            all.iter().filter(|one| one.name.is_some() && one.name == part.name()).collect();
        let Some(mismatch) = mismatch(chart, part, &of_name) else { continue };
        let args = [("problem", mismatch.problem.as_str())];
        let help = help(chart, part, of_name.first().is_some_and(|one| one.repository.is_some()));
        let reported = findings.report(Label::new(mismatch.at, ""), shown(chart, part), &args);
        let related =
            mismatch.related.or_else(|| Some(Label::new(part.metadata.as_ref()?.place("version"), "this chart")));
        match related {
            Some(related) => _ = reported.related(related).help(help),
            None => _ = reported.help(help),
        }
    }
}

/// What to type. A dependency build takes away packages and no folders.
fn help(chart: &Chart, part: &Chart, is_from_elsewhere: bool) -> String {
    let build = format!("run `helm dependency build {0}` or `chartgate deps {0} --update`", chart.path);
    let is_twice = chart.dependencies.iter().filter(|other| other.name() == part.name()).count() > 1;
    match (is_packaged(part), is_from_elsewhere) {
        _ if is_twice => format!("remove the one that is not meant; {build}"),
        (true, _) => build,
        (false, true) => format!("remove `{}` and {build}", part.path),
        (false, false) => format!("mend the `version` here or in `{}/Chart.yaml`", part.path),
    }
}

fn mismatch(chart: &Chart, part: &Chart, of_name: &[&Declared<'_>]) -> Option<Mismatch> {
    let (path, version) = (shown(chart, part), part.version().unwrap_or_default());
    if let Some(taken) = taken_instead(chart, part, of_name) {
        let problem = format!("`{path}` is there beside `{}`, which Helm takes for it", shown(chart, taken));
        return Some(Mismatch { problem, at: of_name.first()?.place("name"), related: None });
    }
    let Some(declared) = of_name.iter().find(|one| fits(one, part)) else {
        let declared = of_name.first()?;
        let range = declared.version.unwrap_or_default();
        let problem = format!("`{path}` has the version `{version}`, outside `{range}`");
        return Some(Mismatch { problem, at: declared.place("version"), related: None });
    };
    if !is_range(declared.version.unwrap_or_default()) || lock::outdated(chart).is_some() {
        return None;
    }
    let pinned: Vec<&str> = of_name.iter().filter_map(|one| lock::pinned(chart, one)).collect();
    if pinned.len() == of_name.len() && !pinned.iter().any(|pinned| is_locked(pinned, version)) {
        let problem = format!("`{path}` has the version `{version}`, and `{}` is locked", pinned.join("` or `"));
        return Some(Mismatch { problem, at: declared.place("version"), related: None });
    }
    let folder = chart.beside.iter().find(|beside| beside.name() == part.name())?;
    let differing = differences(part, folder);
    let first = differing.first()?;
    let from = declared.repository.unwrap_or_default();
    let more = if differing.len() == 1 { String::new() } else { format!(" and {} more", differing.len() - 1) };
    let problem = format!("`{path}` is not what lies in `{from}`: `{}` differs{more}", first.path);
    let related = folder.metadata.as_ref().map(|metadata| Label::new(metadata.place("name"), "the chart there"));
    Some(Mismatch { problem, at: declared.place("repository"), related })
}

/// The chart that Helm takes for every declaration that another one fits as well: the first.
fn taken_instead<'a>(chart: &'a Chart, part: &Chart, of_name: &[&Declared<'_>]) -> Option<&'a Chart> {
    let is_it = |declared: &Declared<'_>, each: &Chart| each.name() == declared.name && fits(declared, each);
    let first = |declared: &Declared<'_>| chart.dependencies.iter().find(|each| is_it(declared, each));
    let mut fitting = of_name.iter().copied().filter(|declared| fits(declared, part)).peekable();
    fitting.peek()?;
    let taken: Vec<&Chart> = fitting.filter_map(first).collect();
    taken.iter().all(|each| !std::ptr::eq(*each, part)).then(|| taken.first().copied()).flatten()
}

/// Whether a lock's version is that of a chart; of one without a repository, the lock has the range.
fn is_locked(pinned: &str, version: &str) -> bool {
    pinned == version || is_compatible(pinned, version)
}

/// A sub-chart's path below the chart.
fn shown<'a>(chart: &Chart, part: &'a Chart) -> &'a str {
    part.path.strip_prefix(&chart.path).unwrap_or(&part.path).trim_start_matches('/')
}
