//! Case styles as github.com/huandu/xstrings 1.5 makes them.

use std::iter::Peekable;
use std::str::Chars;

use super::{to_lower, to_upper};

fn is_connector(char: char) -> bool {
    char == '-' || char == '_' || char.is_whitespace()
}

/// `some_words` and `some words` become `SomeWords`; connectors at the start and doubled ones stay.
pub(super) fn pascal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    let Some(first) = leading(&mut chars, &mut out) else { return out };
    let mut previous = to_upper(first);
    let mut after_upper = first.is_uppercase();
    for next in chars {
        let mut next = next;
        match (is_connector(previous), is_connector(next)) {
            (true, true) => out.push(previous),
            (true, false) => {
                after_upper = next.is_uppercase();
                next = to_upper(next);
            }
            (false, _) => {
                out.push(previous);
                if after_upper && next.is_uppercase() {
                    next = to_lower(next);
                } else {
                    after_upper = false;
                }
            }
        }
        previous = next;
    }
    out.push(previous);
    out
}

/// Writes the connectors at the start; the first other character, or the last character if there is no other.
fn leading(chars: &mut Chars<'_>, out: &mut String) -> Option<char> {
    loop {
        let char = chars.next()?;
        if !is_connector(char) || chars.as_str().is_empty() {
            if is_connector(char) {
                out.push(char);
            }
            return Some(char);
        }
        out.push(char);
    }
}

/// What a run of characters is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum RunKind {
    End,
    Number,
    Upper,
    Alphabet,
    Connector,
    Punctuation,
    Other,
}

/// `FirstName` and `HTTPServer` become `first_name` and `http_server`: lower-case words with `connector` between them.
pub(super) fn lower_words(text: &str, connector: char) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    let (mut kind, mut word) = next_word(&mut rest);
    while !rest.is_empty() {
        if kind != RunKind::Connector {
            lower(&mut out, kind, word, connector);
        }
        let (previous, last) = (kind, word);
        (kind, word) = next_word(&mut rest);
        match previous {
            RunKind::Number => {
                (kind, word) = letters_and_numbers(&mut out, kind, word, &mut rest, connector);
            }
            RunKind::Connector => lower(&mut out, previous, last, connector),
            RunKind::Punctuation => {}
            _ if kind != RunKind::Number => {
                if !matches!(kind, RunKind::Connector | RunKind::Punctuation) {
                    out.push(connector);
                }
            }
            _ if rest.is_empty() => {}
            _ => (kind, word) = number_after_word(&mut out, word, &mut rest, connector),
        }
    }
    lower(&mut out, kind, word, connector);
    out
}

/// Lower-case letters and further numbers belong to the number before them.
fn letters_and_numbers<'a>(
    out: &mut String,
    mut kind: RunKind,
    mut word: &'a str,
    rest: &mut &'a str,
    connector: char,
) -> (RunKind, &'a str) {
    while matches!(kind, RunKind::Alphabet | RunKind::Number) {
        lower(out, kind, word, connector);
        (kind, word) = next_word(rest);
    }
    if !matches!(kind, RunKind::End | RunKind::Punctuation | RunKind::Connector) {
        out.push(connector);
    }
    (kind, word)
}

/// A number belongs to the word before it, unless lower-case letters follow.
fn number_after_word<'a>(out: &mut String, number: &'a str, rest: &mut &'a str, connector: char) -> (RunKind, &'a str) {
    let (kind, word) = next_word(rest);
    if kind == RunKind::Alphabet {
        out.push(connector);
        lower(out, RunKind::Number, number, connector);
        return letters_and_numbers(out, kind, word, rest, connector);
    }
    lower(out, RunKind::Number, number, connector);
    if !matches!(kind, RunKind::Connector | RunKind::Punctuation) {
        out.push(connector);
    }
    (kind, word)
}

fn lower(out: &mut String, kind: RunKind, word: &str, connector: char) {
    if !matches!(kind, RunKind::Upper | RunKind::Connector) {
        out.push_str(word);
        return;
    }
    out.extend(word.chars().map(|char| if is_connector(char) { connector } else { to_lower(char) }));
}

/// Go's `unicode.IsPunct` in ASCII and the common punctuation beyond it.
fn is_punctuation(char: char) -> bool {
    if char.is_ascii() {
        return char.is_ascii_punctuation() && !matches!(char, '$' | '+' | '<' | '=' | '>' | '^' | '`' | '|' | '~');
    }
    matches!(char, '\u{A1}' | '\u{A7}' | '\u{AB}' | '\u{B6}' | '\u{B7}' | '\u{BB}' | '\u{BF}' | '\u{2010}'..='\u{2027}'
        | '\u{2030}'..='\u{205E}' | '\u{3001}'..='\u{3003}' | '\u{3008}'..='\u{3011}')
}

/// Takes the next run of one kind off the text.
fn next_word<'a>(rest: &mut &'a str) -> (RunKind, &'a str) {
    let text = *rest;
    let Some(first) = text.chars().next() else { return (RunKind::End, "") };
    let run = |fits: fn(char) -> bool| text.chars().take_while(|char| fits(*char)).map(char::len_utf8).sum();
    let (kind, length): (RunKind, usize) = if is_connector(first) {
        (RunKind::Connector, run(is_connector))
    } else if is_punctuation(first) {
        (RunKind::Punctuation, run(is_punctuation))
    } else if first.is_uppercase() {
        (RunKind::Upper, upper_word(text))
    } else if first.is_alphabetic() {
        (RunKind::Alphabet, run(|char| char.is_alphabetic() && !char.is_uppercase()))
    } else if first.is_numeric() {
        (RunKind::Number, run(char::is_numeric))
    } else {
        let other = |char: char| !(is_connector(char) || char.is_alphanumeric() || is_punctuation(char));
        (RunKind::Other, run(other))
    };
    let (word, tail) = text.split_at(length);
    *rest = tail;
    (kind, word)
}

/// The length of `HTTP` in `HTTPStatus`, of `Status` in `StatusCode`.
fn upper_word(text: &str) -> usize {
    let mut chars: Peekable<_> = text.chars().peekable();
    let mut uppers = vec![];
    while let Some(char) = chars.next_if(|char| char.is_uppercase()) {
        uppers.push(char.len_utf8());
    }
    let length: usize = uppers.iter().sum();
    let lower = |char: &char| char.is_alphabetic() && !char.is_uppercase();
    match (uppers.as_slice(), chars.peek().is_some_and(lower)) {
        ([_], true) => length + chars.take_while(lower).map(char::len_utf8).sum::<usize>(),
        ([.., last], true) => length - last,
        _ => length,
    }
}
