//! Requests and answers, as far as registries and indexes need them.

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::address::host;
use super::fault::Fault;
use super::proof::Proof;
use super::rest;
use super::server::{Role, Server};

/// What is wanted, be it behind redirects.
#[derive(Debug, Clone)]
pub(super) struct Ask<'a> {
    pub(super) method: Method,
    pub(super) url: &'a Url,
    /// What the user named, if it is not `url` itself.
    pub(super) home: &'a Url,
    pub(super) role: Role,
    pub(super) accept: &'a str,
    /// Sent to the host of `url` and to no other.
    pub(super) proof: Option<Proof>,
    /// A body in the format of a form.
    pub(super) form: Option<String>,
    /// Bytes that the answer may have.
    pub(super) limit: u64,
}

/// One request as it is sent.
#[derive(Debug, Clone)]
pub struct Hop {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) accept: String,
    pub(super) proof: Option<Proof>,
    pub(super) form: Option<String>,
    pub(super) limit: u64,
}

/// An answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl<'a> Ask<'a> {
    /// A request to read what is at `url`, which the user named.
    pub(super) fn get(url: &'a Url, accept: &'a str, limit: u64) -> Self {
        Self { method: Method::GET, url, home: url, role: Role::Itself, accept, proof: None, form: None, limit }
    }

    /// A request for whether anything is at `url`.
    pub(super) fn head(url: &'a Url, accept: &'a str) -> Self {
        Self { method: Method::HEAD, ..Self::get(url, accept, 0) }
    }

    /// The same from somebody.
    pub(super) fn from(self, proof: Option<Proof>) -> Self {
        Self { proof, ..self }
    }

    /// The same at a server that the one at `home` names.
    pub(super) fn named_by(self, home: &'a Url, role: Role) -> Self {
        Self { home, role, ..self }
    }

    /// Who answers.
    pub(super) fn server(&self) -> Server {
        Server { host: host(self.home), role: self.role }
    }

    /// The first request.
    pub(super) fn hop(&self) -> Hop {
        Hop {
            method: self.method.clone(),
            url: self.url.clone(),
            accept: self.accept.to_owned(),
            proof: self.proof.clone(),
            form: self.form.clone(),
            limit: self.limit,
        }
    }
}

impl Hop {
    /// `GET`, `HEAD` or `POST`.
    pub fn method(&self) -> &str {
        self.method.as_str()
    }

    /// The address, without user and password.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Bytes that the answer may have.
    pub fn limit(&self) -> u64 {
        self.limit
    }

    /// Whether it shows who asks.
    pub fn is_secret(&self) -> bool {
        self.proof.is_some() || self.form.is_some()
    }
}

impl Answer {
    /// An answer; headers that HTTP does not know are left out.
    pub fn new(status: u16, headers: &[(&str, &str)], body: Vec<u8>) -> Self {
        let header = |(name, value): &(&str, &str)| {
            Some((HeaderName::try_from(*name).ok()?, HeaderValue::try_from(*value).ok()?))
        };
        let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut map = HeaderMap::new();
        for (name, value) in headers.iter().filter_map(header) {
            map.append(name, value);
        }
        Self { status, headers: map, body }
    }

    /// Bytes of its body.
    pub fn size(&self) -> u64 {
        self.body.len() as u64
    }

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
    pub(super) fn overload(&self, server: &Server) -> Option<Fault> {
        let server = server.clone();
        match self.status {
            StatusCode::TOO_MANY_REQUESTS => {
                let wait = rest::asked(&self.headers).filter(|wait| !wait.is_zero());
                Some(Fault::Limited { server, wait })
            }
            status if status.is_server_error() => Some(Fault::Failing { server, status: status.as_u16() }),
            _ => None,
        }
    }
}
