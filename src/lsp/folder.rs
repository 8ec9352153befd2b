//! A folder of the workspace: its charts as they were judged last, and what is shown of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::diagnose::{Diagnosed, Found, OfChart};
use super::documents::Documents;
use super::job::Job;
use super::judge::Outcome;
use super::mending::Mending;
use super::model::{Charts, Model};
use crate::gate::Session;
use crate::source::Home;

/// A folder of the workspace.
pub(super) struct Folder {
    /// Its path, without links.
    pub(super) path: PathBuf,
    /// Whether the editor named it; else it is there for files outside of all that are.
    pub(super) is_named: bool,
    /// Folders inside of it that are judged by themselves.
    pub(super) inner: Vec<PathBuf>,
    session: Arc<Session>,
    root: PathBuf,
    /// Counts what happens to it.
    state: u64,
    /// The charts that the open files belong to; none where that is to be found out anew.
    charts: Option<Vec<PathBuf>>,
    /// What was found, by chart.
    found: BTreeMap<String, OfChart>,
    /// The version of each open file that was judged last.
    judged: BTreeMap<PathBuf, i32>,
    /// Files of which something is shown.
    shown: BTreeSet<PathBuf>,
    /// What was said that stands in no file.
    noticed: BTreeSet<String>,
    /// Counts what happens to files that are not open.
    turns: u64,
    model: Model,
    /// What may be offered of what was found.
    pub(super) mending: Mending,
}

/// What is to be said of a folder that was judged.
pub(super) struct News {
    /// The files that are to be shown anew.
    pub(super) files: BTreeSet<PathBuf>,
    /// What could not be checked and stands in no file.
    pub(super) notices: Vec<String>,
    /// Which rules did not apply.
    pub(super) skipped: Vec<String>,
}

impl Folder {
    pub(super) fn new(path: PathBuf, is_named: bool, session: Session) -> Self {
        let root = Home::new(&path).root().to_owned();
        Self {
            path,
            is_named,
            inner: vec![],
            session: Arc::new(session),
            root,
            state: 0,
            charts: None,
            found: BTreeMap::new(),
            judged: BTreeMap::new(),
            shown: BTreeSet::new(),
            noticed: BTreeSet::new(),
            turns: 0,
            model: Model::default(),
            mending: Mending::default(),
        }
    }

    /// Notes that a file was typed in; the folder, where that is of any interest.
    pub(super) fn touched(&mut self) -> Option<&mut Self> {
        self.state += 1;
        let is_of_charts = self.charts.as_ref().is_none_or(|charts| !charts.is_empty());
        is_of_charts.then_some(self)
    }

    /// Whether a file lies in it, and in no folder inside of it that is judged by itself.
    fn holds(&self, file: &Path) -> bool {
        file.starts_with(&self.path) && !self.inner.iter().any(|inner| file.starts_with(inner))
    }

    /// Whether what is shown may rest on a file that is not open: one of a chart, or any that can name a chart or its values. What a build writes
    /// beside the charts is none of those.
    pub(super) fn rests_on(&self, file: &Path) -> bool {
        let is_named = |ending: &str| file.extension().is_some_and(|extension| extension == ending);
        let is_of_chart = self.charts.iter().flatten().any(|chart| file.starts_with(chart));
        self.holds(file) && (is_of_chart || ["yaml", "yml", "tf"].into_iter().any(is_named))
    }

    /// Notes that files were opened, closed, or changed behind the editor's back.
    pub(super) fn turn(&mut self) {
        self.state += 1;
        self.turns += 1;
        self.charts = None;
    }

    /// What is to be judged of what the editor has open.
    pub(super) fn job(&self, documents: &Documents) -> Job {
        let own = || documents.iter().filter(|(path, _)| self.holds(path));
        let bytes = |text: &Arc<str>| Arc::from(text.as_bytes());
        Job {
            session: Arc::clone(&self.session),
            folder: self.path.clone(),
            root: self.root.clone(),
            state: self.state,
            files: own().map(|(path, _)| path.clone()).collect(),
            charts: self.charts.clone(),
            unsaved: documents.iter().map(|(path, document)| (path.clone(), bytes(&document.text))).collect(),
            versions: own().map(|(path, document)| (path.clone(), document.version)).collect(),
        }
    }

    /// Takes what was judged; none where the folder has changed since.
    pub(super) fn take(&mut self, outcome: Outcome) -> Option<News> {
        let Outcome { job, diagnosed: Diagnosed { charts, notices, skipped, is_refusal } } = outcome;
        if job.state != self.state {
            return None;
        }
        let folder = |chart: &String| if chart == "." { self.root.clone() } else { self.root.join(chart) };
        let judged = charts.keys().filter(|chart| !chart.is_empty()).map(folder).collect();
        self.charts = (!is_refusal).then_some(judged);
        self.found = charts;
        self.judged = job.versions;
        let now: BTreeSet<PathBuf> = self.found.values().flat_map(BTreeMap::keys).cloned().collect();
        let open = self.judged.keys().cloned();
        let files = now.iter().chain(&self.shown).cloned().chain(open).collect();
        self.shown = now;
        let said: BTreeSet<String> = notices.iter().chain(&skipped).cloned().collect();
        let is_new = |text: &String| !self.noticed.contains(text);
        let [notices, skipped] = [notices, skipped].map(|texts| texts.into_iter().filter(is_new).collect());
        self.noticed = said;
        Some(News { files, notices, skipped })
    }

    /// The charts of a file with their values, to answer questions from.
    ///
    /// # Errors
    /// As [`Model::charts`].
    pub(super) fn charts(&mut self, job: &Job, file: &Path, is_about_values: bool) -> Result<&Charts, String> {
        self.model.charts(job, self.turns, file, is_about_values)
    }

    /// What was found in a file.
    pub(super) fn of_file(&self, file: &Path) -> impl Iterator<Item = &Found> {
        self.found.values().filter_map(move |files| files.get(file)).flatten()
    }

    /// Every file of which something is shown.
    pub(super) fn shown(&self) -> impl Iterator<Item = &PathBuf> {
        self.shown.iter()
    }

    /// Whether what was found of an open file is about its text as it is.
    pub(super) fn is_fresh(&self, file: &Path, documents: &Documents) -> bool {
        documents.get(file).is_none_or(|document| self.judged.get(file) == Some(&document.version))
    }
}
