//! `version-invalid`: a version that Helm takes and registries do not list.

use super::edits;
use crate::chart::Version;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(node) = metadata.root().get("version") else { return };
    let (Some(version), Some(written)) = (node.helm_text(), node.scalar_text()) else { return };
    // What Helm refuses is `chart-invalid`'s.
    let Some(read) = Version::parse(&version) else { return };
    if is_lowest(&read) {
        let message = format!("version `{version}` is not above `0.0.0-0`, and `helm lint` refuses it");
        let reported = findings.report(Label::new(node.location, ""), "version", &[]).message(message);
        reported.help("set a version such as `0.1.0`");
        return;
    }
    if semver::Version::parse(&version).is_ok() {
        return;
    }
    let meant = Version::parse(written).map(|meant| meant.to_string());
    let help = format!("set `version: {}`", meant.as_deref().unwrap_or("1.2.3"));
    // `1.10` may be meant as 1.1.0 or as 1.10.0.
    let meant = meant.filter(|_| *version == *written);
    let fix = meant.and_then(|meant| edits::scalar(context, node, &meant, format!("set `version` to `{meant}`")));
    findings.report(Label::new(node.location, ""), "version", &[("version", &version)]).help(help).fix(fix);
}

/// Whether there is no version below it.
fn is_lowest(version: &Version) -> bool {
    semver::Version::parse(&version.to_string())
        .is_ok_and(|version| (version.major, version.minor, version.patch) == (0, 0, 0) && version.pre.as_str() == "0")
}
