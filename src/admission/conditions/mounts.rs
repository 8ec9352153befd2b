//! Mounts, ports and variables of containers (`core/validation`: `ValidateVolumeMounts`, `validateContainerPorts`, `ValidateEnv`,
//! `validateInitContainers`).

use std::collections::HashSet;

use super::{Part, Refused, field, key_of, text};
use crate::yaml::{KeyPath, Node};

pub(super) fn container(part: &Part<'_, '_>, refused: &mut Refused) {
    distinct(part, "ports", "name", refused);
    init(part, refused);
    propagation(part, refused);
}

/// `validateMountPropagation`: what a container mounts reaches the node only where it may do everything there.
fn propagation(part: &Part<'_, '_>, refused: &mut Refused) {
    let context = field(part.node, "securityContext");
    let privileged = context.and_then(|context| context.get("privileged"));
    // A text where a boolean belongs is refused as such.
    if privileged.is_some_and(|node| node.as_bool() != Some(false) && !node.is_null()) {
        return;
    }
    for (index, mount) in items(part.node, "volumeMounts").iter().enumerate() {
        let Some(node) = mount.get("mountPropagation").filter(|node| node.as_str() == Some("Bidirectional")) else {
            continue;
        };
        let path = part.path.key("volumeMounts").index(index).key("mountPropagation").to_path();
        let message = format!("`{path}` is `Bidirectional`, which is for privileged containers alone");
        refused.say(node.location, path, message, "write `HostToContainer`, or `privileged: true`");
    }
}

fn items<'a>(node: &'a Node, key: &str) -> &'a [Node] {
    node.get(key).and_then(Node::as_seq).unwrap_or_default()
}

/// A field that no two entries of a list may have the same.
fn distinct(part: &Part<'_, '_>, list: &str, key: &str, refused: &mut Refused) {
    let mut seen = HashSet::new();
    for (index, item) in items(part.node, list).iter().enumerate() {
        let Some((node, value)) = item.get(key).and_then(|node| Some((node, node.as_str()?))) else { continue };
        if !value.is_empty() && !seen.insert(value) {
            let path = part.path.key(list).index(index).key(key).to_path();
            let help = "leave one of them out, or write another";
            refused.say(node.location, path.clone(), format!("`{path}` repeats `{value}`"), help);
        }
    }
}

/// What runs to its end before the others has no life to watch.
fn init(part: &Part<'_, '_>, refused: &mut Refused) {
    if !part.path.has_key("initContainers") || field(part.node, "restartPolicy").is_some() {
        return;
    }
    let path = part.path.to_path();
    for key in ["lifecycle", "livenessProbe", "readinessProbe", "startupProbe"] {
        let Some(at) = key_of(part.node, key).filter(|_| field(part.node, key).is_some()) else { continue };
        let message = format!("`{}` is not for init containers that end", path.key(key));
        refused.say(at, path.key(key), message, "leave it out, or write `restartPolicy: Always`");
    }
}

/// Paths inside a volume lead downwards.
pub(super) fn mount(part: &Part<'_, '_>, refused: &mut Refused) {
    for key in ["subPath", "subPathExpr"] {
        let Some(node) = field(part.node, key) else { continue };
        let Some(value) = node.as_str() else { continue };
        let wrong = if value.starts_with('/') {
            "has to be relative"
        } else if value.split('/').any(|step| step == "..") {
            "may not have `..`"
        } else {
            continue;
        };
        let path = part.path.key(key).to_path();
        refused.say(node.location, path.clone(), format!("`{path}` is `{value}`, and {wrong}"), "");
    }
    if part.node.get("mountPath").is_some_and(|path| path.as_str() == Some("")) {
        refused.missing(part, "mountPath", "", "say where in the container");
    }
    if !text(part.node, "subPath").is_empty() && !text(part.node, "subPathExpr").is_empty() {
        let path = part.path.key("subPathExpr").to_path();
        let at = key_of(part.node, "subPathExpr").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("`{path}` stands beside `subPath`"), "set one of them");
    }
}

/// Fields of a pod that a variable may be set from; labels and annotations by a key besides.
const FIELDS: [&str; 9] = [
    "metadata.name",
    "metadata.namespace",
    "metadata.uid",
    "spec.nodeName",
    "spec.serviceAccountName",
    "status.hostIP",
    "status.hostIPs",
    "status.podIP",
    "status.podIPs",
];

/// `validateEnvVarValueFrom` and the names that no shell and no kubelet take.
pub(super) fn variable(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("name").is_some_and(|name| name.as_str() == Some("")) {
        refused.missing(part, "name", "", "name the variable");
    }
    if let Some(name) = part.node.get("name").filter(|name| name.as_str().is_some_and(|name| name.contains('='))) {
        let path = part.path.key("name").to_path();
        let message = format!("`{path}` is `{}`, and may not have `=`", name.as_str().unwrap_or_default());
        refused.say(name.location, path, message, "write what follows as `value`");
    }
    let from = part.node.at(&KeyPath::dotted("valueFrom.fieldRef.fieldPath"));
    let Some((node, value)) = from.and_then(|node| Some((node, node.as_str()?))) else { return };
    let is_keyed = ["metadata.labels['", "metadata.annotations['"].iter().any(|start| value.starts_with(start));
    if !FIELDS.contains(&value) && !is_keyed {
        let path = part.path.to_path().key("valueFrom").key("fieldRef").key("fieldPath");
        let message = format!("`{path}` is `{value}`, which no variable can be set from");
        let close = crate::text::suggest::nearest(value, FIELDS);
        refused.say(
            node.location,
            path,
            message,
            close.map(|close| format!("did you mean `{close}`?")).unwrap_or_default(),
        );
    }
}

/// `validateEnvFrom`: variables come from one place, and have names.
pub(super) fn source(part: &Part<'_, '_>, refused: &mut Refused) {
    super::one_of(part, &["configMapRef", "secretRef"], refused);
    let prefix = text(part.node, "prefix");
    if prefix.contains('=') {
        refused.of(part, "prefix", format!("is `{prefix}`, and no variable has a `=` in its name"), "");
    }
}

/// Resources of a container that a variable or a file may show.
const SHOWN: [&str; 6] = [
    "limits.cpu",
    "limits.ephemeral-storage",
    "limits.memory",
    "requests.cpu",
    "requests.ephemeral-storage",
    "requests.memory",
];

/// `validateContainerResourceFieldSelector`.
pub(super) fn resource(part: &Part<'_, '_>, refused: &mut Refused) {
    let name = text(part.node, "resource");
    let is_pages = ["limits.hugepages-", "requests.hugepages-"].iter().any(|start| name.starts_with(start));
    if !name.is_empty() && !is_pages && !SHOWN.contains(&name) {
        let what = format!("is `{name}`, which is no resource of a container that can be shown");
        refused.of(part, "resource", what, "write `limits.memory` or `requests.cpu`, say");
    }
}
