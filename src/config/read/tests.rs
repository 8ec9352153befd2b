//! Configurations as they are read, and what is wrong with others.

use super::super::{FailOn, Level};
use super::*;
use crate::dependency::Fetch;
use crate::gitops::Tool;
use crate::text::{Address, Source};

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
    assert!(config.rules["app-version-mismatch"].params.as_ref().is_some_and(|params| params.get("image").is_some()));
    assert_eq!(config.suppress[0].until.as_ref().map(|until| until.value.to_string()).as_deref(), Some("2027-01-31"));
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
            "5:23 expected `true` or `false`, found `yes`",
            "5:36 expected a list, found a string (write it as a list: `[a.yaml]`)",
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
            "1:10 `../x` leads out of the folder that paths count from",
            "2:20 `v1` does not say where the version stands (write `{version}`, and `{name}` where several charts are tagged)",
            "2:29 `ghcr.io/x` is not a registry (write `oci://host/path`)",
            "3:17 `pre-prod` is no single word in lower case (names are split at `/`, `-`, `_` and `.` and compared in lower case)",
            "3:27 `Lab` is no single word in lower case (names are split at `/`, `-`, `_` and `.` and compared in lower case)",
            "5:13 there is no rule `no-such-rule` (`chartgate rules` lists every rule)",
            "5:33 `/a` leads out of the folder that paths count from",
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
