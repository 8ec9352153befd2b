//! Jobs by index, and what is done about pods that fail (`batch/validation`: `validateJobSpec`, `validatePodFailurePolicy`,
//! `validateSuccessPolicy`).

use super::super::workload::containers;
use super::{Part, Refused, field, key_of, number, text};
use crate::schema::holds;
use crate::yaml::path::Trail;
use crate::yaml::{KeyPath, Node};

/// Pods of an indexed job at a time, and indexes of one that may fail.
const MOST: i64 = 100_000;

pub(super) fn job(part: &Part<'_, '_>, refused: &mut Refused) {
    indexes(part, refused);
    if let Some(policy) = field(part.node, "podFailurePolicy").filter(|policy| policy.as_map().is_some()) {
        restarts(part, refused);
        let path = part.path.key("podFailurePolicy");
        let list = path.key("rules");
        for (index, rule) in policy.items("rules").iter().enumerate() {
            of_failure(part, rule, &list.index(index), refused);
        }
    }
    let replaced = text(part.node, "podReplacementPolicy");
    if field(part.node, "podFailurePolicy").is_some() && !["", "Failed"].contains(&replaced) {
        refused.of(part, "podReplacementPolicy", "has to be `Failed` beside `podFailurePolicy`", "leave it out");
    }
}

/// Fields of jobs whose pods have an index.
fn indexes(part: &Part<'_, '_>, refused: &mut Refused) {
    let is_indexed = text(part.node, "completionMode") == "Indexed";
    for key in ["backoffLimitPerIndex", "maxFailedIndexes", "successPolicy"] {
        if !is_indexed && field(part.node, key).is_some() {
            refused.of(part, key, "is for jobs of `completionMode: Indexed`", "set the mode, or leave the field out");
        }
    }
    if !is_indexed {
        return;
    }
    let completions = number(part.node, "completions");
    if number(part.node, "parallelism").is_some_and(|count| count > MOST) {
        refused.of(part, "parallelism", format!("is more than {MOST}, the most of an indexed job"), "");
    }
    if let Some(failed) = number(part.node, "maxFailedIndexes") {
        if field(part.node, "backoffLimitPerIndex").is_none() {
            refused.missing(part, "backoffLimitPerIndex", ": `maxFailedIndexes` is set", "set it too");
        }
        if failed > MOST || completions.is_some_and(|completions| failed > completions) {
            refused.of(part, "maxFailedIndexes", "is more than the indexes of the job", "");
        }
    }
    let rules = field(part.node, "successPolicy").filter(|policy| policy.as_map().is_some());
    let Some(rules) = rules.map(|policy| policy.items("rules")) else {
        return;
    };
    let path = part.path.key("successPolicy");
    let list = path.key("rules");
    if rules.is_empty() {
        let at = key_of(part.node, "successPolicy").unwrap_or(part.at);
        let message = format!("required field `{}` is missing", list.to_path());
        refused.say(at, list.to_path(), message, "list a rule");
    }
    for (index, rule) in rules.iter().enumerate().filter(|(_, rule)| rule.as_map().is_some()) {
        let path = list.index(index);
        let count = number(rule, "succeededCount");
        if field(rule, "succeededCount").is_none() && field(rule, "succeededIndexes").is_none() {
            let message = format!("`{}` has neither `succeededCount` nor `succeededIndexes`", path.to_path());
            refused.say(rule.location, path.to_path(), message, "set one of them");
        } else if count.zip(completions).is_some_and(|(count, completions)| count > completions) {
            let at = rule.get("succeededCount").map_or(rule.location, |node| node.location);
            let path = path.key("succeededCount").to_path();
            refused.say(at, path.clone(), format!("`{path}` is more than `completions`"), "");
        }
    }
}

/// A policy for pods that fail decides alone what comes after.
fn restarts(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = KeyPath::dotted("template.spec.restartPolicy");
    if let Some(node) = part.node.at(&path).filter(|node| node.as_str() == Some("OnFailure")) {
        let path = part.path.key("template").key("spec").key("restartPolicy").to_path();
        let message = format!("`{path}` has to be `Never` beside `podFailurePolicy`");
        refused.say(node.location, path, message, "write `restartPolicy: Never`");
    }
}

/// `validatePodFailurePolicyRule`.
fn of_failure(part: &Part<'_, '_>, rule: &Node, path: &Trail<'_>, refused: &mut Refused) {
    if rule.as_map().is_none() {
        return;
    }
    let codes = field(rule, "onExitCodes").filter(|codes| codes.as_map().is_some());
    let has_conditions = rule.get("onPodConditions").and_then(Node::as_seq).is_some_and(|list| !list.is_empty());
    let at = key_of(rule, "onPodConditions").or_else(|| key_of(rule, "action")).unwrap_or(rule.location);
    let whole = path.to_path();
    match (codes, has_conditions) {
        (Some(_), true) => {
            let message = format!("`{whole}` has `onExitCodes` and `onPodConditions` at once");
            refused.say(at, whole, message, "make two rules of it");
        }
        (None, false) => {
            let message = format!("`{whole}` has neither `onExitCodes` nor `onPodConditions`");
            refused.say(at, whole, message, "set one of them");
        }
        _ => {}
    }
    if text(rule, "action") == "FailIndex" && field(part.node, "backoffLimitPerIndex").is_none() {
        let at = rule.get("action").map_or(rule.location, |node| node.location);
        let path = path.key("action").to_path();
        let message = format!("`{path}` is `FailIndex`, for jobs that have `backoffLimitPerIndex`");
        refused.say(at, path, message, "set `backoffLimitPerIndex`");
    }
    if let Some(codes) = codes {
        exit_codes(part, codes, &path.key("onExitCodes"), refused);
    }
}

/// `validatePodFailurePolicyRuleOnExitCodes`.
fn exit_codes(part: &Part<'_, '_>, codes: &Node, path: &Trail<'_>, refused: &mut Refused) {
    let pod = part.node.at(&KeyPath::dotted("template.spec"));
    let named = text(codes, "containerName");
    let mut held = pod.into_iter().flat_map(containers).filter_map(|(.., container)| container.get("name")?.as_str());
    if let Some(node) = codes.get("containerName").filter(|_| !named.is_empty() && !held.any(|name| name == named)) {
        let path = path.key("containerName").to_path();
        let message = format!("`{path}` is `{named}`, and the pod has no such container");
        refused.say(node.location, path, message, "name one of the pod");
    }
    let Some(values) = codes.get("values").and_then(Node::as_seq) else { return };
    let at = key_of(codes, "values").unwrap_or(codes.location);
    let path = path.key("values").to_path();
    let numbers: Vec<i64> = values.iter().filter_map(|value| value.scalar_text()?.parse().ok()).collect();
    let wrong = if values.is_empty() {
        "has no value"
    } else if text(codes, "operator") == "In" && numbers.contains(&0) {
        "has 0, which is no failure"
    } else if numbers.windows(2).any(|pair| pair[0] >= pair[1]) {
        "has to be in order, each value once"
    } else {
        return;
    };
    refused.say(at, path.clone(), format!("`{path}` {wrong}"), "");
}

/// `ValidateJob`: the last pod of an indexed job has a host name.
pub(super) fn indexed(part: &Part<'_, '_>, refused: &mut Refused) {
    let (metadata, spec) = (field(part.node, "metadata"), field(part.node, "spec"));
    let Some((metadata, spec)) = metadata.zip(spec).filter(|(_, spec)| text(spec, "completionMode") == "Indexed")
    else {
        return;
    };
    let (name, count) = (text(metadata, "name"), number(spec, "completions").unwrap_or(0));
    let host = format!("{name}-{}", count.saturating_sub(1));
    if let Some(node) = metadata.get("name").filter(|_| count > 0 && !name.is_empty() && !holds("dns-label", &host)) {
        let path = KeyPath::dotted("metadata.name");
        let message = format!("`{path}` is `{name}`, and `{host}` can be no host name of a pod");
        refused.say(node.location, path, message, "use lower-case letters, digits and `-`, and cut the name");
    }
}

/// `ValidateJobTemplateSpec`: jobs that are made select their own pods.
pub(super) fn template(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(job) = field(part.node, "jobTemplate").and_then(|template| field(template, "spec")) else { return };
    let manual =
        field(job, "manualSelector").filter(|manual| manual.as_bool() != Some(false)).map(|_| "manualSelector");
    let selector = field(job, "selector").map(|_| "selector");
    for key in manual.into_iter().chain(selector) {
        let path = part.path.key("jobTemplate").key("spec").key(key).to_path();
        let message = format!("`{path}` is not for the jobs of a CronJob, which select their own pods");
        refused.say(key_of(job, key).unwrap_or(part.at), path, message, "leave it out");
    }
}
