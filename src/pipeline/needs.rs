//! Whether a chart is judged before a step: in the same job, or in a job that must have succeeded before.

use std::collections::BTreeSet;

use super::judged::{Judged, Void};
use super::{Files, Job, Jobs, Step};

/// Words of a condition under which something runs though others have failed.
const REGARDLESS: [&str; 4] = ["always()", "cancelled()", "failure()", "on_failure"];
/// Words of a condition that asks how others have ended.
const RESULTS: [&str; 6] = ["success", "result", "outcome", "conclusion", "outputs", "status"];

/// Steps of a job that is needed, or named as one.
const NEED: usize = 8;

/// What a condition makes of the failure of what is before.
enum Stance {
    /// It keeps from running.
    Heeds,
    /// It is no matter.
    Ignores,
    /// That depends on how the condition goes.
    Unsure,
}

fn stance(condition: Option<&String>) -> Stance {
    let Some(condition) = condition.filter(|text| REGARDLESS.iter().any(|word| text.contains(word))) else {
        return Stance::Heeds;
    };
    let text = condition.replace([' ', '\n'], "");
    let is_either = ["success()||failure()", "failure()||success()"].iter().any(|either| text.contains(either));
    if !is_either && RESULTS.iter().any(|word| text.contains(word)) { Stance::Unsure } else { Stance::Ignores }
}

/// What a judgement before comes to for what runs on a condition; `asked` are the forms in which a condition asks for its success.
fn heeded(before: Judged, condition: Option<&String>, asked: &[String]) -> Judged {
    let Some(text) = condition else { return before };
    let bare = text.replace([' ', '\n', '"', '\''], "");
    let is_asked = !bare.contains("||") && asked.iter().any(|form| bare.contains(form));
    match (stance(condition), before) {
        // It is what the condition asks for, whatever else is passed over.
        (_, Judged::Before | Judged::Never(Some(Void::MayFail))) if is_asked => Judged::Before,
        (Stance::Ignores, before) => before.void(Void::Regardless),
        (Stance::Unsure, Judged::Before | Judged::Untold(_)) => Judged::of_condition(text),
        (_, Judged::Never(Some(Void::MayFail))) if RESULTS.iter().any(|word| text.contains(word)) => {
            Judged::of_condition(text)
        }
        (Stance::Heeds | Stance::Unsure, before) => before,
    }
}

/// Whether a chart is judged before a push of a step of a job, which has this before it in the step itself.
pub(super) fn judged(files: &Files<'_>, jobs: &Jobs, job: &Job, step: usize, within: &Judged) -> Judged {
    let mut found = within.clone();
    if found == Judged::Before {
        return found;
    }
    let own = job.steps[step].condition.as_ref();
    for before in job.before(files, step) {
        if !files.spend(1 + weight(before.condition.as_ref())) {
            return found;
        }
        let forms = before.id.iter().map(|id| format!("steps.{id}.outcome==success")).collect::<Vec<_>>();
        found = found.or(heeded(of_step(before, own), own, &forms));
    }
    found.or(of_needed(files, jobs, job))
}

/// Whether a chart is judged by the jobs that one needs, and by those that they need.
fn of_needed(files: &Files<'_>, jobs: &Jobs, job: &Job) -> Judged {
    let mut found = Judged::default();
    let mut known = BTreeSet::from([job.name.as_str()]);
    // Each by the best way that leads there.
    let mut open = Ways::default();
    open.add(job, &Way::Open);
    while let Some((name, way)) = open.next() {
        let Some(needed) = jobs.get(name).filter(|_| known.insert(name)) else { continue };
        let conditions = weight(job.condition.as_ref()) + weight(needed.condition.as_ref());
        if !files.spend(NEED * (1 + needed.needs.len()) + needed.steps.len() + conditions) {
            return found;
        }
        open.add(needed, &way.through(needed));
        // The result of a job that may fail is a success all the same.
        let forms = if needed.may_fail { vec![] } else { vec![format!("needs.{name}.result==success")] };
        let judged = way.leaves(of_job(needed, job));
        found = found.or(heeded(judged, job.condition.as_ref(), &forms));
    }
    found
}

/// Steps of looking through a condition.
fn weight(condition: Option<&String>) -> usize {
    condition.map_or(0, |text| text.len() / 8)
}

/// What jobs on the way to another make of its failure.
#[derive(Debug, Clone)]
enum Way {
    /// They do not run where it fails.
    Open,
    /// That depends on this.
    Unsure(String),
    /// One runs whatever became of it.
    Cut,
}

impl Way {
    /// The way to the jobs that a job on it needs.
    fn through(&self, job: &Job) -> Self {
        match (self, stance(job.condition.as_ref()), &job.condition) {
            _ if !job.asks_nearest => self.clone(),
            (Self::Cut, ..) | (_, Stance::Ignores, _) => Self::Cut,
            (Self::Open, Stance::Unsure, Some(condition)) => Self::Unsure(condition.clone()),
            _ => self.clone(),
        }
    }

    /// What it leaves of a judgement at its end.
    fn leaves(&self, judged: Judged) -> Judged {
        match self {
            Self::Unsure(condition) if judged == Judged::Before => Judged::of_condition(condition),
            Self::Open | Self::Unsure(_) => judged,
            Self::Cut => judged.void(Void::Regardless),
        }
    }
}

/// Jobs that are still to be looked at, with the way to each; the best ways come first.
#[derive(Default)]
struct Ways<'j> {
    all: [Vec<(&'j str, Way)>; 3],
}

impl<'j> Ways<'j> {
    fn add(&mut self, job: &'j Job, way: &Way) {
        let of_kind = match way {
            Way::Open => &mut self.all[0],
            Way::Unsure(_) => &mut self.all[1],
            Way::Cut => &mut self.all[2],
        };
        of_kind.extend(job.needs.iter().map(|name| (name.as_str(), way.clone())));
    }

    fn next(&mut self) -> Option<(&'j str, Way)> {
        self.all.iter_mut().find_map(Vec::pop)
    }
}

/// The conditions that all have to hold for a job to run: its own, and those of the jobs that it needs.
pub(super) fn all_conditions<'j>(files: &Files<'_>, jobs: &'j Jobs, job: &'j Job) -> Vec<&'j String> {
    let (mut found, mut known) = (vec![], BTreeSet::new());
    let mut open = vec![job];
    while let Some(job) = open.pop() {
        if !known.insert(&job.name) || !files.spend(1 + job.needs.len()) {
            continue;
        }
        found.extend(&job.condition);
        // What runs whatever became of the others runs where they are left out, too.
        if matches!(stance(job.condition.as_ref()), Stance::Heeds) {
            open.extend(job.needs.iter().filter_map(|name| jobs.get(name)));
        }
    }
    found
}

/// The condition of a job, or of one that it needs: where that is left out, so is the job.
pub(super) fn conditions<'j>(files: &Files<'_>, jobs: &'j Jobs, job: &'j Job) -> Option<&'j String> {
    let mut known = BTreeSet::new();
    let mut open = vec![job];
    while let Some(job) = open.pop() {
        if let Some(condition) = job.condition.as_ref().filter(|condition| !is_none(condition)) {
            return Some(condition);
        }
        if known.insert(&job.name) && files.spend(1 + job.needs.len()) {
            open.extend(job.needs.iter().filter_map(|name| jobs.get(name)));
        }
    }
    None
}

/// Whether a step judges, where what comes after has a condition of its own.
fn of_step(step: &Step, after: Option<&String>) -> Judged {
    if step.may_fail {
        return step.end.clone().void(Void::MayFail);
    }
    match (&step.condition, &step.end) {
        (Some(condition), Judged::Before) if Some(condition) != after && !is_none(condition) => {
            Judged::of_condition(condition)
        }
        (_, end) => end.clone(),
    }
}

/// Whether a condition holds whenever what it is about is reached.
pub(super) fn is_none(condition: &str) -> bool {
    let bare = condition.trim().trim_start_matches("${{").trim_end_matches("}}").replace(' ', "");
    matches!(bare.as_str(), "success()" | "always()" | "!cancelled()" | "true")
}

/// Whether a job judges for one that comes after.
pub(super) fn of_job(job: &Job, after: &Job) -> Judged {
    let of_steps = job.steps.iter().map(|step| of_step(step, None)).fold(Judged::default(), Judged::or);
    let found = match &job.untold {
        Some(why) => of_steps.or(Judged::Untold(why.clone())),
        None => of_steps,
    };
    if job.may_fail {
        return found.void(Void::MayFail);
    }
    match &job.condition {
        // A job that is left out leaves those out that need it, but for what says otherwise itself.
        Some(condition)
            if found == Judged::Before
                && !is_none(condition)
                && after.condition.as_ref().is_some_and(|after| after != condition) =>
        {
            Judged::of_condition(condition)
        }
        _ => job.events.judged(found, &after.events, &job.name),
    }
}
