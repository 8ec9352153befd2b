//! What the API server refuses, as `admission` found it, for the rules that each say a part of it.

use std::collections::BTreeMap;

use super::part::{Problem, report_with};
use super::quoting;
use crate::admission::Refusal;
use crate::finding::{Failure, FailureKind};
use crate::kubernetes::Minor;
use crate::render::Object;
use crate::rule::{Context, Findings, Judged, ProfileView};
use crate::schema::{Defect, Violation};

/// Reports what is wrong in one way with objects of Kubernetes' own kinds.
pub(super) fn check(defect: Defect, context: &Context<'_>, findings: &mut Findings<'_>) {
    let is_asked = |refusal: &Refusal| refusal.violation.defect == defect && !is_said(refusal);
    for view in context.profiles {
        let found: Vec<_> = view.versions.iter().flat_map(refusals).filter(|(_, refusal)| is_asked(refusal)).collect();
        let mut spans: BTreeMap<Key<'_>, (Minor, Minor)> = BTreeMap::new();
        for (object, refusal) in &found {
            let (first, last) = spans.entry(key(*object, refusal)).or_insert(refusal.minors);
            *first = refusal.minors.0.min(*first);
            *last = refusal.minors.1.max(*last);
        }
        // What several renderings have in common is said once.
        let once = found.iter().filter_map(|(object, refusal)| {
            let minors = spans.remove(&key(*object, refusal))?;
            Some((problem(context, *object, refusal, minors, view), refusal.violation.correction.clone()))
        });
        report_with(context, view, once.collect(), findings);
        // One of the rules says it for all.
        if defect == Defect::Value {
            view.versions.iter().for_each(|judged| unjudged(judged, view, findings));
        }
    }
}

/// What makes two refusals the same: template, object and message.
type Key<'a> = (&'a str, String, &'a str);

fn key<'a>(object: Object<'a>, refusal: &'a Refusal) -> Key<'a> {
    (&object.manifest.path, object.label(), &refusal.violation.message)
}

fn refusals(judged: &Judged) -> impl Iterator<Item = (Object<'_>, &Refusal)> {
    let objects: Vec<_> = judged.deployed().objects().collect();
    judged.admission().refusals.iter().map(move |refusal| (objects[refusal.object], refusal))
}

/// Whether another rule says it: `selector-mismatch` does of workloads without a selector.
fn is_said(refusal: &Refusal) -> bool {
    refusal.violation.message == "required field `spec.selector` is missing"
}

fn problem<'a>(
    context: &Context<'_>,
    object: Object<'a>,
    refusal: &Refusal,
    minors: (Minor, Minor),
    view: &ProfileView,
) -> Problem<'a> {
    let violation = &refusal.violation;
    let of_template = quoting::help(context.sources, object, violation.location, violation.correction.as_ref());
    Problem {
        object,
        at: violation.location,
        name: violation.path.to_string(),
        what: format!("{}{}", violation.message, view.versions_in_words(&[minors])),
        kind: violation.path.0.last().map(|step| format!("{step:?}")).unwrap_or_default(),
        help: of_template.or_else(|| violation.help.clone()),
        other: None,
    }
}

fn unjudged(judged: &Judged, view: &ProfileView, findings: &mut Findings<'_>) {
    let objects: Vec<_> = judged.deployed().objects().collect();
    for (_, refusal) in refusals(judged).filter(|(_, refusal)| refusal.violation.defect == Defect::Beyond) {
        findings.fail(left(&refusal.violation).of_profile(&view.profile.name));
    }
    for (position, exceeded) in &judged.admission().unjudged {
        let object = objects[*position];
        let message = format!("cannot judge `{}`: {exceeded}", object.label());
        let failure = Failure::new(FailureKind::Limit, message).at(object.root.location);
        findings.fail(failure.of_profile(&view.profile.name));
    }
}

/// The failure that what a bound kept from being judged is.
pub(super) fn left(violation: &Violation) -> Failure {
    Failure::new(FailureKind::Limit, violation.message.clone()).at(violation.location)
}
