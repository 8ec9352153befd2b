//! Releases in an OCI registry, as `helm push` puts them there (Helm `pkg/registry/client.go`, OCI distribution spec 1.1).

use std::sync::Arc;

use reqwest::{StatusCode, Url};

use super::fault::Fault;
use super::http::{Answer, Ask, Proof};
use super::{Head, Network, Release, digest};
use crate::finding::Failure;
use crate::source::{Archive, CHART_LIMIT};
use access::Access;
use manifest::Package;
use target::{Target, is_tag};

mod access;
mod challenge;
mod manifest;
mod tags;
mod target;

/// Bytes of a manifest: what the distribution spec asks registries to take.
const MANIFEST_LIMIT: u64 = 4 * 1024 * 1024;

/// The header in which registries say what they are.
const API: &str = "docker-distribution-api-version";

/// A registry, and the path in it below which each chart has a repository of its name.
#[derive(Debug)]
pub struct Registry {
    target: Target,
    access: Access,
    network: Arc<Network>,
}

/// What an answer says about a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Here,
    Absent,
    /// It does not say.
    Unsaid,
}

impl Registry {
    /// The registry at `oci://host[:port]/path`. Without TLS where `plain_http` says so; where it says nothing, for loopback
    /// hosts alone. Nothing is asked yet.
    ///
    /// # Errors
    /// A failure where `target` has another form.
    pub fn new(target: &str, plain_http: Option<bool>, network: &Arc<Network>) -> Result<Self, Box<Failure>> {
        let target = Target::parse(target, plain_http)?;
        Ok(Self { target, access: Access::default(), network: Arc::clone(network) })
    }

    /// The answer to a request on a repository, by whoever is allowed to ask.
    fn ask(&self, repository: &str, ask: &Ask<'_>) -> Result<Answer, Fault> {
        let send = |proof: Option<Proof>| self.network.ask(&ask.clone().from(proof));
        let answer = send(self.access.known(&self.network, &self.target, repository)?)?;
        if answer.status != StatusCode::UNAUTHORIZED {
            return Ok(answer);
        }
        // What was known may have run out meanwhile.
        let proof = self.access.answer_to(&answer, &self.network, &self.target, repository)?;
        if proof.is_some() { send(proof) } else { Ok(answer) }
    }

    /// The packaged chart of a release, asked for with one request where there is none.
    fn package(&self, chart: &str, version: &str) -> Result<Option<Package>, Fault> {
        let tag = version.replace('+', "_");
        // What the registry cannot hold is not there.
        let Some(repository) = self.target.repository(chart).filter(|_| is_tag(&tag)) else { return Ok(None) };
        let url = self.target.url(&format!("{repository}/manifests/{tag}"));
        let head = self.ask(&repository, &Ask::head(&url, manifest::ACCEPTED))?;
        if self.presence(&head)? == Presence::Absent {
            return Ok(None);
        }
        // The digest pins what the tag named a moment ago.
        let pinned = said_digest(&head);
        let url = pinned.map_or(url, |digest| self.target.url(&format!("{repository}/manifests/{digest}")));
        let answer = self.ask(&repository, &Ask::get(&url, manifest::ACCEPTED, MANIFEST_LIMIT))?;
        match (self.presence(&answer)?, pinned) {
            (Presence::Here, _) => {}
            (Presence::Absent, None) => return Ok(None),
            _ => return Err(self.not_registry()),
        }
        if let Some(digest) = pinned.or_else(|| said_digest(&answer)) {
            digest::verify(&answer.body, digest, &self.target.host)?;
        }
        manifest::package(&answer, &self.target.host).map(Some)
    }

    fn presence(&self, answer: &Answer) -> Result<Presence, Fault> {
        let says_what_it_is = answer.headers.contains_key(API);
        match answer.status.as_u16() {
            200 if answer.is_page() => Err(Fault::Page { host: self.target.host.clone(), expected: "a manifest" }),
            200 => Ok(Presence::Here),
            404 if answer.is_page() => Err(self.not_registry()),
            404 if answer.body.is_empty() && says_what_it_is => Ok(Presence::Absent),
            // Some servers do not know the method.
            404 | 405 if answer.body.is_empty() => Ok(Presence::Unsaid),
            404 if manifest::is_unknown(&answer.body) => Ok(Presence::Absent),
            404 => Err(self.not_registry()),
            _ => Err(self.refusal(answer)),
        }
    }

    fn not_registry(&self) -> Fault {
        Fault::Missing { host: self.target.host.clone(), expected: "a registry" }
    }

    /// The fault that a status other than 200 and 404 stands for.
    fn refusal(&self, answer: &Answer) -> Fault {
        let host = self.target.host.clone();
        if let Some(overload) = answer.overload(&host) {
            return overload;
        }
        match (answer.status.as_u16(), self.access.origin()) {
            (401, Some(origin)) => Fault::Unauthorized { host, origin },
            (401, None) => Fault::Anonymous { host },
            (403, origin) => Fault::Forbidden { host, origin },
            (status, _) => Fault::Status { host, status },
        }
    }

    fn download(&self, chart: &str, package: &Package) -> Result<Vec<u8>, Fault> {
        let host = &self.target.host;
        if package.size > CHART_LIMIT {
            return Err(Fault::TooLarge { host: host.clone(), limit: CHART_LIMIT });
        }
        let repository = self.target.repository(chart).ok_or_else(|| self.not_registry())?;
        let url = self.target.url(&format!("{repository}/blobs/{}", package.digest));
        let answer = self.ask(&repository, &Ask::get(&url, "*/*", CHART_LIMIT))?;
        match answer.status.as_u16() {
            200 => {}
            404 => return Err(Fault::Incomplete { host: host.clone() }),
            _ => return Err(self.refusal(&answer)),
        }
        let found = answer.body.len() as u64;
        if found != package.size {
            return Err(Fault::Size { host: host.clone(), expected: package.size, found });
        }
        digest::verify(&answer.body, &package.digest, host)?;
        Ok(answer.body)
    }

    fn place_of(&self, chart: &str, version: &str) -> String {
        format!("{}/{chart}:{}", self.target, version.replace('+', "_"))
    }

    fn failure(&self, fault: &Fault, place: &str) -> Box<Failure> {
        // What concerns the whole host is said once, not once a chart.
        if fault.is_of_host() { fault.failure(&self.place()) } else { fault.failure(place) }
    }
}

impl Registry {
    /// The place in words: `oci://ghcr.io/acme/charts`.
    pub fn place(&self) -> String {
        self.target.to_string()
    }

    /// The versions that are out, `+` for the `_` of tags.
    ///
    /// # Errors
    /// A failure that says whose fault it is.
    pub fn versions(&self, chart: &str) -> Result<Vec<String>, Box<Failure>> {
        let place = format!("{}/{chart}", self.target);
        let Some(repository) = self.target.repository(chart) else { return Ok(vec![]) };
        let tags = self.tags(&repository).map_err(|fault| self.failure(&fault, &place))?;
        let versions = tags.into_iter().map(|tag| tag.replace('_', "+"));
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
        let archive = Archive::from_bytes(&bytes, &place)
            .map_err(|error| failure(Fault::Broken { reason: error.to_string() }))?;
        let digest = Some(package.digest);
        Ok(Some(Release { place, archive, digest }))
    }
}

impl Registry {
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

impl Target {
    /// The address of a thing below the registry's API.
    fn url(&self, path: &str) -> Url {
        let url = format!("{}/v2/{path}", self.origin());
        Url::parse(&url).expect("a checked host, path and tag make a URL")
    }
}

/// The digest that an answer says its manifest has.
fn said_digest(answer: &Answer) -> Option<&str> {
    answer.header("docker-content-digest").filter(|digest| digest::is_digest(digest))
}
