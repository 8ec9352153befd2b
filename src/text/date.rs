//! Calendar days: those that `until` of a suppression names, and those of a package's metadata and of YAML timestamps.

use std::fmt;
use std::str::FromStr;

/// A day of the Gregorian calendar, ordered by time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// The text is no day written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a day of the form `YYYY-MM-DD`")]
pub struct InvalidDate;

impl Date {
    /// The day, where the calendar has it.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        (1..=days_in_month(year, month)).contains(&day).then_some(Self { year, month, day })
    }

    /// The day in UTC of a number of seconds since 1970-01-01; the last one that can be written for times beyond it.
    pub fn from_unix_seconds(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        for year in 1970..=9999 {
            for month in 1..=12 {
                let length = u64::from(days_in_month(year, month));
                if let Ok(day) = u8::try_from(days + 1)
                    && days < length
                {
                    return Self { year, month, day };
                }
                days -= length;
            }
        }
        Self { year: 9999, month: 12, day: 31 }
    }

    /// The days from an earlier day to this one; none where it is a later one.
    pub fn days_since(self, earlier: Self) -> Option<u64> {
        self.number().checked_sub(earlier.number())
    }

    /// Days since the first of January of the year 0.
    fn number(self) -> u64 {
        let year = u64::from(self.year);
        let leaps = year.div_ceil(4) - year.div_ceil(100) + year.div_ceil(400);
        let months = (1..self.month).map(|month| u64::from(days_in_month(self.year, month)));
        year * 365 + leaps + months.sum::<u64>() + u64::from(self.day) - 1
    }
}

fn days_in_month(year: u16, month: u8) -> u8 {
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 => 28 + u8::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    }
}

impl FromStr for Date {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let is_shaped = text.len() == 10
            && text.bytes().enumerate().all(|(index, byte)| match index {
                4 | 7 => byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_shaped {
            return Err(InvalidDate);
        }
        let year = text[..4].parse().map_err(|_| InvalidDate)?;
        let month = text[5..7].parse().map_err(|_| InvalidDate)?;
        let day = text[8..].parse().map_err(|_| InvalidDate)?;
        Self::new(year, month, day).ok_or(InvalidDate)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::Date;

    #[test]
    fn only_days_of_the_calendar_are_dates() {
        for text in ["2027-01-31", "2028-02-29", "2000-02-29"] {
            assert_eq!(text.parse::<Date>().map(|date| date.to_string()), Ok(text.to_owned()));
        }
        for text in ["2027-02-29", "1900-02-29", "2027-13-01", "2027-00-10", "2027-1-31", "27-01-31", "", "2027-01-3é"]
        {
            assert!(text.parse::<Date>().is_err(), "{text}");
        }
    }

    #[test]
    fn seconds_since_1970_name_the_day_in_utc() {
        let day = |seconds| Date::from_unix_seconds(seconds).to_string();
        assert_eq!(day(0), "1970-01-01");
        assert_eq!(day(86_399), "1970-01-01");
        assert_eq!(day(951_782_400), "2000-02-29");
        assert_eq!(day(1_767_225_600), "2026-01-01");
        assert_eq!(day(u64::MAX), "9999-12-31");
    }
}
