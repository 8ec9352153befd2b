//! What volumes of one kind of storage or another are made of (`validateGitRepoVolumeSource`, `validateISCSIVolumeSource`,
//! `validateFCVolumeSource`, `validateFlockerVolumeSource` and `validateAzureDisk` in `core/validation`).

use super::{Part, Refused, field, text};
use crate::yaml::Node;

/// A folder inside a volume lies in it.
pub(super) fn repository(part: &Part<'_, '_>, refused: &mut Refused) {
    let folder = text(part.node, "directory");
    if folder.starts_with('/') {
        refused.of(part, "directory", format!("is `{folder}`, and has to be relative"), "leave out the first `/`");
    } else if folder.split('/').any(|step| step == "..") {
        refused.of(part, "directory", format!("is `{folder}`, and may not have `..`"), "");
    }
}

/// Who asks for a password has one.
pub(super) fn target(part: &Part<'_, '_>, refused: &mut Refused) {
    let asked = ["chapAuthDiscovery", "chapAuthSession"].into_iter().find(|key| is_true(part.node, key));
    if let Some(asked) = asked.filter(|_| field(part.node, "secretRef").is_none()) {
        refused.missing(part, "secretRef", &format!(": `{asked}` is true"), "name the secret with the password");
    }
}

fn is_true(node: &Node, key: &str) -> bool {
    node.get(key).and_then(Node::as_bool) == Some(true)
}

/// A disk is found by its port and number, or by a name of its own.
pub(super) fn channel(part: &Part<'_, '_>, refused: &mut Refused) {
    let has = |key: &str| part.node.get(key).and_then(Node::as_seq).is_some_and(|list| !list.is_empty());
    match (has("targetWWNs"), has("wwids")) {
        (true, true) => refused.of(part, "wwids", "stands beside `targetWWNs`", "keep one of them"),
        (false, false) => refused.missing(part, "targetWWNs", "", "set one of `targetWWNs` and `wwids`"),
        (true, false) if field(part.node, "lun").is_none() => {
            refused.missing(part, "lun", ": the volume has `targetWWNs`", "write the number of the disk");
        }
        (true, false) if super::number(part.node, "lun").is_some_and(|number| !(0..=255).contains(&number)) => {
            refused.of(part, "lun", "is not between 0 and 255", "");
        }
        _ => {}
    }
}

/// A set of data has a name or a number.
pub(super) fn set(part: &Part<'_, '_>, refused: &mut Refused) {
    let (name, number) = (text(part.node, "datasetName"), text(part.node, "datasetUUID"));
    match (name.is_empty(), number.is_empty()) {
        (true, true) => refused.missing(part, "datasetName", "", "set one of `datasetName` and `datasetUUID`"),
        (false, false) => refused.of(part, "datasetUUID", "stands beside `datasetName`", "keep one of them"),
        (false, true) if name.contains('/') => refused.of(part, "datasetName", "may not have `/`", ""),
        _ => {}
    }
}

/// Disks that Azure manages, and those that are files, are named each in their way.
pub(super) fn disk(part: &Part<'_, '_>, refused: &mut Refused) {
    let (kind, uri) = (text(part.node, "kind"), text(part.node, "diskURI"));
    let start = match kind {
        "Managed" => "/subscriptions/",
        "Shared" | "Dedicated" => "https://",
        _ => return,
    };
    if !uri.is_empty() && !uri.starts_with(start) {
        let what = format!("is `{uri}`, and has to begin with `{start}` for the kind `{kind}`");
        refused.of(part, "diskURI", what, "write the address of a disk of that kind");
    }
}
