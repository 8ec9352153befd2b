//! An earlier state of the repository, and where a chart was in it.

use std::sync::{Arc, OnceLock};

use super::super::{Comparison, compare};
use super::charts::{Known, charts, name_of};
use super::request::failure;
use crate::chart::Chart;
use crate::finding::Failure;
use crate::source::git::{Error, Revision};
use crate::source::{self, FILE_LIMIT, Tree, join};

/// An earlier state of the whole repository.
#[derive(Debug)]
pub(super) struct Point {
    revision: Revision,
    tree: Arc<dyn Tree>,
    /// In words, to follow "at".
    words: String,
    /// All charts, looked for once and only if one has moved.
    charts: OnceLock<Result<Vec<Known>, Error>>,
}

impl Point {
    pub(super) fn new(revision: Revision, words: String) -> Arc<Self> {
        Arc::new(Self { tree: Arc::new(revision.clone()), revision, words, charts: OnceLock::new() })
    }

    /// The commit.
    pub(super) fn revision(&self) -> &Revision {
        &self.revision
    }

    /// The whole of it.
    pub(super) fn tree(&self) -> &Arc<dyn Tree> {
        &self.tree
    }

    /// It in words, to follow "at".
    pub(super) fn words(&self) -> &str {
        &self.words
    }

    /// The chart against its state there.
    pub(super) fn compare(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        if compare::is_unread(chart) {
            return Ok(Comparison::Failed);
        }
        let found = self.folder(chart.name(), folder_of(chart), chart.tree.as_ref());
        match found.map_err(|error| Box::new((*failure(&error)).of_chart(&chart.path)))? {
            None => Ok(Comparison::New { baseline: self.words.clone() }),
            Some(folder) => compare::with_earlier(chart, &self.tree, &folder, &self.words),
        }
    }

    /// Where a chart of `newer` was: in the same folder if the chart there has its name, else in a folder that no longer holds it.
    pub(super) fn folder(&self, name: Option<&str>, here: &str, newer: &dyn Tree) -> Result<Option<String>, Error> {
        let path = join(here, "Chart.yaml");
        // The same file names the same chart, and most charts stay where they are.
        let ids = (self.revision.blob_id(&path), newer.blob_id(&path));
        if matches!(ids, (Some(then), Some(now)) if then == now) {
            return Ok(Some(here.to_owned()));
        }
        let there = self.revision.file(&path)?;
        let Some(name) = name else { return Ok(there.map(|_| here.to_owned())) };
        if there.is_some_and(|there| name_of(&there).is_none_or(|(there, _)| there == name)) {
            return Ok(Some(here.to_owned()));
        }
        let charts = self.charts.get_or_init(|| charts(&self.revision)).as_ref().map_err(Clone::clone)?;
        for known in charts.iter().filter(|known| known.name == name) {
            if name_in(newer, &known.folder)?.as_deref() != Some(name) {
                return Ok(Some(known.folder.clone()));
            }
        }
        Ok(None)
    }
}

/// A chart's folder below the repository's root.
pub(super) fn folder_of(chart: &Chart) -> &str {
    if chart.path == "." { "" } else { chart.path.as_str() }
}

/// The name of the chart in a folder; none where there is none.
fn name_in(tree: &dyn Tree, folder: &str) -> Result<Option<String>, Error> {
    let path = join(folder, "Chart.yaml");
    match tree.read(&path, FILE_LIMIT) {
        Ok(text) => Ok(name_of(&text).map(|(name, _)| name)),
        Err(source::Error::Unreadable { reason, .. }) => Err(Error::Unreadable { what: format!("`{path}`"), reason }),
        Err(_) => Ok(None),
    }
}
