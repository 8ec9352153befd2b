//! `version-tag-mismatch`: the version that a release's tag names is the chart's.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let intent = context.intent;
    let (Some(metadata), Some(tag)) = (&context.chart.metadata, &intent.tag) else { return };
    let (Some(name), Some(version)) = (context.chart.name(), context.chart.version()) else { return };
    let Some((pattern, tagged)) = intent.tagged(name) else { return };
    if tagged == version.strip_prefix('v').unwrap_or(version) {
        return;
    }
    let args = [("version", version), ("tag", &*tag.name), ("tagged", tagged)];
    let help = format!("set `version: {tagged}`, or tag the release `{}`", pattern.tag(name, version));
    let label = Label::new(metadata.place("version"), "");
    let reported = findings.report(label, "version", &args).help(help);
    if let Some((_, at)) = &intent.tags {
        reported.related(Label::new(*at, "how release tags are written"));
    }
}
