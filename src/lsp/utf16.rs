//! Positions as the protocol counts them: lines from 0, columns in UTF-16 units.

use lsp_types::{Position, Range};

use crate::text::{Source, Span};

/// The byte offset of a position; beyond the end of a line it is that end, beyond the text its end.
pub(super) fn offset(text: &str, position: Position) -> usize {
    let start = line_start(text, position.line as usize);
    let line = text[start..].split('\n').next().unwrap_or_default();
    let line = line.strip_suffix('\r').unwrap_or(line);
    let mut units = 0;
    for (at, letter) in line.char_indices() {
        if units >= position.character as usize {
            return start + at;
        }
        units += letter.len_utf16();
    }
    start + line.len()
}

fn line_start(text: &str, line: usize) -> usize {
    match line.checked_sub(1) {
        None => 0,
        Some(breaks) => text.match_indices('\n').nth(breaks).map_or(text.len(), |(at, _)| at + 1),
    }
}

/// Where a span of a source lies.
pub(super) fn range(source: &Source, span: Span) -> Range {
    Range { start: position(source, span.start), end: position(source, span.end) }
}

/// Where a byte of a source lies.
pub(super) fn position(source: &Source, offset: u32) -> Position {
    let line = source.position(offset).line;
    let start = source.line_start(line);
    let before = source.text.get(start..(offset as usize).clamp(start, source.text.len())).unwrap_or_default();
    let character: usize = before.chars().map(char::len_utf16).sum();
    let number = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Position { line: number(line - 1), character: number(character) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::Address;

    #[test]
    fn columns_are_counted_in_utf16_both_ways() {
        let text = "a: \u{1F600}é x\r\nb: 1\n";
        let source = Source::new("a.yaml", Address::Rendered, text);
        for (at, line, character) in [(0, 0, 0), (3, 0, 3), (7, 0, 5), (9, 0, 6), (13, 1, 0), (16, 1, 3)] {
            let position = Position { line, character };
            assert_eq!((super::position(&source, at), offset(text, position)), (position, at as usize));
        }
    }

    #[test]
    fn positions_that_do_not_exist_are_the_nearest_that_do() {
        let text = "ab\r\ncd";
        let at = |line, character| offset(text, Position { line, character });
        assert_eq!((at(0, 99), at(1, 99), at(99, 0), at(0, 0)), (2, 6, 6, 0));
        // In the middle of a pair of surrogates.
        assert_eq!(offset("\u{1F600}x", Position { line: 0, character: 1 }), 4);
    }
}
