//! Numbers as Go's `strconv` and `encoding/json` print them.

use crate::yaml::{Value, resolve};

/// `strconv.FormatFloat(value, 'g', -1, 64)`, which is `%v` too: shortest digits, with an exponent where that of the first
/// digit is below -4 or above 5.
pub fn general(value: f64) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-Inf" } else { "+Inf" }.to_owned();
    }
    shortest(value.is_sign_negative(), &format!("{:e}", value.abs()))
}

/// The key of JSON that sigs.k8s.io/yaml makes of a float: `strconv.FormatFloat(value, 'g', -1, 32)`, and YAML's words for what
/// is no number.
pub fn key(value: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "the library rounds to 32 bits too")]
    let value = value as f32;
    if value.is_finite() {
        return shortest(value.is_sign_negative(), &format!("{:e}", value.abs()));
    }
    yaml(value.into())
}

/// Go's `g` format of a number that `{:e}` printed.
fn shortest(negative: bool, printed: &str) -> String {
    let (digits, exponent) = digits_of(printed);
    if digits != "0" && !(-4..6).contains(&exponent) {
        scientific(negative, &digits, exponent)
    } else {
        positional(negative, &digits, exponent)
    }
}

/// What Go-YAML writes for a float.
pub fn yaml(value: f64) -> String {
    if value.is_nan() {
        return ".nan".to_owned();
    }
    if value.is_infinite() {
        return if value < 0.0 { "-.inf" } else { ".inf" }.to_owned();
    }
    general(value)
}

/// `encoding/json` of a float; `None` for infinities and NaN, which it refuses.
pub fn json(value: f64) -> Option<String> {
    if !value.is_finite() {
        return None;
    }
    let negative = value.is_sign_negative();
    let (digits, exponent) = digits_of(&format!("{:e}", value.abs()));
    let text = if value != 0.0 && !(-6..21).contains(&exponent) {
        let text = scientific(negative, &digits, exponent);
        // Go cleans up `e-09` to `e-9`.
        match text.rfind("e-0") {
            Some(position) if position + 4 == text.len() => format!("{}e-{}", &text[..position], &text[position + 3..]),
            _ => text,
        }
    } else {
        positional(negative, &digits, exponent)
    };
    Some(text)
}

/// The plain scalar that a JSON number becomes when Go-YAML reads and writes it again.
pub fn through_json(json: &str) -> String {
    match resolve::plain(json) {
        Value::Float(value, _) => yaml(value),
        Value::Int(value, _) => value.to_string(),
        Value::Uint(value, _) => value.to_string(),
        Value::Null | Value::Bool(..) | Value::String(_) | Value::Seq(_) | Value::Map(_) => json.to_owned(),
    }
}

/// The digits of a number that `{:e}` printed, which are the shortest that read back as the same number, and the exponent of
/// the first of them.
fn digits_of(printed: &str) -> (String, i32) {
    let (mantissa, exponent) = printed.split_once('e').expect("`{:e}` has an exponent");
    (mantissa.replace('.', ""), exponent.parse().expect("`{:e}` has a whole exponent"))
}

fn scientific(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    let exponent_sign = if exponent < 0 { '-' } else { '+' };
    format!("{sign}{first}{point}{rest}e{exponent_sign}{:02}", exponent.abs())
}

fn positional(negative: bool, digits: &str, exponent: i32) -> String {
    let sign = if negative { "-" } else { "" };
    let Ok(exponent) = usize::try_from(exponent) else {
        let zeros = usize::try_from(-exponent - 1).expect("the exponent is negative");
        return format!("{sign}0.{}{digits}", "0".repeat(zeros));
    };
    let whole = exponent + 1;
    if digits.len() <= whole {
        return format!("{sign}{digits}{}", "0".repeat(whole - digits.len()));
    }
    format!("{sign}{}.{}", &digits[..whole], &digits[whole..])
}
