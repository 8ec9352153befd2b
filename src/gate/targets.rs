//! Which Kubernetes versions a chart's objects are judged for, and what the chart renders to there.

use std::sync::Arc;

use super::lens::{Lens, options, render_with};
use crate::chart::Chart;
use crate::kubernetes::{self, Minor};
use crate::profile::Profile;
use crate::render::{self, KubeVersion, Options, Rendered};
use crate::rule::Judged;
use crate::values;

/// What objects are judged of.
#[derive(Debug, Default)]
pub(super) struct Targets {
    /// The rendering for the highest version, and that for the lowest where the chart looks at the version.
    pub judged: Vec<Judged>,
    /// Why there is none for the lowest.
    pub unfit: Option<(Minor, render::Error)>,
}

/// The versions that a chart is judged for under a profile, and what it renders to there.
pub(super) fn targets(chart: &Chart, profile: &Profile, lens: Lens<'_>, rendered: &Arc<Rendered>) -> Targets {
    let minors = minors(chart, profile, lens);
    let one = |minors| Targets { judged: vec![Judged::new(Arc::clone(rendered), minors)], unfit: None };
    let [lowest, highest] = minors.as_slice() else { return one(minors) };
    if !asks_for_version(chart) {
        return one(minors);
    }
    let high = Judged::new(Arc::clone(rendered), vec![*highest]);
    let kube_version = KubeVersion::parse(&format!("v{lowest}.0")).unwrap_or_default();
    let low = Options { kube_version, ..options(chart, profile, lens) };
    match render_with(chart, profile, lens, &low) {
        Ok(low) => Targets { judged: vec![high, Judged::new(low, vec![*lowest])], unfit: None },
        Err(error) => Targets { judged: vec![high], unfit: Some((*lowest, error)) },
    }
}

/// The version that the profile or the configuration names, else the lowest and the highest that the chart admits, else the newest.
fn minors(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> Vec<Minor> {
    let known = kubernetes::embedded();
    let named = |text: &str| KubeVersion::parse(text).map(|version| nearest(&version));
    if let Some(minor) = profile.helm.kube_version.as_deref().and_then(named) {
        return vec![minor];
    }
    if let (Some(first), Some(last)) = (lens.kube_versions.first(), lens.kube_versions.last()) {
        return ends(*first, *last);
    }
    if let Some(minor) = lens.kube_version.and_then(named) {
        return vec![minor];
    }
    let range = chart.metadata.as_ref().and_then(|metadata| metadata.text("kubeVersion")).unwrap_or_default();
    let is_admitted = |minor: &Minor| {
        ["0", "99"].iter().any(|patch| values::dependency::is_compatible(range, &format!("v{minor}.{patch}")))
    };
    let every = (known.start().0..=known.end().0).map(Minor);
    let admitted: Vec<Minor> = every.filter(|minor| !range.is_empty() && is_admitted(minor)).collect();
    let last = admitted.last().unwrap_or(known.end());
    ends(*admitted.first().unwrap_or(last), *last)
}

fn ends(first: Minor, last: Minor) -> Vec<Minor> {
    if first == last { vec![first] } else { vec![first, last] }
}

/// The nearest version whose definitions are embedded.
fn nearest(version: &KubeVersion) -> Minor {
    let known = kubernetes::embedded();
    let minor = u8::try_from(version.minor).map_or(*known.end(), Minor);
    minor.clamp(*known.start(), *known.end())
}

/// Whether templates look at the Kubernetes version.
fn asks_for_version(chart: &Chart) -> bool {
    let parts = chart.with_dependencies();
    parts.iter().any(|part| part.templates.iter().any(|template| template.text.contains("Capabilities")))
}
