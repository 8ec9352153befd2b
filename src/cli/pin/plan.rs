//! What `chartgate pin` would write, and what is wrong with it once all is written.

use std::collections::{BTreeMap, BTreeSet};

use crate::extract::{ImageUse, object};
use crate::finding::Fix;
use crate::fix::pin;
use crate::gate::Survey;
use crate::image::ImageRef;
use crate::network::oci::image::Image;
use crate::rule::ProfileView;
use crate::text::Sources;
use crate::yaml::{KeyPath, Node, Value};

/// A fix with the image it pins and the digest it should have then.
pub(super) struct Planned {
    pub(super) image: ImageRef,
    pub(super) digest: String,
    pub(super) fix: Fix,
    /// The fix that writes the digits alone, where the template may want those.
    pub(super) bare: Option<Fix>,
    /// Whether a value is the digest's own, so that nothing else was ever made of it.
    pub(super) has_own: bool,
    /// Why the whole digest is not wanted, where the digits are tried.
    pub(super) refused: Option<String>,
    /// Whether it is an entry of `artifacthub.io/images`, which no template reads.
    pub(super) is_listed: bool,
}

/// The fixes, each once, and what has to be pinned by hand.
pub(super) fn planned(
    open: &[&ImageUse],
    digests: &BTreeMap<ImageRef, Option<Image>>,
    sources: &Sources,
) -> (Vec<Planned>, Vec<String>) {
    let (mut all, mut left): (Vec<Planned>, Vec<String>) = (vec![], vec![]);
    for used in open {
        let Some(Some(found)) = digests.get(&used.image) else { continue };
        match pin::fix(used, &found.digest, sources) {
            Ok(fix) => {
                let place =
                    |fix: &Fix| sources.path(fix.edits[0].location) + &format!("{:?}", fix.edits[0].location.span);
                if !all
                    .iter()
                    .any(|known| place(&known.fix) == place(&fix) && known.fix.edits[0].content == fix.edits[0].content)
                {
                    let bare = pin::bare(used, &found.digest, sources);
                    all.push(Planned {
                        image: used.image.clone(),
                        digest: found.digest.clone(),
                        has_own: bare.is_some(),
                        bare,
                        fix,
                        refused: None,
                        is_listed: false,
                    });
                }
            }
            Err(help) => left.push(format!("`{}`: {help}", used.image)),
        }
    }
    let (all, double): (Vec<_>, Vec<_>) = apart(all);
    left.extend(double.into_iter().map(|(pinned, other)| {
        let place = sources.seen(pinned.fix.edits[0].location);
        format!(
            "`{}`: its digest and that of `{other}` would both go to {place}; give each a tag of its own",
            pinned.image
        )
    }));
    left.sort();
    left.dedup();
    (all, left)
}

/// The pins without those that write another's line, each of these with the other's image.
fn apart(all: Vec<Planned>) -> (Vec<Planned>, Vec<(Planned, ImageRef)>) {
    let written = |pin: &Planned| {
        let edit = &pin.fix.edits[0];
        (edit.location, edit.content.replace(&pin.digest, ""))
    };
    let lines: Vec<_> = all.iter().map(|pin| (written(pin), pin.image.clone(), pin.digest.clone())).collect();
    let (mut single, mut double) = (vec![], vec![]);
    for pin in all {
        let own = written(&pin);
        match lines.iter().find(|(line, _, digest)| *line == own && *digest != pin.digest) {
            Some((_, other, _)) => double.push((pin, other.clone())),
            None => single.push(pin),
        }
    }
    (single, double)
}

/// What is wrong with a pin once all are written.
pub(super) struct Wrong {
    pub(super) why: String,
    /// Whether the template may want the digest in its other form.
    pub(super) may_want_digits: bool,
    /// Whether nothing reads it.
    pub(super) is_unread: bool,
}

impl Wrong {
    pub(super) fn place(why: String) -> Self {
        Self { why, may_want_digits: false, is_unread: false }
    }

    pub(super) fn unrendered(pinned: &Planned, why: &str) -> Self {
        Self { why: format!("`{}`: {why}", pinned.image), may_want_digits: true, is_unread: false }
    }

    fn unread(pinned: &Planned) -> Self {
        let why = format!("`{}`: no template reads a digest there", pinned.image);
        Self { why, may_want_digits: true, is_unread: true }
    }
}

/// What is wrong: no template reads the pin, another image got its digest, or something that is no image did.
pub(super) fn wrong(
    pinned: &Planned,
    before: &Survey,
    after: &Survey,
    digests: &BTreeMap<ImageRef, Option<Image>>,
) -> Option<Wrong> {
    let images = |survey: &'_ Survey| -> Vec<(String, ImageRef)> {
        let views = survey.charts.iter().flat_map(|chart| &chart.views);
        let of_view = |view: &ProfileView| {
            view.all_images()
                .into_iter()
                .map(|used| (view.profile.name.clone(), used.image.clone()))
                .collect::<Vec<_>>()
        };
        views.flat_map(of_view).collect()
    };
    if let Some((profile, place)) = elsewhere(pinned, after).difference(&elsewhere(pinned, before)).next() {
        return Some(Wrong::place(format!(
            "`{}`: its digest would stand at {place} too (profile `{profile}`), where the tag is printed; let the template read a digest of its own",
            pinned.image
        )));
    }
    let (before, after) = (images(before), images(after));
    let carries = |image: &ImageRef| image.digest == pinned.digest;
    // Digits without their algorithm, or behind it twice, are no digest.
    let digits = pinned.digest.rsplit(':').next().unwrap_or_default();
    let is_torn = |image: &ImageRef| !carries(image) && image.digest.ends_with(digits);
    if !after.iter().any(|(_, image)| carries(image) && image.name() == pinned.image.name())
        || after.iter().any(|found| is_torn(&found.1) && !before.contains(found))
    {
        return Some(Wrong::unread(pinned));
    }
    // A template may print the digest behind the tag, or in its place.
    let is_right = |image: &ImageRef| {
        let is_of = |asked: &ImageRef| asked.name() == image.name() && (image.tag.is_empty() || asked.tag == image.tag);
        let has_digest = |found: &Option<Image>| found.as_ref().is_some_and(|found| found.digest == image.digest);
        digests.iter().any(|(asked, found)| is_of(asked) && has_digest(found))
    };
    let new = after.iter().filter(|found| !before.contains(found));
    let stray = new.into_iter().find(|(_, image)| carries(image) && !is_right(image));
    stray.map(|(profile, image)| {
        Wrong::place(format!("`{}`: its digest would be that of `{image}` in profile `{profile}` too", pinned.image))
    })
}

/// Letters of a digest that no other text has: what is printed may be cut.
const TELLING: usize = 12;

/// Where manifests have a digest, or its beginning, in something that is no image: a label would be refused with it. Each with its profile.
fn elsewhere(pinned: &Planned, survey: &Survey) -> BTreeSet<(String, String)> {
    let digest = pinned.digest.rsplit(':').next().unwrap_or_default();
    let telling = &digest[..digest.len().min(TELLING)];
    let mut found = BTreeSet::new();
    for view in survey.charts.iter().flat_map(|chart| &chart.views) {
        let Some(Ok(rendered)) = &view.rendered else { continue };
        for object in rendered.objects() {
            let images: Vec<KeyPath> = object::images(object.root).into_iter().map(|found| found.path).collect();
            let mut paths = vec![];
            holding(object.root, &KeyPath::default(), telling, &mut paths);
            let places = paths.into_iter().filter(|path| !images.contains(path));
            found.extend(places.map(|path| (view.profile.name.clone(), format!("`{path}` of `{}`", object.label()))));
        }
    }
    found
}

/// The paths of texts that hold another.
fn holding(node: &Node, path: &KeyPath, text: &str, found: &mut Vec<KeyPath>) {
    match &node.value {
        Value::Map(mapping) => {
            for (key, entry) in mapping.effective() {
                holding(&entry.value, &path.key(&key), text, found);
            }
        }
        Value::Seq(items) => {
            for (index, item) in items.iter().enumerate() {
                holding(item, &path.index(index), text, found);
            }
        }
        Value::String(value) if !text.is_empty() && value.contains(text) => found.push(path.clone()),
        _ => {}
    }
}

/// Profiles under which a chart does not render: their images are not known.
pub(super) fn unrendered(survey: &Survey) -> Vec<String> {
    let views = survey.charts.iter().flat_map(|chart| chart.views.iter().map(move |view| (chart, view)));
    let failed = views.filter_map(|(chart, view)| {
        let error = view.rendered.as_ref()?.as_ref().err().filter(|_| view.profile.production)?;
        Some(format!("`{}` does not render under `{}`: {}", chart.path, view.profile.name, error.message))
    });
    failed.collect()
}
