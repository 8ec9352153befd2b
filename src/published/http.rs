//! HTTP as published releases need it: bounded in time, size, redirects and retries.

use std::error::Error;
use std::fmt;
use std::io::ErrorKind;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap};
use reqwest::{Certificate, Client, Method, NoProxy, Proxy, Response, StatusCode, Url};

use super::network::{Options, Proxies, Timeouts};
use fault::Fault;

pub(super) mod challenge;
pub(super) mod fault;
pub(super) mod retry;

/// Redirects that one answer may take.
const REDIRECTS: usize = 8;

/// Bytes of a page that explains a status other than success.
const EXPLANATION: u64 = 64 * 1024;

/// What the system says where the other side hangs up.
const CUTS: [ErrorKind; 4] =
    [ErrorKind::UnexpectedEof, ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe];

/// A request.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    pub(super) accept: &'a str,
    /// Not sent on to another host.
    pub(super) proof: Option<Proof>,
    /// A body in the format of a form.
    pub(super) form: Option<String>,
    /// Bytes that the answer may have.
    pub(super) limit: u64,
}

/// What shows who asks.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Proof {
    /// User and password.
    Password(String, String),
    /// A token.
    Token(String),
}

impl fmt::Debug for Proof {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Proof")
    }
}

/// An answer, whatever its status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

/// A redirect that is not followed.
#[derive(Debug, thiserror::Error)]
enum Detour {
    #[error("too many redirects")]
    Endless,
    #[error("redirected from TLS to plain HTTP")]
    Unprotected,
}

impl<'a> Ask<'a> {
    /// A request to read what is at `url`.
    pub(super) fn get(url: &'a Url, accept: &'a str, limit: u64) -> Self {
        Self { method: Method::GET, url, accept, proof: None, form: None, limit }
    }

    /// A request for whether anything is at `url`.
    pub(super) fn head(url: &'a Url, accept: &'a str) -> Self {
        Self { method: Method::HEAD, ..Self::get(url, accept, 0) }
    }

    /// The same from somebody.
    pub(super) fn from(self, proof: Option<Proof>) -> Self {
        Self { proof, ..self }
    }

    /// The server, as messages name it: without user and password.
    pub(super) fn host(&self) -> String {
        host(self.url)
    }

    /// The answer to the last of as many attempts as it takes.
    pub(super) async fn send(&self, client: &Client, options: &Options) -> Result<Answer, Fault> {
        let mut waited = Duration::ZERO;
        let mut attempts = 1;
        loop {
            let answer = self.attempt(client, options.timeouts).await;
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

    async fn attempt(&self, client: &Client, timeouts: Timeouts) -> Result<Answer, Fault> {
        let answer = tokio::time::timeout(timeouts.whole, self.exchange(client, timeouts)).await;
        answer.unwrap_or_else(|_| Err(Fault::Slow { host: self.host(), limit: timeouts.whole }))
    }

    async fn exchange(&self, client: &Client, timeouts: Timeouts) -> Result<Answer, Fault> {
        let fault = |error: reqwest::Error| self.fault(error, timeouts);
        let mut request = client.request(self.method.clone(), self.url.clone()).header(ACCEPT, self.accept);
        request = match &self.proof {
            None => request,
            Some(Proof::Password(user, password)) => request.basic_auth(user, Some(password)),
            Some(Proof::Token(token)) => request.bearer_auth(token),
        };
        if let Some(form) = &self.form {
            request = request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone());
        }
        let response = request.send().await.map_err(fault)?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = match (self.method == Method::HEAD, status.is_success()) {
            (true, _) => vec![],
            (false, true) => self.body(response, self.limit, timeouts).await?,
            // What a server says besides its status only helps, so that half of it will do.
            (false, false) => self.body(response, EXPLANATION, timeouts).await.unwrap_or_default(),
        };
        Ok(Answer { status, headers, body })
    }

    async fn body(&self, mut response: Response, limit: u64, timeouts: Timeouts) -> Result<Vec<u8>, Fault> {
        let mut body = vec![];
        while let Some(chunk) = response.chunk().await.map_err(|error| self.fault(error, timeouts))? {
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(Fault::TooLarge { host: self.host(), limit });
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }

    /// Whose fault an error is. Its own text is not shown: it may name addresses with passwords in them.
    fn fault(&self, error: reqwest::Error, timeouts: Timeouts) -> Fault {
        let host = self.host();
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
}

impl Answer {
    /// A header that is text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Whether it is a page for people, be it said or seen.
    pub(super) fn is_page(&self) -> bool {
        let says = self.header("content-type").is_some_and(|kind| kind.trim_start().starts_with("text/html"));
        says || self.body.trim_ascii_start().starts_with(b"<")
    }

    /// The fault where a server has too much to do, or fails.
    pub(super) fn overload(&self, host: &str) -> Option<Fault> {
        let host = host.to_owned();
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                Some(Fault::Limited { host, wait: retry::asked(&self.headers).filter(|wait| !wait.is_zero()) })
            }
            status if status.is_server_error() => Some(Fault::Server { host, status: status.as_u16() }),
            _ => None,
        }
    }
}

/// The server of a URL, as messages name it: without user and password.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// User and password of a URL, which it then no longer has.
pub(super) fn take_proof(url: &mut Url) -> Option<Proof> {
    let (user, password) = (url.username(), url.password());
    let proof = (!user.is_empty() || password.is_some())
        .then(|| Proof::Password(percent_decoded(user), percent_decoded(password.unwrap_or_default())));
    // Only URLs without a host refuse, and those have neither.
    _ = url.set_username("");
    _ = url.set_password(None);
    proof
}

fn percent_decoded(text: &str) -> String {
    let mut bytes = vec![];
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        let escaped = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Whether a host is this machine, which may be asked without TLS.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some(host) if host == "localhost" || host.ends_with(".localhost") => true,
        Some(host) => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// The client for all requests of a run.
pub(super) fn client(options: &Options) -> Result<Client, Fault> {
    let setup = |error: reqwest::Error| Fault::Setup { reason: error.without_url().to_string() };
    // Another part of the process may have chosen before; any choice will do.
    _ = rustls::crypto::ring::default_provider().install_default();
    let follow = reqwest::redirect::Policy::custom(|attempt| {
        let was_protected = attempt.previous().last().is_some_and(|url| url.scheme() == "https");
        if attempt.previous().len() > REDIRECTS {
            attempt.error(Detour::Endless)
        } else if was_protected && attempt.url().scheme() != "https" {
            attempt.error(Detour::Unprotected)
        } else {
            attempt.follow()
        }
    });
    let mut builder = Client::builder()
        .user_agent(concat!("chartgate/", env!("CARGO_PKG_VERSION")))
        .referer(false)
        .redirect(follow)
        .connect_timeout(options.timeouts.connect)
        .read_timeout(options.timeouts.silence)
        .no_proxy();
    for proxy in proxies(&options.proxies)? {
        builder = builder.proxy(proxy);
    }
    if let Some(file) = &options.authorities {
        builder = builder.tls_certs_only(authorities(file)?);
    }
    builder.build().map_err(setup)
}

fn proxies(proxies: &Proxies) -> Result<Vec<Proxy>, Fault> {
    let exceptions = format!("localhost,127.0.0.0/8,::1,{}", proxies.exceptions.as_deref().unwrap_or_default());
    let usable = |proxy: reqwest::Result<Proxy>, variable| {
        let proxy = proxy.map_err(|_| Fault::Setup { reason: format!("{variable} is not the address of a proxy") })?;
        Ok(proxy.no_proxy(NoProxy::from_string(&exceptions)))
    };
    let http = proxies.http.as_ref().map(|address| usable(Proxy::http(address), "HTTP_PROXY"));
    let https = proxies.https.as_ref().map(|address| usable(Proxy::https(address), "HTTPS_PROXY"));
    http.into_iter().chain(https).collect()
}

fn authorities(file: &std::path::Path) -> Result<Vec<Certificate>, Fault> {
    let unusable = |reason: String| Fault::Authorities { file: file.display().to_string(), reason };
    let bytes = super::credentials::read(file).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|_| unusable("it is not PEM".into()))?;
    if certificates.is_empty() { Err(unusable("it holds no certificate".into())) } else { Ok(certificates) }
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
