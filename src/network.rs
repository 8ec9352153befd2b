//! The one way to every registry and index: connections, credentials, patience, and what is known to be out of reach.

use std::fmt;
use std::sync::{Arc, OnceLock};

use client::Sockets;
use clock::Clock;
use credentials::Credential;
use exchange::Exchange;
use fault::Fault;
use http::Ask;
use names::Names;
use runtime::Runtime;
use strikes::Strikes;

pub use http::{Answer, Hop};
pub use listener::{Listener, Listening};
pub use options::{Options, Proxies, Retries, Timeouts};
pub use purpose::Purpose;
pub use release::{Head, Release};
pub use transport::{Interruption, Sending, Transport};
pub use trust::Trust;

mod address;
mod client;
mod clock;
mod credentials;
mod digest;
mod exchange;
mod fault;
mod file;
mod http;
pub mod index;
mod interruption;
mod listener;
mod names;
pub mod oci;
mod options;
mod proof;
mod purpose;
mod release;
mod rest;
mod retry;
mod runtime;
mod server;
mod strikes;
mod transport;
mod trust;
mod zone;

/// The way to every registry and index of a run. Nothing is opened before the first request.
pub struct Network {
    shared: Arc<Shared>,
    patience: Arc<Patience>,
    trust: Trust,
}

/// How long a run has waited, and who has let it down.
#[derive(Default)]
struct Patience {
    clock: Clock,
    strikes: Strikes,
}

struct Shared {
    options: Options,
    names: Names,
    engine: OnceLock<Result<Engine, Fault>>,
    /// What carries requests in place of sockets.
    stand_in: Option<Arc<dyn Transport>>,
    credentials: credentials::Files,
}

struct Engine {
    transport: Arc<dyn Transport>,
    runtime: Runtime,
}

impl fmt::Debug for Network {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = formatter.debug_struct("Network");
        shown.field("options", &self.shared.options).field("trust", &self.trust).finish_non_exhaustive()
    }
}

impl Network {
    /// The network as seen from these surroundings, where everybody is trusted that is named.
    pub fn new(options: Options) -> Arc<Self> {
        Self::carried(options, None)
    }

    /// The same with something in the place of sockets.
    pub fn over(options: Options, transport: Arc<dyn Transport>) -> Arc<Self> {
        Self::carried(options, Some(transport))
    }

    fn carried(options: Options, stand_in: Option<Arc<dyn Transport>>) -> Arc<Self> {
        let shared = Shared {
            names: Names::new(stand_in.is_none().then_some(options.timeouts.connect)),
            credentials: credentials::Files::new(&options),
            options,
            engine: OnceLock::new(),
            stand_in,
        };
        Arc::new(Self { shared: Arc::new(shared), patience: Arc::default(), trust: Trust::Everyone })
    }

    /// The same network and its connections for another run, which has all its time before it.
    pub fn anew(&self) -> Arc<Self> {
        let (shared, trust) = (Arc::clone(&self.shared), self.trust.clone());
        Arc::new(Self { shared, patience: Arc::default(), trust })
    }

    /// The same network, its connections and its time, where these hosts and those of the options are trusted and no others.
    pub fn trusting(&self, trust: Trust) -> Arc<Self> {
        let trust = trust.and(&self.shared.options.trusted);
        Arc::new(Self { shared: Arc::clone(&self.shared), patience: Arc::clone(&self.patience), trust })
    }

    /// Whether the host of an address is trusted, so that it is shown credentials and may lie on an inner network.
    pub fn trusts_host(&self, address: &str) -> bool {
        self.trust.covers_address(address)
    }

    /// Whether the host of a URL is trusted.
    fn trusts(&self, url: &reqwest::Url) -> bool {
        self.trust.covers(url)
    }

    /// Whether the user's machine lets credentials go to a host without TLS.
    fn is_plain(&self, host: &str) -> bool {
        self.shared.options.allows_plain(host)
    }

    /// What is stored for a host, whether it is trusted or not.
    fn credential(&self, host: &str) -> Result<Option<Credential>, Fault> {
        self.shared.credentials.find(host, &self.shared.engine()?.runtime)
    }

    /// Asks, with retries; any status is an answer.
    fn ask(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let shared = &self.shared;
        if shared.options.offline {
            return Err(Fault::Offline);
        }
        let host = address::host(ask.url);
        if let Some(fault) = self.patience.strikes.given_up(&host) {
            return Err(fault);
        }
        let engine = shared.engine()?;
        let limit = shared.options.deadline;
        let exchange = Exchange {
            transport: engine.transport.as_ref(),
            options: &shared.options,
            names: &shared.names,
            trust: &self.trust,
        };
        let (_wait, left) = self.patience.clock.wait(limit);
        let answer = engine.runtime.run(left, exchange.send(ask)).unwrap_or(Err(Fault::Deadline { limit }));
        self.patience.strikes.note(host, ask, &answer);
        answer
    }
}

impl Shared {
    fn engine(&self) -> Result<&Engine, Fault> {
        self.engine.get_or_init(|| Engine::new(self)).as_ref().map_err(Clone::clone)
    }
}

impl Engine {
    fn new(shared: &Shared) -> Result<Self, Fault> {
        let transport = match &shared.stand_in {
            Some(stand_in) => Arc::clone(stand_in),
            None => Arc::new(Sockets::new(&shared.options, &shared.names)?),
        };
        let runtime = Runtime::new().map_err(|error| Fault::Setup { reason: error.to_string() })?;
        Ok(Self { transport, runtime })
    }
}
