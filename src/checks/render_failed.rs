//! `render-failed`: a profile under which Helm does not render the chart.

use crate::dependency::lacking;
use crate::finding::Label;
use crate::render::{Error, ErrorKind};
use crate::rule::{Context, Findings, ProfileView};
use crate::text::{Address, Location};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in errors(context) {
        let is_asking = asked(context, view, error).is_some();
        // What is no manifest and what is no schema is said by `manifest-invalid` and `values-schema-invalid`.
        if !is_asking && !matches!(error.kind, ErrorKind::Manifest | ErrorKind::SchemaInvalid(_)) {
            report(context, view, error, &one_line(&error.message), findings);
        }
    }
    for view in context.profiles {
        if let Some((minor, error)) = view.unfit.as_ref().filter(|(_, error)| !error.is_open()) {
            let problem = format!("for Kubernetes {minor}, which it admits: {}", one_line(&error.message));
            report(context, view, error, &problem, findings);
        }
    }
}

/// What the chart leaves to those who install it, where that is all that keeps it from rendering. Values that it is tried with have to be
/// whole; where it renders with them, its own need not be.
pub(super) fn asked(context: &Context<'_>, view: &ProfileView, error: &Error) -> Option<String> {
    match &error.kind {
        ErrorKind::Refused(said) if !view.profile.production && !is_trial(view) => Some(one_line(said)),
        ErrorKind::Execute | ErrorKind::Schema if is_plain(view) => {
            let renders = |other: &ProfileView| is_trial(other) && matches!(other.rendered, Some(Ok(_)));
            context.profiles.iter().any(renders).then(|| one_line(&error.message))
        }
        _ => None,
    }
}

/// Whether a profile is of the values that chart-testing installs a chart with.
fn is_trial(view: &ProfileView) -> bool {
    view.profile.name.starts_with("ci/")
}

/// Whether a profile is the chart's own values alone.
fn is_plain(view: &ProfileView) -> bool {
    view.profile.values.is_empty() && view.profile.set.is_empty()
}

/// The profiles that do not render because of the chart, with the reason; what loading found wrong is said by other rules.
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
    let failed = context.profiles.iter().filter_map(|view| Some((view, view.rendered.as_ref()?.as_ref().err()?)));
    failed.filter(|(_, error)| !error.is_open() && !is_known(error)).collect()
}

/// One finding at the innermost place that the chart's author can mend, the way there related.
pub(super) fn report(
    context: &Context<'_>,
    view: &ProfileView,
    error: &Error,
    problem: &str,
    findings: &mut Findings<'_>,
) {
    let is_own = |place: &&Location| {
        let source = context.sources.get(place.source);
        matches!(source.address, Address::Disk(_) | Address::Committed { .. })
    };
    let fallback = || context.chart.metadata.as_ref().map(|metadata| metadata.place("name"));
    let own = error.at.iter().rev().find(is_own).or(error.at.last()).copied();
    let Some(primary) = own.or_else(fallback) else { return };
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
    reported.profile(profile);
}

/// Helm's words without their line breaks.
fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
