//! How far a run is, for who watches it: shown once it takes longer than a second, and gone before anything else is printed.
#![expect(clippy::disallowed_methods, reason = "waits beside the run, and tells of it while the output is not ready")]

use std::io::Write as _;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::gate::Watch;
use crate::network::Listener;
use crate::text::printable::{Printable, single_line};

/// What runs take that need no words.
const PAUSE: Duration = Duration::from_secs(1);
const TICK: Duration = Duration::from_millis(120);

/// How far a run is.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    /// Whether every request is printed, in place of what changes from one to the next.
    is_verbose: AtomicBool,
    charts: AtomicUsize,
    judged: AtomicUsize,
    /// Who was asked last.
    asked: Mutex<Option<String>>,
    is_over: Mutex<bool>,
}

impl Progress {
    /// Nothing is shown where nobody watches.
    pub(super) fn new(is_watched: bool) -> Arc<Self> {
        let progress = Arc::new(Self {
            bar: ProgressBar::hidden(),
            is_verbose: AtomicBool::new(false),
            charts: AtomicUsize::new(0),
            judged: AtomicUsize::new(0),
            asked: Mutex::default(),
            is_over: Mutex::default(),
        });
        if is_watched {
            let later = Arc::downgrade(&progress);
            std::thread::spawn(move || {
                std::thread::sleep(PAUSE);
                if let Some(progress) = later.upgrade() {
                    progress.show();
                }
            });
        }
        progress
    }

    /// Prints every request from now on.
    pub(super) fn tell_requests(&self) {
        self.is_verbose.store(true, Ordering::Relaxed);
    }

    /// Takes away what is shown, for good.
    pub(super) fn end(&self) {
        let mut is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        *is_over = true;
        self.bar.finish_and_clear();
    }

    fn show(&self) {
        let is_over = self.is_over.lock().unwrap_or_else(PoisonError::into_inner);
        if *is_over || self.is_verbose.load(Ordering::Relaxed) {
            return;
        }
        let style = ProgressStyle::with_template("{spinner} {msg} ({elapsed})").expect("the template is one");
        self.bar.set_style(style);
        self.bar.set_message(self.words());
        self.bar.set_draw_target(ProgressDrawTarget::stderr());
        self.bar.enable_steady_tick(TICK);
    }

    /// `judging charts, 12 of 40; ghcr.io was asked last`
    fn words(&self) -> String {
        let (judged, charts) = (self.judged.load(Ordering::Relaxed), self.charts.load(Ordering::Relaxed));
        let asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let judging = if charts > 0 { format!("judging charts, {judged} of {charts}") } else { "looking".to_owned() };
        asked.map_or(judging.clone(), |host| format!("{judging}; {host} was asked last"))
    }

    fn tell(&self) {
        if !self.bar.is_hidden() {
            self.bar.set_message(self.words());
        }
    }
}

impl Watch for Progress {
    fn begins(&self, charts: usize) {
        self.judged.store(0, Ordering::Relaxed);
        self.charts.store(charts, Ordering::Relaxed);
        self.tell();
    }

    fn judged(&self) {
        self.judged.fetch_add(1, Ordering::Relaxed);
        self.tell();
    }
}

impl Listener for Progress {
    fn asks(&self, request: &str) {
        let host = request.split_once("://").and_then(|(_, rest)| rest.split('/').next()).unwrap_or_default();
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(single_line(host));
        self.tell();
    }

    fn answered(&self, request: &str, answer: &str) {
        if self.is_verbose.load(Ordering::Relaxed) {
            let line = Printable::line(format!("asked {request}: {answer}"));
            // Where nobody listens, nothing is lost.
            let _ = std::io::stderr().write_all(line.as_str().as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_say_how_far_a_run_is_and_who_was_asked() {
        let progress = Progress::new(false);
        assert_eq!(progress.words(), "looking");
        progress.begins(3);
        progress.judged();
        assert_eq!(progress.words(), "judging charts, 1 of 3");
        progress.asks("GET https://ghcr.io/v2/acme/web/tags/list");
        assert_eq!(progress.words(), "judging charts, 1 of 3; ghcr.io was asked last");
        progress.end();
        progress.show();
        assert!(progress.bar.is_hidden(), "what is over is not shown");
    }
}
