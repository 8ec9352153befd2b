//! Fields that the API server lets nobody change: an upgrade that tries fails, and the object has to be deleted first.
//!
//! The conditions are those of each kind's `Validate…Update` in `kubernetes/pkg/apis/*/validation`.

use super::identity::Identity;
use super::{Changes, Places};
use crate::kubernetes::Quantity;
use crate::yaml::{KeyPath, Node};

/// A field that stays as it was made, and what it is where a manifest leaves it out.
type Field = (&'static str, Unsaid);

#[derive(Clone, Copy)]
enum Unsaid {
    /// Nothing: that is another value than any that is said.
    Nothing,
    /// This value.
    Is(&'static str),
    /// What the cluster or something else in the manifest gives it.
    Given,
}

use Unsaid::{Given, Is, Nothing};

fn fields(group: &str, kind: &str) -> &'static [Field] {
    match (group, kind) {
        ("apps", "Deployment" | "DaemonSet" | "ReplicaSet") => &[("spec.selector", Given)],
        ("apps", "StatefulSet") => &[
            ("spec.selector", Given),
            ("spec.serviceName", Nothing),
            ("spec.podManagementPolicy", Is("OrderedReady")),
            ("spec.volumeClaimTemplates", Nothing),
        ],
        ("batch", "Job") => &[
            ("spec.selector", Given),
            ("spec.template", Nothing),
            ("spec.completionMode", Is("NonIndexed")),
            ("spec.completions", Given),
            ("spec.podFailurePolicy", Nothing),
            ("spec.successPolicy", Nothing),
            ("spec.backoffLimitPerIndex", Nothing),
            ("spec.managedBy", Nothing),
        ],
        ("", "PersistentVolumeClaim") => &[
            ("spec.accessModes", Nothing),
            ("spec.selector", Nothing),
            ("spec.storageClassName", Given),
            ("spec.volumeMode", Is("Filesystem")),
            ("spec.volumeName", Given),
            ("spec.dataSource", Given),
            ("spec.dataSourceRef", Given),
        ],
        ("", "PersistentVolume") => &[
            ("spec.csi", Nothing),
            ("spec.hostPath.path", Nothing),
            ("spec.local.path", Nothing),
            ("spec.nfs.path", Nothing),
            ("spec.nfs.server", Nothing),
            ("spec.volumeMode", Is("Filesystem")),
        ],
        ("storage.k8s.io", "StorageClass") => &[
            ("provisioner", Nothing),
            ("parameters", Nothing),
            ("reclaimPolicy", Is("Delete")),
            ("volumeBindingMode", Is("Immediate")),
        ],
        ("storage.k8s.io", "CSIDriver") => &[("spec.attachRequired", Is("true"))],
        // `roleRef.apiGroup` has one value that it can have.
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            &[("roleRef.kind", Nothing), ("roleRef.name", Nothing)]
        }
        ("", "Secret") => &[("type", Is("Opaque"))],
        ("scheduling.k8s.io", "PriorityClass") => {
            &[("value", Is("0")), ("preemptionPolicy", Is("PreemptLowerPriority"))]
        }
        ("networking.k8s.io", "IngressClass") => &[("spec.controller", Nothing)],
        ("node.k8s.io", "RuntimeClass") => &[("handler", Nothing)],
        _ => &[],
    }
}

/// What a claim of a StatefulSet says; kind, version and status are not compared.
const CLAIM: &[Field] = &[
    ("metadata.name", Nothing),
    ("metadata.labels", Nothing),
    ("metadata.annotations", Nothing),
    ("spec.accessModes", Nothing),
    ("spec.dataSource", Nothing),
    ("spec.dataSourceRef", Nothing),
    ("spec.resources", Nothing),
    ("spec.selector", Nothing),
    ("spec.storageClassName", Nothing),
    ("spec.volumeAttributesClassName", Nothing),
    ("spec.volumeMode", Is("Filesystem")),
    ("spec.volumeName", Nothing),
];

/// How much a claim asks for, which may grow.
const STORAGE: &str = "spec.resources.requests.storage";

/// What a ConfigMap or Secret with `immutable: true` holds.
const HELD: [&str; 3] = ["data", "binaryData", "stringData"];

pub(super) fn compare(key: &Identity, old: &Node, new: &Node, changes: &mut Changes) {
    // An object whose name holds a version or a hash is another one in the cluster.
    let name = |object: &Node| text(object, "metadata.name").map(str::to_owned);
    if name(old) != name(new) || may_change(key, new) {
        return;
    }
    let mut add = |field: &str, verb: &str, places: Places| {
        let message = format!("`{field}` of `{}` may not {verb}, and did", key.shown());
        changes.add("change-immutable-field-changed", format!("{} {field}", key.shown()), message, places);
    };
    let is_indexed = |object: &Node| text(object, "spec.completionMode") == Some("Indexed");
    for field in fields(&key.group, &key.kind) {
        // The completions of an indexed Job follow its parallelism.
        let is_elastic = field.0 == "spec.completions" && is_indexed(old) && is_indexed(new);
        if !is_elastic && differs(field, old, new) {
            add(field.0, "change", places(field.0, old, new));
        }
    }
    match (key.group.as_str(), key.kind.as_str()) {
        ("", "Service") if is_headless(old) != is_headless(new) => {
            add("spec.clusterIP", "change", places("spec.clusterIP", old, new));
        }
        ("", "PersistentVolumeClaim") if shrinks(old, new) => add(STORAGE, "shrink", places(STORAGE, old, new)),
        ("", "ConfigMap" | "Secret") if text(old, "immutable") == Some("true") => {
            let is_held = text(new, "immutable") == Some("true");
            let lost = if is_held { changed_content(old, new) } else { Some("immutable") };
            if let Some(field) = lost {
                add(field, "change", places(field, old, new));
            }
        }
        _ => {}
    }
}

/// Whether nothing holds an object to what it was: a Job that was not begun, or that is deleted soon after its end.
fn may_change(key: &Identity, new: &Node) -> bool {
    let says = |field: &str| new.at(&KeyPath::dotted(field)).is_some_and(|node| !node.is_null());
    key.kind == "Job" && (says("spec.ttlSecondsAfterFinished") || text(new, "spec.suspend") == Some("true"))
}

fn differs((field, unsaid): &Field, old: &Node, new: &Node) -> bool {
    let path = KeyPath::dotted(field);
    match unsaid {
        Given => match (said(old, &path), said(new, &path)) {
            (Some(before), Some(after)) => !before.same_meaning(after),
            _ => false,
        },
        Is(value) => text(old, field).unwrap_or(value) != text(new, field).unwrap_or(value),
        Nothing => match (filled(old, &path), filled(new, &path)) {
            (Some(before), Some(after)) if *field == "spec.volumeClaimTemplates" => !are_same_claims(before, after),
            (Some(before), Some(after)) => !before.same_meaning(after),
            (before, after) => before.is_some() != after.is_some(),
        },
    }
}

fn are_same_claims(before: &Node, after: &Node) -> bool {
    let (Some(before), Some(after)) = (before.as_seq(), after.as_seq()) else { return before.same_meaning(after) };
    let are_same = |(old, new): (&Node, &Node)| CLAIM.iter().all(|field| !differs(field, old, new));
    before.len() == after.len() && before.iter().zip(after).all(are_same)
}

fn is_headless(service: &Node) -> bool {
    text(service, "spec.clusterIP") == Some("None")
}

fn shrinks(old: &Node, new: &Node) -> bool {
    let size = |claim: &Node| Quantity::parse(text(claim, STORAGE)?);
    matches!((size(old), size(new)), (Some(before), Some(after)) if after < before)
}

/// The field of a ConfigMap or Secret that no longer holds the same; what is only written in another form does.
fn changed_content(old: &Node, new: &Node) -> Option<&'static str> {
    HELD.into_iter().find(|field| {
        let path = KeyPath::dotted(field);
        let (before, after) = (filled(old, &path), filled(new, &path));
        match (before, after) {
            (Some(before), Some(after)) => !before.same_meaning(after),
            (None, None) => false,
            // A Secret's texts may have moved from `stringData` to `data`.
            _ => HELD.iter().filter(|other| *other != field).all(|other| !differs(&(*other, Nothing), old, new)),
        }
    })
}

/// Where a field was and is; an object that does not say it, as a whole.
fn places(field: &str, old: &Node, new: &Node) -> Places {
    let path = KeyPath::dotted(field);
    let place = |object: &Node| said(object, &path).map_or(object.location, |node| node.location);
    Places::both(place(old), place(new))
}

fn text<'n>(object: &'n Node, field: &str) -> Option<&'n str> {
    object.at(&KeyPath::dotted(field))?.scalar_text().filter(|text| !text.is_empty())
}

/// A field that says something.
fn said<'n>(object: &'n Node, path: &KeyPath) -> Option<&'n Node> {
    object.at(path).filter(|node| !node.is_null())
}

/// The same, where what is empty counts as left out.
fn filled<'n>(object: &'n Node, path: &KeyPath) -> Option<&'n Node> {
    let is_empty = |node: &Node| {
        node.as_str() == Some("")
            || node.as_seq().is_some_and(<[Node]>::is_empty)
            || node.as_map().is_some_and(|mapping| mapping.entries().is_empty())
    };
    said(object, path).filter(|node| !is_empty(node))
}
