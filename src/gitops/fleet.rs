//! Bundles of Fleet: `fleet.yaml` beside a chart or naming one, with a deployment for each of its `targetCustomizations`; and objects of Fleet
//! that name bundles, or are such.

use std::collections::BTreeSet;

use super::declared::Declared;
use super::files::Files;
use super::glob::{self, Flavour, Glob};
use super::path::{folder, is_remote, join};
use super::{Deployment, Discovered, Pin, Problem, Release, Remote, fields, text};
use crate::kustomize::edit;
use crate::profile::{Helm, Profile};
use crate::yaml::{Mapping, Node};

/// The group of Fleet's objects.
const GROUP: &str = "fleet.cattle.io/";

/// Adds the deployments of every bundle that a file of its own describes.
pub(super) fn written(files: &Files<'_>, found: &mut Discovered) {
    let is_bundle = |path: &&String| {
        let name = path.rsplit('/').next().unwrap_or(path);
        // The second counts where the first is not there (`internal/fleetyaml`).
        let is_named = name == "fleet.yaml"
            || (name == "fleet.yml" && !files.is_file(&crate::source::join(folder(path), "fleet.yaml")));
        is_named && !files.is_template(path)
    };
    for path in files.search.paths.iter().filter(is_bundle) {
        of_file(files, path, found);
    }
}

fn of_file(files: &Files<'_>, path: &str, found: &mut Discovered) {
    match files.documents(path) {
        Ok(documents) => {
            let root = documents.first().map(|document| fields::of("Fleet").spelled(&document.root));
            if let Some(root) = root.as_ref().filter(|root| !root.is_null()) {
                files.deploying(found, |found| {
                    files.reads(path);
                    of_bundle(&Bundle { files, path, root }, found);
                });
            }
        }
        Err(problem) => found.unresolved.push(problem.into()),
    }
}

/// Adds the deployments of objects: of the charts that a GitRepo names, and of a HelmOp, which is a bundle by itself.
pub(super) fn declared(files: &Files<'_>, objects: &[Declared], found: &mut Discovered) {
    for object in objects {
        let Some(spec) = object.root.get("spec") else { continue };
        if object.is("HelmOp", GROUP) {
            let root = fields::of("Fleet").spelled(spec);
            files.deploying(found, |found| {
                files.reads_all(object.read.iter().cloned());
                of_bundle(&Bundle { files, path: &object.file, root: &root }, found);
            });
        } else if object.is("GitRepo", GROUP) && !files.search.own.is_other(text(spec, "repo").unwrap_or_default()) {
            files.deploying(found, |found| {
                files.reads_all(object.read.iter().cloned());
                of_repository(files, spec, found);
            });
        }
    }
}

/// Adds the deployments of the bundles of a GitRepo that no `fleet.yaml` describes.
fn of_repository(files: &Files<'_>, spec: &Node, found: &mut Discovered) {
    let described =
        |folder: &str| ["fleet.yaml", "fleet.yml"].iter().any(|name| files.is_file(&crate::source::join(folder, name)));
    let is_surely_here = files.search.own.is(text(spec, "repo").unwrap_or(""), branch(spec));
    for path in spec.items("paths") {
        let written = path.scalar_text().unwrap_or_default();
        let folders = match folders(files, written) {
            Ok(folders) => folders,
            Err(message) => {
                found.unresolved(None, "", Problem::new(path.location, message));
                continue;
            }
        };
        if folders.is_empty() && is_surely_here {
            let message = format!("`paths: {written}` leads to no folder of this repository, which the GitRepo names");
            found.unresolved(None, "", Problem::new(path.location, message));
        }
        for chart in folders.iter().filter(|folder| files.counts(folder) && !described(folder)) {
            let root = edit::mapping(vec![], path.location);
            of_bundle(&Bundle { files, path: &crate::source::join(chart, "fleet.yaml"), root: &root }, found);
        }
    }
    for bundle in spec.items("bundles") {
        let Some(options) = bundle.get("options").filter(|options| options.scalar_text() != Some("")) else { continue };
        let base = join("", text(bundle, "base").unwrap_or_default());
        let path = base.and_then(|base| join(&base, options.scalar_text().unwrap_or_default()));
        let path = path.filter(|path| files.is_file(path));
        if let Some(path) = path {
            of_file(files, &path, found);
        } else {
            let message = "the file of `options` is not in this repository".to_owned();
            found.unresolved(None, "", Problem::new(options.location, message));
        }
    }
}

/// The revision that a GitRepo takes: `master` where it says nothing.
fn branch(spec: &Node) -> &str {
    let said = |field| text(spec, field).filter(|text: &&str| !text.is_empty());
    said("revision").or_else(|| said("branch")).unwrap_or("master")
}

/// The folders that an entry of `paths` fits, as Go's `filepath.Glob` reads it.
fn folders(files: &Files<'_>, written: &str) -> Result<BTreeSet<String>, String> {
    let pattern = join("", written).ok_or_else(|| format!("`{written}` leads out of the repository"))?;
    if !glob::is_pattern(&pattern) {
        return Ok(Some(files.place(&pattern)).filter(|folder| files.is_folder(folder)).into_iter().collect());
    }
    let glob = Glob::new(&pattern, Flavour::Names)?;
    let mut found = BTreeSet::new();
    for path in files.seen_below(glob::fixed(&pattern))? {
        let above = path.match_indices('/').map(|(at, _)| &path[..at]);
        found.extend(above.filter(|folder| glob.matches(folder)).map(|folder| files.place(folder)));
    }
    Ok(found)
}

/// Adds the deployments of a bundle, or says what keeps it from having any.
fn of_bundle(bundle: &Bundle<'_, '_>, found: &mut Discovered) {
    let count = |found: &Discovered| found.deployments.len() + found.releases.len();
    let before = count(found);
    bundle.add(found);
    if count(found) > before {
        return;
    }
    let (root, path) = (bundle.root, bundle.path);
    if root.as_map().is_none() {
        let message = format!("Fleet refuses `{path}`, which is {}, not a mapping", root.kind());
        return found.say("", [Problem::new(root.location, message)]);
    }
    found.say("", fields::of("Fleet").strange_by_name(root));
}

/// The lists of what a bundle is on some clusters: Fleet reads the second as more of the first (`internal/bundlereader/read.go`).
const TARGETS: [&str; 2] = ["targets", "targetCustomizations"];

/// A customization, in the list that it stands in.
#[derive(Clone, Copy)]
struct Target<'a> {
    list: &'static str,
    node: &'a Node,
}

struct Bundle<'a, 's> {
    files: &'a Files<'s>,
    path: &'a str,
    root: &'a Node,
}

impl Bundle<'_, '_> {
    fn add(&self, found: &mut Discovered) {
        let around = self.unfollowed();
        self.deploy(None, &around, found);
        for list in TARGETS {
            let table = fields::of("Fleet");
            for node in self.root.items(list) {
                let is_left_out = node.get("doNotDeploy").and_then(Node::as_bool) == Some(true);
                // A target may say no more than where.
                let is_other = |key: &str| table.changes(&format!("{list}.{key}"));
                let keys = node.as_map().map(Mapping::effective).unwrap_or_default();
                let is_same = list == TARGETS[0] && !keys.iter().any(|(key, _)| key != "name" && is_other(key));
                if !is_left_out && !is_same {
                    self.deploy(Some(Target { list, node }), &around, found);
                }
            }
        }
    }

    /// The deployment of a customization, else of the bundle where none fits a cluster.
    fn deploy(&self, target: Option<Target<'_>>, around: &[Problem], found: &mut Discovered) {
        let layers: Vec<&Node> = [Some(self.root), target.map(|target| target.node)].into_iter().flatten().collect();
        let helm = |field: &str| {
            let options = layers.iter().rev().filter_map(|layer| layer.get("helm"));
            options.filter_map(|options| options.get(field)).find(|value| value.scalar_text() != Some(""))
        };
        let said = |field: &str| helm(field).and_then(Node::scalar_text);
        let (reference, repository) = (said("chart").unwrap_or(""), said("repo").unwrap_or(""));
        let at = helm("chart").map_or(self.root.location, |chart| chart.location);
        let here = join(folder(self.path), reference).map(|here| self.files.place(&here));
        let chart = here.as_ref().filter(|here| repository.is_empty() && self.files.counts(here));
        let remote = match reference {
            "" if repository.starts_with("oci://") => Some((Remote::at(repository), false)),
            _ if !repository.is_empty() => Some((Remote::new(repository, reference), false)),
            _ if reference.starts_with("oci://") => Some((Remote::at(reference), false)),
            _ if is_remote(reference) || reference.contains("::") => Some((Remote::new(reference, reference), true)),
            _ => None,
        };
        let mut problems = around.to_vec();
        problems.extend(target.iter().flat_map(|target| fields::of("Fleet").problems_below(target.node, target.list)));
        match (chart, remote) {
            (Some(chart), _) => {
                let profile = self.profile(&layers, target, &mut problems);
                found.deployments.push(Deployment::new(chart, profile, None, problems));
            }
            (None, Some((chart, is_git))) => {
                let profile = self.profile(&layers, target, &mut problems);
                let packaged = Remote::packaged(reference).filter(|_| repository.is_empty());
                let (chart, is_git, version) = match packaged {
                    Some((chart, version)) => (chart, false, version),
                    None => (chart, is_git, helm("version").and_then(Node::helm_text).unwrap_or_default().into_owned()),
                };
                let at = helm("version").map_or(at, |version| version.location);
                let pin = Pin { version, digest: String::new(), is_git, at };
                let pin = Some(if is_git { Pin::of_address(reference, at) } else { pin });
                let search = self.files.search;
                let here = search.published_chart(&chart.repository, &chart.name).filter(|_| !is_git);
                let deployment = Deployment::new(here.unwrap_or_default(), profile, pin, problems);
                if here.is_some() {
                    found.deployments.push(deployment);
                } else {
                    found.releases.push(Release::new(self.path, chart, deployment));
                }
            }
            (None, None)
                if !reference.is_empty()
                    && here.as_ref().is_none_or(|here| !self.files.charts().any(|chart| chart == *here)) =>
            {
                let message = format!("the chart `{reference}` is not in this repository");
                found.unresolved.push(Problem::new(at, message).into());
            }
            // Manifests or a kustomization, and no chart.
            (None, None) => {}
        }
    }

    /// What of the bundle is not followed, but for its customizations: each changes what is deployed by itself alone.
    fn unfollowed(&self) -> Vec<Problem> {
        let table = fields::of("Fleet");
        let mut bundle = self.root.clone();
        for list in TARGETS {
            if self.root.get(list).is_some_and(|targets| targets.as_seq().is_some()) {
                bundle = edit::without(&bundle, list);
            }
        }
        let mut problems = table.problems(&bundle);
        problems.extend(self.kustomized());
        problems.extend(table.mistyped(self.root, ""));
        problems
    }

    /// Values files of the bundle that Fleet does not look at (`internal/bundlereader/resources.go`): what is meant is not what is deployed.
    fn unread_values(&self) -> Option<Problem> {
        let helm = self.root.get("helm")?;
        let names_chart = ["chart", "repo"].iter().any(|field| text(helm, field).is_some_and(|name| !name.is_empty()));
        let files = helm.get("valuesFiles").filter(|_| !names_chart && !helm.items("valuesFiles").is_empty())?;
        let message = "Fleet reads `helm.valuesFiles` only where `helm.chart` or `helm.repo` is set: write `chart: .`";
        Some(Problem::new(files.location, message.to_owned()))
    }

    /// A kustomization in the folder of the bundle, which Fleet lays over the chart without being told (`internal/helmdeployer/postrender.go`).
    fn kustomized(&self) -> Option<Problem> {
        let beside = crate::source::join(folder(self.path), "kustomization.yaml");
        let message = || format!("Fleet lays `{beside}` over the chart, which is not followed");
        self.files.is_file(&beside).then(|| Problem::new(self.files.beginning(&beside), message()))
    }

    fn profile(&self, layers: &[&Node], target: Option<Target<'_>>, problems: &mut Vec<Problem>) -> Profile {
        let last =
            |field: &str| layers.iter().rev().find_map(|layer| text(layer, field)).filter(|value| !value.is_empty());
        let options = || layers.iter().filter_map(|layer| layer.get("helm"));
        let is_set = |field: &str| options().any(|helm| helm.get(field).and_then(Node::as_bool) == Some(true));
        let mut values = vec![];
        problems.extend(self.unread_values());
        for helm in options() {
            values.extend(helm.get("values").filter(|values| values.as_map().is_some()).cloned());
            for file in helm.items("valuesFiles") {
                match self.values_file(file.scalar_text().unwrap_or("")) {
                    Ok(root) => values.push(root),
                    Err(message) => problems.push(Problem::new(file.location, message)),
                }
            }
        }
        let mode = self.root.get("targetCustomizationMode").filter(|mode| mode.scalar_text() == Some("AllMatches"));
        if let Some(mode) = mode.filter(|_| target.is_some()) {
            let message = "which customizations come together is known to Fleet alone".to_owned();
            problems.push(Problem::new(mode.location, message));
        }
        problems.extend(values.iter().filter_map(labelled));
        if !is_set("disablePreProcess") {
            problems.extend(values.iter().filter_map(filled_in));
        }
        let target = target.map(|target| target.node);
        let name = target.and_then(|target| text(target, "name")).unwrap_or("");
        let namespace = last("namespace").or_else(|| last("defaultNamespace"));
        let (production, decided_by) = self.files.search.is_production(&[self.path], name, namespace);
        let release = options().filter_map(|helm| text(helm, "releaseName")).next_back();
        let here = folder(self.path);
        Profile {
            name: if name.is_empty() { here.to_owned() } else { crate::source::join(here, name) },
            production,
            decided_by,
            values,
            namespace: namespace.map(str::to_owned),
            release: release.or_else(|| text(self.root, "name")).map(str::to_owned),
            found_at: Some(target.unwrap_or(self.root).location),
            helm: Helm { skips_schema: is_set("skipSchemaValidation"), ..Helm::default() },
            ..Profile::default()
        }
    }

    fn values_file(&self, reference: &str) -> Result<Node, String> {
        let path = join(folder(self.path), reference).filter(|_| !reference.starts_with('/'));
        self.files.values(&path.ok_or_else(|| format!("`{reference}` leads out of the repository"))?)
    }
}

/// What begins a text in whose place Fleet puts the label of a cluster.
const LABEL: &str = "global.fleet.clusterLabels.";

/// The first text of a mapping in whose place Fleet puts the label of a cluster (`internal/cmd/controller/target/builder.go`).
fn labelled(node: &Node) -> Option<Problem> {
    let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
    entries.into_iter().find_map(|(_, entry)| match entry.value.as_str().filter(|text| text.starts_with(LABEL)) {
        Some(text) => {
            let message = format!("in the place of `{text}` Fleet puts that label of each cluster");
            Some(Problem::new(entry.value.location, message))
        }
        None => labelled(&entry.value).or_else(|| {
            entry.value.as_seq().unwrap_or_default().iter().filter(|item| item.as_map().is_some()).find_map(labelled)
        }),
    })
}

/// The first text that Fleet fills in with what it knows of a cluster.
fn filled_in(node: &Node) -> Option<Problem> {
    if let Some(text) = node.as_str().filter(|text| text.contains("${")) {
        let first = text.lines().next().unwrap_or("");
        return Some(Problem::new(node.location, format!("`{first}` is filled in with what Fleet knows of a cluster")));
    }
    let items = node.as_seq().unwrap_or_default().iter().find_map(filled_in);
    let entries = node.as_map().map(Mapping::effective).unwrap_or_default();
    items.or_else(|| entries.into_iter().find_map(|(_, entry)| filled_in(&entry.value)))
}
