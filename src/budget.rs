//! What work over others' input may cost: one count of steps and levels for everything that is not a template, which counts finer.
//!
//! A step is about a tenth of a microsecond, so that what a budget allows ends in time on any machine. A clock would decide by the machine.

use std::cell::Cell;

use thiserror::Error;

pub mod pattern;

/// Bytes that are scanned, compared or copied in the time of a step.
const BYTES_PER_STEP: usize = 64;

/// Which bound was reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Exceeded {
    /// Too much work.
    #[error("it takes more than {0} steps")]
    Steps(u64),
    /// Too deep.
    #[error("it is nested more than {0} levels deep")]
    Depth(usize),
}

/// Steps and levels that are left. What is over stays over: every later question is refused too.
#[derive(Debug)]
pub struct Budget {
    steps: u64,
    left: Cell<Option<u64>>,
    depth: usize,
    level: Cell<usize>,
}

/// A level of recursion, left when it is dropped.
#[derive(Debug)]
#[must_use = "the level is left at once"]
pub struct Level<'b>(&'b Budget);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.level.set(self.0.level.get() - 1);
    }
}

impl Budget {
    /// A full budget of steps, and of levels inside each other.
    pub fn new(steps: u64, depth: usize) -> Self {
        Self { steps, left: Cell::new(Some(steps)), depth, level: Cell::new(0) }
    }

    /// Takes steps without a question; once too many are gone, the next question is refused.
    pub fn charge(&self, steps: usize) {
        self.left.set(self.left.get().and_then(|left| left.checked_sub(steps as u64)));
    }

    /// Takes steps.
    ///
    /// # Errors
    /// Where there are not as many left.
    pub fn spend(&self, steps: usize) -> Result<(), Exceeded> {
        self.charge(steps);
        self.left.get().map(|_| ()).ok_or(Exceeded::Steps(self.steps))
    }

    /// Takes all that is left, for work that is known to be too much.
    pub fn overdraw(&self) -> Exceeded {
        self.left.set(None);
        Exceeded::Steps(self.steps)
    }

    /// Takes the steps of looking once at every byte of a text.
    ///
    /// # Errors
    /// As [`Budget::spend`].
    pub fn scan(&self, bytes: usize) -> Result<(), Exceeded> {
        self.spend(bytes / BYTES_PER_STEP)
    }

    /// Takes a step and goes a level deeper for as long as the answer lives.
    ///
    /// # Errors
    /// Where there are no steps or no levels left.
    pub fn enter(&self) -> Result<Level<'_>, Exceeded> {
        self.spend(1)?;
        if self.level.get() >= self.depth {
            return Err(Exceeded::Depth(self.depth));
        }
        self.level.set(self.level.get() + 1);
        Ok(Level(self))
    }

    /// Steps that are left.
    pub fn left(&self) -> u64 {
        self.left.get().unwrap_or(0)
    }

    /// Steps that were taken.
    pub fn spent(&self) -> u64 {
        self.steps - self.left()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_over_stays_over() {
        let budget = Budget::new(10, 1);
        assert_eq!((budget.spend(10), budget.spent()), (Ok(()), 10));
        budget.charge(1);
        assert_eq!(budget.spend(0), Err(Exceeded::Steps(10)));
        assert_eq!(budget.enter().map(|_| ()), Err(Exceeded::Steps(10)));
    }

    #[test]
    fn levels_are_given_back() {
        let budget = Budget::new(10, 1);
        for _ in 0..3 {
            let level = budget.enter().expect("a first level");
            assert_eq!(budget.enter().map(|_| ()), Err(Exceeded::Depth(1)));
            drop(level);
        }
    }
}
