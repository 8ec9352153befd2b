//! What all renderings of one chart may take together, and all charts of a run: a chart with a hundred profiles is rendered a hundred times,
//! and rules see them all.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::{Error, ErrorKind};
use crate::template::limits::Limits;

/// Steps that the templates of a chart may take under all its profiles: ten times as many as under one.
const STEPS: u64 = 15_000_000;
/// Those of them that each chart may take however many there are: of 170 public charts, one takes more.
const ALLOWED: u64 = 1_000_000;
/// Steps that the charts of a run may take together beyond that.
const TOGETHER: u64 = 100_000_000;
/// Bytes that values and renderings may hold until the chart is judged.
const KEPT: u64 = 256 << 20;

/// What the charts of a run took together beyond what each may take.
#[derive(Debug, Default)]
pub(super) struct Pool(AtomicU64);

impl Pool {
    /// Whether they took no more than there is.
    ///
    /// # Errors
    /// That they did.
    pub(super) fn is_enough(&self) -> Result<(), Error> {
        enough(self.0.load(Ordering::Relaxed) <= TOGETHER)
    }

    fn left(&self) -> u64 {
        TOGETHER.saturating_sub(self.0.load(Ordering::Relaxed))
    }
}

fn enough(is_enough: bool) -> Result<(), Error> {
    let message = "the templates of the charts take too many steps together: judge fewer charts in one run";
    if is_enough { Ok(()) } else { Err(Error::new(ErrorKind::Limit, message, [])) }
}

/// What is left. Renderings of one chart follow each other, so that the same one is always refused; what several charts take together decides
/// about the run.
#[derive(Debug)]
pub(super) struct Share {
    steps: AtomicU64,
    kept: AtomicU64,
    pub(super) pool: Arc<Pool>,
}

impl Default for Share {
    fn default() -> Self {
        Self::of(Arc::default())
    }
}

impl Share {
    /// A full one, for a chart of a run.
    pub(super) fn of(pool: Arc<Pool>) -> Self {
        Self { steps: STEPS.into(), kept: KEPT.into(), pool }
    }

    /// Whether the other charts left any steps.
    ///
    /// # Errors
    /// That they did not.
    pub(super) fn ready(&self) -> Result<(), Error> {
        enough(self.steps() > 0 || self.own() == 0)
    }

    /// Steps that are left.
    pub(super) fn steps(&self) -> u64 {
        self.own().min(self.allowed() + self.pool.left())
    }

    fn own(&self) -> u64 {
        self.steps.load(Ordering::Relaxed)
    }

    /// Steps that are left whatever other charts take.
    fn allowed(&self) -> u64 {
        self.own().saturating_sub(STEPS - ALLOWED)
    }

    /// Limits within what is left.
    pub(super) fn limits(&self, limits: &Limits) -> Limits {
        Limits { steps: limits.steps.min(self.steps()), ..limits.clone() }
    }

    /// Takes steps that were made.
    pub(super) fn spend(&self, steps: u64) {
        self.pool.0.fetch_add(steps.saturating_sub(self.allowed()), Ordering::Relaxed);
        self.steps.store(self.own().saturating_sub(steps), Ordering::Relaxed);
    }

    /// What there is room for.
    pub(super) fn room(&self) -> u64 {
        self.kept.load(Ordering::Relaxed)
    }

    /// Whether more than half of it all is left.
    pub(super) fn has_plenty(&self) -> bool {
        self.own() > STEPS / 2 && self.room() > KEPT / 2
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

    #[test]
    fn what_charts_take_together_is_bound_beyond_what_each_may_take() {
        let pool = Arc::<Pool>::default();
        for _ in 0..=TOGETHER / (STEPS - ALLOWED) {
            assert!(pool.is_enough().is_ok());
            let share = Share::of(Arc::clone(&pool));
            assert!(share.ready().is_ok());
            share.spend(STEPS);
        }
        assert_eq!(pool.is_enough().map_err(|error| error.kind), Err(ErrorKind::Limit));
        let late = Share::of(pool);
        assert_eq!(late.steps(), ALLOWED, "a small chart is judged all the same");
        late.spend(ALLOWED);
        assert_eq!((late.steps(), late.ready().map_err(|error| error.kind)), (0, Err(ErrorKind::Limit)));
    }
}
