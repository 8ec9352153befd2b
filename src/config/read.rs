//! Reads a configuration file into [`Config`].

use indexmap::IndexMap;
use serde::Deserialize;

use super::validate::{self, CONFIG};
use super::{
    Bump, Config, Error, FailOn, Level, Located, Pattern, ProfileConfig, PublishedConfig, RuleConfig, RuleNames,
    SuppressionConfig,
};
use crate::dependency::Fetch;
use crate::gitops::Tool;
use crate::helm::Major;
use crate::kubernetes::{self, Minor};
use crate::profile;
use crate::published::tags;
use crate::render::KubeVersion;
use crate::text::veil::veiled;
use crate::text::{Location, SourceId};
use crate::yaml::{Document, KeyPath, Node};

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawConfig {
    charts: Vec<String>,
    kube_version: Option<String>,
    kube_versions: Vec<String>,
    schemas: Vec<String>,
    helm: Option<RawHelm>,
    profiles: IndexMap<String, RawProfile>,
    discover: Option<Vec<Tool>>,
    test_words: Option<Vec<String>>,
    resolve: bool,
    published: RawPublished,
    dependencies: RawDependencies,
    extends: Vec<String>,
    gitops: RawGitops,
    rules: IndexMap<String, RawRule>,
    suppress: Vec<RawSuppression>,
    fail_on: Option<FailOn>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawProfile {
    production: bool,
    charts: Vec<String>,
    values: Vec<String>,
    set: Vec<String>,
    namespace: Option<String>,
    release: Option<String>,
    helm: Option<RawHelm>,
}

/// A major version of Helm: `3` or `"3"`.
#[derive(Deserialize)]
#[serde(untagged)]
enum RawHelm {
    Number(u8),
    Text(String),
}

impl RawHelm {
    fn major(&self) -> Option<Major> {
        match self {
            Self::Number(number) => Major::read(&number.to_string()),
            Self::Text(text) => Major::read(text),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct RawPublished {
    base: Option<String>,
    tags: Option<String>,
    folder: Option<String>,
    oci: Option<String>,
    index: Option<String>,
    bump: Bump,
    plain_http: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawDependencies {
    fetch: Fetch,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct RawGitops {
    fetch: bool,
    helm: Option<RawHelm>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawRule {
    Level(Level),
    Settings { level: Option<Level> },
}

#[derive(Deserialize)]
struct RawSuppression {
    rule: String,
    path: String,
    reason: String,
    until: Option<String>,
}

/// Reads the text of a configuration whose patterns are relative to `folder`, a folder as reports name it (`""` for their root).
///
/// # Errors
/// Everything that is wrong with it, in the order of the file.
pub fn read(source: SourceId, text: &str, folder: &str, rules: &RuleNames) -> Result<Config, Vec<Error>> {
    let document =
        Document::parse(source, text).map_err(|error| vec![Error::new(error.location, error.message.clone())])?;
    let root = &document.root;
    let mut config = Config { source: Some(source), folder: folder.to_owned(), ..Config::default() };
    if root.is_null() {
        return Ok(config);
    }
    let mut errors = validate::check(root, CONFIG, rules);
    if errors.is_empty() {
        match types(text) {
            Ok(raw) => fill(&mut config, raw, root, rules, &mut errors),
            Err(error) => errors.push(Error::new(root.location, error.to_string())),
        }
    }
    errors.sort_by_key(|error| error.at);
    if errors.is_empty() { Ok(config) } else { Err(errors) }
}

fn types(text: &str) -> Result<RawConfig, serde_yaml::Error> {
    let mut value: serde_yaml::Value = serde_yaml::from_str(text)?;
    value.apply_merge()?;
    serde_yaml::from_value(value)
}

/// Joins the types with their places; what only the whole shows to be wrong is an error here.
fn fill(config: &mut Config, raw: RawConfig, root: &Node, rules: &RuleNames, errors: &mut Vec<Error>) {
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
    config.helm = raw.helm.as_ref().and_then(RawHelm::major);
    config.gitops_helm = raw.gitops.helm.as_ref().and_then(RawHelm::major).or(config.helm);
    let profiles = raw.profiles.into_iter();
    config.profiles = profiles.map(|(name, raw)| profile(name, raw, root, errors)).collect();
    config.discover = raw.discover;
    config.resolve = raw.resolve;
    config.test_words = raw.test_words.map(|words| test_words(words, root, errors));
    config.published = published(raw.published, root, errors);
    config.fetch = raw.dependencies.fetch;
    config.fetches_releases = raw.gitops.fetch;
    // What is said of one rule counts more than what is said of a set.
    let (single, sets): (Vec<_>, Vec<_>) = raw.rules.into_iter().partition(|(name, _)| rules.id(name).is_some());
    for (name, raw) in sets.into_iter().chain(single) {
        for id in rules.all(&name) {
            config.rules.insert(id.to_owned(), rule(&raw, &name, root));
        }
    }
    for (index, set) in raw.extends.iter().enumerate() {
        extend(config, set, place(root, &top.key("extends").index(index)), rules, errors);
    }
    let suppress = raw.suppress.into_iter().enumerate();
    config.suppress = suppress.filter_map(|(index, raw)| suppression(raw, index, root, rules, errors)).collect();
    config.fail_on = raw.fail_on;
}

/// A version of `kubeVersions`; what is not embedded cannot be judged for.
fn minor(text: &str, index: usize, root: &Node, errors: &mut Vec<Error>) -> Option<Minor> {
    let known = kubernetes::embedded();
    let minor = KubeVersion::parse(text).and_then(|version| Minor::known(version.major, version.minor));
    if minor.is_none() {
        let at = place(root, &KeyPath::default().key("kubeVersions").index(index));
        let error = Error::new(at, format!("`{text}` is no Kubernetes version that charts can be judged for"));
        errors.push(error.help(format!("name versions from {} to {}", known.start(), known.end())));
    }
    minor
}

fn place(root: &Node, path: &KeyPath) -> Location {
    root.at(path).map_or(root.location, |node| node.location)
}

fn key_place(root: &Node, parent: &str, key: &str) -> Location {
    let entry = root.get(parent).and_then(|node| node.entry(key));
    entry.map_or(root.location, |entry| entry.key.location)
}

fn located<T>(value: T, root: &Node, path: &KeyPath) -> Located<T> {
    Located { value, at: place(root, path) }
}

fn located_all(values: Vec<String>, root: &Node, path: &KeyPath) -> Vec<Located<String>> {
    values.into_iter().enumerate().map(|(index, value)| located(value, root, &path.index(index))).collect()
}

fn patterns(texts: Vec<String>, root: &Node, path: &KeyPath, errors: &mut Vec<Error>) -> Vec<Located<Pattern>> {
    let mut found = vec![];
    for Located { value, at } in located_all(texts, root, path) {
        match Pattern::new(&value) {
            Ok(value) => found.push(Located { value, at }),
            Err(message) => errors.push(Error::new(at, message)),
        }
    }
    found
}

fn test_words(words: Vec<String>, root: &Node, errors: &mut Vec<Error>) -> Vec<Located<String>> {
    let words = located_all(words, root, &KeyPath::default().key("testWords"));
    for word in words.iter().filter(|word| profile::words(&word.value).next().as_ref() != Some(&word.value)) {
        let error = Error::new(word.at, format!("`{}` is no single word in lower case", word.value));
        errors.push(error.help("names are split at `/`, `-`, `_` and `.` and compared in lower case"));
    }
    words
}

fn profile(name: String, raw: RawProfile, root: &Node, errors: &mut Vec<Error>) -> ProfileConfig {
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

/// The addresses of the network that a configuration names; none where it cannot be read.
pub fn addresses(text: &str) -> Vec<String> {
    let raw: Result<RawConfig, _> = serde_yaml::from_str(text);
    raw.map(|raw| raw.published.oci.into_iter().chain(raw.published.index).collect()).unwrap_or_default()
}

fn published(raw: RawPublished, root: &Node, errors: &mut Vec<Error>) -> PublishedConfig {
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
    if let Some(oci) = config.oci.as_ref().filter(|oci| !oci.value.starts_with("oci://")) {
        let error = Error::new(oci.at, format!("`{}` is not a registry", veiled(&oci.value)));
        errors.push(error.help("write `oci://host/path`"));
    }
    config
}

fn rule(raw: &RawRule, name: &str, root: &Node) -> RuleConfig {
    let path = KeyPath::default().key("rules").key(name);
    let params = root.at(&path.key("params")).cloned();
    let level = match raw {
        RawRule::Level(level) => Some(located(*level, root, &path)),
        RawRule::Settings { level } => level.map(|level| located(level, root, &path.key("level"))),
    };
    RuleConfig { at: key_place(root, "rules", name), level, params }
}

/// Turns on the rules of a set that are off by default and of which the file says no level.
fn extend(config: &mut Config, set: &str, at: Location, rules: &RuleNames, errors: &mut Vec<Error>) {
    let ids = rules.all(set);
    if ids.is_empty() {
        let error = Error::new(at, format!("there is no set of rules `{set}`"));
        errors.push(error.help(rules.help(set)));
    }
    for id in ids.into_iter().filter(|id| rules.is_off(id)) {
        let known = config.rules.entry(id.to_owned()).or_insert(RuleConfig { at, level: None, params: None });
        known.level.get_or_insert(Located { value: Level::Warning, at });
    }
}

fn suppression(
    raw: RawSuppression,
    index: usize,
    root: &Node,
    rules: &RuleNames,
    errors: &mut Vec<Error>,
) -> Option<SuppressionConfig> {
    let path = KeyPath::default().key("suppress").index(index);
    let id = rules.id(&raw.rule);
    if id.is_none() {
        let error = Error::new(place(root, &path.key("rule")), format!("there is no rule `{}`", raw.rule));
        errors.push(error.help(rules.help(&raw.rule)));
    }
    let pattern =
        Pattern::new(&raw.path).map_err(|message| errors.push(Error::new(place(root, &path.key("path")), message)));
    let until_at = place(root, &path.key("until"));
    let until = raw.until.map(|text| text.parse().map(|value| Located { value, at: until_at })).transpose();
    let until = until.map_err(|error: super::date::InvalidDate| {
        errors.push(Error::new(until_at, error.to_string()).help("write it as `2027-01-31`"));
    });
    let (Some(id), Ok(pattern), Ok(until)) = (id, pattern, until) else { return None };
    Some(SuppressionConfig { at: place(root, &path), rule: id.to_owned(), path: pattern, reason: raw.reason, until })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::{Address, Source, Sources};

    fn parse(text: &str) -> Result<Config, Vec<String>> {
        let sources = Sources::new();
        let id = sources.add(Source::new(".chartgate.yaml", Address::Rendered, text));
        let names = ["app-version-mismatch", "crd-example-missing"].map(str::to_owned).into_iter().collect();
        let said = |error: Error| {
            let help = error.help.map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{} {}{help}", sources.start(error.at), error.message)
        };
        read(id, text, "", &names).map_err(|errors| errors.into_iter().map(said).collect())
    }

    #[test]
    fn a_full_configuration_is_read_with_every_key() {
        let config = parse(concat!(
            "charts: [charts/*]\nkubeVersion: \"1.36\"\nprofiles:\n  prod:\n    production: true\n",
            "    values: [values-prod.yaml, ../../prod.yaml]\n    namespace: agents\n    release: a\n    set: [a=b]\n",
            "discover: [argocd, flux]\ntestWords: [qa, lab]\npublished: { base: origin/main, tags: \"{name}-{version}\", oci: oci://ghcr.io/x, folder: dist, plainHttp: false }\n",
            "dependencies: { fetch: always }\ngitops: { fetch: true }\n",
            "rules:\n  app-version-mismatch: { level: off, params: { image: x } }\n  crd-example-missing: error\n",
            "suppress:\n  - { rule: crd-example-missing, path: charts/a, reason: later, until: 2027-01-31 }\nfailOn: never\n",
        ))
        .expect("it is valid");
        assert!(config.includes_chart("charts/a") && !config.includes_chart("a"));
        assert_eq!(config.kube_version.as_ref().map(|version| version.value.as_str()), Some("1.36"));
        let profile = &config.profiles[0];
        assert_eq!((profile.name.value.as_str(), profile.production, profile.values.len()), ("prod", true, 2));
        assert_eq!(config.discover, Some(vec![Tool::Argocd, Tool::Flux]));
        let words: Vec<_> = config.test_words.iter().flatten().map(|word| word.value.as_str()).collect();
        assert_eq!(words, ["qa", "lab"]);
        let level = |id: &str| config.rules[id].level.as_ref().map(|level| level.value);
        assert_eq!(level("app-version-mismatch"), Some(Level::Off));
        assert_eq!(level("crd-example-missing"), Some(Level::Error));
        assert!(
            config.rules["app-version-mismatch"].params.as_ref().is_some_and(|params| params.get("image").is_some())
        );
        assert_eq!(
            config.suppress[0].until.as_ref().map(|until| until.value.to_string()).as_deref(),
            Some("2027-01-31")
        );
        assert_eq!(config.fail_on, Some(FailOn::Never));
        assert_eq!((config.fetch, config.fetches_releases), (Fetch::Always, true));
    }

    #[test]
    fn nothing_and_the_template_are_valid() {
        assert!(parse("").is_ok() && parse("# only words\n").is_ok() && parse(crate::config::TEMPLATE).is_ok());
    }

    #[test]
    fn the_template_is_valid_with_every_comment_taken_off() {
        let examples = crate::config::TEMPLATE.lines().skip(1).filter(|line| !line.ends_with('.'));
        let text = examples.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
        let config = parse(&text).expect("every example is valid");
        assert_eq!((config.charts.len(), config.profiles.len(), config.suppress.len()), (1, 1, 1));
    }

    #[test]
    fn every_fault_is_named_with_its_place_and_what_was_meant() {
        let errors = parse(concat!(
            "profile: {}\nkubeVersion: 1.30\nfailOn: eror\nprofiles:\n  prod: { production: yes, values: a.yaml }\n",
            "rules:\n  app-version-mismach: error\n  crd-example-missing: { level: of }\n",
            "suppress:\n  - rule: crd-example-missing\n    path: a\n",
        ))
        .expect_err("it is full of faults");
        assert_eq!(
            errors,
            [
                "1:1 unknown key `profile` (did you mean `profiles`?)",
                "2:14 expected a string, found a number (put it in quotes: `\"1.30\"`)",
                "3:9 `eror` is none of `error`, `warning`, `info`, `never` (did you mean `error`?)",
                "5:23 expected `true` or `false`, found a boolean",
                "5:36 expected a list, found a string",
                "7:3 there is no rule `app-version-mismach` (did you mean `app-version-mismatch`?)",
                "8:33 `of` is none of `off`, `info`, `warning`, `error` (did you mean `off`?)",
                "10:5 `reason` is missing (add `reason: …`)",
            ]
        );
    }

    #[test]
    fn what_only_the_types_show_to_be_wrong_has_a_place_too() {
        let errors = parse(concat!(
            "charts: [../x]\npublished: { tags: v1, oci: ghcr.io/x }\ntestWords: [qa, pre-prod, Lab]\n",
            "suppress:\n  - { rule: no-such-rule, path: /a, reason: x, until: 2027-02-30 }\n",
        ));
        assert_eq!(
            errors.expect_err("it is full of faults"),
            [
                "1:10 `../x` leads out of the configuration's folder",
                "2:20 `v1` does not say where the version stands (write `{version}`, and `{name}` where several charts are tagged)",
                "2:29 `ghcr.io/x` is not a registry (write `oci://host/path`)",
                "3:17 `pre-prod` is no single word in lower case (names are split at `/`, `-`, `_` and `.` and compared in lower case)",
                "3:27 `Lab` is no single word in lower case (names are split at `/`, `-`, `_` and `.` and compared in lower case)",
                "5:13 there is no rule `no-such-rule` (`chartgate rules` lists every rule)",
                "5:33 `/a` leads out of the configuration's folder",
                "5:55 not a day of the form `YYYY-MM-DD` (write it as `2027-01-31`)",
            ]
        );
    }

    #[test]
    fn what_is_not_yaml_and_what_is_no_mapping_are_errors() {
        assert!(parse("a: [").is_err());
        assert_eq!(parse("- a\n").expect_err("a list"), ["1:1 expected a mapping, found a list"]);
        assert_eq!(
            parse("charts: []\ncharts: []\n").expect_err("twice")[0],
            "1:1 key `charts` stands twice (remove one of them)"
        );
    }

    #[test]
    fn profiles_may_share_settings_through_anchors_and_merge_keys() {
        let text = "profiles:\n  a: &a { production: true, values: [a.yaml] }\n  b: { <<: *a, namespace: b }\n";
        let config = parse(text).expect("merge keys are YAML");
        assert!(config.profiles[1].production && config.profiles[1].values.len() == 1);
    }
}
