//! `render-needs-values`: a chart that asks for values before it renders.

use super::render_failed::{asked, errors, note, report, upgrade};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, error) in errors(context) {
        // What keeps production from rendering is an error, whoever said so.
        if let Some(words) = asked(context, view, error) {
            report(context, view, error, &words, findings);
            note(view, findings);
        }
    }
    for view in context.profiles {
        let Some(error) = upgrade(view) else { continue };
        if let Some(words) = asked(context, view, error) {
            report(context, view, error, &format!("on an upgrade: {words}"), findings);
        }
    }
}
