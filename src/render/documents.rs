//! Documents of one chart, read once however many renderings print them: profiles and versions differ in little, and the definitions of
//! custom resources, the largest of all, are the same in each.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::head::Head;
use crate::text::SourceId;
use crate::yaml::{Document, Node};

/// A document as it was read: the same for every rendering that prints it.
#[derive(Debug, Clone)]
pub(super) struct Read {
    pub(super) text: Arc<str>,
    pub(super) document: Document,
    pub(super) items: Option<Arc<[Node]>>,
    pub(super) head: Head,
}

/// What was read. Shared between threads.
#[derive(Debug, Default)]
pub(super) struct Documents(Mutex<HashMap<DocumentKey, Vec<Read>>>);

/// A template's name, and the text of a document that it printed.
type DocumentKey = (Arc<str>, Arc<str>);

impl Documents {
    /// A document with this text; none that `used` has, so that each document of a rendering has a source of its own.
    pub(super) fn find(&self, name: &Arc<str>, text: &Arc<str>, used: &HashSet<SourceId>) -> Option<Read> {
        // A panic elsewhere leaves the map whole.
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = known.get(&(Arc::clone(name), Arc::clone(text)))?;
        alike.iter().find(|read| !used.contains(&read.document.source)).cloned()
    }

    /// Keeps a document for renderings to come.
    pub(super) fn keep(&self, name: &Arc<str>, read: &Read) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((Arc::clone(name), Arc::clone(&read.text))).or_default().push(read.clone());
    }
}
