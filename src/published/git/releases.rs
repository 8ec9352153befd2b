//! The releases of a chart along a line of commits.

use std::sync::Arc;

use super::super::{Comparison, compare, is_same_version};
use super::charts::name_of;
use super::point::{Point, folder_of};
use super::request::failure;
use crate::chart::Chart;
use crate::finding::Failure;
use crate::source::git::{Error, Line, Revision};
use crate::source::{BlobId, Tree as _, join};

/// The releases of one chart.
pub(super) struct Releases<'a> {
    line: &'a Line,
    chart: &'a Chart,
}

/// A version of the chart, as it was where the version began.
#[derive(Debug, Clone)]
pub(super) struct VersionStart {
    pub(super) version: String,
    /// The commit where it began.
    pub(super) point: Arc<Point>,
    /// Steps from the newest commit of the line to that commit.
    pub(super) began: usize,
    folder: String,
}

/// The chart in a commit.
#[derive(Clone)]
struct Found {
    revision: Revision,
    folder: String,
    /// Empty where Chart.yaml says none, or cannot be read.
    version: String,
    content: Option<BlobId>,
}

impl Found {
    fn has_version(&self) -> bool {
        !self.version.is_empty()
    }
}

impl VersionStart {
    /// Whether the chart has this version.
    pub(super) fn is_of(&self, chart: &Chart) -> bool {
        is_same_version(&self.version, chart.version().unwrap_or_default())
    }

    /// The chart against the release.
    pub(super) fn compare(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        if compare::is_unread(chart) {
            return Ok(Comparison::Failed);
        }
        compare::with_earlier(chart, self.point.tree(), &self.folder, self.point.words())
    }
}

impl<'a> Releases<'a> {
    pub(super) fn new(line: &'a Line, chart: &'a Chart) -> Self {
        Self { line, chart }
    }

    /// The release that counts so many steps from the newest commit; none where there was no such chart.
    pub(super) fn last(&self, steps: usize) -> Result<Option<VersionStart>, Box<Failure>> {
        self.release(steps, None).map_err(|error| self.failure(&error))
    }

    /// The release before another.
    pub(super) fn before(&self, release: &VersionStart) -> Result<Option<VersionStart>, Box<Failure>> {
        let newer = Found {
            revision: release.point.revision().clone(),
            folder: release.folder.clone(),
            version: release.version.clone(),
            content: None,
        };
        self.release(release.began + 1, Some(newer)).map_err(|error| self.failure(&error))
    }

    /// Every version but the chart's own down to a commit, or to what is older where that is none of the line.
    pub(super) fn versions_since(&self, point: &Point) -> Result<Vec<String>, Box<Failure>> {
        let mut versions: Vec<String> = vec![];
        let time = |revision: &Revision| revision.time().map_err(|error| self.failure(&error));
        let oldest = time(point.revision())?;
        let mut newer = None;
        for steps in 0.. {
            let Some(found) = self.at(steps, newer.as_ref()).map_err(|error| self.failure(&error))? else { break };
            if time(&found.revision)? < oldest {
                break;
            }
            if found.has_version() && !is_same_version(&found.version, self.chart.version().unwrap_or_default()) {
                versions.push(found.version.clone());
            }
            if found.revision.id() == point.revision().id() {
                break;
            }
            newer = Some(found);
        }
        Ok(versions)
    }

    /// The release that counts so many steps from the newest commit, given the chart one step later: where its version began.
    fn release(&self, steps: usize, newer: Option<Found>) -> Result<Option<VersionStart>, Error> {
        let (mut start, mut newer): (Option<(Found, usize)>, _) = (None, newer);
        for steps in steps.. {
            let Some(older) = self.at(steps, newer.as_ref())? else { break };
            // A state that says no version is none: what was released before it still counts.
            if older.has_version() {
                if start.as_ref().is_some_and(|(start, _)| !is_same_version(&older.version, &start.version)) {
                    break;
                }
                start = Some((older.clone(), steps));
            }
            newer = Some(older);
        }
        Ok(start.map(|(found, began)| {
            let words = format!("the commit `{}`, where `{}` began", found.revision.short(), found.version);
            let (version, folder) = (found.version, found.folder);
            VersionStart { version, point: Point::new(found.revision, words), began, folder }
        }))
    }

    /// The chart so many steps from the newest commit, given the chart one step later, or else as it is now.
    fn at(&self, steps: usize, newer: Option<&Found>) -> Result<Option<Found>, Error> {
        let Some(revision) = self.line.commit(steps)? else { return Ok(None) };
        let here = newer.map_or_else(|| folder_of(self.chart), |newer| newer.folder.as_str());
        let content = revision.blob_id(&join(here, "Chart.yaml"));
        if let Some(newer) = newer.filter(|newer| content.is_some() && newer.content == content) {
            let (folder, version) = (newer.folder.clone(), newer.version.clone());
            return Ok(Some(Found { revision, folder, version, content }));
        }
        let point = Point::new(revision.clone(), String::new());
        let folder = match newer {
            Some(newer) => point.folder(self.chart.name(), here, &newer.revision)?,
            None => point.folder(self.chart.name(), here, self.chart.tree.as_ref())?,
        };
        let Some(folder) = folder else { return Ok(None) };
        let path = join(&folder, "Chart.yaml");
        let version = revision.file(&path)?.as_deref().and_then(name_of).map(|(_, version)| version);
        let content = revision.blob_id(&path);
        Ok(Some(Found { revision, folder, version: version.unwrap_or_default(), content }))
    }

    fn failure(&self, error: &Error) -> Box<Failure> {
        let failure = match error {
            Error::Shallow { .. } => {
                let name = self.chart.name().unwrap_or(&self.chart.path);
                Error::Shallow { what: format!("where the version of `{name}` began") }.failure()
            }
            error => *failure(error),
        };
        Box::new(failure.of_chart(&self.chart.path))
    }
}
