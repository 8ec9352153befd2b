//! What a plain scalar means to Helm: the rules of go.yaml.in/yaml/v2 (`resolve.go`), which sigs.k8s.io/yaml uses.

use std::sync::Arc;

use super::Value;
use crate::text::base64;

/// The value of a scalar without quotes and without a tag.
pub fn plain(text: &str) -> Value {
    if let Some(value) = word(text) {
        return value;
    }
    match text.as_bytes().first() {
        Some(b'.') => float(text).map_or_else(|| string(text), |value| Value::Float(value, text.into())),
        Some(b'0'..=b'9' | b'+' | b'-') => number(text).unwrap_or_else(|| string(text)),
        _ => string(text),
    }
}

/// The value of a scalar with a tag of the core schema (`!!str`, `!!int` …); `None` where tag and text do not fit.
pub fn tagged(suffix: &str, text: &str, is_plain: bool) -> Option<Value> {
    let value = if is_plain || suffix != "str" { plain(text) } else { string(text) };
    match (suffix, value) {
        ("str", _) => Some(string(text)),
        ("binary", _) => binary(text),
        ("float", Value::Int(number, raw)) => {
            #[expect(clippy::cast_precision_loss, reason = "Go converts int to float64 in the same way")]
            let number = number as f64;
            Some(Value::Float(number, raw))
        }
        ("float", value @ Value::Float(..))
        | ("int", value @ (Value::Int(..) | Value::Uint(..)))
        | ("bool", value @ Value::Bool(..))
        | ("null", value @ Value::Null)
        | ("timestamp", value @ Value::String(_)) => Some(value),
        _ => None,
    }
}

/// The text that base64 stands for.
fn binary(text: &str) -> Option<Value> {
    base64::decoded(text).map(|bytes| string(&String::from_utf8_lossy(&bytes)))
}

fn string(text: &str) -> Value {
    Value::String(Arc::from(text))
}

fn word(text: &str) -> Option<Value> {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Some(Value::Null),
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(Value::Bool(true, text.into()))
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(Value::Bool(false, text.into()))
        }
        ".nan" | ".NaN" | ".NAN" => Some(Value::Float(f64::NAN, text.into())),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => Some(Value::Float(f64::INFINITY, text.into())),
        "-.inf" | "-.Inf" | "-.INF" => Some(Value::Float(f64::NEG_INFINITY, text.into())),
        _ => None,
    }
}

fn number(text: &str) -> Option<Value> {
    let digits = text.replace('_', "");
    if let Some(value) = integer(&digits) {
        return i64::try_from(value)
            .map(|value| Value::Int(value, text.into()))
            .or_else(|_| u64::try_from(value).map(|value| Value::Uint(value, text.into())))
            .ok()
            .or_else(|| float(&digits).map(|value| Value::Float(value, text.into())));
    }
    float(&digits).map(|value| Value::Float(value, text.into()))
}

/// Go's `strconv.ParseInt(text, 0, 64)` without underscores: decimal, `0x`, `0o`, `0b`, and a leading zero for octal.
fn integer(text: &str) -> Option<i128> {
    let (negative, digits) = match text.as_bytes() {
        [b'-', ..] => (true, &text[1..]),
        [b'+', ..] => (false, &text[1..]),
        _ => (false, text),
    };
    let prefixed = |radix: u32, digits: &str| {
        let valid = !digits.is_empty() && digits.bytes().all(|byte| (byte as char).is_digit(radix));
        if valid { i128::from_str_radix(digits, radix).ok() } else { None }
    };
    let value = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => prefixed(16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => prefixed(8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => prefixed(2, &digits[2..]),
        [b'0', _, ..] => prefixed(8, &digits[1..]),
        _ => prefixed(10, digits),
    }?;
    Some(if negative { -value } else { value })
}

/// A float as `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?` has it.
fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(position) => (&unsigned[..position], Some(&unsigned[position + 1..])),
        None => (unsigned, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mantissa_fits = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some(("", fraction)) => all_digits(fraction),
        Some((whole, fraction)) => all_digits(whole) && (fraction.is_empty() || all_digits(fraction)),
    };
    let exponent_fits =
        exponent.is_none_or(|exponent| all_digits(exponent.strip_prefix(['-', '+']).unwrap_or(exponent)));
    if !(mantissa_fits && exponent_fits) {
        return None;
    }
    // Go refuses what does not fit a float64, Rust says infinity.
    text.parse::<f64>().ok().filter(|value| value.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        match plain(text) {
            Value::Null => "null".into(),
            Value::Bool(value, _) => value.to_string(),
            Value::Int(value, _) => format!("int {value}"),
            Value::Uint(value, _) => format!("uint {value}"),
            Value::Float(value, _) => format!("float {value}"),
            Value::String(text) => format!("string {text}"),
            Value::Seq(_) | Value::Map(_) => unreachable!("a plain scalar is no collection"),
        }
    }

    #[test]
    fn plain_scalars_mean_what_go_yaml_makes_of_them() {
        let cases = [
            ("", "null"),
            ("~", "null"),
            ("yes", "true"),
            ("y", "true"),
            ("Off", "false"),
            ("0777", "int 511"),
            ("0o17", "int 15"),
            ("0x1F", "int 31"),
            ("0b11", "int 3"),
            ("1_000", "int 1000"),
            ("-12", "int -12"),
            ("+12", "int 12"),
            ("09", "float 9"),
            ("1.10", "float 1.1"),
            ("1e3", "float 1000"),
            ("1.", "float 1"),
            (".5", "float 0.5"),
            ("18446744073709551615", "uint 18446744073709551615"),
            ("184467440737095516150", "float 184467440737095500000"),
            ("1.2.3", "string 1.2.3"),
            ("2001-12-14", "string 2001-12-14"),
            ("12:30:45", "string 12:30:45"),
            ("1e999", "string 1e999"),
            ("0x", "string 0x"),
            ("-", "string -"),
            ("nope", "string nope"),
        ];
        for (text, expected) in cases {
            assert_eq!(shown(text), expected, "{text}");
        }
    }
}
