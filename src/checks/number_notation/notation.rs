//! A number as it is written in values, and what may have become of it in a text.

use super::printed::Printed;
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
    pub(super) fn changed(&self, text: &Printed<'_>, is_version: bool) -> Option<String> {
        let whole = self.value.to_string();
        let is_commit = self.is_commit(is_version);
        if !self.is_of_base() {
            let exponent = text.exponent(self.value).filter(|_| self.is_plain() || is_commit);
            if exponent.is_some() {
                return exponent.map(str::to_owned);
            }
        }
        // The whole text is looked through for what is written last.
        self.other(whole, is_version, text).filter(|_| !text.text.contains(self.written))
    }

    /// Another number of a text that it may have become.
    fn other(&self, whole: String, is_version: bool, text: &Printed<'_>) -> Option<String> {
        if self.is_of_base() {
            return text.has(&whole).then_some(whole);
        }
        let exact = self.exact().filter(|exact| self.has_lost(exact) && text.has(exact));
        if exact.is_some() {
            return exact;
        }
        let is_cut =
            is_version && self.written.contains('.') && self.written.ends_with('0') && self.written.starts_with(&whole);
        let is_other = is_cut || self.is_commit(is_version) || self.has_lost(&whole);
        (is_other && text.has(&whole)).then_some(whole)
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

#[cfg(test)]
mod tests {
    use super::super::printed::Printed;
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
            ("3.0", "Runs 3.", true, Some("3")),
            ("3.0", "Runs 3.1.", true, None),
            ("-0755", "x: -493", false, Some("-493")),
            ("-0755", "x-493", false, None),
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
            assert_eq!(number.changed(&Printed::new(text), is_version).as_deref(), expected, "{written} in {text}");
        }
    }
}
