//! From what is wanted to an answer: where may be asked, what may be shown there, redirects, and asking again where that may help.

use std::time::Duration;

use reqwest::header::LOCATION;
use reqwest::{Method, Url};

use super::address::{host, is_loopback};
use super::fault::Fault;
use super::http::{Answer, Ask, Hop};
use super::names::Names;
use super::options::Options;
use super::retry;
use super::server::{Role, Server};
use super::transport::Transport;
use super::trust::Trust;
use super::zone::Zone;

/// Redirects that one answer may take.
const REDIRECTS: usize = 8;

/// What an exchange needs beside what is asked.
pub(super) struct Exchange<'a> {
    pub(super) transport: &'a dyn Transport,
    pub(super) options: &'a Options,
    pub(super) names: &'a Names,
    pub(super) trust: &'a Trust,
}

impl Exchange<'_> {
    /// The answer to the last of as many attempts as it takes.
    pub(super) async fn send(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let mut waited = Duration::ZERO;
        let mut attempts = 1;
        loop {
            let answer = self.attempt(ask).await;
            match retry::pause(&answer, attempts, waited, self.options.retries) {
                None => return answer,
                Some(pause) => {
                    tokio::time::sleep(pause).await;
                    waited += pause;
                    attempts += 1;
                }
            }
        }
    }

    async fn attempt(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let limit = self.options.timeouts.whole;
        let answer = tokio::time::timeout(limit, self.follow(ask)).await;
        answer.unwrap_or_else(|_| Err(Fault::Slow { server: ask.server(), limit }))
    }

    async fn follow(&self, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let mut hop = ask.hop();
        let mut server = ask.server();
        for _ in 0..=REDIRECTS {
            self.permit(ask, &hop, &server).await?;
            let sent = self.transport.send(&hop).await;
            let answer = sent.map_err(|interruption| interruption.of(server.clone(), hop.limit))?;
            match next(&hop, &answer, &server)? {
                None => return Ok(answer),
                Some(next) => hop = next,
            }
            server.role = Role::Beyond;
        }
        Err(Fault::Redirects { server: ask.server() })
    }

    /// Whether a request may be sent: nothing that shows who asks goes out for everybody to read, and inner networks are for hosts
    /// that the user trusts.
    async fn permit(&self, ask: &Ask<'_>, hop: &Hop, server: &Server) -> Result<(), Fault> {
        if hop.is_secret() && !self.is_protected(&hop.url).await {
            return Err(Fault::Exposed { server: server.clone() });
        }
        let is_trusted = self.trust.covers(ask.home);
        let is_home = host(&hop.url) == host(ask.home);
        if is_trusted && is_home {
            return Ok(());
        }
        // Where the name does not resolve here, a proxy may know it.
        let zones = self.names.zones(&hop.url).await;
        let home = if is_trusted { self.names.zones(ask.home).await } else { vec![] };
        let inner = zones.into_iter().find(|zone| *zone != Zone::Public && !home.contains(zone));
        match inner {
            None => Ok(()),
            Some(zone) if is_home => Err(Fault::Inner { server: server.clone(), zone }),
            Some(zone) => Err(Fault::Astray { server: server.clone(), zone }),
        }
    }

    /// Whether nobody on the way can read what is sent, or the user does not mind.
    async fn is_protected(&self, url: &Url) -> bool {
        let is_here = async || is_loopback(url) && self.names.zones(url).await.iter().min() == Some(&Zone::Loopback);
        url.scheme() == "https" || self.options.allows_plain(&host(url)) || is_here().await
    }
}

/// The request that an answer sends on to; none where it is an answer.
fn next(hop: &Hop, answer: &Answer, server: &Server) -> Result<Option<Hop>, Fault> {
    if !matches!(answer.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let lost = || Fault::Redirects { server: server.clone() };
    // What a form holds is for its receiver alone.
    if hop.method == Method::POST {
        return Err(lost());
    }
    let target = answer.headers.get(LOCATION).and_then(|location| location.to_str().ok());
    let mut url = target.and_then(|target| hop.url.join(target).ok()).ok_or_else(lost)?;
    if hop.url.scheme() == "https" && url.scheme() == "http" {
        return Err(Fault::Unprotected { server: server.clone() });
    }
    if !matches!(url.scheme(), "http" | "https") {
        return Err(lost());
    }
    _ = super::proof::take(&mut url);
    let proof = hop.proof.clone().filter(|_| url.origin() == hop.url.origin());
    Ok(Some(Hop { url, proof, ..hop.clone() }))
}
