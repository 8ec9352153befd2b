//! `license-invalid`: `artifacthub.io/license` is no SPDX expression.

use super::edits;
use crate::artifacthub::Annotations;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(annotation) = Annotations::of(metadata, context.sources).get("license") else { return };
    let given = annotation.text();
    if given.is_empty() || spdx::Expression::parse(&given).is_ok() {
        return;
    }
    let meant = spdx::imprecise_license_id(&given).filter(|(_, length)| *length == given.len()).map(|(id, _)| id.name);
    let help = meant.map_or_else(
        || {
            "write an identifier of SPDX's list such as `Apache-2.0`, or `LicenseRef-` and a name of your own"
                .to_owned()
        },
        |meant| format!("write `{meant}`"),
    );
    let value = &annotation.entry.value;
    let fix = meant.and_then(|meant| edits::scalar(context, value, meant, format!("write `{meant}`")));
    findings.report(Label::new(value.location, ""), "license", &[("license", &given)]).help(help).fix(fix);
}
