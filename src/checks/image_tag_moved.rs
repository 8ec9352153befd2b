//! `image-tag-moved`: the tag beside a digest names another image by now.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for used in view.images.iter().filter(|used| !used.is_test && used.image.has_valid_digest()) {
            let (problem, help) = match context.registered.tagged(&used.image) {
                Some(Some(now)) if now.digest != used.image.digest => {
                    let help = format!("set the digest to `{}` if the new image should run", now.digest);
                    (format!("names `{}` by now", now.digest), help)
                }
                Some(None) => {
                    ("is not in its registry any more".to_owned(), "set tag and digest of one image".to_owned())
                }
                _ => continue,
            };
            let image = used.image.to_string();
            let args = [("image", image.as_str()), ("problem", &problem)];
            let place = used.digest_at.unwrap_or(used.at);
            let mut reported = findings.report(Label::new(place, ""), format!("{} {image}", used.subject()), &args);
            for label in used.related().into_iter().filter(|label| label.location != place) {
                reported = reported.related(label);
            }
            reported.help(help).profile(&view.profile.name);
        }
    }
}
