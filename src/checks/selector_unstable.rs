//! `selector-unstable`: a selector that holds a version, so that the next release cannot be applied.

use super::part::{Problem, report, seen};
use crate::admission::workload;
use crate::render::Object;
use crate::rule::{Context, Findings};
use crate::yaml::{Entry, KeyPath, Node, Step};

pub(super) fn check(context: &Context<'_>, findings: &mut Findings<'_>) {
    for (view, rendered) in seen(context) {
        let mut problems = vec![];
        for object in rendered.objects() {
            let is_fixed =
                object.group() == "apps" && workload::pod_path(object.api_version(), object.kind()).is_some();
            let selector = object.root.at(&KeyPath::dotted("spec.selector.matchLabels")).filter(|_| is_fixed);
            for (key, entry) in selector.and_then(Node::as_map).into_iter().flat_map(|map| map.effective()) {
                let Some(source) = source(context, &object, entry) else { continue };
                problems.push(Problem {
                    object,
                    at: entry.key.location,
                    name: format!("spec.selector.matchLabels.{key}"),
                    what: format!("the selector has `{key}`, which holds {source}"),
                    kind: key.into_owned(),
                    help: None,
                    other: None,
                });
            }
        }
        report(context, view, problems, findings);
    }
}

/// Which version a label's value holds: by where it comes from, else by what wrote it.
fn source(context: &Context<'_>, object: &Object<'_>, entry: &Entry) -> Option<&'static str> {
    let origins = object.origins(entry.value.location);
    let value = entry.value.scalar_text()?;
    let of_chart = |field: &str| {
        origins.printed.iter().any(|origin| {
            let is_field = origin.path.0.as_slice() == [Step::Key(field.to_owned())];
            is_field && context.sources.path(origin.location).ends_with("Chart.yaml")
        })
    };
    let holds = |version: Option<&str>| version.is_some_and(|version| value.contains(&version.replace('+', "_")));
    let written = origins
        .template
        .map(|place| line(&context.sources.get(place.source).text, place.span.start as usize).to_owned());
    let writes = |what: &str| written.as_deref().is_some_and(|text| text.contains(what));
    if (of_chart("version") || writes(".Chart.Version")) && holds(context.chart.version()) {
        Some("the chart's version")
    } else if (of_chart("appVersion") || writes(".Chart.AppVersion")) && holds(context.chart.app_version()) {
        Some("the application's version")
    } else if writes(".Release.Revision") && holds(Some("1")) {
        Some("the release's revision")
    } else {
        None
    }
}

/// The line around a byte of a text: several actions may make one value.
fn line(text: &str, at: usize) -> &str {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    text[start..].lines().next().unwrap_or("")
}
