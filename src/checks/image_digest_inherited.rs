//! `image-digest-inherited`: values set an image's tag and leave it the digest of the values below, which is another image's.

use super::layered::layered;
use crate::chart::Chart;
use crate::extract::{Cause, ImageUse};
use crate::finding::Label;
use crate::rule::{Context, Findings, ProfileView};
use crate::text::Location;
use crate::yaml::{KeyPath, Node, Step, Value};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for view in context.profiles {
        for used in view.images.iter().filter(|used| !used.image.digest.is_empty()) {
            let (Some(tag), Some(digest)) = (asked(context.chart, view, used), used.digest_at) else { continue };
            let ranks = (rank(context.chart, view, digest), rank(context.chart, view, tag.at));
            let is_below = matches!(ranks, (Some(below), Some(above)) if below < above);
            // A mirror sets the repository alone, and the digest stays right.
            if is_below && !tag.is_chosen_with(digest) && tag.is_other(context) {
                report(used, view, &tag, digest, findings);
            }
        }
    }
}

/// The tag that values ask for.
struct Tag {
    text: String,
    at: Location,
    /// What it took the place of, the strongest first.
    over: Vec<Location>,
}

/// The tag that an image has, or would have if its digest did not stand in the place of one.
fn asked(chart: &Chart, view: &ProfileView, used: &ImageUse) -> Option<Tag> {
    if !used.image.tag.is_empty() {
        return Some(Tag { text: used.image.tag.clone(), at: used.tag_at?, over: used.tag_over.clone() });
    }
    let (Step::Key(last), block) = used.path.0.split_last()? else { return None };
    let block = KeyPath(block.to_vec());
    let beside = ["tag", "version"].into_iter().filter(|_| matches!(last.as_str(), "digest" | "sha"));
    beside.map(|name| block.key(name)).find_map(|path| {
        let mut laid: Vec<(String, Location)> = layered(chart, view, &path)
            .into_iter()
            .filter_map(|node| Some((node.scalar_text().filter(|text| !text.is_empty())?.to_owned(), node.location)))
            .collect();
        let begin = format!("{path}=");
        laid.extend(
            view.profile.set.iter().filter_map(|set| Some((set.expression.strip_prefix(&begin)?.into(), set.at?))),
        );
        let (text, at) = laid.pop()?;
        Some(Tag { text, at, over: laid.into_iter().rev().map(|(_, at)| at).collect() })
    })
}

impl Tag {
    /// Whether one file says both, and the digest not beside another tag.
    fn is_chosen_with(&self, digest: Location) -> bool {
        self.at.source == digest.source && self.over.iter().all(|over| over.source != digest.source)
    }

    /// Whether it is another than the one it took the place of, or than appVersion where there was none.
    fn is_other(&self, context: &Context<'_>) -> bool {
        let written = |place: &Location| {
            let source = context.sources.get(place.source);
            source.slice(place.span).trim_matches(['"', '\'']).to_owned()
        };
        let before: Vec<String> = self.over.iter().map(written).filter(|tag| !tag.is_empty()).collect();
        if before.is_empty() {
            let app_version = context.chart.app_version().unwrap_or_default();
            return !app_version.is_empty() && self.text.trim_start_matches('v') != app_version.trim_start_matches('v');
        }
        let is_it = |text: &String| {
            text.strip_suffix(&*self.text).is_some_and(|before| before.is_empty() || before.ends_with([':', '=']))
        };
        !before.iter().any(is_it)
    }
}

/// How late a value is laid over the others: sub-charts, the chart itself, the profile's values in their order, then what `--set` and the
/// like say. Within values that were put together, what was there first comes before what was laid over it. None for a place that is none
/// of these.
fn rank(chart: &Chart, view: &ProfileView, place: Location) -> Option<(usize, bool)> {
    if view.profile.set.iter().any(|setting| setting.at == Some(place)) {
        return Some((usize::MAX, false));
    }
    let layers = &view.profile.values;
    if let Some(index) = layers.iter().rposition(|root| holds(root, place)) {
        return Some((index + 2, layers[index].location.source != place.source));
    }
    let is_of = |part: &Chart| part.values.as_ref().is_some_and(|values| values.source == place.source);
    if is_of(chart) {
        return Some((1, false));
    }
    chart.with_dependencies().into_iter().any(is_of).then_some((0, false))
}

/// Whether a value of a tree stands at a place.
fn holds(node: &Node, place: Location) -> bool {
    node.location == place
        || match &node.value {
            Value::Seq(items) => items.iter().any(|item| holds(item, place)),
            Value::Map(mapping) => mapping.entries().iter().any(|entry| holds(&entry.value, place)),
            _ => false,
        }
}

fn report(used: &ImageUse, view: &ProfileView, tag: &Tag, digest: Location, findings: &mut Findings<'_>) {
    let (name, profile) = (used.image.name(), view.profile.name.as_str());
    let args = [("image", &*name), ("tag", &*tag.text), ("profile", profile)];
    let subject = format!("{} {name}", used.subject());
    findings
        .report(Label::new(tag.at, ""), subject, &args)
        .related(Label::new(digest, "the digest that counts"))
        .help(help(used, &tag.text))
        .profile(profile);
}

fn help(used: &ImageUse, tag: &str) -> String {
    let path = &used.path;
    match used.cause {
        Cause::Whole => format!("set the digest of `{tag}` in the same values as `{path}`"),
        _ => format!("set `{path}` beside the tag to the digest of `{tag}`"),
    }
}
