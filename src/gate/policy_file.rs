//! Files of the command line that belong to the policy: read from where the policy is.

use std::path::Path;

use super::asked::ValuesPath;
use super::{Error, Request, Session, place};
use crate::source::{Dir, Error as SourceError, FILE_LIMIT, Tree as _};

impl Session {
    /// A file of the command line as the policy of a request has it; none where there is none. One outside the repository is the user's own.
    ///
    /// # Errors
    /// Why it cannot be read, in lower case.
    pub fn policy_file(&self, request: &Request, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let places = place::places(self, request).map_err(|error| match error {
            Error::Usage { message, .. } => message,
            Error::Config(_) => "the configuration is wrong".to_owned(),
            Error::Failed(_) => "the policy cannot be had".to_owned(),
        })?;
        let place = places.iter().find(|place| !place.is_archive).ok_or("only packaged charts are judged")?;
        let below = place.below(path).map_err(|_| "it is not in the repository".to_owned())?;
        let read = match below {
            ValuesPath::Tree(path) => place.policy.read(&path, FILE_LIMIT),
            ValuesPath::Disk { path, boundary } => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let folder = Dir::folder(path.parent().unwrap_or(&path)).map(|folder| folder.within(boundary));
                folder.and_then(|folder| folder.read(&name, FILE_LIMIT))
            }
        };
        match read {
            Ok(data) => Ok(Some(data)),
            Err(SourceError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}
