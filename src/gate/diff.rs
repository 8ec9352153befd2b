//! What changed in a chart since an earlier state that the user names, or since its last release, and the step that calls for.

use std::path::Path;
use std::sync::Arc;

use super::lens::Lens;
use super::plan::{Plan, Planned};
use super::since::changes;
use super::versioned::versioned;
use super::{Error, Request, Session, Versioned, dependencies, past, prepare};
use crate::change::{Step, Uncompared};
use crate::chart::{self, Chart, Version};
use crate::config::Config;
use crate::finding::{Failure, FailureKind};
use crate::network::{Network, Purpose};
use crate::published::index::Index;
use crate::published::oci::Registry;
use crate::published::{self, Comparison, Depth, Difference, History, Places, Published, compare};
use crate::render::Cache;
use crate::rule::Since;
use crate::source::{self, Archive, Dir, FILE_LIMIT, Home, Tree};
use crate::text::Sources;

/// A chart against an earlier state.
#[derive(Debug)]
pub struct Diff {
    /// The chart, without the bytes of its files.
    pub chart: Chart,
    /// The earlier state in words.
    pub baseline: String,
    /// What changed; none where there was no such chart, or it could not be read.
    pub since: Option<Since>,
    /// Packaged files that differ.
    pub files: Vec<Difference>,
    /// What could not be compared, of the rules that count.
    pub uncompared: Vec<Uncompared>,
    /// What could not be read.
    pub failures: Vec<Failure>,
}

impl Diff {
    /// The step that the changes call for; none where nothing that is packaged differs.
    pub fn step(&self) -> Option<Step> {
        let of_changes = self.since.iter().flat_map(|since| &since.reasons).map(|reason| reason.step).max();
        of_changes.or((!self.files.is_empty()).then_some(Step::Patch))
    }

    /// The least version after the earlier one that is that step away.
    pub fn least(&self) -> Option<Version> {
        Some(self.step()?.least(&Version::parse(&self.since.as_ref()?.version)?))
    }

    /// Whether a version is far enough from the earlier one for what changed.
    pub fn is_met(&self, version: &Version) -> bool {
        let earlier = self.since.as_ref().and_then(|since| Version::parse(&since.version));
        self.step().zip(earlier).is_some_and(|(step, earlier)| step.is_met(&earlier, version))
    }
}

/// An earlier state, in words and where it lies.
pub(super) struct Earlier {
    baseline: String,
    tree: Arc<dyn Tree>,
    folder: String,
}

impl Session {
    /// Compares the one chart that a request names; `against` is a folder, a packaged chart, a git revision, a registry or an index; the
    /// last release where it is none.
    ///
    /// # Errors
    /// As [`check`](Self::check), and where the request names several charts.
    pub fn diff(&self, request: &Request, against: Option<&str>, sources: &Sources) -> Result<Diff, Error> {
        compared(&prepare::plan(self, request, sources)?, against, sources)
    }
}

fn compared(plan: &Plan<'_>, against: Option<&str>, sources: &Sources) -> Result<Diff, Error> {
    let [planned] = plan.charts.as_slice() else {
        let help = "name one of them; a chart is a folder with a Chart.yaml, or a `.tgz`";
        return Err(Error::usage(format!("there are {} charts there", plan.charts.len()), help));
    };
    let mut chart = chart::load(&planned.tree, &planned.folder, sources);
    let resolver = dependencies::resolver(plan);
    let completed = resolver.complete(&mut chart, plan.config(planned).fetch, sources);
    let mut diff = Diff {
        failures: chart.failures.iter().cloned().chain(completed.failures).collect(),
        chart,
        baseline: String::new(),
        since: None,
        files: vec![],
        uncompared: vec![],
    };
    let on_disk = against.map(|against| on_disk(&plan.places[planned.place].home, against)).transpose()?.flatten();
    let earlier = on_disk.or_else(|| released(&mut diff, plan, planned, against));
    if let Some(earlier) = earlier {
        let complete = |old: &mut Chart| resolver.complete(old, plan.config(planned).fetch, sources).failures;
        fill(&mut diff, &earlier, plan, planned, (&complete, sources));
    }
    diff.chart.files = vec![];
    diff.failures.sort();
    diff.failures.dedup();
    Ok(diff)
}

/// A folder or packaged chart; none where nothing lies on disk under that name.
pub(super) fn on_disk(home: &Home, against: &str) -> Result<Option<Earlier>, Error> {
    let at = home.absolute(Path::new(against));
    let boundary = home.boundary(Path::new(against));
    let refused = |error: source::Error| Error::usage(error.to_string(), "name a chart, a `.tgz` or a git revision");
    let is_chart = |folder: &Dir| !matches!(folder.read("Chart.yaml", FILE_LIMIT), Err(source::Error::NotFound { .. }));
    let tree: Arc<dyn Tree> = match Dir::folder(&at) {
        // A branch may be named as a folder that is no chart.
        Ok(folder) if !is_chart(&folder) => return Ok(None),
        Ok(folder) => Arc::new(folder.within(boundary).shown_below(against.trim_end_matches('/'))),
        Err(source::Error::WrongKind { .. }) => Arc::new(Archive::open(&at, against).map_err(refused)?),
        Err(source::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(refused(error)),
    };
    Ok(Some(Earlier { baseline: format!("`{against}`"), tree, folder: String::new() }))
}

/// The release or revision to compare with; none where the chart is new, or where failures say why there is none.
fn released(diff: &mut Diff, plan: &Plan<'_>, planned: &Planned, against: Option<&str>) -> Option<Earlier> {
    let config = plan.config(planned);
    let (last, failures) = match against {
        Some(against) if against.contains("://") => match Elsewhere::new(against, &diff.chart, &plan.network, config) {
            Ok(elsewhere) => elsewhere.last(&diff.chart),
            Err(failure) => (Comparison::Failed, vec![*failure]),
        },
        _ => {
            let (past, mut failures) = past::last(plan, planned, against);
            let answer = past.answer(&diff.chart);
            failures.extend(answer.failures);
            (measured_from(answer.history, &diff.chart), failures)
        }
    };
    diff.failures.extend(failures);
    match last {
        Comparison::Existing { baseline, version, earlier, .. } => {
            // What the files have for a version is a placeholder, then as now.
            let version = version.filter(|_| plan.request.charts.versioned.version.is_some());
            let tree = match version {
                Some(version) => set(version, &earlier),
                None => earlier.tree,
            };
            Some(Earlier { baseline, tree, folder: earlier.folder })
        }
        Comparison::New { baseline } => {
            diff.baseline = baseline;
            None
        }
        Comparison::Inapplicable { reason } => {
            let failure = Failure::new(FailureKind::Git, format!("there is nothing to compare with: {reason}"));
            diff.failures.push(failure.help("name an earlier state with `--against`"));
            None
        }
        Comparison::Failed => None,
    }
}

/// An earlier state under the version that it went out as.
fn set(version: String, earlier: &published::Earlier) -> Arc<dyn Tree> {
    let given = Versioned { version: Some(version), app_version: None };
    let tree = versioned(&given, Arc::clone(&earlier.tree), &earlier.folder);
    tree.unwrap_or_else(|_| Arc::clone(&earlier.tree))
}

/// What changes are measured from: the release of the chart's own version where that is out with other content, so that a new one is due;
/// else the last release.
fn measured_from(history: History, chart: &Chart) -> Comparison {
    let is_reused = history.own.is_changed() && history.own.has_version(chart.version());
    if is_reused { history.own } else { history.last }
}

/// A registry or chart repository that was named.
struct Elsewhere {
    place: Arc<dyn Published>,
    /// The one version that was named.
    version: Option<String>,
}

impl Elsewhere {
    /// `oci://host/path`, with or without `/name` and `:version`, or the URL of an index.
    fn new(against: &str, chart: &Chart, network: &Arc<Network>, config: &Config) -> Result<Self, Box<Failure>> {
        let plain_http = config.published.plain_http;
        if !against.starts_with("oci://") {
            return Ok(Self {
                place: Arc::new(Index::new(against, plain_http, network)?.asked_for(Purpose::Against)),
                version: None,
            });
        }
        let (folder, last) = against.rsplit_once('/').unwrap_or(("", against));
        let (name, version) = last.split_once(':').map_or((last, None), |(name, version)| (name, Some(version)));
        let is_chart = Some(name) == chart.name();
        let target = if is_chart { folder } else { against };
        // A tag has `_` in the place of `+`.
        let version = version.filter(|_| is_chart).map(|version| version.replace('_', "+"));
        Ok(Self { place: Arc::new(Registry::new(target, plain_http, network)?.asked_for(Purpose::Against)), version })
    }

    fn last(&self, chart: &Chart) -> (Comparison, Vec<Failure>) {
        let Some(version) = &self.version else {
            let places = Places { shared: vec![Arc::clone(&self.place)], ..Places::default() };
            let answer = places.answer(chart, Depth::Last);
            return (answer.history.last, answer.failures);
        };
        let compared = match self.place.open(chart.name().unwrap_or_default(), version) {
            Ok(Some(release)) => compare::with_earlier(chart, &release.tree, &release.folder, &release.place),
            Ok(None) => {
                let message = format!("version `{version}` is not out at {}", self.place.place());
                Err(Box::new(Failure::new(FailureKind::Network, message)))
            }
            Err(failure) => Err(failure),
        };
        compared.map_or_else(|failure| (Comparison::Failed, vec![*failure]), |comparison| (comparison, vec![]))
    }
}

/// Gives a chart the dependencies that it lacks, and says which cannot be had.
type Complete<'a> = &'a dyn Fn(&mut Chart) -> Vec<Failure>;

fn fill(
    diff: &mut Diff,
    earlier: &Earlier,
    plan: &Plan<'_>,
    planned: &Planned,
    (complete, sources): (Complete<'_>, &Sources),
) {
    let (config, steps) = (plan.config(planned), &plan.policy(planned).steps);
    let mut old = chart::load(&earlier.tree, &earlier.folder, sources);
    diff.baseline.clone_from(&earlier.baseline);
    diff.failures.extend(old.failures.iter().cloned());
    for part in compare::lend_submodules(&mut old, &diff.chart) {
        let name = part.name().unwrap_or_default();
        let message =
            format!("cannot tell what changed in `{name}`: it lies in another commit of a submodule than before");
        diff.failures
            .push(Failure::new(FailureKind::Git, message).help("compare with a packaged chart: `--against FILE.tgz`"));
    }
    diff.failures.extend(complete(&mut old));
    if old.metadata.is_none() {
        let message = format!("there is no chart to compare with in {}", earlier.baseline);
        diff.failures.push(Failure::new(FailureKind::Read, message));
        return;
    }
    let cache = Cache::default();
    let known = Arc::default();
    let lens = Lens::comparing(config, &known, &cache, sources);
    let changes = changes(&old, &diff.chart, lens);
    let step = |id: &str| steps.iter().find(|rule| rule.id == id)?.step;
    diff.since = Since::new(&earlier.baseline, &old, &changes, &step);
    diff.files = compare::differences(&diff.chart, &old);
    let counts = |part: &Uncompared| part.rules.iter().any(|rule| step(rule).is_some());
    diff.uncompared = changes.uncompared.into_iter().filter(counts).collect();
}
