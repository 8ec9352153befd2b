//! `file-secret`: a token or a private key is in the package.

use crate::finding::Label;
use crate::rule::{Context, Findings};
use crate::text::token::{self, Token};
use crate::text::{Location, Span};

/// Bytes of the shortest token.
const SHORTEST: usize = 16;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for file in context.chart.files.iter().filter(|file| !file.path.starts_with("charts/")) {
        for (index, (at, Token { what, range }, line)) in tokens(&file.data).enumerate() {
            let subject = format!("{} {what} {index}", file.path);
            let values = [("what", what), ("path", &*file.path)];
            // What is no text has no lines to point at.
            let place = context.text(&file.path).map_or_else(
                || context.start_of(&file.path),
                |known| Location::new(known.source, Span::new(at + range.start, at + range.start + line)),
            );
            findings.report(Label::new(place, ""), subject, &values);
        }
    }
}

/// The tokens in the parts of a file that are text, each with the place of its part and the length of its first line.
fn tokens(data: &[u8]) -> impl Iterator<Item = (usize, Token, usize)> {
    texts(data).into_iter().filter(|(_, text)| text.len() >= SHORTEST).flat_map(|(at, text)| {
        let line = |range: &std::ops::Range<usize>| text[range.clone()].lines().next().unwrap_or_default().len();
        token::find(text).into_iter().map(move |token| {
            let line = line(&token.range);
            (at, token, line)
        })
    })
}

/// The parts of a file that are text, each with its place. Nearly all files are text as a whole, which is told many times as fast.
fn texts(data: &[u8]) -> Vec<(usize, &str)> {
    if let Ok(text) = std::str::from_utf8(data) {
        return vec![(0, text)];
    }
    let mut next = 0;
    let parts = data.utf8_chunks().map(|part| {
        let at = next;
        next += part.valid().len() + part.invalid().len();
        (at, part.valid())
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_found_in_large_files_and_between_bytes_that_are_no_text() {
        let token = ["glpat", "-", "aB3dE5gH7jK9mN0pQ2xY"].concat();
        let data = [&vec![b' '; 2 << 20], &b"\xff\xfe"[..], token.as_bytes(), b"\xff"].concat();
        let found: Vec<_> = tokens(&data).map(|(at, token, line)| (at + token.range.start, line)).collect();
        assert_eq!(found, [((2 << 20) + 2, token.len())]);
    }
}
