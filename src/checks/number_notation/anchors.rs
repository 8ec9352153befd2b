//! Where the values stand that aliases of values files stand for.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::text::{Location, SourceId, Sources, Span};

/// The anchors of the files that were asked about.
pub(super) struct Anchors<'s> {
    pub(super) sources: &'s Sources,
    /// Where the values behind each name begin, in order.
    known: RefCell<HashMap<SourceId, HashMap<String, Vec<usize>>>>,
}

impl<'s> Anchors<'s> {
    pub(super) fn new(sources: &'s Sources) -> Self {
        Self { sources, known: RefCell::default() }
    }

    /// The value that an alias stands for, where it is a scalar on the line of its anchor; any other place as it is.
    pub(super) fn value(&self, place: Location) -> Location {
        let source = self.sources.get(place.source);
        let Some(name) = source.slice(place.span).trim().strip_prefix('*') else { return place };
        let mut known = self.known.borrow_mut();
        let starts = known.entry(place.source).or_insert_with(|| of_text(&source.text)).get(name);
        let before = |starts: &Vec<usize>| {
            let count = starts.partition_point(|start| *start <= place.span.start as usize);
            starts[..count].last().copied()
        };
        let Some(start) = starts.and_then(before) else { return place };
        let value = source.text[start..].split([',', '}', ']', ' ', '\n', '\r']).next().unwrap_or_default();
        Location::new(place.source, Span::new(start, start + value.len()))
    }
}

/// Where what stands behind each `&name ` begins.
fn of_text(text: &str) -> HashMap<String, Vec<usize>> {
    let (mut starts, mut end): (HashMap<String, Vec<usize>>, _) = (HashMap::new(), 0);
    for word in text.split_inclusive(' ') {
        end += word.len();
        let name = word.strip_suffix(' ').and_then(|word| word.rsplit_once('&')).map(|(_, name)| name);
        if let Some(name) = name.filter(|name| !name.contains(char::is_whitespace)) {
            starts.entry(name.to_owned()).or_default().push(end);
        }
    }
    starts
}
