//! Deployments of a repository without charts: each is a subject of its own, judged with the chart that it names where that may be fetched.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::deployments::Found;
use super::plan::{Ground, Plan, Planned};
use super::subject::{Chartless, Subject};
use super::{Error, facts};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::gitops::{PassedOver, Release};
use crate::text::Sources;
use fetch::{Answer, Fetched, fetched_with_all};

mod fetch;
mod makers;

/// Adds what folders without charts deploy to what is judged, and says what of that cannot be judged.
///
/// # Errors
/// Where a folder deploys nothing either.
pub(super) fn add(plan: &mut Plan<'_>, found: &mut Found, sources: &Sources) -> Result<Vec<Failure>, Error> {
    for (place, discovered) in plan.places.iter().zip(&found.places) {
        let passed = |PassedOver { path, reason }: &PassedOver| {
            Skipped::all(format!("`{}` makes no deployment: {reason}", place.tree.shown(path)))
        };
        plan.left_out.extend(discovered.passed_over.iter().map(passed));
    }
    let mut chartless = std::mem::take(&mut plan.chartless);
    let has_charts = chartless.is_empty();
    if has_charts {
        chartless = beside(plan, found);
    }
    if chartless.is_empty() {
        left_out(plan, found);
    }
    let mut failures = makers::follow(plan, found, &chartless, sources);
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
    let ground = Ground { place, folder: chartless.folder.clone() };
    let release = Some(Arc::new(subject));
    Planned { place, tree, folder: String::new(), config: chartless.config, ground, release }
}
