//! `image-digest-malformed`: an image has a digest that no image can have.

use super::edits;
use crate::extract::ImageUse;
use crate::finding::{Fix, Label};
use crate::image::is_digest;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let is_malformed = |used: &&ImageUse| !used.image.digest.is_empty() && !is_digest(&used.image.digest);
        for used in view.images.iter().filter(is_malformed) {
            let args = [("digest", used.image.digest.as_str()), ("owner", &used.owner)];
            let subject = format!("{} {}", used.path, used.image);
            let mut reported = findings.report(Label::new(used.at, ""), subject, &args);
            for label in used.related() {
                reported = reported.related(label);
            }
            reported.fix(fix(context, used)).profile(&view.profile.name);
        }
    }
}

/// The digest in lower case, with its kind before it: what is missing besides, nobody can tell.
fn fix(context: &Context<'_>, used: &ImageUse) -> Option<Fix> {
    let written = used.image.digest.as_str();
    let lower = written.to_lowercase();
    let meant = if lower.contains(':') { lower } else { format!("sha256:{lower}") };
    let place = used.digest_at.filter(|_| is_digest(&meant))?;
    edits::word(context, place, (written, &meant), format!("write `{meant}`"))
}
