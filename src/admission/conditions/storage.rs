//! Volumes and classes of a cluster (`ValidatePersistentVolumeSpec` in `core/validation`, `ValidateStorageClass` in `storage/validation`).

use std::collections::HashSet;

use super::super::labels::wrong_key;
use super::{Part, Refused, field, listed, text};
use crate::kubernetes::{Minor, Quantity};
use crate::yaml::Node;

/// Fields of a volume that are not what it is made of.
const OTHERS: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

pub(super) fn volume(part: &Part<'_, '_>, refused: &mut Refused) {
    let modes = part.node.get("accessModes").and_then(Node::as_seq);
    if modes.is_none_or(<[Node]>::is_empty)
        && field(part.node, "accessModes").is_none_or(|node| node.as_seq().is_some())
    {
        refused.missing(part, "accessModes", "", "list one, `ReadWriteOnce` say");
    }
    if modes.is_some_and(|modes| modes.len() > 1 && modes.iter().any(|mode| mode.as_str() == Some("ReadWriteOncePod")))
    {
        refused.of(part, "accessModes", "has `ReadWriteOncePod` beside other modes", "keep one of them");
    }
    if field(part.node, "capacity")
        .is_none_or(|capacity| capacity.as_map().is_some() && field(capacity, "storage").is_none())
    {
        refused.missing(part, "capacity", "", "say how much it holds: `storage: 10Gi`");
    }
    let amounts = field(part.node, "capacity").and_then(Node::as_map);
    if amounts.is_some_and(|amounts| amounts.effective().iter().any(|(key, _)| key != "storage")) {
        refused.of(part, "capacity", "has more than `storage`", "keep `storage` alone");
    }
    let storage = field(part.node, "capacity").and_then(|capacity| capacity.get("storage"));
    let amount = storage.and_then(Node::scalar_text).and_then(Quantity::parse);
    if let Some(node) = storage.filter(|_| amount.is_some_and(|amount| amount.is_zero() || amount.is_negative())) {
        let path = part.path.key("capacity").key("storage").to_path();
        refused.say(node.location, path.clone(), format!("`{path}` has to be more than 0"), "say how much it holds");
    }
    let is_classed = !text(part.node, "volumeAttributesClassName").is_empty();
    if is_classed && part.minor >= CLASSED && field(part.node, "csi").is_none() {
        refused.of(part, "volumeAttributesClassName", "is for volumes of `csi` alone", "leave it out");
    }
    source(part, refused);
}

/// The first version that has classes of attributes, whatever the cluster is told.
const CLASSED: Minor = Minor(34);

/// A volume is one thing.
fn source(part: &Part<'_, '_>, refused: &mut Refused) {
    let entries = part.node.as_map().map(crate::yaml::Mapping::effective).unwrap_or_default();
    let sources: Vec<&str> = entries
        .iter()
        .filter(|(key, entry)| !OTHERS.contains(&&**key) && entry.value.as_map().is_some())
        .map(|(key, _)| &**key)
        .collect();
    match sources.as_slice() {
        [] => {
            let path = part.path.to_path();
            let message = format!("`{path}` does not say what the volume is made of");
            refused.say(part.at, path, message, "set one of `csi`, `hostPath`, `local`, `nfs`");
        }
        ["local"] if field(part.node, "nodeAffinity").is_none() => {
            refused.missing(part, "nodeAffinity", ": the volume is `local`", "say on which node it is");
        }
        ["hostPath"] if is_root_recycled(part) => {
            refused.of(part, "persistentVolumeReclaimPolicy", "cannot be `Recycle` for the path `/`", "write `Retain`");
        }
        [_] => {}
        [_, second, ..] => {
            refused.of(part, second, format!("is one source of several: {}", listed(&sources)), "make two volumes");
        }
    }
}

fn is_root_recycled(part: &Part<'_, '_>) -> bool {
    let path = field(part.node, "hostPath").map_or("", |source| text(source, "path"));
    text(part.node, "persistentVolumeReclaimPolicy") == "Recycle"
        && !path.is_empty()
        && path.trim_matches('/').is_empty()
}

/// Parameters of a class, at most.
const PARAMETERS: usize = 512;

/// `validateParameters`.
pub(super) fn parameters(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(given) = field(part.node, "parameters").and_then(Node::as_map) else { return };
    if given.entries().iter().any(|entry| entry.key.as_str() == Some("")) {
        refused.of(part, "parameters", "has a parameter without a name", "name it");
    }
    if given.entries().len() > PARAMETERS {
        refused.of(part, "parameters", format!("has more than {PARAMETERS} parameters"), "leave some of them out");
    }
}

/// `ValidateTopologySelectorTerm`: each value once.
pub(super) fn topology(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen = HashSet::new();
    if let Some(twice) = part.node.items("values").iter().filter_map(Node::as_str).find(|value| !seen.insert(*value)) {
        refused.of(part, "values", format!("has `{twice}` twice"), "leave one of them out");
    }
}

/// `validateTokenRequests`: a token for an audience is asked for once.
pub(super) fn tokens(part: &Part<'_, '_>, refused: &mut Refused) {
    let mut seen = HashSet::new();
    let asked = part.node.items("tokenRequests").iter().filter(|asked| asked.as_map().is_some());
    if let Some(twice) = asked.map(|asked| text(asked, "audience")).find(|audience| !seen.insert(*audience)) {
        refused.of(part, "tokenRequests", format!("asks twice for the audience `{twice}`"), "leave one of them out");
    }
}

pub(super) fn class(part: &Part<'_, '_>, refused: &mut Refused) {
    let provisioner = text(part.node, "provisioner");
    if field(part.node, "provisioner").is_some_and(|node| node.as_str() == Some("")) {
        refused.missing(part, "provisioner", "", "name the one that makes the volumes");
    } else if let Some(problem) =
        Some(provisioner.to_lowercase()).filter(|name| !name.is_empty()).and_then(|name| wrong_key(&name))
    {
        refused.of(
            part,
            "provisioner",
            format!("is `{provisioner}`, which {problem}"),
            "write it as `csi.example.com`",
        );
    }
}
