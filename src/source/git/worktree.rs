//! What git says of the working tree: which files it tracks, which of them it did not check out, which paths are submodules, and which it
//! ignores.
#![expect(clippy::disallowed_methods, reason = "ignore files are looked at before git's own code reads them")]

use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::fs;
use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};

use gix::bstr::BStr;
use gix::index::Entry;
use gix::index::entry::{Flags, Mode, Stat};
use gix::index::fs::Metadata;
use gix::worktree::stack::state::ignore;
use gix::worktree::{IndexPersistedOrInMemory, Stack};

use super::{Error, Repository, unreadable};
use crate::source::{BlobId, dir, is_absent};

/// Largest `.gitignore`, in bytes.
const IGNORE_LIMIT: u64 = 1024 * 1024;

impl Repository {
    /// Paths of all tracked files, sorted.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the index cannot be read.
    pub fn tracked(&self) -> Result<Vec<String>, Error> {
        let index = self.index()?;
        let mut paths: Vec<String> = index.entries().iter().map(|entry| entry.path(&index).to_string()).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
    }

    /// Paths of all submodules, each with its commit: what the index says, since anybody can write a `.gitmodules`.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the index cannot be read.
    pub fn submodules(&self) -> Result<BTreeMap<String, String>, Error> {
        let index = self.index()?;
        let submodules = index.entries().iter().filter(|entry| entry.mode == Mode::COMMIT);
        Ok(submodules.map(|entry| (entry.path(&index).to_string(), entry.id.to_string())).collect())
    }

    /// Paths of all tracked files and folders that a sparse checkout leaves out, sorted; some may be there all the same.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the index cannot be read.
    pub fn left_out(&self) -> Result<Vec<String>, Error> {
        let index = self.index()?;
        let skipped = index.entries().iter().filter(|entry| entry.flags.contains(Flags::SKIP_WORKTREE));
        let path = |entry: &Entry| entry.path(&index).to_string().trim_end_matches('/').to_owned();
        let mut paths: Vec<String> = skipped.map(path).collect();
        paths.sort_unstable();
        Ok(paths)
    }

    fn index(&self) -> Result<IndexPersistedOrInMemory, Error> {
        self.local().index_or_load_from_head_or_empty().map_err(|error| unreadable("the git index", &error))
    }

    /// What decides whether git ignores a path of the working tree.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the index or an ignore file cannot be read.
    pub fn ignores(&self) -> Result<Ignores, Error> {
        let git = self.local();
        let failed = |error: gix::Error| unreadable("the git index", &error);
        let index = git.index_or_load_from_head_or_empty().map_err(failed)?;
        let stack = git.excludes(&index, None, ignore::Source::WorktreeThenIdMappingIfNotSkipped);
        let stack = stack.map_err(failed)?.detach();
        let checked = HashSet::new();
        Ok(Ignores { state: Mutex::new(State { git, index, stack, checked }) })
    }
}

/// A working tree as a folder of files asks about it; index and ignore files are read at the first question.
#[derive(Debug)]
pub struct Worktree {
    repository: Repository,
    ignores: OnceLock<Result<Ignores, Error>>,
    submodules: OnceLock<Result<BTreeMap<String, String>, Error>>,
    left_out: OnceLock<Result<Vec<String>, Error>>,
    index: OnceLock<Option<Index>>,
}

/// What git noted of each file when it last wrote or read it.
struct Index {
    state: IndexPersistedOrInMemory,
    options: gix::index::entry::stat::Options,
}

impl fmt::Debug for Index {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Index")
    }
}

impl Index {
    fn of(repository: &Repository) -> Option<Self> {
        // Parts of a second are noted, and tell what was written just before the index.
        let options = gix::index::entry::stat::Options { use_nsec: true, ..repository.local().stat_options().ok()? };
        Some(Self { state: repository.index().ok()?, options })
    }

    /// The content of a file, where its size, times and owner are those that git noted: nobody has written to it since.
    fn content(&self, path: &str, disk: &Path) -> Option<BlobId> {
        let entry = self.state.entry_by_path(BStr::new(path))?;
        let is_file = matches!(entry.mode, Mode::FILE | Mode::FILE_EXECUTABLE);
        let stat = Stat::from_fs(&Metadata::from_path_no_follow(disk).ok()?).ok()?;
        let is_noted = is_file
            && entry.stat.matches(&stat, self.options)
            && !entry.stat.is_racy(self.state.timestamp(), self.options);
        if is_noted { entry.id.as_slice().try_into().ok().map(BlobId) } else { None }
    }
}

impl Worktree {
    /// The working tree of a repository.
    pub fn new(repository: &Repository) -> Self {
        Self {
            repository: repository.clone(),
            ignores: OnceLock::new(),
            submodules: OnceLock::new(),
            left_out: OnceLock::new(),
            index: OnceLock::new(),
        }
    }
}

impl dir::WorkingTree for Worktree {
    fn is_ignored(&self, path: &str, is_folder: bool) -> Result<bool, String> {
        let ignores = self.ignores.get_or_init(|| self.repository.ignores()).as_ref();
        let is_ignored = ignores.map_err(Clone::clone).and_then(|ignores| ignores.is_ignored(path, is_folder));
        is_ignored.map_err(|error| error.to_string())
    }

    fn is_submodule(&self, path: &str) -> Result<bool, String> {
        let submodules = self.submodules.get_or_init(|| self.repository.submodules()).as_ref();
        submodules.map(|submodules| submodules.contains_key(path)).map_err(ToString::to_string)
    }

    fn commit(&self, path: &str) -> Option<String> {
        let submodules = self.submodules.get_or_init(|| self.repository.submodules()).as_ref();
        submodules.ok()?.get(path).cloned()
    }

    fn left_out(&self) -> Result<&[String], String> {
        let left_out = self.left_out.get_or_init(|| self.repository.left_out()).as_ref();
        left_out.map(Vec::as_slice).map_err(ToString::to_string)
    }

    fn content(&self, path: &str, disk: &Path) -> Option<BlobId> {
        self.index.get_or_init(|| Index::of(&self.repository)).as_ref()?.content(path, disk)
    }
}

/// The ignore files of a working tree, global ones included.
pub struct Ignores {
    state: Mutex<State>,
}

struct State {
    git: gix::Repository,
    index: IndexPersistedOrInMemory,
    stack: Stack,
    /// Folders whose ignore file may be read.
    checked: HashSet<String>,
}

impl fmt::Debug for Ignores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ignores")
    }
}

impl Ignores {
    /// Whether git ignores a path below the working tree's root; what is tracked is never ignored, whatever the patterns say.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where an ignore file on the way is no regular file, is too large or cannot be read.
    pub fn is_ignored(&self, path: &str, is_folder: bool) -> Result<bool, Error> {
        if path.is_empty() {
            return Ok(false);
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.check(path)?;
        let State { git, index, stack, .. } = &mut *state;
        let mode = is_folder.then_some(Mode::DIR);
        let at = stack.at_path(BStr::new(path), mode, &git.objects);
        let at = at.map_err(|error| unreadable(&format!("the ignore files above `{path}`"), &error))?;
        Ok(at.is_excluded() && !is_tracked(index, path))
    }
}

impl State {
    /// Looks at every ignore file that decides about a path: opening a pipe would never end, and reading a device neither.
    fn check(&mut self, path: &str) -> Result<(), Error> {
        let Some(root) = self.git.workdir().map(Path::to_path_buf) else { return Ok(()) };
        let folders = std::iter::once("").chain(path.match_indices('/').map(|(end, _)| &path[..end]));
        for folder in folders {
            if self.checked.contains(folder) {
                continue;
            }
            let name = crate::source::join(folder, ".gitignore");
            let reason = match fs::metadata(root.join(&name)) {
                Ok(found) if found.is_dir() || found.is_file() && found.len() <= IGNORE_LIMIT => None,
                Ok(found) if found.is_file() => Some(format!("it is larger than {IGNORE_LIMIT} bytes")),
                Ok(_) => Some("it is not a regular file".to_owned()),
                Err(error) if is_absent(&error) => None,
                Err(error) => Some(error.to_string()),
            };
            if let Some(reason) = reason {
                return Err(Error::Unreadable { what: format!("`{name}`"), reason });
            }
            self.checked.insert(folder.to_owned());
        }
        Ok(())
    }
}

fn is_tracked(index: &gix::index::State, path: &str) -> bool {
    let below = format!("{path}/");
    index.entry_by_path(BStr::new(path)).is_some() || index.prefixed_entries(BStr::new(&below)).is_some()
}
