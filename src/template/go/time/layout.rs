//! Layouts: the parts of Go's reference time, `Mon Jan 2 15:04:05 MST 2006`, in a text.

use std::fmt::Write as _;

use super::{Civil, Time};

pub(super) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(super) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// A part of the reference time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    LongMonth,
    Month,
    NumMonth,
    ZeroMonth,
    LongWeekday,
    Weekday,
    Day,
    SpaceDay,
    ZeroDay,
    SpaceYearDay,
    ZeroYearDay,
    Hour,
    Hour12,
    ZeroHour12,
    Minute,
    ZeroMinute,
    Second,
    ZeroSecond,
    LongYear,
    Year,
    UpperHalf,
    LowerHalf,
    Zone,
    /// An offset: whether `Z` stands for UTC, whether it has colons, and how many numbers it has.
    Offset {
        z: bool,
        colons: bool,
        numbers: u8,
    },
    /// A fraction of a second: whether zeros at its end are left out, and its digits.
    Fraction {
        trimmed: bool,
        digits: usize,
    },
}

/// Longest first where one begins like another.
const PARTS: [(&str, Part); 33] = [
    ("January", Part::LongMonth),
    ("Monday", Part::LongWeekday),
    ("MST", Part::Zone),
    ("002", Part::ZeroYearDay),
    ("01", Part::ZeroMonth),
    ("02", Part::ZeroDay),
    ("03", Part::ZeroHour12),
    ("04", Part::ZeroMinute),
    ("05", Part::ZeroSecond),
    ("06", Part::Year),
    ("15", Part::Hour),
    ("1", Part::NumMonth),
    ("2006", Part::LongYear),
    ("2", Part::Day),
    ("__2", Part::SpaceYearDay),
    ("_2", Part::SpaceDay),
    ("3", Part::Hour12),
    ("4", Part::Minute),
    ("5", Part::Second),
    ("PM", Part::UpperHalf),
    ("pm", Part::LowerHalf),
    ("-070000", Part::Offset { z: false, colons: false, numbers: 3 }),
    ("-07:00:00", Part::Offset { z: false, colons: true, numbers: 3 }),
    ("-0700", Part::Offset { z: false, colons: false, numbers: 2 }),
    ("-07:00", Part::Offset { z: false, colons: true, numbers: 2 }),
    ("-07", Part::Offset { z: false, colons: false, numbers: 1 }),
    ("Z070000", Part::Offset { z: true, colons: false, numbers: 3 }),
    ("Z07:00:00", Part::Offset { z: true, colons: true, numbers: 3 }),
    ("Z0700", Part::Offset { z: true, colons: false, numbers: 2 }),
    ("Z07:00", Part::Offset { z: true, colons: true, numbers: 2 }),
    ("Z07", Part::Offset { z: true, colons: false, numbers: 1 }),
    ("Jan", Part::Month),
    ("Mon", Part::Weekday),
];

/// The text before the first part of a layout, the part with its text, and what follows.
pub(super) fn next_part(layout: &str) -> Option<(&str, Part, &str, &str)> {
    for (position, _) in layout.char_indices() {
        let here = &layout[position..];
        let found = named(here).or_else(|| fraction(here));
        if let Some((part, length)) = found {
            // `_2006` is an underscore and a year.
            let (position, part, length) =
                if here.starts_with("_2006") { (position + 1, Part::LongYear, 4) } else { (position, part, length) };
            let end = position + length;
            return Some((&layout[..position], part, &layout[position..end], &layout[end..]));
        }
    }
    None
}

fn named(text: &str) -> Option<(Part, usize)> {
    let (name, part) = PARTS.iter().find(|(name, _)| text.starts_with(name))?;
    let short = matches!(part, Part::Month | Part::Weekday);
    let goes_on = text[name.len()..].starts_with(|char: char| char.is_ascii_lowercase());
    if short && goes_on { None } else { Some((*part, name.len())) }
}

/// `.000` or `,999`, not followed by a further digit.
fn fraction(text: &str) -> Option<(Part, usize)> {
    let digits = text.strip_prefix(['.', ','])?;
    let first = digits.chars().next().filter(|char| matches!(char, '0' | '9'))?;
    let count = digits.chars().take_while(|char| *char == first).count();
    let goes_on = digits[count..].starts_with(|char: char| char.is_ascii_digit());
    if goes_on { None } else { Some((Part::Fraction { trimmed: first == '9', digits: count }, count + 1)) }
}

pub(super) fn format(time: &Time, layout: &str) -> String {
    let civil = time.civil();
    let mut out = String::with_capacity(layout.len() + 8);
    let mut rest = layout;
    while let Some((before, part, text, after)) = next_part(rest) {
        out.push_str(before);
        write_part(&mut out, time, &civil, part, text);
        rest = after;
    }
    out.push_str(rest);
    out
}

fn write_part(out: &mut String, time: &Time, civil: &Civil, part: Part, text: &str) {
    let hour12 = if civil.hour.is_multiple_of(12) { 12 } else { civil.hour % 12 };
    let month = MONTHS[civil.month as usize - 1];
    let weekday = DAYS[civil.weekday];
    let written = match part {
        Part::LongMonth => write!(out, "{month}"),
        Part::Month => write!(out, "{}", &month[..3]),
        Part::NumMonth => write!(out, "{}", civil.month),
        Part::ZeroMonth => write!(out, "{:02}", civil.month),
        Part::LongWeekday => write!(out, "{weekday}"),
        Part::Weekday => write!(out, "{}", &weekday[..3]),
        Part::Day => write!(out, "{}", civil.day),
        Part::SpaceDay => write!(out, "{:2}", civil.day),
        Part::ZeroDay => write!(out, "{:02}", civil.day),
        Part::SpaceYearDay => write!(out, "{:3}", civil.year_day),
        Part::ZeroYearDay => write!(out, "{:03}", civil.year_day),
        Part::Hour => write!(out, "{:02}", civil.hour),
        Part::Hour12 => write!(out, "{hour12}"),
        Part::ZeroHour12 => write!(out, "{hour12:02}"),
        Part::Minute => write!(out, "{}", civil.minute),
        Part::ZeroMinute => write!(out, "{:02}", civil.minute),
        Part::Second => write!(out, "{}", civil.second),
        Part::ZeroSecond => write!(out, "{:02}", civil.second),
        Part::LongYear => write!(out, "{:04}", civil.year),
        Part::Year => write!(out, "{:02}", civil.year.rem_euclid(100)),
        Part::UpperHalf => write!(out, "{}", if civil.hour < 12 { "AM" } else { "PM" }),
        Part::LowerHalf => write!(out, "{}", if civil.hour < 12 { "am" } else { "pm" }),
        Part::Zone if time.zone.is_empty() => write!(out, "{}", offset(time.offset, false, 2)),
        Part::Zone => write!(out, "{}", time.zone),
        Part::Offset { z: true, .. } if time.offset == 0 => write!(out, "Z"),
        Part::Offset { colons, numbers, .. } => write!(out, "{}", offset(time.offset, colons, numbers)),
        Part::Fraction { trimmed, digits } => write!(out, "{}", shown_fraction(time.nanos, trimmed, digits, text)),
    };
    written.expect("writing to a string never fails");
}

/// `+02:00`.
fn offset(seconds: i32, colons: bool, numbers: u8) -> String {
    let sign = if seconds < 0 { '-' } else { '+' };
    let total = seconds.unsigned_abs();
    let parts = [total / 3600, total / 60 % 60, total % 60].map(|part| format!("{part:02}"));
    format!("{sign}{}", parts[..usize::from(numbers)].join(if colons { ":" } else { "" }))
}

fn shown_fraction(nanos: u32, trimmed: bool, digits: usize, text: &str) -> String {
    let all = format!("{nanos:09}");
    let shown = &all[..digits.min(9)];
    let shown = if trimmed { shown.trim_end_matches('0') } else { shown };
    let point = &text[..1];
    if shown.is_empty() { String::new() } else { format!("{point}{shown}") }
}
