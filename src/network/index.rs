//! Releases in a chart repository: an `index.yaml` over HTTP that names packages (Helm `pkg/repo/index.go`).

use std::sync::{Arc, OnceLock};

use reqwest::{StatusCode, Url};

use super::address;
use super::credentials::Secret;
use super::fault::Fault;
use super::http::{Answer, Ask, Proof};
use super::{Head, Network, Release, digest};
use crate::finding::{Failure, FailureKind};
use crate::source::{Archive, CHART_LIMIT};
use entries::{Entries, Entry};

mod entries;

/// Bytes of an index: the largest that is public has 30 million.
const INDEX_LIMIT: u64 = 256 * 1024 * 1024;

/// A chart repository. Its index is fetched once a run.
#[derive(Debug)]
pub struct Index {
    /// The folder in which index.yaml lies, without user and password.
    folder: Url,
    /// User and password from the folder's address.
    proof: Option<Proof>,
    plain_http: bool,
    entries: OnceLock<Result<Entries, Fault>>,
    network: Arc<Network>,
}

impl Index {
    /// The repository at the URL of the folder in which index.yaml lies. Without TLS where `plain_http` says so, and on loopback
    /// hosts. Nothing is asked yet.
    ///
    /// # Errors
    /// A failure where `folder` is no such URL.
    pub fn new(folder: &str, plain_http: Option<bool>, network: &Arc<Network>) -> Result<Self, Box<Failure>> {
        let wrong = |what: String| {
            let failure = Failure::new(FailureKind::Network, format!("the index to look releases up in {what}"));
            Box::new(failure.help("write the URL of the folder in which index.yaml lies: `https://HOST/PATH`"))
        };
        let mut url = Url::parse(folder).map_err(|error| wrong(format!("is no URL: {error}")))?;
        if !matches!(url.scheme(), "http" | "https") || url.host_str().is_none() {
            return Err(wrong(format!("is at `{}:`, not at `https:`", url.scheme())));
        }
        let proof = address::take_proof(&mut url);
        url.set_fragment(None);
        let path = url.path().trim_end_matches("index.yaml").trim_end_matches('/').to_owned();
        url.set_path(&format!("{path}/"));
        let plain_http = plain_http.unwrap_or_else(|| address::is_loopback(&url));
        let network = Arc::clone(network);
        Ok(Self { folder: url, proof, plain_http, entries: OnceLock::new(), network })
    }

    fn entries(&self) -> Result<&Entries, Box<Failure>> {
        let entries = self.entries.get_or_init(|| self.fetch());
        entries.as_ref().map_err(|fault| failure(fault, &self.place()))
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
        let stored = self.network.credential(&address::host(url))?;
        Ok(stored.and_then(|stored| match stored.secret {
            Secret::Password(user, password) => Some((Proof::Password(user, password), stored.origin)),
            Secret::Identity(_) => None,
        }))
    }

    fn fetch(&self) -> Result<Entries, Fault> {
        let mut url = self.folder.clone();
        url.set_path(&format!("{}index.yaml", self.folder.path()));
        let host = address::host(&url);
        let answer = self.ask(&url, INDEX_LIMIT, "an index")?;
        let malformed = |reason: String| Fault::Malformed { host: host.clone(), expected: "an index", reason };
        let text = String::from_utf8(answer.body).map_err(|_| malformed("it is not UTF-8".into()))?;
        entries::read(&text).map_err(malformed)
    }

    fn ask(&self, url: &Url, limit: u64, expected: &'static str) -> Result<Answer, Fault> {
        let host = address::host(url);
        if url.scheme() != "https" && !self.plain_http && !address::is_loopback(url) {
            return Err(Fault::Plain { host });
        }
        let (proof, origin) = self.credential(url)?.unzip();
        let answer = self.network.ask(&Ask::get(url, "*/*", limit).from(proof))?;
        if let Some(overload) = answer.overload(&host) {
            return Err(overload);
        }
        match (answer.status, origin) {
            (StatusCode::OK, _) if answer.is_page() => Err(Fault::Page { host, expected }),
            (StatusCode::OK, _) => Ok(answer),
            (StatusCode::UNAUTHORIZED, Some(origin)) => Err(Fault::Unauthorized { host, origin }),
            (StatusCode::UNAUTHORIZED, None) => Err(Fault::Anonymous { host }),
            (StatusCode::FORBIDDEN, origin) => Err(Fault::Forbidden { host, origin }),
            (StatusCode::NOT_FOUND, _) => Err(Fault::Lost { host, what: url.path().to_owned() }),
            (status, _) => Err(Fault::Status { host, status: status.as_u16() }),
        }
    }

    fn entry(&self, chart: &str, version: &str) -> Result<Option<&Entry>, Box<Failure>> {
        let entries = self.entries()?;
        Ok(entries.get(chart).and_then(|releases| releases.iter().find(|entry| entry.version == version)))
    }

    fn place_of(&self, chart: &str, version: &str) -> String {
        format!("{chart} {version} at {}", self.place())
    }

    fn package(&self, entry: &Entry) -> Result<Vec<u8>, Fault> {
        let malformed =
            |reason: String| Fault::Malformed { host: address::host(&self.folder), expected: "an index", reason };
        let Some(url) = &entry.url else { return Err(malformed("an entry has no `urls`".into())) };
        let mut url = self.folder.join(url).map_err(|error| malformed(format!("an entry's URL is none: {error}")))?;
        _ = address::take_proof(&mut url);
        if !matches!(url.scheme(), "http" | "https") {
            return Err(malformed(format!("an entry's package lies at `{}:`", url.scheme())));
        }
        let bytes = self.ask(&url, CHART_LIMIT, "a package")?.body;
        if let Some(expected) = &entry.digest {
            digest::verify(&bytes, expected, &address::host(&url))?;
        }
        Ok(bytes)
    }
}

impl Index {
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
        let failure = |fault: Fault| failure(&fault, &place);
        let bytes = self.package(entry).map_err(failure)?;
        let archive = Archive::from_bytes(&bytes, &place)
            .map_err(|error| failure(Fault::Broken { reason: error.to_string() }))?;
        let digest = entry.digest.clone();
        Ok(Some(Release { place, archive, digest }))
    }
}

/// The failure of a fault, with what helps where no registry is logged in to.
fn failure(fault: &Fault, place: &str) -> Box<Failure> {
    let failure = fault.failure(place);
    match fault {
        Fault::Anonymous { host } | Fault::Unauthorized { host, .. } => {
            let help = "store a user and password that are valid for";
            Box::new(failure.help(format!("{help} `{host}` under `auths` in Docker's config.json")))
        }
        _ => failure,
    }
}

impl Index {
    /// The bytes of a release's package and the name of its file; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn bytes(&self, chart: &str, version: &str) -> Result<Option<(Vec<u8>, String)>, Box<Failure>> {
        let Some(entry) = self.entry(chart, version)? else { return Ok(None) };
        let name = entry.url.as_deref().map(|url| url.split(['?', '#']).next().unwrap_or(url));
        let name = name.and_then(|url| url.rsplit('/').next()).filter(|name| !name.is_empty());
        let name = name.map_or_else(|| format!("{chart}-{version}.tgz"), str::to_owned);
        let bytes = self.package(entry).map_err(|fault| failure(&fault, &self.place_of(chart, version)))?;
        Ok(Some((bytes, name)))
    }
}
