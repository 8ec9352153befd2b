//! `dependency-folder-missing`: the folder of a dependency is gone, and only its copy in `charts/` is there.

use crate::chart::Misled;
use crate::dependency::lacking;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let lacking = lacking(chart);
    for declared in chart.declared() {
        let at = declared.place("repository");
        let unfollowed = chart.unfollowed.iter().find(|each| each.at == at);
        let (Some(name), Some(Misled::Nothing { path })) = (declared.name, unfollowed.map(|each| &each.why)) else {
            continue;
        };
        // One that is nowhere is said as such.
        if lacking.iter().all(|lack| lack.declared.node.location != declared.node.location) {
            let args = [("name", name), ("path", path.as_str())];
            findings.report(Label::new(at, ""), declared.key().unwrap_or(name), &args);
        }
    }
}
