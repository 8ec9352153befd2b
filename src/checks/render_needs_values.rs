//! `render-needs-values`: a chart that asks for values before it renders.

use super::render_failed::{errors, report};
use crate::render::ErrorKind;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in errors(context) {
        // What keeps production from rendering is an error, whoever said so.
        if let (ErrorKind::Refused(said), false) = (&error.kind, view.profile.production) {
            let words = said.split_whitespace().collect::<Vec<_>>().join(" ");
            report(context, view, error, &words, findings);
        }
    }
}
