//! Base64 and base32, hashes, and what is derived from them.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use sha2::Digest;

use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::go::base;
use crate::template::string::Str;
use crate::template::value::Value;

const TEXT: &[Type] = &[Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("adler32sum", TEXT, adler32sum).slow(),
    Func::new("b32dec", TEXT, b32dec).slow(),
    Func::new("b32enc", TEXT, b32enc).slow(),
    Func::new("b64dec", TEXT, b64dec),
    Func::new("b64enc", TEXT, b64enc),
    Func::new("sha1sum", TEXT, sha1sum),
    Func::new("sha256sum", TEXT, sha256sum),
    Func::new("sha512sum", TEXT, sha512sum),
];

fn b64enc(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.text(args[0].bytes().len() / 3 * 4 + 4)?;
    Ok(base::encode64(args[0].bytes()).into())
}

/// An error is the text returned, as sprig has it.
fn b64dec(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(base::decode64(args[0].bytes()).map_or_else(Value::from, |bytes| Str::from_bytes(bytes).into()))
}

fn b32enc(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    call.text(args[0].bytes().len() / 5 * 8 + 8)?;
    Ok(base::encode32(args[0].bytes()).into())
}

fn b32dec(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(base::decode32(args[0].bytes()).map_or_else(Value::from, |bytes| Str::from_bytes(bytes).into()))
}

fn hex(bytes: &[u8]) -> Value {
    crate::text::hex(bytes).into()
}

fn sha1sum(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(hex(&sha1::Sha1::digest(args[0].bytes())))
}

fn sha256sum(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(hex(&sha2::Sha256::digest(args[0].bytes())))
}

fn sha512sum(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(hex(&sha2::Sha512::digest(args[0].bytes())))
}

/// RFC 1950's checksum, in decimal.
fn adler32sum(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    const MODULUS: u32 = 65_521;
    let (low, high) = args[0].bytes().iter().fold((1, 0), |(low, high): (u32, u32), byte| {
        let low = (low + u32::from(*byte)) % MODULUS;
        (low, (high + low) % MODULUS)
    });
    Ok(((high << 16) | low).to_string().into())
}
