//! A tree with the text of some files replaced: what an editor has not saved yet, or a version that a pipeline sets.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{BlobId, Entry, EntryKind, Error, Submodule, Tree};
use crate::text::Address;

/// A tree whose files have other texts in places. A file that the tree does not have is not added.
#[derive(Debug)]
pub struct Overlay {
    tree: Arc<dyn Tree>,
    texts: BTreeMap<String, Arc<[u8]>>,
}

impl Overlay {
    /// A tree with the files at some paths replaced.
    pub fn new(tree: Arc<dyn Tree>, texts: BTreeMap<String, Arc<[u8]>>) -> Self {
        Self { tree, texts }
    }

    fn sized(&self, entry: Entry) -> Entry {
        let Some(text) = self.texts.get(&entry.path) else { return entry };
        let size = text.len() as u64;
        let kind = match entry.kind {
            EntryKind::File { .. } => EntryKind::File { size },
            EntryKind::Linked { link, target, .. } => EntryKind::Linked { size, link, target },
            other => other,
        };
        Entry { path: entry.path, kind }
    }
}

impl Tree for Overlay {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        Ok(self.tree.list(folder)?.into_iter().map(|entry| self.sized(entry)).collect())
    }

    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        Ok(self.tree.list_kept(folder)?.into_iter().map(|entry| self.sized(entry)).collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        match self.texts.get(path) {
            Some(text) if text.len() as u64 > limit => Err(Error::TooLarge { path: path.to_owned(), limit }),
            Some(text) => Ok(text.to_vec()),
            None => self.tree.read(path, limit),
        }
    }

    fn address(&self, path: &str) -> Address {
        self.tree.address(path)
    }

    fn shown(&self, path: &str) -> String {
        self.tree.shown(path)
    }

    fn submodule(&self, path: &str) -> Option<Submodule> {
        self.tree.submodule(path)
    }

    fn confirm_absent(&self, path: &str) -> Result<(), Error> {
        self.tree.confirm_absent(path)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.tree.real(path)
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        match self.texts.get(path) {
            Some(text) => BlobId::of(text),
            None => self.tree.blob_id(path),
        }
    }
}
