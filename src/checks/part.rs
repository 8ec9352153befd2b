//! Parts of rendered objects: where a person would mend one, and one finding for what a line does to many objects.

use std::collections::BTreeMap;

use super::certain::is_given;
use super::correction;
use super::printed::innermost;
use crate::finding::Label;
use crate::render::{Error, ErrorKind, Object, Rendered};
use crate::rule::{Context, Findings, ProfileView};
use crate::schema::Correction;
use crate::text::{Location, Sources};

/// Something wrong with a part of an object.
pub(super) struct Problem<'a> {
    pub(super) object: Object<'a>,
    /// The part, in what was rendered.
    pub(super) at: Location,
    /// What names it in the object: its path.
    pub(super) name: String,
    /// What is wrong, without the object.
    pub(super) what: String,
    /// What it has in common with the same problem of other objects; where a line makes several, one is said.
    pub(super) kind: String,
    pub(super) help: Option<String>,
    /// A further part that explains it, and how.
    pub(super) other: Option<(Location, &'static str)>,
}

/// A problem with the places that explain it and what can only be meant.
type Placed<'a> = (Problem<'a>, Vec<Label>, Option<Correction>);

/// Each view with what it renders to; where it does not render, with what can be rendered all the same.
pub(super) fn seen<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a ProfileView, &'a Rendered)> {
    context.profiles.iter().filter_map(|view| Some((view, view.seen()?)))
}

/// Each view with what the API server gets: what it renders to, as kustomize leaves it where that comes after Helm.
pub(super) fn deployed<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a ProfileView, &'a Rendered)> {
    context.profiles.iter().filter_map(|view| Some((view, view.deployed()?)))
}

/// Each view that was rendered, with what it renders to.
pub(super) fn rendered<'a>(context: &Context<'a>) -> impl Iterator<Item = (&'a ProfileView, &'a Rendered)> {
    context.profiles.iter().filter_map(|view| Some((view, view.rendered.as_ref()?.as_deref().ok()?)))
}

/// Reports problems of a profile: `{problem}` and `{object}` in the rule's message.
pub(super) fn report(
    context: &Context<'_>,
    view: &ProfileView,
    problems: Vec<Problem<'_>>,
    findings: &mut Findings<'_>,
) {
    report_with(context, view, problems.into_iter().map(|problem| (problem, None)).collect(), findings);
}

/// The same of names at their use: a helper that makes a name makes it for others, too.
pub(super) fn report_uses(
    context: &Context<'_>,
    view: &ProfileView,
    problems: Vec<Problem<'_>>,
    findings: &mut Findings<'_>,
) {
    let problems = problems.into_iter().map(|problem| (problem, None)).collect();
    report_at(Place::Use, context, view, problems, findings);
}

/// Where a problem is said, of what made a part.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// Where it is written, in a helper too.
    Written,
    /// Where it is asked for, by the template itself.
    Use,
}

/// The same of problems of which some can be corrected.
pub(super) fn report_with(
    context: &Context<'_>,
    view: &ProfileView,
    problems: Vec<(Problem<'_>, Option<Correction>)>,
    findings: &mut Findings<'_>,
) {
    report_at(Place::Written, context, view, problems, findings);
}

fn report_at(
    place: Place,
    context: &Context<'_>,
    view: &ProfileView,
    problems: Vec<(Problem<'_>, Option<Correction>)>,
    findings: &mut Findings<'_>,
) {
    let mut by_place: BTreeMap<(Location, String), Vec<Placed<'_>>> = BTreeMap::new();
    let is_known = |problem: &Problem<'_>| !is_filled_in(problem, context.sources);
    let problems =
        problems.into_iter().filter(|(problem, _)| is_certain(problem, view, context.sources) && is_known(problem));
    for (problem, correction) in problems {
        let (place, related) = mendable(place, context.sources, &problem);
        by_place.entry((place, problem.kind.clone())).or_default().push((problem, related, correction));
    }
    for ((place, _), same) in by_place {
        let more = more(same.len() - 1);
        let Some((problem, related, correction)) = same.into_iter().next() else { continue };
        let fix = correction.and_then(|correction| correction::fix(context, problem.object, problem.at, &correction));
        let object = problem.object.label();
        let subject = format!("{} {}", problem.object.subject(), problem.name);
        let args = [("problem", problem.what.as_str()), ("object", &object)];
        let mut reported = findings.report(Label::new(place, more), subject, &args);
        for label in related {
            reported = reported.related(label);
        }
        if let Some(help) = problem.help {
            reported = reported.help(help);
        }
        reported = reported.fix(fix);
        reported.profile(&view.profile.name);
    }
}

/// Whether a problem is one with every value. Where a profile does not render, a value that it lacks may bring a field that is not there.
fn is_certain(problem: &Problem<'_>, view: &ProfileView, sources: &Sources) -> bool {
    let is_missing = problem.what.starts_with("required field");
    view.softened.is_none()
        || (!is_missing && is_given(problem.object, problem.at, sources) && !is_refused(problem, view, sources))
}

/// Whether a part of what kustomize leaves has a variable in it that Flux or a plugin fills in afterwards.
fn is_filled_in(problem: &Problem<'_>, sources: &Sources) -> bool {
    problem.object.manifest.is_overlaid && sources.get(problem.at.source).slice(problem.at.span).contains("${")
}

/// Whether a part is made of a value that a schema refuses, which is said.
fn is_refused(problem: &Problem<'_>, view: &ProfileView, sources: &Sources) -> bool {
    let Some(Err(Error { kind: ErrorKind::Schema(unmet), .. })) = &view.rendered else { return false };
    let refused: Vec<Location> = unmet.iter().filter_map(|unmet| unmet.value).collect();
    let origins = problem.object.origins(problem.at);
    innermost(&origins, sources).into_iter().any(|origin| refused.contains(&origin.location))
}

fn more(count: usize) -> String {
    match count {
        0 => String::new(),
        1 => "and in one more place".to_owned(),
        count => format!("and in {count} more places"),
    }
}

/// The line that made a part: of values where exactly one did, else of the template; and the places that explain it.
fn mendable(place: Place, sources: &Sources, problem: &Problem<'_>) -> (Location, Vec<Label>) {
    let origins = problem.object.origins(problem.at);
    let mut values: Vec<Location> = innermost(&origins, sources).into_iter().map(|origin| origin.location).collect();
    values.dedup();
    let line = origins.line();
    let written = origins.template.or(line).unwrap_or(problem.at);
    let call = line.filter(|line| place == Place::Use && *line != written);
    let place = match (call, values.as_slice()) {
        (Some(call), _) => call,
        (None, [only]) => *only,
        _ => written,
    };
    let others = values.into_iter().map(|value| Label::new(value, "part of it"));
    let template = std::iter::once(Label::new(written, "written here"));
    let call = line.map(|line| Label::new(line, "asked for here"));
    let labels =
        others.chain(template).chain(call).filter(|label| label.location != place && label.location != problem.at);
    let mut labels: Vec<Label> = labels.collect();
    labels.dedup_by(|right, left| right.location == left.location);
    labels.extend(problem.other.map(|(at, how)| {
        // What lies in another file is where it lies.
        let is_rendered = at.source == problem.object.root.location.source;
        let template = is_rendered.then(|| problem.object.origins(at).template).flatten();
        Label::new(template.unwrap_or(at), how)
    }));
    if place != problem.at {
        labels.push(Label::new(problem.at, "as rendered"));
    }
    (place, labels)
}
