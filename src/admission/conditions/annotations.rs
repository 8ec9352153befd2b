//! Annotations of pods that the API server reads (`core/validation.ValidatePodSpecificAnnotations`).

use std::collections::HashSet;

use super::super::workload::containers;
use super::{Part, Refused, field, text};

/// What a profile of AppArmor is written for: the name of a container follows.
const APPARMOR: &str = "container.apparmor.security.beta.kubernetes.io/";
/// Profiles of seccomp for the pod, and for a container by its name.
const SECCOMP: &str = "seccomp.security.alpha.kubernetes.io/pod";
const SECCOMP_OF: &str = "container.seccomp.security.alpha.kubernetes.io/";
/// What it costs to delete a pod.
const COST: &str = "controller.kubernetes.io/pod-deletion-cost";

pub(super) fn of_pod(part: &Part<'_, '_>, refused: &mut Refused) {
    let annotations = field(part.node, "metadata").and_then(|metadata| field(metadata, "annotations")?.as_map());
    let spec = field(part.node, "spec");
    let names: Option<HashSet<&str>> =
        spec.map(|spec| containers(spec).map(|(.., container)| text(container, "name")).collect());
    let is_there = |name: &str| names.as_ref().is_none_or(|names| names.contains(name));
    for (key, entry) in annotations.map(crate::yaml::Mapping::effective).unwrap_or_default() {
        let Some(value) = entry.value.as_str() else { continue };
        let path = part.path.key("metadata").key("annotations").to_path().key(&key);
        if let Some(problem) = wrong(&key, value) {
            refused.say(entry.value.location, path.clone(), format!("the annotation `{key}` {problem}"), "");
        }
        if let Some(name) = key.strip_prefix(APPARMOR).filter(|name| !is_there(name)) {
            let message = format!("the annotation `{key}` is for a container `{name}`, which the pod does not have");
            refused.say(entry.key.location, path, message, "name a container of the pod");
        }
    }
}

/// What is wrong with the value of an annotation.
fn wrong(key: &str, value: &str) -> Option<String> {
    let is_file = |value: &str| value.strip_prefix("localhost/").is_some();
    if key.starts_with(APPARMOR) && !["", "runtime/default", "unconfined"].contains(&value) && !is_file(value) {
        return Some(format!("is `{value}`, none of `runtime/default`, `unconfined` and `localhost/…`"));
    }
    let is_seccomp = key == SECCOMP || key.starts_with(SECCOMP_OF);
    if is_seccomp && !["docker/default", "runtime/default", "unconfined"].contains(&value) && !is_file(value) {
        return Some(format!("is `{value}`, none of `runtime/default`, `unconfined` and `localhost/…`"));
    }
    (key == COST && !is_cost(value)).then(|| format!("is `{value}`, which is no whole number"))
}

/// Whether a text is a number as the API server reads it here: without `+` and without zeros before it.
fn is_cost(value: &str) -> bool {
    let digits = value.strip_prefix('-').unwrap_or(value);
    value.parse::<i32>().is_ok() && !value.starts_with('+') && (digits == "0" || !digits.starts_with('0'))
}
