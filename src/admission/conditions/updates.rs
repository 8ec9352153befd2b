//! How workloads are replaced, scaled and run (`apps/validation`, `autoscaling/validation`, `batch/validation`).

use super::{Part, Refused, field, key_of, listed, number, text};
use crate::kubernetes::{Quantity, is_time_zone};
use crate::yaml::Node;

/// `ValidateStatefulSetSpec`, `ValidateDaemonSetUpdateStrategy`: how a rolling update goes is for rolling updates.
pub(super) fn strategy(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(rolling) = field(part.node, "rollingUpdate") else { return };
    if text(part.node, "type") == "OnDelete" && part.name == "apps.v1.StatefulSetUpdateStrategy" {
        let path = part.path.key("rollingUpdate").to_path();
        let at = key_of(part.node, "rollingUpdate").unwrap_or(part.at);
        return refused.say(
            at,
            path.clone(),
            format!("`{path}` cannot be set with type `OnDelete`"),
            "remove one of them",
        );
    }
    if part.name == "apps.v1.StatefulSetUpdateStrategy" && amount(rolling, "maxUnavailable") == Some(false) {
        let path = part.path.key("rollingUpdate").key("maxUnavailable").to_path();
        let at = key_of(rolling, "maxUnavailable").unwrap_or(part.at);
        return refused.say(at, path.clone(), format!("`{path}` cannot be 0"), "write 1, or leave it out");
    }
    if part.name != "apps.v1.DaemonSetUpdateStrategy" || text(part.node, "type") == "OnDelete" {
        return;
    }
    let (surge, unavailable) = (amount(rolling, "maxSurge"), amount(rolling, "maxUnavailable"));
    if rolling.as_map().is_none() {
        return;
    }
    // One pod at a time, and none beside it, where nothing is said.
    let (surge, unavailable, is_default) = (surge.unwrap_or(false), unavailable.unwrap_or(true), unavailable.is_none());
    let path = part.path.key("rollingUpdate").key("maxSurge").to_path();
    let at = key_of(rolling, "maxSurge").or_else(|| key_of(rolling, "maxUnavailable")).unwrap_or(part.at);
    if surge && unavailable {
        let (which, help) =
            if is_default { (" 1 by default", "write `maxUnavailable: 0`") } else { ("", "make one of them 0") };
        refused.say(at, path.clone(), format!("`{path}` cannot be set while `maxUnavailable` is{which}"), help);
    } else if !surge && !unavailable {
        refused.say(at, path.clone(), format!("`{path}` cannot be 0 while `maxUnavailable` is 0"), "raise one of them");
    }
}

/// Whether a number or a share is more than nothing; none where it is left out.
fn amount(node: &Node, key: &str) -> Option<bool> {
    let text = field(node, key)?.scalar_text()?;
    Some(!matches!(text, "0" | "0%"))
}

/// `ValidateDeploymentSpec`: what takes longer to be ready than to give up never gets there.
pub(super) fn deadline(part: &Part<'_, '_>, refused: &mut Refused) {
    const DEADLINE: i64 = 600;
    let ready = number(part.node, "minReadySeconds").unwrap_or(0);
    let deadline = number(part.node, "progressDeadlineSeconds").unwrap_or(DEADLINE);
    if deadline <= ready && deadline >= 0 {
        let path = part.path.key("progressDeadlineSeconds").to_path();
        let at = part.node.get("progressDeadlineSeconds").or_else(|| part.node.get("minReadySeconds"));
        let message = format!("`{path}` is {deadline}, which is no more than `minReadySeconds`, {ready}");
        refused.say(at.map_or(part.at, |node| node.location), path, message, "raise it");
    }
}

/// Types of metrics with the field that describes each.
const METRICS: [(&str, &str); 5] = [
    ("ContainerResource", "containerResource"),
    ("External", "external"),
    ("Object", "object"),
    ("Pods", "pods"),
    ("Resource", "resource"),
];

/// `validateMetricSpec`.
pub(super) fn metric(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some((kind, own)) = METRICS.iter().find(|(kind, _)| *kind == text(part.node, "type")) else { return };
    let path = part.path.to_path();
    if field(part.node, own).is_none() {
        let at = part.node.get("type").map_or(part.at, |node| node.location);
        let message = format!("required field `{}` is missing: the metric is of type `{kind}`", path.key(own));
        return refused.say(at, path.key(own), message, "describe the metric there");
    }
    let others: Vec<&str> = METRICS.iter().map(|(_, other)| *other).filter(|other| other != own).collect();
    if let Some(other) = others.into_iter().find(|other| field(part.node, other).is_some()) {
        let at = key_of(part.node, other).unwrap_or(part.at);
        let message = format!("`{path}` is of type `{kind}`, and may not have `{other}`");
        refused.say(at, path.key(other), message, "make two metrics of it");
    }
}

/// `validateMetricTarget` and its kin: the value that the type asks for.
pub(super) fn target(part: &Part<'_, '_>, refused: &mut Refused) {
    let values = ["averageUtilization", "averageValue", "value"];
    if values.iter().all(|key| field(part.node, key).is_none()) {
        let path = part.path.to_path();
        refused.say(
            part.at,
            path.clone(),
            format!("`{path}` has none of {}", listed(&values)),
            "set the one of its type",
        );
    }
    if number(part.node, "averageUtilization").is_some_and(|share| share < 1) {
        refused.of(part, "averageUtilization", "has to be more than 0", "");
    }
    for key in ["averageValue", "value"] {
        let amount = field(part.node, key).and_then(Node::scalar_text).and_then(Quantity::parse);
        if amount.is_some_and(|amount| amount.is_zero() || amount.is_negative()) {
            refused.of(part, key, "has to be more than 0", "");
        }
    }
    // What else pods could be measured by, the type of the metric says.
    let is_other = ["averageUtilization", "value"].iter().any(|key| field(part.node, key).is_some());
    if part.path.has_key("pods") && is_other && field(part.node, "averageValue").is_none() {
        refused.missing(part, "averageValue", ": metrics of pods are averages", "write it in place of `value`");
    }
    let is_resource = part.path.has_key("resource") || part.path.has_key("containerResource");
    let both = |first: &str, second: &str| field(part.node, first).is_some() && field(part.node, second).is_some();
    if is_resource && both("averageUtilization", "averageValue") {
        refused.of(part, "averageValue", "stands beside `averageUtilization`", "set one of them");
    } else if is_resource
        && field(part.node, "value").is_some()
        && !both("averageUtilization", "value")
        && !both("averageValue", "value")
    {
        refused.of(part, "value", "is not for resources", "set `averageUtilization` or `averageValue`");
    } else if part.path.has_key("external") && both("averageValue", "value") {
        refused.of(part, "averageValue", "stands beside `value`", "set one of them");
    }
}

/// `validateScalingRules`: rules that are given have a policy.
pub(super) fn scaling(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("policies").and_then(Node::as_seq).is_some_and(<[Node]>::is_empty) {
        refused.of(part, "policies", "has no policy", "list one, or leave the field out");
    }
}

/// `validateCronJobSpec` and `validateTimeZone`.
pub(super) fn cron(part: &Part<'_, '_>, refused: &mut Refused) {
    let schedule = text(part.node, "schedule");
    if schedule.contains("TZ") {
        let what = format!("is `{schedule}`, and may not have a time zone");
        refused.of(part, "schedule", what, "leave it out there, and name it by `timeZone`");
    }
    let Some(zone) = part.node.get("timeZone").and_then(Node::as_str) else { return };
    if zone.is_empty() {
        refused.of(part, "timeZone", "is empty", "leave it out, or name a zone such as `Europe/Berlin`");
    } else if !is_time_zone(zone) {
        let what = format!("is `{zone}`, which is no time zone");
        refused.of(part, "timeZone", what, "write a name of the tz database, `Europe/Berlin` say");
    }
}

/// `validateJobSpec`: an indexed job says how many.
pub(super) fn job(part: &Part<'_, '_>, refused: &mut Refused) {
    if text(part.node, "completionMode") == "Indexed" && field(part.node, "completions").is_none() {
        let path = part.path.key("completions").to_path();
        let at = part.node.get("completionMode").map_or(part.at, |node| node.location);
        let message = format!("required field `{path}` is missing: the job is `Indexed`");
        refused.say(at, path, message, "say how many");
    }
}
