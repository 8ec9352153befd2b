//! `image-digest-missing`: in a production profile, what runs is named by its digest.

use crate::extract::spread::{self, Elsewhere};
use crate::extract::{Above, Cause, ImageUse};
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Sources;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles.iter().filter(|view| view.profile.production) {
        let judges_tests = context.params.string("tests") == "judged";
        // A malformed digest is another rule's.
        let lacking = view.images.iter().filter(|used| used.image.digest.is_empty());
        let lacking: Vec<&ImageUse> = lacking.filter(|used| judges_tests || !used.is_test).collect();
        let elsewhere = if lacking.is_empty() { vec![] } else { elsewhere(view, context.sources) };
        for used in lacking {
            let (image, profile) = (used.image.to_string(), view.profile.name.as_str());
            let args = [("image", &*image), ("owner", &*used.owner), ("profile", profile)];
            let subject = format!("{} {}", used.subject(), used.image.name());
            let mut reported = findings.report(Label::new(used.at, ""), subject, &args);
            for label in used.related() {
                reported = reported.related(label);
            }
            if let Some(place) = view.profile.found_at {
                reported = reported.related(Label::new(place, format!("profile `{profile}` is production")));
            }
            reported.help(help(used, &elsewhere, context.sources)).profile(profile);
        }
    }
}

/// What tags are besides in each rendering of a profile.
fn elsewhere<'r>(view: &'r ProfileView, sources: &'r Sources) -> Vec<Elsewhere<'r>> {
    let of_versions = view.versions.iter().map(|judged| &*judged.rendered);
    view.seen().into_iter().chain(of_versions).map(|rendered| Elsewhere::of(rendered, sources)).collect()
}

/// What to type; not what would bring the digest to other places too.
fn help(used: &ImageUse, renderings: &[Elsewhere<'_>], sources: &Sources) -> String {
    let elsewhere = renderings.iter().find_map(|rendering| rendering.of_image(used));
    if let Some(above) = &used.above {
        return from_above(used, above, elsewhere.as_deref(), sources);
    }
    match (elsewhere, spread::appended_to(used)) {
        (Some(words), Some(value)) => format!("let the template read a digest of its own: `{value}` {words}"),
        _ => used.digest_help(),
    }
}

/// What to type in the values of the chart, for an image of one that it is made with and that somebody else publishes.
fn from_above(used: &ImageUse, above: &Above, elsewhere: Option<&str>, sources: &Sources) -> String {
    let Above { name, values, .. } = above;
    let key = used.value_path();
    let text = match (used.cause, elsewhere) {
        (_, Some(words)) => {
            return format!("take a version of `{name}` that reads a digest of its own: `{key}` {words}");
        }
        (Cause::Override | Cause::Template, _) => {
            return format!("take a version of `{name}` that reads a digest from its values");
        }
        _ if spread::appended_to(used).is_some() => format!("{}@sha256:…", used.tail()),
        _ => used.digest_form().to_owned(),
    };
    let file = values.map_or_else(|| "values.yaml".to_owned(), |root| sources.seen_path(root.source));
    format!("set `{key}` to `{text}` in `{file}`")
}
