//! The repository's files as GitOps tools see them: read once, parsed only where a cheap look says that it may matter.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;

use super::path::folder;
use super::{Problem, Search};
use crate::source::FILE_LIMIT;
use crate::text::{Location, Source, SourceId, Span};
use crate::yaml::{Document, Node};

/// What is looked through for words that matter: files beyond it are no manifests of anybody.
const LOOK_LIMIT: u64 = 64 * 1024 * 1024;

type Parsed = Result<Arc<[Document]>, Problem>;

/// The files, with what was parsed of them.
pub(super) struct Files<'a> {
    pub(super) search: &'a Search<'a>,
    /// Folders of every chart of the repository, judged or not.
    charts: BTreeSet<&'a str>,
    parsed: Mutex<BTreeMap<String, Parsed>>,
    values: Mutex<BTreeMap<String, Result<Node, String>>>,
}

/// A file that speaks of GitOps objects, as they were parsed.
pub(super) struct Spoken<'a> {
    pub(super) path: &'a str,
    pub(super) documents: Parsed,
}

/// Words of which one is in every file that holds an object of a tool.
pub(super) const WORDS: [&str; 2] = ["argoproj.io/", "fluxcd.io/"];

/// Kinds that deploy something.
const OBJECTS: [&str; 3] = ["Application", "HelmRelease", "Kustomization"];

impl<'a> Files<'a> {
    pub(super) fn new(search: &'a Search<'a>) -> Self {
        let charts = search.paths.iter().filter(|path| path.rsplit('/').next() == Some("Chart.yaml"));
        Self {
            search,
            charts: charts.map(|path| folder(path)).collect(),
            parsed: Mutex::default(),
            values: Mutex::default(),
        }
    }

    /// The folders of every chart of the repository.
    pub(super) fn charts(&self) -> impl Iterator<Item = &'a str> + '_ {
        self.charts.iter().copied()
    }

    /// Whether a file below a folder speaks of an object of Argo CD or Flux.
    pub(super) fn speaks_below(&self, folder: &str) -> bool {
        let speaks = |path: &String| {
            let data = self.search.tree.read(path, FILE_LIMIT);
            data.is_ok_and(|data| {
                OBJECTS.iter().any(|kind| holds(&data, kind)) && WORDS.iter().any(|word| holds(&data, word))
            })
        };
        self.below(folder).par_iter().any(speaks)
    }

    /// The beginning of a file.
    pub(super) fn beginning(&self, path: &str) -> Location {
        self.no_text(path)
    }

    /// Whether a file is a template of a chart: what it makes is known only where the chart is rendered.
    pub(super) fn is_template(&self, path: &str) -> bool {
        let parts = path.match_indices("templates/").filter(|(at, _)| *at == 0 || path.as_bytes()[at - 1] == b'/');
        parts.map(|(at, _)| path[..at].trim_end_matches('/')).any(|chart| self.charts.contains(chart))
    }

    pub(super) fn is_file(&self, path: &str) -> bool {
        self.search.paths.binary_search_by(|known| known.as_str().cmp(path)).is_ok()
    }

    /// Whether anything lies below a folder.
    pub(super) fn is_folder(&self, path: &str) -> bool {
        path.is_empty() || !self.below(path).is_empty()
    }

    /// Every path below a folder, sorted.
    pub(super) fn below(&self, folder: &str) -> &'a [String] {
        if folder.is_empty() {
            return self.search.paths;
        }
        let prefix = format!("{folder}/");
        let start = self.search.paths.partition_point(|path| path.as_str() < prefix.as_str());
        let length = self.search.paths[start..].iter().take_while(|path| path.starts_with(&prefix)).count();
        &self.search.paths[start..start + length]
    }

    /// The files that speak of an object of Argo CD or Flux.
    pub(super) fn spoken(&self) -> Vec<Spoken<'a>> {
        let paths = self.search.paths.par_iter().filter(|path| is_manifest(path) && !self.is_template(path));
        paths.filter_map(|path| self.speaks(path)).collect()
    }

    fn speaks(&self, path: &'a str) -> Option<Spoken<'a>> {
        let data = self.search.tree.read(path, LOOK_LIMIT).ok()?;
        if let Some(text) = wide(&data) {
            let speaks = WORDS.iter().any(|word| text.contains(word));
            let problem =
                || Problem::new(self.no_text(path), format!("`{path}` is written in UTF-16, which is not read"));
            return speaks.then(|| Spoken { path, documents: Err(problem()) });
        }
        if !WORDS.iter().any(|word| holds(&data, word)) {
            return None;
        }
        let documents = self.parse(path, data);
        // What is no YAML because of its template code is no GitOps file, but the template of one.
        let text = |problem: &Problem| self.search.sources.get(problem.at.source);
        let is_template = documents.as_ref().err().is_some_and(|problem| is_template_text(&text(problem).text));
        self.parsed.lock().expect(UNPOISONED).insert(path.to_owned(), documents.clone());
        (!is_template).then_some(Spoken { path, documents })
    }

    /// The documents of a file.
    ///
    /// # Errors
    /// Why there are none, at the line that keeps it from being read.
    pub(super) fn documents(&self, path: &str) -> Parsed {
        if let Some(known) = self.parsed.lock().expect(UNPOISONED).get(path) {
            return known.clone();
        }
        let parsed = match self.search.tree.read(path, FILE_LIMIT) {
            Ok(data) => self.parse(path, data),
            Err(error) => Err(Problem::new(self.no_text(path), error.to_string())),
        };
        self.parsed.lock().expect(UNPOISONED).insert(path.to_owned(), parsed.clone());
        parsed
    }

    fn parse(&self, path: &str, data: Vec<u8>) -> Parsed {
        if data.len() as u64 > FILE_LIMIT {
            return Err(Problem::new(self.no_text(path), format!("`{path}` is larger than {FILE_LIMIT} bytes")));
        }
        let Ok(text) = String::from_utf8(data) else {
            return Err(Problem::new(self.no_text(path), format!("`{path}` is not UTF-8")));
        };
        let id = self.add(path, text);
        let documents = Document::parse_all(id, &self.search.sources.get(id).text);
        documents.map(Arc::from).map_err(|error| Problem::new(error.location, format!("`{path}` is not YAML: {error}")))
    }

    fn add(&self, path: &str, text: String) -> SourceId {
        let tree = &**self.search.tree;
        self.search.sources.add(Source::new(tree.shown(path), tree.address(path), text))
    }

    /// The beginning of a file of which nothing is shown.
    fn no_text(&self, path: &str) -> Location {
        Location::new(self.add(path, String::new()), Span::default())
    }

    /// The root of a values file, of which Helm reads the first document; an `Err` says in words why there is none.
    pub(super) fn values(&self, path: &str) -> Result<Node, String> {
        if let Some(known) = self.values.lock().expect(UNPOISONED).get(path) {
            return known.clone();
        }
        let read = self.text(path).and_then(|(id, text)| {
            let first = Document::first(id, &text.text).map_err(|error| format!("`{path}` is not YAML: {error}"))?;
            Ok(first.map_or_else(|| Node::null(Location::new(id, Span::default())), |document| document.root))
        });
        self.values.lock().expect(UNPOISONED).insert(path.to_owned(), read.clone());
        read
    }

    /// The text of a file; an `Err` says in words why there is none.
    pub(super) fn text(&self, path: &str) -> Result<(SourceId, Arc<Source>), String> {
        let data = self.search.tree.read(path, FILE_LIMIT).map_err(|error| error.to_string())?;
        let text = String::from_utf8(data).map_err(|_| format!("`{path}` is not UTF-8"))?;
        let id = self.add(path, text);
        Ok((id, self.search.sources.get(id)))
    }
}

const UNPOISONED: &str = "no thread panics while it holds what was parsed";

fn is_manifest(path: &str) -> bool {
    [".yaml", ".yml", ".json"].iter().any(|ending| path.ends_with(ending))
}

/// The text of UTF-16, as far as it is ASCII; none of what does not begin as such a text does.
fn wide(data: &[u8]) -> Option<String> {
    let is_wide = data.starts_with(&[0xFE, 0xFF]) || data.starts_with(&[0xFF, 0xFE]);
    is_wide
        .then(|| data[2..].iter().filter(|byte| byte.is_ascii() && **byte != 0).map(|byte| char::from(*byte)).collect())
}

fn holds(data: &[u8], word: &str) -> bool {
    let first = word.as_bytes()[0];
    let mut rest = data;
    while let Some(at) = rest.iter().position(|byte| *byte == first) {
        if rest[at..].starts_with(word.as_bytes()) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

/// Whether a text that is no YAML has the actions of a template in it. An ApplicationSet's placeholders are none.
fn is_template_text(text: &str) -> bool {
    let has_actions = text.contains("{{") || text.contains("{%");
    has_actions && !text.contains("ApplicationSet")
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
