//! `license-invalid`: `artifacthub.io/license` is no SPDX expression.

use super::edits;
use crate::artifacthub::{Annotations, is_license};
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(annotation) = Annotations::of(metadata, context.sources).get("license") else { return };
    let given = annotation.text();
    if given.is_empty() || is_license(&given) {
        return;
    }
    let meant = spdx::imprecise_license_id(&given).filter(|(_, length)| *length == given.len()).map(|(id, _)| id.name);
    // What leaves a choice of versions, or of this one and later ones, nobody but the owner makes.
    let is_certain =
        |name: &str| name == "MIT" || given.bytes().any(|byte| byte.is_ascii_digit()) && !name.contains("GPL");
    let certain = meant.filter(|name| is_certain(name));
    let help = certain.map_or_else(
        || match meant {
            Some(meant) => format!("write the one of SPDX's list that is meant, such as `{meant}`"),
            None => "write an identifier of SPDX's list such as `Apache-2.0`, or `LicenseRef-` and a name of your own"
                .to_owned(),
        },
        |meant| format!("write `{meant}`"),
    );
    let value = &annotation.entry.value;
    let fix = certain.and_then(|meant| edits::scalar(context, value, meant, format!("write `{meant}`")));
    findings.report(Label::new(value.location, ""), "license", &[("license", &given)]).help(help).fix(fix);
}
