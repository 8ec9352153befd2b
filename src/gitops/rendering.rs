//! Charts rendered before anything is judged, for what they deploy or make beside each other.

use super::Problem;
use super::files::Files;
use crate::chart::Chart;
use crate::profile::{Profile, Setting};
use crate::render::{self, Cache, KubeVersion, Options, Overrides, Rendered};

/// What a chart renders to under a profile.
///
/// # Errors
/// Why it does not render.
pub(super) fn rendered(
    files: &Files<'_>,
    chart: &Chart,
    profile: &Profile,
    cache: &Cache,
) -> Result<Rendered, render::Error> {
    let sources = files.search.sources;
    let defaults = Options::default();
    let helm = profile.helm.major.or(files.search.helm).unwrap_or_default();
    let served = served(profile).iter().copied();
    let options = Options {
        helm,
        served_to: helm,
        kube_version: KubeVersion::of(helm),
        release: profile.release.clone().unwrap_or(defaults.release.clone()),
        namespace: profile.namespace.clone().unwrap_or(defaults.namespace.clone()),
        api_versions: profile.helm.api_versions.iter().cloned().chain(served.map(str::to_owned)).collect(),
        skips_hooks: profile.helm.skips_hooks,
        skips_tests: profile.helm.skips_tests,
        ..defaults
    };
    let at = |setting: &Setting| setting.at.or(profile.found_at);
    let set = profile.set.iter().filter_map(|setting| Some((setting.expression.clone(), setting.form, at(setting)?)));
    let overrides = Overrides { files: profile.values.iter().collect(), set: set.collect() };
    render::render(chart, &overrides, &options, sources, cache)
}

/// That a chart which makes deployments does not render.
pub(super) fn unrendered(files: &Files<'_>, chart: &Chart, error: &render::Error) -> Problem {
    let fallback = || chart.metadata.as_ref().map(|metadata| metadata.place("name"));
    let at = error.at.last().copied().or_else(fallback);
    let at = at.unwrap_or_else(|| files.beginning(&crate::source::join(&chart.folder, "Chart.yaml")));
    Problem::new(at, format!("`{}`, which makes deployments, does not render: {}", chart.path, error.message))
}

/// What the cluster of whoever deploys a parent serves for certain: the tool's own kinds.
fn served(profile: &Profile) -> &'static [&'static str] {
    const ARGOCD: &[&str] = &[
        "argoproj.io/v1alpha1",
        "argoproj.io/v1alpha1/AppProject",
        "argoproj.io/v1alpha1/Application",
        "argoproj.io/v1alpha1/ApplicationSet",
    ];
    const FLUX: &[&str] = &[
        "helm.toolkit.fluxcd.io/v2",
        "helm.toolkit.fluxcd.io/v2/HelmRelease",
        "kustomize.toolkit.fluxcd.io/v1",
        "kustomize.toolkit.fluxcd.io/v1/Kustomization",
        "source.toolkit.fluxcd.io/v1",
    ];
    match (profile.found_at, profile.is_templated) {
        (None, _) => &[],
        (Some(_), true) => ARGOCD,
        (Some(_), false) => FLUX,
    }
}
