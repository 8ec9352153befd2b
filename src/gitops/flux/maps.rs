//! ConfigMaps as the kustomizations leave them that gather them, before Flux fills in variables.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;
use std::sync::Arc;

use super::KUSTOMIZE;
use super::gathered::Gathered;
use super::place::Places;
use crate::gitops::declared::Declared;
use crate::gitops::files::{self, Files, Read};
use crate::gitops::kustomize::{Built, Kustomizations, Reader};
use crate::gitops::path::folder;
use crate::gitops::text;
use crate::source::{Look, below};
use crate::text::Source;
use crate::yaml::{Document, Node};

/// Whether a text may hold ConfigMaps.
const CONFIG_MAPS: Look = Look::at(&[&["ConfigMap"]]);

/// ConfigMaps of the repository, and what is made of them.
pub(super) struct Maps<'a> {
    files: &'a Files<'a>,
    kustomizations: &'a Kustomizations,
    /// Those that are written or generated, each with its file.
    written: Vec<(String, Node)>,
    /// What could not be read and may be others: why, in words, and the text, empty where none is known.
    unread: Vec<(String, Arc<Source>)>,
    /// What was built so far.
    made: RefCell<BTreeMap<Applier, Rc<Outcome>>>,
}

/// What applies ConfigMaps.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Applier {
    /// A kustomization by itself, by its folder.
    Overlay(String),
    /// A Kustomization of Flux, by its place among what is declared.
    Flux(usize),
}

/// What comes out of what applies ConfigMaps.
struct Outcome {
    maps: Vec<Node>,
    read: Read,
    /// Why these may be others, in words.
    problem: Option<String>,
}

/// A ConfigMap that was found.
#[derive(Clone)]
pub(super) struct Map {
    /// The object.
    pub(super) root: Node,
    /// The file that it stands in.
    pub(super) file: String,
    /// What applies it, where anything does.
    pub(super) by: Option<Applier>,
    /// Why it may be another, in words.
    pub(super) problem: Option<String>,
    /// The files that it rests on.
    pub(super) read: Read,
}

impl<'a> Maps<'a> {
    /// Every ConfigMap that is written out or generated.
    pub(super) fn read(files: &'a Files<'a>, kustomizations: &'a Kustomizations) -> Self {
        let mut maps = Self { files, kustomizations, written: vec![], unread: vec![], made: RefCell::default() };
        let mut problems = vec![];
        for (path, documents) in files.holding(CONFIG_MAPS) {
            match documents {
                Ok(documents) => {
                    let all = files::objects(&documents)
                        .into_iter()
                        .filter(|document| text(&document.root, "kind") == Some("ConfigMap"));
                    maps.written.extend(all.map(|document| (path.to_owned(), document.root)));
                }
                Err(problem) => problems.push(problem),
            }
        }
        maps.written.extend(kustomizations.generated(files, &mut problems));
        let sources = files.search.sources;
        let unread = problems.into_iter().map(|problem| (problem.message, sources.get(problem.at.source)));
        maps.unread.extend(unread);
        maps
    }

    /// Why a ConfigMap of a name may be where nothing can be read, in words.
    pub(super) fn unread(&self, name: &str) -> Option<&str> {
        let may_be = |(_, source): &&(String, Arc<Source>)| source.text.is_empty() || source.text.contains(name);
        self.unread.iter().find(may_be).map(|(why, _)| why.as_str())
    }

    /// The ConfigMaps that have a name once they are applied. `declared` are the objects among which are Flux's Kustomizations.
    pub(super) fn named(&self, name: &str, declared: &[Declared]) -> Vec<Map> {
        // Kustomizations put something before and behind names.
        let may_become = |(_, root): &&(String, Node)| named(root).is_some_and(|own| name.contains(own));
        let is_named = |map: &Map| named(&map.root) == Some(name);
        let all = self.written.iter().filter(may_become);
        all.flat_map(|(file, root)| self.of(file, root, declared)).filter(is_named).collect()
    }

    /// What becomes of a ConfigMap: as it is written, where nothing applies it.
    fn of(&self, file: &str, root: &Node, declared: &[Declared]) -> Vec<Map> {
        let map = |root: &Node, by: Option<Applier>, problem: Option<String>, read: Read| Map {
            root: root.clone(),
            file: file.to_owned(),
            by,
            problem,
            read,
        };
        let appliers = self.appliers(file, declared);
        if appliers.is_empty() {
            return vec![map(root, None, None, Read::new())];
        }
        let mut all = vec![];
        for by in appliers {
            let made = self.made(&by, declared);
            let same = made.maps.iter().filter(|each| each.location == root.location);
            let before = all.len();
            all.extend(same.map(|each| map(each, Some(by.clone()), made.problem.clone(), made.read.clone())));
            // What cannot be built may leave it as it is.
            if all.len() == before && made.problem.is_some() {
                all.push(map(root, Some(by), made.problem.clone(), made.read.clone()));
            }
        }
        all
    }

    fn places<'s>(&'s self, declared: &'s [Declared]) -> Places<'s> {
        Places { files: self.files, kustomizations: self.kustomizations, declared }
    }

    /// What applies a file: Flux's Kustomizations, else kustomizations that no other builds on.
    fn appliers(&self, file: &str, declared: &[Declared]) -> Vec<Applier> {
        let kustomizations = declared.iter().enumerate().filter(|(_, each)| each.is("Kustomization", KUSTOMIZE));
        let flux = kustomizations
            .filter(|(_, each)| self.places(declared).folder(each).is_some_and(|folder| self.applies(&folder, file)));
        let flux: Vec<_> = flux.map(|(index, _)| Applier::Flux(index)).collect();
        if !flux.is_empty() {
            return flux;
        }
        let roots = self.kustomizations.roots();
        let overlays = roots.into_iter().filter(|root| self.kustomizations.applies(root, file));
        overlays.map(|root| Applier::Overlay(root.to_owned())).collect()
    }

    /// Whether a Kustomization of Flux that applies a folder applies a file.
    fn applies(&self, applied: &str, file: &str) -> bool {
        if self.kustomizations.get(applied).is_some() {
            return self.kustomizations.applies(applied, file);
        }
        let is_below = applied.is_empty() || below(file, applied).is_some();
        let overlay = self.kustomizations.above(folder(file), applied).filter(|_| is_below);
        match overlay {
            Some(overlay) => self.kustomizations.applies(overlay, file),
            None => is_below || self.gathers(applied, file),
        }
    }

    /// Whether a kustomization below a folder gathers a file that lies elsewhere.
    fn gathers(&self, applied: &str, file: &str) -> bool {
        let gathered = Gathered::below(self.files, self.kustomizations, applied);
        gathered.overlays.iter().any(|overlay| self.kustomizations.applies(overlay, file))
    }

    fn made(&self, by: &Applier, declared: &[Declared]) -> Rc<Outcome> {
        if let Some(known) = self.made.borrow().get(by) {
            return Rc::clone(known);
        }
        let (built, mut read) = self.files.recorded(|| match by {
            Applier::Overlay(folder) => Reader::new(self.files, self.kustomizations, None).read(folder),
            Applier::Flux(index) => self.by_flux(&declared[*index], declared),
        });
        if let Applier::Flux(index) = by {
            read.extend(declared[*index].read.iter().cloned());
        }
        let problem = built.problems.iter().find(|problem| !problem.is_elsewhere);
        let problem = problem.map(|problem| problem.message.clone());
        let made = match built.build.objects(&[]) {
            Ok(objects) => {
                let maps = objects.into_iter().map(|object| object.root);
                let maps = maps.filter(|root| text(root, "kind") == Some("ConfigMap")).collect();
                Outcome { maps, read, problem }
            }
            Err(error) => Outcome { maps: vec![], read, problem: problem.or(Some(error.message)) },
        };
        let made = Rc::new(made);
        self.made.borrow_mut().insert(by.clone(), Rc::clone(&made));
        made
    }

    fn by_flux(&self, kustomization: &Declared, declared: &[Declared]) -> Built {
        let folder = self.places(declared).folder(kustomization);
        let Some((folder, spec)) = folder.zip(kustomization.root.get("spec")) else { return Built::default() };
        let mut gathered = Gathered::below(self.files, self.kustomizations, &folder);
        let free: BTreeSet<&str> = gathered.files.iter().copied().collect();
        let maps = self.written.iter().filter(|(file, _)| free.contains(file.as_str()));
        gathered.documents.extend(maps.map(|(_, root)| Document { source: root.location.source, root: root.clone() }));
        gathered.built(self.files, self.kustomizations, (spec, &folder))
    }

    /// Those of some files that have one of some names, each with its file.
    pub(super) fn among(&self, paths: &BTreeSet<&str>, names: &BTreeSet<&str>) -> Vec<(&str, &Node)> {
        let is_meant = |(file, root): &&(String, Node)| {
            paths.contains(file.as_str()) && named(root).is_some_and(|name| names.contains(name))
        };
        self.written.iter().filter(is_meant).map(|(file, root)| (file.as_str(), root)).collect()
    }
}

/// The name of an object.
pub(super) fn named(root: &Node) -> Option<&str> {
    root.get("metadata").and_then(|metadata| text(metadata, "name"))
}
