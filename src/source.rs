//! Where charts lie: a folder, a packaged chart or a git revision, all seen as one [`Tree`].

use std::fmt;

use crate::text::Address;

pub mod git;

/// A file or something that stands in the place of one.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Path below the tree's root, `/`-separated.
    pub path: String,
    /// What stands there.
    pub kind: EntryKind,
}

/// What an [`Entry`] is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum EntryKind {
    /// A regular file, with its size in bytes.
    File {
        /// Bytes.
        size: u64,
    },
    /// A file that is reached through a symbolic link, be it the file itself or a folder above it.
    Linked {
        /// Bytes.
        size: u64,
        /// The link: path below the tree's root.
        link: String,
        /// Where the link leads.
        target: LinkTarget,
    },
    /// A symbolic link that leads nowhere, in a circle, or out of the repository.
    BrokenLink {
        /// Why it cannot be followed, in lower case.
        reason: String,
    },
    /// A git submodule: its content is not in this repository.
    Submodule,
    /// A socket, pipe or device.
    Irregular,
    /// Something that could not be looked at.
    Unreadable {
        /// What the system said.
        reason: String,
    },
}

/// Where a symbolic link leads.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkTarget {
    /// To this path below the tree's root.
    Inside(String),
    /// Out of the tree, to a path of the file system.
    Outside(String),
}

/// Why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Nothing stands there.
    #[error("`{path}` does not exist")]
    NotFound {
        /// Path below the tree's root.
        path: String,
    },
    /// A folder stands where a file is expected, or the reverse.
    #[error("`{path}` is {found}")]
    WrongKind {
        /// Path below the tree's root.
        path: String,
        /// `a folder`, `a file`, `a submodule`.
        found: &'static str,
    },
    /// The environment's fault: permissions, a broken disk, a damaged object database.
    #[error("cannot read `{path}`: {reason}")]
    Unreadable {
        /// Path below the tree's root.
        path: String,
        /// What the system said.
        reason: String,
    },
    /// The author's fault: a packaged chart that Helm would refuse.
    #[error("`{path}` is not a chart archive: {reason}")]
    Malformed {
        /// Path of the archive.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// A limit of Helm's or ours.
    #[error("`{path}` is larger than {limit} bytes")]
    TooLarge {
        /// Path below the tree's root.
        path: String,
        /// The limit.
        limit: u64,
    },
}

/// Files below a root, wherever they lie. Paths are relative to the root, `/`-separated, without `.` and `..`; `""` is the root.
pub trait Tree: fmt::Debug + Send + Sync {
    /// Everything below a folder that is not a folder itself, links followed, sorted by path.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::WrongKind`] where `folder` is no folder, [`Error::Unreadable`].
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error>;

    /// The bytes of a file, links followed, at most `limit` of them.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above the limit, and as [`Tree::list`].
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error>;

    /// Where a path lies, for a source read from it.
    fn address(&self, path: &str) -> Address;

    /// The path as it is reported: relative to the repository root (else to the working directory).
    fn shown(&self, path: &str) -> String;

    /// Whether git ignores the path; false where there is no git.
    fn is_ignored(&self, path: &str) -> bool {
        let _ = path;
        false
    }

    /// The id git gives to the content of a file, links followed, where the tree knows it without reading the file.
    fn blob_id(&self, path: &str) -> Option<BlobId> {
        let _ = path;
        None
    }
}

/// The id git gives to a file's content: the SHA-1 of a short header and the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 20]);

/// Largest file Helm takes into a chart (`MaxDecompressedFileSize`).
pub const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// Largest chart Helm takes (`MaxDecompressedChartSize`).
pub const CHART_LIMIT: u64 = 100 * 1024 * 1024;
