//! The folders of commits, each read once: hundreds of charts lie in one, and a look-up for each would read it as often.

use std::collections::HashMap;
use std::sync::Arc;

use gix::ObjectId;
use gix::objs::tree::EntryKind as Mode;

use super::{Error, Repository, unreadable};

/// An entry of a folder.
pub(super) struct Child {
    pub(super) name: String,
    /// Whether the name is UTF-8; otherwise it is one that nothing else has.
    pub(super) is_named: bool,
    pub(super) id: ObjectId,
    pub(super) mode: Mode,
}

/// A folder's entries by name.
pub(super) type Folder = Arc<HashMap<String, Child>>;

impl Repository {
    /// The entries of a folder; `path` names it in errors.
    pub(super) fn folder(&self, git: &gix::Repository, id: ObjectId, path: &str) -> Result<Folder, Error> {
        if let Some(folder) = self.known.folder(id) {
            return Ok(folder);
        }
        let entries = children(git, id, path)?.into_iter().map(|child| (child.name.clone(), child));
        let folder: Folder = Arc::new(entries.collect());
        self.known.keep_folder(id, &folder);
        Ok(folder)
    }
}

/// The entries of a folder, in git's order.
pub(super) fn children(git: &gix::Repository, tree: ObjectId, folder: &str) -> Result<Vec<Child>, Error> {
    let what =
        || if folder.is_empty() { "the commit's root folder".to_owned() } else { format!("the folder `{folder}`") };
    let object = Repository::object(git, tree, &what)?;
    let tree = object.try_into_tree().map_err(|error| unreadable(&what(), &error))?;
    let child = |entry: gix::object::tree::EntryRef<'_, '_>| Child {
        name: entry.filename().to_string(),
        is_named: std::str::from_utf8(entry.filename()).is_ok(),
        id: entry.object_id(),
        mode: entry.mode().kind(),
    };
    tree.iter().map(|entry| entry.map(child)).collect::<Result<_, _>>().map_err(|error| unreadable(&what(), &error))
}
