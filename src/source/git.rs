//! Git repositories, read without a git binary: where one begins, what its revisions hold, and what its working tree is like.
//!
//! Nothing here writes, fetches or runs a program: no filters, hooks, file monitors or credential helpers, whatever a configuration says.
#![expect(clippy::disallowed_methods, reason = "a repository is found here; the modules above see a `Tree`")]

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use gix::open::{self, permissions};

use super::is_absent;
use crate::finding::{Failure, FailureKind};

mod folder;
mod history;
mod known;
mod line;
mod revision;
mod safe;
mod tags;
mod worktree;

pub use known::Known;
pub use line::Line;
pub use revision::Revision;
pub use worktree::{Ignores, Worktree};

/// Why git could not answer; always the environment's fault, never the chart's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// There is a git folder, but git could not use it either.
    #[error("`{path}` is not a git repository: {reason}")]
    NotARepository {
        /// Path of the folder or file.
        path: String,
        /// What is missing.
        reason: String,
    },
    /// Somebody else owns the repository, so git would refuse to look at it.
    #[error("the git repository at `{path}` belongs to another user")]
    Untrusted {
        /// Path of the working tree, else of the git folder.
        path: String,
    },
    /// Permissions, a damaged object, an unknown repository format.
    #[error("cannot read {what}: {reason}")]
    Unreadable {
        /// What was to be read, with its backticks.
        what: String,
        /// What git said.
        reason: String,
    },
    /// No commit has this name.
    #[error("`{name}` names no commit in this repository{}", shallow_note(*shallow))]
    UnknownRevision {
        /// The name as it was given.
        name: String,
        /// Whether the history is cut off, so that the commit may just be missing.
        shallow: bool,
    },
    /// An object that a partial clone left out.
    #[error("{what} is missing in this partial clone")]
    LeftOut {
        /// What was to be read, with its backticks.
        what: String,
    },
    /// The history that would give the answer is cut off.
    #[error("cannot tell {what}: this is a shallow clone whose history is cut off")]
    Shallow {
        /// What was asked, in lower case.
        what: String,
    },
}

fn shallow_note(shallow: bool) -> &'static str {
    if shallow { ", whose history is cut off" } else { "" }
}

/// The words that mend a shallow clone.
const UNSHALLOW: &str = "fetch the whole history: `fetch-depth: 0` for actions/checkout, `GIT_DEPTH: 0` in GitLab CI, \
     else `git fetch --unshallow`; or name a commit that is here with `--base REV`";

impl Error {
    /// The words that mend it, where there are some.
    pub fn help(&self) -> Option<String> {
        match self {
            Self::Untrusted { path } => Some(format!(
                "if you trust it, run `git config --global --add safe.directory {path}` as the user who runs chartgate; without git, set \
                 `GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0={path}`"
            )),
            Self::UnknownRevision { shallow: false, name } => Some(match name.strip_prefix("origin/") {
                Some(branch) => format!("run `git fetch origin {branch}` first, or name another one with `--base REV`"),
                None => "`git log --oneline --all` lists the commits that are here".to_owned(),
            }),
            Self::UnknownRevision { shallow: true, .. } | Self::Shallow { .. } => Some(UNSHALLOW.to_owned()),
            Self::LeftOut { .. } => Some(
                "clone without `--filter` (drop `filter:` from actions/checkout), or run \
                 `git fetch --refetch --no-filter origin`"
                    .to_owned(),
            ),
            Self::NotARepository { .. } => {
                Some("remove it, or restore what is missing; `git -C FOLDER status` should work there".to_owned())
            }
            Self::Unreadable { .. } => Some("`git fsck` tells what is damaged".to_owned()),
        }
    }

    /// The error as a failure of the run.
    pub fn failure(&self) -> Failure {
        let failure = Failure::new(FailureKind::Git, self.to_string());
        match self.help() {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// A git repository. Cloning shares it, and every thread may read from it.
#[derive(Clone)]
pub struct Repository {
    shared: Arc<Shared>,
    known: Arc<Known>,
}

struct Shared {
    git: gix::ThreadSafeRepository,
    root: Option<PathBuf>,
}

impl fmt::Debug for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Repository").field(&self.git_dir()).finish()
    }
}

impl Repository {
    /// The repository around a path: the innermost folder at or above it with a `.git`, be that a folder or the file of a worktree or a
    /// submodule. Git never checks out a path with `.git` in it, while a folder with `HEAD` and `objects` may be what somebody committed:
    /// it is a folder like any other here. None where there is no `.git`.
    ///
    /// # Errors
    /// [`Error::NotARepository`] where a `.git` stands but nothing usable, [`Error::Untrusted`], [`Error::Unreadable`].
    pub fn discover(path: &Path) -> Result<Option<Self>, Error> {
        let start = std::fs::canonicalize(path).map_err(|error| unreadable(&shown(path), &error))?;
        for found in start.ancestors().map(|above| above.join(".git")) {
            if is_there(&found)? {
                return Self::at(&found).map(Some);
            }
        }
        Ok(None)
    }

    /// The repository around a path, else the bare one that the path lies in: for those who name a revision, and so ask for git.
    ///
    /// # Errors
    /// As [`Repository::discover`].
    pub fn discover_bare(path: &Path) -> Result<Option<Self>, Error> {
        if let Some(found) = Self::discover(path)? {
            return Ok(Some(found));
        }
        let start = std::fs::canonicalize(path).map_err(|error| unreadable(&shown(path), &error))?;
        let found = start.ancestors().find(|above| gix::discover::is_git(above).is_ok());
        found.map(Self::at).transpose()
    }

    /// The repository in a git folder (bare or `.git`), or in the working tree at `path`.
    ///
    /// # Errors
    /// As [`Repository::discover`].
    pub fn open(path: &Path) -> Result<Self, Error> {
        let found = std::fs::canonicalize(path)
            .map_err(|error| Error::NotARepository { path: path.display().to_string(), reason: error.to_string() })?;
        Self::at(&found)
    }

    fn at(found: &Path) -> Result<Self, Error> {
        match gix::ThreadSafeRepository::open_opts(found, open_options()) {
            Ok(git) => Self::checked(git),
            Err(error) => match Self::refused(found, &error) {
                Error::Untrusted { path } if safe::is_named(Path::new(&path)) => {
                    let git = gix::ThreadSafeRepository::open_opts(found, trusting_options());
                    git.map_err(|error| unreadable(&format!("the git repository at `{path}`"), &error))
                        .and_then(Self::checked)
                }
                refused => Err(refused),
            },
        }
    }

    fn checked(git: gix::ThreadSafeRepository) -> Result<Self, Error> {
        // What gix cannot read there it passes over, and with it remotes and what the repository is.
        let local = git.to_thread_local();
        for file in [local.common_dir().join("config"), local.git_dir().join("config.worktree")] {
            legible(&file)?;
        }
        let root = git.work_dir().map(|root| root.canonicalize().unwrap_or_else(|_| root.to_owned()));
        let repository = Self { shared: Arc::new(Shared { git, root }), known: Arc::default() };
        // A git folder whose HEAD cannot be read is damaged; better said now than taken for a young repository.
        match repository.local().head() {
            Ok(_) => Ok(repository),
            Err(error) => Err(unreadable("`HEAD`", &error)),
        }
    }

    fn refused(found: &Path, error: &gix::Error) -> Error {
        let place = if found.ends_with(".git") { found.parent().unwrap_or(found) } else { found };
        let path = place.display().to_string();
        let is_owned = |path: &Path| gix::sec::identity::is_path_owned_by_current_user(path).unwrap_or(true);
        if error.is_permission_denied() && !(is_owned(found) && is_owned(place)) {
            return Error::Untrusted { path };
        }
        if is_not_found(error) || error.is_validation() {
            return Error::NotARepository { path: found.display().to_string(), reason: reason(error) };
        }
        unreadable(&format!("the git repository at `{path}`"), error)
    }

    /// The same, with what is known of commits and folders already.
    #[must_use]
    pub fn knowing(self, known: &Arc<Known>) -> Self {
        Self { known: Arc::clone(known), ..self }
    }

    /// The folder of the working tree, absolute and without symbolic links; none for a bare repository.
    pub fn root(&self) -> Option<&Path> {
        self.shared.root.as_deref()
    }

    /// The git folder: `.git`, a bare repository, or a worktree's own folder below `.git/worktrees`.
    pub fn git_dir(&self) -> &Path {
        self.shared.git.git_dir()
    }

    /// A handle for the current thread.
    fn local(&self) -> gix::Repository {
        let mut local = self.shared.git.to_thread_local();
        local.object_cache_size_if_unset(4 * 1024 * 1024);
        local
    }

    /// An object's bytes, and the error that names it otherwise.
    fn object<'a>(
        git: &'a gix::Repository,
        id: gix::ObjectId,
        what: &dyn Fn() -> String,
    ) -> Result<gix::Object<'a>, Error> {
        match git.try_find_object(id) {
            Ok(Some(object)) => Ok(object),
            Ok(None) => Err(missing(git, what())),
            Err(error) => Err(unreadable(&what(), &error)),
        }
    }
}

/// The error for an object that is not there.
fn missing(git: &gix::Repository, what: String) -> Error {
    if is_partial(git) {
        Error::LeftOut { what }
    } else {
        Error::Unreadable { what, reason: "the object is missing in the repository".to_owned() }
    }
}

/// Whether objects may be left out on purpose: a remote promises to have them.
fn is_partial(git: &gix::Repository) -> bool {
    let config = git.config_snapshot();
    let promises = |name: &gix::bstr::BStr| {
        config.boolean(format!("remote.{name}.promisor").as_str()).unwrap_or(false)
            || config.string(format!("remote.{name}.partialclonefilter").as_str()).is_some()
    };
    config.string("extensions.partialClone").is_some() || git.remote_names().iter().any(|name| promises(name.as_ref()))
}

/// As git reads a repository, the user's configuration and environment included; unlike gix by default, not that of strangers. Files that a
/// configuration includes are left out: a repository may name one of its own working tree there, which is anybody's to write.
fn open_options() -> open::Options {
    let config = permissions::Config { includes: false, ..permissions::Config::all() };
    let permissions = open::Permissions { config, ..open::Permissions::all() };
    open::Options::default().permissions(permissions).bail_if_untrusted(true)
}

/// The same for a repository of another user that somebody calls safe: it is read as one's own.
fn trusting_options() -> open::Options {
    let unlimited = ["gitoxide.objects.allocLimitIfReducedTrust=0"];
    open_options().bail_if_untrusted(false).filter_config_section(|_| true).config_overrides(unlimited)
}

/// Whether anything stands at a path.
pub(super) fn is_there(path: &Path) -> Result<bool, Error> {
    match path.symlink_metadata() {
        Ok(_) => Ok(true),
        Err(error) if is_absent(&error) => Ok(false),
        Err(error) => Err(unreadable(&shown(path), &error)),
    }
}

/// Refuses a file that is there and cannot be read.
fn legible(path: &Path) -> Result<(), Error> {
    if !is_there(path)? {
        return Ok(());
    }
    let failed = |error: &std::io::Error| unreadable(&shown(path), error);
    let metadata = path.metadata().map_err(|error| failed(&error))?;
    if !metadata.is_file() {
        return Err(failed(&std::io::Error::other("it is no regular file")));
    }
    std::fs::File::open(path).map(drop).map_err(|error| failed(&error))
}

fn is_not_found(error: &gix::Error) -> bool {
    error.is_not_found()
}

fn shown(path: &Path) -> String {
    format!("`{}`", path.display())
}

fn unreadable(what: &str, error: &dyn std::error::Error) -> Error {
    Error::Unreadable { what: what.to_owned(), reason: reason(error) }
}

/// An error with its causes in one line, in lower case at the start and without a full stop at the end.
fn reason(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut parts: Vec<String> = vec![];
    for cause in causes {
        let text = cause.to_string().trim_end_matches('.').to_owned();
        if !text.is_empty() && !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    let text = parts.join(": ").replace('\n', " ");
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(text[first.len_utf8()..].chars()).collect()
        }
        _ => text,
    }
}
