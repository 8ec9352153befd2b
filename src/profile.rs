//! Profiles: the sets of values under which a chart is installed, and which of them are production.

use std::collections::BTreeSet;

use crate::chart::values_file::{bare, joins_production, negated_word};
use crate::helm::Major;
use crate::kustomize::Build;
use crate::text::Location;
use crate::values::set::Form;
use crate::yaml::Node;

mod beside;

pub use crate::chart::values_file::{TEST_WORDS, words};
pub use beside::{Beside, beside};

/// A set of values under which a chart is judged.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Its name: `default`, a configured name, `values-prod`, or the folder that declares it.
    pub name: String,
    /// Whether production rules apply.
    pub production: bool,
    /// What decided about production, in words.
    pub decided_by: String,
    /// Paths and names of what deploys it, outermost first: they say what it is for as well.
    pub above: Vec<String>,
    /// What stands in the place of the chart's own values, where something does.
    pub own_values: Option<Node>,
    /// Values laid over the chart's own, the last wins; each is the root of a values document.
    pub values: Vec<Node>,
    /// The files of such values that other charts are deployed with as well, as reports name them: what stands there may be for them.
    pub shared: BTreeSet<String>,
    /// `--set` expressions laid over the values.
    pub set: Vec<Setting>,
    /// Namespace it is installed into.
    pub namespace: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// The line that declares it.
    pub found_at: Option<Location>,
    /// Whether every sync renders it without a cluster, as Argo CD and kustomize do: `lookup` finds nothing there, and what is random
    /// is deployed anew.
    pub is_templated: bool,
    /// What else Helm is told.
    pub helm: Helm,
    /// What kustomize makes of the manifests and of objects beside them; none where nothing comes after Helm.
    pub build: Option<Build>,
}

/// What Helm is told besides values, name and namespace.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Helm {
    /// The Helm that renders it, where that is told.
    pub major: Option<Major>,
    /// The Kubernetes version to render for (`--kube-version`).
    pub kube_version: Option<String>,
    /// API versions that the cluster serves (`--api-versions`).
    pub api_versions: Vec<String>,
    /// Whether hooks are left out (`--no-hooks`).
    pub skips_hooks: bool,
    /// Whether tests are left out (`--skip-tests`).
    pub skips_tests: bool,
    /// Whether values need not meet the schema (`--skip-schema-validation`).
    pub skips_schema: bool,
}

/// A `--set` expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `image.tag=1.2.3`
    pub expression: String,
    /// How its value is read.
    pub form: Form,
    /// Where it stands, if in a file.
    pub at: Option<Location>,
}

impl Profile {
    /// The chart with nothing but its own values.
    pub fn defaults() -> Self {
        Self { name: "default".into(), decided_by: "the chart's own values".into(), ..Self::default() }
    }

    /// Whether it is of the values that chart-testing installs a chart with.
    pub fn is_test(&self) -> bool {
        self.name.starts_with("ci/")
    }
}

/// The first of some words that a path or name has, as a whole word or beside digits, else what says that it is not production itself.
pub fn test_word(text: &str, test_words: &[String]) -> Option<String> {
    let is_test = |word: &str| test_words.iter().any(|test| test == word);
    let says = |word: &String| is_test(word) || is_test(bare(word)) || joins_production(word, is_test);
    let found = words(text).find(says);
    found.or_else(|| negated_word(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_for_testing_stand_alone_or_beside_digits() {
        let words = TEST_WORDS.map(str::to_owned);
        for name in [
            "apps/dev/web",
            "shop-qa",
            "uat2",
            "clusters/kind",
            "e2e",
            "1test",
            "nonprod",
            "eu/pre-prod",
            "clusters/nprd",
            "pprd2",
            "qaprod",
        ] {
            assert!(test_word(name, &words).is_some(), "{name}");
        }
        for name in ["apps/web", "contest", "devices", "integration", "labels", "kindness"] {
            assert_eq!(test_word(name, &words), None, "{name}");
        }
    }
}
