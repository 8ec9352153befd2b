//! The files that are open in the editor, with the texts that it has.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::{TextDocumentContentChangeEvent, Uri};

use super::utf16;
use crate::source::Dir;

/// An open file.
#[derive(Debug, Clone)]
pub(super) struct Document {
    /// As the editor names it.
    pub(super) uri: Uri,
    /// The editor's count of its changes.
    pub(super) version: i32,
    /// What it holds.
    pub(super) text: Arc<str>,
}

/// Every open file, by its path without links.
#[derive(Debug, Default)]
pub(super) struct Documents(BTreeMap<PathBuf, Document>);

impl Documents {
    /// Adds a file, or takes its text anew.
    pub(super) fn open(&mut self, path: PathBuf, document: Document) {
        self.0.insert(path, document);
    }

    /// Removes a file.
    pub(super) fn close(&mut self, path: &Path) {
        self.0.remove(path);
    }

    /// An open file.
    pub(super) fn get(&self, path: &Path) -> Option<&Document> {
        self.0.get(path)
    }

    /// Every open file, by path.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&PathBuf, &Document)> {
        self.0.iter()
    }

    /// Applies changes that lead to a version; false where they were already, or the file is not open.
    pub(super) fn change(&mut self, path: &Path, version: i32, changes: &[TextDocumentContentChangeEvent]) -> bool {
        let Some(document) = self.0.get_mut(path).filter(|document| document.version < version) else { return false };
        let mut text = document.text.to_string();
        for change in changes {
            match change.range {
                None => text.clone_from(&change.text),
                Some(range) => {
                    let start = utf16::offset(&text, range.start);
                    let end = utf16::offset(&text, range.end).max(start);
                    text.replace_range(start..end, &change.text);
                }
            }
        }
        document.text = text.into();
        document.version = version;
        true
    }
}

/// The path of a URI, without links; none where it names no file.
pub(super) fn path_of(uri: &Uri) -> Option<PathBuf> {
    let url = url::Url::parse(uri.as_str()).ok().filter(|url| url.scheme() == "file")?;
    let path = url.to_file_path().ok()?;
    let (folder, name) = (path.parent()?, path.file_name()?);
    // A file that was never saved may lie in a folder that is not there.
    Some(real(folder).join(name))
}

/// A folder without links in its path; as it is where it cannot be opened.
pub(super) fn real(folder: &Path) -> PathBuf {
    Dir::folder(folder).map_or_else(|_| folder.to_owned(), |folder| folder.root().to_owned())
}

/// A path as a URI.
pub(super) fn uri_of(path: &Path) -> Option<Uri> {
    url::Url::from_file_path(path).ok()?.as_str().parse().ok()
}
