//! Releases in an OCI registry, as `helm push` puts them there (Helm `pkg/registry/client.go`, OCI distribution spec 1.1).

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::fault::Fault;
use super::http::{Answer, Ask};
use super::purpose::Purpose;
use super::{Head, Network, Release, digest};
use crate::finding::Failure;
use crate::source::{Archive, CHART_LIMIT};
use answer::{Absence, absence};
use connection::Connection;
use manifest::Package;
use target::{Target, is_tag};

mod access;
mod answer;
pub mod artifact;
mod challenge;
mod connection;
pub mod image;
mod manifest;
mod tags;
mod target;
mod token;

/// Bytes of a manifest: what the distribution spec asks registries to take.
const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;

/// The header in which registries say what they are.
const API: &str = "docker-distribution-api-version";

/// A registry, and the path in it below which each chart has a repository of its name.
#[derive(Debug)]
pub struct Registry {
    connection: Connection,
    purpose: Purpose,
    /// The tags of each repository, once they were listed.
    tags: Mutex<BTreeMap<String, Arc<BTreeSet<String>>>>,
}

/// What an answer says about a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Absent,
    /// It does not say: a HEAD has no body, and some servers do not know the method.
    Unsaid,
}

impl Registry {
    /// The registry at `oci://host[:port]/path`. Without TLS where `plain_http` says so; where it says nothing, for loopback
    /// hosts and those that the options name. Nothing is asked yet.
    ///
    /// # Errors
    /// A failure where `target` has another form.
    pub fn new(target: &str, plain_http: Option<bool>, network: &Arc<Network>) -> Result<Self, Box<Failure>> {
        let target = Target::parse(target, plain_http, |host| network.is_plain(host))?;
        let (connection, purpose) = (Connection::new(target, network), Purpose::Published);
        Ok(Self { connection, purpose, tags: Mutex::default() })
    }

    /// The same asked for something else than the releases that `published` names.
    #[must_use]
    pub fn asked_for(self, purpose: Purpose) -> Self {
        Self { purpose, ..self }
    }

    /// The packaged chart of a release. That there is none is believed where a registry says so, in every error of its 404, and
    /// where its list of tags agrees.
    fn package(&self, chart: &str, version: &str) -> Result<Option<Package>, Fault> {
        let tag = version.replace('+', "_");
        // What the registry cannot hold is not there.
        let Some(repository) = self.target().repository(chart).filter(|_| is_tag(&tag)) else { return Ok(None) };
        let url = self.connection.url(&format!("{repository}/manifests/{tag}"));
        let head = self.connection.ask(&repository, &Ask::head(&url, manifest::ACCEPTED))?;
        let said = self.presence_of_head(&head)?;
        // The digest pins what the tag named a moment ago.
        let pinned = said_digest(&head).filter(|_| said == Presence::Here);
        let url = pinned.map_or(url, |digest| self.connection.url(&format!("{repository}/manifests/{digest}")));
        let answer = self.connection.ask(&repository, &Ask::get(&url, manifest::ACCEPTED, MANIFEST_LIMIT))?;
        let contradiction = |how| Err(Fault::Contradiction { server: self.connection.server(), how });
        match (said, self.presence(&answer)?) {
            (Presence::Here, Presence::Absent) => contradiction("it has the manifest for HEAD, and not for GET"),
            (Presence::Absent, Presence::Here) => contradiction("it has the manifest for GET, and not for HEAD"),
            (_, Presence::Absent) if self.tags(&repository)?.contains(&tag) => {
                contradiction("it lists the tag, and has no manifest for it")
            }
            (_, Presence::Absent) => Ok(None),
            (_, Presence::Here | Presence::Unsaid) => {
                if let Some(digest) = pinned.or_else(|| said_digest(&answer)) {
                    digest::verify(&answer.body, digest, &self.connection.server())?;
                }
                manifest::package(&answer, &self.connection.server()).map(Some)
            }
        }
    }

    fn presence_of_head(&self, answer: &Answer) -> Result<Presence, Fault> {
        let says_what_it_is = answer.headers.contains_key(API);
        match answer.status.as_u16() {
            404 if answer.is_page() => Err(self.connection.not_registry()),
            404 if says_what_it_is => Ok(Presence::Absent),
            404 | 405 => Ok(Presence::Unsaid),
            _ => self.presence(answer),
        }
    }

    fn presence(&self, answer: &Answer) -> Result<Presence, Fault> {
        let server = || self.connection.server();
        match answer.status.as_u16() {
            200 if answer.is_page() => Err(Fault::Page { server: server(), expected: "a manifest" }),
            200 => Ok(Presence::Here),
            404 => match absence(answer) {
                Absence::Said => Ok(Presence::Absent),
                Absence::Denied => Err(Fault::Forbidden { server: server(), origin: self.connection.origin() }),
                Absence::Unsaid => Err(self.connection.not_registry()),
            },
            _ => Err(self.connection.refusal(answer)),
        }
    }

    fn download(&self, chart: &str, package: &Package) -> Result<Vec<u8>, Fault> {
        let server = || self.connection.server();
        if package.size > CHART_LIMIT {
            return Err(Fault::TooLarge { server: server(), limit: CHART_LIMIT, unit: "bytes" });
        }
        let repository = self.target().repository(chart).ok_or_else(|| self.connection.not_registry())?;
        let url = self.connection.url(&format!("{repository}/blobs/{}", package.digest));
        let answer =
            self.connection.ask(&repository, &Ask::get(&url, "*/*", package.size)).map_err(|fault| match fault {
                Fault::TooLarge { .. } => Fault::Longer { server: server(), expected: package.size },
                fault => fault,
            })?;
        match answer.status.as_u16() {
            200 => {}
            404 => return Err(Fault::Incomplete { server: server() }),
            _ => return Err(self.connection.refusal(&answer)),
        }
        let found = answer.body.len() as u64;
        if found != package.size {
            return Err(Fault::Size { server: server(), expected: package.size, found });
        }
        digest::verify(&answer.body, &package.digest, &server())?;
        Ok(answer.body)
    }

    /// Every tag of a repository, asked for once.
    fn tags(&self, repository: &str) -> Result<Arc<BTreeSet<String>>, Fault> {
        let known = || self.tags.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tags) = known().get(repository) {
            return Ok(Arc::clone(tags));
        }
        let tags = Arc::new(tags::list(&self.connection, repository)?);
        known().insert(repository.to_owned(), Arc::clone(&tags));
        Ok(tags)
    }

    fn target(&self) -> &Target {
        &self.connection.target
    }

    fn place_of(&self, chart: &str, version: &str) -> String {
        format!("{}/{chart}:{}", self.target(), version.replace('+', "_"))
    }

    fn failure(&self, fault: &Fault, place: &str) -> Box<Failure> {
        // What concerns the whole host is said once, not once a chart.
        let of_host = fault.is_of_host().then(|| self.place());
        fault.failure(of_host.as_deref().unwrap_or(place), self.purpose)
    }

    /// The place in words: `oci://ghcr.io/acme/charts`.
    pub fn place(&self) -> String {
        self.target().to_string()
    }

    /// The versions that are out, `+` for the `_` of tags.
    ///
    /// # Errors
    /// A failure that says whose fault it is.
    pub fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        let place = format!("{}/{chart}", self.target());
        let Some(repository) = self.target().repository(chart) else { return Ok(vec![]) };
        let tags = self.tags(&repository).map_err(|fault| self.failure(&fault, &place))?;
        let versions = tags.iter().map(|tag| tag.replace('_', "+"));
        Ok(versions.filter(|version| semver::Version::parse(version).is_ok()).collect())
    }

    /// What is known of a release without its package; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn head(&self, chart: &str, version: &str) -> Result<Option<Head>, Box<Failure>> {
        let place = self.place_of(chart, version);
        let package = self.package(chart, version).map_err(|fault| self.failure(&fault, &place))?;
        Ok(package.map(|package| Head { place, digest: Some(package.digest) }))
    }

    /// One release; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn open(&self, chart: &str, version: &str) -> Result<Option<Release>, Box<Failure>> {
        let place = self.place_of(chart, version);
        let failure = |fault: Fault| self.failure(&fault, &place);
        let Some(package) = self.package(chart, version).map_err(failure)? else { return Ok(None) };
        let bytes = self.download(chart, &package).map_err(failure)?;
        let archive = Archive::from_bytes(&bytes, &place).map_err(|error| failure(Fault::broken(&error)))?;
        let digest = Some(package.digest);
        Ok(Some(Release { place, archive, digest }))
    }

    /// The digest of a release's manifest; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn manifest(&self, chart: &str, version: &str) -> Result<Option<String>, Box<Failure>> {
        let failure = |fault: Fault| self.failure(&fault, &self.place_of(chart, version));
        Ok(self.package(chart, version).map_err(failure)?.map(|package| package.manifest))
    }

    /// The bytes of a release's package; none where that version is not out.
    ///
    /// # Errors
    /// As [`versions`](Self::versions).
    pub fn bytes(&self, chart: &str, version: &str) -> Result<Option<Vec<u8>>, Box<Failure>> {
        let failure = |fault: Fault| self.failure(&fault, &self.place_of(chart, version));
        let Some(package) = self.package(chart, version).map_err(failure)? else { return Ok(None) };
        self.download(chart, &package).map(Some).map_err(failure)
    }
}

/// The digest that an answer says its manifest has.
fn said_digest(answer: &Answer) -> Option<&str> {
    answer.header("docker-content-digest").filter(|digest| digest::is_digest(digest))
}
