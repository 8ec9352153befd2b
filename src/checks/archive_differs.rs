//! `archive-differs`: a packaged chart is not what its folder packages to.

use crate::finding::Label;
use crate::published::{Difference, DifferenceKind};
use crate::rule::{Context, Findings};

/// Files that the help names one by one.
const NAMED: usize = 8;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(differences) = context.source.filter(|differences| !differences.is_empty()) else { return };
    let Some(metadata) = &context.chart.metadata else { return };
    let count = differences.len();
    let changes = if count == 1 { "1 file".to_owned() } else { format!("{count} files") };
    let named: Vec<String> = differences.iter().take(NAMED).map(words).collect();
    let rest = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
    let help = format!("package the chart again with `chartgate package`; what differs: {}{rest}", named.join(", "));
    findings.report(Label::new(metadata.place("version"), ""), "source", &[("changes", &changes)]).help(help);
}

fn words(difference: &Difference) -> String {
    let how = match difference.kind {
        DifferenceKind::Added => "only in the archive".to_owned(),
        DifferenceKind::Removed => "missing in the archive".to_owned(),
        changed @ DifferenceKind::Changed { .. } => changed.to_string(),
    };
    format!("`{}`: {how}", difference.path)
}
