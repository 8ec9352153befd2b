//! Which Kubernetes versions a chart's objects are judged for, and what the chart renders to there.

use std::sync::Arc;

use super::view::{Lens, options, render_with};
use crate::chart::Chart;
use crate::kubernetes::{self, Minor};
use crate::profile::Profile;
use crate::render::{KubeVersion, Options, Rendered};
use crate::rule::Judged;
use crate::values;

/// What objects are judged of. A chart that looks at the Kubernetes version is rendered for the lowest as well; where it cannot be, the
/// highest has to do.
pub(super) fn judged(chart: &Chart, profile: &Profile, lens: Lens<'_>, rendered: &Arc<Rendered>) -> Vec<Judged> {
    let minors = minors(chart, profile, lens);
    let [lowest, highest] = minors.as_slice() else { return vec![Judged::new(Arc::clone(rendered), minors)] };
    if !asks_for_version(chart) {
        return vec![Judged::new(Arc::clone(rendered), minors)];
    }
    let high = Judged::new(Arc::clone(rendered), vec![*highest]);
    let kube_version = KubeVersion::parse(&format!("v{lowest}.0")).unwrap_or_default();
    let low = Options { kube_version, ..options(chart, profile, lens) };
    let low = render_with(chart, profile, lens, &low).ok().map(|rendered| Judged::new(rendered, vec![*lowest]));
    std::iter::once(high).chain(low).collect()
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
