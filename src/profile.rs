//! Profiles: the sets of values under which a chart is installed, and which of them are production.

use crate::kustomize::Build;
use crate::text::Location;
use crate::values::set::Form;
use crate::yaml::Node;

/// A set of values under which a chart is judged.
#[derive(Debug, Clone, Default)]
pub struct Profile {
    /// Its name: `default`, a configured name, `values-prod`, or the folder that declares it.
    pub name: String,
    /// Whether production rules apply.
    pub production: bool,
    /// What decided about production, in words.
    pub decided_by: String,
    /// Values laid over the chart's own, the last wins; each is the root of a values document.
    pub values: Vec<Node>,
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
}

/// Words that keep a deployment found in GitOps files from counting as production.
pub const TEST_WORDS: [&str; 19] = [
    "alpha",
    "ci",
    "demo",
    "dev",
    "development",
    "e2e",
    "int",
    "kind",
    "lab",
    "local",
    "preview",
    "qa",
    "sandbox",
    "stage",
    "staging",
    "stg",
    "test",
    "testing",
    "uat",
];

/// Words that say production.
const PRODUCTION: [&str; 3] = ["prod", "production", "prd"];
/// Words and beginnings of words that take that back.
const NEGATIONS: [&str; 3] = ["non", "pre", "not"];

/// The word that makes a values file production, be it of its folders or of its name: a word that is or ends in `prod`, `production`
/// or `prd`, or begins with one before a digit; none where any word is or begins with `non`, `pre` or `not` before such a word.
pub fn production_word(path: &str) -> Option<String> {
    let words: Vec<String> = words(path).collect();
    let is_negated = |word: &String| {
        NEGATIONS.iter().any(|negation| {
            word == negation || word.strip_prefix(negation).is_some_and(|rest| PRODUCTION.contains(&rest))
        })
    };
    if words.iter().any(is_negated) {
        return None;
    }
    words.into_iter().find(|word| names_production(word))
}

/// Whether one word names production.
fn names_production(word: &str) -> bool {
    const LONGER: [&str; 2] = ["prod", "production"];
    let ends_so = |name: &str| {
        word.strip_suffix(name).is_some_and(|rest| rest.chars().all(|letter| letter.is_ascii_alphanumeric()))
    };
    let begins_so = |name: &&str| {
        word.strip_prefix(*name)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|letter| letter.is_ascii_digit()))
    };
    PRODUCTION.contains(&word) || LONGER.iter().any(|name| ends_so(name)) || PRODUCTION.iter().any(begins_so)
}

/// The first of some words that a path or name has: as a whole word, or at the start or end of one beside digits.
pub fn test_word(text: &str, test_words: &[String]) -> Option<String> {
    let bare = |word: &str| word.trim_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    words(text).find(|word| test_words.contains(word) || test_words.contains(&bare(word)))
}

/// The words of a name, split at `/ - _ .`, in lower case.
pub fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(['/', '-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word_or_the_end_of_one() {
        let names = [
            "values-prod",
            "values.production",
            "prd",
            "values_PROD_eu",
            "idfprod",
            "prod-values",
            "envs/prod/web",
            "prod1",
        ];
        for name in names {
            assert!(production_word(name).is_some(), "{name}");
        }
        let others = [
            "values-product",
            "values-non-prod",
            "values-preprod",
            "pre-prod",
            "values-not-prod",
            "nonprod",
            "values",
            "products",
        ];
        for name in others {
            assert_eq!(production_word(name), None, "{name}");
        }
    }

    #[test]
    fn words_for_testing_stand_alone_or_beside_digits() {
        let words = TEST_WORDS.map(str::to_owned);
        for name in ["apps/dev/web", "shop-qa", "uat2", "clusters/kind", "e2e", "1test"] {
            assert!(test_word(name, &words).is_some(), "{name}");
        }
        for name in ["apps/web", "contest", "devices", "integration", "labels", "kindness"] {
            assert_eq!(test_word(name, &words), None, "{name}");
        }
    }
}
