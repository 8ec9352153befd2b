//! What was read of a repository and stays so whatever happens to it: an id is made from what it names.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use gix::ObjectId;

use super::folder::Folder;

/// Files, folders, commits and how these follow one another, by id.
#[derive(Default)]
pub struct Known(Mutex<Facts>);

#[derive(Default)]
struct Facts {
    files: HashMap<ObjectId, Arc<[u8]>>,
    /// Bytes of those.
    bytes: usize,
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
/// Bytes of all files that are kept; beyond them, all are read anew. A chart's last release is read several times in a run.
const BYTES: usize = 8 << 20;
/// Larger files are read each time.
const LARGEST: usize = 512 << 10;

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

    /// What a file holds.
    pub(super) fn file(&self, id: ObjectId) -> Option<Arc<[u8]>> {
        self.facts().files.get(&id).cloned()
    }

    pub(super) fn keep_file(&self, id: ObjectId, data: &[u8]) {
        if data.len() > LARGEST {
            return;
        }
        let mut facts = self.facts();
        if facts.bytes + data.len() > BYTES {
            (facts.files, facts.bytes) = (HashMap::new(), 0);
        }
        if facts.files.insert(id, data.into()).is_none() {
            facts.bytes += data.len();
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_kept_take_no_more_than_their_bytes() {
        let known = Known::default();
        let id = |number: u8| ObjectId::from_bytes_or_panic(&[number; 20]);
        known.keep_file(id(0), &vec![0; LARGEST + 1]);
        assert!(known.file(id(0)).is_none(), "it is too large to be kept");
        for number in 1..=40 {
            known.keep_file(id(number), &vec![number; LARGEST]);
            assert_eq!(known.file(id(number)).as_deref(), Some(&vec![number; LARGEST][..]));
        }
        let facts = known.facts();
        let bytes: usize = facts.files.values().map(|data| data.len()).sum();
        assert!(bytes == facts.bytes && bytes <= BYTES, "{bytes}");
    }
}
