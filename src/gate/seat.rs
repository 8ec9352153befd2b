//! Where the configuration of a chart lies in any state of a repository.

use super::place::{Place, parent};
use super::request::Request;
use crate::config::discover::{self, Found, LIMIT, Search};
use crate::source::{Error, Tree};

/// Where a configuration is looked for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Seat {
    /// Upwards from a folder.
    Nearest(String),
    /// In the file of `--config`, which a change can write.
    File(String),
    /// In the file of `--config`, which no change can write; the nearest upwards from a folder is what counts without it.
    Outside(String),
}

impl Seat {
    /// Where the configuration lies that counts for a folder of a place.
    pub(super) fn of(request: &Request, place: &Place, folder: &str) -> Self {
        match (&request.policy.from.file, &place.config) {
            (None, _) => Self::Nearest(folder.to_owned()),
            (Some(_), Some(path)) => Self::File(path.clone()),
            (Some(_), None) => Self::Outside(folder.to_owned()),
        }
    }

    /// Whether the configuration is the user's own, whatever the change is.
    pub(super) fn is_outside(&self) -> bool {
        matches!(self, Self::Outside(_))
    }

    /// The configuration in a state of the repository.
    ///
    /// # Errors
    /// As [`discover::nearest`].
    pub(super) fn find(&self, tree: &dyn Tree, search: &mut Search) -> Result<Option<Found>, discover::Error> {
        match self {
            Self::Nearest(folder) | Self::Outside(folder) => search.nearest(tree, folder),
            Self::File(path) => match tree.read(path, LIMIT) {
                Ok(data) => Ok(Some(Found { path: path.clone(), folder: parent(path).to_owned(), data })),
                Err(Error::NotFound { .. }) => Ok(tree.confirm_absent(path).map(|()| None)?),
                Err(error) => Err(error.into()),
            },
        }
    }
}
