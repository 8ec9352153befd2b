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

/// The documents that one rendering has, so that each of its documents has a source of its own.
#[derive(Debug, Default)]
pub(super) struct Used {
    sources: HashSet<SourceId>,
    /// How many of the documents of one text were looked at: a template may print one a million times.
    looked_at: HashMap<DocumentKey, usize>,
}

impl Used {
    pub(super) fn add(&mut self, read: &Read) {
        self.sources.insert(read.document.source);
    }
}

impl Documents {
    /// A document with this text that the rendering does not have yet.
    pub(super) fn find(&self, name: &Arc<str>, text: &Arc<str>, used: &mut Used) -> Option<Read> {
        let key = (Arc::clone(name), Arc::clone(text));
        // A panic elsewhere leaves the map whole.
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let alike = known.get(&key)?;
        let next = used.looked_at.entry(key).or_default();
        let open = alike.get(*next..).unwrap_or_default();
        let found = open.iter().position(|read| !used.sources.contains(&read.document.source));
        *next += found.map_or(open.len(), |position| position + 1);
        found.map(|position| open[position].clone())
    }

    /// Keeps a document for renderings to come.
    pub(super) fn keep(&self, name: &Arc<str>, read: &Read) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.entry((Arc::clone(name), Arc::clone(&read.text))).or_default().push(read.clone());
    }
}
