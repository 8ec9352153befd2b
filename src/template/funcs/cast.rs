//! Numbers out of anything: the rules of github.com/spf13/cast 1.7, which sprig's arithmetic uses.

use crate::template::value::{Data, Value};

/// `cast.ToInt64`: 0 where the value is no number.
pub(super) fn to_int64(value: &Value) -> i64 {
    match &value.data {
        Data::Bool(value) => i64::from(*value),
        Data::Int(number) | Data::Int64(number) => *number,
        Data::Uint8(number) => i64::from(*number),
        Data::Uint64(number) => number.cast_signed(),
        Data::Float(number) => float_to_int64(*number),
        Data::String(text) => parse_int(trim_zero_decimal(&text.as_str()), 0).unwrap_or(0),
        Data::Nil | Data::Bytes(_) | Data::List(_) | Data::Map(_) | Data::Object(_) => 0,
    }
}

/// `cast.ToFloat64`: 0 where the value is no number.
#[expect(clippy::cast_precision_loss, reason = "Go converts in the same way")]
pub(super) fn to_float64(value: &Value) -> f64 {
    match &value.data {
        Data::Bool(value) => f64::from(u8::from(*value)),
        Data::Int(number) | Data::Int64(number) => *number as f64,
        Data::Uint8(number) => f64::from(*number),
        Data::Uint64(number) => *number as f64,
        Data::Float(number) => *number,
        Data::String(text) => parse_float(&text.as_str()).unwrap_or(0.0),
        Data::Nil | Data::Bytes(_) | Data::List(_) | Data::Map(_) | Data::Object(_) => 0.0,
    }
}

/// Go's conversion on amd64: what does not fit is the least number.
#[expect(clippy::cast_possible_truncation, reason = "Go cuts off the fraction, and the range is checked")]
pub(super) fn float_to_int64(number: f64) -> i64 {
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) {
        number as i64
    } else {
        i64::MIN
    }
}

/// `1.0` and `1.00` count as `1`.
fn trim_zero_decimal(text: &str) -> &str {
    let whole = text.trim_end_matches('0');
    match whole.strip_suffix('.') {
        Some(whole) if whole.len() + 1 < text.len() => whole,
        _ => text,
    }
}

/// `strconv.ParseInt(text, base, 64)`; base 0 goes by the prefix and allows underscores between digits.
pub(super) fn parse_int(text: &str, base: u32) -> Option<i64> {
    let (negative, digits) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = parse_uint(digits, base)?;
    let value = if negative { -i128::from(magnitude) } else { i128::from(magnitude) };
    i64::try_from(value).ok()
}

/// `strconv.ParseUint(text, base, 64)`.
pub(super) fn parse_uint(text: &str, base: u32) -> Option<u64> {
    if base != 0 {
        let valid = !text.is_empty() && text.chars().all(|char| char.is_digit(base));
        return if valid { u64::from_str_radix(text, base).ok() } else { None };
    }
    let (base, digits) = match text.as_bytes() {
        [b'0', b'x' | b'X', _, ..] => (16, &text[2..]),
        [b'0', b'o' | b'O', _, ..] => (8, &text[2..]),
        [b'0', b'b' | b'B', _, ..] => (2, &text[2..]),
        [b'0', _, ..] => (8, &text[1..]),
        _ => (10, text),
    };
    if !digits.contains('_') {
        return parse_uint(digits, base);
    }
    let separated = (base != 10 || !digits.starts_with('_')) && !digits.ends_with('_') && !digits.contains("__");
    if separated { parse_uint(&digits.replace('_', ""), base) } else { None }
}

/// `strconv.ParseFloat(text, 64)`, hexadecimal floats aside; `None` where Go reports an error.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if ["inf", "infinity", "nan"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        let signed_nan = unsigned.len() < text.len() && unsigned.eq_ignore_ascii_case("nan");
        return if signed_nan { None } else { text.to_ascii_lowercase().parse().ok() };
    }
    if !unsigned.starts_with(|char: char| char.is_ascii_digit() || char == '.') {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}
