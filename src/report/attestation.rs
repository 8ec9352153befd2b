//! The verdict as an in-toto statement with SLSA's verification summary as its predicate (`docs/verdict-file.md`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::finding::{ChartReport, ComparedWith, Report, Skipped, Verdict};
use crate::gate::{Evidence, Identity};
use crate::text::Date;

mod unique;

use unique::Unique;

/// <https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md>
const STATEMENT: &str = "https://in-toto.io/Statement/v1";
/// <https://slsa.dev/spec/v1.0/verification_summary>
const PREDICATE: &str = "https://slsa.dev/verification_summary/v1";
const VERIFIER: &str = "https://github.com/chartgate/chartgate";
/// The digest over a folder (`spec/v1/digest_set.md`).
const CONTENT: &str = "dirHash";
const PASSED: &str = "PASSED";
const FAILED: &str = "FAILED";

/// A statement on charts that were judged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    #[serde(rename = "_type")]
    kind: String,
    subject: Vec<Subject>,
    #[serde(rename = "predicateType")]
    predicate_type: String,
    predicate: Predicate,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Subject {
    #[serde(default)]
    name: String,
    digest: BTreeMap<String, String>,
    #[serde(default)]
    annotations: BTreeMap<String, serde_json::Value>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Predicate {
    verifier: Verifier,
    #[serde(skip_serializing_if = "Option::is_none")]
    time_verified: Option<String>,
    resource_uri: String,
    policy: Policy,
    verification_result: String,
    #[serde(default)]
    compared: Compared,
    #[serde(default)]
    skipped: Vec<Unapplied>,
    #[serde(default)]
    verified_levels: Vec<String>,
    #[serde(default)]
    slsa_version: String,
}

/// What the charts were compared with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Compared {
    /// Everybody who was asked.
    asked: Vec<String>,
    /// What they answered, chart by chart.
    answers: Vec<Answer>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Answer {
    path: String,
    place: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    state: String,
}

/// A rule that did not apply.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Unapplied {
    rule: String,
    reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Verifier {
    id: String,
    #[serde(default)]
    version: BTreeMap<String, String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Policy {
    digest: BTreeMap<String, String>,
}

/// Why a text is no statement of a verdict.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Not JSON, or JSON of another shape.
    #[error("it is no in-toto statement: {0}")]
    Malformed(String),
    /// A statement about something else.
    #[error("it is a statement of type `{0}`, not a verification summary")]
    OtherType(String),
}

/// Why a chart may not go out on the strength of a statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The verdict was another.
    #[error("the verdict on it was not pass")]
    NotPassed,
    /// The chart is not what was judged.
    #[error("`{name}` is not what was judged: its content has the digest `{found}`, not `{judged}`")]
    Content {
        /// The chart.
        name: String,
        /// Its digest now.
        found: String,
        /// The digest in the statement.
        judged: String,
    },
    /// The statement is about other charts.
    #[error("nothing is said of `{name}`")]
    Unknown {
        /// The chart.
        name: String,
    },
    /// Judged by another policy.
    #[error("it was judged by other rules: configuration, rules or options have changed since")]
    Policy,
    /// Judged without asking registries, where they are asked now.
    #[error("it was judged with `--offline`: judge it again without, or accept that by `verify --offline`")]
    Offline,
    /// Judged with registries, where none is asked now.
    #[error("it was judged with registries asked: verify it without `--offline`")]
    Online,
    /// Nobody asked a place that would be asked now.
    #[error("it was judged without asking {place} what the chart was before")]
    Unasked {
        /// The place in words.
        place: String,
    },
    /// Judged by another version of chartgate.
    #[error("it was judged by chartgate {judged}, this is {found}")]
    Version {
        /// The version in the statement.
        judged: String,
        /// This version.
        found: String,
    },
}

impl Statement {
    /// The statement on a run; `time` (seconds since 1970) is when, where that is known.
    pub fn new(report: &Report, evidence: &Evidence, time: Option<u64>) -> Self {
        let result = if report.verdict == Verdict::Pass { PASSED } else { FAILED };
        let level = if report.verdict == Verdict::Pass { "CHARTGATE_PASSED" } else { FAILED };
        Self {
            kind: STATEMENT.to_owned(),
            subject: evidence.charts.iter().map(subject).collect(),
            predicate_type: PREDICATE.to_owned(),
            predicate: Predicate {
                verifier: Verifier {
                    id: VERIFIER.to_owned(),
                    version: BTreeMap::from([("chartgate".to_owned(), env!("CARGO_PKG_VERSION").to_owned())]),
                },
                time_verified: time.map(timestamp),
                resource_uri: resource(evidence),
                policy: Policy { digest: BTreeMap::from([("sha256".to_owned(), evidence.policy.clone())]) },
                verification_result: result.to_owned(),
                compared: Compared { asked: evidence.asked.clone(), answers: answers(report) },
                skipped: report.skipped.iter().map(unapplied).collect(),
                verified_levels: vec![level.to_owned()],
                slsa_version: "1.0".to_owned(),
            },
        }
    }

    /// Reads a statement.
    ///
    /// # Errors
    /// [`Error`].
    pub fn read(text: &str) -> Result<Self, Error> {
        let malformed = |error: serde_json::Error| Error::Malformed(error.to_string());
        // Of a key that stands twice one reader takes the first value and another the last.
        serde_json::from_str::<Unique>(text).map_err(malformed)?;
        let value: serde_json::Value = serde_json::from_str(text).map_err(malformed)?;
        let kind = |key: &str| value.get(key).and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        if kind("_type") != STATEMENT {
            return Err(Error::Malformed(format!("its `_type` is `{}`", kind("_type"))));
        }
        if kind("predicateType") != PREDICATE {
            return Err(Error::OtherType(kind("predicateType")));
        }
        serde_json::from_value(value).map_err(malformed)
    }

    /// The statement as JSON with a line break at its end.
    pub fn text(&self) -> String {
        serde_json::to_string_pretty(self).expect("plain data is JSON") + "\n"
    }

    /// Everything that keeps charts, as they are now, from going out on the strength of the statement.
    pub fn mismatches(&self, now: &Evidence) -> Vec<Mismatch> {
        let mut found = vec![];
        if self.predicate.verification_result != PASSED {
            found.push(Mismatch::NotPassed);
        }
        found.extend(now.charts.iter().filter_map(|chart| self.mismatch(chart)));
        let is_new = |place: &&String| !self.predicate.compared.asked.contains(place);
        let unasked = now.asked.iter().filter(is_new);
        found.extend(unasked.map(|place| Mismatch::Unasked { place: format!("`{place}`") }));
        let judged = self.predicate.policy.digest.get("sha256");
        if judged == Some(&now.policy_otherwise) {
            found.push(if now.is_offline { Mismatch::Online } else { Mismatch::Offline });
        } else if judged != Some(&now.policy) {
            let judged = self.predicate.verifier.version.get("chartgate").cloned().unwrap_or_default();
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let other = Mismatch::Version { judged: judged.clone(), found: version.clone() };
            found.push(if judged == version { Mismatch::Policy } else { other });
        }
        found
    }

    fn mismatch(&self, chart: &Identity) -> Option<Mismatch> {
        let digest = |subject: &Subject| subject.digest.get(CONTENT).cloned();
        if self.subject.iter().any(|subject| digest(subject).as_ref() == Some(&chart.content)) {
            return None;
        }
        let name = name(chart);
        let judged = self.subject.iter().find(|subject| subject.name == name).and_then(digest);
        Some(match judged {
            Some(judged) => Mismatch::Content { name, found: chart.content.clone(), judged },
            None => Mismatch::Unknown { name },
        })
    }
}

/// What charts were compared with, and what is there.
fn answers(report: &Report) -> Vec<Answer> {
    let of_chart = |chart: &ChartReport| {
        let path = chart.path.clone();
        let answer = move |with: &ComparedWith| Answer {
            path: path.clone(),
            place: with.place.clone(),
            version: with.version.clone(),
            state: with.state.to_string(),
        };
        chart.compared_with.iter().map(answer).collect::<Vec<_>>()
    };
    report.charts.iter().flat_map(of_chart).collect()
}

fn unapplied(skipped: &Skipped) -> Unapplied {
    Unapplied { rule: skipped.rule.clone(), reason: skipped.reason.clone() }
}

fn name(chart: &Identity) -> String {
    chart.name.clone().unwrap_or_else(|| chart.path.clone())
}

fn subject(chart: &Identity) -> Subject {
    let version = chart.version.iter().map(|version| ("version".to_owned(), version.clone().into()));
    Subject {
        name: name(chart),
        digest: BTreeMap::from([(CONTENT.to_owned(), chart.content.clone())]),
        annotations: version.chain([("path".to_owned(), chart.path.clone().into())]).collect(),
    }
}

/// Where the chart goes, else its package URL; of several charts the registry alone.
fn resource(evidence: &Evidence) -> String {
    let registry = evidence.registry.as_deref().map(|registry| registry.trim_end_matches('/'));
    match (evidence.charts.as_slice(), registry) {
        ([chart], registry) => {
            let (name, version) = (name(chart), chart.version.as_deref().unwrap_or_default());
            match registry {
                Some(registry) => format!("{registry}/{name}:{}", version.replace('+', "_")),
                None => format!("pkg:helm/{name}@{}", version.replace('+', "%2B")),
            }
        }
        (_, Some(registry)) => registry.to_owned(),
        (_, None) => "urn:chartgate:charts".to_owned(),
    }
}

/// RFC 3339, in UTC.
fn timestamp(seconds: u64) -> String {
    let (day, rest) = (Date::from_unix_seconds(seconds), seconds % 86_400);
    format!("{day}T{:02}:{:02}:{:02}Z", rest / 3_600, rest / 60 % 60, rest % 60)
}
