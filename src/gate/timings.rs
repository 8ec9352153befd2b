//! How long the parts of a run take, for who asks. Nothing is measured where nobody does, and no result depends on it.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A part of a run, in the order in which charts go through them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Charts, configurations and rules are found.
    Plan,
    /// GitOps files are read.
    Deployments,
    /// A chart is read, with its dependencies and profiles.
    Load,
    /// Profiles are rendered, and the images found that would run.
    Render,
    /// Profiles are rendered for the other Kubernetes versions that objects are judged for.
    Versions,
    /// Profiles are rendered again, to see whether they come out the same.
    Again,
    /// Profiles are rendered as the other Helm does.
    Helms,
    /// A chart is compared with its earlier states.
    Compare,
    /// Definitions of custom resources are looked for.
    Definitions,
    /// Rules look at a chart.
    Rules,
    /// Whatever else is done for a chart, such as giving its memory back.
    Rest,
    /// Findings are suppressed, sorted and counted.
    Conclude,
}

impl Stage {
    /// What is done there, in a few words.
    pub fn words(self) -> &'static str {
        match self {
            Self::Plan => "find charts and rules",
            Self::Deployments => "read GitOps files",
            Self::Load => "load charts",
            Self::Render => "render",
            Self::Versions => "render for other Kubernetes versions",
            Self::Again => "render again",
            Self::Helms => "render as the other Helm does",
            Self::Compare => "compare with earlier states",
            Self::Definitions => "find definitions",
            Self::Rules => "rules",
            Self::Rest => "other work on charts",
            Self::Conclude => "conclude",
        }
    }
}

/// What was measured. Charts are judged on several threads, so that the times of all stages together are more than those of the run.
#[derive(Debug)]
pub struct Timings {
    now: fn() -> Instant,
    spent: Mutex<Spent>,
}

#[derive(Debug, Default)]
struct Spent {
    stages: BTreeMap<Stage, Duration>,
    rules: BTreeMap<String, Duration>,
    /// On whole charts.
    charts: Duration,
}

impl Timings {
    /// Nothing yet; `now` reads the clock.
    pub fn new(now: fn() -> Instant) -> Self {
        Self { now, spent: Mutex::default() }
    }

    /// The time of each stage that there was, on all threads, in their order.
    pub fn stages(&self) -> Vec<(Stage, Duration)> {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut stages = spent.stages.clone();
        let of_charts: Duration = stages.iter().filter(|(stage, _)| is_of_chart(**stage)).map(|(_, took)| *took).sum();
        stages.insert(Stage::Rest, spent.charts.saturating_sub(of_charts));
        stages.into_iter().collect()
    }

    /// The time of each rule over all charts, the longest first. What several rules share counts for the first that asks for it.
    pub fn rules(&self) -> Vec<(String, Duration)> {
        let spent = self.spent.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rules: Vec<_> = spent.rules.clone().into_iter().collect();
        rules.sort_by_key(|(_, took)| std::cmp::Reverse(*took));
        rules
    }

    fn measured<T>(&self, work: impl FnOnce() -> T, add: impl FnOnce(&mut Spent, Duration)) -> T {
        let start = (self.now)();
        let made = work();
        let took = (self.now)().saturating_duration_since(start);
        add(&mut self.spent.lock().unwrap_or_else(PoisonError::into_inner), took);
        made
    }
}

fn is_of_chart(stage: Stage) -> bool {
    !matches!(stage, Stage::Plan | Stage::Deployments | Stage::Conclude)
}

/// Does the work of a stage.
pub(super) fn stage<T>(timings: Option<&Timings>, stage: Stage, work: impl FnOnce() -> T) -> T {
    match timings {
        None => work(),
        Some(timings) => timings.measured(work, |spent, took| *spent.stages.entry(stage).or_default() += took),
    }
}

/// Lets a rule look.
pub(super) fn rule<T>(timings: Option<&Timings>, id: &str, work: impl FnOnce() -> T) -> T {
    match timings {
        None => work(),
        Some(timings) => timings.measured(work, |spent, took| match spent.rules.get_mut(id) {
            Some(known) => *known += took,
            None => _ = spent.rules.insert(id.to_owned(), took),
        }),
    }
}

/// Does everything that there is to do for a chart.
pub(super) fn chart<T>(timings: Option<&Timings>, work: impl FnOnce() -> T) -> T {
    match timings {
        None => work(),
        Some(timings) => timings.measured(work, |spent, took| spent.charts += took),
    }
}
