//! How checks write fixes: edits of what was read, and none where more would have to be guessed.

use crate::finding::Fix;
use crate::rule::Context;
use crate::text::edit::Edit;
use crate::text::{Address, Location, Span};
use crate::yaml::edit::{Writer, plain_or_quoted, quoted};
use crate::yaml::{Entry, Node, Style};

/// Another text for a scalar, in its own quotes.
pub(super) fn scalar(context: &Context<'_>, node: &Node, text: &str, title: impl Into<String>) -> Option<Fix> {
    written(context, node.location, title, |writer| writer.scalar(node, text))
}

/// What a writer makes of the file that a place lies in; nothing where that is no file of its own.
pub(super) fn written(
    context: &Context<'_>,
    near: Location,
    title: impl Into<String>,
    edit: impl FnOnce(Writer<'_>) -> Option<Edit>,
) -> Option<Fix> {
    let source = context.sources.get(near.source);
    let is_file = source.address != Address::Rendered;
    edit(Writer::new(&source.text)).filter(|_| is_file).map(|edit| Fix::safe(title, vec![edit]))
}

/// Another word in place of the one that stands at a place, as it is or in quotes.
pub(super) fn word(
    context: &Context<'_>,
    place: Location,
    (old, new): (&str, &str),
    title: impl Into<String>,
) -> Option<Fix> {
    let source = context.sources.get(place.source);
    let whole = source.slice(place.span);
    let start = whole.find(old).filter(|_| source.address != Address::Rendered && !old.is_empty())?;
    let around = [&whole[..start], &whole[start + old.len()..]];
    let is_all = around.iter().all(|part| matches!(*part, "" | "\"" | "'"));
    let at = place.span.start as usize + start;
    let location = Location::new(place.source, Span::new(at, at + old.len()));
    is_all.then(|| Fix::safe(title, vec![Edit::replacement(location, new)]))
}

/// Another word in place of the only one like it in a list of words that stands at a place.
pub(super) fn part(
    context: &Context<'_>,
    place: Location,
    (old, new): (&str, &str),
    title: impl Into<String>,
) -> Option<Fix> {
    let source = context.sources.get(place.source);
    let whole = source.slice(place.span);
    let is_letter = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
    let is_word =
        |start: &usize| !whole[..*start].ends_with(is_letter) && !whole[start + old.len()..].starts_with(is_letter);
    let mut starts = whole.match_indices(old).map(|(start, _)| start).filter(is_word);
    let start = starts.next().filter(|_| starts.next().is_none() && !whole.contains("{{") && !whole.contains("}}"))?;
    let at = place.span.start as usize + start;
    let location = Location::new(place.source, Span::new(at, at + old.len()));
    (source.address != Address::Rendered).then(|| Fix::safe(title, vec![Edit::replacement(location, new)]))
}

/// Another word for the values of a key in a YAML text that stands in quotes or folded, where they are as many as are to be found in it.
pub(super) fn values(
    context: &Context<'_>,
    within: Location,
    (key, old, new): (&str, &str, &str),
    count: usize,
) -> Option<Fix> {
    let source = context.sources.get(within.source);
    let whole = source.slice(within.span);
    let is_word = |letter: char| letter.is_alphanumeric() || matches!(letter, '-' | '_' | '.' | '/');
    let place = |start: usize| {
        let before = whole[..start].strip_suffix("\\n").unwrap_or(&whole[..start]);
        let rest = &whole[start + key.len()..];
        let value = rest.trim_start_matches(['"', '\'', '\\']).trim_start().strip_prefix(':')?;
        let value = value.trim_start().trim_start_matches(['"', '\'', '\\']).strip_prefix(old)?;
        let end = whole.len() - value.len();
        let is_whole = !before.ends_with(is_word) && !value.starts_with(is_word);
        is_whole.then(|| Span::new(within.span.start as usize + end - old.len(), within.span.start as usize + end))
    };
    let spans: Vec<Span> = whole.match_indices(key).filter_map(|(start, _)| place(start)).collect();
    let edit = |span: &Span| Edit::replacement(Location::new(within.source, *span), new);
    let is_certain = source.address != Address::Rendered && !old.is_empty() && spans.len() == count;
    is_certain.then(|| Fix::safe(format!("write `{new}`"), spans.iter().map(edit).collect()))
}

/// An annotation of Chart.yaml with a value in quotes: written over, added, or added with the mapping that it stands in.
pub(super) fn annotation(context: &Context<'_>, name: &str, value: &str, title: impl Into<String>) -> Option<Fix> {
    let metadata = context.chart.metadata.as_ref()?;
    let root = metadata.root();
    let line = || format!("{}: {}", plain_or_quoted(name), quoted(value));
    written(context, root.location, title, |writer| match root.entry("annotations") {
        Some(Entry { value: mapping, .. }) if mapping.entry(name).is_some() => writer.scalar(mapping.get(name)?, value),
        Some(entry) if entry.value.as_map().is_some_and(|map| !map.entries().is_empty() || is_flow(&entry.value)) => {
            writer.entry(&entry.value, name, &quoted(value))
        }
        Some(entry) => writer.below(entry, &[line()]),
        None => None,
    })
}

fn is_flow(node: &Node) -> bool {
    node.style == Style::Flow
}
