//! Requests on the repositories of one registry, by whoever is allowed to ask.

use std::fmt;
use std::sync::Arc;

use reqwest::{StatusCode, Url};

use super::access::Access;
use super::target::Target;
use crate::network::Network;
use crate::network::fault::Fault;
use crate::network::http::{Answer, Ask};
use crate::network::proof::Proof;
use crate::network::server::Server;

/// A registry, and what it was shown so far.
pub(super) struct Connection {
    pub(super) target: Target,
    access: Access,
    network: Arc<Network>,
}

impl fmt::Debug for Connection {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Connection").field("target", &self.target).finish_non_exhaustive()
    }
}

impl Connection {
    /// Nothing is asked yet.
    pub(super) fn new(target: Target, network: &Arc<Network>) -> Self {
        Self { target, access: Access::default(), network: Arc::clone(network) }
    }

    /// The registry, as messages name it.
    pub(super) fn server(&self) -> Server {
        self.target.server()
    }

    /// The answer to a request on a repository. A 404 counts only once the credentials were shown that are stored for the
    /// registry: many hide from strangers what they have.
    pub(super) fn ask(&self, repository: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let send = |proof: Option<Proof>| self.network.ask(&ask.clone().from(proof));
        self.protect()?;
        let known = self.access.known(&self.network, &self.target, repository)?;
        let mut answer = send(known.clone())?;
        if answer.status == StatusCode::NOT_FOUND && known.is_none() {
            let Some(proof) = self.volunteer(repository)? else { return Ok(answer) };
            answer = send(Some(proof))?;
        }
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // What was known may have run out meanwhile.
        match self.access.answer_to(&answer, &self.network, &self.target, repository)? {
            Some(proof) => send(Some(proof)),
            None => Ok(answer),
        }
    }

    /// Refuses to ask without TLS a registry that credentials are stored for, unless the user's machine allows it: whoever wrote
    /// the configuration must not choose that.
    fn protect(&self) -> Result<(), Fault> {
        let target = &self.target;
        let is_open = target.is_plain() && !target.is_loopback() && !self.network.is_plain(&target.host);
        if is_open && self.network.credential(&target.host)?.is_some() {
            return Err(Fault::Exposed { server: self.server() });
        }
        Ok(())
    }

    /// Whether credentials are stored that the registry may see; a fault where they are stored and it may not.
    fn has_credentials(&self) -> Result<bool, Fault> {
        let is_stored = self.network.credential(&self.target.host)?.is_some();
        if is_stored && !self.network.trusts(&self.url("")) {
            return Err(Fault::Unshown { server: self.server() });
        }
        Ok(is_stored)
    }

    /// What to show to a registry that did not ask for it; none where nothing is stored for it.
    fn volunteer(&self, repository: &str) -> Result<Option<Proof>, Fault> {
        if !self.has_credentials()? {
            return Ok(None);
        }
        // Its front door may say how it wants to be shown who asks.
        let door = self.target.url("");
        let answer = self.network.ask(&Ask::get(&door, "application/json", 64 * 1024))?;
        self.access.volunteer(&answer, &self.network, &self.target, repository)
    }

    /// Where the credentials come from that were shown; none where nobody showed any.
    pub(super) fn origin(&self) -> Option<String> {
        self.access.origin()
    }

    /// An address below the registry's API.
    pub(super) fn url(&self, path: &str) -> Url {
        self.target.url(path)
    }

    /// The fault of a 404 that is not a registry's.
    pub(super) fn not_registry(&self) -> Fault {
        Fault::Missing { server: self.server(), expected: "a registry" }
    }

    /// The fault that a status other than 200 and 404 stands for.
    pub(super) fn refusal(&self, answer: &Answer) -> Fault {
        let server = self.server();
        if let Some(overload) = answer.overload(&server) {
            return overload;
        }
        match (answer.status.as_u16(), self.access.origin()) {
            (401, Some(origin)) => Fault::Unauthorized { server, origin },
            (401, None) if !self.network.trusts(&self.url("")) => Fault::Unshown { server },
            (401, None) => Fault::Anonymous { server },
            (403, origin) => Fault::Forbidden { server, origin },
            (status, _) => Fault::Status { server, status },
        }
    }
}
