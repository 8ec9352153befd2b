//! Where in a schema of a custom resource something stands.

use std::borrow::Cow;

use crate::text::Location;
use crate::yaml::{Entry, Mapping, Node};

/// Levels that are looked into; what is deeper the schema's own bound ends.
pub(super) const DEPTH: usize = 96;

/// A schema on the way.
pub(super) struct Level<'a> {
    /// The schema.
    pub(super) node: &'a Node,
    /// Where to say what it lacks.
    pub(super) at: Location,
    /// How many schemas stand around it.
    pub(super) depth: usize,
    /// Whether it is the schema of the whole object.
    pub(super) is_root: bool,
    /// Whether it is of the metadata of a whole object, or inside of that.
    pub(super) is_meta: bool,
    /// How it stands in the schemas around it.
    pub(super) place: Place,
}

/// How a schema stands in what it is a part of.
#[derive(Clone, Copy, Default)]
pub(super) struct Place {
    /// Whether it is of the whole object, or of one inside of another.
    pub(super) is_whole: bool,
    /// Whether there may be as many of it as a request can hold.
    pub(super) is_many: bool,
    /// Whether nothing tells which part of the earlier object it was.
    pub(super) is_lost: bool,
}

/// The entries of a mapping in a schema.
pub(super) fn mapping<'a>(node: &'a Node, key: &str) -> Vec<(Cow<'a, str>, &'a Entry)> {
    node.get(key).and_then(Node::as_map).map(Mapping::effective).unwrap_or_default()
}
