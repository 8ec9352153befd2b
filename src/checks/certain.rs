//! What is wrong whatever the values are that a chart asks for, where it does not render without them.

use crate::render::Object;
use crate::text::{Location, Sources};

/// Whether a part of an object is written in the template or printed from a value that is there, with nothing left out of it.
pub(super) fn is_given(object: Object<'_>, at: Location, sources: &Sources) -> bool {
    let written = |place: Location| sources.get(place.source).slice(place.span).trim().to_owned();
    let printed = object.origins(at).printed;
    let is_set = !is_empty(&written(at))
        && printed.iter().all(|origin| !origin.is_absent && !is_empty(&written(origin.location)));
    is_set && object.manifest.written(at.span).is_some_and(|places| is_seamless(&places, sources))
}

/// Whether a value is what charts write for one that is still to be set.
fn is_empty(text: &str) -> bool {
    matches!(text, "" | "\"\"" | "''" | "null" | "~" | "{}" | "[]")
}

/// Whether every action between places of a template printed something. The first and the last place are the letters at the sides of a part,
/// and what stands beyond their lines is no part of it.
fn is_seamless(places: &[Location], sources: &Sources) -> bool {
    let last = places.len().saturating_sub(2);
    places.windows(2).enumerate().all(|(index, pair)| {
        let [before, after] = pair else { return false };
        if before.source != after.source || before.span.end > after.span.start {
            return before == after;
        }
        let source = sources.get(before.source);
        let gap = &source.text[before.span.end as usize..after.span.start as usize];
        let gap = if index == 0 { gap.rsplit('\n').next() } else { Some(gap) };
        let gap = if index == last { gap.and_then(|gap| gap.split('\n').next()) } else { gap };
        gap.is_some_and(|gap| gap.chars().all(|letter| letter.is_whitespace() || matches!(letter, '{' | '}' | '-')))
    })
}
