//! What all renderings of one chart may take together: a chart with a hundred profiles is rendered a hundred times, and rules see them all.

use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Error, ErrorKind};
use crate::template::limits::Limits;

/// Steps that the templates of a chart may take under all its profiles: ten times as many as under one.
const STEPS: u64 = 15_000_000;
/// Bytes that values and renderings may hold until the chart is judged.
const KEPT: u64 = 256 << 20;

/// What is left. Renderings of one chart follow each other, so that the same one is always refused.
#[derive(Debug)]
pub(super) struct Share {
    steps: AtomicU64,
    kept: AtomicU64,
}

impl Default for Share {
    fn default() -> Self {
        Self { steps: STEPS.into(), kept: KEPT.into() }
    }
}

impl Share {
    /// Steps that are left.
    pub(super) fn steps(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Limits within what is left.
    pub(super) fn limits(&self, limits: &Limits) -> Limits {
        Limits { steps: limits.steps.min(self.steps()), ..limits.clone() }
    }

    /// Takes steps that were made.
    pub(super) fn spend(&self, steps: u64) {
        self.steps.store(self.steps().saturating_sub(steps), Ordering::Relaxed);
    }

    /// What there is room for.
    pub(super) fn room(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    /// Whether more than half of it all is left.
    pub(super) fn has_plenty(&self) -> bool {
        self.steps() > STEPS / 2 && self.room() > KEPT / 2
    }

    /// Gives back the room of renderings that were made since there was so much, and that nobody keeps.
    pub(super) fn give_back(&self, room: u64) {
        self.kept.fetch_max(room, Ordering::Relaxed);
    }

    /// Takes room for what stays of a rendering.
    pub(super) fn keep(&self, bytes: usize) -> Result<(), Error> {
        let left = self.kept.load(Ordering::Relaxed).checked_sub(bytes as u64);
        self.kept.store(left.unwrap_or(0), Ordering::Relaxed);
        let full = || format!("the profiles of the chart hold more than {} MiB of values and manifests", KEPT >> 20);
        left.map(|_| ()).ok_or_else(|| Error::new(ErrorKind::Limit, full(), []))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_one_rendering_took_is_gone_for_the_next() {
        let share = Share::default();
        share.spend(STEPS - 7);
        assert_eq!(share.limits(&Limits::default()).steps, 7);
        share.keep(210 << 20).expect("room for one");
        assert_eq!(share.keep(50 << 20).map_err(|error| error.kind), Err(ErrorKind::Limit));
        assert!(share.keep(1).is_err(), "what is over stays over");
        share.give_back(10);
        assert!(share.keep(10).is_ok(), "what nobody keeps is room again");
    }
}
