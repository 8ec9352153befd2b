//! Durations as Go's `time.Duration` reads and prints them: `1h2m3.5s`.

use crate::template::print::quote::quote;

/// Nanoseconds of a second.
pub const SECOND: i64 = 1_000_000_000;

/// `time.ParseDuration`, in nanoseconds.
///
/// # Errors
/// Go's message.
pub fn parse(text: &str) -> Result<i64, String> {
    let shown = || quote(text.as_bytes());
    let invalid = || format!("time: invalid duration {}", shown());
    let negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total: u64 = 0;
    while !rest.is_empty() {
        let whole = rest.bytes().take_while(u8::is_ascii_digit).count();
        let after = &rest[whole..];
        let fraction =
            after.strip_prefix('.').map_or("", |after| &after[..after.bytes().take_while(u8::is_ascii_digit).count()]);
        let number = whole + if after.starts_with('.') { 1 + fraction.len() } else { 0 };
        if whole == 0 && fraction.is_empty() {
            return Err(invalid());
        }
        let unit_length = rest[number..].find(|char: char| char == '.' || char.is_ascii_digit());
        let unit_text = &rest[number..][..unit_length.unwrap_or(rest.len() - number)];
        if unit_text.is_empty() {
            return Err(format!("time: missing unit in duration {}", shown()));
        }
        let unknown = || format!("time: unknown unit {} in duration {}", quote(unit_text.as_bytes()), shown());
        let unit = unit(unit_text).ok_or_else(unknown)?;
        let count: u64 = if whole == 0 { 0 } else { rest[..whole].parse().map_err(|_| invalid())? };
        let part = count.checked_mul(unit).ok_or_else(invalid)?;
        total = total.checked_add(part + fraction_of(fraction, unit)).ok_or_else(invalid)?;
        if total > 1 << 63 {
            return Err(invalid());
        }
        rest = &rest[number + unit_text.len()..];
    }
    if negative { 0_i64.checked_sub_unsigned(total) } else { i64::try_from(total).ok() }.ok_or_else(invalid)
}

fn unit(name: &str) -> Option<u64> {
    Some(match name {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        _ => return None,
    })
}

/// The digits after the point, as part of a unit; what does not matter is cut off.
#[expect(clippy::cast_precision_loss, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "as Go does")]
fn fraction_of(digits: &str, unit: u64) -> u64 {
    let kept = &digits[..digits.len().min(18)];
    let number: u64 = kept.parse().unwrap_or(0);
    let scale = 10_f64.powi(i32::try_from(kept.len()).unwrap_or(0));
    (number as f64 * (unit as f64 / scale)) as u64
}

/// `Duration.String`.
pub fn show(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let total = nanoseconds.unsigned_abs();
    let second = SECOND.unsigned_abs();
    if total == 0 {
        return "0s".to_owned();
    }
    if total < second {
        let (unit, scale) = match total {
            ..1_000 => ("ns", 1),
            1_000..1_000_000 => ("µs", 1_000),
            _ => ("ms", 1_000_000),
        };
        return format!("{sign}{}{unit}", decimal(total, scale));
    }
    let (seconds, nanos) = (total / second, total % second);
    let last = format!("{}s", decimal(seconds % 60 * second + nanos, second));
    match (seconds / 3600, seconds / 60 % 60) {
        (0, 0) => format!("{sign}{last}"),
        (0, minutes) => format!("{sign}{minutes}m{last}"),
        (hours, minutes) => format!("{sign}{hours}h{minutes}m{last}"),
    }
}

/// A number in units of `scale`, a power of ten, without zeros at the end.
fn decimal(number: u64, scale: u64) -> String {
    let fraction = (number % scale + scale).to_string();
    let fraction = fraction[1..].trim_end_matches('0');
    let point = if fraction.is_empty() { "" } else { "." };
    format!("{}{point}{fraction}", number / scale)
}

/// `Duration.Round`: to the nearest multiple, halves away from zero.
pub fn round(nanoseconds: i64, to: i64) -> i64 {
    if to <= 0 {
        return nanoseconds;
    }
    let rest = nanoseconds % to;
    let down = nanoseconds - rest;
    if rest.unsigned_abs() * 2 < to.unsigned_abs() { down } else { down.saturating_add(to * nanoseconds.signum()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_and_printed() {
        for (text, shown) in [
            ("1h", "1h0m0s"),
            ("90m", "1h30m0s"),
            ("-1.5s", "-1.5s"),
            ("1500ms", "1.5s"),
            ("2us", "2µs"),
            ("0", "0s"),
            ("1h2m3s4ms", "1h2m3.004s"),
            ("+.5h", "30m0s"),
        ] {
            assert_eq!(parse(text).map(show).as_deref(), Ok(shown), "{text}");
        }
        assert_eq!(parse("5").unwrap_err(), "time: missing unit in duration \"5\"");
        assert_eq!(parse("5d").unwrap_err(), "time: unknown unit \"d\" in duration \"5d\"");
        assert_eq!(parse("").unwrap_err(), "time: invalid duration \"\"");
    }
}
