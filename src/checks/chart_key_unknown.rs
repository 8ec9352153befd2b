//! `chart-key-unknown`: a key of Chart.yaml that Helm does not know.

use super::edits;
use crate::chart::strays;
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::suggest::nearest;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    for stray in strays(metadata.root()) {
        if findings.is_full() {
            return;
        }
        let meant = nearest(&stray.key, stray.known.iter().copied());
        let help = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => "move it into `annotations` under a name of your own, or remove it".to_owned(),
        };
        let path = stray.path.to_string();
        let fix = stray.meant.and_then(|meant| {
            edits::word(context, stray.location, (&stray.key, meant), format!("rename `{path}` to `{meant}`"))
                .map(Fix::uncovering)
        });
        findings.report(Label::new(stray.location, ""), path.as_str(), &[("key", &path)]).help(help).fix(fix);
    }
}
