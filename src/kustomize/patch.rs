//! `patches`, `patchesStrategicMerge` and `patchesJson6902`: which objects a patch is for.

use super::selector::Selector;
use super::{Error, Object, Spend, edit, id::Id, jsonpatch, merge};
use crate::budget::Budget;
use crate::text::Location;
use crate::yaml::{Document, Node};

/// A patch with what it is for.
#[derive(Debug, Clone)]
pub struct Patch {
    /// Which objects; none where each document names its own.
    pub target: Option<Selector>,
    /// What to change.
    pub body: PatchBody,
    /// Whether the patch may give another name.
    pub renames: bool,
    /// Whether the patch may give another kind.
    pub changes_kind: bool,
}

/// What a patch holds.
#[derive(Debug, Clone)]
pub enum PatchBody {
    /// Parts of objects that are merged into them.
    Merge(Vec<Document>),
    /// Operations of a JSON patch (RFC 6902): a list.
    Operations(Document),
}

impl PatchBody {
    /// Whether it changes nothing, whatever it is for.
    fn is_empty(&self) -> bool {
        match self {
            Self::Merge(documents) => documents.is_empty(),
            Self::Operations(document) => document.root.as_seq().is_some_and(<[Node]>::is_empty),
        }
    }
}

impl Patch {
    /// Where its text is.
    pub(super) fn place(&self) -> Option<Location> {
        match &self.body {
            PatchBody::Merge(documents) => documents.first().map(|document| document.root.location),
            PatchBody::Operations(document) => Some(document.root.location),
        }
    }

    pub(super) fn apply(
        &self,
        objects: &mut Vec<Object>,
        at: Location,
        is_whole: bool,
        budget: &Budget,
    ) -> Result<(), Error> {
        let refused = |message: String| Error::refused(at, message);
        if self.body.is_empty() {
            return Ok(());
        }
        let spend = |steps: usize| budget.spend(steps).map_err(|exceeded| Error::costly(at, exceeded));
        spend(objects.len())?;
        match (&self.body, &self.target) {
            (PatchBody::Operations(_), None) => Err(refused("a JSON patch needs a `target`".to_owned())),
            (PatchBody::Operations(document), Some(target)) => {
                let target = target.compile().map_err(refused)?;
                for object in objects.iter_mut() {
                    if target.selects(object).map_err(refused)? {
                        spend(object.root.weight())?;
                        object.remember();
                        object.root = jsonpatch::apply(&object.root, &document.root)?;
                        if object.id().name.is_empty() || object.id().kind.is_empty() {
                            return Err(refused("a JSON patch leaves an object without kind or name".to_owned()));
                        }
                    }
                }
                Ok(())
            }
            (PatchBody::Merge(documents), Some(target)) => {
                let [document] = documents.as_slice() else {
                    return Err(refused("a patch with a `target` holds one document".to_owned()));
                };
                let target = target.compile().map_err(refused)?;
                let mut selected = vec![];
                for object in objects.iter() {
                    selected.push(target.selects(object).map_err(refused)?);
                }
                self.merge(objects, &document.root, &selected, &spend)
            }
            (PatchBody::Merge(documents), None) => {
                let mut all = documents.iter();
                all.try_for_each(|document| self.merge_by_name(objects, &document.root, (at, is_whole), &spend))
            }
        }
    }

    /// Merges a patch into the one object that it names.
    fn merge_by_name(
        &self,
        objects: &mut Vec<Object>,
        patch: &Node,
        (at, is_whole): (Location, bool),
        spend: Spend<'_>,
    ) -> Result<(), Error> {
        let id = Id::of(patch);
        spend(objects.len())?;
        let selected: Vec<bool> = objects.iter().map(|object| object.ids().any(|known| known.same(&id))).collect();
        match selected.iter().filter(|selected| **selected).count() {
            1 => self.merge(objects, patch, &selected, spend),
            0 if !is_whole => Ok(()),
            0 => Err(Error::refused(at, format!("no object matches the patch of `{}`", id.label()))),
            _ => Err(Error::refused(at, format!("more than one object matches the patch of `{}`", id.label()))),
        }
    }

    fn merge(&self, objects: &mut Vec<Object>, patch: &Node, selected: &[bool], spend: Spend<'_>) -> Result<(), Error> {
        let mut kept = vec![];
        for (mut object, is_selected) in objects.drain(..).zip(selected) {
            if *is_selected {
                spend(object.root.weight())?;
                let before = object.root.clone();
                if self.renames || self.changes_kind {
                    object.remember();
                }
                let Some(merged) = merge::merged(&before, patch, spend)? else { continue };
                object.root = self.with_identity(&before, merged);
            }
            kept.push(object);
        }
        *objects = kept;
        Ok(())
    }

    /// The patched object under its old name, namespace, kind and version, as far as the patch may not change them.
    fn with_identity(&self, before: &Node, mut after: Node) -> Node {
        let metadata =
            |root: &Node, field: &str| root.get("metadata").and_then(|metadata| metadata.get(field)).cloned();
        if let Some(kind) = before.get("kind").filter(|_| !self.changes_kind) {
            after = edit::with(&after, "kind", kind.clone());
        }
        if let Some(version) = before.get("apiVersion").filter(|_| self.target.is_some()) {
            after = edit::with(&after, "apiVersion", version.clone());
        }
        if let Some(name) = metadata(before, "name").filter(|_| !self.renames) {
            after = edit::with_at(&after, &["metadata", "name"], name);
        }
        match metadata(before, "namespace") {
            Some(namespace) => edit::with_at(&after, &["metadata", "namespace"], namespace),
            None => match after.get("metadata").filter(|metadata| metadata.get("namespace").is_some()) {
                Some(metadata) => edit::with(&after, "metadata", edit::without(metadata, "namespace")),
                None => after,
            },
        }
    }
}
