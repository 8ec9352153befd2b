//! Flux's HelmReleases that deploy a chart, as they are written or as kustomize overlays patch them.

use std::collections::BTreeSet;

use super::kustomize::Collected;
use super::path::{folder, join};
use super::{Deployment, Discovered, Search, Unresolved, is_yaml, items, kustomize, text};
use crate::profile::Profile;
use crate::text::Location;
use crate::values::merge;
use crate::yaml::{Document, Node};

mod origin;
mod values;

/// Every object of the repository that a HelmRelease can speak of, with the file it stands in.
#[derive(Default)]
pub(super) struct Objects(Vec<(String, Node)>);

/// A HelmRelease as it is deployed.
struct Release<'a> {
    /// The file or overlay that declares it.
    path: &'a str,
    /// The file that it is written in.
    file: &'a str,
    root: Node,
    /// What kustomizations around it say.
    namespace: Option<&'a str>,
}

/// Whether a text speaks of Flux at all.
pub(super) fn is_spoken_of(text: &str) -> bool {
    text.contains(".toolkit.fluxcd.io/")
}

/// The deployments of the files that speak of Flux.
pub(super) fn discover(search: &Search<'_>, files: &[&str], found: &mut Discovered) {
    let mut objects = Objects::default();
    for path in files {
        objects.add(path, search.documents(path));
    }
    if objects.0.iter().any(|(_, root)| root.get("spec").is_some_and(|spec| spec.get("valuesFrom").is_some())) {
        for path in search.paths.iter().filter(|path| is_yaml(path)) {
            objects.add(path, config_maps(search, path));
        }
    }
    let releases: Vec<&(String, Node)> = objects.of_kind("HelmRelease", "helm.toolkit.fluxcd.io/").collect();
    if releases.is_empty() {
        return;
    }
    let kustomizations = kustomize::read(search);
    let mut built = BTreeSet::new();
    for (at, overlay) in kustomize::overlays(&kustomizations) {
        let mut collected = Collected::default();
        kustomize::collect(&kustomizations, at, &mut BTreeSet::new(), &mut collected);
        for (file, root) in releases.iter().filter(|(file, _)| collected.files.contains(&file.as_str())) {
            built.insert(file.as_str());
            let root = patched(search, root, &collected, found);
            let release = Release { path: &overlay.path, file, root, namespace: collected.namespace };
            deploy(search, &objects, &release, found);
        }
    }
    for (file, root) in releases.iter().filter(|(file, root)| !built.contains(file.as_str()) && !is_patch(root)) {
        deploy(search, &objects, &Release { path: file, file, root: root.clone(), namespace: None }, found);
    }
}

/// Whether a HelmRelease names no chart: it is a patch of another.
fn is_patch(root: &Node) -> bool {
    root.get("spec").is_none_or(|spec| spec.get("chart").is_none() && spec.get("chartRef").is_none())
}

impl Objects {
    fn add(&mut self, path: &str, documents: Option<Vec<Document>>) {
        let roots = documents.into_iter().flatten().map(|document| document.root);
        self.0.extend(roots.map(|root| (path.to_owned(), root)));
    }

    fn of_kind<'a>(&'a self, kind: &'a str, api: &'a str) -> impl Iterator<Item = &'a (String, Node)> {
        self.0.iter().filter(move |(_, root)| {
            text(root, "kind") == Some(kind) && text(root, "apiVersion").is_some_and(|version| version.starts_with(api))
        })
    }

    /// The object of a kind and name that lies nearest to a file; an `Err` says in words why there is none.
    fn find<'a>(
        &'a self,
        (kind, api): (&'a str, &'a str),
        name: &str,
        near: &str,
    ) -> Result<&'a (String, Node), String> {
        let named = |(_, root): &&(String, Node)| {
            root.get("metadata").and_then(|metadata| text(metadata, "name")) == Some(name)
        };
        let mut found: Vec<_> = self.of_kind(kind, api).filter(named).collect();
        found.sort_by_key(|(file, _)| std::cmp::Reverse(shared(file, near)));
        match found.as_slice() {
            [] => Err(format!("the {kind} `{name}` is not in this repository")),
            [first, second, ..] if shared(&first.0, near) == shared(&second.0, near) => {
                Err(format!("more than one {kind} of this repository is named `{name}`"))
            }
            [first, ..] => Ok(first),
        }
    }
}

/// How many folders two paths have in common.
fn shared(left: &str, right: &str) -> usize {
    folder(left).split('/').zip(folder(right).split('/')).take_while(|(left, right)| left == right).count()
}

/// The documents of a file with ConfigMaps that was not read for Flux's own objects.
fn config_maps(search: &Search<'_>, path: &str) -> Option<Vec<Document>> {
    let text = search.text(path)?;
    if text.contains("kind: ConfigMap") && !is_spoken_of(&text) { search.parse(path, text) } else { None }
}

/// The release with the patches of the kustomizations around it.
fn patched(search: &Search<'_>, release: &Node, collected: &Collected<'_>, found: &mut Discovered) -> Node {
    let name = release.get("metadata").and_then(|metadata| text(metadata, "name")).unwrap_or("");
    let mut root = release.clone();
    for patch in kustomize::patches(search, collected) {
        if !patch.may_change("HelmRelease", name) {
            continue;
        }
        match patch.documents.as_deref() {
            Some(documents) if documents.iter().all(|document| document.root.as_map().is_some()) => {
                let fitting = documents.iter().filter(|document| patch.fits(&document.root, "HelmRelease", name));
                root = fitting.fold(root, |below, document| merge(&below, &document.root));
            }
            _ => found.unresolved.push(Unresolved {
                chart: None,
                at: patch.at,
                message: format!("a patch of the HelmRelease `{name}` is no strategic merge"),
            }),
        }
    }
    root
}

fn deploy(search: &Search<'_>, objects: &Objects, release: &Release<'_>, found: &mut Discovered) {
    let Some(spec) = release.root.get("spec") else { return };
    match origin::of(search, objects, spec, release.file) {
        Ok(Some(chart)) => {
            let deployment = deployment(search, objects, release, spec, &chart, found);
            found.deployments.push(deployment);
        }
        Ok(None) => {}
        Err((at, message)) => found.unresolved.push(Unresolved { chart: None, at, message }),
    }
}

fn deployment(
    search: &Search<'_>,
    objects: &Objects,
    release: &Release<'_>,
    spec: &Node,
    chart: &origin::Origin<'_>,
    found: &mut Discovered,
) -> Deployment {
    let metadata = |field| release.root.get("metadata").and_then(|metadata| text(metadata, field));
    let name = metadata("name").unwrap_or("");
    let target = text(spec, "targetNamespace");
    let namespace = target.or(release.namespace).or_else(|| metadata("namespace"));
    let (production, decided_by) = search.is_production(release.path, name, namespace);
    let composed = || target.map_or_else(|| name.to_owned(), |target| format!("{target}-{name}"));
    let mut problems: Vec<(Location, String)> = vec![];
    let (values, set) = values::read(search, objects, release, spec, chart, &mut problems);
    let profile = Profile {
        name: folder(release.path).to_owned(),
        production,
        decided_by,
        values,
        set,
        namespace: namespace.map(str::to_owned),
        release: Some(text(spec, "releaseName").map_or_else(composed, str::to_owned)),
        found_at: Some(spec.location),
        image_overrides: images(spec, &mut problems),
        ..Profile::default()
    };
    let unresolved = |(at, message)| Unresolved { chart: Some(chart.folder.to_owned()), at, message };
    found.unresolved.extend(problems.into_iter().map(unresolved));
    Deployment { chart: chart.folder.to_owned(), profile }
}

/// What post-renderers do to images.
fn images(spec: &Node, problems: &mut Vec<(Location, String)>) -> Vec<crate::profile::ImageOverride> {
    let mut overrides = vec![];
    for renderer in items(spec, "postRenderers").iter().filter_map(|renderer| renderer.get("kustomize")) {
        overrides.extend(items(renderer, "images").iter().filter_map(kustomize::image_override));
        for field in ["patches", "patchesStrategicMerge", "patchesJson6902"] {
            let touching = items(renderer, field).iter().filter(|patch| patch.to_json().to_string().contains("image"));
            problems.extend(touching.map(|patch| (patch.location, "a post-renderer patches images".to_owned())));
        }
    }
    overrides
}

/// A path that a release gives relative to the root of its source: this repository.
fn from_root(reference: &str) -> Result<String, String> {
    join("", reference).ok_or_else(|| format!("`{reference}` leads out of the repository"))
}
