//! Files of a tree that hold definitions of custom resources: found by their words, parsed only when a kind asks for them.

use std::collections::BTreeSet;
use std::sync::{Arc, OnceLock};

use rayon::iter::Either;
use rayon::prelude::*;

use crate::crd::{self, Crd, CustomKind};
use crate::source::{Error, FILE_LIMIT, Tree};
use crate::text::{Source, Sources};
use crate::yaml::{self, Document};

/// The word that every definition has.
const KIND: &str = "CustomResourceDefinition";
/// Definitions of one kind that are compared.
const COMPARED: usize = 8;

/// The files of a tree that hold definitions.
#[derive(Debug)]
pub(in crate::gate) struct Shelf {
    tree: Arc<dyn Tree>,
    files: Vec<File>,
    /// Why others could not be read: they may hold any definition.
    unread: Vec<String>,
}

#[derive(Debug)]
pub(in crate::gate) struct File {
    pub(in crate::gate) path: String,
    /// Everything that is called a `kind` or a `group` in it.
    words: BTreeSet<String>,
    read: OnceLock<Read>,
}

/// What a file holds; an error is why it is no YAML.
pub(in crate::gate) type Read = Result<Vec<Arc<Crd>>, yaml::Error>;

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
                Some(Ok(File { path, words: words(&text), read: OnceLock::new() }))
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
        Self { tree: Arc::clone(tree), files, unread }
    }

    /// Why files could not be read that may hold definitions.
    pub(in crate::gate) fn unread(&self) -> &[String] {
        &self.unread
    }

    /// The definitions of a kind, those nearest to a folder first.
    pub(in crate::gate) fn find(&self, asked: &CustomKind, folder: &str, sources: &Sources) -> Vec<Arc<Crd>> {
        let mut files: Vec<&File> = self.naming(asked).collect();
        files.sort_by_key(|file| (distance(folder, &file.path), &file.path));
        let read = files.into_iter().filter_map(|file| self.read(file, sources).as_ref().ok());
        let found: Vec<_> = read.flatten().filter(|crd| crd.is_of(asked)).take(COMPARED).cloned().collect();
        // One that serves the version says more than a nearer one that does not.
        let serves = |crd: &Arc<Crd>| crd.served().any(|version| version.name.text == asked.version);
        let (serving, others): (Vec<_>, Vec<_>) = found.into_iter().partition(serves);
        if serving.is_empty() { others } else { serving }
    }

    /// The files that may define a kind.
    pub(in crate::gate) fn naming<'s>(&'s self, asked: &'s CustomKind) -> impl Iterator<Item = &'s File> {
        self.files.iter().filter(|file| file.words.contains(&asked.kind) && file.words.contains(&asked.group))
    }

    /// What a file holds, parsed once.
    pub(in crate::gate) fn read<'s>(&self, file: &'s File, sources: &Sources) -> &'s Read {
        file.read.get_or_init(|| {
            let Ok(data) = self.tree.read(&file.path, FILE_LIMIT) else { return Ok(vec![]) };
            let Ok(text) = String::from_utf8(data) else { return Ok(vec![]) };
            let id = sources.add(Source::new(self.tree.shown(&file.path), self.tree.address(&file.path), text));
            let documents = Document::parse_all(id, &sources.get(id).text)?;
            Ok(crd::among(documents.iter().map(|document| &document.root)).map(Arc::new).collect())
        })
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
