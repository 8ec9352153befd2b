//! What charts are made with: every dependency, and from where it came.

use super::place::Place;
use super::plan::{Plan, Planned};
use super::seat::Seat;
use super::{Error, Request, Session, headless, prepare, trust};
use crate::chart::{self, Chart, Declared};
use crate::dependency::{self, Completed, Resolver, Update};
use crate::finding::Failure;
use crate::text::veil::without_user;
use crate::text::{Address, Sources};

/// A chart and its dependencies.
#[derive(Debug)]
pub struct Resolved {
    /// The chart's path in reports.
    pub path: String,
    /// `name` of Chart.yaml.
    pub name: String,
    /// `version` of Chart.yaml.
    pub version: String,
    /// What it depends on, in the order of Chart.yaml, then what else lies in `charts/`.
    pub dependencies: Vec<Dependency>,
    /// What could not be had, and what the chart lacks by its own fault.
    pub failures: Vec<Failure>,
}

/// A dependency.
#[derive(Debug)]
pub struct Dependency {
    /// The chart's name.
    pub name: String,
    /// The name its values have, where that is another.
    pub alias: Option<String>,
    /// The range of versions that is asked for; empty where it is not declared.
    pub range: String,
    /// The version that is there; none where there is none.
    pub version: Option<String>,
    /// Where it came from, or why it did not.
    pub from: String,
    /// What it depends on in turn.
    pub dependencies: Vec<Self>,
}

impl Session {
    /// Looks up the dependencies of every chart that a request names; with why charts could not be looked for.
    ///
    /// # Errors
    /// As [`check`](Self::check).
    pub fn dependencies(&self, request: &Request, sources: &Sources) -> Result<(Vec<Resolved>, Vec<Failure>), Error> {
        let plan = prepare::plan(self, request, sources)?;
        let resolver = resolver(&plan);
        let all = plan.charts.iter().map(|planned| resolved(&plan, planned, &resolver, sources)).collect();
        Ok((all, headless::failures(&plan)))
    }

    /// What `helm dependency update` would write into the one chart that a request names, and the chart's folder on disk. `generated` and
    /// `time` are when that is.
    ///
    /// # Errors
    /// As [`check`](Self::check), and where the request names several charts or none that can be written to.
    pub fn updated(
        &self,
        request: &Request,
        (generated, time): (&str, u64),
        sources: &Sources,
    ) -> Result<(std::path::PathBuf, Result<Update, Vec<Failure>>), Error> {
        let plan = prepare::plan(self, request, sources)?;
        let help = "name the folder of one chart";
        let [planned] = plan.charts.as_slice() else {
            return Err(Error::usage(format!("there are {} charts there", plan.charts.len()), help));
        };
        let mut chart = chart::load(&planned.tree, &planned.folder, sources);
        let Address::Disk(folder) = chart.tree.address(&chart.folder) else {
            return Err(Error::usage("the chart is packaged or of a revision, and cannot be written to", help));
        };
        let parts = chart.with_dependencies().into_iter();
        let unread: Vec<Failure> = parts.flat_map(|part| part.failures.clone()).collect();
        if !unread.is_empty() {
            return Ok((folder, Err(unread)));
        }
        let resolver = resolver(&plan);
        // What is taken by `file://` is packaged with what it depends on.
        let fetch = plan.config(planned).fetch;
        for part in &mut chart.beside {
            let completed = resolver.complete(part, fetch, sources);
            if !completed.failures.is_empty() {
                return Ok((folder, Err(completed.failures)));
            }
        }
        Ok((folder, dependency::update(&chart, &resolver, generated, time)))
    }
}

/// Finds for the charts of a run what neither `charts/` nor `file://` gives.
pub(super) fn resolver<'a>(plan: &'a Plan<'_>) -> Resolver<'a> {
    let charts =
        plan.charts.iter().map(|planned| (plan.ground(planned), plan.seat(planned), planned.ground.folder.as_str()));
    resolver_of(plan, charts)
}

/// Finds charts for the deployments below a folder.
pub(super) fn resolver_below<'a>(plan: &'a Plan<'_>, place: usize, folder: &'a str) -> Resolver<'a> {
    let place = &plan.places[place];
    resolver_of(plan, std::iter::once((place, Seat::of(plan.request, place, folder), folder)))
}

/// The same for charts by their places and folders there.
fn resolver_of<'a>(
    plan: &'a Plan<'_>,
    charts: impl Iterator<Item = (&'a Place, Seat, &'a str)> + Clone + Send + Sync + 'a,
) -> Resolver<'a> {
    let connect = move || plan.network.trusting(trust::of_dependencies(plan.session, plan.request, charts.clone()));
    Resolver::new(&plan.session.surroundings.caches, connect, plan.session.is_offline())
}

fn resolved(plan: &Plan<'_>, planned: &Planned, resolver: &Resolver, sources: &Sources) -> Resolved {
    let mut chart = chart::load(&planned.tree, &planned.folder, sources);
    let completed = resolver.complete(&mut chart, plan.config(planned).fetch, sources);
    let lacking = dependency::lacking(&chart);
    let own = lacking.iter().filter(|lack| lack.why != dependency::Why::Elsewhere).map(|lack| lack.failure(&chart));
    let unread = chart.with_dependencies().into_iter().flat_map(|part| part.failures.clone());
    let failures = unread.chain(own).chain(completed.failures.iter().cloned()).collect();
    Resolved {
        path: chart.path.clone(),
        name: chart.name().unwrap_or_default().to_owned(),
        version: chart.version().unwrap_or_default().to_owned(),
        dependencies: listed(&chart, &completed),
        failures,
    }
}

fn listed(chart: &Chart, completed: &Completed) -> Vec<Dependency> {
    let declared = chart.declared();
    let known = declared.iter().filter_map(|one| Some(of_declared(chart, one, completed, one.name?)));
    let is_listed = |part: &&Chart| declared.iter().any(|one| one.name == part.name());
    let others = chart.dependencies.iter().filter(|part| !is_listed(part));
    let others = others.map(|part| Dependency {
        name: part.name().unwrap_or_default().to_owned(),
        alias: None,
        range: String::new(),
        version: part.version().map(str::to_owned),
        from: format!("{}, not declared", below(chart, part)),
        dependencies: listed(part, completed),
    });
    known.chain(others).collect()
}

fn of_declared(chart: &Chart, declared: &Declared<'_>, completed: &Completed, name: &str) -> Dependency {
    let of_name = || chart.parts().filter(|part| part.name() == Some(name));
    let part = of_name().find(|part| dependency::fits(declared, part)).or_else(|| of_name().next());
    let repository = without_user(declared.repository.unwrap_or_default());
    let from = match part {
        None if repository.is_empty() => "missing".to_owned(),
        None => format!("missing, from {repository}"),
        Some(part) if chart.dependencies.iter().any(|each| std::ptr::eq(each, part)) => below(chart, part),
        Some(part) => completed.origins.get(&part.path).map_or(repository, ToString::to_string),
    };
    Dependency {
        name: name.to_owned(),
        alias: declared.alias.map(str::to_owned),
        range: declared.version.unwrap_or_default().to_owned(),
        version: part.and_then(Chart::version).map(str::to_owned),
        from,
        dependencies: part.map(|part| listed(part, completed)).unwrap_or_default(),
    }
}

/// A sub-chart's path below its chart.
fn below(chart: &Chart, part: &Chart) -> String {
    part.path.strip_prefix(&chart.path).unwrap_or(&part.path).trim_start_matches('/').to_owned()
}
