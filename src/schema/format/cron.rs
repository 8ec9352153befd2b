//! Schedules of CronJobs, as the parser that Kubernetes uses (`robfig/cron`) reads them.

const NAMED: [&str; 7] = ["@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly"];
const MONTHS: [&str; 12] = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const DAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// The numbers that a field may hold, and the names that stand for them.
struct Field {
    least: u32,
    most: u32,
    names: &'static [&'static str],
}

const FIELDS: [Field; 5] = [
    Field { least: 0, most: 59, names: &[] },
    Field { least: 0, most: 23, names: &[] },
    Field { least: 1, most: 31, names: &[] },
    Field { least: 1, most: 12, names: &MONTHS },
    Field { least: 0, most: 6, names: &DAYS },
];

/// Whether a text is a schedule.
pub(super) fn is_schedule(text: &str) -> bool {
    if text.starts_with('@') {
        return NAMED.contains(&text) || text.strip_prefix("@every ").is_some_and(is_duration);
    }
    // A time zone before the fields is refused elsewhere, and older versions took it.
    let is_zone = |word: &&str| word.starts_with("TZ=") || word.starts_with("CRON_TZ=");
    let words: Vec<&str> = text.split_whitespace().skip_while(is_zone).collect();
    words.len() == FIELDS.len()
        && words.iter().zip(&FIELDS).all(|(word, field)| word.split(',').all(|part| field.has(part)))
}

/// Whether Go's `time.ParseDuration` takes a text.
fn is_duration(text: &str) -> bool {
    const UNITS: [&str; 8] = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"];
    let mut rest = text.strip_prefix(['+', '-']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    loop {
        let digits = rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.');
        let number = &rest[..rest.len() - digits.len()];
        let unit = UNITS.iter().filter_map(|unit| digits.strip_prefix(unit)).min_by_key(|rest| rest.len());
        let Some(after) = unit.filter(|_| number.parse::<f64>().is_ok()) else { return false };
        if after.is_empty() {
            return true;
        }
        rest = after;
    }
}

impl Field {
    fn has(&self, part: &str) -> bool {
        let (range, step) = part.split_once('/').map_or((part, None), |(range, step)| (range, Some(step)));
        let is_step = step.is_none_or(|step| step.parse::<u32>().is_ok_and(|step| step > 0));
        is_step && (matches!(range, "*" | "?") || self.has_range(range))
    }

    fn has_range(&self, range: &str) -> bool {
        let (first, last) = range.split_once('-').unwrap_or((range, range));
        let ends = self.number(first).zip(self.number(last));
        ends.is_some_and(|(first, last)| self.least <= first && first <= last && last <= self.most)
    }

    fn number(&self, text: &str) -> Option<u32> {
        let lower = text.to_lowercase();
        let position = self.names.iter().position(|name| *name == lower);
        position
            .and_then(|position| u32::try_from(position).ok())
            .map(|at| at + self.least)
            .or_else(|| text.parse().ok())
    }
}
