//! `annotation-image-floating`: `artifacthub.io/images` lists an image by a tag that can move.

use super::annotated_images::{listed, pin};
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some((listed, _)) = listed(context) else { return };
    for entry in &listed {
        let (tag, digest) = pin(&entry.image);
        if digest.is_empty() && context.params.strings("tags").any(|floating| floating == tag) {
            findings.report(Label::new(entry.at, ""), entry.image.name(), &[("image", &entry.written)]);
        }
    }
}
