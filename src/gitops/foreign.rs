//! Objects of tools that deploy charts and are not read: each is said, or counted where its chart is surely not here.

use super::declared::{Declared, World, is_spoken};
use super::files::Files;
use super::leads::{self, DEPLOYING, Held};
use super::path::{folder, join};
use super::{Deployment, Discovered, Pin, Problem, Release, Remote, Tool, text};
use crate::profile::Profile;
use crate::yaml::{Mapping, Node};

/// A kind that deploys a chart.
struct Kind {
    /// The tool that has to be read for it, where it is one of ours.
    tool: Option<Tool>,
    /// How its API versions begin.
    group: &'static str,
    name: &'static str,
    fields: &'static Fields,
}

/// Where a kind says what it deploys.
struct Fields {
    /// The name of the chart, its repository, and its path in a git repository.
    chart: &'static str,
    repository: &'static str,
    path: &'static str,
    /// The version that is asked for.
    version: &'static str,
}

/// The first Flux, which nobody keeps up.
const FIRST_FLUX: Fields = Fields {
    chart: "spec.chart.name",
    repository: "spec.chart.repository",
    path: "spec.chart.path",
    version: "spec.chart.version",
};
/// The controller of k3s and RKE2.
const HELM_CONTROLLER: Fields =
    Fields { chart: "spec.chart", repository: "spec.repo", path: "", version: "spec.version" };
/// Crossplane's provider.
const CROSSPLANE: Fields = Fields {
    chart: "spec.forProvider.chart.name",
    repository: "spec.forProvider.chart.repository",
    path: "",
    version: "spec.forProvider.chart.version",
};

const KINDS: [Kind; 5] = [
    Kind { tool: Some(Tool::Flux), group: "helm.fluxcd.io/", name: "HelmRelease", fields: &FIRST_FLUX },
    Kind { tool: Some(Tool::Flux), group: "flux.weave.works/", name: "HelmRelease", fields: &FIRST_FLUX },
    Kind { tool: Some(Tool::Flux), group: "flux.weave.works/", name: "FluxHelmRelease", fields: &FIRST_FLUX },
    Kind { tool: None, group: "helm.cattle.io/", name: "HelmChart", fields: &HELM_CONTROLLER },
    Kind { tool: None, group: "helm.crossplane.io/", name: "Release", fields: &CROSSPLANE },
];

/// What makes objects of other kinds: the operator of Flux.
const MAKER: (&str, &str) = ("ResourceSet", "fluxcd.controlplane.io/");
/// Tools that deploy charts by fields of many forms: Cluster API's add-ons, Open Cluster Management, Sveltos, KubeVela.
const OTHERS: [&str; 4] =
    ["addons.cluster.x-k8s.io/", "apps.open-cluster-management.io/", "config.projectsveltos.io/", "core.oam.dev/"];

/// Says what objects of such kinds deploy.
pub(super) fn discover(world: &World<'_>, declared: &[Declared], found: &mut Discovered) {
    let reads = |tool: Option<Tool>| tool.is_none_or(|tool| world.files.search.reads(tool));
    for each in declared {
        if let Some(kind) = KINDS.iter().find(|kind| each.is(kind.name, kind.group) && reads(kind.tool)) {
            world.files.deploying(found, |found| {
                world.files.reads_all(each.read.iter().cloned());
                say(world, each, kind.fields, found);
            });
        } else if each.is(MAKER.0, MAKER.1) && reads(Some(Tool::Flux)) && deploys(&each.root) {
            found.unresolved(None, &each.profile_name(), unread(each));
        } else if is_of(&each.root, &OTHERS) {
            let chart = leads::chart_of(world.files, &each.root, folder(&each.file));
            if let Some(chart) = chart {
                say_of(world.files, Some(&chart), &each.profile_name(), unread(each), found);
            }
        } else if !text(&each.root, "kind").is_some_and(|kind| DEPLOYING.contains(&kind)) {
            say_held(world.files, &each.file, &each.root, found);
        }
    }
}

/// Says what objects of all other kinds hold that deploys a chart: a manifest that another cluster gets, a text of a ConfigMap.
pub(super) fn held(world: &World<'_>, found: &mut Discovered) {
    for (path, documents) in &world.written {
        for document in documents.iter().filter(|document| !is_spoken(&document.root)) {
            say_held(world.files, path, &document.root, found);
        }
    }
}

fn say_held(files: &Files<'_>, path: &str, root: &Node, found: &mut Discovered) {
    let (Some(_), Some(kind)) = (text(root, "apiVersion"), text(root, "kind")) else { return };
    let Some(Held { kind: inner, chart }) = leads::held(files, root) else { return };
    let name = root.get("metadata").and_then(|metadata| text(metadata, "name")).unwrap_or_default();
    let message = format!("the {kind} `{name}` holds an object with `kind: {inner}`, which is not followed");
    say_of(files, chart.as_deref(), folder(path), Problem::new(root.location, message), found);
}

/// Says what is of a chart, or of any where that is none that is judged.
fn say_of(files: &Files<'_>, chart: Option<&str>, profile: &str, problem: Problem, found: &mut Discovered) {
    let judged = chart.filter(|chart| files.search.charts.contains_key(*chart));
    found.unresolved(judged, profile, problem);
}

fn is_of(root: &Node, groups: &[&str]) -> bool {
    text(root, "apiVersion").is_some_and(|version| groups.iter().any(|group| version.starts_with(group)))
}

fn unread(object: &Declared) -> Problem {
    let [kind, version] = ["kind", "apiVersion"].map(|field| text(&object.root, field).unwrap_or_default());
    let message = format!("the {kind} `{}` is of `{version}`, which is not followed", object.name());
    Problem::new(object.root.location, message)
}

fn say(world: &World<'_>, object: &Declared, fields: &Fields, found: &mut Discovered) {
    let get = |path: &str| at(&object.root, path);
    let said = |path: &str| get(path).and_then(Node::scalar_text).unwrap_or_default();
    let (name, repository) = (said(fields.chart), said(fields.repository));
    let folder = join("", said(fields.path)).filter(|folder| !folder.is_empty());
    let charts = world.files.search.charts;
    let is_here = folder.is_some_and(|folder| charts.contains_key(&folder));
    let last = name.rsplit('/').next().unwrap_or(name);
    if is_here || charts.values().any(|chart| chart == last) || (name.is_empty() && fields.path.is_empty()) {
        found.unresolved(None, &object.profile_name(), unread(object));
        return;
    }
    let (production, decided_by) = object.is_production(world.files.search, object.namespace());
    let version = get(fields.version);
    let is_git = name.is_empty();
    let pin = Pin {
        version: version.and_then(Node::scalar_text).unwrap_or_default().to_owned(),
        digest: String::new(),
        is_git,
        at: version.map_or(object.root.location, |version| version.location),
    };
    let profile = Profile {
        name: object.profile_name(),
        production,
        decided_by,
        release: Some(object.name().to_owned()),
        namespace: object.namespace().map(str::to_owned),
        found_at: Some(object.root.location),
        ..Profile::default()
    };
    let chart = match (name.contains("://"), is_git) {
        (true, _) => Remote::at(name),
        (false, true) => Remote::new(said("spec.chart.git"), said(fields.path)),
        (false, false) => Remote::new(repository, name),
    };
    let deployment = Deployment::new("", profile, Some(pin), vec![unread(object)]);
    found.releases.push(Release::new(&object.file, chart, deployment));
}

/// The node at a path of keys.
fn at<'a>(root: &'a Node, path: &str) -> Option<&'a Node> {
    path.split('.').try_fold(root, |node, key| node.get(key))
}

/// Whether an object that deploys something is in a node, or in a text of it.
fn deploys(node: &Node) -> bool {
    if let Some(text) = node.as_str() {
        return DEPLOYING.iter().any(|kind| text.contains(&format!("kind: {kind}")));
    }
    let is_one = text(node, "kind").is_some_and(|kind| DEPLOYING.contains(&kind)) && node.get("spec").is_some();
    let entries = node.as_map().map(Mapping::entries).unwrap_or_default();
    is_one || node.as_seq().unwrap_or_default().iter().any(deploys) || entries.iter().any(|entry| deploys(&entry.value))
}
