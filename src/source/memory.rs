//! Files that came over the network one by one, as a [`Tree`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Entry, EntryKind, Error, Tree, below, join};
use crate::text::Address;

/// A few files by their paths.
#[derive(Debug)]
pub struct Memory {
    /// What the whole is reported as.
    shown: String,
    files: BTreeMap<String, Arc<[u8]>>,
}

impl Memory {
    /// The tree of these files, reported as `shown`.
    pub fn new(shown: impl Into<String>, files: BTreeMap<String, Arc<[u8]>>) -> Self {
        Self { shown: shown.into(), files }
    }
}

impl Tree for Memory {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let entry = |(path, data): (&String, &Arc<[u8]>)| Entry {
            path: path.clone(),
            kind: EntryKind::File { size: data.len() as u64 },
        };
        let entries: Vec<Entry> =
            self.files.iter().filter(|(path, _)| below(path, folder).is_some()).map(entry).collect();
        match (entries.is_empty(), self.files.contains_key(folder)) {
            (false, _) => Ok(entries),
            (true, true) => Err(Error::WrongKind { path: folder.to_owned(), found: "a file" }),
            (true, false) => Err(Error::NotFound { path: folder.to_owned() }),
        }
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        match self.files.get(path) {
            Some(data) if data.len() as u64 > limit => Err(Error::TooLarge { path: path.to_owned(), limit }),
            Some(data) => Ok(data.to_vec()),
            None if self.files.keys().any(|file| below(file, path).is_some()) => {
                Err(Error::WrongKind { path: path.to_owned(), found: "a folder" })
            }
            None => Err(Error::NotFound { path: path.to_owned() }),
        }
    }

    fn address(&self, _path: &str) -> Address {
        Address::Archived { archive: self.shown.clone() }
    }

    fn shown(&self, path: &str) -> String {
        join(&self.shown, path)
    }
}
