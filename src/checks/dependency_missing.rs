//! `dependency-missing`: a dependency that is nowhere, by the chart's own fault.

use crate::dependency::lacking;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    for lack in lacking(chart).into_iter().filter(|lack| lack.why.is_of_chart()) {
        let owner = lack.owner.path.strip_prefix(&chart.path).unwrap_or(&lack.owner.path);
        let subject = format!("{owner}#{}", lack.declared.name.unwrap_or_default());
        let args = [("problem", &*lack.problem(chart))];
        findings.report(Label::new(lack.at, ""), subject, &args).help(lack.help());
    }
}
