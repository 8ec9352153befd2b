//! Releases in a chart repository: an `index.yaml` over HTTP that names packages (Helm `pkg/repo/index.go`).

use std::sync::{Arc, OnceLock};

use reqwest::{StatusCode, Url};

use super::credentials::Secret;
use super::fault::Fault;
use super::http::{Answer, Ask};
use super::proof::{self, Proof};
use super::purpose::Purpose;
use super::server::{Role, Server};
use super::{Head, Network, Release, address, digest};
use crate::finding::{Failure, FailureKind};
use crate::source::{Archive, CHART_LIMIT};
use entries::{Entries, Entry};

mod entries;

/// Bytes of an index: the largest that is public has 30 million.
const INDEX_LIMIT: u64 = 64 * 1024 * 1024;

/// A chart repository. Its index is fetched once a run.
#[derive(Debug)]
pub struct Index {
    /// The folder in which index.yaml lies, without user and password.
    folder: Url,
    /// User and password from the folder's address.
    proof: Option<Proof>,
    plain_http: bool,
    purpose: Purpose,
    entries: OnceLock<Result<Entries, Fault>>,
    network: Arc<Network>,
}

impl Index {
    /// The repository at the URL of the folder in which index.yaml lies. Without TLS where `plain_http` says so, on loopback
    /// hosts, and on those that the options name. Nothing is asked yet.
    ///
    /// # Errors
    /// A failure where `folder` is no such URL.
    pub fn new(folder: &str, plain_http: Option<bool>, network: &Arc<Network>) -> Result<Self, Box<Failure>> {
        let wrong = |what: &str| {
            let failure = Failure::new(FailureKind::Network, format!("the index to look releases up in {what}"));
            Box::new(failure.help("write the URL of the folder in which index.yaml lies: `https://HOST/PATH`"))
        };
        let mut url = Url::parse(folder).map_err(|error| wrong(&format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong("is at neither `https:` nor `http:`"));
        }
        let proof = proof::take(&mut url);
        url.set_fragment(None);
        let path = url.path().trim_end_matches("index.yaml").trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/"));
        let is_plain = || address::is_loopback(&url) || network.is_plain(&address::host(&url));
        let plain_http = plain_http.unwrap_or_else(is_plain);
        let network = Arc::clone(network);
        let (purpose, entries) = (Purpose::Published, OnceLock::new());
        Ok(Self { folder: url, proof, plain_http, purpose, entries, network })
    }

    /// The same asked for something else than the releases that `published` names.
    #[must_use]
    pub fn asked_for(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    fn server(&self) -> Server {
        Server { host: address::host(&self.folder), role: Role::Itself }
    }

    fn entries(&self) -> Result<&Entries, Box<Failure>> {
        let entries = self.entries.get_or_init(|| self.fetch());
        entries.as_ref().map_err(|fault| self.failure(fault, &self.place()))
    }

    /// Who asks a host: whoever the URL of the repository names there, else whoever the user's files name.
    fn credential(&self, url: &Url) -> Result<Option<(Proof, String)>, Fault> {
        // Packages may lie on other hosts, which learn nothing of who asks.
        if url.origin() != self.folder.origin() {
            return Ok(None);
        }
        if let Some(proof) = &self.proof {
            return Ok(Some((proof.clone(), "its URL".into())));
        }
        if !self.network.trusts(url) {
            return Ok(None);
        }
        let stored = self.network.credential(&address::host(url))?;
        Ok(stored.and_then(|stored| match stored.secret {
            Secret::Password(user, password) => Some((Proof::Password(user, password), stored.origin)),
            Secret::Identity(_) => None,
        }))
    }

    fn fetch(&self) -> Result<Entries, Fault> {
        let mut url = self.folder.clone();
        url.set_path(&format!("{}index.yaml", self.folder.path()));
        let answer = self.ask(&url, Role::Itself, INDEX_LIMIT, "an index")?;
        let malformed = |reason: String| Fault::Malformed { server: self.server(), expected: "an index", reason };
        let text = String::from_utf8(answer.body).map_err(|_| malformed("it is not UTF-8".into()))?;
        entries::read(&text).map_err(|wrong| malformed(wrong.to_string()))
    }

    fn ask(&self, url: &Url, role: Role, limit: u64, expected: &'static str) -> Result<Answer, Fault> {
        let server = Server { role, ..self.server() };
        if url.scheme() != "https" && !self.plain_http && !address::is_loopback(url) {
            return Err(Fault::Plain { server });
        }
        let (proof, origin) = self.credential(url)?.unzip();
        let answer = self.network.ask(&Ask::get(url, "*/*", limit).from(proof).named_by(&self.folder, role))?;
        if let Some(overload) = answer.overload(&server) {
            return Err(overload);
        }
        match (answer.status, origin) {
            (StatusCode::OK, _) if answer.is_page() => Err(Fault::Page { server, expected }),
            (StatusCode::OK, _) => Ok(answer),
            (StatusCode::UNAUTHORIZED, Some(origin)) => Err(Fault::Unauthorized { server, origin }),
            (StatusCode::UNAUTHORIZED, None) if !self.network.trusts(url) => Err(Fault::Unshown { server }),
            (StatusCode::UNAUTHORIZED, None) => Err(Fault::Anonymous { server }),
            (StatusCode::FORBIDDEN, origin) => Err(Fault::Forbidden { server, origin }),
            (StatusCode::NOT_FOUND, _) => Err(Fault::Lost { server, expected }),
            (status, _) => Err(Fault::Status { server, status: status.as_u16() }),
        }
    }

    fn entry(&self, chart: &str, version: &str) -> Result<Option<&Entry>, Box<Failure>> {
        let mut found = self.entries()?.get(chart).into_iter().flatten().filter(|entry| entry.version == version);
        let first = found.next();
        if found.any(|other| Some(&other.digest) != first.map(|first| &first.digest)) {
            let how = "it lists the version twice, with different digests";
            let fault = Fault::Contradiction { server: self.server(), how };
            return Err(self.failure(&fault, &self.place_of(chart, version)));
        }
        Ok(first)
    }

    fn place_of(&self, chart: &str, version: &str) -> String {
        format!("{chart} {version} at {}", self.place())
    }

    fn package(&self, entry: &Entry) -> Result<Vec<u8>, Fault> {
        let malformed =
            |reason: &str| Fault::Malformed { server: self.server(), expected: "an index", reason: reason.to_owned() };
        let Some(url) = &entry.url else { return Err(malformed("an entry has no `urls`")) };
        let mut url = self.folder.join(url).map_err(|_| malformed("an entry's URL is none"))?;
        _ = proof::take(&mut url);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(malformed("an entry's package lies at neither `https:` nor `http:`"));
        }
        if self.folder.scheme() == "https" && url.scheme() == "http" {
            return Err(Fault::Unprotected { server: self.server() });
        }
        let bytes = self.ask(&url, Role::Packages, CHART_LIMIT, "a package")?.body;
        if let Some(expected) = &entry.digest {
            digest::verify(&bytes, expected, &Server { role: Role::Packages, ..self.server() })?;
        }
        Ok(bytes)
    }

    /// The bytes of a package that lies in the folder, whether index.yaml names it or not; none where nothing is there.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn file(&self, name: &str) -> Result<Option<Vec<u8>>, Box<Failure>> {
        let place = format!("{name} at {}", self.place());
        let Ok(url) = self.folder.join(name) else { return Ok(None) };
        match self.ask(&url, Role::Packages, CHART_LIMIT, "a package") {
            Ok(answer) => Ok(Some(answer.body)),
            Err(Fault::Lost { .. }) => Ok(None),
            Err(fault) => Err(self.failure(&fault, &place)),
        }
    }

    /// The place in words, without credentials.
    pub fn place(&self) -> String {
        self.folder.as_str().trim_end_matches('/').to_owned()
    }

    /// The versions that are out.
    ///
    /// # Errors
    /// A failure that says whose fault it is.
    pub fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        let releases = self.entries()?.get(chart).map(Vec::as_slice).unwrap_or_default();
        Ok(releases.iter().map(|entry| entry.version.clone()).collect())
    }

    /// What is known of a release without its package; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn head(&self, chart: &str, version: &str) -> Result<Option<Head>, Box<Failure>> {
        let entry = self.entry(chart, version)?;
        Ok(entry.map(|entry| Head { place: self.place_of(chart, version), digest: entry.digest.clone() }))
    }

    /// One release; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        let Some(entry) = self.entry(chart, version)? else { return Ok(None) };
        let place = self.place_of(chart, version);
        let failure = |fault: Fault| self.failure(&fault, &place);
        let bytes = self.package(entry).map_err(failure)?;
        let archive = Archive::from_bytes(&bytes, &place).map_err(|error| failure(Fault::broken(&error)))?;
        let digest = entry.digest.clone();
        Ok(Some(Release { place, archive, digest }))
    }

    /// The bytes of a release's package and the name of its file; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn bytes(&self, chart: &str, version: &str) -> Result<Option<(Vec<u8>, String)>, Box<Failure>> {
        let Some(entry) = self.entry(chart, version)? else { return Ok(None) };
        let name = entry.url.as_deref().map(|url| url.split(['?', '#']).next().unwrap_or(url));
        let name = name.and_then(|url| url.rsplit('/').next()).filter(|name| is_file_name(name));
        let name = name.map_or_else(|| format!("{chart}-{version}.tgz"), str::to_owned);
        let bytes = self.package(entry).map_err(|fault| self.failure(&fault, &self.place_of(chart, version)))?;
        Ok(Some((bytes, name)))
    }

    /// The failure of a fault, with what helps where no registry is logged in to.
    fn failure(&self, fault: &Fault, place: &str) -> Box<Failure> {
        let failure = fault.failure(place, self.purpose);
        match fault {
            Fault::Anonymous { server } | Fault::Unauthorized { server, .. } => {
                let help = "store a user and password that are valid for";
                Box::new(failure.help(format!("{help} `{}` under `auths` in Docker's config.json", server.host)))
            }
            _ => failure,
        }
    }
}

/// Whether a server's name for a file is one, and not a way to another place.
fn is_file_name(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'+');
    name.len() <= 255 && name.ends_with(".tgz") && !name.starts_with('.') && name.bytes().all(is_plain)
}
