//! `archive-name-mismatch`: a packaged chart lies in a file of another name than Helm gives it.

use crate::chart::package;
use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::Address;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let chart = context.chart;
    let (Address::Archived { archive }, Some(metadata)) = (chart.tree.address(&chart.folder), &chart.metadata) else {
        return;
    };
    let Some(expected) = package::file_name(chart) else { return };
    let found = archive.rsplit(['/', '\\']).next().unwrap_or_default();
    if found != expected {
        let field =
            if found.starts_with(&format!("{}-", chart.name().unwrap_or_default())) { "version" } else { "name" };
        findings.report(Label::new(metadata.place(field), ""), "name", &[("found", found), ("expected", &expected)]);
    }
}
