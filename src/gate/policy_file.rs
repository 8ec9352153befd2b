//! Files of the command line that belong to the policy: read from where the policy is.

use std::path::Path;

use super::asked::ValuesPath;
use super::place::{self, Place};
use super::{Error, Request, Session};
use crate::config::Config;
use crate::published::git::Log;
use crate::source::{Dir, Error as SourceError, FILE_LIMIT, Tree};

impl Session {
    /// A file of the command line as the policy of a request has it; none where there is none. One outside the repository is the user's own.
    ///
    /// # Errors
    /// Why it cannot be read, in lower case.
    pub fn policy_file(&self, request: &Request, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let place = self.place_of_policy(request)?;
        let below = place.below(path).map_err(|_| "it is not in the repository".to_owned())?;
        let read = match below {
            ValuesPath::Tree(path) => place.policy.read(&path, FILE_LIMIT),
            ValuesPath::Disk { path, boundary } => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let folder = Dir::folder(path.parent().unwrap_or(&path)).map(|folder| folder.within(boundary));
                folder.and_then(|folder| folder.read(&name, FILE_LIMIT))
            }
        };
        found(read)
    }

    /// A file of the repository as it is, and as it was before the change; none where it is outside, is new, or git knows of no earlier state.
    ///
    /// # Errors
    /// Why one of the two cannot be read, in lower case.
    pub fn policy_file_before(&self, request: &Request, path: &Path) -> Result<Option<[Vec<u8>; 2]>, String> {
        let place = self.place_of_policy(request)?;
        let Ok(ValuesPath::Tree(path)) = place.below(path) else { return Ok(None) };
        let read = |tree: &dyn Tree| found(tree.read(&path, FILE_LIMIT));
        let before = if request.policy.from.revision.is_some() {
            read(&*place.policy)?
        } else {
            let log = self.log(request, &place, &Config::default()).ok();
            log.as_ref().and_then(Log::tree).map_or(Ok(None), |tree| read(&**tree))?
        };
        Ok(read(&*place.tree)?.zip(before).map(|(now, before)| [now, before]))
    }

    fn place_of_policy(&self, request: &Request) -> Result<Place, String> {
        let places = place::places(self, request).map_err(|error| match error {
            Error::Usage { message, .. } => message,
            Error::Config(_) => "the configuration is wrong".to_owned(),
            Error::Failed(_) => "the policy cannot be had".to_owned(),
        })?;
        let place = places.into_iter().find(|place| !place.is_archive);
        place.ok_or_else(|| "only packaged charts are judged".to_owned())
    }
}

/// What was read; none where there is nothing.
fn found(read: Result<Vec<u8>, SourceError>) -> Result<Option<Vec<u8>>, String> {
    match read {
        Ok(data) => Ok(Some(data)),
        Err(SourceError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}
