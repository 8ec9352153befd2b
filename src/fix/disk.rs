//! Files on disk, replaced in one step: whoever reads one sees the old bytes or the new ones, and never through a link.
#![expect(clippy::disallowed_methods, reason = "the one place that replaces files of the user's")]

use std::fs::{self, Metadata};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Change, Texts, Why};
use crate::source::Home;

/// What may be written to: the repository or working directory that a run stands in, and what was named elsewhere.
#[derive(Debug)]
pub struct Territory {
    home: Home,
    named: Vec<PathBuf>,
    /// Bytes that count in place of those on disk.
    unsaved: Texts,
}

impl Territory {
    /// The territory of a run in a working directory that names paths.
    pub fn new(working_dir: &Path, named: &[PathBuf]) -> Self {
        let home = Home::new(working_dir);
        let real = |path: &PathBuf| home.working_dir().join(path).canonicalize().ok();
        // A repository below a folder that is in none is named as one elsewhere is.
        let is_apart = |real: &PathBuf| !home.holds(real) || matches!(home.embedded(real), Ok(Some(_)));
        let named = named.iter().filter_map(real).filter(is_apart).collect();
        Self { home, named, unsaved: Texts::new() }
    }

    /// The same where texts count that an editor has not saved yet.
    #[must_use]
    pub fn over(self, unsaved: Texts) -> Self {
        Self { unsaved, ..self }
    }

    /// The bytes of a file that may be changed.
    pub(super) fn look(&self, path: &Path) -> Result<Vec<u8>, Why> {
        let unsaved = self.unsaved.get(path);
        if let Some(unsaved) = unsaved.filter(|_| !path.exists() && self.holds(path)) {
            return Ok(unsaved.to_vec());
        }
        let metadata = fs::symlink_metadata(path).map_err(|error| system(&error))?;
        let real = path.canonicalize().map_err(|error| system(&error))?;
        if metadata.is_symlink() || real != path {
            return Err(Why::Link);
        }
        if !self.holds(path) {
            return Err(Why::Outside);
        }
        if metadata.permissions().readonly() {
            return Err(Why::ReadOnly);
        }
        unsaved.map_or_else(|| fs::read(path).map_err(|error| system(&error)), |unsaved| Ok(unsaved.to_vec()))
    }

    fn holds(&self, real: &Path) -> bool {
        let is_home = real.starts_with(self.home.root()) && matches!(self.home.embedded(real), Ok(None));
        is_home || self.named.iter().any(|named| real.starts_with(named))
    }

    /// Writes changes. `together`: where one file cannot be written, none is. Returned is what was not written, with the reasons.
    pub fn write<'a>(&self, changes: &'a [Change], together: bool) -> Vec<(&'a Change, Why)> {
        let (mut ready, mut left) = (vec![], vec![]);
        for change in changes {
            match self.prepared(change) {
                Ok(file) => ready.push((change, file)),
                Err(why) => left.push((change, why)),
            }
        }
        if together && !left.is_empty() {
            return left;
        }
        for (change, file) in ready {
            // The file may have been touched while the others were prepared.
            let written = match self.look(&change.path) {
                Ok(now) if now == *change.before => {
                    file.persist(&change.path).map(|_| ()).map_err(|error| system(&error.error))
                }
                Ok(_) => Err(Why::Changed),
                Err(why) => Err(why),
            };
            left.extend(written.err().map(|why| (change, why)));
        }
        left
    }

    /// The new content beside the file, ready to take its place.
    fn prepared(&self, change: &Change) -> Result<NamedTempFile, Why> {
        if self.look(&change.path)? != *change.before {
            return Err(Why::Changed);
        }
        let folder = change.path.parent().unwrap_or(&change.path);
        let prepare = || {
            let mut file = tempfile::Builder::new().prefix(".chartgate-").tempfile_in(folder)?;
            file.write_all(&change.after)?;
            let metadata = fs::metadata(&change.path)?;
            owned_alike(file.as_file(), &metadata);
            file.as_file().set_permissions(metadata.permissions())?;
            file.as_file().sync_all()?;
            Ok(file)
        };
        prepare().map_err(|error: std::io::Error| system(&error))
    }
}

/// Gives a file the owner and group of another, where the system lets us.
#[cfg(unix)]
fn owned_alike(file: &fs::File, like: &Metadata) {
    use std::os::unix::fs::{MetadataExt as _, fchown};
    let _ = fchown(file, Some(like.uid()), Some(like.gid()));
}

#[cfg(not(unix))]
fn owned_alike(_: &fs::File, _: &Metadata) {}

fn system(error: &std::io::Error) -> Why {
    Why::System(error.to_string())
}
