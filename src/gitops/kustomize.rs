//! Kustomizations of the repository: found by their names, read into builds, with the charts that they inflate.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::fields;
use super::files::Files;
use super::path::{folder, is_remote, join};
use super::{Problem, Search, text};
use crate::chart::values_file::production_word;
use crate::kustomize::edit;
use crate::yaml::{Document, Node};

pub(super) mod deployments;
pub(super) mod generator;
mod gone;
pub(super) mod inflation;
pub(super) mod read;
mod refused;
pub(super) mod steps;
mod together;
mod transformers;

pub(super) use read::{Built, Reader};

/// The names that kustomize looks for, in its order.
const NAMES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// A kustomization as it is written.
pub(super) struct Kustomization {
    /// Its file.
    pub(super) path: String,
    /// Its root, with its keys as kustomize spells them.
    pub(super) root: Node,
    /// What of its fields is not followed.
    pub(super) problems: Vec<Problem>,
    /// What keeps it from being read as it is meant, whatever it deploys.
    strange: Vec<Problem>,
    /// Folders of this repository that it builds on.
    bases: Vec<String>,
    /// Files of this repository that it gathers.
    files: Vec<String>,
    /// Files of this repository that say what it changes: the objects in them are parts of others.
    changes: Vec<String>,
}

/// Every kustomization of the repository, by its folder.
pub(super) struct Kustomizations {
    all: BTreeMap<String, Kustomization>,
    /// The folders of those that are deployments by themselves.
    roots: Vec<String>,
    /// What looks like one and cannot be read.
    pub(super) unread: Vec<Problem>,
}

impl Kustomizations {
    pub(super) fn read(files: &Files<'_>) -> Self {
        let mut found = Self { all: BTreeMap::new(), roots: vec![], unread: vec![] };
        let is_kustomization = |path: &&String| NAMES.contains(&path.rsplit('/').next().unwrap_or(path));
        let paths = files.search.paths.par_iter().filter(is_kustomization).filter(|path| !files.is_template(path));
        let read: Vec<_> = paths.map(|path| (path, Kustomization::read(files, path))).collect();
        for (path, read) in read {
            match read {
                Ok(Some(mut kustomization)) => {
                    let here = folder(path).to_owned();
                    if let Some(other) = found.all.remove(&here) {
                        kustomization.problems.push(beside(&kustomization, &other));
                    }
                    found.all.insert(here, kustomization);
                }
                Ok(None) => {}
                Err(problem) => found.unread.push(problem),
            }
        }
        found.roots = found.outermost(files.search);
        found
    }

    pub(super) fn get(&self, folder: &str) -> Option<&Kustomization> {
        self.all.get(folder)
    }

    /// The folders of the kustomizations that no other builds on, and of those that production is called and only tests build on.
    /// Components are nothing by themselves.
    pub(super) fn roots(&self) -> Vec<&str> {
        self.roots.iter().map(String::as_str).collect()
    }

    fn outermost(&self, search: &Search<'_>) -> Vec<String> {
        let built_upon: BTreeSet<&str> =
            self.all.values().flat_map(|each| each.bases.iter().map(String::as_str)).collect();
        let all = || self.all.iter().filter(|(_, each)| text(&each.root, "kind") != Some("Component"));
        let tops: Vec<&String> =
            all().map(|(folder, _)| folder).filter(|each| !built_upon.contains(&***each)).collect();
        let is_production = |folder: &str| search.is_production(&[folder], "", None).0;
        let (mut by_production, mut by_tests) = (BTreeSet::new(), BTreeSet::new());
        for top in &tops {
            self.reach(top, if is_production(top) { &mut by_production } else { &mut by_tests });
        }
        let is_tested = |folder: &str| by_tests.contains(folder) && !by_production.contains(folder);
        let named = all().map(|(folder, _)| folder).filter(|each| built_upon.contains(&***each));
        let named = named.filter(|each| production_word(each).is_some() && is_production(each) && is_tested(each));
        let mut found: Vec<String> = tops.iter().copied().chain(named).cloned().collect();
        found.sort();
        found
    }

    /// Kustomizations that build on each other in a circle: nothing leads to them from outside.
    pub(super) fn circles(&self) -> Vec<Problem> {
        let mut reached = BTreeSet::new();
        let components = self.all.iter().filter(|(_, each)| text(&each.root, "kind") == Some("Component"));
        let starts = self.roots().into_iter().chain(components.map(|(folder, _)| folder.as_str()));
        starts.for_each(|start| self.reach(start, &mut reached));
        let mut found = vec![];
        for (folder, each) in &self.all {
            if reached.contains(folder.as_str()) {
                continue;
            }
            let mut below = BTreeSet::new();
            each.bases.iter().for_each(|base| self.reach(base, &mut below));
            // A circle is said once, and so is what it alone leads to.
            if below.contains(folder.as_str()) {
                let message = "this kustomization builds on itself in a circle".to_owned();
                found.push(Problem::new(each.root.location, message));
                reached.extend(below);
            }
        }
        found
    }

    /// Marks a kustomization and all that it builds on.
    pub(super) fn reach<'a>(&'a self, folder: &str, reached: &mut BTreeSet<&'a str>) {
        let mut open = vec![folder];
        while let Some(folder) = open.pop() {
            let Some((folder, kustomization)) = self.all.get_key_value(folder) else { continue };
            if reached.insert(folder) {
                open.extend(kustomization.bases.iter().map(String::as_str));
            }
        }
    }

    /// Every file that a kustomization gathers, by itself and through all that it builds on.
    pub(super) fn files(&self, folder: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        self.reach(folder, &mut reached);
        reached
            .iter()
            .filter_map(|folder| self.all.get(*folder))
            .flat_map(|each| each.files.iter().map(String::as_str))
            .collect()
    }

    /// Whether a kustomization that a file lies beside or below gathers it.
    pub(super) fn gathers_below(&self, file: &str) -> bool {
        let above = crate::source::upwards(folder(file)).chain([""]);
        let mut all = above.filter_map(|folder| self.all.get(folder));
        all.any(|each| each.files.iter().any(|gathered| gathered == file))
    }

    /// Every file that a kustomization gathers.
    pub(super) fn gathered(&self) -> BTreeSet<&str> {
        self.all.values().flat_map(|each| each.files.iter().map(String::as_str)).collect()
    }

    /// Whether a kustomization gathers a file, or builds on the kustomization that is written in it.
    pub(super) fn applies(&self, folder: &str, file: &str) -> bool {
        let mut reached = BTreeSet::new();
        self.reach(folder, &mut reached);
        let mut all = reached.iter().filter_map(|folder| self.all.get(*folder));
        all.any(|each| each.path == file || each.files.iter().any(|gathered| gathered == file))
    }

    /// The outermost kustomization between a folder and one that it lies in.
    pub(super) fn above(&self, folder: &str, within: &str) -> Option<&str> {
        let mut found = None;
        let mut here = folder;
        while here != within {
            found = self.all.get_key_value(here).map(|(folder, _)| folder.as_str()).or(found);
            here = super::path::folder(here);
            if here.is_empty() {
                break;
            }
        }
        found
    }

    /// Every ConfigMap that a kustomization generates, with the file of the kustomization.
    pub(super) fn generated(&self, files: &Files<'_>, problems: &mut Vec<Problem>) -> Vec<(String, Node)> {
        let of = |each: &Kustomization| {
            let maps = each.root.items("configMapGenerator").iter().map(|item| (item, "ConfigMap"));
            let maps = maps.filter_map(|item| generator::object(files, folder(&each.path), &each.root, item, problems));
            maps.map(|map| (each.path.clone(), map.root)).collect::<Vec<_>>()
        };
        self.all.values().flat_map(of).collect()
    }

    /// Whether a kustomization, or what it builds on, tells kustomize that objects of a kind name ConfigMaps.
    pub(super) fn refers(&self, files: &Files<'_>, folder: &str, kind: &str) -> bool {
        let mut reached = BTreeSet::new();
        self.reach(folder, &mut reached);
        let all = reached.into_iter().filter_map(|folder| self.all.get(folder));
        let configurations = all.flat_map(|each| {
            let here = super::path::folder(&each.path);
            let named = each.root.items("configurations").iter().filter_map(Node::scalar_text);
            named.filter_map(move |reference| files.documents(&join(here, reference)?).ok())
        });
        let is_for = |spec: &Node| text(spec, "kind").is_none_or(|named| named.is_empty() || named == kind);
        let names = |reference: &Node| {
            text(reference, "kind") == Some("ConfigMap") && reference.items("fieldSpecs").iter().any(is_for)
        };
        let documents = configurations.flat_map(|documents| documents.to_vec());
        documents.into_iter().any(|document| document.root.items("nameReference").iter().any(names))
    }

    /// Files that say what a kustomization changes: what is in them is no object by itself.
    pub(super) fn changes(&self) -> BTreeSet<&str> {
        self.all.values().flat_map(|each| each.changes.iter().map(String::as_str)).collect()
    }

    /// What keeps kustomizations from being read as they are meant.
    pub(super) fn strange(&self) -> impl Iterator<Item = &Problem> {
        self.all.values().flat_map(|each| &each.strange)
    }

    /// Whether a kustomization inflates a chart, by itself or through what it builds on.
    pub(super) fn inflates(&self, folder: &str) -> bool {
        let mut reached = BTreeSet::new();
        self.reach(folder, &mut reached);
        let fields = ["helmCharts", "helmChartInflationGenerator", "generators"];
        let speaks = |each: &&Kustomization| fields.iter().any(|field| each.root.get(field).is_some());
        reached.iter().filter_map(|folder| self.all.get(*folder)).any(|each| speaks(&each))
    }
}

impl Kustomization {
    /// A kustomization that another program writes.
    fn written(path: String, root: Node) -> Self {
        Self { path, root, problems: vec![], strange: vec![], bases: vec![], files: vec![], changes: vec![] }
    }

    /// The kustomization of a file; none where it is the template of one.
    fn read(files: &Files<'_>, path: &str) -> Result<Option<Self>, Problem> {
        let parsed = files.documents(path);
        if files.is_template_of(&parsed) {
            files.note_template(path);
            return Ok(None);
        }
        let documents = parsed?;
        let Some(Document { root, .. }) = documents.first() else {
            return Err(Problem::new(files.beginning(path), format!("kustomize refuses `{path}`, which is empty")));
        };
        if root.as_map().is_none() {
            let message = format!("kustomize refuses `{path}`, which is {}, not a mapping", root.kind());
            return Err(Problem::new(root.location, message));
        }
        // A file of Flux or another tool may have the same name.
        let version = text(root, "apiVersion").unwrap_or("");
        if is_foreign(root, version) {
            return Ok(None);
        }
        let table = fields::of("Kustomization");
        let root = table.spelled(root);
        let mut problems = table.problems(&root);
        let is_own = version.starts_with("kustomize.config.k8s.io/");
        let strange = if is_own { table.strange(&root, "") } else { table.strange_by_name(&root) };
        problems.extend(unquoted(&root));
        problems.extend(other_kind(&root));
        let is_empty = edit::entries(&root).iter().all(|entry| matches!(&*entry.key.key_text(), "apiVersion" | "kind"));
        if is_empty {
            problems.push(Problem::new(root.location, "kustomize refuses a kustomization without content".to_owned()));
        }
        let here = folder(path);
        let (mut bases, mut gathered) = (vec![], vec![]);
        for field in ["resources", "bases", "components"] {
            let local = root.items(field).iter().filter_map(Node::scalar_text).filter(|each| !is_remote(each));
            for target in local.filter_map(|reference| join(here, reference)).map(|target| files.place(&target)) {
                if files.is_file(&target) { gathered.push(target) } else { bases.push(target) }
            }
        }
        let changes = named_changes(&root).filter_map(|reference| join(here, reference));
        let changes = changes.filter(|path| files.is_file(path)).map(|path| files.place(&path)).collect();
        Ok(Some(Self { path: path.to_owned(), root, problems, strange, bases, files: gathered, changes }))
    }
}

/// The paths of patches and of whatever else a kustomization changes objects by.
fn named_changes(root: &Node) -> impl Iterator<Item = &str> {
    const LISTS: [&str; 4] = ["patchesStrategicMerge", "generators", "transformers", "configurations"];
    let listed = LISTS.iter().flat_map(|field| root.items(field)).filter_map(Node::scalar_text);
    let entries = ["patches", "patchesJson6902", "replacements"].into_iter().flat_map(|field| root.items(field));
    listed
        .chain(entries.filter_map(|entry| text(entry, "path")))
        .filter(|path| !is_remote(path) && !path.contains('\n'))
}

/// What is wrong with two kustomizations in one folder.
fn beside(kustomization: &Kustomization, other: &Kustomization) -> Problem {
    let message = format!("kustomize refuses a folder with two kustomizations, this and `{}`", other.path);
    Problem::new(kustomization.root.location, message)
}

/// Whether a node says what object it is.
fn is_object(root: &Node) -> bool {
    let is_filled = |text: Option<&str>| text.is_some_and(|text| !text.is_empty());
    let name = root.get("metadata").and_then(|metadata| text(metadata, "name"));
    let is_list = text(root, "kind").is_some_and(|kind| kind.ends_with("List"));
    is_filled(text(root, "kind")) && (is_list || is_filled(name))
}

/// Whether a file is of another tool and only has the name.
fn is_foreign(root: &Node, version: &str) -> bool {
    let is_own = version.is_empty() || version.starts_with("kustomize.config.k8s.io/");
    let is_object = || root.get("spec").is_some() || root.get("items").is_some();
    let speaks = || ["helmCharts", "helmGlobals", "resources"].iter().any(|field| root.get(field).is_some());
    !is_own && (is_object() || !speaks())
}

/// What is wrong with a kind or a version that kustomize does not know.
fn other_kind(root: &Node) -> Option<Problem> {
    let (kind, version) = (text(root, "kind").unwrap_or(""), text(root, "apiVersion").unwrap_or(""));
    let wanted = match kind {
        "" | "Kustomization" => "kustomize.config.k8s.io/v1beta1",
        "Component" => "kustomize.config.k8s.io/v1alpha1",
        _ => return Some(Problem::new(root.get("kind")?.location, format!("kustomize refuses `kind: {kind}`"))),
    };
    let message = || format!("kustomize refuses `apiVersion: {version}` and takes `{wanted}`");
    let at = root.get("apiVersion")?.location;
    (!version.is_empty() && version != wanted).then(|| Problem::new(at, message()))
}

/// Keys of an object that are there twice, which kustomize refuses.
pub(super) fn doubled(node: &Node) -> Option<Problem> {
    if let Some(items) = node.as_seq() {
        return items.iter().find_map(doubled);
    }
    let mapping = node.as_map()?;
    let say = |(_, second): &(&crate::yaml::Entry, &crate::yaml::Entry)| {
        let message = format!("kustomize refuses the key `{}`, which is there twice", second.key.key_text());
        Problem::new(second.key.location, message)
    };
    let own = mapping.duplicates().first().map(say);
    own.or_else(|| mapping.entries().iter().find_map(|entry| doubled(&entry.value)))
}

/// Values of `images` that kustomize refuses as they are no text without quotes: `newTag: 1.10`.
fn unquoted(root: &Node) -> Vec<Problem> {
    let entries = ["images", "imageTags"].into_iter().flat_map(|field| root.items(field));
    let fields = entries
        .flat_map(|entry| ["name", "newName", "newTag", "digest", "tagSuffix"].map(|field| (field, entry.get(field))));
    let wrong = fields
        .filter_map(|(field, value)| Some((field, value?)))
        .filter(|(_, value)| !value.is_null() && value.as_str().is_none());
    let say = |(field, value): (&str, &Node)| {
        let shown = value.scalar_text().unwrap_or("…");
        Problem::new(
            value.location,
            format!("kustomize refuses `{field}: {shown}`, which is {} and no text; put it in quotes", value.kind()),
        )
    };
    wrong.map(say).collect()
}
