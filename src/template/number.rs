//! Numbers as Go's `strconv` reads them and as its untyped constants hold them.

use super::print::quote::{Letter, quote, unquote_char};

/// A constant number under every type that can hold it, as Go's untyped constants are.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Number {
    /// As a signed integer.
    pub int: Option<i64>,
    /// As an unsigned integer.
    pub uint: Option<u64>,
    /// As a float.
    pub float: Option<f64>,
    /// Written as a float, so that it is one where nothing says otherwise.
    pub written_float: bool,
}

/// Reads a number token.
pub fn number(text: &str) -> Result<Number, String> {
    if let Some(short) = short(text) {
        let (int, uint) = (Some(i64::from(short)), Some(u64::from(short)));
        return Ok(Number { int, uint, float: Some(f64::from(short)), written_float: false });
    }
    let int = parse_int(text);
    let uint = parse_uint(text).or(if int == Some(0) { Some(0) } else { None });
    let written_float = has_any(text, ".eEpP") && (!is_hex(text) || has_any(text, "pP"));
    if int.is_some() || uint.is_some() {
        let float = int.map_or_else(|| uint.map(to_float), |int| Some(int_to_float(int)));
        return Ok(Number { int, uint, float, written_float: false });
    }
    let Some(float) = parse_float(text) else {
        return Err(format!("illegal number syntax: {}", quote(text.as_bytes())));
    };
    if !has_any(text, ".eEpP") {
        return Err(format!("integer overflow: {}", quote(text.as_bytes())));
    }
    Ok(Number { int: exact_int(float), uint: exact_uint(float), float: Some(float), written_float })
}

/// A few decimal digits and nothing else, as nearly all numbers of templates are.
fn short(text: &str) -> Option<u32> {
    let plain =
        text.len() < 10 && text.bytes().all(|byte| byte.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain { text.parse().ok() } else { None }
}

/// Reads a character constant with its quotes.
pub fn character(text: &str) -> Result<Number, String> {
    let (unit, tail) = unquote_char(&text[1..], '\'').ok_or("invalid syntax")?;
    if tail != "'" {
        return Err(format!("malformed character constant: {text}"));
    }
    let code = match unit {
        Letter::Char(character) => u32::from(character),
        Letter::Byte(byte) => u32::from(byte),
    };
    Ok(Number {
        int: Some(i64::from(code)),
        uint: Some(u64::from(code)),
        float: Some(f64::from(code)),
        written_float: false,
    })
}

/// Go's `strconv.ParseInt(text, 0, 64)`: a sign, a base prefix, underscores between digits.
pub fn parse_int(text: &str) -> Option<i64> {
    let (negative, digits) = sign(text);
    let magnitude = parse_uint(digits)?;
    if negative { 0_i64.checked_sub_unsigned(magnitude) } else { i64::try_from(magnitude).ok() }
}

/// Go's `strconv.ParseUint(text, 0, 64)`.
pub fn parse_uint(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (radix, digits) = match lower.as_bytes() {
        [b'0', b'x', ..] => (16, &lower[2..]),
        [b'0', b'o', ..] => (8, &lower[2..]),
        [b'0', b'b', ..] => (2, &lower[2..]),
        [b'0', _, ..] => (8, &lower[1..]),
        _ => (10, &lower[..]),
    };
    let bare: String = digits.chars().filter(|digit| *digit != '_').collect();
    let good =
        bare.chars().all(|digit| digit.is_digit(radix)) && (bare.len() == digits.len() || underscores_fit(&lower));
    if good { u64::from_str_radix(&bare, radix).ok() } else { None }
}

/// Go's `strconv.ParseFloat(text, 64)` for finite decimal and hexadecimal numbers; an overflow is `None`.
pub fn parse_float(text: &str) -> Option<f64> {
    let bare: String = text.chars().filter(|digit| *digit != '_').collect();
    if bare.len() != text.len() && !underscores_fit(&text.to_ascii_lowercase()) {
        return None;
    }
    let (negative, digits) = sign(&bare);
    let float = if is_hex(digits) { parse_hex(&digits[2..])? } else { parse_decimal(digits)? };
    float.is_finite().then_some(if negative { -float } else { float })
}

fn parse_decimal(digits: &str) -> Option<f64> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'e' | b'E' | b'+' | b'-'));
    (plain && !digits.starts_with(['+', '-'])).then(|| digits.parse().ok()).flatten()
}

/// A mantissa in hexadecimal digits and a power of two in decimal ones.
fn parse_hex(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once(['p', 'P'])?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let mut exponent: i64 = exponent.parse().ok()?;
    let mut value = 0_u64;
    let mut digits = whole.chars().chain(fraction.chars()).peekable();
    digits.peek()?;
    exponent = exponent.checked_sub(4 * i64::try_from(fraction.len()).ok()?)?;
    for digit in digits {
        let digit = u64::from(digit.to_digit(16)?);
        if value >> 60 == 0 {
            value = (value << 4) | digit;
        } else {
            // Digits that no longer fit only decide about rounding.
            value |= u64::from(digit != 0);
            exponent += 4;
        }
    }
    let exponent = i32::try_from(exponent.clamp(-2_000, 2_000)).ok()?;
    let halves = [exponent / 2, exponent - exponent / 2];
    Some(halves.iter().fold(to_float(value), |float, half| float * 2_f64.powi(*half)))
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// Underscores may stand between digits, and between a base prefix and a digit.
fn underscores_fit(lower: &str) -> bool {
    let (_, lower) = sign(lower);
    let prefixed = matches!(lower.as_bytes(), [b'0', b'x' | b'o' | b'b', ..]);
    let hex = lower.starts_with("0x");
    let mut before = if prefixed { b'0' } else { b'^' };
    for byte in lower.bytes().skip(if prefixed { 2 } else { 0 }) {
        let class = match byte {
            b'0'..=b'9' => b'0',
            b'a'..=b'f' if hex => b'0',
            b'_' => b'_',
            _ => b'!',
        };
        if (class == b'_' && before != b'0') || (before == b'_' && class != b'0') {
            return false;
        }
        before = class;
    }
    before != b'_'
}

fn has_any(text: &str, set: &str) -> bool {
    text.contains(|character| set.contains(character))
}

fn is_hex(text: &str) -> bool {
    text.starts_with("0x") || text.starts_with("0X")
}

#[expect(clippy::cast_precision_loss, reason = "Go rounds to the nearest float as well")]
fn to_float(number: u64) -> f64 {
    number as f64
}

#[expect(clippy::cast_precision_loss, reason = "Go rounds to the nearest float as well")]
fn int_to_float(number: i64) -> f64 {
    number as f64
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::float_cmp,
    reason = "the comparison finds out whether anything was lost"
)]
fn exact_int(float: f64) -> Option<i64> {
    let int = float as i64;
    (int_to_float(int) == float && int != i64::MAX).then_some(int)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::float_cmp,
    reason = "the comparison finds out whether anything was lost"
)]
fn exact_uint(float: f64) -> Option<u64> {
    let uint = float as u64;
    (to_float(uint) == float && uint != u64::MAX).then_some(uint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_have_bases_and_underscores() {
        for (text, value) in
            [("0x1F", 31), ("017", 15), ("0o17", 15), ("0b101", 5), ("1_000", 1000), ("-0x_f", -15), ("-0", 0)]
        {
            assert_eq!(number(text).map(|number| number.int), Ok(Some(value)), "{text}");
        }
        for wrong in ["089", "0x", "1__0", "_1", "1_", "0x0.2", ".", "1i", "0b2", "1e400"] {
            assert!(number(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn floats_that_are_whole_are_integers_too() {
        let number = number("1e3").expect("a number");
        assert_eq!((number.int, number.float, number.written_float), (Some(1000), Some(1000.0), true));
    }

    #[test]
    fn hexadecimal_floats_are_powers_of_two() {
        assert_eq!(parse_float("0x1p-2"), Some(0.25));
        assert_eq!(parse_float("0x1.8p1"), Some(3.0));
        assert_eq!(parse_float("0x1p-1074"), Some(f64::from_bits(1)));
        assert_eq!(parse_float("0xffffffffffffffffffp0"), Some(4_722_366_482_869_645_213_696.0));
    }

    #[test]
    fn a_number_too_large_for_an_integer_is_an_error() {
        assert_eq!(number("99999999999999999999"), Err("integer overflow: \"99999999999999999999\"".to_owned()));
    }

    #[test]
    fn characters_are_integers() {
        assert_eq!(character("'a'").map(|number| number.int), Ok(Some(97)));
        assert_eq!(character(r"'\n'").map(|number| number.int), Ok(Some(10)));
        assert_eq!(character("'ab'"), Err("malformed character constant: 'ab'".to_owned()));
    }
}
