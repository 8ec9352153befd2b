//! `dependency-vendored-mismatch`: what lies in `charts/` is not the dependency that is declared.

use crate::chart::{Chart, Declared, Original};
use crate::dependency::{fits, is_packaged, is_range, lock};
use crate::finding::Label;
use crate::published::Difference;
use crate::published::compare::differences;
use crate::rule::{Context, Findings};
use crate::text::Location;
use crate::text::veil::without_user;

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
    for part in chart.dependencies.iter().filter(|part| !is_packaged(part)) {
        below(chart, part, findings);
    }
}

/// The same of charts further down, as far as they come from repositories: what else lies there is that chart's matter.
fn below(whole: &Chart, chart: &Chart, findings: &mut Findings<'_>) {
    for part in &chart.dependencies {
        let other = chart.declared().iter().find_map(|declared| unoriginal(whole, chart, part, declared));
        if let Some(Mismatch { problem, at, .. }) = other {
            let args = [("problem", problem.as_str())];
            _ = findings.report(Label::new(at, ""), shown(whole, part), &args).help(help(chart, part, true));
        }
        below(whole, part, findings);
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
    if let Some(other) = unoriginal(chart, chart, part, declared) {
        return Some(other);
    }
    if !is_range(declared.version.unwrap_or_default()) || lock::outdated(chart).is_some() {
        return None;
    }
    let pinned: Vec<&str> = of_name.iter().filter_map(|one| lock::pinned(chart, one)).collect();
    if pinned.len() == of_name.len() && !pinned.iter().any(|pinned| lock::is_locked(pinned, version)) {
        let problem = format!("`{path}` has the version `{version}`, and `{}` is locked", pinned.join("` or `"));
        return Some(Mismatch { problem, at: declared.place("version"), related: None });
    }
    let folder = chart.beside.iter().find(|beside| beside.name() == part.name())?;
    let from = declared.repository.unwrap_or_default();
    let problem = format!("`{path}` is not what lies in `{from}`: {}", listed(&differences(part, folder))?);
    let related = folder.metadata.as_ref().map(|metadata| Label::new(metadata.place("name"), "the chart there"));
    Some(Mismatch { problem, at: declared.place("repository"), related })
}

/// A chart in `charts/` that is not what its repository has under that version.
fn unoriginal(whole: &Chart, chart: &Chart, part: &Chart, declared: &Declared<'_>) -> Option<Mismatch> {
    if declared.name != part.name() || !fits(declared, part) {
        return None;
    }
    let (path, version) = (shown(whole, part), part.version().unwrap_or_default());
    let from = without_user(declared.repository?);
    let problem = match chart.originals.get(&part.path)? {
        Original::Same => return None,
        Original::Absent => format!("`{path}` has the version `{version}`, which is not out at `{from}`"),
        Original::Package(original) => {
            let differing = listed(&differences(part, original))?;
            format!("`{path}` is not what `{from}` has as `{version}`: {differing}")
        }
    };
    Some(Mismatch { problem, at: declared.place("repository"), related: None })
}

/// What differs, in words; none where nothing does.
fn listed(differing: &[Difference]) -> Option<String> {
    let first = differing.first()?;
    let more = if differing.len() == 1 { String::new() } else { format!(" and {} more", differing.len() - 1) };
    Some(format!("`{}` differs{more}", first.path))
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

/// A sub-chart's path below the chart.
fn shown<'a>(chart: &Chart, part: &'a Chart) -> &'a str {
    part.path.strip_prefix(&chart.path).unwrap_or(&part.path).trim_start_matches('/')
}
