//! What git says of the working tree: whether anything is uncommitted, and which paths it ignores.

use std::fmt;
use std::sync::{Mutex, PoisonError};

use gix::bstr::BStr;
use gix::progress::Discard;
use gix::status::{Submodule, UntrackedFiles};
use gix::worktree::stack::state::ignore;
use gix::worktree::{IndexPersistedOrInMemory, Stack};

use super::{Error, Repository, unreadable};

impl Repository {
    /// Whether nothing is uncommitted: no tracked file is changed, no untracked one is there that is not ignored. Asked once.
    ///
    /// # Errors
    /// [`Error::Unreadable`].
    pub fn is_clean(&self) -> Result<bool, Error> {
        self.shared.clean.get_or_init(|| self.look_for_changes()).clone()
    }

    fn look_for_changes(&self) -> Result<bool, Error> {
        let git = self.local();
        let failed = |error: gix::Error| unreadable("the state of the working tree", &error);
        let status = git.status(Discard).map_err(failed)?;
        let status = status
            .untracked_files(UntrackedFiles::Collapsed)
            .index_worktree_rewrites(None)
            .index_worktree_submodules(Submodule::AsConfigured { check_dirty: true });
        match status.into_iter(None).map_err(failed)?.next() {
            None => Ok(true),
            Some(Ok(_)) => Ok(false),
            Some(Err(error)) => Err(failed(error)),
        }
    }

    /// Paths of all tracked files, sorted.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where the index cannot be read.
    pub fn tracked(&self) -> Result<Vec<String>, Error> {
        let index =
            self.local().index_or_load_from_head_or_empty().map_err(|error| unreadable("the git index", &error))?;
        let mut paths: Vec<String> = index.entries().iter().map(|entry| entry.path(&index).to_string()).collect();
        paths.sort_unstable();
        paths.dedup();
        Ok(paths)
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
        Ok(Ignores { state: Mutex::new(State { git, index, stack }) })
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
}

impl fmt::Debug for Ignores {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Ignores")
    }
}

impl Ignores {
    /// Whether git ignores a path below the working tree's root; what is tracked is never ignored, whatever the patterns say.
    pub fn is_ignored(&self, path: &str, is_folder: bool) -> bool {
        if path.is_empty() {
            return false;
        }
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { git, index, stack } = &mut *state;
        let mode = is_folder.then_some(gix::index::entry::Mode::DIR);
        let is_excluded = stack.at_path(BStr::new(path), mode, &git.objects).is_ok_and(|at| at.is_excluded());
        is_excluded && !is_tracked(index, path)
    }
}

fn is_tracked(index: &gix::index::State, path: &str) -> bool {
    let below = format!("{path}/");
    index.entry_by_path(BStr::new(path)).is_some() || index.prefixed_entries(BStr::new(&below)).is_some()
}
