//! Names of hosts, each resolved once a run: what was looked at is what is connected to, however a name's answer changes.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Url;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::is_localhost;
use super::zone::Zone;

/// What `localhost` and all names below it are (RFC 6761, section 6.3), whatever a resolver says.
const LOOPBACK: [IpAddr; 2] = [IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V6(Ipv6Addr::LOCALHOST)];

/// The names of a run and their addresses; none where one does not resolve.
#[derive(Clone)]
pub(super) struct Names {
    known: Arc<Mutex<BTreeMap<String, Vec<IpAddr>>>>,
    /// How long to wait for an answer; none where nobody is asked.
    patience: Option<Duration>,
}

impl Names {
    /// No names yet.
    pub(super) fn new(patience: Option<Duration>) -> Self {
        Self { known: Arc::default(), patience }
    }

    /// Where the host of a URL lies, every address of it counted; empty where its name does not resolve here.
    pub(super) async fn zones(&self, url: &Url) -> Vec<Zone> {
        let name = url.host_str().unwrap_or_default();
        let literal = name.trim_start_matches('[').trim_end_matches(']').parse();
        let addresses = match literal {
            Ok(address) => vec![address],
            Err(_) => self.addresses(name).await,
        };
        addresses.into_iter().map(Zone::of).collect()
    }

    /// A name that did not resolve once stays so: another answer would be one that nobody looked at.
    async fn addresses(&self, name: &str) -> Vec<IpAddr> {
        let name = name.to_ascii_lowercase();
        if let Some(known) = self.known().get(&name) {
            return known.clone();
        }
        let found = if is_localhost(&name) { LOOPBACK.to_vec() } else { self.look_up(&name).await };
        // Whoever was first has it.
        self.known().entry(name).or_insert(found).clone()
    }

    async fn look_up(&self, name: &str) -> Vec<IpAddr> {
        let Some(patience) = self.patience else { return vec![] };
        let found = tokio::time::timeout(patience, tokio::net::lookup_host((name, 0))).await;
        let found = found.ok().and_then(Result::ok).into_iter().flatten();
        found.map(|address| address.ip()).collect()
    }

    fn known(&self) -> MutexGuard<'_, BTreeMap<String, Vec<IpAddr>>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let names = self.clone();
        Box::pin(async move {
            let addresses = names.addresses(name.as_str()).await;
            if addresses.is_empty() {
                return Err(io::Error::from(io::ErrorKind::NotFound).into());
            }
            // The port is the URL's.
            Ok(Box::new(addresses.into_iter().map(|address| SocketAddr::new(address, 0))) as Addrs)
        })
    }
}
