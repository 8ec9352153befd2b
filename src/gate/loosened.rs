//! Whether the policy asks less than it did before the change that is judged: nobody should choose their own judge in silence.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::deployments::Found;
use super::extended::{Extended, RuleFolder, Text, extended};
use super::judge::Judged;
use super::place::{Place, parent};
use super::plan::{Plan, Planned, RULES};
use super::{Error, PolicySource, Request, trust};
use crate::config::comment::{self, Ignore};
use crate::config::{self, Config, RuleNames, discover};
use crate::finding::{Failure, FailureKind, Skipped};
use crate::network::Trust;
use crate::network::oci::artifact::Reference;
use crate::published::Earlier;
use crate::published::git::Log;
use crate::rule::{Fact, Target};
use crate::source::{Error as SourceError, FILE_LIMIT, Tree, below, join, list_whole};
use crate::text::{Location, Source, Sources, Span};

mod deployed;
mod production;
mod standing;

use production::HELP;
pub(super) use standing::settle;

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
        let of_comments = if self.is_asked { comments(plan, planned, judged, sources) } else { Ok(vec![]) };
        let before = log.and_then(|log| before(planned, judged, log));
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
            facts.extend(extended_rules(own, &extended, start([&now, config]))?);
            return Ok(facts);
        }
        let Some(earlier) = log?.tree().map(Arc::clone) else { return Ok(vec![]) };
        let trust = || trust::trusted(plan.session, &*earlier, &planned.folder);
        let (before, extended) = read(&earlier, &planned.folder, place, plan, &trust, sources)?;
        let mut facts = config::loosened(&before, config, &plan.registry, sources);
        facts.extend(rules(&*earlier, [&before, config])?);
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

/// The comments of a chart's texts that suppress what nothing suppressed before. A comment is known by the rules it names and by what its line
/// sets, so that it may move with the line.
fn comments(plan: &Plan<'_>, planned: &Planned, judged: &Judged, sources: &Sources) -> Result<Vec<Fact>, String> {
    let place = &plan.places[planned.place];
    let root = place.tree.shown("");
    let mut facts = vec![];
    for (text, ignores) in judged.texts.iter().filter(|(_, ignores)| !ignores.is_empty()) {
        let source = sources.get(*text);
        let path = below(&source.path, if root == "." { "" } else { &root }).unwrap_or(&source.path);
        let mut known: HashMap<Excused, usize> = HashMap::new();
        for subject in earlier(&*place.policy, path, &plan.names)? {
            *known.entry(subject).or_default() += 1;
        }
        let ignores: Vec<Ignore> = ignores.iter().filter(|ignore| suppresses(ignore, &plan.names)).cloned().collect();
        for (ignore, subject) in ignores.iter().zip(subjects(&ignores, &source)) {
            match known.get_mut(&subject).filter(|left| **left > 0) {
                Some(left) => *left -= 1,
                None => facts.push(added(ignore)),
            }
        }
    }
    Ok(facts)
}

/// Whether a comment suppresses anything: it names a rule that there is, and says why.
fn suppresses(ignore: &Ignore, names: &RuleNames) -> bool {
    !ignore.reason.is_empty() && ignore.rules.iter().any(|rule| names.id(rule).is_some())
}

/// What the comments of a file suppressed before.
fn earlier(tree: &dyn Tree, path: &str, names: &RuleNames) -> Result<Vec<Excused>, String> {
    let data = match tree.read(path, FILE_LIMIT) {
        Ok(data) => data,
        Err(SourceError::NotFound { .. }) => return Ok(vec![]),
        Err(error) => return Err(error.to_string()),
    };
    let sources = Sources::new();
    let id = sources.add(Source::new(path, tree.address(path), String::from_utf8_lossy(&data).into_owned()));
    let source = sources.get(id);
    let mut ignores = comment::ignores(id, &source);
    ignores.retain(|ignore| suppresses(ignore, names));
    Ok(subjects(&ignores, &source))
}

/// The rules that a comment names, and the line it is for: its text up to the first colon, behind those of the lines that it stands under.
type Excused = (Vec<String>, String);

/// What each comment of a text is about, wherever its line has moved to.
fn subjects(ignores: &[Ignore], source: &Source) -> Vec<Excused> {
    let wanted: HashSet<usize> = ignores.iter().map(|ignore| ignore.line).collect();
    let mut above: Vec<(usize, String)> = vec![];
    let mut paths: HashMap<usize, String> = HashMap::new();
    for (index, line) in source.text.split('\n').enumerate() {
        let text = line.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let indent = line.len() - line.trim_start().len();
        above.retain(|(outer, _)| *outer < indent);
        // An item of a list is known by what it begins with.
        let own = if text.starts_with("- ") { text.split(" #").next() } else { text.split(':').next() };
        let own = own.unwrap_or_default().trim_end();
        if wanted.contains(&(index + 1)) {
            let path =
                above.iter().map(|(_, outer)| outer.as_str()).chain([text.split(':').next().unwrap_or_default()]);
            paths.insert(index + 1, path.collect::<Vec<_>>().join("\n"));
        }
        above.push((indent, own.to_owned()));
    }
    ignores.iter().map(|ignore| (ignore.rules.clone(), paths.get(&ignore.line).cloned().unwrap_or_default())).collect()
}

fn added(ignore: &Ignore) -> Fact {
    let rules = ignore.rules.join(", ");
    Fact {
        kind: "comment",
        at: ignore.at,
        related: vec![],
        subject: format!("{rules} {}", ignore.line),
        message: format!("the change adds a comment that suppresses `{rules}`"),
        help: HELP.to_owned(),
    }
}

/// Where a chart was before the change; none where it was not, or is the chart of a deployment.
fn before(planned: &Planned, judged: &Judged, log: &Log) -> Result<Option<Earlier>, String> {
    if planned.release.is_some() {
        return Ok(None);
    }
    log.before(judged.name.as_deref(), &planned.folder, &*planned.tree).map_err(|failure| failure.message)
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

/// The configuration that counts for a folder of a tree with what it is made of; the empty one where there is none. A policy that the change
/// itself names is asked for as the change may ask.
fn read(
    tree: &Arc<dyn Tree>,
    folder: &str,
    place: &Place,
    plan: &Plan<'_>,
    trust: &dyn Fn() -> Trust,
    sources: &Sources,
) -> Result<(Config, Extended), String> {
    let found = discover::nearest(&**tree, folder).map_err(|error| error.to_string())?;
    let Some(found) = found else { return Ok((Config::default(), Extended::default())) };
    let text = Text { shown: place.tree.shown(&found.path), ..Text::of(tree, found) };
    let path = text.shown.clone();
    let fetch = |reference: &Reference| plan.session.policy(reference, &plan.network.trusting(trust()));
    let wrong = |errors: Vec<config::Error>| {
        errors.first().map_or_else(String::new, |error| format!("`{path}`: {}", error.message))
    };
    let extended = extended(text, &fetch, sources).map_err(|error| match error {
        Error::Usage { message, .. } => message,
        Error::Config(errors) => wrong(errors),
        Error::Failed(failures) => failures.first().map_or_else(String::new, |failure| failure.message.clone()),
    })?;
    let config = config::merged(&extended.layers, sources, &plan.names).map_err(wrong)?;
    Ok((config, extended))
}

/// The rules of folders that a configuration extended that are gone, or say something else.
fn extended_rules(before: &Extended, now: &Extended, at: Option<Location>) -> Result<Vec<Fact>, String> {
    let (Some(at), false) = (at, before.rules.is_empty()) else { return Ok(vec![]) };
    let texts = |extended: &Extended| -> Result<BTreeMap<String, Vec<u8>>, SourceError> {
        let mut texts = BTreeMap::new();
        for RuleFolder { tree, folder } in &extended.rules {
            for entry in list_whole(&**tree, folder)? {
                let name = entry.path.rsplit('/').next().unwrap_or_default().to_owned();
                texts.insert(name, tree.read(&entry.path, FILE_LIMIT)?);
            }
        }
        Ok(texts)
    };
    let texts = |extended| texts(extended).map_err(|error| error.to_string());
    let (before, now) = (texts(before)?, texts(now)?);
    let changed = before.into_iter().filter_map(|(name, was)| match now.get(&name) {
        Some(is) if *is == was => None,
        Some(_) => Some((name, "another than it was")),
        None => Some((name, "gone")),
    });
    Ok(changed.map(|(name, what)| rule_fact(at, &name, what)).collect())
}

fn rule_fact(at: Location, path: &str, what: &str) -> Fact {
    Fact {
        kind: "rule",
        at,
        related: vec![],
        message: format!("the rule in `{path}` is {what}"),
        subject: path.to_owned(),
        help: HELP.to_owned(),
    }
}

/// The user's rules that are gone, or say something else, in every folder above the chart and its own: first as they were, then as they are.
fn rules(
    plan: &Plan<'_>,
    planned: &Planned,
    [earlier, now]: [&dyn Tree; 2],
    [before, config]: [&Config; 2],
    sources: &Sources,
) -> Result<Vec<Fact>, String> {
    let is_under = |other: &&Planned| (other.place, other.config) == (planned.place, planned.config);
    let mut folders = BTreeSet::new();
    for chart in plan.charts.iter().filter(is_under) {
        let mut folder = chart.folder.as_str();
        while folders.insert(folder) && !folder.is_empty() {
            folder = parent(folder);
        }
    }
    let mut changed = vec![];
    for folder in folders {
        changed.extend(changed_rules(earlier, now, &join(folder, RULES)).map_err(|error| error.to_string())?);
    }
    if changed.is_empty() {
        return Ok(vec![]);
    }
    // Rules count without a configuration too.
    let of_chart = || planned.start(sources).map_err(|error| error.to_string());
    let at = start([config, before]).map_or_else(of_chart, Ok)?;
    Ok(changed.into_iter().map(|(path, what)| rule_fact(at, &path, what)).collect())
}

/// The start of the first of two configurations that is a file.
fn start(configs: [&Config; 2]) -> Option<Location> {
    let source = configs.into_iter().find_map(|config| config.source)?;
    Some(Location::new(source, Span::default()))
}

/// The files of a folder of rules that are gone or others, each with which of the two it is.
fn changed_rules(earlier: &dyn Tree, now: &dyn Tree, folder: &str) -> Result<Vec<(String, &'static str)>, SourceError> {
    let entries = match list_whole(earlier, folder) {
        Ok(entries) => entries,
        Err(SourceError::NotFound { .. }) => return Ok(vec![]),
        Err(error) => return Err(error),
    };
    let mut changed = vec![];
    for path in entries.into_iter().map(|entry| entry.path) {
        let was = earlier.read(&path, FILE_LIMIT)?;
        match now.read(&path, FILE_LIMIT) {
            Ok(is) if is == was => {}
            Ok(_) => changed.push((path, "another than it was")),
            Err(SourceError::NotFound { .. }) => changed.push((path, "gone")),
            Err(error) => return Err(error),
        }
    }
    Ok(changed)
}
