//! What was read of a repository and stays so whatever happens to it: an id is made from what it names.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;

use super::folder::Folder;

/// Folders, commits and how these follow one another, by id.
#[derive(Default)]
pub struct Known(Mutex<Facts>);

#[derive(Default)]
struct Facts {
    folders: HashMap<ObjectId, Folder>,
    /// The folder of each commit.
    trees: HashMap<ObjectId, ObjectId>,
    first_parents: HashMap<ObjectId, ObjectId>,
    /// The best common ancestors of two commits.
    bases: HashMap<(ObjectId, ObjectId), ObjectId>,
    entries: usize,
}

/// Entries of all folders and commits that are kept; beyond them, all is read anew.
const KEPT: usize = 200_000;

impl fmt::Debug for Known {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Known")
    }
}

impl Known {
    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same with room for more.
    fn with_room(&self, entries: usize) -> MutexGuard<'_, Facts> {
        let mut facts = self.facts();
        if facts.entries + entries > KEPT {
            *facts = Facts::default();
        }
        facts.entries += entries;
        facts
    }

    pub(super) fn folder(&self, id: ObjectId) -> Option<Folder> {
        self.facts().folders.get(&id).cloned()
    }

    pub(super) fn keep_folder(&self, id: ObjectId, folder: &Folder) {
        self.with_room(folder.len()).folders.insert(id, Arc::clone(folder));
    }

    /// The folder of a commit.
    pub(super) fn tree(&self, commit: ObjectId) -> Option<ObjectId> {
        self.facts().trees.get(&commit).copied()
    }

    pub(super) fn keep_tree(&self, commit: ObjectId, tree: ObjectId) {
        self.with_room(1).trees.insert(commit, tree);
    }

    pub(super) fn first_parent(&self, commit: ObjectId) -> Option<ObjectId> {
        self.facts().first_parents.get(&commit).copied()
    }

    pub(super) fn keep_first_parent(&self, commit: ObjectId, parent: ObjectId) {
        self.with_room(1).first_parents.insert(commit, parent);
    }

    /// The best common ancestor of two commits, where one was found.
    pub(super) fn base(&self, commits: [ObjectId; 2]) -> Option<ObjectId> {
        self.facts().bases.get(&commits.into()).copied()
    }

    pub(super) fn keep_base(&self, commits: [ObjectId; 2], base: ObjectId) {
        self.with_room(1).bases.insert(commits.into(), base);
    }
}
