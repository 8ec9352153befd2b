//! `chartgate check --explain-profiles`: which profiles were found, from which lines, and what decided about production.

use std::collections::BTreeSet;

use crate::gate::Survey;
use crate::kustomize::Build;
use crate::profile::Profile;
use crate::text::printable::Printable;
use crate::text::{Location, Sources};

/// The profiles of every chart, and what could not be followed.
pub(super) fn explained(survey: &Survey, sources: &Sources) -> Printable {
    let mut lines = vec![];
    for chart in &survey.charts {
        lines.push(chart.path.clone());
        for view in &chart.views {
            lines.extend(profile(&view.profile, sources));
        }
    }
    lines.extend(
        survey.unresolved.iter().map(|each| format!("not followed: {} ({})", each.message, shown(each.at, sources))),
    );
    lines.into_iter().map(Printable::line).collect()
}

fn profile(profile: &Profile, sources: &Sources) -> Vec<String> {
    let kind = if profile.production { "production" } else { "not production" };
    let mut lines = vec![format!("  {}", profile.name), format!("    {kind}: {}", profile.decided_by)];
    let mut line = |name: &str, value: String| lines.push(format!("    {name}: {value}"));
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
    lines
}

fn shown(at: Location, sources: &Sources) -> String {
    format!("{}:{}", sources.path(at), sources.start(at))
}
