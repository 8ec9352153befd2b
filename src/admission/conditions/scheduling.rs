//! Where pods may run (`core/validation`: `validateTolerations`, `ValidateNodeSelectorRequirement`, `validatePodAffinityTerm`;
//! `apimachinery/pkg/apis/meta/v1/validation`: `ValidateLabelSelectorRequirement`).

use super::super::labels::is_subdomain;
use super::{Part, Refused, field, key_of, text};
use crate::kubernetes::Minor;
use crate::yaml::Node;

/// Tolerations that contradict themselves.
pub(super) fn toleration(part: &Part<'_, '_>, refused: &mut Refused) {
    let (operator, path) = (text(part.node, "operator"), || part.path.to_path());
    if text(part.node, "key").is_empty() && operator != "Exists" && is_plain(part.node, &["key", "operator"]) {
        let message = format!("`{}` has no `key`, and can only have the operator `Exists`", path());
        refused.say(key_of(part.node, "operator").unwrap_or(part.at), path().key("operator"), message, "name a key");
    }
    if operator == "Exists" && !text(part.node, "value").is_empty() {
        let at = part.node.get("value").map_or(part.at, |node| node.location);
        let message = format!("`{}` has a `value` with the operator `Exists`", path());
        refused.say(at, path().key("value"), message, "leave the value out, or write `operator: Equal`");
    }
    let effect = text(part.node, "effect");
    if field(part.node, "tolerationSeconds").is_some() && effect != "NoExecute" && is_plain(part.node, &["effect"]) {
        let at = key_of(part.node, "tolerationSeconds").unwrap_or(part.at);
        let message = format!("`{}` has `tolerationSeconds`, which is for the effect `NoExecute` alone", path());
        refused.say(at, path().key("tolerationSeconds"), message, "leave it out, or write `effect: NoExecute`");
    }
}

/// Whether some fields are texts or left out: what has another type is refused as such.
fn is_plain(node: &Node, keys: &[&str]) -> bool {
    keys.iter().all(|key| field(node, key).is_none_or(|value| value.as_str().is_some()))
}

/// `ValidateNodeSelector`: without a term nothing is chosen.
pub(super) fn terms(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("nodeSelectorTerms").and_then(Node::as_seq).is_some_and(<[Node]>::is_empty) {
        refused.of(part, "nodeSelectorTerms", "has no term", "list one, or leave the affinity out");
    }
}

/// The highest priority that is not the system's.
const HIGHEST: i64 = 1_000_000_000;
/// Classes of the system's own.
const SYSTEM: [&str; 2] = ["system-cluster-critical", "system-node-critical"];

/// `ValidatePriorityClass`.
pub(super) fn priority(part: &Part<'_, '_>, refused: &mut Refused) {
    let name = part.node.get("metadata").and_then(|metadata| metadata.get("name"));
    let Some((node, name)) = name.and_then(|node| Some((node, node.as_str()?))) else { return };
    if SYSTEM.contains(&name) {
        return;
    }
    if name.starts_with("system-") {
        let path = crate::yaml::KeyPath::dotted("metadata.name");
        let message = format!("`{path}` is `{name}`, and `system-` is for classes of the system's own");
        refused.say(node.location, path, message, "choose another name");
    }
    if super::number(part.node, "value").is_some_and(|value| value > HIGHEST) {
        refused.of(part, "value", format!("is more than {HIGHEST}, the most that a class may have"), "lower it");
    }
}

/// How many values an operator takes.
pub(super) fn requirement(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.path.has_key("matchFields") {
        return of_fields(part, refused);
    }
    let count = part.node.get("values").and_then(Node::as_seq).map_or(0, <[Node]>::len);
    let operator = text(part.node, "operator");
    let wanted = match (operator, count) {
        ("In" | "NotIn", 0) => "one value or more",
        ("Exists" | "DoesNotExist", 1..) => "no value",
        ("Gt" | "Lt", count) if count != 1 => "one value",
        _ => return,
    };
    let path = part.path.key("values").to_path();
    let at = key_of(part.node, "values").or_else(|| key_of(part.node, "operator")).unwrap_or(part.at);
    let message = format!("`{path}` has {count} values, and the operator `{operator}` takes {wanted}");
    refused.say(at, path, message, "");
}

/// `ValidateNodeFieldSelectorRequirement`: of a node's fields its name can be asked for, and one name at a time.
fn of_fields(part: &Part<'_, '_>, refused: &mut Refused) {
    let (key, operator) = (text(part.node, "key"), text(part.node, "operator"));
    if !key.is_empty() && key != "metadata.name" {
        refused.of(part, "key", format!("is `{key}`, and can only be `metadata.name`"), "");
    }
    if !["", "In", "NotIn"].contains(&operator) {
        refused.of(part, "operator", format!("is `{operator}`, and can only be `In` or `NotIn` for a field"), "");
    }
    let Some(values) = part.node.get("values").and_then(Node::as_seq) else { return };
    if values.len() != 1 {
        refused.of(part, "values", format!("has {} values, and has to have one for a field", values.len()), "");
    }
    let names = values.iter().filter_map(Node::as_str);
    if let Some(wrong) = names.into_iter().find(|name| key == "metadata.name" && !is_subdomain(name)) {
        refused.of(part, "values", format!("has `{wrong}`, which is no name of a node"), "");
    }
}

/// Scopes that hold or do not, whatever the values.
const PLAIN_SCOPES: [&str; 5] =
    ["BestEffort", "CrossNamespacePodAffinity", "NotBestEffort", "NotTerminating", "Terminating"];

/// `validateScopedResourceSelectorRequirement`.
pub(super) fn scope(part: &Part<'_, '_>, refused: &mut Refused) {
    let (name, operator) = (text(part.node, "scopeName"), text(part.node, "operator"));
    if PLAIN_SCOPES.contains(&name) && !["", "Exists"].contains(&operator) {
        let what = format!("is `{operator}`, and can only be `Exists` for the scope `{name}`");
        return refused.of(part, "operator", what, "write `Exists`, and no values");
    }
    requirement(part, refused);
}

/// The first version in which labels that a pod has itself count for affinity, whatever the cluster is told.
const KEYED: Minor = Minor(33);

/// `validatePodAffinityTerm`: a term without a topology means no place, and labels are looked for where others are.
pub(super) fn affinity(part: &Part<'_, '_>, refused: &mut Refused) {
    topology(part, refused);
    let keys = |list: &str| part.node.items(list);
    for list in ["matchLabelKeys", "mismatchLabelKeys"].into_iter().filter(|_| part.minor >= KEYED) {
        if !keys(list).is_empty() && field(part.node, "labelSelector").is_none() {
            refused.of(part, list, "needs a `labelSelector`", "add one");
        }
    }
    let others = keys("mismatchLabelKeys");
    let has = |key: &Node| others.iter().any(|other| other.as_str() == key.as_str());
    if let Some(key) = keys("matchLabelKeys").iter().find(|key| key.as_str().is_some() && has(key)) {
        let what = format!("has `{}`, as `matchLabelKeys` has", key.as_str().unwrap_or_default());
        refused.of(part, "mismatchLabelKeys", what, "leave it out of one of them");
    }
}

fn topology(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(key) = part.node.get("topologyKey").filter(|key| key.as_str() == Some("")) else { return };
    let path = part.path.key("topologyKey").to_path();
    refused.say(key.location, path.clone(), format!("`{path}` is empty"), "write `kubernetes.io/hostname`, say");
}

/// `validateTopologySpreadConstraints`.
pub(super) fn spread(part: &Part<'_, '_>, refused: &mut Refused) {
    topology(part, refused);
    let keys = part.node.items("matchLabelKeys");
    if !keys.is_empty() && field(part.node, "labelSelector").is_none() {
        refused.of(part, "matchLabelKeys", "needs a `labelSelector`", "add one");
    }
    let twice = keys.iter().filter_map(Node::as_str).find(|key| selects(part.node, key));
    if let Some(key) = twice {
        let what = format!("has `{key}`, as the `labelSelector` has");
        refused.of(part, "matchLabelKeys", what, "leave it out of one of them");
    }
    if field(part.node, "minDomains").is_some() && text(part.node, "whenUnsatisfiable") == "ScheduleAnyway" {
        let path = part.path.key("minDomains").to_path();
        let at = key_of(part.node, "minDomains").unwrap_or(part.at);
        let message = format!("`{path}` is for `whenUnsatisfiable: DoNotSchedule` alone");
        refused.say(at, path, message, "leave it out");
    }
}

/// Whether the selector beside names a label.
fn selects(node: &Node, label: &str) -> bool {
    let Some(selector) = field(node, "labelSelector") else { return false };
    let expressions = selector.items("matchExpressions");
    selector.get("matchLabels").is_some_and(|labels| labels.get(label).is_some())
        || expressions.iter().any(|expression| text(expression, "key") == label)
}
