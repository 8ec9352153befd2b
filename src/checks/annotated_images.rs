//! What the rules on `artifacthub.io/images` share: what is listed, and what the chart renders with its default values.

use crate::artifacthub::Annotations;
use crate::extract::ImageUse;
use crate::extract::object::Place;
use crate::image::ImageRef;
use crate::rule::Context;
use crate::text::Location;

/// An entry of the annotation.
pub(super) struct Listed {
    pub(super) image: ImageRef,
    pub(super) written: String,
    pub(super) at: Location,
    /// Whether another text can be written there: in folded and quoted texts, places are those of the whole.
    pub(super) is_writable: bool,
}

/// The entries of the annotation, and the place of the whole; none where there is no such annotation.
pub(super) fn listed(context: &Context<'_>) -> Option<(Vec<Listed>, Location)> {
    let metadata = context.chart.metadata.as_ref()?;
    let annotations = Annotations::of(metadata, context.sources);
    let whole = annotations.get("images")?.entry.key.location;
    let is_writable = annotations.writable("images").is_some();
    let entry =
        |(written, at): (String, Location)| Listed { image: ImageRef::split(&written), written, at, is_writable };
    Some((annotations.images().into_iter().map(entry).collect(), whole))
}

/// The images that the chart runs with its default values, tests left out; none where it does not render with them.
pub(super) fn rendered<'a>(context: &Context<'a>) -> Option<Vec<&'a ImageUse>> {
    let view = context.profiles.iter().find(|view| view.profile.name == "default")?;
    view.rendered.as_ref()?.as_ref().ok()?;
    Some(view.images.iter().filter(|used| used.place <= Place::Volume && !used.is_test).collect())
}

/// The same for every Kubernetes version, with those that it names elsewhere: in variables, arguments and configuration.
pub(super) fn named<'a>(context: &Context<'a>) -> Option<Vec<&'a ImageUse>> {
    let view = context.profiles.iter().find(|view| view.profile.name == "default")?;
    view.rendered.as_ref()?.as_ref().ok()?;
    // What an upgrade runs counts beside the rest.
    if view.is_upgrade {
        return None;
    }
    Some(view.all_images().into_iter().filter(|used| !used.is_test).collect())
}

/// Registry and repository with the names that Docker fills in, so that `nginx` and `docker.io/library/nginx` are one.
pub(super) fn full_name(image: &ImageRef) -> String {
    let registry = match image.registry.as_str() {
        "" | "index.docker.io" | "registry-1.docker.io" => "docker.io",
        registry => registry,
    };
    let is_library = registry == "docker.io" && !image.repository.contains('/');
    let library = if is_library { "library/" } else { "" };
    format!("{registry}/{library}{}", image.repository)
}

/// Tag and digest, with Docker's default tag.
pub(super) fn pin(image: &ImageRef) -> (&str, &str) {
    let tag = if image.is_bare() { "latest" } else { &image.tag };
    (tag, &image.digest)
}

/// Whether two images of one repository are the same, as far as both say.
pub(super) fn is_same(left: &ImageRef, right: &ImageRef) -> bool {
    let ((left_tag, left_digest), (right_tag, right_digest)) = (pin(left), pin(right));
    if !left_digest.is_empty() && !right_digest.is_empty() {
        return left_digest == right_digest;
    }
    left_tag.is_empty() || right_tag.is_empty() || left_tag == right_tag
}
