//! Places as machine formats write them: lines and columns from 1, columns in Unicode scalars, ends exclusive.

use crate::text::{Location, Sources};

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// Relative to the repository root, else to the working directory.
    pub(super) path: String,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) end_line: usize,
    pub(super) end_column: usize,
}

pub(super) fn place(location: Location, sources: &Sources) -> Place {
    let source = sources.get(location.source);
    let (start, end) = (source.position(location.span.start), source.position(location.span.end));
    Place {
        path: source.path.clone(),
        line: start.line,
        column: start.column,
        end_line: end.line,
        end_column: end.column,
    }
}
