//! Lines, blanks and comments.

use super::Reader;

/// Whether every character is printable and of one meaning in every version of YAML: no control characters but line feeds and
/// tabs, no byte order marks, none of Unicode's line breaks.
pub(super) fn is_ordinary(text: &str) -> bool {
    // Blocks are looked at whole, which compiles to vector instructions; stopping at the first byte would not.
    let is_plain =
        |block: &[u8]| block.iter().fold(true, |all, byte| all & matches!(byte, b'\n' | b'\t' | b' '..=b'~'));
    if text.as_bytes().chunks(64).all(is_plain) {
        return true;
    }
    let is_ordinary = |character: char| match character {
        '\n' | '\t' => true,
        '\u{85}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}' => false,
        _ => !character.is_control(),
    };
    text.chars().all(is_ordinary)
}

impl Reader<'_> {
    /// The byte to read next; 0 at the end, which no ordinary text holds.
    pub(super) fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    pub(super) fn byte(&self, at: usize) -> u8 {
        self.bytes.get(at).copied().unwrap_or(0)
    }

    pub(super) fn skip_spaces(&mut self) {
        while self.peek() == b' ' {
            self.at += 1;
        }
    }

    /// Whether nothing but a comment follows on the line. Only where a space or an indicator stands before.
    pub(super) fn is_line_over(&self) -> bool {
        matches!(self.peek(), 0 | b'\n' | b'#')
    }

    /// Whether white space or nothing stands at a byte.
    pub(super) fn is_blank(&self, at: usize) -> bool {
        matches!(self.byte(at), 0 | b'\n' | b' ')
    }

    /// Whether the dash of a list stands here.
    pub(super) fn is_dash(&self) -> bool {
        self.peek() == b'-' && self.is_blank(self.at + 1)
    }

    /// Whether a line that begins here is the marker of a document's start or end.
    pub(super) fn is_marker(&self, marker: &str) -> bool {
        self.bytes[self.at..].starts_with(marker.as_bytes()) && self.is_blank(self.at + marker.len())
    }

    /// Reads the rest of a line on which nothing more than a comment may stand, and everything up to the next content.
    pub(super) fn end_line(&mut self) -> Option<()> {
        let from = self.at;
        self.skip_spaces();
        match self.peek() {
            b'#' if self.at > from || self.byte(from.wrapping_sub(1)) == b' ' => self.skip_line(),
            b'\n' => self.at += 1,
            0 => {}
            _ => return None,
        }
        self.settle()
    }

    /// From the start of a line to the next content, past blank lines and comments.
    pub(super) fn settle(&mut self) -> Option<()> {
        loop {
            let start = self.at;
            self.skip_spaces();
            match self.peek() {
                0 => {
                    self.column = None;
                    return Some(());
                }
                b'\n' => self.at += 1,
                b'#' => self.skip_line(),
                b'\t' => return None,
                _ => {
                    self.column = Some(self.at - start);
                    break;
                }
            }
        }
        if self.column == Some(0) && self.is_marker("...") {
            return None;
        }
        if self.column == Some(0) && self.is_marker("---") {
            self.column = None;
        }
        Some(())
    }

    /// Past a comment and the end of its line.
    fn skip_line(&mut self) {
        self.at = (self.line_end() + 1).min(self.bytes.len());
    }

    /// Where the line ends on which the reader stands.
    pub(super) fn line_end(&self) -> usize {
        let rest = &self.bytes[self.at..];
        rest.iter().position(|byte| *byte == b'\n').map_or(self.bytes.len(), |length| self.at + length)
    }
}
