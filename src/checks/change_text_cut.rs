//! `change-text-cut`: a change whose text ends where YAML sees a comment.

use crate::artifacthub::Annotations;
use crate::finding::{Fix, Label};
use crate::rule::{Context, Findings};
use crate::text::edit::Edit;
use crate::text::{Location, Sources, Span};
use crate::yaml::edit::quoted;
use crate::yaml::{Node, Style};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let annotations = Annotations::of(metadata, context.sources);
    let is_writable = annotations.writable("changes").is_some();
    for (index, item) in annotations.changes().iter().enumerate() {
        let text = if item.as_map().is_some() { item.get("description") } else { Some(item) };
        let Some(place) = text.and_then(|text| cut(context, text)) else { continue };
        let whole = Location::new(place.source, text.map_or(place, |text| text.location).span.to(place.span));
        let fix = is_writable.then(|| {
            let written = context.sources.get(whole.source).slice(whole.span).to_owned();
            Fix::safe(format!("put `{written}` in quotes"), vec![Edit::replacement(whole, quoted(&written))])
        });
        findings.report(Label::new(place, ""), format!("changes[{index}]"), &[]).fix(fix);
    }
}

/// What YAML takes for a comment behind a text, where it is no comment by its looks: `#12` in `fixes #12`.
fn cut(context: &Context<'_>, text: &Node) -> Option<Location> {
    comment_behind(context.sources, text.location).filter(|_| text.style == Style::Plain)
}

/// A place on a line with what was meant to belong to it and is a comment to YAML.
pub(super) fn with_comment(sources: &Sources, place: Location) -> Location {
    let comment = comment_behind(sources, place);
    comment.map_or(place, |comment| Location::new(place.source, place.span.to(comment.span)))
}

fn comment_behind(sources: &Sources, place: Location) -> Option<Location> {
    let end = place.span.end as usize;
    let source = sources.get(place.source);
    let rest = source.text.get(end..)?.lines().next()?;
    let comment = rest.trim_start();
    let is_cut = rest.starts_with(' ') && comment.starts_with('#');
    let start = end + rest.len() - comment.len();
    let span = Span::new(start, start + comment.trim_end().len());
    (is_cut && comment.len() > 1 && !comment.starts_with("# ")).then(|| Location::new(place.source, span))
}
