//! What an entry of `schemas` holds: definitions in YAML or JSON, and schemas as `{group}/{kind}_{version}.json`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use sha2::{Digest, Sha256};

use crate::config::{self, Config, Located};
use crate::crd::{Crd, CustomKind};
use crate::finding::{Failure, FailureKind};
use crate::source::{self, FILE_LIMIT, Tree, below, join, normal};
use crate::text::hex;
use crate::text::{Location, Source, SourceId, Sources, Span};
use crate::yaml::Document;
use shelf::{File, Missed};

mod shelf;

pub(super) use shelf::Shelf;

/// As many JSON files are read whether anything asks for them or not, so that what is broken shows at once. A catalogue of all the world
/// has thousands, of which a chart needs a few.
const READ: usize = 1_000;
/// Most files that an entry may hold.
const MOST: usize = 50_000;

/// Schemas by the paths of their files; those that are broken and said to be so have nothing.
type Schemas = BTreeMap<String, Result<Arc<Crd>, Option<Box<Failure>>>>;

/// An entry of `schemas`.
#[derive(Debug)]
pub(super) struct Catalogue {
    tree: Arc<dyn Tree>,
    /// Where it lies in the tree: a folder or a file.
    root: String,
    /// Every file in it, as paths of the tree.
    files: BTreeSet<String>,
    shelf: OnceLock<Arc<Shelf>>,
    /// Files of JSON that were read.
    schemas: Mutex<Schemas>,
}

/// What an entry has of a kind.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) found: Vec<Arc<Crd>>,
    pub(super) failure: Option<Box<Failure>>,
    /// Whether something was there, be it readable or not.
    pub(super) is_any: bool,
}

/// What the configuration names.
///
/// # Errors
/// An entry that leads out of the repository, or to nothing.
pub(super) fn catalogues(config: &Config, tree: &Arc<dyn Tree>) -> Result<Vec<Catalogue>, Vec<config::Error>> {
    let shown = tree.shown("");
    let home = below(&config.folder, if shown == "." { "" } else { &shown }).unwrap_or_default();
    let (mut found, mut errors) = (vec![], vec![]);
    for entry in &config.schemas {
        match Catalogue::open(entry, home, tree) {
            Ok(catalogue) => found.push(catalogue),
            Err(error) => errors.push(error),
        }
    }
    if errors.is_empty() { Ok(found) } else { Err(errors) }
}

impl Catalogue {
    fn open(entry: &Located<String>, home: &str, tree: &Arc<dyn Tree>) -> Result<Self, config::Error> {
        let wrong = |message: String| config::Error::new(entry.at, message);
        let path = Path::new(&entry.value);
        let root = normal(home, path).filter(|_| !path.is_absolute());
        let root = root.ok_or_else(|| wrong(format!("`{}` leads out of the repository", entry.value)))?;
        let files = match source::list_whole(&**tree, &root) {
            Ok(entries) => entries.into_iter().map(|entry| entry.path).collect(),
            Err(source::Error::WrongKind { .. }) => BTreeSet::from([root.clone()]),
            Err(source::Error::NotFound { .. }) => {
                let help = "name a folder or a file, relative to the configuration";
                return Err(wrong(format!("`{}` does not exist", entry.value)).help(help));
            }
            Err(error) => return Err(wrong(error.to_string())),
        };
        if files.len() > MOST {
            let message = format!("`{}` holds {} files, more than {MOST}", entry.value, files.len());
            return Err(wrong(message).help("name the folders that are needed"));
        }
        let (tree, shelf, schemas) = (Arc::clone(tree), OnceLock::new(), Mutex::default());
        Ok(Self { tree, root, files, shelf, schemas })
    }

    /// Takes the files with definitions, of those of the tree that are in the entry, before anybody asks for them.
    pub(super) fn fill(&self, look: impl FnOnce(Vec<String>, &Arc<dyn Tree>) -> Arc<Shelf>) {
        // Who has asked already has what is there.
        let _ = self.shelf.set(look(self.files.iter().cloned().collect(), &self.tree));
    }

    fn shelf(&self) -> &Shelf {
        self.shelf.get_or_init(|| Arc::new(Shelf::new(&self.tree, self.files.iter().cloned().collect())))
    }

    /// The definitions of a kind. What is broken was said before, as far as it was read.
    pub(super) fn find(&self, asked: &CustomKind, sources: &Sources) -> Held {
        let mut held = Held::default();
        for file in self.shelf().naming(asked) {
            let crds = self.definitions(file, sources);
            held.is_any |= crds.is_err();
            held.found.extend(crds.iter().flat_map(|crds| &**crds).filter(|crd| crd.is_of(asked)).cloned());
        }
        let path = format!("{}/{}_{}.json", asked.group, asked.kind.to_lowercase(), asked.version);
        let path = join(&self.root, &path);
        if held.found.is_empty() && self.files.contains(&path) {
            held.is_any = true;
            match self.schema(&path, asked, sources) {
                Ok(crd) => held.found.push(crd),
                Err(failure) => held.failure = failure,
            }
        }
        held.is_any |= !held.found.is_empty();
        held
    }

    /// What is broken in it, as far as it is read without being asked for.
    pub(super) fn broken(&self, sources: &Sources) -> Vec<Failure> {
        let definitions = self.shelf().files();
        let broken = definitions.iter().filter_map(|file| self.definitions(file, sources).err());
        let mut failures: Vec<Failure> = broken.map(|failure| *failure).collect();
        let known: BTreeSet<&str> = definitions.iter().map(|file| file.path.as_str()).collect();
        let is_json = |path: &&String| has_extension(path, "json") && !known.contains(path.as_str());
        for path in self.files.iter().filter(is_json).take(READ) {
            let texts = sources.part();
            match self.json(path, &texts) {
                Ok(_) => texts.keep(&BTreeSet::new()),
                Err(failure) => {
                    failures.push(*failure);
                    self.known().insert(path.clone(), Err(None));
                }
            }
        }
        failures
    }

    /// The files of an earlier state that are gone, or say something else, by their paths in reports, each with which of the two it is.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn changed_since(&self, earlier: &Self) -> Result<Vec<(String, &'static str)>, source::Error> {
        let mut changed = vec![];
        for was in &earlier.files {
            let path = join(&self.root, below(was, &earlier.root).unwrap_or_default());
            let what = match self.files.contains(&path) {
                false => "gone",
                true if is_same((&*earlier.tree, was), (&*self.tree, &path))? => continue,
                true => "another than it was",
            };
            changed.push((self.tree.shown(&path), what));
        }
        Ok(changed)
    }

    /// The files that an earlier state of it did not have, and that define a kind which some earlier entry defines, by their paths in reports.
    /// What is broken in them is said elsewhere.
    pub(super) fn doubled(&self, was: Option<&Self>, earlier: &[Self], sources: &Sources) -> Vec<String> {
        let name = |path: &str, root: &str| below(path, root).unwrap_or_default().to_owned();
        let known: BTreeSet<String> =
            was.iter().flat_map(|was| was.files.iter().map(|path| name(path, &was.root))).collect();
        let is_new = |file: &&File| !known.contains(&name(&file.path, &self.root)) || was.is_none();
        let is_known = |crd: &Arc<Crd>| {
            let mut kinds = crd.versions.iter().map(|version| CustomKind {
                group: crd.group.text.clone(),
                version: version.name.text.clone(),
                kind: crd.kind.text.clone(),
            });
            kinds.any(|kind| earlier.iter().any(|entry| entry.find(&kind, sources).is_any))
        };
        let doubles =
            |file: &&File| self.definitions(file, sources).is_ok_and(|definitions| definitions.iter().any(is_known));
        let new = self.shelf().files().iter().filter(is_new).filter(doubles);
        new.map(|file| self.tree.shown(&file.path)).collect()
    }

    /// Where it lies in its tree: a folder or a file.
    pub(super) fn root(&self) -> &str {
        &self.root
    }

    fn known(&self) -> MutexGuard<'_, Schemas> {
        self.schemas.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Every file with the digest of its bytes, by its path below the entry.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub(super) fn contents(&self) -> Result<BTreeMap<String, String>, source::Error> {
        let content = |path: &String| {
            let data = self.tree.read(path, FILE_LIMIT)?;
            let name = below(path, &self.root).unwrap_or_default().to_owned();
            Ok((name, hex(&Sha256::digest(data))))
        };
        self.files.iter().map(content).collect()
    }

    fn definitions(&self, file: &File, sources: &Sources) -> Result<Arc<[Arc<Crd>]>, Box<Failure>> {
        let shown = self.tree.shown(&file.path);
        self.shelf().read(file, &*self.tree, sources).map_err(|error| match error {
            Missed::Broken(error) => {
                unread(format!("cannot read the definitions in `{shown}`: {}", error.message), error.location)
            }
            Missed::Lost(reason) => unreadable(format!("cannot read definitions: {reason}"), &shown),
        })
    }

    /// The schema in a file of JSON, read once.
    fn schema(&self, path: &str, asked: &CustomKind, sources: &Sources) -> Result<Arc<Crd>, Option<Box<Failure>>> {
        let mut known = self.known();
        if let Some(found) = known.get(path) {
            return found.clone();
        }
        let made = self.json(path, sources).and_then(|id| {
            let text = Arc::clone(&sources.get(id).text);
            if let Some(at) = text.find("\"$ref\"") {
                let message =
                    format!("the schema in `{}` refers to others, which is not followed", self.tree.shown(path));
                return Err(unread(message, Location::new(id, Span::new(at, at + 6))));
            }
            let document = Document::parse(id, &text).map_err(|error| {
                let message = format!("cannot read the schema in `{}`: {}", self.tree.shown(path), error.message);
                unread(message, error.location)
            })?;
            Ok(Arc::new(Crd::of_schema(asked, &document.root)))
        });
        let made = made.map_err(Some);
        known.insert(path.to_owned(), made.clone());
        made
    }

    /// The text of a file of JSON.
    fn json(&self, path: &str, sources: &Sources) -> Result<SourceId, Box<Failure>> {
        let shown = self.tree.shown(path);
        let data = self.tree.read(path, FILE_LIMIT);
        let data = data.map_err(|error| unreadable(error.to_string(), &shown))?;
        let text = String::from_utf8(data).map_err(|_| unreadable(format!("`{shown}` is not UTF-8"), &shown))?;
        let id = sources.add(Source::new(shown.clone(), self.tree.address(path), text.as_str()));
        let parsed: Result<serde::de::IgnoredAny, _> = serde_json::from_str(&text);
        parsed.map(|_| id).map_err(|error| {
            let line: usize = text.split_inclusive('\n').take(error.line().max(1) - 1).map(str::len).sum();
            let at = (line + error.column().max(1) - 1).min(text.len());
            let said = error.to_string();
            let said = said.split(" at line ").next().unwrap_or_default();
            unread(format!("`{shown}` is not JSON: {said}"), Location::new(id, Span::new(at, at)))
        })
    }
}

/// Whether files of two trees say the same; they are read where git does not tell.
fn is_same(was: (&dyn Tree, &str), is: (&dyn Tree, &str)) -> Result<bool, source::Error> {
    let ids = [was, is].map(|(tree, path)| tree.blob_id(path));
    if let [Some(was), Some(is)] = ids
        && was == is
    {
        return Ok(true);
    }
    let [was, is] = [was, is].map(|(tree, path)| tree.read(path, FILE_LIMIT));
    Ok(was? == is?)
}

/// A failure at a place.
fn unread(message: String, at: Location) -> Box<Failure> {
    Box::new(Failure::new(FailureKind::Read, message).help(HELP).at(at))
}

/// The same of a file as a whole.
fn unreadable(message: String, path: &str) -> Box<Failure> {
    Box::new(Failure::new(FailureKind::Read, message).help(HELP).at_path(path))
}

const HELP: &str = "mend the file, or leave it out of `schemas`";

fn has_extension(path: &str, wanted: &str) -> bool {
    Path::new(path).extension().is_some_and(|extension| extension == wanted)
}
