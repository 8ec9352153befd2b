//! Narrows a plan to the charts that given files belong to.

use std::path::Path;

use super::place::ValuesPath;
use super::plan::{Plan, Planned};
use super::profiles::{self, Asked};
use super::{Error, Request, deployments};
use crate::chart;
use crate::config::discover::NAMES;
use crate::text::Sources;

/// Leaves in the plan only charts that package one of the files, that a profile of which reads one, or whose configuration or rules
/// one is. A file that is gone belongs to none.
pub(super) fn narrow(plan: &mut Plan, request: &Request, files: &[std::path::PathBuf]) -> Result<(), Error> {
    // What is read here is read again for the charts that stay; nothing points into these texts.
    let sources = Sources::new();
    let (discovered, _) = deployments::discover(plan, &sources);
    let mut kept = vec![];
    for planned in &plan.charts {
        let place = &plan.places[planned.place];
        let below: Vec<String> = files.iter().filter_map(|file| in_tree(request, place, file)).collect();
        let asked = place.asked(request)?;
        let deployments = &discovered[planned.place].deployments;
        let is_concerned = below.iter().any(|file| is_own(planned, file))
            || (!below.is_empty() && reads(plan, planned, &below, &asked, deployments, &sources)?);
        if is_concerned {
            kept.push(planned.clone());
        }
    }
    plan.charts = kept;
    Ok(())
}

fn in_tree(request: &Request, place: &super::place::Place, file: &Path) -> Option<String> {
    match place.below(request, file) {
        Ok(ValuesPath::Tree(path)) if place.tree.read(&path, crate::source::FILE_LIMIT).is_ok() => Some(path),
        _ => None,
    }
}

/// Whether a file lies in the chart, is its configuration, or one of the user's rules.
fn is_own(planned: &Planned, file: &str) -> bool {
    let (folder, name) = file.rsplit_once('/').unwrap_or(("", file));
    is_within(&planned.folder, file)
        || (NAMES.contains(&name) && is_within(folder, &planned.folder))
        || file.starts_with(".chartgate/")
}

fn is_within(folder: &str, path: &str) -> bool {
    folder.is_empty() || path == folder || path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a profile of the chart reads one of the files.
fn reads(
    plan: &Plan,
    planned: &Planned,
    files: &[String],
    asked: &Asked,
    deployments: &[crate::gitops::Deployment],
    sources: &Sources,
) -> Result<bool, Error> {
    let chart = chart::load(&planned.tree, &planned.folder, sources);
    let profiles = profiles::of_chart(&chart, &plan.configs[planned.config], asked, deployments, sources)?;
    let tree = &plan.places[planned.place].tree;
    let shown: Vec<String> = files.iter().map(|file| tree.shown(file)).collect();
    let mut read = profiles.iter().flat_map(|profile| &profile.values).map(|values| sources.path(values.location));
    Ok(read.any(|path| shown.contains(&path)))
}
