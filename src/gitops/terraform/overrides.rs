//! Files that Terraform lays over the others of their module, which is not followed: whether one speaks of a `helm_release`.

use std::collections::HashSet;

use super::is_override;
use crate::gitops::Problem;
use crate::gitops::files::Files;
use crate::gitops::path::folder;
use crate::text::{Location, SourceId, Span};

/// Those of one module that speak of any `helm_release`.
#[derive(Debug, Default)]
pub(super) struct Overrides {
    files: Vec<Override>,
    /// Why one could not be read: it may speak of each.
    unread: Option<Problem>,
}

#[derive(Debug)]
struct Override {
    path: String,
    source: SourceId,
    /// Where it speaks of the first.
    at: Span,
    words: HashSet<String>,
}

impl Overrides {
    /// Those beside the files of a folder.
    pub(super) fn of(files: &Files<'_>, module: &str) -> Self {
        const KIND: &str = "helm_release";
        let mut overrides = Self::default();
        for path in files.below(module).iter().filter(|path| is_override(path) && folder(path) == module) {
            let (source, read) = match files.text(path) {
                Ok(read) => read,
                Err(message) => {
                    overrides.unread.get_or_insert(Problem::new(files.beginning(path), message));
                    continue;
                }
            };
            let Some(at) = read.text.find(KIND) else { continue };
            let words = words(&read.text).map(str::to_owned).collect();
            overrides.files.push(Override { path: path.clone(), source, at: Span::new(at, at + KIND.len()), words });
        }
        overrides
    }

    /// That a release of this name is changed, or may be.
    pub(super) fn change(&self, name: &str) -> Option<Problem> {
        let speaks = |file: &&Override| words(name).all(|word| file.words.contains(word));
        let Some(file) = self.files.iter().find(speaks) else { return self.unread.clone() };
        let message = format!("`helm_release.{name}` is changed by `{}`, which is not followed", file.path);
        Some(Problem::new(Location::new(file.source, file.at), message))
    }
}

/// The words of a text; names of resources are made of them.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_' || letter == '-';
    text.split(move |letter| !is_part(letter)).filter(|word| !word.is_empty())
}
