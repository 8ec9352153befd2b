//! `manifest-key-duplicate`: a key stands twice in a rendered mapping.

use super::part::{Problem, report, seen};
use crate::admission;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        let mut problems = vec![];
        for object in rendered.objects() {
            for (entry, earlier, path) in admission::duplicates(object.root) {
                problems.push(Problem {
                    object,
                    at: entry.key.location,
                    name: path.to_string(),
                    what: format!("the key `{path}` stands twice"),
                    kind: entry.key.key_text().into_owned(),
                    help: None,
                    other: Some((earlier.key.location, "the first")),
                });
            }
        }
        report(context, view, problems, findings);
    }
}
