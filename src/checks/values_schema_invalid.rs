//! `values-schema-invalid`: values.schema.json is no JSON Schema by its own draft, or refers to what Helm does not find.

use std::collections::BTreeSet;

use super::render_failed::errors;
use crate::finding::Label;
use crate::render::ErrorKind;
use crate::rule::{Context, Findings};

/// Helm looks at the schema before it looks at any values: what is wrong is said once, not for each profile.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let mut said = BTreeSet::new();
    for (_, error) in errors(context) {
        let ErrorKind::SchemaInvalid(flaws) = &error.kind else { continue };
        for (problem, place) in flaws {
            if said.insert((problem, place)) {
                let subject = format!("{} {problem}", context.sources.path(*place));
                let reported = findings.report(Label::new(*place, ""), subject, &[("problem", problem)]);
                if problem.starts_with("the schema refers to") {
                    reported
                        .help("put what it refers to below `$defs` of values.schema.json, and write `#/$defs/…` here");
                }
            }
        }
    }
}
