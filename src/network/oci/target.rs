//! Where charts are pushed to: `oci://host[:port]/path`, by the grammar of OCI references (ORAS `registry/reference.go`).

use std::fmt;
use std::sync::LazyLock;

use regex::Regex;
use reqwest::Url;

use crate::finding::{Failure, FailureKind};
use crate::network::address::is_loopback;
use crate::network::server::{Role, Server};

/// Components of a repository's name.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    let component = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
    Regex::new(&format!("^{component}(?:/{component})*$")).expect("the pattern is fixed")
});

static TAG: LazyLock<Regex> =
    LazyLock::new(|| Regex::new("^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$").expect("the pattern is fixed"));

/// A registry and a path in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// `host[:port]`.
    pub(super) host: String,
    /// Below which charts lie; empty for the registry's root.
    path: String,
    plain_http: bool,
    is_loopback: bool,
}

impl fmt::Display for Target {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "oci://{}", self.host)?;
        if self.path.is_empty() { Ok(()) } else { write!(formatter, "/{}", self.path) }
    }
}

impl Target {
    pub(super) fn parse(
        target: &str,
        plain_http: Option<bool>,
        allows_plain: impl Fn(&str) -> bool,
    ) -> Result<Self, Box<Failure>> {
        let wrong = |what: &str| {
            let failure = Failure::new(FailureKind::Network, format!("the registry to look releases up in {what}"));
            Box::new(failure.help("write `oci://HOST/PATH`, without the chart's name, tag, user or password"))
        };
        let rest = target.strip_prefix("oci://").ok_or_else(|| wrong("does not start with `oci://`"))?;
        let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
        if host.contains('@') {
            return Err(wrong("holds a user or password"));
        }
        let path = path.trim_end_matches('/');
        if !path.is_empty() && !PATH.is_match(path) {
            return Err(wrong(&format!("has a path that registries do not know: `{path}`")));
        }
        // `https` because a URL's own port, which would not be shown, must not depend on TLS.
        let url = Url::parse(&format!("https://{host}/")).ok().filter(|url| url.path() == "/" && url.query().is_none());
        let url = url.filter(|_| !host.contains(['?', '#', '\\'])).ok_or_else(|| wrong("names no host"))?;
        let host = host.to_ascii_lowercase();
        let is_loopback = is_loopback(&url);
        let plain_http = plain_http.unwrap_or_else(|| is_loopback || allows_plain(&host));
        Ok(Self { host, path: path.to_owned(), plain_http, is_loopback })
    }

    /// The repository of a chart; none where no registry could hold one of that name.
    pub(super) fn repository(&self, chart: &str) -> Option<String> {
        let repository = if self.path.is_empty() { chart.to_owned() } else { format!("{}/{chart}", self.path) };
        (PATH.is_match(chart) && !chart.contains('/') && repository.len() <= 255).then_some(repository)
    }

    /// The address of a thing below the registry's API.
    pub(super) fn url(&self, path: &str) -> Url {
        let url = format!("{}/v2/{path}", self.origin());
        Url::parse(&url).expect("a checked host, path and tag make a URL")
    }

    /// The registry, as messages name it.
    pub(super) fn server(&self) -> Server {
        Server { host: self.host.clone(), role: Role::Itself }
    }

    /// Whether the registry is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        self.is_loopback
    }

    /// Scheme, host and port of the API.
    fn origin(&self) -> String {
        let scheme = if self.plain_http { "http" } else { "https" };
        // Docker Hub's registry has a name of its own.
        let host = if self.host == "docker.io" { "registry-1.docker.io" } else { &self.host };
        format!("{scheme}://{host}")
    }

    /// Whether the registry may be asked without TLS.
    pub(super) fn is_plain(&self) -> bool {
        self.plain_http
    }
}

/// Whether a registry can hold a tag.
pub(super) fn is_tag(tag: &str) -> bool {
    TAG.is_match(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_registry_and_a_path() {
        let parsed = |target: &str| {
            let target = Target::parse(target, None, |_| false).ok()?;
            Some((target.to_string(), target.origin(), target.repository("agents")))
        };
        let expect = |target: &str, origin: &str, repository: &str| {
            Some((target.to_owned(), origin.to_owned(), Some(repository.to_owned())))
        };
        let acme = expect("oci://ghcr.io/acme/charts", "https://ghcr.io", "acme/charts/agents");
        assert_eq!(parsed("oci://ghcr.io/acme/charts"), acme);
        assert_eq!(parsed("oci://ghcr.io/acme/charts/"), acme);
        assert_eq!(parsed("oci://localhost:5000"), expect("oci://localhost:5000", "http://localhost:5000", "agents"));
        assert_eq!(parsed("oci://[::1]:5000/x"), expect("oci://[::1]:5000/x", "http://[::1]:5000", "x/agents"));
        assert_eq!(parsed("oci://docker.io/acme").map(|found| found.1), Some("https://registry-1.docker.io".into()));
        let wrong = [
            "ghcr.io/acme",
            "https://ghcr.io",
            "oci://",
            "oci:///acme",
            "oci://ghcr.io/Acme",
            "oci://ghcr.io/a:1.0",
            "oci://ghcr.io/a//b",
            "oci://ghcr.io/../b",
            "oci://ghcr.io?x/y",
            "oci://gh cr.io/a",
            "oci://u:p@ghcr.io/a",
        ];
        for target in wrong {
            let failure = Target::parse(target, None, |_| false).expect_err(target);
            assert!(!failure.message.contains("u:p"), "{}", failure.message);
        }
    }

    #[test]
    fn what_a_registry_cannot_hold_has_no_address() {
        let target = Target::parse("oci://ghcr.io/acme", None, |_| false).expect("a target");
        for chart in ["Agents", "a/b", "..", "", "a b", &"a".repeat(251)] {
            assert_eq!(target.repository(chart), None, "{chart}");
        }
        for tag in ["", "-a", ".a", "a/b", "a+b", "ä", &"1".repeat(129)] {
            assert!(!is_tag(tag), "{tag}");
        }
        assert!(is_tag("1.2.3-rc.1_abc"));
    }
}
