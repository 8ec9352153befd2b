//! What a configuration says of rules: levels and parameters by name, set or pattern, and levels for some paths and profiles alone.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::Deserialize;

use super::{Config, Error, Level, Located, OverrideConfig, RuleConfig, RuleNames};
use crate::finding::{Finding, Severity};
use crate::text::Sources;
use crate::yaml::{Entry, KeyPath, Mapping, Node, Value};

/// A value of `rules`: a level, or a mapping with parameters, which are read with their places.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawRule {
    Level(Level),
    Settings { level: Option<Level> },
}

/// Adds what a file says of rules. What it says of one rule counts more than what it says of a set, and all of it more than what was said
/// before.
pub(super) fn add(config: &mut Config, raw: IndexMap<String, RawRule>, root: &Node, rules: &RuleNames) {
    let mut own: BTreeMap<String, RuleConfig> = BTreeMap::new();
    let (single, sets): (Vec<_>, Vec<_>) = raw.into_iter().partition(|(name, _)| rules.id(name).is_some());
    for (name, raw) in sets.into_iter().chain(single) {
        for id in rules.all(&name) {
            own.insert(id.to_owned(), rule(&raw, &name, root));
        }
    }
    for (id, rule) in own {
        let rule = match config.rules.remove(&id) {
            Some(known) => {
                RuleConfig { at: rule.at, level: rule.level.or(known.level), params: joined(known.params, rule.params) }
            }
            None => rule,
        };
        config.rules.insert(id, rule);
    }
}

fn rule(raw: &RawRule, name: &str, root: &Node) -> RuleConfig {
    let path = KeyPath::default().key("rules").key(name);
    let params = root.at(&path.key("params")).cloned();
    let place = |path: &KeyPath| root.at(path).map_or(root.location, |node| node.location);
    let level = match raw {
        RawRule::Level(level) => Some(Located { value: *level, at: place(&path) }),
        RawRule::Settings { level } => level.map(|value| Located { value, at: place(&path.key("level")) }),
    };
    let key = root.get("rules").and_then(|node| node.entry(name));
    RuleConfig { at: key.map_or(root.location, |entry| entry.key.location), level, params }
}

/// Parameters over others: each that is named takes the place of the one before.
fn joined(below: Option<Node>, above: Option<Node>) -> Option<Node> {
    let (below, above) = match (below, above) {
        (Some(below), Some(above)) => (below, above),
        (below, above) => return above.or(below),
    };
    let (Some(known), Some(more)) = (below.as_map(), above.as_map()) else { return Some(above) };
    let is_old = |entry: &&Entry| more.entry(&entry.key.key_text()).is_none();
    let entries = known.entries().iter().filter(is_old).chain(more.entries()).cloned().collect();
    Some(Node { value: Value::Map(Arc::new(Mapping::new(entries))), ..above })
}

/// Turns on the rules of a set that are off by default, unless what was said before turns them on already.
pub(super) fn extend(config: &mut Config, set: &Located<String>, rules: &RuleNames, errors: &mut Vec<Error>) {
    let Located { value: name, at } = set;
    let ids = rules.all(name);
    if ids.is_empty() {
        let error = Error::new(*at, format!("there is no set of rules `{name}`"));
        errors.push(error.help(format!("{}; a file or folder is written with a `/`: `./{name}`", rules.help(name))));
    }
    for id in ids.into_iter().filter(|id| rules.is_off(id)) {
        let known = config.rules.entry(id.to_owned()).or_insert(RuleConfig { at: *at, level: None, params: None });
        if known.level.as_ref().is_none_or(|level| level.value == Level::Off) {
            known.level = Some(Located { value: Level::Warning, at: *at });
        }
    }
}

/// Levels by the rules that names stand for; what is said of one rule counts more than what is said of a set.
pub(super) fn by_rule<'a>(
    levels: impl Iterator<Item = (&'a String, Located<Level>)>,
    rules: &RuleNames,
) -> BTreeMap<String, Located<Level>> {
    let (single, sets): (Vec<_>, Vec<_>) = levels.partition(|(name, _)| rules.id(name).is_some());
    let all = sets.into_iter().chain(single);
    all.flat_map(|(name, level)| rules.all(name).into_iter().map(move |id| (id.to_owned(), level.clone()))).collect()
}

impl OverrideConfig {
    /// Whether it is for findings at a path, under a profile where they are of one.
    fn covers(&self, path: &str, profile: Option<&str>) -> bool {
        let is_of_path = self.paths.is_empty() || self.paths.iter().any(|pattern| pattern.value.covers(path));
        let of_profile = |profile| self.profiles.iter().any(|pattern| pattern.matches(profile));
        is_of_path && (self.profiles.is_empty() || profile.is_some_and(of_profile))
    }
}

impl Config {
    /// Whether a rule counts for some paths or profiles, be it off otherwise.
    pub fn is_on_somewhere(&self, rule: &str) -> bool {
        let level = |each: &OverrideConfig| each.levels.get(rule).map(|level| level.value);
        self.overrides.iter().any(|each| level(each).is_some_and(|level| level != Level::Off))
    }

    /// Gives findings the levels of their paths and profiles, and leaves out those of rules that are off there. `level` is that of a rule where
    /// nothing is overridden.
    pub fn override_levels(
        &self,
        findings: &mut Vec<Finding>,
        sources: &Sources,
        level: &dyn Fn(&str) -> Option<Severity>,
    ) {
        if self.overrides.is_empty() {
            return;
        }
        findings.retain_mut(|finding| {
            let path = sources.path(finding.primary.location);
            let mut covering =
                self.overrides.iter().rev().filter(|each| each.covers(&path, finding.profile.as_deref()));
            let severity = match covering.find_map(|each| each.levels.get(&finding.rule)) {
                Some(level) => level.value.severity(),
                None => level(&finding.rule),
            };
            if let Some(severity) = severity {
                finding.severity = severity;
            }
            severity.is_some()
        });
    }
}
