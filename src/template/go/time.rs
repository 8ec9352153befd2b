//! Points in time as Go's `time.Time` has them, without a clock.

mod layout;
mod parse;
mod zone;

pub use parse::parse;

/// A point in time and the zone it is shown in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Time {
    /// Seconds since 1970, UTC.
    pub seconds: i64,
    /// Nanoseconds on top.
    pub nanos: u32,
    /// Seconds east of UTC.
    pub offset: i32,
    /// The zone's abbreviation, empty where only the offset is known.
    pub zone: String,
}

/// A date and a time of day in some zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Civil {
    /// The year.
    pub year: i64,
    /// 1 to 12.
    pub month: u32,
    /// 1 to 31.
    pub day: u32,
    /// 0 to 23.
    pub hour: u32,
    /// 0 to 59.
    pub minute: u32,
    /// 0 to 59.
    pub second: u32,
    /// 0 is Sunday.
    pub weekday: usize,
    /// 1 to 366.
    pub year_day: u32,
}

const DAY: i64 = 86_400;
/// Seconds from year 1, Go's zero time, to 1970.
const ZERO: i64 = -62_135_596_800;

impl Time {
    /// A point in time in UTC.
    pub fn utc(seconds: i64, nanos: u32) -> Self {
        Self { seconds, nanos, offset: 0, zone: "UTC".to_owned() }
    }

    /// A point in time in UTC from nanoseconds since 1970.
    pub fn from_nanos(nanos: i64) -> Self {
        let rest = u32::try_from(nanos.rem_euclid(1_000_000_000)).expect("a rest is below a billion");
        Self::utc(nanos.div_euclid(1_000_000_000), rest)
    }

    /// Go's zero value: the first of January of year 1.
    pub fn zero() -> Self {
        Self::utc(ZERO, 0)
    }

    /// Whether this is Go's zero value.
    pub fn is_zero(&self) -> bool {
        self.seconds == ZERO && self.nanos == 0
    }

    /// The same moment in UTC.
    pub fn in_utc(&self) -> Self {
        Self::utc(self.seconds, self.nanos)
    }

    /// A duration later.
    pub fn plus(&self, nanoseconds: i64) -> Self {
        let total = i64::from(self.nanos) + nanoseconds.rem_euclid(1_000_000_000);
        let seconds =
            self.seconds.saturating_add(nanoseconds.div_euclid(1_000_000_000)).saturating_add(total / 1_000_000_000);
        let nanos = u32::try_from(total % 1_000_000_000).expect("a rest is below a billion");
        Self { seconds, nanos, ..self.clone() }
    }

    /// Nanoseconds since `earlier`, at most what a duration holds.
    pub fn since(&self, earlier: &Self) -> i64 {
        let seconds = i128::from(self.seconds) - i128::from(earlier.seconds);
        let nanos = seconds * 1_000_000_000 + i128::from(self.nanos) - i128::from(earlier.nanos);
        i64::try_from(nanos).unwrap_or(if nanos < 0 { i64::MIN } else { i64::MAX })
    }

    /// Date and time of day in the time's zone.
    pub fn civil(&self) -> Civil {
        let local = self.seconds.saturating_add(i64::from(self.offset));
        let (days, of_day) = (local.div_euclid(DAY), local.rem_euclid(DAY));
        let (year, month, day) = date_of(days);
        let small = |number: i64| u32::try_from(number).expect("a part of a day is small");
        Civil {
            year,
            month,
            day,
            hour: small(of_day / 3600),
            minute: small(of_day / 60 % 60),
            second: small(of_day % 60),
            weekday: usize::try_from((days + 4).rem_euclid(7)).expect("a weekday is small"),
            year_day: small(days - days_to(year, 1, 1) + 1),
        }
    }

    /// `Time.Format`.
    pub fn format(&self, layout: &str) -> String {
        layout::format(self, layout)
    }

    /// `Time.String`.
    pub fn show(&self) -> String {
        self.format("2006-01-02 15:04:05.999999999 -0700 MST")
    }
}

/// Days since 1970 of a date (Howard Hinnant's algorithm for the proleptic Gregorian calendar).
pub fn days_to(year: i64, month: u32, day: u32) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let from_march = i64::from((month + 9) % 12);
    let of_year = (153 * from_march + 2) / 5 + i64::from(day) - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a number of days since 1970.
fn date_of(days: i64) -> (i64, u32, u32) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let small = |number: i64| u32::try_from(number).expect("months and days are small");
    (era * 400 + year + i64::from(month <= 2), small(month), small(day))
}

/// Days of a month.
pub fn days_in(year: i64, month: u32) -> u32 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOMENT: i64 = 1_136_239_445;

    #[test]
    fn layouts_print_the_parts_they_show() {
        let time = Time::utc(MOMENT, 123_456_000);
        let cases = [
            ("2006-01-02T15:04:05Z07:00", "2006-01-02T22:04:05Z"),
            ("Mon Jan _2 15:04:05 MST 2006", "Mon Jan  2 22:04:05 UTC 2006"),
            ("Monday, January 2, 06 3:4:5PM", "Monday, January 2, 06 10:4:5PM"),
            ("15h.000 .999999999 ,00 -0700 -07:00 Z0700", "22h.123 .123456 ,12 +0000 +00:00 Z"),
            ("002 __2 20060102", "002   2 20060102"),
            ("Januar Jant", "Januar Jant"),
        ];
        for (layout, shown) in cases {
            assert_eq!(time.format(layout), shown, "{layout}");
        }
        assert_eq!(Time::zero().show(), "0001-01-01 00:00:00 +0000 UTC");
    }

    #[test]
    fn texts_are_read_by_their_layout() {
        let read = |layout: &str, text: &str| parse(layout, text).map(|time| time.show());
        assert_eq!(read("2006-01-02", "2024-02-29").as_deref(), Ok("2024-02-29 00:00:00 +0000 UTC"));
        assert_eq!(
            read("2006-01-02T15:04:05Z07:00", "2024-02-29T01:02:03.5+02:00").as_deref(),
            Ok("2024-02-29 01:02:03.5 +0200 +0200")
        );
        assert_eq!(read("2006-01-02", "2023-02-29").unwrap_err(), "parsing time \"2023-02-29\": day out of range");
        assert_eq!(
            read("2006-01-02", "x").unwrap_err(),
            "parsing time \"x\" as \"2006-01-02\": cannot parse \"x\" as \"2006\""
        );
    }
}
