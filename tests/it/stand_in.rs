//! Something in the place of sockets: answers any address, public ones included, and remembers what was sent where.

use std::sync::{Arc, Mutex};

use chartgate::network::{Answer, Hop, Interruption, Network, Options, Sending, Transport};

use crate::fault_server::impatient;

type Reply = dyn Fn(&Hop) -> Result<Answer, Interruption> + Send + Sync;

/// Answers as it is told.
pub(crate) struct StandIn {
    answer: Box<Reply>,
    sent: Mutex<Vec<String>>,
}

impl StandIn {
    pub(crate) fn new(answer: impl Fn(&Hop) -> Answer + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self { answer: Box::new(move |hop| Ok(answer(hop))), sent: Mutex::default() })
    }

    /// What was sent: `GET https://host/path`, with `+` before it where it shows who asks.
    pub(crate) fn sent(&self) -> Vec<String> {
        self.sent.lock().expect("no test panics with it").clone()
    }

    /// A network over it.
    pub(crate) fn network(self: &Arc<Self>, options: Options) -> Arc<Network> {
        let transport: Arc<dyn Transport> = Arc::clone(self) as _;
        Network::over(Options { ..options }, transport)
    }

    /// The same without credentials.
    pub(crate) fn bare(self: &Arc<Self>) -> Arc<Network> {
        self.network(impatient())
    }
}

impl Transport for StandIn {
    fn send<'a>(&'a self, hop: &'a Hop) -> Sending<'a> {
        let mark = if hop.is_secret() { "+" } else { "" };
        self.sent.lock().expect("no test panics with it").push(format!("{mark}{} {}", hop.method(), hop.url()));
        Box::pin(std::future::ready((self.answer)(hop)))
    }
}

/// A registry's JSON.
pub(crate) fn json(status: u16, body: &str) -> Answer {
    Answer::new(status, &[("Content-Type", "application/json")], body.as_bytes().to_vec())
}
