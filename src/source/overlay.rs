//! A tree with the text of some files replaced: what an editor has not saved yet, or a version that a pipeline sets.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{BlobId, Entry, EntryKind, Error, Stamp, Submodule, Tree, below};
use crate::text::Address;

/// A tree whose files have other texts in places. Files that the tree does not have stand in its folders as well, but are not walked into by
/// those who look for what git keeps: nothing knows yet whether it will.
#[derive(Debug)]
pub struct Overlay {
    tree: Arc<dyn Tree>,
    texts: BTreeMap<String, Arc<[u8]>>,
    /// Those of files that the tree does not have.
    new: BTreeSet<String>,
}

impl Overlay {
    /// A tree with the files at some paths replaced.
    pub fn new(tree: Arc<dyn Tree>, texts: BTreeMap<String, Arc<[u8]>>) -> Self {
        let is_new = |path: &&String| matches!(tree.read(path, 0), Err(Error::NotFound { .. }));
        let new = texts.keys().filter(is_new).cloned().collect();
        Self { tree, texts, new }
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
        let size = |path: &String| self.texts.get(path).map_or(0, |text| text.len() as u64);
        let entry = |path: &String| Entry { path: path.clone(), kind: EntryKind::File { size: size(path) } };
        let new = self.new.iter().filter(|path| below(path, folder).is_some());
        let mut entries: Vec<Entry> = new.map(entry).collect();
        match self.tree.list(folder) {
            Ok(known) => entries.extend(known.into_iter().map(|entry| self.sized(entry))),
            Err(Error::NotFound { .. }) if !entries.is_empty() => {}
            Err(error) => return Err(error),
        }
        entries.sort();
        Ok(entries)
    }

    fn ignored_charts(&self, folder: &str) -> Vec<String> {
        self.tree.ignored_charts(folder)
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

    fn stamp(&self, path: &str) -> Option<Stamp> {
        match self.texts.get(path) {
            Some(text) => BlobId::of(text).map(Stamp::Content),
            None => self.tree.stamp(path),
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
        if self.new.contains(path) { Some(path.to_owned()) } else { self.tree.real(path) }
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        match self.texts.get(path) {
            Some(text) => BlobId::of(text),
            None => self.tree.blob_id(path),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FILE_LIMIT, Memory};

    #[test]
    fn texts_replace_those_of_files_and_stand_where_none_is() {
        let data = |text: &str| Arc::<[u8]>::from(text.as_bytes());
        let tree = Memory::new("memory", BTreeMap::from([("a/b.yaml".to_owned(), data("b: 1\n"))]));
        let texts = [("a/b.yaml", "b: 10\n"), ("a/a.yaml", "a: 1\n"), ("c/d/e.yaml", "")];
        let overlay =
            Overlay::new(Arc::new(tree), texts.map(|(path, text)| (path.to_owned(), data(text))).into_iter().collect());
        let listed = |folder: &str| {
            let entries = overlay.list(folder).unwrap_or_default();
            entries.into_iter().map(|entry| format!("{} {:?}", entry.path, entry.kind)).collect::<Vec<_>>()
        };
        assert_eq!(listed("a"), ["a/a.yaml File { size: 5 }", "a/b.yaml File { size: 6 }"]);
        assert_eq!(listed("c/d"), ["c/d/e.yaml File { size: 0 }"]);
        assert!(overlay.list("x").is_err());
        assert_eq!(overlay.list_kept("").map(|entries| entries.len()), Ok(1), "git may not keep it");
        assert_eq!(overlay.read("a/b.yaml", FILE_LIMIT).as_deref(), Ok(&b"b: 10\n"[..]));
    }
}
