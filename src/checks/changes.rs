//! The rules that name a kind of change: where one was asked for by itself, each change is a finding.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let reasons = context.since.into_iter().flat_map(|since| &since.reasons);
    let rule = findings.rule().id.clone();
    for change in reasons.map(|reason| &reason.change).filter(|change| change.rule == rule) {
        let Some(at) = change.new.or(change.old) else { continue };
        let args = [("change", change.message.as_str())];
        let reported = findings.report(Label::new(at, ""), change.subject.as_str(), &args);
        if let (Some(_), Some(old)) = (change.new, change.old) {
            reported.related(Label::new(old, "as it was"));
        }
    }
}
