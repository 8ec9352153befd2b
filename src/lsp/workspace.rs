//! What the editor has open, and the folders that it lies in.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::Sender;

use lsp_types::{
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWorkspaceFoldersParams, TextDocumentItem, Uri,
};

use super::Sessions;
use super::documents::{Document, Documents, path_of, real, uri_of};
use super::folder::{Folder, News};
use super::job::Job;
use super::judge::Outcome;
use super::requests::around;
use crate::source::{Dir, FILE_LIMIT, Home, Tree as _};

/// The workspace of an editor.
pub(super) struct Workspace<'s> {
    working_dir: Arc<Path>,
    sessions: &'s Sessions<'s>,
    jobs: Sender<Job>,
    /// Whether registries and chart repositories are asked.
    pub(super) is_online: bool,
    /// What is open.
    pub(super) documents: Documents,
    /// Its folders.
    pub(super) folders: Vec<Folder>,
}

impl<'s> Workspace<'s> {
    pub(super) fn new(jobs: Sender<Job>, working_dir: Arc<Path>, sessions: &'s Sessions<'s>) -> Self {
        Self { working_dir, sessions, jobs, is_online: false, documents: Documents::default(), folders: vec![] }
    }

    /// A file was opened.
    pub(super) fn open(&mut self, document: TextDocumentItem) {
        let Some(path) = path_of(&document.uri) else { return };
        self.house(&path);
        let (uri, version, text) = (document.uri, document.version, document.text.into());
        self.documents.open(path.clone(), Document { uri, version, text });
        self.turn(&path);
    }

    /// Finds the folder that an open file is judged in, and adds one where there is none.
    fn house(&mut self, path: &Path) {
        let folder = around(&mut self.folders, path).map(|folder| folder.path.clone());
        // A repository inside of a folder is judged by itself: what it is cannot be told from outside.
        let is_inner = |root: &PathBuf| folder.as_ref().is_none_or(|folder| root.starts_with(folder) && root != folder);
        match (repository(path).filter(is_inner), &folder) {
            (Some(root), _) => self.add_folder(&root, false),
            (None, None) => self.add_folder(&outermost_chart(path), false),
            (None, Some(_)) => {}
        }
    }

    /// A file was typed in; false where the change comes too late.
    pub(super) fn change(&mut self, params: &DidChangeTextDocumentParams) -> bool {
        let Some(path) = path_of(&params.text_document.uri) else { return true };
        if !self.documents.change(&path, params.text_document.version, &params.content_changes) {
            return false;
        }
        let folder = around(&mut self.folders, &path);
        if let Some(folder) = folder.and_then(Folder::touched) {
            let job = folder.job(&self.documents);
            self.send(job);
        }
        true
    }

    /// A file was saved.
    pub(super) fn save(&mut self, uri: &Uri) {
        if let Some(path) = path_of(uri) {
            self.turn(&path);
        }
    }

    /// A file was closed.
    pub(super) fn close(&mut self, uri: &Uri) {
        if let Some(path) = path_of(uri) {
            self.documents.close(&path);
            self.turn(&path);
        }
    }

    /// Files changed behind the editor's back.
    pub(super) fn watch(&mut self, params: &DidChangeWatchedFilesParams) {
        let is_git = |path: &PathBuf| path.components().any(|part| part.as_os_str() == ".git");
        let paths: BTreeSet<PathBuf> =
            params.changes.iter().filter_map(|change| path_of(&change.uri)).filter(|path| !is_git(path)).collect();
        self.turn_all(|folder| paths.iter().any(|path| folder.rests_on(path)));
    }

    /// Folders came and went; the files of which nothing is to be shown any more.
    pub(super) fn move_folders(&mut self, params: &DidChangeWorkspaceFoldersParams) -> Vec<PathBuf> {
        let mut forgotten = vec![];
        for gone in params.event.removed.iter().filter_map(|folder| path_of(&folder.uri)) {
            let gone = real(&gone);
            self.folders.retain(|folder| {
                let stays = !folder.is_named || folder.path != gone;
                forgotten.extend(folder.shown().filter(|_| !stays).cloned());
                stays
            });
        }
        self.nest();
        for new in params.event.added.iter().filter_map(|folder| path_of(&folder.uri)) {
            self.add_folder(&new, true);
        }
        // What is open in a folder that went is still open.
        let open: Vec<PathBuf> = self.documents.iter().map(|(path, _)| path.clone()).collect();
        for path in &open {
            self.house(path);
        }
        self.turn_all(|_| true);
        forgotten
    }

    /// Takes what was judged, unless the folder has changed since: then what comes next is taken.
    pub(super) fn take(&mut self, outcome: Outcome) -> Option<(&Folder, News)> {
        let folder = self.folders.iter_mut().find(|folder| folder.path == outcome.job.folder)?;
        let news = folder.take(outcome)?;
        Some((folder, news))
    }

    /// How the editor names a file, with the version that it has open.
    pub(super) fn name(&self, file: &Path) -> Option<(Uri, Option<i32>)> {
        match self.documents.get(file) {
            Some(document) => Some((document.uri.clone(), Some(document.version))),
            None => Some((uri_of(file)?, None)),
        }
    }

    /// Adds a folder, unless it is there.
    pub(super) fn add_folder(&mut self, path: &Path, is_named: bool) {
        let path = real(&self.working_dir.join(path));
        if let Some(folder) = self.folders.iter_mut().find(|folder| folder.path == path) {
            folder.is_named |= is_named;
            return;
        }
        let session = (self.sessions)(&path, self.is_online);
        self.folders.push(Folder::new(path, is_named, session));
        self.nest();
    }

    /// Tells each folder which others lie inside of it.
    fn nest(&mut self) {
        let all: Vec<PathBuf> = self.folders.iter().map(|folder| folder.path.clone()).collect();
        for folder in &mut self.folders {
            let is_inner = |other: &&PathBuf| other.starts_with(&folder.path) && **other != folder.path;
            folder.inner = all.iter().filter(is_inner).cloned().collect();
        }
    }

    /// Has all that is open around a file judged anew.
    fn turn(&mut self, file: &Path) {
        if let Some(folder) = around(&mut self.folders, file) {
            folder.turn();
            let job = folder.job(&self.documents);
            self.send(job);
        }
    }

    fn turn_all(&mut self, wanted: impl Fn(&Folder) -> bool) {
        for folder in self.folders.iter_mut().filter(|folder| wanted(folder)) {
            folder.turn();
            // The judge ends with the server, not before.
            let _ = self.jobs.send(folder.job(&self.documents));
        }
    }

    fn send(&self, job: Job) {
        let _ = self.jobs.send(job);
    }
}

/// The root of the repository that a file lies in.
fn repository(file: &Path) -> Option<PathBuf> {
    let home = Home::new(file.parent()?);
    matches!(home.repository(), Ok(Some(_))).then(|| home.root().to_owned())
}

/// The outermost of the charts that a file lies in; its folder where it lies in none.
fn outermost_chart(file: &Path) -> PathBuf {
    let folder = file.parent().unwrap_or(file);
    let is_chart =
        |folder: &&Path| Dir::folder(folder).is_ok_and(|folder| folder.read("Chart.yaml", FILE_LIMIT).is_ok());
    folder.ancestors().filter(is_chart).last().unwrap_or(folder).to_owned()
}
