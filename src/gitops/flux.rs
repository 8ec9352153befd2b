//! HelmReleases of Flux that deploy a chart, as Flux Kustomizations apply them.

use std::collections::BTreeMap;

use super::declared::{Declared, World};
use super::kustomize::doubled;
use super::path::join;
use super::{Deployment, Discovered, Inside, Release, fields, text};
use crate::profile::{Helm, Profile};
use crate::yaml::Node;

mod applied;
mod envsubst;
mod gathered;
mod generated;
mod maps;
mod nowhere;
mod objects;
mod origin;
mod place;
mod renderers;
mod substitute;
mod values;

pub(super) use applied::{Applied, applied};
use objects::Objects;

/// The group of Flux's Kustomizations.
const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/";
/// The group of Flux's HelmReleases.
const HELM: &str = "helm.toolkit.fluxcd.io/";
/// The group of what Flux takes things from.
const SOURCES: &str = "source.toolkit.fluxcd.io/";
/// The source that `flux bootstrap` makes of the repository that it writes to.
const BOOTSTRAPPED: &str = "flux-system";

/// Adds the deployments of every HelmRelease. `known` are objects that were declared before, which they may name.
pub(super) fn discover(world: &World<'_>, known: &[Declared], declared: &[Declared], found: &mut Discovered) {
    let objects = Objects::new(world, known.iter().chain(declared));
    for each in declared {
        if each.is("HelmRelease", HELM) {
            world.files.deploying(found, |found| {
                world.files.reads_all(each.read.iter().cloned());
                deploy(world, &objects, each, found);
            });
        } else if let Some(kind) = origin::KINDS.into_iter().find(|kind| each.is(kind, SOURCES)) {
            found.say(&each.profile_name(), fields::of(kind).mistyped(&each.root, ""));
        }
    }
}

fn deploy(world: &World<'_>, objects: &Objects<'_>, release: &Declared, found: &mut Discovered) {
    match origin::of(world.files, objects, release) {
        Ok(Some(chart)) => {
            let (deployment, inside) = deployment(world, objects, release, &chart);
            match chart.place {
                origin::Place::Here(_) => found.deployments.push(deployment),
                origin::Place::Remote(chart) => {
                    found.releases.push(Release { inside, ..Release::new(&release.file, chart, deployment) });
                }
            }
        }
        Ok(None) => found.say(&release.profile_name(), fields::of("HelmRelease").strange(&release.root, "")),
        Err(problem) => {
            let strange = fields::of("HelmRelease").strange(&release.root, "");
            let all = if strange.is_empty() { vec![problem] } else { strange };
            found.say(&release.profile_name(), all);
        }
    }
}

/// The deployment of a release, and the values that lie in a chart which is not here.
fn deployment(
    world: &World<'_>,
    objects: &Objects<'_>,
    release: &Declared,
    chart: &origin::Origin,
) -> (Deployment, Vec<Inside>) {
    let spec = release.root.get("spec").unwrap_or(&release.root);
    let name = release.name();
    let target = text(spec, "targetNamespace").filter(|target| !target.is_empty());
    let namespace = target.or_else(|| release.namespace());
    let (production, decided_by) = release.is_production(world.files.search, namespace);
    let composed = || shortened(&target.map_or_else(|| name.to_owned(), |target| format!("{target}-{name}")));
    let mut problems = release.problems.clone();
    problems.extend(fields::of("HelmRelease").problems(&release.root));
    problems.extend(substitute::unfilled(release));
    problems.extend(chart.problems.iter().cloned());
    problems.extend(doubled(&release.root));
    let values::GivenValues { own, values, set, inside } =
        values::read(world.files, objects, release, spec, chart, &mut problems);
    let named = text(spec, "releaseName").filter(|name| !name.is_empty());
    let profile = Profile {
        name: release.profile_name(),
        production,
        decided_by,
        above: release.ways().into_iter().map(str::to_owned).collect(),
        own_values: own,
        values,
        set,
        namespace: namespace.map(str::to_owned),
        release: Some(named.map_or_else(composed, str::to_owned)),
        found_at: Some(spec.location),
        helm: helm(spec),
        build: Some(renderers::build(world.files, spec, &mut problems)),
        ..Profile::default()
    };
    (Deployment::new(chart.folder().unwrap_or_default(), profile, chart.pin.clone(), problems), inside)
}

/// What Flux tells Helm. A release is installed once and upgraded ever after: only what both say holds.
fn helm(spec: &Node) -> Helm {
    let both = |field: &str| {
        let is_set =
            |action: &str| spec.get(action).and_then(|action| action.get(field)).and_then(Node::as_bool) == Some(true);
        is_set("install") && is_set("upgrade")
    };
    Helm { skips_schema: both("disableSchemaValidation"), skips_hooks: both("disableHooks"), ..Helm::default() }
}

/// A release's name as Flux shortens it: 53 letters, the last of them a hash.
fn shortened(name: &str) -> String {
    use sha2::{Digest, Sha256};
    const LONGEST: usize = 53;
    const HASH: usize = 12;
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let digest = Sha256::digest(name);
    let digits = digest.iter().flat_map(|byte| [byte >> 4, byte & 15]);
    let hash: String = digits.filter_map(|digit| char::from_digit(u32::from(digit), 16)).collect();
    let kept: String = name.chars().take(LONGEST - HASH - 1).collect();
    format!("{kept}-{}", &hash[..HASH])
}

/// A path that a release gives relative to the root of its source: this repository.
fn from_root(reference: &str) -> Result<String, String> {
    join("", reference).ok_or_else(|| format!("`{reference}` leads out of the repository"))
}

/// ConfigMaps by what they hold.
type Data = BTreeMap<String, Node>;

/// The data of a ConfigMap.
fn data(map: &Node) -> Data {
    let entries = map.get("data").map(crate::kustomize::edit::entries).unwrap_or_default();
    entries.into_iter().map(|entry| (entry.key.key_text().into_owned(), entry.value)).collect()
}

/// Entries of a list of references with their kinds and names.
fn references<'a>(node: &'a Node, field: &str) -> Vec<(&'a Node, &'a str, &'a str)> {
    node.items(field)
        .iter()
        .map(|item| (item, text(item, "kind").unwrap_or(""), text(item, "name").unwrap_or("")))
        .collect()
}
