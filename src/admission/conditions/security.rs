//! What processes may do (`ValidateSecurityContext`, `validateSeccompProfileField` and `ValidateAppArmorProfileField` in `core/validation`).

use super::{Part, Refused, field, text};
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
        "Localhost" | "" => {}
        kind if given => {
            let what = format!("is for the type `Localhost` alone, not for `{kind}`");
            refused.of(part, "localhostProfile", what, "leave it out, or write `type: Localhost`");
        }
        _ => {}
    }
}
