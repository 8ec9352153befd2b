//! What lies below a folder on disk: links are followed and described, repositories of their own not entered.
#![expect(clippy::disallowed_methods, reason = "a folder is read here; the modules above see a `Tree`")]

use std::fs;
use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use super::{Dir, from_io, joined, link_fault, slashed};
use crate::source::{ENTRY_LIMIT, Entry, EntryKind, Error, LinkFault, LinkTarget, below, is_absent};

/// Links followed one inside the other before it counts as a circle, as the system's own limit.
const LINK_DEPTH: usize = 40;

/// Files and folders reached through links in one listing: links to folders of links multiply without end.
const LINKED_LIMIT: usize = 20_000;

impl Dir {
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

    /// What a sparse checkout leaves out of a folder: it belongs there, and cannot be read.
    fn left_out(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let Some(git) = &self.git else { return Ok(vec![]) };
        let all = git.left_out().map_err(|reason| Error::Unreadable { path: folder.to_owned(), reason })?;
        let is_inside = |path: &&String| below(path, folder).is_some();
        let is_absent = |path: &&String| self.root.join(path).symlink_metadata().is_err();
        let reason = || "the sparse checkout leaves it out; `git sparse-checkout disable` brings it".to_owned();
        let entry = |path: &String| Entry { path: path.clone(), kind: EntryKind::Unreadable { reason: reason() } };
        Ok(all.iter().filter(is_inside).filter(is_absent).map(entry).collect())
    }

    /// Whether a folder is a submodule whose files are there.
    fn is_checked_out(&self, folder: &str, disk: &Path) -> bool {
        let is_known = self.git.as_ref().is_some_and(|git| git.commit(folder).is_some());
        is_known && fs::read_dir(disk).is_ok_and(|mut entries| entries.next().is_some())
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
        // The files of a submodule that is checked out are asked for by its own name alone.
        if start != self.root && self.is_submodule(&start)? && !self.is_checked_out(folder, &start) {
            return Ok(vec![Entry { path: folder.to_owned(), kind: EntryKind::Submodule }]);
        }
        fs::read_dir(&start).map_err(|error| from_io(folder, &error))?;
        let mut entries = Walk::new(self, folder, keeps_ignored).entries(&start)?;
        if keeps_ignored {
            entries.extend(self.left_out(folder)?);
        }
        entries.sort_unstable();
        Ok(entries)
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

impl<'a> Walk<'a> {
    fn new(dir: &'a Dir, start: &'a str, keeps_ignored: bool) -> Self {
        Self { dir, keeps_ignored, start, entries: vec![], links: vec![], linked: 0 }
    }

    /// Everything below the folder that the walk starts from, which lies at `disk`; in no order.
    fn entries(mut self, disk: &Path) -> Result<Vec<Entry>, Error> {
        self.folder(disk, self.start)?;
        Ok(self.entries)
    }

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
