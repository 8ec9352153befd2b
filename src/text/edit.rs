//! Edits of a source text: the smallest replacements, applied together or not at all.

use super::Location;

/// Replaces the bytes of `location` by `content`; an empty location inserts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// What is replaced.
    pub location: Location,
    /// What stands there afterwards.
    pub content: String,
}

impl Edit {
    /// Replaces a location.
    pub fn replacement(location: Location, content: impl Into<String>) -> Self {
        Self { location, content: content.into() }
    }

    /// Removes a location.
    pub fn deletion(location: Location) -> Self {
        Self { location, content: String::new() }
    }
}

/// The text with all edits applied, which must be of one source; `None` if two overlap or one lies outside the text.
pub fn apply(text: &str, edits: &[Edit]) -> Option<String> {
    let mut sorted: Vec<&Edit> = edits.iter().collect();
    sorted.sort_by_key(|edit| edit.location.span);
    let mut result = String::with_capacity(text.len());
    let mut position = 0;
    for edit in sorted {
        let range = edit.location.span.range();
        if range.start < position {
            return None;
        }
        result.push_str(text.get(position..range.start)?);
        result.push_str(&edit.content);
        text.get(range.clone())?;
        position = range.end;
    }
    result.push_str(text.get(position..)?);
    Some(result)
}

#[cfg(test)]
mod tests {
    use super::super::{Address, Source, Sources, Span};
    use super::*;

    fn edits(pairs: &[(usize, usize, &str)]) -> Vec<Edit> {
        let source = Sources::new().add(Source::new("a", Address::Rendered, ""));
        let edit = |(start, end, content): &(usize, usize, &str)| {
            Edit::replacement(Location::new(source, Span::new(*start, *end)), *content)
        };
        pairs.iter().map(edit).collect()
    }

    #[test]
    fn edits_apply_in_the_order_of_the_text() {
        assert_eq!(apply("abcdef", &edits(&[(4, 5, "E"), (0, 1, "A"), (6, 6, "!")])).as_deref(), Some("AbcdEf!"));
    }

    #[test]
    fn overlapping_or_outlying_edits_are_refused_whole() {
        assert_eq!(apply("abcdef", &edits(&[(0, 3, "x"), (2, 4, "y")])), None);
        assert_eq!(apply("abc", &edits(&[(1, 9, "x")])), None);
    }
}
