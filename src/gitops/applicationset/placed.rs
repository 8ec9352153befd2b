//! `values` of a template that are filled in: each value at the parameter or at the line of the template that says it.

use std::sync::Arc;

use crate::kustomize::edit;
use crate::text::{Address, Location, Source, Sources, Span};
use crate::yaml::{Document, Entry, Mapping, Node, Value, embedded};

/// Where a parameter is written that is all of a text.
type Placing<'o> = &'o dyn Fn(&str) -> Option<Location>;

/// A text that is made of a template line by line.
struct Lines<'t> {
    /// Where each line of the text starts in it.
    starts: Vec<usize>,
    /// Each line of the template, and of the text.
    pairs: Vec<(&'t str, &'t str)>,
    /// Where the lines of the template lie.
    places: Vec<Location>,
}

/// The options of Helm with the same values as an object. None where they are no text that is filled in, or lines are put in or left out.
pub(super) fn values(sources: &Sources, template: &Node, filled: &Node, origin: Placing<'_>) -> Option<Node> {
    let (written, made) = (template.get("values")?, filled.get("values")?);
    let (old, new) = (written.as_str()?, made.as_str()?);
    let is_alone = filled.get("valuesObject").is_none();
    if !old.contains("{{") || !is_alone || old.lines().count() != new.lines().count() {
        return None;
    }
    let file = Arc::clone(&sources.get(written.location.source).text);
    if !embedded::is_placed(written, &file) {
        return None;
    }
    let id = sources.add(Source::new("values", Address::Rendered, new));
    let mut documents = Document::parse_all(id, new).ok()?.into_iter();
    let root = documents.next().filter(|_| documents.next().is_none())?.root;
    root.as_map()?;
    let place = |(start, line): (usize, &str)| {
        let indent = line.len() - line.trim_start().len();
        embedded::place(written, &file, Span::new(start + indent, start + line.trim_end().len()))
    };
    let lines = Lines {
        starts: starts(new),
        pairs: old.lines().zip(new.lines()).collect(),
        places: starts(old).into_iter().zip(old.lines()).map(place).collect(),
    };
    let object = lines.placed(&root, origin);
    Some(edit::with(&edit::without(filled, "values"), "valuesObject", object))
}

fn starts(text: &str) -> Vec<usize> {
    let ends = text.match_indices('\n').map(|(at, _)| at + 1);
    std::iter::once(0).chain(ends).collect()
}

impl Lines<'_> {
    fn placed(&self, node: &Node, origin: Placing<'_>) -> Node {
        let value = match &node.value {
            Value::Seq(items) => Value::Seq(items.iter().map(|item| self.placed(item, origin)).collect()),
            Value::Map(mapping) => {
                let entry = |entry: &Entry| Entry {
                    key: self.placed(&entry.key, origin),
                    value: self.placed(&entry.value, origin),
                    merged: entry.merged,
                };
                Value::Map(Arc::new(mapping.entries().iter().map(entry).collect::<Mapping>()))
            }
            value => value.clone(),
        };
        let location = self.place(node, origin);
        Node { location, ..edit::with_value(node, value) }
    }

    fn place(&self, node: &Node, origin: Placing<'_>) -> Location {
        let span = node.location.span;
        let line = self.starts.partition_point(|start| *start <= span.start as usize).saturating_sub(1);
        let (Some((old, new)), Some(place)) = (self.pairs.get(line), self.places.get(line)) else {
            return self.places.last().copied().unwrap_or(node.location);
        };
        if old == new {
            // The line is as it was, and so is the place in it.
            let indent = new.len() - new.trim_start().len();
            let within = (span.start as usize - self.starts[line]).saturating_sub(indent);
            let start = place.span.start as usize + within;
            let length = span.range().len().min((place.span.end as usize).saturating_sub(start));
            return Location { span: Span::new(start, start + length), ..*place };
        }
        let said = old.split_once("{{").filter(|(before, behind)| {
            let is_whole = before.ends_with([' ', '"', '\'']) && !before.trim().is_empty();
            is_whole && !behind.contains("{{") && node.scalar_text().is_some()
        });
        said.map(|(before, _)| old[before.len()..].trim_end().trim_end_matches(['"', '\'']))
            .filter(|_| new.trim_end().trim_end_matches(['"', '\'']).ends_with(node.scalar_text().unwrap_or_default()))
            .and_then(origin)
            .unwrap_or(*place)
    }
}
