//! `image-digest-shared`: one digest under two repositories, as happens where a digest was pasted into the wrong block.

use std::collections::BTreeMap;

use crate::extract::ImageUse;
use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        let mut first: BTreeMap<&str, &ImageUse> = BTreeMap::new();
        for used in view.images.iter().filter(|used| used.image.has_valid_digest()) {
            let known = *first.entry(&used.image.digest).or_insert(used);
            // The same image in a mirror has the same last name, and the same bytes.
            if last_name(known) == last_name(used) {
                continue;
            }
            let (name, other) = (used.image.name(), known.image.name());
            let args = [("image", &*name), ("other", &*other), ("owner", &*used.owner)];
            let mut reported = findings
                .report(Label::new(used.at, ""), format!("{} {name} {other}", used.subject()), &args)
                .related(Label::new(known.at, format!("the digest of `{other}`")));
            for label in used.related() {
                reported = reported.related(label);
            }
            reported.profile(&view.profile.name);
        }
    }
}

fn last_name(used: &ImageUse) -> &str {
    used.image.repository.rsplit('/').next().unwrap_or("")
}
