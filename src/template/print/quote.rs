//! Quoted strings and characters as Go's `strconv` writes and reads them.

use std::fmt::Write as _;

use crate::text::unicode::is_print;

/// The string in double quotes with Go's escapes; bytes that are not UTF-8 become `\xNN`.
pub fn quote(bytes: &[u8]) -> String {
    quote_with(bytes, '"', false)
}

/// As [`quote`], but everything outside ASCII is escaped.
pub fn quote_ascii(bytes: &[u8]) -> String {
    quote_with(bytes, '"', true)
}

/// A character constant in single quotes.
pub fn quote_char(character: char, ascii: bool) -> String {
    let mut quoted = String::from('\'');
    escape(&mut quoted, character, '\'', ascii);
    quoted.push('\'');
    quoted
}

fn quote_with(bytes: &[u8], mark: char, ascii: bool) -> String {
    let mut quoted = String::with_capacity(bytes.len() + 2);
    quoted.push(mark);
    for chunk in bytes.utf8_chunks() {
        chunk.valid().chars().for_each(|character| escape(&mut quoted, character, mark, ascii));
        for byte in chunk.invalid() {
            let _ = write!(quoted, "\\x{byte:02x}");
        }
    }
    quoted.push(mark);
    quoted
}

fn escape(out: &mut String, character: char, mark: char, ascii: bool) {
    match character {
        _ if character == mark || character == '\\' => out.extend(['\\', character]),
        '\x07' => out.push_str("\\a"),
        '\x08' => out.push_str("\\b"),
        '\x0c' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        '\x0b' => out.push_str("\\v"),
        _ if is_print(character) && (!ascii || character.is_ascii()) => out.push(character),
        '\0'..' ' | '\x7f' => drop(write!(out, "\\x{:02x}", u32::from(character))),
        '\0'..='\u{ffff}' => drop(write!(out, "\\u{:04x}", u32::from(character))),
        _ => drop(write!(out, "\\U{:08x}", u32::from(character))),
    }
}

/// What is between the quotes of a string literal that has no escapes, as nearly all are.
pub fn unescaped(literal: &str) -> Option<&str> {
    let inner = literal.strip_prefix('"')?.strip_suffix('"')?;
    let is_plain = |byte| !matches!(byte, b'\\' | b'"' | b'\n');
    inner.bytes().all(is_plain).then_some(inner)
}

/// Reads a string literal in double quotes or backquotes. `None` if it is none.
pub fn unquote(literal: &str) -> Option<Vec<u8>> {
    let inner = literal.get(1..literal.len().checked_sub(1)?)?;
    match (literal.as_bytes().first()?, literal.as_bytes().last()?) {
        (b'`', b'`') => Some(inner.bytes().filter(|byte| *byte != b'\r').collect()),
        (b'"', b'"') => {
            let mut bytes = Vec::with_capacity(inner.len());
            let mut rest = inner;
            while !rest.is_empty() {
                let (unit, tail) = unquote_char(rest, '"')?;
                unit.write(&mut bytes);
                rest = tail;
            }
            Some(bytes)
        }
        _ => None,
    }
}

/// One character or byte of a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// A character.
    Char(char),
    /// A byte given as `\x` or in octal.
    Byte(u8),
}

impl Letter {
    fn write(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Char(character) => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
            Self::Byte(byte) => bytes.push(byte),
        }
    }
}

/// Reads one character of a literal that `mark` ends, and returns it with what follows.
pub fn unquote_char(text: &str, mark: char) -> Option<(Letter, &str)> {
    let mut chars = text.chars();
    match chars.next()? {
        character if character == mark || character == '\n' => None,
        '\\' => unquote_escape(chars.as_str(), mark),
        character => Some((Letter::Char(character), chars.as_str())),
    }
}

fn unquote_escape(text: &str, mark: char) -> Option<(Letter, &str)> {
    let mut chars = text.chars();
    let character = match chars.next()? {
        'a' => '\x07',
        'b' => '\x08',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        '\\' => '\\',
        quote @ ('\'' | '"') if quote == mark => quote,
        'x' => {
            return digits(chars.as_str(), 2, 16)
                .and_then(|(number, rest)| Some((Letter::Byte(u8::try_from(number).ok()?), rest)));
        }
        'u' => {
            return digits(chars.as_str(), 4, 16)
                .and_then(|(number, rest)| Some((Letter::Char(char::from_u32(number)?), rest)));
        }
        'U' => {
            return digits(chars.as_str(), 8, 16)
                .and_then(|(number, rest)| Some((Letter::Char(char::from_u32(number)?), rest)));
        }
        '0'..='7' => {
            return digits(text, 3, 8)
                .and_then(|(number, rest)| Some((Letter::Byte(u8::try_from(number).ok()?), rest)));
        }
        _ => return None,
    };
    Some((Letter::Char(character), chars.as_str()))
}

fn digits(text: &str, count: usize, radix: u32) -> Option<(u32, &str)> {
    let (head, rest) = text.split_at_checked(count)?;
    head.bytes().all(|byte| char::from(byte).is_digit(radix)).then_some(())?;
    Some((u32::from_str_radix(head, radix).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_quoted_as_go_quotes_them() {
        assert_eq!(quote(b"a\"b\\\n\x07\x01\x7f"), r#""a\"b\\\n\a\x01\x7f""#);
        assert_eq!(quote("é\u{feff}\u{10ffff}'".as_bytes()), "\"é\\ufeff\\U0010ffff'\"");
        assert_eq!(quote(b"\xff"), r#""\xff""#);
        assert_eq!(quote_ascii("é".as_bytes()), r#""\u00e9""#);
        assert_eq!(quote_char('\'', false), r"'\''");
    }

    #[test]
    fn literals_are_read_as_go_reads_them() {
        assert_eq!(unquote(r#""a\n\x41\101\u00e9""#), Some("a\nAAé".into()));
        assert_eq!(unquote("`a\\n\r\n`"), Some("a\\n\n".into()));
        for wrong in [r#""\q""#, r#""\'""#, r#""\x4""#, r#""\400""#, r#"""#, ""] {
            assert_eq!(unquote(wrong), None, "{wrong}");
        }
    }
}
