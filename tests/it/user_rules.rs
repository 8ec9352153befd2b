//! The user's own rules: which folders of them count for which chart.

use crate::cli::Sample;

/// A rule that denies charts of one name.
fn rule(id: &str, name: &str) -> String {
    format!(
        "id: {id}\nsummary: a name that is not wanted\nwhy: It is taken.\nremedy: Choose another name.\nseverity: error\n\
         category: chart\ntarget: metadata\nat: name\ndeny: metadata.name == \"{name}\"\nmessage: \"`{{metadata.name}}` is taken\"\n"
    )
}

fn rules_of(sample: &Sample, arguments: &[&str]) -> (Vec<String>, String) {
    let (_, out, err) = sample.run(&[arguments, &["--format", "json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("no JSON: {out}{err}"));
    let findings = json["findings"].as_array().expect("a list");
    let found = findings.iter().map(|finding| format!("{} {}", finding["rule"], finding["chart"])).collect();
    (found, json["skipped"].to_string())
}

#[test]
fn rules_beside_a_nested_configuration_count_for_its_charts_alone() {
    let sample = Sample::new();
    sample.write("charts/a/.chartgate.yaml", "{}\n");
    sample.write("charts/a/.chartgate/rules/name-taken.yaml", &rule("name-taken", "a"));
    sample.write("charts/a/.chartgate/rules/name-good.yaml", &rule("name-good", "good"));
    let (found, _) = rules_of(&sample, &["check", "charts"]);
    assert!(found.iter().any(|finding| finding.contains("name-taken")), "{found:?}");
    assert!(!found.iter().any(|finding| finding.contains("name-good")), "{found:?}");
}

#[test]
fn the_same_rule_may_lie_beside_several_configurations() {
    let sample = Sample::new();
    for chart in ["a", "good"] {
        sample.write(&format!("charts/{chart}/.chartgate.yaml"), "{}\n");
        sample.write(&format!("charts/{chart}/.chartgate/rules/name-taken.yaml"), &rule("name-taken", "good"));
    }
    let (found, _) = rules_of(&sample, &["check", "charts"]);
    assert_eq!(found.iter().filter(|finding| finding.contains("name-taken")).count(), 1, "{found:?}");
}

#[test]
fn a_rule_takes_neither_the_name_nor_a_former_name_of_another() {
    let own = |id: &str, aliases: &str| rule(id, "x").replace("summary:", &format!("{aliases}summary:"));
    let former = ("own-name", "aliases: [old-name]\n");
    for rules in [
        &[("image-tag-floating", "")][..],
        &[("own-name", "aliases: [image-tag-floating]\n")],
        &[former, ("old-name", "")],
        &[former, ("third-name", "aliases: [old-name]\n")],
    ] {
        let sample = Sample::new();
        for (id, aliases) in rules {
            sample.write(&format!(".chartgate/rules/{id}.yaml"), &own(id, aliases));
        }
        let (code, out, err) = sample.run(&["check", "charts/good", "--offline"]);
        assert!(code == 2 && err.contains("there already is a rule `"), "{rules:?}: {code} {out}{err}");
    }
}

#[test]
fn rules_beside_no_configuration_are_said_to_be_idle() {
    let sample = Sample::new();
    sample.write("charts/a/.chartgate/rules/name-taken.yaml", &rule("name-taken", "a"));
    let (found, skipped) = rules_of(&sample, &["check", "charts"]);
    assert!(!found.iter().any(|finding| finding.contains("name-taken")), "{found:?}");
    assert!(skipped.contains("name-taken") && skipped.contains("charts/a/.chartgate/rules"), "{skipped}");
}

#[test]
fn examples_of_rules_are_tested_and_rules_and_explain_know_them() {
    let sample = Sample::new();
    let text = |good: &str| {
        format!(
            "id: image-name-long\nsummary: a name is long\nwhy: It is.\nremedy: Shorten it.\nseverity: warning\ncategory: images\n\
             target: image\ndeny: size(image.name) > 3\nmessage: \"`{{image}}` is long\"\n\
             examples: {{ bad: {{ image: \"nginx:1\" }}, good: {{ image: \"{good}\" }} }}\n"
        )
    };
    sample.write(".chartgate/rules/image-name-long.yaml", &text("web:1"));
    let run = |arguments: &[&str]| {
        let (code, said, _) = sample.run(arguments);
        (code, said)
    };
    assert_eq!(run(&["rules", "test"]), (0, "image-name-long: as it says\n".to_owned()));
    assert!(run(&["rules"]).1.contains("image-name-long"));
    assert!(run(&["explain", "image-name-long"]).1.contains("Shorten it."));
    // As a check finds them: above the working directory, and beside charts below it.
    sample.write("charts/a/.chartgate/rules/image-name-longer.yaml", &text("web:1").replace("-long", "-longer"));
    let made = std::process::Command::new("git").args(["init", "-q"]).current_dir(sample.path()).status();
    assert!(made.expect("git is there").success());
    for folder in [".", "charts", "charts/a"] {
        let out = sample.command(&["rules"]).current_dir(sample.path().join(folder)).output().expect("it starts");
        let said = String::from_utf8_lossy(&out.stdout).into_owned();
        assert!(said.contains("image-name-longer") && said.contains("image-name-long "), "{folder}: {said}");
    }
    std::fs::remove_dir_all(sample.path().join("charts/a/.chartgate")).expect("it is there");
    sample.write(".chartgate/rules/image-name-long.yaml", &text("redis:1"));
    let (code, said) = run(&["rules", "test", ".chartgate/rules"]);
    assert_eq!((code, said.as_str()), (1, "image-name-long: the `good` example is found\n"));
    sample.write(".chartgate/rules/image-name-long.yaml", "id: image-name-long\n");
    assert_eq!(run(&["rules", "test"]).0, 2);
    assert_eq!(run(&["rules", "test", "nowhere"]).0, 2);
}

#[test]
fn rules_are_selected_by_set_and_pattern_and_turned_on_by_set() {
    let sample = Sample::new();
    let found = |arguments: &[&str]| {
        let (_, said, _) = sample.run(&[&["check", "--offline", "--format", "json"], arguments].concat());
        let report: serde_json::Value = serde_json::from_str(&said).expect("a report");
        let findings = report["findings"].as_array().expect("a list").clone();
        findings.iter().map(|finding| format!("{} {}", finding["severity"], finding["rule"])).collect::<Vec<_>>()
    };
    let has = |found: &[String], finding: &str| found.iter().any(|each| each.replace('"', "") == finding);
    assert!(!has(&found(&[]), "warning icon-missing"));
    assert!(has(&found(&["--select", "helm-lint"]), "warning icon-missing"));
    assert!(has(&found(&["--select", "icon-*,versions"]), "warning icon-missing"));
    assert!(!has(&found(&["--select", "versions"]), "warning icon-missing"));
    sample
        .write(".chartgate.yaml", "extends: [helm-lint]\nrules: { chart-testing: error, maintainer-missing: info }\n");
    let now = found(&[]);
    assert!(has(&now, "warning icon-missing") && has(&now, "info maintainer-missing"), "{now:?}");
    assert!(!has(&found(&["--ignore", "icon-*"]), "warning icon-missing"));
    std::fs::remove_file(sample.path().join(".chartgate.yaml")).expect("it is there");
    for file in ["README.md", "LICENSE"] {
        std::fs::remove_file(sample.path().join("charts/good").join(file)).expect("it is there");
    }
    let of_hub = |said: &[String]| has(said, "info readme-missing") && has(said, "info license-missing");
    assert!(
        !of_hub(&found(&[])) && !of_hub(&found(&["--select", "*"])),
        "nothing says that the chart is for Artifact Hub"
    );
    assert!(
        of_hub(&found(&["--select", "artifact-hub"]))
            && of_hub(&found(&["--select", "readme-missing,license-missing"]))
    );
    sample.write(".chartgate.yaml", "extends: [artifact-hub]\n");
    assert!(of_hub(&found(&[])), "the configuration says so");
    sample.write(".chartgate.yaml", "extends: [helm-lynt]\nrules: { chart-testing: { level: error, params: {} } }\n");
    let (_, _, said) = sample.run(&["check", "--offline"]);
    assert!(said.contains("`chart-testing` is a set of rules"), "{said}");
}
