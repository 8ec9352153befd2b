//! What registries have of the images that would run.

use std::collections::BTreeMap;

use crate::image::ImageRef;
use crate::network::oci::image::Image;

/// Images that registries were asked for, by tag or by digest; nothing is known of those that could not be asked.
#[derive(Debug, Clone, Default)]
pub struct Registered(BTreeMap<ImageRef, Option<Image>>);

impl Registered {
    /// The names by which an image is asked for: by its digest, and by its tag.
    pub fn names(image: &ImageRef) -> Vec<ImageRef> {
        let by_digest = ImageRef { tag: String::new(), ..image.clone() };
        let by_tag = ImageRef { digest: String::new(), ..image.clone() };
        match (image.digest.is_empty(), image.tag.is_empty()) {
            (true, _) => vec![by_tag],
            (false, true) => vec![by_digest],
            (false, false) => vec![by_digest, by_tag],
        }
    }

    /// Notes what a registry has under a name; none where it says that it has nothing.
    pub fn add(&mut self, name: ImageRef, found: Option<Image>) {
        self.0.insert(name, found);
    }

    /// What would be pulled for an image: by its digest where it has one. None where nobody knows.
    pub fn pulled(&self, image: &ImageRef) -> Option<Option<&Image>> {
        self.0.get(Self::names(image).first()?).map(Option::as_ref)
    }

    /// What the tag of an image with a digest names now. None where nobody knows, or it has no tag.
    pub fn tagged(&self, image: &ImageRef) -> Option<Option<&Image>> {
        self.0.get(Self::names(image).get(1)?).map(Option::as_ref)
    }
}
