//! What the fixes of a round change already, by place.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::files::Placed;
use crate::text::Span;

/// Places that are taken, none of which overlaps another, each with the rule whose fix it was taken for.
#[derive(Debug, Default)]
pub(super) struct Taken<'a>(BTreeMap<PathBuf, BTreeMap<Span, &'a str>>);

impl<'a> Taken<'a> {
    /// Takes the places of a fix; false, and nothing is taken, where one of them touches what others change. Insertions of one
    /// rule may share a place.
    pub(super) fn take(&mut self, fix: &Placed, rule: &'a str) -> bool {
        let meets = |(path, edits): &(PathBuf, Vec<(Span, String)>)| {
            self.0.get(path).is_some_and(|taken| edits.iter().any(|(span, _)| meets(taken, *span, rule)))
        };
        if fix.iter().any(meets) {
            return false;
        }
        for (path, edits) in fix {
            let taken = self.0.entry(path.clone()).or_default();
            taken.extend(edits.iter().map(|(span, _)| (*span, rule)));
        }
        true
    }
}

/// Whether a place meets one that is taken. As none of these overlap, the last that starts before its end is the one to reach into it.
fn meets(taken: &BTreeMap<Span, &str>, span: Span, rule: &str) -> bool {
    if span.start == span.end && taken.get(&span).is_some_and(|by| *by != rule) {
        return true;
    }
    let before_its_end = Span { start: span.end, end: span.end };
    taken.range(..before_its_end).next_back().is_some_and(|(last, _)| last.end > span.start)
}
