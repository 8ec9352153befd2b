//! What the surroundings say of the network: proxies, certificates, files of credentials, patience.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

/// What network sources need to know of their surroundings.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// Whether to ask nobody: every request is then a failure.
    pub offline: bool,
    /// Proxies.
    pub proxies: Proxies,
    /// A file of PEM certificates to trust in place of the system's (`SSL_CERT_FILE`).
    pub authorities: Option<PathBuf>,
    /// Files of credentials in Docker's format, the first asked first: Helm's, then Docker's. They need not exist.
    pub credentials: Vec<PathBuf>,
    /// How long to wait for answers.
    pub timeouts: Timeouts,
    /// How often to ask again.
    pub retries: Retries,
}

/// Proxies as the usual variables name them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    /// For `http:` (`HTTP_PROXY`).
    pub http: Option<String>,
    /// For `https:` (`HTTPS_PROXY`).
    pub https: Option<String>,
    /// Hosts that are reached without (`NO_PROXY`); loopback hosts always are.
    pub exceptions: Option<String>,
}

impl fmt::Debug for Proxies {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Their addresses may hold passwords.
        formatter.debug_struct("Proxies").field("exceptions", &self.exceptions).finish_non_exhaustive()
    }
}

/// How long to wait for answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// For a connection.
    pub connect: Duration,
    /// For the next bytes.
    pub silence: Duration,
    /// For the whole of an answer.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self { connect: Duration::from_secs(10), silence: Duration::from_secs(30), whole: Duration::from_secs(300) }
    }
}

/// How often to ask again where a server is overloaded or a connection breaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retries {
    /// How often a request is sent in all.
    pub attempts: u32,
    /// The wait before the second; it doubles from one to the next.
    pub pause: Duration,
    /// The longest that all waits of one request may take, those that a server asks for included.
    pub patience: Duration,
}

impl Default for Retries {
    fn default() -> Self {
        Self { attempts: 4, pause: Duration::from_millis(500), patience: Duration::from_secs(60) }
    }
}
