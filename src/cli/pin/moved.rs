//! Which of the digests that are pinned their tags no longer name: in what runs, and in what `artifacthub.io/images` shows.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::ImageUse;
use crate::gate::Survey;
use crate::image::ImageRef;
use crate::network::oci::image::Image;
use crate::text::{Location, Sources};

/// What is pinned, and where Artifact Hub is told of it; nowhere for what only runs.
pub(super) struct Pinned(BTreeMap<ImageRef, Places>);

#[derive(Default)]
struct Places {
    runs: bool,
    listed: BTreeSet<Location>,
}

impl Pinned {
    /// The images with whole digests among those that run, and among the annotations of the charts where those are asked for.
    pub(super) fn of(uses: &[&ImageUse], listing: Option<&Survey>) -> Self {
        let mut all: BTreeMap<ImageRef, Places> = BTreeMap::new();
        for used in uses.iter().filter(|used| used.image.has_valid_digest()) {
            all.entry(used.image.clone()).or_default().runs = true;
        }
        let listed = listing.iter().flat_map(|survey| &survey.charts).flat_map(|chart| &chart.annotated);
        for (image, at) in listed.filter(|(image, _)| image.has_valid_digest()) {
            all.entry(image.clone()).or_default().listed.insert(*at);
        }
        Self(all)
    }

    /// What has to be asked of registries: each image by its digest, and by its tag where it has one.
    pub(super) fn asked(&self) -> BTreeSet<ImageRef> {
        let by_tag = self.0.keys().filter(|image| !image.tag.is_empty()).map(tagged);
        self.0.keys().map(untagged).chain(by_tag).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is wrong with each that is, in words.
    pub(super) fn wrong(&self, found: &BTreeMap<ImageRef, Option<Image>>, sources: &Sources) -> Vec<String> {
        let mut said = vec![];
        for (image, places) in &self.0 {
            let Some(wrong) = wrong(image, found) else { continue };
            if places.runs {
                said.push(wrong.clone());
            }
            let listed = places.listed.iter().map(|at| sources.seen(*at));
            said.extend(listed.map(|place| format!("{place}: {wrong} (in `artifacthub.io/images`)")));
        }
        said
    }

    /// How many are wrong.
    pub(super) fn count(&self, found: &BTreeMap<ImageRef, Option<Image>>) -> usize {
        self.0.keys().filter(|image| wrong(image, found).is_some()).count()
    }
}

fn tagged(image: &ImageRef) -> ImageRef {
    ImageRef { digest: String::new(), ..image.clone() }
}

fn untagged(image: &ImageRef) -> ImageRef {
    ImageRef { tag: String::new(), ..image.clone() }
}

fn wrong(image: &ImageRef, found: &BTreeMap<ImageRef, Option<Image>>) -> Option<String> {
    let is_there = found.get(&untagged(image)).is_some_and(Option::is_some);
    let by_tag = found.get(&tagged(image)).filter(|_| !image.tag.is_empty());
    match by_tag {
        _ if !is_there => Some(format!("`{image}` is not in its registry")),
        Some(None) => Some(format!("the tag of `{image}` is not in its registry")),
        Some(Some(now)) if now.digest != image.digest => {
            Some(format!("the tag of `{image}` names `{}` now", now.digest))
        }
        _ => None,
    }
}
