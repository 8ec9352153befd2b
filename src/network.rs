//! The one way to every registry and index: connections, credentials, patience, and what is known to be out of reach.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use crate::source::Archive;
use credentials::Credential;
use fault::Fault;
use http::{Answer, Ask};
use runtime::Runtime;

pub use options::{Options, Proxies, Retries, Timeouts};

mod address;
mod client;
mod credentials;
mod digest;
mod exchange;
mod fault;
mod http;
pub mod index;
pub mod oci;
mod options;
mod retry;
mod runtime;

/// Requests to one host that fail for good, each after its own retries, before the rest is spared.
const STRIKES: u32 = 3;

/// What a place says of a release without handing it out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Where it lies, in words.
    pub place: String,
    /// The digest of the package (`sha256:…`), where the place knows it.
    pub digest: Option<String>,
}

/// A packaged chart from the network.
#[derive(Debug)]
pub struct Release {
    /// Where it lies, in words: `oci://ghcr.io/acme/charts/agents:1.2.0`.
    pub place: String,
    /// The packaged chart.
    pub archive: Archive,
    /// The digest of the package (`sha256:…`), where the place knows it.
    pub digest: Option<String>,
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
    fn credential(&self, host: &str) -> Result<Option<Credential>, Fault> {
        self.credentials.find(host)
    }

    /// Asks, with retries; any status is an answer.
    fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        if self.options.offline {
            return Err(Fault::Offline);
        }
        let host = ask.host();
        if let Some(fault) = self.given_up(&host) {
            return Err(fault);
        }
        let engine = self.engine.get_or_init(|| Engine::new(&self.options)).as_ref().map_err(Clone::clone)?;
        let answer = engine.runtime.run(exchange::send(ask, &engine.client, &self.options));
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
        let client = client::new(options)?;
        let runtime = Runtime::new().map_err(|error| Fault::Setup { reason: error.to_string() })?;
        Ok(Self { client, runtime })
    }
}
