//! Judging beside the conversation: the latest state of each workspace folder, a moment after the last change to it.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender};
use std::time::Duration;

use super::Event;
use super::diagnose::{self, Diagnosed};
use crate::gate::{Charts, Request, Selection, Session};
use crate::text::Sources;

/// How long to wait for the next letter. Judging takes longer, and what is judged meanwhile is stale.
const PAUSE: Duration = Duration::from_millis(15);
/// Letters that are waited for before what was typed is judged all the same.
const LETTERS: usize = 10;

/// Files of a workspace folder as they are in the editor.
#[derive(Debug, Clone)]
pub(super) struct Job {
    /// Judges it.
    pub(super) session: Arc<Session>,
    /// The folder.
    pub(super) folder: PathBuf,
    /// The root of its repository, which paths in reports begin at.
    pub(super) root: PathBuf,
    /// Which state of the folder this is.
    pub(super) state: u64,
    /// The files whose charts are judged, where it is not known which those are.
    pub(super) files: Vec<PathBuf>,
    /// The charts that are judged; none where the files say which.
    pub(super) charts: Option<Vec<PathBuf>>,
    /// Texts that are open in the editor.
    pub(super) unsaved: BTreeMap<PathBuf, Arc<[u8]>>,
    /// The versions of those.
    pub(super) versions: BTreeMap<PathBuf, i32>,
}

impl Job {
    /// What is asked of the gate. To find out which charts a file belongs to takes a look at every chart of the folder, and so is not done
    /// for each letter.
    pub(super) fn request(&self) -> Request {
        let (paths, selection) = match &self.charts {
            Some(charts) => (charts.clone(), Selection::All),
            None => (vec![self.folder.clone()], Selection::Files(self.files.clone())),
        };
        let charts = Charts { unsaved: self.unsaved.clone(), ..Charts::at_paths(paths) };
        Request { charts, selection, ..Request::default() }
    }
}

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
        let sources = Sources::new();
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
