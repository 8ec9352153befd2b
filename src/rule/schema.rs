//! Rules that are a JSON Schema: each violation is a finding at the node it is about.

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind as Kind;

use super::subject::Subject;
use super::{Findings, Rule};
use crate::budget::Budget;
use crate::finding::{Failure, FailureKind, Label};
use crate::json_schema::{Schema, said};
use crate::text::Location;
use crate::yaml::{Anchor, Node};

/// Most violations of one subject that are said.
const LIMIT: usize = 100;

/// Reports every violation; `{problem}` and `{path}` in the rule's message say what and where. The budget is for all that a rule judges.
pub(super) fn judge(
    rule: &Rule,
    (schema, budget): (&Schema, &Budget),
    subject: &Subject<'_>,
    findings: &mut Findings<'_>,
) {
    let Some(node) = subject.node else { return };
    let start = |object: &Node| object.get("kind").map_or(object.location, |kind| kind.location);
    let whole = if subject.object.is_some() { start(node) } else { subject.place };
    let instance = node.to_json();
    let mut seen = std::collections::BTreeSet::new();
    let faults = match schema.faults(&instance, budget) {
        Ok(faults) => faults,
        Err(exceeded) => {
            return findings.fail(limit(rule, subject, &format!("the schema asks for too much: {exceeded}")));
        }
    };
    if faults.len() > LIMIT {
        findings.fail(limit(rule, subject, &format!("more than {LIMIT} violations; the others are not shown")));
    }
    for error in faults.into_iter().take(LIMIT) {
        if let Kind::BacktrackLimitExceeded { .. } | Kind::RegexEngineFailure { .. } = error.kind() {
            findings.fail(subject.unjudged(rule, &said(&error)));
            continue;
        }
        let pointer = error.instance_path().as_str().to_owned();
        for (problem, place) in problems(&error, node, whole) {
            if !seen.insert((pointer.clone(), problem.clone())) {
                continue;
            }
            let path = shown(&pointer);
            let name = format!("{} {pointer} {}", subject.name, error.schema_path());
            let (place, related) = subject.mendable(place);
            let mut reported = findings.report(Label::new(place, ""), name, &[("problem", &problem), ("path", &path)]);
            for label in related {
                reported = reported.related(label);
            }
            if let Some(profile) = subject.profile {
                reported.profile(profile);
            }
        }
    }
}

fn limit(rule: &Rule, subject: &Subject<'_>, reason: &str) -> Failure {
    Failure { kind: FailureKind::Limit, ..subject.unjudged(rule, reason) }
}

/// What is wrong, in lower case, and where: at the key for one that may not be there, else at the value.
fn problems(error: &ValidationError<'_>, root: &Node, fallback: Location) -> Vec<(String, Location)> {
    let pointer = error.instance_path().as_str();
    let node = root.pointer(pointer);
    let place = place(root, pointer).unwrap_or(fallback);
    match error.kind() {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            let key_place = |key: &str| node.and_then(|node| node.entry(key)).map(|entry| entry.location(Anchor::Key));
            let problem = |key: &String| (format!("unknown key `{key}`"), key_place(key).unwrap_or(place));
            unexpected.iter().map(problem).collect()
        }
        _ => vec![(words(error, node), place)],
    }
}

/// The value that a pointer leads to; its key where the value is a collection or is not written.
fn place(root: &Node, pointer: &str) -> Option<Location> {
    let node = root.pointer(pointer)?;
    let is_leaf =
        node.as_map().is_none() && node.as_seq().is_none() && node.location.span.start < node.location.span.end;
    let Some((parent, last)) = pointer.rsplit_once('/').filter(|_| !is_leaf) else {
        return is_leaf.then_some(node.location);
    };
    let key = last.replace("~1", "/").replace("~0", "~");
    root.pointer(parent)
        .and_then(|parent| parent.entry(&key))
        .map(|entry| entry.location(Anchor::Key))
        .or(Some(node.location))
}

fn words(error: &ValidationError<'_>, node: Option<&Node>) -> String {
    let found = node.map_or("nothing", Node::kind);
    match error.kind() {
        Kind::Required { property } => format!("no `{}`", property.as_str().unwrap_or_default()),
        Kind::Type { .. } => format!("{found} where another type belongs: {}", said(error)),
        Kind::FalseSchema => "may not be there".to_owned(),
        _ => {
            let said = said(error);
            let mut characters = said.chars();
            characters
                .next()
                .map_or_else(String::new, |first| format!("{}{}", first.to_lowercase(), characters.as_str()))
        }
    }
}

/// A JSON pointer as a key path; the root has none.
fn shown(pointer: &str) -> String {
    let steps = pointer.split('/').skip(1).map(|step| step.replace("~1", "/").replace("~0", "~"));
    steps.collect::<Vec<_>>().join(".")
}
