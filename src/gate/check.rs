//! A check: every chart of a request judged, side by side.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::asked::Asked;
use super::definitions::Library;
use super::departed::{Departed, departed};
use super::deployments::{self, Found};
use super::judge::{self, Judged};
use super::plan::{Plan, Planned};
use super::policy::Policy;
use super::resolve::{Answers, Registries};
use super::terms::Terms;
use super::timings::{self, Stage};
use super::trust::ImageHosts;
use super::{Error, Evidence, Request, Selection, Session, changed, concern, dependencies, named, prepare};
use super::{conclude, evidence, headless, loosened, past, releases, source};
use crate::finding::{Failure, FailureKind, Report};
use crate::render::{Cache, threads};
use crate::rule::Need;
use crate::text::Sources;

impl Session {
    /// Judges every chart that a request names. The texts behind the report's locations are in `sources`.
    ///
    /// # Errors
    /// Where nothing can be judged: [`Error`].
    pub fn check(&self, request: &Request, sources: &Sources) -> Result<Report, Error> {
        self.judged(request, sources, false).map(|(report, _)| report)
    }

    /// The same, with what was judged and by what; none where nothing was.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn check_with_evidence(
        &self,
        request: &Request,
        sources: &Sources,
    ) -> Result<(Report, Option<Evidence>), Error> {
        self.judged(request, sources, true)
    }

    fn judged(
        &self,
        request: &Request,
        sources: &Sources,
        is_attested: bool,
    ) -> Result<(Report, Option<Evidence>), Error> {
        // All on the threads that render, so that none besides are started.
        threads::spread(|| match plan(self, request, sources) {
            Ok(mut plan) => judged(&mut plan, sources, is_attested),
            Err(Error::Failed(failures)) => Ok((Report::of_nothing(failures, vec![]), None)),
            Err(error) => Err(error),
        })
    }
}

fn plan<'a>(session: &'a Session, request: &'a Request, sources: &Sources) -> Result<Plan<'a>, Error> {
    timings::stage(session.timings(), Stage::Plan, || prepare::plan_with_releases(session, request, sources))
}

fn judged(plan: &mut Plan<'_>, sources: &Sources, is_attested: bool) -> Result<(Report, Option<Evidence>), Error> {
    let (request, timings) = (plan.request, plan.session.timings());
    let is_narrow = request.selection != Selection::All;
    let sees_profiles = sees_profiles(plan);
    let is_asked = sees_profiles || is_narrow || !plan.chartless.is_empty();
    let mut found = if is_asked {
        timings::stage(timings, Stage::Deployments, || deployments::discover(plan, sources))
    } else {
        Found::nothing(plan)
    };
    if is_asked {
        plan.left_out.extend(deployments::unlooked(plan));
        plan.left_out.extend(deployments::untracked(plan));
    }
    let departed = if sees_profiles { departed(plan, &found, sources) } else { Departed::default() };
    let mut untold = narrow(plan, (&found, &departed), sources)?;
    untold.extend(releases::add(plan, &mut found, sources)?);
    if is_narrow && plan.charts.is_empty() && plan.chartless.is_empty() && untold.is_empty() {
        return Ok((Report::of_nothing(headless::failures(plan), plan.left_out.clone()), None));
    }
    let source = request.source.as_ref().map(|folder| source::source(plan, folder, sources)).transpose()?;
    let choice = &request.profiles;
    let asked: Vec<Asked> = plan.places.iter().map(|place| place.asked(choice)).collect::<Result<_, _>>()?;
    named::all_known(plan, &found, &asked, sources)?;
    loosened::settle(plan, sources);
    let (pasts, mut failures) = past::all(plan);
    failures.extend(untold);
    if sees_profiles {
        failures.extend(found.failures());
    }
    let (cache, resolver, answers) = (Cache::default(), dependencies::resolver(plan), Answers::default());
    let library = Library::new(plan, sources);
    let hosts = ImageHosts::new(plan);
    let is_judged = plan.policies.iter().any(|policy| policy.needs(Need::Definitions));
    if is_judged {
        for catalogue in plan.schemas.iter().flatten() {
            catalogue.fill(|paths, tree| plan.session.keep.shelf(paths, tree, sources));
            failures.extend(catalogue.broken(sources));
        }
    }
    let watch = plan.session.surroundings.watch.as_deref();
    if let Some(watch) = watch {
        watch.begins(plan.charts.len());
    }
    let judge = |planned: &Planned| {
        let own = plan.session.keep.chart(&*planned.tree, &planned.folder, sources);
        let (texts, cache) = (sources.part(), cache.of_known(Arc::clone(&own)));
        let terms = Terms {
            config: plan.config(planned),
            policy: Some(plan.policy(planned)),
            past: pasts.get(&(planned.place, planned.config)).filter(|_| planned.release.is_none()),
            registries: is_asking(plan, plan.policy(planned)).then_some(Registries {
                plan,
                answers: &answers,
                hosts: &hosts,
            }),
            discovered: &found.places[planned.place],
            asked: &asked[planned.place],
            resolver: &resolver,
            library: Some(&library),
            cache: &cache,
            source: source.as_ref(),
            is_attested,
            sees_profiles,
            is_alone: plan.charts.len() == 1,
            timings,
            sources: &texts,
        };
        let judged = timings::chart(timings, || judge::judge(planned, terms))?;
        own.turn();
        texts.keep(&judged.mentioned());
        if let Some(watch) = watch {
            watch.judged();
        }
        Ok(judged)
    };
    let judged: Vec<Judged> = plan.charts.par_iter().map(judge).collect::<Result<_, _>>()?;
    if request.profiles.values.is_empty() && !is_narrow {
        named::all_found(plan, &judged)?;
    }
    failures.extend(cache.is_enough().err().map(|error| Failure::new(FailureKind::Limit, error.message)));
    failures.extend(plan.places.iter().filter_map(|place| place.failure.clone()));
    failures.extend(headless::failures(plan));
    failures.extend(source.iter().flat_map(|chart| chart.failures.clone()));
    let contents = judged.iter().filter_map(|each| each.identity.clone()).collect();
    let evidence = is_attested.then(|| evidence::evidence(plan, &pasts, contents, sources)).transpose()?;
    let report =
        timings::stage(timings, Stage::Conclude, || conclude::report(plan, judged, failures, &departed, sources));
    Ok((report, evidence))
}

/// Whether registries are asked for images: a rule that is on wants it, and somebody may be asked.
fn is_asking(plan: &Plan<'_>, policy: &Policy) -> bool {
    policy.resolves && policy.needs(Need::Registries) && !plan.session.is_offline()
}

/// Whether anything is asked of charts under their profiles. Where only states are compared, reading a repository's GitOps files and
/// rendering would take ten times as long as the answer.
fn sees_profiles(plan: &Plan<'_>) -> bool {
    !plan.request.profiles.names.is_empty() || plan.policies.iter().any(|policy| policy.needs(Need::Profiles))
}

/// Leaves in the plan the charts that given files belong to, or that changed; what keeps that from being told is returned.
pub(super) fn narrow(
    plan: &mut Plan<'_>,
    (found, departed): (&Found, &Departed),
    sources: &Sources,
) -> Result<Vec<Failure>, Error> {
    // The charts that stay are read again to be judged; nothing points into these texts.
    let texts = sources.part();
    let request = plan.request;
    let (kept, failures) = match &request.selection {
        Selection::All => return Ok(vec![]),
        Selection::Files(files) => (concern::concerned(plan, files, (found, departed), &texts)?, vec![]),
        Selection::Changed => changed::open(plan, (found, departed), &texts)?,
    };
    texts.keep(&BTreeSet::new());
    plan.charts = kept;
    Ok(failures)
}
