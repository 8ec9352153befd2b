//! What the templates, variables and patterns of all GitOps files of a search may cost together: each alone is bound by what one text may.

use std::sync::atomic::{AtomicU64, Ordering};

/// Steps that all texts may take: a second of them.
const ALL: u64 = 5_000_000;

/// Steps that are left.
#[derive(Debug)]
pub(super) struct Steps(AtomicU64);

impl Default for Steps {
    fn default() -> Self {
        Self(AtomicU64::new(ALL))
    }
}

impl Steps {
    pub(super) fn left(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }

    /// Takes steps, as far as there are any.
    ///
    /// # Errors
    /// In words, where there are not as many left.
    pub(super) fn spend(&self, steps: u64) -> Result<(), String> {
        let before = self.0.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| Some(left.saturating_sub(steps)));
        let before = before.unwrap_or_else(|left| left);
        let message =
            || format!("templates, variables and patterns of GitOps files take more than {ALL} steps together");
        (before > steps).then_some(()).ok_or_else(message)
    }
}
