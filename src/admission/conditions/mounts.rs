//! Mounts, ports and variables of containers (`core/validation`: `ValidateVolumeMounts`, `validateContainerPorts`, `ValidateEnv`,
//! `validateInitContainers`).

use std::collections::HashSet;

use super::{Part, Refused, field, key_of, text};
use crate::kubernetes::Minor;

pub(super) fn container(part: &Part<'_, '_>, refused: &mut Refused) {
    distinct(part, "ports", "name", refused);
    distinct(part, "resizePolicy", "resourceName", refused);
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
    for (index, mount) in part.node.items("volumeMounts").iter().enumerate() {
        let Some(node) = mount.get("mountPropagation").filter(|node| node.as_str() == Some("Bidirectional")) else {
            continue;
        };
        let path = part.path.key("volumeMounts").index(index).key("mountPropagation").to_path();
        let message = format!("`{path}` is `Bidirectional`, which is for privileged containers alone");
        refused.say(node.location, path, message, "write `HostToContainer`, or `privileged: true`");
    }
}

/// A field that no two entries of a list may have the same.
fn distinct(part: &Part<'_, '_>, list: &str, key: &str, refused: &mut Refused) {
    let mut seen = HashSet::new();
    for (index, item) in part.node.items(list).iter().enumerate() {
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
    if !part.path.has_key("initContainers") || text(part.node, "restartPolicy") == "Always" {
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
    recursive(part, refused);
    if !text(part.node, "subPath").is_empty() && !text(part.node, "subPathExpr").is_empty() {
        let path = part.path.key("subPathExpr").to_path();
        let at = key_of(part.node, "subPathExpr").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("`{path}` stands beside `subPath`"), "set one of them");
    }
}

/// `validateMountRecursiveReadOnly`: what lies below is read only where the mount is, and stays by itself.
fn recursive(part: &Part<'_, '_>, refused: &mut Refused) {
    let wish = text(part.node, "recursiveReadOnly");
    if !["Enabled", "IfPossible"].contains(&wish) {
        return;
    }
    let read_only = field(part.node, "readOnly");
    if read_only.is_none_or(|node| node.as_bool() == Some(false)) {
        refused.of(
            part,
            "recursiveReadOnly",
            format!("is `{wish}`, and `readOnly` is not true"),
            "write `readOnly: true`",
        );
    }
    if !["", "None"].contains(&text(part.node, "mountPropagation")) {
        refused.of(
            part,
            "recursiveReadOnly",
            format!("is `{wish}`, and the mount is propagated"),
            "leave one of them out",
        );
    }
}

/// The first version that takes nearly every name.
const RELAXED: Minor = Minor(32);

/// What keeps a text from being the name of a variable, or the beginning of one (`IsEnvVarName`, `IsRelaxedEnvVarName`).
fn wrong_name(name: &str, minor: Minor) -> Option<&'static str> {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    if minor >= RELAXED {
        return (!name.bytes().all(|byte| (b' '..=b'~').contains(&byte))).then_some("may only have printable ASCII");
    }
    let is_fine = name.bytes().all(is_plain) && !name.starts_with(|letter: char| letter.is_ascii_digit());
    let is_relative = name == "." || name.starts_with("..");
    (!is_fine || is_relative).then_some(
        "may only have letters, digits, `-`, `_` and `.` before Kubernetes 1.32, and does not begin with a digit or `..`",
    )
}

/// The names that no shell and no kubelet take.
pub(super) fn variable(part: &Part<'_, '_>, refused: &mut Refused) {
    if part.node.get("name").is_some_and(|name| name.as_str() == Some("")) {
        refused.missing(part, "name", "", "name the variable");
    }
    let given = text(part.node, "name");
    if let Some(problem) = wrong_name(given, part.minor).filter(|_| !given.contains('=')) {
        refused.of(part, "name", format!("is `{given}`, and {problem}"), "");
    }
    if let Some(name) = part.node.get("name").filter(|name| name.as_str().is_some_and(|name| name.contains('='))) {
        let path = part.path.key("name").to_path();
        let message = format!("`{path}` is `{}`, and may not have `=`", name.as_str().unwrap_or_default());
        refused.say(name.location, path, message, "write what follows as `value`");
    }
}

/// `validateEnvFrom`: variables come from one place, and have names.
pub(super) fn source(part: &Part<'_, '_>, refused: &mut Refused) {
    super::one_of(part, &["configMapRef", "secretRef"], refused);
    let prefix = text(part.node, "prefix");
    if let Some(problem) = wrong_name(prefix, part.minor).filter(|_| !prefix.contains('=')) {
        refused.of(part, "prefix", format!("is `{prefix}`, and {problem}"), "");
    } else if prefix.contains('=') {
        refused.of(part, "prefix", format!("is `{prefix}`, and no variable has a `=` in its name"), "");
    }
}
