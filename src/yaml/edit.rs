//! Edits of a YAML file that leave comments, layout and every other byte as they are.
//!
//! What cannot be written without guessing (over an alias, a template, a block scalar) is not written at all.

use super::{Entry, Node, Style, Value, resolve};
use crate::text::edit::Edit;
use crate::text::{Location, Span};

/// Writes into the file whose text it has; nodes are those that were read from it, in block scalars too.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    file: &'a str,
}

impl<'a> Writer<'a> {
    /// A writer of a file's text.
    pub fn new(file: &'a str) -> Self {
        Self { file }
    }

    /// A scalar with another text, in its own quotes; plain text gets quotes only where it would be read as something else.
    pub fn scalar(&self, node: &Node, text: &str) -> Option<Edit> {
        let written = self.written(node)?;
        if written.contains("{{") || text.contains(['\n', '\r']) {
            return None;
        }
        if written.is_empty() {
            return self.missing(node.location, text);
        }
        let content = match node.style {
            Style::Plain if !written.starts_with(['*', '&', '!']) => self.plain(text),
            Style::SingleQuoted if written.starts_with('\'') => format!("'{}'", text.replace('\'', "''")),
            Style::DoubleQuoted if written.starts_with('"') => quoted(text),
            _ => return None,
        };
        Some(Edit::replacement(node.location, content))
    }

    /// A scalar put in quotes as it is written.
    pub fn in_quotes(&self, node: &Node) -> Option<Edit> {
        let is_plain = node.style == Style::Plain && self.scalar(node, "").is_some();
        let written = self.written(node).filter(|written| is_plain && !written.contains(['\n', '\r']))?;
        Some(Edit::replacement(node.location, quoted(written)))
    }

    /// An entry under another key, in the key's own quotes.
    pub fn key(&self, entry: &Entry, key: &str) -> Option<Edit> {
        self.scalar(&entry.key, key).filter(|_| !entry.merged)
    }

    /// A mapping with a further entry at its end; `value` is written as it stands.
    pub fn entry(&self, mapping: &Node, key: &str, value: &str) -> Option<Edit> {
        let entries = &mapping.as_map()?.entries();
        let own = entries.iter().filter(|entry| !entry.merged && entry.key.location.source == mapping.location.source);
        let last = own.max_by_key(|entry| entry.key.location.span.start);
        let is_quoted = last.and_then(|entry| self.written(&entry.key)).is_some_and(|known| known.starts_with('"'));
        let line = format!("{}: {value}", if is_quoted { quoted(key) } else { self.plain(key) });
        if mapping.style == Style::Flow {
            return self.in_flow(mapping, last, &line);
        }
        let key = last?.key.location.span.start as usize;
        let column = self.column(key)?;
        let has_list = last.is_some_and(|entry| entry.value.as_seq().is_some());
        Some(self.inserted(mapping.location, self.block_end(key, column, has_list), &[line], &" ".repeat(column)))
    }

    /// A mapping with a scalar at the end of a path of keys, of which it has none yet: each a mapping of its own below the last.
    pub fn nested(&self, mapping: &Node, keys: &[&str], value: &str) -> Option<Edit> {
        let (last, above) = keys.split_last()?;
        let named = |key: &str| format!("{}:", self.plain(key));
        if above.is_empty() || mapping.style == Style::Flow || is_json(self.file) {
            let inner =
                keys[1..].iter().rev().fold(value.to_owned(), |inner, key| format!("{{{} {inner}}}", named(key)));
            return self.entry(mapping, keys[0], &inner);
        }
        let own = mapping.as_map()?.entries().iter().filter(|entry| !entry.merged);
        let before = own.max_by_key(|entry| entry.key.location.span.start)?;
        let key = before.key.location.span.start as usize;
        let column = self.column(key)?;
        let mut lines: Vec<String> =
            above.iter().enumerate().map(|(depth, key)| format!("{}{}", "  ".repeat(depth), named(key))).collect();
        lines.push(format!("{}{} {value}", "  ".repeat(above.len()), named(last)));
        let end = self.block_end(key, column, before.value.as_seq().is_some());
        Some(self.inserted(mapping.location, end, &lines, &" ".repeat(column)))
    }

    /// An entry whose value is missing or an empty list or mapping, with lines below it in place of it.
    pub fn below(&self, entry: &Entry, lines: &[String]) -> Option<Edit> {
        let column = self.column(entry.key.location.span.start as usize)?;
        let (start, end) = (entry.key.location.span.end as usize, self.line_end(entry.key.location.span.end as usize));
        let rest = self.file.get(start..end)?;
        let is_empty = matches!(rest.split('#').next()?.replace(char::is_whitespace, "").as_str(), ":" | ":{}" | ":[]");
        let indent = " ".repeat(column + 2);
        let line_break = self.line_break();
        let lines: String = lines.iter().flat_map(|line| [line_break, &indent, line]).collect();
        let colon = start + rest.find(':')? + 1;
        let until = start + rest.trim_end().len();
        let place = Location::new(entry.key.location.source, Span::new(colon, until));
        (is_empty && !rest.contains('#')).then(|| Edit::replacement(place, lines))
    }

    /// A list in block style with a further item at its end: the lines of the item without its dash.
    pub fn item(&self, sequence: &Node, lines: &[String]) -> Option<Edit> {
        let last = sequence.as_seq().filter(|_| sequence.style == Style::Block)?.last()?.location.span.start as usize;
        let line_start = self.line_start(last);
        let before = self.file.get(line_start..last)?;
        let column = before.find('-')?;
        if !before.replace('-', " ").trim().is_empty() || before.matches('-').count() != 1 {
            return None;
        }
        let indent = " ".repeat(column);
        let mut written = vec![];
        for (number, line) in lines.iter().enumerate() {
            written.push(format!("{}{line}", if number == 0 { "- " } else { "  " }));
        }
        Some(self.inserted(sequence.location, self.block_end(last, column, false), &written, &indent))
    }

    /// A mapping in block style without one of its entries; none where a comment would go with it.
    pub fn without(&self, entry: &Entry) -> Option<Edit> {
        let key = entry.key.location.span.start as usize;
        let (start, column) = (self.line_start(key), self.column(key)?);
        let end = self.block_end(key, column, entry.value.as_seq().is_some());
        let removed = self.file.get(start..end)?;
        let is_alone = self.file.get(start..key)?.trim().is_empty() && !removed.contains('#');
        let place = Location::new(entry.key.location.source, Span::new(start, end));
        (is_alone && !entry.merged).then(|| Edit::deletion(place))
    }

    fn in_flow(&self, mapping: &Node, last: Option<&Entry>, line: &str) -> Option<Edit> {
        let is_whole = self.written(mapping)?.starts_with('{');
        let (at, content) = match last {
            Some(entry) => (entry.value.location.span.end.max(entry.key.location.span.end), format!(", {line}")),
            None => (mapping.location.span.start + 1, line.to_owned()),
        };
        let place = Location::new(mapping.location.source, Span { start: at, end: at });
        is_whole.then(|| Edit::replacement(place, content))
    }

    /// A text where a plain scalar may stand; a file of JSON stays one.
    fn plain(&self, text: &str) -> String {
        if is_json(self.file) { quoted(text) } else { plain_or_quoted(text) }
    }

    fn written(&self, node: &Node) -> Option<&'a str> {
        self.file.get(node.location.span.range())
    }

    /// A value that is not written yet, behind the colon of its key.
    fn missing(&self, place: Location, text: &str) -> Option<Edit> {
        let (before, after) = self.file.split_at_checked(place.span.start as usize)?;
        let blanks = after.len() - after.trim_start_matches(' ').len();
        let at = match after[blanks..].strip_prefix(':') {
            Some(_) => before.len() + blanks + 1,
            None if before.trim_end_matches(' ').ends_with(':') => before.trim_end_matches(' ').len(),
            None => return None,
        };
        let rest = &self.file[at..];
        let is_free = rest.trim_start_matches(' ').starts_with(['\n', '\r', '#', ',', '}']) || rest.trim().is_empty();
        let edit = Edit::replacement(Location::new(place.source, Span::new(at, at)), format!(" {}", self.plain(text)));
        is_free.then_some(edit)
    }

    /// New lines at the start of a line, or behind a last line without a break.
    fn inserted(&self, near: Location, at: usize, lines: &[String], indent: &str) -> Edit {
        let line_break = self.line_break();
        let is_open = at > 0 && !self.file[..at].ends_with('\n');
        let (before, after) = if is_open { (line_break, "") } else { ("", line_break) };
        let content: String = lines.iter().flat_map(|line| [before, indent, line, after]).collect();
        Edit::replacement(Location::new(near.source, Span::new(at, at)), content)
    }

    /// The break that the file's lines end with.
    fn line_break(&self) -> &'static str {
        let first = self.file.find('\n');
        if first.is_some_and(|at| self.file[..at].ends_with('\r')) { "\r\n" } else { "\n" }
    }

    fn line_start(&self, at: usize) -> usize {
        self.file[..at].rfind('\n').map_or(0, |before| before + 1)
    }

    /// The start of the next line.
    fn line_end(&self, at: usize) -> usize {
        self.file[at..].find('\n').map_or(self.file.len(), |next| at + next + 1)
    }

    /// How far a key or dash is indented; none where something else stands before it.
    fn column(&self, at: usize) -> Option<usize> {
        let before = self.file.get(self.line_start(at)..at)?;
        before.chars().all(|letter| matches!(letter, ' ' | '-')).then_some(before.len())
    }

    /// The end of the last line that belongs to what begins at `from` in a column: those that are indented further, and the items of
    /// a list that is not.
    fn block_end(&self, from: usize, column: usize, has_list: bool) -> usize {
        let mut end = self.line_end(from);
        let mut next = end;
        while next < self.file.len() {
            let after = self.line_end(next);
            let line = self.file[next..after].trim_end_matches(['\n', '\r']);
            let content = line.trim_start_matches(' ');
            let indent = line.len() - content.len();
            let is_item = has_list && indent == column && (content.starts_with("- ") || content == "-");
            if content.is_empty() {
                next = after;
                continue;
            }
            if indent <= column && !is_item {
                break;
            }
            next = after;
            end = after;
        }
        end
    }
}

fn is_json(text: &str) -> bool {
    text.trim_start().starts_with('{') && serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A text as a plain scalar where YAML reads it so everywhere, else in double quotes.
pub fn plain_or_quoted(text: &str) -> String {
    const INDICATORS: [char; 19] =
        ['-', '?', ':', ',', '[', ']', '{', '}', '#', '&', '*', '!', '|', '>', '\'', '"', '%', '@', '`'];
    let is_plain = !text.is_empty()
        && text.trim() == text
        && !text.starts_with(INDICATORS)
        && !text.ends_with(':')
        && !text.contains([',', '[', ']', '{', '}'])
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.chars().any(char::is_control)
        && matches!(resolve::plain(text), Value::String(_));
    if is_plain { text.to_owned() } else { quoted(text) }
}

/// A text in double quotes; what JSON escapes, YAML reads alike.
pub fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
