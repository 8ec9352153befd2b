//! The rule files, their documentation and their schema agree with each other.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartgate::checks::{ids, registry};
use chartgate::config::describe;
use chartgate::docs;
use chartgate::rule::load::KEYS;
use chartgate::rule::{Check, Rule};
use chartgate::text::{Address, Source, Sources};
use chartgate::yaml::{Document, Node};

use crate::fixture::testdata;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The rule files, by name.
fn rule_files() -> Vec<(String, String)> {
    let named = |id| (format!("{id}.yaml"), root().join(format!("rules/{id}.yaml")));
    let read = |(name, path): (String, PathBuf)| (name, std::fs::read_to_string(path).expect("it is compiled in"));
    chartgate::rule::registry::ids().map(named).map(read).collect()
}

fn parsed(text: &str) -> Node {
    let source = Sources::new().add(Source::new("rule.yaml", Address::Rendered, Arc::from(text)));
    Document::parse(source, text).expect("it loaded").root
}

#[test]
fn the_folder_of_rules_holds_rules_and_their_schema_alone() {
    let entries = std::fs::read_dir(root().join("rules")).expect("the folder exists").filter_map(Result::ok);
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let stray: Vec<_> = names.filter(|name| name != "schema.json" && !name.ends_with(".yaml")).collect();
    assert!(stray.is_empty(), "move these out of rules/, which is compiled in: {stray:?}");
}

#[test]
fn the_keys_of_a_rule_file_stand_in_one_order() {
    for (name, text) in rule_files() {
        let root = parsed(&text);
        let keys =
            root.as_map().expect("a rule is a mapping").entries().iter().map(|entry| entry.key.key_text().into_owned());
        let order: Vec<_> = keys.map(|key| KEYS.iter().position(|known| *known == key)).collect();
        assert!(order.is_sorted(), "rules/{name}: bring the keys into this order: {}", KEYS.join(", "));
    }
}

#[test]
fn the_page_about_rules_names_all_that_a_rule_may_say() {
    let page = std::fs::read_to_string(root().join("docs/adding-a-rule.md")).expect("the page is there");
    let stand =
        page.split("\n\n").find(|text| text.starts_with("The keys stand in this order")).expect("it says the order");
    let places: Vec<Option<usize>> = KEYS.iter().map(|key| stand.find(&format!("`{key}`"))).collect();
    assert!(
        places.iter().all(Option::is_some) && places.is_sorted(),
        "name the keys in this order: {}",
        KEYS.join(", ")
    );
    let of_pipelines = page.lines().find(|line| line.starts_with("| `pipeline` |")).expect("the target is there");
    for kind in chartgate::pipeline::Kind::ALL.into_iter().filter_map(chartgate::pipeline::Kind::name) {
        assert!(of_pipelines.contains(&format!("`{kind}`")), "name the kind `{kind}` of pipelines");
    }
    for (function, _) in chartgate::cel::FUNCTIONS {
        assert!(page.contains(&format!("`{function}`")), "name the function `{function}`");
    }
}

#[test]
fn native_rules_and_checks_are_the_same_set() {
    let registry = registry();
    let native = registry.iter().filter(|rule| matches!(rule.check, Check::Native(_))).map(|rule| rule.id.as_str());
    assert!(native.eq(ids()), "every line of src/checks.rs needs `native: true` in rules/<id>.yaml; sort them by id");
}

#[test]
fn every_built_in_rule_is_complete() {
    for rule in registry().iter() {
        assert!(!rule.since.is_empty(), "rules/{}.yaml: say in `since` which version brings it", rule.id);
        let is_native = matches!(rule.check, Check::Native(_));
        assert!(is_native || rule.examples.is_some(), "rules/{}.yaml: add `examples`, one bad and one good", rule.id);
        assert!(!rule.summary.ends_with('.'), "rules/{}.yaml: end the summary without a period", rule.id);
        assert!(!rule.message.text.ends_with('.'), "rules/{}.yaml: end the message without a period", rule.id);
        let described = rule.params.iter().find(|(_, spec)| spec.help.is_empty());
        assert!(described.is_none(), "rules/{}.yaml: say in `help` what `{:?}` is for", rule.id, described);
    }
}

#[test]
fn examples_are_executed() {
    for rule in registry().iter() {
        for (expected, example) in rule.examples.iter().flat_map(|both| [(true, &both.bad), (false, &both.good)]) {
            match rule.denies(example) {
                Ok(found) => assert_eq!(
                    found, expected,
                    "rules/{}.yaml: the rule judges this example otherwise: {example:?}",
                    rule.id
                ),
                Err(reason) => panic!("rules/{}.yaml: {reason}", rule.id),
            }
        }
    }
}

#[test]
fn every_built_in_rule_fits_the_schema() {
    let schema = std::fs::read_to_string(root().join("rules/schema.json")).expect("it is there");
    let schema: serde_json::Value = serde_json::from_str(&schema).expect("it is JSON");
    let validator = jsonschema::validator_for(&schema).expect("it is a schema");
    for (name, text) in rule_files() {
        let errors: Vec<_> = validator.iter_errors(&parsed(&text).to_json()).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "rules/{name} and rules/schema.json do not agree: {errors:?}");
    }
}

/// The first recorded case of a rule.
fn said(rule: &Rule) -> String {
    let path = testdata().join("rules").join(&rule.id).join("expected.snap");
    let text = std::fs::read_to_string(path).unwrap_or_default();
    let body = text.splitn(3, "---\n").nth(2).unwrap_or_default();
    body.lines().skip(1).take_while(|line| !line.starts_with("# ")).fold(String::new(), |mut text, line| {
        let _ = writeln!(text, "{line}");
        text
    })
}

#[test]
fn documentation_is_what_the_rules_say() {
    let registry = registry();
    let mut pages: Vec<(PathBuf, String)> = registry
        .iter()
        .map(|rule| (root().join(format!("docs/rules/{}.md", rule.id)), docs::page(rule, &said(rule))))
        .collect();
    pages.push((root().join("docs/rules.md"), docs::table(&registry)));
    let schema = serde_json::to_string_pretty(&describe::schema(registry.iter())).expect("it is JSON") + "\n";
    pages.push((root().join("docs/config.schema.json"), schema));
    pages.push((root().join("docs/configuration.md"), describe::reference()));
    let list = std::fs::read_to_string(root().join("docs/peers.yaml")).expect("the list is there");
    let peers = docs::peers::page(&registry, &list).unwrap_or_else(|faults| panic!("{}", faults.join("\n")));
    pages.push((root().join("docs/peers.md"), peers));
    for (path, fresh) in pages {
        if std::env::var_os("CHARTGATE_BLESS").is_some() {
            std::fs::write(&path, &fresh).expect("writable");
        }
        let stored = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(stored == fresh, "{} is stale; write it anew with CHARTGATE_BLESS=1", path.display());
    }
}

#[test]
fn every_page_is_about_a_rule() {
    for entry in std::fs::read_dir(root().join("docs/rules")).expect("the folder exists") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        let stem = name.strip_suffix(".md").unwrap_or(&name);
        assert!(
            registry().get(stem).is_some_and(|rule| rule.id == stem),
            "docs/rules/{name}: no rule has this id; remove it"
        );
    }
}

#[test]
fn every_promise_of_the_threat_model_names_tests_that_are_there() {
    let page = std::fs::read_to_string(root().join("docs/threat-model.md")).expect("the page is there");
    let (_, promises) = page.split_once("| promise | held by |\n|---|---|\n").expect("it has a table of promises");
    let rows: Vec<&str> = promises.lines().take_while(|line| line.starts_with('|')).collect();
    assert!(rows.len() > 10, "{rows:?}");
    for row in rows {
        let (promise, holders) = row.trim_matches(['|', ' ']).rsplit_once(" | ").expect("a promise and what holds it");
        let names = holders.split('`').filter_map(|name| name.rsplit_once("::"));
        let missing = names.clone().filter(|(module, function)| {
            let path = root().join("tests/it").join(module.replace("::", "/")).with_extension("rs");
            let text = std::fs::read_to_string(path).unwrap_or_default();
            !text.contains(&format!("#[test]\nfn {function}()"))
        });
        let missing: Vec<_> = missing.collect();
        assert!(missing.is_empty(), "no such tests, which hold that `{promise}`: {missing:?}");
        assert!(names.count() > 0, "name a test that holds that `{promise}`");
    }
}

#[test]
fn every_package_has_the_version_of_the_crate() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("pyproject.toml")).expect("the hook's package is there");
    let version = env!("CARGO_PKG_VERSION");
    assert!(text.contains(&format!("\nversion = \"{version}\"\n")), "pyproject.toml has another version");
    assert!(text.contains(&format!("[\"chartgate=={version}\"]")), "pyproject.toml brings another version");
}

#[test]
fn the_schema_of_the_configuration_takes_what_chartgate_takes_and_refuses_what_it_refuses() {
    let registry = registry();
    let schema = jsonschema::validator_for(&describe::schema(registry.iter())).expect("it is a schema");
    // Every key of the template, by taking away what makes it a comment; sentences end with a period, and the first line names the schema.
    let lines = chartgate::config::TEMPLATE.lines().skip(1).filter(|line| !line.ends_with('.'));
    let template = lines.map(|line| line.strip_prefix("# ").unwrap_or(line)).collect::<Vec<_>>().join("\n");
    let value: serde_json::Value =
        serde_yaml::from_str(&template).unwrap_or_else(|error| panic!("{error}:\n{template}"));
    let errors: Vec<_> =
        schema.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}\n{template}");
    assert!(value["profiles"]["prod"]["values"].is_array(), "the template shows profiles:\n{template}");
    for wrong in [
        "chart: [a]",
        "failOn: off",
        "rules: { image-tag-floating: { params: { tag: [a] } } }",
        "suppress: [{ rule: a, path: b }]",
        "published: { oci: 1 }",
        "profiles: { a: { production: maybe } }",
    ] {
        let value: serde_json::Value = serde_yaml::from_str(wrong).expect("YAML");
        assert!(!schema.is_valid(&value), "{wrong}");
    }
}

/// A tag of an action can be moved, a commit cannot. chartgate's own action is named by its version.
#[test]
fn actions_are_named_by_their_commits() {
    let folders = [".github/workflows", "docs", "docs/ci", "docs/guide", "src/cli/init"];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(root().join(folder)).expect("it is there"));
    let paths = files.map(|entry| entry.expect("readable").path()).filter(|path| path.is_file());
    let mut count = 0;
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        for line in text.lines() {
            let Some((_, action)) = line.split_once("uses: ") else { continue };
            let Some((name, rest)) = action.split_once('@').filter(|(name, _)| *name != "chartgate/chartgate") else {
                continue;
            };
            let (commit, version) = rest.split_once(" # ").unwrap_or((rest, ""));
            let is_commit = commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
            assert!(
                is_commit && version.starts_with('v'),
                "{}: name `{name}` by a commit, with its version",
                path.display()
            );
            count += 1;
        }
    }
    assert!(count > 10, "{count}");
}
