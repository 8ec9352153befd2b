//! Deployments of production that a change makes deployments for testing, by a word of their path, name or namespace.

use std::collections::BTreeSet;

use super::fact::HELP;
use crate::gate::deployments::{self, Found};
use crate::gate::plan::{Plan, Planned};
use crate::gitops::Deployment;
use crate::published::Earlier;
use crate::rule::Fact;
use crate::source::{Error as SourceError, FILE_LIMIT, Tree};
use crate::text::Sources;

/// The deployments of a chart that were production before and are not any more.
pub(super) fn deployed(
    plan: &Plan<'_>,
    planned: &Planned,
    before: Option<Earlier>,
    found: &Found,
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let Some(before) = before else { return Ok(vec![]) };
    let own = found.places[planned.place].deployments.iter().filter(|each| each.chart == planned.folder);
    let (production, tests): (Vec<&Deployment>, Vec<&Deployment>) = own.partition(|each| each.profile.production);
    let mut touched = vec![];
    for test in tests {
        if differs(planned, &before, test).map_err(|error| error.to_string())? {
            touched.push(test);
        }
    }
    if touched.is_empty() {
        return Ok(vec![]);
    }
    let earlier = deployments::before(plan, planned, &before, sources).map_err(|failure| failure.message)?;
    let known = |all: &[&Deployment], one: &Deployment| all.iter().any(|other| key(other) == key(one));
    let (was, were_tests): (Vec<&Deployment>, Vec<&Deployment>) =
        earlier.deployments.iter().partition(|each| each.profile.production);
    let gone: Vec<&Deployment> = was.into_iter().filter(|each| !known(&production, each)).collect();
    let new = touched.into_iter().filter(|test| !known(&were_tests, test));
    let turned = new.filter(|test| gone.iter().any(|was| is_same(was, test, sources)));
    turned.map(|test| fact(test, planned, sources).map_err(|error| error.to_string())).collect()
}

fn fact(test: &Deployment, planned: &Planned, sources: &Sources) -> Result<Fact, SourceError> {
    let (name, why) = (&test.profile.name, &test.profile.decided_by);
    let at = test.profile.found_at.map_or_else(|| planned.start(sources), Ok)?;
    Ok(Fact {
        kind: "deployment",
        at,
        related: vec![],
        subject: format!("deployment {name}"),
        message: format!("the deployment `{name}` was production, and is taken for a test now: {why}"),
        help: HELP.to_owned(),
    })
}

/// Whether a file that decides about a deployment says something else than before.
fn differs(planned: &Planned, before: &Earlier, deployment: &Deployment) -> Result<bool, SourceError> {
    for path in files(deployment, &*planned.tree) {
        let now = planned.tree.read(&path, FILE_LIMIT)?;
        match before.tree.read(&path, FILE_LIMIT) {
            Ok(was) if was == now => {}
            Ok(_) | Err(SourceError::NotFound { .. }) => return Ok(true),
            Err(error) => return Err(error),
        }
    }
    Ok(false)
}

/// The files that decide about a deployment, by their paths in a tree that shows them as reports do.
fn files(deployment: &Deployment, tree: &dyn Tree) -> BTreeSet<String> {
    let root = tree.shown("");
    let prefix = if root.is_empty() || root == "." { String::new() } else { format!("{root}/") };
    deployment.read.iter().filter_map(|shown| Some(shown.strip_prefix(&prefix)?.to_owned())).collect()
}

/// What a deployment is known by.
fn key(deployment: &Deployment) -> (&str, Option<&str>, Option<&str>) {
    let profile = &deployment.profile;
    (&profile.name, profile.release.as_deref(), profile.namespace.as_deref())
}

/// Whether two deployments are of one release, or declared in one file.
fn is_same(was: &Deployment, is: &Deployment, sources: &Sources) -> bool {
    let release = |each: &Deployment| each.profile.release.clone().filter(|release| !release.is_empty());
    let file = |each: &Deployment| each.profile.found_at.map(|at| sources.path(at));
    let same = |one: Option<String>, other: Option<String>| one.is_some() && one == other;
    same(release(was), release(is)) || same(file(was), file(is))
}
