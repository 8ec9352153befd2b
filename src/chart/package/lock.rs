//! Chart.lock as Helm writes it (`Lock` in `pkg/chart/v2/dependency.go`).

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Map, Value};

use super::written::{complete, read, text};
use crate::chart::shape::LOCK;
use crate::chart::{Chart, Problem, ProblemKind, YamlFile};
use crate::text::{Address, Source, Sources};
use crate::yaml::{Document, Node};

/// The files that Helm reads as a lock.
pub(super) const NAMES: [&str; 2] = ["Chart.lock", "requirements.lock"];

/// Go's zero time, which stands where the file has none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";

static TIME: LazyLock<Regex> = LazyLock::new(|| {
    let pattern = r"^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$";
    Regex::new(pattern).expect("a valid pattern")
});

/// A lock that Helm cannot read.
#[derive(Debug)]
pub(super) struct Unreadable;

/// A lock's text from its bytes; none where it is empty, and Helm writes none.
pub(super) fn written(data: &[u8]) -> Result<Option<String>, Unreadable> {
    let content = std::str::from_utf8(data).map_err(|_| Unreadable)?;
    let source = Sources::new().add(Source::new("", Address::Rendered, content));
    let documents = Document::parse_all(source, content).map_err(|_| Unreadable)?;
    let Some(root) = documents.first().map(|document| &document.root).filter(|root| !root.is_null()) else {
        return Ok(None);
    };
    root.as_map().ok_or(Unreadable)?;
    let mut fields = read(&LOCK, root);
    fields.insert("generated".into(), generated(root).ok_or(Unreadable)?.into());
    fields.entry("digest").or_insert_with(|| "".into());
    let dependencies = fields.entry("dependencies").or_insert(Value::Null);
    dependencies.as_array_mut().into_iter().flatten().for_each(complete);
    text(&Value::Object(fields)).map(Some).ok_or(Unreadable)
}

/// The dependencies of a chart's lock as Helm has read them, each with its fields that are not empty; null where there is no such list.
pub fn locked(chart: &Chart) -> Value {
    let root = chart.lock.as_ref().and_then(|file| file.root());
    let mut list = root.and_then(|root| read(&LOCK, root).remove("dependencies")).unwrap_or_default();
    list.as_array_mut().into_iter().flatten().for_each(complete);
    list
}

/// The text of a lock over dependencies, each with `name`, `repository` and `version`.
pub fn lock_text(dependencies: Value, digest: &str, generated: &str) -> Option<String> {
    let mut fields = Map::new();
    fields.insert("dependencies".into(), dependencies);
    fields.insert("digest".into(), digest.into());
    fields.insert("generated".into(), generated.into());
    text(&Value::Object(fields))
}

/// What is wrong with the time of a lock, for which Helm refuses the chart.
pub fn lock_fault(file: &YamlFile) -> Option<Problem> {
    let root = file.root().filter(|root| root.as_map().is_some() && generated(root).is_none())?;
    Some(Problem {
        kind: ProblemKind::YamlInvalid,
        location: root.get("generated").map_or(root.location, |node| node.location),
        subject: format!("{}#generated", file.path),
        related: None,
        message: format!("`generated` of `{}` is not a time", file.path),
        help: Some("run `helm dependency update`, which writes the file anew".into()),
        fix: None,
    })
}

fn generated(root: &Node) -> Option<String> {
    match root.get("generated").filter(|node| !node.is_null()) {
        None => Some(NO_TIME.to_owned()),
        Some(node) => node.as_str().and_then(time),
    }
}

/// A time as Go prints it after reading it (RFC 3339): no zeros at the end of a fraction, `Z` for no offset.
fn time(text: &str) -> Option<String> {
    let parts = TIME.captures(text)?;
    let number = |index: usize| parts[index].parse::<u32>().ok();
    let (year, month, day) = (number(1)?, number(2)?, number(3)?);
    let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u32::from(is_leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let fraction = parts.get(5).map_or("", |fraction| fraction.as_str());
    let fraction =
        fraction.get(..fraction.len().min(10)).unwrap_or_default().trim_end_matches('0').trim_end_matches('.');
    let zone = if matches!(&parts[6], "+00:00" | "-00:00") { "Z" } else { &parts[6] };
    (day <= days).then(|| format!("{}{fraction}{zone}", &text[..19]))
}

#[cfg(test)]
mod tests {
    use super::time;

    #[test]
    fn times_are_printed_as_go_prints_them() {
        for (text, printed) in [
            ("2020-11-23T10:12:00Z", "2020-11-23T10:12:00Z"),
            ("2020-11-23T10:12:00.500000Z", "2020-11-23T10:12:00.5Z"),
            ("2020-11-23T10:12:00.000+02:00", "2020-11-23T10:12:00+02:00"),
            ("2020-02-29T23:59:59.1234567891-00:00", "2020-02-29T23:59:59.123456789Z"),
        ] {
            assert_eq!(time(text).as_deref(), Some(printed));
        }
        for text in ["", "2020-11-23", "2021-02-29T00:00:00Z", "2020-11-23T24:00:00Z", "2020-11-23 10:12:00Z"] {
            assert_eq!(time(text), None, "{text}");
        }
    }
}
