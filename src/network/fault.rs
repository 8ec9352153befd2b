//! What can go wrong between here and a published release, each with whose fault it is.
//!
//! No variant holds text of a server: whoever names an address could read through messages what only this machine can reach.

use std::time::Duration;

use super::purpose::Purpose;
use super::server::Server;
use super::zone::Zone;
use crate::finding::{Failure, FailureKind};
use crate::source;

mod help;

/// Letters of a reason that is not chartgate's own words.
const REASON: usize = 200;

/// Why a published release could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("`--offline` forbids the network")]
    Offline,
    #[error("the network had {} in all, and they are over", seconds(*limit))]
    Deadline { limit: Duration },
    #[error("no connection can be made from here: {reason}")]
    Setup { reason: String },
    #[error("the certificates in `{file}` cannot be used: {reason}")]
    Authorities { file: String, reason: String },
    #[error("the name of {server} does not resolve")]
    Unresolved { server: Server },
    #[error("{server} refuses connections")]
    Refused { server: Server },
    #[error("{server} cannot be reached: {reason}")]
    Unreachable { server: Server, reason: String },
    #[error("{server} is not to be trusted: {reason}")]
    Untrusted { server: Server, reason: &'static str },
    #[error("{server} does not speak TLS")]
    NoTls { server: Server },
    #[error("{server} would be asked without TLS")]
    Plain { server: Server },
    #[error("{server} would be shown credentials without TLS")]
    Exposed { server: Server },
    #[error("{server} is {}, and nobody but the author of what is judged names it", zone.words())]
    Inner { server: Server, zone: Zone },
    #[error("{server} is {}, where `{}` is not itself", zone.words(), server.host)]
    Astray { server: Server, zone: Zone },
    #[error("{server} keeps silent or is too slow: no answer within {}", seconds(*limit))]
    Slow { server: Server, limit: Duration },
    #[error("{server} cut the connection off before its answer was whole")]
    CutOff { server: Server },
    #[error("{server} redirects without end, or to nowhere")]
    Redirects { server: Server },
    #[error("{server} redirects from TLS to plain HTTP")]
    Unprotected { server: Server },
    #[error("{server} wants credentials, and none are stored for it")]
    Anonymous { server: Server },
    #[error(
        "{server} may hide what strangers cannot see, and nobody but the author of what is judged names it, so that no credentials are shown"
    )]
    Unshown { server: Server },
    #[error(
        "{server} may hide what strangers cannot see, and the identity token that is stored for it can only be shown where it is asked for"
    )]
    Unshowable { server: Server },
    #[error("{server} does not accept the credentials from {origin}")]
    Unauthorized { server: Server, origin: String },
    #[error("{server} forbids reading this{}", origin.as_ref().map(|origin| format!(" with the credentials from {origin}")).unwrap_or_default())]
    Forbidden { server: Server, origin: Option<String> },
    #[error("the credentials in `{file}` cannot be used: {reason}")]
    Credentials { file: String, reason: String },
    #[error("{server} answers 404, but not as {expected} does")]
    Missing { server: Server, expected: &'static str },
    #[error("{server} contradicts itself: {how}")]
    Contradiction { server: Server, how: &'static str },
    #[error("{server} has nothing where {expected} should be (404)")]
    Lost { server: Server, expected: &'static str },
    #[error("{server} limits how often it is asked (429){}", wait.map(|wait| format!(" and wants {} of rest", seconds(wait))).unwrap_or_default())]
    Limited { server: Server, wait: Option<Duration> },
    #[error("{server} fails with status {status}")]
    Failing { server: Server, status: u16 },
    #[error("{server} answers with status {status}, which makes no sense here")]
    Status { server: Server, status: u16 },
    #[error("{server} answers with a web page in place of {expected}")]
    Page { server: Server, expected: &'static str },
    #[error("the answer of {server} is not {expected}: {reason}")]
    Malformed { server: Server, expected: &'static str, reason: String },
    #[error("the answer of {server} has more than {limit} {unit}")]
    TooLarge { server: Server, limit: u64, unit: &'static str },
    #[error("{server} sends content with the digest `{found}` where `{expected}` is promised")]
    Digest { server: Server, expected: String, found: String },
    #[error("{server} sends {found} bytes where {expected} are promised")]
    Size { server: Server, expected: u64, found: u64 },
    #[error("{server} sends more than the {expected} bytes that are promised")]
    Longer { server: Server, expected: u64 },
    #[error("{server} has no package for a release that it lists")]
    Incomplete { server: Server },
    #[error("what lies there is {found}, not a chart")]
    NotChart { found: &'static str },
    #[error("Helm cannot read it: {reason}")]
    Broken { reason: String },
}

impl Fault {
    /// What is wrong with a package, bounded: its words may quote what lies in it.
    pub(super) fn broken(error: &source::Error) -> Self {
        let text = error.to_string();
        let mut reason: String = text.chars().filter(|letter| !letter.is_control()).take(REASON).collect();
        if reason.len() < text.len() {
            reason.push('…');
        }
        Self::Broken { reason }
    }

    /// Whether it concerns everything on the host, not one request.
    pub(super) fn is_of_host(&self) -> bool {
        self.is_out_of_reach()
            || matches!(self, Self::Slow { .. } | Self::CutOff { .. } | Self::Deadline { .. } | Self::Exposed { .. })
    }

    /// Whether no other request has a chance.
    pub(super) fn is_out_of_reach(&self) -> bool {
        matches!(
            self,
            Self::Unresolved { .. }
                | Self::Refused { .. }
                | Self::Unreachable { .. }
                | Self::Untrusted { .. }
                | Self::NoTls { .. }
                | Self::Inner { .. }
        )
    }

    /// Whether it says something of a server that another request to it would meet again.
    pub(super) fn is_of_server(&self) -> bool {
        self.is_of_host() && !matches!(self, Self::Deadline { .. } | Self::Exposed { .. } | Self::Inner { .. })
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::Anonymous { .. }
            | Self::Unauthorized { .. }
            | Self::Forbidden { .. }
            | Self::Credentials { .. }
            | Self::Unshown { .. }
            | Self::Unshowable { .. }
            | Self::Exposed { .. } => FailureKind::Credentials,
            Self::TooLarge { .. } | Self::Deadline { .. } => FailureKind::Limit,
            _ => FailureKind::Network,
        }
    }

    /// The failure of reading `place`.
    pub(super) fn failure(&self, place: &str, purpose: Purpose) -> Box<Failure> {
        let failure = Failure::new(self.kind(), format!("cannot read `{place}`: {self}"));
        Box::new(failure.help(self.help(purpose)))
    }
}

/// A time in words.
fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{:.1} s", time.as_secs_f64()) }
}
