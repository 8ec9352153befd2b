//! An earlier state of the repository, and where a chart was in it.

use std::sync::{Arc, OnceLock};

use super::super::{Comparison, compare};
use super::charts::{Known, charts, name_of};
use super::failure;
use crate::chart::Chart;
use crate::finding::Failure;
use crate::source::git::{Error, Revision};
use crate::source::{FILE_LIMIT, Tree, join};

/// An earlier state of the whole repository.
#[derive(Debug)]
pub(super) struct Point {
    revision: Revision,
    tree: Arc<dyn Tree>,
    /// In words.
    baseline: String,
    /// All charts, looked for once and only if one has moved.
    charts: OnceLock<Result<Vec<Known>, Error>>,
}

impl Point {
    pub(super) fn new(revision: Revision, baseline: String) -> Self {
        Self { tree: Arc::new(revision.clone()), revision, baseline, charts: OnceLock::new() }
    }
}

impl Point {
    /// The whole of it.
    pub(super) fn tree(&self) -> &Arc<dyn Tree> {
        &self.tree
    }

    /// The chart against its state there.
    pub(super) fn compare(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        if !chart.failures.is_empty() {
            return Ok(Comparison::Failed);
        }
        match self.folder(chart).map_err(|error| Box::new((*failure(&error)).of_chart(&chart.path)))? {
            None => Ok(Comparison::New { baseline: self.baseline.clone() }),
            Some(folder) => compare::with_earlier(chart, &self.tree, &folder, &self.baseline),
        }
    }

    /// Where the chart was: in the same folder if the chart there has its name, else in a folder that no longer holds it.
    fn folder(&self, chart: &Chart) -> Result<Option<String>, Error> {
        let here = if chart.path == "." { "" } else { chart.path.as_str() };
        let there = self.revision.file(&join(here, "Chart.yaml"))?;
        let Some(name) = chart.name() else { return Ok(there.map(|_| here.to_owned())) };
        if there.is_some_and(|there| name_of(&there).is_none_or(|(there, _)| there == name)) {
            return Ok(Some(here.to_owned()));
        }
        let charts = self.charts.get_or_init(|| charts(&self.revision)).as_ref().map_err(Clone::clone)?;
        let is_gone = |folder: &str| name_in(chart.tree.as_ref(), folder).as_deref() != Some(name);
        let found = charts.iter().find(|known| known.name == name && is_gone(&known.folder));
        Ok(found.map(|known| known.folder.clone()))
    }
}

fn name_in(tree: &dyn Tree, folder: &str) -> Option<String> {
    name_of(&tree.read(&join(folder, "Chart.yaml"), FILE_LIMIT).ok()?).map(|(name, _)| name)
}
