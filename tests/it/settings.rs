//! `check --show-settings`: what counts for a chart, and who says so; what shells complete; what is folded for people.

use serde_json::Value;

use crate::cli::Sample;

const CONFIG: &str = "failOn: warning\npublished: { tags: \"{name}-{version}\" }\nrules:\n  image-tag-floating: off\n  app-version-mismatch: { level: error, params: { image: ghcr.io/acme/web } }\n";

#[test]
fn every_setting_has_the_line_that_it_comes_from() {
    let sample = Sample::new();
    sample.write(".chartgate.yaml", CONFIG);
    let (code, out, err) = sample.run(&["check", "charts/good", "--show-settings"]);
    assert_eq!(code, 0, "{err}");
    let expected = [
        "charts/good  .chartgate.yaml",
        "  failOn: warning  (.chartgate.yaml:1)",
        "  published.tags: \"{name}-{version}\"  (.chartgate.yaml:2)",
        "  rules.app-version-mismatch: error  (.chartgate.yaml:5)",
        "  rules.app-version-mismatch.params.image: \"ghcr.io/acme/web\"  (.chartgate.yaml:5)",
        "  rules.image-absent: off  (not asked for)",
        "  rules.image-tag-floating: off  (.chartgate.yaml:4)",
    ];
    for line in expected {
        assert!(out.lines().any(|said| said == line), "{line}\n{out}");
    }
    assert!(out.ends_with("rules as they come; `--format json` lists them\n"), "{out}");
    assert!(!out.contains("rules.yaml-key-duplicate"), "{out}");
}

#[test]
fn programs_get_every_rule_and_the_command_line_counts() {
    let sample = Sample::new();
    let arguments = ["check", "charts/good", "--show-settings", "--format", "json", "--ignore", "image-tag-floating"];
    let (code, out, _) = sample.run(&arguments);
    assert_eq!(code, 0);
    let charts: Value = serde_json::from_str(&out).expect("JSON");
    let rules = charts[0]["rules"].as_array().expect("a list");
    assert!(rules.len() > 100);
    let of = |id: &str| rules.iter().find(|rule| rule["rule"] == id).expect("it is there");
    assert_eq!(
        (&of("image-tag-floating")["level"], &of("image-tag-floating")["from"]),
        (&"off".into(), &"command line".into())
    );
    assert_eq!(of("image-digest-missing")["from"], "default");
    assert_eq!(charts[0]["configuration"], Value::Null);
}

#[test]
fn shells_complete_rules_and_formats() {
    let sample = Sample::new();
    let (code, out, _) = sample.run(&["completions", "bash"]);
    assert_eq!(code, 0);
    for word in ["image-digest-missing", "sarif"] {
        assert!(out.contains(word), "{word}");
    }
    // A user's own rules and sets are taken too.
    assert_eq!(sample.run(&["check", "charts/good", "--select", "images,artifact-hub"]).0, 0);
    assert_eq!(sample.run(&["explain", "no-such-rule"]).0, 2);
}

#[test]
fn of_many_findings_of_a_rule_one_is_shown_whole() {
    let sample = Sample::new();
    let twice = |count: usize| -> Vec<String> { (0..count).map(|key| format!("k{key}: 1\nk{key}: 2\n")).collect() };
    sample.write("charts/good/values.yaml", &twice(6).concat());
    let (_, out, _) = sample.run(&["check", "charts/good", "--select", "yaml-key-duplicate"]);
    assert_eq!(out.matches("yaml-key-duplicate]").count(), 1, "{out}");
    assert!(out.contains("5 more by yaml-key-duplicate:\n  charts/good/values.yaml:"), "{out}");
    assert!(out.contains("6 "), "{out}");
    sample.write("charts/good/values.yaml", &twice(3).concat());
    let (_, out, _) = sample.run(&["check", "charts/good", "--select", "yaml-key-duplicate"]);
    assert_eq!(out.matches("yaml-key-duplicate]").count(), 3, "{out}");
}
