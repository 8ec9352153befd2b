//! What an error of the HTTP client means. Its own text is not shown: it may name addresses with passwords in them, or quote a server.

use std::error::Error;
use std::io::{self, ErrorKind};

use super::options::Timeouts;
use super::transport::Interruption;

/// What the system says where the other side hangs up.
const CUTS: [ErrorKind; 4] =
    [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe];

/// The interruption that an error is.
pub(super) fn of(error: &reqwest::Error, timeouts: Timeouts) -> Interruption {
    if error.is_timeout() {
        return Interruption::Slow(if error.is_connect() { timeouts.connect } else { timeouts.silence });
    }
    if error.is_dns() {
        return Interruption::Unresolved;
    }
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        return of_tls(tls);
    }
    let io = causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last();
    match io.map(io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => Interruption::Refused,
        Some(kind) if CUTS.contains(&kind) => Interruption::CutOff,
        Some(kind) if error.is_connect() => Interruption::Unreachable(kind.to_string()),
        _ if error.is_connect() => Interruption::Unreachable("no connection can be made".to_owned()),
        _ => Interruption::CutOff,
    }
}

fn of_tls(error: &rustls::Error) -> Interruption {
    match error {
        rustls::Error::InvalidMessage(_) => Interruption::NoTls,
        rustls::Error::InvalidCertificate(reason) => Interruption::Untrusted(certificate(reason)),
        _ => Interruption::Untrusted("they agree on no way to encrypt"),
    }
}

/// What is wrong with a certificate.
fn certificate(error: &rustls::CertificateError) -> &'static str {
    use rustls::CertificateError as Error;
    match error {
        Error::UnknownIssuer | Error::BadSignature => "nobody known here has signed its certificate",
        Error::Expired | Error::ExpiredContext { .. } => "its certificate has expired",
        Error::NotValidYet | Error::NotValidYetContext { .. } => "its certificate is not valid yet",
        Error::NotValidForName | Error::NotValidForNameContext { .. } => "its certificate is for another name",
        Error::Revoked => "its certificate was revoked",
        _ => "its certificate is not valid",
    }
}

/// An error and what led to it, those included that an I/O error wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}
