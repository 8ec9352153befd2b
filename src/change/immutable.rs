//! Fields that the API server lets nobody change: an upgrade that tries fails, and the object has to be deleted first.

use super::identity::Identity;
use super::{Changes, Places};
use crate::yaml::{KeyPath, Node};

/// The fields of a kind that stay as they were made (the `ValidateUpdate` of each in `kubernetes/pkg/apis`).
fn fields(kind: &str) -> &'static [&'static str] {
    match kind {
        "Deployment" | "DaemonSet" | "ReplicaSet" => &["spec.selector"],
        "StatefulSet" => {
            &["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"]
        }
        "Service" => &["spec.clusterIP"],
        "Job" => &["spec.selector", "spec.template"],
        "PersistentVolumeClaim" => &["spec.accessModes", "spec.selector", "spec.storageClassName", "spec.volumeMode"],
        "StorageClass" => &["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
        "RoleBinding" | "ClusterRoleBinding" => &["roleRef"],
        "Secret" => &["type"],
        "PriorityClass" => &["value"],
        "IngressClass" => &["spec.controller"],
        _ => &[],
    }
}

/// Fields that the API server fills in where a manifest leaves them out.
const FILLED: [&str; 7] = [
    "spec.selector",
    "spec.clusterIP",
    "spec.storageClassName",
    "spec.volumeMode",
    "reclaimPolicy",
    "volumeBindingMode",
    "type",
];

pub(super) fn compare(key: &Identity, old: &Node, new: &Node, changes: &mut Changes) {
    let is_short_lived = new.at(&KeyPath::dotted("spec.ttlSecondsAfterFinished")).is_some();
    if key.kind == "Job" && is_short_lived {
        return;
    }
    for field in fields(&key.kind) {
        let path = KeyPath::dotted(field);
        let (before, after) = (given(old, &path), given(new, &path));
        let is_filled = FILLED.contains(field) && (before.is_none() || after.is_none());
        if is_filled && !is_headless(field, before, after) {
            continue;
        }
        let places = match (before, after) {
            (Some(before), Some(after)) if !before.same_meaning(after) => Places::both(before.location, after.location),
            (Some(before), None) => Places::both(before.location, new.location),
            (None, Some(after)) => Places::both(old.location, after.location),
            _ => continue,
        };
        let message = format!("`{field}` of `{}` may not change, and did", key.shown());
        changes.add("change-immutable-field-changed", format!("{} {field}", key.shown()), message, places);
    }
}

/// Whether a service becomes headless or no longer is.
fn is_headless(field: &str, before: Option<&Node>, after: Option<&Node>) -> bool {
    let is_none = |node: Option<&Node>| node.and_then(Node::as_str) == Some("None");
    field == "spec.clusterIP" && is_none(before) != is_none(after)
}

/// A field that says something: what is empty counts as left out.
fn given<'n>(object: &'n Node, path: &KeyPath) -> Option<&'n Node> {
    let is_empty = |node: &Node| {
        node.is_null()
            || node.as_str() == Some("")
            || node.as_seq().is_some_and(<[Node]>::is_empty)
            || node.as_map().is_some_and(|mapping| mapping.entries.is_empty())
    };
    object.at(path).filter(|node| !is_empty(node))
}
