//! `image-digest-stale`: since the last release an image has another tag and the same digest, or the other way round.

use crate::finding::Label;
use crate::rule::{Context, Findings, Pin, pins};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(since) = context.since else { return };
    for now in pins(context.chart).into_iter().filter(|now| !now.is_by_app_version || is_printed(context, now)) {
        let is_it = |before: &&Pin| {
            (&before.file, &before.block, before.is_by_app_version) == (&now.file, &now.block, now.is_by_app_version)
        };
        let Some(before) = since.pins.iter().find(is_it) else { continue };
        let [tag, digest] = now.at;
        let (place, other, problem, help) = match (before.tag == now.tag, before.digest == now.digest) {
            (false, true) => (
                tag,
                digest,
                format!("the tag went from `{}` to `{}`, and the digest stayed", before.tag, now.tag),
                format!("set the digest of `{}`: it is the digest that runs", now.tag),
            ),
            (true, false) => (
                digest,
                tag,
                format!("the digest is another, and the tag is `{}` as it was", now.tag),
                "set the tag that the digest has, or say in `changes` that the image was built anew".to_owned(),
            ),
            _ => continue,
        };
        let block = now.block.to_string();
        let args = [("block", block.as_str()), ("problem", &problem), ("baseline", &since.baseline)];
        let reported = findings.report(Label::new(place, ""), format!("{} {block}", now.file), &args).help(help);
        if other != place {
            reported.related(Label::new(other, "unchanged"));
        }
    }
}

/// Whether an image is printed with just this tag and this digest.
fn is_printed(context: &Context<'_>, pin: &Pin) -> bool {
    let mut images = context.profiles.iter().flat_map(|view| &view.images);
    images.any(|used| used.tag_at == Some(pin.at[0]) && used.digest_at == Some(pin.at[1]))
}
