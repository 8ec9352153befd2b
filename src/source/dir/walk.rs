//! What lies below a folder on disk: links are followed and described, repositories of their own not entered.
#![expect(clippy::disallowed_methods, reason = "a folder is read here; the modules above see a `Tree`")]

use std::fs::{self, DirEntry};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use super::{Dir, from_io, link_fault, slashed};
use crate::source::{ENTRY_LIMIT, Entry, EntryKind, Error, LinkFault, LinkTarget, below, join, upwards};

/// Why a file that git tracks is not there.
pub(super) const LEFT_OUT: &str = "the sparse checkout leaves it out; `git sparse-checkout disable` brings it";

/// Links followed one inside the other before it counts as a circle, as the system's own limit.
const LINK_DEPTH: usize = 40;

/// Files and folders reached through links in one listing: links to folders of links multiply without end.
const LINKED_LIMIT: usize = 20_000;

impl Dir {
    /// Whether a folder on disk is a repository of its own, or a submodule's place, by what lies in it.
    fn is_submodule(&self, disk: &Path, inside: &[io::Result<DirEntry>]) -> Result<bool, Error> {
        let Some(git) = &self.git else { return Ok(false) };
        let Ok(path) = disk.strip_prefix(&self.root).map(slashed) else { return Ok(false) };
        if inside.is_empty() {
            return git.is_submodule(&path).map_err(|reason| Error::Unreadable { path, reason });
        }
        Ok(inside.iter().flatten().any(|entry| entry.file_name() == ".git"))
    }

    /// What a sparse checkout leaves out of a folder: it belongs there, and cannot be read.
    fn left_out(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let Some(git) = &self.git else { return Ok(vec![]) };
        let all = git.left_out().map_err(|reason| Error::Unreadable { path: folder.to_owned(), reason })?;
        let is_inside = |path: &&String| below(path, folder).is_some();
        let is_absent = |path: &&String| self.root.join(path).symlink_metadata().is_err();
        let kind = EntryKind::Unreadable { reason: LEFT_OUT.to_owned() };
        let entry = |path: &String| Entry { path: path.clone(), kind: kind.clone() };
        Ok(all.iter().filter(is_inside).filter(is_absent).map(entry).collect())
    }

    /// Whether a sparse checkout leaves out a path that is not there, or a folder above it.
    pub(super) fn is_left_out(&self, path: &str) -> Result<bool, Error> {
        let Some(git) = &self.git else { return Ok(false) };
        let all = git.left_out().map_err(|reason| Error::Unreadable { path: path.to_owned(), reason })?;
        Ok(upwards(path).any(|path| all.binary_search_by(|known| known.as_str().cmp(path)).is_ok()))
    }

    /// Whether a folder that is not empty is a submodule.
    fn is_checked_out(&self, folder: &str) -> bool {
        self.git.as_ref().is_some_and(|git| git.commit(folder).is_some())
    }

    pub(super) fn walk_from(&self, folder: &str, keeps_ignored: bool) -> Result<Vec<Entry>, Error> {
        let start = match self.locate(folder) {
            // Nothing of the folder was checked out.
            Err(Error::NotFound { .. }) if keeps_ignored && !self.left_out(folder)?.is_empty() => {
                return self.left_out(folder);
            }
            start => start?,
        };
        if !fs::metadata(&start).map_err(|error| from_io(folder, &error))?.is_dir() {
            return Err(Error::WrongKind { path: folder.to_owned(), found: "a file" });
        }
        let inside = within(&start).map_err(|error| from_io(folder, &error))?;
        // The files of a submodule that is checked out are asked for by its own name alone.
        let is_checked_out = !inside.is_empty() && self.is_checked_out(folder);
        if start != self.root && !is_checked_out && self.is_submodule(&start, &inside)? {
            return Ok(vec![Entry { path: folder.to_owned(), kind: EntryKind::Submodule }]);
        }
        let (mut entries, ignored) = Walk::new(self, folder, keeps_ignored).entries(inside)?;
        if keeps_ignored {
            entries.extend(self.left_out(folder)?);
        } else {
            let mut known = self.ignored.lock().unwrap_or_else(PoisonError::into_inner);
            known.insert(folder.to_owned(), ignored);
        }
        entries.sort_unstable();
        Ok(entries)
    }
}

/// How far below what git ignores charts are looked for, and among how many files.
const IGNORED_DEPTH: usize = 2;
const IGNORED_LIMIT: usize = 2_000;

impl Dir {
    /// The charts in what the last walk below a folder left out, as git ignores it.
    pub(super) fn charts_left_out(&self, folder: &str) -> Vec<String> {
        let known = self.ignored.lock().unwrap_or_else(PoisonError::into_inner).get(folder).cloned();
        let (mut charts, mut left) = (vec![], IGNORED_LIMIT);
        let mut folders: Vec<(String, usize)> = known.into_iter().flatten().map(|path| (path, 0)).collect();
        while let Some((path, depth)) = folders.pop() {
            if self.root.join(&path).join("Chart.yaml").symlink_metadata().is_ok() {
                charts.push(path);
                continue;
            }
            let inside = if depth < IGNORED_DEPTH { fs::read_dir(self.root.join(&path)).ok() } else { None };
            for found in inside.into_iter().flatten().flatten() {
                let Some(rest) = left.checked_sub(1) else { break };
                left = rest;
                let is_folder = found.file_type().is_ok_and(|kind| kind.is_dir());
                let name = found.file_name().to_str().map(str::to_owned);
                folders.extend(name.filter(|_| is_folder).map(|name| (join(&path, &name), depth + 1)));
            }
        }
        charts.sort();
        charts
    }
}

/// What lies in a folder on disk, and what of it cannot be told.
type Inside = Vec<io::Result<DirEntry>>;

fn within(disk: &Path) -> io::Result<Inside> {
    Ok(fs::read_dir(disk)?.collect())
}

/// A walk below a folder.
struct Walk<'a> {
    dir: &'a Dir,
    keeps_ignored: bool,
    start: &'a str,
    entries: Vec<Entry>,
    /// What git ignores: folders that were not entered, and those with a Chart.yaml.
    ignored: Vec<String>,
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

impl<'a> Walk<'a> {
    fn new(dir: &'a Dir, start: &'a str, keeps_ignored: bool) -> Self {
        Self { dir, keeps_ignored, start, entries: vec![], ignored: vec![], links: vec![], linked: 0 }
    }

    /// Everything below the folder that the walk starts from, by what lies in it, and what git ignores there; in no order.
    fn entries(mut self, inside: Inside) -> Result<(Vec<Entry>, Vec<String>), Error> {
        let folders = self.inside(self.start, inside)?;
        self.below(folders)?;
        Ok((self.entries, self.ignored))
    }

    /// Everything below real folders, each with the path by which it was reached.
    fn below(&mut self, mut folders: Vec<(PathBuf, String)>) -> Result<(), Error> {
        while let Some((disk, path)) = folders.pop() {
            match within(&disk).map_err(|error| from_io(&path, &error)).and_then(|inside| self.opened(&disk, inside)) {
                Ok(Some(inside)) => folders.extend(self.inside(&path, inside)?),
                Ok(None) => self.push(path, EntryKind::Submodule),
                Err(Error::Unreadable { reason, .. }) => self.push(path, EntryKind::Unreadable { reason }),
                Err(error) => self.push(path, EntryKind::Unreadable { reason: error.to_string() }),
            }
        }
        Ok(())
    }

    /// What lies in a folder; none where that is a repository of its own.
    fn opened(&self, disk: &Path, inside: Inside) -> Result<Option<Inside>, Error> {
        Ok(if self.dir.is_submodule(disk, &inside)? { None } else { Some(inside) })
    }

    /// Adds the files of a folder; gives the folders in it, each with its path.
    fn inside(&mut self, folder: &str, inside: Inside) -> Result<Vec<(PathBuf, String)>, Error> {
        let mut folders = vec![];
        for found in inside {
            let kind = found.and_then(|found| Ok((found.file_type()?, found)));
            let (kind, found) = match kind {
                Ok(found) => found,
                Err(error) => {
                    self.push(folder.to_owned(), EntryKind::Unreadable { reason: error.to_string() });
                    continue;
                }
            };
            self.count()?;
            let name = found.file_name();
            let path = join(folder, &name.to_string_lossy());
            if name == ".git" {
                continue;
            }
            if self.is_left_out(&path, kind.is_dir())? {
                let folder =
                    if kind.is_dir() { Some(path) } else { path.strip_suffix("/Chart.yaml").map(str::to_owned) };
                self.ignored.extend(folder);
                continue;
            }
            if name.to_str().is_none() {
                self.push(path, EntryKind::Unreadable { reason: "its name is not UTF-8".into() });
            } else if kind.is_dir() {
                folders.push((found.path(), path));
            } else {
                self.leaf(&found, path)?;
            }
        }
        Ok(folders)
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

    fn leaf(&mut self, found: &DirEntry, path: String) -> Result<(), Error> {
        if found.file_type().is_ok_and(|kind| kind.is_symlink()) {
            return self.link(&found.path(), path);
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
            Ok(metadata) if metadata.is_dir() => return self.below(vec![(real.to_owned(), path)]),
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
