//! `version-tag-mismatch`: the version that a release's tag names is the chart's.

use crate::finding::Label;
use crate::published::PushTarget;
use crate::published::tags::Pattern;
use crate::rule::{Context, Findings};

/// How tags are commonly written, for those that are named on the command line.
const COMMON: [&str; 6] =
    ["{name}-{version}", "{name}-v{version}", "{name}/{version}", "{name}/v{version}", "v{version}", "{version}"];

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let target = &context.releases.target;
    let (Some(metadata), Some(tag)) = (&context.chart.metadata, &target.tag) else { return };
    let (Some(name), Some(version)) = (context.chart.name(), context.chart.version()) else { return };
    let mut patterns = patterns(target).into_iter();
    let Some((pattern, tagged)) =
        patterns.find_map(|pattern| pattern.version(name, &tag.name).map(|tagged| (pattern.clone(), tagged)))
    else {
        return;
    };
    if tagged == version.strip_prefix('v').unwrap_or(version) {
        return;
    }
    let args = [("version", version), ("tag", &*tag.name), ("tagged", tagged)];
    let help = format!("set `version: {tagged}`, or tag the release `{}`", pattern.tag(name, version));
    let mut reported = findings.report(Label::new(metadata.place("version"), ""), "version", &args).help(help);
    if let Some((_, at)) = &target.tags {
        reported = reported.related(Label::new(*at, "how release tags are written"));
    }
    drop(reported);
}

/// How the tag may be read.
fn patterns(target: &PushTarget) -> Vec<Pattern> {
    match (&target.tags, &target.tag) {
        (Some((written, _)), _) => Pattern::new(written).into_iter().collect(),
        (None, Some(tag)) if tag.is_named => COMMON.into_iter().filter_map(Pattern::new).collect(),
        _ => vec![],
    }
}
