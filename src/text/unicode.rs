//! Go's character classes, which differ from Rust's outside ASCII.

use std::sync::LazyLock;

use regex::Regex;

static LETTER_OR_DIGIT: LazyLock<Regex> = LazyLock::new(|| Regex::new(r"^[\p{L}\p{Nd}]$").expect("a valid pattern"));
static PRINT: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"^[\p{L}\p{M}\p{N}\p{P}\p{S}]$").expect("a valid pattern"));

/// Go's `unicode.IsLetter || unicode.IsDigit`, and the underscore: what identifiers are made of.
pub fn is_word(character: char) -> bool {
    if character.is_ascii() {
        return character == '_' || character.is_ascii_alphanumeric();
    }
    LETTER_OR_DIGIT.is_match(character.encode_utf8(&mut [0; 4]))
}

/// Go's `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols and the ASCII space.
pub fn is_print(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    PRINT.is_match(character.encode_utf8(&mut [0; 4]))
}
