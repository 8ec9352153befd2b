//! Reading one chart's files into the run's sources, with everything that goes wrong on the way kept for the chart.

use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::{Problem, ProblemKind, YamlFile, repair, values_file};
use crate::finding::{Failure, FailureKind, Label};
use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Location, Source, SourceId, Sources, Span};
use crate::yaml::path::Trail;
use crate::yaml::{Document, Entry, KeyPath, Node, Value};

/// Repeated keys reported of one file.
const DUPLICATES_LIMIT: usize = 100;

/// Values in all YAML files of a chart and its sub-charts together: each takes a hundred bytes until the chart is judged.
const VALUES_LIMIT: usize = 2_000_000;

/// Bytes of all files that are read for a chart: what Helm would package, what `.helmignore` hides, and charts beside it.
const BYTES_LIMIT: usize = 160 << 20;

/// What may still be read for a chart, by all its readers.
#[derive(Debug)]
struct Left {
    /// None once there was too much.
    values: Cell<Option<usize>>,
    bytes: Cell<Option<usize>>,
}

impl Default for Left {
    fn default() -> Self {
        Self { values: Cell::new(Some(VALUES_LIMIT)), bytes: Cell::new(Some(BYTES_LIMIT)) }
    }
}

/// Takes from what is left: whether there was enough, and whether this is the first time that there was not.
fn take(left: &Cell<Option<usize>>, count: usize) -> (bool, bool) {
    let before = left.get();
    left.set(before.and_then(|before| before.checked_sub(count)));
    (left.get().is_some(), before.is_some() && left.get().is_none())
}

/// A file as it was read.
#[derive(Debug, Clone)]
pub(super) struct Raw {
    /// Path below the chart's folder.
    pub(super) path: String,
    /// Path in the tree.
    pub(super) at: String,
    /// Bytes without a byte order mark.
    pub(super) data: Arc<[u8]>,
    /// The same as text, where it is UTF-8; the bytes are shared.
    pub(super) text: Option<Arc<str>>,
    /// Whether a byte order mark stands before them.
    pub(super) is_marked: bool,
}

impl Raw {
    pub(super) fn new(path: String, at: String, mut data: Vec<u8>) -> Self {
        let is_marked = data.starts_with(b"\xef\xbb\xbf");
        if is_marked {
            data.drain(..3);
        }
        match String::from_utf8(data) {
            Ok(text) => {
                let text: Arc<str> = text.into();
                Self { path, at, data: Arc::from(Arc::clone(&text)), text: Some(text), is_marked }
            }
            Err(error) => Self { path, at, data: error.into_bytes().into(), text: None, is_marked },
        }
    }
}

/// Puts files into the sources and collects what is wrong with them.
pub(super) struct Reader<'a> {
    pub(super) tree: &'a Arc<dyn Tree>,
    pub(super) sources: &'a Sources,
    pub(super) problems: Vec<Problem>,
    pub(super) failures: Vec<Failure>,
    /// Whether only the files count and what stands in them does not, but for Chart.yaml and requirements.yaml.
    pub(super) is_for_files: bool,
    left: Rc<Left>,
    added: BTreeMap<String, (SourceId, Arc<str>)>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(tree: &'a Arc<dyn Tree>, sources: &'a Sources) -> Self {
        let left = Rc::default();
        Self { tree, sources, problems: vec![], failures: vec![], is_for_files: false, left, added: BTreeMap::new() }
    }

    /// A reader of a further chart that belongs to the same one.
    pub(super) fn of_part<'b>(&self, tree: &'b Arc<dyn Tree>) -> Reader<'b>
    where
        'a: 'b,
    {
        Reader { is_for_files: self.is_for_files, left: Rc::clone(&self.left), ..Reader::new(tree, self.sources) }
    }

    /// The same; `is_for_files` where the contents do not matter.
    pub(super) fn for_files(self, is_for_files: bool) -> Self {
        Self { is_for_files, ..self }
    }

    /// Reads a file of the tree; what keeps it from being read is noted, and nothing if nothing stands there.
    pub(super) fn read(&mut self, path: &str, at: &str) -> Option<Raw> {
        match self.tree.read(at, FILE_LIMIT) {
            Ok(data) if !self.has_room(&data, at) => None,
            Ok(data) => Some(Raw::new(path.to_owned(), at.to_owned(), data)),
            Err(Error::NotFound { .. }) => None,
            Err(error) => {
                self.unread(at, path, &error);
                None
            }
        }
    }

    /// Whether there is room for a file; the first time that there is none is a failure.
    fn has_room(&mut self, data: &[u8], at: &str) -> bool {
        let (fits, is_first) = take(&self.left.bytes, data.len());
        if is_first {
            let message = format!("the files of the chart and what belongs to it are larger than {BYTES_LIMIT} bytes");
            self.failures.push(Failure::new(FailureKind::Limit, message).at_path(self.tree.shown(at)));
        }
        fits
    }

    /// Notes why something could not be read: what the author can mend as a problem, anything else as a failure.
    pub(super) fn unread(&mut self, at: &str, path: &str, error: &Error) {
        let kind = match error {
            Error::BrokenLink { .. } => ProblemKind::SymlinkBroken,
            Error::NotFound { .. } | Error::WrongKind { .. } => ProblemKind::ChartInvalid,
            Error::Malformed { .. } => ProblemKind::ArchiveInvalid,
            Error::TooLarge { .. } => ProblemKind::FileTooLarge,
            Error::Unreadable { reason, .. } => {
                let shown = self.tree.shown(at);
                let message = format!("cannot read `{shown}`: {reason}");
                self.failures.push(Failure::new(FailureKind::Read, message).at_path(shown));
                return;
            }
            Error::TooMany { .. } => {
                self.failures.push(Failure::new(FailureKind::Limit, error.to_string()).at_path(self.tree.shown(at)));
                return;
            }
        };
        let location = self.start_of(at);
        self.problem(kind, location, path, error.to_string());
    }

    /// Adds a problem, to which more may be said.
    pub(super) fn problem(
        &mut self,
        kind: ProblemKind,
        location: Location,
        subject: impl Into<String>,
        message: impl Into<String>,
    ) -> &mut Problem {
        let (subject, message) = (subject.into(), message.into());
        self.problems.push(Problem { kind, location, subject, related: None, message, help: None, fix: None });
        self.problems.last_mut().expect("one was just added")
    }

    /// The start of a file, be it text or not; an empty text stands for what has none.
    pub(super) fn start_of(&mut self, at: &str) -> Location {
        let id = match self.added.get(at) {
            Some((id, _)) => *id,
            None => self.add(at, "".into()),
        };
        Location::new(id, Span::default())
    }

    /// The file's text in the sources, added when it is asked for first; what is not UTF-8 in it is replaced.
    pub(super) fn text(&mut self, raw: &Raw) -> (SourceId, Arc<str>) {
        if let Some((id, text)) = self.added.get(&raw.at).filter(|(_, text)| !text.is_empty() || raw.data.is_empty()) {
            return (*id, Arc::clone(text));
        }
        let text = raw.text.clone().unwrap_or_else(|| String::from_utf8_lossy(&raw.data).into());
        (self.add(&raw.at, Arc::clone(&text)), text)
    }

    fn add(&mut self, at: &str, text: Arc<str>) -> SourceId {
        let source = Source::new(self.tree.shown(at), self.tree.address(at), Arc::clone(&text));
        let id = self.sources.add(source);
        self.added.insert(at.to_owned(), (id, text));
        id
    }

    /// The file's documents; what keeps them from being read is a problem of the kind given.
    pub(super) fn yaml(&mut self, raw: &Raw, kind: ProblemKind) -> YamlFile {
        let (source, text) = self.text(raw);
        if self.is_for_files && !matches!(raw.path.as_str(), "Chart.yaml" | "requirements.yaml") {
            return YamlFile { path: raw.path.clone(), source, documents: vec![] };
        }
        let documents = self.documents(raw, source, &text, kind).unwrap_or_default();
        let documents = if self.fits(&documents, raw) { documents } else { vec![] };
        for document in &documents {
            self.duplicates(&document.root, &raw.path, &text);
        }
        YamlFile { path: raw.path.clone(), source, documents }
    }

    /// Whether there is room for what a file holds. Once there is none, no further file is read.
    fn fits(&mut self, documents: &[Document], raw: &Raw) -> bool {
        let values = documents.iter().map(|document| document.root.weight()).sum();
        let (fits, is_first) = take(&self.left.values, values);
        if is_first {
            let message = format!("the YAML files of the chart hold more than {VALUES_LIMIT} values together");
            self.failures.push(Failure::new(FailureKind::Limit, message).at_path(self.tree.shown(&raw.at)));
        }
        fits
    }

    fn documents(&mut self, raw: &Raw, source: SourceId, text: &str, kind: ProblemKind) -> Option<Vec<Document>> {
        if let Some(start) = std::str::from_utf8(&raw.data).err().map(|error| error.valid_up_to()) {
            let replaced = text.get(start..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8);
            let location = Location::new(source, Span::new(start, start + replaced));
            let message = format!("`{}` is not UTF-8 text", raw.path);
            self.problem(kind, location, &raw.path, message).help = Some("save the file as UTF-8".into());
            return None;
        }
        self.left.values.get()?;
        let is_values = raw.path == "values.yaml" || values_file::kind(&raw.path).is_some();
        let parse = if is_values { Document::parse_values } else { Document::parse_all };
        // Tabs stand between what JSON says, and never in it.
        let spaced = raw.path.ends_with(".json").then(|| text.replace('\t', " "));
        match parse(source, spaced.as_deref().unwrap_or(text)) {
            Ok(documents) => Some(documents),
            Err(error) if error.is_limit => {
                // Whatever else the chart holds, it cannot be judged any more.
                self.left.values.set(None);
                let message = format!("cannot read `{}`: {error}", self.tree.shown(&raw.at));
                self.failures.push(Failure::new(FailureKind::Limit, message).at(error.location));
                None
            }
            // A template kept as an example is no YAML yet, and nobody applies it as it is.
            Err(_) if raw.path.starts_with("examples/") && is_template(text) => None,
            Err(error) => {
                let message = format!("`{}` is not valid YAML: {error}", raw.path);
                self.problem(kind, error.location, &raw.path, message);
                None
            }
        }
    }

    /// Notes keys that stand twice, at any depth.
    fn duplicates(&mut self, root: &Node, path: &str, text: &str) {
        let mut finder = Duplicates::default();
        finder.node(root, &Trail::Root);
        if finder.has_more {
            let message =
                format!("more than {DUPLICATES_LIMIT} keys of `{path}` are set again; the others are not shown");
            self.failures.push(Failure::new(FailureKind::Limit, message).at(root.location));
        }
        for (key_path, void, winner) in finder.found {
            let fix = repair::without_void(&void, &winner, text);
            let (void, winner) = (void.key.location, winner.key.location);
            let line = self.sources.start(winner).line;
            let message = format!("`{key_path}` is set again on line {line}, so this value is void");
            let subject = format!("{path}#{key_path}");
            let problem = self.problem(ProblemKind::YamlKeyDuplicate, void, subject, message);
            problem.related = Some(Label::new(winner, "this value counts"));
            problem.help = Some("keep one of the two".into());
            problem.fix = fix;
        }
    }
}

/// Finds repeated keys, looking into what aliases share only once.
#[derive(Default)]
struct Duplicates {
    found: Vec<(KeyPath, Entry, Entry)>,
    has_more: bool,
    seen: HashSet<*const ()>,
}

impl Duplicates {
    fn node(&mut self, node: &Node, trail: &Trail<'_>) {
        if self.has_more {
            return;
        }
        match &node.value {
            Value::Map(mapping) if self.is_new(mapping) => {
                for (void, winner) in mapping.duplicates() {
                    if self.found.len() >= DUPLICATES_LIMIT {
                        self.has_more = true;
                        return;
                    }
                    let path = trail.key(&void.key.key_text()).to_path();
                    self.found.push((path, void.clone(), winner.clone()));
                }
                for entry in mapping.entries().iter().filter(|entry| is_collection(&entry.value)) {
                    self.node(&entry.value, &trail.key(&entry.key.key_text()));
                }
            }
            Value::Seq(items) if self.is_new(items) => {
                for (index, item) in items.iter().enumerate().filter(|(_, item)| is_collection(item)) {
                    self.node(item, &trail.index(index));
                }
            }
            _ => {}
        }
    }

    /// Whether a collection was not looked into yet. What no alias shares is met only once and need not be remembered.
    fn is_new<T: ?Sized>(&mut self, collection: &Arc<T>) -> bool {
        Arc::strong_count(collection) == 1 || self.seen.insert(Arc::as_ptr(collection).cast())
    }
}

fn is_collection(node: &Node) -> bool {
    matches!(node.value, Value::Map(_) | Value::Seq(_))
}

/// Whether a text has an action of a template in it; one in a comment is none.
fn is_template(text: &str) -> bool {
    let written = |line: &'_ str| !line.trim_start().starts_with('#');
    text.lines()
        .filter(|line| written(line))
        .any(|line| line.split(" #").next().is_some_and(|code| code.contains("{{")))
}
