//! Patterns of Go written anew for the `regex` crate.

use std::fmt::Write as _;

/// Largest repeat count.
const MOST_REPEATS: u32 = 1000;

/// Reads a pattern by Go's grammar and writes it for the crate.
///
/// With the pattern come the names of its groups, empty for those without: Go allows names twice and with digits first, the crate does not.
///
/// # Errors
/// Go's message without `error parsing regexp: `.
pub fn translate(pattern: &str) -> Result<(String, Vec<String>), String> {
    let out = String::with_capacity(pattern.len() + 8);
    let mut translator = Translator { pattern, rest: pattern, out, depth: 0, names: vec![String::new()] };
    translator.run()?;
    Ok((translator.out, translator.names))
}

struct Translator<'p> {
    pattern: &'p str,
    rest: &'p str,
    out: String,
    depth: usize,
    names: Vec<String>,
}

/// What a token was, as far as the next one depends on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Before<'p> {
    /// Nothing that can be repeated.
    Nothing,
    /// Something that can be repeated.
    Item,
    /// A repetition, which cannot be repeated; with the text from it on.
    Repeat(&'p str),
}

impl<'p> Translator<'p> {
    fn run(&mut self) -> Result<(), String> {
        let mut before = Before::Nothing;
        while let Some(char) = self.rest.chars().next() {
            before = match char {
                '*' | '+' | '?' => self.repeat(char, before)?,
                '{' => self.counted(before)?,
                '(' => self.open()?,
                ')' => self.close()?,
                '|' => self.copy(1, Before::Nothing),
                '[' => self.class()?,
                '.' | '^' | '$' => self.copy(1, Before::Item),
                '\\' => self.escape()?,
                _ => self.literal(char),
            };
        }
        if self.depth > 0 {
            return Err(format!("missing closing ): `{}`", self.pattern));
        }
        Ok(())
    }

    fn take(&mut self, length: usize) -> &'p str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }

    fn copy(&mut self, length: usize, kind: Before<'p>) -> Before<'p> {
        let taken = self.take(length);
        self.out.push_str(taken);
        kind
    }

    fn literal(&mut self, char: char) -> Before<'p> {
        self.take(char.len_utf8());
        push_char(&mut self.out, char);
        Before::Item
    }

    fn repeat(&mut self, operator: char, before: Before<'p>) -> Result<Before<'p>, String> {
        self.repetition(before, 1)?;
        self.out.push(operator);
        Ok(self.lazy(before, 1))
    }

    /// Checks that a repetition operator of `length` bytes may stand here.
    fn repetition(&self, before: Before<'p>, length: usize) -> Result<(), String> {
        match before {
            Before::Item => Ok(()),
            Before::Nothing => Err(format!("missing argument to repetition operator: `{}`", &self.rest[..length])),
            Before::Repeat(from) => {
                let lazy = usize::from(self.rest[length..].starts_with('?'));
                let shown = from.len() - self.rest.len() + length + lazy;
                Err(format!("invalid nested repetition operator: `{}`", &from[..shown]))
            }
        }
    }

    /// Takes an operator of `length` bytes, already written, and a `?` after it.
    fn lazy(&mut self, _before: Before<'p>, length: usize) -> Before<'p> {
        let from = self.rest;
        self.take(length);
        if self.rest.starts_with('?') {
            self.copy(1, Before::Nothing);
        }
        Before::Repeat(from)
    }

    /// `{n}`, `{n,}`, `{n,m}`; anything else after a brace is text.
    fn counted(&mut self, before: Before<'p>) -> Result<Before<'p>, String> {
        let Some((length, least, most)) = count(self.rest) else { return Ok(self.literal('{')) };
        let shown = &self.rest[..length];
        let too_many = |count: Option<u32>| count.is_none_or(|count| count > MOST_REPEATS);
        if too_many(least) || most.is_some_and(|most| too_many(most) || most < least) {
            return Err(format!("invalid repeat count: `{shown}`"));
        }
        self.repetition(before, length)?;
        self.out.push_str(shown);
        Ok(self.lazy(before, length))
    }

    fn open(&mut self) -> Result<Before<'p>, String> {
        if self.depth >= 1000 {
            return Err(format!("expression nests too deeply: `{}`", self.pattern));
        }
        if !self.rest.starts_with("(?") {
            self.depth += 1;
            self.names.push(String::new());
            return Ok(self.copy(1, Before::Nothing));
        }
        let named = self.rest.strip_prefix("(?P<").or_else(|| self.rest.strip_prefix("(?<"));
        if let Some(after) = named {
            let Some(end) = after.find('>') else {
                return Err(format!("invalid named capture: `{}`", self.rest));
            };
            let length = self.rest.len() - after.len() + end + 1;
            let word = |byte: u8| byte == b'_' || byte.is_ascii_alphanumeric();
            if end == 0 || !after[..end].bytes().all(word) {
                return Err(format!("invalid named capture: `{}`", &self.rest[..length]));
            }
            self.depth += 1;
            self.take(length);
            self.names.push(after[..end].to_owned());
            self.out.push('(');
            return Ok(Before::Nothing);
        }
        self.flags()
    }

    /// `(?i)`, `(?i-s:…)`.
    fn flags(&mut self) -> Result<Before<'p>, String> {
        let mut negated = false;
        let mut any = false;
        for (position, char) in self.rest.char_indices().skip(2) {
            let end = position + char.len_utf8();
            match char {
                'i' | 'm' | 's' | 'U' => any = true,
                '-' if !negated => {
                    negated = true;
                    any = false;
                }
                ':' | ')' if any || !negated => {
                    let empty = self.rest[..end] == *"(?)";
                    if char == ':' {
                        self.depth += 1;
                    }
                    if empty {
                        self.take(end);
                        return Ok(Before::Nothing);
                    }
                    return Ok(self.copy(end, Before::Nothing));
                }
                _ => return Err(format!("invalid or unsupported Perl syntax: `{}`", &self.rest[..end])),
            }
        }
        Err(format!("invalid or unsupported Perl syntax: `{}`", self.rest))
    }

    fn close(&mut self) -> Result<Before<'p>, String> {
        let Some(depth) = self.depth.checked_sub(1) else {
            return Err(format!("unexpected ): `{}`", self.pattern));
        };
        self.depth = depth;
        Ok(self.copy(1, Before::Item))
    }

    fn escape(&mut self) -> Result<Before<'p>, String> {
        let bytes = self.rest.as_bytes();
        match bytes.get(1) {
            Some(b'A' | b'z') => return Ok(self.copy(2, Before::Item)),
            Some(b'b') => return Ok(self.written(2, r"(?-u:\b)")),
            Some(b'B') => return Ok(self.written(2, r"(?-u:\B)")),
            Some(b'Q') => {
                let quoted = &self.rest[2..];
                let length = quoted.find(r"\E").unwrap_or(quoted.len());
                for char in quoted[..length].chars() {
                    push_char(&mut self.out, char);
                }
                let closed = 2 + length + if quoted[length..].is_empty() { 0 } else { 2 };
                self.take(closed);
                return Ok(if length == 0 { Before::Nothing } else { Before::Item });
            }
            // An end without a beginning counts as nothing.
            Some(b'E') => return Ok(self.written(2, "")),
            _ => {}
        }
        let mut class = String::new();
        if let Some(length) = named_class(self.rest, &mut class)? {
            return Ok(self.written(length, &format!("[{class}]")));
        }
        let (char, length) = character_escape(self.rest)?;
        push_char(&mut self.out, char);
        self.take(length);
        Ok(Before::Item)
    }

    fn written(&mut self, length: usize, text: &str) -> Before<'p> {
        self.take(length);
        self.out.push_str(text);
        if text.is_empty() { Before::Nothing } else { Before::Item }
    }

    /// `[…]`, with every character escaped, so that none is an operator.
    fn class(&mut self) -> Result<Before<'p>, String> {
        let whole = self.rest;
        let missing = || format!("missing closing ]: `{whole}`");
        self.copy(1, Before::Nothing);
        if self.rest.starts_with('^') {
            self.copy(1, Before::Nothing);
        }
        let mut first = true;
        loop {
            let Some(char) = self.rest.chars().next() else { return Err(missing()) };
            if char == ']' && !first {
                return Ok(self.copy(1, Before::Item));
            }
            first = false;
            if let Some(length) = posix_class(self.rest)? {
                self.copy(length, Before::Nothing);
                continue;
            }
            let mut class = String::new();
            if let Some(length) = named_class(self.rest, &mut class)? {
                self.out.push_str(&class);
                self.take(length);
                continue;
            }
            self.class_range(whole)?;
        }
    }

    fn class_range(&mut self, whole: &str) -> Result<(), String> {
        let from = self.rest;
        let low = self.class_char(whole)?;
        push_char(&mut self.out, low);
        let mut after = self.rest.chars();
        if after.next() == Some('-') && !matches!(after.next(), None | Some(']')) {
            self.take(1);
            let high = self.class_char(whole)?;
            if high < low {
                let shown = &from[..from.len() - self.rest.len()];
                return Err(format!("invalid character class range: `{shown}`"));
            }
            self.out.push('-');
            push_char(&mut self.out, high);
        }
        Ok(())
    }

    fn class_char(&mut self, whole: &str) -> Result<char, String> {
        let char = self.rest.chars().next().ok_or_else(|| format!("missing closing ]: `{whole}`"))?;
        let (char, length) = if char == '\\' { character_escape(self.rest)? } else { (char, char.len_utf8()) };
        self.take(length);
        Ok(char)
    }
}

/// The length of a counted repetition, its least and its most count; counts too large for a number are `None`.
#[expect(clippy::option_option, reason = "no upper count at all, or one that is too large")]
fn count(text: &str) -> Option<(usize, Option<u32>, Option<Option<u32>>)> {
    let inner = text.strip_prefix('{')?.split_once('}')?.0;
    let number = |digits: &str| {
        let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
        (plain && !digits.is_empty() && (digits == "0" || !digits.starts_with('0'))).then(|| digits.parse().ok())
    };
    let (least, most) = match inner.split_once(',') {
        None => (number(inner)?, None),
        Some((least, "")) => (number(least)?, None),
        Some((least, most)) => (number(least)?, Some(number(most)?)),
    };
    Some((inner.len() + 2, least, most))
}

/// `\d` and its kin, `\pN`, `\p{Greek}` as items of a class of the crate; the bytes they take.
fn named_class(text: &str, out: &mut String) -> Result<Option<usize>, String> {
    let perl = match text.as_bytes() {
        [b'\\', b'd', ..] => "0-9",
        [b'\\', b'D', ..] => "[^0-9]",
        [b'\\', b'w', ..] => "0-9A-Za-z_",
        [b'\\', b'W', ..] => "[^0-9A-Za-z_]",
        [b'\\', b's', ..] => r"\t\n\x0C\r\x20",
        [b'\\', b'S', ..] => r"[^\t\n\x0C\r\x20]",
        [b'\\', b'p' | b'P', ..] => return unicode_class(text, out).map(Some),
        _ => return Ok(None),
    };
    out.push_str(perl);
    Ok(Some(2))
}

fn unicode_class(text: &str, out: &mut String) -> Result<usize, String> {
    let wrong = |shown: &str| format!("invalid character class range: `{shown}`");
    let after = &text[2..];
    let first = after.chars().next().ok_or_else(|| wrong(text))?;
    let (name, length) = if first == '{' {
        let end = after.find('}').ok_or_else(|| wrong(text))?;
        (&after[1..end], 2 + end + 1)
    } else {
        (&after[..first.len_utf8()], 2 + first.len_utf8())
    };
    let (inverted, name) = name.strip_prefix('^').map_or((false, name), |name| (true, name));
    let negative = text.as_bytes()[1] == b'P';
    let letter = if negative == inverted { 'p' } else { 'P' };
    let class = if name == "Any" { "\\p{Any}".to_owned() } else { format!("\\{letter}{{{name}}}") };
    let known = name.chars().all(|char| char == '_' || char.is_ascii_alphanumeric());
    if !known || regex::Regex::new(&class).is_err() {
        return Err(wrong(&text[..length]));
    }
    out.push_str(&class);
    Ok(length)
}

/// The length of `[:alpha:]` or `[:^alpha:]`.
fn posix_class(text: &str) -> Result<Option<usize>, String> {
    const NAMES: [&str; 14] = [
        "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper",
        "word", "xdigit",
    ];
    let Some(inner) = text.strip_prefix("[:") else { return Ok(None) };
    let Some(end) = inner.find(":]") else { return Ok(None) };
    let name = inner[..end].strip_prefix('^').unwrap_or(&inner[..end]);
    if NAMES.contains(&name) {
        return Ok(Some(end + 4));
    }
    Err(format!("invalid character class range: `{}`", &text[..end + 4]))
}

/// The character that an escape stands for and the bytes it takes.
fn character_escape(text: &str) -> Result<(char, usize), String> {
    let mut chars = text[1..].chars();
    let Some(char) = chars.next() else {
        return Err("trailing backslash at end of expression: ``".to_owned());
    };
    let length = 1 + char.len_utf8();
    let wrong = || format!("invalid escape sequence: `{}`", &text[..length]);
    Ok(match char {
        '0'..='7' => return octal(text).ok_or_else(wrong),
        'x' => return hexadecimal(text).ok_or_else(|| invalid_hex(text)),
        'a' => ('\x07', 2),
        'f' => ('\x0C', 2),
        'n' => ('\n', 2),
        'r' => ('\r', 2),
        't' => ('\t', 2),
        'v' => ('\x0B', 2),
        _ if char.is_ascii() && !char.is_ascii_alphanumeric() => (char, length),
        _ => return Err(wrong()),
    })
}

/// `\0` with up to two more digits; other digits need a second one, a single one would be a reference backwards.
fn octal(text: &str) -> Option<(char, usize)> {
    let digits = text[1..].bytes().take(3).take_while(|byte| (b'0'..=b'7').contains(byte)).count();
    if digits < 2 && !text.starts_with("\\0") {
        return None;
    }
    let code = u32::from_str_radix(&text[1..=digits], 8).ok()?;
    Some((char::from_u32(code)?, 1 + digits))
}

/// `\x7F` and `\x{10FFFF}`.
fn hexadecimal(text: &str) -> Option<(char, usize)> {
    let (digits, length) = match text[2..].strip_prefix('{') {
        Some(inner) => {
            let end = inner.find('}')?;
            (&inner[..end], end + 4)
        }
        None => (text.get(2..4)?, 4),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = if plain { u32::from_str_radix(digits, 16).ok()? } else { return None };
    Some((char::from_u32(code)?, length))
}

fn invalid_hex(text: &str) -> String {
    let length = text.char_indices().nth(3).map_or(text.len(), |(position, char)| position + char.len_utf8());
    format!("invalid escape sequence: `{}`", &text[..length])
}

/// A character that is not an operator of the crate anywhere.
fn push_char(out: &mut String, char: char) {
    if char.is_ascii() && !char.is_ascii_alphanumeric() {
        write!(out, "\\x{:02X}", u32::from(char)).expect("writing to a string never fails");
    } else {
        out.push(char);
    }
}
