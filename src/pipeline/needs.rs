//! Whether a chart is judged before a step: in the same job, or in a job that must have succeeded before.

use std::collections::BTreeSet;

use super::{Act, Files, Job, Jobs, Step};

/// Whether a chart is judged before it is pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Judged {
    /// It is.
    Before,
    /// That depends on this, in words.
    Untold(String),
    /// It is not.
    Never,
}

impl Judged {
    fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Before, _) | (_, Self::Before) => Self::Before,
            (Self::Untold(why), _) | (_, Self::Untold(why)) => Self::Untold(why),
            (Self::Never, Self::Never) => Self::Never,
        }
    }
}

/// Words of a condition under which a job runs though others have failed.
const REGARDLESS: [&str; 4] = ["always()", "cancelled()", "failure()", "on_failure"];

/// Whether a chart is judged before the act at a position of a step of a job.
pub(super) fn judged(files: &Files<'_>, jobs: &Jobs, job: &Job, (step, position): (usize, usize)) -> Judged {
    let own = &job.steps[step];
    if own.acts[..position].contains(&Act::Gate) && !own.may_fail {
        return Judged::Before;
    }
    let is_regardless = |condition: &Option<String>| {
        condition.as_ref().is_some_and(|condition| REGARDLESS.iter().any(|word| condition.contains(word)))
    };
    let mut found = Judged::Never;
    if !files.spend(step) {
        return found;
    }
    if !is_regardless(&own.condition) {
        for before in &job.steps[..step] {
            found = found.or(of_step(before, own.condition.as_ref()));
        }
    }
    let mut known = BTreeSet::from([job.name.as_str()]);
    let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        let Some(needed) = jobs.get(name).filter(|_| known.insert(name)) else { continue };
        if !files.spend(1 + needed.steps.len() + needed.needs.len()) {
            return found;
        }
        open.extend(needed.needs.iter().map(String::as_str));
        let of_job = of_job(needed, job.condition.as_ref());
        let excused = is_regardless(&job.condition) && of_job != Judged::Never;
        found = found.or(if excused { Judged::Untold(condition_of(job)) } else { of_job });
    }
    found
}

fn condition_of(job: &Job) -> String {
    format!("the condition `{}`", job.condition.as_deref().unwrap_or_default().trim())
}

/// Whether a step judges, where what comes after has a condition of its own.
fn of_step(step: &Step, after: Option<&String>) -> Judged {
    if step.may_fail || !step.acts.contains(&Act::Gate) {
        return Judged::Never;
    }
    match &step.condition {
        Some(condition) if Some(condition) != after => Judged::Untold(format!("the condition `{}`", condition.trim())),
        _ => Judged::Before,
    }
}

/// Whether a job judges.
fn of_job(job: &Job, after: Option<&String>) -> Judged {
    if job.may_fail {
        return Judged::Never;
    }
    let of_steps = job.steps.iter().map(|step| of_step(step, None)).fold(Judged::Never, Judged::or);
    let found = match &job.untold {
        Some(why) => of_steps.or(Judged::Untold(why.clone())),
        None => of_steps,
    };
    match &job.condition {
        // A job that is left out leaves those out that need it, but for what says otherwise itself.
        Some(condition) if found == Judged::Before && after.is_some_and(|after| after != condition) => {
            Judged::Untold(format!("the condition `{}`", condition.trim()))
        }
        _ => found,
    }
}
