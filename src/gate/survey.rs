//! What a check would look at, without judging it: charts, their profiles, and the images that would run.

use super::deployments;
use super::judge::{self, Terms};
use super::place::Place;
use super::plan;
use super::profiles::Asked;
use super::{Error, Request, dependencies};
use crate::finding::Failure;
use crate::render::Cache;
use crate::rule::ProfileView;
use crate::text::Sources;

/// Every chart of a request.
#[derive(Debug)]
pub struct Survey {
    /// The charts, in the order of a check.
    pub charts: Vec<Surveyed>,
    /// What could not be looked at.
    pub failures: Vec<Failure>,
    /// What GitOps files say that cannot be followed and may be about any chart.
    pub unresolved: Vec<crate::gitops::Unresolved>,
}

/// A chart of a [`Survey`].
#[derive(Debug)]
pub struct Surveyed {
    /// Its path in reports.
    pub path: String,
    /// It under each of its profiles.
    pub views: Vec<ProfileView>,
}

/// Looks at every chart that the request names.
///
/// # Errors
/// As [`check`](super::check).
pub fn survey(request: &Request, sources: &Sources) -> Result<Survey, Error> {
    let plan = plan::plan(request, sources)?;
    let (discovered, mut failures) = deployments::discover(&plan, sources);
    let asked: Vec<Asked> = plan.places.iter().map(|place| place.asked(request)).collect::<Result<_, _>>()?;
    let cache = Cache::default();
    let mut charts = vec![];
    let resolver = dependencies::resolver(request, &plan);
    for planned in &plan.charts {
        let terms = Terms {
            config: &plan.configs[planned.config],
            rules: &[],
            steps: &[],
            source: None,
            is_attested: false,
            sees_profiles: true,
            past: None,
            discovered: &discovered[planned.place],
            asked: &asked[planned.place],
            resolver: &resolver,
            cache: &cache,
            sources,
        };
        let seen = judge::see(planned, terms)?;
        failures.extend(seen.failures);
        charts.push(Surveyed { path: seen.chart.path.clone(), views: seen.views });
    }
    failures.extend(plan.places.iter().filter_map(|place: &Place| place.failure.clone()));
    let open = discovered.into_iter().flat_map(|discovered| discovered.unresolved);
    let unresolved = open.filter(|each| each.chart.is_none()).collect();
    Ok(Survey { charts, failures, unresolved })
}
