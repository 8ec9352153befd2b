//! An Application over a kustomization: its `kustomize` options change what the kustomization makes.

use std::collections::BTreeSet;

use super::{Argo, Source};
use crate::gitops::kustomize::{Reader, steps};
use crate::gitops::path::{is_remote, join};
use crate::gitops::{Discovered, Problem, fields, text};
use crate::kustomize::{Build, Change, ImageOverride, Step};
use crate::profile::{Helm, Profile};
use crate::text::Location;
use crate::yaml::Node;

/// Adds the deployments of the charts that the kustomization inflates, under the options of the Application.
pub(super) fn deployments(
    argo: Argo<'_>,
    mut source: Source<'_>,
    folder: &str,
    open: &[Problem],
    found: &mut Discovered,
) {
    let Some(options) = source.node.get("kustomize").cloned() else { return };
    let mut own = open.to_vec();
    own.extend(fields::of("Application").problems_below(&source.node, source.part));
    own.extend(source.application.problems.iter().cloned());
    let inflations = Reader::new(argo.files, argo.kustomizations, None).read(folder).inflations;
    let mut seen = BTreeSet::new();
    for inflation in inflations.into_iter().filter(|inflation| seen.insert(inflation.node.location)) {
        let chart = inflation.chart(argo.files);
        let is_known = chart.is_some() || inflation.remote(argo.files).is_some();
        if !is_known {
            continue;
        }
        let mut problems = own.clone();
        let mut built = Reader::new(argo.files, argo.kustomizations, Some(inflation.node.location)).read(folder);
        problems.append(&mut built.problems);
        let whole = changed(argo, &source, folder, built.build, &options, &mut problems);
        let profile = source.profile(argo.files, None);
        let namespace = text(&options, "namespace").filter(|namespace| !namespace.is_empty());
        let over = Helm {
            kube_version: text(&options, "kubeVersion").map(str::to_owned),
            api_versions: options
                .items("apiVersions")
                .iter()
                .filter_map(Node::scalar_text)
                .map(str::to_owned)
                .collect(),
            ..Helm::default()
        };
        let helm = inflation.helm(&mut problems);
        let profile = Profile {
            values: inflation.values(argo.files, chart.as_deref(), &mut problems),
            helm: Helm {
                kube_version: over.kube_version.or(helm.kube_version.clone()),
                api_versions: if over.api_versions.is_empty() { helm.api_versions.clone() } else { over.api_versions },
                ..helm
            },
            namespace: inflation.namespace().or(namespace).map(str::to_owned),
            release: inflation.release().map(str::to_owned),
            build: Some(whole),
            ..profile
        };
        problems.append(&mut source.problems);
        inflation.add(argo.files, chart, (profile, None), problems, found);
    }
}

/// The build of a kustomization into which the options were written.
fn changed(
    argo: Argo<'_>,
    source: &Source<'_>,
    folder: &str,
    build: Build,
    options: &Node,
    problems: &mut Vec<Problem>,
) -> Build {
    let mut build = build;
    let added: Vec<&Node> = options.items("components").iter().collect();
    let is_optional = options.get("ignoreMissingComponents").and_then(Node::as_bool) == Some(true);
    for item in added {
        let reference = item.scalar_text().unwrap_or("");
        let local =
            Some(reference).filter(|reference| !is_remote(reference)).and_then(|reference| join(folder, reference));
        let local = local.filter(|target| argo.kustomizations.get(target).is_some());
        match local {
            Some(target) => {
                let component = Reader::new(argo.files, argo.kustomizations, None).read(&target);
                problems.extend(component.problems);
                // A component works on what was gathered, before the kustomization's own steps.
                let own = std::mem::take(&mut build.steps);
                let parts = std::mem::take(&mut build.parts).into_iter().chain(component.build.parts).collect();
                let inner = Build { parts, steps: component.build.steps };
                build = Build { steps: own, ..steps::followed_by(inner, vec![]) };
            }
            None if is_optional => {}
            None => problems
                .push(Problem::new(item.location, format!("the component `{reference}` is not in this repository"))),
        }
    }
    let patches = options
        .items("patches")
        .iter()
        .filter_map(|item| steps::patch(argo.files, folder, item, problems))
        .collect::<Vec<_>>();
    let before = patches_end(&build.steps);
    build.steps.splice(before..before, patches);
    let named = steps::named(options);
    let behind = build
        .steps
        .iter()
        .position(|step| matches!(step.change, Change::Image(_) | Change::Replace(_)))
        .unwrap_or(build.steps.len());
    build.steps.splice(behind..behind, named);
    // What is no text was said.
    for item in options.items("images").iter().filter(|item| item.scalar_text().is_some()) {
        let filled = source.environment.filled(item.scalar_text().unwrap_or(""));
        match filled.and_then(|text| image(&text, item.location)) {
            Ok(image) => set_image(&mut build.steps, image),
            Err(message) => problems.push(Problem::new(item.location, message)),
        }
    }
    if !options.items("images").is_empty() {
        sort_images(&mut build.steps);
    }
    build
}

/// Where the patches of a kustomization end.
fn patches_end(steps: &[Step]) -> usize {
    steps.iter().position(|step| !matches!(step.change, Change::Patch(_))).unwrap_or(steps.len())
}

/// What stands for a part of the entry that is there already.
const KEPT: &str = "*";

/// Puts an entry into `images`, as `kustomize edit set image` does: in the place of one of its name.
fn set_image(steps: &mut Vec<Step>, over: ImageOverride) {
    let at = over.at;
    let known = steps.iter().position(|step| image_of(step).is_some_and(|known| known.name == over.name));
    let old = known.and_then(|known| image_of(&steps[known]));
    let part = |new: Option<String>, old: Option<&String>| match new.as_deref() {
        Some(KEPT) => old.cloned(),
        _ => new,
    };
    let over = ImageOverride {
        new_name: part(over.new_name, old.and_then(|old| old.new_name.as_ref())),
        new_tag: part(over.new_tag, old.and_then(|old| old.new_tag.as_ref())),
        digest: part(over.digest, old.and_then(|old| old.digest.as_ref())),
        ..over
    };
    let step = Step { at, change: Change::Image(over) };
    if let Some(known) = known {
        steps[known] = step;
    } else {
        let behind = steps.iter().position(|step| matches!(step.change, Change::Replace(_)));
        steps.insert(behind.unwrap_or(steps.len()), step);
    }
}

/// Sorts the entries of `images` by name, as that command writes them.
fn sort_images(steps: &mut [Step]) {
    let name = |step: &Step| image_of(step).map(|image| image.name.clone());
    if let (Some(first), Some(last)) = (
        steps.iter().position(|step| image_of(step).is_some()),
        steps.iter().rposition(|step| image_of(step).is_some()),
    ) {
        steps[first..=last].sort_by_key(name);
    }
}

fn image_of(step: &Step) -> Option<&ImageOverride> {
    if let Change::Image(image) = &step.change { Some(image) } else { None }
}

/// `name=new:tag`, `name:tag`, `name@digest`, as `kustomize edit set image` reads it.
fn image(text: &str, at: Location) -> Result<ImageOverride, String> {
    let (name, rest) = text.split_once('=').map_or((None, text), |(name, rest)| (Some(name), rest));
    let (rest, digest) = rest.split_once('@').map_or((rest, None), |(rest, digest)| (rest, Some(digest.to_owned())));
    let slash = rest.rfind('/').map_or(0, |at| at + 1);
    let (new, tag) = rest[slash..]
        .find(':')
        .map_or((rest, None), |colon| (&rest[..slash + colon], Some(rest[slash + colon + 1..].to_owned())));
    if name.is_none() && tag.is_none() && digest.is_none() {
        return Err(format!("kustomize refuses the image `{text}`, which says nothing but a name"));
    }
    Ok(ImageOverride {
        name: name.unwrap_or(new).to_owned(),
        new_name: name.filter(|name| *name != new).map(|_| new.to_owned()),
        new_tag: tag,
        digest,
        tag_suffix: None,
        at,
        tag_at: at,
        fields: vec![],
    })
}
