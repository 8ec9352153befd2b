//! The Applications that an ApplicationSet makes, as far as that can be told without a cluster.

use std::collections::{BTreeMap, BTreeSet};

use super::declared::Declared;
use super::files::Files;
use super::glob::{Flavour, Glob};
use super::path::join;
use super::{Discovered, Problem, fields, text};
use crate::kustomize::edit;
use crate::yaml::{Entry, Mapping, Node, Value};

mod combine;
mod empty;
mod generate;
mod git;
mod parameters;
mod patch;
mod placed;
mod render;

use parameters::Parameters;
use render::Renderer;

/// More Applications than any set needs.
const MOST: usize = 2_000;

/// An Application that a set makes.
pub(super) struct Made {
    pub(super) root: Node,
    /// What kept it from being made in full.
    pub(super) problems: Vec<Problem>,
    /// The files that a generator takes it from.
    pub(super) files: BTreeSet<String>,
    /// Its name, where all of that is known.
    name: Option<String>,
}

/// Whether everything that a set makes is for a pull request, and so a preview.
pub(super) fn is_preview(root: &Node) -> bool {
    fn is_one(generator: &Node) -> bool {
        let inner = ["matrix", "merge"].iter().filter_map(|kind| generator.get(kind));
        generator.get("pullRequest").is_some() || inner.flat_map(|inner| inner.items("generators")).any(is_one)
    }
    let generators = root.get("spec").map(|spec| spec.items("generators")).unwrap_or_default();
    !generators.is_empty() && generators.iter().all(is_one)
}

/// The Applications of a set, as if they had been written out. What cannot be told and may be about a chart is said.
pub(super) fn applications(files: &Files<'_>, set: &Declared, found: &mut Discovered) -> Vec<Made> {
    let refused = refused(&set.root);
    if !refused.is_empty() {
        found.say(&set.profile_name(), refused);
        return vec![];
    }
    let Some(spec) = set.root.get("spec") else { return vec![] };
    let Some(base) = spec.get("template") else { return vec![] };
    let renderer = Renderer::of(files, spec);
    let mut problems = set.problems.clone();
    problems.extend(fields::of("ApplicationSet").unfollowed_below(&set.root, ""));
    let (mut made, mut empty) = (vec![], vec![]);
    for generator in spec.items("generators") {
        match generate::sets(files, &renderer, generator, base, None, 0) {
            Ok(sets) if sets.is_empty() => empty.push(empty::why(generator)),
            Ok(sets) => {
                let applications = sets.iter().filter_map(|(template, parameters)| {
                    application(files, spec, &renderer, template, parameters, &problems, found)
                });
                made.extend(applications.collect::<Vec<_>>());
            }
            Err(problem) => {
                target(files, base).say(found, &set.profile_name(), problem.clone());
                made.extend(elsewhere(files, base, problem));
            }
        }
    }
    if empty.len() == spec.items("generators").len() {
        found.passed_over.insert(empty::passed_over(set, &empty));
    }
    refuse_doubles(&mut made);
    made
}

/// Argo CD makes none of the Applications of a set that have the same name.
fn refuse_doubles(made: &mut [Made]) {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for name in made.iter().filter_map(|each| each.name.clone()) {
        *counts.entry(name).or_default() += 1;
    }
    let is_double = |each: &&mut Made| each.name.as_ref().is_some_and(|name| counts[name] > 1);
    for each in made.iter_mut().filter(is_double) {
        let name = each.name.as_deref().unwrap_or_default();
        let message = format!("Argo CD refuses Applications of one set with one name, `{name}`");
        each.problems.push(Problem::new(each.root.location, message));
    }
}

/// Why a set makes nothing: what of it the API server refuses, and what it lacks.
fn refused(root: &Node) -> Vec<Problem> {
    let mistyped = fields::of("ApplicationSet").mistyped(root, "");
    if !mistyped.is_empty() {
        return mistyped;
    }
    let spec = root.get("spec").unwrap_or(root);
    let lacks = |field: &&str| spec.get(field).is_none_or(Node::is_null);
    let say = |field: &str| Problem::new(spec.location, format!("an ApplicationSet needs `spec.{field}`"));
    ["generators", "template"].into_iter().find(lacks).map(say).into_iter().collect()
}

/// One Application; none where it cannot be told and is about no chart, or was said not to be told.
fn application(
    files: &Files<'_>,
    spec: &Node,
    renderer: &Renderer<'_>,
    template: &Node,
    parameters: &Parameters,
    problems: &[Problem],
    found: &mut Discovered,
) -> Option<Made> {
    let mut problems = problems.to_vec();
    let (mut root, failed) = renderer.node(template, parameters);
    if let Some(patch) =
        spec.get("templatePatch").filter(|patch| patch.as_str().is_some_and(|text| !text.trim().is_empty()))
    {
        match patch::applied(files, renderer, &root, patch, parameters) {
            Ok(patched) => root = patched,
            Err(problem) => problems.push(problem),
        }
    }
    if let Some(unknown) = &parameters.unknown {
        if let Some(text) = decisive(&root) {
            let message = format!("{}, and `{text}` depends on it", unknown.message);
            let problem = Problem { message, ..unknown.clone() };
            if !problem.is_elsewhere {
                target(files, &root).say(found, "", problem.clone());
            }
            return elsewhere(files, &root, problem);
        }
        root = settled(&root);
    } else if let Some(open) = failed.or_else(|| left_over(&root, renderer)) {
        if is_unplaced(&root) {
            target(files, &root).say(found, "", open.clone());
            return elsewhere(files, &root, open);
        }
        problems.push(open);
    }
    let name = root.get("metadata").and_then(|metadata| text(metadata, "name"));
    let name = name.filter(|_| parameters.unknown.is_none()).map(str::to_owned);
    Some(Made { root, problems, files: parameters.files.clone(), name })
}

/// A placeholder that is left of a name, a path or a chart, where Argo CD puts in nothing and says nothing.
fn left_over(root: &Node, renderer: &Renderer<'_>) -> Option<Problem> {
    let name = root.get("metadata").and_then(|metadata| metadata.get("name"));
    let mut open = name.into_iter().chain(places(root)).filter(|node| has_code(node));
    let node = open.next().filter(|_| !renderer.is_go)?;
    let written = node.scalar_text().unwrap_or_default();
    let is_go = written.contains("{{.") || written.contains("{{ .");
    let why = if is_go { ", as `goTemplate: true` is not set" } else { "" };
    Some(Problem::new(node.location, format!("`{written}` names a parameter that is not supplied{why}")))
}

/// Whether it stays open which chart an Application is of.
fn is_unplaced(root: &Node) -> bool {
    places(root).any(has_code)
}

/// What says which chart the sources of an Application are of.
fn places(root: &Node) -> impl Iterator<Item = &Node> {
    let spec = root.get("spec");
    let single = spec.and_then(|spec| spec.get("source"));
    let sources = single.into_iter().chain(spec.map(|spec| spec.items("sources")).unwrap_or_default());
    sources.flat_map(|source| ["path", "chart"].map(|field| source.get(field))).flatten()
}

fn has_code(node: &Node) -> bool {
    node.scalar_text().is_some_and(|text| text.contains("{{"))
}

/// An Application that cannot be told and surely is of a chart that is not one of the repository's: a published one, or what a git repository has
/// at a path that is not here. Its sources stay as they are written.
fn elsewhere(files: &Files<'_>, template: &Node, problem: Problem) -> Option<Made> {
    let spec = template.get("spec")?;
    let mut sources = spec.get("source").into_iter().chain(spec.items("sources"));
    let is_away = sources.any(|source| {
        let is_named = text(source, "chart").is_some_and(|name| !name.is_empty());
        let folder = text(source, "path").and_then(|path| join("", path));
        is_named || folder.is_some_and(|folder| !may_be_folder(files, &folder))
    });
    let is_away = problem.is_elsewhere || (is_away && matches!(target(files, template), About::Nothing));
    is_away.then(|| Made {
        root: settled_but(template, &["chart", "path", "repoURL", "targetRevision"]),
        problems: vec![problem],
        files: BTreeSet::new(),
        name: None,
    })
}

/// Whether a path with placeholders may lead to a folder of the repository.
fn may_be_folder(files: &Files<'_>, path: &str) -> bool {
    if !path.contains("{{") {
        return files.is_folder(path);
    }
    // What is no pattern may be anything.
    let Ok(glob) = Glob::new(&parameters::without_placeholders(path, "*"), Flavour::Anything) else { return true };
    let above = |path: &str| path.match_indices('/').map(|(at, _)| at).any(|at| glob.matches(&path[..at]));
    glob.matches("") || files.below("").iter().any(|path| above(path))
}

/// Fields of a source that do not decide what is rendered, or only under which name.
const OPEN: [&str; 4] = ["releaseName", "repoURL", "targetRevision", "name"];

/// A text of the sources that still holds a placeholder.
fn decisive(root: &Node) -> Option<String> {
    let spec = root.get("spec")?;
    ["source", "sources", "sourceHydrator"].iter().filter_map(|field| spec.get(field)).find_map(placeholder)
}

fn placeholder(node: &Node) -> Option<String> {
    match &node.value {
        Value::String(text) if text.contains("{{") => Some(text.lines().next().unwrap_or("").to_owned()),
        Value::Seq(items) => items.iter().find_map(placeholder),
        Value::Map(mapping) => {
            let entries = mapping.effective();
            let decisive = entries.iter().filter(|(key, _)| !OPEN.contains(&key.as_ref()));
            decisive.into_iter().find_map(|(_, entry)| placeholder(&entry.value))
        }
        _ => None,
    }
}

/// The Application with a stand-in for what is not known of its names.
fn settled(node: &Node) -> Node {
    settled_but(node, &[])
}

/// The same, where fields of some names stay as they are.
fn settled_but(node: &Node, kept: &[&str]) -> Node {
    let value = match &node.value {
        Value::String(text) if text.contains("{{") => Value::String(parameters::without_placeholders(text, "x").into()),
        Value::Seq(items) => Value::Seq(items.iter().map(|item| settled_but(item, kept)).collect()),
        Value::Map(mapping) => {
            let is_kept = |entry: &Entry| kept.contains(&&*entry.key.key_text());
            let value =
                |entry: &Entry| if is_kept(entry) { entry.value.clone() } else { settled_but(&entry.value, kept) };
            let entries = mapping.entries().iter().map(|entry| Entry { value: value(entry), ..entry.clone() });
            Value::Map(std::sync::Arc::new(entries.collect::<Mapping>()))
        }
        value => value.clone(),
    };
    edit::with_value(node, value)
}

/// What an Application with placeholders may be about.
enum About {
    /// No chart of the repository.
    Nothing,
    /// One chart, by its folder.
    Chart(String),
    /// Any of several.
    Any,
}

impl About {
    /// Says what cannot be followed, where it matters.
    fn say(&self, found: &mut Discovered, profile: &str, problem: Problem) {
        match self {
            Self::Nothing => {}
            Self::Chart(chart) => found.unresolved(Some(chart), profile, problem),
            Self::Any => found.unresolved(None, profile, problem),
        }
    }
}

fn target(files: &Files<'_>, application: &Node) -> About {
    let Some(spec) = application.get("spec") else { return About::Nothing };
    let single = spec.get("source").map(std::slice::from_ref).unwrap_or_default();
    let sources = single.iter().chain(spec.items("sources"));
    let mut charts: Vec<String> = sources.flat_map(|source| candidates(files, source)).collect();
    charts.sort();
    charts.dedup();
    match charts.pop() {
        None => About::Nothing,
        Some(chart) if charts.is_empty() => About::Chart(chart),
        Some(_) => About::Any,
    }
}

fn candidates(files: &Files<'_>, source: &Node) -> Vec<String> {
    let search = files.search;
    let fitting = |pattern: &str, name: &str| {
        let pattern = parameters::without_placeholders(pattern, "*");
        // What is no pattern may be anything.
        Glob::new(&pattern, Flavour::Anything).map_or(true, |glob| glob.matches(name))
    };
    if let Some(name) = text(source, "chart").filter(|name| !name.is_empty()) {
        let url = text(source, "repoURL").unwrap_or("");
        let ours = search.charts.iter().filter(|(_, chart)| {
            let is_ours =
                search.published_chart(url, chart).is_some() || (url.contains("{{") && !search.published.is_empty());
            fitting(name, chart) && is_ours
        });
        return ours.map(|(folder, _)| folder.clone()).collect();
    }
    let Some(path) = text(source, "path").and_then(|path| join("", path)) else { return vec![] };
    search.charts.keys().filter(|folder| fitting(&path, folder)).cloned().collect()
}
