//! What rule files show of faults is found as it stands, and not where it is as it should be.

use chartgate::checks::registry;
use chartgate::rule::Fault;
use serde_json::{Map, Value, json};

use crate::cli::Sample;

/// An object that nothing is wrong with.
fn object(kind: &str) -> Value {
    let labels = json!({ "app": "web" });
    let pods = json!({
        "metadata": { "labels": labels },
        "spec": { "containers": [{ "name": "web", "image": "ghcr.io/acme/web:1.0.0" }] },
    });
    let metadata = json!({ "name": "web", "labels": labels });
    match kind {
        "Deployment" => json!({
            "apiVersion": "apps/v1", "kind": kind, "metadata": metadata,
            "spec": { "replicas": 1, "selector": { "matchLabels": labels }, "template": pods },
        }),
        "Service" => json!({
            "apiVersion": "v1", "kind": kind, "metadata": metadata,
            "spec": { "selector": labels, "ports": [{ "name": "web", "port": 80 }] },
        }),
        "CronJob" => {
            let mut pods = pods;
            pods["spec"]["restartPolicy"] = json!("Never");
            json!({
                "apiVersion": "batch/v1", "kind": kind, "metadata": metadata,
                "spec": { "schedule": "@daily", "jobTemplate": { "spec": { "template": pods } } },
            })
        }
        "ConfigMap" | "Secret" => json!({ "apiVersion": "v1", "kind": kind, "metadata": metadata, "data": {} }),
        _ => panic!("give this test an object of kind `{kind}`"),
    }
}

/// Sets a field: `spec.containers[0].image`. What is not there on the way is made.
fn set(root: &mut Value, path: &str, value: &Value) {
    let mut here = root;
    for step in path.split('.') {
        let (key, index) = step.split_once('[').map_or((step, None), |(key, index)| (key, Some(index)));
        here = &mut here[key];
        if let Some(index) = index.and_then(|index| index.trim_end_matches(']').parse::<usize>().ok()) {
            here = &mut here[index];
        }
    }
    *here = value.clone();
}

/// The messages of a rule on an object with these fields.
fn said(sample: &Sample, rule: &str, kind: &str, fields: &Map<String, Value>) -> Vec<String> {
    let mut object = object(kind);
    fields.iter().for_each(|(path, value)| set(&mut object, path, value));
    sample.write("charts/good/templates/object.yaml", &serde_yaml::to_string(&object).expect("YAML"));
    let (_, out, err) = sample.run(&["check", "charts/good", "--select", rule, "--format", "json"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("a report: {err}"));
    assert_eq!(report["failures"], json!([]), "{rule}: {object}");
    let findings = report["findings"].as_array().expect("a list");
    findings.iter().map(|finding| finding["message"].as_str().unwrap_or_default().to_owned()).collect()
}

#[test]
fn every_fault_that_a_rule_shows_is_found_once_and_mended_as_it_says() {
    let sample = Sample::new();
    let registry = registry();
    let shown = registry.iter().flat_map(|rule| rule.faults.iter().map(|fault| (rule.id.as_str(), fault)));
    let mut count = 0;
    for (rule, Fault { what, kind, bad, good }) in shown {
        let found = said(&sample, rule, kind, bad);
        assert_eq!(found.len(), 1, "{rule}, {what}: {found:?}");
        let found = said(&sample, rule, kind, good);
        assert!(found.is_empty(), "{rule}, {what}: {found:?}");
        count += 1;
    }
    assert!(count >= 20, "the rules on objects show what they find");
    let (_, out, _) = sample.run(&["explain", "manifest-field-invalid"]);
    assert!(out.contains("    - metadata.labels.version: 15.2\n    + metadata.labels.version: \"15.2\"\n"), "{out}");
}
