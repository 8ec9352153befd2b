//! A kustomization with everything below it, read into one build.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::inflation::{self, Inflation};
use super::{Kustomization, Kustomizations, NAMES, generator, gone, is_object, refused, steps, transformers};
use crate::gitops::files::{self, Files};
use crate::gitops::path::{folder, is_remote, join};
use crate::gitops::{Problem, text};
use crate::kustomize::{Build, FieldSpec, Part};
use crate::text::Location;
use crate::yaml::{Mapping, Node};

/// How deep kustomizations may build on each other.
const DEEPEST: usize = 128;
/// How many may be read for one overlay: a base that is built upon twice is read twice.
const MOST: usize = 2_000;

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
    /// What is inflated under which name, to know what is so twice.
    inflated: BTreeSet<String>,
}

/// Reads kustomizations.
pub(in crate::gitops) struct Reader<'a> {
    pub(in crate::gitops) files: &'a Files<'a>,
    pub(in crate::gitops) kustomizations: &'a Kustomizations,
    /// The inflation that is the chart to be judged.
    pub(in crate::gitops) judged: Option<Location>,
    /// What others render to.
    rendered: BTreeMap<Location, Arc<Vec<Node>>>,
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
        Self { files, kustomizations, judged, rendered: BTreeMap::new(), open: vec![], count: 0 }
    }

    /// The same where it is known what inflations render to.
    pub(super) fn beside(self, rendered: BTreeMap<Location, Arc<Vec<Node>>>) -> Self {
        Self { rendered, ..self }
    }

    /// The kustomization of a folder, and all below it.
    pub(in crate::gitops) fn read(&mut self, folder: &str) -> Built {
        let mut built = Built::default();
        if let Some(kustomization) = self.kustomizations.get(folder) {
            built.problems.extend(unsorted(&kustomization.root));
            self.kustomization(kustomization, None, &mut built);
        }
        built
    }

    /// A kustomization that another program writes into a folder, with what it gathers beside its resources.
    pub(in crate::gitops) fn applied(&mut self, folder: &str, root: Node, parts: Vec<Part>) -> Built {
        let mut built = Built::default();
        built.build.parts = parts;
        built.problems.extend(unsorted(&root));
        let path = self.kustomizations.get(folder).map(|own| own.path.clone());
        let path = path.unwrap_or_else(|| crate::source::join(folder, NAMES[0]));
        let kustomization = Kustomization::written(path, root);
        self.kustomization(&kustomization, None, &mut built);
        built
    }

    /// Adds what a kustomization gathers and does to what was gathered before: nothing, but for components.
    fn kustomization(&mut self, kustomization: &Kustomization, namespace: Option<&str>, built: &mut Built) {
        let here = folder(&kustomization.path).to_owned();
        let root = &kustomization.root;
        if self.files.is_file(&kustomization.path) {
            self.files.reads(&kustomization.path);
        }
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
        built.problems.extend(refused::problems(self.files, &here, root));
        let own = text(root, "namespace").filter(|namespace| !namespace.is_empty()).or(namespace);
        for field in ["resources", "bases"] {
            for item in root.items(field) {
                self.resource(&here, item, own, built);
            }
        }
        let found = steps::configured(self.files, &here, root, &mut built.problems);
        built.fields.extend(found);
        self.generated(&here, kustomization, own, built);
        for item in root.items("components") {
            self.component(&here, item, own, built);
        }
        let steps = steps::of(self.files, &here, root, &built.fields, &mut built.problems);
        built.build.steps.extend(steps);
        for item in root.items("transformers") {
            let steps = transformers::steps(self.files, &here, item, &mut built.problems);
            built.build.steps.extend(steps);
        }
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
        let target = self.files.place(&target);
        if self.files.is_file(&target) {
            match self.files.documents(&target) {
                Ok(documents) => {
                    built.problems.extend(documents.iter().filter_map(|document| super::doubled(&document.root)));
                    let objects = files::objects(&documents);
                    let nameless = objects.iter().filter(|object| !object.root.is_null() && !is_object(&object.root));
                    built.problems.extend(nameless.map(|object| unnamed(&target, &object.root)));
                    built.build.parts.extend(objects.into_iter().map(Part::Object));
                }
                Err(problem) => built.problems.push(problem),
            }
            return;
        }
        let Some(kustomization) = self.kustomizations.get(&target) else {
            built.problems.push(gone::nowhere(item, reference));
            return;
        };
        if text(&kustomization.root, "kind") == Some("Component") {
            let message = format!("kustomize refuses the component `{reference}` among resources");
            built.problems.push(Problem::new(item.location, message));
        }
        let mut below = Built::default();
        self.kustomization(kustomization, namespace, &mut below);
        built.fields.append(&mut below.fields);
        built.inflations.append(&mut below.inflations);
        built.inflated.append(&mut below.inflated);
        built.problems.append(&mut below.problems);
        built.build.parts.push(Part::Build(Arc::new(below.build)));
    }

    /// A component works on all that was gathered before it.
    fn component(&mut self, here: &str, item: &Node, namespace: Option<&str>, built: &mut Built) {
        let reference = item.scalar_text().unwrap_or("");
        let local =
            Some(reference).filter(|reference| !is_remote(reference)).and_then(|reference| join(here, reference));
        let Some(kustomization) = local.and_then(|target| self.kustomizations.get(&self.files.place(&target))) else {
            let message = format!("the component `{reference}` is not in this repository");
            built.problems.push(Problem::new(item.location, message));
            return;
        };
        if text(&kustomization.root, "kind") != Some("Component") {
            let message = format!("kustomize refuses `{reference}` among components, whose `kind` is not `Component`");
            built.problems.push(Problem::new(item.location, message));
        }
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
        for (field, kind) in generator::FIELDS {
            for item in root.items(field) {
                let object = generator::object(self.files, here, root, (item, kind), &mut built.problems);
                let generated = |document| Part::Generated { document, behavior: generator::behavior(item) };
                built.build.parts.extend(object.map(generated));
            }
        }
        let found = inflation::of(self.files, &kustomization.path, root, namespace, &mut built.problems);
        let mut known = BTreeSet::new();
        for inflation in found.into_iter().filter(|inflation| known.insert(inflation.node.location)) {
            if !built.inflated.insert(identity(&inflation)) {
                let message = "kustomize refuses a chart that is inflated twice under one name".to_owned();
                built.problems.push(Problem::new(inflation.node.location, message));
            }
            let at = inflation.node.location;
            let rendered =
                self.rendered.get(&at).map(|manifests| Part::Rendered { at, manifests: Arc::clone(manifests) });
            let is_judged = self.judged == Some(at);
            built.build.parts.push(if is_judged { Part::Chart(at) } else { rendered.unwrap_or(Part::Elsewhere) });
            built.inflations.push(inflation);
        }
    }
}

/// What a chart is inflated with: the same twice makes two objects with one identity, which kustomize refuses.
fn identity(inflation: &Inflation) -> String {
    let fields = inflation.node.as_map().map(Mapping::effective).unwrap_or_default();
    let fields: BTreeMap<_, _> = fields.iter().map(|(key, entry)| (key, entry.value.to_json())).collect();
    format!("{} {:?} {fields:?}", inflation.path, inflation.namespace())
}

/// What is wrong with a file that holds something else than objects.
fn unnamed(path: &str, root: &Node) -> Problem {
    Problem::new(
        root.location,
        format!("kustomize refuses `{path}`, in which not all are objects with `kind` and `metadata.name`"),
    )
}

/// What is wrong with `sortOptions`, which kustomize reads of the outermost kustomization alone.
fn unsorted(root: &Node) -> Option<Problem> {
    let options = root.get("sortOptions").filter(|options| options.as_map().is_some())?;
    let at = options.get("order").unwrap_or(options).location;
    match text(options, "order").unwrap_or("") {
        "legacy" => None,
        "fifo" => {
            let lists = options.get("legacySortOptions").filter(|lists| !lists.is_null())?;
            let message = "kustomize refuses `legacySortOptions` beside `order: fifo`".to_owned();
            Some(Problem::new(lists.location, message))
        }
        order => Some(Problem::new(at, format!("kustomize refuses `order: {order}` and takes `legacy` or `fifo`"))),
    }
}
