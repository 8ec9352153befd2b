//! Container images in a registry: the digest of what a tag or digest names, and what it runs on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::target::is_tag;
use super::{MANIFEST_LIMIT, Network, Presence, Registry, manifest, said_digest};
use crate::finding::Failure;
use crate::network::digest::{self, is_digest};
use crate::network::fault::Fault;
use crate::network::http::Ask;

/// An image, or an index of images, as a registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `sha256:…`
    pub digest: String,
    /// `linux/amd64`, say, of each image of an index; empty where it is one image, whose manifest does not say.
    pub platforms: Vec<String>,
}

/// An image to ask for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Wanted {
    /// `host[:port]`.
    pub host: String,
    /// The path below it.
    pub repository: String,
    /// A tag or a digest.
    pub reference: String,
}

/// What a registry answers; none where it says that it has no such image.
pub type Found = Result<Option<Image>, Box<Failure>>;

/// Requests that are under way at a time.
const AT_ONCE: usize = 16;

#[derive(Deserialize)]
struct Index {
    #[serde(default)]
    manifests: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    platform: Option<Platform>,
}

#[derive(Deserialize)]
struct Platform {
    os: String,
    architecture: String,
    variant: Option<String>,
}

impl Registry {
    fn image(&self, wanted: &Wanted) -> Result<Option<Image>, Fault> {
        let Wanted { repository, reference, .. } = wanted;
        if !(is_tag(reference) || is_digest(reference)) {
            return Ok(None);
        }
        let url = self.connection.url(&format!("{repository}/manifests/{reference}"));
        let answer = self.connection.ask(repository, &Ask::get(&url, manifest::ACCEPTED, MANIFEST_LIMIT))?;
        if self.presence(&answer)? != Presence::Here {
            return Ok(None);
        }
        let server = self.connection.server();
        let pinned = said_digest(&answer).or_else(|| Some(reference.as_str()).filter(|text| is_digest(text)));
        if let Some(said) = pinned {
            digest::verify(&answer.body, said, &server)?;
        }
        let digest = pinned.map_or_else(|| of_content(&answer.body), str::to_owned);
        let malformed = |_| Fault::Malformed {
            server: server.clone(),
            expected: "a manifest",
            reason: "it is not the JSON of one".to_owned(),
        };
        let index: Index = serde_json::from_slice(&answer.body).map_err(malformed)?;
        Ok(Some(Image { digest, platforms: platforms(index) }))
    }
}

fn of_content(body: &[u8]) -> String {
    Sha256::digest(body).iter().fold("sha256:".to_owned(), |hex, byte| format!("{hex}{byte:02x}"))
}

/// The platforms of an index; what is attached to images, as provenance is, has none.
fn platforms(index: Index) -> Vec<String> {
    let of = |platform: Platform| {
        let variant = platform.variant.map(|variant| format!("/{variant}")).unwrap_or_default();
        format!("{}/{}{variant}", platform.os, platform.architecture)
    };
    let all =
        index.manifests.into_iter().filter_map(|entry| entry.platform).filter(|platform| platform.os != "unknown");
    all.map(of).collect::<BTreeSet<_>>().into_iter().collect()
}

/// What registries say of images, asked side by side; one answer for each, in their order.
pub fn images(network: &Arc<Network>, wanted: &[Wanted]) -> Vec<Found> {
    let mut registries: BTreeMap<&str, Result<Registry, Box<Failure>>> = BTreeMap::new();
    for image in wanted {
        let registry = || Registry::new(&format!("oci://{}", image.host), None, network);
        registries.entry(&image.host).or_insert_with(registry);
    }
    let ask = |image: &Wanted| match &registries[image.host.as_str()] {
        Err(failure) => Err(failure.clone()),
        Ok(registry) => {
            let separator = if is_digest(&image.reference) { '@' } else { ':' };
            let place = format!("{}/{}{separator}{}", image.host, image.repository, image.reference);
            registry.image(image).map_err(|fault| registry.failure(&fault, &place))
        }
    };
    let (next, found) = (AtomicUsize::new(0), Mutex::new(BTreeMap::new()));
    thread::scope(|scope| {
        for _ in 0..AT_ONCE.min(wanted.len()) {
            scope.spawn(|| {
                while let Some((index, image)) =
                    Some(next.fetch_add(1, Ordering::Relaxed)).and_then(|at| Some((at, wanted.get(at)?)))
                {
                    let answer = ask(image);
                    found.lock().unwrap_or_else(PoisonError::into_inner).insert(index, answer);
                }
            });
        }
    });
    found.into_inner().unwrap_or_else(PoisonError::into_inner).into_values().collect()
}
