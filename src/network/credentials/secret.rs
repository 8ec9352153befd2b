//! What proves who asks.

use std::fmt;

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::network) struct Credential {
    /// What proves it.
    pub(in crate::network) secret: Secret,
    /// Where it comes from, in words.
    pub(in crate::network) origin: String,
}

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::network) enum Secret {
    /// User and password.
    Password(String, String),
    /// A token that is exchanged for others.
    Identity(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("origin", &self.origin).finish_non_exhaustive()
    }
}
