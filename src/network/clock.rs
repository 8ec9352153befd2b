//! The time that the network takes of a run, counted once however many ask at a time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Time in which somebody waits for an answer.
#[derive(Default)]
pub(super) struct Clock(Mutex<State>);

#[derive(Default)]
struct State {
    waiting: usize,
    /// Since when somebody waits.
    since: Option<Instant>,
    /// What was over before.
    spent: Duration,
}

/// Somebody waits until this is dropped.
pub(super) struct Wait<'a>(&'a Clock);

impl Clock {
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins to wait; with how much of `limit` is left.
    pub(super) fn wait(&self, limit: Duration) -> (Wait<'_>, Duration) {
        let mut state = self.state();
        state.waiting += 1;
        let since = *state.since.get_or_insert_with(Instant::now);
        (Wait(self), limit.saturating_sub(state.spent + since.elapsed()))
    }
}

impl Drop for Wait<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.waiting -= 1;
        if state.waiting == 0
            && let Some(since) = state.since.take()
        {
            state.spent += since.elapsed();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_who_wait_together_spend_the_time_of_one() {
        let clock = Clock::default();
        let limit = Duration::from_secs(3600);
        let (first, _) = clock.wait(limit);
        let (second, _) = clock.wait(limit);
        drop(first);
        assert!(clock.state().since.is_some(), "one still waits");
        drop(second);
        assert!(clock.state().since.is_none());
        clock.state().spent = limit;
        assert_eq!(clock.wait(limit).1, Duration::ZERO);
    }
}
