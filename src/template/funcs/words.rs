//! Text functions of sprig that look at words: case styles, abbreviation, wrapping.
#![expect(clippy::unnecessary_wraps, reason = "every function of a table has the table's signature")]

use super::strings::{to_lower, to_upper};
use super::{Fault, Func, Type};
use crate::template::call::Call;
use crate::template::string::Str;
use crate::template::value::Value;
use crate::text::unicode::is_word;

mod case;

const TEXT: &[Type] = &[Type::String];

/// The family.
pub const FUNCS: &[Func] = &[
    Func::new("abbrev", &[Type::Int, Type::String], abbrev).slow(),
    Func::new("abbrevboth", &[Type::Int, Type::Int, Type::String], abbrev_both).slow(),
    Func::new("camelcase", TEXT, camel_case).slow(),
    Func::new("initials", TEXT, initials).slow(),
    Func::new("kebabcase", TEXT, kebab_case).slow(),
    Func::new("nospace", TEXT, no_space).slow(),
    Func::new("plural", &[Type::String, Type::String, Type::Int], plural),
    Func::new("snakecase", TEXT, snake_case).slow(),
    Func::new("swapcase", TEXT, swap_case).slow(),
    Func::new("title", TEXT, title).slow(),
    Func::new("untitle", TEXT, untitle).slow(),
    Func::new("wrap", &[Type::Int, Type::String], wrap).slow(),
    Func::new("wrapWith", &[Type::Int, Type::String, Type::String], wrap_with).slow(),
];

fn camel_case(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(case::pascal(&args[0].text()).into())
}

fn snake_case(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(case::lower_words(&args[0].text(), '_').into())
}

fn kebab_case(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(case::lower_words(&args[0].text(), '-').into())
}

/// Go's `strings.Title`: words start after what is no letter, digit or underscore; outside ASCII only after spaces.
fn title(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut at_start = true;
    let change = |char: char| {
        let changed = if at_start { to_title(char) } else { char };
        at_start = if char.is_ascii() { !is_word(char) } else { !is_word(char) && char.is_whitespace() };
        changed
    };
    Ok(args[0].text().chars().map(change).collect::<String>().into())
}

/// Upper case, but for the digraphs that have a case of their own at the start of words.
fn to_title(char: char) -> char {
    match char {
        'Ǆ' | 'ǅ' | 'ǆ' => 'ǅ',
        'Ǉ' | 'ǈ' | 'ǉ' => 'ǈ',
        'Ǌ' | 'ǋ' | 'ǌ' => 'ǋ',
        'Ǳ' | 'ǲ' | 'ǳ' => 'ǲ',
        _ => to_upper(char),
    }
}

fn untitle(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut at_start = true;
    let change = |char: char| {
        let changed = if at_start && !char.is_whitespace() { to_lower(char) } else { char };
        at_start = char.is_whitespace();
        changed
    };
    Ok(args[0].text().chars().map(change).collect::<String>().into())
}

fn swap_case(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let change = |char: char| {
        if char.is_uppercase() {
            to_lower(char)
        } else if char.is_lowercase() {
            to_upper(char)
        } else {
            char
        }
    };
    Ok(args[0].text().chars().map(change).collect::<String>().into())
}

/// The space characters among single bytes, which sprig's helper takes for characters.
fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t'..=b'\r' | b' ' | 0x85 | 0xA0)
}

/// Bytes as the characters of Latin 1, as sprig's helper writes them.
fn latin(bytes: impl Iterator<Item = u8>) -> Value {
    Value::from(bytes.map(char::from).collect::<String>())
}

fn no_space(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let bytes = args[0].bytes();
    if !bytes.iter().any(|byte| is_space(*byte)) {
        return Ok(args[0].clone());
    }
    Ok(latin(bytes.iter().copied().filter(|byte| !is_space(*byte))))
}

fn initials(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let mut in_gap = true;
    let first = |byte: &u8| {
        let starts = in_gap && !is_space(*byte);
        in_gap = is_space(*byte);
        starts
    };
    Ok(latin(args[0].bytes().iter().copied().filter(first)))
}

fn plural(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    Ok(if args[2].integer() == 1 { args[0].clone() } else { args[1].clone() })
}

fn bytes_of(parts: &[&[u8]]) -> Value {
    Str::from_bytes(parts.concat()).into()
}

fn abbrev(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let Some(width) = usize::try_from(args[0].integer()).ok().filter(|width| *width >= 4) else {
        return Ok(args[1].clone());
    };
    Ok(abbreviated(args[1].bytes(), 0, width))
}

fn abbrev_both(_: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let (left, right) = (args[0].integer(), args[1].integer());
    if right < 4 || left > 0 && right < 7 {
        return Ok(args[2].clone());
    }
    let left = usize::try_from(left).unwrap_or(0);
    Ok(abbreviated(args[2].bytes(), left, usize::try_from(right).unwrap_or(usize::MAX)))
}

/// At most `width` bytes, the one at `offset` among them, dots where something is left out.
fn abbreviated(text: &[u8], offset: usize, width: usize) -> Value {
    if text.len() <= width {
        return bytes_of(&[text]);
    }
    let kept = width - 3;
    let offset = offset.min(text.len()).min(text.len() - kept);
    if offset <= 4 {
        return bytes_of(&[&text[..kept], b"..."]);
    }
    if width < 7 {
        return "".into();
    }
    if offset + kept < text.len() {
        let rest = &text[offset..];
        // What follows the first dots is abbreviated by the same rule once more.
        let fits = rest.len() <= kept;
        return if fits { bytes_of(&[b"...", rest]) } else { bytes_of(&[b"...", &rest[..kept - 3], b"..."]) };
    }
    bytes_of(&[b"...", &text[text.len() - kept..]])
}

fn wrap(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    wrapped(call, args[0].integer(), b"\n", args[1].bytes(), false)
}

fn wrap_with(call: &mut Call<'_>, args: &[Value]) -> Result<Value, Fault> {
    let separator = match args[1].bytes() {
        b"" => b"\n".as_slice(),
        separator => separator,
    };
    wrapped(call, args[0].integer(), separator, args[2].bytes(), true)
}

/// Lines of at most `width` bytes, broken at spaces; words that are longer are broken only if `hard`.
fn wrapped(call: &mut Call<'_>, width: i64, separator: &[u8], text: &[u8], hard: bool) -> Result<Value, Fault> {
    let width = usize::try_from(width).unwrap_or(0).max(1);
    call.text((text.len() / width).saturating_mul(separator.len()).saturating_add(text.len()))?;
    let mut lines: Vec<&[u8]> = vec![];
    let mut rest = text;
    while rest.len() > width {
        if rest[0] == b' ' {
            rest = &rest[1..];
            continue;
        }
        let space = rest[..=width].iter().rposition(|byte| *byte == b' ');
        let later = || rest[width..].iter().position(|byte| *byte == b' ').map(|position| position + width);
        match space.or_else(|| if hard { None } else { later() }) {
            Some(space) => {
                lines.push(&rest[..space]);
                rest = &rest[space + 1..];
            }
            None if hard => {
                lines.push(&rest[..width]);
                rest = &rest[width..];
            }
            None => break,
        }
    }
    let mut out = lines.into_iter().flat_map(|line| [line, separator]).collect::<Vec<_>>().concat();
    out.extend_from_slice(rest);
    Ok(Str::from_bytes(out).into())
}
