//! Charts that one overlay inflates beside each other: kustomize refuses an object that two of them make.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Kustomizations, Reader};
use crate::chart;
use crate::gitops::files::Files;
use crate::gitops::{Deployment, Problem, rendering};
use crate::render::ErrorKind;
use crate::text::Location;
use crate::yaml::Node;

/// Says of an overlay's deployments that they make one object twice, where each of them can be built without the others.
pub(super) fn refuse(files: &Files<'_>, kustomizations: &Kustomizations, root: &str, all: &mut [Deployment]) {
    let is_whole = |each: &&Deployment| each.problems.is_empty() && !each.chart.is_empty();
    if all.iter().filter(is_whole).count() < 2 {
        return;
    }
    let before = files.renderings.room();
    let known: Result<Vec<_>, Problem> = all.iter().filter(is_whole).map(|each| manifests(files, each)).collect();
    files.renderings.give_back(before);
    let known: BTreeMap<Location, Arc<Vec<Node>>> = match known {
        Ok(known) => known.into_iter().flatten().collect(),
        Err(problem) => {
            for each in all {
                each.problems.push(problem.clone());
            }
            return;
        }
    };
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

/// What a deployment renders to, and the line that asks for it.
type Manifests = (Location, Arc<Vec<Node>>);

/// What a deployment renders to; none where it does not, which is said where it is judged.
///
/// # Errors
/// Where a bound is reached.
fn manifests(files: &Files<'_>, deployment: &Deployment) -> Result<Option<Manifests>, Problem> {
    let Some(at) = deployment.profile.found_at else { return Ok(None) };
    let chart = chart::load(files.search.tree, &deployment.chart, files.search.sources);
    match rendering::rendered(files, &chart, &deployment.profile, &files.renderings) {
        Ok(rendered) => Ok(Some((at, Arc::new(rendered.objects().map(|object| object.root.clone()).collect())))),
        Err(error) if error.kind == ErrorKind::Limit => {
            let message = "cannot tell whether two charts of this overlay make one object";
            Err(Problem::new(at, format!("{message}: {}", error.message)))
        }
        Err(_) => Ok(None),
    }
}
