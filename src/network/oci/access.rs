//! Who asks a registry: nobody, a user with a password, or whoever holds a token for one repository.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::challenge::Challenge;
use super::target::Target;
use super::token::TokenRequest;
use crate::network::Network;
use crate::network::credentials::{Credential, Secret};
use crate::network::fault::Fault;
use crate::network::http::Answer;
use crate::network::proof::Proof;

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
            (Some(challenge @ Challenge::Bearer { .. }), None) => self.show(&challenge, network, target, repository),
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

    /// What to show to a registry that asks for nothing: as its front door says, else user and password.
    pub(super) fn volunteer(
        &self,
        door: &Answer,
        network: &Network,
        target: &Target,
        repository: &str,
    ) -> Result<Option<Proof>, Fault> {
        let challenge = Challenge::of(&door.headers).unwrap_or(Challenge::Basic);
        let proof = self.show(&challenge, network, target, repository)?;
        proof.map(Some).ok_or_else(|| Fault::Unshowable { server: target.server() })
    }

    fn show(
        &self,
        challenge: &Challenge,
        network: &Network,
        target: &Target,
        repository: &str,
    ) -> Result<Option<Proof>, Fault> {
        let credential = if network.trusts(&target.url("")) { network.credential(&target.host)? } else { None };
        let proof = match (challenge, &credential) {
            (Challenge::Basic, Some(Credential { secret: Secret::Password(user, password), .. })) => {
                Some(Proof::Password(user.clone(), password.clone()))
            }
            (Challenge::Basic, _) => None,
            (Challenge::Bearer { realm, service }, credential) => {
                let request = TokenRequest { realm, service: service.as_deref(), repository, target };
                Some(request.token(network, credential.as_ref())?)
            }
        };
        let mut shown = self.shown();
        shown.challenge = Some(challenge.clone());
        shown.origin = proof.as_ref().and(credential).map(|credential| credential.origin);
        match (challenge, &proof) {
            (Challenge::Basic, proof) => shown.basic.clone_from(proof),
            (Challenge::Bearer { .. }, Some(proof)) => {
                shown.basic = None;
                shown.tokens.insert(repository.to_owned(), proof.clone());
            }
            (Challenge::Bearer { .. }, None) => {}
        }
        Ok(proof)
    }
}
