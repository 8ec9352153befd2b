//! Container images in a registry: the digest of what a tag or digest names, what it runs on, and when it was built.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use manifest::{ImageConfig, ImageManifest};

use super::target::is_tag;
use super::{MANIFEST_LIMIT, Network, Presence, Registry, manifest::ACCEPTED, said_digest};
use crate::finding::Failure;
use crate::network::digest::{self, is_digest};
use crate::network::fault::Fault;
use crate::network::http::Ask;
use crate::network::purpose::Purpose;

mod manifest;

/// An image, or an index of images, as a registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// `sha256:…`
    pub digest: String,
    /// `linux/amd64`, say, of each image of an index; of one image where its configuration was asked for, and empty where it says nothing.
    pub platforms: Vec<String>,
    /// When it was built, as its configuration says; none where that was not asked for or does not say.
    pub created: Option<String>,
}

/// How much is asked of an image, each with what stands before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Depth {
    /// Its digest: one request.
    Digest,
    /// The platforms that it runs on: another request where it is one image.
    Platforms,
    /// When it was built: up to two more requests.
    Age,
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

impl Registry {
    fn image(&self, wanted: &Wanted, depth: Depth) -> Result<Option<Image>, Fault> {
        let Wanted { repository, reference, .. } = wanted;
        if !(is_tag(reference) || is_digest(reference)) {
            return Ok(None);
        }
        let Some((digest, manifest)) = self.image_manifest(repository, reference)? else { return Ok(None) };
        let mut image = Image { digest, platforms: manifest.platforms().into_iter().collect(), created: None };
        let is_index = !image.platforms.is_empty();
        if depth == Depth::Digest || is_index && depth == Depth::Platforms {
            return Ok(Some(image));
        }
        let own = match manifest.sample().filter(|_| is_index) {
            Some(digest) => self.image_manifest(repository, digest)?.map(|(_, manifest)| manifest),
            None => Some(manifest),
        };
        if let Some(config) = own.as_ref().and_then(ImageManifest::config) {
            let config = self.config(repository, config)?;
            if !is_index {
                image.platforms = config.platforms().into_iter().collect();
            }
            image.created = config.created;
        }
        Ok(Some(image))
    }

    /// A manifest with its digest; none where the registry says that it has none.
    fn image_manifest(&self, repository: &str, reference: &str) -> Result<Option<(String, ImageManifest)>, Fault> {
        let url = self.connection.url(&format!("{repository}/manifests/{reference}"));
        let answer = self.connection.ask(repository, &Ask::get(&url, ACCEPTED, MANIFEST_LIMIT))?;
        if self.presence(&answer)? != Presence::Here {
            return Ok(None);
        }
        let pinned = said_digest(&answer).or_else(|| Some(reference).filter(|text| is_digest(text)));
        if let Some(said) = pinned {
            digest::verify(&answer.body, said, &self.connection.server())?;
        }
        let digest = pinned.map_or_else(|| digest::of(&answer.body), str::to_owned);
        let manifest = serde_json::from_slice(&answer.body).map_err(|_| self.malformed("a manifest"))?;
        Ok(Some((digest, manifest)))
    }

    /// The configuration of an image. A registry that has the image and not this has half an image.
    fn config(&self, repository: &str, digest: &str) -> Result<ImageConfig, Fault> {
        if !is_digest(digest) {
            return Err(self.malformed("a manifest"));
        }
        let url = self.connection.url(&format!("{repository}/blobs/{digest}"));
        let answer = self.connection.ask(repository, &Ask::get(&url, "*/*", MANIFEST_LIMIT))?;
        match answer.status.as_u16() {
            200 => {}
            404 => return Err(Fault::Incomplete { server: self.connection.server() }),
            _ => return Err(self.connection.refusal(&answer)),
        }
        digest::verify(&answer.body, digest, &self.connection.server())?;
        serde_json::from_slice(&answer.body).map_err(|_| self.malformed("an image's configuration"))
    }

    fn malformed(&self, expected: &'static str) -> Fault {
        Fault::Malformed { server: self.connection.server(), expected, reason: "it is not the JSON of one".to_owned() }
    }
}

/// What registries say of images, asked side by side; one answer for each, in their order.
pub fn images(network: &Arc<Network>, wanted: &[Wanted], depth: Depth) -> Vec<Found> {
    let mut registries: BTreeMap<&str, Result<Registry, Box<Failure>>> = BTreeMap::new();
    for image in wanted {
        let registry = || Registry::new(&format!("oci://{}", image.host), None, network);
        let registry = || registry().map(|registry| registry.asked_for(Purpose::Image));
        registries.entry(&image.host).or_insert_with(registry);
    }
    let ask = |image: &Wanted| match &registries[image.host.as_str()] {
        Err(failure) => Err(failure.clone()),
        Ok(registry) => {
            let separator = if is_digest(&image.reference) { '@' } else { ':' };
            let place = format!("{}/{}{separator}{}", image.host, image.repository, image.reference);
            registry.image(image, depth).map_err(|fault| registry.failure(&fault, &place))
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
