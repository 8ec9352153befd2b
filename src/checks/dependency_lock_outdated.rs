//! `dependency-lock-outdated`: a lock with which `helm dependency build` refuses the chart.

use crate::dependency::lock;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let (Some(file), Some(outdated)) = (&chart.lock, lock::outdated(chart)) else { return };
    let args = [("lock", file.path.as_str()), ("problem", outdated.reason.as_str())];
    let help = format!("run `helm dependency update {0}` or `chartgate deps {0} --update`", chart.path);
    let reported = findings.report(Label::new(outdated.at, ""), file.path.as_str(), &args);
    let declared = chart.declared();
    match declared.iter().find(|one| Some(one.node.location) == outdated.declared).or(declared.first()) {
        Some(one) => _ = reported.related(Label::new(one.place("version"), "declared here")).help(help),
        None => _ = reported.help(help),
    }
}
