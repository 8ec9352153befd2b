//! What a check would look at, without judging it: charts, their profiles, and the images that would run.

use std::sync::Arc;

use super::asked::Asked;
use super::deployments;
use super::place::Place;
use super::plan::{Plan, Planned};
use super::see;
use super::terms::Terms;
use super::trust::ImageHosts;
use super::{Error, Request, Session, dependencies, headless, named, prepare, profiles, releases};
use crate::artifacthub::Annotations;
use crate::chart::Chart;
use crate::finding::Failure;
use crate::gitops::{Discovered, PassedOver, Release};
use crate::image::ImageRef;
use crate::network::Trust;
use crate::render::Cache;
use crate::rule::ProfileView;
use crate::text::{Location, Sources};

/// Every chart of a request.
#[derive(Debug)]
pub struct Survey {
    /// The charts, in the order of a check.
    pub charts: Vec<Surveyed>,
    /// What could not be looked at.
    pub failures: Vec<Failure>,
    /// Deployments of charts that are not in the repository, each with the path of its file.
    pub elsewhere: Vec<(String, Release)>,
    /// What GitOps files say that cannot be followed and may be about any chart.
    pub unresolved: Vec<crate::gitops::Unresolved>,
    /// What makes no deployment though it is there for that, by its path in reports.
    pub passed_over: Vec<PassedOver>,
    /// The registries that may be asked for its images as whoever runs it.
    pub trust: Trust,
}

impl Survey {
    /// Why what would run may be more or other than what was found.
    pub fn gaps(&self) -> impl Iterator<Item = Failure> {
        self.failures.iter().cloned().chain(self.unresolved.iter().map(profiles::unfollowed))
    }
}

/// A chart of a [`Survey`].
#[derive(Debug)]
pub struct Surveyed {
    /// Its path in reports.
    pub path: String,
    /// It under each of its profiles.
    pub views: Vec<ProfileView>,
    /// What GitOps files say of it that cannot be followed.
    pub unresolved: Vec<crate::gitops::Unresolved>,
    /// Files that may be meant as values of production and make no profile, each with the reason.
    pub passed_over: Vec<(String, String)>,
    /// The images that `artifacthub.io/images` lists, each with its place.
    pub annotated: Vec<(ImageRef, Location)>,
}

impl Session {
    /// Looks at every chart that a request names.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn survey(&self, request: &Request, sources: &Sources) -> Result<Survey, Error> {
        surveyed(&mut prepare::plan_with_releases(self, request, sources)?, sources)
    }
}

fn surveyed(plan: &mut Plan<'_>, sources: &Sources) -> Result<Survey, Error> {
    let mut found = deployments::discover(plan, sources);
    let mut failures = headless::failures(plan);
    failures.extend(found.failures.iter().cloned());
    failures.extend(releases::add(plan, &mut found, sources)?);
    let plan = &*plan;
    let choice = &plan.request.profiles;
    let asked: Vec<Asked> = plan.places.iter().map(|place| place.asked(choice)).collect::<Result<_, _>>()?;
    named::all_known(plan, &found, &asked, sources)?;
    let cache = Cache::default();
    let (mut charts, hosts, mut trust) = (vec![], ImageHosts::new(plan), Trust::hosts([]));
    let resolver = dependencies::resolver(plan);
    let is_here = |planned: &&Planned| planned.release.as_ref().is_none_or(|release| release.is_fetched);
    for planned in plan.charts.iter().filter(is_here) {
        let profiles_from = (&found.places[planned.place], &asked[planned.place]);
        let terms = Terms::looking(plan.config(planned), profiles_from, &resolver, &cache, sources);
        let seen = see::see(planned, terms)?;
        trust = trust.or(hosts.trusted(plan, planned, &seen.views, sources));
        failures.extend(seen.failures);
        let about = |each: &&crate::gitops::Unresolved| each.chart.as_deref() == Some(&seen.chart.folder);
        let unresolved = found.places[planned.place].unresolved.iter().filter(about).cloned().collect();
        let path = seen.chart.path.clone();
        let annotated = annotated(&seen.chart, sources);
        charts.push(Surveyed { path, views: seen.views, unresolved, passed_over: seen.passed_over, annotated });
    }
    failures.extend(plan.places.iter().filter_map(|place: &Place| place.failure.clone()));
    let unresolved = found.open().cloned().collect();
    let in_place = |(discovered, place): (&Arc<Discovered>, &Place)| {
        let shown = |release: &Release| (place.tree.shown(&release.file), release.clone());
        discovered.releases.iter().map(shown).collect::<Vec<_>>()
    };
    let elsewhere = found.places.iter().zip(&plan.places).flat_map(in_place).collect();
    let passed_over = found.places.iter().zip(&plan.places).flat_map(|(discovered, place)| {
        let shown = |each: &PassedOver| PassedOver { path: place.tree.shown(&each.path), ..each.clone() };
        discovered.passed_over.iter().map(shown).collect::<Vec<_>>()
    });
    Ok(Survey { charts, failures, elsewhere, unresolved, passed_over: passed_over.collect(), trust })
}

fn annotated(chart: &Chart, sources: &Sources) -> Vec<(ImageRef, Location)> {
    let annotations = chart.metadata.as_ref().map(|metadata| Annotations::of(metadata, sources));
    let images = annotations.iter().flat_map(Annotations::images);
    images.map(|(written, at)| (ImageRef::split(&written), at)).collect()
}
