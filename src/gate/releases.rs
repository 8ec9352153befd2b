//! Deployments of a repository without charts: each is a subject of its own, judged with the chart that it names where that may be fetched.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::deployments::Found;
use super::plan::{Plan, Planned};
use super::profiles;
use super::subject::{Chartless, Subject};
use super::{Error, dependencies, deployments, facts};
use crate::dependency::{Found as Package, Resolver, Wanted};
use crate::finding::{Failure, FailureKind, Skipped};
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

/// Adds what folders without charts deploy to what is judged, and says what of that cannot be judged.
///
/// # Errors
/// Where a folder deploys nothing either.
pub(super) fn add(plan: &mut Plan<'_>, found: &mut Found, sources: &Sources) -> Result<Vec<Failure>, Error> {
    for (place, discovered) in plan.places.iter().zip(&found.places) {
        let template = |path: &String| {
            let path = place.tree.shown(path);
            Skipped::all(format!("`{path}` is a template of deployments and no chart's: what it makes is not followed"))
        };
        plan.left_out.extend(discovered.templates.iter().map(template));
    }
    let mut chartless = std::mem::take(&mut plan.chartless);
    let has_charts = chartless.is_empty();
    if has_charts {
        chartless = beside(plan, found);
    }
    if chartless.is_empty() {
        left_out(plan, found);
    }
    let mut failures = vec![];
    for each in chartless {
        let discovered = &found.places[each.place];
        let is_below = |release: &&Release| crate::source::below(&release.file, &each.folder).is_some();
        let releases: Vec<Release> = discovered.releases.iter().filter(is_below).cloned().collect();
        if !has_charts && releases.is_empty() && discovered.unresolved.is_empty() {
            return Err(super::configs::no_chart(&each.written, None));
        }
        let fetches = plan.request.fetch || plan.configs[each.config].fetches_releases;
        let all = if fetches {
            fetched_with_all(plan, found, &each, releases, sources, &mut failures)
        } else {
            failures.extend(not_here(&releases));
            releases.into_iter().map(|release| (release, Ok(Fetched::default()))).collect()
        };
        let paths = paths(plan, &each, &all);
        for ((release, answer), path) in all.into_iter().zip(paths) {
            let chart = answer.unwrap_or_else(|failure| {
                failures.push(failure.of_chart(&path));
                Fetched::default()
            });
            plan.charts.push(planned(plan, &each, &release, path, chart));
        }
    }
    Ok(failures)
}

/// What asking for the chart of a release led to.
type Answer = Result<Fetched, Box<Failure>>;

/// The charts of releases, and of those that they make in turn. What they make of charts that are here is found from now on.
fn fetched_with_all(
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

/// The repositories that are judged whole and whose releases of charts that are not here may be fetched, beside the charts that are.
fn beside(plan: &Plan<'_>, found: &Found) -> Vec<Chartless> {
    let whole = |(index, place): (usize, &super::place::Place)| {
        let is_whole = place.named.iter().any(|named| named.folder.is_empty());
        // The configuration at the root; what lies deeper is for what lies there.
        let of_root = |planned: &&Planned| {
            planned.place == index && planned.release.is_none() && plan.configs[planned.config].folder.is_empty()
        };
        let config = plan.charts.iter().find(of_root).map_or(0, |planned| planned.config);
        let fetches = plan.request.fetch || plan.configs[config].fetches_releases;
        let is_any = fetches && is_whole && !found.places[index].releases.is_empty();
        is_any.then(|| Chartless { place: index, folder: String::new(), written: ".".to_owned(), config })
    };
    plan.places.iter().enumerate().filter_map(whole).collect()
}

/// Notes releases of charts that are not here, where charts that are here are judged, and all of them.
fn left_out(plan: &mut Plan<'_>, found: &Found) {
    let is_whole = |place: &&super::place::Place| place.named.iter().any(|named| named.folder.is_empty());
    let places = plan.places.iter().zip(&found.places).filter(|(place, _)| is_whole(place));
    let count: usize = places.map(|(_, discovered)| discovered.releases.len()).sum();
    if count > 0 {
        let reason = format!("deployments of charts that are not here are not judged beside charts that are: {count}");
        plan.left_out.push(Skipped::all(reason));
    }
}

/// The failure that counts the releases whose charts nobody was asked for.
fn not_here(releases: &[Release]) -> Option<Failure> {
    let first = releases.first()?;
    let message = match releases.len() {
        1 => "1 release names a chart that is not here".to_owned(),
        count => format!("{count} releases name charts that are not here"),
    };
    let failure = Failure::new(FailureKind::Read, message)
        .help("`--fetch` brings them, and `gitops: {fetch: true}` in the configuration");
    Some(match first.deployment.profile.found_at {
        Some(at) => failure.at(at),
        None => failure,
    })
}

/// The paths by which reports know releases.
fn paths(plan: &Plan<'_>, chartless: &Chartless, releases: &[(Release, Answer)]) -> Vec<String> {
    let mut count: BTreeMap<&str, usize> = BTreeMap::new();
    for (release, _) in releases {
        *count.entry(release.file.as_str()).or_default() += 1;
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let path = |(release, _): &(Release, Answer)| {
        let file = plan.places[chartless.place].tree.shown(&release.file);
        let profile = &release.deployment.profile;
        let name = profile.release.as_deref().unwrap_or(&release.chart.name);
        let is_one = count[release.file.as_str()] == 1;
        let path = if is_one { file } else { format!("{file} ({name} of {})", profile.name) };
        let number = seen.entry(path.clone()).or_default();
        *number += 1;
        if *number > 1 { format!("{path} {number}") } else { path }
    };
    releases.iter().map(path).collect()
}

fn planned(plan: &Plan<'_>, chartless: &Chartless, release: &Release, path: String, fetched: Fetched) -> Planned {
    let Fetched { tree, mut facts, .. } = fetched;
    facts.extend(facts::of_deployment(&release.deployment, &release.chart.name, None));
    let pin = release.deployment.pin.as_ref();
    let subject = Subject {
        path,
        name: release.chart.name.clone(),
        version: pin.map(|pin| pin.version.clone()).filter(|version| !version.is_empty()),
        profile: release.deployment.profile.clone(),
        is_fetched: tree.is_some(),
        facts,
    };
    let place = chartless.place;
    let tree = tree.unwrap_or_else(|| Arc::clone(&plan.places[place].tree));
    Planned { place, tree, folder: String::new(), config: chartless.config, release: Some(Arc::new(subject)) }
}

/// What asking for the chart of a release led to.
#[derive(Default)]
struct Fetched {
    /// The chart.
    tree: Option<Arc<dyn Tree>>,
    /// What is so of the version.
    facts: Vec<Fact>,
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
