//! When to ask again.

use std::time::Duration;

use super::fault::Fault;
use super::http::Answer;
use super::options::Retries;
use super::rest;

/// How long to wait before the next attempt; none where there is to be none.
pub(super) fn pause(
    answer: &Result<Answer, Fault>,
    attempts: u32,
    waited: Duration,
    retries: Retries,
) -> Option<Duration> {
    if attempts >= retries.attempts {
        return None;
    }
    let asked = match answer {
        Ok(answer) if matches!(answer.status.as_u16(), 429 | 500 | 502 | 503 | 504) => rest::asked(&answer.headers),
        Err(Fault::CutOff { .. }) => None,
        _ => return None,
    };
    let pause = asked.unwrap_or_else(|| retries.pause.saturating_mul(1 << (attempts - 1).min(16)));
    (waited.saturating_add(pause) <= retries.patience).then_some(pause)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::network::server::{Role, Server};

    fn server() -> Server {
        Server { host: "h".into(), role: Role::Itself }
    }

    #[test]
    fn waits_double_and_end_with_patience() {
        let retries = Retries { attempts: 9, pause: Duration::from_secs(1), patience: Duration::from_secs(10) };
        let cut = Err(Fault::CutOff { server: server() });
        let mut waited = Duration::ZERO;
        let mut pauses = vec![];
        for attempts in 1.. {
            let Some(next) = pause(&cut, attempts, waited, retries) else { break };
            pauses.push(next.as_secs());
            waited += next;
        }
        assert_eq!(pauses, [1, 2, 4]);
        assert_eq!(pause(&Err(Fault::Refused { server: server() }), 1, Duration::ZERO, retries), None);
    }
}
