//! `annotation-invalid`: an annotation that Artifact Hub cannot read.

use super::change_text_cut::with_comment;
use super::edits;
use crate::artifacthub::{Annotations, Meant};
use crate::finding::{Failure, FailureKind, Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::edit::Edit;
use crate::text::{Location, Span};
use crate::yaml::edit::quoted;

/// One finding for each thing that Artifact Hub cannot read.
pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    for fault in Annotations::of(metadata, context.sources).faults() {
        if fault.is_limit {
            findings.fail(Failure::new(FailureKind::Limit, fault.message).at(fault.location));
            continue;
        }
        let fix = fault.meant.as_ref().and_then(|meant| fix(context, meant));
        let help = fault.help.map(|help| format!("{help}; ")).unwrap_or_default();
        findings
            .report(Label::new(fault.location, ""), fault.subject, &[])
            .message(fault.message)
            .help(format!("{help}as it is, Artifact Hub leaves this whole chart version out of its listing"))
            .fix(fix.map(Fix::uncovering));
    }
}

fn fix(context: &Context<'_>, meant: &Meant) -> Option<Fix> {
    match meant {
        Meant::Text(node, text) => edits::scalar(context, node, text, format!("write `{text}`")),
        Meant::Kind { within, old, new, count } => edits::values(context, *within, ("kind", old, new), *count),
        Meant::Quoted(place) => {
            let place = &with_comment(context.sources, *place);
            let text = context.sources.get(place.source).slice(place.span).trim_end().to_owned();
            let end = place.span.start as usize + text.len();
            let location = Location::new(place.source, Span::new(place.span.start as usize, end));
            let is_line = !text.is_empty() && !text.contains(['\n', '\r']);
            let edits = vec![Edit::replacement(location, quoted(&text))];
            is_line.then(|| Fix::safe(format!("put `{text}` in quotes"), edits))
        }
    }
}
