//! Servers as messages name them: by the host that the user named, never by what a server answered.

use std::fmt;

/// Who is at fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    /// `host[:port]` that the user named.
    pub(super) host: String,
    pub(super) role: Role,
}

/// What a server is to the host that the user named.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Role {
    /// The same.
    #[default]
    Itself,
    /// Gives out its tokens.
    Tokens,
    /// Holds its packages.
    Packages,
    /// It sends on to there.
    Beyond,
}

impl fmt::Display for Server {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let before = match self.role {
            Role::Itself => "",
            Role::Tokens => "the token server of ",
            Role::Packages => "the server of packages that is named by ",
            Role::Beyond => "a server that others are sent on to by ",
        };
        write!(formatter, "{before}`{}`", self.host)
    }
}
