//! `package-license-mismatch`: artifacthub-pkg.yml and the annotation of Chart.yaml name the same license.

use super::package::{Said, compare};
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let annotations = context.chart.metadata.as_ref().and_then(|metadata| metadata.root().get("annotations"));
    let said = annotations.and_then(|annotations| annotations.get("artifacthub.io/license")).and_then(Said::by);
    if let Some(said) = said {
        compare(context, findings, "license", &said);
    }
}
