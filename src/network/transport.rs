//! What carries one request: sockets in a run, anything in a test.

use std::future::Future;
use std::pin::Pin;
use std::time::Duration;

use super::fault::Fault;
use super::http::{Answer, Hop};
use super::server::Server;

/// The answer to a request, sooner or later.
pub type Sending<'a> = Pin<Box<dyn Future<Output = Result<Answer, Interruption>> + Send + 'a>>;

/// Carries single requests: no redirect is followed, nothing is sent twice.
pub trait Transport: Send + Sync {
    /// The answer, of whatever status, with a body of at most [`Hop::limit`] bytes.
    fn send<'a>(&'a self, hop: &'a Hop) -> Sending<'a>;
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interruption {
    /// The host's name has no address.
    Unresolved,
    /// Nobody listens there.
    Refused,
    /// There is no way to it; why, in the words of this machine.
    Unreachable(String),
    /// Its certificate or its TLS is no good; why.
    Untrusted(&'static str),
    /// It does not speak TLS.
    NoTls,
    /// It kept silent for so long.
    Slow(Duration),
    /// It hung up.
    CutOff,
    /// It sent more bytes than were asked for.
    TooLarge,
}

impl Interruption {
    /// What happened, in a few words.
    pub(super) fn words(&self) -> &'static str {
        match self {
            Self::Unresolved => "its name has no address",
            Self::Refused => "nobody listens there",
            Self::Unreachable(_) => "there is no way to it",
            Self::Untrusted(_) => "its certificate is not trusted",
            Self::NoTls => "it does not speak TLS",
            Self::Slow(_) => "it kept silent",
            Self::CutOff => "it hung up",
            Self::TooLarge => "its answer is too large",
        }
    }

    /// The same said of a server that was asked for so many bytes.
    pub(super) fn of(self, server: Server, limit: u64) -> Fault {
        match self {
            Self::Unresolved => Fault::Unresolved { server },
            Self::Refused => Fault::Refused { server },
            Self::Unreachable(reason) => Fault::Unreachable { server, reason },
            Self::Untrusted(reason) => Fault::Untrusted { server, reason },
            Self::NoTls => Fault::NoTls { server },
            Self::Slow(limit) => Fault::Slow { server, limit },
            Self::CutOff => Fault::CutOff { server },
            Self::TooLarge => Fault::TooLarge { server, limit, unit: "bytes" },
        }
    }
}
