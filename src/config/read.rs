//! Reads a configuration file into [`Config`].

use std::collections::BTreeMap;
use std::sync::Arc;

use super::extends::{self, Entry, Layer};
use super::levels;
use super::raw::{RawConfig, RawHelm, RawOverride, RawProfile, RawPublished, RawSuppression};
use super::validate::{self, CONFIG};
use super::{
    Config, Error, Level, Located, OverrideConfig, Pattern, ProfileConfig, PublishedConfig, RuleNames,
    SuppressionConfig, merge,
};
use crate::kubernetes::{self, Minor};
use crate::profile;
use crate::published::tags;
use crate::render::KubeVersion;
use crate::text::veil::veiled;
use crate::text::{Location, SourceId, Sources};
use crate::yaml::{Document, KeyPath, Node, typed};

/// What a configuration is read from: one text, or several laid over each other.
struct Whole<'a> {
    root: Node,
    /// The folder that what a text says is relative to.
    folders: BTreeMap<SourceId, &'a str>,
}

impl Whole<'_> {
    fn at(&self, path: &KeyPath) -> Option<&Node> {
        self.root.at(path)
    }

    /// The folder that what stands at a place is relative to.
    fn folder(&self, at: Location) -> &str {
        self.folders.get(&at.source).copied().unwrap_or_default()
    }
}

/// Reads the text of a configuration whose patterns are relative to `folder`, a folder as reports name it (`""` for their root). Files and
/// policies that it extends are not looked at.
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(source: SourceId, text: &str, folder: &str, rules: &RuleNames) -> Result<Config, Vec<Error>> {
    let sets = extends::entries(source, text)?.into_iter().filter_map(|entry| match entry.value {
        Entry::Set(value) => Some(Layer::Set(Located { value, at: entry.at })),
        _ => None,
    });
    let own = Layer::Text { source, folder: folder.to_owned() };
    read_over(&sets.chain([own]).collect::<Vec<_>>(), &|_| text.into(), rules)
}

/// Reads the configuration that some layers make, the last of which is the file that counts.
///
/// # Errors
/// Everything that is wrong with any of them.
pub fn merged(layers: &[Layer], sources: &Sources, rules: &RuleNames) -> Result<Config, Vec<Error>> {
    read_over(layers, &|source| Arc::clone(&sources.get(source).text), rules)
}

fn read_over(
    layers: &[Layer],
    text_of: &dyn Fn(SourceId) -> Arc<str>,
    rules: &RuleNames,
) -> Result<Config, Vec<Error>> {
    let (mut config, mut errors) = (Config::default(), vec![]);
    let mut plain = serde_yaml::Value::Mapping(serde_yaml::Mapping::new());
    let mut whole: Option<Whole<'_>> = None;
    for layer in layers {
        let (source, folder) = match layer {
            Layer::Set(set) => {
                levels::extend(&mut config, set, rules, &mut errors);
                config.sets.push(set.value.clone());
                continue;
            }
            Layer::Text { source, folder } => (*source, folder),
        };
        (config.source, config.folder) = (Some(source), folder.clone());
        config.texts.push(source);
        let text = text_of(source);
        let document = match Document::parse(source, &text) {
            Ok(document) if document.root.is_null() => continue,
            Ok(document) => document,
            Err(error) => {
                errors.push(Error::new(error.location, error.message.clone()));
                continue;
            }
        };
        let wrong = validate::check(&document.root, CONFIG, rules);
        if !wrong.is_empty() {
            errors.extend(wrong);
            continue;
        }
        match types(&text).and_then(|value| Ok((serde_yaml::from_value::<RawConfig>(value.clone())?, value))) {
            Ok((raw, value)) => {
                levels::add(&mut config, raw.rules, &document.root, rules);
                plain = merge::values(plain, value);
                let below = whole.take();
                let mut folders = below.as_ref().map(|whole| whole.folders.clone()).unwrap_or_default();
                folders.insert(source, folder);
                let root =
                    below.map_or_else(|| document.root.clone(), |below| merge::nodes(&below.root, &document.root));
                whole = Some(Whole { root, folders });
            }
            Err(error) => errors.push(Error::new(document.root.location, error.to_string())),
        }
    }
    if let Some(whole) = whole.filter(|_| errors.is_empty()) {
        match serde_yaml::from_value(plain) {
            Ok(raw) => fill(&mut config, raw, &whole, rules, &mut errors),
            Err(error) => errors.push(Error::new(whole.root.location, error.to_string())),
        }
    }
    errors.sort_by_key(|error| error.at);
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

fn types(text: &str) -> Result<serde_yaml::Value, serde_yaml::Error> {
    let mut value: serde_yaml::Value = typed(text)?;
    value.apply_merge()?;
    Ok(value)
}

/// Joins the types with their places; what only the whole shows to be wrong is an error here.
fn fill(config: &mut Config, raw: RawConfig, root: &Whole<'_>, rules: &RuleNames, errors: &mut Vec<Error>) {
    let top = KeyPath::default();
    config.charts = patterns(raw.charts, root, &top.key("charts"), errors);
    config.kube_version = raw.kube_version.map(|version| located(version, root, &top.key("kubeVersion")));
    if let Some(version) = config.kube_version.as_ref().filter(|version| KubeVersion::parse(&version.value).is_none()) {
        let error = Error::new(version.at, format!("`{}` is no Kubernetes version", version.value));
        errors.push(error.help("write it as `1.36` or `v1.36.2`"));
    }
    let versions = raw.kube_versions.iter().enumerate();
    config.kube_versions = versions.filter_map(|(index, text)| minor(text, index, root, errors)).collect();
    config.kube_versions.sort_unstable();
    config.kube_versions.dedup();
    config.schemas = located_all(raw.schemas, root, &top.key("schemas"));
    for schema in &mut config.schemas {
        schema.value = seen_from(&config.folder, root.folder(schema.at), &schema.value);
    }
    config.helm = raw.helm.as_ref().and_then(RawHelm::major);
    config.gitops_helm = raw.gitops.helm.as_ref().and_then(RawHelm::major).or(config.helm);
    let profiles = raw.profiles.into_iter();
    config.profiles = profiles.map(|(name, raw)| profile(name, raw, root, errors)).collect();
    config.discover = raw.discover;
    config.resolve = raw.resolve;
    config.replaces = raw.replaces;
    config.test_words = raw.test_words.map(|words| test_words(words, root, errors));
    config.published = published(raw.published, root, errors);
    if let Some(folder) = &mut config.published.folder {
        folder.value = seen_from(&config.folder, root.folder(folder.at), &folder.value);
    }
    config.fetch = raw.dependencies.fetch;
    config.fetches_releases = raw.gitops.fetch;
    let overrides = raw.overrides.into_iter().enumerate();
    config.overrides = overrides.map(|(index, raw)| overriding(raw, index, root, rules, errors)).collect();
    let suppress = raw.suppress.into_iter().enumerate();
    config.suppress = suppress.filter_map(|(index, raw)| suppression(raw, index, root, rules, errors)).collect();
    config.fail_on = raw.fail_on;
}

/// A path that is relative to one folder, relative to another; both are folders as reports name them.
fn seen_from(folder: &str, home: &str, path: &str) -> String {
    if folder == home || path.starts_with('/') {
        return path.to_owned();
    }
    let parts = |folder: &str| folder.split('/').filter(|part| !part.is_empty() && *part != ".").count();
    let up: Vec<&str> = vec![".."; parts(folder)];
    [up.join("/").as_str(), home, path].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/")
}

/// A version of `kubeVersions`; what is not embedded cannot be judged for.
fn minor(text: &str, index: usize, root: &Whole<'_>, errors: &mut Vec<Error>) -> Option<Minor> {
    let known = kubernetes::embedded();
    let minor = KubeVersion::parse(text).and_then(|version| Minor::known(version.major, version.minor));
    if minor.is_none() {
        let at = place(root, &KeyPath::default().key("kubeVersions").index(index));
        let error = Error::new(at, format!("`{text}` is no Kubernetes version that charts can be judged for"));
        errors.push(error.help(format!("name versions from {} to {}", known.start(), known.end())));
    }
    minor
}

fn place(root: &Whole<'_>, path: &KeyPath) -> Location {
    root.at(path).map_or(root.root.location, |node| node.location)
}

fn key_place(root: &Whole<'_>, parent: &str, key: &str) -> Location {
    let entry = root.root.get(parent).and_then(|node| node.entry(key));
    entry.map_or(root.root.location, |entry| entry.key.location)
}

fn located<T>(value: T, root: &Whole<'_>, path: &KeyPath) -> Located<T> {
    Located { value, at: place(root, path) }
}

fn located_all(values: Vec<String>, root: &Whole<'_>, path: &KeyPath) -> Vec<Located<String>> {
    values.into_iter().enumerate().map(|(index, value)| located(value, root, &path.index(index))).collect()
}

fn patterns(texts: Vec<String>, root: &Whole<'_>, path: &KeyPath, errors: &mut Vec<Error>) -> Vec<Located<Pattern>> {
    let mut found = vec![];
    for Located { value, at } in located_all(texts, root, path) {
        match Pattern::new(&value, root.folder(at)) {
            Ok(value) => found.push(Located { value, at }),
            Err(message) => errors.push(Error::new(at, message)),
        }
    }
    found
}

fn test_words(words: Vec<String>, root: &Whole<'_>, errors: &mut Vec<Error>) -> Vec<Located<String>> {
    let words = located_all(words, root, &KeyPath::default().key("testWords"));
    for word in words.iter().filter(|word| profile::words(&word.value).next().as_ref() != Some(&word.value)) {
        let error = Error::new(word.at, format!("`{}` is no single word in lower case", word.value));
        errors.push(error.help("names are split at `/`, `-`, `_` and `.` and compared in lower case"));
    }
    words
}

fn profile(name: String, raw: RawProfile, root: &Whole<'_>, errors: &mut Vec<Error>) -> ProfileConfig {
    let path = KeyPath::default().key("profiles").key(&name);
    ProfileConfig {
        production: raw.production,
        charts: patterns(raw.charts, root, &path.key("charts"), errors),
        values: located_all(raw.values, root, &path.key("values")),
        set: located_all(raw.set, root, &path.key("set")),
        namespace: raw.namespace,
        release: raw.release,
        helm: raw.helm.as_ref().and_then(RawHelm::major),
        name: Located { at: key_place(root, "profiles", &name), value: name },
    }
}

/// The addresses of the network that a configuration names itself, those of policies included; none where it cannot be read.
pub fn addresses(text: &str) -> Vec<String> {
    let raw: Result<RawConfig, _> = typed(text);
    let published = raw.map(|raw| raw.published).unwrap_or_default();
    let policies = extends::named(text).into_iter().filter_map(|entry| match entry {
        Entry::Policy(reference) => Some(reference.to_string()),
        _ => None,
    });
    published.oci.into_iter().chain(published.index).chain(policies).collect()
}

/// The branch that a configuration names itself as the one that releases are made from; none where it cannot be read.
pub fn bases(text: &str) -> Vec<String> {
    let raw: Result<RawConfig, _> = typed(text);
    raw.map(|raw| raw.published).unwrap_or_default().base.into_iter().collect()
}

fn published(raw: RawPublished, root: &Whole<'_>, errors: &mut Vec<Error>) -> PublishedConfig {
    let path = KeyPath::default().key("published");
    let text = |key: &str, value: Option<String>| value.map(|value| located(value, root, &path.key(key)));
    let config = PublishedConfig {
        base: text("base", raw.base),
        tags: text("tags", raw.tags),
        folder: text("folder", raw.folder),
        oci: text("oci", raw.oci),
        index: text("index", raw.index),
        bump: raw.bump,
        plain_http: raw.plain_http,
    };
    if let Some(tags) = config.tags.as_ref().filter(|tags| tags::Pattern::new(&tags.value).is_none()) {
        let error = Error::new(tags.at, format!("`{}` does not say where the version stands", tags.value));
        errors.push(error.help("write `{version}`, and `{name}` where several charts are tagged"));
    }
    if let Some((tags, unknown)) =
        config.tags.as_ref().and_then(|tags| Some((tags, tags::Pattern::unknown(&tags.value)?)))
    {
        let error =
            Error::new(tags.at, format!("`{unknown}` in `{}` stands for nothing, so that no tag fits", tags.value));
        errors.push(error.help("write `{name}` and `{version}`"));
    }
    if let Some(oci) = config.oci.as_ref().filter(|oci| !oci.value.starts_with("oci://")) {
        let error = Error::new(oci.at, format!("`{}` is not a registry", veiled(&oci.value)));
        errors.push(error.help("write `oci://host/path`"));
    }
    config
}

fn overriding(
    raw: RawOverride,
    index: usize,
    root: &Whole<'_>,
    rules: &RuleNames,
    errors: &mut Vec<Error>,
) -> OverrideConfig {
    let path = KeyPath::default().key("overrides").index(index);
    let at = place(root, &path);
    if raw.paths.is_empty() && raw.profiles.is_empty() {
        let error = Error::new(at, "the override says neither for which paths nor for which profiles it is");
        errors.push(error.help("add `paths: […]` or `profiles: […]`; what is for everything stands in `rules`"));
    }
    let of_rules = raw.rules.iter().map(|(name, level)| {
        let key = root.at(&path.key("rules")).and_then(|node| node.entry(name));
        (name, Located { value: *level, at: key.map_or(at, |entry| entry.key.location) })
    });
    let of_rules: Vec<(&String, Located<Level>)> = of_rules.collect();
    for (name, level) in &of_rules {
        // A set or a pattern may have rules that name a step among others, and is for the others.
        let all = rules.all(name);
        if !all.is_empty() && all.iter().all(|id| rules.is_step(id)) {
            let error =
                Error::new(level.at, format!("`{name}` counts by the step that it calls for, in a whole chart"));
            errors.push(error.help("name it in `rules`, or override `version-step-too-small`"));
        }
    }
    let mut levels = levels::by_rule(of_rules.into_iter(), rules);
    levels.retain(|id, _| !rules.is_step(id));
    let profiles = raw.profiles.iter().enumerate();
    OverrideConfig {
        at,
        paths: patterns(raw.paths, root, &path.key("paths"), errors),
        profiles: profiles
            .filter_map(|(item, text)| profile_pattern(text, &path.key("profiles").index(item), root, errors))
            .collect(),
        levels,
    }
}

/// A pattern over names of profiles.
fn profile_pattern(text: &str, path: &KeyPath, root: &Whole<'_>, errors: &mut Vec<Error>) -> Option<Pattern> {
    Pattern::new(text, "").map_err(|message| errors.push(Error::new(place(root, path), message))).ok()
}

fn suppression(
    raw: RawSuppression,
    index: usize,
    root: &Whole<'_>,
    rules: &RuleNames,
    errors: &mut Vec<Error>,
) -> Option<SuppressionConfig> {
    let path = KeyPath::default().key("suppress").index(index);
    let id = rules.id(&raw.rule);
    if id.is_none() {
        let error = Error::new(place(root, &path.key("rule")), format!("there is no rule `{}`", raw.rule));
        errors.push(error.help(rules.help(&raw.rule)));
    }
    let path_at = place(root, &path.key("path"));
    let pattern = Pattern::new(&raw.path, root.folder(path_at));
    let pattern = pattern.map_err(|message| errors.push(Error::new(path_at, message)));
    let profiles = raw.profiles.iter().enumerate();
    let profiles = profiles
        .filter_map(|(item, text)| profile_pattern(text, &path.key("profiles").index(item), root, errors))
        .collect();
    let until_at = place(root, &path.key("until"));
    let until = raw.until.map(|text| text.parse().map(|value| Located { value, at: until_at })).transpose();
    let until = until.map_err(|error: crate::text::InvalidDate| {
        errors.push(Error::new(until_at, error.to_string()).help("write it as `2027-01-31`"));
    });
    let (Some(id), Ok(pattern), Ok(until)) = (id, pattern, until) else { return None };
    let at = place(root, &path);
    Some(SuppressionConfig { at, rule: id.to_owned(), path: pattern, profiles, reason: raw.reason, until })
}

#[cfg(test)]
mod tests;
