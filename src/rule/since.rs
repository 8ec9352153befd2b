//! What changed since the last release, as far as rules that name a step count it.

use crate::change::{Change, Changes, Step};
use crate::chart::Chart;

/// A chart's changes since its last release.
#[derive(Debug, Clone)]
pub struct Since {
    /// The release in words, to follow "at".
    pub baseline: String,
    /// `version` of its Chart.yaml.
    pub version: String,
    /// The changes, the furthest-reaching first.
    pub reasons: Vec<Reason>,
}

/// A change with the step that its rule calls for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// What changed.
    pub change: Change,
    /// How far it reaches.
    pub step: Step,
}

impl Since {
    /// The changes of which `step` knows the step; none where the release has no version.
    pub fn new(baseline: &str, old: &Chart, changes: &Changes, step: &dyn Fn(&str) -> Option<Step>) -> Option<Self> {
        let reason = |change: &Change| Some(Reason { change: change.clone(), step: step(change.rule)? });
        let mut reasons: Vec<Reason> = changes.found.iter().filter_map(reason).collect();
        reasons.sort_by_key(|reason| std::cmp::Reverse(reason.step));
        Some(Self { baseline: baseline.to_owned(), version: old.version()?.to_owned(), reasons })
    }
}
