//! Which rules are on under each configuration, at which level and with which parameters; wrong names are refused before anything is judged.

use std::path::Path;
use std::sync::Arc;

use super::place::{self, ValuesPath};
use super::plan::{Plan, RULES};
use super::{Error, PolicyChoice, PolicySource, Request, Session};
use crate::config::{self, Config, Level, RuleNames};
use crate::finding::{Severity, Skipped};
use crate::rule::{Need, Params, Registry, Rule, Target, params};
use crate::source::{Dir, Error as SourceError, FILE_LIMIT, Tree as _};

/// What counts under one configuration.
#[derive(Debug)]
pub(super) struct Policy {
    /// The rules that are on.
    pub on: Vec<On>,
    /// The rules that name a step and count.
    pub steps: Vec<Arc<Rule>>,
}

/// A rule that is on.
#[derive(Debug)]
pub(super) struct On {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its level.
    pub level: Severity,
    /// Its parameters: the user's over its own.
    pub params: Params,
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
        let chosen = Chosen { select: &select, ignore: &ignore, choice, config };
        let (mut on, mut errors) = (vec![], vec![]);
        for (rule, level) in registry.shared().filter_map(|rule| Some((rule, chosen.level(rule)?))) {
            let given = config.rules.get(&rule.id).and_then(|configured| configured.params.as_ref());
            match params::resolve(rule, given) {
                Ok(params) => on.push(On { rule: Arc::clone(rule), level, params }),
                Err(wrong) => errors.extend(wrong.into_iter().map(from_rule)),
            }
        }
        let steps = registry.shared().filter(|rule| chosen.is_step(rule)).cloned().collect();
        if errors.is_empty() { Ok(Self { on, steps }) } else { Err(Error::Config(errors)) }
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
            None if rule.target == Target::Policy && matches!(self.choice.from, PolicySource::Revision(_)) => {
                Some(Severity::Error)
            }
            None => rule.severity,
        };
        match (self.select.is_empty(), is_selected) {
            (true, _) => level,
            (false, false) => None,
            // A rule that was asked for by name runs, though it be off by default.
            (false, true) => level.or(rule.severity).or(Some(Severity::Warning)),
        }
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

impl Session {
    /// A file of the command line as the policy of a request has it; none where there is none. One outside the repository is the user's own.
    ///
    /// # Errors
    /// Why it cannot be read, in lower case.
    pub fn policy_file(&self, request: &Request, path: &Path) -> Result<Option<Vec<u8>>, String> {
        let places = place::places(self, request).map_err(|error| match error {
            Error::Usage { message, .. } => message,
            Error::Config(_) => "the configuration is wrong".to_owned(),
        })?;
        let place = places.iter().find(|place| !place.is_archive).ok_or("only packaged charts are judged")?;
        let below = place.below(path).map_err(|_| "it is not in the repository".to_owned())?;
        let read = match below {
            ValuesPath::Tree(path) => place.policy.read(&path, FILE_LIMIT),
            ValuesPath::Disk { path, boundary } => {
                let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
                let folder = Dir::folder(path.parent().unwrap_or(&path)).map(|folder| folder.within(boundary));
                folder.and_then(|folder| folder.read(&name, FILE_LIMIT))
            }
        };
        match read {
            Ok(data) => Ok(Some(data)),
            Err(SourceError::NotFound { .. }) => Ok(None),
            Err(error) => Err(error.to_string()),
        }
    }
}

/// A mistake in a rule file or in parameters, said as one of the configuration.
pub(super) fn from_rule(error: crate::rule::read::Error) -> config::Error {
    config::Error { message: error.message, at: error.location, help: error.help }
}

/// The user's rules that count under no configuration, since none lies beside or below them.
pub(super) fn idle_rules(plan: &Plan<'_>) -> impl Iterator<Item = Skipped> {
    let is_idle = |rule: &&Rule| !plan.configs.iter().any(|config| rule.counts_in(&config.folder));
    plan.registry.iter().filter(is_idle).map(|rule| {
        let folders: Vec<String> = rule.homes.iter().map(|home| format!("`{home}/{RULES}`")).collect();
        let reason = format!("no `.chartgate.yaml` that counts for a chart lies beside {}", folders.join(", "));
        Skipped { rule: rule.id.clone(), reason }
    })
}
