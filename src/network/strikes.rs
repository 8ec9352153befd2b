//! Who does not answer, so that a thousand charts do not wait for it one by one.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::fault::Fault;
use super::http::{Answer, Ask};

/// Requests to one host that fail for good, each after its own retries, before the rest is spared.
const STRIKES: u32 = 3;

/// By `host:port`: requests that failed for good, and how the last did.
#[derive(Default)]
pub(super) struct Strikes(Mutex<BTreeMap<String, (u32, Fault)>>);

impl Strikes {
    /// Why a host is asked no more.
    pub(super) fn given_up(&self, host: &str) -> Option<Fault> {
        self.strikes().get(host).filter(|(count, _)| *count >= STRIKES).map(|(_, fault)| fault.clone())
    }

    /// Remembers how a host answered.
    pub(super) fn note(&self, host: String, ask: &Ask<'_>, answer: &Result<Answer, Fault>) {
        let fault = match answer {
            Ok(answer) => answer.overload(&ask.server()),
            Err(fault) if fault.is_of_server() => Some(fault.clone()),
            Err(_) => None,
        };
        let Some(fault) = fault else { return };
        let weight = if fault.is_out_of_reach() { STRIKES } else { 1 };
        let mut strikes = self.strikes();
        let entry = strikes.entry(host).or_insert((0, fault.clone()));
        *entry = (entry.0 + weight, fault);
    }

    fn strikes(&self) -> MutexGuard<'_, BTreeMap<String, (u32, Fault)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
