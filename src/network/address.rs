//! Addresses as configuration and servers write them: who is meant, who asks, and whether it is this machine.

use reqwest::Url;

use super::http::Proof;

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
