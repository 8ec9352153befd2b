//! Flow collections: `[…]` and `{…}`.

use super::Reader;
use crate::yaml::{Entry, Mapping, Node, Style, Value};

impl Reader<'_> {
    /// The flow collection that begins here.
    pub(super) fn flow(&mut self, parent: isize) -> Option<Node> {
        let start = self.at;
        self.nested(|reader| {
            let value = if reader.peek() == b'[' { reader.flow_items(parent)? } else { reader.flow_entries(parent)? };
            Some(Node { value, location: reader.location(start, reader.at), style: Style::Flow })
        })
    }

    fn flow_items(&mut self, parent: isize) -> Option<Value> {
        let mut items = vec![];
        self.enter(parent)?;
        while self.peek() != b']' {
            items.push(self.flow_node(parent)?);
            self.next_part(b']', parent)?;
        }
        self.at += 1;
        Some(Value::Seq(items.into()))
    }

    fn flow_entries(&mut self, parent: isize) -> Option<Value> {
        let mut entries = vec![];
        self.enter(parent)?;
        while self.peek() != b'}' {
            let key = self.flow_scalar(parent)?;
            let is_merge = key.style == Style::Plain && key.as_str() == Some("<<");
            let is_refused = is_merge || matches!(key.value, Value::Null | Value::Uint(..));
            if is_refused || self.peek() != b':' || self.byte(self.at + 1) != b' ' {
                return None;
            }
            self.at += 1;
            self.skip_spaces();
            let value = self.flow_node(parent)?;
            entries.push(Entry { key, value, merged: false });
            self.next_part(b'}', parent)?;
        }
        self.at += 1;
        Some(Value::Map(Mapping::new(entries).into()))
    }

    /// Past the bracket and what is blank behind it.
    fn enter(&mut self, parent: isize) -> Option<()> {
        self.at += 1;
        self.skip_flow_blanks(parent)
    }

    /// Past the comma to the next part, or to the bracket that closes.
    fn next_part(&mut self, close: u8, parent: isize) -> Option<()> {
        self.skip_flow_blanks(parent)?;
        if self.peek() == close {
            return Some(());
        }
        if self.peek() != b',' {
            return None;
        }
        self.at += 1;
        self.skip_flow_blanks(parent)?;
        (self.peek() != close).then_some(())
    }

    fn skip_flow_blanks(&mut self, parent: isize) -> Option<()> {
        let mut line = None;
        while matches!(self.peek(), b' ' | b'\n') {
            if self.peek() == b'\n' {
                line = Some(self.at + 1);
            }
            self.at += 1;
        }
        // Lines that are not indented may be markers, or wrong.
        let is_marker = || self.is_marker("---") || self.is_marker("...");
        let is_indented = |line: usize| isize::try_from(self.at - line).is_ok_and(|column| column > parent);
        line.is_none_or(|line| is_indented(line) && (self.at > line || !is_marker())).then_some(())
    }

    fn flow_node(&mut self, parent: isize) -> Option<Node> {
        match self.peek() {
            b'[' | b'{' => self.flow(parent),
            _ => {
                let node = self.flow_scalar(parent)?;
                (self.peek() != b':').then_some(node)
            }
        }
    }

    fn flow_scalar(&mut self, parent: isize) -> Option<Node> {
        let start = self.at;
        if let quote @ (b'"' | b'\'') = self.peek() {
            let text = self.quoted(quote, parent)?;
            if self.bytes[start..self.at].contains(&b'\n') {
                return None;
            }
            let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
            return Some(Node { value: Value::String(text), location: self.location(start, self.at), style });
        }
        let is_indicator = matches!(self.peek(), b'-' | b'?' | b':') && is_flow_indicator(self.byte(self.at + 1));
        if is_indicator || !self.begins_plain() {
            return None;
        }
        let end = self.flow_plain()?;
        let value = self.words.value(&self.text[start..end]);
        Some(Node { value, location: self.location(start, end), style: Style::Plain })
    }

    /// Reads a plain scalar to where its text ends. What follows is a comma, a bracket, a colon or the end of the line.
    fn flow_plain(&mut self) -> Option<usize> {
        let mut end = self.at;
        loop {
            match self.peek() {
                0 | b'\t' => return None,
                b'\n' => return Some(end),
                byte if is_flow_indicator(byte) => return Some(end),
                b':' if self.is_blank(self.at + 1) => return (end == self.at).then_some(end),
                b':' if is_flow_indicator(self.byte(self.at + 1)) => return None,
                b'#' if self.at > end => return None,
                b' ' => {}
                _ => end = self.at + 1,
            }
            self.at += 1;
        }
    }
}

fn is_flow_indicator(byte: u8) -> bool {
    matches!(byte, b',' | b'[' | b']' | b'{' | b'}')
}
