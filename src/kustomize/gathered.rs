//! The objects that a kustomization gathers: kustomize takes none of an identity that is there already, but from generators that say so.

use std::collections::HashSet;

use super::{Behavior, Error, Object, edit};
use crate::text::Location;
use crate::yaml::{Document, Node};

/// Objects by what they are called.
pub(super) struct Gathered {
    pub(super) objects: Vec<Object>,
    known: HashSet<[String; 5]>,
    /// Whether every object is known.
    is_whole: bool,
}

impl Gathered {
    pub(super) fn new(is_whole: bool) -> Self {
        Self { objects: vec![], known: HashSet::new(), is_whole }
    }

    /// Adds an object that stands at a place, or that a place asks for.
    pub(super) fn add(&mut self, object: Object, at: Location) -> Result<(), Error> {
        let id = object.id();
        let is_named = !(id.name.is_empty() || id.kind.is_empty());
        if is_named && !self.known.insert(id.key()) {
            return Err(Error::double(at, format!("`{}` is there twice", id.label())));
        }
        self.objects.push(object);
        Ok(())
    }

    /// Adds what a generator makes, or changes what is there.
    pub(super) fn generate(&mut self, document: &Document, behavior: Behavior) -> Result<(), Error> {
        let object = Object::new(document.root.clone(), None);
        let (id, at) = (object.id(), document.root.location);
        let refused = |message: String| Err(Error::refused(at, message));
        let mut known = self.objects.iter_mut().filter(|known| known.ids().any(|former| former.same(&id)));
        match (known.next(), known.next(), behavior) {
            (Some(_), Some(_), _) => refused(format!("more than one object is named `{}`", id.label())),
            (Some(_), None, Behavior::Create) => {
                refused(format!("`{}` is there twice; `behavior: merge` or `replace` changes the first", id.label()))
            }
            (Some(known), None, behavior) => {
                known.root = changed(&known.root, &object.root, behavior);
                Ok(())
            }
            (None, _, Behavior::Merge | Behavior::Replace) if self.is_whole => {
                refused(format!("no `{}` is there that a generator could change", id.label()))
            }
            (None, ..) => self.add(object, at),
        }
    }
}

/// An object as a generator leaves it.
fn changed(known: &Node, made: &Node, behavior: Behavior) -> Node {
    let data = made.get("data").map(edit::entries).unwrap_or_default();
    let below = if behavior == Behavior::Replace { edit::without(known, "data") } else { known.clone() };
    data.into_iter().fold(below, |root, entry| {
        let key = entry.key.key_text().into_owned();
        edit::with_at(&root, &["data", &key], entry.value)
    })
}
