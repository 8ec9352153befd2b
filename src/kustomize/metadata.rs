//! `namespace`, `namePrefix`, `nameSuffix`, labels and annotations: they change no image, but what later steps select.

use super::{Object, edit};
use crate::text::Location;
use crate::yaml::Node;

/// Moves every object that is in a namespace; what Helm rendered keeps the one that it was rendered with.
pub(super) fn move_to(objects: &mut [Object], namespace: &str, at: Location) {
    for object in objects.iter_mut().filter(|object| object.rendered.is_none()) {
        object.remember();
        let id = object.id();
        if id.kind == "Namespace" && id.group.is_empty() {
            object.root = edit::with_at(&object.root, &["metadata", "name"], edit::text(namespace, at));
        } else if !id.is_of_the_cluster() {
            object.root = edit::with_at(&object.root, &["metadata", "namespace"], edit::text(namespace, at));
        }
    }
}

/// Gives every object a name with a prefix and a suffix, but for those that others are named after.
pub(super) fn rename(objects: &mut [Object], prefix: &str, suffix: &str, at: Location) {
    const KEPT: [&str; 3] = ["CustomResourceDefinition", "APIService", "Namespace"];
    for object in objects {
        let id = object.id();
        if KEPT.contains(&id.kind.as_str()) {
            continue;
        }
        object.remember();
        let name = edit::text(&format!("{prefix}{}{suffix}", id.name), at);
        object.root = edit::with_at(&object.root, &["metadata", "name"], name);
    }
}

/// Adds labels or annotations to every object.
pub(super) fn mark(objects: &mut [Object], field: &str, pairs: &Node) {
    for object in objects {
        for entry in edit::entries(pairs) {
            let key = entry.key.key_text();
            object.root = edit::with_at(&object.root, &["metadata", field, &key], entry.value.clone());
        }
    }
}
