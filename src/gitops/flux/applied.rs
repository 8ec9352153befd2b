//! Flux Kustomizations: what they apply, with their patches, images and variables.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::objects::Objects;
use super::substitute::Variables;
use super::{data, references};
use crate::gitops::declared::{Declared, World};
use crate::gitops::files::Read;
use crate::gitops::kustomize::{Reader, steps};
use crate::gitops::path::{folder, join};
use crate::gitops::{Discovered, Problem, fields, items, text};
use crate::kustomize::edit;
use crate::kustomize::{Build, Part};
use crate::yaml::{Document, Node};

const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/";
/// How many Kustomizations may apply each other.
const DEEPEST: usize = 32;

/// The declared objects as Flux applies them: what lies below the path of a Kustomization goes through it.
pub(in crate::gitops) fn applied(world: &World<'_>, declared: Vec<Declared>, found: &mut Discovered) -> Vec<Declared> {
    let objects = Objects::new(world, &declared);
    let mut walk = Walk { world, objects, found, claimed: BTreeSet::new(), done: vec![], applied: vec![] };
    let kustomizations: Vec<&Declared> = declared.iter().filter(|each| each.is("Kustomization", KUSTOMIZE)).collect();
    // One that another applies is seen through that.
    let inner: BTreeSet<String> = kustomizations.iter().flat_map(|outer| walk.children(outer)).collect();
    let roots = kustomizations.iter().filter(|each| !inner.contains(&key(each)));
    roots.for_each(|root| walk.apply(root, &mut vec![]));
    for each in &kustomizations {
        if let Some(problem) = generated(each).filter(|_| walk.folder(each).is_none() && walk.may_release(each)) {
            walk.found.unresolved(None, &each.profile_name(), problem);
        }
    }
    // Those that apply each other in a circle are reached from no root.
    for each in &kustomizations {
        if !walk.done.contains(&key(each)) {
            walk.apply(each, &mut vec![]);
        }
    }
    let Walk { claimed, applied, .. } = walk;
    let free = declared.into_iter().filter(|each| !claimed.contains(&each.path) && !claimed.contains(&each.file));
    free.chain(applied).collect()
}

/// What is wrong with a Kustomization that changes what it applies, where that is put together from parts of the repository.
fn generated(each: &Declared) -> Option<Problem> {
    const CHANGES: [&str; 8] = [
        "components",
        "images",
        "namePrefix",
        "nameSuffix",
        "patches",
        "postBuild",
        "targetNamespace",
        "patchesJson6902",
    ];
    let spec = each.root.get("spec")?;
    let source = spec.get("sourceRef").filter(|source| text(source, "kind") == Some("ExternalArtifact"))?;
    let is_changing = CHANGES.iter().any(|field| spec.get(field).is_some());
    let message = format!("what the Kustomization `{}` changes in an ExternalArtifact is not followed", each.name());
    is_changing.then(|| Problem::new(source.location, message))
}

fn key(each: &Declared) -> String {
    format!("{} {}", each.file, each.name())
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    objects: Objects<'a>,
    found: &'w mut Discovered,
    /// Files and overlays that a Kustomization applies.
    claimed: BTreeSet<String>,
    /// Kustomizations that were applied.
    done: Vec<String>,
    /// What came of it.
    applied: Vec<Declared>,
}

impl Walk<'_, '_> {
    /// The Kustomizations that one applies, but for itself.
    fn children(&self, outer: &Declared) -> Vec<String> {
        let own = key(outer);
        let Some(folder) = self.folder(outer) else { return vec![] };
        let paths = self
            .world
            .files
            .below(&folder)
            .iter()
            .filter_map(|path| Some((path, self.world.written.get(path.as_str())?)));
        let all = paths.flat_map(|(path, documents)| self.world.of_file(path, documents));
        all.filter(|each| each.is("Kustomization", KUSTOMIZE))
            .map(|each| key(&each))
            .filter(|key| *key != own)
            .collect()
    }

    /// Whether a folder that may be the one that a Kustomization applies holds releases.
    fn may_release(&self, kustomization: &Declared) -> bool {
        let path = kustomization.root.get("spec").and_then(|spec| join("", text(spec, "path").unwrap_or("")));
        let within = format!("/{}/", path.unwrap_or_default()).replace("//", "/");
        let is_release = |document: &Document| text(&document.root, "kind") == Some("HelmRelease");
        let mut written = self.world.written.iter();
        written.any(|(file, documents)| format!("/{file}").contains(&within) && documents.iter().any(is_release))
    }

    /// The folder of this repository that a Kustomization applies.
    fn folder(&self, kustomization: &Declared) -> Option<String> {
        let spec = kustomization.root.get("spec")?;
        let path = join("", text(spec, "path").unwrap_or(""))?;
        let source = spec.get("sourceRef").and_then(|source| text(source, "name")).unwrap_or("");
        // The root of a repository that is not named is as likely another's.
        let is_here = !path.is_empty() || source == "flux-system";
        (is_here && self.world.files.is_folder(&path)).then_some(path)
    }

    fn apply(&mut self, kustomization: &Declared, open: &mut Vec<String>) {
        let own = key(kustomization);
        let Some(path) = self.folder(kustomization) else { return };
        if open.contains(&own) {
            return;
        }
        if open.len() >= DEEPEST {
            let message = format!("Kustomizations apply each other more than {DEEPEST} levels deep");
            self.found.unresolved(None, "", Problem::new(kustomization.root.location, message));
            return;
        }
        self.done.push(own.clone());
        open.push(own);
        let files = self.world.files;
        let (objects, read) = files.recorded(|| {
            files.reads_all(kustomization.read.iter().cloned());
            self.objects_of(kustomization, &path)
        });
        let read = Arc::new(read);
        for each in objects {
            let each = Declared { read: Arc::clone(&read), ..each };
            if each.is("Kustomization", KUSTOMIZE) && key(&each) != key(kustomization) {
                self.apply(&each, open);
            }
            self.applied.push(each);
        }
        open.pop();
    }

    /// What a Kustomization applies.
    fn objects_of(&mut self, kustomization: &Declared, path: &str) -> Vec<Declared> {
        let mut problems = kustomization.problems.clone();
        problems.extend(fields::of("Flux Kustomization").problems(&kustomization.root));
        let Some(spec) = kustomization.root.get("spec") else { return vec![] };
        let variables = self.variables(kustomization, spec);
        let above: Vec<String> = kustomization
            .above
            .iter()
            .cloned()
            .chain([kustomization.path.clone(), kustomization.name().to_owned()])
            .collect();
        let mut all = vec![];
        for (declaring, build, own) in self.builds(path) {
            let mut own = own;
            let changes = self.steps(spec, path, &mut own);
            match steps::followed_by(build, changes).objects(&[]) {
                Ok(objects) => {
                    let roots = objects.into_iter().map(|object| object.root);
                    let roots: Vec<Node> =
                        roots.map(|root| variables.filled(&root, self.world.files, &mut own)).collect();
                    let all_problems: Vec<Problem> = problems.iter().cloned().chain(own).collect();
                    all.extend(self.world.of_objects(&declaring, roots, &all_problems, Read::new()));
                }
                Err(error) => {
                    let message = format!("kustomize cannot build `{path}`: {error}");
                    self.found.unresolved(None, "", Problem::new(error.at, message));
                }
            }
        }
        for each in &mut all {
            each.above.clone_from(&above);
        }
        all
    }

    /// The builds below a path, each with the file that declares it: one kustomization, or every kustomization and file below.
    fn builds(&mut self, path: &str) -> Vec<(String, Build, Vec<Problem>)> {
        let world = self.world;
        if world.kustomizations.get(path).is_some() {
            return vec![self.overlay(path)];
        }
        let mut overlays: Vec<&str> = vec![];
        let mut builds = vec![];
        for file in world.files.below(path) {
            let here = folder(file);
            let inner = world.kustomizations.above(here, path);
            match inner {
                Some(overlay) if !overlays.contains(&overlay) => {
                    overlays.push(overlay);
                    builds.push(self.overlay(overlay));
                }
                Some(_) => {}
                None => {
                    if let Some(documents) = world.written.get(file.as_str()) {
                        self.claimed.insert(file.clone());
                        world.files.reads(file);
                        let parts = documents.iter().cloned().map(Part::Object).collect();
                        builds.push((file.clone(), Build { parts, steps: vec![] }, vec![]));
                    }
                }
            }
        }
        builds
    }

    fn overlay(&mut self, folder: &str) -> (String, Build, Vec<Problem>) {
        let world = self.world;
        let built = Reader::new(world.files, world.kustomizations, None).read(folder);
        let path = world.kustomizations.get(folder).map_or("", |kustomization| kustomization.path.as_str());
        self.claimed.insert(path.to_owned());
        self.claimed.extend(world.kustomizations.files(folder).into_iter().map(str::to_owned));
        let problems = built.problems.into_iter().filter(|problem| !problem.is_elsewhere).collect();
        (path.to_owned(), built.build, problems)
    }

    /// What the Kustomization itself does to the objects.
    fn steps(&self, spec: &Node, path: &str, problems: &mut Vec<Problem>) -> Vec<crate::kustomize::Step> {
        let files = self.world.files;
        let mut all = vec![];
        for item in items(spec, "components") {
            let message =
                format!("the component `{}` of a Flux Kustomization is not followed", item.scalar_text().unwrap_or(""));
            problems.push(Problem::new(item.location, message));
        }
        for item in items(spec, "patchesStrategicMerge") {
            all.push(super::renderers::merge(item));
        }
        all.extend(items(spec, "patches").iter().filter_map(|item| steps::patch(files, path, item, problems)));
        let namespace = spec
            .get("targetNamespace")
            .map_or_else(|| spec.clone(), |target| edit::with(spec, "namespace", target.clone()));
        all.extend(steps::named(&edit::without(&namespace, "labels")));
        all.extend(items(spec, "patchesJson6902").iter().filter_map(|item| steps::patch(files, path, item, problems)));
        all.extend(items(spec, "images").iter().filter_map(|item| steps::image(item, &[])));
        all
    }

    /// The variables of `postBuild`.
    fn variables(&self, kustomization: &Declared, spec: &Node) -> Variables {
        let Some(post_build) = spec.get("postBuild") else { return Variables::default() };
        let mut variables = Variables::new(text(post_build, "substituteStrategy") == Some("Always"));
        for (reference, kind, name) in references(post_build, "substituteFrom") {
            let is_optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
            let map = if kind == "ConfigMap" { self.objects.map(name, kustomization) } else { Ok(None) };
            match map {
                Ok(Some(map)) => variables.add(data(&map)),
                Ok(None) if is_optional && kind == "ConfigMap" => {}
                Ok(None) => {
                    let message = format!("the variables of the {kind} `{name}` are not in this repository");
                    variables.unknown.push(Problem::new(reference.location, message));
                }
                Err(message) => variables.unknown.push(Problem::new(reference.location, message)),
            }
        }
        let own = post_build.get("substitute").map(edit::entries).unwrap_or_default();
        variables.add(own.into_iter().map(|entry| (entry.key.key_text().into_owned(), entry.value)).collect());
        variables
    }
}
