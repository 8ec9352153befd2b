//! Errors of execution, in Go's words.

use super::{Exec, Outcome, Unit};
use crate::template::error::{Error, ErrorKind};
use crate::template::funcs::Fault;
use crate::template::limits::Exceeded;
use crate::template::print::quote::quote;

/// Bytes of a message: every level of calls repeats the texts of the levels below.
const LONGEST: usize = 1 << 20;

impl Exec<'_> {
    /// Fails at the current node.
    pub(super) fn fail<T>(&self, unit: &Unit, message: &str) -> Outcome<T> {
        Err(self.error(unit, message, ErrorKind::Execute, Vec::new()).into())
    }

    fn error(&self, unit: &Unit, message: &str, kind: ErrorKind, inner: Vec<crate::text::Location>) -> Error {
        let node = self.frame.node;
        let (place, name, shown) = (unit.place(node), quote(self.frame.entry.tree.name.as_bytes()), unit.show(node));
        let mut message = format!("template: {place}: executing {name} at <{shown}>: {message}");
        let end = (0..=LONGEST.min(message.len())).rev().find(|end| message.is_char_boundary(*end));
        message.truncate(end.unwrap_or(0));
        let at = self.location(unit, node).into_iter().chain(inner).collect();
        Error { message, kind, at }
    }

    pub(super) fn exceeded(&self, unit: &Unit, exceeded: Exceeded) -> Error {
        self.error(unit, &exceeded.to_string(), ErrorKind::Exceeded(exceeded), Vec::new())
    }

    /// The error of a function that did not return.
    pub(super) fn fault(&self, unit: &Unit, name: &str, fault: Fault) -> Error {
        let (message, kind, inner) = match fault {
            Fault::Message(message) => (message, ErrorKind::Execute, Vec::new()),
            Fault::Refused(message) => (message.clone(), ErrorKind::Refused(message), Vec::new()),
            Fault::Exceeded(exceeded) => (exceeded.to_string(), ErrorKind::Exceeded(exceeded), Vec::new()),
            Fault::Nested { context, error } => {
                let message = format!("{context}{error}");
                // A text given to `tpl` that does not parse is a template that could not be executed.
                let kind = if error.kind == ErrorKind::Parse { ErrorKind::Execute } else { error.kind };
                (message, kind, error.at)
            }
        };
        self.error(unit, &format!("error calling {name}: {message}"), kind, inner)
    }
}

/// The error for a template that is not there; Helm's sets all go by the name `gotpl`.
pub(super) fn no_template(name: &str) -> Error {
    let message = format!("template: no template {} associated with template \"gotpl\"", quote(name.as_bytes()));
    Error { message, kind: ErrorKind::Execute, at: Vec::new() }
}
