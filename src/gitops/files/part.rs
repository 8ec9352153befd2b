//! A file of several documents of which some cannot be read: the others still count, and each broken one is said.

use std::ops::Range;

use super::look;
use crate::text::{SourceId, Sources};
use crate::yaml::{Document, Error};

/// What is in a file that is not YAML as a whole.
pub(super) struct Parts {
    /// The documents that can be read.
    pub(super) documents: Vec<Document>,
    /// Why others cannot.
    pub(super) errors: Vec<Error>,
    /// Whether one is the template of an object that deploys something.
    pub(super) has_template: bool,
}

/// The documents of a text, each read by itself.
pub(super) fn of(source: SourceId, sources: &Sources) -> Parts {
    let text = std::sync::Arc::clone(&sources.get(source).text);
    let mut parts = Parts { documents: vec![], errors: vec![], has_template: false };
    for range in ranges(&text) {
        match Document::parse_all(source, &alone(&text, &range)) {
            Ok(documents) => parts.documents.extend(documents),
            Err(_) if look::is_template(&text[range.clone()]) && !look::is_unquoted_set(&text[range.clone()]) => {
                parts.has_template |= look::DEPLOYS.sees(text[range].as_bytes());
            }
            Err(error) => parts.errors.push(error),
        }
    }
    parts
}

/// The documents of a text, as lines that begin with `---` part it.
fn ranges(text: &str) -> Vec<Range<usize>> {
    let starts = text.match_indices("\n---").map(|(at, _)| at + 1);
    let mut starts: Vec<usize> = std::iter::once(0).chain(starts).collect();
    starts.push(text.len());
    starts.windows(2).map(|pair| pair[0]..pair[1]).filter(|range| !range.is_empty()).collect()
}

/// A text of the same length in which nothing stands but one part, so that places in it are places in the whole.
fn alone(text: &str, part: &Range<usize>) -> String {
    let blank = |byte: u8| if byte == b'\n' { '\n' } else { ' ' };
    let mut out = String::with_capacity(text.len());
    out.extend(text[..part.start].bytes().map(blank));
    out.push_str(&text[part.clone()]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source};

    fn of_text(text: &str) -> (Parts, Sources) {
        let sources = Sources::new();
        let id = sources.add(Source::new("a.yaml", Address::Rendered, text));
        (of(id, &sources), sources)
    }

    #[test]
    fn whole_documents_keep_their_places_beside_broken_ones() {
        let (parts, sources) = of_text("ä: 1\n---\nb: [1\n---\nc: 3\n");
        let lines: Vec<_> = parts.documents.iter().map(|document| sources.start(document.root.location).line).collect();
        assert_eq!(lines, [1, 5]);
        assert_eq!(
            parts.errors.iter().map(|error| sources.start(error.location).line >= 3).collect::<Vec<_>>(),
            [true]
        );
        assert!(!parts.has_template);
    }

    #[test]
    fn a_template_among_them_is_no_error() {
        let template = "apiVersion: argoproj.io/v1alpha1\nkind: Application\n{{- if .a }}\nspec: {}\n{{- end }}\n";
        let (parts, _) = of_text(&format!("a: 1\n---\n{template}"));
        assert_eq!((parts.documents.len(), parts.errors.len(), parts.has_template), (1, 0, true));
    }
}
