//! Files that are published as an OCI artifact, as `oras push` puts them there: a layer for each file, named by its title (OCI image spec, "Annotations").

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, LazyLock};

use regex::Regex;
use serde::Deserialize;

use super::manifest::ACCEPTED;
use super::target::is_tag;
use super::{MANIFEST_LIMIT, Network, Presence, Registry};
use crate::finding::Failure;
use crate::network::digest::{self, is_digest};
use crate::network::fault::Fault;
use crate::network::http::Ask;
use crate::network::purpose::Purpose;
use crate::network::server::Server;

/// Bytes of a file.
const FILE_LIMIT: u64 = 1024 * 1024;
/// Files of an artifact.
const MOST: usize = 256;
/// Bytes of all files.
const TOTAL: u64 = 8 * 1024 * 1024;

/// The file's path.
const TITLE: &str = "org.opencontainers.image.title";
/// Marks a folder that was packed into one layer.
const PACKED: &str = "io.deis.oras.content.unpack";

/// A path that cannot lead out of a folder, on any system.
static PATH: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"^(?:[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*/)*[A-Za-z0-9_.-]*[A-Za-z0-9_-][A-Za-z0-9_.-]*$")
        .expect("the pattern is fixed")
});

/// An artifact, pinned by the digest of its manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reference {
    host: String,
    repository: String,
    digest: String,
}

/// Why a text is no [`Reference`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is not `oci://HOST/PATH` with what may follow.
    #[error("is no address of a registry")]
    Address,
    /// What a tag names can be another thing tomorrow.
    #[error("names no digest, and what a tag names can change")]
    Digest,
}

impl Reference {
    /// Reads `oci://HOST[:PORT]/PATH[:TAG]@sha256:…`; the tag is for people.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, Unfit> {
        let rest = text.strip_prefix("oci://").ok_or(Unfit::Address)?;
        let (host, path) = rest.split_once('/').ok_or(Unfit::Address)?;
        if host.is_empty() || host.contains(['@', '?', '#', '\\']) {
            return Err(Unfit::Address);
        }
        let (named, digest) = path.split_once('@').ok_or(Unfit::Digest)?;
        if !is_digest(digest) {
            return Err(Unfit::Digest);
        }
        let (repository, tag) = named.split_once(':').map_or((named, None), |(path, tag)| (path, Some(tag)));
        if repository.is_empty() || tag.is_some_and(|tag| !is_tag(tag)) {
            return Err(Unfit::Address);
        }
        Ok(Self { host: host.to_owned(), repository: repository.to_owned(), digest: digest.to_owned() })
    }
}

impl fmt::Display for Reference {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "oci://{}/{}@{}", self.host, self.repository, self.digest)
    }
}

#[derive(Deserialize)]
struct ArtifactManifest {
    layers: Option<Vec<Layer>>,
    manifests: Option<Vec<serde::de::IgnoredAny>>,
}

#[derive(Deserialize)]
struct Layer {
    digest: String,
    size: u64,
    #[serde(default)]
    annotations: BTreeMap<String, String>,
}

/// What was fetched before: bytes of a repository by their digest, which whoever takes them verifies.
pub trait Kept {
    /// Bytes that were kept.
    fn find(&self, repository: &str, digest: &str) -> Option<Vec<u8>>;
    /// Keeps bytes that have the digest.
    fn keep(&self, repository: &str, digest: &str, data: &[u8]);
}

/// The files of an artifact by their paths.
///
/// # Errors
/// A failure that says whose fault it is; an artifact that is not there is one.
pub fn files(
    reference: &Reference,
    network: &Arc<Network>,
    kept: Option<&dyn Kept>,
) -> Result<BTreeMap<String, Arc<[u8]>>, Box<Failure>> {
    let registry = Registry::new(&format!("oci://{}/{}", reference.host, reference.repository), None, network)?;
    registry.files(&Fetching { reference, kept }).map_err(|fault| {
        let failure = fault.failure(&reference.to_string(), Purpose::Policy);
        if fault != Fault::Offline {
            return failure;
        }
        let help = format!(
            "leave `--offline` out, or keep the policy in the repository: \
             `oras pull {} --output policy`, and `extends: [./policy/chartgate.yaml]`",
            reference.to_string().trim_start_matches("oci://")
        );
        Box::new(failure.help(help))
    })
}

/// An artifact and what is there of it.
struct Fetching<'a> {
    reference: &'a Reference,
    kept: Option<&'a dyn Kept>,
}

impl Fetching<'_> {
    /// Bytes with a digest: kept ones that have it, else those that are asked for.
    fn bytes(
        &self,
        wanted: &str,
        server: &Server,
        ask: impl FnOnce() -> Result<Vec<u8>, Fault>,
    ) -> Result<Vec<u8>, Fault> {
        let repository = format!("{}/{}", self.reference.host, self.reference.repository);
        let kept = self.kept.and_then(|kept| kept.find(&repository, wanted));
        if let Some(data) = kept.filter(|data| digest::verify(data, wanted, server).is_ok()) {
            return Ok(data);
        }
        let data = ask()?;
        digest::verify(&data, wanted, server)?;
        if let Some(kept) = self.kept {
            kept.keep(&repository, wanted, &data);
        }
        Ok(data)
    }
}

impl Registry {
    fn files(&self, fetching: &Fetching<'_>) -> Result<BTreeMap<String, Arc<[u8]>>, Fault> {
        let mut files = BTreeMap::new();
        for layer in self.layers(fetching)? {
            let path = layer.annotations.get(TITLE).cloned().unwrap_or_default();
            files.insert(path, self.layer(fetching, &layer)?.into());
        }
        Ok(files)
    }

    /// The layers that a manifest names, all of which are files.
    fn layers(&self, fetching: &Fetching<'_>) -> Result<Vec<Layer>, Fault> {
        let server = || self.connection.server();
        let malformed =
            |reason: &str| Fault::Malformed { server: server(), expected: "a policy", reason: reason.to_owned() };
        let Reference { repository, digest, .. } = fetching.reference;
        let manifest = fetching.bytes(digest, &server(), || {
            let url = self.connection.url(&format!("{repository}/manifests/{digest}"));
            let answer = self.connection.ask(repository, &Ask::get(&url, ACCEPTED, MANIFEST_LIMIT))?;
            if self.presence(&answer)? != Presence::Here {
                return Err(Fault::Lost { server: server(), expected: "the policy" });
            }
            Ok(answer.body)
        })?;
        let manifest: ArtifactManifest =
            serde_json::from_slice(&manifest).map_err(|_| malformed("its manifest is not the JSON of one"))?;
        if manifest.manifests.is_some() {
            return Err(malformed("it is an index of several artifacts"));
        }
        let layers = manifest.layers.ok_or_else(|| malformed("its manifest has no layers"))?;
        let limit = |limit, unit| Fault::TooLarge { server: server(), limit, unit };
        if layers.len() > MOST {
            return Err(limit(MOST as u64, "files"));
        }
        if layers.iter().fold(0_u64, |sum, layer| sum.saturating_add(layer.size)) > TOTAL {
            return Err(limit(TOTAL, "bytes"));
        }
        for layer in &layers {
            let title = layer.annotations.get(TITLE).map_or("", String::as_str);
            if layer.annotations.contains_key(PACKED) {
                return Err(malformed("it holds a packed folder, and files are pushed one by one"));
            }
            if !PATH.is_match(title) || !is_digest(&layer.digest) {
                return Err(malformed("a layer of it is no file with a path of its own"));
            }
        }
        Ok(layers)
    }

    fn layer(&self, fetching: &Fetching<'_>, layer: &Layer) -> Result<Vec<u8>, Fault> {
        let server = || self.connection.server();
        if layer.size > FILE_LIMIT {
            return Err(Fault::TooLarge { server: server(), limit: FILE_LIMIT, unit: "bytes in a file" });
        }
        let repository = &fetching.reference.repository;
        fetching.bytes(&layer.digest, &server(), || {
            let url = self.connection.url(&format!("{repository}/blobs/{}", layer.digest));
            let answer = self.connection.ask(repository, &Ask::get(&url, "*/*", layer.size))?;
            match answer.status.as_u16() {
                200 => Ok(answer.body),
                404 => Err(Fault::Lost { server: server(), expected: "a file of the policy" }),
                _ => Err(self.connection.refusal(&answer)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DIGEST: &str = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    #[test]
    fn an_artifact_is_named_by_its_digest() {
        let parse = |text: &str| Reference::parse(&text.replace('D', DIGEST)).map(|reference| reference.to_string());
        let plain = format!("oci://ghcr.io/acme/policy@{DIGEST}");
        for text in ["oci://ghcr.io/acme/policy@D", "oci://ghcr.io/acme/policy:1.2@D"] {
            assert_eq!(parse(text).as_ref(), Ok(&plain), "{text}");
        }
        assert!(parse("oci://127.0.0.1:5000/p@D").is_ok());
        for text in ["oci://ghcr.io/acme/policy", "oci://ghcr.io/acme/policy:1", "oci://ghcr.io/a@sha256:abc"] {
            assert_eq!(parse(text), Err(Unfit::Digest), "{text}");
        }
        for text in ["oci://ghcr.io", "https://ghcr.io/a@D", "oci://ann:x@ghcr.io/a@D", "oci:///a@D", "oci://h/:1@D"] {
            assert_eq!(parse(text), Err(Unfit::Address), "{text}");
        }
    }

    #[test]
    fn a_file_of_an_artifact_stays_in_its_folder() {
        for path in ["chartgate.yaml", ".chartgate.yaml", "rules/a.yaml", "a/b/..c"] {
            assert!(PATH.is_match(path), "{path}");
        }
        for path in ["", "/a", "../a", "a/../b", "a//b", "a/", ".", "a\\b", "a\nb", "./a"] {
            assert!(!PATH.is_match(path), "{path:?}");
        }
    }
}
