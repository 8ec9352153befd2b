//! Who wrote a byte: pieces of text, the template spans that wrote them, and the chain of decisions and calls above those.

use std::sync::Arc;

use super::origin::Origins;
use crate::text::{Location, Span};

/// An entry of a [`Trace`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ScopeId(u32);

impl ScopeId {
    /// Its index in [`Trace::scopes`].
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What opened a scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeKind {
    /// A file executed by the caller.
    File,
    /// `if`, or an `else if`; also what an `else` branch stands in.
    If,
    /// `with`.
    With,
    /// `range`, one scope for all rounds.
    Range,
    /// `template` or `block`, with the name called.
    Template(Arc<str>),
    /// The `include` function, with the name called.
    Include(Arc<str>),
    /// The `tpl` function.
    Tpl,
}

/// One link of the chain above a piece of output: a decision that let it be written, or a call it was written in.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The scope around it; `None` for the executed file.
    pub parent: Option<ScopeId>,
    /// What opened it.
    pub kind: ScopeKind,
    /// The template span of the condition or the call.
    pub at: Location,
    /// The values read to decide, empty for calls.
    pub read: Origins,
}

/// All scopes of a session; pieces point into it, and so it outlives every output.
#[derive(Debug, Default)]
pub struct Trace {
    scopes: Vec<Scope>,
}

impl Trace {
    /// Adds a scope.
    pub fn open(&mut self, scope: Scope) -> ScopeId {
        self.scopes.push(scope);
        ScopeId(u32::try_from(self.scopes.len() - 1).unwrap_or(u32::MAX))
    }

    /// Every scope, in the order in which they were opened: a parent before its children.
    pub fn scopes(&self) -> &[Scope] {
        &self.scopes
    }

    /// As [`Trace::scopes`].
    pub fn into_scopes(self) -> Vec<Scope> {
        self.scopes
    }

    /// The scope behind an id of this trace.
    pub fn scope(&self, id: ScopeId) -> Option<&Scope> {
        self.scopes.get(id.0 as usize)
    }

    /// The scopes from `id` outwards to the executed file.
    pub fn chain(&self, id: ScopeId) -> impl Iterator<Item = &Scope> {
        std::iter::successors(self.scope(id), |scope| scope.parent.and_then(|parent| self.scope(parent)))
    }
}

/// Where in a template a piece was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct At {
    /// The action or text that wrote it. Text that `tpl` made from a value stands at the call of `tpl`.
    pub location: Location,
    /// The innermost decision or call around it.
    pub scope: ScopeId,
    /// True if the piece is template text byte for byte, so that an offset in the one is the same offset in the other.
    pub verbatim: bool,
}

/// A range of a text with the values it was made from. Pieces of a text are in order and never overlap.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
    /// The values read to make it.
    pub origins: Origins,
    /// The template place that wrote it; `None` in a string that was built but not yet printed.
    pub at: Option<At>,
}

impl Piece {
    /// The part of the piece that lies in `start..end`, or `None` if that is empty. Offsets stay relative to the same text.
    pub fn clip(&self, start: u32, end: u32) -> Option<Self> {
        let (from, to) = (self.start.max(start), self.end.min(end));
        if from >= to {
            return None;
        }
        let mut piece = Self { start: from, end: to, ..self.clone() };
        if let Some(at) = piece.at.as_mut().filter(|at| at.verbatim) {
            let first = at.location.span.start + (from - self.start);
            at.location.span = Span { start: first, end: first + (to - from) };
        }
        Some(piece)
    }

    /// True if `next` continues this piece: same cause, no gap, and for template text no gap there either.
    fn joins(&self, next: &Self) -> bool {
        self.end == next.start
            && self.origins == next.origins
            && match (self.at, next.at) {
                (Some(one), Some(two)) if one.verbatim && two.verbatim => {
                    one.scope == two.scope
                        && one.location.source == two.location.source
                        && one.location.span.end == two.location.span.start
                }
                (one, two) => one == two,
            }
    }

    /// Appends `next` to `pieces`, as part of the last one where it continues that.
    pub fn append(pieces: &mut Vec<Self>, next: Self) {
        match pieces.last_mut() {
            Some(last) if last.joins(&next) => {
                last.end = next.end;
                if let (Some(at), Some(new)) = (last.at.as_mut(), next.at) {
                    at.location.span.end = new.location.span.end;
                }
            }
            _ => pieces.push(next),
        }
    }
}

/// The pieces that overlap `start..end`, by binary search.
pub fn overlapping(pieces: &[Piece], start: u32, end: u32) -> &[Piece] {
    let first = pieces.partition_point(|piece| piece.end <= start);
    let count = pieces[first..].partition_point(|piece| piece.start < end);
    &pieces[first..first + count]
}
