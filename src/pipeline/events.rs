//! For what a job of GitLab runs: a job of one pipeline judges nothing for another.

use super::judged::{Judged, Void};
use super::{text, texts};
use crate::yaml::Node;

/// What pipelines are started by, as bits.
type Set = u8;
const MERGE_REQUEST: Set = 1;
const TAG: Set = 2;
const BRANCH: Set = 4;
const OTHER: Set = 8;
const ALL: Set = 15;

/// The pipelines that a job is part of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Events {
    /// It may be part of these, and is of no others.
    may: Set,
    /// It is part of all of these.
    must: Set,
    /// The keys that decide it, as they are written.
    written: String,
}

impl Default for Events {
    fn default() -> Self {
        Self { may: ALL, must: ALL, written: String::new() }
    }
}

impl Events {
    /// Of a job with these rules, `only` and `except`.
    pub(super) fn new(rules: Option<&Node>, only: Option<&Node>, except: Option<&Node>) -> Self {
        let written = [rules, only, except].map(|node| node.map(|node| node.to_json().to_string()).unwrap_or_default());
        let (may, must) = match (rules.and_then(Node::as_seq), only, except) {
            (Some(rules), ..) => of_rules(rules),
            (None, None, None) => (TAG | BRANCH | OTHER, TAG | BRANCH | OTHER),
            (None, Some(only), except) => {
                let (may, must) = of_refs(only);
                (may, if except.is_some() { 0 } else { must })
            }
            (None, None, Some(except)) => {
                let (may, must) = of_refs(except);
                (ALL & !MERGE_REQUEST & !must, ALL & !MERGE_REQUEST & !may)
            }
        };
        Self { may, must, written: written.concat() }
    }

    /// What a judgement of a job comes to for one that runs for these.
    pub(super) fn judged(&self, found: Judged, after: &Self, name: &str) -> Judged {
        if self.may & after.may == 0 {
            found.void(Void::Apart)
        } else if after.may & !self.must == 0 || self.written == after.written || found != Judged::Before {
            found
        } else {
            Judged::Untold(format!("when the job `{name}` runs"))
        }
    }
}

/// The pipelines of rules, of which the first that fits counts.
fn of_rules(rules: &[Node]) -> (Set, Set) {
    let (mut may, mut must, mut decided) = (0, 0, 0);
    for rule in rules {
        let (fits, always) = of_rule(rule);
        if text(rule, "when") == Some("never") {
            must &= !fits | decided;
        } else {
            may |= fits & !decided;
            must |= always & !decided;
        }
        decided |= always;
    }
    (may, must & may)
}

/// The pipelines that a rule may fit, and those that it does.
fn of_rule(rule: &Node) -> (Set, Set) {
    let (fits, always) = match text(rule, "if") {
        None => (ALL, ALL),
        Some(condition) => of_condition(condition),
    };
    let is_bound = ["changes", "exists"].iter().any(|key| rule.get(key).is_some());
    (fits, if is_bound { 0 } else { always })
}

fn of_condition(condition: &str) -> (Set, Set) {
    let bare = condition.replace(['"', '\'', ' '], "");
    let is_joined = bare.contains("&&") || bare.contains("||");
    match bare.as_str() {
        "$CI_PIPELINE_SOURCE==merge_request_event" | "$CI_MERGE_REQUEST_ID" | "$CI_MERGE_REQUEST_IID" => {
            (MERGE_REQUEST, MERGE_REQUEST)
        }
        "$CI_COMMIT_TAG" | "$CI_COMMIT_TAG!=null" => (TAG, TAG),
        "$CI_COMMIT_BRANCH" => (BRANCH | OTHER, BRANCH),
        _ if bare.contains("||") => (ALL, 0),
        _ if bare.starts_with("$CI_COMMIT_TAG=~") || bare.starts_with("$CI_COMMIT_TAG&&") => (TAG, 0),
        _ if bare.starts_with("$CI_COMMIT_BRANCH==") && !is_joined => (BRANCH | OTHER, 0),
        _ => (ALL, 0),
    }
}

/// The pipelines of `only` or `except`.
fn of_refs(refs: &Node) -> (Set, Set) {
    let named = refs.get("refs").map(|node| texts(Some(node)));
    let is_more = refs.as_map().is_some_and(|map| map.effective().len() > 1 || named.is_none());
    let (mut may, mut must) = if named.is_none() && is_more { (ALL, 0) } else { (0, 0) };
    for name in named.unwrap_or_else(|| texts(Some(refs))) {
        let (fits, always) = match name.as_str() {
            "merge_requests" => (MERGE_REQUEST, MERGE_REQUEST),
            "tags" => (TAG, TAG),
            "branches" => (BRANCH | OTHER, BRANCH),
            "pushes" => (BRANCH | TAG, BRANCH | TAG),
            "schedules" | "web" | "api" | "triggers" | "pipelines" | "chat" | "external" => (OTHER, 0),
            // Names and patterns are of branches and tags.
            _ => (BRANCH | TAG | OTHER, 0),
        };
        may |= fits;
        must |= always;
    }
    (may, if is_more { 0 } else { must })
}
