//! The HTTP client of a run: proxies, certificates, timeouts and redirects as the surroundings have them.

use std::path::Path;

use reqwest::{Certificate, Client, NoProxy, Proxy};

use super::credentials;
use super::exchange::Detour;
use super::fault::Fault;
use super::options::{Options, Proxies};

/// Redirects that one answer may take.
const REDIRECTS: usize = 8;

/// The client for all requests of a run.
pub(super) fn new(options: &Options) -> Result<Client, Fault> {
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

fn authorities(file: &Path) -> Result<Vec<Certificate>, Fault> {
    let unusable = |reason: String| Fault::Authorities { file: file.display().to_string(), reason };
    let bytes = credentials::read(file).map_err(|error| unusable(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&bytes).map_err(|_| unusable("it is not PEM".into()))?;
    if certificates.is_empty() { Err(unusable("it holds no certificate".into())) } else { Ok(certificates) }
}
