//! Profiles: the sets of values under which a chart is installed, and which of them are production.

use crate::text::Location;
use crate::yaml::Node;

/// A set of values under which a chart is judged.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name: `default`, a configured name, `values-prod`, or the folder that declares it.
    pub name: String,
    /// Whether production rules apply.
    pub production: bool,
    /// Values laid over the chart's own, the last wins; each is the root of a values document.
    pub values: Vec<Node>,
    /// Namespace it is installed into.
    pub namespace: Option<String>,
    /// Release name.
    pub release: Option<String>,
    /// The line that declares it.
    pub found_at: Option<Location>,
}

impl Profile {
    /// The chart with nothing but its own values.
    pub fn defaults() -> Self {
        Self {
            name: "default".into(),
            production: false,
            values: vec![],
            namespace: None,
            release: None,
            found_at: None,
        }
    }
}

/// Whether a values file's stem names production: a word `prod`, `production` or `prd`, and none of `non`, `pre`, `not`.
pub fn names_production(stem: &str) -> bool {
    let words: Vec<String> = words(stem).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(&word.as_str()));
    has(&["prod", "production", "prd"]) && !has(&["non", "pre", "not"])
}

/// The words of a name, split at `/ - _ .`, in lower case.
pub fn words(name: &str) -> impl Iterator<Item = String> + '_ {
    name.split(['/', '-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_whole_word() {
        for name in ["values-prod", "values.production", "prd", "values_PROD_eu"] {
            assert!(names_production(name), "{name}");
        }
        for name in ["values-product", "values-non-prod", "values-preprod", "pre-prod", "values-not-prod", "values"] {
            assert!(!names_production(name), "{name}");
        }
    }
}
