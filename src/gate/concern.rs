//! The files that the judgement of a chart rests on besides its own, and the charts that given files belong to.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::place::{Place, ValuesPath, normal, parent};
use super::plan::{Plan, Planned};
use super::profiles::{self, Asked};
use super::{Error, Levels, Request, deployments};
use crate::chart;
use crate::config::discover::NAMES;
use crate::gitops::Deployment;
use crate::profile::Profile;
use crate::rule::{Params, Rule};
use crate::source::join;
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
pub(super) fn inputs<'a>(
    plan: &Plan,
    planned: &Planned,
    asked: &Asked,
    deployments: &[Deployment],
    params: impl Iterator<Item = (&'a Rule, &'a Params)>,
    sources: &Sources,
) -> Result<Inputs, Error> {
    let mut inputs = Inputs { files: BTreeSet::new(), folders: BTreeSet::new() };
    let mut folder = planned.folder.as_str();
    loop {
        inputs.files.extend(NAMES.iter().map(|name| join(folder, name)));
        inputs.folders.insert(join(folder, RULES));
        if folder.is_empty() {
            break;
        }
        folder = parent(folder);
    }
    inputs.files.extend(["artifacthub-repo.yml", "artifacthub-repo.yaml"].map(str::to_owned));
    let folder = plan.configs[planned.config].published.folder.as_ref();
    inputs
        .folders
        .extend(folder.and_then(|folder| normal(&plan.configs[planned.config].folder, Path::new(&folder.value))));
    for (rule, params) in params {
        let named = params.files(rule).filter_map(|file| normal(&planned.folder, Path::new(file)));
        inputs.files.extend(named);
    }
    let chart = chart::load(&planned.tree, &planned.folder, sources);
    let profiles = profiles::of_chart(&chart, &plan.configs[planned.config], asked, deployments, sources)?.all;
    let tree = &plan.places[planned.place].tree;
    let shown_root = tree.shown("");
    let below = |path: String| path.strip_prefix(&format!("{shown_root}/")).map(str::to_owned).unwrap_or(path);
    let places = profiles.iter().flat_map(places);
    inputs.files.extend(places.map(|at| below(sources.path(at))));
    Ok(inputs)
}

/// Every place that a profile was read from.
fn places(profile: &Profile) -> Vec<Location> {
    let values = profile.values.iter().map(|values| values.location);
    let set = profile.set.iter().filter_map(|setting| setting.at);
    let build = profile.build.iter().flat_map(crate::kustomize::Build::places);
    values.chain(set).chain(build).chain(profile.found_at).collect()
}

/// The charts that one of the files lies in, or that are judged by one; a file that is gone belongs to the chart that it was in.
pub(super) fn concerned(
    plan: &Plan,
    request: &Request,
    files: &[PathBuf],
    levels: &Levels<'_>,
) -> Result<Vec<Planned>, Error> {
    // What is read here is read again for the charts that stay; nothing points into these texts.
    let sources = Sources::new();
    let (discovered, _) = deployments::discover(plan, &sources);
    let mut kept = vec![];
    for planned in &plan.charts {
        let place = &plan.places[planned.place];
        let below: Vec<String> = files.iter().filter_map(|file| in_tree(request, place, file)).collect();
        let asked = place.asked(request)?;
        let deployments = &discovered[planned.place].deployments;
        let is_own = below.iter().any(|file| is_within(&planned.folder, file));
        if is_own {
            kept.push(planned.clone());
        } else if !below.is_empty() {
            let params = levels[planned.config].iter().map(|(rule, _, params)| (*rule, params));
            let inputs = inputs(plan, planned, &asked, deployments, params, &sources)?;
            kept.extend(below.iter().any(|file| inputs.hold(file)).then(|| planned.clone()));
        }
    }
    Ok(kept)
}

fn in_tree(request: &Request, place: &Place, file: &Path) -> Option<String> {
    match place.below(request, file) {
        Ok(ValuesPath::Tree(path)) => Some(path),
        _ => None,
    }
}

fn is_within(folder: &str, path: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}
