//! `version-decreased`: a lower version than before.

use crate::chart::Version;
use crate::finding::Label;
use crate::published::Comparison;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let (chart, comparison) = (context.chart, context.comparison);
    let (Some(metadata), Some(version)) = (&chart.metadata, chart.version()) else { return };
    let Comparison::Existing { baseline, version: Some(earlier), .. } = comparison else { return };
    if !comparison.is_above(Some(version)) {
        return;
    }
    let next = Version::parse(earlier).map_or_else(String::new, |earlier| earlier.next().to_string());
    let args = [("version", version), ("earlier", earlier.as_str()), ("baseline", baseline.as_str())];
    let help = format!("set `version: {next}` or a greater one");
    findings.report(Label::new(metadata.place("version"), ""), "version", &args).help(help);
}
