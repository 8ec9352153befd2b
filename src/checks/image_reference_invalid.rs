//! `image-reference-invalid`: what a container names as its image is no image reference.

use crate::extract::ImageUse;
use crate::finding::Label;
use crate::image;
use crate::rule::{Context, Findings};
use crate::text::{Location, Sources};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        // Variables and fields count as images only where they read as one.
        for used in view.images.iter().filter(|used| used.place.is_pulled()) {
            let Some(problem) = image::problem(&used.written) else { continue };
            let args = [("image", &*used.written), ("owner", &*used.owner), ("problem", problem)];
            let subject = format!("{} {}", used.path, used.owner);
            let place = culprit(used, context.sources);
            let mut reported = findings.report(Label::new(place, ""), subject, &args);
            for label in used.related().into_iter().filter(|label| label.location != place) {
                reported = reported.related(label);
            }
            reported.profile(&view.profile.name);
        }
    }
}

/// The value that spoils the reference: one that its name was made from, else its tag's.
fn culprit(used: &ImageUse, sources: &Sources) -> Location {
    let name = used.image.name();
    let is_named_by = |place: &&Location| {
        let source = sources.get(place.source);
        let written = source.slice(place.span).trim_matches(['"', '\'']);
        !written.is_empty() && name.contains(written)
    };
    let of_name = used.set_by.iter().find(is_named_by).copied().filter(|_| image::problem(&name).is_some());
    of_name.or(used.tag_at).unwrap_or(used.at)
}
