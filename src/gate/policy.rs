//! Which rules are on under each configuration, at which level and with which parameters; wrong names are refused before anything is judged.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Error, PolicyChoice};
use crate::config::{self, Config, Level, RuleNames};
use crate::finding::Severity;
use crate::rule::{Need, Params, Registry, Rule, Target, params};

/// What counts under one configuration.
#[derive(Debug)]
pub(super) struct Policy {
    /// The rules that are on.
    pub on: Vec<On>,
    /// The rules that name a step and count.
    pub steps: Vec<Arc<Rule>>,
    /// Whether registries are asked for images.
    pub resolves: bool,
    /// Whether the rules on the policy count as they did before the change, whatever the configuration says of them.
    pub is_settled: bool,
}

/// A rule that is on.
#[derive(Debug)]
pub(super) struct On {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its level; where it counts for some paths or profiles alone, that is not yet known.
    pub level: Severity,
    /// Whether it counts for those alone.
    pub is_somewhere: bool,
    /// Its parameters: the user's over its own.
    pub params: Params,
    /// Whether the user asked for it, by its name or that of a set.
    pub is_named: bool,
}

impl Policy {
    /// What counts under a configuration.
    ///
    /// # Errors
    /// Names of rules that do not exist, and parameters that a rule does not take.
    pub(super) fn of(
        choice: &PolicyChoice,
        config: &Config,
        registry: &Registry,
        names: &RuleNames,
    ) -> Result<Self, Error> {
        let (select, ignore) = (ids(&choice.select, names)?, ids(&choice.ignore, names)?);
        let asked = choice.select.iter().filter(|name| !name.contains('*')).chain(&config.sets);
        let asked: BTreeSet<&str> = asked.flat_map(|name| names.all(name)).collect();
        let chosen = Chosen { select: &select, ignore: &ignore, choice, config };
        let (mut on, mut errors) = (vec![], vec![]);
        for (rule, level) in registry.shared().map(|rule| (rule, chosen.level(rule))) {
            let is_somewhere = level.is_none() && chosen.is_on_somewhere(rule);
            let Some(level) = level.or(is_somewhere.then_some(Severity::Warning)) else { continue };
            let given = config.rules.get(&rule.id).and_then(|configured| configured.params.as_ref());
            match params::resolve(rule, given) {
                Ok(params) => {
                    let is_named = asked.contains(rule.id.as_str());
                    on.push(On { rule: Arc::clone(rule), level, is_somewhere, params, is_named });
                }
                Err(wrong) => errors.extend(wrong.into_iter().map(from_rule)),
            }
        }
        let steps = registry.shared().filter(|rule| chosen.is_step(rule)).cloned().collect();
        let resolves = chosen.resolves();
        if errors.is_empty() { Ok(Self { on, steps, resolves, is_settled: false }) } else { Err(Error::Config(errors)) }
    }

    /// The level of a rule where nothing is overridden; none where it is off.
    pub(super) fn base(&self, rule: &str) -> Option<Severity> {
        self.on.iter().find(|on| on.rule.id == rule && !on.is_somewhere).map(|on| on.level)
    }

    /// Whether a rule that is on needs something.
    pub(super) fn needs(&self, need: Need) -> bool {
        self.on.iter().any(|on| on.rule.needs.contains(&need))
    }
}

/// What the command line and a configuration say of rules.
struct Chosen<'a> {
    select: &'a [&'a str],
    ignore: &'a [&'a str],
    choice: &'a PolicyChoice,
    config: &'a Config,
}

impl Chosen<'_> {
    /// The level at which a rule is on; none where it is off.
    fn level(&self, rule: &Rule) -> Option<Severity> {
        let is_selected = self.select.contains(&rule.id.as_str());
        // A rule that names a step speaks through the rule on steps, unless it was asked for by name.
        let speaks = rule.step.is_none() || is_selected;
        if !speaks || !rule.counts_in(&self.config.folder) || self.ignore.contains(&rule.id.as_str()) {
            return None;
        }
        let level = match self.configured(rule) {
            Some(level) => level.severity(),
            // Who takes the policy from elsewhere wants to know what the change makes of it.
            None if rule.target == Target::Policy && self.choice.from.revision.is_some() => Some(Severity::Error),
            None if rule.needs.contains(&Need::Registries) && !self.resolves() => None,
            None => rule.severity,
        };
        match (self.select.is_empty(), is_selected) {
            (true, _) => level,
            (false, false) => None,
            // A rule that was asked for by name runs, though it be off by default.
            (false, true) => level.or(rule.severity).or(Some(Severity::Warning)),
        }
    }

    /// Whether a rule that is off counts for some paths or profiles all the same.
    fn is_on_somewhere(&self, rule: &Rule) -> bool {
        let is_asked = self.select.is_empty() && !self.ignore.contains(&rule.id.as_str());
        is_asked
            && rule.step.is_none()
            && rule.counts_in(&self.config.folder)
            && (!rule.needs.contains(&Need::Registries) || self.resolves())
            && self.config.is_on_somewhere(&rule.id)
    }

    fn resolves(&self) -> bool {
        self.choice.resolve || self.config.resolve
    }

    fn is_step(&self, rule: &Rule) -> bool {
        let id = rule.id.as_str();
        let level = self.configured(rule).map_or(rule.severity, Level::severity);
        rule.step.is_some() && !self.ignore.contains(&id) && (level.is_some() || self.select.contains(&id))
    }

    /// The level of the configuration, where it names one.
    fn configured(&self, rule: &Rule) -> Option<Level> {
        Some(self.config.rules.get(&rule.id)?.level.as_ref()?.value)
    }
}

fn ids<'a>(written: &[String], names: &'a RuleNames) -> Result<Vec<&'a str>, Error> {
    let mut ids = vec![];
    for name in written {
        let found = names.all(name);
        if found.is_empty() {
            return Err(Error::usage(format!("there is no rule `{name}`"), names.help(name)));
        }
        ids.extend(found);
    }
    Ok(ids)
}

/// A mistake in a rule file or in parameters, said as one of the configuration.
pub(super) fn from_rule(error: crate::rule::read::Error) -> config::Error {
    config::Error { message: error.message, at: error.location, help: error.help }
}
