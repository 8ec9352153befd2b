//! What a tree was asked and how it answered, so that a later run can tell whether all of it would be answered the same: then whatever was
//! made of the answers still holds.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest, Sha256};

use super::{BlobId, Entry, Error, Extra, Look, Signed, Stamp, Submodule, Tree, apart};
use crate::text::Address;

/// A tree that notes what it is asked.
#[derive(Debug)]
pub struct Witness {
    tree: Arc<dyn Tree>,
    /// What was asked before: a file that was left alone since need not be looked at again.
    before: Record,
    record: Mutex<Record>,
}

/// Everything that a tree was asked.
#[derive(Debug, Clone, Default)]
pub struct Record(BTreeMap<Question, Answer>);

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Question {
    path: String,
    about: About,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Content { limit: u64 },
    Look { limit: u64, look: Look },
    List,
    Kept,
    Submodule,
    Absent,
    Real,
    Blob,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    /// What told the file from others just before it was asked about.
    stamp: Option<Stamp>,
    /// A digest of what was said.
    said: [u8; 32],
}

impl Witness {
    /// Nothing was asked yet, but for what an earlier tree was asked.
    pub fn new(tree: Arc<dyn Tree>, before: Record) -> Self {
        Self { tree, before, record: Mutex::default() }
    }

    /// What was asked so far.
    pub fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Asks, and notes what is said.
    fn ask<T>(
        &self,
        path: &str,
        about: About,
        ask: impl FnOnce(&dyn Tree) -> T,
        said: impl FnOnce(&T) -> [u8; 32],
    ) -> T {
        // What is written between the two is another state, and seen as one later.
        let stamp = about.stamp(&*self.tree, path);
        let answer = ask(&*self.tree);
        self.note(Question { path: path.to_owned(), about }, &Answer { stamp, said: said(&answer) });
        answer
    }

    fn note(&self, question: Question, noted: &Answer) {
        let mut record = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let known = record.0.entry(question).or_insert_with(|| noted.clone());
        // What was answered in two ways is no answer to come back to.
        if known.said != noted.said {
            *known = Answer { stamp: None, said: UNSETTLED };
        }
    }

    /// What an earlier look at a file saw, where nobody has written to it since.
    fn seen(&self, question: &Question) -> Option<bool> {
        let known = self.before.0.get(question).filter(|known| known.stamp.is_some())?;
        let found = [true, false].into_iter().find(|found| known.said == digest(&Ok::<bool, Error>(*found)))?;
        (self.tree.stamp(&question.path) == known.stamp).then(|| {
            self.note(question.clone(), known);
            found
        })
    }
}

/// The digest of nothing that is ever said.
const UNSETTLED: [u8; 32] = [0; 32];

impl Record {
    /// Whether a tree answers everything as it was answered before. Files that are surely the ones that were read are not read again.
    pub fn holds(&mut self, tree: &dyn Tree) -> bool {
        let is_other = AtomicBool::new(false);
        apart(self.0.iter_mut().collect(), |(question, answer)| {
            if !is_other.load(Ordering::Relaxed) && !question.holds(answer, tree) {
                is_other.store(true, Ordering::Relaxed);
            }
        });
        !is_other.into_inner()
    }
}

impl Question {
    fn holds(&self, answer: &mut Answer, tree: &dyn Tree) -> bool {
        let stamp = self.about.stamp(tree, &self.path);
        if stamp.is_some() && stamp == answer.stamp {
            return true;
        }
        let holds = self.about.said(tree, &self.path) == answer.said;
        answer.stamp = stamp.filter(|_| holds);
        holds
    }
}

impl About {
    /// What tells a file from others, where the question is about one alone.
    fn stamp(self, tree: &dyn Tree, path: &str) -> Option<Stamp> {
        matches!(self, Self::Content { .. } | Self::Look { .. }).then(|| tree.stamp(path)).flatten()
    }

    /// What a tree says now.
    fn said(self, tree: &dyn Tree, path: &str) -> [u8; 32] {
        match self {
            Self::Content { limit } => content(&tree.read(path, limit)),
            Self::Look { limit, look } => digest(&tree.look(path, limit, look)),
            Self::List => digest(&tree.list(path)),
            Self::Kept => digest(&tree.list_kept(path)),
            Self::Submodule => digest(&tree.submodule(path)),
            Self::Absent => digest(&tree.confirm_absent(path)),
            Self::Real => digest(&tree.real(path)),
            Self::Blob => digest(&tree.blob_id(path)),
        }
    }
}

fn content(read: &Result<Vec<u8>, Error>) -> [u8; 32] {
    match read {
        Ok(data) => Sha256::digest(data).into(),
        Err(error) => digest(error),
    }
}

fn digest(said: &impl fmt::Debug) -> [u8; 32] {
    Sha256::digest(format!("{said:?}")).into()
}

impl Tree for Witness {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.ask(folder, About::List, |tree| tree.list(folder), digest)
    }

    fn ignored_charts(&self, folder: &str) -> Vec<String> {
        self.tree.ignored_charts(folder)
    }

    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.ask(folder, About::Kept, |tree| tree.list_kept(folder), digest)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        self.ask(path, About::Content { limit }, |tree| tree.read(path, limit), content)
    }

    fn look(&self, path: &str, limit: u64, look: Look) -> Result<bool, Error> {
        let question = Question { path: path.to_owned(), about: About::Look { limit, look } };
        match self.seen(&question) {
            Some(found) => Ok(found),
            None => self.ask(path, question.about, |tree| tree.look(path, limit, look), digest),
        }
    }

    fn stamp(&self, path: &str) -> Option<Stamp> {
        self.tree.stamp(path)
    }

    fn address(&self, path: &str) -> Address {
        self.tree.address(path)
    }

    fn shown(&self, path: &str) -> String {
        self.tree.shown(path)
    }

    fn extras(&self) -> &[Extra] {
        self.tree.extras()
    }

    fn signed(&self) -> Option<&Signed> {
        self.tree.signed()
    }

    fn submodule(&self, path: &str) -> Option<Submodule> {
        self.ask(path, About::Submodule, |tree| tree.submodule(path), digest)
    }

    fn confirm_absent(&self, path: &str) -> Result<(), Error> {
        self.ask(path, About::Absent, |tree| tree.confirm_absent(path), digest)
    }

    fn holds_git(&self, folder: &str) -> bool {
        self.tree.holds_git(folder)
    }

    fn real(&self, path: &str) -> Option<String> {
        self.ask(path, About::Real, |tree| tree.real(path), digest)
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        self.ask(path, About::Blob, |tree| tree.blob_id(path), digest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FILE_LIMIT, Memory};

    fn tree(files: &[(&str, &str)]) -> Memory {
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), Arc::from(text.as_bytes())));
        Memory::new("memory", files.collect())
    }

    #[test]
    fn a_record_holds_while_every_answer_is_the_same() {
        let before = [("a.yaml", "a: 1\n"), ("b.yaml", "b: 1\n"), ("c.yaml", "c: 1\n")];
        let witness = Witness::new(Arc::new(tree(&before)), Record::default());
        let looks = Look::at(&[&["b:"]]);
        assert!(witness.look("b.yaml", FILE_LIMIT, looks).is_ok_and(|found| found));
        assert!(witness.read("a.yaml", FILE_LIMIT).is_ok());
        assert!(witness.read("d.yaml", FILE_LIMIT).is_err());
        let holds = |files: &[(&str, &str)]| witness.record().holds(&tree(files));
        assert!(holds(&before));
        assert!(holds(&[before[0], ("b.yaml", "b: 2\n")]), "what was looked at still says the same");
        assert!(!holds(&[before[0], ("b.yaml", "x: 1\n"), before[2]]), "it does not");
        assert!(!holds(&[("a.yaml", "a: 2\n"), before[1], before[2]]), "a file that was read is another");
        assert!(!holds(&[before[1], before[2]]), "a file is gone");
        assert!(!holds(&[before[0], before[1], before[2], ("d.yaml", "")]), "a file is there that was not");
    }
}
