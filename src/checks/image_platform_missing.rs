//! `image-platform-missing`: an image is not built for a platform that it should run on.

use crate::finding::Label;
use crate::rule::{Context, Findings};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for used in view.images.iter().filter(|used| !used.is_test) {
            let Some(Some(found)) = context.registered.pulled(&used.image) else { continue };
            // An artifact that says nothing of platforms is none that runs.
            if found.platforms.is_empty() {
                continue;
            }
            let is_there = |wanted: &&str| found.platforms.iter().any(|platform| runs_on(platform, wanted));
            let missing: Vec<String> =
                context.params.strings("platforms").filter(|wanted| !is_there(wanted)).map(quoted).collect();
            if missing.is_empty() {
                continue;
            }
            let image = used.image.to_string();
            let has: Vec<String> = found.platforms.iter().map(|platform| quoted(platform)).collect();
            let (missing, has) = (missing.join(", "), has.join(", "));
            let args = [("image", image.as_str()), ("owner", &used.owner), ("missing", &missing), ("has", &has)];
            let subject = format!("{} {image}", used.subject());
            let mut reported = findings.report(Label::new(used.at, ""), subject, &args);
            for label in used.related() {
                reported = reported.related(label);
            }
            reported.profile(&view.profile.name);
        }
    }
}

/// Whether an image for a platform runs on one that is wanted, which may leave the variant open.
fn runs_on(platform: &str, wanted: &str) -> bool {
    platform == wanted || platform.strip_prefix(wanted).is_some_and(|variant| variant.starts_with('/'))
}

fn quoted(text: &str) -> String {
    format!("`{text}`")
}
