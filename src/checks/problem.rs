//! The rules for what loading a chart found wrong: each reports the problems of its kind.

use crate::chart::{Chart, ProblemKind};
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::Address;

/// One finding for each problem of a kind, those of sub-charts with it. A key that stands twice in an archive is its maker's.
pub(super) fn report(kind: ProblemKind, context: &Context<'_>, findings: &mut Findings<'_>) {
    for chart in context.chart.with_dependencies() {
        let is_mendable = kind != ProblemKind::YamlKeyDuplicate || !is_archived(chart);
        for problem in chart.problems.iter().filter(|problem| problem.kind == kind && is_mendable) {
            let inner = chart.path.strip_prefix(&context.chart.path).unwrap_or_default();
            let subject = format!("{inner}/{}", problem.subject);
            let args = [("problem", problem.message.as_str())];
            let mut reported = findings.report(Label::new(problem.location, ""), subject, &args);
            if let Some(related) = &problem.related {
                reported = reported.related(related.clone());
            }
            if let Some(help) = &problem.help {
                reported = reported.help(help.as_str());
            }
            // What belongs to a sub-chart in an archive is its maker's.
            let fix = problem.fix.clone().filter(|_| !is_archived(chart));
            reported.fix(if is_unread(kind) { fix.map(Fix::uncovering) } else { fix });
        }
    }
}

/// Whether a chart with such a problem is not rendered, and what is wrong with the rest unseen. What a mended pattern hides may be missed, though.
fn is_unread(kind: ProblemKind) -> bool {
    !matches!(kind, ProblemKind::YamlKeyDuplicate | ProblemKind::HelmignoreInvalid)
}

fn is_archived(chart: &Chart) -> bool {
    matches!(chart.tree.address(&chart.folder), Address::Archived { .. })
}
