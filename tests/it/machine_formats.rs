//! SARIF and GitLab's code quality report, of real charts: every document meets its schema, and every place is the right one.
//!
//! The schemas in `testdata/formats` restate what the specifications ask of the fields that are written. Where `CHARTGATE_SARIF_SCHEMA` names the
//! official schema of SARIF 2.1.0, that is asked as well.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::cli::program;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn validator(path: &Path) -> jsonschema::Validator {
    let text = std::fs::read_to_string(path).expect("the schema is there");
    let schema = serde_json::from_str(&text).expect("the schema is JSON");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("the schema is a schema")
}

/// What a check of charts of `testdata` prints in a format.
fn said(charts: &[String], format: &str) -> Value {
    let mut command = program();
    command.current_dir(root()).args(["check", "--offline", "--format", format]).args(charts);
    let output = command.output().expect("the program starts");
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)))
}

/// The agents chart, and the charts of many rules: between them every kind of finding, failure and fix.
fn charts() -> Vec<String> {
    let rules = root().join("testdata/rules");
    let folders = std::fs::read_dir(rules).expect("it is there").map(|entry| entry.expect("it can be read").path());
    let is_chart = |folder: &PathBuf| folder.join("Chart.yaml").is_file();
    let bad = folders.map(|folder| folder.join("bad")).filter(is_chart);
    let shown = bad.map(|folder| folder.strip_prefix(root()).expect("below").display().to_string());
    let charts: BTreeSet<String> = shown.chain(["testdata/charts/agents".to_owned()]).collect();
    charts.into_iter().collect()
}

fn assert_meets(schema: &jsonschema::Validator, document: &Value) {
    let errors: Vec<String> =
        schema.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    assert_eq!(errors, [""; 0]);
}

#[test]
fn sarif_of_many_charts_meets_the_schema() {
    let document = said(&charts(), "sarif");
    assert!(document["runs"][0]["results"].as_array().is_some_and(|results| results.len() > 100));
    assert_meets(&validator(&root().join("testdata/formats/sarif.schema.json")), &document);
    if let Some(official) = std::env::var_os("CHARTGATE_SARIF_SCHEMA") {
        assert_meets(&validator(Path::new(&official)), &document);
    }
}

#[test]
fn the_schema_of_sarif_refuses_what_sarif_does_not_have() {
    let schema = validator(&root().join("testdata/formats/sarif.schema.json"));
    let whole = said(&["testdata/charts/agents".to_owned()], "sarif");
    let result = "/runs/0/results/0";
    let wrong: [(&str, Value); 5] = [
        ("/version", "2.0.0".into()),
        (&format!("{result}/level"), "info".into()),
        (&format!("{result}/message"), Value::Object(serde_json::Map::new())),
        (&format!("{result}/locations/0/physicalLocation/region/startLine"), 0.into()),
        (&format!("{result}/locations/0/physicalLocation/artifactLocation/uri"), "/etc/passwd".into()),
    ];
    for (path, value) in wrong {
        let mut document = whole.clone();
        *document.pointer_mut(path).unwrap_or_else(|| panic!("{path}")) = value;
        assert!(!schema.is_valid(&document), "{path}");
    }
}

#[test]
fn every_region_of_the_agents_chart_is_where_the_report_says() {
    let charts = ["testdata/charts/agents".to_owned()];
    let (sarif, report) = (said(&charts, "sarif"), said(&charts, "json"));
    let place = |result: &Value| {
        let physical = &result["locations"][0]["physicalLocation"];
        let region = &physical["region"];
        let numbers = ["startLine", "startColumn", "endLine", "endColumn"].map(|field| region[field].clone());
        format!("{} {} {numbers:?}", result["ruleId"], physical["artifactLocation"]["uri"])
    };
    let results = sarif["runs"][0]["results"].as_array().expect("a list");
    let regions: BTreeSet<String> = results.iter().map(place).collect();
    let found = report["findings"].as_array().expect("a list").iter().map(|finding| {
        let numbers = ["line", "column", "endLine", "endColumn"].map(|field| finding[field].clone());
        format!("{} {} {numbers:?}", finding["rule"], finding["path"])
    });
    assert_eq!(regions, found.collect::<BTreeSet<_>>());
    assert!(!regions.is_empty());
}

#[test]
fn code_quality_of_many_charts_meets_the_schema_and_no_fingerprint_stands_twice() {
    let document = said(&charts(), "gitlab");
    assert_meets(&validator(&root().join("testdata/formats/gitlab.schema.json")), &document);
    let fingerprints: Vec<&str> =
        document.as_array().expect("a list").iter().filter_map(|issue| issue["fingerprint"].as_str()).collect();
    let distinct: BTreeSet<&str> = fingerprints.iter().copied().collect();
    assert!(fingerprints.len() > 100);
    assert_eq!(distinct.len(), fingerprints.len());
}
