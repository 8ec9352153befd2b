//! The charts of a request with their profiles, neither rendered nor judged: where values are set and who reads them.

use super::asked::Asked;
use super::departed::Departed;
use super::see::{self, Opened};
use super::terms::Terms;
use super::{Error, Request, Session, check, dependencies, deployments, prepare};
use crate::chart::Chart;
use crate::profile::Profile;
use crate::render::Cache;
use crate::text::Sources;

/// Every chart of a request.
#[derive(Debug, Default)]
pub struct Outline {
    /// The charts, in the order of a check.
    pub charts: Vec<Outlined>,
}

/// A chart of an [`Outline`].
#[derive(Debug)]
pub struct Outlined {
    /// The chart, with what it depends on.
    pub chart: Chart,
    /// Its profiles.
    pub profiles: Vec<Profile>,
}

impl Session {
    /// Reads every chart that a request names. Deployments of charts that are not in the repository are left out.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn outline(&self, request: &Request, sources: &Sources) -> Result<Outline, Error> {
        let plan = &mut prepare::plan_with_releases(self, request, sources)?;
        let found = deployments::discover(plan, sources);
        check::narrow(plan, (&found, &Departed::default()), sources)?;
        let asked: Vec<Asked> =
            plan.places.iter().map(|place| place.asked(&request.profiles)).collect::<Result<_, _>>()?;
        let (cache, resolver) = (Cache::default(), dependencies::resolver(plan));
        let mut outline = Outline::default();
        for planned in &plan.charts {
            let profiles_from = (&found.places[planned.place], &asked[planned.place]);
            let terms = Terms::looking(plan.config(planned), profiles_from, &resolver, &cache, sources);
            let Opened { chart, profiles, .. } = see::open(planned, terms)?;
            outline.charts.push(Outlined { chart, profiles });
        }
        Ok(outline)
    }
}
