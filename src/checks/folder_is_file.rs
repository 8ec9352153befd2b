//! `folder-is-file`: `templates` or `crds` is a file.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for name in ["crds", "templates"] {
        if context.chart.file(name).is_some() {
            findings.report(Label::new(context.start_of(name), ""), name, &[("name", name)]);
        }
    }
}
