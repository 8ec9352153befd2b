//! A kustomization with everything below it, read into one build.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::inflation::{self, Inflation};
use super::{Kustomization, Kustomizations, generator, gone, steps};
use crate::gitops::files::{self, Files};
use crate::gitops::path::{folder, is_remote, join};
use crate::gitops::{Problem, items, text};
use crate::kustomize::{Build, FieldSpec, Part};
use crate::text::Location;
use crate::yaml::Node;

/// How deep kustomizations may build on each other.
const DEEPEST: usize = 128;
/// How many may be read for one overlay: a base that is built upon twice is read twice.
const MOST: usize = 20_000;

/// A kustomization as it was read.
#[derive(Default)]
pub(in crate::gitops) struct Built {
    pub(in crate::gitops) build: Build,
    /// The charts that it inflates.
    pub(in crate::gitops) inflations: Vec<Inflation>,
    /// What cannot be followed.
    pub(in crate::gitops) problems: Vec<Problem>,
    /// Fields of `configurations` that hold images.
    fields: Vec<FieldSpec>,
}

/// Reads kustomizations.
pub(in crate::gitops) struct Reader<'a> {
    pub(in crate::gitops) files: &'a Files<'a>,
    pub(in crate::gitops) kustomizations: &'a Kustomizations,
    /// The inflation that is the chart to be judged.
    pub(in crate::gitops) judged: Option<Location>,
    /// Folders that are being read.
    open: Vec<String>,
    count: usize,
}

impl<'a> Reader<'a> {
    pub(in crate::gitops) fn new(
        files: &'a Files<'a>,
        kustomizations: &'a Kustomizations,
        judged: Option<Location>,
    ) -> Self {
        Self { files, kustomizations, judged, open: vec![], count: 0 }
    }

    /// The kustomization of a folder, and all below it.
    pub(in crate::gitops) fn read(&mut self, folder: &str) -> Built {
        let mut built = Built::default();
        if let Some(kustomization) = self.kustomizations.get(folder) {
            self.kustomization(kustomization, None, &mut built);
        }
        built
    }

    /// Adds what a kustomization gathers and does to what was gathered before: nothing, but for components.
    fn kustomization(&mut self, kustomization: &Kustomization, namespace: Option<&str>, built: &mut Built) {
        let here = folder(&kustomization.path).to_owned();
        let root = &kustomization.root;
        self.files.reads(&kustomization.path);
        self.count += 1;
        if self.open.contains(&here) {
            built
                .problems
                .push(Problem::new(root.location, "this kustomization builds on itself in a circle".to_owned()));
            return;
        }
        if self.open.len() >= DEEPEST || self.count > MOST {
            let limit = if self.count > MOST {
                format!("{MOST} kustomizations")
            } else {
                format!("{DEEPEST} levels of kustomizations")
            };
            built.problems.push(Problem::new(root.location, format!("an overlay is built of more than {limit}")));
            return;
        }
        self.open.push(here.clone());
        built.problems.extend(kustomization.problems.iter().cloned());
        let own = text(root, "namespace").filter(|namespace| !namespace.is_empty()).or(namespace);
        for field in ["resources", "bases"] {
            for item in items(root, field) {
                self.resource(&here, item, own, built);
            }
        }
        let found = steps::configured(self.files, &here, root, &mut built.problems);
        built.fields.extend(found);
        self.generated(&here, kustomization, own, built);
        for item in items(root, "components") {
            self.component(&here, item, own, built);
        }
        let steps = steps::of(self.files, &here, root, &built.fields, &mut built.problems);
        built.build.steps.extend(steps);
        self.open.pop();
    }

    fn resource(&mut self, here: &str, item: &Node, namespace: Option<&str>, built: &mut Built) {
        let reference = item.scalar_text().unwrap_or("");
        if is_remote(reference) {
            built.build.parts.push(Part::Elsewhere);
            built.problems.push(Problem::elsewhere(item.location, format!("`{reference}` is not in this repository")));
            return;
        }
        let Some(target) = join(here, reference) else {
            built.problems.push(Problem::new(item.location, format!("`{reference}` leads out of the repository")));
            return;
        };
        if self.files.is_file(&target) {
            match self.files.documents(&target) {
                Ok(documents) => {
                    built.problems.extend(documents.iter().filter_map(|document| super::doubled(&document.root)));
                    built.build.parts.extend(files::objects(&documents).into_iter().map(Part::Object));
                }
                Err(problem) => built.problems.push(problem),
            }
            return;
        }
        let Some(kustomization) = self.kustomizations.get(&target) else {
            built.problems.push(gone::nowhere(item, reference));
            return;
        };
        let mut below = Built::default();
        self.kustomization(kustomization, namespace, &mut below);
        built.fields.append(&mut below.fields);
        built.inflations.append(&mut below.inflations);
        built.problems.append(&mut below.problems);
        built.build.parts.push(Part::Build(Arc::new(below.build)));
    }

    /// A component works on all that was gathered before it.
    fn component(&mut self, here: &str, item: &Node, namespace: Option<&str>, built: &mut Built) {
        let reference = item.scalar_text().unwrap_or("");
        let local =
            Some(reference).filter(|reference| !is_remote(reference)).and_then(|reference| join(here, reference));
        let Some(kustomization) = local.and_then(|target| self.kustomizations.get(&target)) else {
            let message = format!("the component `{reference}` is not in this repository");
            built.problems.push(Problem::new(item.location, message));
            return;
        };
        let before = std::mem::take(&mut built.build);
        let outer = std::mem::take(&mut built.fields);
        built.build.parts = before.parts;
        built.fields.clone_from(&outer);
        self.kustomization(kustomization, namespace, built);
        built.fields = outer;
        let inner = std::mem::take(&mut built.build);
        built.build.parts.push(Part::Build(Arc::new(inner)));
    }

    /// What `helmCharts`, `generators` and the generators of ConfigMaps make.
    fn generated(&mut self, here: &str, kustomization: &Kustomization, namespace: Option<&str>, built: &mut Built) {
        let root = &kustomization.root;
        let maps = items(root, "configMapGenerator")
            .iter()
            .filter_map(|item| generator::config_map(self.files, here, root, item, &mut built.problems));
        built.build.parts.extend(maps.collect::<Vec<_>>().into_iter().map(Part::Object));
        let found = inflation::of(self.files, &kustomization.path, root, namespace, &mut built.problems);
        let mut known = BTreeSet::new();
        for inflation in found.into_iter().filter(|inflation| known.insert(inflation.node.location)) {
            let is_judged = self.judged == Some(inflation.node.location);
            built.build.parts.push(if is_judged { Part::Chart } else { Part::Elsewhere });
            built.inflations.push(inflation);
        }
    }
}
