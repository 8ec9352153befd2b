//! The config maps and secrets that a pod names.

use crate::admission::workload;
use crate::yaml::Node;

/// A config map or a secret that a pod needs.
pub(super) struct Named<'a> {
    /// `ConfigMap` or `Secret`.
    pub(super) kind: &'static str,
    /// Its name.
    pub(super) name: &'a Node,
    /// Whether the field that names it can say that it is optional.
    pub(super) may_be_optional: bool,
    /// Keys of it that are asked for.
    pub(super) keys: Vec<&'a Node>,
}

/// Every config map and secret that a pod cannot start without.
pub(super) fn all(spec: &Node) -> Vec<Named<'_>> {
    let mut found = vec![];
    for (_, _, container) in workload::containers(spec) {
        for variable in container.items("env") {
            let Some(from) = variable.get("valueFrom") else { continue };
            for (key, kind) in [("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")] {
                let reference = from.get(key);
                let keys = reference.and_then(|reference| reference.get("key")).into_iter().collect();
                found.extend(required(reference, "name", kind, keys));
            }
        }
        for from in container.items("envFrom") {
            found.extend(required(from.get("configMapRef"), "name", "ConfigMap", vec![]));
            found.extend(required(from.get("secretRef"), "name", "Secret", vec![]));
        }
    }
    for volume in spec.items("volumes") {
        for (field, name, kind) in [("configMap", "name", "ConfigMap"), ("secret", "secretName", "Secret")] {
            let source = volume.get(field);
            let keys = item_keys(source).into_iter().chain(mounted(spec, volume, source));
            found.extend(required(source, name, kind, keys.collect()));
        }
        for source in volume.get("projected").map(|projected| projected.items("sources")).unwrap_or_default() {
            found.extend(required(source.get("configMap"), "name", "ConfigMap", item_keys(source.get("configMap"))));
            found.extend(required(source.get("secret"), "name", "Secret", item_keys(source.get("secret"))));
        }
    }
    let pulling =
        spec.items("imagePullSecrets").iter().filter_map(|secret| required(Some(secret), "name", "Secret", vec![]));
    found.extend(pulling.map(|named| Named { may_be_optional: false, ..named }));
    found
}

fn item_keys(source: Option<&Node>) -> Vec<&Node> {
    let listed = source.map(|source| source.items("items")).unwrap_or_default();
    listed.iter().filter_map(|item| item.get("key")).collect()
}

/// The keys that containers mount by themselves (`subPath`) of a volume that has each key under its name: one that is not there is an empty
/// folder.
fn mounted<'a>(spec: &'a Node, volume: &Node, source: Option<&Node>) -> Vec<&'a Node> {
    let name = volume.get("name").and_then(Node::as_str);
    let is_plain = source.is_some_and(|source| source.items("items").is_empty());
    let mounts = workload::containers(spec).flat_map(|(_, _, container)| container.items("volumeMounts"));
    let own = mounts.filter(|mount| is_plain && name.is_some() && mount.get("name").and_then(Node::as_str) == name);
    let paths = own.filter_map(|mount| mount.get("subPath"));
    paths
        .filter(|path| path.as_str().is_some_and(|text| !text.is_empty() && !text.contains('/') && text != "."))
        .collect()
}

fn required<'a>(
    reference: Option<&'a Node>,
    field: &str,
    kind: &'static str,
    keys: Vec<&'a Node>,
) -> Option<Named<'a>> {
    let reference = reference.filter(|node| node.get("optional").and_then(Node::as_bool) != Some(true))?;
    let name = reference.get(field).filter(|name| name.as_str().is_some_and(|text| !text.is_empty()))?;
    Some(Named { kind, name, may_be_optional: true, keys })
}
