//! Sockets: the HTTP client of a run, with proxies, certificates and timeouts as the surroundings have them.

use std::path::Path;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Certificate, Client, Method, NoProxy, Proxy, RequestBuilder, Response};

use super::fault::Fault;
use super::file;
use super::http::{Answer, Hop};
use super::interruption;
use super::listener::Listening;
use super::names::Names;
use super::options::{Options, Proxies, Timeouts};
use super::proof::Proof;
use super::transport::{Interruption, Sending, Transport};

/// Bytes of a page that explains a status other than success.
const EXPLANATION: u64 = 64 * 1024;

/// Sends requests over sockets.
pub(super) struct Sockets {
    client: Client,
    timeouts: Timeouts,
    listening: Listening,
}

impl Sockets {
    /// The client for all requests of a run.
    pub(super) fn new(options: &Options, names: &Names) -> Result<Self, Fault> {
        let setup = |error: reqwest::Error| Fault::Setup { reason: error.without_url().to_string() };
        // Another part of the process may have chosen before; any choice will do.
        _ = rustls::crypto::ring::default_provider().install_default();
        let mut builder = Client::builder()
            .user_agent(concat!("chartgate/", env!("CARGO_PKG_VERSION")))
            .referer(false)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(options.timeouts.connect)
            .read_timeout(options.timeouts.silence)
            .dns_resolver(names.clone())
            .no_proxy();
        for proxy in proxies(&options.proxies)? {
            builder = builder.proxy(proxy);
        }
        if let Some(file) = &options.authorities {
            builder = builder.tls_certs_only(authorities(file)?);
        }
        let (timeouts, listening) = (options.timeouts, options.listening.clone());
        Ok(Self { client: builder.build().map_err(setup)?, timeouts, listening })
    }

    async fn told(&self, hop: &Hop) -> Result<Answer, Interruption> {
        self.listening.asks(hop);
        let answer = self.exchange(hop).await;
        self.listening.answered(hop, &answer);
        answer
    }

    async fn exchange(&self, hop: &Hop) -> Result<Answer, Interruption> {
        let interruption = |error: reqwest::Error| interruption::of(&error, self.timeouts);
        let response = self.request(hop).send().await.map_err(interruption)?;
        let status = response.status();
        let headers = response.headers().clone();
        let body = match (hop.method == Method::HEAD, status.is_success()) {
            (true, _) => vec![],
            (false, true) => self.body(response, hop.limit).await?,
            // What a server says besides its status only explains it: without it, it stays unexplained.
            (false, false) => self.body(response, EXPLANATION).await.unwrap_or_default(),
        };
        Ok(Answer { status, headers, body })
    }

    fn request(&self, hop: &Hop) -> RequestBuilder {
        let request = self.client.request(hop.method.clone(), hop.url.clone()).header(ACCEPT, hop.accept.as_str());
        let request = match &hop.proof {
            None => request,
            Some(Proof::Password(user, password)) => request.basic_auth(user, Some(password)),
            Some(Proof::Token(token)) => request.bearer_auth(token),
        };
        match &hop.form {
            Some(form) => request.header(CONTENT_TYPE, "application/x-www-form-urlencoded").body(form.clone()),
            None => request,
        }
    }

    async fn body(&self, mut response: Response, limit: u64) -> Result<Vec<u8>, Interruption> {
        let promised = response.content_length().unwrap_or_default();
        if promised > limit {
            return Err(Interruption::TooLarge);
        }
        let mut body = Vec::with_capacity(usize::try_from(promised).unwrap_or_default());
        while let Some(chunk) = response.chunk().await.map_err(|error| interruption::of(&error, self.timeouts))? {
            if (body.len() + chunk.len()) as u64 > limit {
                return Err(Interruption::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

impl Transport for Sockets {
    fn send<'a>(&'a self, hop: &'a Hop) -> Sending<'a> {
        Box::pin(self.told(hop))
    }
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

fn authorities(file: &Path) -> Result<Vec<Certificate>, Fault> {
    let unusable = |reason: String| Fault::Authorities { file: file.display().to_string(), reason };
    let bytes = file::read(file).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|_| unusable("it is not PEM".into()))?;
    if certificates.is_empty() { Err(unusable("it holds no certificate".into())) } else { Ok(certificates) }
}
