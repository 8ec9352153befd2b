//! The objects that HelmReleases and Flux Kustomizations speak of by name.

use std::cell::OnceCell;
use std::collections::BTreeSet;

use super::maps::{Applier, Map, Maps, named};
use super::place::Places;
use super::substitute::Variables;
use super::{data, references};
use crate::gitops::declared::{Declared, World};
use crate::gitops::fields::{Single, Type};
use crate::gitops::files::Files;
use crate::gitops::kustomize::Kustomizations;
use crate::gitops::kustomize::generator::is_hashed;
use crate::gitops::path::folder;
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::yaml::{Document, Mapping, Node, Value};

/// ConfigMaps of Kustomizations of ConfigMaps.
const DEEPEST: usize = 8;

/// Objects of the repository with the file that each stands in.
pub(super) struct Objects<'a> {
    files: &'a Files<'a>,
    kustomizations: &'a Kustomizations,
    declared: Vec<Declared>,
    /// ConfigMaps, read where anything asks for them.
    maps: OnceCell<Maps<'a>>,
}

impl<'a> Objects<'a> {
    pub(super) fn new<'d>(world: &World<'a>, declared: impl IntoIterator<Item = &'d Declared>) -> Self {
        let declared = declared.into_iter().cloned().collect();
        Self { files: world.files, kustomizations: world.kustomizations, declared, maps: OnceCell::new() }
    }

    /// Where Kustomizations are looked up.
    pub(super) fn places(&self) -> Places<'_> {
        Places { files: self.files, kustomizations: self.kustomizations, declared: &self.declared }
    }

    fn maps(&self) -> &Maps<'a> {
        self.maps.get_or_init(|| Maps::read(self.files, self.kustomizations))
    }

    /// The ConfigMaps of some files that releases take values from, each with its file.
    pub(super) fn asked(&self, paths: &BTreeSet<&str>, releases: &[Document]) -> Vec<(&str, &Node)> {
        let specs = releases.iter().filter_map(|release| release.root.get("spec"));
        let names: BTreeSet<&str> =
            specs.flat_map(|spec| references(spec, "valuesFrom")).map(|(_, _, name)| name).collect();
        if names.is_empty() { vec![] } else { self.maps().among(paths, &names) }
    }

    /// The object of a kind that a reference names, the one that lies nearest to a release; an `Err` says in words why there is none.
    pub(super) fn find(
        &self,
        (kind, group): (&str, &str),
        reference: &Node,
        near: &Declared,
    ) -> Result<&Declared, String> {
        let name = text(reference, "name").unwrap_or("");
        let wanted = text(reference, "namespace").filter(|wanted| !wanted.is_empty()).or_else(|| near.namespace());
        let named = self.declared.iter().filter(|each| each.is(kind, group) && each.name() == name);
        let mut found = in_namespace(named.collect(), wanted, |each| each.namespace());
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
                self.files.reads_all(first.read.iter().cloned());
                Ok(first)
            }
        }
    }

    /// The ConfigMap of a name that is applied with a release, else the one that lies nearest; none where surely none is here.
    ///
    /// # Errors
    /// In words, where there is more than one, or may be one that cannot be read.
    pub(super) fn map(&self, name: &str, near: &Declared) -> Result<Option<Node>, String> {
        self.map_through(name, near, 0)
    }

    /// The same, so many Kustomizations away from who asks.
    fn map_through(&self, name: &str, near: &Declared, depth: usize) -> Result<Option<Node>, String> {
        let found = match self.named_map(name, near)? {
            Found::Beside(root) => Some(root),
            Found::Applied(maps) => {
                let finished = |map: &Map| self.finished(map, near, depth);
                let mut all = maps.iter().map(finished).collect::<Result<Vec<_>, _>>()?;
                let last = all.pop();
                if all.iter().zip(&last).any(|(one, last)| !one.same_meaning(last)) {
                    return Err(format!("more than one ConfigMap of this repository is named `{name}`"));
                }
                last
            }
        };
        let refused = found.as_ref().and_then(mistyped);
        match refused {
            Some(why) => Err(format!("the ConfigMap `{name}` is refused: {why}")),
            None => Ok(found),
        }
    }

    /// The variables of a Kustomization's `postBuild`.
    pub(super) fn variables(&self, kustomization: &Declared, spec: &Node, depth: usize) -> Variables {
        let Some(post_build) = spec.get("postBuild") else { return Variables::default() };
        let mut variables = Variables::new(text(post_build, "substituteStrategy") == Some("Always"));
        for (reference, kind, name) in references(post_build, "substituteFrom") {
            let is_optional = reference.get("optional").and_then(Node::as_bool) == Some(true);
            let map = if kind == "ConfigMap" { self.map_through(name, kustomization, depth) } else { Ok(None) };
            match map {
                Ok(Some(map)) => variables.add(data(&map)),
                Ok(None) if is_optional && kind == "ConfigMap" => {}
                Ok(None) => {
                    let why = if kind == "Secret" { "not read" } else { "not in this repository" };
                    let message = format!("the variables of the {kind} `{name}` are {why}");
                    variables.unknown.push(Problem::new(reference.location, message));
                }
                Err(message) => variables.unknown.push(Problem::new(reference.location, message)),
            }
        }
        let own = post_build.get("substitute").map(edit::entries).unwrap_or_default();
        variables.add(own.into_iter().map(|entry| (entry.key.key_text().into_owned(), entry.value)).collect());
        variables
    }

    /// A ConfigMap as it comes to the cluster.
    fn finished(&self, map: &Map, near: &Declared, depth: usize) -> Result<Node, String> {
        let name = named(&map.root).unwrap_or_default();
        let by = match &map.by {
            Some(Applier::Flux(index)) => Some(&self.declared[*index]),
            Some(Applier::Overlay(_)) | None => None,
        };
        let said = |why: &str| {
            let by = match (&map.by, by) {
                (_, Some(by)) => format!("Kustomization `{}`", by.name()),
                (Some(Applier::Overlay(folder)), _) => format!("kustomization in `{folder}`"),
                _ => "file".to_owned(),
            };
            format!("what the {by} makes of the ConfigMap `{name}` {why}")
        };
        if let Some(problem) = &map.problem {
            return Err(said(&format!("is not followed: {problem}")));
        }
        if map.root.get("sops").is_some() {
            return Err(format!("the ConfigMap `{name}` is encrypted"));
        }
        self.files.reads(&map.file);
        self.files.reads_all(map.read.iter().cloned());
        self.reads_data(&map.root);
        let Some((by, spec)) = by.and_then(|by| Some((by, by.root.get("spec")?))) else { return Ok(map.root.clone()) };
        let is_open = map.root.get("data").is_some_and(|data| holds(data, "${"));
        let Some(post_build) = spec.get("postBuild").filter(|_| is_open) else { return Ok(map.root.clone()) };
        if by.name() == near.name() && by.file == near.file {
            return Err(said("is what itself reads"));
        }
        if depth >= DEEPEST || holds(post_build, "${") {
            return Err(said("is not followed: its variables are made of others"));
        }
        let mut problems = vec![];
        let filled = self.variables(by, spec, depth + 1).filled(&map.root, self.files, &mut problems);
        match problems.pop() {
            Some(problem) => Err(said(&format!("is not followed: {}", problem.message))),
            None => Ok(filled),
        }
    }

    /// Notes that the files which the data of a ConfigMap stand in are read.
    fn reads_data(&self, map: &Node) {
        let data = map.get("data").and_then(Node::as_map).map(Mapping::entries);
        let mut last = None;
        for entry in data.unwrap_or_default() {
            // Many entries are of one file.
            if last.replace(entry.value.location.source) != Some(entry.value.location.source) {
                self.files.reads_at(entry.value.location);
            }
        }
    }

    fn named_map(&self, name: &str, near: &Declared) -> Result<Found, String> {
        let is_named = |root: &Node| named(root) == Some(name);
        let beside = near.beside.iter().filter(|root| text(root, "kind") == Some("ConfigMap") && is_named(root));
        let beside = in_namespace(beside.collect(), near.namespace(), |root| namespace(root));
        if let Some(root) = beside.first() {
            if is_hashed(root) && !self.refers(near) {
                return Err(format!(
                    "kustomize adds a hash to the name of the ConfigMap `{name}`, and no `nameReference` of its `configurations` brings it here"
                ));
            }
            self.files.reads_at(root.location);
            return Ok(Found::Beside((*root).clone()));
        }
        if let Some(unread) = self.maps().unread(name) {
            return Err(format!("cannot tell where the ConfigMap `{name}` is: {unread}"));
        }
        let found = self.maps().named(name, &self.declared);
        let found: Vec<_> = found.iter().filter(|map| !is_hashed(&map.root)).collect();
        let elsewhere =
            |map: &&Map| namespace(&map.root).zip(near.namespace()).is_some_and(|(own, wanted)| own != wanted);
        if let Some(map) = found.first().filter(|_| found.iter().all(elsewhere)) {
            let (own, wanted) = (namespace(&map.root).unwrap_or_default(), near.namespace().unwrap_or_default());
            return Err(format!(
                "the ConfigMap `{name}` is in the namespace `{own}`, and Flux looks for it in `{wanted}`"
            ));
        }
        let found = in_namespace(found, near.namespace(), |map| namespace(&map.root));
        let nearest = found.iter().map(|map| self.nearness(map, near)).max();
        let is_nearest = |map: &&&Map| Some(self.nearness(map, near)) == nearest;
        Ok(Found::Applied(found.iter().filter(is_nearest).map(|map| (*map).clone()).collect()))
    }

    /// How near a ConfigMap lies to who asks, by its file and then by what applies the two.
    fn nearness(&self, map: &Map, near: &Declared) -> (usize, usize) {
        let by = match &map.by {
            None => vec![],
            Some(Applier::Overlay(folder)) => {
                vec![self.kustomizations.get(folder).map_or("", |overlay| overlay.path.as_str())]
            }
            Some(Applier::Flux(index)) => {
                let by = &self.declared[*index];
                std::iter::once(by.file.as_str()).chain(by.ways()).collect()
            }
        };
        let ways = near.ways();
        let pairs = by.iter().flat_map(|by| ways.iter().map(move |way| shared(by, way)));
        (shared(&map.file, &near.file), pairs.max().unwrap_or(0))
    }

    /// Whether the kustomization of a release follows the names of ConfigMaps in it.
    fn refers(&self, near: &Declared) -> bool {
        let kind = text(&near.root, "kind").unwrap_or("");
        self.kustomizations.refers(self.files, folder(&near.path), kind)
    }
}

/// Where a ConfigMap was found.
enum Found {
    /// Among what is applied with who asks.
    Beside(Node),
    /// As others apply it, each as near as the others; nowhere where there is none.
    Applied(Vec<Map>),
}

/// Whether a text of a node holds another.
fn holds(node: &Node, part: &str) -> bool {
    match &node.value {
        Value::Seq(items) => items.iter().any(|item| holds(item, part)),
        Value::Map(mapping) => mapping.entries().iter().any(|entry| holds(&entry.value, part)),
        _ => node.scalar_text().is_some_and(|text| text.contains(part)),
    }
}

/// What is wrong with the data of a ConfigMap, which are texts.
fn mistyped(map: &Node) -> Option<String> {
    let data = map.get("data")?;
    Type::One(Single::Texts).problems("data", data).into_iter().next().map(|problem| problem.message)
}

/// The namespace of an object.
fn namespace(root: &Node) -> Option<&str> {
    root.get("metadata").and_then(|metadata| text(metadata, "namespace"))
}

/// Those that are in a namespace or may be; all where none is, as what gives them one may not be here.
fn in_namespace<'t, T: ?Sized>(
    all: Vec<&'t T>,
    wanted: Option<&str>,
    namespace: impl Fn(&'t T) -> Option<&'t str>,
) -> Vec<&'t T> {
    let is_there = |each: &&&'t T| wanted.is_none_or(|wanted| namespace(each).is_none_or(|own| own == wanted));
    let there: Vec<_> = all.iter().filter(is_there).copied().collect();
    if there.is_empty() { all } else { there }
}

/// How many folders two paths have in common.
fn shared(left: &str, right: &str) -> usize {
    folder(left).split('/').zip(folder(right).split('/')).take_while(|(left, right)| left == right).count()
}
