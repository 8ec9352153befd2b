//! How long a server wants to be left alone (RFC 9110, `Retry-After`).

use std::time::Duration;

use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

/// Names of months in HTTP dates.
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The rest that a server asks for. A date counts from the server's own.
pub(super) fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let (now, then) = (headers.get(DATE)?.to_str().ok()?, text);
    let rest = date(then)?.saturating_sub(date(now)?);
    Some(Duration::from_secs(rest.max(0).unsigned_abs()))
}

/// Seconds since 1970 of a date such as `Sun, 06 Nov 1994 08:49:37 GMT`, the only form that is sent today.
fn date(text: &str) -> Option<i64> {
    let (_, rest) = text.trim().split_once(", ")?;
    let parts: Vec<&str> = rest.split(' ').collect();
    let [day, month, year, time, "GMT"] = parts[..] else { return None };
    let month = 1 + i64::try_from(MONTHS.iter().position(|name| *name == month)?).ok()?;
    let (day, year): (i64, i64) = (day.parse().ok()?, year.parse().ok()?);
    let clock: Vec<i64> = time.split(':').map(str::parse).collect::<Result<_, _>>().ok()?;
    let [hours, minutes, seconds] = clock[..] else { return None };
    let ranges = [(day, 31), (hours, 23), (minutes, 59), (seconds, 60), (year, 9999)];
    let is_date = ranges.iter().all(|(number, most)| (0..=*most).contains(number));
    is_date.then(|| days(year, month, day) * 86_400 + hours * 3_600 + minutes * 60 + seconds)
}

/// Days since 1970; years count from March, so that a leap day ends one.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rest(after: &'static str, date: &'static str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(RETRY_AFTER, after.parse().expect("a header"));
        headers.insert(DATE, date.parse().expect("a header"));
        asked(&headers)
    }

    #[test]
    fn a_server_asks_for_rest_in_seconds_or_until_a_date() {
        let now = "Sun, 06 Nov 1994 08:49:37 GMT";
        assert_eq!(date("Thu, 01 Jan 1970 00:00:00 GMT"), Some(0));
        assert_eq!(date(now), Some(784_111_777));
        assert_eq!(date("Thu, 29 Feb 2024 23:59:59 GMT"), Some(1_709_251_199));
        assert_eq!(rest("120", now), Some(Duration::from_secs(120)));
        assert_eq!(rest("Sun, 06 Nov 1994 08:50:07 GMT", now), Some(Duration::from_secs(30)));
        assert_eq!(rest("Sun, 06 Nov 1994 08:00:00 GMT", now), Some(Duration::ZERO));
        assert_eq!(rest("soon", now), None);
        assert_eq!(rest("Sun, 99 Nov 99999 08:00:00 GMT", now), None);
        assert_eq!(rest("-5", now), None);
    }
}
