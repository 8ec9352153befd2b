//! Values that a schema refuses end the rendering for Helm, and hide nothing else that is wrong.

use serde_json::Value;

use crate::cli::Sample;

const SCHEMA: &str = r#"{"type":"object","additionalProperties":false,"properties":{
  "replicas":{"type":"integer"},"global":{"type":"object"},"image":{"properties":{"tag":{"type":"string"}}}}}"#;
const TEMPLATE: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: {{ .Values.replicas }}
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - {name: WEB, image: 'nginx:{{ .Values.image.tag }}'}
";

fn sample(files: &[(&str, &str)]) -> Sample {
    let sample = Sample::new();
    let sound = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("charts/web/values.yaml", "replicas: 1\nimage: {tag: '1.0'}\n"),
        ("charts/web/values.schema.json", SCHEMA),
        ("charts/web/templates/web.yaml", TEMPLATE),
    ];
    for (path, text) in sound.iter().chain(files) {
        sample.write(path, text);
    }
    sample
}

/// Each error under a profile: rule, file and line.
fn errors(sample: &Sample, profile: &str) -> Vec<String> {
    let (_, out, said) = sample.run(&["check", "--offline", "--format", "json", "charts/web"]);
    let report: Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{said}"));
    let findings = report["findings"].as_array().expect("a list").iter();
    let errors = findings.filter(|each| each["severity"] == "error" && each["profile"] == profile);
    let shown = |each: &Value| {
        let path = each["path"].as_str().and_then(|path| path.rsplit('/').next()).unwrap_or_default();
        format!("{} {path}:{}", each["rule"].as_str().unwrap_or_default(), each["line"])
    };
    let mut shown: Vec<String> = errors.map(shown).collect();
    shown.sort();
    shown
}

#[test]
fn each_value_that_a_schema_refuses_is_said_with_all_else_that_is_wrong() {
    let refused = sample(&[
        ("charts/web/values-prod.yaml", "replicas: three\nextra: 1\nmore: 2\n"),
        ("charts/web/templates/fails.yaml", "{{ .Values.nobody.knows }}\n"),
    ]);
    let expected = [
        "image-digest-missing values.yaml:2",
        "manifest-field-invalid web.yaml:11",
        "render-failed fails.yaml:1",
        "render-failed values-prod.yaml:1",
        "render-failed values-prod.yaml:2",
        "render-failed values-prod.yaml:3",
    ];
    assert_eq!(errors(&refused, "values-prod"), expected);
}

#[test]
fn what_the_refused_value_itself_breaks_is_not_said_again() {
    let own = sample(&[
        ("charts/web/values.yaml", "replicas: three\nimage: none\n"),
        (
            "charts/web/values.schema.json",
            r#"{"properties":{"replicas":{"type":"integer"},"image":{"type":"object"}}}"#,
        ),
    ]);
    let expected = ["render-failed values.yaml:1", "render-failed values.yaml:2"];
    assert_eq!(errors(&own, "default"), expected);
}

#[test]
fn a_schema_that_cannot_be_used_hides_nothing_else() {
    let broken = sample(&[("charts/web/values.schema.json", r#"{"type":"mapping"}"#)]);
    let (code, out, _) = broken.run(&["check", "--offline", "charts/web"]);
    assert!(code == 1 && out.contains("values-schema-invalid") && out.contains("manifest-field-invalid"), "{out}");
    let elsewhere = sample(&[("charts/web/values.schema.json", r#"{"$ref":"https://example.com/schema.json"}"#)]);
    let (code, out, _) = elsewhere.run(&["check", "--offline", "charts/web"]);
    assert!(code == 1 && out.contains("manifest-field-invalid") && out.contains("never does"), "{out}");
}

#[test]
fn values_of_tests_are_judged_beside_configured_profiles() {
    let sample = sample(&[
        ("charts/web/ci/ha-values.yaml", "replicas: many\n"),
        ("charts/web/ci/one-values.yaml", "replicas: one\n"),
        ("charts/web/values-prod.yaml", "replicas: many\n"),
        (".chartgate.yaml", "profiles: {eu: {values: [values.yaml]}, one: {values: [ci/one-values.yaml]}}\n"),
    ]);
    let is_refused = |profile| errors(&sample, profile).iter().any(|error| error.starts_with("render-failed"));
    assert!(is_refused("ci/ha-values") && is_refused("one"));
    assert!(!is_refused("ci/one-values") && !is_refused("values-prod") && !is_refused("eu"));
}
