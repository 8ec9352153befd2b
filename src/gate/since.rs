//! A chart against its last release, for the rules that judge the step between their versions.

use crate::change::{self, Changes, Pair};
use crate::chart::{self, Chart};
use crate::published::Comparison;
use crate::render::{self, KubeVersion, Options};

use super::lens::Lens;

/// The last release of a chart and what changed since.
#[derive(Debug)]
pub struct Release {
    /// The release in words, to follow "at".
    pub baseline: String,
    /// The chart as it was.
    pub chart: Chart,
    /// What changed.
    pub changes: Changes,
}

/// Compares a chart with its last release, which `complete` gives the dependencies that it lacks; none where there is none, or nothing that is
/// packaged differs.
pub fn since(
    chart: &Chart,
    comparison: &Comparison,
    lens: Lens<'_>,
    complete: impl FnOnce(&mut Chart),
) -> Option<Release> {
    let Comparison::Existing { baseline, earlier, .. } = comparison else { return None };
    if !comparison.is_changed() {
        return None;
    }
    let mut old = chart::load(&earlier.tree, &earlier.folder, lens.sources);
    complete(&mut old);
    let changes = changes(&old, chart, lens);
    Some(Release { baseline: baseline.clone(), chart: old, changes })
}

/// What differs between two states of a chart, rendered through the same lens.
pub(super) fn changes(old: &Chart, new: &Chart, lens: Lens<'_>) -> Changes {
    let kube_version = lens.kube_version.and_then(KubeVersion::parse);
    let kube_version = kube_version.unwrap_or_else(|| render::admitted(new, KubeVersion::of(lens.helm)));
    let options = Options { helm: lens.helm, served_to: lens.helm, kube_version, ..Options::default() };
    change::compare(Pair { old, new, options: &options, sources: lens.sources, cache: lens.cache })
}
