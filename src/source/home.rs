//! Where a run stands: the repository around the working directory, else that directory. What lies there may be anybody's change, so its
//! links must not lead out; what a user names elsewhere is their own.
#![expect(clippy::disallowed_methods, reason = "tells where paths of the command line lead, before there is a `Tree`")]

use std::path::{Component, Path, PathBuf};

use super::git::{Error, Repository, is_there};

/// Where a run stands.
#[derive(Debug, Clone)]
pub struct Home {
    working_dir: PathBuf,
    root: PathBuf,
    repository: Result<Option<Repository>, Error>,
}

impl Home {
    /// The home of a run in a working directory. The repository is looked for once, upwards from there and nowhere else.
    pub fn new(working_dir: &Path) -> Self {
        let working_dir = working_dir.canonicalize().unwrap_or_else(|_| working_dir.to_owned());
        let repository = Repository::discover(&working_dir);
        let root = repository.as_ref().ok().and_then(|found| found.as_ref()?.root().map(Path::to_path_buf));
        Self { root: root.unwrap_or_else(|| working_dir.clone()), working_dir, repository }
    }

    /// The working directory, without links in it.
    pub fn working_dir(&self) -> &Path {
        &self.working_dir
    }

    /// The repository's working tree, else the working directory; without links in it.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The repository around the working directory; none where there is no trace of one.
    ///
    /// # Errors
    /// As [`Repository::discover`].
    pub fn repository(&self) -> Result<Option<&Repository>, &Error> {
        self.repository.as_ref().map(Option::as_ref)
    }

    /// A path of the command line, absolute, without `.` and `..`, and with its links as they are.
    pub fn absolute(&self, path: &Path) -> PathBuf {
        let mut absolute = PathBuf::new();
        for part in self.working_dir.join(path).components() {
            match part {
                Component::CurDir => {}
                Component::ParentDir => _ = absolute.pop(),
                part => absolute.push(part),
            }
        }
        absolute
    }

    /// Whether a path of the command line names something at home, wherever its links lead.
    pub fn holds(&self, path: &Path) -> bool {
        let absolute = self.absolute(path);
        let real = absolute.parent().and_then(|folder| folder.canonicalize().ok());
        absolute.starts_with(&self.root) || real.is_some_and(|folder| folder.starts_with(&self.root))
    }

    /// The folder that links must not leave, for files that are read through a path of the command line; none where it is not at home.
    pub fn boundary(&self, path: &Path) -> Option<PathBuf> {
        self.holds(path).then(|| self.root.clone())
    }

    /// The outermost folder between the root and a real path that is a repository of its own.
    ///
    /// # Errors
    /// [`Error::Unreadable`] where a folder cannot be looked into.
    pub fn embedded(&self, real: &Path) -> Result<Option<PathBuf>, Error> {
        let mut outermost = None;
        for above in real.ancestors().take_while(|above| above.starts_with(&self.root) && *above != self.root) {
            if is_there(&above.join(".git"))? {
                outermost = Some(above.to_path_buf());
            }
        }
        Ok(outermost)
    }
}
