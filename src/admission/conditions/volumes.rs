//! What volumes of a pod are made of (`validateLocalNonReservedPath`, `validateHostPathVolumeSource`, `validateNFSVolumeSource` in
//! `core/validation`).

use super::{Part, Refused, text};

/// Files inside a volume lie in it.
pub(super) fn file(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = text(part.node, "path");
    if path.starts_with('/') {
        refused.of(part, "path", format!("is `{path}`, and has to be relative"), "leave out the first `/`");
    } else if path.split('/').any(|step| step == "..") {
        refused.of(part, "path", format!("is `{path}`, and may not have `..`"), "");
    } else if path.starts_with("..") {
        refused.of(part, "path", format!("is `{path}`, and may not begin with `..`"), "");
    }
}

pub(super) fn host_path(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = text(part.node, "path");
    if path.split('/').any(|step| step == "..") {
        refused.of(part, "path", format!("is `{path}`, and may not have `..`"), "write the whole path");
    }
}

pub(super) fn nfs(part: &Part<'_, '_>, refused: &mut Refused) {
    let path = text(part.node, "path");
    if !path.is_empty() && !path.starts_with('/') {
        refused.of(part, "path", format!("is `{path}`, and has to be absolute"), "write the whole path");
    }
}
