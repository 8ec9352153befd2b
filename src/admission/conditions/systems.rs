//! What pods of an operating system may not ask for (`core/validation`: `validateLinux`, `validateWindows`).

use super::super::workload::containers;
use super::{Part, Refused, field, text};
use crate::text::Location;
use crate::yaml::Node;
use crate::yaml::path::Trail;

/// Fields of a pod that Windows does not have.
const OF_POD: [&str; 4] = ["hostIPC", "hostPID", "hostUsers", "shareProcessNamespace"];
/// The same of the security context of a pod, and of a container.
const OF_CONTEXT: [&str; 11] = [
    "appArmorProfile",
    "fsGroup",
    "fsGroupChangePolicy",
    "runAsGroup",
    "runAsUser",
    "seLinuxChangePolicy",
    "seLinuxOptions",
    "seccompProfile",
    "supplementalGroups",
    "supplementalGroupsPolicy",
    "sysctls",
];
const OF_CONTAINER: [&str; 10] = [
    "allowPrivilegeEscalation",
    "appArmorProfile",
    "capabilities",
    "privileged",
    "procMount",
    "readOnlyRootFilesystem",
    "runAsGroup",
    "runAsUser",
    "seLinuxOptions",
    "seccompProfile",
];
const OF_WINDOWS: [&str; 1] = ["windowsOptions"];

pub(super) fn pod(part: &Part<'_, '_>, refused: &mut Refused) {
    let system = field(part.node, "os").map_or("", |os| text(os, "name"));
    let (of_context, of_container): (&[&str], &[&str]) = match system {
        "linux" => (&OF_WINDOWS, &OF_WINDOWS),
        "windows" => (&OF_CONTEXT, &OF_CONTAINER),
        _ => return,
    };
    let mut refuse = |node: &Node, path: &Trail<'_>, keys: &[&str]| {
        for key in keys {
            if let Some(at) = given(node, key) {
                let path = path.key(key).to_path();
                let message = format!("`{path}` is not for pods of `{system}`, which `os` says this one is");
                refused.say(at, path, message, "leave it out, or leave `os` out");
            }
        }
    };
    if system == "windows" {
        refuse(part.node, part.path, &OF_POD);
    }
    if let Some(context) = field(part.node, "securityContext") {
        refuse(context, &part.path.key("securityContext"), of_context);
    }
    for (list, index, container) in containers(part.node) {
        if let Some(context) = field(container, "securityContext") {
            refuse(context, &part.path.key(list).index(index).key("securityContext"), of_container);
        }
    }
}

/// The key of a field that asks for something: what is off, or of nothing, does not.
fn given(node: &Node, key: &str) -> Option<Location> {
    let entry = node.entry(key)?;
    let is_off = ["hostIPC", "hostPID"].contains(&key) && entry.value.as_bool() == Some(false);
    let is_empty = entry.value.is_null() || entry.value.as_seq().is_some_and(<[Node]>::is_empty);
    (!is_off && !is_empty).then_some(entry.key.location)
}
