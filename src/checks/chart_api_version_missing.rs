//! `chart-api-version-missing`: Chart.yaml does not say of which version it is.

use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::edit::Edit;
use crate::text::{Location, Span};
use crate::yaml::{Node, Style};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let root = metadata.root();
    let version = root.get("apiVersion").filter(|node| !node.is_null());
    // One of another shape is reported as such.
    if version.is_some_and(|node| node.scalar_text().is_none_or(|text| !text.is_empty())) {
        return;
    }
    let start = Location::new(metadata.source, Span { end: root.location.span.start, ..root.location.span });
    findings.report(Label::new(start, ""), "", &[]).fix(fix(context, root));
}

/// The line before all others. A chart with requirements.yaml is of v1, unless somebody moves them.
fn fix(context: &Context<'_>, root: &Node) -> Option<Fix> {
    let first = root.as_map()?.entries().first()?.key.location;
    let text = &context.sources.get(first.source).text;
    let before = text.get(..first.span.start as usize)?;
    let is_first = before.is_empty() || before.ends_with(['\n', '\u{feff}']);
    let is_free =
        root.style == Style::Block && root.entry("apiVersion").is_none() && context.chart.requirements.is_none();
    let line_break = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let place = Location::new(first.source, Span { end: first.span.start, ..first.span });
    let edits = vec![Edit::replacement(place, format!("apiVersion: v2{line_break}"))];
    (is_first && is_free).then(|| Fix::safe("add `apiVersion: v2`", edits))
}
