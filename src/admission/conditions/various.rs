//! Conditions of further kinds, each by the function in Kubernetes' `pkg/apis/*/validation` that is named with it.

use super::{Part, Refused, field, key_of, number, shown, text};
use crate::schema::holds;
use crate::text::base64;
use crate::yaml::Node;
use crate::yaml::path::Trail;

/// Bytes that a ConfigMap or a Secret may hold.
const LARGEST: usize = 1024 * 1024;

/// `apps/validation.ValidateDeploymentStrategy` and `ValidateRollingUpdateDeployment`.
pub(super) fn strategy(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(rolling) = field(part.node, "rollingUpdate") else { return };
    if text(part.node, "type") == "Recreate" {
        let at = key_of(part.node, "rollingUpdate").unwrap_or(part.at);
        let message = format!("{} cannot be set with type `Recreate`", shown(part.path, "rollingUpdate"));
        return refused.say(at, part.path.key("rollingUpdate").to_path(), message, "remove one of them");
    }
    let is_zero = |key: &str| {
        let text = rolling.get(key).and_then(Node::scalar_text);
        text.is_some_and(|text| text == "0" || text == "0%")
    };
    if let Some(at) = key_of(rolling, "maxUnavailable").filter(|_| is_zero("maxUnavailable") && is_zero("maxSurge")) {
        let path = part.path.key("rollingUpdate").key("maxUnavailable").to_path();
        refused.say(at, path.clone(), format!("`{path}` cannot be 0 while `maxSurge` is 0"), "raise one of them");
    }
}

/// `autoscaling/validation.validateHorizontalPodAutoscalerSpec`. Nothing of the pods themselves tells that there is work again.
pub(super) fn replicas(part: &Part<'_, '_>, refused: &mut Refused) {
    let metrics = part.node.items("metrics");
    let wakes = metrics.iter().any(|metric| !["ContainerResource", "Pods", "Resource"].contains(&text(metric, "type")));
    if number(part.node, "minReplicas") == Some(0) && !wakes {
        let what = "is 0, for which there has to be a metric of type `Object` or `External`";
        refused.of(part, "minReplicas", what, "write 1, or leave it out");
    }
    let (least, most) = (number(part.node, "minReplicas"), number(part.node, "maxReplicas"));
    if let Some((least, most)) = least.zip(most).filter(|(least, most)| least > most) {
        let at = part.node.get("maxReplicas").map_or(part.at, |node| node.location);
        let path = part.path.key("maxReplicas").to_path();
        refused.say(
            at,
            path.clone(),
            format!("`{path}` is {most}, fewer than `minReplicas`, which is {least}"),
            "raise it",
        );
    }
}

/// `policy/validation.ValidatePodDisruptionBudgetSpec`.
pub(super) fn disruption(part: &Part<'_, '_>, refused: &mut Refused) {
    let both = field(part.node, "minAvailable").is_some() && field(part.node, "maxUnavailable").is_some();
    if let Some(at) = key_of(part.node, "maxUnavailable").filter(|_| both) {
        let path = part.path.key("maxUnavailable").to_path();
        refused.say(at, path.clone(), format!("`{path}` stands beside `minAvailable`"), "set one of them");
    }
}

/// `core/validation.ValidateConfigMap`.
pub(super) fn config_map(part: &Part<'_, '_>, refused: &mut Refused) {
    let size = keys(part, &["data", "binaryData"], refused);
    let binary = part.node.get("binaryData").and_then(Node::as_map).map(crate::yaml::Mapping::effective);
    for (key, entry) in binary.unwrap_or_default() {
        if part.node.get("data").is_some_and(|data| data.get(&key).is_some()) {
            let message = format!("the key `{key}` stands in `data` and in `binaryData`");
            refused.say(
                entry.key.location,
                part.path.key("binaryData").to_path().key(&key),
                message,
                "remove one of them",
            );
        }
    }
    large(part, size, refused);
}

/// `core/validation.ValidateSecret`.
pub(super) fn secret(part: &Part<'_, '_>, refused: &mut Refused) {
    let size = keys(part, &["data", "stringData"], refused);
    large(part, size, refused);
    let required: &[&str] = match text(part.node, "type") {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        _ => &[],
    };
    credentials(part, refused);
    let has = |key: &str| {
        ["data", "stringData"].iter().any(|list| part.node.get(list).is_some_and(|data| data.get(key).is_some()))
    };
    for key in required.iter().filter(|key| !has(key)) {
        let at = part.node.get("type").map_or(part.at, |node| node.location);
        let message = format!("a secret of type `{}` needs the key `{key}`", text(part.node, "type"));
        refused.say(at, part.path.key("data").to_path().key(key), message, "add it, or use another type");
    }
    if text(part.node, "type") == "kubernetes.io/basic-auth" && !has("username") && !has("password") {
        refused.of(
            part,
            "type",
            "is `kubernetes.io/basic-auth`, which needs `username` or `password`",
            "add one of them",
        );
    }
}

const ACCOUNT: &str = "kubernetes.io/service-account.name";

/// `ValidateSecret`: what a type promises of what is in it.
fn credentials(part: &Part<'_, '_>, refused: &mut Refused) {
    let kind = text(part.node, "type");
    let key = match kind {
        "kubernetes.io/dockerconfigjson" => ".dockerconfigjson",
        "kubernetes.io/dockercfg" => ".dockercfg",
        "kubernetes.io/ssh-auth" => "ssh-privatekey",
        "kubernetes.io/service-account-token" => {
            let annotations = part.node.get("metadata").and_then(|metadata| metadata.get("annotations"));
            if annotations.is_none_or(|annotations| text(annotations, ACCOUNT).is_empty()) {
                let what = format!("is `{kind}`, and the annotation `{ACCOUNT}` is not there");
                refused.of(part, "type", what, "name the service account by it");
            }
            return;
        }
        _ => return,
    };
    // What is written as text counts over what is written in base64.
    let written = |list: &'static str| Some((list, field(part.node, list)?.get(key)?));
    let Some((list, node)) = written("stringData").or_else(|| written("data")) else { return };
    let text = match node.as_str() {
        None if node.is_null() => Some(vec![]),
        None => None,
        Some(text) if list == "stringData" => Some(text.as_bytes().to_vec()),
        // What is no base64 is refused as such.
        Some(text) => base64::decoded(text),
    };
    let Some(text) = text else { return };
    let path = part.path.key(list).to_path().key(key);
    let is_key = kind == "kubernetes.io/ssh-auth";
    if is_key && text.is_empty() {
        refused.say(node.location, path.clone(), format!("`{path}` is empty"), "write the key");
    } else if !is_key && serde_json::from_slice::<Json>(&text).is_err() {
        let message = if text.is_empty() {
            format!("`{path}` is empty, and has to be a mapping in JSON")
        } else if list == "data" {
            format!("`{path}` is base64 of what is no mapping in JSON")
        } else {
            format!("`{path}` is no mapping in JSON")
        };
        let help = if list == "data" { "write it by `toJson` and `b64enc`" } else { "write it by `toJson`" };
        refused.say(node.location, path, message, help);
    }
}

/// What Go reads into a map.
type Json = Option<serde_json::Map<String, serde_json::Value>>;

/// Judges the keys of data, and adds up the bytes that it stands for.
fn keys(part: &Part<'_, '_>, lists: &[&str], refused: &mut Refused) -> usize {
    let mut size = 0;
    for list in lists {
        let data = part.node.get(list).and_then(Node::as_map).map(crate::yaml::Mapping::effective);
        for (key, entry) in data.unwrap_or_default() {
            let length = entry.value.scalar_text().map_or(0, |text| text.trim_end_matches('=').len());
            let is_base64 = *list == "binaryData" || (*list == "data" && part.name == "core.v1.Secret");
            size += if is_base64 { length / 4 * 3 + length % 4 } else { length };
            let is_known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
            let is_key = !key.is_empty()
                && key.len() <= 253
                && key.bytes().all(is_known)
                && key != "."
                && !key.starts_with("..");
            if !is_key {
                let message =
                    format!("the key `{key}` of `{list}` may only have letters, digits, `-`, `_` and `.`, 253 at most");
                refused.say(entry.key.location, part.path.key(list).to_path().key(&key), message, "rename it");
            }
        }
    }
    size
}

fn large(part: &Part<'_, '_>, size: usize, refused: &mut Refused) {
    let text = part.node.get("data").or_else(|| part.node.get("stringData").or_else(|| part.node.get("binaryData")));
    if size > LARGEST {
        let at = text.map_or(part.at, |node| node.location);
        let message = format!("the data has {size} bytes, more than the {LARGEST} that an object may hold");
        refused.say(at, part.path.key("data").to_path(), message, "split it, or keep it out of the chart");
    }
}

/// What the cluster keeps of an object, which server-side apply refuses (`structuredmerge.go` in `apimachinery/pkg/util/managedfields`).
pub(super) fn metadata(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.path.to_path().0.len() != 1 {
        return;
    }
    for key in ["managedFields", "resourceVersion", "uid"] {
        let given = field(part.node, key)
            .is_some_and(|node| node.as_str() != Some("") && !node.as_seq().is_some_and(<[Node]>::is_empty));
        if given {
            refused.of(part, key, "is the cluster's own, and cannot be given", "leave it out");
        }
    }
}

/// Finalizers that Kubernetes knows without a domain (`core/helper.IsStandardFinalizerName`).
const FINALIZERS: [&str; 3] = ["foregroundDeletion", "kubernetes", "orphan"];
/// Kinds whose metadata is judged by what is the same for every kind.
const PLAIN: [&str; 3] = ["admissionregistration.v1.", "apiextensions.v1.", "apiregistration.v1."];

/// Whether the finalizers of a kind have to name a domain.
pub(super) fn needs_domains(definition: &str) -> bool {
    !PLAIN.iter().any(|group| definition.starts_with(group))
}

/// `ValidateFinalizerName`, and for most of Kubernetes' own kinds `validateKubeFinalizerName`: who has to let go of an object is named
/// with a domain.
pub(super) fn finalizers(root: &Node, needs_domain: bool, refused: &mut Refused) {
    let list = field(root, "metadata").and_then(|metadata| field(metadata, "finalizers")?.as_seq());
    for (index, node) in list.unwrap_or_default().iter().enumerate() {
        let Some(name) = node.as_str().filter(|name| !FINALIZERS.contains(name)) else { continue };
        let problem = match (holds("qualified-name", name), needs_domain && !name.contains('/')) {
            (true, false) => continue,
            (_, true) => "has no domain before it",
            (false, false) => "is no name with a domain before it",
        };
        let path = Trail::Root.key("metadata").key("finalizers").index(index).to_path();
        let message = format!("`{path}` is `{name}`, which {problem}");
        refused.say(node.location, path, message, "write it as `example.com/name`");
    }
}
