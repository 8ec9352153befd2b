//! Kinds that make pods: where their pods and selectors stand.

use crate::yaml::{KeyPath, Node};

/// The path of the pod template in an object of a kind; empty for a pod itself, none for what makes no pods.
pub fn pod_path(api_version: &str, kind: &str) -> Option<&'static str> {
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    match (group, kind) {
        ("", "Pod") => Some(""),
        ("", "PodTemplate") => Some("template"),
        ("", "ReplicationController")
        | ("apps", "Deployment" | "DaemonSet" | "StatefulSet" | "ReplicaSet")
        | ("batch", "Job") => Some("spec.template"),
        ("batch", "CronJob") => Some("spec.jobTemplate.spec.template"),
        _ => None,
    }
}

/// The pod template of an object.
pub fn pod<'a>(root: &'a Node, api_version: &str, kind: &str) -> Option<&'a Node> {
    root.at(&KeyPath::dotted(pod_path(api_version, kind)?))
}

/// Every container of a pod's `spec`, init containers first, with the list it stands in and its position there.
pub fn containers(spec: &Node) -> impl Iterator<Item = (&'static str, usize, &Node)> {
    ["initContainers", "containers"].into_iter().flat_map(move |list| {
        let items = spec.items(list);
        items.iter().enumerate().map(move |(index, container)| (list, index, container))
    })
}

/// Whether labels meet a selector of labels; none where either is not what it should be.
pub fn is_selected(selector: &Node, labels: Option<&Node>) -> Option<bool> {
    let label = |key: &str| labels.and_then(|labels| labels.get(key)).and_then(Node::scalar_text);
    let mut meets = true;
    for (key, entry) in selector.get("matchLabels").and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
        meets &= label(&key) == Some(entry.value.scalar_text()?);
    }
    for expression in selector.items("matchExpressions") {
        let value = label(expression.get("key")?.as_str()?);
        let values = expression.items("values");
        let is_listed = value.is_some_and(|value| values.iter().any(|one| one.scalar_text() == Some(value)));
        meets &= match expression.get("operator")?.as_str()? {
            "In" => is_listed,
            "NotIn" => !is_listed,
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => return None,
        };
    }
    Some(meets)
}
