//! Answers beside everything that they were made of, so that a later run sees for itself whether they still hold.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::source::{Record, Tree, Witness};
use crate::text::{Source, SourceId, Sources};

/// Answers to questions of one kind, the newest last.
#[derive(Debug)]
pub(super) struct Remembered<K, A>(Mutex<Vec<Told<K, A>>>);

impl<K, A> Default for Remembered<K, A> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

#[derive(Debug)]
struct Told<K, A> {
    asked: K,
    /// What the tree was asked for it.
    record: Record,
    answered: Answered<A>,
}

/// An answer.
#[derive(Debug, Clone)]
pub(super) struct Answered<A> {
    /// The answer.
    pub(super) answer: A,
    /// The texts that were read for it.
    pub(super) texts: Vec<(SourceId, Arc<Source>)>,
}

/// Most answers of one kind that are kept: a folder of a workspace has one repository, seldom more.
const MOST: usize = 4;

impl<K: PartialEq, A: Clone> Remembered<K, A> {
    /// The answer to a question that a tree decides about: the one that was given before, where the tree still says the same.
    pub(super) fn ask(
        &self,
        asked: K,
        tree: &Arc<dyn Tree>,
        sources: &Sources,
        make: impl FnOnce(&K, &Arc<dyn Tree>, &Sources) -> A,
    ) -> Answered<A> {
        let Some(texts) = sources.lasting() else {
            let texts = sources.part();
            let answer = make(&asked, tree, &texts);
            return Answered { answer, texts: texts.own() };
        };
        // Nothing is locked while the tree is asked.
        let mut known = self.take(&asked);
        let holds = known.as_mut().is_some_and(|known| known.record.holds(&**tree));
        let told = match known {
            Some(known) if holds => known,
            known => {
                let before = known.map(|known| known.record).unwrap_or_default();
                let witness = Arc::new(Witness::new(Arc::clone(tree), before));
                let answer = make(&asked, &(Arc::clone(&witness) as Arc<dyn Tree>), &texts);
                Told { asked, record: witness.record(), answered: Answered { answer, texts: texts.own() } }
            }
        };
        let answered = told.answered.clone();
        texts.borrow(&answered.texts);
        self.put(told);
        answered
    }

    fn told(&self) -> MutexGuard<'_, Vec<Told<K, A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn take(&self, asked: &K) -> Option<Told<K, A>> {
        let mut told = self.told();
        let at = told.iter().position(|known| known.asked == *asked)?;
        Some(told.remove(at))
    }

    fn put(&self, new: Told<K, A>) {
        let mut told = self.told();
        told.retain(|known| known.asked != new.asked);
        let over = (told.len() + 1).saturating_sub(MOST);
        told.drain(..over);
        told.push(new);
    }
}
