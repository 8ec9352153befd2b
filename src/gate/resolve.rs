//! What registries say of images: one request for each, whatever runs it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::Session;
use super::plan::{Plan, Planned};
use super::trust::ImageHosts;
use crate::finding::Failure;
use crate::image::{self, ImageRef};
use crate::network::oci::image::{Depth, Found, Wanted, images};
use crate::network::{Network, Trust};
use crate::rule::{ProfileView, Registered};
use crate::text::Sources;

impl Session {
    /// What registries say of images: by their digest where they have one, else by their tag. Credentials are those of the surroundings, for the
    /// registries that are trusted.
    pub fn resolve(&self, trust: &Trust, wanted: &BTreeSet<ImageRef>, depth: Depth) -> BTreeMap<ImageRef, Found> {
        ask(&self.network().trusting(trust.clone()), wanted, depth)
    }
}

fn ask(network: &Arc<Network>, wanted: &BTreeSet<ImageRef>, depth: Depth) -> BTreeMap<ImageRef, Found> {
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
    wanted.iter().cloned().zip(images(network, &asked, depth)).collect()
}

/// The way to the registries that know images.
#[derive(Clone, Copy)]
pub(super) struct Registries<'a> {
    pub plan: &'a Plan<'a>,
    pub answers: &'a Answers,
    pub hosts: &'a ImageHosts,
}

impl Registries<'_> {
    /// What is registered of the images that a chart would run under some profiles, and what could not be asked.
    pub(super) fn of(&self, planned: &Planned, views: &[ProfileView], sources: &Sources) -> (Registered, Vec<Failure>) {
        let trust = self.hosts.trusted(self.plan, planned, views, sources);
        self.answers.of(views, &self.plan.network.trusting(trust))
    }
}

/// What registries have said in a run, so that no image is asked for twice by the same.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<BTreeMap<ImageAsked, Found>>);

/// An image, and who asked for it. What credentials let one chart see is no answer for another that is asked for as a stranger.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct ImageAsked {
    image: ImageRef,
    is_trusted: bool,
}

impl Answers {
    /// What is registered of the images that would run under some profiles, tests aside, and what could not be asked. An image with a
    /// digest is asked for by its tag as well.
    fn of(&self, views: &[ProfileView], network: &Arc<Network>) -> (Registered, Vec<Failure>) {
        let used = views.iter().flat_map(ProfileView::all_images);
        let whole = used.filter(|used| !used.is_test && image::problem(&used.written).is_none());
        let asked = |image: ImageRef| ImageAsked { is_trusted: network.trusts_host(&image.home().0), image };
        let wanted: BTreeSet<ImageAsked> = whole.flat_map(|used| Registered::names(&used.image)).map(asked).collect();
        // One chart after the other: what the first asks for, the next may run too.
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let open = wanted.iter().filter(|asked| !known.contains_key(asked)).map(|asked| asked.image.clone()).collect();
        known.extend(ask(network, &open, Depth::Platforms).into_iter().map(|(image, found)| (asked(image), found)));
        let (mut registered, mut failures) = (Registered::default(), vec![]);
        for asked in wanted {
            match &known[&asked] {
                Ok(found) => registered.add(asked.image, found.clone()),
                Err(failure) => failures.push((**failure).clone()),
            }
        }
        (registered, failures)
    }
}
