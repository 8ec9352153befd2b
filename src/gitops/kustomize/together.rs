//! Charts that one overlay inflates beside each other: kustomize refuses an object that two of them make.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Kustomizations, Reader};
use crate::chart;
use crate::gitops::files::Files;
use crate::gitops::{Deployment, Problem, rendering};
use crate::render::Cache;
use crate::text::Location;
use crate::yaml::Node;

/// Says of an overlay's deployments that they make one object twice, where each of them can be built without the others.
pub(super) fn refuse(files: &Files<'_>, kustomizations: &Kustomizations, root: &str, all: &mut [Deployment]) {
    let is_whole = |each: &&Deployment| each.problems.is_empty() && !each.chart.is_empty();
    if all.iter().filter(is_whole).count() < 2 {
        return;
    }
    let cache = Cache::default();
    let known: BTreeMap<Location, Arc<Vec<Node>>> =
        all.iter().filter(is_whole).filter_map(|each| manifests(files, each, &cache)).collect();
    let built = Reader::new(files, kustomizations, None).beside(known.clone()).read(root);
    let Some(error) = built.build.objects(&[]).err().filter(|error| error.is_double) else { return };
    // What is wrong with one of them is said where that is judged.
    let is_wrong = |each: &Deployment| {
        let manifests = each.profile.found_at.and_then(|at| known.get(&at));
        let roots: Vec<&Node> = manifests.iter().flat_map(|manifests| manifests.iter()).collect();
        each.profile.build.as_ref().is_some_and(|build| build.objects(&roots).is_err())
    };
    if !all.iter().any(is_wrong) {
        let problem = Problem::new(error.at, format!("kustomize cannot build this: {error}, from two charts"));
        for each in all {
            each.problems.push(problem.clone());
        }
    }
}

/// What a deployment renders to, at the line that asks for it; none where it does not, which is said where it is judged.
fn manifests(files: &Files<'_>, deployment: &Deployment, cache: &Cache) -> Option<(Location, Arc<Vec<Node>>)> {
    let chart = chart::load(files.search.tree, &deployment.chart, files.search.sources);
    let rendered = rendering::rendered(files, &chart, &deployment.profile, cache).ok()?;
    let roots = rendered.objects().map(|object| object.root.clone()).collect();
    Some((deployment.profile.found_at?, Arc::new(roots)))
}
