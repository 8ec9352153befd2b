//! `label-invalid`: labels, annotations and selectors whose keys or values the API server refuses.

use super::part::{Problem, deployed, report};
use crate::admission::labels;
use crate::kubernetes;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in deployed(context) {
        let minor =
            view.versions.iter().flat_map(|judged| &judged.minors).max().copied().unwrap_or_else(kubernetes::newest);
        let mut problems = vec![];
        for object in rendered.objects() {
            problems.extend(labels::invalid(&object, minor).into_iter().map(|violation| Problem {
                object,
                at: violation.location,
                name: violation.path.to_string(),
                kind: violation.message.clone(),
                what: violation.message,
                help: violation.help,
                other: None,
            }));
        }
        report(context, view, problems, findings);
    }
}
