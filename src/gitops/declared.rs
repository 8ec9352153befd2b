//! GitOps objects as they are applied: written out, or as the kustomizations that gather them leave them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::files::{self, Files, Read, Spoken};
use super::kustomize::{Built, Kustomizations, Reader};
use super::path::folder;
use super::{Discovered, Problem, Search, text};
use crate::kustomize::Error;
use crate::text::SourceId;
use crate::yaml::{Document, Node};

mod whole;

/// An object of Argo CD or Flux.
#[derive(Debug, Clone)]
pub(super) struct Declared {
    /// The file or the overlay that declares it: it names the profile.
    pub(super) path: String,
    /// The file that it is written in.
    pub(super) file: String,
    /// The object.
    pub(super) root: Node,
    /// Paths and names of what applies it.
    pub(super) above: Vec<String>,
    /// The objects that are applied with it.
    pub(super) beside: Arc<Vec<Node>>,
    /// What of the way to it cannot be followed.
    pub(super) problems: Vec<Problem>,
    /// The files that it rests on.
    pub(super) read: Arc<Read>,
    /// Why it is no production, where what makes it says so.
    pub(super) test: Option<String>,
}

impl Declared {
    /// An object of a file as it is written there, with those beside it and the files that it rests on; nothing is known to apply it.
    pub(super) fn new(path: &str, root: Node, beside: &Arc<Vec<Node>>, read: &Arc<Read>) -> Self {
        Self {
            path: path.to_owned(),
            file: path.to_owned(),
            root,
            above: vec![],
            beside: Arc::clone(beside),
            problems: vec![],
            read: Arc::clone(read),
            test: None,
        }
    }

    fn metadata(&self, field: &str) -> Option<&str> {
        self.root.get("metadata").and_then(|metadata| text(metadata, field))
    }

    /// Its name.
    pub(super) fn name(&self) -> &str {
        self.metadata("name").unwrap_or("")
    }

    /// Its namespace.
    pub(super) fn namespace(&self) -> Option<&str> {
        self.metadata("namespace")
    }

    /// The folder that declares it.
    pub(super) fn profile_name(&self) -> String {
        folder(&self.path).to_owned()
    }

    /// The paths and names that say what it is for.
    pub(super) fn ways(&self) -> Vec<&str> {
        std::iter::once(self.path.as_str()).chain(self.above.iter().map(String::as_str)).collect()
    }

    /// Whether what it deploys is production, and the words that say why.
    pub(super) fn is_production(&self, search: &Search<'_>, namespace: Option<&str>) -> (bool, String) {
        match &self.test {
            Some(why) => (false, why.clone()),
            None => search.is_production(&self.ways(), self.name(), namespace),
        }
    }

    /// Whether it is one of the objects of some files and overlays.
    pub(super) fn is_in(&self, paths: &BTreeSet<String>) -> bool {
        paths.contains(&self.path) || paths.contains(&self.file)
    }

    /// Whether it is of a kind and a group of APIs.
    pub(super) fn is(&self, kind: &str, group: &str) -> bool {
        text(&self.root, "kind") == Some(kind)
            && text(&self.root, "apiVersion").is_some_and(|version| version.starts_with(group))
    }
}

/// Everything that GitOps objects are found in.
pub(super) struct World<'a> {
    pub(super) files: &'a Files<'a>,
    pub(super) kustomizations: &'a Kustomizations,
    /// The objects of each file that speaks of any.
    pub(super) written: BTreeMap<&'a str, Vec<Document>>,
    /// The file of each text.
    names: BTreeMap<SourceId, &'a str>,
}

impl<'a> World<'a> {
    pub(super) fn new(
        files: &'a Files<'a>,
        kustomizations: &'a Kustomizations,
        spoken: Vec<Spoken<'a>>,
        found: &mut Discovered,
    ) -> Self {
        let mut world = Self { files, kustomizations, written: BTreeMap::new(), names: BTreeMap::new() };
        for Spoken { path, documents, problems } in spoken {
            found.say("", documents.iter().filter_map(|document| shapeless(&document.root)));
            if let Some(first) = documents.first() {
                world.names.insert(first.source, path);
                world.written.insert(path, files::objects(&documents));
            }
            for problem in problems {
                found.unresolved(None, "", problem);
            }
        }
        world
    }

    /// The objects of overlays, and those of files that no kustomization gathers. What a file has of whole objects stays that, though
    /// a kustomization takes it for a patch or, for testing alone, from outside of its folder, which kustomize refuses.
    pub(super) fn declared(&self, found: &mut Discovered) -> Vec<Declared> {
        let mut gathered: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        let mut all = vec![];
        for root in self.kustomizations.roots() {
            all.extend(self.overlay(root, found));
            for file in self.kustomizations.files(root) {
                gathered.entry(file).or_default().push(root);
            }
        }
        let changes = self.kustomizations.changes();
        for (path, documents) in &self.written {
            let by = gathered.get(path);
            if by.is_some_and(|roots| !self.is_borrowed(path, roots)) {
                continue;
            }
            let is_part = by.is_some() || changes.contains(path);
            all.extend(
                self.of_file(path, documents).into_iter().filter(|each| !is_part || whole::is_whole(&each.root)),
            );
        }
        all
    }

    /// The objects of a kustomization, where it gathers any that are read.
    pub(super) fn overlay(&self, folder: &str, found: &mut Discovered) -> Vec<Declared> {
        if !self.kustomizations.files(folder).iter().any(|path| self.written.contains_key(path)) {
            return vec![];
        }
        let read = || Reader::new(self.files, self.kustomizations, None).read(folder);
        let (built, read) = self.files.recorded(read);
        self.built(folder, built, read, found)
    }

    /// Whether a file that is no test by its path is gathered by kustomizations of tests alone, none of which it lies below.
    fn is_borrowed(&self, path: &str, roots: &[&str]) -> bool {
        let is_production = |path: &str| self.files.search.is_production(&[path], "", None).0;
        is_production(path) && !roots.iter().any(|root| is_production(root)) && !self.kustomizations.gathers_below(path)
    }

    /// The objects of a file as they are written.
    pub(super) fn of_file(&self, path: &str, documents: &[Document]) -> Vec<Declared> {
        let beside = Arc::new(documents.iter().map(|document| document.root.clone()).collect::<Vec<_>>());
        let read = Arc::new(Read::from([self.files.search.tree.shown(path)]));
        let spoken = documents.iter().filter(|document| self.is_one(path, &document.root));
        spoken.map(|document| Declared::new(path, document.root.clone(), &beside, &read)).collect()
    }

    /// The objects that a kustomization makes without its charts.
    pub(super) fn built(&self, folder: &str, built: Built, read: Read, found: &mut Discovered) -> Vec<Declared> {
        let path =
            self.kustomizations.get(folder).map_or(folder, |kustomization| kustomization.path.as_str()).to_owned();
        // What comes from elsewhere is beside the objects that are here, and changes none of them.
        let problems: Vec<Problem> = built.problems.into_iter().filter(|problem| !problem.is_elsewhere).collect();
        match built.build.objects(&[]) {
            Ok(objects) => {
                let roots = objects.into_iter().map(|object| object.root).collect();
                self.of_objects(&path, roots, &problems, read)
            }
            Err(error) => {
                found.unresolved(None, super::path::folder(&path), unbuilt(&error));
                vec![]
            }
        }
    }

    pub(super) fn of_objects(&self, path: &str, roots: Vec<Node>, problems: &[Problem], read: Read) -> Vec<Declared> {
        let (beside, read) = (Arc::new(roots), Arc::new(read));
        let file = |root: &Node| self.names.get(&root.location.source).copied().unwrap_or(path);
        let spoken = beside.iter().filter(|root| self.is_one(file(root), root));
        let declared = spoken.map(|root| Declared {
            file: file(root).to_owned(),
            problems: problems.to_vec(),
            ..Declared::new(path, root.clone(), &beside, &read)
        });
        declared.collect()
    }

    /// Whether an object of a file is one of Argo CD's or Flux's, and no template of such.
    fn is_one(&self, file: &str, root: &Node) -> bool {
        if !is_spoken(root) {
            return false;
        }
        let is_template = is_template(root);
        if is_template {
            self.files.note_template(file);
        }
        !is_template
    }
}

/// Fields that name something, in which no object has template code.
const NAMES: [&[&str]; 10] = [
    &["metadata", "name"],
    &["metadata", "namespace"],
    &["spec", "destination", "namespace"],
    &["spec", "source", "chart"],
    &["spec", "source", "path"],
    &["spec", "source", "repoURL"],
    &["spec", "chart", "spec", "chart"],
    &["spec", "path"],
    &["spec", "releaseName"],
    &["spec", "targetNamespace"],
];

/// Whether an object is what another program fills in, though it is YAML as it stands: nothing is called `{{ name }}`.
fn is_template(root: &Node) -> bool {
    let has_code = |node: &Node| node.scalar_text().is_some_and(|text| text.contains("{{") || text.contains("{%"));
    let named = |path: &&[&str]| path.iter().try_fold(root, |node, field| node.get(field)).is_some_and(has_code);
    let sources = root.get("spec").map(|spec| spec.items("sources")).unwrap_or_default();
    let mut of_sources = sources.iter().flat_map(|source| ["chart", "path", "repoURL"].map(|field| source.get(field)));
    NAMES.iter().any(named) || of_sources.any(|field| field.is_some_and(has_code))
}

/// Kinds of the tools that are read.
const KINDS: [&str; 10] = [
    "Application",
    "ApplicationSet",
    "HelmRelease",
    "Kustomization",
    "HelmChart",
    "HelmRepository",
    "OCIRepository",
    "GitRepository",
    "Bucket",
    "ExternalArtifact",
];

/// Why what looks like an object of a tool, or a list of such, is none.
fn shapeless(root: &Node) -> Option<Problem> {
    if let Some(items) = root.as_seq() {
        let is_object = |item: &Node| is_spoken(item) && text(item, "kind").is_some_and(|kind| KINDS.contains(&kind));
        let message = "a list of objects is none: they need `kind: List` and `items`, or documents of their own";
        return items.iter().any(is_object).then(|| Problem::new(root.location, message.to_owned()));
    }
    let kind = root.get("kind")?;
    match kind.scalar_text() {
        None if is_spoken(root) && !kind.is_null() => {
            Some(Problem::new(kind.location, format!("`kind` is {}, not a string", kind.kind())))
        }
        Some(written) if is_spoken(root) => {
            let known = KINDS.iter().find(|known| known.eq_ignore_ascii_case(written) && **known != written)?;
            Some(Problem::new(kind.location, format!("no cluster knows `kind: {written}`; it is spelled `{known}`")))
        }
        Some(list) if list.ends_with("List") => {
            let items = root.get("items").filter(|items| !items.is_null() && items.as_seq().is_none())?;
            Some(Problem::new(items.location, format!("`items` is {}, not a list", items.kind())))
        }
        _ => None,
    }
}

/// What kustomize cannot build: it is said once, however many overlays build on it.
pub(super) fn unbuilt(error: &Error) -> Problem {
    Problem::new(error.at, format!("kustomize cannot build what deploys charts here: {error}"))
}

/// Whether an object is one of Argo CD's or Flux's.
pub(super) fn is_spoken(root: &Node) -> bool {
    text(root, "apiVersion").is_some_and(|version| super::files::WORDS.iter().any(|word| version.contains(word)))
}
