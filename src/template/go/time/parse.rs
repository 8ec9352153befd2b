//! Reading a time by a layout.

use super::layout::{DAYS, MONTHS, Part, next_part};
use super::{Time, days_in, days_to};
use crate::template::print::quote::quote;

/// What has been read so far.
#[derive(Debug, Default)]
struct Read {
    year: i64,
    month: Option<u32>,
    day: Option<u32>,
    year_day: Option<u32>,
    hour: u32,
    minute: u32,
    second: u32,
    nanos: u32,
    afternoon: Option<bool>,
    offset: Option<i32>,
    zone: Option<String>,
}

/// Why a part did not fit.
enum Wrong {
    /// It is not there.
    Syntax,
    /// Its number is too large; the word for it.
    Range(&'static str),
}

/// `time.Parse`, which takes UTC where the layout has no zone.
///
/// # Errors
/// Go's message.
pub fn parse(layout: &str, text: &str) -> Result<Time, String> {
    let quoted = |text: &str| quote(text.as_bytes());
    let failed = |rest: &str, part: &str| {
        let (text, layout, rest, part) = (quoted(text), quoted(layout), quoted(rest), quoted(part));
        format!("parsing time {text} as {layout}: cannot parse {rest} as {part}")
    };
    let out_of_range = |what: &str| format!("parsing time {}: {what} out of range", quoted(text));
    let mut read = Read::default();
    let (mut rest, mut pattern) = (text, layout);
    loop {
        let next = next_part(pattern);
        let before = next.map_or(pattern, |(before, ..)| before);
        rest = skip(rest, before).ok_or_else(|| failed(rest, before))?;
        let Some((_, part, part_text, after)) = next else { break };
        let held = rest;
        match read.part(part, &mut rest, after) {
            Ok(()) => {}
            Err(Wrong::Syntax) => return Err(failed(held, part_text)),
            Err(Wrong::Range(what)) => return Err(out_of_range(what)),
        }
        pattern = after;
    }
    if !rest.is_empty() {
        return Err(format!("parsing time {}: extra text: {}", quoted(text), quoted(rest)));
    }
    read.finish().map_err(out_of_range)
}

/// Takes the text between parts off; a run of spaces may be longer or shorter.
fn skip<'t>(mut text: &'t str, mut prefix: &str) -> Option<&'t str> {
    while let Some(char) = prefix.chars().next() {
        if char == ' ' {
            if !text.is_empty() && !text.starts_with(' ') {
                return None;
            }
            prefix = prefix.trim_start_matches(' ');
            text = text.trim_start_matches(' ');
        } else {
            text = text.strip_prefix(char)?;
            prefix = &prefix[char.len_utf8()..];
        }
    }
    Some(text)
}

/// A number of `least` to `most` digits.
fn number(rest: &mut &str, least: usize, most: usize) -> Result<u32, Wrong> {
    let digits = rest.bytes().take(most).take_while(u8::is_ascii_digit).count();
    if digits < least {
        return Err(Wrong::Syntax);
    }
    let (taken, left) = rest.split_at(digits);
    *rest = left;
    taken.parse().map_err(|_| Wrong::Syntax)
}

fn below(number: u32, bound: u32, what: &'static str) -> Result<u32, Wrong> {
    if number < bound { Ok(number) } else { Err(Wrong::Range(what)) }
}

/// The index of the name, whole or its first three letters, that the text begins with.
fn name(rest: &mut &str, names: &[&str], whole: bool) -> Result<u32, Wrong> {
    for (index, name) in names.iter().enumerate() {
        let name = if whole { name } else { &name[..3] };
        let fits = rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
        if fits {
            *rest = &rest[name.len()..];
            return u32::try_from(index).map_err(|_| Wrong::Syntax);
        }
    }
    Err(Wrong::Syntax)
}

impl Read {
    fn part(&mut self, part: Part, rest: &mut &str, after: &str) -> Result<(), Wrong> {
        match part {
            Part::LongYear => self.year = i64::from(number(rest, 4, 4)?),
            Part::Year => {
                let year = i64::from(number(rest, 2, 2)?);
                self.year = if year >= 69 { year + 1900 } else { year + 2000 };
            }
            Part::LongMonth => self.month = Some(name(rest, &MONTHS, true)? + 1),
            Part::Month => self.month = Some(name(rest, &MONTHS, false)? + 1),
            Part::NumMonth => self.month = Some(month(number(rest, 1, 2)?)?),
            Part::ZeroMonth => self.month = Some(month(number(rest, 2, 2)?)?),
            Part::LongWeekday => _ = name(rest, &DAYS, true)?,
            Part::Weekday => _ = name(rest, &DAYS, false)?,
            Part::Day => self.day = Some(number(rest, 1, 2)?),
            Part::SpaceDay => {
                *rest = rest.strip_prefix(' ').unwrap_or(rest);
                self.day = Some(number(rest, 1, 2)?);
            }
            Part::ZeroDay => self.day = Some(number(rest, 2, 2)?),
            Part::SpaceYearDay | Part::ZeroYearDay => {
                *rest = rest.trim_start_matches(' ');
                self.year_day = Some(number(rest, 1, 3)?);
            }
            Part::Hour => self.hour = below(number(rest, 1, 2)?, 24, "hour")?,
            Part::Hour12 => self.hour = below(number(rest, 1, 2)?, 13, "hour")?,
            Part::ZeroHour12 => self.hour = below(number(rest, 2, 2)?, 13, "hour")?,
            Part::Minute => self.minute = below(number(rest, 1, 2)?, 60, "minute")?,
            Part::ZeroMinute => self.minute = below(number(rest, 2, 2)?, 60, "minute")?,
            Part::Second => self.seconds(number(rest, 1, 2)?, rest, after)?,
            Part::ZeroSecond => self.seconds(number(rest, 2, 2)?, rest, after)?,
            Part::UpperHalf => self.afternoon = Some(half(rest, ["AM", "PM"])?),
            Part::LowerHalf => self.afternoon = Some(half(rest, ["am", "pm"])?),
            Part::Zone => self.zone = Some(zone(rest)?),
            Part::Offset { z: true, .. } if rest.starts_with('Z') => {
                *rest = &rest[1..];
                self.offset = Some(0);
            }
            Part::Offset { colons, numbers, .. } => self.offset = Some(offset(rest, colons, numbers)?),
            Part::Fraction { trimmed: false, digits } => {
                if fraction_length(rest) != digits + 1 {
                    return Err(Wrong::Syntax);
                }
                self.fraction(rest);
            }
            Part::Fraction { trimmed: true, .. } => self.fraction(rest),
        }
        Ok(())
    }

    /// Seconds, and a fraction even where the layout has none.
    fn seconds(&mut self, seconds: u32, rest: &mut &str, after: &str) -> Result<(), Wrong> {
        self.second = below(seconds, 60, "second")?;
        let laid_out = matches!(next_part(after), Some(("", Part::Fraction { .. }, ..)));
        if !laid_out {
            self.fraction(rest);
        }
        Ok(())
    }

    fn fraction(&mut self, rest: &mut &str) {
        let length = fraction_length(rest);
        if length > 1 {
            let digits: String = rest[1..length].chars().chain("000000000".chars()).take(9).collect();
            self.nanos = digits.parse().unwrap_or(0);
            *rest = &rest[length..];
        }
    }

    /// The time; what is out of range is named.
    fn finish(self) -> Result<Time, &'static str> {
        let hour = match self.afternoon {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let (mut month, mut day) = (self.month.unwrap_or(1), self.day.unwrap_or(1));
        if let Some(year_day) = self.year_day {
            (month, day) = date_in_year(self.year, year_day).ok_or("day-of-year")?;
        }
        if day < 1 || day > days_in(self.year, month) {
            return Err("day");
        }
        let of_day = i64::from(hour * 3600 + self.minute * 60 + self.second);
        let seconds = days_to(self.year, month, day) * 86_400 + of_day;
        let (offset, zone) = match (self.offset, self.zone) {
            (Some(0), _) | (None, None) => (0, "UTC".to_owned()),
            (Some(offset), zone) => (offset, zone.unwrap_or_default()),
            (None, Some(zone)) => (0, zone),
        };
        Ok(Time { seconds: seconds - i64::from(offset), nanos: self.nanos, offset, zone })
    }
}

fn month(number: u32) -> Result<u32, Wrong> {
    if (1..=12).contains(&number) { Ok(number) } else { Err(Wrong::Range("month")) }
}

fn date_in_year(year: i64, year_day: u32) -> Option<(u32, u32)> {
    let mut day = year_day.checked_sub(1)?;
    for month in 1..=12 {
        if day < days_in(year, month) {
            return Some((month, day + 1));
        }
        day -= days_in(year, month);
    }
    None
}

fn fraction_length(text: &str) -> usize {
    if !text.starts_with(['.', ',']) {
        return 0;
    }
    1 + text[1..].bytes().take_while(u8::is_ascii_digit).count()
}

fn half(rest: &mut &str, names: [&str; 2]) -> Result<bool, Wrong> {
    let index = names.iter().position(|name| rest.starts_with(name)).ok_or(Wrong::Syntax)?;
    *rest = &rest[2..];
    Ok(index == 1)
}

/// An abbreviation of three to five capitals.
fn zone(rest: &mut &str) -> Result<String, Wrong> {
    let length = rest.bytes().take(6).take_while(u8::is_ascii_uppercase).count();
    if !(3..=5).contains(&length) {
        return Err(Wrong::Syntax);
    }
    let (name, left) = rest.split_at(length);
    *rest = left;
    Ok(name.to_owned())
}

fn offset(rest: &mut &str, colons: bool, numbers: u8) -> Result<i32, Wrong> {
    let negative = rest.starts_with('-');
    *rest = rest.strip_prefix(['+', '-']).ok_or(Wrong::Syntax)?;
    let mut seconds = 0;
    let mut unit = 3600;
    for index in 0..numbers {
        if index > 0 && colons {
            *rest = rest.strip_prefix(':').ok_or(Wrong::Syntax)?;
        }
        seconds += i32::try_from(number(rest, 2, 2)?).unwrap_or(0) * unit;
        unit /= 60;
    }
    Ok(if negative { -seconds } else { seconds })
}
