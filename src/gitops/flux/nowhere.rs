//! Flux Kustomizations whose `path` is no folder of this repository: wrong where their source surely is this one, else of another.

use super::objects::Objects;
use super::origin::branch;
use super::{BOOTSTRAPPED, SOURCES};
use crate::gitops::declared::{Declared, World};
use crate::gitops::path::join;
use crate::gitops::{Problem, Search, text};
use crate::source::below;
use crate::yaml::Node;

/// What is wrong with the `path` of a Kustomization, whose folder is not here.
pub(super) fn problem(
    world: &World<'_>,
    objects: &Objects<'_>,
    all: &[&Declared],
    kustomization: &Declared,
) -> Option<Problem> {
    let path = kustomization.root.get("spec")?.get("path")?;
    let written = path.scalar_text().filter(|written| !written.contains("${"))?;
    let Some(folder) = join("", written) else {
        return Some(Problem::new(path.location, format!("`path: {written}` leads out of the repository")));
    };
    let reference = kustomization.root.get("spec")?.get("sourceRef")?;
    let name = source(kustomization)?;
    let message = || format!("`path: {folder}` is not in this repository, which is the GitRepository `{name}`");
    let is_lost = !folder.is_empty() && is_own(world.files.search, objects, all, kustomization, (reference, name));
    is_lost.then(|| Problem::new(path.location, message()))
}

/// The name of the GitRepository that a Kustomization applies from.
fn source(kustomization: &Declared) -> Option<&str> {
    let source = kustomization.root.get("spec")?.get("sourceRef")?;
    text(source, "name").filter(|_| text(source, "kind") == Some("GitRepository"))
}

/// Whether a source surely is this repository.
fn is_own(
    search: &Search<'_>,
    objects: &Objects<'_>,
    all: &[&Declared],
    near: &Declared,
    (reference, name): (&Node, &str),
) -> bool {
    let declared = objects.find(("GitRepository", SOURCES), reference, near).ok();
    let spec = declared.and_then(|object| object.root.get("spec"));
    let url = spec.and_then(|spec| text(spec, "url")).unwrap_or("");
    if spec.is_some_and(|spec| search.own.is(url, branch(spec))) {
        return true;
    }
    // What applies the very file that declares it, or its source, applies this repository.
    let applies_itself = |each: &&Declared| {
        let path = each.root.get("spec").and_then(|spec| join("", text(spec, "path")?));
        let holds = |file: &str| path.as_deref().is_some_and(|path| below(file, path).is_some());
        source(each) == Some(name) && (holds(&each.file) || declared.is_some_and(|object| holds(&object.file)))
    };
    all.iter().any(applies_itself) || (name == BOOTSTRAPPED && !search.own.is_other(url))
}
