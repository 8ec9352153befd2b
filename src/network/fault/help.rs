//! What to do about a fault.

use super::Fault;
use crate::network::purpose::Purpose;

impl Fault {
    /// What to type or to look at.
    pub(super) fn help(&self, purpose: Purpose) -> String {
        let place = purpose.place();
        match self {
            Self::Offline => match purpose.key() {
                Some(key) => format!("leave `--offline` out, or `{key}` in the configuration"),
                None => "leave `--offline` out".into(),
            },
            Self::Deadline { limit } => {
                format!("run it again, or give it more time: `--network-timeout {}`", limit.as_secs().max(1) * 2)
            }
            Self::Setup { .. } => "look at HTTPS_PROXY, HTTP_PROXY and SSL_CERT_FILE of this process".into(),
            Self::Authorities { .. } => "let SSL_CERT_FILE name a file of PEM certificates".into(),
            Self::Unresolved { .. } => format!("check the host in {place}, and the name resolution of this machine"),
            Self::Refused { server } => format!("check that a server listens at `{}`", server.host),
            Self::Unreachable { .. } => "check the network and the proxy of this machine".into(),
            Self::Untrusted { .. } => {
                "let SSL_CERT_FILE name the certificates of your authority; if you have none, somebody may listen in"
                    .into()
            }
            Self::NoTls { .. } | Self::Plain { .. } if purpose == Purpose::Published => {
                "use TLS, or allow a server without it: `published.plainHttp: true`".into()
            }
            Self::NoTls { server } | Self::Plain { server } => {
                format!("use TLS, or allow a server without it: `--plain-http {}`", server.host)
            }
            Self::Exposed { server } => {
                format!("use TLS; if everybody on the way may read them, pass `--plain-http {}`", server.host)
            }
            Self::Inner { server, .. } | Self::Unshown { server } => {
                format!("let the configuration of the base name it first, or pass `--trust-host {}`", server.host)
            }
            Self::Slow { .. } | Self::CutOff { .. } => "the server or the way to it is at fault; run it again".into(),
            Self::Redirects { .. } | Self::Unprotected { .. } | Self::Astray { .. } | Self::Contradiction { .. } => {
                format!("the server is at fault; check the address in {place}")
            }
            _ => self.help_with_answer(place),
        }
    }

    /// The same for what a server answered.
    fn help_with_answer(&self, place: &str) -> String {
        match self {
            Self::Anonymous { server } => format!("run `helm registry login {}` first", server.host),
            Self::Unshowable { server } => {
                format!("run `helm registry login {}` with a user and password", server.host)
            }
            Self::Unauthorized { server, .. } => {
                format!("run `helm registry login {}` with a user and password that are valid today", server.host)
            }
            Self::Forbidden { .. } => format!("grant the account the right to pull, or check the path in {place}"),
            Self::Credentials { file, .. } => format!("mend `{file}`, or log in anew"),
            Self::Missing { .. } | Self::Lost { .. } => {
                format!("check the address in {place}: it may be wrong, or another server may answer there")
            }
            Self::Limited { .. } => "log in, which often raises the limit, or run it again later".into(),
            Self::Failing { .. } => "the server is at fault; run it again later".into(),
            Self::Page { .. } => {
                format!("check the address in {place}: a login page or a proxy may answer in its place")
            }
            Self::TooLarge { .. } => format!("check the address in {place}: nothing in use is known to need more"),
            Self::Digest { .. } | Self::Size { .. } | Self::Longer { .. } | Self::Incomplete { .. } => {
                "the server or a cache on the way is at fault: what it sends is damaged, or was tampered with".into()
            }
            Self::NotChart { .. } | Self::Broken { .. } => {
                "somebody published something else under this name and version; remove it, or take another version"
                    .into()
            }
            _ => format!("check the address in {place}; if it is right, the server is at fault"),
        }
    }
}
