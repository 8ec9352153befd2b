//! `version-not-raised`: other content under a version that goes on until the next release is made.

use super::version_reused::report;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    if context.intent.awaits_release(context.chart.name().unwrap_or_default()) {
        report(context, findings);
    }
}
