//! Flux Kustomizations: what they apply, with their patches, images and variables.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::gathered::Gathered;
use super::objects::Objects;
use super::place::{self, Places, Root};
use super::substitute::Variables;
use super::{KUSTOMIZE, nowhere};
use crate::gitops::declared::{Declared, World, unbuilt};
use crate::gitops::files::Read;
use crate::gitops::path::join;
use crate::gitops::{Discovered, Problem, fields, text};
use crate::yaml::{Document, Node};

/// How many Kustomizations may apply each other.
const DEEPEST: usize = 32;
/// How many may be applied through one.
const MOST: usize = 5_000;

/// Objects as Flux applies them.
pub(in crate::gitops) struct Applied {
    /// The objects.
    pub(in crate::gitops) objects: Vec<Declared>,
    /// Files and overlays that a Kustomization applies.
    pub(in crate::gitops) claimed: BTreeSet<String>,
}

/// The declared objects as Flux applies them: what lies below the path of a Kustomization goes through it. `known` are those that were
/// declared before, which they may name.
pub(in crate::gitops) fn applied(
    world: &World<'_>,
    known: &[Declared],
    declared: Vec<Declared>,
    found: &mut Discovered,
) -> Applied {
    let objects = Objects::new(world, known.iter().chain(&declared));
    let kustomizations: Vec<&Declared> = declared.iter().filter(|each| each.is("Kustomization", KUSTOMIZE)).collect();
    let all = kustomizations.as_slice();
    let mut walk = Walk {
        world,
        objects,
        all,
        found,
        claimed: BTreeSet::new(),
        done: BTreeSet::new(),
        below: BTreeSet::new(),
        applied: vec![],
    };
    // One that another applies is seen through that.
    let inner: BTreeSet<String> = kustomizations.iter().flat_map(|outer| walk.children(outer)).collect();
    let roots = kustomizations.iter().filter(|each| !inner.contains(&key(each)));
    roots.for_each(|root| walk.apply_all(root));
    for each in &kustomizations {
        let problem = put_together(each).or_else(|| unknown_root(walk.objects.places(), each));
        if let Some(problem) = problem.filter(|_| walk.folder(each).is_none() && walk.may_release(each)) {
            walk.found.unresolved(None, &each.profile_name(), problem);
        }
    }
    // Those that apply each other in a circle are reached from no root.
    for each in &kustomizations {
        if !walk.done.contains(&key(each)) {
            walk.apply_all(each);
        }
    }
    let Walk { claimed, applied, .. } = walk;
    let free = declared.into_iter().filter(|each| !each.is_in(&claimed));
    let objects = free.chain(applied).collect();
    Applied { objects, claimed }
}

/// What is wrong with a Kustomization that changes what it applies, where that is put together from parts of the repository.
fn put_together(each: &Declared) -> Option<Problem> {
    let source = changed(each).filter(|source| text(source, "kind") == Some("ExternalArtifact"))?;
    let message = format!("what the Kustomization `{}` changes in an ExternalArtifact is not followed", each.name());
    Some(Problem::new(source.location, message))
}

/// The same where it applies the root of a source that may be this repository.
fn unknown_root(places: Places<'_>, each: &Declared) -> Option<Problem> {
    let source = changed(each).filter(|_| place::written(each).as_deref() == Some(""))?;
    let message = format!(
        "the Kustomization `{}` changes what lies in the root of the GitRepository `{}`, which may be this repository",
        each.name(),
        text(source, "name").unwrap_or(""),
    );
    (places.root(each) == Root::Unknown).then(|| Problem::new(source.location, message))
}

/// The source of a Kustomization that changes what it applies.
fn changed(each: &Declared) -> Option<&Node> {
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
    spec.get("sourceRef").filter(|_| CHANGES.iter().any(|field| spec.get(field).is_some()))
}

/// What keeps a Kustomization from being read as it is meant.
fn strange(kustomization: &Declared) -> Vec<Problem> {
    let root = &kustomization.root;
    let strange = fields::of("Flux Kustomization").strange(root, "");
    let is_mute = strange.is_empty() && root.get("spec").is_none_or(Node::is_null);
    let lacking = is_mute.then(|| Problem::new(root.location, "a Kustomization of Flux needs a `spec`".to_owned()));
    strange.into_iter().chain(lacking).collect()
}

fn key(each: &Declared) -> String {
    format!("{} {}", each.file, each.name())
}

struct Walk<'w, 'a> {
    world: &'w World<'a>,
    objects: Objects<'a>,
    /// Every Kustomization as it was declared.
    all: &'w [&'w Declared],
    found: &'w mut Discovered,
    /// Files and overlays that a Kustomization applies.
    claimed: BTreeSet<String>,
    /// Kustomizations that were applied.
    done: BTreeSet<String>,
    /// Those that were applied through the outermost one, as they were: the same twice is one object of a cluster.
    below: BTreeSet<String>,
    /// What came of it.
    applied: Vec<Declared>,
}

impl<'a> Walk<'_, 'a> {
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
        self.objects.places().folder(kustomization)
    }

    /// Applies one, and all that it applies.
    fn apply_all(&mut self, kustomization: &Declared) {
        self.below.clear();
        self.apply(kustomization, &mut vec![]);
    }

    fn apply(&mut self, kustomization: &Declared, open: &mut Vec<String>) {
        let own = key(kustomization);
        if self.below.len() > MOST || !self.below.insert(format!("{own} {}", kustomization.root.to_json())) {
            return;
        }
        if self.below.len() > MOST {
            let message = format!("more than {MOST} Kustomizations are applied through one");
            self.found.unresolved(None, "", Problem::new(kustomization.root.location, message));
            return;
        }
        let Some(path) = self.folder(kustomization) else {
            let problem = nowhere::problem(self.world, &self.objects, self.all, kustomization);
            self.found.say(&kustomization.profile_name(), strange(kustomization).into_iter().chain(problem));
            return;
        };
        if open.contains(&own) {
            return;
        }
        if open.len() >= DEEPEST {
            let message = format!("Kustomizations apply each other more than {DEEPEST} levels deep");
            self.found.unresolved(None, "", Problem::new(kustomization.root.location, message));
            return;
        }
        self.done.insert(own.clone());
        open.push(own);
        let files = self.world.files;
        let (objects, read) = files.recorded(|| {
            files.reads_all(kustomization.read.iter().cloned());
            self.objects_of(kustomization, &path)
        });
        let read = Arc::new(read);
        self.found.say(&kustomization.profile_name(), strange(kustomization));
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
        let variables = self.objects.variables(kustomization, spec, 0);
        let above: Vec<String> = kustomization
            .above
            .iter()
            .cloned()
            .chain([kustomization.path.clone(), kustomization.name().to_owned()])
            .collect();
        let mut all = self.built(kustomization, spec, path, &variables);
        for each in &mut all {
            each.problems.splice(0..0, problems.iter().cloned());
            each.above.clone_from(&above);
            each.test.clone_from(&kustomization.test);
        }
        all
    }

    /// The objects that come out of the kustomization that Flux builds.
    fn built(&mut self, by: &Declared, spec: &Node, path: &str, variables: &Variables) -> Vec<Declared> {
        let world = self.world;
        let own = world.kustomizations.get(path);
        let gathered = self.gathered(path);
        if own.is_some() {
            self.claim(path);
        }
        let declaring = own.map_or(by.path.as_str(), |own| own.path.as_str());
        let built = gathered.built(world.files, world.kustomizations, (spec, path));
        let mut problems: Vec<Problem> = built.problems.into_iter().filter(|problem| !problem.is_elsewhere).collect();
        let objects = match built.build.objects(&[]) {
            Ok(objects) => objects,
            Err(error) => {
                self.found.unresolved(None, path, unbuilt(&error));
                return vec![];
            }
        };
        let roots = objects.into_iter().map(|object| object.root);
        let roots: Vec<Node> = roots.map(|root| variables.filled(&root, world.files, &mut problems)).collect();
        let mut all = world.of_objects(declaring, roots, &problems, Read::new());
        for each in all.iter_mut().filter(|_| own.is_none()) {
            each.path = gathered.declaring(world, &each.file);
        }
        all
    }

    /// What lies below a folder without a kustomization, with the objects of Argo CD and Flux, and the ConfigMaps that those ask for.
    fn gathered(&mut self, path: &str) -> Gathered<'a> {
        let world = self.world;
        let mut gathered = Gathered::below(world.files, world.kustomizations, path);
        for overlay in &gathered.overlays {
            self.claim(overlay);
        }
        let (mut others, mut spoken) = (BTreeSet::new(), vec![]);
        for file in &gathered.files {
            let Some(documents) = world.written.get(file) else {
                others.insert(*file);
                continue;
            };
            self.claimed.insert((*file).to_owned());
            world.files.reads(file);
            spoken.extend(documents.iter().cloned());
        }
        let maps = self.objects.asked(&others, &spoken);
        let maps = maps.into_iter().map(|(_, root)| Document { source: root.location.source, root: root.clone() });
        gathered.documents = spoken.iter().cloned().chain(maps).collect();
        gathered
    }

    /// Notes that a kustomization, and all that it gathers, is applied.
    fn claim(&mut self, folder: &str) {
        let kustomizations = self.world.kustomizations;
        self.claimed.extend(kustomizations.get(folder).map(|kustomization| kustomization.path.clone()));
        self.claimed.extend(kustomizations.files(folder).into_iter().map(str::to_owned));
    }
}
