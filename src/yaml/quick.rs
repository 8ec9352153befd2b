//! Reads the YAML that nearly every chart is written in, in one pass and without events in between.
//!
//! Block mappings and lists, flow collections, scalars of every style and comments are read here. At the first thing that is
//! not plainly right (an anchor, a tag, a tab, an error) the reader gives up with `None`, and the whole text is left to
//! granit-parser, which alone decides what is an error. What is read here is the same, to the byte of every location, as
//! what granit-parser's events give; `tests` compares them.

use super::offsets::OffsetMap;
use super::{Document, Entry, Mapping, Node, Style, Value};
use crate::text::{Location, SourceId, Span};

mod cursor;
mod flow;
mod folding;
mod scalar;
mod words;

use self::scalar::Found;
use self::words::Words;

/// Longer texts are left to the other parser.
const LONGEST: usize = 16 << 20;
/// Levels of collections inside each other; deeper texts are left to the parser that needs no stack for them.
const DEEPEST: usize = 100;
/// Longer keys are an error or nearly one.
const LONGEST_KEY: usize = 1000;
/// The indentation that the root lies in.
const OUTSIDE: isize = -1;

/// All documents of `content`, where nothing in it is out of the ordinary.
pub(super) fn documents(source: SourceId, content: &str, offsets: &OffsetMap) -> Option<Vec<Document>> {
    if content.len() > LONGEST || !cursor::is_ordinary(content) {
        return None;
    }
    Reader::new(source, content, offsets).documents()
}

/// A text and how far it was read.
struct Reader<'a> {
    source: SourceId,
    text: &'a str,
    bytes: &'a [u8],
    offsets: &'a OffsetMap,
    /// The byte to read next.
    at: usize,
    /// After whole lines were read: the column of the content at `at`; none at the end of a document.
    column: Option<usize>,
    /// Collections that are open.
    depth: usize,
    words: Words,
}

impl<'a> Reader<'a> {
    fn new(source: SourceId, text: &'a str, offsets: &'a OffsetMap) -> Self {
        Self {
            source,
            text,
            bytes: text.as_bytes(),
            offsets,
            at: 0,
            column: None,
            depth: 0,
            words: Words::for_length(text.len()),
        }
    }

    fn documents(&mut self) -> Option<Vec<Document>> {
        let mut documents = vec![];
        self.settle()?;
        while self.column.is_some() || self.is_marker("---") {
            let root = self.root()?;
            if self.column.is_some() {
                return None;
            }
            documents.push(Document { source: self.source, root });
        }
        (self.at == self.bytes.len()).then_some(documents)
    }

    /// The root of a document, behind its `---` if there is one.
    fn root(&mut self) -> Option<Node> {
        if self.column.is_none() {
            self.at += "---".len();
            let behind = self.at;
            self.end_line()?;
            if self.column.is_none() {
                return Some(self.null(behind));
            }
        }
        self.node(OUTSIDE, self.column?)
    }

    /// The node whose first byte stands at `column`, inside a collection of indentation `parent`.
    fn node(&mut self, parent: isize, column: usize) -> Option<Node> {
        if self.is_dash() {
            return self.sequence(column, self.at);
        }
        match self.scalar(parent)? {
            Found::Value(node) => Some(node),
            Found::Key(key) => self.nested(|reader| reader.mapping(column, key)),
        }
    }

    /// A mapping whose first key was read and whose keys stand at `column`.
    fn mapping(&mut self, column: usize, key: Node) -> Option<Node> {
        let start = key.location.span;
        let mut key = key;
        let mut entries = Vec::with_capacity(4);
        loop {
            let value = self.value(column)?;
            entries.push(Entry { key, value, merged: false });
            match self.column {
                Some(next) if next > column => return None,
                Some(next) if next == column => {}
                _ => break,
            }
            let Found::Key(next) = self.scalar(isize::try_from(column).ok()?)? else { return None };
            key = next;
        }
        let last = entries.last()?.value.location;
        entries.shrink_to_fit();
        let location = Location::new(self.source, Span { end: start.start, ..start }.to(last.span));
        Some(Node { value: Value::Map(Mapping::new(entries).into()), location, style: Style::Block })
    }

    /// What stands behind the colon of a key at `column`.
    fn value(&mut self, column: usize) -> Option<Node> {
        let colon = self.at;
        let parent = isize::try_from(column).ok()?;
        self.at += 1;
        self.skip_spaces();
        if !self.is_line_over() {
            return if let Found::Value(node) = self.scalar(parent)? { Some(node) } else { None };
        }
        self.end_line()?;
        match self.column {
            Some(next) if next > column => self.node(parent, next),
            Some(next) if next == column && self.is_dash() => {
                // The place of a list that is not indented is that of its first item.
                let first = self.bytes[self.at + 1..].iter().position(|byte| *byte != b' ')?;
                let start = self.at + 1 + first;
                if matches!(self.bytes.get(start), Some(b'\n' | b'#')) {
                    return None;
                }
                self.sequence(next, start)
            }
            _ => Some(self.null(colon)),
        }
    }

    /// A list whose dashes stand at `column` and whose place is `start`.
    fn sequence(&mut self, column: usize, start: usize) -> Option<Node> {
        let is_indented = start == self.at;
        self.nested(|reader| {
            let items = reader.items(column, is_indented)?;
            let first = reader.location(start, start);
            let location = Location::new(reader.source, first.span.to(items.last()?.location.span));
            Some(Node { value: Value::Seq(items.into()), location, style: Style::Block })
        })
    }

    fn items(&mut self, column: usize, is_indented: bool) -> Option<Vec<Node>> {
        let mut items = Vec::with_capacity(4);
        loop {
            items.push(self.item(column)?);
            match self.column {
                Some(next) if next > column => return None,
                Some(next) if next == column && self.is_dash() => {}
                Some(next) if next == column && is_indented => return None,
                _ => return Some(items),
            }
        }
    }

    fn item(&mut self, column: usize) -> Option<Node> {
        let dash = self.at;
        let parent = isize::try_from(column).ok()?;
        self.at += 1;
        self.skip_spaces();
        if !self.is_line_over() {
            return self.node(parent, column + self.at - dash);
        }
        let (behind, is_commented) = (self.at, self.peek() == b'#');
        self.end_line()?;
        match self.column {
            Some(next) if next > column => self.node(parent, next),
            // The place of nothing behind a comment is not plain.
            _ => (!is_commented).then(|| self.null(behind)),
        }
    }

    fn nested(&mut self, read: impl FnOnce(&mut Self) -> Option<Node>) -> Option<Node> {
        self.depth += 1;
        let node = if self.depth > DEEPEST { None } else { read(self) };
        self.depth -= 1;
        node
    }

    fn location(&self, start: usize, end: usize) -> Location {
        Location::new(self.source, self.offsets.span(Span::new(start, end)))
    }

    fn null(&self, at: usize) -> Node {
        Node::null(self.location(at, at))
    }
}

#[cfg(test)]
mod tests;
