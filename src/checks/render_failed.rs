//! `render-failed`: a profile under which Helm does not render the chart.

use std::collections::BTreeSet;

use crate::dependency::{is_range, lacking};
use crate::finding::Label;
use crate::render::{Error, ErrorKind, Unmet};
use crate::rule::{Context, Findings, ProfileView, Reported, Unfit};
use crate::text::{Address, Location};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in errors(context) {
        let is_asking = asked(context, view, error).is_some();
        match &error.kind {
            _ if is_asking => {}
            // What is no manifest and what is no schema is said by `manifest-invalid` and `values-schema-invalid`.
            ErrorKind::Manifest | ErrorKind::SchemaInvalid(_) => {}
            ErrorKind::Schema(unmet) => {
                for unmet in unmet {
                    refused(context, view, unmet, findings);
                }
                note(view, findings);
            }
            _ => {
                report(context, view, error, &one_line(&error.message), findings);
                note(view, findings);
            }
        }
    }
    for view in context.profiles {
        for unfit in view.unfit.iter().filter(|unfit| !unfit.error.is_open()) {
            let (problem, help) = of_version(unfit);
            let reported = report(context, view, &unfit.error, &problem, findings);
            if let (Some(reported), Some(help)) = (reported, help) {
                reported.help(help);
            }
        }
        if let Some(error) = upgrade(view).filter(|error| asked(context, view, error).is_none()) {
            report(context, view, error, &format!("on an upgrade: {}", one_line(&error.message)), findings);
        }
    }
}

/// Why an upgrade does not render where the installation does.
pub(super) fn upgrade(view: &ProfileView) -> Option<&Error> {
    view.no_upgrade.as_ref().filter(|error| !error.is_open())
}

/// What is wrong where a chart does not render for a version, and what to type where it refuses the version itself.
fn of_version(unfit: &Unfit) -> (String, Option<String>) {
    let Unfit { minor, error, nearest } = unfit;
    let said = one_line(&error.message);
    if error.kind != ErrorKind::KubeVersion {
        return (format!("for Kubernetes {minor}, which it admits: {said}"), None);
    }
    let (end, step) = if minor < nearest { ("lowest", "raise") } else { ("highest", "lower") };
    let help = format!(
        "{step} the {end} of `kubeVersions` in the configuration to \"{nearest}\", or let `kubeVersion` admit {minor}"
    );
    (format!("for Kubernetes {minor}, which `kubeVersions` in the configuration asks for: {said}"), Some(help))
}

/// What the chart leaves to those who install it, where that is all that keeps it from rendering. Values that it is tried with have to be
/// whole; where it renders with them, its own need not be.
pub(super) fn asked(context: &Context<'_>, view: &ProfileView, error: &Error) -> Option<String> {
    match &error.kind {
        ErrorKind::Refused(said) if !view.profile.production && !view.profile.is_test() => Some(one_line(said)),
        ErrorKind::Execute | ErrorKind::Schema(_) if is_plain(view) => {
            let renders = |other: &ProfileView| other.profile.is_test() && matches!(other.rendered, Some(Ok(_)));
            context.profiles.iter().any(renders).then(|| one_line(&error.message))
        }
        _ => None,
    }
}

/// Whether a profile is the chart's own values alone.
fn is_plain(view: &ProfileView) -> bool {
    view.profile.values.is_empty() && view.profile.set.is_empty()
}

/// The profiles that do not render because of the chart, with every reason once; what loading found wrong is said by other rules.
pub(super) fn errors<'a>(context: &Context<'a>) -> Vec<(&'a ProfileView, &'a Error)> {
    if !lacking(context.chart).is_empty() {
        return vec![];
    }
    let parts = context.chart.with_dependencies();
    let known: Vec<Location> = parts.iter().flat_map(|part| &part.problems).map(|problem| problem.location).collect();
    let is_known = |error: &Error| match error.kind {
        ErrorKind::Chart => !known.is_empty(),
        _ => error.at.last().is_some_and(|at| known.contains(at)),
    };
    let failed = context.profiles.iter().flat_map(|view| failures(view).into_iter().map(move |error| (view, error)));
    failed.filter(|(_, error)| !error.is_open() && !is_known(error)).collect()
}

/// What ends the rendering of a profile, and what else would.
fn failures(view: &ProfileView) -> Vec<&Error> {
    let first = view.rendered.as_ref().and_then(|rendered| rendered.as_ref().err());
    let others = view.softened.iter().flat_map(|softened| &softened.faults);
    let others = others.filter(|error| first.is_none_or(|first| !is_of_refused(error, first)));
    let mut causes = BTreeSet::new();
    first.into_iter().chain(others.filter(|_| first.is_some())).filter(|error| causes.insert(cause(error))).collect()
}

/// Whether a template fails on a value that a schema refuses.
fn is_of_refused(error: &Error, first: &Error) -> bool {
    let ErrorKind::Schema(unmet) = &first.kind else { return false };
    let keys = unmet.iter().filter_map(|unmet| unmet.keys.last());
    error.kind == ErrorKind::Execute && keys.into_iter().any(|key| error.message.contains(&format!(".{key}")))
}

/// What failures with one cause have in common.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Cause<'e> {
    /// The innermost place in a file, as each rendering has texts of its own.
    Place(Option<Location>),
    /// Templates that nobody defines, by what their names begin with: a library that is not there, mostly.
    Undefined(&'e str),
}

fn cause(error: &Error) -> Cause<'_> {
    let included = error.message.split_once("no template \"");
    let called = error.message.strip_suffix("\" not defined").and_then(|message| message.rsplit_once("template \""));
    let undefined = included.or(called).and_then(|(_, name)| name.split(['.', '"']).next());
    match undefined {
        Some(library) if error.kind == ErrorKind::Execute => Cause::Undefined(library),
        _ if error.kind == ErrorKind::Manifest => Cause::Place(error.at.first().copied()),
        _ => Cause::Place(error.at.last().copied()),
    }
}

/// One finding at a value that a schema refuses, with the line of the schema; at that line where there is no value.
fn refused(context: &Context<'_>, view: &ProfileView, unmet: &Unmet, findings: &mut Findings<'_>) {
    let Unmet { message, keys: _, schema, value, asked } = unmet;
    let name = context.chart.metadata.as_ref().map(|metadata| metadata.place("name"));
    let Some(primary) = value.or(*asked).or(name) else { return };
    let profile = view.profile.name.as_str();
    let problem = format!("`{schema}` refuses the values {}", one_line(message));
    let subject = format!("{} {problem}", context.sources.path(primary));
    let args = [("problem", problem.as_str()), ("profile", profile)];
    let mut reported = findings.report(Label::new(primary, ""), subject, &args);
    if let Some(asked) = asked.filter(|asked| *asked != primary) {
        reported = reported.related(Label::new(asked, "the schema asks for this"));
    }
    if let Some(place) = view.profile.found_at {
        reported = reported.related(Label::new(place, format!("profile `{profile}`")));
    }
    reported.profile(profile);
}

/// One finding at the innermost place that the chart's author can mend, the way there related.
pub(super) fn report<'f>(
    context: &Context<'_>,
    view: &ProfileView,
    error: &Error,
    problem: &str,
    findings: &'f mut Findings<'_>,
) -> Option<Reported<'f>> {
    let is_own = |place: &&Location| {
        let source = context.sources.get(place.source);
        matches!(source.address, Address::Disk(_) | Address::Committed { .. })
    };
    let fallback = || context.chart.metadata.as_ref().map(|metadata| metadata.place("name"));
    // A place in an archive can be looked at, unlike one in what is rendered.
    let is_file = |place: &&Location| context.sources.get(place.source).address != Address::Rendered;
    let inside = || error.at.iter().rev();
    let own = inside().find(is_own).or_else(|| inside().find(is_file)).or(error.at.last()).copied();
    let primary = own.or_else(fallback)?;
    let profile = view.profile.name.as_str();
    let args = [("problem", problem), ("profile", profile)];
    let subject = format!("{} {problem}", context.sources.path(primary));
    let mut reported = findings.report(Label::new(primary, ""), subject, &args);
    let mut said = vec![primary];
    for place in error.at.iter().rev() {
        if !said.contains(place) {
            said.push(*place);
            reported = reported.related(Label::new(*place, "on the way there"));
        }
    }
    if let Some(place) = view.profile.found_at {
        reported = reported.related(Label::new(place, format!("profile `{profile}`")));
    }
    if let Some(help) = advice(context, error) {
        reported = reported.help(help);
    }
    Some(reported.profile(profile))
}

/// What to type where neither a template nor values are to blame.
fn advice(context: &Context<'_>, error: &Error) -> Option<&'static str> {
    let range = context.chart.metadata.as_ref().and_then(|metadata| metadata.text("kubeVersion")).unwrap_or_default();
    match error.kind {
        ErrorKind::KubeVersion if is_range(range) => {
            Some("write a `kubeVersion` that admits the version, or name another version in the configuration")
        }
        ErrorKind::KubeVersion => Some("`kubeVersion` is no range of versions: write it as `>=1.28.0-0`"),
        _ => None,
    }
}

/// Says which templates of a profile are not judged whole.
pub(super) fn note(view: &ProfileView, findings: &mut Findings<'_>) {
    let open = view.softened.iter().flat_map(|softened| &softened.open);
    let mut open: Vec<String> = open.map(|name| format!("`{name}`")).collect();
    open.sort();
    let (shown, more) = open.split_at(open.len().min(SHOWN));
    let more = if more.is_empty() { String::new() } else { format!(" and {} more", more.len()) };
    if !shown.is_empty() {
        let profile = &view.profile.name;
        let templates = shown.join(", ");
        findings.skip(format!(
            "under profile `{profile}` some templates are judged only as far as they can be rendered: {templates}{more}"
        ));
    }
}

/// Templates that are named in one line.
const SHOWN: usize = 3;

/// Helm's words without their line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
