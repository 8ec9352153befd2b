//! Who asks a registry: nobody, a user with a password, or whoever holds a token for one repository.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use reqwest::{Method, Url};
use serde::Deserialize;

use super::challenge::Challenge;
use super::target::Target;
use crate::network::Network;
use crate::network::address::{self, is_loopback};
use crate::network::credentials::{Credential, Secret};
use crate::network::fault::Fault;
use crate::network::http::{Answer, Ask, Proof};

/// Bytes of an answer with a token.
const LIMIT: u64 = 1024 * 1024;

/// What a registry has been shown so far. It starts with nothing, and learns from the first refusal.
#[derive(Default)]
pub(super) struct Access(Mutex<Shown>);

#[derive(Default)]
struct Shown {
    challenge: Option<Challenge>,
    /// What goes with every request.
    basic: Option<Proof>,
    /// What goes with requests on each repository.
    tokens: BTreeMap<String, Proof>,
    /// Where the credentials come from that were shown.
    origin: Option<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Access")
    }
}

/// What a token server answers.
#[derive(Deserialize)]
struct Token {
    token: Option<String>,
    access_token: Option<String>,
}

impl Access {
    fn shown(&self) -> MutexGuard<'_, Shown> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the credentials come from that were shown; none where nobody showed any.
    pub(super) fn origin(&self) -> Option<String> {
        self.shown().origin.clone()
    }

    /// What to show before being asked for it.
    pub(super) fn known(&self, network: &Network, target: &Target, repository: &str) -> Result<Option<Proof>, Fault> {
        let (challenge, known) = {
            let shown = self.shown();
            (shown.challenge.clone(), shown.basic.clone().or_else(|| shown.tokens.get(repository).cloned()))
        };
        match (challenge, known) {
            (_, Some(known)) => Ok(Some(known)),
            (Some(Challenge::Bearer { realm, service, .. }), None) => {
                // The scope of the refusal was another repository's.
                let challenge = Challenge::Bearer { realm, service, scope: None };
                self.show(&challenge, network, target, repository)
            }
            _ => Ok(None),
        }
    }

    /// What to show after a refusal; none where there is nothing more to show.
    pub(super) fn answer_to(
        &self,
        refusal: &Answer,
        network: &Network,
        target: &Target,
        repository: &str,
    ) -> Result<Option<Proof>, Fault> {
        let Some(challenge) = Challenge::of(&refusal.headers) else { return Ok(None) };
        if challenge == Challenge::Basic && self.shown().basic.is_some() {
            return Ok(None);
        }
        self.show(&challenge, network, target, repository)
    }

    fn show(
        &self,
        challenge: &Challenge,
        network: &Network,
        target: &Target,
        repository: &str,
    ) -> Result<Option<Proof>, Fault> {
        let credential = network.credential(&target.host)?;
        let proof = match (challenge, &credential) {
            (Challenge::Basic, Some(Credential { secret: Secret::Password(user, password), .. })) => {
                Some(Proof::Password(user.clone(), password.clone()))
            }
            (Challenge::Basic, _) => None,
            (Challenge::Bearer { realm, service, scope }, credential) => {
                let wanted = format!("repository:{repository}:pull");
                let scope = scope.as_deref().unwrap_or(&wanted);
                let exchange = Exchange { realm, service: service.as_deref(), scope, target };
                Some(exchange.token(network, credential.as_ref())?)
            }
        };
        let mut shown = self.shown();
        shown.challenge = Some(challenge.clone());
        shown.origin = proof.as_ref().and(credential).map(|credential| credential.origin);
        match (challenge, &proof) {
            (Challenge::Basic, proof) => shown.basic.clone_from(proof),
            (Challenge::Bearer { .. }, Some(proof)) => {
                shown.tokens.insert(repository.to_owned(), proof.clone());
            }
            (Challenge::Bearer { .. }, None) => {}
        }
        Ok(proof)
    }
}

/// Credentials for a token (the distribution project's `spec/auth/token` and `spec/auth/oauth`).
struct Exchange<'a> {
    realm: &'a str,
    service: Option<&'a str>,
    scope: &'a str,
    target: &'a Target,
}

impl Exchange<'_> {
    fn token(&self, network: &Network, credential: Option<&Credential>) -> Result<Proof, Fault> {
        let mut url = self.url()?;
        let host = address::host(&url);
        let pairs = self.service.map(|service| ("service", service)).into_iter().chain([("scope", self.scope)]);
        let accept = "application/json";
        let answer = match credential.map(|credential| &credential.secret) {
            Some(Secret::Identity(token)) => {
                let grant =
                    [("grant_type", "refresh_token"), ("client_id", "chartgate"), ("refresh_token", token.as_str())];
                let form = form(pairs.chain(grant));
                network.ask(&Ask { method: Method::POST, form: Some(form), ..Ask::get(&url, accept, LIMIT) })?
            }
            secret => {
                url.query_pairs_mut().extend_pairs(pairs);
                let who = match secret {
                    Some(Secret::Password(user, password)) => Some(Proof::Password(user.clone(), password.clone())),
                    _ => None,
                };
                network.ask(&Ask::get(&url, accept, LIMIT).from(who))?
            }
        };
        self.read(&answer, &host, credential)
    }

    /// The address that gives out tokens, which is shown the credentials.
    fn url(&self) -> Result<Url, Fault> {
        let malformed =
            |reason: String| Fault::Malformed { host: self.target.host.clone(), expected: "a challenge", reason };
        let mut url = Url::parse(self.realm).map_err(|error| malformed(format!("its realm is no URL: {error}")))?;
        // Nobody but the user's own files says who asks.
        _ = address::take_proof(&mut url);
        match url.scheme() {
            "https" => Ok(url),
            "http" if self.target.is_plain() || is_loopback(&url) => Ok(url),
            "http" => Err(Fault::Plain { host: address::host(&url) }),
            scheme => Err(malformed(format!("its realm is at `{scheme}:`"))),
        }
    }

    fn read(&self, answer: &Answer, host: &str, credential: Option<&Credential>) -> Result<Proof, Fault> {
        let (host, expected) = (host.to_owned(), "a token");
        if let Some(overload) = answer.overload(&host) {
            return Err(overload);
        }
        let origin = credential.map(|credential| credential.origin.clone());
        match (answer.status.as_u16(), origin) {
            (200, _) if answer.is_page() => return Err(Fault::Page { host, expected }),
            (200, _) => {}
            (400 | 401, Some(origin)) => return Err(Fault::Unauthorized { host: self.target.host.clone(), origin }),
            (401, None) => return Err(Fault::Anonymous { host: self.target.host.clone() }),
            (403, origin) => return Err(Fault::Forbidden { host: self.target.host.clone(), origin }),
            (404, _) => return Err(Fault::Missing { host, expected: "a server of tokens" }),
            (status, _) => return Err(Fault::Status { host, status }),
        }
        let malformed = |reason: &str| Fault::Malformed { host: host.clone(), expected, reason: reason.to_owned() };
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
