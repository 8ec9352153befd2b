//! Profiles: the sets of values under which a chart is installed, and which of them are production.

use crate::text::Location;
use crate::yaml::{Document, Node};

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
    /// What kustomize does to images after Helm, outermost last.
    pub image_overrides: Vec<ImageOverride>,
    /// What patches do to the images of containers after Helm, outermost last.
    pub image_patches: Vec<ImagePatch>,
    /// Objects that are deployed beside the chart without Helm.
    pub manifests: Vec<Document>,
}

/// A `--set` expression and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// `image.tag=1.2.3`
    pub expression: String,
    /// Whether the value is text whatever it looks like (`--set-string`).
    pub is_string: bool,
    /// Where it stands, if in a file.
    pub at: Option<Location>,
}

/// An entry of a kustomization's `images`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImageOverride {
    /// The image name it applies to, without tag and digest.
    pub name: String,
    /// The name that takes its place.
    pub new_name: Option<String>,
    /// The tag that takes the place of tag and digest.
    pub new_tag: Option<String>,
    /// The digest that takes the place of tag and digest.
    pub digest: Option<String>,
    /// Where the entry stands.
    pub at: Location,
}

/// A container's image in a patch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImagePatch {
    /// `Kind/name` of the object; its name empty where the patch is for every object of the kind.
    pub object: String,
    /// Which of its containers.
    pub container: Container,
    /// The image that it gets.
    pub image: String,
    /// Where the patch says so.
    pub at: Location,
}

/// How a patch names a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Container {
    /// By its name: a strategic merge.
    Named(String),
    /// By the place of its image in the object, as a JSON pointer: a JSON patch.
    At(String),
}

impl Profile {
    /// The chart with nothing but its own values.
    pub fn defaults() -> Self {
        Self { name: "default".into(), decided_by: "the chart's own values".into(), ..Self::default() }
    }
}

/// Words that keep a deployment found in GitOps files from counting as production.
pub const TEST_WORDS: [&str; 6] = ["dev", "test", "staging", "preview", "ci", "sandbox"];

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
