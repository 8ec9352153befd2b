//! `app-version-mismatch`: the release's main image is tagged with the chart's appVersion.

use crate::extract::ImageUse;
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(app_version) = metadata.root().get("appVersion").and_then(Node::helm_text) else { return };
    let all = context.params.string("profiles") == "all";
    let allows_suffix = context.params.string("suffix") == "allow";
    let name = context.chart.name().unwrap_or_default();
    let views = context.profiles.iter().filter(|view| all || view.profile.name == "default");
    for view in views {
        let wanted = context.params.string("image");
        for used in main_images(view, wanted, name)
            .into_iter()
            .filter(|used| used.image.digest.is_empty() || !used.image.tag.is_empty())
        {
            if !is_aligned(&used.image.tag, &app_version, allows_suffix) {
                report(used, view, &app_version, metadata.place("appVersion"), findings);
            }
        }
    }
}

/// The images that the parameter names, by repository or key path; else the root block; else those named as the chart.
fn main_images<'a>(view: &'a ProfileView, wanted: &str, chart: &str) -> Vec<&'a ImageUse> {
    let images = || view.images.iter();
    if !wanted.is_empty() {
        let is_wanted = |used: &&ImageUse| {
            let path = used.path.to_string();
            let block = path.strip_suffix(".digest").unwrap_or(&path);
            used.image.name() == wanted || used.image.repository == wanted || path == wanted || block == wanted
        };
        return images().filter(is_wanted).collect();
    }
    let root: Vec<_> = images().filter(|used| used.main).collect();
    if !root.is_empty() {
        return root;
    }
    images().filter(|used| used.image.repository.rsplit('/').next() == Some(chart)).collect()
}

/// Whether a tag is the version: none at all, equal but for one leading `v`, or the version with a build suffix.
fn is_aligned(tag: &str, app_version: &str, allows_suffix: bool) -> bool {
    let bare = |text: &'_ str| -> String { text.strip_prefix('v').unwrap_or(text).to_owned() };
    let (tag, version) = (bare(tag), bare(app_version));
    let suffix = tag.strip_prefix(&version);
    tag.is_empty() || suffix.is_some_and(|rest| rest.is_empty() || (allows_suffix && rest.starts_with('-')))
}

fn report(used: &ImageUse, view: &ProfileView, app_version: &str, place: Location, findings: &mut Findings<'_>) {
    let image = used.image.name();
    let args = [("image", &*image), ("tag", &*used.image.tag), ("app_version", app_version)];
    let label = Label::new(used.tag_at.unwrap_or(used.at), "");
    let subject = format!("{} {image}", used.path);
    let mut reported = findings.report(label, subject, &args);
    reported = reported.related(Label::new(place, format!("appVersion is `{app_version}`")));
    if let Some(template) = used.template.filter(|template| *template != used.at) {
        reported = reported.related(Label::new(template, "the template that names it"));
    }
    reported.profile(&view.profile.name);
}

#[cfg(test)]
mod tests {
    use super::is_aligned;

    #[test]
    fn a_tag_may_lack_or_have_a_v_and_a_build_suffix() {
        for (tag, version, expected) in [
            ("", "1.2.3", true),
            ("1.2.3", "1.2.3", true),
            ("v1.2.3", "1.2.3", true),
            ("1.2.3", "v1.2.3", true),
            ("1.2.3-alpine", "v1.2.3", true),
            ("1.2.30", "1.2.3", false),
            ("vv1.2.3", "1.2.3", false),
            ("latest", "1.2.3", false),
            ("1.2.3_1", "1.2.3", false),
        ] {
            assert_eq!(is_aligned(tag, version, true), expected, "{tag} of {version}");
        }
        assert!(!is_aligned("1.2.3-alpine", "1.2.3", false));
    }
}
