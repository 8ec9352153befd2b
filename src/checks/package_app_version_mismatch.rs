//! `package-app-version-mismatch`: artifacthub-pkg.yml and Chart.yaml name the same appVersion.

use super::package::{Said, compare};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let said = context.chart.metadata.as_ref().and_then(|metadata| Said::field(metadata, "appVersion"));
    if let Some(said) = said {
        compare(context, findings, "appVersion", &said);
    }
}
