//! Durations in units of their own, rounded and cut: what Helm 4.3 adds (`pkg/engine/funcs.go`).
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::object::{Duration, length_of};
use crate::template::call::Call;
use crate::template::funcs::Fault;
use crate::template::go::duration::{self, SECOND};
use crate::template::print::quote::quote;
use crate::template::value::{Data, Value};

/// The nanoseconds of a duration, of a text of one, or of a number of seconds.
fn nanos(value: &Value) -> Result<i64, String> {
    if let Some(length) = length_of(value) {
        return Ok(length);
    }
    let whole =
        |seconds: i64| seconds.checked_mul(SECOND).ok_or_else(|| format!("duration seconds overflow: {seconds}"));
    match &value.data {
        Data::Nil => Err("invalid duration".to_owned()),
        Data::String(text) => {
            let text = text.as_str();
            let trimmed = text.trim();
            if trimmed.is_empty() {
                return Err("empty duration".to_owned());
            }
            let number = || trimmed.parse().ok().map(seconds);
            let unread = || Err(format!("could not parse duration {}", quote(text.as_bytes())));
            duration::parse(trimmed).or_else(|_| number().unwrap_or_else(unread))
        }
        Data::Int(number) | Data::Int64(number) => whole(*number),
        Data::Uint8(number) => whole(i64::from(*number)),
        Data::Uint64(number) => {
            i64::try_from(*number).map_err(|_| format!("duration seconds overflow: {number}")).and_then(whole)
        }
        Data::Float(number) => seconds(*number),
        _ => Err(format!("unsupported duration type {}", value.type_name())),
    }
}

/// Nanoseconds of so many seconds.
fn seconds(number: f64) -> Result<i64, String> {
    #[expect(clippy::cast_precision_loss, reason = "Go compares the same")]
    let most = i64::MAX as f64;
    #[expect(clippy::cast_precision_loss, reason = "a second is a power of ten that floats have")]
    let nanos = number * SECOND as f64;
    if !number.is_finite() {
        return Err("invalid duration seconds".to_owned());
    }
    if nanos.abs() > most {
        return Err("duration seconds overflow".to_owned());
    }
    #[expect(clippy::cast_possible_truncation, reason = "the bounds are checked first")]
    let nanos = nanos as i64;
    Ok(nanos)
}

/// So many of a unit, with a fraction; none of what is no duration.
#[expect(clippy::cast_precision_loss, reason = "Go divides floats too")]
fn in_units(args: &[Value], unit: i64) -> Result<Value, Fault> {
    let length = nanos(&args[0]).unwrap_or(0);
    Ok(Data::Float((length / unit) as f64 + (length % unit) as f64 / unit as f64).into())
}

fn whole_units(args: &[Value], unit: i64) -> Result<Value, Fault> {
    Ok(Data::Int64(nanos(&args[0]).unwrap_or(0) / unit).into())
}

const HOUR: i64 = 3_600 * SECOND;

pub(super) fn must(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::object(Duration(nanos(&args[0])?)))
}

pub(super) fn in_nanoseconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole_units(args, 1)
}

pub(super) fn in_microseconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole_units(args, 1_000)
}

pub(super) fn in_milliseconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole_units(args, 1_000_000)
}

pub(super) fn in_seconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    in_units(args, SECOND)
}

pub(super) fn in_minutes(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    in_units(args, 60 * SECOND)
}

fn hours(args: &[Value]) -> f64 {
    match in_units(args, HOUR).map(|value| value.data) {
        Ok(Data::Float(hours)) => hours,
        _ => 0.0,
    }
}

pub(super) fn in_hours(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Float(hours(args)).into())
}

pub(super) fn in_days(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Float(hours(args) / 24.0).into())
}

pub(super) fn in_weeks(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Float(hours(args) / 24.0 / 7.0).into())
}

/// The first duration as `change` makes it with the second; what is none is left out.
fn by_multiple(args: &[Value], change: fn(i64, i64) -> i64) -> Result<Value, Fault> {
    let length = nanos(&args[0]).unwrap_or(0);
    let changed = nanos(&args[1]).ok().filter(|multiple| *multiple > 0).map(|multiple| change(length, multiple));
    Ok(Value::object(Duration(changed.unwrap_or(length))))
}

pub(super) fn round_to(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    by_multiple(args, duration::round)
}

pub(super) fn truncate_to(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    by_multiple(args, |length, multiple| length - length % multiple)
}
