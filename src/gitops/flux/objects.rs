//! The objects that HelmReleases and Flux Kustomizations speak of by name.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::substitute::Variables;
use super::{KUSTOMIZE, data, references};
use crate::gitops::declared::{Declared, World};
use crate::gitops::fields::{Single, Type};
use crate::gitops::files::{self, Files};
use crate::gitops::kustomize::Kustomizations;
use crate::gitops::kustomize::generator::is_hashed;
use crate::gitops::path::{folder, join};
use crate::gitops::{Problem, text};
use crate::kustomize::edit;
use crate::source::{Look, below};
use crate::text::Source;
use crate::yaml::{Document, Mapping, Node, Value};

/// ConfigMaps of Kustomizations of ConfigMaps.
const DEEPEST: usize = 8;
/// Whether a text may hold ConfigMaps.
const CONFIG_MAPS: Look = Look::at(&[&["ConfigMap"]]);

/// Objects of the repository with the file that each stands in.
pub(super) struct Objects<'a> {
    files: &'a Files<'a>,
    kustomizations: &'a Kustomizations,
    declared: Vec<Declared>,
    /// ConfigMaps, read where anything asks for them.
    maps: Vec<(String, Node)>,
    /// What could not be read and may be others: why, in words, and the text, empty where none is known.
    unread: Vec<(String, Arc<Source>)>,
}

impl<'a> Objects<'a> {
    pub(super) fn new<'d>(world: &World<'a>, declared: impl IntoIterator<Item = &'d Declared>) -> Self {
        let declared: Vec<Declared> = declared.into_iter().cloned().collect();
        let asks = |each: &Declared| {
            each.root
                .get("spec")
                .is_some_and(|spec| spec.get("valuesFrom").is_some() || spec.get("postBuild").is_some())
        };
        let (files, kustomizations) = (world.files, world.kustomizations);
        let asks_any = declared.iter().any(asks);
        let mut objects = Self { files, kustomizations, declared, maps: vec![], unread: vec![] };
        if asks_any {
            objects.read_maps(world);
        }
        objects
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
            Some(Map { root, file: Some(file) }) => Some(self.substituted(root, &file, near, depth)?),
            found => found.map(|map| map.root),
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

    /// A ConfigMap of a file as the Kustomization leaves it that applies the file.
    fn substituted(&self, map: Node, file: &str, near: &Declared, depth: usize) -> Result<Node, String> {
        let name = named(&map).unwrap_or_default();
        let is_open = map.get("data").is_some_and(|data| holds(data, "${"));
        let changing: Vec<&Declared> = if is_open { self.substituting(file).collect() } else { vec![] };
        let said = |by: &Declared, why: &str| {
            format!("what the Kustomization `{}` makes of the ConfigMap `{name}` {why}", by.name())
        };
        let (by, spec) = match changing.as_slice() {
            [] => return Ok(map),
            [by] => (*by, by.root.get("spec").unwrap_or(&by.root)),
            [by, ..] => return Err(said(by, "is not known, as others apply its file as well")),
        };
        if by.name() == near.name() && by.file == near.file {
            return Err(said(by, "is what itself reads"));
        }
        if depth >= DEEPEST || spec.get("postBuild").is_some_and(|post_build| holds(post_build, "${")) {
            return Err(said(by, "is not followed: its variables are made of others"));
        }
        let mut problems = vec![];
        let filled = self.variables(by, spec, depth + 1).filled(&map, self.files, &mut problems);
        match problems.pop() {
            Some(problem) => Err(said(by, &format!("is not followed: {}", problem.message))),
            None => Ok(filled),
        }
    }

    /// The Kustomizations that apply a file and fill in variables.
    fn substituting(&self, file: &str) -> impl Iterator<Item = &Declared> {
        let applies = move |each: &&Declared| {
            let spec = each.root.get("spec").filter(|spec| spec.get("postBuild").is_some());
            let folder = spec.and_then(|spec| join("", text(spec, "path").unwrap_or("")));
            folder.is_some_and(|folder| match self.kustomizations.get(&folder) {
                Some(_) => self.kustomizations.applies(&folder, file),
                None => !folder.is_empty() && below(file, &folder).is_some(),
            })
        };
        self.declared.iter().filter(|each| each.is("Kustomization", KUSTOMIZE)).filter(applies)
    }

    fn named_map(&self, name: &str, near: &Declared) -> Result<Option<Map>, String> {
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
            return Ok(Some(Map { root: (*root).clone(), file: None }));
        }
        let may_be = |(_, source): &&(String, Arc<Source>)| source.text.is_empty() || source.text.contains(name);
        if let Some((unread, _)) = self.unread.iter().find(may_be) {
            return Err(format!("where the ConfigMap `{name}` is cannot be told: {unread}"));
        }
        let found: Vec<_> = self.maps.iter().filter(|(_, root)| is_named(root) && !is_hashed(root)).collect();
        let elsewhere = |(_, root): &&(String, Node)| {
            namespace(root).zip(near.namespace()).is_some_and(|(own, wanted)| own != wanted)
        };
        if let Some((_, root)) = found.first().filter(|_| found.iter().all(elsewhere)) {
            let (own, wanted) = (namespace(root).unwrap_or_default(), near.namespace().unwrap_or_default());
            return Err(format!(
                "the ConfigMap `{name}` is in the namespace `{own}`, and Flux looks for it in `{wanted}`"
            ));
        }
        let mut found = in_namespace(found, near.namespace(), |(_, root)| namespace(root));
        found.sort_by_key(|(file, _)| std::cmp::Reverse(shared(file, &near.file)));
        match found.as_slice() {
            [] => Ok(None),
            [first, second, ..]
                if shared(&first.0, &near.file) == shared(&second.0, &near.file)
                    && !first.1.same_meaning(&second.1) =>
            {
                Err(format!("more than one ConfigMap of this repository is named `{name}`"))
            }
            [first, ..] => {
                self.files.reads(&first.0);
                let data = first.1.get("data").and_then(Node::as_map).map(Mapping::entries);
                let mut last = None;
                for entry in data.unwrap_or_default() {
                    // Many entries are of one file.
                    if last.replace(entry.value.location.source) != Some(entry.value.location.source) {
                        self.files.reads_at(entry.value.location);
                    }
                }
                Ok(Some(Map { root: first.1.clone(), file: Some(first.0.clone()) }))
            }
        }
    }

    /// The ConfigMaps of a folder that releases take values from, each with its file.
    pub(super) fn maps_below(&self, folder: &str, releases: &[Document]) -> Vec<(&str, &Node)> {
        let specs = releases.iter().filter_map(|release| release.root.get("spec"));
        let asked: BTreeSet<&str> =
            specs.flat_map(|spec| super::references(spec, "valuesFrom")).map(|(_, _, name)| name).collect();
        let is_asked = |(file, root): &&(String, Node)| {
            below(file, folder).is_some() && named(root).is_some_and(|name| asked.contains(name))
        };
        self.maps.iter().filter(is_asked).map(|(file, root)| (file.as_str(), root)).collect()
    }

    /// Whether the kustomization of a release follows the names of ConfigMaps in it.
    fn refers(&self, near: &Declared) -> bool {
        let kind = text(&near.root, "kind").unwrap_or("");
        self.kustomizations.refers(self.files, folder(&near.path), kind)
    }

    /// Every ConfigMap that is written out or generated.
    fn read_maps(&mut self, world: &World<'_>) {
        let mut problems = vec![];
        for (path, documents) in world.files.holding(CONFIG_MAPS) {
            match documents {
                Ok(documents) => {
                    let maps = files::objects(&documents)
                        .into_iter()
                        .filter(|document| text(&document.root, "kind") == Some("ConfigMap"));
                    self.maps.extend(maps.map(|document| (path.to_owned(), document.root)));
                }
                Err(problem) => problems.push(problem),
            }
        }
        self.maps.extend(world.kustomizations.generated(world.files, &mut problems));
        let sources = world.files.search.sources;
        let unread = problems.into_iter().map(|problem| (problem.message, sources.get(problem.at.source)));
        self.unread.extend(unread);
    }
}

/// A ConfigMap that was found.
struct Map {
    root: Node,
    /// The file that it stands in, where it is not applied with who asks.
    file: Option<String>,
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

/// The name of an object.
fn named(root: &Node) -> Option<&str> {
    root.get("metadata").and_then(|metadata| text(metadata, "name"))
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
