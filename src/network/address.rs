//! Addresses as configuration and servers write them: which host is meant, and whether it is this machine.

use reqwest::Url;

/// The server of a URL, as messages name it: without user and password.
pub(super) fn host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// `host[:port]` of an address, as [`host`] has it.
pub(super) fn host_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    // A URL's own port is not shown, and `oci:` has none.
    let scheme = if scheme == "oci" { "https" } else { scheme };
    let url = Url::parse(&format!("{scheme}://{rest}")).ok()?;
    url.host_str().filter(|host| !host.is_empty())?;
    let host = host(&url);
    // Docker Hub's registry has a name of its own.
    Some(if host == "docker.io" { "registry-1.docker.io".to_owned() } else { host })
}

/// Whether a host is this machine, which may be asked without TLS.
pub(super) fn is_loopback(url: &Url) -> bool {
    match url.host_str() {
        Some(host) if is_localhost(host) => true,
        Some(host) => {
            let address = host.trim_start_matches('[').trim_end_matches(']');
            address.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
        }
        None => false,
    }
}

/// Whether a name is this machine's.
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}
