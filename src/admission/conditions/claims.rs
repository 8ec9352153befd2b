//! Claims of storage that pods are made with: those of a StatefulSet (`apps/validation.ValidateVolumeClaimTemplates`) and of a pod itself
//! (`core/validation.validateEphemeralVolumeSource`).

use std::collections::HashSet;

use super::{Part, Refused, field, key_of, text};
use crate::kubernetes::Quantity;
use crate::schema::holds;
use crate::yaml::Node;

/// `ValidatePersistentVolumeClaimSpec`. Inside of others claims are judged as such.
pub(super) fn claim(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(spec) = field(part.node, "spec").filter(|_| part.path.to_path().0.is_empty()) else { return };
    let at = key_of(part.node, "spec").unwrap_or(part.at);
    claimed(&Part { name: part.name, node: spec, at, path: &part.path.key("spec"), minor: part.minor }, refused);
}

/// What is claimed.
fn claimed(part: &Part<'_, '_>, refused: &mut Refused) {
    let modes = part.node.items("accessModes");
    if modes.is_empty() && field(part.node, "accessModes").is_none_or(|modes| modes.as_seq().is_some()) {
        refused.missing(part, "accessModes", "", "list one, `ReadWriteOnce` say");
    }
    let alone = modes.iter().find(|mode| mode.as_str() == Some("ReadWriteOncePod")).filter(|_| modes.len() > 1);
    if let Some(mode) = alone {
        let path = part.path.key("accessModes").to_path();
        let message = format!("`{path}` has `ReadWriteOncePod` beside other modes");
        refused.say(mode.location, path, message, "keep one of them");
    }
    sources(part, refused);
    let storage = field(part.node, "resources").and_then(|resources| field(resources, "requests")?.get("storage"));
    let path = || part.path.key("resources").to_path().key("requests").key("storage");
    let is_nothing = |node: &&Node| {
        node.scalar_text().and_then(Quantity::parse).is_some_and(|amount| amount.is_zero() || amount.is_negative())
    };
    if storage.is_none_or(Node::is_null) {
        refused.say(part.at, path(), format!("required field `{}` is missing", path()), "say how much to ask for");
    } else if let Some(node) = storage.filter(is_nothing) {
        refused.say(node.location, path(), format!("`{}` has to be more than 0", path()), "say how much to ask for");
    }
}

/// `validateDataSource` and `validateDataSourceRef`: what a claim is filled with is of a known group, and said once.
fn sources(part: &Part<'_, '_>, refused: &mut Refused) {
    let [source, other] = ["dataSource", "dataSourceRef"].map(|key| field(part.node, key));
    for (key, source) in [("dataSource", source), ("dataSourceRef", other)] {
        if source.is_some_and(|source| text(source, "apiGroup").is_empty() && is_foreign(text(source, "kind"))) {
            let what = "is of a kind of no group, which can only be `PersistentVolumeClaim`";
            refused.of(part, key, what, "write its `apiGroup`");
        }
    }
    let Some((source, other)) = source.zip(other) else { return };
    let differs = ["apiGroup", "kind", "name"].into_iter().any(|key| text(source, key) != text(other, key));
    if differs || !text(other, "namespace").is_empty() {
        refused.of(part, "dataSourceRef", "is not what `dataSource` says", "keep one of them");
    }
}

/// Whether a kind without a group is none that a claim can be filled from.
fn is_foreign(kind: &str) -> bool {
    !["", "PersistentVolumeClaim"].contains(&kind)
}

/// The claims of a StatefulSet. No version makes pods where one is wrong; from 1.34 on the API server refuses the object itself.
pub(super) fn templates(part: &Part<'_, '_>, refused: &mut Refused) {
    let list = part.path.key("volumeClaimTemplates");
    let mut seen = HashSet::new();
    for (index, claim) in part.node.items("volumeClaimTemplates").iter().enumerate() {
        let path = list.index(index);
        let metadata = field(claim, "metadata");
        let node = metadata.and_then(|metadata| metadata.get("name"));
        let name = node.and_then(Node::as_str);
        let at = node.map_or(claim.location, |node| node.location);
        let place = path.key("metadata");
        let place = place.key("name").to_path();
        match name {
            None | Some("") if node.is_none_or(|node| node.is_null() || name.is_some()) && claim.as_map().is_some() => {
                refused.say(at, place.clone(), format!("required field `{place}` is missing"), "name the claim");
            }
            Some(name) if !holds("dns-label", name) => {
                let what = "no name of a volume: lower-case letters, digits and `-`, 63 at most";
                refused.say(at, place.clone(), format!("`{place}` is `{name}`, which is {what}"), "");
            }
            Some(name) if !seen.insert(name) => {
                let message = format!("`{place}` is `{name}`, as that of another claim is");
                refused.say(at, place, message, "give each claim a name of its own");
            }
            _ => {}
        }
        if let Some(spec) = field(claim, "spec").filter(|spec| spec.as_map().is_some()) {
            let at = key_of(claim, "spec").unwrap_or(claim.location);
            claimed(&Part { name: "", node: spec, at, path: &path.key("spec"), minor: part.minor }, refused);
        }
    }
}

/// The claim that a volume of a pod makes for itself.
pub(super) fn ephemeral(part: &Part<'_, '_>, refused: &mut Refused) {
    let Some(template) = field(part.node, "volumeClaimTemplate") else {
        return refused.missing(part, "volumeClaimTemplate", "", "say what is claimed");
    };
    let metadata = field(template, "metadata").and_then(Node::as_map);
    for (key, entry) in metadata.into_iter().flat_map(|metadata| metadata.effective()) {
        let is_empty = entry.value.is_null() || entry.value.as_str() == Some("");
        if !["annotations", "labels"].contains(&&*key) && !is_empty {
            let path = part.path.key("volumeClaimTemplate").key("metadata").key(&key).to_path();
            let message = format!("`{path}` cannot be set, as the claim is named for its pod and volume");
            refused.say(entry.key.location, path, message, "leave it out");
        }
    }
    if let Some(spec) = field(template, "spec").filter(|spec| spec.as_map().is_some()) {
        let path = part.path.key("volumeClaimTemplate");
        let at = key_of(template, "spec").unwrap_or(part.at);
        claimed(&Part { name: "", node: spec, at, path: &path.key("spec"), minor: part.minor }, refused);
    }
}

/// `validateEmptyDirVolumeSource`.
pub(super) fn empty(part: &Part<'_, '_>, refused: &mut Refused) {
    let size = field(part.node, "sizeLimit").and_then(|size| Quantity::parse(size.scalar_text()?));
    if size.is_some_and(Quantity::is_negative) {
        refused.of(part, "sizeLimit", "cannot be less than nothing", "");
    }
}
