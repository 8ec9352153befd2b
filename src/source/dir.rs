//! A folder on disk as a [`Tree`]: what Helm's walk (`internal/sympath/walk.go`) finds, with links described rather than hidden.
#![expect(clippy::disallowed_methods, reason = "a folder is read here; the modules above see a `Tree`")]

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use super::{BlobId, Entry, Error, LinkFault, Stamp, Submodule, Tree, is_absent, join, upwards};
use crate::text::Address;

mod walk;

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

    /// The commit that git has of a submodule; none where a path is none, or that cannot be told.
    fn commit(&self, path: &str) -> Option<String>;

    /// Tracked files and folders that a sparse checkout leaves out, sorted; some may be there all the same.
    ///
    /// # Errors
    /// What git could not read, in words.
    fn left_out(&self) -> Result<&[String], String>;

    /// The content of a tracked file that lies at `disk`, where git can tell that nobody has written to it since it was checked out. What git
    /// keeps may be written to disk in another form: with other line ends, another encoding, an `$Id$`.
    fn content(&self, path: &str, disk: &Path) -> Option<BlobId>;
}

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
    /// What the last walk below each folder left out, as git ignores it.
    ignored: Arc<Mutex<BTreeMap<String, Vec<String>>>>,
    /// What tells files from others, as it was when it was first asked for: what happens to one later shows in the stamp that the next run takes.
    stamps: Arc<RwLock<HashMap<String, Option<Stamp>>>>,
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
        Ok(Self {
            root,
            boundary,
            shown_below: String::new(),
            git: None,
            folders: Arc::default(),
            ignored: Arc::default(),
            stamps: Arc::default(),
        })
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
        if is_special(name) {
            return None;
        }
        let disk = self.real_folder(folder)?.join(name);
        match fs::symlink_metadata(&disk) {
            Ok(metadata) if !metadata.is_symlink() => Some(Ok((disk, metadata))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Some(Err(from_io(path, &error))),
            _ => None,
        }
    }

    /// Where a folder leads, if it leads anywhere that may be read. Of a path that is longer than systems take, the system says so.
    fn real_folder(&self, folder: &str) -> Option<Arc<Path>> {
        if folder.len() > LONGEST {
            return None;
        }
        let known = self.folders.read().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        if known.is_some() {
            return known;
        }
        let real: Arc<Path> = match self.plain_folder(folder) {
            Some(real) => real.into(),
            None => self.locate(folder).ok()?.into(),
        };
        let mut folders = self.folders.write().unwrap_or_else(PoisonError::into_inner);
        Some(Arc::clone(folders.entry(folder.to_owned()).or_insert(real)))
    }

    /// The same of a folder that is no link itself, by the way that the one around it leads: one question for a path of any depth.
    fn plain_folder(&self, folder: &str) -> Option<PathBuf> {
        let (above, name) = folder.rsplit_once('/').unwrap_or(("", folder));
        if is_special(name) {
            return None;
        }
        let disk = self.real_folder(above)?.join(name);
        fs::symlink_metadata(&disk).is_ok_and(|metadata| metadata.is_dir()).then_some(disk)
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
}

/// The longest path that is followed folder by folder (`PATH_MAX` of Linux).
const LONGEST: usize = 4_096;

/// Whether a name may be refused in a folder that is not, or is none.
fn is_special(name: &str) -> bool {
    is_git(name) || matches!(name, "" | "." | "..") || name.contains(std::path::MAIN_SEPARATOR)
}

impl Tree for Dir {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.walk_from(folder, true)
    }

    fn list_kept(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        self.walk_from(folder, false)
    }

    fn ignored_charts(&self, folder: &str) -> Vec<String> {
        self.charts_left_out(folder)
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

    fn stamp(&self, path: &str) -> Option<Stamp> {
        if let Some(known) = self.stamps.read().unwrap_or_else(PoisonError::into_inner).get(path) {
            return known.clone();
        }
        let found = self.file(path).ok().filter(|(_, metadata)| metadata.is_file());
        let stamp = found.and_then(|(_, metadata)| Stamp::of(&metadata));
        let mut stamps = self.stamps.write().unwrap_or_else(PoisonError::into_inner);
        stamps.entry(path.to_owned()).or_insert(stamp).clone()
    }

    fn address(&self, path: &str) -> Address {
        Address::Disk(self.root.join(path))
    }

    fn shown(&self, path: &str) -> String {
        let shown = join(&self.shown_below, path);
        if shown.is_empty() { ".".into() } else { shown }
    }

    fn submodule(&self, path: &str) -> Option<Submodule> {
        let git = self.git.as_ref()?;
        let found = upwards(path).find_map(|above| Some((above.to_owned(), git.commit(above)?)));
        found.map(|(path, commit)| Submodule { path, commit })
    }

    fn confirm_absent(&self, path: &str) -> Result<(), Error> {
        if self.is_left_out(path)? {
            return Err(Error::Unreadable { path: path.to_owned(), reason: walk::LEFT_OUT.to_owned() });
        }
        Ok(())
    }

    fn holds_git(&self, folder: &str) -> bool {
        self.root.join(folder).join(".git").symlink_metadata().is_ok()
    }

    fn real(&self, path: &str) -> Option<String> {
        let (disk, _) = self.file(path).ok()?;
        disk.strip_prefix(&self.root).ok().map(slashed)
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        let git = self.git.as_ref()?;
        let (disk, _) = self.file(path).ok()?;
        git.content(&slashed(disk.strip_prefix(&self.root).ok()?), &disk)
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

fn slashed(path: &Path) -> String {
    let text = path.to_string_lossy();
    if std::path::MAIN_SEPARATOR == '/' { text.into_owned() } else { text.replace(std::path::MAIN_SEPARATOR, "/") }
}

/// Whether a name is that of git's own folder, on file systems that take no notice of case too.
fn is_git(name: &str) -> bool {
    name.eq_ignore_ascii_case(".git")
}
