//! Which files of a chart hold values, by their names, and which of those names say production.

use crate::text::{Address, Source, Sources};
use crate::yaml::{Document, Node};

/// What a file's name says of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Values, beside Chart.yaml: `values-eu.yaml`, `prod-values.yaml`.
    Values,
    /// Values that chart-testing installs the chart with: `ci/ha-values.yaml`.
    Test,
    /// It may be values of production, as far as its path says: `production.yaml`, `envs/prod/web.yaml`.
    Production,
}

/// Folders of a chart whose files are something else, whatever they are called.
const OTHERS: [&str; 10] =
    ["charts", "ci", "crds", "docs", "examples", "files", "templates", "test", "tests", "unittests"];

/// Folders between Chart.yaml and a values file.
const DEEPEST: usize = 3;

/// The kind of a file; none of one that holds no values. The chart's own values.yaml is not asked for.
pub fn kind(path: &str) -> Option<Kind> {
    let is_json = |stem: &str| !path.contains('/') && !stem.to_lowercase().contains("schema");
    let stem = stem(path).or_else(|| path.strip_suffix(".json").filter(|stem| is_json(stem)))?;
    let folders: Vec<&str> = path.split('/').rev().skip(1).collect();
    let is_values = |name: &str| {
        let name = name.to_lowercase();
        (name.starts_with("values") && name != "values.schema" && !name.starts_with("values.schema."))
            || name.strip_suffix("values").is_some_and(|before| before.ends_with(['-', '_', '.']))
    };
    match folders.as_slice() {
        [] if is_values(stem) => Some(Kind::Values),
        // Others of JSON are rather dashboards and the like.
        _ if path.ends_with(".json") => None,
        ["ci"] if stem.ends_with("-values") && path.ends_with(".yaml") => Some(Kind::Test),
        [.., first] if OTHERS.contains(first) => None,
        folders if folders.len() > DEEPEST || path.split('/').any(|name| name.starts_with('.')) => None,
        _ => production_word(&path[..path.len() - path.rsplit('.').next().map_or(0, str::len) - 1])
            .map(|_| Kind::Production),
    }
}

/// A file's name without its ending; none where that is not YAML's.
pub fn stem(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".yaml").or_else(|| name.strip_suffix(".yml")).filter(|stem| !stem.is_empty())
}

/// Whether a text holds an object of Kubernetes or another of its form, and no values.
pub fn is_object(text: &str) -> bool {
    let has = |key: &str| text.lines().any(|line| line.trim_start_matches('"').starts_with(key));
    has("apiVersion") && has("kind")
}

/// Whether sops encrypted the values: what it did stands among them.
pub fn is_encrypted(root: &Node) -> bool {
    root.get("sops").is_some_and(|how| how.get("mac").is_some())
}

/// Whether template code keeps a text from being YAML.
pub fn is_template(text: &str) -> bool {
    let scratch = Sources::new();
    let is_yaml = || {
        let id = scratch.add(Source::new("values.yaml", Address::Rendered, text));
        Document::parse_all(id, text).is_ok()
    };
    text.contains("{{") && !is_yaml()
}

/// Names of production.
const PRODUCTION: [&str; 3] = ["prod", "production", "prd"];
/// Words and parts of words that take that back before such a name.
const NEGATIONS: [&str; 3] = ["non", "pre", "not"];
/// Words and beginnings of words that do, where nothing is before them.
const OTHERWISE: [&str; 7] = ["lower", "n", "no", "np", "p", "sub", "un"];
/// Words that name what is no production.
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

/// The word of a path that says production: one that is `prod`, `production` or `prd`, or begins or ends so; none where any word is
/// `non`, `pre` or `not`, or begins so before such a name, or where a word of the same name is for testing.
pub fn production_word(path: &str) -> Option<String> {
    // Few paths have one, and all files of a repository are asked.
    let word = words(path).find(|word| names_production(word))?;
    let is_test = |word: &str| TEST_WORDS.contains(&word);
    let is_for_tests = |name: &str| {
        let mut here = words(name);
        words(name).any(|word| names_production(&word))
            && here.any(|word| is_test(bare(&word)) || is_test(&word) || joins_production(&word, is_test))
    };
    (negated_word(path).is_none() && !path.split('/').any(is_for_tests)).then_some(word)
}

/// Whether a word is one for testing and a name of production: `qaprod`, `prodtest`.
pub fn joins_production(word: &str, is_test: impl Fn(&str) -> bool) -> bool {
    let word = bare(word);
    let rest = |name: &&str| [word.strip_suffix(*name), word.strip_prefix(*name)];
    PRODUCTION.iter().flat_map(rest).flatten().any(|rest| is_test(bare(rest)))
}

/// A word without the digits around it.
pub fn bare(word: &str) -> &str {
    word.trim_matches(|letter: char| letter.is_ascii_digit())
}

/// The word of a path that says what is before production, or all that it is not: `nonprod`, `pre-prod`, `nprd`.
pub fn negated_word(path: &str) -> Option<String> {
    let words: Vec<String> = words(path).collect();
    let is_negated = |word: &String| {
        let inside = |negation: &&str| PRODUCTION.iter().any(|name| word.contains(&format!("{negation}{name}")));
        let begins = |negation: &&str| {
            let rest = word.strip_prefix(*negation);
            rest.is_some_and(|rest| PRODUCTION.iter().any(|name| rest.starts_with(name)) && names_production(rest))
        };
        NEGATIONS.iter().any(inside) || OTHERWISE.iter().any(begins)
    };
    let before = |pair: &&[String]| NEGATIONS.contains(&pair[0].as_str()) && names_production(&pair[1]);
    let joined = |pair: &[String]| format!("{}-{}", pair[0], pair[1]);
    // A letter between slashes is a folder of its own.
    let short = |name: &str| {
        let words: Vec<String> = self::words(name).collect();
        let is_no = |pair: &&[String]| matches!(&*pair[0], "n" | "no") && names_production(&pair[1]);
        words.windows(2).find(is_no).map(joined)
    };
    let single = words.iter().find(|word| is_negated(word)).cloned();
    single.or_else(|| words.windows(2).find(before).map(joined)).or_else(|| path.split('/').find_map(short))
}

/// Whether one word names production.
fn names_production(word: &str) -> bool {
    // `product`, `produce`, `prodigy`, `prodrome`: what follows in other words.
    const OTHER: [&str; 3] = ["uc", "ig", "ro"];
    let is_plain = |rest: &str| rest.chars().all(|letter| letter.is_ascii_alphanumeric());
    let ends_so = |name: &&str| word.strip_suffix(*name).is_some_and(is_plain);
    let begins_so = |name: &&str| {
        let rest = word.strip_prefix(*name);
        rest.is_some_and(|rest| is_plain(rest) && !OTHER.iter().any(|other| rest.starts_with(other)))
    };
    PRODUCTION.iter().any(|name| ends_so(name) || begins_so(name))
}

/// The words of a path, split at `/ - _ .`, in lower case.
pub fn words(path: &str) -> impl Iterator<Item = String> + '_ {
    path.split(['/', '-', '_', '.']).filter(|word| !word.is_empty()).map(str::to_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn production_is_a_word_or_the_beginning_or_the_end_of_one() {
        let names = [
            "values-prod",
            "values.production",
            "prd",
            "values_PROD_eu",
            "valuesProd",
            "idfprod",
            "euprd",
            "prodeu",
            "prod-values",
            "envs/prod/web",
            "prod1",
            "prod-labels",
            "envs/test/prod",
            "shopprod",
            "envs/prod/kind",
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
            "idfnonprod",
            "nonprod2",
            "preproduction",
            "envs/nonprod/prod",
            "values",
            "products",
            "producer",
            "prodigy",
            "nprd",
            "pprd",
            "nprod2",
            "noprod",
            "unprod",
            "npprod",
            "subprod",
            "lowerprod",
            "n-prod",
            "no-prod",
            "prod-test",
            "dev-prod",
            "envs/prod-qa1/web",
            "qaprod",
            "proddev2",
        ];
        for name in others {
            assert_eq!(production_word(name), None, "{name}");
        }
        assert_eq!(negated_word("clusters/pre-prod/web").as_deref(), Some("pre-prod"));
        assert_eq!(negated_word("pre/web"), None);
    }

    #[test]
    fn values_files_are_known_by_their_names() {
        use Kind::{Production, Test, Values};
        let kinds = [
            ("values-prod.yaml", Some(Values)),
            ("values.prod.yml", Some(Values)),
            ("prod-values.yaml", Some(Values)),
            ("prod.values.yaml", Some(Values)),
            ("values.schema.yaml", None),
            ("values-prod.json", Some(Values)),
            ("prod-values.json", Some(Values)),
            ("values.schema.json", None),
            ("values-schema.json", None),
            ("envs/prod/values.json", None),
            ("ci/ha-values.yaml", Some(Test)),
            ("ci/prod-values.yaml", Some(Test)),
            ("ci/values.yaml", None),
            ("ci/sub/ha-values.yaml", None),
            ("production.yaml", Some(Production)),
            ("idfprod.yaml", Some(Production)),
            ("envs/prod/web.yaml", Some(Production)),
            ("environments/eu/prod.yml", Some(Production)),
            ("envs/dev/web.yaml", None),
            ("envs/nonprod/web.yaml", None),
            ("product.yaml", None),
            ("templates/prod.yaml", None),
            ("charts/db/prod.yaml", None),
            (".github/prod.yaml", None),
            ("a/b/c/d/prod.yaml", None),
            ("prod.json", None),
            ("prod/.yaml", None),
        ];
        for (path, expected) in kinds {
            assert_eq!(kind(path), expected, "{path}");
        }
    }
}
