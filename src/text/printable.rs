//! Text that can be printed anywhere: nothing in it steers a terminal or a CI system, whoever wrote it.
//!
//! Names, values and messages come from charts, and charts from pull requests. [`Printable`] is the only thing that the command line
//! prints, and it is only made here.

use std::fmt;

use serde::Serialize;

/// Text that was made safe to print.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printable(String);

impl Printable {
    /// Exactly one line, whatever line breaks the text has.
    pub fn line(text: impl AsRef<str>) -> Self {
        Self(single_line(text.as_ref()) + "\n")
    }

    /// The lines of a text that may have several.
    pub fn lines(text: impl AsRef<str>) -> Self {
        Self(plain(text.as_ref()))
    }

    /// Lines that a reporter has drawn out of cleaned parts, its own colours and links among them.
    pub fn drawn(text: &str) -> Self {
        Self(disarmed(text))
    }

    /// A document for programs that say themselves what is text: it has to arrive byte for byte.
    pub fn document(text: String) -> Self {
        Self(text)
    }

    /// JSON over several lines.
    ///
    /// # Panics
    /// Where a key is no text, which our types exclude.
    pub fn json(value: &impl Serialize) -> Self {
        Self(escaped(&serde_json::to_string_pretty(value).expect("plain data is JSON")) + "\n")
    }

    /// JSON on one line.
    ///
    /// # Panics
    /// As [`Printable::json`].
    pub fn json_line(value: &impl Serialize) -> Self {
        Self(escaped(&serde_json::to_string(value).expect("plain data is JSON")) + "\n")
    }

    /// Adds what follows.
    pub fn push(&mut self, more: &Self) {
        self.0.push_str(&more.0);
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether there is nothing to print.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for Printable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromIterator<Printable> for Printable {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(|part| part.0).collect())
    }
}

impl Extend<Printable> for Printable {
    fn extend<I: IntoIterator<Item = Self>>(&mut self, parts: I) {
        self.0.extend(parts.into_iter().map(|part| part.0));
    }
}

/// The text without characters that would steer a terminal or a CI system or hide what is there. Line breaks and tabs stay, and every
/// character takes as many bytes as before.
pub fn plain(text: &str) -> String {
    disarmed(&text.chars().map(plain_char).collect::<String>())
}

/// The same on one line.
pub fn single_line(text: &str) -> String {
    plain(&text.replace("\r\n", " ").replace(['\n', '\r', '\t'], " "))
}

/// One character that takes as many bytes of UTF-8 as `letter`, or is `letter` itself.
fn plain_char(letter: char) -> char {
    match letter {
        '\n' | '\t' => letter,
        // The replacements take one, two, three and four bytes, as what they replace.
        '\0'..='\u{1f}' | '\u{7f}' => '?',
        '\u{80}'..='\u{9f}' | '\u{ad}' | '\u{61c}' => '¿',
        '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}'
        | '\u{fff9}'..='\u{fffb}' => '\u{fffd}',
        '\u{e0000}'..='\u{e007f}' => '\u{1f6ab}',
        _ => letter,
    }
}

/// Whether a terminal or a CI system would obey something in a text, or show it in another order. Line breaks of Windows are none of that.
pub fn is_obeyed(text: &str) -> bool {
    let steers = |letter: char| {
        let is_layout = matches!(letter, '\n' | '\t');
        letter.is_control() && !is_layout || matches!(letter, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let text = text.replace("\r\n", "\n");
    text.contains(steers) || disarmed(&text) != text
}

/// The text without what CI systems obey in a log: `::` where a line begins (GitHub Actions), and `##[` or `##vso[` anywhere (its runner's
/// older form, Azure Pipelines, TeamCity).
fn disarmed(text: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut is_start = true;
    for at in 0..letters.len() {
        let next = letters.get(at + 1).copied();
        match letters[at] {
            '\n' => is_start = true,
            ':' if is_start && next == Some(':') => (letters[at], is_start) = ('?', false),
            '#' if next == Some('#') && opens_command(letters[at + 2..].iter().copied()) => letters[at + 1] = '?',
            letter => is_start = is_start && letter.is_whitespace(),
        }
    }
    letters.into_iter().collect()
}

fn opens_command(mut rest: impl Iterator<Item = char>) -> bool {
    rest.find(|letter| !letter.is_ascii_alphabetic()) == Some('[')
}

/// JSON with every character that could steer a terminal or a CI system written as its number. Outside of strings JSON has none of them.
fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut rest = json;
    while let Some(letter) = rest.chars().next() {
        let is_command = text.ends_with('#') && letter == '#' && opens_command(rest[1..].chars());
        rest = &rest[letter.len_utf8()..];
        if plain_char(letter) == letter && !is_command {
            text.push(letter);
        } else {
            let mut units = [0; 2];
            text.extend(letter.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_character_keeps_its_place() {
        let hostile = "a\u{1b}[31m\u{7f}\u{9b}\u{ad}\u{202e}\u{2028}\u{feff}\u{e0041}é\n\t::x\n ##[y]";
        assert_eq!(plain(hostile).len(), hostile.len());
        assert_eq!(plain(hostile).chars().count(), hostile.chars().count());
    }

    #[test]
    fn nothing_in_a_text_is_a_command_of_a_ci_system() {
        let cases = [
            ("::error::x", "?:error::x"),
            ("a\n \u{a0}::error::x", "a\n \u{a0}?:error::x"),
            ("a ::error::x", "a ::error::x"),
            ("a ##[error]x", "a #?[error]x"),
            ("###[error]", "##?[error]"),
            ("##vso[task]", "#?vso[task]"),
            ("## heading [x]", "## heading [x]"),
            ("\n\r::error::", "\n?::error::"),
        ];
        for (text, expected) in cases {
            assert_eq!(plain(text), expected, "{text:?}");
        }
        assert_eq!(Printable::line("a\n::error::\u{1b}[0m\r\nb").as_str(), "a ::error::?[0m b\n");
    }

    #[test]
    fn what_is_obeyed_is_told_from_what_only_looks_odd() {
        for text in ["a\u{1b}[2J", "\u{9b}2J", " ::error::x", "##[error]x", "a\u{202e}b", "a\rb"] {
            assert!(is_obeyed(text), "{text:?}");
        }
        for text in ["\u{feff}a: 1\r\n\tb: ::1\n", "👩\u{200d}🚀 ## heading"] {
            assert!(!is_obeyed(text), "{text:?}");
        }
    }

    #[test]
    fn json_says_what_it_would_hide_by_number() {
        let text = "a\u{9b}\u{202e}\u{e0041}\u{7f}\u{1b}é ##[error]";
        let json = Printable::json_line(&text);
        assert_eq!(json.as_str(), "\"a\\u009b\\u202e\\udb40\\udc41\\u007f\\u001bé #\\u0023[error]\"\n");
        assert_eq!(serde_json::from_str::<String>(json.as_str()).expect("JSON"), text);
    }
}
