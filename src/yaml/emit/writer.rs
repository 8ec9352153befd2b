//! The lower half of the emitter: columns, indentation, and scalars character by character, as libyaml's `emitter.c` has it.

use std::fmt::Write as _;
use std::ops::Range;

use super::Dialect;
use super::scalar::{is_break, is_printable};

/// Spaces per level.
const STEP: usize = 2;

/// Text under construction.
pub(super) struct BlockWriter {
    text: String,
    column: usize,
    /// `None` before the first collection.
    indent: Option<usize>,
    /// The longest line before folding.
    width: usize,
    /// Whether the last character was white space.
    blank: bool,
    /// Whether the line has only indentation and indicators so far.
    indention: bool,
}

impl BlockWriter {
    pub(super) fn new(dialect: Dialect) -> Self {
        let width = match dialect {
            Dialect::Json2 => 80,
            Dialect::Pretty3 => usize::MAX,
        };
        Self { text: String::new(), column: 0, indent: None, width, blank: true, indention: true }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn at_indention(&self) -> bool {
        self.indention
    }

    /// Goes one level in for a collection, unless it stays `flat`; gives what [`Writer::dedent`] wants back.
    pub(super) fn indent(&mut self, flat: bool) -> Option<usize> {
        let outer = self.indent;
        self.indent = Some(outer.map_or(0, |indent| if flat { indent } else { indent + STEP }));
        outer
    }

    /// Goes one level in for the lines of a scalar.
    pub(super) fn indent_scalar(&mut self) -> Option<usize> {
        let outer = self.indent;
        self.indent = Some(outer.map_or(STEP, |indent| indent + STEP));
        outer
    }

    pub(super) fn dedent(&mut self, outer: Option<usize>) {
        self.indent = outer;
    }

    /// Starts a line at the indentation, unless one has just been started.
    pub(super) fn line_start(&mut self) {
        let indent = self.indent.unwrap_or(0);
        if !self.indention || self.column > indent || (self.column == indent && !self.blank) {
            self.line_break();
        }
        while self.column < indent {
            self.put(' ');
        }
        self.blank = true;
        self.indention = true;
    }

    /// Writes `-`, `?`, `:`, quotes and brackets.
    pub(super) fn indicator(&mut self, indicator: &str, after_blank: bool, is_indention: bool) {
        if after_blank && !self.blank {
            self.put(' ');
        }
        self.text.push_str(indicator);
        self.column += indicator.len();
        self.blank = false;
        self.indention = self.indention && is_indention;
    }

    /// An empty collection.
    pub(super) fn empty(&mut self, open: &str, close: &str) -> Range<usize> {
        self.indicator(open, true, false);
        self.indicator(close, false, false);
        self.text.len() - open.len() - close.len()..self.text.len()
    }

    pub(super) fn plain(&mut self, text: &str, folds: bool) -> Range<usize> {
        if !self.blank {
            self.put(' ');
        }
        let start = self.text.len();
        self.folding(text, folds, false);
        self.blank = false;
        self.indention = false;
        start..self.text.len()
    }

    pub(super) fn single_quoted(&mut self, text: &str, folds: bool) -> Range<usize> {
        self.indicator("'", true, false);
        let start = self.text.len() - 1;
        self.folding(text, folds, true);
        self.indicator("'", false, false);
        start..self.text.len()
    }

    /// The characters of a plain or single-quoted scalar.
    fn folding(&mut self, text: &str, folds: bool, quoted: bool) {
        let (mut spaces, mut breaks) = (false, false);
        for (position, char) in text.char_indices() {
            let rest = &text[position + char.len_utf8()..];
            if char == ' ' {
                let inside = !quoted || (position > 0 && !rest.is_empty());
                if folds && !spaces && self.column > self.width && inside && !rest.starts_with(' ') {
                    self.line_start();
                } else {
                    self.put(char);
                }
                spaces = true;
            } else if is_break(char) {
                self.put_break(char);
                self.indention = true;
                breaks = true;
            } else {
                if breaks {
                    self.line_start();
                }
                if quoted && char == '\'' {
                    self.put(char);
                }
                self.put(char);
                self.indention = false;
                (spaces, breaks) = (false, false);
            }
        }
    }

    pub(super) fn double_quoted(&mut self, text: &str, folds: bool) -> Range<usize> {
        self.indicator("\"", true, false);
        let start = self.text.len() - 1;
        // A byte order mark at the start makes Go-YAML escape every character.
        let escapes_all = text.starts_with('\u{FEFF}');
        let mut spaces = false;
        for (position, char) in text.char_indices() {
            let rest = &text[position + char.len_utf8()..];
            if escapes_all || !is_printable(char) || is_break(char) || matches!(char, '"' | '\\') {
                self.escape(char);
                spaces = false;
            } else if char == ' ' {
                if folds && !spaces && self.column > self.width && position > 0 && !rest.is_empty() {
                    self.line_start();
                    if rest.starts_with(' ') {
                        self.put('\\');
                    }
                } else {
                    self.put(char);
                }
                spaces = true;
            } else {
                self.put(char);
                spaces = false;
            }
        }
        self.indicator("\"", false, false);
        start..self.text.len()
    }

    fn escape(&mut self, char: char) {
        let before = self.text.len();
        let short = match char {
            '\0' => "\\0",
            '\u{7}' => "\\a",
            '\u{8}' => "\\b",
            '\t' => "\\t",
            '\n' => "\\n",
            '\u{B}' => "\\v",
            '\u{C}' => "\\f",
            '\r' => "\\r",
            '\u{1B}' => "\\e",
            '"' => "\\\"",
            '\\' => "\\\\",
            '\u{85}' => "\\N",
            '\u{A0}' => "\\_",
            '\u{2028}' => "\\L",
            '\u{2029}' => "\\P",
            _ => "",
        };
        self.text.push_str(short);
        if short.is_empty() {
            let written = match u32::from(char) {
                code @ ..=0xFF => write!(self.text, "\\x{code:02X}"),
                code @ ..=0xFFFF => write!(self.text, "\\u{code:04X}"),
                code => write!(self.text, "\\U{code:08X}"),
            };
            written.expect("writing to a string never fails");
        }
        self.column += self.text.len() - before;
    }

    pub(super) fn literal(&mut self, text: &str) -> Range<usize> {
        self.indicator("|", true, false);
        let start = self.text.len() - 1;
        if text.starts_with(|char| char == ' ' || is_break(char)) {
            self.indicator("2", false, false);
        }
        self.indicator(chomping(text), false, false);
        self.line_break();
        self.indention = true;
        self.blank = true;
        let mut breaks = true;
        for char in text.chars() {
            if is_break(char) {
                self.put_break(char);
                self.indention = true;
            } else {
                if breaks {
                    self.line_start();
                }
                self.put(char);
                self.indention = false;
            }
            breaks = is_break(char);
        }
        start..self.text.len()
    }

    fn put(&mut self, char: char) {
        self.text.push(char);
        self.column += 1;
    }

    fn put_break(&mut self, char: char) {
        self.text.push(char);
        self.column = 0;
    }

    fn line_break(&mut self) {
        self.put_break('\n');
    }
}

/// The indicator that says what becomes of the line breaks at the end of a block.
fn chomping(text: &str) -> &'static str {
    let mut ends = text.chars().rev();
    match (ends.next(), ends.next()) {
        (Some(last), None) if is_break(last) => "+",
        (Some(last), Some(before)) if is_break(last) => {
            if is_break(before) {
                "+"
            } else {
                ""
            }
        }
        _ => "-",
    }
}
