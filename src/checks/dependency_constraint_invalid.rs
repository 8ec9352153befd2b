//! `dependency-constraint-invalid`: a dependency whose version is not a range.

use crate::dependency::is_range;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for declared in context.chart.declared() {
        let Some(name) = declared.name else { continue };
        let problem = match declared.version {
            // What is of another shape is reported as such.
            None if declared.node.get("version").is_some_and(|version| !version.is_null()) => continue,
            None | Some("") => format!("the dependency `{name}` has no `version`"),
            Some(range) if !is_range(range) => {
                format!("the version `{range}` of the dependency `{name}` is not a range of versions")
            }
            Some(_) => continue,
        };
        let args = [("problem", problem.as_str())];
        findings.report(Label::new(declared.place("version"), ""), declared.key().unwrap_or(name), &args);
    }
}
