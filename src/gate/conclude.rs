//! What a run comes to: findings suppressed, in order, and counted to a verdict on each chart and on all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::departed::Departed;
use super::idle;
use super::judge::Judged;
use super::loosened::loosened;
use super::named;
use super::pipelines::{Pipelines, pipelines};
use super::plan::{Plan, Planned, RULES};
use super::policy::On;
use crate::config::FailOn;
use crate::config::comment;
use crate::config::suppress::{Levels, Suppressions};
use crate::crd::CustomKind;
use crate::finding::{
    ChartReport, Failure, FailureKind, Finding, Report, ReportedRule, Severity, Skipped, Status, UsedPolicy, Verdict,
    verdict,
};
use crate::rule::{Fact, Home, Need, Rule, Target, judge_fact};
use crate::text::{Address, Location, SourceId, Sources};

/// The report on what was judged; `failures` are those of no one chart.
pub(super) fn report(
    plan: &Plan<'_>,
    mut judged: Vec<Judged>,
    failures: Vec<Failure>,
    departed: &Departed,
    sources: &Sources,
) -> Report {
    let names: Vec<Option<&str>> = judged.iter().map(|each| each.name.as_deref()).collect();
    let pipelines = pipelines(plan, &names, sources);
    let findings: Vec<Finding> = judged.iter_mut().flat_map(|each| std::mem::take(&mut each.findings)).collect();
    add_texts(&mut judged, &findings, &pipelines, sources);
    let judged = judged.as_slice();
    let loosened = loosened(plan, judged, departed, sources);
    let mut said = Said { plan, judged, findings, failures };
    said.failures.extend(loosened.failures);
    said.add(Target::Policy, &loosened.facts);
    said.failures.extend(pipelines.failures);
    said.add(Target::Pipeline, &pipelines.facts);
    for (chart, each) in judged.iter().enumerate() {
        each.facts.iter().for_each(|fact| said.add_one(Target::Deployment, chart, fact));
    }
    for (chart, planned) in plan.charts.iter().enumerate() {
        match departed.gone(planned, sources) {
            Ok(facts) => facts.iter().for_each(|fact| said.add_one(Target::Deployment, chart, fact)),
            Err(reason) if judges_deployments(plan, planned) => said.fail(&reason),
            Err(_) => {}
        }
    }
    // Entries of `suppress` that are new.
    let added = loosened.facts.iter().filter(|(_, fact)| fact.kind == "suppression").map(|(_, fact)| fact.at);
    said.weigh(added.collect(), sources);
    let (findings, failures) = said.finish(sources);
    let threshold = |config: usize| {
        let chosen = plan.request.policy.fail_on.or(plan.configs[config].fail_on);
        chosen.unwrap_or(FailOn::Error).threshold()
    };
    let counting = Tally::of(&findings, &failures);
    let charts: Vec<ChartReport> = judged
        .iter()
        .zip(&plan.charts)
        .map(|(each, planned)| chart_report(each, &counting, threshold(planned.config)))
        .collect();
    let of_charts = charts.iter().map(|chart| chart.verdict).max().unwrap_or(Verdict::Pass);
    let mut skipped: Vec<Skipped> = judged.iter().flat_map(|each| each.skipped.clone()).collect();
    skipped.extend(plan.left_out.iter().cloned().chain(loosened.skipped).chain(pipelines.skipped));
    skipped.extend(idle_rules(plan));
    skipped.extend(undefined(plan, judged));
    skipped.sort();
    skipped.dedup();
    Report {
        verdict: if failures.is_empty() { of_charts } else { of_charts.max(Verdict::Undecided) },
        charts,
        findings,
        failures,
        skipped,
        rules: reported(plan),
        policies: policies(plan, sources),
        fail_on: threshold(plan.charts.first().map_or(0, |planned| planned.config)),
    }
}

/// What is said of a run.
struct Said<'p> {
    plan: &'p Plan<'p>,
    judged: &'p [Judged],
    findings: Vec<Finding>,
    failures: Vec<Failure>,
}

/// Whether a rule on deployments is on for a chart.
fn judges_deployments(plan: &Plan<'_>, planned: &Planned) -> bool {
    plan.policy(planned).on.iter().any(|on| on.rule.target == Target::Deployment)
}

impl Said<'_> {
    /// Adds why deployments cannot be compared with those before, where the same was not said yet.
    fn fail(&mut self, reason: &str) {
        let message = format!("deployments cannot be compared with the earlier ones: {reason}");
        if self.failures.iter().all(|known| known.message != reason && known.message != message) {
            self.failures.push(Failure::new(FailureKind::Git, message));
        }
    }

    /// What rules make of facts, each with the chart that it is about.
    fn add<'f>(&mut self, target: Target, facts: impl IntoIterator<Item = &'f (usize, Fact)>) {
        facts.into_iter().for_each(|(chart, fact)| self.add_one(target, *chart, fact));
    }

    fn add_one(&mut self, target: Target, chart: usize, fact: &Fact) {
        let (findings, failures) = say(self.plan, chart, &self.judged[chart].path, target, fact);
        self.findings.extend(findings);
        self.failures.extend(failures);
    }

    /// Gives findings the levels that configurations ask for, and marks those that are suppressed.
    fn weigh(&mut self, added: BTreeSet<Location>, sources: &Sources) {
        let (plan, judged) = (self.plan, self.judged);
        let places = places(judged);
        let level = |rule: &str, chart: &str| {
            let rules = &plan.policy(&plan.charts[*places.get(chart)?]).on;
            rules.iter().find(|on| on.rule.id == rule).map(|on| on.level)
        };
        override_levels(plan, &places, &mut self.findings, sources);
        for (path, fact) in suppress(plan, judged, &mut self.findings, (&level, added), sources) {
            let Some(chart) = places.get(path.as_str()) else { continue };
            self.add_one(Target::Suppression, *chart, &fact);
        }
        override_levels(plan, &places, &mut self.findings, sources);
    }

    /// Findings and failures in order, each once.
    fn finish(mut self, sources: &Sources) -> (Vec<Finding>, Vec<Failure>) {
        unite(&mut self.findings, sources);
        self.findings.sort_by_cached_key(|finding| order(finding, sources));
        self.findings.dedup();
        self.failures.extend(self.judged.iter().flat_map(|each| each.failures.clone()));
        // A source's number says nothing: files are read side by side.
        let place = |failure: &Failure| failure.location.map(|at| (sources.path(at), at.span.start, at.span.end));
        let order = |failure: &Failure| Failure { location: None, ..failure.clone() };
        self.failures.sort_by_cached_key(|failure| (order(failure), place(failure)));
        self.failures.dedup();
        (self.findings, self.failures)
    }
}

/// Has findings of several charts in one file point into one text of it: each chart reads files for itself.
fn unite(findings: &mut [Finding], sources: &Sources) {
    let mut known: HashMap<(Address, String), SourceId> = HashMap::new();
    for finding in findings {
        let at = &mut finding.primary.location;
        let source = sources.get(at.source);
        if matches!(source.address, Address::Rendered | Address::Archived { .. }) {
            continue;
        }
        let file = (source.address.clone(), source.path.clone());
        let first = *known.entry(file).or_insert(at.source);
        if sources.get(first).text == source.text {
            at.source = first;
        }
    }
}

/// Adds to the texts of charts those beside them in which something is found, GitOps files and pipelines: comments count there as well.
fn add_texts(judged: &mut [Judged], findings: &[Finding], pipelines: &Pipelines, sources: &Sources) {
    let places: HashMap<String, usize> =
        judged.iter().enumerate().map(|(index, each)| (each.path.clone(), index)).collect();
    let of_findings = findings
        .iter()
        .filter_map(|finding| Some((*places.get(finding.chart.as_deref()?)?, finding.primary.location.source)));
    let of_pipelines = pipelines.facts.iter().map(|(chart, fact)| (*chart, fact.at.source));
    let of_charts =
        judged.iter().enumerate().flat_map(|(chart, each)| each.facts.iter().map(move |fact| (chart, fact.at.source)));
    let wanted: BTreeSet<(usize, SourceId)> = of_findings.chain(of_pipelines).chain(of_charts).collect();
    for (chart, text) in wanted {
        let texts = &mut judged[chart].texts;
        if texts.contains_key(&text) {
            continue;
        }
        let source = sources.get(text);
        // What was rendered repeats the comments of templates, and a package's are its author's.
        if !matches!(source.address, Address::Rendered | Address::Archived { .. }) {
            texts.insert(text, comment::ignores(text, &source));
        }
    }
}

/// Gives what was said in the end the levels of its path, as what rules found in charts has them already.
fn override_levels(plan: &Plan<'_>, places: &HashMap<&str, usize>, findings: &mut Vec<Finding>, sources: &Sources) {
    if plan.configs.iter().all(|config| config.overrides.is_empty()) {
        return;
    }
    let mut of_config: BTreeMap<usize, Vec<Finding>> = BTreeMap::new();
    for finding in findings.drain(..) {
        let chart = finding.chart.as_deref().and_then(|chart| places.get(chart));
        of_config.entry(chart.map_or(0, |chart| plan.charts[*chart].config)).or_default().push(finding);
    }
    for (config, mut own) in of_config {
        let policy = &plan.policies[config];
        let is_settled = |finding: &Finding| policy.is_settled && is_about_policy(plan, &finding.rule);
        findings.extend(own.extract_if(.., |finding| is_settled(finding)));
        plan.configs[config].override_levels(&mut own, sources, &|rule: &str| policy.base(rule));
        findings.extend(own);
    }
}

fn is_about_policy(plan: &Plan<'_>, rule: &str) -> bool {
    plan.registry.get(rule).is_some_and(|rule| rule.target == Target::Policy)
}

/// What the rules that are on for a chart say of a fact.
fn say(plan: &Plan<'_>, chart: usize, path: &str, target: Target, fact: &Fact) -> (Vec<Finding>, Vec<Failure>) {
    let rules = &plan.policy(&plan.charts[chart]).on;
    let said = rules.iter().map(|On { rule, level, params, .. }| {
        let said = judge_fact(rule, *level, params, path, target, fact);
        (said.findings, said.failures)
    });
    let (findings, failures): (Vec<_>, Vec<_>) = said.unzip();
    (findings.concat(), failures.concat())
}

/// The rules that are on for any chart.
fn reported(plan: &Plan<'_>) -> Vec<ReportedRule> {
    let used: BTreeSet<usize> = plan.charts.iter().map(|planned| planned.config).collect();
    let mut rules: BTreeMap<&str, ReportedRule> = BTreeMap::new();
    for On { rule, level, .. } in used.into_iter().flat_map(|config| &plan.policies[config].on) {
        let known = rules.entry(&rule.id).or_insert_with(|| rule.reported(*level));
        known.level = known.level.max(*level);
    }
    rules.into_values().collect()
}

/// The configurations that charts were judged under.
fn policies(plan: &Plan<'_>, sources: &Sources) -> Vec<UsedPolicy> {
    let used: BTreeSet<usize> = plan.charts.iter().map(|planned| planned.config).collect();
    let policy = |index: usize| {
        let source = plan.configs[index].source.map(|source| sources.get(source));
        // A file outside of the repository is of no revision.
        let is_on_disk = source.as_ref().is_some_and(|source| matches!(source.address, Address::Disk(_)));
        let revision = plan.request.policy.from.revision.clone().filter(|_| !is_on_disk);
        UsedPolicy { configuration: source.map(|source| source.path.clone()), revision }
    };
    let mut policies: Vec<UsedPolicy> = used.into_iter().map(policy).collect();
    policies.sort();
    policies
}

/// The user's rules that count under no configuration, since none lies beside or below them.
fn idle_rules(plan: &Plan<'_>) -> impl Iterator<Item = Skipped> {
    let is_idle = |rule: &&Rule| !plan.configs.iter().any(|config| rule.counts_in(&config.folder));
    plan.registry.iter().filter(is_idle).map(|rule| {
        let folders: Vec<String> = rule
            .homes
            .iter()
            .map(|home| match home {
                Home::Below(home) => format!("`{home}/{RULES}`"),
                Home::Extended(home) => format!("`{home}`"),
            })
            .collect();
        let reason = format!("no `.chartgate.yaml` that counts for a chart lies beside {}", folders.join(", "));
        Skipped { rule: rule.id.clone(), reason }
    })
}

/// Kinds without a definition that are named.
const NAMED: usize = 12;

/// In one line for each rule that looks at definitions: the kinds of which none is known.
fn undefined(plan: &Plan<'_>, judged: &[Judged]) -> Vec<Skipped> {
    let kinds: BTreeSet<&CustomKind> = judged.iter().flat_map(|each| &each.undefined).collect();
    if kinds.is_empty() {
        return vec![];
    }
    let named: Vec<String> = kinds.iter().take(NAMED).map(ToString::to_string).collect();
    let more = kinds.len() - named.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let word = if kinds.len() == 1 { "kind" } else { "kinds" };
    let reason = format!("no definition is known of {} {word}: {}{more}", kinds.len(), named.join(", "));
    let rules = plan.policies.iter().flat_map(|policy| &policy.on).map(|on| &on.rule);
    let asking: BTreeSet<&str> =
        rules.filter(|rule| rule.needs.contains(&Need::Definitions)).map(|rule| rule.id.as_str()).collect();
    asking.into_iter().map(|rule| Skipped { rule: rule.to_owned(), reason: reason.clone() }).collect()
}

/// Marks what somebody decided not to count; what is returned speaks of decisions that are void, each of the chart at a path.
fn suppress(
    plan: &Plan<'_>,
    judged: &[Judged],
    findings: &mut [Finding],
    (level, added): (Levels<'_>, BTreeSet<Location>),
    sources: &Sources,
) -> Vec<(String, Fact)> {
    let profiles = &plan.request.profiles;
    let is_narrow = !profiles.names.is_empty() || !profiles.values.is_empty();
    let suppressions = Suppressions::new(sources, &plan.names, plan.session.surroundings.today);
    let whole = (0..plan.configs.len()).filter(|index| named::is_whole(plan, *index));
    let whole = whole.filter_map(|index| plan.configs[index].source).collect();
    let mut suppressions = suppressions.of_some_profiles(is_narrow).of_whole(whole).of_change(added);
    for (each, planned) in judged.iter().zip(&plan.charts) {
        suppressions.add_chart(&each.path, plan.config(planned));
        for (text, ignores) in &each.texts {
            suppressions.add_text(*text, ignores, &each.path);
        }
    }
    suppressions.apply(findings, &|rule: &str| is_about_policy(plan, rule));
    suppressions.void(level).into_iter().chain(idle::overrides(plan, judged, sources)).collect()
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
struct Tally<'a> {
    open: HashMap<&'a str, Vec<&'a Finding>>,
    /// The charts that failures are about; none for what is about them all.
    failed: HashSet<Option<&'a str>>,
}

impl<'a> Tally<'a> {
    fn of(findings: &'a [Finding], failures: &'a [Failure]) -> Self {
        let mut open: HashMap<&str, Vec<&Finding>> = HashMap::new();
        for finding in findings.iter().filter(|finding| finding.status == Status::Open) {
            open.entry(finding.chart.as_deref().unwrap_or_default()).or_default().push(finding);
        }
        Self { open, failed: failures.iter().map(|failure| failure.chart.as_deref()).collect() }
    }
}

fn chart_report(judged: &Judged, counting: &Tally<'_>, threshold: Option<Severity>) -> ChartReport {
    let own = counting.open.get(judged.path.as_str()).into_iter().flatten().copied();
    let has_failures = [None, Some(judged.path.as_str())].iter().any(|about| counting.failed.contains(about));
    ChartReport {
        name: judged.name.clone(),
        version: judged.version.clone(),
        path: judged.path.clone(),
        verdict: verdict(own, has_failures, threshold),
        published: judged.published,
        compared_with: judged.compared_with.clone(),
        fail_on: threshold,
    }
}
