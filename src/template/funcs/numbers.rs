//! Arithmetic of sprig: whole numbers with wrap-around, floats through decimals.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::cast::{parse_int_in, to_float64, to_int64};
use super::decimal::Decimal;
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::value::{Data, List, Value};

const ONE: &[Type] = &[Type::Any];
const TWO: &[Type] = &[Type::Any, Type::Any];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("add", &[], add).variadic(Type::Any),
    Func::new("add1", ONE, add1),
    Func::new("add1f", ONE, add1f),
    Func::new("addf", &[], addf).variadic(Type::Any),
    Func::new("atoi", &[Type::String], atoi).slow(),
    Func::new("biggest", ONE, max).variadic(Type::Any),
    Func::new("ceil", ONE, ceil),
    Func::new("div", TWO, div),
    Func::new("divf", ONE, divf).variadic(Type::Any),
    Func::new("float64", ONE, float64).slow(),
    Func::new("floor", ONE, floor),
    Func::new("int", ONE, int).slow(),
    Func::new("int64", ONE, int64).slow(),
    Func::new("max", ONE, max).variadic(Type::Any),
    Func::new("maxf", ONE, maxf).variadic(Type::Any),
    Func::new("min", ONE, min).variadic(Type::Any),
    Func::new("minf", ONE, minf).variadic(Type::Any),
    Func::new("mod", TWO, modulo),
    Func::new("mul", ONE, mul).variadic(Type::Any),
    Func::new("mulf", ONE, mulf).variadic(Type::Any),
    Func::new("round", &[Type::Any, Type::Int], round).variadic(Type::Float).slow(),
    Func::new("seq", &[], seq).variadic(Type::Int),
    Func::new("sub", TWO, sub),
    Func::new("subf", ONE, subf).variadic(Type::Any),
    Func::new("toDecimal", ONE, to_decimal).slow(),
    Func::new("until", &[Type::Int], until),
    Func::new("untilStep", &[Type::Int, Type::Int, Type::Int], until_step),
];

fn whole(number: i64) -> Result<Value, Fault> {
    Ok(Data::Int64(number).into())
}

fn int64(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(to_int64(&args[0]))
}

fn int(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(Data::Int(to_int64(&args[0])).into())
}

fn float64(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(to_float64(&args[0]).into())
}

/// Go's `strconv.Atoi` without its error: a number out of range is the nearest one.
fn atoi(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = args[0].text();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(&text);
    let number = parse_int_in(&text, 10).unwrap_or_else(|| {
        let overflows = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        match (overflows, text.starts_with('-')) {
            (false, _) => 0,
            (true, false) => i64::MAX,
            (true, true) => i64::MIN,
        }
    });
    Ok(Data::Int(number).into())
}

fn to_decimal(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let text = call.print(&args[0])?;
    whole(parse_int_in(&text.text(), 8).unwrap_or(0))
}

fn add(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(args.iter().map(to_int64).fold(0, i64::wrapping_add))
}

fn add1(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(to_int64(&args[0]).wrapping_add(1))
}

fn sub(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(to_int64(&args[0]).wrapping_sub(to_int64(&args[1])))
}

fn mul(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(args.iter().map(to_int64).fold(1, i64::wrapping_mul))
}

fn div(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(to_int64(&args[0]).wrapping_div(divisor(&args[1])?))
}

fn modulo(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(to_int64(&args[0]).wrapping_rem(divisor(&args[1])?))
}

fn divisor(value: &Value) -> Result<i64, Fault> {
    match to_int64(value) {
        0 => Err("runtime error: integer divide by zero".into()),
        divisor => Ok(divisor),
    }
}

fn max(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(args.iter().map(to_int64).max().unwrap_or(0))
}

fn min(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    whole(args.iter().map(to_int64).min().unwrap_or(0))
}

fn maxf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(extreme(args, f64::INFINITY, |left, right| left > right).into())
}

fn minf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(extreme(args, f64::NEG_INFINITY, |left, right| left < right).into())
}

/// Go's `math.Max` and `math.Min`: an infinity on the winning side wins, then NaN.
fn extreme(args: &[Value], winner: f64, better: impl Fn(f64, f64) -> bool) -> f64 {
    let numbers = args.iter().map(to_float64);
    numbers
        .reduce(|best, next| {
            if best.total_cmp(&winner).is_eq() || next.total_cmp(&winner).is_eq() {
                winner
            } else if best.is_nan() || next.is_nan() {
                f64::NAN
            } else if better(next, best) {
                next
            } else {
                best
            }
        })
        .unwrap_or(0.0)
}

fn ceil(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(to_float64(&args[0]).ceil().into())
}

fn floor(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(to_float64(&args[0]).floor().into())
}

/// sprig's rounding: a fraction from `args[2]` on, one half by default, goes up. Negative numbers included.
fn round(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let up_from = args.get(2).map_or(0.5, to_float64);
    let power = 10_f64.powf(to_float64(&args[1]));
    let digits = power * to_float64(&args[0]);
    let rounded = if digits.fract() >= up_from { digits.ceil() } else { digits.floor() };
    Ok((rounded / power).into())
}

fn decimals(args: &[Value], operation: impl Fn(&Decimal, &Decimal) -> Result<Decimal, Fault>) -> Result<Value, Fault> {
    let mut numbers = args.iter().map(|arg| Decimal::from_float(to_float64(arg)));
    let mut result = numbers.next().unwrap_or_else(|| Decimal::from_float(0.0))?;
    for number in numbers {
        result = operation(&result, &number?)?;
    }
    Ok(result.to_float().into())
}

fn addf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    decimals(args, Decimal::add)
}

fn add1f(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    decimals(&[args[0].clone(), Data::Int(1).into()], Decimal::add)
}

fn subf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    decimals(args, Decimal::sub)
}

fn mulf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    decimals(args, Decimal::mul)
}

fn divf(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    decimals(args, Decimal::div)
}

fn until(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let count = args[0].integer();
    numbers(call, 0, count, if count < 0 { -1 } else { 1 })
}

fn until_step(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    numbers(call, args[0].integer(), args[1].integer(), args[2].integer())
}

fn numbers(call: &mut Call<'_>, start: i64, end: i64, step: i64) -> Result<Value, Fault> {
    let items = range(call, start, end, step)?.map(|number| Data::Int(number).into()).collect();
    Ok(List::typed(items, List::INTS).into())
}

/// From `start` in steps until `end` is reached or passed; nothing if the step leads elsewhere.
fn range(call: &mut Call<'_>, start: i64, end: i64, step: i64) -> Result<impl Iterator<Item = i64>, Fault> {
    let towards = if end < start { step < 0 } else { step > 0 };
    let count = if towards { start.abs_diff(end).div_ceil(step.unsigned_abs()) } else { 0 };
    call.list(usize::try_from(count).unwrap_or(usize::MAX))?;
    Ok((0..count).map(move |index| start.wrapping_add(step.wrapping_mul(index.cast_signed()))))
}

fn seq(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let params: Vec<i64> = args.iter().map(Value::integer).collect();
    let (start, step, end) = match params[..] {
        [end] => (1, if end < 1 { -1 } else { 1 }, end),
        [start, end] => (start, if end < start { -1 } else { 1 }, end),
        [start, step, end] if end >= start || step <= 0 => (start, step, end),
        _ => return Ok("".into()),
    };
    let beyond = if end < start { -1 } else { 1 };
    let numbers: Vec<String> =
        range(call, start, end.wrapping_add(beyond), step)?.map(|number| number.to_string()).collect();
    call.text(numbers.iter().map(|number| number.len() + 1).sum())?;
    Ok(numbers.join(" ").into())
}
