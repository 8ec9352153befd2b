//! Numbers out of anything: the rules of github.com/spf13/cast 1.7, which sprig's arithmetic uses.

use crate::template::number;
use crate::template::value::{Data, Value};

/// `cast.ToInt64`: 0 where the value is no number.
pub(super) fn to_int64(value: &Value) -> i64 {
    match &value.data {
        Data::Bool(value) => i64::from(*value),
        Data::Int(number) | Data::Int64(number) => *number,
        Data::Uint8(number) => i64::from(*number),
        Data::Uint64(number) => number.cast_signed(),
        Data::Float(number) => float_to_int64(*number),
        Data::String(text) => number::parse_int(trim_zero_decimal(&text.as_str())).unwrap_or(0),
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
    if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&number) { number as i64 } else { i64::MIN }
}

/// `1.0` and `1.00` count as `1`.
fn trim_zero_decimal(text: &str) -> &str {
    let whole = text.trim_end_matches('0');
    match whole.strip_suffix('.') {
        Some(whole) if whole.len() + 1 < text.len() => whole,
        _ => text,
    }
}

/// `strconv.ParseInt(text, base, 64)` for a base that is given.
pub(super) fn parse_int_in(text: &str, base: u32) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let valid = !digits.is_empty() && digits.chars().all(|char| char.is_digit(base));
    if valid { i64::from_str_radix(text, base).ok() } else { None }
}

/// `strconv.ParseFloat(text, 64)`; `None` where Go reports an error.
pub(super) fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    if ["inf", "infinity"].iter().any(|word| unsigned.eq_ignore_ascii_case(word)) {
        return Some(sign * f64::INFINITY);
    }
    if text.eq_ignore_ascii_case("nan") { Some(f64::NAN) } else { number::parse_float(text) }
}
