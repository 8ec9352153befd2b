//! A number as it is written in values, and what may have become of it in a text.

use crate::yaml::{Value, resolve};

/// Digits that every float keeps.
pub(super) const EXACT: usize = 16;
/// Characters of the shortest name of a commit that is no mere number.
const COMMIT: usize = 7;

/// A number of values.
pub(super) struct Number<'t> {
    /// As it is written.
    pub(super) written: &'t str,
    /// As Helm keeps it.
    value: f64,
}

impl<'t> Number<'t> {
    /// The number that YAML reads; none where it is none, or without end.
    #[expect(clippy::cast_precision_loss, reason = "Helm keeps numbers so")]
    pub(super) fn read(written: &'t str) -> Option<Self> {
        let value = match resolve::plain(written) {
            Value::Int(number, _) => number as f64,
            Value::Uint(number, _) => number as f64,
            Value::Float(number, _) if number.is_finite() => number,
            _ => return None,
        };
        Some(Self { written, value })
    }

    /// What it became in a text that was printed from it, where that is another number to its reader. A zero at the end makes a difference to
    /// versions alone.
    pub(super) fn changed(&self, text: &str, is_version: bool) -> Option<String> {
        let whole = self.value.to_string();
        if self.is_of_base() {
            return (has_number(text, &whole) && !text.contains(self.written)).then_some(whole);
        }
        let is_commit = self.is_commit(is_version);
        let same = |text: &&str| text.parse::<f64>().is_ok_and(|value| value.to_bits() == self.value.to_bits());
        if let Some(exponent) = exponents(text).find(same).filter(|_| self.is_plain() || is_commit) {
            return Some(exponent.to_owned());
        }
        if text.contains(self.written) {
            return None;
        }
        let exact = self.exact().filter(|exact| self.has_lost(exact) && has_number(text, exact));
        if exact.is_some() {
            return exact;
        }
        let is_cut =
            is_version && self.written.contains('.') && self.written.ends_with('0') && self.written.starts_with(&whole);
        ((is_cut || is_commit || self.has_lost(&whole)) && has_number(text, &whole)).then_some(whole)
    }

    /// All digits of a whole number, as integers have them.
    #[expect(clippy::cast_possible_truncation, reason = "it is a whole number within the bounds")]
    fn exact(&self) -> Option<String> {
        let is_whole = self.value.fract() == 0.0 && self.value.abs() < 2_f64.powi(64);
        is_whole.then(|| (self.value as i128).to_string())
    }

    /// Whether it is written with nothing but digits, and some of them are others now.
    fn has_lost(&self, now: &str) -> bool {
        let digits = self.written.trim_start_matches('+').replace('_', "");
        let unsigned = digits.trim_start_matches('-');
        unsigned.len() >= EXACT && unsigned.bytes().all(|byte| byte.is_ascii_digit()) && digits != now
    }

    /// Whether it has no exponent.
    fn is_plain(&self) -> bool {
        self.written.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b'+' | b'_'))
    }

    /// Whether it looks like digits of a commit, or is a version, with an `e` among them.
    fn is_commit(&self, is_version: bool) -> bool {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let parts = self.written.split_once('e');
        let is_hex = parts.is_some_and(|(before, after)| is_number(before) && is_number(after));
        is_hex && (is_version || self.written.len() >= COMMIT)
    }

    /// Whether it is written to another base than ten: with a zero before it, or with a letter behind that.
    fn is_of_base(&self) -> bool {
        let digits = self.written.trim_start_matches(['-', '+']);
        let rest = digits.strip_prefix('0');
        rest.is_some_and(|rest| rest.starts_with(|letter: char| letter.is_ascii_alphanumeric()) && !rest.contains('.'))
    }
}

/// Whether a number stands in a text by itself, or behind a `v`.
fn has_number(text: &str, number: &str) -> bool {
    let is_part = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.');
    let bytes = text.as_bytes();
    let before = |at: usize| at.checked_sub(1).and_then(|before| bytes.get(before));
    text.match_indices(number).any(|(at, _)| {
        let is_led = !is_part(before(at)) || (before(at) == Some(&b'v') && !is_part(before(at - 1)));
        let end = at + number.len();
        let ends_sentence = bytes.get(end) == Some(&b'.') && !bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
        is_led && (!is_part(bytes.get(end)) || ends_sentence)
    })
}

/// Every `1.048576e+06` in a text.
fn exponents(text: &str) -> impl Iterator<Item = &str> {
    let is_mark = |pair: &[u8]| pair[0] == b'e' && matches!(pair[1], b'+' | b'-');
    let marks = text.as_bytes().windows(2).enumerate().filter(move |(_, pair)| is_mark(pair)).map(|(at, _)| at);
    marks.filter_map(|at| {
        let is_part = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'.' | b'-');
        let before = text.as_bytes()[..at].iter().rev().take_while(|byte| is_part(byte)).count();
        let after = text.as_bytes()[at + 2..].iter().take_while(|byte| byte.is_ascii_digit()).count();
        (before > 0 && after >= 2).then(|| &text[at - before..at + 2 + after])
    })
}

#[cfg(test)]
mod tests {
    use super::Number;

    #[test]
    fn what_another_notation_changes_is_said() {
        let cases = [
            ("1048576", "size=1.048576e+06", false, Some("1.048576e+06")),
            ("1.10", "nginx:1.1", true, Some("1.1")),
            ("1.10", "at 1.1", false, None),
            ("3.0", "nginx:3", true, Some("3")),
            ("3.0", "nginx:v3-alpine", true, Some("3")),
            ("3.0", "nginx:31", true, None),
            ("3.0", "nginx:3.0", true, None),
            ("1e5", "nginx:100000", true, Some("100000")),
            ("1e5", "100000", false, None),
            ("1e-09", "1e-09", false, None),
            ("1234e56", "commit 1.234e+59", false, Some("1.234e+59")),
            ("123e4", "1.23e+06", false, None),
            ("0755", "493", false, Some("493")),
            ("123456789012345678", "123456789012345680", false, Some("123456789012345680")),
            ("1152921504606846977", "1152921504606846976", false, Some("1152921504606846976")),
            ("9007199254740992", "9007199254740992", false, None),
            ("12345678", "12345678", false, None),
        ];
        for (written, text, is_version, expected) in cases {
            let number = Number::read(written).unwrap_or_else(|| panic!("{written} is no number"));
            assert_eq!(number.changed(text, is_version).as_deref(), expected, "{written} in {text}");
        }
    }
}
