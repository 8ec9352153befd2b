//! Floating-point numbers as Go's `strconv.FormatFloat` writes them, and their verbs.

use super::{Printed, Printer};
use crate::template::value::Value;

impl Printer<'_> {
    pub(super) fn float(&mut self, number: f64, value: &Value, verb: char) -> Printed {
        let (form, default) = match verb {
            'v' => ('g', None),
            'b' | 'g' | 'G' | 'x' | 'X' => (verb, None),
            'f' | 'e' | 'E' => (verb, Some(6)),
            'F' => ('f', Some(6)),
            _ => return self.bad_verb(value, verb),
        };
        let mut text = format_float(number, form, self.flags.precision.or(default));
        if !text.starts_with(['-', '+']) {
            text.insert(0, '+');
        }
        if self.flags.sharp && form != 'b' && number.is_finite() {
            text = with_point(&text, form, self.flags.precision);
        }
        let sign = match &text[..1] {
            "+" if self.flags.plus => "+",
            "+" if self.flags.space => " ",
            "+" if !number.is_infinite() => "",
            // An infinity shows its sign, a NaN does not.
            sign => sign,
        };
        self.signed_text(sign, &text[1..], number.is_finite());
        Ok(())
    }

    /// Zeros go between sign and digits, spaces before both.
    fn signed_text(&mut self, sign: &str, digits: &str, finite: bool) {
        let flags = self.flags;
        let width = flags.width.unwrap_or(0);
        let zeros =
            if finite && flags.zero && !flags.minus { width.saturating_sub(sign.len() + digits.len()) } else { 0 };
        self.flags.zero = false;
        self.pad(format!("{sign}{}{digits}", "0".repeat(zeros)).as_bytes());
        self.flags.zero = flags.zero;
    }
}

/// The `#` flag: a decimal point always, and for `%g` the trailing zeros.
fn with_point(text: &str, form: char, precision: Option<usize>) -> String {
    let (mantissa, tail) = match text.find(['e', 'E', 'p', 'P']) {
        Some(found) if !text[1..].starts_with("0x") || text[found..].starts_with(['p', 'P']) => text.split_at(found),
        _ => (text, ""),
    };
    let mut mantissa = mantissa.to_owned();
    // Go counts the `x` of a hexadecimal number as a digit, and a lone zero as one.
    let digits = mantissa.trim_start_matches(['+', '-', '0', '.']).chars().filter(|digit| *digit != '.').count();
    if !mantissa.contains('.') {
        mantissa.push('.');
    }
    if matches!(form, 'g' | 'G' | 'x' | 'X') {
        mantissa.push_str(&"0".repeat(precision.unwrap_or(6).saturating_sub(digits.max(1))));
    }
    mantissa + tail
}

/// Go's `strconv.FormatFloat(number, form, precision, 64)`; no precision means as few digits as tell the number apart.
pub fn format_float(number: f64, form: char, precision: Option<usize>) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    match form {
        'e' | 'E' => exponential(number, precision, form),
        'f' => precision.map_or_else(|| format!("{number}"), |precision| fixed(number, precision)),
        'x' | 'X' => hexadecimal(number, precision, form),
        'b' => binary(number),
        _ => general(number, precision, form),
    }
}

/// Digits behind the point beyond which every number has zeros alone. Rust panics at precisions beyond 16 bits; Go writes a million.
const EXACT: usize = 1_100;

fn fixed(number: f64, precision: usize) -> String {
    let exact = precision.min(EXACT);
    format!("{number:.exact$}") + &"0".repeat(precision - exact)
}

fn exponential(number: f64, precision: Option<usize>, form: char) -> String {
    let exact = precision.map(|precision| precision.min(EXACT));
    let text = exact.map_or_else(|| format!("{number:e}"), |exact| format!("{number:.exact$e}"));
    let zeros = "0".repeat(precision.unwrap_or(0) - exact.unwrap_or(0));
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = exponent.strip_prefix('-').map_or(('+', exponent), |digits| ('-', digits));
    format!("{mantissa}{zeros}{form}{sign}{digits:0>2}")
}

/// `%g`: like `%e` for exponents below -4 or from the precision on, else like `%f`; never with trailing zeros.
fn general(number: f64, precision: Option<usize>, form: char) -> String {
    let precision = precision.map(|precision| precision.max(1));
    let scientific = precision
        .map_or_else(|| format!("{number:e}"), |precision| format!("{number:.*e}", (precision - 1).min(EXACT)));
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let mantissa = if mantissa.contains('.') { mantissa.trim_end_matches('0').trim_end_matches('.') } else { mantissa };
    let digits: usize = mantissa.bytes().filter(u8::is_ascii_digit).count();
    let digits_in_i32 = i32::try_from(digits).unwrap_or(i32::MAX);
    let limit = match precision {
        None => 6,
        Some(precision) if precision > digits && digits_in_i32 > exponent => digits_in_i32,
        Some(precision) => i32::try_from(precision).unwrap_or(i32::MAX),
    };
    if exponent < -4 || exponent >= limit {
        return exponential(number, Some(digits - 1), if form == 'G' { 'E' } else { 'e' });
    }
    let fraction = usize::try_from(digits_in_i32 - 1 - exponent).unwrap_or(0);
    format!("{number:.fraction$}")
}

/// `%b`: the mantissa as an integer and the power of two.
fn binary(number: f64) -> String {
    let (negative, exponent, mantissa) = parts(number);
    format!("{}{mantissa}p{:+}", if negative { "-" } else { "" }, exponent)
}

/// `%x`: a mantissa that starts with 1, and the power of two with at least two digits.
fn hexadecimal(number: f64, precision: Option<usize>, form: char) -> String {
    let (negative, mut exponent, mut mantissa) = parts(number);
    if mantissa == 0 {
        exponent = 0;
    } else {
        let shift = mantissa.leading_zeros() - 3;
        mantissa <<= shift;
        exponent += 60 - i32::try_from(shift).unwrap_or(0);
    }
    if let Some(precision) = precision.filter(|precision| *precision < 15) {
        let drop = 60 - 4 * precision;
        let (kept, lost, half) = (mantissa >> drop, mantissa & ((1 << drop) - 1), 1_u64 << (drop - 1));
        mantissa = (kept + u64::from(lost > half || (lost == half && kept & 1 == 1))) << drop;
        if mantissa >> 61 != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let fraction = format!("{:015x}", mantissa & ((1 << 60) - 1));
    let fraction = match precision {
        None => fraction.trim_end_matches('0').to_owned(),
        Some(precision) if precision <= fraction.len() => fraction[..precision].to_owned(),
        Some(precision) => fraction.clone() + &"0".repeat(precision - fraction.len()),
    };
    let point = if fraction.is_empty() { "" } else { "." };
    let (sign, power) = (if exponent < 0 { '-' } else { '+' }, exponent.unsigned_abs());
    let text = format!("0x{}{point}{fraction}p{sign}{power:02}", mantissa >> 60);
    let text = if form == 'X' { text.to_ascii_uppercase() } else { text };
    if negative { format!("-{text}") } else { text }
}

/// Sign, power of two and mantissa, so that the number is `mantissa * 2^power`.
fn parts(number: f64) -> (bool, i32, u64) {
    let bits = number.to_bits();
    let biased = i32::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    let fraction = bits & ((1 << 52) - 1);
    let (power, mantissa) = if biased == 0 { (-1074, fraction) } else { (biased - 1075, fraction | (1 << 52)) };
    (bits >> 63 == 1, power, mantissa)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_with_as_few_digits_as_tell_them_apart() {
        let cases = [
            (1e6, "1e+06"),
            (100_000.0, "100000"),
            (1.5, "1.5"),
            (0.000_01, "1e-05"),
            (0.000_1, "0.0001"),
            (123_456_789.0, "1.23456789e+08"),
            (1e21, "1e+21"),
            (-0.0, "-0"),
            (1_234_567.0, "1.234567e+06"),
        ];
        for (number, text) in cases {
            assert_eq!(format_float(number, 'g', None), text);
        }
    }

    #[test]
    fn other_forms_print_as_go_prints_them() {
        assert_eq!(format_float(1.0, 'x', None), "0x1p+00");
        assert_eq!(format_float(1.5, 'x', Some(3)), "0x1.800p+00");
        assert_eq!(format_float(1.0, 'b', None), "4503599627370496p-52");
        assert_eq!(format_float(1234.5678, 'g', Some(3)), "1.23e+03");
        assert_eq!(format_float(100.0, 'g', Some(3)), "100");
        assert_eq!(format_float(100_000.0, 'g', Some(8)), "100000");
        assert_eq!(format_float(2.5, 'f', Some(0)), "2");
        assert_eq!(format_float(1e100, 'e', Some(2)), "1.00e+100");
        assert_eq!(format_float(0.1, 'f', None), "0.1");
    }
}
