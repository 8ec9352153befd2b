//! One chart: loaded, compared with its earlier state, laid under each profile, and shown to every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::lens::Lens;
use super::past::Past;
use super::plan::Planned;
use super::resolve::Registries;
use super::rules::{self, Sight};
use super::see::{self, Seen};
use super::subject::Subject;
use super::terms::Terms;
use super::timings::{self, Stage};
use super::{Error, Identity, of_deployment, since};
use crate::chart::Chart;
use crate::config::comment::{self, Ignore};
use crate::config::suppress;
use crate::crd::CustomKind;
use crate::finding::{ComparedWith, Failure, FailureKind, Finding, PublishedState, Severity, Skipped};
use crate::gitops::Discovered;
use crate::published::places::Answer;
use crate::published::{History, compare};
use crate::rule::{Fact, Need, ProfileView, Since};
use crate::text::{Location, SourceId, Sources};

/// What is to be said of a chart. Neither the chart nor its profiles: hundreds are judged in a run, and none is kept.
#[derive(Debug)]
pub(super) struct Judged {
    /// The chart's path.
    pub path: String,
    /// Its name, where it has one.
    pub name: Option<String>,
    /// Its version as Chart.yaml writes it, where it has one.
    pub version: Option<String>,
    /// Its own files and values outside it, with what they say of it in comments.
    pub texts: BTreeMap<SourceId, Vec<Ignore>>,
    /// What was judged, where somebody asks.
    pub identity: Option<Identity>,
    /// What the rules found.
    pub findings: Vec<Finding>,
    /// What could not be checked.
    pub failures: Vec<Failure>,
    /// Which rules did not apply.
    pub skipped: Vec<Skipped>,
    /// The names of all its profiles.
    pub known_profiles: Vec<String>,
    /// What is published of it.
    pub published: PublishedState,
    /// What is so of the versions that its deployments ask for.
    pub facts: Vec<Fact>,
    /// Kinds of custom resources that it renders, and of which no definition is known.
    pub undefined: BTreeSet<CustomKind>,
    /// The earlier states that it was compared with.
    pub compared_with: Vec<ComparedWith>,
}

impl Judged {
    /// What is to be said of a deployment whose chart is not here.
    fn without_chart(release: &Subject, sources: &Sources) -> Self {
        let places = release.facts.iter().map(|fact| fact.at).chain(release.profile.found_at);
        let texts: BTreeSet<SourceId> = places.map(|at| at.source).collect();
        Self {
            path: release.path.clone(),
            name: Some(release.name.clone()),
            version: release.version.clone(),
            texts: texts.into_iter().map(|id| (id, comment::ignores(id, &sources.get(id)))).collect(),
            identity: None,
            findings: vec![],
            failures: vec![],
            skipped: vec![],
            known_profiles: vec![release.profile.name.clone()],
            published: PublishedState::Unknown,
            compared_with: vec![],
            undefined: BTreeSet::new(),
            facts: release.facts.clone(),
        }
    }

    /// The texts that anything said of the chart points into.
    pub(super) fn mentioned(&self) -> BTreeSet<SourceId> {
        let found = self.findings.iter().flat_map(Finding::places);
        let failed = self.failures.iter().filter_map(|failure| failure.location);
        let ignores = self.texts.values().flatten().map(|ignore| ignore.at);
        let facts = self.facts.iter().map(|fact| fact.at);
        found.chain(failed).chain(ignores).chain(facts).map(|place| place.source).collect()
    }
}

pub(super) fn judge(planned: &Planned, terms: Terms<'_>) -> Result<Judged, Error> {
    if let Some(release) = planned.release.as_deref().filter(|release| !release.is_fetched) {
        return Ok(Judged::without_chart(release, terms.sources));
    }
    let opened = see::open(planned, terms)?;
    let (look, compare) = (|| see::views(&opened, planned, terms), || compared(&opened.chart, terms));
    let (views, compared) = if terms.is_alone { rayon::join(look, compare) } else { (look(), compare()) };
    let Seen { chart, views, mut failures, known_profiles, lacking, unasked, .. } = opened.seen(views, terms);
    let Comparisons { history, state: published, since, failures: unanswered, skipped: uncompared } = compared;
    failures.extend(unanswered);
    let mut judged = Judged {
        path: chart.path.clone(),
        name: chart.name().map(str::to_owned),
        version: chart.version().map(str::to_owned),
        texts: texts(&chart, &views, terms.sources),
        identity: terms.is_attested.then(|| Identity::of(&chart)),
        findings: vec![],
        failures,
        skipped: if terms.sees_profiles {
            [lacking, uncompared, unasked].concat()
        } else {
            [uncompared, unasked].concat()
        },
        known_profiles,
        published,
        compared_with: history.compared_with(),
        undefined: BTreeSet::new(),
        facts: facts(&chart, planned, terms.discovered),
    };
    let asks = terms.policy.is_some_and(|policy| policy.needs(Need::Definitions));
    let library = terms.library.filter(|_| asks);
    let find = || library.map(|library| library.of(planned, &chart, &views)).unwrap_or_default();
    let (definitions, unread) = timings::stage(terms.timings, Stage::Definitions, find);
    judged.failures.extend(unread);
    judged.undefined.extend(definitions.missing().cloned());
    let ask = |registries: Registries<'_>| registries.of(planned, &views, terms.sources);
    let (registered, unasked) = terms.registries.map(ask).unwrap_or_default();
    judged.failures.extend(unasked);
    let seen = Sight {
        chart: &chart,
        views: &views,
        history: &history,
        definitions: &definitions,
        registered: &registered,
        is_release: planned.release.is_some(),
    };
    let said = timings::stage(terms.timings, Stage::Rules, || rules::run(seen, since.as_ref(), terms));
    judged.findings.extend(said.findings);
    judged.failures.extend(said.failures);
    judged.skipped.extend(said.skipped);
    if let Some(policy) = terms.policy {
        terms.config.override_levels(&mut judged.findings, terms.sources, &|rule| policy.base(rule));
    }
    judged.failures.extend(unidentified(&chart, &judged));
    // What the author can mend is said once, as a finding.
    let said: BTreeSet<Location> = judged.findings.iter().map(|finding| finding.primary.location).collect();
    judged
        .failures
        .retain(|each| each.kind != FailureKind::Render || each.location.is_none_or(|at| !said.contains(&at)));
    for failure in &mut judged.failures {
        failure.chart.get_or_insert_with(|| judged.path.clone());
    }
    Ok(judged)
}

/// What is so of the versions that deployments of a chart ask for.
fn facts(chart: &Chart, planned: &Planned, discovered: &Discovered) -> Vec<Fact> {
    if let Some(release) = &planned.release {
        return release.facts.clone();
    }
    let own = discovered.deployments.iter().filter(|deployment| deployment.chart == planned.folder);
    own.flat_map(|deployment| of_deployment(deployment, chart.name().unwrap_or_default(), chart.version())).collect()
}

/// Why nothing can be said of a chart whose Chart.yaml does not say what it is, where no rule that is on calls that an error.
fn unidentified(chart: &Chart, judged: &Judged) -> Option<Failure> {
    let is_said = || judged.findings.iter().any(|finding| finding.severity == Severity::Error);
    if judged.name.is_some() && judged.version.is_some() || !chart.failures.is_empty() || is_said() {
        return None;
    }
    let failure = Failure::new(FailureKind::Read, "Chart.yaml does not say which chart and which version this is");
    Some(
        failure
            .of_chart(&chart.path)
            .help("run `chartgate check` with the default rules, which say what is wrong with it"),
    )
}

/// The texts in which comments can speak of a chart, with those that do.
fn texts(chart: &Chart, views: &[ProfileView], sources: &Sources) -> BTreeMap<SourceId, Vec<Ignore>> {
    let values = views.iter().flat_map(|view| &view.profile.values);
    let texts = suppress::texts(chart).into_iter().chain(values.map(|root| root.location.source));
    texts.map(|id| (id, comment::ignores(id, &sources.get(id)))).collect()
}

/// A chart beside its earlier states.
struct Comparisons {
    history: History,
    /// What is published of it.
    state: PublishedState,
    /// What changed since the last release, where a rule asks.
    since: Option<Since>,
    failures: Vec<Failure>,
    skipped: Vec<Skipped>,
}

fn compared(chart: &Chart, terms: Terms<'_>) -> Comparisons {
    timings::stage(terms.timings, Stage::Compare, || {
        let Answer { history, state, failures } =
            terms.past.map_or_else(|| Past::default().answer(chart), |past| past.answer(chart));
        let mut compared = Comparisons { history, state, since: None, failures, skipped: vec![] };
        compared.since = changed_since(chart, &mut compared, terms);
        compared
    })
}

/// What changed since the last release, where a rule asks.
fn changed_since(chart: &Chart, compared: &mut Comparisons, terms: Terms<'_>) -> Option<Since> {
    let policy = terms.policy.filter(|policy| policy.needs(Need::Last))?;
    let (known, cache) = (Arc::default(), terms.cache.of_states());
    let lens = Lens::comparing(terms.config, &known, &cache, terms.sources);
    let last = &compared.history.last;
    // What cannot be had is not rendered, and so not compared, which is said below.
    let mut moved = vec![];
    let complete = |old: &mut Chart| {
        moved = compare::lend_submodules(old, chart);
        _ = terms.resolver.complete(old, terms.config.fetch, terms.sources);
    };
    let release = catch_unwind(AssertUnwindSafe(|| since::since(chart, last, lens, complete)));
    let Ok(release) = release else {
        let message = "comparing the chart with its last release went wrong in chartgate itself";
        compared.failures.push(Failure::new(FailureKind::Internal, message).help(rules::REPORT));
        return None;
    };
    let release = release?;
    compared.skipped.extend(moved.into_iter().map(|part| {
        let name = part.name().unwrap_or_default();
        Skipped::all(format!("what changed in `{name}`, which lies in another commit of a submodule than before"))
    }));
    for part in &release.changes.uncompared {
        let counts = |rule: &&&str| policy.steps.iter().any(|step| step.id == **rule);
        let rules = part.rules.iter().filter(counts);
        compared.skipped.extend(rules.map(|rule| Skipped { rule: (*rule).to_owned(), reason: part.reason.clone() }));
    }
    let step = |id: &str| policy.steps.iter().find(|rule| rule.id == id)?.step;
    Since::new(&release.baseline, &release.chart, &release.changes, &step)
}
