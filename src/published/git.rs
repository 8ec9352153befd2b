//! Git history as a list of releases: on the line of first parents of the branch that releases are made from, each commit at which a
//! chart's version changes is the release of that version, with the chart as it was there.
//!
//! Environment and configuration come in as data ([`Request`]); every answer that cannot be given is a [`Failure`]. What is compared with what
//! stands in `docs/versions.md`.

use std::sync::Arc;

use super::{Comparison, Depth, Earlier, History, Versions};
use crate::chart::{Chart, Version};
use crate::finding::Failure;
use crate::source::Tree;
use crate::source::git::{Repository, Revision};

mod branch;
pub(super) mod charts;
mod point;
mod releases;
mod request;
mod standing;

use point::Point;
use releases::{Releases, VersionStart};
use standing::{Pushed, Standing};

pub use request::Request;

/// What git knows of earlier states. Shared between threads.
#[derive(Debug)]
pub struct Log {
    standing: Standing,
}

type Compared = Result<Comparison, Box<Failure>>;

/// The state that a change is measured from.
#[derive(Debug, Clone)]
pub struct Since {
    /// The whole of it.
    pub tree: Arc<dyn Tree>,
    /// The chart against it.
    pub comparison: Comparison,
}

impl Log {
    /// Finds out where HEAD stands, and so what counts as the earlier state.
    ///
    /// # Errors
    /// A failure of kind git with the words that mend it.
    pub fn resolve(repository: Option<&Repository>, request: &Request<'_>) -> Result<Self, Box<Failure>> {
        standing::resolve(repository, request).map(|standing| Self { standing })
    }

    /// What the charts are compared with, in words; none where there is no git.
    pub fn words(&self) -> Option<String> {
        self.standing.words()
    }

    /// Everything as it was before the change that is judged, where that is one state for all charts.
    pub fn tree(&self) -> Option<&Arc<dyn Tree>> {
        self.point().map(|point| point.tree())
    }

    /// Where a chart was before the change that is judged: the whole state, and its folder there. `newer` is the tree that holds it now.
    ///
    /// # Errors
    /// A failure of kind git where that cannot be told.
    pub fn before(&self, name: Option<&str>, folder: &str, newer: &dyn Tree) -> Result<Option<Earlier>, Box<Failure>> {
        let Some(point) = self.point() else { return Ok(None) };
        let folder = point.folder(name, folder, newer).map_err(|error| request::failure(&error))?;
        Ok(folder.map(|folder| Earlier { tree: Arc::clone(point.tree()), folder }))
    }

    /// The state before the change that is judged, where that is one for all charts.
    fn point(&self) -> Option<&Arc<Point>> {
        match &self.standing {
            Standing::Point(point)
            | Standing::Fork { base: point, .. }
            | Standing::Base { point, .. }
            | Standing::Line { pushed: Pushed::From(point), .. } => Some(point),
            Standing::Nowhere | Standing::Beginning { .. } | Standing::Line { .. } => None,
        }
    }

    /// The state that nothing of what is judged can have changed: that before the change, else that of HEAD, which local changes follow. None
    /// where there is no commit before.
    ///
    /// # Errors
    /// A failure of kind git where it cannot be read.
    pub fn settled(&self) -> Result<Option<Revision>, Box<Failure>> {
        match (&self.standing, self.point()) {
            (_, Some(point)) => Ok(Some(point.revision().clone())),
            (Standing::Line { line, .. }, None) => line.commit(0).map_err(|error| request::failure(&error)),
            _ => Ok(None),
        }
    }

    /// The state at which a branch left the release branch that it is to be merged into; or the base that was named.
    pub fn fork(&self) -> Option<&Arc<dyn Tree>> {
        match &self.standing {
            Standing::Fork { base: point, .. } | Standing::Base { point, .. } => Some(point.tree()),
            _ => None,
        }
    }

    /// Why the comparison says less than it might, where it does.
    pub fn reservation(&self) -> Option<&str> {
        match &self.standing {
            Standing::Line { reservation, .. } => reservation.as_deref(),
            _ => None,
        }
    }

    /// What is known of a chart's releases, as far as somebody asks, and what could not be read of it. `chart` lies in the same repository,
    /// its path relative to the root.
    pub fn history(&self, chart: &Chart, depth: Depth) -> (History, Vec<Failure>) {
        let mut failures = vec![];
        let mut or_failed = |found: Result<Comparison, Box<Failure>>| {
            found.unwrap_or_else(|failure| {
                failures.push(*failure);
                Comparison::Failed
            })
        };
        let (own, last) = self.states(chart, depth >= Depth::Last);
        let own = or_failed(own);
        // Where the release before lies behind the end of a shallow clone, what the version was compared with still holds.
        let last = last.map_or_else(|| own.clone(), &mut or_failed);
        let versions = if depth < Depth::Versions { Ok(None) } else { self.versions(chart) };
        let versions = versions.unwrap_or_else(|failure| {
            failures.push(*failure);
            None
        });
        (History { own, last, versions }, failures)
    }

    /// The chart against the state that its version is judged by, and against the release before where that is another one and somebody asks.
    fn states(&self, chart: &Chart, asks_last: bool) -> (Compared, Option<Compared>) {
        match &self.standing {
            Standing::Line { line, .. } => {
                let releases = Releases::new(line, chart);
                let latest = match releases.last(0) {
                    Ok(latest) => latest,
                    Err(failure) => return (Err(failure), None),
                };
                let own = latest.against(chart);
                let latest = latest.filter(|latest| asks_last && latest.is_of(chart));
                (own, latest.map(|latest| releases.before(&latest)?.against(chart)))
            }
            Standing::Fork { line, .. } => {
                let own = self.own(chart);
                // What a change leaves alone it is not blamed for.
                let is_asked = asks_last && own.as_ref().is_ok_and(|own| !own.is_identical());
                let last = is_asked.then(|| Releases::new(line, chart).last(0)?.against(chart));
                (own, last)
            }
            _ => (self.own(chart), None),
        }
    }

    /// The state that a change is measured from, and the chart against it; none where nothing was before, or there is no git.
    ///
    /// # Errors
    /// As [`history`](Self::history).
    pub fn since(&self, chart: &Chart) -> Result<Option<Since>, Box<Failure>> {
        let point = match &self.standing {
            // On a branch that is new everything is.
            Standing::Nowhere | Standing::Beginning { .. } | Standing::Line { pushed: Pushed::FromUnknown, .. } => {
                return Ok(None);
            }
            Standing::Point(point)
            | Standing::Fork { base: point, .. }
            | Standing::Base { point, .. }
            | Standing::Line { pushed: Pushed::From(point), .. } => Arc::clone(point),
            Standing::Line { line, .. } => {
                let releases = Releases::new(line, chart);
                // A version that begins with the newest commit is what that commit brings.
                let release = match releases.last(0)? {
                    Some(newest) if newest.began == 0 => releases.before(&newest)?,
                    other => other,
                };
                let Some(release) = release else { return Ok(None) };
                let (tree, comparison) = (Arc::clone(release.point.tree()), release.compare(chart)?);
                return Ok(Some(Since { tree, comparison }));
            }
        };
        Ok(Some(Since { tree: Arc::clone(point.tree()), comparison: point.compare(chart)? }))
    }

    /// The chart against the state that its version is judged by.
    fn own(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        match &self.standing {
            Standing::Nowhere => {
                Ok(Comparison::Inapplicable { reason: "there is no git repository around the chart".into() })
            }
            Standing::Beginning { words } => Ok(Comparison::New { baseline: words.clone() }),
            Standing::Point(point) | Standing::Base { point, .. } => point.compare(chart),
            Standing::Fork { base, tip, .. } => {
                let first = base.compare(chart)?;
                let Some(tip) = tip.as_ref().filter(|_| is_other_release(&first, chart)) else { return Ok(first) };
                let second = tip.compare(chart)?;
                let is_taken = second.is_changed() && second.has_version(chart.version());
                Ok(if is_taken { second } else { first })
            }
            Standing::Line { line, .. } => Releases::new(line, chart).last(0)?.against(chart),
        }
    }

    /// The releases since a base that was named; elsewhere the state before is the last there was.
    fn versions(&self, chart: &Chart) -> Result<Option<Versions>, Box<Failure>> {
        let Standing::Base { point, head } = &self.standing else { return Ok(None) };
        let Some(line) = head else { return Ok(None) };
        let texts = Releases::new(line, chart).versions_since(point)?;
        let mut all: Vec<Version> = texts.iter().filter_map(|text| Version::parse(text)).collect();
        all.sort();
        all.dedup();
        Ok(Some(Versions { place: format!("the history since {}", point.words()), all }))
    }
}

/// A release, or none, as something to compare a chart with.
trait Against {
    fn against(&self, chart: &Chart) -> Result<Comparison, Box<Failure>>;
}

impl Against for Option<VersionStart> {
    fn against(&self, chart: &Chart) -> Result<Comparison, Box<Failure>> {
        match self {
            Some(release) => release.compare(chart),
            None => Ok(Comparison::New { baseline: "the earlier commits".to_owned() }),
        }
    }
}

/// Whether the chart is new or changed under a version that the base does not have: then the branch may have used it meanwhile.
fn is_other_release(first: &Comparison, chart: &Chart) -> bool {
    matches!(first, Comparison::New { .. }) || first.is_changed() && !first.has_version(chart.version())
}
