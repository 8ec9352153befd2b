//! Why files are left alone.

use std::fmt;

/// Why a file is left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It lies in an archive or a commit, or was never a file.
    NoFile,
    /// It lies outside the repository, or in another one.
    Outside,
    /// A link leads to it.
    Link,
    /// It may not be written.
    ReadOnly,
    /// It is no longer what was judged.
    Changed,
    /// It is not UTF-8.
    NotText,
    /// A fix would leave it unreadable, or with a key twice.
    Breaks(String),
    /// A fix would bring up something else, or not do what it is for: its title, and what it would do.
    Harms(String, String),
    /// Its patch cannot be printed.
    Obeyed,
    /// The system says no.
    System(String),
}

impl fmt::Display for Why {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::NoFile => "it is no file of the working tree",
            Self::Outside => "it lies outside of the repository",
            Self::Link => "a link leads to it",
            Self::ReadOnly => "it is read-only",
            Self::Changed => "it has changed since it was judged",
            Self::NotText => "it is not UTF-8",
            Self::Obeyed => "a terminal or a pipeline would obey what its patch holds; without `--diff` it is written",
            Self::Breaks(title) => {
                return write!(formatter, "to {title} would leave it unreadable, or with a key twice");
            }
            Self::Harms(title, harm) => return write!(formatter, "to {title} would {harm}"),
            Self::System(reason) => reason,
        })
    }
}
