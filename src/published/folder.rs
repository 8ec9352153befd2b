//! Releases in a folder of packages, `NAME-VERSION.tgz` as `helm package` writes them.
//!
//! Where the folder lies in the repository, a change could rewrite what it is measured by: the packages of the state before the change
//! count as well.

use std::sync::Arc;

use super::git::charts::name_of;
use super::{Published, Release};
use crate::chart::Version;
use crate::finding::{Failure, FailureKind};
use crate::source::git::Revision;
use crate::source::{Archive, CHART_LIMIT, Error, FILE_LIMIT, Tree, join, list_whole};

/// A folder of packages.
#[derive(Debug, Clone)]
pub struct Folder {
    tree: Arc<dyn Tree>,
    /// Below the tree's root.
    path: String,
    /// The commit that the tree is of, where it is not what is judged.
    commit: Option<String>,
}

impl Folder {
    /// The folder at a path of a tree.
    pub fn new(tree: Arc<dyn Tree>, path: impl Into<String>) -> Self {
        Self { tree, path: path.into(), commit: None }
    }

    /// The same folder in a commit; none where it is not there.
    ///
    /// # Errors
    /// A failure where that cannot be told.
    pub fn in_commit(&self, revision: Revision) -> Result<Option<Self>, Box<Failure>> {
        let commit = Some(revision.short());
        let there = Self { tree: Arc::new(revision), path: self.path.clone(), commit };
        match there.tree.list(&there.path) {
            Ok(_) => Ok(Some(there)),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(there.unreadable(&error)),
        }
    }

    /// A package of the folder, as `git show` takes it where it is in a commit.
    fn shown(&self, stem: &str) -> String {
        let path = join(&self.place(), &format!("{stem}.tgz"));
        self.commit.as_ref().map_or(path.clone(), |commit| format!("{commit}:{path}"))
    }

    /// The names of the packages in the folder itself, without `.tgz`.
    fn packages(&self) -> Result<Vec<String>, Box<Failure>> {
        let entries = list_whole(&*self.tree, &self.path).map_err(|error| self.unreadable(&error))?;
        let below = |path: &str| crate::source::below(path, &self.path).map(str::to_owned);
        let names = entries.iter().filter_map(|entry| below(&entry.path)).filter(|name| !name.contains('/'));
        Ok(names.filter_map(|name| name.strip_suffix(".tgz").map(str::to_owned)).collect())
    }

    fn archive(&self, stem: &str) -> Result<Archive, Box<Failure>> {
        let path = join(&self.path, &format!("{stem}.tgz"));
        let read = self.tree.read(&path, CHART_LIMIT);
        let opened = read.and_then(|data| Archive::from_bytes(&data, &self.shown(stem)));
        opened.map_err(|error| self.unreadable(&error))
    }

    /// Name and version of the chart in a package.
    fn named(archive: &Archive) -> Option<(String, String)> {
        name_of(&archive.read("Chart.yaml", FILE_LIMIT).ok()?)
    }

    fn unreadable(&self, error: &Error) -> Box<Failure> {
        let message = format!("the packages in `{}` cannot say what is published: {error}", self.place());
        let help = "see `published.folder`; it names a folder of `NAME-VERSION.tgz`";
        Box::new(Failure::new(FailureKind::Read, message).help(help))
    }
}

/// Whether a package's name can be read in another way, as that of a chart whose name goes on with a hyphen: `web-1-1.0.0`.
fn is_ambiguous(version: &str) -> bool {
    version.match_indices('-').any(|(at, _)| Version::parse(&version[at + 1..]).is_some())
}

impl Published for Folder {
    fn place(&self) -> String {
        self.tree.shown(&self.path)
    }

    fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        let mut versions = vec![];
        for stem in self.packages()? {
            let version = stem.strip_prefix(chart).and_then(|rest| rest.strip_prefix('-'));
            let Some(version) = version.filter(|version| Version::parse(version).is_some()) else { continue };
            let is_its = !is_ambiguous(version)
                || Self::named(&self.archive(&stem)?).is_none_or(|(name, found)| name == chart && found == version);
            if is_its {
                versions.push(version.to_owned());
            }
        }
        Ok(versions)
    }

    fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        let stem = format!("{chart}-{version}");
        if !self.packages()?.contains(&stem) {
            return Ok(None);
        }
        let archive = self.archive(&stem)?;
        let place = self.shown(&stem);
        match Self::named(&archive) {
            Some((name, _)) if name != chart && is_ambiguous(version) => Ok(None),
            Some((name, found)) if name != chart || found != version => {
                let message = format!("`{place}` holds version `{found}` of `{name}`, not what its name says");
                let help = "name packages as `helm package` does, or move this one out of the folder";
                Err(Box::new(Failure::new(FailureKind::Read, message).help(help)))
            }
            _ => Ok(Some(Release { place, tree: Arc::new(archive), folder: String::new(), digest: None })),
        }
    }
}
