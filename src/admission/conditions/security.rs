//! What processes may do (`ValidateSecurityContext`, `validateSeccompProfileField` and `ValidateAppArmorProfileField` in `core/validation`).

use std::collections::HashSet;

use super::{Part, Refused, field, text};
use crate::kubernetes::Minor;
use crate::yaml::Node;

/// Who may do everything gains nothing by escalation, and may not forbid it.
pub(super) fn context(part: &Part<'_, '_>, refused: &mut Refused) {
    let is = |key: &str, wanted: bool| part.node.get(key).and_then(Node::as_bool) == Some(wanted);
    if !is("allowPrivilegeEscalation", false) {
        return;
    }
    let added = field(part.node, "capabilities").and_then(|capabilities| capabilities.get("add")?.as_seq());
    // The kernel's name with `CAP_` alone; containers leave that out, and are not asked.
    let is_admin = |capability: &Node| capability.as_str() == Some("CAP_SYS_ADMIN");
    if is("privileged", true) {
        refused.of(
            part,
            "allowPrivilegeEscalation",
            "cannot be false while `privileged` is true",
            "leave one of them out",
        );
    } else if added.unwrap_or_default().iter().any(is_admin) {
        refused.of(
            part,
            "allowPrivilegeEscalation",
            "cannot be false with the capability `CAP_SYS_ADMIN`",
            "leave one of them out",
        );
    }
}

/// A profile of the node's own has a name, and no other has.
pub(super) fn profile(part: &Part<'_, '_>, refused: &mut Refused) {
    let given = !text(part.node, "localhostProfile").is_empty();
    match text(part.node, "type") {
        "Localhost" if !given => {
            refused.missing(part, "localhostProfile", ": the profile is `Localhost`", "name the profile's file");
        }
        "Localhost" if part.name == "core.v1.SeccompProfile" => descending(part, refused),
        "Localhost" | "" => {}
        kind if field(part.node, "localhostProfile").is_some() => {
            let what = format!("is for the type `Localhost` alone, not for `{kind}`");
            refused.of(part, "localhostProfile", what, "leave it out, or write `type: Localhost`");
        }
        _ => {}
    }
}

/// `validateLocalDescendingPath`.
fn descending(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = text(part.node, "localhostProfile");
    if path.starts_with('/') {
        refused.of(part, "localhostProfile", format!("is `{path}`, and has to be relative"), "leave out the first `/`");
    } else if path.split('/').any(|step| step == "..") {
        refused.of(part, "localhostProfile", format!("is `{path}`, and may not have `..`"), "");
    }
}

/// The first version that asks which of the host's settings a pod shares.
const STRICT: Minor = Minor(34);
/// Settings of the processes of a pod.
const OF_PROCESSES: [&str; 4] = ["fs.mqueue.", "kernel.msg", "kernel.sem", "kernel.shm"];

/// `ValidateHostSysctl`: what a pod shares with its host is not its own to set.
pub(super) fn settings(part: &Part<'_, '_>, refused: &mut Refused) {
    let is = |key: &str| part.node.get(key).and_then(Node::as_bool) == Some(true);
    let context = field(part.node, "securityContext");
    let settings = context.and_then(|context| context.get("sysctls")?.as_seq()).unwrap_or_default();
    let mut seen = HashSet::new();
    for (index, setting) in settings.iter().enumerate() {
        let Some(node) = setting.get("name") else { continue };
        let name = text(setting, "name");
        if !name.is_empty() && !seen.insert(name) {
            let path = part.path.key("securityContext").key("sysctls").index(index).key("name").to_path();
            refused.say(node.location, path.clone(), format!("`{path}` repeats `{name}`"), "leave one of them out");
        }
        let name = name.replace('/', ".");
        let shared = if part.minor < STRICT {
            continue;
        } else if is("hostNetwork") && name.starts_with("net.") {
            "hostNetwork"
        } else if is("hostIPC") && OF_PROCESSES.iter().any(|start| name.starts_with(start)) {
            "hostIPC"
        } else {
            continue;
        };
        let path = part.path.key("securityContext").key("sysctls").index(index).key("name").to_path();
        let message = format!("`{path}` is `{name}`, which a pod with `{shared}: true` has from its host");
        refused.say(node.location, path, message, "leave it out");
    }
}
