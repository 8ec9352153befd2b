//! Who is told what is asked of whom, while it is asked.

use std::fmt;
use std::sync::Arc;

use super::http::{Answer, Hop};
use super::transport::Interruption;

/// Is told of every request. Neither credentials nor queries are, where a token may stand.
pub trait Listener: Send + Sync {
    /// A request goes out: `GET https://ghcr.io/v2/acme/web/manifests/1.0.0`.
    fn asks(&self, request: &str);

    /// What came of it: a status, or in a few words why there was no answer.
    fn answered(&self, request: &str, answer: &str);
}

/// A listener, or none.
#[derive(Clone, Default)]
pub struct Listening(Option<Arc<dyn Listener>>);

impl fmt::Debug for Listening {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.0.is_some() { "Listening" } else { "Nobody" })
    }
}

impl From<Arc<dyn Listener>> for Listening {
    fn from(listener: Arc<dyn Listener>) -> Self {
        Self(Some(listener))
    }
}

impl Listening {
    pub(super) fn asks(&self, hop: &Hop) {
        if let Some(listener) = &self.0 {
            listener.asks(&words(hop));
        }
    }

    pub(super) fn answered(&self, hop: &Hop, answer: &Result<Answer, Interruption>) {
        if let Some(listener) = &self.0 {
            let said = match answer {
                Ok(answer) => answer.status.as_u16().to_string(),
                Err(interruption) => interruption.words().to_owned(),
            };
            listener.answered(&words(hop), &said);
        }
    }
}

/// A request without user, password and query.
fn words(hop: &Hop) -> String {
    let port = hop.url.port().map(|port| format!(":{port}")).unwrap_or_default();
    let host = hop.url.host_str().unwrap_or_default();
    format!("{} {}://{host}{port}{}", hop.method, hop.url.scheme(), hop.url.path())
}
