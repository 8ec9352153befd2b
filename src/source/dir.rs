//! A folder on disk as a [`Tree`]: what Helm's walk (`internal/sympath/walk.go`) finds, with links described rather than hidden.
#![expect(clippy::disallowed_methods, reason = "a folder is read here; the modules above see a `Tree`")]

use std::collections::HashMap;
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};

use walkdir::WalkDir;

use super::{ENTRY_LIMIT, Entry, EntryKind, Error, LinkFault, LinkTarget, Tree, is_absent, join};
use crate::text::Address;

/// What git says of paths below a working tree's root.
pub trait WorkingTree: fmt::Debug + Send + Sync {
    /// Whether git ignores a path, which may be a folder.
    ///
    /// # Errors
    /// What git could not read, in words.
    fn is_ignored(&self, path: &str, is_folder: bool) -> Result<bool, String>;

    /// Whether a path is a submodule, be it checked out or not.
    ///
    /// # Errors
    /// What git could not read, in words.
    fn is_submodule(&self, path: &str) -> Result<bool, String>;
}

/// Links followed one inside the other before it counts as a circle, as the system's own limit.
const LINK_DEPTH: usize = 40;

/// Files and folders reached through links in one listing: links to folders of links multiply without end.
const LINKED_LIMIT: usize = 20_000;

/// Files on disk below a folder: the repository root, else the working directory.
#[derive(Clone)]
pub struct Dir {
    /// Without links in it.
    root: PathBuf,
    /// The folder that links must not leave: the root, or one above it; none where they may lead anywhere.
    boundary: Option<PathBuf>,
    /// Put before paths in reports.
    shown_below: String,
    /// What git says, where the root is a working tree's.
    git: Option<Arc<dyn WorkingTree>>,
    /// Where folders lead that files were read from, all links followed: asking the system for each of their files anew was half of the
    /// time that reading took.
    folders: Arc<RwLock<HashMap<String, Arc<Path>>>>,
}

impl fmt::Debug for Dir {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Dir").field("root", &self.root).finish_non_exhaustive()
    }
}

impl Dir {
    /// The files below a folder, which links must not leave.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::WrongKind`] where it is no folder, [`Error::Unreadable`].
    pub fn folder(root: &Path) -> Result<Self, Error> {
        let named = root.display().to_string();
        let root = fs::canonicalize(root).map_err(|error| from_io(&named, &error))?;
        if !fs::metadata(&root).map_err(|error| from_io(&named, &error))?.is_dir() {
            return Err(Error::WrongKind { path: named, found: "a file" });
        }
        let boundary = Some(root.clone());
        Ok(Self { root, boundary, shown_below: String::new(), git: None, folders: Arc::default() })
    }

    /// The files of a repository's working tree. Links that leave it are not followed, repositories inside it not entered.
    ///
    /// # Errors
    /// As [`Dir::folder`].
    pub fn repository(root: &Path, git: Arc<dyn WorkingTree>) -> Result<Self, Error> {
        Ok(Self { git: Some(git), ..Self::folder(root)? })
    }

    /// The same with another boundary for links; none where they may lead anywhere.
    #[must_use]
    pub fn within(self, boundary: Option<PathBuf>) -> Self {
        Self { boundary, ..self }
    }

    /// The same with a path put before those in reports, for a root other than the one that reports are relative to.
    #[must_use]
    pub fn shown_below(self, prefix: impl Into<String>) -> Self {
        Self { shown_below: prefix.into(), ..self }
    }

    /// The root, absolute and without links in it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Where a path leads on disk, all links followed.
    fn locate(&self, path: &str) -> Result<PathBuf, Error> {
        let is_plain = |part: Component<'_>| matches!(part, Component::Normal(_));
        if !Path::new(path).components().all(is_plain) {
            return Err(Error::NotFound { path: path.to_owned() });
        }
        let real = fs::canonicalize(self.root.join(path)).map_err(|error| self.unresolved(path, &error))?;
        if let Some(why) = self.refused(&real) {
            return Err(Error::BrokenLink { path: path.to_owned(), why });
        }
        Ok(real)
    }

    /// Where a file lies on disk, all links followed, and what the system says of it.
    fn file(&self, path: &str) -> Result<(PathBuf, fs::Metadata), Error> {
        if let Some(found) = self.plain_file(path) {
            return found;
        }
        let disk = self.locate(path)?;
        let metadata = fs::metadata(&disk).map_err(|error| from_io(path, &error))?;
        Ok((disk, metadata))
    }

    /// The same where the file itself is no link and its folder was seen; none where more has to be asked.
    fn plain_file(&self, path: &str) -> Option<Result<(PathBuf, fs::Metadata), Error>> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        // The one file of a folder that may be refused although the folder is not.
        if is_git(name) || matches!(name, "" | "." | "..") || name.contains(std::path::MAIN_SEPARATOR) {
            return None;
        }
        let disk = self.real_folder(folder)?.join(name);
        match fs::symlink_metadata(&disk) {
            Ok(metadata) if !metadata.is_symlink() => Some(Ok((disk, metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Err(from_io(path, &error))),
            _ => None,
        }
    }

    /// Where a folder leads, if it leads anywhere that may be read.
    fn real_folder(&self, folder: &str) -> Option<Arc<Path>> {
        let known = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        if known.is_some() {
            return known;
        }
        let real: Arc<Path> = self.locate(folder).ok()?.into();
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(folders.entry(folder.to_owned()).or_insert(real)))
    }

    /// Tells a link that leads nowhere from a path at which nothing stands.
    fn unresolved(&self, path: &str, error: &io::Error) -> Error {
        let disk = self.root.join(path);
        match (link_fault(error), fs::read_link(&disk)) {
            (Some(why), Ok(_)) => Error::BrokenLink { path: path.to_owned(), why },
            _ => from_io(path, error),
        }
    }

    /// Why a link to a real path is not followed, if it is not: it leaves the boundary, or leads to what git keeps, where a job's token may
    /// lie.
    fn refused(&self, real: &Path) -> Option<LinkFault> {
        let Some(boundary) = &self.boundary else { return None };
        let Ok(inside) = real.strip_prefix(boundary) else { return Some(LinkFault::Outside) };
        let is_of_git = inside.components().any(|part| part.as_os_str().to_str().is_some_and(is_git));
        is_of_git.then_some(LinkFault::Git)
    }

    /// Whether a folder on disk is a repository of its own, or a submodule's place.
    fn is_submodule(&self, disk: &Path) -> Result<bool, Error> {
        let Some(git) = &self.git else { return Ok(false) };
        let Ok(path) = disk.strip_prefix(&self.root).map(slashed) else { return Ok(false) };
        match disk.join(".git").symlink_metadata() {
            Ok(_) => return Ok(true),
            Err(error) if is_absent(&error) => {}
            Err(error) => return Err(Error::Unreadable { path, reason: error.to_string() }),
        }
        let is_empty = fs::read_dir(disk).is_ok_and(|mut entries| entries.next().is_none());
        if !is_empty {
            return Ok(false);
        }
        git.is_submodule(&path).map_err(|reason| Error::Unreadable { path, reason })
    }

    fn walk_from(&self, folder: &str, keeps_ignored: bool) -> Result<Vec<Entry>, Error> {
        let start = self.locate(folder)?;
        if !fs::metadata(&start).map_err(|error| from_io(folder, &error))?.is_dir() {
            return Err(Error::WrongKind { path: folder.to_owned(), found: "a file" });
        }
        if start != self.root && self.is_submodule(&start)? {
            return Ok(vec![Entry { path: folder.to_owned(), kind: EntryKind::Submodule }]);
        }
        fs::read_dir(&start).map_err(|error| from_io(folder, &error))?;
        let mut walk = Walk { dir: self, keeps_ignored, start: folder, entries: vec![], links: vec![], linked: 0 };
        walk.folder(&start, folder)?;
        let mut entries = walk.entries;
        entries.sort_unstable();
        Ok(entries)
    }
}

impl Tree for Dir {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.walk_from(folder, true)
    }

    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.walk_from(folder, false)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let (disk, metadata) = self.file(path)?;
        if !metadata.is_file() {
            // Opening a pipe would wait for its other end.
            let found = if metadata.is_dir() { "a folder" } else { "not a regular file" };
            return Err(Error::WrongKind { path: path.to_owned(), found });
        }
        let file = fs::File::open(&disk).map_err(|error| from_io(path, &error))?;
        let expected = usize::try_from(metadata.len().min(limit)).unwrap_or_default();
        let mut data = Vec::with_capacity(expected + 1);
        let length = file.take(limit.saturating_add(1)).read_to_end(&mut data);
        if length.map_err(|error| from_io(path, &error))? as u64 > limit {
            return Err(Error::TooLarge { path: path.to_owned(), limit });
        }
        Ok(data)
    }

    fn address(&self, path: &str) -> Address {
        Address::Disk(self.root.join(path))
    }

    fn shown(&self, path: &str) -> String {
        let shown = join(&self.shown_below, path);
        if shown.is_empty() { ".".into() } else { shown }
    }
}

/// A walk below a folder.
struct Walk<'a> {
    dir: &'a Dir,
    keeps_ignored: bool,
    start: &'a str,
    entries: Vec<Entry>,
    /// The links that are being followed, outermost first.
    links: Vec<Link>,
    linked: usize,
}

struct Link {
    path: String,
    /// The folder it stands in, on disk.
    parent: PathBuf,
    target: LinkTarget,
}

impl Walk<'_> {
    /// Everything below a real folder, under the path by which it was reached.
    fn folder(&mut self, disk: &Path, path: &str) -> Result<(), Error> {
        let mut walk = WalkDir::new(disk).min_depth(1).into_iter();
        while let Some(found) = walk.next() {
            let found = match found {
                Ok(found) => found,
                Err(error) => {
                    let at = error.path().map_or_else(|| path.to_owned(), |at| joined(path, disk, at));
                    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
                    self.push(at, EntryKind::Unreadable { reason });
                    continue;
                }
            };
            self.count()?;
            let at = joined(path, disk, found.path());
            let is_folder = found.file_type().is_dir();
            let skipped = found.file_name() == ".git" || self.is_left_out(&at, is_folder)?;
            let closed = if !skipped && is_folder { self.closed(found.path()) } else { None };
            let is_closed = closed.is_some();
            if let Some(kind) = closed {
                self.push(at, kind);
            } else if !skipped && found.file_name().to_str().is_none() {
                self.push(at, EntryKind::Unreadable { reason: "its name is not UTF-8".into() });
            } else if !skipped && !is_folder {
                self.leaf(&found, at)?;
            }
            if is_folder && (skipped || is_closed) {
                walk.skip_current_dir();
            }
        }
        Ok(())
    }

    /// What a folder is that is not looked into: a repository of its own, or one of which that cannot be told.
    fn closed(&self, folder: &Path) -> Option<EntryKind> {
        match self.dir.is_submodule(folder) {
            Ok(true) => Some(EntryKind::Submodule),
            Ok(false) => None,
            Err(Error::Unreadable { reason, .. }) => Some(EntryKind::Unreadable { reason }),
            Err(error) => Some(EntryKind::Unreadable { reason: error.to_string() }),
        }
    }

    fn count(&mut self) -> Result<(), Error> {
        self.linked += usize::from(!self.links.is_empty());
        let limit = if self.linked > LINKED_LIMIT { LINKED_LIMIT } else { ENTRY_LIMIT };
        if self.linked > LINKED_LIMIT || self.entries.len() >= ENTRY_LIMIT {
            return Err(Error::TooMany { path: self.start.to_owned(), limit });
        }
        Ok(())
    }

    fn is_left_out(&self, path: &str, is_folder: bool) -> Result<bool, Error> {
        let Some(git) = self.dir.git.as_ref().filter(|_| !self.keeps_ignored) else { return Ok(false) };
        git.is_ignored(path, is_folder).map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })
    }

    fn leaf(&mut self, found: &walkdir::DirEntry, path: String) -> Result<(), Error> {
        if found.path_is_symlink() {
            return self.link(found.path(), path);
        }
        let kind = match found.metadata() {
            Ok(metadata) if metadata.is_file() => self.file(metadata.len()),
            Ok(_) => EntryKind::Irregular,
            Err(error) => EntryKind::Unreadable { reason: error.to_string() },
        };
        self.push(path, kind);
        Ok(())
    }

    fn file(&self, size: u64) -> EntryKind {
        match self.links.first() {
            None => EntryKind::File { size },
            Some(Link { path, target, .. }) => EntryKind::Linked { size, link: path.clone(), target: target.clone() },
        }
    }

    fn link(&mut self, disk: &Path, path: String) -> Result<(), Error> {
        let real = match fs::canonicalize(disk) {
            Ok(real) => real,
            Err(error) => {
                let kind = match link_fault(&error) {
                    Some(why) => EntryKind::BrokenLink { why },
                    None => EntryKind::Unreadable { reason: error.to_string() },
                };
                self.push(path, kind);
                return Ok(());
            }
        };
        let parent = disk.parent().unwrap_or(&self.dir.root).to_owned();
        if let Some(why) = self.dir.refused(&real).or_else(|| self.circle(&real, &parent)) {
            self.push(path, EntryKind::BrokenLink { why });
            return Ok(());
        }
        let target = match real.strip_prefix(&self.dir.root) {
            Ok(inside) => LinkTarget::Inside(slashed(inside)),
            Err(_) => LinkTarget::Outside(slashed(&real)),
        };
        self.links.push(Link { path: path.clone(), parent, target });
        let followed = self.follow(&real, path);
        self.links.pop();
        followed
    }

    fn follow(&mut self, real: &Path, path: String) -> Result<(), Error> {
        let kind = match fs::metadata(real) {
            Ok(metadata) if metadata.is_dir() && self.dir.is_submodule(real)? => EntryKind::Submodule,
            Ok(metadata) if metadata.is_dir() => return self.folder(real, &path),
            Ok(metadata) if metadata.is_file() => self.file(metadata.len()),
            Ok(_) => EntryKind::Irregular,
            Err(error) => EntryKind::Unreadable { reason: error.to_string() },
        };
        self.push(path, kind);
        Ok(())
    }

    /// A link to a folder that holds it, or that holds a link by which it was reached.
    fn circle(&self, real: &Path, parent: &Path) -> Option<LinkFault> {
        let mut parents = self.links.iter().map(|link| link.parent.as_path()).chain([parent]);
        let is_circle = self.links.len() >= LINK_DEPTH || parents.any(|parent| parent.starts_with(real));
        is_circle.then_some(LinkFault::Circle)
    }

    fn push(&mut self, path: String, kind: EntryKind) {
        self.entries.push(Entry { path, kind });
    }
}

/// What the system's answer says of a link, where the link is at fault.
fn link_fault(error: &io::Error) -> Option<LinkFault> {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory => Some(LinkFault::Missing),
        // `ErrorKind::FilesystemLoop` is not stable yet.
        _ if error.to_string().contains("symbolic links") => Some(LinkFault::Circle),
        _ => None,
    }
}

fn from_io(path: &str, error: &io::Error) -> Error {
    let path = path.to_owned();
    match error {
        error if is_absent(error) => Error::NotFound { path },
        _ => Error::Unreadable { path, reason: error.to_string() },
    }
}

fn joined(path: &str, disk: &Path, found: &Path) -> String {
    join(path, &slashed(found.strip_prefix(disk).unwrap_or(found)))
}

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// Whether a name is that of git's own folder, on file systems that take no notice of case too.
fn is_git(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}
