//! What kustomize leaves of a rendering, as a rendering: changed objects keep the places that their parts were rendered or written at.

use std::sync::Arc;

use super::{Manifest, Object, Rendered};
use crate::kustomize;
use crate::text::Sources;
use crate::yaml::{Node, Value};

impl Rendered {
    /// What kustomize leaves of it, and the objects that it lays beside it; none where it changes nothing. What other charts render to is
    /// not there.
    pub fn overlaid(&self, built: &[kustomize::Object], sources: &Sources) -> Option<Self> {
        let objects: Vec<Object<'_>> = self.objects().collect();
        let mut is_changed = built.len() != objects.len();
        let mut manifests = vec![];
        for object in built {
            manifests.push(match object.rendered.and_then(|index| objects.get(index)) {
                Some(original) if is_same(original, &object.root) => original.manifest.clone(),
                Some(original) => {
                    is_changed = true;
                    original.manifest.left(&object.root)
                }
                None => {
                    is_changed = true;
                    Manifest::beside(&object.root, &sources.path(object.root.location))
                }
            });
        }
        is_changed.then(|| Self { manifests, ..self.clone() })
    }
}

/// Whether an object is what was rendered, by itself and in no list: what is not changed is shared.
fn is_same(original: &Object<'_>, root: &Node) -> bool {
    let is_shared = match (&original.root.value, &root.value) {
        (Value::Map(own), Value::Map(other)) => Arc::ptr_eq(own, other),
        _ => false,
    };
    is_shared && original.position.is_none()
}
