//! Requests and answers, as far as registries and indexes need them.

use std::fmt;

use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};

use super::address::host;
use super::fault::Fault;
use super::retry;

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
