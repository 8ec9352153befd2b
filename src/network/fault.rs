//! What can go wrong between here and a published release, each with whose fault it is and what to do.

use std::time::Duration;

use crate::finding::{Failure, FailureKind};

/// Why a published release could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Fault {
    #[error("`--offline` forbids the network")]
    Offline,
    #[error("no connection can be made from here: {reason}")]
    Setup { reason: String },
    #[error("the certificates in `{file}` cannot be used: {reason}")]
    Authorities { file: String, reason: String },
    #[error("the name `{host}` does not resolve")]
    Unresolved { host: String },
    #[error("`{host}` refuses connections")]
    Refused { host: String },
    #[error("`{host}` cannot be reached: {reason}")]
    Unreachable { host: String, reason: String },
    #[error("`{host}` is not to be trusted: {reason}")]
    Untrusted { host: String, reason: String },
    #[error("`{host}` does not speak TLS")]
    NoTls { host: String },
    #[error("`{host}` would be asked without TLS")]
    Plain { host: String },
    #[error("`{host}` keeps silent or is too slow: no answer within {}", seconds(*limit))]
    Slow { host: String, limit: Duration },
    #[error("`{host}` cut the connection off before its answer was whole")]
    CutOff { host: String },
    #[error("`{host}` redirects without end")]
    Redirects { host: String },
    #[error("`{host}` redirects from TLS to plain HTTP")]
    Unprotected { host: String },
    #[error("`{host}` wants credentials, and none are stored for it")]
    Anonymous { host: String },
    #[error("`{host}` does not accept the credentials from {origin}")]
    Unauthorized { host: String, origin: String },
    #[error("`{host}` forbids reading this{}", origin.as_ref().map(|origin| format!(" with the credentials from {origin}")).unwrap_or_default())]
    Forbidden { host: String, origin: Option<String> },
    #[error("the credentials in `{file}` cannot be used: {reason}")]
    Credentials { file: String, reason: String },
    #[error("`{host}` answers 404, but not as {expected} does")]
    Missing { host: String, expected: &'static str },
    #[error("`{host}` has nothing at `{what}` (404)")]
    Lost { host: String, what: String },
    #[error("`{host}` limits how often it is asked (429){}", wait.map(|wait| format!(" and wants {} of rest", seconds(wait))).unwrap_or_default())]
    Limited { host: String, wait: Option<Duration> },
    #[error("`{host}` fails with status {status}")]
    Server { host: String, status: u16 },
    #[error("`{host}` answers with status {status}, which makes no sense here")]
    Status { host: String, status: u16 },
    #[error("`{host}` answers with a web page in place of {expected}")]
    Page { host: String, expected: &'static str },
    #[error("the answer of `{host}` is not {expected}: {reason}")]
    Malformed { host: String, expected: &'static str, reason: String },
    #[error("the answer of `{host}` is larger than {limit} bytes")]
    TooLarge { host: String, limit: u64 },
    #[error("`{host}` sends content with the digest `{found}` where `{expected}` is promised")]
    Digest { host: String, expected: String, found: String },
    #[error("`{host}` sends {found} bytes where {expected} are promised")]
    Size { host: String, expected: u64, found: u64 },
    #[error("`{host}` has no package for a release that it lists")]
    Incomplete { host: String },
    #[error("what lies there is {found}, not a chart")]
    NotChart { found: String },
    #[error("Helm cannot read it: {reason}")]
    Broken { reason: String },
}

impl Fault {
    /// The fault behind an error of TLS.
    pub(super) fn of_tls(host: String, error: &rustls::Error) -> Self {
        match error {
            rustls::Error::InvalidMessage(_) => Self::NoTls { host },
            rustls::Error::InvalidCertificate(reason) => Self::Untrusted { host, reason: certificate(reason) },
            other => Self::Untrusted { host, reason: other.to_string() },
        }
    }

    /// Whether it concerns everything on the host, not one request.
    pub(super) fn is_of_host(&self) -> bool {
        self.is_out_of_reach() || matches!(self, Self::Slow { .. } | Self::CutOff { .. })
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
        )
    }

    fn kind(&self) -> FailureKind {
        match self {
            Self::Anonymous { .. } | Self::Unauthorized { .. } | Self::Forbidden { .. } | Self::Credentials { .. } => {
                FailureKind::Credentials
            }
            Self::TooLarge { .. } => FailureKind::Limit,
            _ => FailureKind::Network,
        }
    }

    /// The failure of reading `place`.
    pub(super) fn failure(&self, place: &str) -> Box<Failure> {
        let failure = Failure::new(self.kind(), format!("cannot read `{place}`: {self}"));
        Box::new(failure.help(self.help()))
    }

    fn help(&self) -> String {
        match self {
            Self::Offline => "leave `--offline` out, or `published` in the configuration".into(),
            Self::Setup { .. } => "look at HTTPS_PROXY, HTTP_PROXY and SSL_CERT_FILE of this process".into(),
            Self::Authorities { .. } => "let SSL_CERT_FILE name a file of PEM certificates".into(),
            Self::Unresolved { .. } => "check the host in `published`, and the name resolution of this machine".into(),
            Self::Refused { host } => format!("check that a server listens at `{host}`"),
            Self::Unreachable { .. } => "check the network and the proxy of this machine".into(),
            Self::Untrusted { .. } => {
                "let SSL_CERT_FILE name the certificates of your authority; if you have none, somebody may listen in"
                    .into()
            }
            Self::NoTls { .. } | Self::Plain { .. } => {
                "use TLS, or allow a server without it: `published.plainHttp: true`".into()
            }
            Self::Slow { .. } | Self::CutOff { .. } => "the server or the way to it is at fault; run it again".into(),
            Self::Redirects { .. } | Self::Unprotected { .. } => {
                "the server is at fault; check the address in `published`".into()
            }
            Self::Anonymous { host } => format!("run `helm registry login {host}` first"),
            Self::Unauthorized { host, .. } => {
                format!("run `helm registry login {host}` with a user and password that are valid today")
            }
            Self::Forbidden { .. } => "grant the account the right to pull, or check the path in `published`".into(),
            Self::Credentials { file, .. } => format!("mend `{file}`, or log in anew"),
            Self::Missing { .. } | Self::Lost { .. } => {
                "check the address in `published`: it may be wrong, or another server may answer there".into()
            }
            Self::Limited { .. } => "log in, which often raises the limit, or run it again later".into(),
            Self::Server { .. } => "the server is at fault; run it again later".into(),
            Self::Status { .. } | Self::Malformed { .. } => {
                "check the address in `published`; if it is right, the server is at fault".into()
            }
            Self::Page { .. } => {
                "check the address in `published`: a login page or a proxy may answer in its place".into()
            }
            Self::TooLarge { .. } => "check the address in `published`; no chart that Helm takes is larger".into(),
            Self::Digest { .. } | Self::Size { .. } | Self::Incomplete { .. } => {
                "the server or a cache on the way is at fault: the release is damaged, or was tampered with".into()
            }
            Self::NotChart { .. } | Self::Broken { .. } => {
                "somebody published something else under this name and version; remove it, or take another version"
                    .into()
            }
        }
    }
}

/// What is wrong with a certificate.
fn certificate(error: &rustls::CertificateError) -> String {
    use rustls::CertificateError as Error;
    match error {
        Error::UnknownIssuer | Error::BadSignature => "nobody known here has signed its certificate".into(),
        Error::Expired | Error::ExpiredContext { .. } => "its certificate has expired".into(),
        Error::NotValidYet | Error::NotValidYetContext { .. } => "its certificate is not valid yet".into(),
        Error::NotValidForName | Error::NotValidForNameContext { .. } => "its certificate is for another name".into(),
        Error::Revoked => "its certificate was revoked".into(),
        other => format!("its certificate is not valid ({other:?})"),
    }
}

/// A time in words.
fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 { format!("{} s", time.as_secs()) } else { format!("{:.1} s", time.as_secs_f64()) }
}
