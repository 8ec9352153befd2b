//! Judging beside the conversation: the latest state of each workspace folder, a moment after the last change to it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::Event;
use super::diagnose::{self, Diagnosed};
use super::job::Job;

/// How long to wait for what an editor says together with a letter: it sends several changes where one was made.
const PAUSE: Duration = Duration::from_millis(5);
/// Letters that are waited for before what was typed is judged all the same.
const LETTERS: usize = 10;

/// What came of a job.
#[derive(Debug)]
pub(super) struct Outcome {
    /// The job.
    pub(super) job: Job,
    /// What is to be shown.
    pub(super) diagnosed: Diagnosed,
}

/// Takes jobs until there are no more; of several for one folder only the last.
pub(super) fn work(jobs: &Receiver<Job>, done: &Sender<Event>) {
    let mut waiting: BTreeMap<PathBuf, Job> = BTreeMap::new();
    loop {
        if waiting.is_empty() {
            let Ok(job) = jobs.recv() else { return };
            waiting.insert(job.folder.clone(), job);
        }
        for _ in 0..LETTERS {
            match jobs.recv_timeout(PAUSE) {
                Ok(job) => _ = waiting.insert(job.folder.clone(), job),
                Err(RecvTimeoutError::Timeout) => break,
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
        let Some((_, job)) = waiting.pop_first() else { continue };
        let outcome = Outcome { diagnosed: judged(&job), job };
        if done.send(Event::Judged(Box::new(outcome))).is_err() {
            return;
        }
    }
}

fn judged(job: &Job) -> Diagnosed {
    let judge = || {
        let sources = job.session.sources();
        match job.session.check(&job.request(), &sources) {
            Ok(report) => diagnose::report(&report, job, &sources),
            Err(error) => diagnose::refusal(&error, job, &sources),
        }
    };
    // A bug of ours ends this judgement, not the conversation.
    catch_unwind(AssertUnwindSafe(judge)).unwrap_or_else(|_| {
        diagnose::unjudged(job, "chartgate itself went wrong; please report it with the text that is open")
    })
}
