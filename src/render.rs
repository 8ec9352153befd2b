//! A chart and values to the manifests that would run, as `helm template` renders them, each with what led to it.

use std::sync::Arc;

use self::engine::{Outcome, Printed};
use self::looks::Lookout;
use crate::chart::{Chart, Declared, Problem, ProblemKind};
use crate::helm::Major;
use crate::template::limits::Limits;
use crate::template::value::Map;
use crate::text::{Location, Sources};
use crate::values::{self, Places, Scope};
use crate::yaml::Node;

mod cache;
pub mod capabilities;
mod cluster;
mod documents;
mod engine;
pub mod error;
mod files;
mod functions;
mod head;
mod looks;
pub mod manifest;
mod mend;
mod metadata;
mod nulls;
pub mod object;
pub mod origin;
mod output;
mod overlaid;
mod random;
mod schema;
mod share;
mod sort;
mod spread;
pub mod threads;
mod top;
pub mod why;

pub use self::cache::{Cache, Own, partials};
pub use self::capabilities::KubeVersion;
pub use self::error::{Error, ErrorKind, Unmet};
pub use self::files::{FilePattern, Lacking, is_file_for_templates};
pub use self::head::{EVENTS, Hook};
pub use self::looks::{Looks, SAME_FIELDS};
pub use self::manifest::Manifest;
pub use self::object::Object;
pub use self::origin::{Link, Origin, Origins, Record};
pub use self::spread::Spread;
pub use self::values::set::Form;

/// What templates may use of the stack of a thread that renders.
const TEMPLATE_STACK: usize = 48 << 20;
/// Charts that one may be made of: what two aliases each depend on by two doubles level by level.
const CHARTS: usize = 2_000;
/// Steps that templates may take: the largest known charts take a tenth of it, and a loop without end is over within half a second.
const STEPS: u64 = 1_500_000;

/// What to look at, while a chart is rendered, for whether the other Helm may render something else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Comparing {
    /// Nothing; nobody asks.
    #[default]
    Nothing,
    /// Where documents begin and end.
    Documents,
    /// That, and whether nulls of values show that only one of the two keeps.
    DocumentsAndNulls,
}

/// What a chart is rendered for.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of Helm's own")]
pub struct Options {
    /// The Helm that is followed.
    pub helm: Major,
    /// The release's name.
    pub release: String,
    /// Its namespace.
    pub namespace: String,
    /// Whether `.Release.IsUpgrade` holds instead of `.Release.IsInstall`.
    pub is_upgrade: bool,
    /// `.Release.Revision`.
    pub revision: i64,
    /// The cluster's version.
    pub kube_version: KubeVersion,
    /// API versions that the cluster serves besides Kubernetes' own.
    pub api_versions: Vec<String>,
    /// The Helm whose client tells the API versions of a cluster that is not there.
    pub served_to: Major,
    /// Where random values start from.
    pub seed: u64,
    /// What `now` returns, in nanoseconds since 1970.
    pub now: i64,
    /// The rendering whose objects `lookup` finds; none where it finds nothing.
    pub cluster: Option<Arc<Rendered>>,
    /// A rendering of the same chart with the same values by the same Helm for the same release, in which templates that look at nothing that is
    /// otherwise printed what they print again; none where each is executed.
    pub like: Option<Arc<Rendered>>,
    /// What templates may spend.
    pub limits: Limits,
    /// What to look at for whether the other Helm may render something else.
    pub comparing: Comparing,
    /// Whether `required`, `fail`, schemas, and templates and documents that fail do not end the rendering: what needs none of them is rendered
    /// all the same, with the chart's own values where a schema refuses others.
    pub softens: bool,
    /// Whether hooks are left out (`--no-hooks`).
    pub skips_hooks: bool,
    /// Whether tests are left out (`--skip-tests`).
    pub skips_tests: bool,
    /// Whether values need not meet a schema (`--skip-schema-validation`).
    pub skips_schema: bool,
}

impl Default for Options {
    /// `helm template CHART`, at the beginning of 2026.
    fn default() -> Self {
        Self {
            helm: Major::default(),
            release: "release-name".into(),
            namespace: "default".into(),
            is_upgrade: false,
            revision: 1,
            kube_version: KubeVersion::default(),
            api_versions: vec![],
            served_to: Major::default(),
            seed: 0,
            now: 1_767_225_600_000_000_000,
            cluster: None,
            like: None,
            limits: Limits { stack: TEMPLATE_STACK, steps: STEPS, ..Limits::default() },
            comparing: Comparing::default(),
            softens: false,
            skips_hooks: false,
            skips_tests: false,
            skips_schema: false,
        }
    }
}

impl Options {
    /// Whether a hook is left out.
    fn skips(&self, hook: &Hook) -> bool {
        let is_test = hook.events.iter().any(|event| event == "test" || event == "test-success");
        self.skips_hooks || (self.skips_tests && is_test)
    }
}

/// Values laid over the chart's own.
#[derive(Debug, Clone, Default)]
pub struct Overrides<'n> {
    /// Roots of values files, the last wins.
    pub files: Vec<&'n Node>,
    /// `--set` expressions over those: text, form, and where it stands.
    pub set: Vec<(String, Form, Location)>,
}

/// What a chart renders to.
#[derive(Debug, Clone)]
pub struct Rendered {
    /// Every document in the order in which Helm prints them, hooks last.
    pub manifests: Vec<Manifest>,
    /// Hooks of events that Helm does not know, which it leaves out.
    pub dropped: Vec<Manifest>,
    /// What NOTES.txt says, by the template's name.
    pub notes: Vec<(Arc<str>, String)>,
    /// The bytes of files in `crds/`, which Helm installs as they are, by their names.
    pub crds: Vec<(String, Arc<[u8]>)>,
    /// The Helm that made them.
    pub helm: Major,
    /// The Kubernetes version they are for.
    pub kube_version: KubeVersion,
    /// What templates looked at that another rendering may have otherwise.
    pub looks: Looks,
    /// Whether the other Helm may render something else, as far as was looked; so it is where nobody asked.
    pub may_differ: bool,
    /// What led to the manifests.
    pub record: Arc<Record>,
    /// What is wrong whatever the missing values are; empty but where the rendering was softened.
    pub faults: Vec<Error>,
    /// The names of templates of which it has only a part, or nothing: they ask for values, or fail.
    pub open: Vec<Arc<str>>,
    /// Files that templates asked for and charts do not have.
    pub lacking: Vec<Lacking>,
}

/// Renders a chart. Texts of the manifests are added to `sources`.
///
/// # Errors
/// Where Helm fails, in its words; where a bound of ours was passed.
pub fn render(
    chart: &Chart,
    overrides: &Overrides<'_>,
    options: &Options,
    sources: &Sources,
    cache: &Cache,
) -> Result<Rendered, Error> {
    let work = || render_here(chart, overrides, options, sources, cache);
    let died = |reason: &str| Error::new(ErrorKind::Limit, format!("rendering was not possible: {reason}"), []);
    threads::alone(work).unwrap_or_else(|reason| Err(died(&reason)))
}

fn render_here(
    chart: &Chart,
    overrides: &Overrides<'_>,
    options: &Options,
    sources: &Sources,
    cache: &Cache,
) -> Result<Rendered, Error> {
    cache.share.ready()?;
    loadable(chart, options.helm)?;
    installable(chart)?;
    complete(chart)?;
    let (scope, coalesced, mut places) = merged(chart, overrides, options.helm)?;
    if !options.skips_schema {
        match schema::check(&scope, &coalesced, &places, cache.schemas(), &cache.share) {
            Err(error) if !options.softens || !(error.is_refusal() || error.is_of_schema()) => return Err(error),
            Err(Error { kind: ErrorKind::Schema(unmet), .. }) => {
                let (_, defaults) = laid(chart, &Overrides::default(), options.helm, &mut places)?;
                mend::refused(&unmet, &coalesced, &defaults);
            }
            _ => {}
        }
    }
    admits(chart, options)?;
    let (vain, lookout) = (files::Vain::default(), Lookout::default());
    let values = top::values(&coalesced, options.helm);
    let is_compared = options.comparing == Comparing::DocumentsAndNulls;
    let nulls = is_compared.then(|| nulls::watch((chart, overrides), options, (&scope, &values), cache));
    let entries = top::entries(&scope, &values, options, &mut places, (&vain, &lookout));
    let mut freezer = origin::Freezer::default();
    let Outcome { printed, looks, faults: mut failed, open } =
        engine::run(&entries, options, cache, &mut freezer, lookout)?;
    let like = looks::kept(options.like.as_ref());
    if like.is_some() && !looks.are_apart() {
        // What a template changes now may be seen by one that was not executed.
        let options = Options { like: None, ..options.clone() };
        return render_here(chart, overrides, &options, sources, cache);
    }
    let shows_nulls = nulls.is_some_and(|nulls| nulls.has_seen());
    let may_differ = options.comparing == Comparing::Nothing
        || shows_nulls
        || looks.helm
        || !printed.iter().all(Printed::is_cut_alike);
    let record = Arc::new(freezer.finish(places, like.map(|like| Arc::clone(&like.record))));
    cache.share.keep(record.size())?;
    let manifest::Collected { mut manifests, dropped, notes, faults } =
        manifest::collect(printed, &record, sources, cache, options)?;
    failed.extend(faults);
    manifests.retain(|manifest| manifest.hook.as_ref().is_none_or(|hook| !options.skips(hook)));
    let (helm, kube_version) = (options.helm, options.kube_version.clone());
    let mut lacking = vain.all();
    lacking.extend(like.iter().flat_map(|like| &like.lacking).cloned());
    let crds = output::crds(&scope);
    let looks = like.map_or_else(|| looks.clone(), |like| like.looks.with(looks.clone()));
    Ok(Rendered {
        manifests,
        dropped,
        notes,
        crds,
        helm,
        kube_version,
        looks,
        may_differ,
        record,
        faults: failed,
        open,
        lacking,
    })
}

/// What `.Values` is: the chart with the sub-charts that take part, the values, and where each comes from.
///
/// # Errors
/// Where Helm fails, in its words.
pub fn merged<'c>(chart: &'c Chart, overrides: &Overrides<'_>, helm: Major) -> Result<(Scope<'c>, Map, Places), Error> {
    let mut places = Places::default();
    let (scope, coalesced) = laid(chart, overrides, helm, &mut places)?;
    Ok((scope, coalesced, places))
}

fn laid<'c>(
    chart: &'c Chart,
    overrides: &Overrides<'_>,
    helm: Major,
    places: &mut Places,
) -> Result<(Scope<'c>, Map), Error> {
    let over = values::layers(overrides.files.iter().copied(), places)?;
    let elements = values::set::elements();
    for (expression, form, at) in &overrides.set {
        values::set::apply(&over, expression, *form, *at, &elements, places)?;
    }
    let mut scope = Scope::new(chart, helm, places)?;
    if !scope.is_within(&mut CHARTS.clone()) {
        let message = format!("the chart is made of more than {CHARTS} charts, each counted under every alias");
        return Err(Error::new(ErrorKind::Limit, message, []));
    }
    scope.process(&over)?;
    let coalesced = values::coalesce(&scope, &over, places)?;
    Ok((scope, coalesced))
}

/// Whether Helm's loader takes the chart.
fn loadable(chart: &Chart, helm: Major) -> Result<(), Error> {
    for part in chart.with_dependencies() {
        if let Some(problem) = part.problems.iter().find(|problem| is_refused(problem, helm)) {
            return Err(Error::new(ErrorKind::Chart, problem.message.clone(), [problem.location]));
        }
        if let Some(failure) = part.failures.first() {
            return Err(Error::new(ErrorKind::Limit, failure.message.clone(), failure.location));
        }
    }
    Ok(())
}

/// Whether Helm refuses to load a chart with this problem.
fn is_refused(problem: &Problem, helm: Major) -> bool {
    const READ: [&str; 6] =
        ["values.yaml", "Chart.yaml", "Chart.lock", "requirements.yaml", "requirements.lock", "values.schema.json"];
    match problem.kind {
        ProblemKind::YamlInvalid => READ.contains(&problem.subject.split('#').next().unwrap_or_default()),
        ProblemKind::CrdInvalid
        | ProblemKind::YamlKeyDuplicate
        | ProblemKind::SymlinkOutside
        | ProblemKind::ProvenanceInvalid => false,
        ProblemKind::ChartInvalid if problem.subject == "Chart.yaml#apiVersion" => !helm.takes_any_api_version(),
        _ => true,
    }
}

fn installable(chart: &Chart) -> Result<(), Error> {
    let Some(metadata) = &chart.metadata else {
        return Err(Error::new(ErrorKind::Chart, "Chart.yaml file is missing", []));
    };
    match metadata.text("type").unwrap_or_default() {
        "" | "application" => Ok(()),
        kind => {
            Err(Error::new(ErrorKind::Chart, format!("{kind} charts are not installable"), [metadata.place("type")]))
        }
    }
}

/// Whether everything that the chart declares to depend on is in its `charts/` (`CheckDependencies`).
fn complete(chart: &Chart) -> Result<(), Error> {
    let is_there = |name: &str| chart.parts().any(|sub| sub.name() == Some(name));
    let declared = chart.declared();
    let missing: Vec<_> = declared.iter().filter(|one| !is_there(one.name.unwrap_or_default())).collect();
    let Some(first) = missing.first() else { return buildable(chart, &declared) };
    let names: Vec<_> = missing.iter().map(|one| one.name.unwrap_or_default()).collect();
    let message = format!(
        "an error occurred while checking for chart dependencies. You may need to run `helm dependency build` to fetch \
         missing dependencies: found in Chart.yaml, but missing in charts/ directory: {}",
        names.join(", ")
    );
    Err(Error::new(ErrorKind::Dependencies, message, [first.place("name")]))
}

/// Whether `helm dependency build` would take the charts that `charts/` lacks.
fn buildable(chart: &Chart, declared: &[Declared<'_>]) -> Result<(), Error> {
    for sub in chart.parts().skip(chart.dependencies.len()) {
        let is_its = |one: &&Declared<'_>| one.name == sub.name();
        let Some(one) = declared.iter().find(is_its) else { continue };
        let range = one.version.unwrap_or_default();
        if !values::dependency::is_compatible(range, sub.version().unwrap_or_default()) {
            let name = one.name.unwrap_or_default();
            let message = format!("can't get a valid version for dependency {name}");
            return Err(Error::new(ErrorKind::Dependencies, message, [one.place("version")]));
        }
    }
    Ok(())
}

/// Whether the chart may be installed at this Kubernetes version.
fn admits(chart: &Chart, options: &Options) -> Result<(), Error> {
    let version = &options.kube_version;
    let Some(metadata) = &chart.metadata else { return Ok(()) };
    let range = metadata.text("kubeVersion").unwrap_or_default();
    if range.is_empty() || values::dependency::is_compatible(range, &version.normalized) {
        return Ok(());
    }
    let shown = if options.helm.cuts_kube_version() { &version.normalized } else { &version.version };
    let message = format!("chart requires kubeVersion: {range} which is incompatible with Kubernetes {shown}");
    Err(Error::new(ErrorKind::KubeVersion, message, [metadata.place("kubeVersion")]))
}

/// The Kubernetes version to render a chart for where nobody names one: `newest`, else the highest before it that `kubeVersion` of
/// Chart.yaml admits; `newest` again where that admits none.
pub fn admitted(chart: &Chart, newest: KubeVersion) -> KubeVersion {
    const PATCHES: u64 = 30;
    let range = chart.metadata.as_ref().and_then(|metadata| metadata.text("kubeVersion")).unwrap_or_default();
    let admits = |version: &KubeVersion| values::dependency::is_compatible(range, &version.normalized);
    if range.is_empty() || admits(&newest) {
        return newest;
    }
    let versions = (0..newest.minor).rev().flat_map(|minor| {
        let patches = std::iter::once(0).chain((1..=PATCHES).rev());
        patches.filter_map(move |patch| KubeVersion::parse(&format!("v1.{minor}.{patch}")))
    });
    versions.into_iter().find(admits).unwrap_or(newest)
}
