//! `image-digest-malformed`: an image has a digest that no image can have.

use super::edits;
use crate::extract::ImageUse;
use crate::finding::{Fix, Label};
use crate::image::is_digest;
use crate::rule::{Context, Findings};
use crate::text::edit::Edit;
use crate::text::{Address, Location, Span};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let is_malformed = |used: &&ImageUse| !used.image.digest.is_empty() && !is_digest(&used.image.digest);
        for used in view.images.iter().filter(is_malformed) {
            let args = [("digest", used.image.digest.as_str()), ("owner", &used.owner)];
            let subject = format!("{} {}", used.subject(), used.image);
            let mut reported = findings.report(Label::new(used.at, ""), subject, &args);
            for label in used.related() {
                reported = reported.related(label);
            }
            reported.fix(fix(context, used)).profile(&view.profile.name);
        }
    }
}

/// The digest in lower case, with its kind before it and nothing around it: what is missing besides, nobody can tell. One that a tag has as well
/// goes there.
fn fix(context: &Context<'_>, used: &ImageUse) -> Option<Fix> {
    let written = used.image.digest.as_str();
    if let Some((tagged, own)) = written.split_once('@').filter(|(tagged, own)| tagged == own && is_digest(own)) {
        return untagged(context, used.tag_at?, tagged, own);
    }
    let lower = written.trim_start_matches('@').trim().to_lowercase();
    let meant = if lower.contains(':') { lower } else { format!("sha256:{lower}") };
    let place =
        used.digest_at.or(used.tag_at).or_else(|| used.set_by.iter().copied().find(|at| holds(context, *at, written)));
    let place = place.filter(|_| is_digest(&meant))?;
    let title = format!("write `{meant}`");
    edits::word(context, place, (written, &meant), title.as_str())
        .or_else(|| edits::part(context, place, (written, &meant), title))
}

fn holds(context: &Context<'_>, at: Location, text: &str) -> bool {
    context.sources.get(at.source).slice(at.span).contains(text)
}

/// A tag without the digest behind it.
fn untagged(context: &Context<'_>, at: Location, tagged: &str, own: &str) -> Option<Fix> {
    let source = context.sources.get(at.source);
    let behind = format!("@{tagged}");
    let start = source.slice(at.span).find(&behind)? + at.span.start as usize;
    let place = Location::new(at.source, Span::new(start, start + behind.len()));
    let is_file = source.address != Address::Rendered;
    is_file.then(|| Fix::safe(format!("leave `{own}` to the digest"), vec![Edit::replacement(place, "")]))
}
