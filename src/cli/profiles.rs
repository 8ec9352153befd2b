//! `chartgate check --explain-profiles`: which profiles were found, from which lines, and what decided about production.

use std::collections::BTreeSet;

use crate::gate::Survey;
use crate::kustomize::Build;
use crate::profile::Profile;
use crate::text::{Location, Sources};

/// The profiles of every chart, and what could not be followed.
pub(super) fn explained(survey: &Survey, sources: &Sources) -> String {
    let mut text = String::new();
    for chart in &survey.charts {
        text += &chart.path;
        text += "\n";
        for view in &chart.views {
            text += &profile(&view.profile, sources);
        }
    }
    for each in &survey.unresolved {
        text += &["not followed: ", &each.message, " (", &shown(each.at, sources), ")\n"].concat();
    }
    text
}

fn profile(profile: &Profile, sources: &Sources) -> String {
    let kind = if profile.production { "production" } else { "not production" };
    let mut text = format!("  {}\n    {kind}: {}\n", profile.name, profile.decided_by);
    let mut line = |name: &str, value: String| text += &["    ", name, ": ", &value, "\n"].concat();
    if let Some(at) = profile.found_at {
        line("declared at", shown(at, sources));
    }
    if let Some(release) = &profile.release {
        line("release", release.clone());
    }
    if let Some(namespace) = &profile.namespace {
        line("namespace", namespace.clone());
    }
    for root in &profile.values {
        line("values", shown(root.location, sources));
    }
    for setting in &profile.set {
        line("set", setting.expression.clone());
    }
    for over in profile.build.iter().flat_map(Build::overrides) {
        line("images", format!("{} ({})", over.name, shown(over.at, sources)));
    }
    let written = profile.build.iter().flat_map(Build::written);
    let beside: BTreeSet<String> = written.map(|document| sources.path(document.root.location)).collect();
    for path in beside {
        line("beside the chart", path);
    }
    text
}

fn shown(at: Location, sources: &Sources) -> String {
    format!("{}:{}", sources.path(at), sources.start(at))
}
