//! Whether the policy asks less than it did before the change that is judged: nobody should choose their own judge in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::deployments::Found;
use super::judge::Judged;
use super::plan::{Plan, Planned};
use super::{PolicySource, Request, trust};
use crate::config::{self, Config, discover};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::published::Earlier;
use crate::published::git::Log;
use crate::rule::{Fact, Target};
use crate::source::Tree;
use crate::text::Sources;

mod comments;
mod definitions;
mod deployed;
mod earlier;
mod fact;
mod production;
mod rules;
mod standing;
mod unlisted;

use comments::comments;
use definitions::definitions;
use earlier::{before, read};
use fact::start;
use rules::{extended_rules, rules};
pub(super) use standing::settle;
use unlisted::unlisted;

/// What the policy lacks.
#[derive(Debug, Default)]
pub(super) struct Loosened {
    /// Each with the index of a chart that it is about.
    pub facts: Vec<(usize, Fact)>,
    /// Why it could not be compared.
    pub skipped: Vec<Skipped>,
    /// The same where the user asked for it to be compared.
    pub failures: Vec<Failure>,
}

/// Compares each configuration that counts with the one that counted for the same chart before; where the policy is taken from a revision, the
/// comments in charts as well.
pub(super) fn loosened(plan: &Plan<'_>, judged: &[Judged], found: &Found, sources: &Sources) -> Loosened {
    let mut loosened = Loosened::default();
    // A file that was named on the command line is no part of the change.
    if matches!(plan.request.policy.from, PolicySource::File(_)) {
        return loosened;
    }
    let is_asked = matches!(plan.request.policy.from, PolicySource::Revision(_));
    let mut logs: BTreeMap<(usize, usize), Result<Log, String>> = BTreeMap::new();
    let (mut compared, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = vec![];
    for (index, (planned, judged)) in plan.charts.iter().zip(judged).enumerate() {
        let is_asked_for = plan.policy(planned).on.iter().any(|on| on.rule.target == Target::Policy);
        if !is_asked_for || plan.places[planned.place].is_archive {
            continue;
        }
        let place = (planned.place, planned.config);
        let log = logs.entry(place).or_insert_with(|| log(plan, planned));
        // Two configurations are compared once, whatever lies under them; that one of a folder of its own is on one side alone.
        // Where the other one cannot be told, the comparison of this chart says so.
        let is_first = counterpart(plan, planned, log).map_or(true, |other| compared.insert((place, other)));
        let of_rules = is_first && looked_at.insert(place);
        pairs.push((index, ChartPolicy { plan, planned, judged, found, sources, is_first, of_rules, is_asked }));
    }
    for each in &plan.unlisted {
        let beside = pairs.iter().find(|(_, pair)| pair.planned.place == each.place);
        let Some((index, pair)) = beside else { continue };
        let log = &logs[&(pair.planned.place, pair.planned.config)];
        match log.as_ref().map_err(Clone::clone).and_then(|log| unlisted(plan, each, log, sources)) {
            Ok(fact) => loosened.facts.extend(fact.map(|fact| (*index, fact))),
            Err(reason) => loosened.untold(pair, &reason),
        }
    }
    let found = pairs.par_iter().map(|(_, pair)| pair.compared(&logs[&(pair.planned.place, pair.planned.config)]));
    for ((index, pair), found) in pairs.iter().zip(found.collect::<Vec<_>>()) {
        for found in found {
            match found {
                Ok(facts) => loosened.facts.extend(facts.into_iter().map(|fact| (*index, fact))),
                Err(reason) => loosened.untold(pair, &reason),
            }
        }
    }
    loosened
}

/// A chart whose policy is compared with the one that counted before.
struct ChartPolicy<'a> {
    plan: &'a Plan<'a>,
    planned: &'a Planned,
    judged: &'a Judged,
    /// What GitOps files say now.
    found: &'a Found,
    sources: &'a Sources,
    /// Whether it is the first chart under its configuration and the one on the other side of the change.
    is_first: bool,
    /// Whether the user's rules are compared for it, which are the same for every chart under its configuration.
    of_rules: bool,
    /// Whether the user asked for the policies to be compared.
    is_asked: bool,
}

impl ChartPolicy<'_> {
    /// What the policy lacks of what counted before, by each kind of comparison.
    fn compared(&self, log: &Result<Log, String>) -> [Result<Vec<Fact>, String>; 5] {
        let Self { plan, planned, judged, sources, .. } = *self;
        let log = log.as_ref().map_err(Clone::clone);
        let of_config = if self.is_first { self.of_config(log.clone()) } else { Ok(vec![]) };
        let before = log.and_then(|log| before(planned, judged, log));
        let of_comments = match before.clone() {
            _ if !self.is_asked => Ok(vec![]),
            before => before.and_then(|before| comments(plan, planned, judged, before.as_ref(), sources)),
        };
        let of_move = before.clone().and_then(|before| of_move(plan, planned, before, sources));
        let of_deployments =
            before.clone().and_then(|before| deployed::deployed(plan, planned, before, self.found, sources));
        let of_production = before.and_then(|before| production::production(plan, planned, judged, before, sources));
        [of_config, of_move, of_comments, of_deployments, of_production]
    }
}

impl ChartPolicy<'_> {
    /// What the configuration lacks of the one that counted before, with the user's rules.
    fn of_config(&self, log: Result<&Log, String>) -> Result<Vec<Fact>, String> {
        let Self { plan, planned, sources, .. } = *self;
        let place = &plan.places[planned.place];
        let (config, own) = (plan.config(planned), &plan.extended[planned.config]);
        let rules = |earlier: &dyn Tree, configs: [&Config; 2]| {
            if self.of_rules { rules(plan, planned, [earlier, &*place.tree], configs, sources) } else { Ok(vec![]) }
        };
        if matches!(plan.request.policy.from, PolicySource::Revision(_)) {
            let trust = || trust::trusted(plan.session, &*place.policy, &planned.folder);
            let (now, extended) = read(&place.tree, &planned.folder, place, plan, &trust, sources)?;
            let mut facts = config::loosened(config, &now, &plan.registry, sources);
            facts.extend(rules(&*place.policy, [config, &now])?);
            facts.extend(definitions([&place.policy, &place.tree], [config, &now], sources)?);
            facts.extend(extended_rules(own, &extended, start([&now, config]))?);
            return Ok(facts);
        }
        let Some(earlier) = log?.tree().map(Arc::clone) else { return Ok(vec![]) };
        let trust = || trust::trusted(plan.session, &*earlier, &planned.folder);
        let (before, extended) = read(&earlier, &planned.folder, place, plan, &trust, sources)?;
        let mut facts = config::loosened(&before, config, &plan.registry, sources);
        facts.extend(rules(&*earlier, [&before, config])?);
        facts.extend(definitions([&earlier, &place.tree], [&before, config], sources)?);
        facts.extend(extended_rules(&extended, own, start([config, &before]))?);
        Ok(facts)
    }
}

impl Loosened {
    fn untold(&mut self, pair: &ChartPolicy<'_>, reason: &str) {
        let reason = format!("the policy cannot be compared with the earlier one: {reason}");
        if pair.is_asked {
            self.failures.push(Failure::new(FailureKind::Read, reason).of_chart(&pair.judged.path));
            return;
        }
        let rules = pair.plan.policy(pair.planned).on.iter().filter(|on| on.rule.target == Target::Policy);
        self.skipped.extend(rules.map(|on| Skipped { rule: on.rule.id.clone(), reason: reason.clone() }));
    }
}

/// What git knows of the state before, or why it knows nothing. Who names the revision that the policy is taken from means that one.
fn log(plan: &Plan<'_>, planned: &Planned) -> Result<Log, String> {
    let revision = match &plan.request.policy.from {
        PolicySource::Revision(revision) => Some(revision.clone()),
        _ => None,
    };
    let request = Request { base: plan.request.base.clone().or(revision), ..plan.request.clone() };
    let log = plan.session.log(&request, &plan.places[planned.place], plan.config(planned));
    log.map_err(|failure| failure.message)
}

/// The path of the configuration that counts for a chart on the other side of the change; none where there is none, or git knows of no other
/// side.
fn counterpart(
    plan: &Plan<'_>,
    planned: &Planned,
    log: &Result<Log, String>,
) -> Result<Option<String>, discover::Error> {
    let tree = match (&plan.request.policy.from, log) {
        (PolicySource::Revision(_), _) => Some(&plan.places[planned.place].tree),
        (_, Ok(log)) => log.tree(),
        (_, Err(_)) => None,
    };
    let found = tree.map(|tree| discover::nearest(&**tree, &planned.folder)).transpose()?;
    Ok(found.flatten().map(|found| found.path))
}

/// What a chart is asked less since it moved to where another configuration counts.
fn of_move(
    plan: &Plan<'_>,
    planned: &Planned,
    before: Option<Earlier>,
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let moved = before.filter(|before| before.folder != planned.folder);
    let Some(Earlier { tree, folder }) = moved else { return Ok(vec![]) };
    let (place, config) = (&plan.places[planned.place], plan.config(planned));
    let trust = || trust::trusted(plan.session, &*tree, &folder);
    let (counted, _) = read(&tree, &folder, place, plan, &trust, sources)?;
    let path = |config: &Config| config.source.map(|source| sources.path_of(source));
    if path(&counted) == path(config) {
        return Ok(vec![]);
    }
    let facts = config::loosened(&counted, config, &plan.registry, sources).into_iter();
    let moved =
        |fact: Fact| Fact { message: format!("since the chart moved from `{folder}`, {}", fact.message), ..fact };
    Ok(facts.map(moved).collect())
}
