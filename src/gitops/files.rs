//! The repository's files as GitOps tools see them: read once, parsed only where a cheap look says that it may matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::path::folder;
use super::{PassedOver, Problem, Search};
use crate::render::Cache;
use crate::source::{self, FILE_LIMIT, LinkFault, Look, Tree};
use crate::text::{Location, Source, SourceId, Span};
use crate::yaml::{Document, Node};

mod look;
mod part;
mod record;

pub(super) use look::{NAMES, is_manifest};
pub(super) use record::Read;

/// Links that may lead to one another, as Linux has it.
const MOST_LINKS: usize = 40;

/// What is looked through for words that matter, which is more than the hosts of repositories take in a file.
const LOOK_LIMIT: u64 = 128 * 1024 * 1024;

pub(super) type Parsed = Result<Arc<[Document]>, Problem>;

/// The files, with what was parsed of them.
pub(super) struct Files<'a> {
    pub(super) search: &'a Search<'a>,
    /// Folders of every chart of the repository, judged or not.
    charts: BTreeSet<&'a str>,
    /// Those of them that may make deployments.
    parents: OnceLock<BTreeSet<String>>,
    parsed: Mutex<BTreeMap<String, Parsed>>,
    /// Which of the paths are of files that speak of deployments by a first look.
    candidates: OnceLock<Vec<usize>>,
    /// Templates of GitOps objects that are no chart's.
    templates: Mutex<BTreeSet<String>>,
    values: Mutex<BTreeMap<String, Result<Node, String>>>,
    layers: Mutex<BTreeMap<String, Result<Vec<Node>, String>>>,
    /// Values that the values files of deployments may still hold; none once there were too many.
    room: Mutex<Option<usize>>,
    /// Files that were read as texts, those that are none without one.
    texts: Mutex<BTreeMap<String, Option<SourceId>>>,
    record: record::Record,
    /// What templates, variables and patterns may still cost.
    pub(super) steps: super::steps::Steps,
    /// What charts may still take that are rendered beside each other, before any is judged.
    pub(super) renderings: Cache,
}

/// A file that speaks of GitOps objects, as they were parsed.
pub(super) struct Spoken<'a> {
    pub(super) path: &'a str,
    pub(super) documents: Vec<Document>,
    /// Why others of its documents cannot be read.
    pub(super) problems: Vec<Problem>,
}

/// Whether a file speaks of an object that deploys something.
pub(super) fn deploys(tree: &dyn Tree, path: &str) -> bool {
    look::is_manifest(path) && tree.look(path, FILE_LIMIT, look::DEPLOYS).unwrap_or(false)
}

/// Words of which one is in every file that holds an object of a tool.
pub(super) const WORDS: [&str; 11] = [
    "argoproj.io/",
    "fluxcd.io/",
    "flux.weave.works/",
    "fluxcd.controlplane.io/",
    "fleet.cattle.io/",
    "helm.cattle.io/",
    "helm.crossplane.io/",
    "addons.cluster.x-k8s.io/",
    "apps.open-cluster-management.io/",
    "config.projectsveltos.io/",
    "core.oam.dev/",
];

/// Whether a folder lies among the sub-charts of a chart, at any depth.
pub(super) fn is_part(chart: &str, folder: &str) -> bool {
    crate::source::below(folder, &crate::source::join(chart, "charts")).is_some_and(|rest| !rest.is_empty())
}

impl<'a> Files<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Self {
        let charts = search.paths.iter().filter(|path| path.rsplit('/').next() == Some("Chart.yaml"));
        Self {
            search,
            charts: charts.map(|path| folder(path)).collect(),
            parents: OnceLock::new(),
            parsed: Mutex::default(),
            candidates: OnceLock::new(),
            templates: Mutex::default(),
            values: Mutex::default(),
            layers: Mutex::default(),
            room: Mutex::new(Some(VALUES_LIMIT)),
            texts: Mutex::default(),
            record: record::Record::default(),
            steps: super::steps::Steps::default(),
            renderings: Cache::default(),
        }
    }

    /// The folders of every chart of the repository.
    pub(super) fn charts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.charts.iter().copied()
    }

    /// Whether a folder has a chart.
    pub(super) fn is_chart(&self, folder: &str) -> bool {
        self.charts.contains(folder)
    }

    /// The folders of charts that may make deployments.
    pub(super) fn parents(&self) -> &BTreeSet<String> {
        self.parents.get_or_init(|| {
            let folders = self.charts().filter(|folder| self.makes_deployments(folder));
            folders.map(str::to_owned).collect()
        })
    }

    /// Whether a folder has a chart whose deployments count: one that is judged, if only as a part of another, or one that makes others'.
    pub(super) fn counts(&self, folder: &str) -> bool {
        let is_part = || self.is_chart(folder) && self.search.charts.keys().any(|chart| is_part(chart, folder));
        self.search.charts.contains_key(folder) || self.parents().contains(folder) || is_part()
    }

    /// Whether a file below a folder speaks of an object of Argo CD or Flux, or may do so as it cannot be read.
    pub(super) fn speaks_below(&self, folder: &str) -> bool {
        self.below(folder).par_iter().any(|path| self.speaks_of_any(path))
    }

    /// The same of a file.
    pub(super) fn speaks_of_any(&self, path: &str) -> bool {
        self.may_show(path, look::DEPLOYS)
    }

    /// Whether a file shows what is looked for, or may do so as it cannot be read.
    pub(super) fn may_show(&self, path: &str, look: Look) -> bool {
        self.search.tree.look(path, FILE_LIMIT, look).unwrap_or_else(|error| !is_absent(&error))
    }

    /// Whether a file is a template of a chart: what it makes is known only where the chart is rendered.
    pub(super) fn is_template(&self, path: &str) -> bool {
        let parts = path.match_indices("templates/").filter(|(at, _)| *at == 0 || path.as_bytes()[at - 1] == b'/');
        parts.map(|(at, _)| path[..at].trim_end_matches('/')).any(|chart| self.charts.contains(chart))
    }

    /// Whether a path leads to a file, links to folders on the way followed.
    pub(super) fn is_file(&self, path: &str) -> bool {
        self.is_listed(&self.place(path))
    }

    /// Whether a path leads to a folder with anything in it, links followed.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        self.holds_any(&self.place(path))
    }

    /// Where a path leads in the repository, links to folders followed: git lists such a link as a file.
    pub(super) fn place(&self, path: &str) -> String {
        let mut place = path.to_owned();
        for _ in 0..MOST_LINKS {
            match self.behind_link(&place).filter(|_| !self.holds_any(&place)) {
                Some(next) => place = next,
                None => break,
            }
        }
        place
    }

    /// The same of a path with a link to a folder in it, the link followed.
    fn behind_link(&self, path: &str) -> Option<String> {
        let link = source::upwards(path).find(|above| self.is_listed(above))?;
        let rest = path[link.len()..].trim_start_matches('/');
        self.folder_behind(link).map(|folder| source::join(&folder, rest).trim_end_matches('/').to_owned())
    }

    /// The folder that a listed path leads to; none where it is no link to a folder.
    fn folder_behind(&self, link: &str) -> Option<String> {
        self.search.tree.real(link).filter(|real| real != link && self.holds_any(real))
    }

    /// Whether git lists a path: as a file, or as a link.
    fn is_listed(&self, path: &str) -> bool {
        self.search.paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
    }

    fn holds_any(&self, folder: &str) -> bool {
        folder.is_empty() || !self.below(folder).is_empty()
    }

    /// Every path to a file below a folder as it is seen, links to folders followed; an `Err` says in words that these are too many.
    pub(super) fn seen_below(&self, folder: &str) -> Result<Vec<String>, String> {
        let mut seen = vec![];
        let mut open = vec![(folder.to_owned(), self.place(folder), 0)];
        while let Some((shown, place, links)) = open.pop() {
            self.steps.spend(self.below(&place).len() as u64)?;
            for path in self.below(&place) {
                let path_shown = source::join(&shown, path[place.len()..].trim_start_matches('/'));
                match self.folder_behind(path) {
                    Some(next) if links < MOST_LINKS && source::below(path, &next).is_none() => {
                        open.push((path_shown, next, links + 1));
                    }
                    Some(_) => {}
                    None => seen.push(path_shown),
                }
            }
        }
        seen.sort_unstable();
        Ok(seen)
    }

    /// Every path below a folder, sorted; no link is followed.
    pub(super) fn below(&self, folder: &str) -> &'a [String] {
        if folder.is_empty() {
            return self.search.paths;
        }
        let prefix = format!("{folder}/");
        let start = self.search.paths.partition_point(|path| path.as_str() < prefix.as_str());
        let length = self.search.paths[start..].iter().take_while(|path| path.starts_with(&prefix)).count();
        &self.search.paths[start..start + length]
    }

    /// The files that speak of an object of Argo CD or Flux, and those that cannot be read.
    pub(super) fn spoken(&self) -> Vec<Spoken<'a>> {
        let paths = self.candidates().filter(|path| look::is_manifest(path));
        paths.filter_map(|path| self.speaks(path)).collect()
    }

    /// The same of files that kustomizations gather, under whatever names.
    pub(super) fn spoken_in(&self, gathered: &BTreeSet<&str>) -> Vec<Spoken<'a>> {
        let others = self.search.paths.iter().filter(|path| gathered.contains(path.as_str()));
        let others = others.filter(|path| !look::is_manifest(path) && !self.is_template(path));
        others.filter_map(|path| self.speaks(path)).collect()
    }

    /// The files that may be helmfiles, and those that cannot be read.
    pub(super) fn like_helmfiles(&self) -> Vec<&'a str> {
        self.candidates().filter(|path| self.may_show(path, look::HELMFILE)).collect()
    }

    /// The files that may be of either kind: all others are read but once.
    fn candidates(&self) -> impl ParallelIterator<Item = &'a str> + '_ {
        let (paths, tree) = (self.search.paths, self.search.tree);
        let is_one = |path: &str| {
            let is_named = (look::is_manifest(path) || look::is_gotmpl(path)) && !self.is_template(path);
            is_named && tree.look(path, LOOK_LIMIT, look::MATTERS).unwrap_or(true)
        };
        let found = || {
            let looked = source::apart((0..paths.len()).collect(), |at| is_one(&paths[at]).then_some(at));
            looked.into_iter().flatten().collect()
        };
        self.candidates.get_or_init(found).par_iter().map(|at| paths[*at].as_str())
    }

    /// The templates of GitOps objects that were met and are no chart's: what they make is not known.
    pub(super) fn templates(&self) -> BTreeSet<PassedOver> {
        let reason = "it is a template of deployments and no chart's".to_owned();
        let passed = |path: &String| PassedOver { path: path.clone(), reason: reason.clone() };
        self.templates.lock().expect(UNPOISONED).iter().map(passed).collect()
    }

    pub(super) fn note_template(&self, path: &str) {
        self.templates.lock().expect(UNPOISONED).insert(path.to_owned());
    }

    /// The documents of a file that speaks of such an object; none of one that does not.
    fn speaks(&self, path: &'a str) -> Option<Spoken<'a>> {
        let wrong = |message: String| {
            Some(Spoken { path, documents: vec![], problems: vec![Problem::new(self.beginning(path), message)] })
        };
        let tree = self.search.tree;
        let looked = tree.look(path, LOOK_LIMIT, look::SPEAKS.or_wide());
        let read = looked.and_then(|speaks| if speaks { tree.read(path, LOOK_LIMIT).map(Some) } else { Ok(None) });
        let data = match read {
            Ok(data) => data?,
            Err(error) if is_absent(&error) => return None,
            Err(error) => return wrong(error.to_string()),
        };
        if source::is_wide(&data) {
            return wrong(format!("`{path}` is written in UTF-16, which is not read"));
        }
        let parsed = self.parse(path, data);
        self.parsed.lock().expect(UNPOISONED).insert(path.to_owned(), parsed.clone());
        match parsed {
            Ok(documents) => Some(Spoken { path, documents: documents.to_vec(), problems: vec![] }),
            Err(problem) => self.in_parts(path, problem),
        }
    }

    /// What can be read of a file that is not YAML as a whole.
    fn in_parts(&self, path: &'a str, whole: Problem) -> Option<Spoken<'a>> {
        let text = Arc::clone(&self.search.sources.get(whole.at.source).text);
        let parts = part::of(whole.at.source, self.search.sources);
        // Template code may lie around the whole.
        let is_template = look::is_template(&text) && !look::is_unquoted_set(&text);
        if parts.has_template || (is_template && look::DEPLOYS.sees(text.as_bytes())) {
            self.note_template(path);
        }
        let unread = |error: &crate::yaml::Error| Problem::new(error.location, not_yaml(path, error));
        let mut problems: Vec<Problem> = if is_template { vec![] } else { parts.errors.iter().map(unread).collect() };
        if problems.is_empty() && !is_template && !parts.has_template {
            problems.push(whole);
        }
        let is_nothing = parts.documents.is_empty() && problems.is_empty();
        (!is_nothing).then_some(Spoken { path, documents: parts.documents, problems })
    }

    /// Whether it is template code that keeps a file from being YAML: such a file is no GitOps file, but the template of one.
    pub(super) fn is_template_of(&self, parsed: &Parsed) -> bool {
        let text = |problem: &Problem| self.search.sources.get(problem.at.source);
        parsed.as_ref().err().is_some_and(|problem| look::is_template(&text(problem).text))
    }

    /// The files whose text shows what is looked for, and those that cannot be read.
    pub(super) fn holding(&self, look: Look) -> Vec<(&'a str, Parsed)> {
        let paths = self.search.paths.par_iter().filter(|path| look::is_manifest(path) && !self.is_template(path));
        let holding = |path: &'a String| match self.search.tree.look(path, LOOK_LIMIT, look) {
            Ok(is_there) => is_there.then(|| (path.as_str(), self.looked_at(path))),
            Err(error) if is_absent(&error) => None,
            Err(error) => Some((path.as_str(), Err(Problem::new(self.beginning(path), error.to_string())))),
        };
        paths.filter_map(holding).filter(|(_, parsed)| !self.is_template_of(parsed)).collect()
    }

    /// The documents of a file.
    ///
    /// # Errors
    /// Why there are none, at the line that keeps it from being read.
    pub(super) fn documents(&self, path: &str) -> Parsed {
        self.reads(path);
        self.looked_at(path)
    }

    /// The same, where nothing rests on it yet.
    pub(super) fn looked_at(&self, path: &str) -> Parsed {
        if let Some(known) = self.parsed.lock().expect(UNPOISONED).get(path) {
            return known.clone();
        }
        let parsed = match self.search.tree.read(path, FILE_LIMIT) {
            Ok(data) => self.parse(path, data),
            Err(error) => Err(Problem::new(self.beginning(path), error.to_string())),
        };
        self.parsed.lock().expect(UNPOISONED).insert(path.to_owned(), parsed.clone());
        parsed
    }

    fn parse(&self, path: &str, data: Vec<u8>) -> Parsed {
        if data.len() as u64 > FILE_LIMIT {
            return Err(Problem::new(self.beginning(path), format!("`{path}` is larger than {FILE_LIMIT} bytes")));
        }
        let Ok(text) = String::from_utf8(data) else {
            return Err(Problem::new(self.beginning(path), format!("`{path}` is not UTF-8")));
        };
        let id = self.add(path, text);
        let documents = Document::parse_all(id, &self.search.sources.get(id).text);
        documents.map(Arc::from).map_err(|error| Problem::new(error.location, not_yaml(path, &error)))
    }

    fn add(&self, path: &str, text: String) -> SourceId {
        let tree = &**self.search.tree;
        self.search.sources.add(Source::new(tree.shown(path), tree.address(path), text))
    }

    /// Whether a chart may make deployments: its templates or those of its sub-charts speak of such objects, or its values of sources.
    pub(super) fn makes_deployments(&self, chart: &str) -> bool {
        let below = |name: &str| crate::source::join(chart, name);
        let is_part = chart.match_indices("/charts/").any(|(at, _)| self.charts.contains(&chart[..at]));
        let lists_sources = || self.may_show(&below("values.yaml"), look::LISTS_SOURCES);
        let names_any = |folder: String| self.below(&folder).par_iter().any(|path| self.may_show(path, look::NAMES));
        let folders = ["templates", "charts"];
        let speaks = || folders.iter().any(|name| self.speaks_below(&below(name)));
        !is_part && (speaks() || lists_sources() || folders.iter().any(|name| names_any(below(name))))
    }

    /// The beginning of a file of which nothing is shown.
    pub(super) fn beginning(&self, path: &str) -> Location {
        Location::new(self.add(path, String::new()), Span::default())
    }

    /// The roots of a values file, as Helm 4 lays them over each other; an `Err` says in words why there are none.
    pub(super) fn layers(&self, path: &str) -> Result<Vec<Node>, String> {
        self.reads(path);
        if let Some(known) = self.layers.lock().expect(UNPOISONED).get(path) {
            return known.clone();
        }
        let read = self.text(path).and_then(|(id, text)| {
            self.has_room()?;
            let documents =
                Document::parse_all(id, &text.text).map_err(|error| format!("`{path}` is not YAML: {error}"))?;
            self.fit(documents.into_iter().map(|document| document.root).collect())
        });
        self.layers.lock().expect(UNPOISONED).insert(path.to_owned(), read.clone());
        read
    }

    /// Roots of values, as far as there is room for them.
    fn fit(&self, roots: Vec<Node>) -> Result<Vec<Node>, String> {
        let mut room = self.room.lock().expect(UNPOISONED);
        *room = room.and_then(|left| left.checked_sub(roots.iter().map(Node::weight).sum()));
        drop(room);
        self.has_room().map(|()| roots)
    }

    fn has_room(&self) -> Result<(), String> {
        let is_full = self.room.lock().expect(UNPOISONED).is_none();
        let message = || format!("the values files of deployments hold more than {VALUES_LIMIT} values together");
        if is_full { Err(message()) } else { Ok(()) }
    }

    /// The root of a values file whose reader takes the first document alone; an `Err` says in words why there is none.
    pub(super) fn values(&self, path: &str) -> Result<Node, String> {
        self.reads(path);
        if let Some(known) = self.values.lock().expect(UNPOISONED).get(path) {
            return known.clone();
        }
        let read = self.text(path).and_then(|(id, text)| {
            self.has_room()?;
            let first = Document::first(id, &text.text).map_err(|error| format!("`{path}` is not YAML: {error}"))?;
            let root = first.map_or_else(|| Node::null(Location::new(id, Span::default())), |document| document.root);
            self.fit(vec![root.clone()]).map(|_| root)
        });
        self.values.lock().expect(UNPOISONED).insert(path.to_owned(), read.clone());
        read
    }

    /// The text of a file; an `Err` says in words why there is none.
    pub(super) fn text(&self, path: &str) -> Result<(SourceId, Arc<Source>), String> {
        self.text_or_bytes(path)?.ok_or_else(|| format!("`{path}` is not UTF-8"))
    }

    /// The same of a file that may be none of text.
    pub(super) fn text_or_bytes(&self, path: &str) -> Result<Option<(SourceId, Arc<Source>)>, String> {
        self.reads(path);
        let mut texts = self.texts.lock().expect(UNPOISONED);
        let known = if let Some(known) = texts.get(path) {
            *known
        } else {
            let data = self.search.tree.read(path, FILE_LIMIT).map_err(|error| error.to_string())?;
            let id = String::from_utf8(data).ok().map(|text| self.add(path, text));
            texts.insert(path.to_owned(), id);
            id
        };
        Ok(known.map(|id| (id, self.search.sources.get(id))))
    }
}

/// Values in all values files of deployments together: each takes a hundred bytes until all charts are judged.
const VALUES_LIMIT: usize = 2_000_000;

const UNPOISONED: &str = "no thread panics while it holds what was parsed";

fn not_yaml(path: &str, error: &crate::yaml::Error) -> String {
    format!("`{path}` is not YAML: {error}")
}

/// Whether nothing that could be read stands there: only that may be passed over.
fn is_absent(error: &source::Error) -> bool {
    match error {
        source::Error::NotFound { .. } | source::Error::WrongKind { .. } => true,
        source::Error::BrokenLink { why, .. } => *why == LinkFault::Missing,
        _ => false,
    }
}

/// The objects of some documents, lists of objects as their items.
pub(super) fn objects(documents: &[Document]) -> Vec<Document> {
    documents.iter().flat_map(|document| items(document.source, &document.root)).collect()
}

fn items(source: SourceId, root: &Node) -> Vec<Document> {
    let is_list = super::text(root, "kind").is_some_and(|kind| kind.ends_with("List"));
    match root.get("items").and_then(Node::as_seq).filter(|_| is_list) {
        Some(list) => list.iter().flat_map(|item| items(source, item)).collect(),
        None => vec![Document { source, root: root.clone() }],
    }
}
