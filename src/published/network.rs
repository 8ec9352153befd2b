//! What every network source shares: connections, credentials, patience, and what is known to be out of reach.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use super::credentials::{self, Credential};
use super::http::fault::Fault;
use super::http::{Answer, Ask, client};
use runtime::Runtime;

mod runtime;

/// Requests to one host that fail for good, each after its own retries, before the rest is spared.
const STRIKES: u32 = 3;

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

/// The way to every registry and index of a run. Nothing is opened before the first request.
pub struct Network {
    options: Options,
    engine: OnceLock<Result<Engine, Fault>>,
    credentials: credentials::Files,
    /// By `host:port`: requests that failed for good, and how the last did.
    strikes: Mutex<BTreeMap<String, (u32, Fault)>>,
}

struct Engine {
    client: reqwest::Client,
    runtime: Runtime,
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Network").field("options", &self.options).finish_non_exhaustive()
    }
}

impl Network {
    /// The network as seen from these surroundings.
    pub fn new(options: Options) -> Arc<Self> {
        let credentials = credentials::Files::new(options.credentials.clone());
        Arc::new(Self { options, engine: OnceLock::new(), credentials, strikes: Mutex::default() })
    }

    /// What is known of a host's users.
    pub(super) fn credential(&self, host: &str) -> Result<Option<Credential>, Fault> {
        self.credentials.find(host)
    }

    /// Asks, with retries; any status is an answer.
    pub(super) fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        if self.options.offline {
            return Err(Fault::Offline);
        }
        let host = ask.host();
        if let Some(fault) = self.given_up(&host) {
            return Err(fault);
        }
        let engine = self.engine.get_or_init(|| Engine::new(&self.options)).as_ref().map_err(Clone::clone)?;
        let answer = engine.runtime.run(ask.send(&engine.client, &self.options));
        self.note(host, &answer);
        answer
    }

    fn given_up(&self, host: &str) -> Option<Fault> {
        let strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        strikes.get(host).filter(|(count, _)| *count >= STRIKES).map(|(_, fault)| fault.clone())
    }

    /// Remembers who does not answer, so that a thousand charts do not wait for it one by one.
    fn note(&self, host: String, answer: &Result<Answer, Fault>) {
        let fault = match answer {
            Ok(answer) => answer.overload(&host),
            Err(fault) if fault.is_of_host() => Some(fault.clone()),
            Err(_) => None,
        };
        let Some(fault) = fault else { return };
        let mut strikes = self.strikes.lock().unwrap_or_else(PoisonError::into_inner);
        let weight = if fault.is_out_of_reach() { STRIKES } else { 1 };
        let entry = strikes.entry(host).or_insert((0, fault.clone()));
        *entry = (entry.0 + weight, fault);
    }
}

impl Engine {
    fn new(options: &Options) -> Result<Self, Fault> {
        let client = client(options)?;
        let runtime = Runtime::new().map_err(|error| Fault::Setup { reason: error.to_string() })?;
        Ok(Self { client, runtime })
    }
}
