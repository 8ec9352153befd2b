//! Why a function of a template did not return a value.

use super::error::Error;
use super::limits::Exceeded;

/// Why a function did not return a value.
#[derive(Debug)]
pub enum Fault {
    /// Go's error text, without `error calling NAME: `.
    Message(String),
    /// The chart's author refuses to render: `fail` and `required`.
    Refused(String),
    /// A template that the function ran failed; `context` is what Helm puts before its error.
    Nested {
        /// Text before the inner error, empty or ending in `: `.
        context: String,
        /// The inner error.
        error: Box<Error>,
    },
    /// A bound was passed.
    Exceeded(Exceeded),
}

impl From<String> for Fault {
    fn from(message: String) -> Self {
        Self::Message(message)
    }
}

impl From<&str> for Fault {
    fn from(message: &str) -> Self {
        Self::Message(message.to_owned())
    }
}

impl From<Exceeded> for Fault {
    fn from(exceeded: Exceeded) -> Self {
        Self::Exceeded(exceeded)
    }
}
