//! Whether the policy asks less than it did before the change that is judged: nobody should choose their own judge in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use rayon::prelude::*;

use super::before::log;
use super::departed::Departed;
use super::judge::Judged;
use super::plan::{Plan, Planned};
use super::seat::Seat;
use super::{profiles, trust};
use crate::config::discover::{self, Search};
use crate::config::{self, Config, ProfileConfig};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::published::Earlier;
use crate::published::git::Log;
use crate::rule::{Fact, Target};
use crate::source::{Error as SourceError, Tree, normal};
use crate::text::Sources;

mod comments;
mod definitions;
mod earlier;
mod fact;
mod production;
mod rules;
mod standing;
mod unlisted;

use comments::comments;
use definitions::definitions;
use earlier::{before, read};
use fact::{HELP, start};
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
pub(super) fn loosened(plan: &Plan<'_>, judged: &[Judged], departed: &Departed, sources: &Sources) -> Loosened {
    let mut loosened = Loosened::default();
    let is_asked = plan.request.policy.from.revision.is_some();
    let mut logs: BTreeMap<(usize, usize), Result<Log, String>> = BTreeMap::new();
    let (mut compared, mut looked_at) = (BTreeSet::new(), BTreeSet::new());
    let mut pairs = vec![];
    for (index, (planned, judged)) in plan.charts.iter().zip(judged).enumerate() {
        let is_asked_for = plan.policy(planned).on.iter().any(|on| on.rule.target == Target::Policy);
        // A file that no change can write is the same before and after.
        if !is_asked_for || plan.seat(planned).is_outside() && !is_asked {
            continue;
        }
        let place = (planned.ground.place, planned.config);
        let log = logs.entry(place).or_insert_with(|| log(plan, planned));
        // Two configurations are compared once, whatever lies under them; that one of a folder of its own is on one side alone.
        // Where the other one cannot be told, the comparison of this chart says so.
        let is_first = counterpart(plan, planned, log).map_or(true, |other| compared.insert((place, other)));
        let of_rules = is_first && looked_at.insert(place);
        pairs.push((index, ChartPolicy { plan, planned, judged, departed, sources, is_first, of_rules, is_asked }));
    }
    for each in &plan.unlisted {
        let beside = pairs.iter().find(|(_, pair)| pair.planned.ground.place == each.place);
        let Some((index, pair)) = beside else { continue };
        let log = &logs[&(pair.planned.ground.place, pair.planned.config)];
        match log.as_ref().map_err(Clone::clone).and_then(|log| unlisted(plan, each, log, sources)) {
            Ok(fact) => loosened.facts.extend(fact.map(|fact| (*index, fact))),
            Err(reason) => loosened.untold(pair, &reason),
        }
    }
    let found =
        pairs.par_iter().map(|(_, pair)| pair.compared(&logs[&(pair.planned.ground.place, pair.planned.config)]));
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
    /// What became of deployments.
    departed: &'a Departed,
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
        // Where the chart of a package lies is nothing that the package tells.
        let before = if plan.places[planned.place].is_archive { before.map(|_| None) } else { before };
        let of_move = before.clone().and_then(|before| of_move(plan, planned, before, sources));
        let of_deployments = self.departed.turned(planned, HELP, sources);
        let of_production = before.and_then(|before| production::production(plan, planned, judged, before, sources));
        [of_config, of_move, of_comments, of_deployments, of_production]
    }
}

impl ChartPolicy<'_> {
    /// Whether a values file of a profile went between two states, and another came.
    fn has_moved(&self, states: [&dyn Tree; 2], profile: &ProfileConfig, [from, to]: [&str; 2]) -> bool {
        let Self { plan, planned, .. } = *self;
        let is_under = |other: &&Planned| {
            let is_near = (other.ground.place, other.config) == (planned.ground.place, planned.config);
            is_near && profiles::applies(profile, &plan.places[other.place].tree.shown(&other.folder))
        };
        let is_there = |tree: &dyn Tree, folder: &str, file: &str| {
            let path = normal(folder, Path::new(file));
            path.is_some_and(|path| !matches!(tree.read(&path, 0), Err(SourceError::NotFound { .. })))
        };
        let [earlier, now] = states;
        let stays = |other: &Planned| is_there(now, &other.folder, from) || is_there(earlier, &other.folder, to);
        let came = |other: &Planned| is_there(earlier, &other.folder, from) && is_there(now, &other.folder, to);
        let all: Vec<&Planned> = plan.charts.iter().filter(is_under).collect();
        !all.iter().any(|other| stays(other)) && all.iter().any(|other| came(other))
    }

    /// What the configuration lacks of the one that counted before, with the user's rules.
    fn of_config(&self, log: Result<&Log, String>) -> Result<Vec<Fact>, String> {
        let Self { plan, planned, sources, .. } = *self;
        let (place, seat) = (plan.ground(planned), plan.seat(planned));
        let (config, own) = (plan.config(planned), &plan.extended[planned.config]);
        let rules = |earlier: &dyn Tree, configs: [&Config; 2]| {
            if self.of_rules { rules(plan, planned, [earlier, &*place.tree], configs, sources) } else { Ok(vec![]) }
        };
        let moved = |earlier: &Arc<dyn Tree>, now: &Arc<dyn Tree>| {
            let states = [Arc::clone(earlier), Arc::clone(now)];
            move |profile: &ProfileConfig, from: &str, to: &str| {
                self.has_moved([&*states[0], &*states[1]], profile, [from, to])
            }
        };
        if plan.request.policy.from.revision.is_some() {
            if seat.is_outside() {
                return rules(&*place.policy, [config, config]);
            }
            let trust = || trust::trusted(plan.session, &*place.policy, &seat);
            let (now, extended) = read(&place.tree, &seat, place, plan, &trust, sources)?;
            let mut facts = config::loosened(config, &now, &plan.registry, &moved(&place.policy, &place.tree), sources);
            facts.extend(rules(&*place.policy, [config, &now])?);
            facts.extend(definitions([&place.policy, &place.tree], [config, &now], sources)?);
            facts.extend(extended_rules(own, &extended, start([&now, config]))?);
            return Ok(facts);
        }
        let Some(earlier) = log?.tree().map(Arc::clone) else { return Ok(vec![]) };
        let trust = || trust::trusted(plan.session, &*earlier, &seat);
        let (before, extended) = read(&earlier, &seat, place, plan, &trust, sources)?;
        let mut facts = config::loosened(&before, config, &plan.registry, &moved(&earlier, &place.tree), sources);
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

/// The path of the configuration that counts for a chart on the other side of the change; none where there is none, or git knows of no other
/// side.
fn counterpart(
    plan: &Plan<'_>,
    planned: &Planned,
    log: &Result<Log, String>,
) -> Result<Option<String>, discover::Error> {
    let tree = match (&plan.request.policy.from.revision, log) {
        (Some(_), _) => Some(&plan.ground(planned).tree),
        (None, Ok(log)) => log.tree(),
        (None, Err(_)) => None,
    };
    let found = tree.map(|tree| plan.seat(planned).find(&**tree, &mut Search::default())).transpose()?;
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
    let seat = Seat::of(plan.request, place, &folder);
    let trust = || trust::trusted(plan.session, &*tree, &seat);
    let (counted, _) = read(&tree, &seat, place, plan, &trust, sources)?;
    let path = |config: &Config| config.source.map(|source| sources.path_of(source));
    if path(&counted) == path(config) {
        return Ok(vec![]);
    }
    let facts = config::loosened(&counted, config, &plan.registry, &|_, _, _| false, sources).into_iter();
    let moved =
        |fact: Fact| Fact { message: format!("since the chart moved from `{folder}`, {}", fact.message), ..fact };
    Ok(facts.map(moved).collect())
}
