//! The files that the judgement of a chart rests on besides its own, and the charts that given files belong to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked::ValuesPath;
use super::definitions::is_definition;
use super::departed::Departed;
use super::deployments::Found;
use super::feeding::may_feed;
use super::pipelines;
use super::place::{Place, parent};
use super::plan::{Plan, Planned};
use super::policy::On;
use super::profiles;
use crate::chart::{self, Chart};
use crate::config::discover::NAMES;
use crate::finding::Skipped;
use crate::gitops::{Deployment, Unresolved};
use crate::profile::Profile;
use crate::source::{Entry, EntryKind, Error, FILE_LIMIT, LinkTarget, join, normal};
use crate::text::{Location, Sources};

/// The folder of the user's own rules.
const RULES: &str = ".chartgate";

/// Files outside a chart's folder that decide about it, as paths of its tree; some may not exist.
#[derive(Debug, Default)]
pub(super) struct Inputs {
    /// Files.
    pub files: BTreeSet<String>,
    /// Folders with everything in them.
    pub folders: BTreeSet<String>,
}

impl Inputs {
    fn hold(&self, file: &str) -> bool {
        self.files.contains(file) || self.folders.iter().any(|folder| is_within(folder, file))
    }
}

/// Configuration and rules, metadata of the repository, files that parameters name, and what its profiles are read from.
pub(super) fn inputs(
    plan: &Plan<'_>,
    planned: &Planned,
    chart: &Chart,
    deployments: &[Deployment],
    sources: &Sources,
) -> Result<Inputs, super::Error> {
    let mut inputs = Inputs { files: BTreeSet::new(), folders: BTreeSet::new() };
    let mut folder = planned.ground.folder.as_str();
    inputs.files.extend(plan.ground(planned).config.clone());
    loop {
        inputs.files.extend(NAMES.iter().map(|name| join(folder, name)));
        inputs.folders.insert(join(folder, RULES));
        if folder.is_empty() {
            break;
        }
        folder = parent(folder);
    }
    inputs.files.extend(["artifacthub-repo.yml", "artifacthub-repo.yaml"].map(str::to_owned));
    let config = plan.config(planned);
    let extended = &plan.extended[planned.config];
    inputs.files.extend(extended.files.iter().cloned());
    let policy = &plan.ground(planned).policy;
    let own = extended.rules.iter().filter(|rules| Arc::ptr_eq(&rules.tree, policy));
    inputs.folders.extend(own.map(|rules| rules.folder.clone()));
    let folder = config.published.folder.as_ref();
    inputs.folders.extend(folder.and_then(|folder| normal(&config.folder, Path::new(&folder.value))));
    inputs.folders.extend(config.schemas.iter().filter_map(|path| normal(&config.folder, Path::new(&path.value))));
    for On { rule, params, .. } in &plan.policy(planned).on {
        let named = params.files(rule).filter_map(|file| normal(&planned.folder, Path::new(file)));
        inputs.files.extend(named);
    }
    add_beside(chart, &mut inputs.folders);
    // A file that is gone decides too: the profile is gone with it.
    let declared = config.profiles.iter().filter(|declared| profiles::applies(declared, &chart.path));
    let named = declared.flat_map(|declared| &declared.values);
    inputs.files.extend(named.filter_map(|file| normal(&planned.folder, Path::new(&file.value))));
    let place = &plan.places[planned.place];
    let asked = place.asked(&plan.request.profiles)?;
    let profiles = profiles::of_chart(chart, config, &asked, deployments, sources)?.all;
    let shown_root = place.tree.shown("");
    let below = |path: String| path.strip_prefix(&format!("{shown_root}/")).map(str::to_owned).unwrap_or(path);
    let places = profiles.iter().flat_map(places);
    inputs.files.extend(places.map(|at| below(sources.path(at))));
    let deployed = deployments.iter().filter(|deployment| deployment.chart == chart.folder);
    inputs.files.extend(deployed.flat_map(|deployment| deployment.read.iter().cloned().map(below)));
    Ok(inputs)
}

/// Where links of the chart and of its inputs lead.
fn linked(planned: &Planned, inputs: &Inputs) -> Inputs {
    let files = inputs.files.iter().filter_map(|path| planned.tree.real(path)).collect();
    let target = |entry: Entry| match entry.kind {
        EntryKind::Linked { target: LinkTarget::Inside(target), .. } => Some(target),
        _ => None,
    };
    let folders = match planned.tree.list(&planned.folder) {
        Ok(entries) => entries.into_iter().filter_map(target).collect(),
        // What cannot be looked into may lead anywhere.
        Err(_) => BTreeSet::from([String::new()]),
    };
    Inputs { files, folders }
}

/// The folders of the charts that one takes by `file://`, however far down.
fn add_beside(chart: &Chart, folders: &mut BTreeSet<String>) {
    for part in &chart.beside {
        if folders.insert(part.folder.clone()) {
            add_beside(part, folders);
        }
    }
    chart.dependencies.iter().for_each(|part| add_beside(part, folders));
}

/// Whether a deployment that cannot be followed may be one of a chart.
pub(super) fn is_about(unresolved: &Unresolved, chart: &str) -> bool {
    unresolved.chart.as_deref().is_none_or(|about| about == chart)
}

/// Every place that a profile was read from.
fn places(profile: &Profile) -> Vec<Location> {
    let values = profile.values.iter().map(|values| values.location);
    let set = profile.set.iter().filter_map(|setting| setting.at);
    let build = profile.build.iter().flat_map(crate::kustomize::Build::places);
    values.chain(set).chain(build).chain(profile.found_at).collect()
}

/// The charts that one of the files lies in, or that are judged by one; a file that is gone belongs to the chart that it was in. What is not
/// judged is noted.
pub(super) fn concerned(
    plan: &mut Plan<'_>,
    files: &[PathBuf],
    (found, departed): (&Found, &Departed),
    sources: &Sources,
) -> Result<Vec<Planned>, super::Error> {
    let mut kept = vec![];
    let mut stray: BTreeSet<&PathBuf> = files.iter().collect();
    for planned in &plan.charts {
        let place = &plan.places[planned.place];
        let below: Vec<(&PathBuf, String)> = files.iter().flat_map(|file| paths(place, file)).collect();
        let deployments = &found.places[planned.place].deployments;
        // A folder stands for all that is in it.
        let is_own = |path: &str| is_within(&planned.folder, path) || is_within(path, &planned.folder);
        let mut concerning: Vec<_> = below.iter().filter(|(_, path)| is_own(path)).collect();
        if concerning.is_empty() && !below.is_empty() {
            let chart = chart::load(&planned.tree, &planned.folder, sources);
            let inputs = inputs(plan, planned, &chart, deployments, sources)?;
            let unresolved = &found.places[planned.place].unresolved;
            let mut unfollowed = unresolved.iter().filter(|each| is_about(each, &planned.folder)).peekable();
            let is_unfollowed = unfollowed.peek().is_some();
            let declares: BTreeSet<String> = unfollowed.map(|each| sources.path(each.at)).collect();
            // What is gone may be what cannot be followed, and a definition may be that of any chart's objects.
            let decides = |path: &str| match place.tree.read(path, FILE_LIMIT) {
                Ok(text) => is_definition(&text),
                Err(_) => is_unfollowed,
            };
            let linked = linked(planned, &inputs);
            let feeds = |path: &str| may_feed(path) && declares.iter().any(|file| is_within(parent(file), path));
            let is_gone = |path: &str| matches!(place.tree.read(path, 0), Err(Error::NotFound { .. }));
            let was_read = |path: &str| is_gone(path) && departed.has_lost(planned, &place.tree.shown(path));
            let reads = |path: &str| inputs.hold(path) || linked.hold(path) || was_read(path);
            let holds = |path: &str| reads(path) || feeds(path) || decides(path);
            concerning.extend(below.iter().filter(|(_, path)| holds(path)));
        }
        kept.extend((!concerning.is_empty()).then(|| planned.clone()));
        for (file, _) in concerning {
            stray.remove(file);
        }
    }
    pipelines::keep_one(plan, &mut kept, sources, |planned, notices| {
        let place = &plan.places[planned.place];
        let is_gone = |path: &str| matches!(place.tree.read(path, 0), Err(Error::NotFound { .. }));
        let mut given = files.iter().flat_map(|file| paths(place, file)).map(|(_, path)| path);
        pipelines::is_said(notices) && given.any(|path| notices.read.contains(&path) || is_gone(&path))
    });
    let outside = outside(plan, &stray);
    plan.left_out.extend(outside);
    Ok(kept)
}

/// Says which files of no chart that was found lie outside of the folders that charts were looked for in: charts there are not judged.
fn outside(plan: &Plan<'_>, stray: &BTreeSet<&PathBuf>) -> Option<Skipped> {
    let is_searched = |file: &&&PathBuf| {
        let in_place = |place: &Place| {
            let path = in_tree(place, file);
            path.is_some_and(|path| place.named.iter().any(|named| is_within(&named.folder, &path)))
        };
        plan.places.iter().any(in_place)
    };
    let outside: Vec<_> = stray.iter().filter(|file| !is_searched(file)).collect();
    let (what, lie) = match outside.as_slice() {
        [] => return None,
        [only] => (format!("`{}`", only.display()), "lies"),
        [first, rest @ ..] => (format!("`{}` and {} more", first.display(), rest.len()), "lie"),
    };
    let named = plan.places.iter().flat_map(|place| &place.named);
    let named: Vec<String> = named.map(|named| format!("`{}`", named.written)).collect();
    let reason = format!("{what} {lie} outside of {}, where charts are looked for", named.join(" and "));
    Some(Skipped::all(reason))
}

/// A file with its path in the tree, and with the one that links lead to.
fn paths<'f>(place: &Place, file: &'f PathBuf) -> Vec<(&'f PathBuf, String)> {
    let Some(path) = in_tree(place, file) else { return vec![] };
    let real = place.tree.real(&path).filter(|real| *real != path);
    std::iter::once(path).chain(real).map(|path| (file, path)).collect()
}

/// The path of a file in a place's tree; none where it lies elsewhere.
pub(super) fn in_tree(place: &Place, file: &Path) -> Option<String> {
    match place.below(file) {
        Ok(ValuesPath::Tree(path)) => Some(path),
        _ => None,
    }
}

fn is_within(folder: &str, path: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
