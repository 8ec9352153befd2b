//! `version-invalid`: a version that Helm takes and registries do not list.

use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(node) = metadata.root().get("version") else { return };
    let (Some(version), Some(written)) = (node.helm_text(), node.scalar_text()) else { return };
    // What Helm refuses is `chart-invalid`'s.
    if Version::parse(&version).is_none() || semver::Version::parse(&version).is_ok() {
        return;
    }
    let meant = Version::parse(written).map_or_else(|| "1.2.3".to_owned(), |meant| meant.to_string());
    let help = format!("set `version: {meant}`");
    findings.report(Label::new(node.location, ""), "version", &[("version", &version)]).help(help);
}
