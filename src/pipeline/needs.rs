//! Whether a chart is judged before a step: in the same job, or in a job that must have succeeded before.

use std::collections::BTreeSet;

use super::judged::{Judged, Void};
use super::{Files, Job, Jobs, Step};

/// Words of a condition under which something runs though others have failed.
const REGARDLESS: [&str; 4] = ["always()", "cancelled()", "failure()", "on_failure"];
/// Words of a condition that asks how others have ended.
const RESULTS: [&str; 6] = ["success", "result", "outcome", "conclusion", "outputs", "status"];

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
    if found == Judged::Before || !files.spend(step) {
        return found;
    }
    let own = job.steps[step].condition.as_ref();
    for before in job.before(step) {
        let forms = before.id.iter().map(|id| format!("steps.{id}.outcome==success")).collect::<Vec<_>>();
        found = found.or(heeded(of_step(before, own), own, &forms));
    }
    let mut known = BTreeSet::from([job.name.as_str()]);
    let mut open: Vec<&str> = job.needs.iter().map(String::as_str).collect();
    while let Some(name) = open.pop() {
        let Some(needed) = jobs.get(name).filter(|_| known.insert(name)) else { continue };
        if !files.spend(1 + needed.steps.len() + needed.needs.len()) {
            return found;
        }
        open.extend(needed.needs.iter().map(String::as_str));
        // The result of a job that may fail is a success all the same.
        let forms = if needed.may_fail { vec![] } else { vec![format!("needs.{name}.result==success")] };
        found = found.or(heeded(of_job(needed, job), job.condition.as_ref(), &forms));
    }
    found
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
