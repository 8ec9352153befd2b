//! From a request to a plan: places, charts and rules are found, configurations read, and names checked.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::catalogue::{Catalogue, catalogues};
use super::configs::{Configs, Counting, Finding, no_chart, read_text};
use super::extended::{Extended, RuleFolder};
use super::place::{self, Place};
use super::plan::{Plan, Planned, RULES};
use super::policy::{Policy, from_rule};
use super::versioned::versioned;
use super::{Error, Request, Selection, Session, concern};
use crate::chart::{self, Discovery, Found};
use crate::config::Config;
use crate::finding::{Failure, FailureKind};
use crate::rule::{Home, Registry};
use crate::source::{self, Tree};
use crate::text::{Source, Sources};

impl Session {
    /// chartgate's rules and those of the user that a check from the working directory finds, whatever configurations say of them.
    ///
    /// # Errors
    /// Places that cannot be read, and everything that is wrong with rule files.
    pub fn rules(&self, sources: &Sources) -> Result<Registry, Error> {
        let (request, network) = (Request::default(), self.network());
        let places = place::places(self, &request)?;
        let found: Vec<Vec<_>> = places.par_iter().map(discover).collect();
        let mut homes = homes(&found, None, places.len());
        for (index, place) in places.iter().enumerate() {
            place.named.iter().for_each(|named| climb(&mut homes, index, &named.folder));
        }
        let mut configs = Configs::new(sources, None);
        let finding = Finding { session: self, request: &request, network: &network, places: &places };
        // A configuration that is broken, or extends what cannot be had, keeps nobody from reading about the other rules.
        let counting = if configs.find(finding, &found).is_ok() { configs.counting() } else { &[] };
        registry(self.registry(), &places, &homes, counting, sources).map(|(registry, _)| registry)
    }
}

/// What a request comes to.
///
/// # Errors
/// As [`check`](Session::check).
pub(super) fn plan<'a>(session: &'a Session, request: &'a Request, sources: &Sources) -> Result<Plan<'a>, Error> {
    let plan = plan_with_releases(session, request, sources)?;
    match plan.chartless.first() {
        None => Ok(plan),
        Some(chartless) => Err(no_chart(&chartless.written, None)),
    }
}

/// The same where deployments are judged as well.
///
/// # Errors
/// As [`check`](Session::check).
pub(super) fn plan_with_releases<'a>(
    session: &'a Session,
    request: &'a Request,
    sources: &Sources,
) -> Result<Plan<'a>, Error> {
    let mut places = place::places(session, request)?;
    let has_archives = places.iter().any(|place| place.is_archive);
    let beside = has_archives.then(|| place::beside(session, request, &mut places)).transpose()?;
    let mut found: Vec<Vec<_>> = places.par_iter().map(discover).collect();
    if let Selection::Files(files) = &request.selection {
        take_packages(&places, files, &mut found);
    }
    let homes = homes(&found, beside.as_ref(), places.len());
    let network = session.network();
    let mut configs = Configs::new(sources, beside);
    configs.find(Finding { session, request, network: &network, places: &places }, &found)?;
    let (registry, rule_folders) = registry(session.registry(), &places, &homes, configs.counting(), sources)?;
    let mut plan = Plan {
        session,
        request,
        network,
        places,
        configs: vec![Config::default()],
        homes: vec![0],
        extended: vec![Extended::default()],
        schemas: vec![],
        policies: vec![],
        charts: vec![],
        chartless: vec![],
        names: registry.iter().collect(),
        registry,
        rule_folders,
        headless: vec![],
        packages: vec![],
        met: vec![],
        failures: vec![],
        left_out: vec![],
        unlisted: vec![],
    };
    for (index, found) in found.into_iter().enumerate() {
        for (named, found) in found.into_iter().enumerate() {
            configs.add_charts(&mut plan, index, named, found)?;
        }
        plan.left_out_of_checkout(index)?;
    }
    plan.left_out.extend(configs.lacking(request));
    plan.beside_charts();
    let same = |left: &Planned, right: &Planned| Arc::ptr_eq(&left.tree, &right.tree) && left.folder == right.folder;
    plan.charts.sort_by(|left, right| (left.place, &left.folder).cmp(&(right.place, &right.folder)));
    plan.charts.dedup_by(|left, right| same(left, right));
    if !request.charts.versioned.is_empty() {
        for planned in &mut plan.charts {
            planned.tree = versioned(&request.charts.versioned, Arc::clone(&planned.tree), &planned.folder)?;
        }
    }
    let policy = |config| Policy::of(&request.policy, config, &plan.registry, &plan.names);
    plan.schemas = schemas(&plan)?;
    plan.policies = plan.configs.iter().map(policy).collect::<Result<_, _>>()?;
    Ok(plan)
}

/// Where each configuration says that definitions lie.
fn schemas(plan: &Plan<'_>) -> Result<Vec<Vec<Catalogue>>, Error> {
    let of_config = |(config, home): (&Config, &usize)| match plan.places.get(*home) {
        Some(place) => catalogues(config, &place.policy).map_err(Error::Config),
        None => Ok(vec![]),
    };
    plan.configs.iter().zip(&plan.homes).map(of_config).collect()
}

/// Has packages beside charts judged that a selection of files names.
fn take_packages(places: &[Place], files: &[PathBuf], found: &mut [Vec<Result<Discovery, source::Error>>]) {
    for (place, found) in places.iter().zip(found) {
        let given: BTreeSet<String> = files.iter().filter_map(|file| concern::in_tree(place, file)).collect();
        for discovery in found.iter_mut().flatten() {
            let named = discovery.packages.extract_if(.., |package| given.contains(package)).map(Found::Archive);
            discovery.charts.extend(named);
            discovery.charts.sort();
        }
    }
}

/// The charts at or below each path that was named in a place; an archive is one itself.
fn discover(place: &Place) -> Vec<Result<Discovery, source::Error>> {
    let below = |named: &place::Named| {
        if place.is_archive { Ok(Discovery::default()) } else { chart::discover(&*place.tree, &named.folder) }
    };
    place.named.par_iter().map(below).collect()
}

/// Every folder in which rules can lie, each with the index of its place: the places' roots, and the folders at and above charts.
fn homes(
    found: &[Vec<Result<Discovery, source::Error>>],
    beside: Option<&(usize, String)>,
    places: usize,
) -> BTreeSet<(usize, String)> {
    let mut homes: BTreeSet<(usize, String)> = (0..places).map(|index| (index, String::new())).collect();
    for (index, found) in found.iter().enumerate() {
        for found in found.iter().flatten().flat_map(|discovery| &discovery.charts) {
            match found {
                Found::Folder(folder) => climb(&mut homes, index, folder),
                Found::Archive(path) => climb(&mut homes, index, place::parent(path)),
            }
        }
    }
    if let Some((index, folder)) = beside {
        climb(&mut homes, *index, folder);
    }
    homes
}

/// Adds a folder and all above it.
fn climb(homes: &mut BTreeSet<(usize, String)>, index: usize, mut folder: &str) {
    while homes.insert((index, folder.to_owned())) {
        folder = place::parent(folder);
    }
}

/// Built-in rules, those in `.chartgate/rules/` of every folder given, and those that configurations extend; with the folders that there are.
fn registry(
    mut registry: Registry,
    places: &[Place],
    homes: &BTreeSet<(usize, String)>,
    counting: &[Counting],
    sources: &Sources,
) -> Result<(Registry, Vec<RuleFolder>), Error> {
    let mut folders = vec![];
    for (index, home) in homes.iter().filter(|(index, _)| !places[*index].is_archive) {
        let tree = &places[*index].policy;
        let folder = source::join(home, RULES);
        let shown = if home.is_empty() { String::new() } else { tree.shown(home) };
        if add_folder(&mut registry, &**tree, &folder, &Home::Below(shown), sources)? {
            folders.push(RuleFolder { tree: Arc::clone(tree), folder });
        }
    }
    for Counting { folder, extended, .. } in counting {
        for rules in &extended.rules {
            add_folder(&mut registry, &*rules.tree, &rules.folder, &Home::Extended(folder.clone()), sources)?;
            folders.push(rules.clone());
        }
    }
    Ok((registry, folders))
}

/// Adds the rules in a folder; false where there is no such folder.
fn add_folder(
    registry: &mut Registry,
    tree: &dyn Tree,
    folder: &str,
    home: &Home,
    sources: &Sources,
) -> Result<bool, Error> {
    let entries = match source::list_whole(tree, folder) {
        Ok(entries) => entries,
        Err(source::Error::NotFound { .. }) => return Ok(false),
        Err(error @ source::Error::Unreadable { .. }) => {
            return Err(Error::Failed(vec![Failure::new(FailureKind::Read, error.to_string())]));
        }
        Err(error) => return Err(Error::usage(error.to_string(), "mend or remove the folder of rules")),
    };
    for entry in &entries {
        add_rule(registry, tree, &entry.path, home, sources)?;
    }
    Ok(true)
}

fn add_rule(registry: &mut Registry, tree: &dyn Tree, path: &str, home: &Home, sources: &Sources) -> Result<(), Error> {
    let name = path.rsplit('/').next().unwrap_or_default();
    let Some(stem) = name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")) else { return Ok(()) };
    let text = read_text(tree, path)?;
    let id = sources.add(Source::new(tree.shown(path), tree.address(path), text));
    let text = sources.get(id).text.clone();
    let added = registry.add(id, &text, stem, home.clone());
    added.map_err(|errors| Error::Config(errors.into_iter().map(from_rule).collect()))
}
