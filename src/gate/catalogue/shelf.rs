//! Files of a tree that hold definitions of custom resources: found by their words, parsed only when a kind asks for them, and forgotten where
//! many others were asked for since.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use rayon::iter::Either;
use rayon::prelude::*;

use crate::crd::{self, Crd, CustomKind};
use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Source, SourceId, Sources};
use crate::yaml::{self, Document};

/// The word that every definition has.
const KIND: &str = "CustomResourceDefinition";
/// Definitions of one kind that are compared.
const COMPARED: usize = 8;
/// Bytes of files that stay parsed: what they say takes several times as much, and hundreds of charts come with definitions.
const KEPT: usize = 2 << 20;

/// The files of a tree that hold definitions.
#[derive(Debug)]
pub(in crate::gate) struct Shelf {
    tree: Arc<dyn Tree>,
    files: Vec<File>,
    /// Why others could not be read: they may hold any definition.
    unread: Vec<String>,
    kept: Mutex<Kept>,
}

/// The files that are parsed, the oldest first.
#[derive(Debug, Default)]
struct Kept {
    files: VecDeque<(Arc<Parsed>, usize)>,
    bytes: usize,
}

/// What a file holds, while it is kept.
type Parsed = Mutex<Option<Read>>;

#[derive(Debug)]
pub(in crate::gate) struct File {
    pub(in crate::gate) path: String,
    /// Everything that is called a `kind` or a `group` in it.
    words: BTreeSet<String>,
    /// Its text; none where it cannot be had any more.
    text: OnceLock<Option<SourceId>>,
    read: Arc<Parsed>,
}

/// What a file holds; an error is why it is no YAML.
pub(in crate::gate) type Read = Result<Arc<[Arc<Crd>]>, yaml::Error>;

impl File {
    fn parsed(&self) -> MutexGuard<'_, Option<Read>> {
        // A panic elsewhere leaves it whole.
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Shelf {
    /// Looks through the YAML and JSON files among some paths of a tree.
    pub(in crate::gate) fn new(tree: &Arc<dyn Tree>, paths: Vec<String>) -> Self {
        let is_data = |path: &String| {
            let extension = std::path::Path::new(path).extension().and_then(std::ffi::OsStr::to_str);
            matches!(extension, Some("yaml" | "yml" | "json"))
        };
        let file = |path: String| match tree.read(&path, FILE_LIMIT) {
            Ok(data) => {
                // What is no text is no YAML either.
                let text = String::from_utf8(data).ok().filter(|text| text.contains(KIND))?;
                Some(Ok(File { path, words: words(&text), text: OnceLock::new(), read: Arc::default() }))
            }
            Err(error @ Error::Unreadable { .. }) => Some(Err(error.to_string())),
            // Not there any more, no file, or larger than any that Helm takes.
            Err(_) => None,
        };
        let found = paths.into_par_iter().filter(is_data).filter_map(file);
        let (files, unread) = found.partition_map(|found| match found {
            Ok(file) => Either::Left(file),
            Err(reason) => Either::Right(reason),
        });
        Self { tree: Arc::clone(tree), files, unread, kept: Mutex::default() }
    }

    /// Why files could not be read that may hold definitions.
    pub(in crate::gate) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// The definitions of a kind, those nearest to a folder first.
    pub(in crate::gate) fn find(&self, asked: &CustomKind, folder: &str, sources: &Sources) -> Vec<Arc<Crd>> {
        let mut files: Vec<&File> = self.naming(asked).collect();
        files.sort_by_key(|file| (distance(folder, &file.path), &file.path));
        let read = files.into_iter().filter_map(|file| self.read(file, sources).ok());
        let of_kind = |crds: Arc<[Arc<Crd>]>| crds.iter().filter(|crd| crd.is_of(asked)).cloned().collect::<Vec<_>>();
        let found: Vec<_> = read.flat_map(of_kind).take(COMPARED).collect();
        // One that serves the version says more than a nearer one that does not.
        let serves = |crd: &Arc<Crd>| crd.served().any(|version| version.name.text == asked.version);
        let (serving, others): (Vec<_>, Vec<_>) = found.into_iter().partition(serves);
        if serving.is_empty() { others } else { serving }
    }

    /// The files that may define a kind.
    pub(in crate::gate) fn naming<'s>(&'s self, asked: &'s CustomKind) -> impl Iterator<Item = &'s File> {
        self.files.iter().filter(|file| file.words.contains(&asked.kind) && file.words.contains(&asked.group))
    }

    /// What a file holds.
    pub(in crate::gate) fn read(&self, file: &File, sources: &Sources) -> Read {
        if let Some(read) = &*file.parsed() {
            return read.clone();
        }
        let Some(id) = *file.text.get_or_init(|| self.text(file, sources)) else { return Ok(Arc::default()) };
        let text = Arc::clone(&sources.get(id).text);
        let read = Document::parse_all(id, &text)
            .map(|documents| crd::among(documents.iter().map(|document| &document.root)).map(Arc::new).collect());
        *file.parsed() = Some(read.clone());
        self.keep(file, text.len());
        read
    }

    fn text(&self, file: &File, sources: &Sources) -> Option<SourceId> {
        let text = String::from_utf8(self.tree.read(&file.path, FILE_LIMIT).ok()?).ok()?;
        Some(sources.add(Source::new(self.tree.shown(&file.path), self.tree.address(&file.path), text)))
    }

    /// Keeps what a file holds, in place of the oldest.
    fn keep(&self, file: &File, bytes: usize) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.files.push_back((Arc::clone(&file.read), bytes));
        kept.bytes += bytes;
        while kept.bytes > KEPT && kept.files.len() > 1 {
            let Some((oldest, bytes)) = kept.files.pop_front() else { break };
            kept.bytes -= bytes;
            *oldest.lock().unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    /// Every file.
    pub(in crate::gate) fn files(&self) -> &[File] {
        &self.files
    }
}

/// Values of `kind` and `group`, wherever a line says them.
fn words(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for line in text.split(['\n', ',', '{', '}']) {
        let Some((key, value)) = line.split_once(':') else { continue };
        let plain = |text: &'static str| move |part: &str| part.trim_matches([' ', '\t', '-', '"', '\'']) == text;
        if plain("kind")(key) || plain("group")(key) {
            let value = value.split(" #").next().unwrap_or_default();
            found.insert(value.trim_matches([' ', '\t', '\r', '"', '\'']).to_owned());
        }
    }
    found
}

/// How many folders lie between a folder and a file.
fn distance(folder: &str, file: &str) -> usize {
    let parts = |path: &str| path.split('/').filter(|part| !part.is_empty()).map(str::to_owned).collect::<Vec<_>>();
    let (from, to) = (parts(folder), parts(file.rsplit_once('/').map_or("", |(folder, _)| folder)));
    let common = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
    from.len() + to.len() - 2 * common
}

#[cfg(test)]
mod tests {
    use super::{distance, words};

    #[test]
    fn a_file_is_as_far_as_the_folders_between() {
        let cases = [
            ("charts/a", "charts/a/crds/w.yaml", 1),
            ("charts/a", "charts/b/crds/w.yaml", 3),
            ("charts/a", "crds/w.yaml", 3),
            ("", "w.yaml", 0),
            ("charts/ab", "charts/a/w.yaml", 2),
        ];
        for (folder, file, expected) in cases {
            assert_eq!(distance(folder, file), expected, "{folder} {file}");
        }
    }

    #[test]
    fn kinds_and_groups_are_seen_in_block_and_in_flow_style() {
        let text = "spec:\n  group: x.io # ours\n  names: {plural: as, kind: A}\n";
        assert_eq!(words(text).into_iter().collect::<Vec<_>>(), ["A", "x.io"]);
        assert_eq!(
            words("{\"group\": \"x.io\", \"names\":\n {\"kind\":\"B\"}}").into_iter().collect::<Vec<_>>(),
            ["B", "x.io"]
        );
    }
}
