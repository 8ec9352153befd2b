//! Dates and durations. The clock is the session's, and `Local` is UTC.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::cast::parse_int_in;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::duration::{self, SECOND};
use crate::template::go::time::{self, Time};
use crate::template::value::{Data, Value};

mod lengths;
mod object;

use object::{TIME, made, time_of};

const TEXT_ANY: &[Type] = &[Type::String, Type::Any];
const TEXT_TIME: &[Type] = &[Type::String, Type::Named(TIME)];
/// What the rules of a zone cost to read.
const ZONE_STEPS: u64 = 100;
/// The date of `<input type="date">`.
const HTML: &str = "2006-01-02";
const TWO: &[Type] = &[Type::String, Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("ago", &[Type::Any], ago).slow(),
    Func::new("date", TEXT_ANY, date).slow(),
    Func::new("dateInZone", &[Type::String, Type::Any, Type::String], date_in_zone).slow(),
    Func::new("dateModify", TEXT_TIME, date_modify).slow(),
    Func::new("date_in_zone", &[Type::String, Type::Any, Type::String], date_in_zone).slow(),
    Func::new("date_modify", TEXT_TIME, date_modify).slow(),
    Func::new("duration", &[Type::Any], show_duration).slow(),
    Func::new("durationDays", &[Type::Any], lengths::in_days),
    Func::new("durationHours", &[Type::Any], lengths::in_hours),
    Func::new("durationMicroseconds", &[Type::Any], lengths::in_microseconds),
    Func::new("durationMilliseconds", &[Type::Any], lengths::in_milliseconds),
    Func::new("durationMinutes", &[Type::Any], lengths::in_minutes),
    Func::new("durationNanoseconds", &[Type::Any], lengths::in_nanoseconds),
    Func::new("durationRound", &[Type::Any], duration_round).slow(),
    Func::new("durationRoundTo", &[Type::Any, Type::Any], lengths::round_to),
    Func::new("durationSeconds", &[Type::Any], lengths::in_seconds),
    Func::new("durationTruncateTo", &[Type::Any, Type::Any], lengths::truncate_to),
    Func::new("durationWeeks", &[Type::Any], lengths::in_weeks),
    Func::new("htmlDate", &[Type::Any], html_date),
    Func::new("htmlDateInZone", TEXT_ANY_REVERSED, html_date_in_zone).slow(),
    Func::new("mustDateModify", TEXT_TIME, must_date_modify).slow(),
    Func::new("mustToDate", TWO, must_to_date).slow(),
    Func::new("mustToDuration", &[Type::Any], lengths::must),
    Func::new("must_date_modify", TEXT_TIME, must_date_modify).slow(),
    Func::new("now", &[], now),
    Func::new("toDate", TWO, to_date).slow(),
    Func::new("unixEpoch", &[Type::Named(TIME)], unix_epoch),
];

const TEXT_ANY_REVERSED: &[Type] = &[Type::Any, Type::String];

fn now(call: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    made(Time::from_nanos(call.now()))
}

/// The moment of a time or of seconds since 1970; anything else counts as now.
fn moment(call: &mut Call<'_>, value: &Value) -> Time {
    match &value.data {
        Data::Int(seconds) | Data::Int64(seconds) => Time::utc(*seconds, 0),
        _ => time_of(value).cloned().unwrap_or_else(|| Time::from_nanos(call.now())),
    }
}

fn date(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = moment(call, &args[1]).in_utc();
    laid_out(call, &time, &args[0].text())
}

fn date_in_zone(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = in_zone(call, &args[1], &args[2])?;
    laid_out(call, &time, &args[0].text())
}

fn html_date(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = moment(call, &args[0]).in_utc();
    laid_out(call, &time, HTML)
}

fn html_date_in_zone(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = in_zone(call, &args[0], &args[1])?;
    laid_out(call, &time, HTML)
}

/// The moment of a value in a zone, whose rules are read for it.
fn in_zone(call: &mut Call<'_>, value: &Value, zone: &Value) -> Result<Time, Fault> {
    call.step(ZONE_STEPS)?;
    Ok(moment(call, value).in_zone(&zone.text()))
}

fn laid_out(call: &mut Call<'_>, time: &Time, layout: &str) -> Result<Value, Fault> {
    call.text(layout.len().saturating_mul(4))?;
    Ok(time.format(layout).into())
}

fn date_modify(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time_of(&args[1]).cloned().unwrap_or_else(Time::zero);
    made(duration::parse(&args[0].text()).map_or(time.clone(), |offset| time.plus(offset)))
}

fn must_date_modify(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time_of(&args[1]).cloned().unwrap_or_else(Time::zero);
    made(time.plus(duration::parse(&args[0].text())?))
}

fn to_date(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    read(call, args)?;
    made(time::parse(&args[0].text(), &args[1].text()).unwrap_or_else(|_| Time::zero()))
}

/// Takes the steps of reading a date by a layout, in which every letter may begin a field.
fn read(call: &mut Call<'_>, args: &[Value]) -> Result<(), Fault> {
    Ok(call.step(args.iter().map(|text| text.bytes().len() as u64).sum())?)
}

fn must_to_date(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    read(call, args)?;
    made(time::parse(&args[0].text(), &args[1].text())?)
}

fn unix_epoch(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(time_of(&args[0]).map_or(0, |time| time.seconds).to_string().into())
}

fn ago(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let since = Time::from_nanos(call.now()).since(&moment(call, &args[0]));
    Ok(duration::show(duration::round(since, SECOND)).into())
}

fn show_duration(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let seconds = match &args[0].data {
        Data::String(text) => parse_int_in(&text.as_str(), 10).unwrap_or(0),
        Data::Int64(seconds) => *seconds,
        _ => 0,
    };
    Ok(duration::show(seconds.wrapping_mul(SECOND)).into())
}

/// The largest unit alone: `2h`, `3mo`.
fn duration_round(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let nanoseconds = match &args[0].data {
        Data::String(text) => duration::parse(&text.as_str()).unwrap_or(0),
        Data::Int64(nanoseconds) => *nanoseconds,
        _ => time_of(&args[0]).map_or(0, |time| Time::from_nanos(call.now()).since(time)),
    };
    let seconds = u64::try_from(SECOND).unwrap_or(1);
    let hour = 3600 * seconds;
    let units = [
        (365 * 24 * hour, "y"),
        (30 * 24 * hour, "mo"),
        (24 * hour, "d"),
        (hour, "h"),
        (60 * seconds, "m"),
        (seconds, "s"),
    ];
    let total = nanoseconds.unsigned_abs();
    let fitting = units.iter().find(|(length, _)| total > *length);
    Ok(fitting.map_or_else(|| "0s".to_owned(), |(length, unit)| format!("{}{unit}", total / length)).into())
}
