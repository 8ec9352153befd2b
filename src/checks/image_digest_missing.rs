//! `image-digest-missing`: in a production profile, what runs is named by its digest.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles.iter().filter(|view| view.profile.production) {
        let judges_tests = context.params.string("tests") == "judged";
        // A malformed digest is another rule's.
        let lacking = view.images.iter().filter(|used| used.image.digest.is_empty());
        for used in lacking.filter(|used| judges_tests || !used.is_test) {
            let (image, profile) = (used.image.to_string(), view.profile.name.as_str());
            let args = [("image", &*image), ("owner", &*used.owner), ("profile", profile)];
            let subject = format!("{} {}", used.path, used.image.name());
            let mut reported = findings.report(Label::new(used.at, ""), subject, &args);
            for label in used.related() {
                reported = reported.related(label);
            }
            if let Some(place) = view.profile.found_at {
                reported = reported.related(Label::new(place, format!("profile `{profile}` is production")));
            }
            reported.help(used.digest_help()).profile(profile);
        }
    }
}
