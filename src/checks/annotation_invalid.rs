//! `annotation-invalid`: an annotation that Artifact Hub cannot read.

use crate::artifacthub::Annotations;
use crate::finding::{Failure, FailureKind, Label};
use crate::rule::{Context, Findings};

/// One finding for each thing that Artifact Hub cannot read.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    for fault in Annotations::of(metadata, context.sources).faults() {
        if fault.is_limit {
            findings.fail(Failure::new(FailureKind::Limit, fault.message).at(fault.location));
            continue;
        }
        let help = fault.help.map(|help| format!("{help}; ")).unwrap_or_default();
        findings
            .report(Label::new(fault.location, ""), fault.subject, &[])
            .message(fault.message)
            .help(format!("{help}as it is, Artifact Hub leaves this whole chart version out of its listing"));
    }
}
