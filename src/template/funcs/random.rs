//! Random text, numbers and identifiers, all from the session's source: the same session gives the same again.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::base;
use crate::template::value::{Data, Value};
use crate::text::hex;

const COUNT: &[Type] = &[Type::Int];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("randAlpha", COUNT, rand_alpha),
    Func::new("randAlphaNum", COUNT, rand_alpha_num),
    Func::new("randAscii", COUNT, rand_ascii),
    Func::new("randBytes", COUNT, rand_bytes),
    Func::new("randInt", &[Type::Int, Type::Int], rand_int),
    Func::new("randNumeric", COUNT, rand_numeric),
    Func::new("shuffle", &[Type::String], shuffle),
    Func::new("uuidv4", &[], uuid_v4),
];

/// A number below `bound`, which is not 0. Each is as likely as any other.
fn below(call: &mut Call<'_>, bound: u64) -> u64 {
    let fair = u64::MAX - u64::MAX % bound;
    loop {
        let mut bytes = [0; 8];
        call.random(&mut bytes);
        let number = u64::from_le_bytes(bytes);
        if number < fair {
            return number % bound;
        }
    }
}

/// `args[0]` characters of `alphabet`; a negative count gives none.
fn characters(call: &mut Call<'_>, args: &[Value], alphabet: impl Iterator<Item = char>) -> Result<Value, Fault> {
    let alphabet: Vec<char> = alphabet.collect();
    let count = usize::try_from(args[0].integer()).unwrap_or(0);
    call.text(count)?;
    call.step(count as u64)?;
    let mut text = String::with_capacity(count);
    for _ in 0..count {
        let index = below(call, alphabet.len() as u64);
        text.extend(usize::try_from(index).ok().and_then(|index| alphabet.get(index)));
    }
    Ok(text.into())
}

fn rand_alpha_num(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    characters(call, args, ('0'..='9').chain('A'..='Z').chain('a'..='z'))
}

fn rand_alpha(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    characters(call, args, ('A'..='Z').chain('a'..='z'))
}

fn rand_numeric(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    characters(call, args, '0'..='9')
}

fn rand_ascii(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    characters(call, args, ' '..='~')
}

fn rand_bytes(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let count = usize::try_from(args[0].integer()).map_err(|_| "runtime error: makeslice: len out of range")?;
    call.text(count.saturating_mul(2))?;
    let mut bytes = vec![0; count];
    call.random(&mut bytes);
    Ok(base::encode64(&bytes).into())
}

fn rand_int(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (least, beyond) = (args[0].integer(), args[1].integer());
    if beyond <= least {
        return Err("invalid argument to Intn".into());
    }
    let offset = below(call, least.abs_diff(beyond));
    Ok(Data::Int(least.wrapping_add_unsigned(offset)).into())
}

fn shuffle(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut chars: Vec<char> = args[0].text().chars().collect();
    call.step(chars.len() as u64)?;
    for last in (1..chars.len()).rev() {
        let other = below(call, last as u64 + 1);
        chars.swap(last, usize::try_from(other).unwrap_or(0));
    }
    Ok(chars.into_iter().collect::<String>().into())
}

fn uuid_v4(call: &mut Call<'_>, _: &[Value]) -> Result<Value, Fault> {
    let mut bytes = [0; 16];
    call.random(&mut bytes);
    bytes[6] = bytes[6] & 0x0F | 0x40;
    bytes[8] = bytes[8] & 0x3F | 0x80;
    let hex = hex(&bytes);
    Ok(format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]).into())
}
