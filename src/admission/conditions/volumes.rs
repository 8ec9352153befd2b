//! What volumes of a pod are made of (`validateLocalNonReservedPath`, `validateHostPathVolumeSource`, `validateNFSVolumeSource` in
//! `core/validation`).

use std::collections::HashSet;

use super::{Part, Refused, field, key_of, listed, text};
use crate::yaml::{Mapping, Node};

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

/// `validateProjectionSources`: each source is one thing.
pub(super) fn projection(part: &Part<'_, '_>, refused: &mut Refused) {
    let entries = part.node.as_map().map(Mapping::effective).unwrap_or_default();
    let sources: Vec<&str> =
        entries.iter().filter(|(_, entry)| entry.value.as_map().is_some()).map(|(key, _)| &**key).collect();
    if let [_, second, ..] = sources.as_slice() {
        let path = part.path.to_path();
        let message = format!("`{path}` is several sources at once: {}", listed(&sources));
        refused.say(key_of(part.node, second).unwrap_or(part.at), path, message, "make two sources of it");
    }
}

/// `validateProjectionSources`: no file is there twice.
pub(super) fn projected(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen = HashSet::new();
    let sources = part.node.items("sources");
    for file in sources.iter().flat_map(files) {
        let Some((node, path)) = file.get("path").and_then(|node| Some((node, node.as_str()?))) else { continue };
        if !path.is_empty() && !seen.insert(path) {
            let sources = part.path.key("sources").to_path();
            let message = format!("`{sources}` has the file `{path}` twice");
            refused.say(node.location, sources, message, "give each file a path of its own");
        }
    }
}

/// The files that a source of a projected volume names.
fn files(source: &Node) -> impl Iterator<Item = &Node> {
    let listed =
        ["configMap", "downwardAPI", "secret"].into_iter().filter_map(|kind| field(source, kind)?.get("items"));
    let token = field(source, "serviceAccountToken");
    listed.flat_map(|items| items.as_seq().unwrap_or_default()).chain(token)
}

/// `validateCSIVolumeSource`: a secret for the driver has a name.
pub(super) fn driver(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(secret) = field(part.node, "nodePublishSecretRef").filter(|secret| secret.as_map().is_some()) else {
        return;
    };
    if field(secret, "name").is_none_or(|name| name.as_str() == Some("")) {
        let path = part.path.key("nodePublishSecretRef").key("name").to_path();
        let at = key_of(part.node, "nodePublishSecretRef").unwrap_or(part.at);
        refused.say(at, path.clone(), format!("required field `{path}` is missing"), "name the secret");
    }
}
