//! Go's strings: bytes that are mostly UTF-8, here with a memory of what wrote which part.

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use super::origin::Origins;
use super::trace::{Piece, overlapping};

/// An immutable string, cheap to clone. Nearly always UTF-8; Go allows any bytes, and `b64dec` or cutting in a character make them.
#[derive(Clone)]
pub struct Str {
    content: Content,
    /// Behind a thin pointer, and as the vector that they were gathered in: strings are made and moved all the time.
    pieces: Option<Rc<Vec<Piece>>>,
}

/// The bytes of a string without what is known about them; may be sent to other threads.
#[derive(Debug, Clone)]
pub enum Content {
    /// Valid UTF-8.
    Utf8(Arc<str>),
    /// Anything else.
    Bytes(Arc<[u8]>),
}

impl From<Vec<u8>> for Content {
    fn from(bytes: Vec<u8>) -> Self {
        match String::from_utf8(bytes) {
            Ok(text) => Self::Utf8(text.into()),
            Err(error) => Self::Bytes(error.into_bytes().into()),
        }
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self::Utf8(text.into())
    }
}

impl From<Content> for Str {
    fn from(content: Content) -> Self {
        Self { content, pieces: None }
    }
}

impl Str {
    /// A string of any bytes.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Content::from(bytes).into()
    }

    /// The same text with other pieces, which must be in order, disjoint and inside the text.
    pub fn with_pieces(self, pieces: Vec<Piece>) -> Self {
        let pieces = if pieces.is_empty() { None } else { Some(Rc::new(pieces)) };
        Self { pieces, ..self }
    }

    /// The text; bytes that are not UTF-8 become U+FFFD, one for each, as in Go's conversion to runes.
    pub fn as_str(&self) -> Cow<'_, str> {
        match &self.content {
            Content::Utf8(text) => Cow::Borrowed(text),
            Content::Bytes(bytes) => Cow::Owned(lossy(bytes)),
        }
    }

    /// Whether it is UTF-8.
    pub fn is_utf8(&self) -> bool {
        matches!(self.content, Content::Utf8(_))
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.content {
            Content::Utf8(text) => text.as_bytes(),
            Content::Bytes(bytes) => bytes,
        }
    }

    /// The text as a shared string, for use as a map key.
    pub fn to_key(&self) -> Arc<str> {
        match &self.content {
            Content::Utf8(text) => Arc::clone(text),
            Content::Bytes(bytes) => lossy(bytes).into(),
        }
    }

    /// A part of the text; `None` where its ends are no bounds of characters, or the whole is no UTF-8.
    pub fn get(&self, range: Range<usize>) -> Option<&str> {
        match &self.content {
            Content::Utf8(text) => text.get(range),
            Content::Bytes(_) => None,
        }
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.as_bytes().len()
    }

    /// True for the empty string.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// What is known about parts of the text; bytes in no piece carry only the value's own origins.
    pub fn pieces(&self) -> &[Piece] {
        self.pieces.as_deref().map(Vec::as_slice).unwrap_or_default()
    }

    /// The origins of all pieces that touch `range`.
    pub fn origins_in(&self, range: Range<usize>) -> Origins {
        let bound = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let pieces = overlapping(self.pieces(), bound(range.start), bound(range.end));
        let Some((first, rest)) = pieces.split_first() else { return Origins::NONE };
        if rest.iter().all(|piece| piece.origins.is_empty() || piece.origins == first.origins) {
            return first.origins.clone();
        }
        pieces.iter().flat_map(|piece| piece.origins.iter()).collect()
    }

    /// The origins of all pieces.
    pub fn origins(&self) -> Origins {
        self.origins_in(0..self.len())
    }
}

fn lossy(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.extend(std::iter::repeat_n(char::REPLACEMENT_CHARACTER, chunk.invalid().len()));
    }
    text
}

impl From<&str> for Str {
    fn from(text: &str) -> Self {
        Self::from(Arc::<str>::from(text))
    }
}

impl From<String> for Str {
    fn from(text: String) -> Self {
        Self::from(Arc::<str>::from(text))
    }
}

impl From<Arc<str>> for Str {
    fn from(text: Arc<str>) -> Self {
        Self { content: Content::Utf8(text), pieces: None }
    }
}

impl PartialEq for Str {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Str {}

impl fmt::Debug for Str {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:?}", self.as_str())
    }
}
