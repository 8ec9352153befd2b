//! What a configuration file may say, as serde reads it.

use indexmap::IndexMap;
use serde::Deserialize;

use super::levels::RawRule;
use super::{Bump, FailOn, Level};
use crate::dependency::Fetch;
use crate::gitops::Tool;
use crate::helm::Major;

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawConfig {
    pub(super) charts: Vec<String>,
    pub(super) kube_version: Option<String>,
    pub(super) kube_versions: Vec<String>,
    pub(super) schemas: Vec<String>,
    pub(super) helm: Option<RawHelm>,
    pub(super) profiles: IndexMap<String, RawProfile>,
    pub(super) discover: Option<Vec<Tool>>,
    pub(super) test_words: Option<Vec<String>>,
    pub(super) resolve: bool,
    pub(super) published: RawPublished,
    pub(super) dependencies: RawDependencies,
    pub(super) replaces: bool,
    pub(super) gitops: RawGitops,
    pub(super) rules: IndexMap<String, RawRule>,
    pub(super) overrides: Vec<RawOverride>,
    pub(super) suppress: Vec<RawSuppression>,
    pub(super) fail_on: Option<FailOn>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawProfile {
    pub(super) production: bool,
    pub(super) charts: Vec<String>,
    pub(super) values: Vec<String>,
    pub(super) set: Vec<String>,
    pub(super) namespace: Option<String>,
    pub(super) release: Option<String>,
    pub(super) helm: Option<RawHelm>,
}

/// A major version of Helm: `3` or `"3"`.
#[derive(Deserialize)]
#[serde(untagged)]
pub(super) enum RawHelm {
    Number(u8),
    Text(String),
}

impl RawHelm {
    /// The version, where there is one of this number.
    pub(super) fn major(&self) -> Option<Major> {
        match self {
            Self::Number(number) => Major::read(&number.to_string()),
            Self::Text(text) => Major::read(text),
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct RawPublished {
    pub(super) base: Option<String>,
    pub(super) tags: Option<String>,
    pub(super) folder: Option<String>,
    pub(super) oci: Option<String>,
    pub(super) index: Option<String>,
    pub(super) bump: Bump,
    pub(super) plain_http: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawDependencies {
    pub(super) fetch: Fetch,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawGitops {
    pub(super) fetch: bool,
    pub(super) helm: Option<RawHelm>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct RawOverride {
    pub(super) paths: Vec<String>,
    pub(super) profiles: Vec<String>,
    pub(super) rules: IndexMap<String, Level>,
}

#[derive(Deserialize)]
pub(super) struct RawSuppression {
    pub(super) rule: String,
    pub(super) path: String,
    #[serde(default)]
    pub(super) profiles: Vec<String>,
    pub(super) reason: String,
    pub(super) until: Option<String>,
}
