//! One chart: loaded, compared with its earlier state, laid under each profile, and shown to every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::asked::Asked;
use super::definitions::Library;
use super::lens::{Again, Lens};
use super::past::Past;
use super::plan::Planned;
use super::policy::{On, Policy};
use super::profiles::{self, Profiles};
use super::resolve::Answers;
use super::since;
use super::subject::Subject;
use super::timings::{self, Stage, Timings};
use super::view::{unrendered, view};
use super::{Error, Identity, of_deployment};
use crate::chart::{self, Chart};
use crate::config::comment::{self, Ignore};
use crate::config::{Config, suppress};
use crate::crd::{CustomKind, Definitions};
use crate::dependency::{Completed, Resolver};
use crate::finding::{ComparedWith, Failure, FailureKind, Finding, PublishedState, Severity, Skipped};
use crate::gitops::Discovered;
use crate::network::Network;
use crate::profile::Profile;
use crate::published::places::Answer;
use crate::published::{Comparison, History, compare};
use crate::render::Cache;
use crate::rule::{self, Context, Fact, Files, Need, ProfileView, Registered, Rule, Said, Since, Target};
use crate::text::{Location, SourceId, Sources};

const REPORT: &str = "please report it with the chart that it happened on";

/// What a chart is judged by.
#[derive(Clone, Copy)]
pub(super) struct Terms<'a> {
    /// Its configuration.
    pub config: &'a Config,
    /// What counts under it; none where no rule looks.
    pub policy: Option<&'a Policy>,
    /// The chart that it should be made from, where somebody asks.
    pub source: Option<&'a Chart>,
    /// Whether a rule looks at the chart under its profiles; those that compare its states do not.
    pub sees_profiles: bool,
    /// Whether to say by digest what was judged.
    pub is_attested: bool,
    /// What it is compared with; none where no rule asks.
    pub past: Option<&'a Past>,
    /// What registries have said of images, and the way to them; none where no rule asks.
    pub registries: Option<(&'a Answers, &'a Arc<Network>)>,
    /// What GitOps files say.
    pub discovered: &'a Discovered,
    /// What the command line says of profiles.
    pub asked: &'a Asked,
    /// Finds dependencies.
    pub resolver: &'a Resolver<'a>,
    /// Finds definitions outside of charts; none where nobody asks.
    pub library: Option<&'a Library<'a>>,
    /// Templates that were parsed already.
    pub cache: &'a Cache,
    /// Takes how long the parts of it take.
    pub timings: Option<&'a Timings>,
    /// Takes the texts.
    pub sources: &'a Sources,
}

impl<'a> Terms<'a> {
    /// Those of a chart that is looked at and not judged: no rule asks for anything.
    pub(super) fn looking(
        config: &'a Config,
        (discovered, asked): (&'a Discovered, &'a Asked),
        resolver: &'a Resolver<'a>,
        cache: &'a Cache,
        sources: &'a Sources,
    ) -> Self {
        Self {
            config,
            policy: None,
            source: None,
            sees_profiles: true,
            is_attested: false,
            past: None,
            registries: None,
            discovered,
            asked,
            resolver,
            library: None,
            cache,
            timings: None,
            sources,
        }
    }

    /// The rules that are on.
    fn rules(self) -> &'a [On] {
        self.policy.map_or(&[], |policy| &policy.on)
    }
}

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

/// A chart under its profiles, before any rule looks.
#[derive(Debug)]
pub(super) struct Seen {
    /// The chart.
    pub chart: Chart,
    /// It under each profile that was asked for.
    pub views: Vec<ProfileView>,
    /// What could not be read, followed or rendered.
    pub failures: Vec<Failure>,
    /// The names of all its profiles.
    pub known_profiles: Vec<String>,
    /// Profiles that are configured and do not apply to it.
    pub lacking: Vec<Skipped>,
    /// Files that may be meant as values of production and make no profile, each with the reason.
    pub passed_over: Vec<(String, String)>,
}

/// A chart with its profiles, before it is rendered.
pub(super) struct Opened {
    /// The chart, with what it depends on.
    pub chart: Chart,
    /// Its profiles that were asked for.
    pub profiles: Vec<Profile>,
    known_profiles: Vec<String>,
    lacking: Vec<Skipped>,
    passed_over: Vec<(String, String)>,
    completed: Completed,
}

/// Loads a chart and finds its profiles.
pub(super) fn open(planned: &Planned, terms: Terms<'_>) -> Result<Opened, Error> {
    let mut chart = chart::load(&planned.tree, &planned.folder, terms.sources);
    if let Some(release) = &planned.release {
        chart.path.clone_from(&release.path);
    }
    let is_compared = terms.past.is_some_and(Past::compares_packages);
    let is_rendered = terms.sees_profiles || terms.policy.is_some_and(|policy| policy.needs(Need::Last));
    let completed = if is_rendered || is_compared {
        terms.resolver.complete(&mut chart, terms.config.fetch, terms.sources)
    } else {
        Completed::default()
    };
    let Profiles { all: mut profiles, lacking, passed_over } = profiles(&chart, planned, terms)?;
    let known_profiles = profiles.iter().map(|profile| profile.name.clone()).collect();
    if !terms.asked.names.is_empty() {
        profiles.retain(|profile| terms.asked.names.contains(&profile.name));
    }
    Ok(Opened { chart, profiles, known_profiles, lacking, passed_over, completed })
}

pub(super) fn see(planned: &Planned, terms: Terms<'_>) -> Result<Seen, Error> {
    let opened = timings::stage(terms.timings, Stage::Load, || open(planned, terms))?;
    let Opened { chart, profiles, known_profiles, lacking, passed_over, completed } = opened;
    let kube_version = terms.config.kube_version.as_ref().map(|version| version.value.as_str());
    let lens = Lens {
        sources: terms.sources,
        cache: terms.cache,
        kube_version,
        kube_versions: &terms.config.kube_versions,
        again: again(terms.rules()),
        helm: terms.config.helm.unwrap_or_default(),
        compares_helms: terms.rules().iter().any(|on| on.rule.needs.contains(&Need::Helms)),
        admitted: &Arc::default(),
        timings: terms.timings,
    };
    let seen = profiles.iter().filter(|_| terms.sees_profiles);
    let views: Vec<ProfileView> = seen.map(|profile| view(&chart, profile, lens)).collect();
    let unread = chart.with_dependencies();
    let mut failures: Vec<Failure> = unread.iter().flat_map(|chart| chart.failures.clone()).collect();
    let is_of_folder = planned.release.is_none();
    let about = |each: &&crate::gitops::Unresolved| is_of_folder && each.chart.as_deref() == Some(&chart.folder);
    let unresolved = terms.discovered.unresolved.iter().filter(about);
    failures.extend(unresolved.map(|each| profiles::unresolved(&chart.path, each)));
    failures.extend(unrendered(&chart, &views));
    if terms.past.is_some_and(Past::compares_packages) || views.iter().any(|view| view.rendered.is_some()) {
        failures.extend(completed.failures);
    }
    Ok(Seen { chart, views, failures, known_profiles, lacking, passed_over })
}

/// The profiles of a chart; a deployment that is judged by itself is one.
fn profiles(chart: &Chart, planned: &Planned, terms: Terms<'_>) -> Result<Profiles, Error> {
    match &planned.release {
        Some(release) => {
            Ok(Profiles { all: vec![profiles::carried(release.profile.clone(), terms.config)], ..Profiles::default() })
        }
        None => profiles::of_chart(chart, terms.config, terms.asked, &terms.discovered.deployments, terms.sources),
    }
}

/// Which profiles a rule wants rendered more than once.
fn again(rules: &[On]) -> Again {
    match rules.iter().find(|on| on.rule.needs.contains(&Need::Renderings)) {
        None => Again::Never,
        Some(on) if on.params.string("profiles") == "all" => Again::Always,
        Some(_) => Again::Templated,
    }
}

pub(super) fn judge(planned: &Planned, terms: Terms<'_>) -> Result<Judged, Error> {
    if let Some(release) = planned.release.as_deref().filter(|release| !release.is_fetched) {
        return Ok(Judged::without_chart(release, terms.sources));
    }
    let Seen { chart, views, mut failures, known_profiles, lacking, .. } = see(planned, terms)?;
    let compare = || answer(&chart, terms.past);
    let Answer { history, state: published, failures: unanswered } =
        timings::stage(terms.timings, Stage::Compare, compare);
    failures.extend(unanswered);
    let mut judged = Judged {
        path: chart.path.clone(),
        name: chart.name().map(str::to_owned),
        version: chart.version().map(str::to_owned),
        texts: texts(&chart, &views, terms.sources),
        identity: terms.is_attested.then(|| Identity::of(&chart)),
        findings: vec![],
        failures,
        skipped: if terms.sees_profiles { lacking } else { vec![] },
        known_profiles,
        published,
        compared_with: history.compared_with(),
        undefined: BTreeSet::new(),
        facts: facts(&chart, planned, terms.discovered),
    };
    let compare = || changed_since(&chart, &mut judged, terms, &history.last);
    let since = timings::stage(terms.timings, Stage::Compare, compare);
    let asks = terms.policy.is_some_and(|policy| policy.needs(Need::Definitions));
    let library = terms.library.filter(|_| asks);
    let find = || library.map(|library| library.of(planned, &chart, &views)).unwrap_or_default();
    let (definitions, unread) = timings::stage(terms.timings, Stage::Definitions, find);
    judged.failures.extend(unread);
    judged.undefined.extend(definitions.missing().cloned());
    let (registered, unasked) =
        terms.registries.map(|(answers, network)| answers.of(&views, network)).unwrap_or_default();
    judged.failures.extend(unasked);
    let seen = Compared {
        chart: &chart,
        views: &views,
        history: &history,
        definitions: &definitions,
        registered: &registered,
        is_release: planned.release.is_some(),
    };
    timings::stage(terms.timings, Stage::Rules, || run_rules(seen, since.as_ref(), &mut judged, terms));
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
#[derive(Clone, Copy)]
struct Compared<'a> {
    chart: &'a Chart,
    views: &'a [ProfileView],
    history: &'a History,
    definitions: &'a Definitions,
    registered: &'a Registered,
    /// Whether a deployment is judged, and not the chart.
    is_release: bool,
}

impl Compared<'_> {
    /// Whether a rule looks at what is judged: of a deployment at what it makes, as the chart is somebody else's.
    fn concerns(&self, rule: &Rule) -> bool {
        !self.is_release || matches!(rule.target, Target::Manifest | Target::Image)
    }
}

fn answer(chart: &Chart, past: Option<&Past>) -> Answer {
    past.map_or_else(|| Past::default().answer(chart), |past| past.answer(chart))
}

/// What changed since the last release, where a rule asks.
fn changed_since(chart: &Chart, judged: &mut Judged, terms: Terms<'_>, last: &Comparison) -> Option<Since> {
    let policy = terms.policy.filter(|policy| policy.needs(Need::Last))?;
    let known = Arc::default();
    let lens = Lens::comparing(terms.config, &known, terms.cache, terms.sources);
    // What cannot be had is not rendered, and so not compared, which is said below.
    let mut moved = vec![];
    let complete = |old: &mut Chart| {
        moved = compare::lend_submodules(old, chart);
        _ = terms.resolver.complete(old, terms.config.fetch, terms.sources);
    };
    let compared = catch_unwind(AssertUnwindSafe(|| since::since(chart, last, lens, complete)));
    let Ok(release) = compared else {
        let message = "comparing the chart with its last release went wrong in chartgate itself";
        judged.failures.push(Failure::new(FailureKind::Internal, message).help(REPORT));
        return None;
    };
    let release = release?;
    judged.skipped.extend(moved.into_iter().map(|part| {
        let name = part.name().unwrap_or_default();
        Skipped::all(format!("what changed in `{name}`, which lies in another commit of a submodule than before"))
    }));
    for part in &release.changes.uncompared {
        let counts = |rule: &&&str| policy.steps.iter().any(|step| step.id == **rule);
        let rules = part.rules.iter().filter(counts);
        judged.skipped.extend(rules.map(|rule| Skipped { rule: (*rule).to_owned(), reason: part.reason.clone() }));
    }
    let step = |id: &str| policy.steps.iter().find(|rule| rule.id == id)?.step;
    Since::new(&release.baseline, &release.chart, &release.changes, &step)
}

fn run_rules(seen: Compared<'_>, since: Option<&Since>, judged: &mut Judged, terms: Terms<'_>) {
    let Compared { chart, views, history, registered, .. } = seen;
    let intent = terms.past.map(|past| past.intent.clone()).unwrap_or_default();
    let source = terms.source.map(|source| compare::differences(chart, source));
    judged.skipped.extend(terms.past.iter().flat_map(|past| past.skipped(chart, terms.rules())));
    for On { rule, level, params, .. } in terms.rules().iter().filter(|on| seen.concerns(&on.rule)) {
        if let (Target::Change, Comparison::Inapplicable { reason }) = (rule.target, &history.own) {
            judged.skipped.push(Skipped { rule: rule.id.clone(), reason: reason.clone() });
            continue;
        }
        if let Some(reason) = unasked(rule, terms) {
            judged.skipped.push(Skipped { rule: rule.id.clone(), reason: reason.to_owned() });
            continue;
        }
        let (files, failures) = Files::read(chart, terms.sources, params.files(rule));
        judged.failures.extend(failures);
        let context = Context {
            chart,
            sources: terms.sources,
            profiles: views,
            definitions: seen.definitions,
            cache: terms.cache,
            history,
            registered,
            intent: &intent,
            source: source.as_deref(),
            since,
            params,
            files: &files,
        };
        let said = timings::rule(terms.timings, &rule.id, || guarded(rule, || rule::run(rule, *level, &context)));
        judged.findings.extend(said.findings);
        judged.failures.extend(said.failures);
        judged.skipped.extend(said.skipped);
    }
}

/// Why no registry is asked for what a rule needs to know of images; none where it needs nothing, or they are.
fn unasked(rule: &Rule, terms: Terms<'_>) -> Option<&'static str> {
    if !rule.needs.contains(&Need::Registries) || terms.registries.is_some() {
        return None;
    }
    Some(if terms.policy.is_some_and(|policy| policy.resolves) {
        "no registry was asked for images, as `--offline` wants it"
    } else {
        "registries are asked for images with `--resolve`, or `resolve: true` in the configuration"
    })
}

/// What a rule says. One that panics is a bug of ours: said as such, and the other rules still look.
fn guarded(rule: &Rule, run: impl FnOnce() -> Said) -> Said {
    let failed = |_| Said { failures: vec![panicked(rule)], ..Said::default() };
    catch_unwind(AssertUnwindSafe(run)).unwrap_or_else(failed)
}

fn panicked(rule: &Rule) -> Failure {
    Failure::new(FailureKind::Internal, format!("the rule `{}` went wrong in chartgate itself", rule.id)).help(REPORT)
}

#[cfg(test)]
mod tests {
    use super::{Said, guarded};
    use crate::checks;
    use crate::finding::FailureKind;

    #[test]
    fn a_rule_that_goes_wrong_is_a_failure_that_names_it() {
        let registry = checks::registry();
        let rule = registry.get("version-reused").expect("it is there");
        let Said { findings, failures, .. } = guarded(rule, || panic!("as a check with a defect does"));
        assert!(findings.is_empty());
        let [failure] = failures.as_slice() else { panic!("one failure: {failures:?}") };
        assert_eq!(failure.kind, FailureKind::Internal);
        assert!(failure.message.contains("`version-reused`"), "{}", failure.message);
    }
}
