//! What a configuration asks less than an earlier one did: rules turned down, suppressions added, production made a test.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use super::{Bump, Config, FailOn, Located, OverrideConfig, Pattern, ProfileConfig, SuppressionConfig};
use crate::dependency::Fetch;
use crate::finding::{Label, Severity};
use crate::gitops::Tool;
use crate::profile::TEST_WORDS;
use crate::rule::{Fact, Registry, Rule};
use crate::source::normal;
use crate::text::{Location, SourceId, Sources, Span};
use crate::yaml::{Document, Node};

mod emptied;
mod rendering;

/// Whether a values file that a profile read went, and another took its place.
pub(super) type Moved<'a> = &'a dyn Fn(&ProfileConfig, &str, &str) -> bool;

/// The ways in which `now` asks less than `before`; none where there was no configuration before, as the first is no loosening.
pub fn loosened(before: &Config, now: &Config, registry: &Registry, moved: Moved<'_>, sources: &Sources) -> Vec<Fact> {
    if before.source.is_none() {
        return vec![];
    }
    let pair = Pair { before, now, registry, sources };
    let mut facts = vec![];
    facts.extend(pair.gone());
    facts.extend(pair.levels());
    facts.extend(registry.iter().filter_map(|rule| pair.params(rule)));
    facts.extend(pair.fail_on());
    facts.extend(pair.charts());
    facts.extend(pair.schemas());
    facts.extend(pair.profiles(moved));
    facts.extend(pair.rendering());
    facts.extend(pair.discover());
    facts.extend(pair.test_words());
    facts.extend(pair.published());
    facts.extend(pair.overrides());
    facts.extend(pair.asked());
    facts.extend(pair.suppressions());
    facts
}

struct Pair<'a> {
    before: &'a Config,
    now: &'a Config,
    registry: &'a Registry,
    sources: &'a Sources,
}

/// What an entry of `overrides` says of one rule.
struct Overridden<'a> {
    rule: &'a str,
    /// The paths and profiles that it is for, in words.
    place: String,
    level: Option<Severity>,
    at: Location,
}

impl Overridden<'_> {
    fn is_for(&self, other: &Self) -> bool {
        (self.rule, &self.place) == (other.rule, &other.place)
    }

    fn is(&self, other: &Self) -> bool {
        self.is_for(other) && self.level == other.level
    }
}

fn overridden(config: &Config) -> Vec<Overridden<'_>> {
    let of_entry = |entry: &'_ OverrideConfig| {
        let paths: Vec<String> = entry.paths.iter().map(|pattern| pattern.value.whole()).collect();
        let profiles: Vec<&str> = entry.profiles.iter().map(Pattern::as_str).collect();
        match (paths.is_empty(), profiles.is_empty()) {
            (false, true) => format!("`{}`", paths.join(", ")),
            (true, _) => format!("the profiles `{}`", profiles.join(", ")),
            (false, false) => format!("`{}` under `{}`", paths.join(", "), profiles.join(", ")),
        }
    };
    let rules = config.overrides.iter().flat_map(|entry| {
        let place = of_entry(entry);
        entry.levels.iter().map(move |(rule, level)| Overridden {
            rule,
            place: place.clone(),
            level: level.value.severity(),
            at: level.at,
        })
    });
    rules.collect()
}

fn same_patterns(left: &[Pattern], right: &[Pattern]) -> bool {
    left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.is(right))
}

impl Pair<'_> {
    fn fact(&self, kind: &'static str, key: &[&str], message: String) -> Fact {
        let was = self.place(self.before, key).map(|at| Label::new(at, "as it was"));
        let at = self.place(self.now, key).or_else(|| start(self.now)).or_else(|| start(self.before));
        Fact {
            kind,
            at: at.expect("one of the two is a file"),
            related: was.into_iter().collect(),
            subject: format!("{kind} {}", key.join(".")),
            message,
            help: "take it back, or have the owner of the policy agree to it".to_owned(),
        }
    }

    /// Where a key of a configuration is written.
    fn place(&self, config: &Config, key: &[&str]) -> Option<Location> {
        let in_text = |source: &SourceId| {
            let document = Document::parse(*source, &self.sources.get(*source).text).ok()?;
            let (last, above) = key.split_last()?;
            let parent = above.iter().try_fold(&document.root, |node: &Node, key| node.get(key))?;
            Some(parent.entry(last)?.key.location)
        };
        config.texts.iter().rev().find_map(in_text)
    }

    fn gone(&self) -> Option<Fact> {
        let is_gone = self.now.source.is_none();
        is_gone.then(|| {
            self.fact("configuration", &[], "the configuration is gone, and with it what it asked for".to_owned())
        })
    }

    /// The rules that count less than they did, those together that one entry of `rules` is about.
    fn levels(&self) -> Vec<Fact> {
        let entry = |rule: &Rule| self.now.rules.get(&rule.id).or_else(|| self.before.rules.get(&rule.id));
        let mut lowered: BTreeMap<Option<Location>, Vec<&Rule>> = BTreeMap::new();
        for rule in self.registry.iter().filter(|rule| level(self.now, rule) < level(self.before, rule)) {
            lowered.entry(entry(rule).map(|entry| entry.at)).or_default().push(rule);
        }
        lowered.into_values().filter_map(|rules| self.lowered(&rules)).collect()
    }

    /// That rules count less than they did, by one entry of `rules` that is there now, or was.
    fn lowered(&self, rules: &[&Rule]) -> Option<Fact> {
        let words = |level: Option<Severity>| level.map_or_else(|| "off".to_owned(), |level| level.to_string());
        let said = |rule: &Rule| {
            format!("`{}` is {}, and was {}", rule.id, words(level(self.now, rule)), words(level(self.before, rule)))
        };
        let (first, more) = rules.split_first()?;
        let message = match more {
            [] => said(first),
            [second] => format!("{}; {}", said(first), said(second)),
            _ => format!("{}; {} more rules count less than they did", said(first), more.len()),
        };
        let place = |config: &Config| config.rules.get(&first.id).map(|entry| entry.at);
        let fact = self.fact("level", &["rules", &first.id], message);
        let related = place(self.before).map(|at| Label::new(at, "as it was"));
        Some(Fact { at: place(self.now).unwrap_or(fact.at), related: related.into_iter().collect(), ..fact })
    }

    fn params(&self, rule: &Rule) -> Option<Fact> {
        let params = |config: &Config| config.rules.get(&rule.id).and_then(|rule| rule.params.clone());
        let is_same = match (params(self.before), params(self.now)) {
            (None, None) => true,
            (Some(before), Some(now)) => before.same_meaning(&now),
            _ => false,
        };
        let is_on = level(self.before, rule).is_some() && level(self.now, rule).is_some();
        let message = || format!("`{}` has other parameters than it had", rule.id);
        (is_on && !is_same).then(|| self.fact("params", &["rules", &rule.id, "params"], message()))
    }

    fn fail_on(&self) -> Option<Fact> {
        let threshold = |config: &Config| config.fail_on.unwrap_or(FailOn::Error).threshold();
        let (before, now) = (threshold(self.before), threshold(self.now));
        // Nothing is the loosest, and then the highest.
        let looseness = |threshold: Option<Severity>| (threshold.is_none(), threshold);
        let words = |level: Option<Severity>| level.map_or_else(|| "never".to_owned(), |level| level.to_string());
        let message = || format!("`failOn` is `{}`, and was `{}`", words(now), words(before));
        (looseness(now) > looseness(before)).then(|| self.fact("fail-on", &["failOn"], message()))
    }

    fn charts(&self) -> Option<Fact> {
        is_narrower(&self.before.charts, &self.now.charts)
            .then(|| self.fact("charts", &["charts"], "`charts` names fewer charts than it did".to_owned()))
    }

    fn schemas(&self) -> Option<Fact> {
        // Folders are relative to the configuration that counts, which may be another now.
        let paths = |config: &Config| -> BTreeSet<Option<String>> {
            config.schemas.iter().map(|path| normal(&config.folder, Path::new(&path.value))).collect()
        };
        let is_less = !paths(self.before).is_subset(&paths(self.now));
        let message = || "`schemas` names fewer definitions than it did".to_owned();
        is_less.then(|| self.fact("schemas", &["schemas"], message()))
    }

    fn profiles(&self, moved: Moved<'_>) -> Vec<Fact> {
        let named = |name: &str| self.now.profiles.iter().find(|profile| profile.name.value == name);
        let of = |before: &ProfileConfig| {
            let name = before.name.value.as_str();
            let message = match (before.production, named(name)) {
                (true, None) => format!("the production profile `{name}` is gone"),
                (false, None) => format!("the profile `{name}` is gone"),
                (true, Some(now)) if !now.production => format!("the profile `{name}` is no longer production"),
                (true, Some(now)) if differ(before, now) => {
                    format!("the production profile `{name}` is made of other values")
                }
                (false, Some(now)) if is_narrower(&before.charts, &now.charts) => {
                    format!("the profile `{name}` is for fewer charts than it was")
                }
                (false, Some(now)) => return self.emptied(before, now, moved),
                _ => return None,
            };
            Some(self.fact("profile", &["profiles", name], message))
        };
        let mut facts: Vec<Fact> = self.before.profiles.iter().filter_map(of).collect();
        if self.before.profiles.is_empty() && !self.now.profiles.is_empty() {
            let message = "`profiles` takes the place of the production values files that are found by their names";
            facts.push(self.fact("profile", &["profiles"], message.to_owned()));
        }
        facts
    }

    fn discover(&self) -> Option<Fact> {
        let of = |config: &Config| config.discover.clone().unwrap_or_else(|| Tool::ALL.to_vec());
        let now = of(self.now);
        let is_narrower = of(self.before).iter().any(|kind| !now.contains(kind));
        is_narrower
            .then(|| self.fact("discover", &["discover"], "`discover` looks at fewer tools than it did".to_owned()))
    }

    fn test_words(&self) -> Option<Fact> {
        let words = |config: &Config| -> Vec<String> {
            let own = config.test_words.as_ref();
            own.map_or_else(
                || TEST_WORDS.iter().map(ToString::to_string).collect(),
                |words| words.iter().map(|word| word.value.clone()).collect(),
            )
        };
        let before = words(self.before);
        let added: Vec<String> =
            words(self.now).into_iter().filter(|word| !before.contains(word)).map(|word| format!("`{word}`")).collect();
        let message = || format!("deployments named {} count as tests now", added.join(", "));
        (!added.is_empty()).then(|| self.fact("test-words", &["testWords"], message()))
    }

    fn published(&self) -> Vec<Fact> {
        let (before, now) = (&self.before.published, &self.now.published);
        let places = [
            ("base", &before.base, &now.base),
            ("tags", &before.tags, &now.tags),
            ("folder", &before.folder, &now.folder),
            ("oci", &before.oci, &now.oci),
            ("index", &before.index, &now.index),
        ];
        let value = |place: &Option<Located<String>>| place.as_ref().map(|place| place.value.clone());
        let other = places.iter().filter(|(_, before, now)| before.is_some() && value(before) != value(now));
        let message = |key: &str, now: &Option<Located<String>>| match now {
            None => format!("`published.{key}` is gone: releases there are not asked about"),
            Some(_) => format!("`published.{key}` has changed"),
        };
        let mut facts: Vec<Fact> =
            other.map(|(key, _, now)| self.fact("published", &["published", key], message(key, now))).collect();
        if let (None, Some(base)) = (&before.base, &now.base) {
            let message = format!(
                "`published.base` has changes measured by `{}`, and not by the branch that is found",
                base.value
            );
            facts.push(self.fact("published", &["published", "base"], message));
        }
        let is_git_alone = places.iter().all(|(key, before, _)| *key == "base" || before.is_none());
        if let Some((key, ..)) = places.iter().find(|(key, _, now)| is_git_alone && *key != "base" && now.is_some()) {
            let message = format!("`published.{key}` takes the place of git's history, which told what was released");
            facts.push(self.fact("published", &["published", key], message));
        }
        if (before.bump, now.bump) == (Bump::EveryChange, Bump::AtRelease) {
            let message = "charts may change under their last version now, until a tag releases them";
            facts.push(self.fact("published", &["published", "bump"], message.to_owned()));
        }
        facts
    }

    /// Overrides that lower a level and were not there, that raised one and are gone, and others in another order.
    fn overrides(&self) -> Vec<Fact> {
        let base = |config: &Config, id: &str| {
            let configured = config.rules.get(id).and_then(|configured| configured.level.as_ref());
            configured
                .map_or_else(|| self.registry.get(id).and_then(|rule| rule.severity), |level| level.value.severity())
        };
        let (before, now) = (overridden(self.before), overridden(self.now));
        let words = |level: Option<Severity>| level.map_or_else(|| "off".to_owned(), |level| level.to_string());
        let mut facts = vec![];
        for each in now.iter().filter(|each| !before.iter().any(|known| known.is(each))) {
            let was = before.iter().rev().find(|known| known.is_for(each)).map(|known| known.level);
            let was = was.unwrap_or_else(|| base(self.before, each.rule));
            if each.level < was {
                let message =
                    format!("`{}` is {} in {}, and was {}", each.rule, words(each.level), each.place, words(was));
                let subject = format!("override {} {}", each.rule, each.place);
                facts.push(Fact {
                    at: each.at,
                    related: vec![],
                    subject,
                    ..self.fact("override", &["overrides"], message)
                });
            }
        }
        for each in before.iter().filter(|each| !now.iter().any(|known| known.is_for(each))) {
            if each.level > base(self.now, each.rule) {
                let message = format!("`{}` is no longer {} in {}", each.rule, words(each.level), each.place);
                let subject = format!("override {} {}", each.rule, each.place);
                facts.push(Fact { subject, ..self.fact("override", &["overrides"], message) });
            }
        }
        let kept = |own: &[Overridden<'_>], other: &[Overridden<'_>]| -> Vec<String> {
            let both = own.iter().filter(|each| other.iter().any(|known| known.is(each)));
            both.map(|each| format!("{} {}", each.rule, each.place)).collect()
        };
        if kept(&before, &now) != kept(&now, &before) {
            let message = "`overrides` stand in another order than they did, and of several the last counts".to_owned();
            facts.push(self.fact("override", &["overrides"], message));
        }
        facts
    }

    /// What registries and repositories are no longer asked for.
    fn asked(&self) -> Vec<Fact> {
        let (before, now) = (self.before, self.now);
        let reach = |fetch: Fetch| match fetch {
            Fetch::Never => 0,
            Fetch::Locked => 1,
            Fetch::Always => 2,
        };
        let is_less = reach(now.fetch) < reach(before.fetch);
        let fetch = is_less.then(|| {
            let message = "fewer dependencies are fetched than were: charts are not judged with those that are missing";
            self.fact("asked", &["dependencies", "fetch"], message.to_owned())
        });
        let switches: [(&[&str], bool, bool, &str); 2] = [
            (&["resolve"], before.resolve, now.resolve, "registries are no longer asked for the images that would run"),
            (
                &["gitops", "fetch"],
                before.fetches_releases,
                now.fetches_releases,
                "charts that are deployed from other places are no longer fetched and judged",
            ),
        ];
        let off = switches.into_iter().filter(|(_, before, now, _)| *before && !now);
        off.map(|(key, .., message)| self.fact("asked", key, message.to_owned())).chain(fetch).collect()
    }

    fn suppressions(&self) -> Vec<Fact> {
        let is_known = |now: &SuppressionConfig| {
            let is_it = |before: &&SuppressionConfig| {
                before.rule == now.rule
                    && before.path.is(&now.path)
                    && (before.profiles.is_empty() || same_patterns(&before.profiles, &now.profiles))
                    && !is_longer(before, now)
            };
            self.before.suppress.iter().any(|before| is_it(&before))
        };
        let added = self.now.suppress.iter().filter(|entry| !is_known(entry));
        let fact = |entry: &SuppressionConfig| {
            let message = format!("findings of `{}` in `{}` are suppressed now", entry.rule, entry.path.as_str());
            let subject = format!("suppression {} {}", entry.rule, entry.path.as_str());
            Fact { at: entry.at, related: vec![], subject, ..self.fact("suppression", &["suppress"], message) }
        };
        added.map(fact).collect()
    }
}

fn level(config: &Config, rule: &Rule) -> Option<Severity> {
    let configured = config.rules.get(&rule.id).and_then(|configured| configured.level.as_ref());
    configured.map_or(rule.severity, |level| level.value.severity())
}

/// Whether patterns of charts name fewer than they did; none are all.
fn is_narrower(before: &[Located<Pattern>], now: &[Located<Pattern>]) -> bool {
    let is_there = |pattern: &Located<Pattern>| now.iter().any(|now| now.value.is(&pattern.value));
    !now.is_empty() && (before.is_empty() || !before.iter().all(is_there))
}

/// Whether two profiles of a name are made of other values, or are for other charts.
fn differ(before: &ProfileConfig, now: &ProfileConfig) -> bool {
    let texts = |values: &[Located<String>]| values.iter().map(|value| value.value.clone()).collect::<Vec<_>>();
    let charts =
        |profile: &ProfileConfig| profile.charts.iter().map(|pattern| pattern.value.whole()).collect::<Vec<_>>();
    texts(&before.values) != texts(&now.values)
        || texts(&before.set) != texts(&now.set)
        || charts(before) != charts(now)
        || (&before.namespace, &before.release, before.helm) != (&now.namespace, &now.release, now.helm)
}

/// Whether a suppression counts for longer than it did; one without a day counts for ever.
fn is_longer(before: &SuppressionConfig, now: &SuppressionConfig) -> bool {
    match (&before.until, &now.until) {
        (Some(before), Some(now)) => now.value > before.value,
        (Some(_), None) => true,
        (None, _) => false,
    }
}

/// The start of a configuration's file.
fn start(config: &Config) -> Option<Location> {
    config.source.map(|source| Location::new(source, Span::default()))
}
