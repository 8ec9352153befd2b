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
fn rules_beside_no_configuration_are_said_to_be_idle() {
    let sample = Sample::new();
    sample.write("charts/a/.chartgate/rules/name-taken.yaml", &rule("name-taken", "a"));
    let (found, skipped) = rules_of(&sample, &["check", "charts"]);
    assert!(!found.iter().any(|finding| finding.contains("name-taken")), "{found:?}");
    assert!(skipped.contains("name-taken") && skipped.contains("charts/a/.chartgate/rules"), "{skipped}");
}
