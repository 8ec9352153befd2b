//! `annotation-changes-stale`: another version with the change log of the last release.

use crate::finding::Label;
use crate::rule::{Context, Findings, said};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (Some(since), Some(now)) = (context.since, said(context.chart)) else { return };
    let (text, version) = (now.scalar_text().unwrap_or_default().trim(), context.chart.version().unwrap_or_default());
    if text.is_empty() || since.version == version || since.said.as_deref() != Some(text) {
        return;
    }
    let args = [("version", version), ("earlier", since.version.as_str())];
    findings.report(Label::new(now.location, ""), "artifacthub.io/changes", &args);
}
