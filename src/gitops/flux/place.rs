//! Which folder of this repository a Flux Kustomization applies.

use super::{BOOTSTRAPPED, KUSTOMIZE, SOURCES};
use crate::gitops::declared::Declared;
use crate::gitops::files::Files;
use crate::gitops::kustomize::Kustomizations;
use crate::gitops::path::join;
use crate::gitops::text;
use crate::yaml::Node;

/// Where Kustomizations of Flux are looked up.
#[derive(Clone, Copy)]
pub(super) struct Places<'s> {
    pub(super) files: &'s Files<'s>,
    pub(super) kustomizations: &'s Kustomizations,
    /// Every object that is declared.
    pub(super) declared: &'s [Declared],
}

/// Whether the root of a source is the root of this repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Root {
    Here,
    Elsewhere,
    /// Nothing here says so or otherwise.
    Unknown,
}

impl Places<'_> {
    /// The folder of this repository that a Kustomization applies, links followed.
    pub(super) fn folder(self, kustomization: &Declared) -> Option<String> {
        let path = written(kustomization)?;
        let is_here = !path.is_empty() || self.root(kustomization) == Root::Here;
        let place = self.files.place(&path);
        (is_here && self.files.is_folder(&place)).then_some(place)
    }

    /// Whether the root of its source is this repository's.
    pub(super) fn root(self, kustomization: &Declared) -> Root {
        let Some((kind, name)) = source(kustomization) else { return Root::Elsewhere };
        if name == BOOTSTRAPPED {
            return Root::Here;
        }
        if kind != "GitRepository" {
            return Root::Elsewhere;
        }
        let own = &self.files.search.own;
        let sources: Vec<&Declared> = self.sources(kustomization, name).collect();
        let url = |each: &Declared| each.root.get("spec").and_then(|spec| text(spec, "url")).unwrap_or("").to_owned();
        if sources.iter().any(|each| own.names(&url(each))) {
            return Root::Here;
        }
        if !sources.is_empty() && sources.iter().all(|each| own.is_other(&url(each))) {
            return Root::Elsewhere;
        }
        let gathered = self.kustomizations.files("");
        let is_gathered = |each: &Declared| gathered.contains(each.file.as_str());
        let is_here = is_gathered(kustomization) || sources.into_iter().any(is_gathered) || self.is_used(name);
        if is_here { Root::Here } else { Root::Unknown }
    }

    /// The repositories that a Kustomization may mean.
    fn sources<'k>(&'k self, kustomization: &'k Declared, name: &'k str) -> impl Iterator<Item = &'k Declared> {
        let reference = kustomization.root.get("spec").and_then(|spec| spec.get("sourceRef"));
        let wanted = reference.and_then(|reference| text(reference, "namespace")).or_else(|| kustomization.namespace());
        let all = self.declared.iter().filter(move |each| each.is("GitRepository", SOURCES) && each.name() == name);
        all.filter(move |each| each.namespace().zip(wanted).is_none_or(|(own, wanted)| own == wanted))
    }

    /// Whether another Kustomization takes a folder of this repository from a source of that name.
    fn is_used(self, name: &str) -> bool {
        let all = self.declared.iter().filter(|each| each.is("Kustomization", KUSTOMIZE));
        let mut named = all.filter(|each| source(each) == Some(("GitRepository", name))).filter_map(written);
        named.any(|path| !path.is_empty() && self.files.is_folder(&path))
    }
}

/// The path of a Kustomization, from the root of its source; none where it leads out of that.
pub(super) fn written(kustomization: &Declared) -> Option<String> {
    join("", kustomization.root.get("spec").and_then(|spec| text(spec, "path")).unwrap_or(""))
}

/// Kind and name of its source.
fn source(kustomization: &Declared) -> Option<(&str, &str)> {
    let source: &Node = kustomization.root.get("spec")?.get("sourceRef")?;
    Some((text(source, "kind")?, text(source, "name")?))
}
