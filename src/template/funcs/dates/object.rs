//! `time.Time` as a value of templates, with the methods that charts call on it, and `time.Duration`, which some of them return.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use std::any::Any;

use crate::template::call::Call;
use crate::template::funcs::{Fault, Func, Type};
use crate::template::go::duration;
use crate::template::go::time::Time;
use crate::template::value::{Data, Object, Value, View};

/// The type's name.
pub(super) const TIME: &str = "time.Time";
const DURATION: &str = "time.Duration";
const OTHER: &[Type] = &[Type::Named(TIME)];

const METHODS: &[Func] = &[
    Func::new("Add", &[Type::Named(DURATION)], add),
    Func::new("AddDate", &[Type::Int, Type::Int, Type::Int], add_date),
    Func::new("After", OTHER, after),
    Func::new("Before", OTHER, before),
    Func::new("Day", &[], day),
    Func::new("Equal", OTHER, equal),
    Func::new("Format", &[Type::String], format),
    Func::new("Hour", &[], hour),
    Func::new("IsZero", &[], is_zero),
    Func::new("Local", &[], utc),
    Func::new("Minute", &[], minute),
    Func::new("Month", &[], month),
    Func::new("Nanosecond", &[], nanosecond),
    Func::new("Second", &[], second),
    Func::new("String", &[], string),
    Func::new("Sub", OTHER, sub),
    Func::new("UTC", &[], utc),
    Func::new("Unix", &[], unix),
    Func::new("UnixMilli", &[], unix_milli),
    Func::new("UnixNano", &[], unix_nano),
    Func::new("Weekday", &[], weekday),
    Func::new("Year", &[], year),
    Func::new("YearDay", &[], year_day),
];

const DURATION_METHODS: &[Func] = &[
    Func::new("Hours", &[], hours),
    Func::new("Milliseconds", &[], milliseconds),
    Func::new("Minutes", &[], minutes),
    Func::new("Nanoseconds", &[], nanoseconds),
    Func::new("Seconds", &[], seconds),
    Func::new("String", &[], duration_string),
];

#[derive(Debug)]
struct Moment(Time);

impl Object for Moment {
    fn type_name(&self) -> &'static str {
        TIME
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<String> {
        Some(self.0.show())
    }

    fn json(&self) -> Option<Value> {
        Some(self.0.format("2006-01-02T15:04:05.999999999Z07:00").into())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
pub(super) struct Duration(pub(super) i64);

impl Object for Duration {
    fn type_name(&self) -> &'static str {
        DURATION
    }

    fn view(&self) -> View {
        View::Int64(self.0)
    }

    fn method(&self, name: &str) -> Option<&'static Func> {
        DURATION_METHODS.iter().find(|method| method.name == name)
    }

    fn string(&self) -> Option<String> {
        Some(duration::show(self.0))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A named number: `time.Month` and `time.Weekday`.
#[derive(Debug)]
struct Named {
    type_name: &'static str,
    number: i64,
    name: String,
}

impl Object for Named {
    fn type_name(&self) -> &'static str {
        self.type_name
    }

    fn kind(&self) -> &'static str {
        "int"
    }

    fn view(&self) -> View {
        View::Int64(self.number)
    }

    fn string(&self) -> Option<String> {
        Some(self.name.clone())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

pub(super) fn made(time: Time) -> Result<Value, Fault> {
    Ok(Value::object(Moment(time)))
}

/// The time of a value that is one.
pub(super) fn time_of(value: &Value) -> Option<&Time> {
    value.as_object::<Moment>().map(|moment| &moment.0)
}

fn time(args: &[Value], index: usize) -> Time {
    args.get(index).and_then(time_of).cloned().unwrap_or_else(Time::zero)
}

/// The nanoseconds of a value that is a duration.
pub(super) fn length_of(value: &Value) -> Option<i64> {
    value.as_object::<Duration>().map(|duration| duration.0)
}

fn length(args: &[Value], index: usize) -> i64 {
    args.get(index).and_then(length_of).unwrap_or(0)
}

fn whole(number: i64) -> Result<Value, Fault> {
    Ok(Data::Int(number).into())
}

fn format(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.text(args[1].bytes().len().saturating_mul(4))?;
    Ok(time(args, 0).format(&args[1].text()).into())
}

fn string(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(time(args, 0).show().into())
}

fn utc(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(time(args, 0).in_utc())
}

fn add(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    made(time(args, 0).plus(length(args, 1)))
}

/// Years, months and days later; what overflows a month goes on in the next.
fn add_date(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time(args, 0);
    let civil = time.civil();
    let bounded = |index: usize| args[index].integer().clamp(-1_000_000, 1_000_000);
    let months = civil.year.saturating_add(bounded(1)) * 12 + i64::from(civil.month) - 1 + bounded(2);
    let month = u32::try_from(months.rem_euclid(12) + 1).unwrap_or(1);
    let before = crate::template::go::time::days_to(civil.year, civil.month, civil.day);
    let first = crate::template::go::time::days_to(months.div_euclid(12), month, 1);
    let days = first + i64::from(civil.day) - 1 + bounded(3) - before;
    made(Time { seconds: time.seconds.saturating_add(days * 86_400), ..time })
}

fn sub(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Value::object(Duration(time(args, 0).since(&time(args, 1)))))
}

fn order(args: &[Value]) -> std::cmp::Ordering {
    let (left, right) = (time(args, 0), time(args, 1));
    (left.seconds, left.nanos).cmp(&(right.seconds, right.nanos))
}

fn after(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(order(args).is_gt().into())
}

fn before(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(order(args).is_lt().into())
}

fn equal(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(order(args).is_eq().into())
}

fn is_zero(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(time(args, 0).is_zero().into())
}

fn unix(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Int64(time(args, 0).seconds).into())
}

fn unix_milli(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time(args, 0);
    Ok(Data::Int64(time.seconds.wrapping_mul(1000).wrapping_add(i64::from(time.nanos / 1_000_000))).into())
}

fn unix_nano(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time(args, 0);
    Ok(Data::Int64(time.seconds.wrapping_mul(1_000_000_000).wrapping_add(i64::from(time.nanos))).into())
}

fn year(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(time(args, 0).civil().year)
}

fn year_day(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).civil().year_day))
}

fn month(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time(args, 0);
    let number = i64::from(time.civil().month);
    Ok(Value::object(Named { type_name: "time.Month", number, name: time.format("January") }))
}

fn weekday(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let time = time(args, 0);
    let number = i64::try_from(time.civil().weekday).unwrap_or(0);
    Ok(Value::object(Named { type_name: "time.Weekday", number, name: time.format("Monday") }))
}

fn day(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).civil().day))
}

fn hour(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).civil().hour))
}

fn minute(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).civil().minute))
}

fn second(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).civil().second))
}

fn nanosecond(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(i64::from(time(args, 0).nanos))
}

#[expect(clippy::cast_precision_loss, reason = "Go converts in the same way")]
fn in_units(args: &[Value], unit: i64) -> Result<Value, Fault> {
    let total = length(args, 0);
    Ok(((total / unit) as f64 + (total % unit) as f64 / unit as f64).into())
}

fn hours(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    in_units(args, 3_600_000_000_000)
}

fn minutes(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    in_units(args, 60_000_000_000)
}

fn seconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    in_units(args, 1_000_000_000)
}

fn milliseconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Int64(length(args, 0) / 1_000_000).into())
}

fn nanoseconds(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Int64(length(args, 0)).into())
}

fn duration_string(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(duration::show(length(args, 0)).into())
}
