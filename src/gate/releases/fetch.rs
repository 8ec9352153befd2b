//! The charts of releases, and of those that they make in turn.

use std::collections::BTreeSet;
use std::sync::Arc;

use rayon::prelude::*;

use super::super::deployments::Found;
use super::super::plan::Plan;
use super::super::subject::Chartless;
use super::super::{dependencies, deployments, facts, profiles};
use crate::dependency::{Found as Package, Resolver, Wanted};
use crate::finding::{Failure, FailureKind};
use crate::gitops::{self, Discovered, Inside, Release};
use crate::rule::Fact;
use crate::source::{self, Archive, CHART_LIMIT, FILE_LIMIT, Tree};
use crate::text::{Location, Source, Sources};
use crate::yaml::{Document, Node};

/// Charts that are fetched side by side.
const AT_ONCE: usize = 32;
/// Charts that make charts that make charts.
const DEEPEST: usize = 8;
/// Charts that are fetched for a run.
const COUNT_LIMIT: usize = 2_000;
/// Bytes that they may unpack to.
const SIZE_LIMIT: u64 = 4 * CHART_LIMIT;

/// What asking for the chart of a release led to.
pub(super) type Answer = Result<Fetched, Box<Failure>>;

/// The charts of releases, and of those that they make in turn. What they make of charts that are here is found from now on.
pub(super) fn fetched_with_all(
    plan: &Plan<'_>,
    found: &mut Found,
    chartless: &Chartless,
    releases: Vec<Release>,
    sources: &Sources,
    failures: &mut Vec<Failure>,
) -> Vec<(Release, Answer)> {
    let resolver = dependencies::resolver_below(plan, chartless.place, &chartless.folder);
    let mut known: BTreeSet<String> = releases.iter().map(key).collect();
    let (mut all, mut size): (Vec<(Release, Answer)>, _) = (vec![], 0);
    let mut open = releases;
    for depth in 0.. {
        let mut answers = fetched(&resolver, &open, (all.len(), &mut size));
        for (release, answer) in open.iter_mut().zip(&mut answers) {
            fill(release, answer, sources);
        }
        let parents: Vec<gitops::Fetched<'_>> = open
            .iter()
            .zip(&answers)
            .filter_map(|(release, answer)| {
                Some(gitops::Fetched { release, tree: answer.as_ref().ok()?.tree.clone()? })
            })
            .collect();
        let made = deployments::made(plan, chartless, &parents, sources).unwrap_or_else(|failure| {
            failures.push(*failure);
            Discovered::default()
        });
        let mut asked: Vec<_> = open.into_iter().zip(answers).collect();
        for judged in [&mut all, &mut asked] {
            let applied = judged.extract_if(.., |(release, _)| made.applies(release));
            applied.for_each(|(release, _)| _ = known.remove(&key(&release)));
        }
        let next = made.releases.iter().filter(|release| known.insert(key(release))).cloned().collect();
        Arc::make_mut(&mut found.places[chartless.place]).join(made, sources);
        all.append(&mut asked);
        open = next;
        if open.is_empty() {
            return all;
        }
        if depth >= DEEPEST {
            all.extend(open.into_iter().map(|release| {
                let failure = too_deep(&release);
                (release, Err(failure))
            }));
            return all;
        }
    }
    all
}

/// Puts the values that lie in the chart of a release where they come.
fn fill(release: &mut Release, answer: &mut Answer, sources: &Sources) {
    let Ok(Fetched { tree: Some(tree), .. }) = answer else { return };
    for file in std::mem::take(&mut release.inside).into_iter().rev() {
        match values(&**tree, &file, sources) {
            Ok(roots) => {
                let values = &mut release.deployment.profile.values;
                values.splice(file.before..file.before, roots);
            }
            Err(failure) => {
                *answer = Err(failure);
                return;
            }
        }
    }
}

/// The roots of a values file of a fetched chart.
fn values(tree: &dyn Tree, file: &Inside, sources: &Sources) -> Result<Vec<Node>, Box<Failure>> {
    let wrong = |why: String| {
        let message = format!("the values file `{}` of the chart {why}", file.path);
        Box::new(Failure::new(FailureKind::Read, message).at(file.at))
    };
    let data = match tree.read(&file.path, FILE_LIMIT) {
        Err(source::Error::NotFound { .. }) if file.is_optional => return Ok(vec![]),
        Err(source::Error::NotFound { .. }) => return Err(wrong("does not exist".to_owned())),
        read => read.map_err(|error| wrong(format!("cannot be read: {error}")))?,
    };
    let text = String::from_utf8(data).map_err(|_| wrong("is not UTF-8".to_owned()))?;
    let id = sources.add(Source::new(tree.shown(&file.path), tree.address(&file.path), text));
    let documents = Document::parse_all(id, &sources.get(id).text);
    let documents = documents.map_err(|error| wrong(format!("is not YAML: {error}")))?;
    Ok(documents.into_iter().map(|document| document.root).collect())
}

/// All that decides about a release.
fn key(release: &Release) -> String {
    let Release { file, chart, deployment, .. } = release;
    let profile = &deployment.profile;
    let values: Vec<String> = profile.values.iter().map(|root| root.to_json().to_string()).collect();
    let pin = deployment.pin.as_ref().map(|pin| (&pin.version, &pin.digest));
    let set: Vec<_> = profile.set.iter().map(|setting| &setting.expression).collect();
    format!("{file} {chart:?} {pin:?} {:?} {:?} {set:?} {values:?}", profile.release, profile.namespace)
}

fn too_deep(release: &Release) -> Box<Failure> {
    let message = format!("charts that are fetched make releases of others more than {DEEPEST} levels deep");
    let failure = Failure::new(FailureKind::Limit, message);
    Box::new(match release.deployment.profile.found_at {
        Some(at) => failure.at(at),
        None => failure,
    })
}

/// What asking for the chart of a release led to.
#[derive(Default)]
pub(super) struct Fetched {
    /// The chart.
    pub(super) tree: Option<Arc<dyn Tree>>,
    /// What is so of the version.
    pub(super) facts: Vec<Fact>,
    /// Bytes that the chart unpacks to.
    size: u64,
}

/// What asking for the charts of releases led to, several at once, where so many were fetched before, of so many bytes.
fn fetched(resolver: &Resolver<'_>, releases: &[Release], (count, size): (usize, &mut u64)) -> Vec<Answer> {
    let mut all = vec![];
    for part in releases.chunks(AT_ONCE) {
        if *size > SIZE_LIMIT || count + all.len() >= COUNT_LIMIT {
            all.extend(part.iter().map(|release| Err(too_many(release))));
            continue;
        }
        let fetched: Vec<_> = part.par_iter().map(|release| chart(resolver, release)).collect();
        *size += fetched.iter().flatten().map(|fetched| fetched.size).sum::<u64>();
        all.extend(fetched);
    }
    all
}

fn too_many(release: &Release) -> Box<Failure> {
    let message = format!(
        "no more than {COUNT_LIMIT} charts, and {SIZE_LIMIT} bytes of them, are fetched for the releases of a run"
    );
    let failure = Failure::new(FailureKind::Limit, message).help("name a folder with fewer of them");
    Box::new(match release.deployment.profile.found_at {
        Some(at) => failure.at(at),
        None => failure,
    })
}

/// The chart of a release.
///
/// # Errors
/// Why it cannot be had.
fn chart(resolver: &Resolver<'_>, release: &Release) -> Result<Fetched, Box<Failure>> {
    if let Some(problem) = release.deployment.problems.first() {
        return Err(Box::new(profiles::unfollowed(&problem.clone().into())));
    }
    let chart = &release.chart;
    let pin = release.deployment.pin.as_ref();
    let open = |why: String| {
        let failure = Failure::new(FailureKind::Read, format!("the chart `{}` {why}", chart.name));
        let at = pin.map(|pin| pin.at).or(release.deployment.profile.found_at);
        Box::new(at.map_or(failure.clone(), |at| failure.at(at)))
    };
    let Some(pin) = pin.filter(|pin| !pin.is_git && !chart.repository.is_empty()) else {
        return Err(open("lies in a repository that is not read".to_owned()));
    };
    if !pin.digest.is_empty() && pin.version.is_empty() {
        return Err(open(format!("is asked for by `{}` alone, by which none is fetched", pin.digest)));
    }
    let wanted = Wanted::release(&chart.name, &chart.repository, &pin.version, pin.at);
    if let Some(file) = &chart.file {
        return usable(resolver.file(&wanted, file)?, release, pin.at, open);
    }
    if !pin.digest.is_empty()
        && let Some(found) = resolver.digest(&wanted)?.filter(|found| *found != pin.digest)
    {
        return Ok(Fetched { facts: vec![facts::mismatch(release, pin, &found)], ..Fetched::default() });
    }
    usable(resolver.release(&wanted)?, release, pin.at, open)
}

/// A chart that was found, as a tree; else the fact that it is not out.
fn usable(
    found: Option<Package>,
    release: &Release,
    at: Location,
    open: impl Fn(String) -> Box<Failure>,
) -> Result<Fetched, Box<Failure>> {
    let Some(found) = found else {
        return Ok(Fetched { facts: vec![facts::absent(release, at)], ..Fetched::default() });
    };
    let archive =
        Archive::from_bytes(&found.data, &found.file_name).map_err(|error| open(format!("cannot be used: {error}")))?;
    Ok(Fetched { size: archive.size(), tree: Some(Arc::new(archive)), facts: vec![] })
}
