//! Where the named charts lie: working trees, plain folders, archives or a revision, each with the repository around it.
#![expect(
    clippy::disallowed_methods,
    reason = "tells what the paths of the command line are, before there is a `Tree`"
)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::asked::{Asked, ValuesPath};
use super::{Charts, Error, ProfileChoice, Request, Session};
use crate::config::Config;
use crate::finding::Failure;
use crate::source::git::{Repository, Revision, Worktree};
use crate::source::{self, Archive, Dir, Home, Overlay, Tree, normal};
use crate::text::Address;

/// A tree and what was named in it.
#[derive(Debug)]
pub(super) struct Place {
    /// Where the run stands.
    pub home: Arc<Home>,
    /// The repository, the folder or the archive.
    pub tree: Arc<dyn Tree>,
    /// Where configuration and rules are read from: the tree itself, or the revision that the policy is taken from.
    pub policy: Arc<dyn Tree>,
    /// The repository around it.
    pub repository: Option<Repository>,
    /// The revision, where one is judged.
    pub revision: Option<Revision>,
    /// The folder of the revision that relative paths start from; empty where there is none.
    pub here: String,
    /// What was named in it, in the order given.
    pub named: Vec<Named>,
    /// The path of the file of `--config` in the repository, where git tracks it: a change can write it.
    pub config: Option<String>,
    /// Why nothing is known of the repository around it.
    pub failure: Option<Failure>,
    /// Whether it is a packaged chart.
    pub is_archive: bool,
}

impl Place {
    /// What the command line says of profiles, with paths of this place's tree.
    pub(super) fn asked(&self, choice: &ProfileChoice) -> Result<Asked, Error> {
        let values = choice.values.iter().map(|path| self.below(path)).collect::<Result<_, _>>()?;
        Ok(Asked { names: choice.names.clone(), values, production: choice.production })
    }

    /// The folder of a configuration in the tree.
    pub(super) fn folder_of<'a>(&self, config: &'a Config) -> &'a str {
        let shown = self.tree.shown("");
        config.folder.strip_prefix(&shown).unwrap_or(&config.folder).trim_start_matches('/')
    }

    /// A file of the command line. Outside the tree it is read from disk.
    pub(super) fn below(&self, path: &Path) -> Result<ValuesPath, Error> {
        let outside = || {
            let help = "with `--at`, paths are those of the revision";
            Error::usage(format!("the values file `{}` is not in the repository", path.display()), help)
        };
        if let Some(repository) = self.repository.as_ref().filter(|_| self.revision.is_some()) {
            let absolute = path.is_absolute().then(|| below_root(repository, path));
            return absolute.or_else(|| normal(&self.here, path)).map(ValuesPath::Tree).ok_or_else(outside);
        }
        let disk = self.home.absolute(path);
        let elsewhere = |disk| ValuesPath::Disk { path: disk, boundary: self.home.boundary(path) };
        let Address::Disk(root) = self.tree.address("") else { return Ok(elsewhere(disk)) };
        let real = disk.canonicalize().unwrap_or_else(|_| disk.clone());
        // A link that leads out of the tree is the tree's to refuse.
        let inside = disk.strip_prefix(&root).or_else(|_| real.strip_prefix(&root));
        Ok(inside.map_or_else(|_| elsewhere(disk.clone()), |path| ValuesPath::Tree(slashed(path))))
    }
}

/// A path that was asked for.
#[derive(Debug)]
pub(super) struct Named {
    /// Folder below the tree's root.
    pub folder: String,
    /// As the user wrote it.
    pub written: String,
}

/// Every place that the request names.
pub(super) fn places(session: &Session, request: &Request) -> Result<Vec<Place>, Error> {
    let home = Arc::new(Home::new(&session.surroundings.working_dir));
    let charts = &request.charts;
    let mut places = match &charts.at {
        Some(revision) => vec![revision_place(charts, revision, home)?],
        None => disk_places(session, charts, &home)?,
    };
    places.iter_mut().try_for_each(|place| take_policy(place, request))?;
    Ok(places)
}

/// Lets configuration and rules be read from where a request wants them.
fn take_policy(place: &mut Place, request: &Request) -> Result<(), Error> {
    if place.is_archive {
        return Ok(());
    }
    let from = &request.policy.from;
    if let Some(name) = &from.revision {
        place.policy = policy(place, name)?;
    }
    place.config = from.file.as_deref().map(|file| tracked(place, file)).transpose()?.flatten();
    Ok(())
}

/// The path in a place's repository of a file of the command line that git tracks, as it is written or where its links lead.
fn tracked(place: &Place, file: &Path) -> Result<Option<String>, Error> {
    let Some((repository, root)) = place.repository.as_ref().and_then(|git| Some((git, git.root()?))) else {
        return Ok(None);
    };
    let written = place.home.absolute(file);
    let real = written.canonicalize().ok();
    let folder = written.parent().and_then(|folder| folder.canonicalize().ok());
    let beside = folder.zip(written.file_name()).map(|(folder, name)| folder.join(name));
    let below = [Some(written), beside, real].into_iter().flatten();
    let below: Vec<String> = below.filter_map(|path| path.strip_prefix(root).ok().map(slashed)).collect();
    if below.is_empty() {
        return Ok(None);
    }
    let known = repository.tracked().map_err(Error::git)?;
    let head = match &place.revision {
        Some(revision) => Some(revision.clone()),
        None => repository.head().map_err(Error::git)?,
    };
    for path in below {
        let is_committed = || head.as_ref().map_or(Ok(None), |head| head.file(&path)).map_err(Error::git);
        if known.contains(&path) || is_committed()?.is_some() {
            return Ok(Some(path));
        }
    }
    Ok(None)
}

/// The tree that configuration and rules are read from: the last commit that HEAD has in common with a revision.
fn policy(place: &Place, name: &str) -> Result<Arc<dyn Tree>, Error> {
    let Some(repository) = &place.repository else {
        return Err(Error::usage("`--policy-from` needs a git repository", "run inside the repository"));
    };
    let named = repository.commit(name).map_err(Error::git)?;
    let head = place.revision.clone().map_or_else(|| repository.head(), |revision| Ok(Some(revision)));
    let common = match head.map_err(Error::git)? {
        Some(head) => repository.merge_base(&head, &named).map_err(Error::git)?,
        None => None,
    };
    Ok(Arc::new(common.unwrap_or(named)))
}

fn revision_place(charts: &Charts, revision: &str, home: Arc<Home>) -> Result<Place, Error> {
    let repository = match &charts.git_dir {
        Some(folder) => Repository::open(&home.working_dir().join(folder)).map_err(Error::git)?,
        None => Repository::discover_bare(home.working_dir())
            .map_err(Error::git)?
            .ok_or_else(|| Error::usage("`--at` needs a git repository", "name one with `--git-dir`"))?,
    };
    let revision = repository.commit(revision).map_err(Error::git)?;
    let here = if charts.git_dir.is_none() { below_root(&repository, home.working_dir()) } else { String::new() };
    let mut named = vec![];
    for path in charts.paths_or_here() {
        let written = path.display().to_string();
        let absolute = path.is_absolute().then(|| below_root(&repository, &path));
        let folder = absolute
            .or_else(|| normal(&here, &path))
            .ok_or_else(|| Error::usage(format!("`{written}` leads out of the repository"), "name a path inside it"))?;
        let folder = folder.strip_suffix("/Chart.yaml").map(str::to_owned).unwrap_or(folder);
        named.push(Named { folder, written });
    }
    let tree: Arc<dyn Tree> = Arc::new(revision.clone());
    let (repository, revision) = (Some(repository), Some(revision));
    let policy = Arc::clone(&tree);
    Ok(Place { home, tree, policy, repository, revision, here, named, config: None, failure: None, is_archive: false })
}

fn below_root(repository: &Repository, path: &Path) -> String {
    let real = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    repository.root().and_then(|root| real.strip_prefix(root).ok()).map(slashed).unwrap_or_default()
}

fn slashed(path: &Path) -> String {
    let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
    parts.join("/")
}

fn disk_places(session: &Session, charts: &Charts, home: &Arc<Home>) -> Result<Vec<Place>, Error> {
    let mut places: Vec<Place> = vec![];
    let mut roots: BTreeMap<PathBuf, usize> = BTreeMap::new();
    for path in charts.paths_or_here() {
        let written = path.display().to_string();
        let real = real(home, &path, &written)?;
        if real.is_file() && real.file_name().is_some_and(|name| name != "Chart.yaml") {
            places.push(archive_place(&real, &written, home));
            continue;
        }
        let real = if real.is_file() { real.parent().map(Path::to_path_buf).unwrap_or(real) } else { real };
        let index = if let Some(index) = surrounding(&roots, &real) {
            index
        } else {
            let (root, place) = folder_place(session, home, &real)?;
            roots.insert(root, places.len());
            places.push(place);
            places.len() - 1
        };
        let root = roots.iter().find(|(_, at)| **at == index).map_or(real.as_path(), |(root, _)| root.as_path());
        let folder = real.strip_prefix(root).map(slashed).unwrap_or_default();
        places[index].named.push(Named { folder, written });
    }
    for place in places.iter_mut().filter(|_| !charts.unsaved.is_empty()) {
        place.tree = with_unsaved(place, charts);
        place.policy = Arc::clone(&place.tree);
    }
    Ok(places)
}

/// The tree of a place with the texts that are not saved yet.
fn with_unsaved(place: &Place, charts: &Charts) -> Arc<dyn Tree> {
    let texts = charts.unsaved.iter().filter_map(|(path, text)| match place.below(path) {
        Ok(ValuesPath::Tree(path)) => Some((path, Arc::clone(text))),
        _ => None,
    });
    Arc::new(Overlay::new(Arc::clone(&place.tree), texts.collect()))
}

/// Where a path of the command line leads. One at home stays there, and in the one repository that is home.
fn real(home: &Home, path: &Path, written: &str) -> Result<PathBuf, Error> {
    let real = home.working_dir().join(path).canonicalize().map_err(|error| {
        let help = "name a chart's folder, a `.tgz`, or a folder of charts";
        Error::usage(format!("cannot open `{written}`: {error}"), help)
    })?;
    if home.holds(path) && !real.starts_with(home.root()) {
        let message = format!("`{written}` leads out of `{}` through a link", home.root().display());
        return Err(Error::usage(message, "name the chart where it lies"));
    }
    match home.repository() {
        Ok(Some(_)) if real.starts_with(home.root()) => match home.embedded(&real) {
            Ok(None) => Ok(real),
            Err(error) => Err(Error::git(error)),
            Ok(Some(inner)) => {
                let message = format!("`{written}` lies in another git repository, `{}`", inner.display());
                Err(Error::usage(message, "run chartgate in that repository"))
            }
        },
        _ => Ok(real),
    }
}

/// The place already known whose root is the innermost around a path with no further repository between.
fn surrounding(roots: &BTreeMap<PathBuf, usize>, path: &Path) -> Option<usize> {
    for folder in path.ancestors() {
        if let Some(index) = roots.get(folder) {
            return Some(*index);
        }
        // What cannot be looked at may be one.
        if folder.join(".git").try_exists().unwrap_or(true) {
            return None;
        }
    }
    None
}

fn archive_place(path: &Path, written: &str, home: &Arc<Home>) -> Place {
    let named = vec![Named { folder: String::new(), written: written.to_owned() }];
    let tree = opened(Archive::open(path, written), written);
    let home = Arc::clone(home);
    let policy = Arc::clone(&tree);
    Place {
        home,
        tree,
        policy,
        repository: None,
        revision: None,
        here: String::new(),
        named,
        config: None,
        failure: None,
        is_archive: true,
    }
}

/// The place of the working directory, added where it is none of the places yet, and the directory's folder there: archives are judged
/// by the configuration and the rules of where they are judged.
pub(super) fn beside(session: &Session, request: &Request, places: &mut Vec<Place>) -> Result<(usize, String), Error> {
    let home = places.first().map(|place| Arc::clone(&place.home));
    let home = home.unwrap_or_else(|| Arc::new(Home::new(&session.surroundings.working_dir)));
    let here = home.working_dir().to_path_buf();
    let (root, mut place) = folder_place(session, &home, &here)?;
    let folder = here.strip_prefix(&root).map(slashed).unwrap_or_default();
    let known = places.iter().position(|known| !known.is_archive && known.tree.address("") == place.tree.address(""));
    if let Some(index) = known {
        return Ok((index, folder));
    }
    take_policy(&mut place, request)?;
    places.push(place);
    Ok((places.len() - 1, folder))
}

fn folder_place(session: &Session, home: &Arc<Home>, path: &Path) -> Result<(PathBuf, Place), Error> {
    let (repository, failure) = match around(home, path) {
        Ok(repository) => (repository.map(|repository| repository.knowing(&session.keep.commits)), None),
        Err(error) => (None, Some(error.failure())),
    };
    let unreadable = |error: source::Error| Error::usage(error.to_string(), "name a folder that can be read");
    let root = repository.as_ref().and_then(Repository::root).map(Path::to_path_buf);
    let (root, tree) = if let (Some(repository), Some(root)) = (&repository, root) {
        let tree = Dir::repository(&root, Arc::new(Worktree::new(repository))).map_err(unreadable)?;
        (root, tree)
    } else {
        let is_below = path.starts_with(home.working_dir());
        let root = if is_below { home.working_dir().to_path_buf() } else { path.to_path_buf() };
        let shown = if is_below { String::new() } else { path.display().to_string() };
        let tree = Dir::folder(&root).map_err(unreadable)?.shown_below(shown);
        (root, tree)
    };
    let (home, tree): (_, Arc<dyn Tree>) = (Arc::clone(home), Arc::new(tree));
    let policy = Arc::clone(&tree);
    let place = Place {
        home,
        tree,
        policy,
        repository,
        revision: None,
        here: String::new(),
        named: vec![],
        config: None,
        failure,
        is_archive: false,
    };
    Ok((root, place))
}

/// The repository around a real path: home's, and another only where home is in none, or the path elsewhere.
fn around(home: &Home, path: &Path) -> Result<Option<Repository>, source::git::Error> {
    match home.repository() {
        Ok(None) => Repository::discover(path),
        Ok(_) if !path.starts_with(home.root()) => Repository::discover(path),
        Ok(found) => Ok(found.cloned()),
        Err(error) => Err(error.clone()),
    }
}

/// The tree of an archive; one that Helm refuses is a tree as well, which says so when the chart is loaded.
pub(super) fn opened(archive: Result<Archive, source::Error>, shown: &str) -> Arc<dyn Tree> {
    match archive {
        Ok(archive) => Arc::new(archive),
        Err(error) => Arc::new(Refused { shown: shown.to_owned(), error }),
    }
}

/// The folder of a path; `""` at the root.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// An archive that could not be opened.
#[derive(Debug)]
struct Refused {
    shown: String,
    error: source::Error,
}

impl Tree for Refused {
    fn list(&self, _: &str) -> Result<Vec<source::Entry>, source::Error> {
        Err(self.error.clone())
    }

    fn read(&self, _: &str, _: u64) -> Result<Vec<u8>, source::Error> {
        Err(self.error.clone())
    }

    fn address(&self, _: &str) -> Address {
        Address::Archived { archive: self.shown.clone() }
    }

    fn shown(&self, path: &str) -> String {
        source::join(&self.shown, path)
    }
}
