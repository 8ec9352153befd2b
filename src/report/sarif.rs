//! SARIF 2.1.0, for code scanning (<https://docs.oasis-open.org/sarif/sarif/v2.1.0/>).

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::group::{self, Group};
use super::place::{Place, place};
use super::{compared, policy, suppressed};
use crate::finding::{Failure, Fix, Label, Report, ReportedRule, Safety, Severity, Status, Verdict};
use crate::text::edit::Edit;
use crate::text::printable::{Printable, plain};
use crate::text::{Location, Sources};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/chartgate/chartgate";
/// Results that GitHub takes of a run
/// (<https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support-for-code-scanning>).
const RESULTS: usize = 25_000;
/// Places that GitHub takes of a result.
const RELATED: usize = 100;

pub(super) fn render(report: &Report, sources: &Sources) -> Printable {
    let groups: Vec<_> = group::open(report).into_iter().chain(group::closed(report)).collect();
    let rules = rules(report, &groups);
    let index: BTreeMap<&str, usize> =
        rules.iter().enumerate().map(|(index, rule)| (rule.id.as_str(), index)).collect();
    let mut hashes = Hashes::default();
    let results = groups.iter().take(RESULTS).map(|group| {
        let mut result = result(group, index[group.first().rule.as_str()], sources);
        result["partialFingerprints"]["primaryLocationLineHash"] = json!(hashes.next(group, sources));
        result
    });
    let results: Vec<Value> = results.collect();
    let left_out = groups.len().saturating_sub(RESULTS);
    let run = json!({
        "tool": { "driver": {
            "name": "chartgate",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": HOME,
            "rules": rules.iter().map(descriptor).collect::<Vec<_>>(),
        } },
        "automationDetails": { "id": "chartgate/" },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": { "%SRCROOT%": { "description": { "text": "the root of the repository" } } },
        "invocations": [invocation(report, left_out, sources)],
        "results": results,
        "properties": {
            "verdict": report.verdict,
            "policy": policy(report),
            "comparedWith": compared(report),
            "suppressed": suppressed(report),
        },
    });
    Printable::json(&json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] }))
}

/// How often each fingerprint stands in a file: code scanning takes two results of one hash for one.
#[derive(Default)]
struct Hashes(BTreeMap<(String, String), usize>);

impl Hashes {
    fn next(&mut self, group: &Group<'_>, sources: &Sources) -> String {
        let fingerprint = &group.first().fingerprint;
        let file = sources.path(group.anchor(sources));
        let count = self.0.entry((file, fingerprint.clone())).or_default();
        *count += 1;
        format!("{fingerprint}:{count}")
    }
}

/// The rules that were on, and any other that something was found by.
fn rules(report: &Report, groups: &[Group<'_>]) -> Vec<ReportedRule> {
    let mut rules = report.rules.clone();
    for finding in groups.iter().map(Group::first) {
        if !rules.iter().any(|rule| rule.id == finding.rule) {
            let (id, summary, remedy) = (finding.rule.clone(), finding.rule.clone(), String::new());
            let (level, page, is_of_change) = (finding.severity, None, false);
            rules.push(ReportedRule { id, summary, remedy, level, page, is_of_change });
        }
    }
    rules
}

fn descriptor(rule: &ReportedRule) -> Value {
    let mut descriptor = json!({
        "id": rule.id,
        "shortDescription": { "text": rule.summary },
        "fullDescription": { "text": rule.summary },
        "defaultConfiguration": { "level": level(rule.level) },
        "properties": { "tags": ["helm"] },
    });
    if !rule.remedy.is_empty() {
        descriptor["help"] = json!({ "text": rule.remedy, "markdown": rule.remedy });
    }
    if let Some(page) = &rule.page {
        descriptor["helpUri"] = json!(page);
    }
    descriptor
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// How the run went: what could not be checked, and which rules did not apply.
fn invocation(report: &Report, left_out: usize, sources: &Sources) -> Value {
    let mut said: Vec<Value> = report.failures.iter().map(|failure| notification(failure, sources)).collect();
    if left_out > 0 {
        let text = format!("{left_out} more findings are left out: code scanning takes no more than {RESULTS}");
        said.push(json!({ "level": "error", "message": { "text": text } }));
    }
    let skipped = report.skipped.iter().map(|skipped| {
        let of_rule =
            |words: &str| json!({ "level": "note", "message": message(&format!("{words}: {}", skipped.reason)) });
        if skipped.is_all() {
            return of_rule("not judged");
        }
        let mut note = of_rule("skipped");
        note["associatedRule"] = json!({ "id": skipped.rule });
        note
    });
    json!({
        "executionSuccessful": report.failures.is_empty() && report.verdict != Verdict::Undecided,
        "toolExecutionNotifications": said,
        "toolConfigurationNotifications": skipped.collect::<Vec<_>>(),
    })
}

fn notification(failure: &Failure, sources: &Sources) -> Value {
    let help = failure.help.as_deref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let mut notification = json!({
        "level": "error",
        "descriptor": { "id": format!("failure-{}", failure.kind) },
        "message": message(&format!("{}{help}", failure.message)),
    });
    let file = |path: &String| json!([{ "physicalLocation": { "artifactLocation": artifact(path) } }]);
    let at = failure.location.map(|at| json!([physical(at, sources)])).or_else(|| failure.path.as_ref().map(file));
    if let Some(at) = at {
        notification["locations"] = at;
    }
    notification
}

fn result(group: &Group<'_>, rule: usize, sources: &Sources) -> Value {
    let finding = group.first();
    let help = group.advice().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let mut result = json!({
        "ruleId": finding.rule,
        "ruleIndex": rule,
        "level": level(finding.severity),
        "message": message(&format!("{}{help}", group.message())),
        "locations": [physical(group.anchor(sources), sources)],
        "partialFingerprints": {
            "chartgate/v1": finding.fingerprint,
        },
        "properties": { "chart": finding.chart, "charts": group.charts().into_iter().take(RELATED).collect::<Vec<_>>(), "profiles": group.profiles() },
    });
    let related: Vec<Value> =
        group.related().into_iter().take(RELATED).enumerate().map(|(id, label)| related(id, label, sources)).collect();
    if !related.is_empty() {
        result["relatedLocations"] = related.into();
    }
    let fix = finding.fix.as_ref().filter(|fix| fix.safety != Safety::DisplayOnly && !fix.edits.is_empty());
    if let Some(fix) = fix {
        result["fixes"] = json!([replaced(fix, sources)]);
    }
    match &finding.status {
        Status::Open => result["suppressions"] = json!([]),
        Status::Suppressed { by, reason } => {
            let kind = if by == "comment" { "inSource" } else { "external" };
            result["suppressions"] = json!([{ "kind": kind, "justification": plain(reason) }]);
        }
        Status::Baseline => {
            result["baselineState"] = json!("unchanged");
            result["suppressions"] = json!([{ "kind": "external", "justification": "it is in the baseline" }]);
        }
    }
    result
}

fn related(id: usize, label: &Label, sources: &Sources) -> Value {
    let mut at = physical(label.location, sources);
    at["id"] = json!(id);
    if !label.message.is_empty() {
        at["message"] = message(&label.message);
    }
    at
}

fn replaced(fix: &Fix, sources: &Sources) -> Value {
    let mut files: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    for Edit { location, content } in &fix.edits {
        let replacement = json!({
            "deletedRegion": region(&place(*location, sources)),
            "insertedContent": { "text": content },
        });
        files.entry(sources.path(*location)).or_default().push(replacement);
    }
    let changes = files
        .into_iter()
        .map(|(path, replacements)| json!({ "artifactLocation": artifact(&path), "replacements": replacements }));
    json!({ "description": message(&fix.title), "artifactChanges": changes.collect::<Vec<_>>() })
}

fn physical(at: Location, sources: &Sources) -> Value {
    let place = place(at, sources);
    json!({ "physicalLocation": { "artifactLocation": artifact(&place.path), "region": region(&place) } })
}

fn region(place: &Place) -> Value {
    let Place { path: _, line, column, end_line, end_column } = place;
    json!({ "startLine": line, "startColumn": column, "endLine": end_line, "endColumn": end_column })
}

/// A file by its URI, relative to the repository (RFC 3986).
fn artifact(path: &str) -> Value {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let encode = |byte: u8| if is_plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    let uri: String = path.bytes().map(encode).collect();
    let mut artifact = Map::new();
    if uri.starts_with('/') {
        artifact.insert("uri".to_owned(), format!("file://{uri}").into());
    } else {
        artifact.insert("uri".to_owned(), uri.into());
        artifact.insert("uriBaseId".to_owned(), "%SRCROOT%".into());
    }
    artifact.into()
}

/// Text without what viewers would take for a link (section 3.11.6).
fn message(text: &str) -> Value {
    json!({ "text": plain(text).replace("](", "] (") })
}
