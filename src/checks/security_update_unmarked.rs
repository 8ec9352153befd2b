//! `security-update-unmarked`: a change of kind `security` in a version that is not marked for it.

use super::edits;
use crate::artifacthub::{Annotations, PREFIX};
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources);
    let is_true = |text: &str| ["1", "t", "T", "TRUE", "true", "True"].contains(&text);
    if annotations.get("containsSecurityUpdates").is_some_and(|mark| is_true(&mark.text())) {
        return;
    }
    let changes = annotations.changes();
    let mut kinds = changes.iter().filter_map(|item| item.get("kind"));
    let is_security =
        |kind: &&crate::yaml::Node| kind.scalar_text().is_some_and(|kind| kind.eq_ignore_ascii_case("security"));
    if let Some(kind) = kinds.find(is_security) {
        let name = format!("{PREFIX}containsSecurityUpdates");
        let fix = edits::annotation(context, &name, "true", format!("set `{name}` to `true`"));
        findings.report(Label::new(kind.location, ""), "containsSecurityUpdates", &[]).fix(fix);
    }
}
