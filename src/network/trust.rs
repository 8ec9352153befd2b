//! Which hosts may learn who asks, and may lie on inner networks: those that the user names, not those that only a change names.

use std::collections::BTreeSet;

use reqwest::Url;

use super::address::{host, host_of};

/// The hosts that are trusted. All others are asked without credentials, and only on the internet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Trust {
    /// Whatever host is named: by the command line, or by files that are the user's own.
    #[default]
    Everyone,
    /// Hosts that somebody other than the author of what is judged has named.
    Hosts(BTreeSet<String>),
}

impl Trust {
    /// Trust in the hosts of these addresses: `oci://HOST/PATH`, `https://HOST/PATH` or `HOST`.
    pub fn hosts<'a>(addresses: impl IntoIterator<Item = &'a str>) -> Self {
        Self::Hosts(addresses.into_iter().filter_map(host_of).collect())
    }

    /// The same, and trust in some more.
    pub(super) fn and(self, addresses: &[String]) -> Self {
        match self {
            Self::Everyone => Self::Everyone,
            Self::Hosts(mut hosts) => {
                hosts.extend(addresses.iter().filter_map(|address| host_of(address)));
                Self::Hosts(hosts)
            }
        }
    }

    /// Trust in the hosts of either.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        match (self, other) {
            (Self::Hosts(mut hosts), Self::Hosts(others)) => {
                hosts.extend(others);
                Self::Hosts(hosts)
            }
            _ => Self::Everyone,
        }
    }

    /// Whether the host of a URL is among them.
    pub(super) fn covers(&self, url: &Url) -> bool {
        self.has(|| host(url))
    }

    /// Whether the host of an address is among them.
    pub(super) fn covers_address(&self, address: &str) -> bool {
        self.has(|| host_of(address).unwrap_or_default())
    }

    fn has(&self, host: impl FnOnce() -> String) -> bool {
        match self {
            Self::Everyone => true,
            Self::Hosts(hosts) => hosts.contains(&host()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_trusted_however_its_address_is_written() {
        let trust = Trust::hosts(["oci://GHCR.io/acme", "https://ann:x@charts.example:8443/x", "registry:5000", "%%"]);
        let covers = |url: &str| trust.covers(&Url::parse(url).expect("a URL"));
        for url in ["https://ghcr.io/v2/", "https://charts.example:8443/", "http://registry:5000/"] {
            assert!(covers(url), "{url}");
            assert!(Trust::Everyone.covers(&Url::parse(url).expect("a URL")));
        }
        for url in ["https://ghcr.io:5000/", "https://charts.example/", "https://sub.ghcr.io/", "https://ghcr.io.evil/"]
        {
            assert!(!covers(url), "{url}");
        }
    }
}
