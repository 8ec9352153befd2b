//! `image-digest-inherited`: values set an image's tag and leave it the digest of the values below, which is another image's.

use crate::chart::Chart;
use crate::extract::{Cause, ImageUse};
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for used in view.images.iter().filter(|used| !used.image.digest.is_empty() && !used.image.tag.is_empty()) {
            let (Some(tag), Some(digest)) = (used.tag_at, used.digest_at) else { continue };
            // A mirror sets the repository alone, and the digest stays right.
            if rank(context.chart, view, digest) < rank(context.chart, view, tag) && is_other_tag(context, used) {
                report(used, view, tag, digest, findings);
            }
        }
    }
}

/// How late the file of a value is laid over the others: sub-charts, the chart itself, then the profile's files.
fn rank(chart: &Chart, view: &ProfileView, place: Location) -> usize {
    let file = view.profile.values.iter().position(|root| root.location.source == place.source);
    let is_own = chart.values.as_ref().is_some_and(|values| values.source == place.source);
    match file {
        Some(index) => index + 2,
        None if is_own => 1,
        // What `--set` and the like say comes last.
        None if is_set(view, place) => usize::MAX,
        None => 0,
    }
}

/// Whether a value stands in a setting of the profile.
fn is_set(view: &ProfileView, place: Location) -> bool {
    view.profile.set.iter().any(|setting| setting.at.is_some_and(|at| at.source == place.source))
}

/// Whether the tag is another than the one it took the place of, or than appVersion where there was none.
fn is_other_tag(context: &Context<'_>, used: &ImageUse) -> bool {
    let written = |place: &Location| {
        let source = context.sources.get(place.source);
        source.slice(place.span).trim_matches(['"', '\'']).to_owned()
    };
    let before: Vec<String> = used.tag_over.iter().map(written).filter(|tag| !tag.is_empty()).collect();
    if before.is_empty() {
        let app_version = context.chart.app_version().unwrap_or_default();
        return !app_version.is_empty()
            && used.image.tag.trim_start_matches('v') != app_version.trim_start_matches('v');
    }
    let is_it = |text: &String| {
        text.strip_suffix(&*used.image.tag).is_some_and(|before| before.is_empty() || before.ends_with([':', '=']))
    };
    !before.iter().any(is_it)
}

fn report(used: &ImageUse, view: &ProfileView, tag: Location, digest: Location, findings: &mut Findings<'_>) {
    let (name, profile) = (used.image.name(), view.profile.name.as_str());
    let args = [("image", &*name), ("tag", &*used.image.tag), ("profile", profile)];
    let subject = format!("{} {name}", used.path);
    findings
        .report(Label::new(tag, ""), subject, &args)
        .related(Label::new(digest, "the digest that counts"))
        .help(help(used))
        .profile(profile);
}

fn help(used: &ImageUse) -> String {
    let (path, tag) = (&used.path, &used.image.tag);
    match used.cause {
        Cause::Whole => format!("set the digest of `{tag}` in the same values as `{path}`"),
        _ => format!("set `{path}` beside the tag to the digest of `{tag}`"),
    }
}
