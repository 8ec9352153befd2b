//! `reference-dangling`: a name inside a release that nothing in it has.

use super::part::{Problem, rendered, report_uses};
use crate::rule::{Context, Findings};
use release::Release;

mod keys;
mod named;
mod needed;
mod object;
mod pod;
mod release;
mod selecting;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    // What an installation made may be there still.
    for (view, rendered) in rendered(context).filter(|(view, _)| !view.is_upgrade) {
        let release = Release::of(rendered, &view.profile, context.sources);
        let mut problems = vec![];
        for object in release.objects() {
            pod::look(*object, &release, &mut problems);
            object::look(*object, &release, &mut problems);
            needed::look(*object, &release, &mut problems);
        }
        report_uses(context, view, problems, findings);
    }
}

/// Collects what is found.
type Problems<'a> = Vec<Problem<'a>>;
