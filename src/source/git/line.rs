//! The commits of a branch as it was released: from one to its first parent, and so on.

use std::sync::{Mutex, PoisonError};

use super::{Error, Revision};

/// A line of first parents, newest first, read as far as somebody asks. Shared between threads.
#[derive(Debug)]
pub struct Line {
    known: Mutex<KnownCommits>,
}

#[derive(Debug)]
struct KnownCommits {
    commits: Vec<Revision>,
    /// Whether the last of them has no parent.
    is_whole: bool,
}

impl Line {
    /// The line that a commit ends.
    pub fn new(newest: Revision) -> Self {
        Self { known: Mutex::new(KnownCommits { commits: vec![newest], is_whole: false }) }
    }

    /// The commit so many steps before the newest; none before the first.
    ///
    /// # Errors
    /// [`Error::Shallow`] where the history is cut off before it, and [`Error::Unreadable`].
    pub fn commit(&self, steps: usize) -> Result<Option<Revision>, Error> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        while known.commits.len() <= steps && !known.is_whole {
            let last = known.commits.last().expect("the newest is there");
            match last.repository().first_parent(last)? {
                Some(parent) => known.commits.push(parent),
                None => known.is_whole = true,
            }
        }
        Ok(known.commits.get(steps).cloned())
    }
}
