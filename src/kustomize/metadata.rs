//! `namespace`, `namePrefix`, `nameSuffix`, labels, annotations and `replicas`: they change no image, but what later steps select.

use super::{Error, Object, edit};
use crate::budget::Budget;
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
        // Each is a step of its own, after which the object is known by the name between as well.
        for (before, behind) in [(prefix, ""), ("", suffix)].into_iter().filter(|both| *both != ("", "")) {
            object.remember();
            let name = edit::text(format!("{before}{}{behind}", object.id().name), at);
            object.root = edit::with_at(&object.root, &["metadata", "name"], name);
        }
    }
}

/// Scales what has a name, which has to be there.
pub(super) fn scale(
    objects: &mut [Object],
    name: &str,
    count: &Node,
    (at, is_whole): (Location, bool),
) -> Result<(), Error> {
    const SCALED: [&str; 4] = ["Deployment", "ReplicaSet", "ReplicationController", "StatefulSet"];
    let is_meant = |object: &Object| object.ids().any(|id| id.name == name && SCALED.contains(&id.kind.as_str()));
    let mut is_any = false;
    for object in objects.iter_mut().filter(|object| is_meant(object)) {
        object.root = edit::with_at(&object.root, &["spec", "replicas"], count.clone());
        is_any = true;
    }
    if is_any || !is_whole {
        return Ok(());
    }
    Err(Error::refused(at, format!("nothing that has replicas is named `{name}`")))
}

/// Adds labels or annotations to every object.
pub(super) fn mark(
    objects: &mut [Object],
    field: &str,
    pairs: &Node,
    (at, budget): (Location, &Budget),
) -> Result<(), Error> {
    if edit::entries(pairs).is_empty() {
        return Ok(());
    }
    for object in objects {
        let own = object.root.get("metadata").and_then(|metadata| metadata.get(field));
        let own = own.cloned().unwrap_or_else(|| edit::mapping(vec![], pairs.location));
        budget.spend(own.weight() + pairs.weight()).map_err(|exceeded| Error::costly(at, exceeded))?;
        let marked = edit::over(&own, pairs, |_, value| Some(value.clone()));
        object.root = edit::with_at(&object.root, &["metadata", field], marked);
    }
    Ok(())
}
