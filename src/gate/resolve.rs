//! What registries say of images: one request for each, whatever runs it.

use std::collections::{BTreeMap, BTreeSet};

use super::Session;
use crate::image::ImageRef;
use crate::network::oci::image::{Found, Wanted, images};

impl Session {
    /// What registries say of images: by their digest where they have one, else by their tag. Credentials are those of the
    /// surroundings.
    pub fn resolve(&self, wanted: &BTreeSet<ImageRef>) -> BTreeMap<ImageRef, Found> {
        let ask = |image: &ImageRef| {
            let (host, repository) = image.home();
            let reference = match (image.digest.as_str(), image.tag.as_str()) {
                ("", "") => "latest",
                ("", tag) => tag,
                (digest, _) => digest,
            };
            Wanted { host, repository, reference: reference.to_owned() }
        };
        let asked: Vec<Wanted> = wanted.iter().map(ask).collect();
        wanted.iter().cloned().zip(images(&self.network(), &asked)).collect()
    }
}
