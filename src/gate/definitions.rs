//! Definitions that lie outside of a chart, for the custom resources that it renders: first those that `schemas` names, then those of
//! the repository, the nearest first.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use super::catalogue::Shelf;
use super::place::Place;
use super::plan::{Plan, Planned};
use crate::chart::Chart;
use crate::crd::{self, Crd, CustomKind, Definitions};
use crate::finding::{Failure, FailureKind};
use crate::kubernetes;
use crate::render::Rendered;
use crate::rule::{Judged, ProfileView};
use crate::source::Error;
use crate::text::Sources;

/// Where definitions are looked for in a run; nothing of it is read before somebody asks.
pub(super) struct Library<'a> {
    plan: &'a Plan<'a>,
    sources: &'a Sources,
    /// Those of each place.
    places: Vec<OnceLock<Result<Arc<Shelf>, Box<Failure>>>>,
}

impl<'a> Library<'a> {
    pub(super) fn new(plan: &'a Plan<'a>, sources: &'a Sources) -> Self {
        Self { plan, sources, places: plan.places.iter().map(|_| OnceLock::new()).collect() }
    }

    /// What is known of the kinds that a chart renders and does not define, and what kept it from being read.
    pub(super) fn of(&self, planned: &Planned, chart: &Chart, views: &[ProfileView]) -> (Definitions, Vec<Failure>) {
        let (mut definitions, mut failures) = (Definitions::default(), vec![]);
        for asked in asked(chart, views) {
            let found = self.find(planned, &asked, &mut failures);
            definitions.add(asked, found);
        }
        (definitions, failures)
    }

    fn find(&self, planned: &Planned, asked: &CustomKind, failures: &mut Vec<Failure>) -> Vec<Arc<Crd>> {
        for catalogue in &self.plan.schemas[planned.config] {
            let held = catalogue.find(asked, self.sources);
            failures.extend(held.failure.map(|failure| *failure));
            if held.is_any {
                return held.found;
            }
        }
        let place = &self.plan.places[planned.place];
        let folder = if planned.release.is_some() { "" } else { planned.folder.as_str() };
        match self.places[planned.place].get_or_init(|| self.in_place(place)) {
            Ok(repository) => {
                let (found, lost) = repository.find(asked, (&*place.tree, folder), self.sources);
                failures.extend(repository.unread().iter().chain(&lost).map(|reason| failed(reason)));
                found
            }
            Err(failure) => {
                failures.push((**failure).clone());
                vec![]
            }
        }
    }

    /// The files of a place that hold definitions.
    fn in_place(&self, place: &Place) -> Result<Arc<Shelf>, Box<Failure>> {
        Ok(self.plan.session.keep.shelf(paths(place)?, &place.tree, self.sources))
    }
}

fn failed(reason: &str) -> Failure {
    Failure::new(FailureKind::Read, format!("definitions of custom resources cannot be looked for: {reason}"))
}

/// The files of a place that may hold definitions: those that git tracks, else those in the folders that were named.
fn paths(place: &Place) -> Result<Vec<String>, Box<Failure>> {
    let failed = |reason: String| Box::new(failed(&reason));
    match (&place.repository, &place.revision) {
        (_, Some(revision)) => revision.paths().map_err(|error| failed(error.to_string())),
        (Some(repository), None) => repository.tracked().map_err(|error| failed(error.to_string())),
        (None, None) => {
            let mut paths = BTreeSet::new();
            for named in &place.named {
                match place.tree.list_kept(&named.folder) {
                    Ok(entries) => paths.extend(entries.into_iter().map(|entry| entry.path)),
                    // A file was named, a package say.
                    Err(Error::WrongKind { .. }) => {}
                    Err(error) => return Err(failed(error.to_string())),
                }
            }
            Ok(paths.into_iter().collect())
        }
    }
}

/// Whether a file holds definitions, as far as its text says.
pub(super) fn is_definition(text: &[u8]) -> bool {
    const KIND: &[u8] = b"CustomResourceDefinition";
    text.windows(KIND.len()).any(|part| part == KIND)
}

/// The kinds of custom resources that a chart renders and does not define itself.
fn asked(chart: &Chart, views: &[ProfileView]) -> BTreeSet<CustomKind> {
    let mut asked = BTreeSet::new();
    let shipped = OnceCell::new();
    let judged = views.iter().flat_map(|view| view.versions.iter().chain(&view.upgrade));
    for rendered in judged.map(Judged::deployed) {
        let objects = rendered.objects().filter(|object| !kubernetes::is_own_group(object.group()));
        let mut own = None;
        for asks in objects.filter_map(|object| CustomKind::of(object.api_version(), object.kind())) {
            let shipped = shipped.get_or_init(|| crd::shipped(chart));
            let own: &Vec<Crd> = own.get_or_insert_with(|| made(rendered));
            if !shipped.iter().chain(own).any(|crd| crd.is_of(&asks)) {
                asked.insert(asks);
            }
        }
    }
    asked
}

fn made(rendered: &Rendered) -> Vec<Crd> {
    crd::among(rendered.objects().map(|object| object.root)).collect()
}
