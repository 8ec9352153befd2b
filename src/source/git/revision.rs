//! A commit's files as a [`Tree`]: symbolic links are followed inside the commit, never on disk.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use gix::ObjectId;
use gix::objs::tree::EntryKind as Mode;

use super::folder::{Child, children};
use super::{Error as GitError, Repository, unreadable};
use crate::source::{BlobId, Entry, EntryKind, Error, LinkFault, LinkTarget, Submodule, Tree, upwards};
use crate::text::Address;

/// Links that may follow one another, as Linux has it (`MAXSYMLINKS`).
const LINKS: usize = 40;
/// Folders inside one another; deeper ones are not looked into.
const DEPTH: usize = 200;
/// Files and folders reached through links: links to folders of links would otherwise multiply without end.
const LINKED: usize = 20_000;

/// The files of a commit, from the repository's root.
#[derive(Clone)]
pub struct Revision {
    repository: Repository,
    id: ObjectId,
    tree: ObjectId,
    /// Ids of the files that were listed, so that comparing them needs no second look-up.
    listed: Arc<Mutex<HashMap<String, ObjectId>>>,
}

impl fmt::Debug for Revision {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Revision").field(&self.id).finish()
    }
}

/// What a path leads to once its links are followed.
struct Place {
    /// The path without links.
    path: String,
    id: ObjectId,
    mode: Mode,
}

/// Why a path leads nowhere.
enum Miss {
    Nothing,
    Link(LinkFault),
    Git(GitError),
}

impl Repository {
    /// The files of a commit.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] and [`GitError::LeftOut`] where the commit cannot be read.
    pub(super) fn revision(&self, id: ObjectId) -> Result<Revision, GitError> {
        let tree = match self.known.tree(id) {
            Some(tree) => tree,
            None => self.tree(id)?,
        };
        Ok(Revision { repository: self.clone(), id, tree, listed: Arc::default() })
    }

    /// The folder of a commit.
    fn tree(&self, id: ObjectId) -> Result<ObjectId, GitError> {
        let git = self.local();
        let what = || format!("the commit `{}`", id.to_hex_with_len(10));
        let commit = Self::object(&git, id, &what)?.try_into_commit().map_err(|error| unreadable(&what(), &error))?;
        let tree = commit.tree_id().map_err(|error| unreadable(&what(), &error))?.detach();
        self.known.keep_tree(id, tree);
        Ok(tree)
    }
}

impl Repository {
    /// What a file holds; `path` names it where it cannot be read.
    fn content(&self, git: &gix::Repository, id: ObjectId, path: &str) -> Result<Arc<[u8]>, GitError> {
        if let Some(known) = self.known.file(id) {
            return Ok(known);
        }
        let object = Self::object(git, id, &|| format!("`{path}`"))?;
        self.known.keep_file(id, &object.data);
        Ok(object.data.as_slice().into())
    }
}

impl Revision {
    /// The commit's id.
    pub fn id(&self) -> ObjectId {
        self.id
    }

    /// The commit's id, shortened to ten digits.
    pub fn short(&self) -> String {
        self.id.to_hex_with_len(10).to_string()
    }

    /// When it was committed, in seconds since 1970.
    ///
    /// # Errors
    /// [`GitError::Unreadable`].
    pub fn time(&self) -> Result<u64, GitError> {
        let git = self.repository.local();
        let what = || format!("the commit `{}`", self.short());
        let commit = Repository::object(&git, self.id, &what)?.try_into_commit();
        let commit = commit.map_err(|error| unreadable(&what(), &error))?;
        let time = commit.time().map_err(|error| unreadable(&what(), &error))?;
        Ok(u64::try_from(time.seconds).unwrap_or_default())
    }

    /// The repository it is in.
    pub fn repository(&self) -> &Repository {
        &self.repository
    }

    /// Paths of all files of one name, links not followed, sorted: where charts begin, say.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] and [`GitError::LeftOut`] where a folder cannot be read.
    pub fn paths_of(&self, name: &str) -> Result<Vec<String>, GitError> {
        self.paths_where(|child| child.name == name && is_file(child.mode))
    }

    fn paths_where(&self, wanted: impl Fn(&Child) -> bool) -> Result<Vec<String>, GitError> {
        let git = self.repository.local();
        let mut found = vec![];
        let mut pending = vec![(String::new(), self.tree)];
        while let Some((folder, id)) = pending.pop() {
            for child in children(&git, id, &folder)? {
                match child.mode {
                    Mode::Tree => pending.push((join(&folder, &child.name), child.id)),
                    _ if wanted(&child) => found.push(join(&folder, &child.name)),
                    _ => {}
                }
            }
        }
        found.sort();
        Ok(found)
    }

    /// The bytes of a file, links followed; none where no file stands.
    ///
    /// # Errors
    /// [`GitError::Unreadable`] and [`GitError::LeftOut`].
    pub fn file(&self, path: &str) -> Result<Option<Vec<u8>>, GitError> {
        let git = self.repository.local();
        match self.resolve(&git, path) {
            Err(Miss::Git(error)) => Err(error),
            Ok(Place { id, mode, .. }) if is_file(mode) => {
                self.repository.content(&git, id, path).map(|data| Some(data.to_vec()))
            }
            _ => Ok(None),
        }
    }

    /// Paths of all files, links and submodules, sorted: what git tracks where the commit is checked out.
    ///
    /// # Errors
    /// As [`Revision::paths_of`].
    pub fn paths(&self) -> Result<Vec<String>, GitError> {
        self.paths_where(|_| true)
    }

    fn resolve(&self, git: &gix::Repository, path: &str) -> Result<Place, Miss> {
        let mut walked: Vec<(String, ObjectId)> = vec![];
        let mut pending: Vec<String> = path.rsplit('/').map(str::to_owned).collect();
        let mut links = 0;
        while let Some(name) = pending.pop() {
            let folder = walked.last().map_or(self.tree, |(_, id)| *id);
            match name.as_str() {
                "" | "." => {}
                ".." => walked.pop().map(|_| ()).ok_or(Miss::Link(LinkFault::Outside))?,
                _ => {
                    let here = path_of(&walked);
                    let folder = self.repository.folder(git, folder, &here).map_err(Miss::Git)?;
                    let child = folder.get(&name).ok_or(Miss::Nothing)?;
                    match child.mode {
                        Mode::Tree => walked.push((name, child.id)),
                        Mode::Link => {
                            links += 1;
                            pending.extend(followed(git, child, links)?.rsplit('/').map(str::to_owned));
                        }
                        mode if pending.iter().all(String::is_empty) => {
                            return Ok(Place { path: join(&here, &name), id: child.id, mode });
                        }
                        _ => return Err(Miss::Nothing),
                    }
                }
            }
        }
        let id = walked.last().map_or(self.tree, |(_, id)| *id);
        Ok(Place { path: path_of(&walked), id, mode: Mode::Tree })
    }

    /// The place of a path that must not be missed.
    fn place(&self, git: &gix::Repository, path: &str) -> Result<Place, Error> {
        self.resolve(git, path).map_err(|miss| match miss {
            Miss::Nothing => Error::NotFound { path: path.to_owned() },
            Miss::Link(why) => Error::BrokenLink { path: path.to_owned(), why },
            Miss::Git(error) => Error::Unreadable { path: path.to_owned(), reason: error.to_string() },
        })
    }
}

fn is_file(mode: Mode) -> bool {
    matches!(mode, Mode::Blob | Mode::BlobExecutable)
}

/// The target of a link, the path that stands in it.
fn followed(git: &gix::Repository, link: &Child, links: usize) -> Result<String, Miss> {
    if links > LINKS {
        return Err(Miss::Link(LinkFault::Circle));
    }
    let what = || format!("the link `{}`", link.name);
    let target = Repository::object(git, link.id, &what).map_err(Miss::Git)?;
    let target = String::from_utf8(target.data.clone()).map_err(|_| Miss::Link(LinkFault::Missing))?;
    match target.starts_with('/') {
        true => Err(Miss::Link(LinkFault::Outside)),
        false if target.is_empty() => Err(Miss::Nothing),
        false => Ok(target),
    }
}

impl Tree for Revision {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let git = self.repository.local();
        let place = self.place(&git, folder)?;
        if place.mode != Mode::Tree {
            return Err(Error::WrongKind { path: folder.to_owned(), found: words(place.mode) });
        }
        let mut walk = Listing { revision: self, git: &git, entries: vec![], ids: vec![], open: vec![], linked: 0 };
        let failed = |error: GitError| Error::Unreadable { path: folder.to_owned(), reason: error.to_string() };
        let folder = folder.trim_matches('/');
        walk.folder(folder, &place, None).map_err(failed)?;
        let Listing { mut entries, ids, .. } = walk;
        entries.sort();
        self.listed.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
        Ok(entries)
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let git = self.repository.local();
        let place = self.place(&git, path)?;
        if !is_file(place.mode) {
            return Err(Error::WrongKind { path: path.to_owned(), found: words(place.mode) });
        }
        let failed = |error: GitError| Error::Unreadable { path: path.to_owned(), reason: error.to_string() };
        let known = self.repository.known.file(place.id);
        let size = known.as_ref().map_or_else(|| size(&git, place.id, path), |data| Ok(data.len() as u64));
        if size.map_err(failed)? > limit {
            return Err(Error::TooLarge { path: path.to_owned(), limit });
        }
        self.repository.content(&git, place.id, path).map(|data| data.to_vec()).map_err(failed)
    }

    fn address(&self, _path: &str) -> Address {
        Address::Committed { revision: self.id.to_string() }
    }

    fn shown(&self, path: &str) -> String {
        if path.is_empty() { ".".to_owned() } else { path.to_owned() }
    }

    fn submodule(&self, path: &str) -> Option<Submodule> {
        let git = self.repository.local();
        let found = upwards(path).find_map(|above| {
            let place = self.resolve(&git, above).ok()?;
            (place.mode == Mode::Commit).then(|| (above.to_owned(), place.id.to_string()))
        });
        found.map(|(path, commit)| Submodule { path, commit })
    }

    fn holds_git(&self, folder: &str) -> bool {
        folder.is_empty()
    }

    fn real(&self, path: &str) -> Option<String> {
        let place = self.resolve(&self.repository.local(), path).ok()?;
        (is_file(place.mode) || place.mode == Mode::Tree).then_some(place.path)
    }

    fn blob_id(&self, path: &str) -> Option<BlobId> {
        let listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner).get(path).copied();
        let id = listed.or_else(|| {
            let place = self.resolve(&self.repository.local(), path).ok()?;
            is_file(place.mode).then_some(place.id)
        })?;
        id.as_slice().try_into().ok().map(BlobId)
    }
}

/// A listing under way.
struct Listing<'a> {
    revision: &'a Revision,
    git: &'a gix::Repository,
    entries: Vec<Entry>,
    ids: Vec<(String, ObjectId)>,
    /// Real paths of the folders being listed, outermost first.
    open: Vec<String>,
    linked: usize,
}

impl Listing<'_> {
    /// Lists a folder that is seen as `shown`; `link` is the nearest link on the way to it, with its target.
    fn folder(&mut self, shown: &str, place: &Place, link: Option<(&str, &str)>) -> Result<(), GitError> {
        self.open.push(place.path.clone());
        for child in children(self.git, place.id, &place.path)? {
            let shown = join(shown, &child.name);
            let real = join(&place.path, &child.name);
            if !child.is_named {
                self.add(shown, EntryKind::Unreadable { reason: "its name is not UTF-8".to_owned() });
            } else if child.mode == Mode::Link {
                self.link(shown, &real)?;
            } else {
                self.entry(shown, &Place { path: real, id: child.id, mode: child.mode }, link)?;
            }
        }
        self.open.pop();
        Ok(())
    }

    fn link(&mut self, shown: String, real: &str) -> Result<(), GitError> {
        let broken = |why| EntryKind::BrokenLink { why };
        match self.revision.resolve(self.git, real) {
            Ok(place) if place.mode == Mode::Tree && self.open.iter().any(|open| holds(&place.path, open)) => {
                self.add(shown, broken(LinkFault::Circle));
            }
            Ok(place) => return self.entry(shown.clone(), &place, Some((&shown, &place.path))),
            Err(Miss::Nothing) => self.add(shown, broken(LinkFault::Missing)),
            Err(Miss::Link(why)) => self.add(shown, broken(why)),
            Err(Miss::Git(error)) => return Err(error),
        }
        Ok(())
    }

    fn entry(&mut self, shown: String, place: &Place, link: Option<(&str, &str)>) -> Result<(), GitError> {
        if link.is_some() {
            self.linked += 1;
            if self.linked > LINKED {
                let reason = format!("more than {LINKED} files are reached through symbolic links");
                return Err(GitError::Unreadable { what: format!("`{shown}`"), reason });
            }
        }
        let kind = match place.mode {
            Mode::Tree if self.open.len() >= DEPTH => {
                EntryKind::Unreadable { reason: format!("folders are nested more than {DEPTH} deep") }
            }
            Mode::Tree => return self.folder(&shown, place, link),
            Mode::Commit => EntryKind::Submodule,
            _ => {
                self.ids.push((shown.clone(), place.id));
                self.file(&shown, place, link)
            }
        };
        self.add(shown, kind);
        Ok(())
    }

    fn file(&self, shown: &str, place: &Place, link: Option<(&str, &str)>) -> EntryKind {
        match (size(self.git, place.id, shown), link) {
            (Err(error), _) => EntryKind::Unreadable { reason: error.to_string() },
            (Ok(size), None) => EntryKind::File { size },
            (Ok(size), Some((link, target))) => {
                EntryKind::Linked { size, link: link.to_owned(), target: LinkTarget::Inside(target.to_owned()) }
            }
        }
    }

    fn add(&mut self, path: String, kind: EntryKind) {
        self.entries.push(Entry { path, kind });
    }
}

fn size(git: &gix::Repository, id: ObjectId, path: &str) -> Result<u64, GitError> {
    match git.try_find_header(id) {
        Ok(Some(header)) => Ok(header.size()),
        Ok(None) => Err(super::missing(git, format!("`{path}`"))),
        Err(error) => Err(unreadable(&format!("`{path}`"), &error)),
    }
}

fn words(mode: Mode) -> &'static str {
    match mode {
        Mode::Tree => "a folder",
        Mode::Commit => "a submodule",
        _ => "a file",
    }
}

/// Whether `path` is `folder` or lies below it.
fn holds(folder: &str, path: &str) -> bool {
    folder.is_empty() || path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn join(folder: &str, name: &str) -> String {
    if folder.is_empty() { name.to_owned() } else { format!("{folder}/{name}") }
}

fn path_of(walked: &[(String, ObjectId)]) -> String {
    walked.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("/")
}
