//! The objects that HelmReleases and Flux Kustomizations speak of by name.

use crate::gitops::declared::{Declared, World};
use crate::gitops::files;
use crate::gitops::path::folder;
use crate::gitops::text;
use crate::yaml::Node;

/// Objects of the repository with the file that each stands in.
pub(super) struct Objects {
    declared: Vec<Declared>,
    /// ConfigMaps, read where anything asks for them.
    maps: Vec<(String, Node)>,
}

impl Objects {
    pub(super) fn new(world: &World<'_>, declared: &[Declared]) -> Self {
        let asks = |each: &Declared| {
            each.root
                .get("spec")
                .is_some_and(|spec| spec.get("valuesFrom").is_some() || spec.get("postBuild").is_some())
        };
        let maps = if declared.iter().any(asks) { config_maps(world) } else { vec![] };
        Self { declared: declared.to_vec(), maps }
    }

    /// The object of a kind and name that lies nearest to a release; an `Err` says in words why there is none.
    pub(super) fn find(&self, (kind, group): (&str, &str), name: &str, near: &Declared) -> Result<&Declared, String> {
        let mut found: Vec<_> =
            self.declared.iter().filter(|each| each.is(kind, group) && each.name() == name).collect();
        found.sort_by_key(|each| std::cmp::Reverse(shared(&each.file, &near.file)));
        match found.as_slice() {
            [] => Err(format!("the {kind} `{name}` is not in this repository")),
            [first, rest @ ..] => {
                let is_as_near =
                    |other: &&&Declared| shared(&other.file, &near.file) == shared(&first.file, &near.file);
                let is_other = |other: &&Declared| !other.root.same_meaning(&first.root);
                if rest.iter().filter(is_as_near).any(is_other) {
                    return Err(format!("more than one {kind} of this repository is named `{name}`"));
                }
                Ok(first)
            }
        }
    }

    /// The ConfigMap of a name that is applied with a release, else the one that lies nearest.
    pub(super) fn map(&self, name: &str, near: &Declared) -> Result<Node, String> {
        let is_named = |root: &Node| root.get("metadata").and_then(|metadata| text(metadata, "name")) == Some(name);
        let beside = near.beside.iter().find(|root| text(root, "kind") == Some("ConfigMap") && is_named(root));
        if let Some(root) = beside {
            return Ok(root.clone());
        }
        let mut found: Vec<_> = self.maps.iter().filter(|(_, root)| is_named(root)).collect();
        found.sort_by_key(|(file, _)| std::cmp::Reverse(shared(file, &near.file)));
        match found.as_slice() {
            [] => Err(format!("the ConfigMap `{name}` is not in this repository")),
            [first, second, ..]
                if shared(&first.0, &near.file) == shared(&second.0, &near.file)
                    && !first.1.same_meaning(&second.1) =>
            {
                Err(format!("more than one ConfigMap of this repository is named `{name}`"))
            }
            [first, ..] => Ok(first.1.clone()),
        }
    }
}

/// Every ConfigMap that is written out or generated.
fn config_maps(world: &World<'_>) -> Vec<(String, Node)> {
    let search = world.files.search;
    let is_yaml =
        |path: &&String| (path.ends_with(".yaml") || path.ends_with(".yml")) && !world.files.is_template(path);
    let mut found = vec![];
    for path in search.paths.iter().filter(is_yaml) {
        let speaks = |data: Vec<u8>| String::from_utf8(data).is_ok_and(|text| text.contains("ConfigMap"));
        if search.tree.read(path, crate::source::FILE_LIMIT).is_ok_and(speaks) {
            let Ok(documents) = world.files.documents(path) else { continue };
            let maps = files::objects(&documents)
                .into_iter()
                .filter(|document| text(&document.root, "kind") == Some("ConfigMap"));
            found.extend(maps.map(|document| (path.clone(), document.root)));
        }
    }
    found.extend(world.kustomizations.generated(world.files));
    found
}

/// How many folders two paths have in common.
fn shared(left: &str, right: &str) -> usize {
    folder(left).split('/').zip(folder(right).split('/')).take_while(|(left, right)| left == right).count()
}
