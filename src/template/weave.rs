//! Building strings without losing track of which part came from which value.

use std::ops::Range;

use super::origin::Origins;
use super::string::{Content, Str};
use super::trace::{At, Piece, overlapping};
use super::value::Value;

/// A string under construction. Literal text is pushed plainly, parts of argument strings with the argument they come from.
#[derive(Debug, Default)]
pub struct Weave {
    buffer: Buffer,
    pieces: Vec<Piece>,
}

/// Bytes that are text as long as only text was added, so that what is made of texts need not be checked again.
#[derive(Debug)]
enum Buffer {
    Text(String),
    Bytes(Vec<u8>),
}

impl Default for Buffer {
    fn default() -> Self {
        Self::Text(String::new())
    }
}

impl Buffer {
    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Bytes(bytes) => bytes,
        }
    }

    fn push(&mut self, text: &str) {
        match self {
            Self::Text(own) => own.push_str(text),
            Self::Bytes(own) => own.extend_from_slice(text.as_bytes()),
        }
    }

    fn push_bytes(&mut self, bytes: &[u8]) {
        match (&mut *self, std::str::from_utf8(bytes)) {
            (Self::Text(own), Ok(text)) => own.push_str(text),
            (Self::Text(own), Err(_)) => {
                let mut all = std::mem::take(own).into_bytes();
                all.extend_from_slice(bytes);
                *self = Self::Bytes(all);
            }
            (Self::Bytes(own), _) => own.extend_from_slice(bytes),
        }
    }

    fn content(self) -> Content {
        match self {
            Self::Text(text) => text.into(),
            Self::Bytes(bytes) => bytes.into(),
        }
    }
}

impl Weave {
    /// An empty string with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Self { buffer: Buffer::Text(String::with_capacity(capacity)), pieces: Vec::new() }
    }

    /// Bytes so far.
    pub fn len(&self) -> usize {
        self.buffer.as_bytes().len()
    }

    /// Bytes of memory it takes, about.
    pub fn weight(&self) -> usize {
        self.len() + self.pieces.len() * size_of::<Piece>()
    }

    /// True if nothing was pushed yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What was pushed so far.
    pub fn as_bytes(&self) -> &[u8] {
        self.buffer.as_bytes()
    }

    /// Literal text of the function itself: separators, quotes, padding.
    pub fn push(&mut self, text: &str) {
        self.buffer.push(text);
    }

    /// Literal bytes.
    pub fn push_bytes(&mut self, bytes: &[u8]) {
        self.buffer.push_bytes(bytes);
    }

    /// `text`, made from values with these origins.
    pub fn push_read(&mut self, text: &[u8], origins: &Origins) {
        let start = self.position();
        self.buffer.push_bytes(text);
        if !origins.is_empty() {
            self.append(Piece { start, end: self.position(), origins: origins.clone(), at: None });
        }
    }

    /// A whole string value. A value that is no string pushes nothing: print it first.
    pub fn push_value(&mut self, value: &Value) {
        if let Some(text) = value.as_string() {
            self.push_slice(value, 0..text.len());
        }
    }

    /// The bytes `range` of a string value, with the pieces they belong to. What lies outside the string is left out.
    pub fn push_slice(&mut self, value: &Value, range: Range<usize>) {
        let base = self.position();
        let Some(text) = value.as_string() else { return };
        let range = self.push_unmarked(value, range);
        self.copy_pieces(text, &value.origins, &range, base);
    }

    /// The bytes `range` of a string value without their pieces. Returns as much of the range as lies inside.
    fn push_unmarked(&mut self, value: &Value, range: Range<usize>) -> Range<usize> {
        let Some(text) = value.as_string() else { return 0..0 };
        let range = range.start.min(text.len())..range.end.min(text.len());
        match text.get(range.clone()) {
            Some(part) => self.buffer.push(part),
            None => self.buffer.push_bytes(text.as_bytes().get(range.clone()).unwrap_or_default()),
        }
        range
    }

    /// `replacement` instead of the bytes `range` of a string value: an escape, another case. It keeps their origins and place.
    pub fn push_instead(&mut self, value: &Value, range: Range<usize>, replacement: &[u8]) {
        let Some(text) = value.as_string() else { return };
        let start = self.position();
        self.buffer.push_bytes(replacement);
        let end = self.position();
        let (from, to) = (offset(range.start), offset(range.end));
        let touched = overlapping(text.pieces(), from, to);
        let mut origins = value.origins.union(&text.origins_in(range));
        let at = touched.first().and_then(|piece| piece.clip(from, to)).and_then(|piece| piece.at).map(|mut at| {
            at.verbatim = false;
            at
        });
        if start < end && (at.is_some() || !origins.is_empty()) {
            let origins = std::mem::take(&mut origins);
            self.append(Piece { start, end, origins, at });
        }
    }

    /// The bytes `range` of a string value as written by a template at `at`: parts that no template wrote yet are now written there.
    pub(super) fn print(&mut self, value: &Value, range: Range<usize>, at: At) {
        let mut next = self.position();
        if value.as_string().is_some_and(|text| text.pieces().is_empty()) {
            self.push_unmarked(value, range);
            if next < self.position() {
                self.append(Piece { start: next, end: self.position(), origins: value.origins.clone(), at: Some(at) });
            }
            return;
        }
        let before = std::mem::take(&mut self.pieces);
        self.push_slice(value, range);
        let fresh = std::mem::replace(&mut self.pieces, before);
        for piece in fresh {
            self.fill(next, piece.start, at);
            next = piece.end;
            self.append(Piece { at: piece.at.or(Some(at)), ..piece });
        }
        self.fill(next, self.position(), at);
    }

    fn fill(&mut self, start: u32, end: u32, at: At) {
        if start < end {
            self.append(Piece { start, end, origins: Origins::NONE, at: Some(at) });
        }
    }

    /// Template text at `at`.
    pub(super) fn write(&mut self, text: &str, at: At) {
        let start = self.position();
        self.buffer.push(text);
        self.fill(start, self.position(), at);
    }

    fn copy_pieces(&mut self, text: &Str, own: &Origins, range: &Range<usize>, base: u32) {
        let (from, to) = (offset(range.start), offset(range.end));
        if from >= to {
            return;
        }
        let mut next = from;
        for piece in overlapping(text.pieces(), from, to) {
            let Some(mut piece) = piece.clip(from, to) else { continue };
            self.cover(next..piece.start, from, base, own);
            next = piece.end;
            piece.origins.add(own);
            piece.start = piece.start - from + base;
            piece.end = piece.end - from + base;
            self.append(piece);
        }
        self.cover(next..to, from, base, own);
    }

    /// Marks a gap between pieces with the value's own origins.
    fn cover(&mut self, gap: Range<u32>, from: u32, base: u32, own: &Origins) {
        if !gap.is_empty() && !own.is_empty() {
            self.append(Piece {
                start: gap.start - from + base,
                end: gap.end - from + base,
                origins: own.clone(),
                at: None,
            });
        }
    }

    fn append(&mut self, piece: Piece) {
        Piece::append(&mut self.pieces, piece);
    }

    fn position(&self) -> u32 {
        offset(self.len())
    }

    /// The finished string.
    pub fn finish(self) -> Value {
        Value::from(Str::from(self.buffer.content()).with_pieces(self.pieces))
    }
}

/// Offsets in strings are 32 bits: the limits keep every string far below 4 GiB.
fn offset(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
