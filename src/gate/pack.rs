//! Packages the charts of a request; what is written where is the caller's.

use super::place::{Named, Place};
use super::plan::{Plan, Planned};
use super::{Error, Request, Session, dependencies, prepare};
use crate::chart::package::{self, Package};
use crate::chart::{self, Problem};
use crate::finding::Failure;
use crate::text::Sources;

/// A chart that was to be packaged.
#[derive(Debug)]
pub struct Packed {
    /// Its path in reports.
    pub path: String,
    /// The package, or everything that Helm refuses to package it for.
    pub package: Result<Package, Vec<Problem>>,
    /// The digest of what it packages, see [`package::digest`].
    pub content: String,
    /// The date of every file in the package, in seconds since 1970.
    pub time: u64,
    /// What kept the chart from being read whole; the package is of no use then.
    pub failures: Vec<Failure>,
}

impl Session {
    /// Packages every chart that a request names. Files are dated `time`, else as the commit that is checked out or named by `at`, else
    /// 1970.
    ///
    /// # Errors
    /// As [`check`](Self::check), and where something is named that is no chart's folder.
    pub fn pack(&self, request: &Request, time: Option<u64>, sources: &Sources) -> Result<Vec<Packed>, Error> {
        packed(&prepare::plan(self, request, sources)?, time, sources)
    }
}

fn packed(plan: &Plan<'_>, time: Option<u64>, sources: &Sources) -> Result<Vec<Packed>, Error> {
    let mut all = vec![];
    let resolver = dependencies::resolver(plan);
    for (index, place) in plan.places.iter().enumerate() {
        let (time, failure) = match time {
            Some(time) => (time, None),
            None => date(place).map_or_else(|failure| (0, Some(*failure)), |time| (time, None)),
        };
        for named in &place.named {
            let planned = named_chart(plan, index, named)?;
            let mut chart = chart::load(&planned.tree, &planned.folder, sources);
            let completed = resolver.complete(&mut chart, plan.config(planned).fetch, sources);
            let unread = chart.with_dependencies().into_iter().flat_map(|chart| chart.failures.clone());
            let failures = unread.chain(completed.failures).chain(failure.clone()).collect();
            let package = package::package(&chart, time);
            all.push(Packed { content: package::digest(&chart), path: chart.path, package, time, failures });
        }
    }
    Ok(all)
}

/// The chart that lies in the very folder that was named.
fn named_chart<'a>(plan: &'a Plan<'_>, place: usize, named: &Named) -> Result<&'a Planned, Error> {
    let Named { folder, written } = named;
    if plan.places[place].is_archive {
        return Err(Error::usage(format!("`{written}` is packaged already"), "name the chart's folder"));
    }
    let chart = plan.charts.iter().find(|planned| planned.place == place && planned.folder == *folder);
    chart.ok_or_else(|| Error::usage(format!("no chart in `{written}`"), "name folders that have a Chart.yaml"))
}

/// When the commit was made that the charts are of.
fn date(place: &Place) -> Result<u64, Box<Failure>> {
    let failed = |error: crate::source::git::Error| Box::new(error.failure());
    if let Some(failure) = &place.failure {
        return Err(Box::new(failure.clone()));
    }
    let revision = match (&place.revision, &place.repository) {
        (Some(revision), _) => Some(revision.clone()),
        (None, Some(repository)) => repository.head().map_err(failed)?,
        (None, None) => None,
    };
    revision.map_or(Ok(0), |revision| revision.time().map_err(failed))
}
