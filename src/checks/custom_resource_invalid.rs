//! `custom-resource-invalid`: a custom resource that its definition refuses.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::part::{Problem, deployed, report};
use super::quoting;
use crate::crd::{self, Crd, CustomKind};
use crate::finding::{Failure, FailureKind};
use crate::kubernetes;
use crate::render::{Object, Rendered};
use crate::rule::{Context, Findings, ProfileView};
use crate::schema::{self, Unjudged, Violation};
use crate::text::{Address, Location, Sources};
use crate::yaml::Step;

/// Rules that could not be evaluated, and definitions of one kind that differ: said once for all profiles.
type Notes = BTreeSet<String>;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let shipped: Vec<Arc<Crd>> = crd::shipped(context.chart).into_iter().map(Arc::new).collect();
    let (budget, mut notes) = (schema::budget(), Notes::default());
    for (view, rendered) in deployed(context) {
        let made = definitions(rendered).map(Arc::new);
        let own: Vec<Arc<Crd>> = shipped.iter().cloned().chain(made).collect();
        let mut problems = vec![];
        for object in rendered.objects().filter(|object| !kubernetes::is_own_group(object.group())) {
            let Some(asked) = CustomKind::of(object.api_version(), object.kind()) else { continue };
            let Some(crd) = chosen(&asked, &own, context, &mut notes) else { continue };
            let Some(version) = crd.version(&asked.version).filter(|version| version.served) else {
                problems.extend(unserved(object, &crd));
                continue;
            };
            match crd::judge(object.root, version, &budget) {
                Ok(judged) => {
                    let own = judged.violations.into_iter().filter(is_its_own);
                    problems.extend(own.map(|violation| problem(object, violation, context.sources)));
                    notes.extend(judged.unjudged.iter().map(|rule| unevaluated(&asked.kind, rule)));
                }
                Err(exceeded) => findings.fail(unjudged(object, &exceeded.to_string(), view)),
            }
        }
        report(context, view, problems, findings);
    }
    for note in notes {
        findings.skip(note);
    }
}

/// The definition that counts for a kind: the chart's own, else the nearest.
fn chosen(asked: &CustomKind, own: &[Arc<Crd>], context: &Context<'_>, notes: &mut Notes) -> Option<Arc<Crd>> {
    let own: Vec<&Arc<Crd>> = own.iter().filter(|crd| crd.is_of(asked)).collect();
    let found = if own.is_empty() { context.definitions.of(asked).iter().collect() } else { own };
    let (first, others) = found.split_first()?;
    let differs =
        |other: &&&Arc<Crd>| first.differs(other, &asked.version) && first.kind.location != other.kind.location;
    if let Some(other) = others.iter().find(differs) {
        let path = |crd: &Crd| context.sources.path(crd.kind.location);
        let (kind, path, other) = (&asked.kind, path(first), path(other));
        notes.insert(format!("`{path}` defines `{kind}` otherwise than `{other}`, and counts as the nearer one"));
    }
    Some(Arc::clone(first))
}

/// The definitions among what is rendered.
pub(super) fn definitions(rendered: &Rendered) -> impl Iterator<Item = Crd> {
    crd::among(rendered.objects().map(|object| object.root))
}

/// Says that a rule of a definition was not evaluated.
pub(super) fn unevaluated(kind: &str, rule: &Unjudged) -> String {
    let text = rule.rule.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = text.chars().take(120).collect();
    format!("the rule `{short}` of `{kind}` is left to the API server: {}", rule.reason)
}

/// Metadata is the same for every kind, whether a definition of it is known or not: the rules on fields and names judge it.
fn is_its_own(violation: &Violation) -> bool {
    violation.path.0.first() != Some(&Step::Key("metadata".to_owned()))
        && !["`metadata` ", "required field `metadata` "].iter().any(|start| violation.message.starts_with(start))
}

fn problem<'a>(object: Object<'a>, violation: Violation, sources: &Sources) -> Problem<'a> {
    // What a template printed has no line of a file.
    let is_written = |at: &Location| sources.get(at.source).address != Address::Rendered;
    let of_template = quoting::help(sources, object, violation.location, violation.correction.as_ref());
    Problem {
        object,
        at: violation.location,
        name: violation.path.to_string(),
        kind: violation.path.0.last().map(|step| format!("{step:?}")).unwrap_or_default(),
        what: violation.message,
        help: of_template.or(violation.help),
        other: violation.schema.filter(is_written).map(|at| (at, "the definition says so here")),
    }
}

fn unserved<'a>(object: Object<'a>, crd: &Crd) -> Option<Problem<'a>> {
    let served: Vec<String> =
        crd.served().map(|version| format!("`{}/{}`", crd.group.text, version.name.text)).collect();
    let at = object.root.get("apiVersion")?.location;
    Some(Problem {
        object,
        at,
        name: "apiVersion".to_owned(),
        what: format!("the definition of `{}` does not serve `{}`", crd.kind.text, object.api_version()),
        kind: object.api_version().to_owned(),
        help: Some(format!("use {}", served.join(" or "))),
        other: None,
    })
}

fn unjudged(object: Object<'_>, reason: &str, view: &ProfileView) -> Failure {
    let at: Location = object.root.location;
    let message = format!("cannot judge `{}`: {reason}", object.label());
    Failure::new(FailureKind::Limit, message).at(at).of_profile(&view.profile.name)
}
