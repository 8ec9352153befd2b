//! What takes as long as the rest of a chart, and each rendering of a chart asks for again.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Answers that are kept.
const KEPT: usize = 64;

/// The answers that were found last, for the whole process.
pub(super) struct Answers<K, V>(Mutex<VecDeque<(K, V)>>);

impl<K: PartialEq, V: Clone> Answers<K, V> {
    pub(super) const fn new() -> Self {
        Self(Mutex::new(VecDeque::new()))
    }

    /// The answer to a question: the one that is kept, else the one that `find` finds.
    pub(super) fn get<E>(&self, asked: K, find: impl FnOnce(&K) -> Result<V, E>) -> Result<V, E> {
        let known = self.kept().iter().find(|(key, _)| *key == asked).map(|(_, found)| found.clone());
        if let Some(found) = known {
            return Ok(found);
        }
        let found = find(&asked)?;
        let mut kept = self.kept();
        if kept.len() == KEPT {
            kept.pop_front();
        }
        kept.push_back((asked, found.clone()));
        Ok(found)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(K, V)>> {
        // A panic elsewhere leaves the list whole.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
