//! Credentials for a token (the distribution project's `spec/auth/token` and `spec/auth/oauth`).

use reqwest::{Method, Url};
use serde::Deserialize;

use super::target::Target;
use crate::network::Network;
use crate::network::address::{host, is_loopback};
use crate::network::credentials::{Credential, Secret};
use crate::network::fault::Fault;
use crate::network::http::{Answer, Ask};
use crate::network::proof::{self, Proof};
use crate::network::server::{Role, Server};

/// Bytes of an answer with a token.
const LIMIT: u64 = 1024 * 1024;

/// What a token is asked for: reading one repository, whatever more the registry's challenge would have.
pub(super) struct TokenRequest<'a> {
    pub(super) realm: &'a str,
    pub(super) service: Option<&'a str>,
    pub(super) repository: &'a str,
    pub(super) target: &'a Target,
}

/// What a token server answers.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl TokenRequest<'_> {
    /// The token.
    pub(super) fn token(&self, network: &Network, credential: Option<&Credential>) -> Result<Proof, Fault> {
        let mut url = self.url(credential.is_some())?;
        let registry = self.target.url("");
        let scope = format!("repository:{}:pull", self.repository);
        let pairs = self.service.map(|service| ("service", service)).into_iter().chain([("scope", scope.as_str())]);
        let accept = "application/json";
        let answer = match credential.map(|credential| &credential.secret) {
            Some(Secret::Identity(token)) => {
                let grant =
                    [("grant_type", "refresh_token"), ("client_id", "chartgate"), ("refresh_token", token.as_str())];
                let form = Some(form(pairs.chain(grant)));
                let ask = Ask { method: Method::POST, form, ..Ask::get(&url, accept, LIMIT) };
                network.ask(&ask.named_by(&registry, Role::Tokens))?
            }
            secret => {
                url.query_pairs_mut().extend_pairs(pairs);
                let who = match secret {
                    Some(Secret::Password(user, password)) => Some(Proof::Password(user.clone(), password.clone())),
                    _ => None,
                };
                network.ask(&Ask::get(&url, accept, LIMIT).from(who).named_by(&registry, Role::Tokens))?
            }
        };
        self.read(&answer, credential, network.trusts(&registry))
    }

    /// The address that gives out tokens. It is shown credentials only where nobody on the way can have put it there.
    fn url(&self, is_secret: bool) -> Result<Url, Fault> {
        let malformed = |reason: &str| Fault::Malformed {
            server: self.target.server(),
            expected: "a challenge",
            reason: reason.to_owned(),
        };
        let mut url = Url::parse(self.realm).map_err(|_| malformed("its realm is no URL"))?;
        // Nobody but the user's own files says who asks.
        _ = proof::take(&mut url);
        let is_here = self.target.is_loopback();
        let is_own = host(&url) == host(&self.target.url(""));
        match url.scheme() {
            "https" if !is_secret || !self.target.is_plain() || is_here || is_own => Ok(url),
            // What stays on this machine needs no TLS.
            "http" if is_here && is_loopback(&url) || self.target.is_plain() && is_own => Ok(url),
            "https" => Err(Fault::Exposed { server: self.server() }),
            "http" => Err(Fault::Plain { server: self.server() }),
            _ => Err(malformed("its realm is at neither `https:` nor `http:`")),
        }
    }

    fn server(&self) -> Server {
        Server { role: Role::Tokens, ..self.target.server() }
    }

    fn read(&self, answer: &Answer, credential: Option<&Credential>, is_trusted: bool) -> Result<Proof, Fault> {
        let (server, expected) = (self.server(), "a token");
        if let Some(overload) = answer.overload(&server) {
            return Err(overload);
        }
        let origin = credential.map(|credential| credential.origin.clone());
        match (answer.status.as_u16(), origin) {
            (200, _) if answer.is_page() => return Err(Fault::Page { server, expected }),
            (200, _) => {}
            (400 | 401, Some(origin)) => return Err(Fault::Unauthorized { server: self.target.server(), origin }),
            (401, None) if !is_trusted => return Err(Fault::Unshown { server: self.target.server() }),
            (401, None) => return Err(Fault::Anonymous { server: self.target.server() }),
            (403, origin) => return Err(Fault::Forbidden { server: self.target.server(), origin }),
            (404, _) => return Err(Fault::Missing { server, expected: "a server of tokens" }),
            (status, _) => return Err(Fault::Status { server, status }),
        }
        let malformed = |reason: &str| Fault::Malformed { server: server.clone(), expected, reason: reason.to_owned() };
        // What the parser would say may quote the token.
        let token: Token = serde_json::from_slice(&answer.body).map_err(|_| malformed("it is not the JSON of one"))?;
        let token = token.token.or(token.access_token).ok_or_else(|| malformed("it holds none"))?;
        let can_be_sent = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if can_be_sent { Ok(Proof::Token(token)) } else { Err(malformed("it cannot be sent")) }
    }
}

/// Pairs as forms send them.
fn form<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = Url::parse("form:").expect("a scheme is a URL");
    url.query_pairs_mut().extend_pairs(pairs);
    url.query().unwrap_or_default().to_owned()
}
