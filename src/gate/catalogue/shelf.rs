//! Files of a tree that hold definitions of custom resources: found by their words, parsed only when a kind asks for them, and forgotten where
//! many others were asked for since.

use std::collections::{BTreeSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::crd::{self, Crd, CustomKind};
use crate::source::{Error, FILE_LIMIT, Look, Tree, apart};
use crate::text::{Source, SourceId, Sources};
use crate::yaml::{self, Document};

/// Whether a text has the word that every definition has.
const DEFINES: Look = Look::at(&[&["CustomResourceDefinition"]]);
/// Definitions of one kind that are compared.
const COMPARED: usize = 8;
/// Bytes of files that stay parsed: what they say takes several times as much, and hundreds of charts come with definitions.
const KEPT: usize = 2 << 20;

/// The files of a tree that hold definitions.
#[derive(Debug, Default)]
pub(in crate::gate) struct Shelf {
    files: Vec<File>,
    /// Why others could not be read: they may hold any definition.
    unread: Vec<String>,
    kept: Mutex<Kept>,
    /// Their texts, as far as they outlive the run.
    texts: Mutex<Vec<(SourceId, Arc<Source>)>>,
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
    /// Its text, once a kind has asked for it.
    text: OnceLock<SourceId>,
    read: Arc<Parsed>,
}

/// What a file holds.
pub(in crate::gate) type Read = Result<Arc<[Arc<Crd>]>, Missed>;

/// Why it is not known what a file holds.
#[derive(Debug, Clone)]
pub(in crate::gate) enum Missed {
    /// It could be read when the files were looked through, and no more when a kind asked for it.
    Lost(String),
    /// It is no YAML.
    Broken(yaml::Error),
}

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
        let text = |path: &str| {
            let is_any = tree.look(path, FILE_LIMIT, DEFINES)?;
            is_any.then(|| tree.read(path, FILE_LIMIT)).transpose()
        };
        let file = |path: String| match text(&path) {
            Ok(data) => {
                // What is no text is no YAML either.
                let text = String::from_utf8(data?).ok()?;
                Some(Ok(File { path, words: words(&text), text: OnceLock::new(), read: Arc::default() }))
            }
            Err(error @ Error::Unreadable { .. }) => Some(Err(error.to_string())),
            // Not there any more, no file, or larger than any that Helm takes.
            Err(_) => None,
        };
        let mut shelf = Self::default();
        for found in apart(paths.into_iter().filter(is_data).collect(), file).into_iter().flatten() {
            match found {
                Ok(file) => shelf.files.push(file),
                Err(reason) => shelf.unread.push(reason),
            }
        }
        shelf
    }

    /// Lends a run the texts that were read in earlier ones.
    pub(in crate::gate) fn lend(&self, sources: &Sources) {
        sources.borrow(&self.texts.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Why files could not be read that may hold definitions.
    pub(in crate::gate) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// The definitions of a kind in the files of a tree, those nearest to a folder first; and why files could not be read that may hold others.
    pub(in crate::gate) fn find(
        &self,
        asked: &CustomKind,
        (tree, folder): (&dyn Tree, &str),
        sources: &Sources,
    ) -> (Vec<Arc<Crd>>, Vec<String>) {
        let mut files: Vec<&File> = self.naming(asked).collect();
        files.sort_by_key(|file| (distance(folder, &file.path), &file.path));
        let (mut found, mut lost) = (vec![], vec![]);
        for file in files {
            match self.read(file, tree, sources) {
                Ok(crds) => found.extend(crds.iter().filter(|crd| crd.is_of(asked)).cloned()),
                Err(Missed::Lost(reason)) => lost.push(reason),
                // What is no YAML defines nothing.
                Err(Missed::Broken(_)) => {}
            }
            if found.len() >= COMPARED {
                break;
            }
        }
        found.truncate(COMPARED);
        // One that serves the version says more than a nearer one that does not.
        let serves = |crd: &Arc<Crd>| crd.served().any(|version| version.name.text == asked.version);
        let (serving, others): (Vec<_>, Vec<_>) = found.into_iter().partition(serves);
        (if serving.is_empty() { others } else { serving }, lost)
    }

    /// The files that may define a kind.
    pub(in crate::gate) fn naming<'s>(&'s self, asked: &'s CustomKind) -> impl Iterator<Item = &'s File> {
        self.files.iter().filter(|file| file.words.contains(&asked.kind) && file.words.contains(&asked.group))
    }

    /// What a file holds.
    pub(in crate::gate) fn read(&self, file: &File, tree: &dyn Tree, sources: &Sources) -> Read {
        if let Some(read) = &*file.parsed() {
            return read.clone();
        }
        let id = match file.text.get() {
            Some(id) => *id,
            None => self.text(file, tree, sources).map_err(Missed::Lost)?,
        };
        let text = Arc::clone(&sources.get(id).text);
        let read = Document::parse_all(id, &text)
            .map(|documents| crd::among(documents.iter().map(|document| &document.root)).map(Arc::new).collect())
            .map_err(Missed::Broken);
        *file.parsed() = Some(read.clone());
        self.keep(file, text.len());
        read
    }

    fn text(&self, file: &File, tree: &dyn Tree, sources: &Sources) -> Result<SourceId, String> {
        let shown = tree.shown(&file.path);
        let data = tree.read(&file.path, FILE_LIMIT).map_err(|error| error.to_string())?;
        let text = String::from_utf8(data).map_err(|_| format!("`{shown}` is not UTF-8"))?;
        let source = Source::new(shown, tree.address(&file.path), text);
        let Some(lasting) = sources.lasting() else { return Ok(*file.text.get_or_init(|| sources.add(source))) };
        let id = *file.text.get_or_init(|| lasting.add(source));
        self.texts.lock().unwrap_or_else(PoisonError::into_inner).extend(lasting.own());
        Ok(id)
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
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;
    use crate::source::Entry;
    use crate::text::Address;

    /// A file that can be looked at and read once.
    #[derive(Debug, Default)]
    struct Fading(AtomicUsize);

    impl Tree for Fading {
        fn list(&self, _: &str) -> Result<Vec<Entry>, Error> {
            Ok(vec![])
        }

        fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Error> {
            let text = "kind: CustomResourceDefinition\nspec: {group: x.io, names: {kind: A}}\n";
            let (path, reason) = (path.to_owned(), "permission denied".to_owned());
            let is_there = self.0.fetch_add(1, Ordering::Relaxed) < 2;
            if is_there { Ok(text.into()) } else { Err(Error::Unreadable { path, reason }) }
        }

        fn address(&self, _: &str) -> Address {
            Address::Rendered
        }

        fn shown(&self, path: &str) -> String {
            path.to_owned()
        }
    }

    #[test]
    fn a_file_that_can_be_read_no_more_is_said_each_time() {
        let tree: Arc<dyn Tree> = Arc::new(Fading::default());
        let shelf = Shelf::new(&tree, vec!["a.yaml".to_owned()]);
        let asked = CustomKind::of("x.io/v1", "A").expect("a group with a dot");
        for _ in 0..2 {
            let (found, lost) = shelf.find(&asked, (&*tree, ""), &Sources::new());
            assert_eq!(found.len(), 0);
            assert!(matches!(lost.as_slice(), [reason] if reason.contains("permission denied")), "{lost:?}");
        }
    }

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
