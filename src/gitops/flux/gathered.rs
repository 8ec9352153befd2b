//! What Flux builds for a Kustomization: the kustomization of its folder, or one that it writes for what lies there.

use super::generated;
use crate::gitops::declared::World;
use crate::gitops::files::Files;
use crate::gitops::kustomize::{Built, Kustomizations, Reader};
use crate::gitops::path::folder;
use crate::kustomize::{Part, edit};
use crate::text::Location;
use crate::yaml::{Document, Node};

/// What a Kustomization applies of a folder without a kustomization: Flux gathers every file, and every folder with a kustomization.
#[derive(Default)]
pub(super) struct Gathered<'a> {
    /// Folders with a kustomization.
    pub(super) overlays: Vec<&'a str>,
    /// All other files.
    pub(super) files: Vec<&'a str>,
    /// The objects of those files that are read.
    pub(super) documents: Vec<Document>,
}

impl<'a> Gathered<'a> {
    /// What lies below a folder, of which nothing is read yet; nothing where the folder has a kustomization of its own.
    pub(super) fn below(files: &Files<'a>, kustomizations: &'a Kustomizations, path: &str) -> Self {
        let mut gathered = Self::default();
        if kustomizations.get(path).is_some() {
            return gathered;
        }
        for file in files.below(path) {
            match kustomizations.above(folder(file), path) {
                Some(overlay) if gathered.overlays.contains(&overlay) => {}
                Some(overlay) => gathered.overlays.push(overlay),
                None => gathered.files.push(file),
            }
        }
        gathered
    }

    /// What Flux builds of a folder for a Kustomization.
    pub(super) fn built(
        &self,
        files: &Files<'_>,
        kustomizations: &Kustomizations,
        (spec, path): (&Node, &str),
    ) -> Built {
        let own = kustomizations.get(path);
        let mut problems = own.map(|own| own.problems.clone()).unwrap_or_default();
        let root = generated::root(files, own.map(|own| &own.root), spec, path, &mut problems);
        let root = if own.is_some() { root } else { self.resources(&root, spec.location) };
        let mut built = Reader::new(files, kustomizations, None).applied(path, root, self.parts());
        problems.append(&mut built.problems);
        built.problems = problems;
        built
    }

    /// A kustomization's root with the folders as resources.
    fn resources(&self, root: &Node, at: Location) -> Node {
        let all = self.overlays.iter().map(|folder| edit::text(format!("/{folder}"), at)).collect();
        edit::with(root, "resources", edit::list(all, at))
    }

    /// The objects, and those of other kinds, which are not read.
    fn parts(&self) -> Vec<Part> {
        let objects = self.documents.iter().cloned().map(Part::Object);
        if self.overlays.is_empty() && self.documents.is_empty() {
            vec![]
        } else {
            objects.chain([Part::Elsewhere]).collect()
        }
    }

    /// The file that declares an object which stands in a file: that, or the overlay that it comes through.
    pub(super) fn declaring(&self, world: &World<'_>, file: &str) -> String {
        let through = self.overlays.iter().find(|overlay| world.kustomizations.files(overlay).contains(file));
        let overlay = through.and_then(|overlay| world.kustomizations.get(overlay));
        overlay.map_or_else(|| file.to_owned(), |overlay| overlay.path.clone())
    }
}
