//! Kustomizations that inflate a chart (`helmCharts`), with what their overlays do to images.

use std::collections::{BTreeMap, BTreeSet};

use super::path::{folder, is_remote, join};
use super::{Deployment, Discovered, Search, Unresolved, items, text};
use crate::profile::{ImageOverride, Profile};
use crate::text::Location;
use crate::yaml::{Document, Node};

mod patch;

pub(super) use patch::patches;

const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization file.
pub(super) struct Kustomization {
    pub(super) path: String,
    root: Node,
    /// Folders it builds on.
    bases: Vec<String>,
    /// Plain files it lists.
    files: Vec<String>,
    /// What it lists that lies elsewhere.
    remote: Vec<(Location, String)>,
}

/// Every kustomization by its folder.
pub(super) type Kustomizations = BTreeMap<String, Kustomization>;

/// What the way from an overlay down to a chart adds up to.
#[derive(Default)]
pub(super) struct Collected<'a> {
    /// The kustomizations on the way, the innermost first.
    way: Vec<&'a Kustomization>,
    inflations: Vec<(&'a Kustomization, &'a Node)>,
    pub(super) files: Vec<&'a str>,
    images: Vec<ImageOverride>,
    pub(super) namespace: Option<&'a str>,
}

pub(super) fn discover(search: &Search<'_>, found: &mut Discovered) {
    let all = read(search);
    for (folder, kustomization) in overlays(&all) {
        let mut collected = Collected::default();
        collect(&all, folder, &mut BTreeSet::new(), &mut collected);
        for (declaring, inflation) in &collected.inflations {
            if let Some(chart) = chart_of(search, declaring, inflation) {
                let deployment = deployment(search, kustomization, declaring, inflation, &collected, &chart, found);
                found.deployments.push(deployment);
            }
        }
    }
}

/// The kustomizations that no other builds on.
pub(super) fn overlays(all: &Kustomizations) -> Vec<(&str, &Kustomization)> {
    let built_upon: BTreeSet<&str> = all.values().flat_map(|each| each.bases.iter().map(String::as_str)).collect();
    let is_overlay = |(folder, _): &(&String, &Kustomization)| !built_upon.contains(folder.as_str());
    all.iter().filter(is_overlay).map(|(folder, kustomization)| (folder.as_str(), kustomization)).collect()
}

/// The kustomization of a folder.
pub(super) fn at(search: &Search<'_>, folder: &str) -> Option<Node> {
    let path = NAMES.iter().map(|name| crate::source::join(folder, name));
    let path = path.into_iter().find(|path| search.paths.binary_search(path).is_ok())?;
    search.documents(&path)?.into_iter().next().map(|document| document.root)
}

pub(super) fn read(search: &Search<'_>) -> Kustomizations {
    let is_kustomization = |path: &&String| NAMES.contains(&path.rsplit('/').next().unwrap_or(path));
    let mut all = Kustomizations::new();
    for path in search.paths.iter().filter(is_kustomization) {
        let Some(Document { root, .. }) = search.documents(path).and_then(|documents| documents.into_iter().next())
        else {
            continue;
        };
        let mut kustomization =
            Kustomization { path: path.clone(), root, bases: vec![], files: vec![], remote: vec![] };
        sort_resources(search, &mut kustomization);
        all.insert(folder(path).to_owned(), kustomization);
    }
    all
}

/// Tells folders from files among the resources.
fn sort_resources(search: &Search<'_>, kustomization: &mut Kustomization) {
    let here = folder(&kustomization.path).to_owned();
    for field in ["resources", "bases", "components"] {
        for item in items(&kustomization.root, field) {
            let reference = item.scalar_text().unwrap_or("");
            if is_remote(reference) {
                let message = format!("`{reference}` is not in this repository");
                kustomization.remote.push((item.location, message));
                continue;
            }
            let Some(target) = join(&here, reference) else { continue };
            if search.paths.binary_search(&target).is_ok() {
                kustomization.files.push(target);
            } else {
                kustomization.bases.push(target);
            }
        }
    }
}

pub(super) fn collect<'a>(
    all: &'a Kustomizations,
    folder: &str,
    seen: &mut BTreeSet<String>,
    into: &mut Collected<'a>,
) {
    const DEEPEST: usize = 64;
    let Some(kustomization) = all.get(folder) else { return };
    if seen.len() > DEEPEST || !seen.insert(folder.to_owned()) {
        return;
    }
    for base in &kustomization.bases {
        collect(all, base, seen, into);
    }
    into.way.push(kustomization);
    let root = &kustomization.root;
    into.inflations.extend(items(root, "helmCharts").iter().map(|inflation| (kustomization, inflation)));
    into.files.extend(kustomization.files.iter().map(String::as_str));
    into.images.extend(items(root, "images").iter().filter_map(image_override));
    into.namespace = text(root, "namespace").or(into.namespace);
}

pub(super) fn image_override(node: &Node) -> Option<ImageOverride> {
    let field = |name: &str| text(node, name).filter(|value| !value.is_empty()).map(str::to_owned);
    Some(ImageOverride {
        name: field("name")?,
        new_name: field("newName"),
        new_tag: field("newTag"),
        digest: field("digest"),
        at: node.location,
    })
}

/// Folder of the repository's chart that an inflation renders.
fn chart_of(search: &Search<'_>, declaring: &Kustomization, inflation: &Node) -> Option<String> {
    let name = text(inflation, "name")?;
    if let Some(repository) = text(inflation, "repo").filter(|repository| !repository.is_empty()) {
        return search.published_chart(repository, name).map(str::to_owned);
    }
    let home = declaring.root.get("helmGlobals").and_then(|globals| text(globals, "chartHome")).unwrap_or("charts");
    let chart = join(&join(folder(&declaring.path), home)?, name)?;
    search.charts.contains_key(&chart).then_some(chart)
}

fn deployment(
    search: &Search<'_>,
    overlay: &Kustomization,
    declaring: &Kustomization,
    inflation: &Node,
    collected: &Collected<'_>,
    chart: &str,
    found: &mut Discovered,
) -> Deployment {
    let release = text(inflation, "releaseName").or_else(|| text(inflation, "name"));
    let namespace = collected.namespace.or_else(|| text(inflation, "namespace"));
    let (production, decided_by) = search.is_production(&overlay.path, release.unwrap_or(""), namespace);
    let (values, problems) = values(search, folder(&declaring.path), inflation);
    let unresolved = |(at, message): (Location, String)| Unresolved { chart: Some(chart.to_owned()), at, message };
    let remote = collected.way.iter().flat_map(|each| each.remote.iter().cloned());
    found.unresolved.extend(problems.into_iter().chain(remote).map(unresolved));
    let (patches, opaque) = patch::images(search, collected);
    found.unresolved.extend(opaque.into_iter().map(unresolved));
    let mut manifests = vec![];
    for path in &collected.files {
        match search.documents(path) {
            Some(documents) => manifests.extend(documents),
            None => found.unresolved.push(Unresolved {
                chart: Some(chart.to_owned()),
                at: inflation.location,
                message: format!("`{path}`, which is deployed beside it, cannot be read as YAML"),
            }),
        }
    }
    let profile = Profile {
        name: folder(&overlay.path).to_owned(),
        production,
        decided_by,
        values,
        set: vec![],
        // Helm renders with the inflation's own namespace; the kustomization's is laid over afterwards.
        namespace: text(inflation, "namespace").or(collected.namespace).map(str::to_owned),
        release: release.map(str::to_owned),
        found_at: Some(inflation.location),
        is_templated: true,
        image_overrides: collected.images.clone(),
        image_patches: patches,
        manifests,
    };
    Deployment { chart: chart.to_owned(), profile }
}

/// The values of an inflation in the order kustomize lays them over each other, and what cannot be read.
fn values(search: &Search<'_>, folder: &str, inflation: &Node) -> (Vec<Node>, Vec<(Location, String)>) {
    let mut problems = vec![];
    let files = inflation.get("valuesFile").into_iter().chain(items(inflation, "additionalValuesFiles"));
    let mut from_files = vec![];
    for file in files {
        let reference = file.scalar_text().unwrap_or("");
        if is_remote(reference) {
            problems.push((file.location, format!("the values file `{reference}` is not in this repository")));
            continue;
        }
        let path = join(folder, reference).ok_or_else(|| format!("`{reference}` leads out of the repository"));
        match path.and_then(|path| search.values(&path)) {
            Ok(root) => from_files.push(root),
            Err(message) => problems.push((file.location, message)),
        }
    }
    let inline = inflation.get("valuesInline").cloned();
    let values = match text(inflation, "valuesMerge") {
        Some("merge") => inline.into_iter().chain(from_files).collect(),
        Some("replace") if inline.is_some() => inline.into_iter().collect(),
        _ => from_files.into_iter().chain(inline).collect(),
    };
    (values, problems)
}
