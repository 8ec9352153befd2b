//! How a chart is looked at: rendered under a profile, with what a run shares.

use std::sync::Arc;

use super::Timings;
use crate::admission::Known;
use crate::chart::Chart;
use crate::config::Config;
use crate::helm::Major;
use crate::kubernetes::Minor;
use crate::profile::{Profile, Setting};
use crate::render::capabilities::KubeVersion;
use crate::render::{self, Cache, Options, Overrides, Rendered};
use crate::text::{Address, Location, Source, Sources, Span};
use crate::values::dependency::is_compatible;
use crate::values::set::Form;
use crate::yaml::Node;

/// What a chart is looked at through.
#[derive(Debug, Clone, Copy)]
pub struct Lens<'a> {
    /// Takes the texts.
    pub sources: &'a Sources,
    /// Templates that were parsed already.
    pub cache: &'a Cache,
    /// The Helm that renders where a profile does not tell another.
    pub helm: Major,
    /// The Kubernetes version to render for; Helm's default where none is configured.
    pub kube_version: Option<&'a str>,
    /// The Kubernetes versions to judge objects for; those that the chart admits where none are configured.
    pub kube_versions: &'a [Minor],
    /// Which profiles to render again.
    pub again: Again,
    /// Whether profiles are rendered as the other Helm does, too.
    pub compares_helms: bool,
    /// What the API server was found to refuse of the chart's objects before.
    pub admitted: &'a Arc<Known>,
    /// Takes how long it takes.
    pub timings: Option<&'a Timings>,
}

impl<'a> Lens<'a> {
    /// That through which two states of a chart are compared: each profile is rendered once, and no object judged.
    pub(super) fn comparing(
        config: &'a Config,
        admitted: &'a Arc<Known>,
        cache: &'a Cache,
        sources: &'a Sources,
    ) -> Self {
        Self {
            sources,
            cache,
            helm: config.helm.unwrap_or_default(),
            kube_version: config.kube_version.as_ref().map(|version| version.value.as_str()),
            kube_versions: &[],
            again: Again::Never,
            compares_helms: false,
            admitted,
            timings: None,
        }
    }
}

/// Which profiles are rendered again, to see whether they come out the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Again {
    /// None.
    Never,
    /// Those that every sync renders without a cluster.
    Templated,
    /// All.
    Always,
}

pub(super) fn render_with(
    chart: &Chart,
    profile: &Profile,
    lens: Lens<'_>,
    options: &Options,
) -> Result<Arc<Rendered>, render::Error> {
    render::render(chart, &overrides(profile, options.helm, lens.sources), options, lens.sources, lens.cache)
        .map(Arc::new)
}

/// What a profile lays over a chart's own values.
pub fn overrides<'p>(profile: &'p Profile, helm: Major, sources: &Sources) -> Overrides<'p> {
    let set = profile.set.iter().map(|setting| override_of(setting, sources)).collect();
    Overrides { files: layers(profile, helm, sources), set }
}

/// The roots of a profile's values that count for a Helm.
pub(super) fn layers<'p>(profile: &'p Profile, helm: Major, sources: &Sources) -> Vec<&'p Node> {
    let counts = |root: &&Node| !(helm.reads_first_document() && is_further(root, sources));
    profile.values.iter().filter(counts).collect()
}

/// Whether values are a further document of their file: they begin right behind a line that parts documents, and another one is above that.
fn is_further(root: &Node, sources: &Sources) -> bool {
    let Location { source, span } = root.location;
    let text = &sources.get(source).text;
    let before = text.get(..span.range().start).unwrap_or_default();
    let Some(mark) = ["\n---", "\n..."].iter().filter_map(|mark| before.rfind(mark)).max() else { return false };
    let (above, own) = (&before[..mark], &before[mark + 4..]);
    let is_idle = |line: &str, signs: &[char]| line.trim().is_empty() || line.trim_start().starts_with(signs);
    // A root may have an anchor or a tag.
    let begins = own.lines().all(|line| is_idle(line, &['#', '&', '!']));
    begins && above.lines().any(|line| !is_idle(line, &['#', '%']))
}

pub(super) fn options(chart: &Chart, profile: &Profile, lens: Lens<'_>) -> Options {
    let defaults = Options::default();
    let helm = profile.helm.major.unwrap_or(lens.helm);
    let kube_version = profile.helm.kube_version.as_deref().or(lens.kube_version).and_then(KubeVersion::parse);
    // Of several versions that objects are for the highest, where the chart admits it.
    let highest = lens.kube_versions.last().and_then(|minor| KubeVersion::parse(&format!("v{minor}.0")));
    let range = chart.metadata.as_ref().and_then(|metadata| metadata.text("kubeVersion")).unwrap_or_default();
    let highest = highest.filter(|version| range.is_empty() || is_compatible(range, &version.normalized));
    let kube_version = kube_version.or(highest).unwrap_or_else(|| render::admitted(chart, KubeVersion::of(helm)));
    Options {
        helm,
        served_to: helm,
        release: profile.release.clone().unwrap_or(defaults.release.clone()),
        namespace: profile.namespace.clone().unwrap_or(defaults.namespace.clone()),
        kube_version,
        api_versions: profile.helm.api_versions.clone(),
        skips_hooks: profile.helm.skips_hooks,
        skips_tests: profile.helm.skips_tests,
        skips_schema: profile.helm.skips_schema,
        ..defaults
    }
}

fn override_of(setting: &Setting, sources: &Sources) -> (String, Form, Location) {
    let at = setting.at.unwrap_or_else(|| {
        let id = sources.add(Source::new("--set", Address::Rendered, setting.expression.as_str()));
        Location::new(id, Span::new(0, setting.expression.len()))
    });
    (setting.expression.clone(), setting.form, at)
}
