//! What was found before chartgate was introduced: a file of findings that do not count, until they are gone.
//!
//! A finding is known by its fingerprint, which does not change while lines move. The file is made by `--update-baseline` and is meant to be
//! committed.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::finding::{Finding, Label, Report, Severity, Status, Verdict, verdict};
use crate::text::hex;
use crate::text::{Location, SourceId, Sources, Span};

const VERSION: u32 = 1;
/// The rule that speaks of suppressions that suppress nothing.
pub const UNUSED: &str = "suppression-unused";

/// The rule that speaks of a policy that asks less.
pub const LOOSENED: &str = "policy-loosened";

/// A baseline file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline {
    entries: Vec<Entry>,
}

/// A finding that was there before. All but the fingerprint is for those who read the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The chart's path in reports.
    pub chart: Option<String>,
    /// The file, as reports name it.
    pub path: String,
    /// The rule's id.
    pub rule: String,
    /// The profile.
    pub profile: Option<String>,
    /// What was said.
    pub message: String,
    /// As in [`Finding`].
    pub fingerprint: String,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Wire {
    schema_version: u32,
    findings: Vec<Entry>,
}

/// Why a text is no baseline.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not JSON, or JSON of another shape.
    #[error("it is no baseline: {0}")]
    Malformed(String),
    /// Written by another version of chartgate.
    #[error("it has the schema version {found}, this chartgate reads {VERSION}")]
    OtherVersion {
        /// The version in the file.
        found: u64,
    },
}

/// What became of a baseline in a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Applied {
    /// Findings that it covered.
    pub known: usize,
    /// Entries that nothing was found for.
    pub gone: Vec<Entry>,
}

impl Entry {
    /// What a rule says of it, at its fingerprint in a text.
    fn finding(
        &self,
        (rule, severity): (&str, Severity),
        message: String,
        help: &str,
        (source, places): (SourceId, &Places<'_>),
    ) -> Finding {
        let start = places.0.get(self.fingerprint.as_str()).copied().unwrap_or(0);
        let at = Location::new(source, Span::new(start, start + self.fingerprint.len() + 2));
        Finding {
            rule: rule.to_owned(),
            severity,
            message,
            chart: None,
            profile: None,
            primary: Label::new(at, ""),
            related: vec![],
            help: Some(help.to_owned()),
            fix: None,
            status: Status::Open,
            fingerprint: hex(&Sha256::digest(format!("{rule}\0{}", self.fingerprint))[..8]),
        }
    }
}

/// Where each text without escapes stands first in a baseline, with its quotes.
struct Places<'a>(HashMap<&'a str, usize>);

impl<'a> Places<'a> {
    fn of(text: &'a str) -> Self {
        let mut places = HashMap::new();
        let mut from = 0;
        while let Some(start) = text[from..].find('"').map(|at| from + at) {
            let inner = &text[start + 1..];
            let mut is_escaped = false;
            let end = inner.find(|letter| match letter {
                _ if std::mem::take(&mut is_escaped) => false,
                '\\' => {
                    is_escaped = true;
                    false
                }
                letter => letter == '"',
            });
            let Some(end) = end else { break };
            places.entry(&inner[..end]).or_insert(start);
            from = start + end + 2;
        }
        Self(places)
    }
}

impl Baseline {
    /// Reads a file.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(text: &str) -> Result<Self, Error> {
        let value: serde_json::Value =
            serde_json::from_str(text).map_err(|error| Error::Malformed(error.to_string()))?;
        match value.get("schemaVersion").and_then(serde_json::Value::as_u64) {
            None => return Err(Error::Malformed("it lacks `schemaVersion`".to_owned())),
            Some(found) if found != u64::from(VERSION) => return Err(Error::OtherVersion { found }),
            Some(_) => {}
        }
        let wire: Wire = serde_json::from_value(value).map_err(|error| Error::Malformed(error.to_string()))?;
        Ok(Self { entries: wire.findings })
    }

    /// Findings about entries that nothing was found for; `source` is the file's text.
    pub fn unused(gone: &[Entry], level: Severity, source: SourceId, sources: &Sources) -> Vec<Finding> {
        let text = &sources.get(source).text;
        let places = Places::of(text);
        let finding = |entry: &Entry| {
            let Entry { rule, path, .. } = entry;
            let message = format!("the baseline lists `{rule}` in `{path}`, where it is not found any more");
            let help = "run `chartgate check` with `--update-baseline`";
            entry.finding((UNUSED, level), message, help, (source, &places))
        };
        gone.iter().map(finding).collect()
    }

    /// The entries that another one has not.
    pub fn beyond(&self, other: &Self) -> Vec<Entry> {
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for entry in &other.entries {
            *known.entry(&entry.fingerprint).or_default() += 1;
        }
        let mut added = vec![];
        for entry in &self.entries {
            match known.get_mut(entry.fingerprint.as_str()).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => added.push(entry.clone()),
            }
        }
        added
    }

    /// The finding about entries that a change adds; `source` is the file's text.
    ///
    /// # Panics
    /// Where there are none.
    pub fn grown(added: &[Entry], level: Severity, source: SourceId, sources: &Sources) -> Finding {
        let first = added.first().expect("a baseline grows by an entry");
        let Entry { rule, path, .. } = first;
        let more = match added.len() {
            1 => String::new(),
            count => format!(", and {} more", count - 1),
        };
        let message = format!("the change adds `{rule}` in `{path}` to the baseline{more}");
        let help = "mend what was found, or have the owner of the policy agree to it";
        first.finding((LOOSENED, level), message, help, (source, &Places::of(&sources.get(source).text)))
    }

    /// The baseline of everything that counts in a report.
    pub fn of(report: &Report, sources: &Sources) -> Self {
        let counts = |finding: &&Finding| matches!(finding.status, Status::Open | Status::Baseline);
        let entry = |finding: &Finding| Entry {
            chart: finding.chart.clone(),
            path: sources.path(finding.primary.location),
            rule: finding.rule.clone(),
            profile: finding.profile.clone(),
            message: finding.message.clone(),
            fingerprint: finding.fingerprint.clone(),
        };
        let mut entries: Vec<_> = report.findings.iter().filter(counts).map(entry).collect();
        entries.sort();
        Self { entries }
    }

    /// It with further entries.
    #[must_use]
    pub fn with(mut self, entries: Vec<Entry>) -> Self {
        self.entries.extend(entries);
        self.entries.sort();
        self
    }

    /// The file's text.
    ///
    /// # Panics
    /// Never: plain data is JSON.
    pub fn text(&self) -> String {
        let wire = Wire { schema_version: VERSION, findings: self.entries.clone() };
        serde_json::to_string_pretty(&wire).expect("plain data is JSON") + "\n"
    }

    /// How many findings it has.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether it has none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Marks what the report finds again, each entry for one finding of the rule that it names, and judges anew.
    pub fn apply(&self, report: &mut Report) -> Applied {
        let mut left: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
        for entry in self.entries.iter().rev() {
            left.entry(&entry.fingerprint).or_default().push(entry);
        }
        let mut known = 0;
        for finding in report.findings.iter_mut().filter(|finding| finding.status == Status::Open) {
            let entries = left.get_mut(finding.fingerprint.as_str());
            let at = |entries: &Vec<&Entry>| entries.iter().rposition(|entry| entry.rule == finding.rule);
            if let Some((entries, at)) = entries.and_then(|entries| at(entries).map(|at| (entries, at))) {
                entries.remove(at);
                finding.status = Status::Baseline;
                known += 1;
            }
        }
        judge(report);
        let mut gone: Vec<_> = left.into_values().flatten().cloned().collect();
        gone.sort();
        Applied { known, gone }
    }
}

/// The verdicts of a report whose findings have changed.
pub fn judge(report: &mut Report) {
    let Report { charts, findings, failures, .. } = report;
    let mut own: HashMap<Option<&str>, Vec<&Finding>> = HashMap::new();
    for finding in &*findings {
        own.entry(finding.chart.as_deref()).or_default().push(finding);
    }
    let failed: HashSet<Option<&str>> = failures.iter().map(|failure| failure.chart.as_deref()).collect();
    let none = vec![];
    for chart in charts.iter_mut() {
        let has_failures = failed.contains(&None) || failed.contains(&Some(chart.path.as_str()));
        chart.verdict =
            verdict(own.get(&Some(chart.path.as_str())).unwrap_or(&none).iter().copied(), has_failures, chart.fail_on);
    }
    let of_others = verdict(own.get(&None).unwrap_or(&none).iter().copied(), false, report.fail_on);
    let of_charts = charts.iter().map(|chart| chart.verdict).max().unwrap_or(Verdict::Pass).max(of_others);
    report.verdict = if failures.is_empty() { of_charts } else { of_charts.max(Verdict::Undecided) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_of_a_baseline_are_found_where_they_stand_first() {
        let text = r#"{"a": "b\"c", "d": "a", "\\": "e"#;
        let places = Places::of(text).0;
        let at = |inner: &str| places.get(inner).copied();
        assert_eq!([at("a"), at(r#"b\"c"#), at("d"), at(r"\\")], [Some(1), Some(6), Some(14), Some(24)]);
        assert_eq!(at("e"), None, "it does not end");
    }
}
