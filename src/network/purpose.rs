//! What an address is asked for, which tells where it is written: advice has to name that place.

/// What an address is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Releases of a chart, under `published` in the configuration.
    Published,
    /// A release to compare with, on the command line.
    Against,
    /// A policy that a configuration extends.
    Policy,
    /// A chart that another depends on or that is deployed.
    Dependency,
    /// An image that would run.
    Image,
}

impl Purpose {
    /// Where the address stands, to follow "in".
    pub(super) fn place(self) -> &'static str {
        match self {
            Self::Published => "`published`",
            Self::Against => "`--against`",
            Self::Policy => "`extends`",
            Self::Dependency => "the declaration",
            Self::Image => "the image's name",
        }
    }

    /// The key of the configuration that would have to go for nobody to be asked; none where there is no such key.
    pub(super) fn key(self) -> Option<&'static str> {
        match self {
            Self::Published => Some("published"),
            Self::Policy => Some("extends"),
            Self::Against | Self::Dependency | Self::Image => None,
        }
    }
}
