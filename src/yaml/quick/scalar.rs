//! Scalars on a line, and whether they are keys.

use super::{LONGEST_KEY, Reader};
use crate::yaml::{Node, Style, Value};

/// What a scalar turned out to be.
pub(super) enum Found {
    /// A key; the reader stands at its colon.
    Key(Node),
    /// A value; the reader stands at the next content.
    Value(Node),
}

/// What ends a plain scalar's line.
#[derive(PartialEq, Eq)]
pub(super) enum Stop {
    Colon,
    Comment,
    Line,
}

impl Reader<'_> {
    /// The scalar or flow collection that begins here, inside a collection of indentation `parent`.
    pub(super) fn scalar(&mut self, parent: isize) -> Option<Found> {
        match self.peek() {
            quote @ (b'"' | b'\'') => self.quoted_or_key(quote, parent),
            b'|' | b'>' => self.block_scalar(parent).map(Found::Value),
            b'[' | b'{' => {
                let node = self.flow(parent)?;
                self.end_line()?;
                Some(Found::Value(node))
            }
            _ => self.plain_or_key(parent),
        }
    }

    /// Whether a plain scalar may begin with the next bytes.
    pub(super) fn begins_plain(&self) -> bool {
        match self.peek() {
            b'-' | b'?' | b':' => !self.is_blank(self.at + 1),
            0 | b'\n' | b'#' | b',' | b'[' | b']' | b'{' | b'}' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\'' | b'"'
            | b'%' | b'@' | b'`' => false,
            _ => true,
        }
    }

    fn plain_or_key(&mut self, parent: isize) -> Option<Found> {
        if !self.begins_plain() {
            return None;
        }
        let start = self.at;
        let (end, stop) = self.plain_line()?;
        let text = &self.text[start..end];
        if stop == Stop::Colon {
            // Merge keys, and colons that do not follow at once.
            if text == "<<" || end != self.at || text.len() > LONGEST_KEY {
                return None;
            }
            return self.plain_key(start, end).map(Found::Key);
        }
        if stop == Stop::Line && self.continues(parent) {
            return self.folded_plain(start, end, parent).map(Found::Value);
        }
        let node = Node { value: self.words.value(text), location: self.location(start, end), style: Style::Plain };
        self.end_line()?;
        Some(Found::Value(node))
    }

    /// The plain key at `start..end`, where it is one that Helm takes.
    fn plain_key(&mut self, start: usize, end: usize) -> Option<Node> {
        let value = self.words.value(&self.text[start..end]);
        let is_refused = matches!(value, Value::Null | Value::Uint(..));
        (!is_refused).then(|| Node { value, location: self.location(start, end), style: Style::Plain })
    }

    /// Reads a plain scalar as far as it goes on this line: where its text ends and what stands there.
    pub(super) fn plain_line(&mut self) -> Option<(usize, Stop)> {
        let mut end = self.at;
        loop {
            match self.peek() {
                0 | b'\n' => return Some((end, Stop::Line)),
                b':' if self.is_blank(self.at + 1) => return Some((end, Stop::Colon)),
                b'#' if self.at > end => return Some((end, Stop::Comment)),
                b'\t' => return None,
                b' ' => {}
                _ => end = self.at + 1,
            }
            self.at += 1;
        }
    }

    /// Whether the plain scalar that was read to the end of its line goes on below.
    fn continues(&self, parent: isize) -> bool {
        // The next line that is not blank decides, by its indentation.
        let rest = &self.bytes[self.at..];
        let Some(content) = rest.iter().position(|byte| !matches!(byte, b' ' | b'\n')) else { return false };
        let line = rest[..content].iter().rposition(|byte| *byte == b'\n');
        let column = line.map_or(content, |line| content - line - 1);
        rest[content] != b'#' && isize::try_from(column).is_ok_and(|column| column > parent)
    }

    fn quoted_or_key(&mut self, quote: u8, parent: isize) -> Option<Found> {
        let start = self.at;
        let text = self.quoted(quote, parent)?;
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        let location = self.location(start, self.at);
        let node = Node { value: Value::String(text), location, style };
        if self.peek() == b':' {
            let written = &self.bytes[start..self.at];
            let is_key = self.is_blank(self.at + 1) && written.len() <= LONGEST_KEY && !written.contains(&b'\n');
            return is_key.then_some(Found::Key(node));
        }
        self.end_line()?;
        Some(Found::Value(node))
    }
}
