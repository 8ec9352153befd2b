//! A request and its answer: bounded in time and size, asked again where that may help, and whose fault it is where it fails.

use std::error::Error;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Client, Method, Response};

use super::fault::Fault;
use super::http::{Answer, Ask, Proof};
use super::options::{Options, Timeouts};
use super::retry;

/// Bytes of a page that explains a status other than success.
const EXPLANATION: u64 = 64 * 1024;

/// What the system says where the other side hangs up.
const CUTS: [ErrorKind; 4] =
    [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe];

/// A redirect that is not followed.
#[derive(Debug, thiserror::Error)]
pub(super) enum Detour {
    #[error("too many redirects")]
    Endless,
    #[error("redirected from TLS to plain HTTP")]
    Unprotected,
}

/// The answer to the last of as many attempts as it takes.
pub(super) async fn send(ask: &Ask<'_>, client: &Client, options: &Options) -> Result<Answer, Fault> {
    let mut waited = Duration::ZERO;
    let mut attempts = 1;
    loop {
        let answer = attempt(ask, client, options.timeouts).await;
        match retry::pause(&answer, attempts, waited, options.retries) {
            None => return answer,
            Some(pause) => {
                tokio::time::sleep(pause).await;
                waited += pause;
                attempts += 1;
            }
        }
    }
}

async fn attempt(ask: &Ask<'_>, client: &Client, timeouts: Timeouts) -> Result<Answer, Fault> {
    let answer = tokio::time::timeout(timeouts.whole, exchange(ask, client, timeouts)).await;
    answer.unwrap_or_else(|_| Err(Fault::Slow { host: ask.host(), limit: timeouts.whole }))
}

async fn exchange(ask: &Ask<'_>, client: &Client, timeouts: Timeouts) -> Result<Answer, Fault> {
    let fault = |error: reqwest::Error| fault(ask, error, timeouts);
    let mut request = client.request(ask.method.clone(), ask.url.clone()).header(ACCEPT, ask.accept);
    request = match &ask.proof {
        None => request,
        Some(Proof::Password(user, password)) => request.basic_auth(user, Some(password)),
        Some(Proof::Token(token)) => request.bearer_auth(token),
    };
    if let Some(form) = &ask.form {
        request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone());
    }
    let response = request.send().await.map_err(fault)?;
    let status = response.status();
    let headers = response.headers().clone();
    let body = match (ask.method == Method::HEAD, status.is_success()) {
        (true, _) => vec![],
        (false, true) => body(ask, response, ask.limit, timeouts).await?,
        // What a server says besides its status only helps, so that half of it will do.
        (false, false) => body(ask, response, EXPLANATION, timeouts).await.unwrap_or_default(),
    };
    Ok(Answer { status, headers, body })
}

async fn body(ask: &Ask<'_>, mut response: Response, limit: u64, timeouts: Timeouts) -> Result<Vec<u8>, Fault> {
    let mut body = vec![];
    while let Some(chunk) = response.chunk().await.map_err(|error| fault(ask, error, timeouts))? {
        if (body.len() + chunk.len()) as u64 > limit {
            return Err(Fault::TooLarge { host: ask.host(), limit });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// Whose fault an error is. Its own text is not shown: it may name addresses with passwords in them.
fn fault(ask: &Ask<'_>, error: reqwest::Error, timeouts: Timeouts) -> Fault {
    let host = ask.host();
    let detour = causes(&error).find_map(|cause| cause.downcast_ref::<Detour>());
    if let Some(detour) = detour {
        return match detour {
            Detour::Endless => Fault::Redirects { host },
            Detour::Unprotected => Fault::Unprotected { host },
        };
    }
    if error.is_timeout() {
        let limit = if error.is_connect() { timeouts.connect } else { timeouts.silence };
        return Fault::Slow { host, limit };
    }
    if error.is_dns() {
        return Fault::Unresolved { host };
    }
    if let Some(tls) = causes(&error).find_map(tls_fault) {
        return Fault::of_tls(host, tls);
    }
    let io = causes(&error).filter_map(|cause| cause.downcast_ref::<std::io::Error>()).last();
    match io.map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => Fault::Refused { host },
        Some(kind) if CUTS.contains(&kind) => Fault::CutOff { host },
        Some(kind) if error.is_connect() => Fault::Unreachable { host, reason: kind.to_string() },
        _ if error.is_connect() => {
            let error = error.without_url();
            let reason = causes(&error).last().map_or_else(|| error.to_string(), ToString::to_string);
            Fault::Unreachable { host, reason }
        }
        _ => Fault::CutOff { host },
    }
}

/// An error and what led to it, those included that an I/O error wraps.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |error| cause(*error))
}

fn cause<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
        Some(wrapped) => Some(wrapped),
        None => error.source(),
    }
}

fn tls_fault<'a>(cause: &'a (dyn Error + 'static)) -> Option<&'a rustls::Error> {
    cause.downcast_ref::<rustls::Error>()
}
