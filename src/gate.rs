//! The gate: plan → load → compare → check → suppress → report. It decides, and prints nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::path::PathBuf;

use rayon::prelude::*;

use crate::config::suppress::Suppressions;
use crate::config::{self, Config, Date, FailOn};
use crate::dependency::Surroundings;
use crate::finding::{
    ChartReport, Failure, Finding, Report, ReportedRule, Severity, Skipped, Status, Verdict, verdict,
};
use crate::network;
use crate::published::ReleaseTag;
use crate::render::{Cache, threads};
use crate::rule::{Fact, Need, Params, Rule, Target, judge_fact, params};
use crate::source::git;
use crate::text::Sources;
use judge::{Judged, Terms};
use plan::Plan;
use profiles::Asked;

mod changed;
mod concern;
mod dependencies;
mod deployments;
mod diff;
mod judge;
mod loosened;
mod pack;
mod past;
mod place;
mod plan;
mod policy;
mod profiles;
mod since;
mod source;
mod survey;
mod targets;
mod trust;
mod versioned;
mod view;

pub use changed::{Changed, Changes, changed};
pub use dependencies::{Dependency, Resolved, dependencies, updated};
pub use diff::{Diff, diff};
pub use pack::{Packed, pack};
pub use policy::{Evidence, Identity, identify};
pub use since::{Release, since};
pub use survey::{Survey, Surveyed, survey};
pub use versioned::Versioned;
pub use view::{Again, Lens, view};

/// What is to be judged, and how.
#[derive(Debug, Clone)]
pub struct Request {
    /// The folder that relative paths start from.
    pub working_dir: PathBuf,
    /// Charts, archives or folders of charts; the working directory where empty.
    pub paths: Vec<PathBuf>,
    /// Of those charts, only the ones that these files belong to.
    pub files: Option<Vec<PathBuf>>,
    /// Of those charts, only the ones that differ from the base or are judged by files that do.
    pub changed: bool,
    /// The folder of the chart from which the one archive that is judged should be made.
    pub source: Option<PathBuf>,
    /// The configuration to use in place of the nearest.
    pub config: Option<PathBuf>,
    /// Names of the profiles to judge; all where empty.
    pub profiles: Vec<String>,
    /// Values files of an ad-hoc profile.
    pub values: Vec<PathBuf>,
    /// Whether the ad-hoc profile is production.
    pub production: bool,
    /// Rules to run in place of those on by default.
    pub select: Vec<String>,
    /// Rules not to run.
    pub ignore: Vec<String>,
    /// The least severity that fails, over the configuration's.
    pub fail_on: Option<FailOn>,
    /// The revision to compare with, and no other.
    pub base: Option<String>,
    /// The revision whose configuration and rules count, in place of those of what is judged.
    pub policy_from: Option<String>,
    /// The revision to judge in place of the working tree.
    pub at: Option<String>,
    /// The repository of `at`.
    pub git_dir: Option<PathBuf>,
    /// The branch that a CI system says it merges into.
    pub target_branch: Option<String>,
    /// The commit that a CI system says the branch was at before the push it runs for.
    pub pushed_from: Option<String>,
    /// What is set in place of what each Chart.yaml says.
    pub versioned: Versioned,
    /// The day that suppressions run out by.
    pub today: Date,
    /// Whether the network must not be used.
    pub offline: bool,
    /// What the network needs of the surroundings.
    pub network: network::Options,
    /// Where dependencies may lie.
    pub dependencies: Surroundings,
    /// The git tag that the run is for.
    pub tag: Option<ReleaseTag>,
}

/// Why nothing was judged.
#[derive(Debug)]
pub enum Error {
    /// The request cannot be carried out as it stands.
    Usage {
        /// What is wrong, in lower case.
        message: String,
        /// What to do.
        help: String,
    },
    /// Configuration or user rules are wrong.
    Config(Vec<config::Error>),
}

impl Error {
    fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    #[expect(clippy::needless_pass_by_value, reason = "called as a function by `map_err`")]
    fn git(error: git::Error) -> Self {
        Self::Usage { message: error.to_string(), help: error.help().unwrap_or_else(|| "see `git status`".into()) }
    }
}

impl Request {
    /// Everything below a folder, as of a day, with no options.
    pub fn new(working_dir: PathBuf, today: Date) -> Self {
        Self {
            working_dir,
            paths: vec![],
            files: None,
            changed: false,
            source: None,
            config: None,
            profiles: vec![],
            values: vec![],
            production: false,
            select: vec![],
            ignore: vec![],
            fail_on: None,
            base: None,
            policy_from: None,
            at: None,
            git_dir: None,
            target_branch: None,
            pushed_from: None,
            versioned: Versioned::default(),
            today,
            offline: false,
            network: network::Options::default(),
            dependencies: Surroundings::default(),
            tag: None,
        }
    }

    fn paths_or_here(&self) -> Vec<PathBuf> {
        if self.paths.is_empty() { vec![PathBuf::from(".")] } else { self.paths.clone() }
    }
}

/// Judges every chart that the request names. The texts behind the report's locations are in `sources`.
///
/// # Errors
/// Where nothing can be judged: [`Error`].
pub fn check(request: &Request, sources: &Sources) -> Result<Report, Error> {
    judged(request, sources, false).map(|(report, _)| report)
}

/// The same, with what was judged and by what; none where nothing was.
///
/// # Errors
/// As [`check`].
pub fn check_with_evidence(request: &Request, sources: &Sources) -> Result<(Report, Option<Evidence>), Error> {
    judged(request, sources, true)
}

fn judged(request: &Request, sources: &Sources, is_attested: bool) -> Result<(Report, Option<Evidence>), Error> {
    let mut plan = plan::plan(request, sources)?;
    let untold = narrow(&mut plan, request)?;
    if (request.files.is_some() || request.changed) && plan.charts.is_empty() && untold.is_empty() {
        return Ok((Report::of_nothing(plan.failures, plan.left_out), None));
    }
    let source = request.source.as_ref().map(|folder| source::source(request, &plan, folder, sources)).transpose()?;
    let levels = levels(request, &plan)?;
    let steps = plan.configs.iter().map(|config| plan.steps(request, config)).collect::<Result<Vec<_>, _>>()?;
    let (pasts, mut failures) = past::all(request, &plan, &levels);
    let sees_profiles = sees_profiles(request, &levels);
    let (discovered, unfound) =
        if sees_profiles { deployments::discover(&plan, sources) } else { deployments::none(&plan) };
    failures.extend(unfound.into_iter().chain(untold).chain(deployments::unfollowed(&discovered)));
    let asked: Vec<Asked> = plan.places.iter().map(|place| place.asked(request)).collect::<Result<_, _>>()?;
    let (cache, resolver) = (Cache::default(), dependencies::resolver(request, &plan));
    let judge = |planned: &plan::Planned| {
        let (texts, cache) = (sources.part(), cache.of_chart());
        let terms = Terms {
            config: &plan.configs[planned.config],
            rules: &levels[planned.config],
            steps: &steps[planned.config],
            past: pasts.get(&(planned.place, planned.config)),
            discovered: &discovered[planned.place],
            asked: &asked[planned.place],
            resolver: &resolver,
            cache: &cache,
            source: source.as_ref(),
            is_attested,
            sees_profiles,
            sources: &texts,
        };
        let judged = judge::judge(planned, terms)?;
        texts.keep(&judged.mentioned());
        Ok(judged)
    };
    let judged: Vec<Judged> = threads::spread(|| plan.charts.par_iter().map(judge).collect::<Result<_, _>>())?;
    profiles::all_known(&request.profiles, &judged)?;
    if request.values.is_empty() && request.files.is_none() && !request.changed {
        profiles::all_found(&plan, &judged)?;
    }
    failures.extend(plan.places.iter().filter_map(|place| place.failure.clone()));
    failures.extend(plan.failures.iter().cloned());
    failures.extend(source.iter().flat_map(|chart| chart.failures.clone()));
    let contents = judged.iter().filter_map(|each| each.identity.clone()).collect();
    let evidence = is_attested.then(|| policy::evidence(request, &plan, &levels, contents, sources)).transpose()?;
    let (loosened, uncompared) = loosened::facts(request, &plan, &levels, sources);
    let about = About { loosened, uncompared };
    let report = report(request, &plan, &levels, &judged, about, failures, sources);
    // A hundred charts' templates are many small pieces of memory: nobody has to wait until they are given back.
    rayon::spawn(move || drop(cache));
    Ok((report, evidence))
}

/// Whether anything is asked of charts under their profiles. Where only states are compared, reading a repository's GitOps files and
/// rendering would take ten times as long as the answer.
fn sees_profiles(request: &Request, levels: &Levels<'_>) -> bool {
    !request.profiles.is_empty() || levels.iter().flatten().any(|(rule, ..)| rule.needs.contains(&Need::Profiles))
}

/// Leaves in the plan the charts that given files belong to, or that changed; what keeps that from being told is returned.
fn narrow(plan: &mut Plan, request: &Request) -> Result<Vec<Failure>, Error> {
    let levels = levels(request, plan)?;
    let (kept, failures) = match &request.files {
        Some(files) => (concern::concerned(plan, request, files, &levels)?, vec![]),
        None if request.changed => changed::open(plan, request, &levels)?,
        None => return Ok(vec![]),
    };
    drop(levels);
    plan.charts = kept;
    Ok(failures)
}

/// The rules that are on under each configuration, with level and parameters.
type Levels<'a> = Vec<Vec<(&'a Rule, Severity, Params)>>;

fn levels<'a>(request: &Request, plan: &'a Plan) -> Result<Levels<'a>, Error> {
    let of_config = |config: &Config| {
        let mut errors = vec![];
        let mut on = vec![];
        for (rule, severity) in plan.rules(request, config)? {
            let given = config.rules.get(&rule.id).and_then(|configured| configured.params.as_ref());
            match params::resolve(rule, given) {
                Ok(params) => on.push((rule, severity, params)),
                Err(wrong) => errors.extend(wrong.into_iter().map(plan::from_rule)),
            }
        }
        if errors.is_empty() { Ok(on) } else { Err(Error::Config(errors)) }
    };
    plan.configs.iter().map(of_config).collect()
}

/// What is to be said of the run's own terms.
struct About {
    loosened: Vec<(usize, Fact)>,
    uncompared: Vec<Skipped>,
}

fn report(
    request: &Request,
    plan: &Plan,
    levels: &Levels<'_>,
    judged: &[Judged],
    about: About,
    mut failures: Vec<Failure>,
    sources: &Sources,
) -> Report {
    let places = places(judged);
    let level = |rule: &str, chart: &str| {
        let at = *places.get(chart)?;
        let rules = &levels[plan.charts[at].config];
        rules.iter().find(|(on, ..)| on.id == rule).map(|(_, severity, _)| *severity)
    };
    let mut findings: Vec<Finding> = judged.iter().flat_map(|each| each.findings.clone()).collect();
    for (chart, fact) in &about.loosened {
        let said = say(plan, levels, *chart, &judged[*chart].path, Target::Policy, fact);
        findings.extend(said.0);
        failures.extend(said.1);
    }
    for (path, fact) in suppress(request, plan, judged, &mut findings, &level, sources) {
        let Some(chart) = places.get(path.as_str()) else { continue };
        let said = say(plan, levels, *chart, &path, Target::Suppression, &fact);
        findings.extend(said.0);
        failures.extend(said.1);
    }
    findings.sort_by_cached_key(|finding| order(finding, sources));
    findings.dedup();
    failures.extend(judged.iter().flat_map(|each| each.failures.clone()));
    failures.sort();
    failures.dedup();
    let threshold = |config: usize| {
        let chosen = request.fail_on.or(plan.configs[config].fail_on);
        chosen.unwrap_or(FailOn::Error).threshold()
    };
    let counting = Counting::of(&findings, &failures);
    let charts: Vec<ChartReport> = judged
        .iter()
        .zip(&plan.charts)
        .map(|(each, planned)| chart_report(each, &counting, threshold(planned.config)))
        .collect();
    let of_charts = charts.iter().map(|chart| chart.verdict).max().unwrap_or(Verdict::Pass);
    let mut skipped: Vec<Skipped> = judged.iter().flat_map(|each| each.skipped.clone()).collect();
    skipped.extend(plan.left_out.iter().cloned().chain(about.uncompared));
    skipped.extend(plan.idle_rules());
    skipped.sort();
    skipped.dedup();
    Report {
        verdict: if failures.is_empty() { of_charts } else { of_charts.max(Verdict::Undecided) },
        charts,
        findings,
        failures,
        skipped,
        rules: reported(plan, levels),
        fail_on: threshold(plan.charts.first().map_or(0, |planned| planned.config)),
    }
}

/// What the rules that are on for a chart say of a fact.
fn say(
    plan: &Plan,
    levels: &Levels<'_>,
    chart: usize,
    path: &str,
    target: Target,
    fact: &Fact,
) -> (Vec<Finding>, Vec<Failure>) {
    let rules = &levels[plan.charts[chart].config];
    let said = rules.iter().map(|(rule, severity, params)| {
        let said = judge_fact(rule, *severity, params, path, target, fact);
        (said.findings, said.failures)
    });
    let (findings, failures): (Vec<_>, Vec<_>) = said.unzip();
    (findings.concat(), failures.concat())
}

/// The rules that are on for any chart.
fn reported(plan: &Plan, levels: &Levels<'_>) -> Vec<ReportedRule> {
    let used: BTreeSet<usize> = plan.charts.iter().map(|planned| planned.config).collect();
    let mut rules: BTreeMap<&str, ReportedRule> = BTreeMap::new();
    for (rule, level, _) in used.into_iter().flat_map(|config| &levels[config]) {
        let known = rules.entry(&rule.id).or_insert_with(|| rule.reported(*level));
        known.level = known.level.max(*level);
    }
    rules.into_values().collect()
}

/// Marks what somebody decided not to count; what is returned speaks of decisions that are void, each of the chart at a path.
fn suppress(
    request: &Request,
    plan: &Plan,
    judged: &[Judged],
    findings: &mut [Finding],
    level: &dyn Fn(&str, &str) -> Option<Severity>,
    sources: &Sources,
) -> Vec<(String, Fact)> {
    let mut suppressions = Suppressions::new(sources, &plan.names, request.today);
    for (each, planned) in judged.iter().zip(&plan.charts) {
        suppressions.add_chart(&each.path, &plan.configs[planned.config]);
        for (text, ignores) in &each.texts {
            suppressions.add_text(*text, ignores, &each.path);
        }
    }
    suppressions.apply(findings);
    suppressions.void(level)
}

type Order = (Option<String>, String, u32, String, Option<String>, String);

/// By chart, then by place, then by what is said.
fn order(finding: &Finding, sources: &Sources) -> Order {
    let place = finding.primary.location;
    let path = sources.path(place);
    let (rule, message) = (finding.rule.clone(), finding.message.clone());
    (finding.chart.clone(), path, place.span.start, rule, finding.profile.clone(), message)
}

/// The first of the judged charts at each path.
fn places(judged: &[Judged]) -> HashMap<&str, usize> {
    judged.iter().enumerate().rev().map(|(at, each)| (each.path.as_str(), at)).collect()
}

/// What counts for the verdict on each chart, by its path.
struct Counting<'a> {
    open: HashMap<&'a str, Vec<&'a Finding>>,
    /// The charts that failures are about; none for what is about them all.
    failed: HashSet<Option<&'a str>>,
}

impl<'a> Counting<'a> {
    fn of(findings: &'a [Finding], failures: &'a [Failure]) -> Self {
        let mut open: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.status == Status::Open) {
            open.entry(finding.chart.as_deref().unwrap_or_default()).or_default().push(finding);
        }
        Self { open, failed: failures.iter().map(|failure| failure.chart.as_deref()).collect() }
    }
}

fn chart_report(judged: &Judged, counting: &Counting<'_>, threshold: Option<Severity>) -> ChartReport {
    let own = counting.open.get(judged.path.as_str()).into_iter().flatten().copied();
    let has_failures = [None, Some(judged.path.as_str())].iter().any(|about| counting.failed.contains(about));
    ChartReport {
        name: judged.name.clone(),
        version: judged.version.clone(),
        path: judged.path.clone(),
        verdict: verdict(own, has_failures, threshold),
        published: judged.published,
        fail_on: threshold,
    }
}
