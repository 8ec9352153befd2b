//! Credentials where Helm and Docker keep them, with the helper programs that both know.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::fault::Fault;
use super::file;
use super::options::Options;
use super::runtime::Runtime;
use docker::Stored;
use helper::Helper;

mod docker;
mod helper;
mod secret;

pub(super) use secret::{Credential, Secret};

/// The files that hold credentials, the first asked first.
pub(super) struct Files {
    paths: Vec<PathBuf>,
    /// Folders of helper programs.
    programs: Vec<PathBuf>,
    /// How long a helper program may take.
    patience: Duration,
    /// What was found, by host: a helper program is asked once.
    found: Mutex<BTreeMap<String, Result<Option<Credential>, Fault>>>,
}

impl Files {
    /// The files of the options, whether they exist or not.
    pub(super) fn new(options: &Options) -> Self {
        let (paths, programs) = (options.credentials.clone(), options.programs.clone());
        Self { paths, programs, patience: options.timeouts.helper, found: Mutex::default() }
    }

    /// The credentials for a host, from the first file that has any.
    pub(super) fn find(&self, host: &str, runtime: &Runtime) -> Result<Option<Credential>, Fault> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.entry(host.to_owned()).or_insert_with(|| self.look_up(host, runtime)).clone()
    }

    fn look_up(&self, host: &str, runtime: &Runtime) -> Result<Option<Credential>, Fault> {
        for file in &self.paths {
            if let Some(credential) = self.in_file(file, host, runtime)? {
                return Ok(Some(credential));
            }
        }
        Ok(None)
    }

    fn in_file(&self, file: &Path, host: &str, runtime: &Runtime) -> Result<Option<Credential>, Fault> {
        let shown = file.display().to_string();
        let unusable = |reason: String| Fault::Credentials { file: shown.clone(), reason };
        let content = match file::read(file) {
            Ok(content) => content,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(None);
            }
            Err(error) => return Err(unusable(error.to_string())),
        };
        // Docker Hub has another name in these files.
        let key = if host == "docker.io" { "https://index.docker.io/v1/" } else { host };
        let secret = match docker::find(&content, key).map_err(|reason| unusable(reason.words(host)))? {
            Stored::Nothing => None,
            Stored::Secret(secret) => Some(secret),
            Stored::Helper(name) => {
                let helper = Helper { name: &name, folders: &self.programs, patience: self.patience };
                let asked = helper.ask(key, runtime);
                asked.map_err(|trouble| unusable(format!("`docker-credential-{name}` {}", trouble.words(host))))?
            }
        };
        Ok(secret.map(|secret| Credential { secret, origin: format!("`{shown}`") }))
    }
}
