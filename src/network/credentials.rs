//! Credentials where Helm and Docker keep them, with the helper programs that both know.
#![expect(
    clippy::disallowed_methods,
    reason = "files of credentials and certificates lie in the user's home, in no tree"
)]

use std::collections::BTreeMap;
use std::fmt;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use docker_credential::{CredentialRetrievalError as Error, DockerCredential, get_credential_from_reader};

use super::fault::Fault;

/// Bytes of a file of credentials or certificates.
const LIMIT: u64 = 4 * 1024 * 1024;

/// How long a helper program may take, which may ask a person to unlock something.
const HELPER: Duration = Duration::from_secs(60);

/// What helper programs say where they have nothing for a host (docker-credential-helpers, `credentials/error.go`).
const NOT_FOUND: &str = "credentials not found in native keychain";

/// Who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Credential {
    /// What proves it.
    pub(super) secret: Secret,
    /// Where it comes from, in words.
    pub(super) origin: String,
}

/// What proves who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Secret {
    /// User and password.
    Password(String, String),
    /// A token that is exchanged for others.
    Identity(String),
}

impl fmt::Debug for Credential {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credential").field("origin", &self.origin).finish_non_exhaustive()
    }
}

/// The files that hold credentials, the first asked first.
pub(super) struct Files {
    files: Vec<PathBuf>,
    /// What was found, by host: a helper program is asked once.
    found: Mutex<BTreeMap<String, Result<Option<Credential>, Fault>>>,
}

impl Files {
    /// These files, whether they exist or not.
    pub(super) fn new(files: Vec<PathBuf>) -> Self {
        Self { files, found: Mutex::default() }
    }

    /// The credentials for a host, from the first file that has any.
    pub(super) fn find(&self, host: &str) -> Result<Option<Credential>, Fault> {
        let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
        found.entry(host.to_owned()).or_insert_with(|| self.look_up(host)).clone()
    }

    fn look_up(&self, host: &str) -> Result<Option<Credential>, Fault> {
        for file in &self.files {
            if let Some(credential) = in_file(file, host)? {
                return Ok(Some(credential));
            }
        }
        Ok(None)
    }
}

fn in_file(file: &Path, host: &str) -> Result<Option<Credential>, Fault> {
    let shown = file.display().to_string();
    let unusable = |reason: String| Fault::Credentials { file: shown.clone(), reason };
    let content = match read(file) {
        Ok(content) => content,
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            return Ok(None);
        }
        Err(error) => return Err(unusable(error.to_string())),
    };
    let origin = format!("`{shown}`");
    // Docker Hub has another name in these files.
    let key = if host == "docker.io" { "https://index.docker.io/v1/" } else { host };
    let secret = match ask(content, key.to_owned()) {
        Ok(DockerCredential::UsernamePassword(user, password)) => Secret::Password(user, password),
        Ok(DockerCredential::IdentityToken(token)) => Secret::Identity(token),
        Err(Error::NoCredentialConfigured) => return Ok(None),
        Err(Error::HelperFailure { stdout, .. }) if stdout.trim() == NOT_FOUND => return Ok(None),
        Err(error) => return Err(unusable(reason(&error, host))),
    };
    Ok(Some(Credential { secret, origin }))
}

/// Asks on another thread: a helper program may never answer.
fn ask(content: Vec<u8>, key: String) -> Result<DockerCredential, Error> {
    let (sender, receiver) = mpsc::channel();
    let run = move || _ = sender.send(get_credential_from_reader(content.as_slice(), &key));
    let started = thread::Builder::new().name("credentials".into()).spawn(run);
    started.map_err(|_| Error::HelperCommunicationError)?;
    receiver.recv_timeout(HELPER).unwrap_or(Err(Error::HelperCommunicationError))
}

/// What is wrong, without what a helper program printed: that may be the secret.
fn reason(error: &Error, host: &str) -> String {
    match error {
        Error::ConfigReadError => "it is not JSON as Docker writes it".into(),
        Error::CredentialDecodingError => format!("its `auth` for `{host}` is not `user:password` in base64"),
        Error::CredentialMismatchError => format!("its `auth` for `{host}` belies `username` and `password`"),
        Error::HelperCommunicationError => "the credential helper it names does not run, or does not answer".into(),
        Error::MalformedHelperResponse => "its credential helper does not answer as one".into(),
        Error::HelperFailure { helper, .. } => format!("`{helper}` fails for `{host}`"),
        Error::NoCredentialConfigured | Error::ConfigNotFound => "it holds none".into(),
    }
}

/// A file of bounded size.
pub(super) fn read(file: &Path) -> io::Result<Vec<u8>> {
    let mut content = vec![];
    std::fs::File::open(file)?.take(LIMIT + 1).read_to_end(&mut content)?;
    if content.len() as u64 > LIMIT { Err(io::ErrorKind::FileTooLarge.into()) } else { Ok(content) }
}
