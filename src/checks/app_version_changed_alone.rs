//! `app-version-changed-alone`: another appVersion under the same version.

use super::version_reused::raise;
use crate::finding::Label;
use crate::published::Comparison;
use crate::published::compare::app_version;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (chart, comparison) = (context.chart, &context.history.own);
    let (Some(metadata), Some(version), Some(now)) = (&chart.metadata, chart.version(), app_version(chart)) else {
        return;
    };
    let Comparison::Existing { baseline, app_version: Some(earlier), .. } = comparison else { return };
    let awaits_release = context.intent.awaits_release(chart.name().unwrap_or_default());
    if now == *earlier || awaits_release || !comparison.has_version(Some(version)) {
        return;
    }
    let args = [("earlier", &**earlier), ("app_version", &*now), ("version", version), ("baseline", &**baseline)];
    findings
        .report(Label::new(metadata.place("appVersion"), ""), "appVersion", &args)
        .related(Label::new(metadata.place("version"), "unchanged"))
        .help(raise(version, context.since));
}
