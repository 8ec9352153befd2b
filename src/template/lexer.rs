//! Template text to tokens, one at a time, with Go's rules for delimiters, trim markers and comments.

pub use self::token::{Kind, Token};
use super::print::quote::quote;
use crate::text::unicode::{is_print, is_word};

mod token;

const LEFT: &str = "{{";
const RIGHT: &str = "}}";

/// The lexer; [`Lexer::token`] returns [`Kind::Eof`] for ever once the text is used up.
#[derive(Debug, Clone)]
pub struct Lexer<'a> {
    source: &'a str,
    /// Start of the token being read.
    start: usize,
    position: usize,
    inside: bool,
    parens: usize,
    /// What the last error was about.
    fault: String,
}

type Lexed = Result<Kind, String>;

impl<'a> Lexer<'a> {
    /// A lexer at the start of `source`.
    pub fn new(source: &'a str) -> Self {
        Self { source, start: 0, position: 0, inside: false, parens: 0, fault: String::new() }
    }

    /// The next token.
    pub fn token(&mut self) -> Token {
        self.start = self.position;
        let read = if self.inside { self.inside() } else { self.outside() };
        let kind = read.unwrap_or_else(|fault| {
            self.fault = fault;
            Kind::Error
        });
        if kind == Kind::LeftDelim {
            return self.left_delimiter();
        }
        if kind == Kind::RightDelim {
            return self.right_delimiter();
        }
        let end = if kind == Kind::Text { self.text_end() } else { self.position };
        Token { kind, start: self.start, end }
    }

    /// What the last [`Kind::Error`] was about.
    pub fn fault(&self) -> &str {
        &self.fault
    }

    fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    /// What is left, for looking at ASCII: cheaper than a text, whose ends have to be those of characters.
    fn bytes(&self) -> &'a [u8] {
        self.source.as_bytes().get(self.position..).unwrap_or_default()
    }

    fn peek_byte(&self) -> Option<u8> {
        self.bytes().first().copied()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn next(&mut self) -> Option<char> {
        if let Some(next) = self.peek_byte().filter(u8::is_ascii) {
            self.position += 1;
            return Some(char::from(next));
        }
        let next = self.peek()?;
        self.position += next.len_utf8();
        Some(next)
    }

    fn accept(&mut self, set: &str) -> bool {
        let found = self.peek().is_some_and(|character| set.contains(character));
        if found {
            self.next();
        }
        found
    }

    fn accept_run(&mut self, set: &str) {
        while self.accept(set) {}
    }

    fn outside(&mut self) -> Lexed {
        loop {
            let Some(found) = find_left(self.rest()) else {
                self.position = self.source.len();
                return Ok(if self.start == self.position { Kind::Eof } else { Kind::Text });
            };
            self.position += found;
            if self.text_end() > self.start {
                return Ok(Kind::Text);
            }
            if !self.comment()? {
                return Ok(Kind::LeftDelim);
            }
            self.start = self.position;
        }
    }

    /// Where the text token ends: a trim marker behind it takes its trailing white space.
    fn text_end(&self) -> usize {
        let text = &self.source[self.start..self.position];
        match self.rest().strip_prefix(LEFT) {
            Some(action) if has_left_marker(action) => {
                self.position - text.bytes().rev().take_while(|byte| is_space(*byte)).count()
            }
            _ => self.position,
        }
    }

    /// Skips a comment at the left delimiter the lexer stands at, if it is one.
    fn comment(&mut self) -> Result<bool, String> {
        let action = &self.rest()[LEFT.len()..];
        let marker = if has_left_marker(action) { 2 } else { 0 };
        let Some(body) = action[marker..].strip_prefix("/*") else { return Ok(false) };
        self.position += LEFT.len() + marker;
        self.start = self.position;
        let Some(length) = body.find("*/") else { return Err("unclosed comment".to_owned()) };
        self.position += 2 + length + 2;
        let (closed, trimmed) = self.at_right();
        if !closed {
            return Err("comment ends before closing delimiter".to_owned());
        }
        self.position += RIGHT.len() + if trimmed { 2 } else { 0 };
        if trimmed {
            self.skip_space();
        }
        Ok(true)
    }

    fn skip_space(&mut self) {
        self.position += self.bytes().iter().take_while(|byte| is_space(**byte)).count();
    }

    fn left_delimiter(&mut self) -> Token {
        let start = self.position;
        self.position += LEFT.len();
        let token = Token { kind: Kind::LeftDelim, start, end: self.position };
        if has_left_marker(self.rest()) {
            self.position += 2;
        }
        self.inside = true;
        self.parens = 0;
        token
    }

    fn right_delimiter(&mut self) -> Token {
        let (_, trimmed) = self.at_right();
        if trimmed {
            self.position += 2;
        }
        let start = self.position;
        self.position += RIGHT.len();
        let token = Token { kind: Kind::RightDelim, start, end: self.position };
        if trimmed {
            self.skip_space();
        }
        self.inside = false;
        token
    }

    /// Whether the lexer stands at a right delimiter, and whether that has a trim marker.
    fn at_right(&self) -> (bool, bool) {
        match self.bytes() {
            [b'}', b'}', ..] => (true, false),
            [space, b'-', b'}', b'}', ..] if is_space(*space) => (true, true),
            _ => (false, false),
        }
    }

    fn inside(&mut self) -> Lexed {
        // What ends an action begins with a brace or, with its trim marker, white space.
        if self.peek_byte().is_some_and(|first| first == b'}' || is_space(first)) && self.at_right().0 {
            return if self.parens == 0 { Ok(Kind::RightDelim) } else { Err("unclosed left paren".to_owned()) };
        }
        let Some(first) = self.next() else { return Err("unclosed action".to_owned()) };
        match first {
            'a'..='z' => self.identifier(),
            ' ' | '\t' | '\r' | '\n' => Ok(self.space()),
            '=' => Ok(Kind::Assign),
            ':' if self.next() == Some('=') => Ok(Kind::Declare),
            ':' => Err("expected :=".to_owned()),
            '|' => Ok(Kind::Pipe),
            '"' => self.quoted(b'"', "unterminated quoted string").map(|()| Kind::String),
            '`' => self.raw(),
            '$' => self.word_after(Kind::Variable, Kind::Variable),
            '\'' => self.quoted(b'\'', "unterminated character constant").map(|()| Kind::CharConstant),
            '.' if !self.peek().is_none_or(|next| next.is_ascii_digit()) => self.word_after(Kind::Field, Kind::Dot),
            '.' | '+' | '-' | '0'..='9' => self.number(first),
            '(' => {
                self.parens += 1;
                Ok(Kind::LeftParen)
            }
            ')' => {
                self.parens = self.parens.checked_sub(1).ok_or("unexpected right paren")?;
                Ok(Kind::RightParen)
            }
            _ if is_word(first) => self.identifier(),
            _ if first.is_ascii() && is_print(first) => Ok(Kind::Char),
            _ => Err(format!("unrecognized character in action: {}", show_unicode(Some(first)))),
        }
    }

    /// A run of white space, but for the one character that belongs to a right trim marker.
    fn space(&mut self) -> Kind {
        self.skip_space();
        if self.bytes().starts_with(b"-}}") {
            self.position -= 1;
            if self.start == self.position {
                return Kind::RightDelim;
            }
        }
        Kind::Space
    }

    fn identifier(&mut self) -> Lexed {
        self.word()?;
        Ok(Kind::of_word(&self.source[self.start..self.position]))
    }

    /// What follows a `.` or `$`: a name, or nothing.
    fn word_after(&mut self, named: Kind, bare: Kind) -> Lexed {
        if self.at_terminator() {
            return Ok(bare);
        }
        self.word()?;
        Ok(named)
    }

    fn word(&mut self) -> Result<(), String> {
        // Names are ASCII nearly always.
        let plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        self.position += self.bytes().iter().take_while(|byte| plain(byte)).count();
        while self.peek_byte().is_some_and(|byte| !byte.is_ascii()) && self.peek().is_some_and(is_word) {
            self.next();
            self.position += self.bytes().iter().take_while(|byte| plain(byte)).count();
        }
        if self.at_terminator() { Ok(()) } else { Err(format!("bad character {}", show_unicode(self.peek()))) }
    }

    fn at_terminator(&self) -> bool {
        match self.peek_byte() {
            None | Some(b'.' | b',' | b'|' | b':' | b')' | b'(') => true,
            Some(next) => is_space(next) || self.bytes().starts_with(b"}}"),
        }
    }

    fn quoted(&mut self, mark: u8, unterminated: &str) -> Result<(), String> {
        loop {
            let special = |byte: &u8| *byte == mark || matches!(byte, b'\\' | b'\n');
            self.position += self.bytes().iter().take_while(|byte| !special(byte)).count();
            match self.next() {
                Some('\\') if !matches!(self.next(), None | Some('\n')) => {}
                None | Some('\n' | '\\') => return Err(unterminated.to_owned()),
                Some(_) => return Ok(()),
            }
        }
    }

    fn raw(&mut self) -> Lexed {
        let Some(length) = self.rest().find('`') else {
            self.position = self.source.len();
            return Err("unterminated raw quoted string".to_owned());
        };
        self.position += length + 1;
        Ok(Kind::RawString)
    }

    fn number(&mut self, first: char) -> Lexed {
        self.position -= first.len_utf8();
        let mut good = self.scan_number();
        let mut kind = Kind::Number;
        if good && matches!(self.peek(), Some('+' | '-')) {
            good = self.scan_number() && self.source[..self.position].ends_with('i');
            kind = Kind::Complex;
        }
        if good {
            Ok(kind)
        } else {
            Err(format!("bad number syntax: {}", quote(&self.source.as_bytes()[self.start..self.position])))
        }
    }

    fn scan_number(&mut self) -> bool {
        self.accept("+-");
        let mut digits = "0123456789_";
        if self.accept("0") {
            digits = if self.accept("xX") {
                "0123456789abcdefABCDEF_"
            } else if self.accept("oO") {
                "01234567_"
            } else if self.accept("bB") {
                "01_"
            } else {
                digits
            };
        }
        self.accept_run(digits);
        if self.accept(".") {
            self.accept_run(digits);
        }
        if (digits.len() == 11 && self.accept("eE")) || (digits.len() == 23 && self.accept("pP")) {
            self.accept("+-");
            self.accept_run("0123456789_");
        }
        self.accept("i");
        if self.peek().is_some_and(is_word) {
            self.next();
            return false;
        }
        true
    }
}

/// Where the first left delimiter is. Single braces are rare, so that looking for one and then for its neighbour beats a search for both.
pub(super) fn find_left(text: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let brace = from + text[from..].find('{')?;
        if text.as_bytes().get(brace + 1) == Some(&b'{') {
            return Some(brace);
        }
        from = brace + 1;
    }
}

fn has_left_marker(action: &str) -> bool {
    matches!(action.as_bytes(), [b'-', space, ..] if is_space(*space))
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r' | b'\n')
}

/// Go's `%#U`; the end of the text reads as its `-1`.
fn show_unicode(character: Option<char>) -> String {
    match character {
        None => "U+FFFFFFFFFFFFFFFF".to_owned(),
        Some(character) if is_print(character) => format!("U+{:04X} '{character}'", u32::from(character)),
        Some(character) => format!("U+{:04X}", u32::from(character)),
    }
}
