//! What the surroundings say of the network: proxies, certificates, files of credentials, patience.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use super::address::host_of;
use super::listener::Listening;

/// What network sources need to know of their surroundings.
#[derive(Debug, Clone)]
pub struct Options {
    /// Whether to ask nobody: every request is then a failure.
    pub offline: bool,
    /// Proxies.
    pub proxies: Proxies,
    /// A file of PEM certificates to trust in place of the system's (`SSL_CERT_FILE`).
    pub authorities: Option<PathBuf>,
    /// Files of credentials in Docker's format, the first asked first: Helm's, then Docker's. They need not exist.
    pub credentials: Vec<PathBuf>,
    /// Folders in which programs lie that hold credentials (`PATH`); relative ones are passed over: what lies there is anybody's.
    pub programs: Vec<PathBuf>,
    /// Hosts that are asked without TLS, and shown credentials that way.
    pub plain_http: Vec<String>,
    /// Hosts that are trusted whoever names them.
    pub trusted: Vec<String>,
    /// How long to wait for all answers of a run together.
    pub deadline: Duration,
    /// How long to wait for answers.
    pub timeouts: Timeouts,
    /// How often to ask again.
    pub retries: Retries,
    /// Who is told of requests.
    pub listening: Listening,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            offline: false,
            proxies: Proxies::default(),
            authorities: None,
            credentials: vec![],
            programs: vec![],
            plain_http: vec![],
            trusted: vec![],
            deadline: Duration::from_secs(60),
            timeouts: Timeouts::default(),
            retries: Retries::default(),
            listening: Listening::default(),
        }
    }
}

impl Options {
    /// Whether credentials may go to a host (`host[:port]`) without TLS.
    pub(super) fn allows_plain(&self, host: &str) -> bool {
        // The port of plain HTTP is not shown.
        let bare = |host: &str| host.strip_suffix(":80").unwrap_or(host).to_owned();
        self.plain_http.iter().filter_map(|allowed| host_of(allowed)).any(|allowed| bare(&allowed) == bare(host))
    }
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
    /// For a program that holds credentials.
    pub helper: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            silence: Duration::from_secs(30),
            whole: Duration::from_secs(60),
            helper: Duration::from_secs(10),
        }
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
        Self { attempts: 4, pause: Duration::from_millis(500), patience: Duration::from_secs(30) }
    }
}
