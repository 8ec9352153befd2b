//! Where charts lie: a folder, a packaged chart or a git revision, all seen as one [`Tree`].

use std::fmt;
use std::path::{Component, Path};

use crate::text::Address;

mod apart;
pub mod archive;
pub mod dir;
pub mod git;
pub mod home;
pub mod lfs;
mod look;
pub mod memory;
pub mod overlay;
mod stamp;
mod witness;

pub use apart::apart;
pub use archive::{Archive, Signed};
pub use dir::Dir;
pub use home::Home;
pub use look::{Look, is_wide};
pub use memory::Memory;
pub use overlay::Overlay;
pub use stamp::Stamp;
pub use witness::{Record, Witness};

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
    /// A symbolic link that is not followed.
    BrokenLink {
        /// Why.
        why: LinkFault,
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

/// Why a symbolic link is not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, thiserror::Error)]
pub enum LinkFault {
    /// Nothing stands where it leads; Helm fails on it even where `.helmignore` names it.
    #[error("leads to nothing")]
    Missing,
    /// It leads to a folder that it stands in, or to itself.
    #[error("leads in a circle")]
    Circle,
    /// It leads out of the repository, or of the working directory where there is none: Helm would follow it on one machine and not on the
    /// next, to what may be nobody's business.
    #[error("leads out of the repository or working directory")]
    Outside,
    /// It leads to what git keeps.
    #[error("leads into a `.git` folder")]
    Git,
    /// It stands in an archive.
    #[error("stands in an archive, where Helm takes a link for an empty file")]
    Archived,
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
    /// A symbolic link on the way cannot be followed.
    #[error("`{path}` {why}")]
    BrokenLink {
        /// Path below the tree's root.
        path: String,
        /// Why.
        why: LinkFault,
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
    /// A limit of ours, lower where symbolic links multiply what there is.
    #[error("`{path}` holds more than {limit} files")]
    TooMany {
        /// Path below the tree's root.
        path: String,
        /// The limit.
        limit: usize,
    },
}

impl Error {
    /// What to do where a file of the user's own cannot be had.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::BrokenLink { .. } => "put the file itself in the place of the link, or remove the link",
            Self::TooLarge { .. } => "make the file smaller",
            Self::TooMany { .. } => "name a smaller folder",
            Self::Malformed { .. } => "package the chart again",
            Self::NotFound { .. } | Self::WrongKind { .. } | Self::Unreadable { .. } => "make the file readable",
        }
    }
}

/// Files below a root, wherever they lie. Paths are relative to the root, `/`-separated, without `.` and `..`; `""` is the root.
pub trait Tree: fmt::Debug + Send + Sync {
    /// Everything below a folder that is not a folder itself, links followed, sorted by path.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::WrongKind`] where `folder` is no folder, [`Error::Unreadable`].
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error>;

    /// As [`Tree::list`], without the files and folders that git ignores: what discovery walks.
    ///
    /// # Errors
    /// As [`Tree::list`].
    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.list(folder)
    }

    /// Folders below a folder with a Chart.yaml that [`Tree::list_kept`] leaves out, sorted: git ignores them. Not looked for far below what git
    /// ignores.
    fn ignored_charts(&self, folder: &str) -> Vec<String> {
        let _ = folder;
        vec![]
    }

    /// The bytes of a file, links followed, at most `limit` of them.
    ///
    /// # Errors
    /// [`Error::TooLarge`] above the limit, and as [`Tree::list`].
    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error>;

    /// Whether a file's bytes, at most `limit` of them, show what is looked for: of those who ask only that, a text that is typed in
    /// seldom is another.
    ///
    /// # Errors
    /// As [`Tree::read`].
    fn look(&self, path: &str, limit: u64, look: Look) -> Result<bool, Error> {
        Ok(look.sees(&self.read(path, limit)?))
    }

    /// What tells this state of a file from all others; none where only reading it does.
    fn stamp(&self, path: &str) -> Option<Stamp> {
        let _ = path;
        None
    }

    /// Where a path lies, for a source read from it.
    fn address(&self, path: &str) -> Address;

    /// The path as it is reported: relative to the repository root (else to the working directory).
    fn shown(&self, path: &str) -> String;

    /// What an archive holds besides files that are read; empty for any other tree.
    fn extras(&self) -> &[Extra] {
        &[]
    }

    /// The submodule that a path lies in, as the tree records it: its content may be here or not, and is no content of the tree.
    fn submodule(&self, path: &str) -> Option<Submodule> {
        let _ = path;
        None
    }

    /// The provenance file beside an archive; none for any other tree.
    fn signed(&self) -> Option<&Signed> {
        None
    }

    /// Makes sure that a path at which nothing stands belongs to nothing.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where something belongs there that the tree does not have: a sparse checkout leaves it out.
    fn confirm_absent(&self, path: &str) -> Result<(), Error> {
        let _ = path;
        Ok(())
    }

    /// Whether git keeps something of its own in a folder: the root of a repository, or of a submodule or worktree.
    fn holds_git(&self, folder: &str) -> bool {
        let _ = folder;
        false
    }

    /// Where a file or a folder lies in the tree, links followed; none where it is neither, or the tree does not tell.
    fn real(&self, path: &str) -> Option<String> {
        let _ = path;
        None
    }

    /// The id git gives to the content of a file, links followed, where the tree knows it without reading the file.
    fn blob_id(&self, path: &str) -> Option<BlobId> {
        let _ = path;
        None
    }
}

/// Something in an archive that `helm package` does not write: what was judged is not all that another reader finds.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Extra {
    /// Path below the chart's folder; the archive's own where it is about none.
    pub path: String,
    /// What is wrong, in lower case, to follow the path.
    pub what: &'static str,
    /// The bytes that are not read otherwise.
    pub data: Vec<u8>,
}

/// A commit of another repository that stands for a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submodule {
    /// The folder, as a path below the tree's root.
    pub path: String,
    /// The commit's id, in hexadecimal digits.
    pub commit: String,
}

/// The id git gives to a file's content: the SHA-1 of a short header and the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BlobId(pub [u8; 20]);

impl BlobId {
    /// The id of a content; none in the one case that its hash is that of a known attack on SHA-1.
    pub fn of(content: &[u8]) -> Option<Self> {
        let id = gix::objs::compute_hash(gix::hash::Kind::Sha1, gix::objs::Kind::Blob, content).ok()?;
        id.as_slice().try_into().ok().map(Self)
    }
}

/// Most files that a folder is listed with.
pub const ENTRY_LIMIT: usize = 1_000_000;
/// Largest file Helm takes into a chart (`MaxDecompressedFileSize`).
pub const FILE_LIMIT: u64 = 5 * 1024 * 1024;
/// Largest chart Helm takes (`MaxDecompressedChartSize`).
pub const CHART_LIMIT: u64 = 100 * 1024 * 1024;

/// A path below a folder; either may be `""`.
pub fn join(folder: &str, path: &str) -> String {
    match (folder, path) {
        ("", path) => path.to_owned(),
        (folder, "") => folder.to_owned(),
        (folder, path) => format!("{folder}/{path}"),
    }
}

/// `path` as seen from `folder`, without `.` and `..`; none where it leads out. One that begins with `/` is seen from `folder` as well.
pub fn normal(folder: &str, path: impl AsRef<Path>) -> Option<String> {
    let folder = folder.split('/').filter(|part| !matches!(*part, "" | "."));
    let mut parts: Vec<String> = folder.map(str::to_owned).collect();
    for component in path.as_ref().components() {
        match component {
            Component::Normal(name) => parts.push(name.to_string_lossy().into_owned()),
            Component::ParentDir => _ = parts.pop()?,
            _ => {}
        }
    }
    Some(parts.join("/"))
}

/// A path, and the folders above it, innermost first, without the root.
pub fn upwards(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path).filter(|path| !path.is_empty()), |path| {
        path.rsplit_once('/').map(|(above, _)| above)
    })
}

/// The part of a path below a folder; none where it does not lie below it.
pub fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() { Some(path) } else { path.strip_prefix(folder)?.strip_prefix('/') }
}

/// Everything below a folder, for those who ask what is not there as well.
///
/// # Errors
/// As [`Tree::list`], and [`Error::Unreadable`] where a part of it cannot be looked into.
pub fn list_whole(tree: &dyn Tree, folder: &str) -> Result<Vec<Entry>, Error> {
    let entries = tree.list(folder)?;
    let unreadable = entries.iter().find_map(|entry| match &entry.kind {
        EntryKind::Unreadable { reason } => Some((&entry.path, reason)),
        _ => None,
    });
    match unreadable {
        Some((path, reason)) => Err(Error::Unreadable { path: path.clone(), reason: reason.clone() }),
        None => Ok(entries),
    }
}

/// Whether an error says that nothing stands at a path, broken links and folders that are files included; any other leaves that open.
fn is_absent(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{NotADirectory, NotFound};
    matches!(error.kind(), NotFound | NotADirectory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_seen_from_its_folder_and_never_leads_out() {
        let ways = [
            ("charts/a", "../../README.md", Some("README.md")),
            ("charts/a", "../common", Some("charts/common")),
            ("web", "./lib/x", Some("web/lib/x")),
            ("web", "..", Some("")),
            ("./a//b", "c/./d/", Some("a/b/c/d")),
            ("", "../x.sh", None),
            ("charts", "../../x", None),
        ];
        for (folder, path, leads_to) in ways {
            assert_eq!(normal(folder, path).as_deref(), leads_to, "{path} from {folder}");
        }
    }
}
