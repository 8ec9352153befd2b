//! What goes wrong when a template is parsed or executed, in Go's words and with the place.

use thiserror::Error as ThisError;

use super::limits::Exceeded;
use crate::text::Location;

/// A template that could not be parsed or executed.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[error("{message}")]
pub struct Error {
    /// Go's whole text, inner errors included: `template: NAME:LINE:COL: executing "NAME" at <EXPR>: …`.
    pub message: String,
    /// What happened.
    pub kind: ErrorKind,
    /// Where it happened, outermost first: the calls that led there, then the expression that failed. Never empty; text that `tpl` made from
    /// a value stands at the call of `tpl`.
    pub at: Vec<Location>,
}

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ErrorKind {
    /// The text is no template.
    Parse,
    /// Evaluation failed.
    Execute,
    /// `fail` or `required` said so, with this message.
    Refused(String),
    /// A bound of ours was passed; says nothing about the template.
    Exceeded(Exceeded),
}
