//! `.chartgate.yaml`: what the user of a repository asked for, every value with the place that asked.
//!
//! A file is read twice: `yaml::Document` gives places and checks keys and kinds (`validate`), `serde_yaml` gives types ([`read`]).

use std::collections::BTreeMap;

use crate::dependency::Fetch;
use crate::finding::Severity;
use crate::gitops::Tool;
use crate::helm::Major;
use crate::kubernetes::Minor;
use crate::text::{Date, Location, SourceId};
use crate::yaml::Node;

pub mod comment;
pub mod describe;
pub mod discover;
pub mod extends;
mod levels;
mod loosened;
mod merge;
mod names;
pub mod pattern;
mod raw;
mod read;
pub mod suppress;
mod validate;

pub use crate::published::Bump;
pub use loosened::loosened;
pub use names::RuleNames;
pub use pattern::Pattern;
pub use read::{addresses, bases, merged, read};

/// The file that `chartgate init` writes.
pub const TEMPLATE: &str = include_str!("config/init.yaml");

/// A configuration; the default is that of a repository without a file.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The file, where there is one.
    pub source: Option<SourceId>,
    /// Every text that it is made of: those that it extends, each before what is laid over it, and the file itself.
    pub texts: Vec<SourceId>,
    /// `replaces`: whether the file says that it takes the place of those above it.
    pub replaces: bool,
    /// The sets of rules that it extends.
    pub sets: Vec<String>,
    /// Folder that patterns are relative to: the file's own, as reports name it; `""` for their root.
    pub folder: String,
    /// Folders of charts; empty: every chart that is found.
    pub charts: Vec<Located<Pattern>>,
    /// `kubeVersion`: the Kubernetes version that charts are rendered for, as written.
    pub kube_version: Option<Located<String>>,
    /// `kubeVersions`: the Kubernetes versions that objects are judged for, in order.
    pub kube_versions: Vec<Minor>,
    /// `schemas`: folders and files with definitions of custom resources, relative to [`folder`](Self::folder).
    pub schemas: Vec<Located<String>>,
    /// `helm`: the Helm that renders charts.
    pub helm: Option<Major>,
    /// `gitops.helm`: the Helm that GitOps tools carry.
    pub gitops_helm: Option<Major>,
    /// Profiles, in the order of the file.
    pub profiles: Vec<ProfileConfig>,
    /// Where profiles are found besides; none where the file does not say.
    pub discover: Option<Vec<Tool>>,
    /// `resolve`: whether registries are asked for the images.
    pub resolve: bool,
    /// `testWords`: words of a path, name or namespace that keep a deployment found in GitOps files from being production; none where
    /// the file does not say.
    pub test_words: Option<Vec<Located<String>>>,
    /// Where charts are published.
    pub published: PublishedConfig,
    /// `dependencies.fetch`: which dependencies are fetched.
    pub fetch: Fetch,
    /// `gitops.fetch`: whether charts are fetched that a repository without charts deploys.
    pub fetches_releases: bool,
    /// What rules were set to, by id.
    pub rules: BTreeMap<String, RuleConfig>,
    /// Levels for some paths and profiles; of those that cover a finding the last counts.
    pub overrides: Vec<OverrideConfig>,
    /// Findings that do not count.
    pub suppress: Vec<SuppressionConfig>,
    /// The least severity that fails a run, where the file says.
    pub fail_on: Option<FailOn>,
}

/// A value and where it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Where.
    pub at: Location,
}

/// `profiles.<name>`.
#[derive(Debug, Clone)]
pub struct ProfileConfig {
    /// Its name, and where it is declared.
    pub name: Located<String>,
    /// Whether production rules apply.
    pub production: bool,
    /// Charts it is for; empty: every chart.
    pub charts: Vec<Located<Pattern>>,
    /// Values files, each relative to the chart's folder; the last wins.
    pub values: Vec<Located<String>>,
    /// `helm --set` expressions, laid over the values files.
    pub set: Vec<Located<String>>,
    /// Namespace it is installed into.
    pub namespace: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// The Helm that installs it.
    pub helm: Option<Major>,
}

/// `published`: where earlier releases lie.
#[derive(Debug, Clone, Default)]
pub struct PublishedConfig {
    /// The git branch or revision that releases are made from.
    pub base: Option<Located<String>>,
    /// How release tags are written: `{name}` and `{version}` stand for the chart's.
    pub tags: Option<Located<String>>,
    /// A folder of packages, `NAME-VERSION.tgz`, relative to [`Config::folder`].
    pub folder: Option<Located<String>>,
    /// The registry: `oci://host/path`, without the chart's name.
    pub oci: Option<Located<String>>,
    /// The chart repository: the URL of the folder in which index.yaml lies.
    pub index: Option<Located<String>>,
    /// When a change raises the version.
    pub bump: Bump,
    /// Whether both are asked without TLS; where the file does not say, only those on loopback hosts are.
    pub plain_http: Option<bool>,
}

/// `rules.<id>`.
#[derive(Debug, Clone)]
pub struct RuleConfig {
    /// Where the rule is named.
    pub at: Location,
    /// Its level, where the file sets one, and where.
    pub level: Option<Located<Level>>,
    /// Its parameters as they are written; always a mapping.
    pub params: Option<Node>,
}

/// How a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It does not run.
    Off,
    /// Its findings are infos.
    Info,
    /// Its findings are warnings.
    Warning,
    /// Its findings are errors.
    Error,
}

impl Level {
    /// The severity; none is `off`.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Off => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// `failOn`: the least severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FailOn {
    /// Findings never fail a run; failures still leave it undecided.
    Never,
    /// Any finding fails it.
    Info,
    /// Warnings and errors fail it.
    Warning,
    /// Errors fail it: the default.
    Error,
}

impl FailOn {
    /// The threshold as [`Report::fail_on`](crate::finding::Report) has it.
    pub fn threshold(self) -> Option<Severity> {
        match self {
            Self::Never => None,
            Self::Info => Some(Severity::Info),
            Self::Warning => Some(Severity::Warning),
            Self::Error => Some(Severity::Error),
        }
    }
}

/// An entry of `overrides`.
#[derive(Debug, Clone)]
pub struct OverrideConfig {
    /// Where the entry is.
    pub at: Location,
    /// Files or folders it is for; empty: all.
    pub paths: Vec<Located<Pattern>>,
    /// The names of profiles it is for; empty: all, and what is of no profile.
    pub profiles: Vec<Pattern>,
    /// Levels by rule.
    pub levels: BTreeMap<String, Located<Level>>,
}

/// An entry of `suppress`.
#[derive(Debug, Clone)]
pub struct SuppressionConfig {
    /// Where the entry is.
    pub at: Location,
    /// The rule's id.
    pub rule: String,
    /// Files or folders it is for.
    pub path: Pattern,
    /// The names of profiles it is for; empty: all, and what is of no profile.
    pub profiles: Vec<Pattern>,
    /// Why.
    pub reason: String,
    /// The last day on which it counts.
    pub until: Option<Located<Date>>,
}

impl Config {
    /// Whether `charts` names the chart at a reported path, or names none at all.
    pub fn includes_chart(&self, path: &str) -> bool {
        self.charts.is_empty() || self.charts.iter().any(|pattern| pattern.value.matches(path))
    }
}

/// Something wrong in a configuration file. All of them are found in one go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    /// What is wrong, in lower case.
    pub message: String,
    /// Where.
    pub at: Location,
    /// What to do.
    pub help: Option<String>,
}

impl Error {
    /// An error at a place.
    pub fn new(at: Location, message: impl Into<String>) -> Self {
        Self { message: message.into(), at, help: None }
    }

    /// The same with what to do.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }
}
