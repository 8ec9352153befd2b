//! YAML inside a scalar of YAML, as Artifact Hub's annotations have it, with positions in the outer file.

use super::offsets::OffsetMap;
use super::parse::{self, Error, Limits};
use super::{Document, Node};
use crate::text::{Location, Span};

/// The YAML documents that a string node holds; their locations lie in the node's own source, whose text is `file`.
///
/// # Errors
/// As [`Document::parse_all`], at the place in the outer file.
pub fn documents(node: &Node, file: &str) -> Result<Vec<Document>, Error> {
    let content = node.as_str().unwrap_or("");
    parse::documents(node.location.source, content, &OffsetMap::of(node, file), Limits::default())
}

/// Where a part of a string node's content lies in the file, whose text is `file`.
pub fn place(node: &Node, file: &str, part: Span) -> Location {
    Location { span: OffsetMap::of(node, file).span(part), ..node.location }
}

/// Whether each place in a string node's content has its own in the file; else all that is found there lies at the whole node.
pub fn is_placed(node: &Node, file: &str) -> bool {
    !OffsetMap::of(node, file).is_whole()
}
