//! How a text is written: plain, quoted or as a block, by Go-YAML's resolver and libyaml's analysis.

use std::borrow::Cow;

use super::{Dialect, Error};
use crate::text::Date;
use crate::yaml::{Value, resolve};

/// The styles that the emitter chooses among.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ScalarStyle {
    Plain,
    Single,
    Double,
    Literal,
}

/// The style for a text; keys that stand before their colon on one line cannot be blocks.
pub(super) fn style(text: &str, dialect: Dialect, simple_key: bool) -> ScalarStyle {
    let facts = analyse(text, dialect);
    let double_if_not = |allowed: bool, style: ScalarStyle| if allowed { style } else { ScalarStyle::Double };
    if text.contains('\n') {
        double_if_not(facts.block && !simple_key, ScalarStyle::Literal)
    } else if reads_as_other_type(text, dialect) || (simple_key && facts.multiline) {
        ScalarStyle::Double
    } else if facts.plain {
        ScalarStyle::Plain
    } else {
        double_if_not(facts.single, ScalarStyle::Single)
    }
}

/// Whether a key stands before its colon on one line.
pub(super) fn fits_simple_key(key: &str) -> bool {
    key.len() <= 128 && !key.chars().any(is_break)
}

/// What becomes of a text that is written as JSON and read as YAML, the way sigs.k8s.io/yaml goes.
pub(super) fn through_json(text: &str) -> Result<Cow<'_, str>, Error> {
    if text.is_ascii() && !text.bytes().any(|byte| byte == 0x7F) {
        return Ok(Cow::Borrowed(text));
    }
    let refused =
        |char: char| matches!(char, '\u{7F}' | '\u{80}'..='\u{84}' | '\u{86}'..='\u{9F}' | '\u{FFFE}' | '\u{FFFF}');
    if text.contains(refused) {
        return Err(Error::Unsupported("yaml: control characters are not allowed".to_owned()));
    }
    if text.contains('\u{85}') { Ok(Cow::Owned(folded_next_lines(text))) } else { Ok(Cow::Borrowed(text)) }
}

/// A next-line character stands unescaped in JSON, and YAML folds it like any line break in a quoted scalar: one becomes
/// a space, of several the first goes away, blanks around them vanish.
fn folded_next_lines(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(position) = rest.find('\u{85}') {
        out.push_str(rest[..position].trim_end_matches(' '));
        let end = rest[position..].trim_start_matches([' ', '\u{85}']);
        let run = &rest[position..rest.len() - end.len()];
        match run.matches('\u{85}').count() {
            1 => out.push(' '),
            breaks => out.extend(std::iter::repeat_n('\n', breaks - 1)),
        }
        rest = end;
    }
    out.push_str(rest);
    out
}

/// Whether the text without quotes would be read as something other than text, be it only by older readers.
fn reads_as_other_type(text: &str, dialect: Dialect) -> bool {
    // Version 3 takes `yes` and `no` for text, but quotes them all the same.
    let resolves = !matches!(resolve::plain(text), Value::String(_));
    resolves || is_base_60(text) || is_timestamp(text) || (dialect == Dialect::Pretty3 && is_octal(text))
}

/// Version 3 reads `-0o7` too, which version 2 leaves alone.
fn is_octal(text: &str) -> bool {
    let plain = text.replace('_', "");
    plain
        .strip_prefix("-0o")
        .or_else(|| plain.strip_prefix("0o"))
        .is_some_and(|digits| u64::from_str_radix(digits, 8).is_ok())
}

/// Numbers to the base 60 of YAML 1.1: `12:30`, `-1:00:00.5`.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let mut groups = unsigned.split(':');
    let first = groups.next().unwrap_or_default();
    let mut groups: Vec<&str> = groups.collect();
    let Some(last) = groups.pop() else { return false };
    let last = match last.split_once('.') {
        Some((whole, fraction)) if fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_') => whole,
        Some(_) => return false,
        None => last,
    };
    let sixtieth = |group: &str| match group.as_bytes() {
        [digit] => digit.is_ascii_digit(),
        [tens, digit] => (b'0'..=b'5').contains(tens) && digit.is_ascii_digit(),
        _ => false,
    };
    first.starts_with(|char: char| char.is_ascii_digit())
        && first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_')
        && groups.into_iter().all(sixtieth)
        && sixtieth(last)
}

/// Dates and times that Go-YAML recognises: `2001-12-14`, `2001-12-14t21:59:43.10Z`, `2001-12-14 21:59:43`.
fn is_timestamp(text: &str) -> bool {
    let mut rest = text;
    let Some(year) = number(&mut rest, 4, 4) else { return false };
    let month = eat(&mut rest, "-").and_then(|()| number(&mut rest, 1, 2));
    let day = eat(&mut rest, "-").and_then(|()| number(&mut rest, 1, 2));
    let (Some(month), Some(day)) = (month, day) else { return false };
    if !is_day(year, month, day) {
        return false;
    }
    if rest.is_empty() {
        return true;
    }
    let zoned = !rest.starts_with(' ');
    rest.starts_with(['T', 't', ' ']) && {
        rest = &rest[1..];
        clock(&mut rest) && if zoned { zone(rest) } else { rest.is_empty() }
    }
}

fn is_day(year: u32, month: u32, day: u32) -> bool {
    let date = || Date::new(year.try_into().ok()?, month.try_into().ok()?, day.try_into().ok()?);
    date().is_some()
}

/// `15:4:5`, with a fraction or without.
fn clock(rest: &mut &str) -> bool {
    let hour = number(rest, 1, 2);
    let minute = eat(rest, ":").and_then(|()| number(rest, 1, 2));
    let second = eat(rest, ":").and_then(|()| number(rest, 1, 2));
    let (Some(..=23), Some(..=59), Some(..=59)) = (hour, minute, second) else { return false };
    if rest.starts_with(['.', ',']) {
        let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 {
            return false;
        }
        *rest = &rest[1 + digits..];
    }
    true
}

/// `Z` or an offset of hours and minutes.
fn zone(rest: &str) -> bool {
    if rest == "Z" {
        return true;
    }
    let Some(mut rest) = rest.strip_prefix(['+', '-']) else { return false };
    let hours = number(&mut rest, 2, 2);
    let minutes = eat(&mut rest, ":").and_then(|()| number(&mut rest, 2, 2));
    matches!((hours, minutes), (Some(..=24), Some(..=60))) && rest.is_empty()
}

fn eat(rest: &mut &str, prefix: &str) -> Option<()> {
    *rest = rest.strip_prefix(prefix)?;
    Some(())
}

fn number(rest: &mut &str, least: usize, most: usize) -> Option<u32> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    let number = if digits < least { None } else { rest[..digits].parse().ok() };
    *rest = &rest[digits..];
    number
}

/// What libyaml's analysis finds out about a text.
#[expect(clippy::struct_excessive_bools, reason = "four independent answers")]
struct Facts {
    multiline: bool,
    plain: bool,
    single: bool,
    block: bool,
}

/// Everything about the characters of a text that forbids a style.
#[derive(Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent observations of one pass")]
struct Seen {
    indicators: bool,
    special: bool,
    tabs: bool,
    breaks: bool,
    outer_blank: bool,
    trailing_space: bool,
    break_space: bool,
    space_break: bool,
}

/// What may be done with the text, as `yaml_emitter_analyze_scalar` of `emitterc.go` finds it.
fn analyse(text: &str, dialect: Dialect) -> Facts {
    let mut seen = Seen { indicators: text.starts_with("---") || text.starts_with("..."), ..Seen::default() };
    let mut previous = None;
    let mut chars = text.chars().peekable();
    while let Some(char) = chars.next() {
        let next = chars.peek().copied();
        seen.indicators |= is_indicator(previous, char, next);
        if char == '\t' && dialect == Dialect::Pretty3 {
            seen.tabs = true;
        } else if !is_printable(char) {
            seen.special = true;
        }
        let (space, newline) = (char == ' ', is_break(char));
        seen.breaks |= newline;
        seen.outer_blank |= (space || newline) && (previous.is_none() || next.is_none());
        seen.trailing_space |= space && next.is_none();
        seen.break_space |= space && previous.is_some_and(is_break);
        seen.space_break |= newline && previous == Some(' ');
        previous = Some(char);
    }
    let unquotable = seen.space_break || seen.special;
    Facts {
        multiline: seen.breaks,
        plain: !(seen.indicators || seen.breaks || seen.outer_blank || seen.break_space || seen.tabs || unquotable),
        single: !(seen.break_space || seen.tabs || unquotable),
        block: !(seen.trailing_space || unquotable || text.is_empty()),
    }
}

fn is_indicator(previous: Option<char>, char: char, next: Option<char>) -> bool {
    let before_blank = next.is_none_or(|next| next == ' ' || next == '\t');
    match (previous, char) {
        (None, '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%' | '@' | '`') => true,
        (None, '?' | '-') | (_, ':') => before_blank,
        (Some(previous), '#') => matches!(previous, ' ' | '\t' | '\0') || is_break(previous),
        _ => false,
    }
}

/// Characters that libyaml takes for line breaks.
pub(super) fn is_break(char: char) -> bool {
    matches!(char, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Characters that go out as they are. Go-YAML escapes everything beyond the basic plane.
pub(super) fn is_printable(char: char) -> bool {
    matches!(char, '\n' | '\u{20}'..='\u{7E}' | '\u{A0}'..='\u{D7FF}' | '\u{E000}'..='\u{FFFD}') && char != '\u{FEFF}'
}
