//! The course of a search: what is declared is deployed, and what is deployed may declare more, until nothing new appears.

use std::collections::BTreeSet;

use super::declared::{Declared, World};
use super::parents::Parents;
use super::{Discovered, Fetched, Problem, Tool, argocd, fleet, flux, foreign, helmfile, kustomize, terraform, text};

/// How often objects may turn out to be applied by what charts make.
const MOST: usize = 8;

/// Adds to what was found the deployments of everything that is declared, and of what charts make of that.
pub(super) fn followed(world: &World<'_>, found: Discovered) -> Discovered {
    let mut claimed = BTreeSet::new();
    for _ in 0..MOST {
        let (mut all, later) =
            Course { world, claimed: &claimed, known: vec![], bases: BTreeSet::new() }.run(found.clone());
        if later == claimed {
            return all;
        }
        if let Some(lost) = claimed.difference(&later).next() {
            let message =
                format!("cannot tell which Kustomization applies `{lost}`: the one that makes it is applied by it");
            all.say("", [Problem::new(world.files.beginning(lost), message)]);
            return all;
        }
        claimed = later;
    }
    let mut all = found;
    let message =
        format!("charts make Kustomizations that apply charts that make others, more than {MOST} levels deep");
    let first = claimed.first().cloned().unwrap_or_default();
    all.say("", [Problem::new(world.files.beginning(&first), message)]);
    all
}

/// What fetched charts make, and what charts of the repository make of that.
pub(super) fn made(world: &World<'_>, fetched: &[Fetched<'_>]) -> Discovered {
    let (files, mut found) = (world.files, Discovered::default());
    let (nothing, mut scratch) = (BTreeSet::new(), Discovered::default());
    let mut course = Course { world, claimed: &nothing, known: vec![], bases: BTreeSet::new() };
    // What is written was found before, and may be named.
    let written = world.declared(&mut scratch);
    course.known = course.applied(written, &mut scratch).objects;
    let mut parents = Parents::of(files, &mut scratch);
    let mut all = parents.fetched(files, fetched, &mut found);
    while !all.is_empty() {
        let claimed = course.declare(all, &mut found);
        found.claimed.extend(claimed);
        all = course.of_bases(&mut found);
        if all.is_empty() {
            all = parents.made(files, &mut found);
        }
    }
    found
}

/// One course through everything.
struct Course<'w, 'a> {
    world: &'w World<'a>,
    /// Files and overlays that a Kustomization applies which a chart makes: by themselves they are nothing.
    claimed: &'w BTreeSet<String>,
    /// Everything that was declared so far.
    known: Vec<Declared>,
    /// Bases that were built as something deploys them.
    bases: BTreeSet<String>,
}

impl Course<'_, '_> {
    /// All that is found, and the files and overlays that Kustomizations of charts apply.
    fn run(mut self, mut found: Discovered) -> (Discovered, BTreeSet<String>) {
        let (files, search) = (self.world.files, self.world.files.search);
        let written = self.world.declared(&mut found);
        let paths: BTreeSet<String> = written.iter().flat_map(|each| [each.path.clone(), each.file.clone()]).collect();
        let (claimed, declared) = written.into_iter().partition(|each| each.is_in(self.claimed));
        self.known = claimed;
        if search.reads(Tool::Helmfile) {
            helmfile::discover(files, &mut found);
        }
        if search.reads(Tool::Fleet) {
            fleet::written(files, &mut found);
        }
        let mut declared: Vec<Declared> = declared;
        if search.reads(Tool::Terraform) {
            declared.extend(terraform::discover(files, &mut found));
        }
        foreign::held(self.world, &mut found);
        let mut parents = Parents::of(files, &mut found);
        if search.reads(Tool::Kustomize) {
            kustomize::deployments::discover(files, self.world.kustomizations, &mut found);
        }
        self.declare(declared, &mut found);
        let mut later = BTreeSet::new();
        loop {
            let mut made = self.of_bases(&mut found);
            if made.is_empty() {
                made = parents.made(files, &mut found);
            }
            if made.is_empty() {
                made = self.outermost(&mut parents, &mut found);
            }
            if made.is_empty() {
                later.retain(|path| paths.contains(path));
                return (found, later);
            }
            later.extend(self.declare(made, &mut found));
        }
    }

    /// What the next chart makes that nothing deploys.
    fn outermost(&self, parents: &mut Parents, found: &mut Discovered) -> Vec<Declared> {
        let charts = |declared: Vec<Declared>| {
            let mut scratch = Discovered::default();
            let applied = self.applied(declared, &mut scratch);
            self.deploy(&applied.objects, &mut scratch);
            scratch.deployments.into_iter().map(|each| each.chart).collect()
        };
        while let Some(folder) = parents.outermost(self.world.files, &charts) {
            let made = parents.follow(self.world.files, &folder, found);
            if !made.is_empty() {
                return made;
            }
        }
        vec![]
    }

    /// What the next base makes that others build on and that something deploys as it is.
    fn of_bases(&mut self, found: &mut Discovered) -> Vec<Declared> {
        let roots = self.world.kustomizations.roots();
        let next = |known: &BTreeSet<String>, found: &Discovered| {
            let mut all = found.deployed_bases.iter().chain(&found.changed_bases);
            all.find(|base| !known.contains(*base) && !roots.contains(&base.as_str())).cloned()
        };
        while let Some(base) = next(&self.bases, found) {
            let mut made = self.world.overlay(&base, found);
            self.bases.insert(base);
            made.retain(|each| !each.is_in(self.claimed));
            if !made.is_empty() {
                return made;
            }
        }
        vec![]
    }

    /// Adds the deployments of declared objects, which others may name from now on; the files and overlays that their Kustomizations apply.
    fn declare(&mut self, declared: Vec<Declared>, found: &mut Discovered) -> BTreeSet<String> {
        let flux::Applied { objects, claimed } = self.applied(declared, found);
        self.known.retain(|each| !each.is_in(&claimed));
        self.deploy(&objects, found);
        self.known.extend(objects);
        claimed
    }

    /// Declared objects as Flux applies them.
    fn applied(&self, declared: Vec<Declared>, found: &mut Discovered) -> flux::Applied {
        if self.world.files.search.reads(Tool::Flux) {
            flux::applied(self.world, &self.known, declared, found)
        } else {
            flux::Applied { objects: declared, claimed: BTreeSet::new() }
        }
    }

    /// Adds the deployments of objects.
    fn deploy(&self, objects: &[Declared], found: &mut Discovered) {
        let (world, search) = (self.world, self.world.files.search);
        let argo = argocd::Argo { files: world.files, kustomizations: world.kustomizations };
        if search.reads(Tool::Argocd) {
            for each in objects.iter().filter(|each| is_of(each, "argoproj.io/")) {
                world.files.deploying(found, |found| {
                    world.files.reads_all(each.read.iter().cloned());
                    argocd::discover(argo, each, found);
                });
            }
        }
        if search.reads(Tool::Flux) {
            flux::discover(world, &self.known, objects, found);
        }
        if search.reads(Tool::Fleet) {
            fleet::declared(world.files, objects, found);
        }
        foreign::discover(world, objects, found);
    }
}

fn is_of(declared: &Declared, group: &str) -> bool {
    text(&declared.root, "apiVersion").is_some_and(|version| version.starts_with(group))
}
