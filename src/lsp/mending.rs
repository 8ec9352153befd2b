//! What may be offered to mend: what `--fix` would do and nothing else, tried on the texts of the editor.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use lsp_types::TextEdit;

use super::diagnose::{self, Offer};
use super::job::Job;
use super::utf16;
use crate::finding::{Finding, Report, Status};
use crate::fix::{self, Change, Reach, Territory, Texts, diff};
use crate::gate::{Charts, Error, Request};
use crate::text::{Address, Source, Sources};

/// Everything certain in a file.
#[derive(Debug, Clone)]
pub(super) struct All {
    /// How many findings it mends.
    pub(super) count: usize,
    /// The edits of each file.
    pub(super) edits: BTreeMap<PathBuf, Vec<TextEdit>>,
}

/// What was tried of one state of a folder.
#[derive(Debug, Default)]
pub(super) struct Mending(RefCell<Tried>);

#[derive(Debug, Default)]
struct Tried {
    state: u64,
    offers: Vec<(Offer, bool)>,
    all: BTreeMap<PathBuf, Option<All>>,
}

impl Mending {
    /// Whether an offer can be taken and brings up nothing else.
    pub(super) fn holds(&self, offer: &Offer, job: &Job) -> bool {
        self.turn(job.state);
        let known = self.0.borrow().offers.iter().find(|(known, _)| known == offer).map(|(_, holds)| *holds);
        known.unwrap_or_else(|| {
            let holds = Trial::new(job).holds(offer).unwrap_or(false);
            self.0.borrow_mut().offers.push((offer.clone(), holds));
            holds
        })
    }

    /// All that is certain in a file.
    pub(super) fn all(&self, file: &Path, job: &Job) -> Option<All> {
        self.turn(job.state);
        let known = self.0.borrow().all.get(file).cloned();
        known.unwrap_or_else(|| {
            let all = Trial::new(job).all(file).unwrap_or_default();
            self.0.borrow_mut().all.insert(file.to_owned(), all.clone());
            all
        })
    }

    /// Forgets what was tried of an earlier state.
    fn turn(&self, state: u64) {
        if self.0.borrow().state != state {
            self.0.replace(Tried { state, ..Tried::default() });
        }
    }
}

struct Trial<'a> {
    job: &'a Job,
    sources: Sources,
    territory: Territory,
}

impl<'a> Trial<'a> {
    fn new(job: &'a Job) -> Self {
        let territory = Territory::new(&job.folder, &[]).over(job.unsaved.clone());
        Self { job, sources: job.session.sources(), territory }
    }

    fn judge(&self, texts: &Texts) -> Result<Report, Error> {
        let request = self.job.request();
        let mut unsaved = self.job.unsaved.clone();
        unsaved.extend(texts.clone());
        let charts = Charts { unsaved, ..request.charts.clone() };
        self.job.session.check(&Request { charts, ..request }, &self.sources)
    }

    fn holds(&self, offer: &Offer) -> Result<bool, Error> {
        let before = self.judge(&Texts::new())?;
        let offered = |finding: &&Finding| {
            let fix = finding.fix.as_ref().filter(|_| finding.status == Status::Open);
            fix.and_then(|fix| diagnose::offer(fix, self.job, &self.sources)).as_ref() == Some(offer)
        };
        let fix = before.findings.iter().find(offered).and_then(|finding| finding.fix.as_ref());
        let Some(fix) = fix else { return Ok(false) };
        fix::holds(|texts: &Texts| self.judge(texts), &before, fix, &self.territory, &self.sources)
    }

    fn all(&self, file: &Path) -> Result<Option<All>, Error> {
        let judge = |texts: &Texts| {
            let mut report = self.judge(texts)?;
            let is_elsewhere = |finding: &&mut Finding| !self.is_of(finding, file);
            report.findings.iter_mut().filter(is_elsewhere).for_each(|finding| finding.fix = None);
            Ok(report)
        };
        let mended = fix::mend(judge, Reach::Safe, &self.territory, &self.sources)?;
        let edits = mended.changes.iter().map(|change| (change.path.clone(), edits(change)));
        let all = All { count: mended.applied.len(), edits: edits.collect() };
        Ok((!all.edits.is_empty()).then_some(all))
    }

    fn is_of(&self, finding: &Finding, file: &Path) -> bool {
        match &self.sources.get(finding.primary.location.source).address {
            Address::Disk(path) => self.job.folder.join(path) == file,
            _ => false,
        }
    }
}

/// The lines that a change writes anew. An editor shows no byte order mark.
fn edits(change: &Change) -> Vec<TextEdit> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_start_matches('\u{feff}').to_owned();
    let (before, after) = (text(&change.before), text(&change.after));
    let source = Source::new(&*change.shown, Address::Rendered, &*before);
    let of_hunk = |(span, new_text)| TextEdit { range: utf16::range(&source, span), new_text };
    diff::hunks(&before, &after).into_iter().map(of_hunk).collect()
}
