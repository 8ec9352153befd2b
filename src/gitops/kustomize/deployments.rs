//! The deployments that overlays are by themselves: each chart of the repository that one inflates.

use std::collections::BTreeSet;

use super::{Kustomizations, Reader, together};
use crate::gitops::files::Files;
use crate::gitops::path::folder;
use crate::gitops::{Discovered, Problem, Unresolved};
use crate::profile::Profile;

/// Charts that one overlay inflates: each is seen among all the others.
const MOST: usize = 250;

/// Adds the deployments of every overlay.
pub(in crate::gitops) fn discover(files: &Files<'_>, kustomizations: &Kustomizations, found: &mut Discovered) {
    for root in kustomizations.roots() {
        if kustomizations.inflates(root) {
            files.deploying(found, |found| of_overlay(files, kustomizations, root, found));
        }
    }
}

/// Adds the deployments of a kustomization that others build on, where something deploys it by itself.
pub(in crate::gitops) fn of_base(
    files: &Files<'_>,
    kustomizations: &Kustomizations,
    folder: &str,
    found: &mut Discovered,
) {
    if kustomizations.inflates(folder) {
        files.deploying(found, |found| of_overlay(files, kustomizations, folder, found));
    }
}

fn of_overlay(files: &Files<'_>, kustomizations: &Kustomizations, root: &str, found: &mut Discovered) {
    let first = Reader::new(files, kustomizations, None).read(root);
    let path = kustomizations.get(root).map_or("", |kustomization| kustomization.path.as_str());
    if first.inflations.is_empty() {
        // What cannot be read as a chart may be one all the same.
        let problems = first.problems.into_iter().filter(|problem| !problem.is_elsewhere);
        found.unresolved.extend(problems.map(Unresolved::from));
        return;
    }
    if let Some(over) = first.inflations.get(MOST) {
        let message = format!("an overlay inflates more than {MOST} charts");
        found.unresolved.push(Problem::new(over.node.location, message).into());
        return;
    }
    // A base that is built upon twice is one line.
    let mut seen = BTreeSet::new();
    let before = found.deployments.len();
    for inflation in first.inflations.into_iter().filter(|inflation| seen.insert(inflation.node.location)) {
        let chart = inflation.chart(files);
        if chart.is_none() && inflation.remote(files).is_none() {
            // What is read otherwise than it is meant is said already.
            let is_read = kustomizations.get(folder(&inflation.path)).is_none_or(|own| own.strange.is_empty());
            found.unresolved.extend(inflation.lost(files).filter(|_| is_read).map(Unresolved::from));
            continue;
        }
        let built = Reader::new(files, kustomizations, Some(inflation.node.location)).read(root);
        let mut problems = built.problems;
        let (namespace, release) = (inflation.namespace(), inflation.release());
        let (production, decided_by) = files.search.is_production(&[path], inflation.called(), namespace);
        let profile = Profile {
            name: folder(path).to_owned(),
            production,
            decided_by,
            values: inflation.values(files, chart.as_deref(), &mut problems),
            helm: inflation.helm(&mut problems),
            namespace: namespace.map(str::to_owned),
            release: release.map(str::to_owned),
            found_at: Some(inflation.node.location),
            is_templated: true,
            build: Some(built.build),
            ..Profile::default()
        };
        inflation.add(files, chart, (profile, Some(root.to_owned())), problems, found);
    }
    together::refuse(files, kustomizations, root, &mut found.deployments[before..]);
}
