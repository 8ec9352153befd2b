//! What can be written in an annotation: its own value, and what stands in a literal block.

use super::change::of_kind;
use super::{Annotation, Fault, Meant};
use crate::text::{Location, Span, edit};
use crate::yaml::edit::quoted;
use crate::yaml::{Node, Style, embedded};

/// The fault without what cannot be written at its place: in folded and quoted texts, places are those of the whole, or what is written there is not
/// what the text says.
pub(super) fn mendable(annotation: Annotation<'_>, is_own: bool, items: &[Node], fault: Fault) -> Fault {
    let value = &annotation.entry.value;
    let is_inside = |place: Location| value.style == Style::Literal && place != value.location;
    let meant = fault.meant.clone().and_then(|meant| match meant {
        Meant::Text(ref node, _) if is_own || is_inside(node.location) => Some(meant),
        Meant::Text(node, new) => {
            let old = node.scalar_text().filter(|_| annotation.name == "changes")?.to_owned();
            let count = of_kind(items, &old);
            Some(Meant::Kind { within: value.location, old, new, count })
        }
        Meant::Quoted(place) if !is_inside(place) => None,
        Meant::Quoted(_) | Meant::Kind { .. } => Some(meant),
    });
    Fault { meant, ..fault }
}

/// The text on the line of a syntax error that lacks its quotes: with them, what comes up to the end of that line can be read.
pub(super) fn unquoted(value: &Node, file: &str, error: Location) -> Option<Location> {
    if value.style != Style::Literal {
        return None;
    }
    let at = (error.span.start as usize).min(file.len());
    let start = file.get(..at)?.rfind('\n').map_or(0, |before| before + 1);
    let line = file[start..].lines().next()?;
    let content = line.trim_start();
    let content = content.strip_prefix("- ").unwrap_or(content).trim_start();
    let key = content.find(": ").filter(|end| content[..*end].bytes().all(|byte| byte.is_ascii_alphanumeric()));
    let text = key.map_or(content, |end| content[end + 2..].trim_start()).trim_end();
    let offset = start + line.trim_end().len() - text.len();
    let place = Location::new(value.location.source, Span::new(offset, offset + text.len()));
    let is_text = text.len() > 1 && !text.starts_with(['"', '\'', '|', '>']);
    (is_text && reads_on(value, file, place, text)).then_some(place)
}

/// Whether the block can be read further once a text is in quotes.
fn reads_on(value: &Node, file: &str, place: Location, text: &str) -> bool {
    let Some(mended) = edit::apply(file, &[edit::Edit::replacement(place, quoted(text))]) else { return false };
    let grown = mended.len() - file.len();
    let span = Span::new(value.location.span.start as usize, value.location.span.end as usize + grown);
    let Some(block) = mended.get(span.range()) else { return false };
    let indent = file[..value.location.span.start as usize].rfind('\n').map_or(0, |before| before + 1);
    let indent = " ".repeat(value.location.span.start as usize - indent);
    let lines: String = block.split_inclusive('\n').map(|line| line.strip_prefix(&indent).unwrap_or(line)).collect();
    let inner = Node { value: crate::yaml::Value::String(lines.as_str().into()), ..value.clone() };
    match embedded::documents(&inner, &mended) {
        Ok(_) => true,
        Err(error) => error.location.span.start as usize > place.span.end as usize + grown,
    }
}
