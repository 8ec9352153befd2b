//! `app-version-mismatch`: the release's main image is tagged with the chart's appVersion.

use crate::extract::ImageUse;
use crate::finding::Label;
use crate::rule::{Context, Findings, Params, ProfileView};
use crate::text::Location;
use crate::yaml::Node;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    let Some(metadata) = &context.chart.metadata else { return };
    let Some(app_version) = metadata.root().get("appVersion").and_then(Node::helm_text) else { return };
    let params = context.params;
    let all = params.string("profiles") == "all";
    let name = context.chart.name().unwrap_or_default();
    let views = context.profiles.iter().filter(|view| all || view.profile.name == "default");
    for view in views {
        let main = main_images(view, &app_version, params, name);
        if main.is_empty() && view.images.iter().any(|used| used.leads) {
            let reason = "none of the chart's images is known to be the main one; name it by its repository or key path in the \
                          parameter `image`";
            findings.skip(reason);
        }
        for used in main.into_iter().filter(|used| used.image.digest.is_empty() || !used.image.tag.is_empty()) {
            if !is_aligned(used, &app_version, params, name) {
                report(used, view, &app_version, metadata.place("appVersion"), findings);
            }
        }
    }
}

/// The images that the parameter names, by repository or key path; else those that the root block takes part in; else those named as
/// the chart; else the first that runs and is no companion of another.
fn main_images<'a>(view: &'a ProfileView, app_version: &str, params: &Params, chart: &str) -> Vec<&'a ImageUse> {
    let wanted = params.string("image");
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
    let named: Vec<_> = images().filter(|used| last_name(used) == chart).collect();
    if !named.is_empty() {
        return named;
    }
    let is_companion = |used: &&ImageUse| {
        let name = last_name(used);
        let is_its =
            |word: &str| name.strip_suffix(word).is_some_and(|rest| rest.is_empty() || rest.ends_with(['-', '_']));
        params.strings("companions").any(is_its)
    };
    let leading: Vec<_> = images().filter(|used| used.leads && !is_companion(used)).collect();
    // A guess is right where anything agrees with it.
    let agrees = |used: &&&ImageUse| is_aligned(used, app_version, params, chart);
    leading.iter().find(agrees).or(leading.first()).copied().into_iter().collect()
}

fn last_name(used: &ImageUse) -> &str {
    used.image.repository.rsplit('/').next().unwrap_or_default()
}

/// Whether a tag is the version: none at all, or the version between words that say nothing of it: `release-1.2.3-amd64`.
fn is_aligned(used: &ImageUse, app_version: &str, params: &Params, chart: &str) -> bool {
    let is_word = |word: &str| {
        let word = word.to_ascii_lowercase();
        params.strings("prefixes").any(|known| known == word) || word == chart || word == last_name(used)
    };
    // A tag has no `+`.
    let version = app_version.replace('+', "-");
    let (tag, version) =
        (bare(&used.image.tag.replace('_', "-"), &is_word), bare(&version.replace('_', "-"), &is_word));
    let allows_suffix = params.string("suffix") == "allow";
    let suffix = tag.strip_prefix(&version);
    is_equal(&tag, &version)
        || tag.is_empty()
        || suffix.is_some_and(|rest| rest.is_empty() || (allows_suffix && rest.starts_with('-')))
}

/// Whether two versions differ in zeros at their end alone: `1.29` and `1.29.0`.
fn is_equal(left: &str, right: &str) -> bool {
    let short = |text: &'_ str| -> String {
        let mut rest = text;
        while let Some(shorter) = rest.strip_suffix(".0") {
            rest = shorter;
        }
        rest.to_owned()
    };
    short(left) == short(right)
}

/// A version without the words before it, of which several may stand there: `release-v1.2.3` is `1.2.3`.
fn bare(text: &str, is_word: &dyn Fn(&str) -> bool) -> String {
    let mut rest = text;
    loop {
        // A word may hold dashes itself, as the chart's name.
        let cuts = rest.match_indices('-').map(|(at, _)| at);
        match cuts.filter(|at| is_word(&rest[..*at])).last() {
            Some(at) => rest = &rest[at + 1..],
            None => break,
        }
    }
    let glued = rest.find(|letter: char| letter.is_ascii_digit()).filter(|at| *at > 0 && is_word(&rest[..*at]));
    rest[glued.unwrap_or(0)..].to_owned()
}

fn report(used: &ImageUse, view: &ProfileView, app_version: &str, place: Location, findings: &mut Findings<'_>) {
    let image = used.image.name();
    let args = [("image", &*image), ("tag", &*used.image.tag), ("app_version", app_version)];
    let label = Label::new(used.tag_at.unwrap_or(used.at), "");
    let subject = format!("{} {image}", used.subject());
    let mut reported = findings.report(label, subject, &args);
    reported = reported.related(Label::new(place, format!("appVersion is `{app_version}`")));
    if let Some(template) = used.template.filter(|template| *template != used.at) {
        reported = reported.related(Label::new(template, "the template that names it"));
    }
    reported.profile(&view.profile.name);
}

#[cfg(test)]
mod tests {
    use super::bare;

    #[test]
    fn words_before_a_version_are_left_out() {
        let is_word = |word: &str| ["v", "release", "my-app"].contains(&word);
        for (text, expected) in [
            ("1.2.3", "1.2.3"),
            ("v1.2.3-alpine", "1.2.3-alpine"),
            ("release-v1.2.3", "1.2.3"),
            ("my-app-release-1.2.3", "1.2.3"),
            ("vv1.2.3", "vv1.2.3"),
            ("nightly-1.2.3", "nightly-1.2.3"),
            ("latest", "latest"),
        ] {
            assert_eq!(bare(text, &is_word), expected, "{text}");
        }
    }
}
