//! The formats that other programs read, each against its schema or with a reader of its own.

use std::collections::BTreeSet;

use serde_json::Value;

use super::*;

fn valid(schema: &str, text: &str) -> Value {
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    let schema = jsonschema::validator_for(&schema).expect("the schema is a schema");
    let json: Value = serde_json::from_str(text).expect("it is JSON");
    let errors: Vec<_> = schema.iter_errors(&json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    json
}

fn sarif(report: &Report, texts: &Texts) -> Value {
    let schema = include_str!("../../../testdata/formats/sarif.schema.json");
    valid(schema, &said(Format::Sarif, report, texts))["runs"][0].clone()
}

#[test]
fn sarif_meets_its_schema_with_regions_rules_fixes_and_suppressions() {
    let texts = Texts::new();
    let run = sarif(&report(&texts), &texts);
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 4);
    let first = &results[0];
    let physical = &first["locations"][0]["physicalLocation"];
    assert_eq!(physical["artifactLocation"]["uri"], "charts/agents/artifacthub-pkg.yml");
    let region = serde_json::json!({ "startLine": 2, "startColumn": 10, "endLine": 2, "endColumn": 15 });
    assert_eq!(physical["region"], region);
    assert_eq!(first["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"], region);
    assert_eq!(first["relatedLocations"][0]["message"]["text"], "the chart's version");
    for result in results {
        let rule = run.pointer(&format!("/tool/driver/rules/{}/id", result["ruleIndex"]));
        assert_eq!(rule, Some(&result["ruleId"]));
    }
    let odd = results[1]["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str();
    assert_eq!(odd, Some("charts/agents/odd%2Cname%3A100%25.yaml"));
    assert_eq!(results[1]["properties"]["profiles"], serde_json::json!(["default", "prod"]));
    let suppressed =
        results.iter().filter(|result| result["suppressions"] != serde_json::json!([])).collect::<Vec<_>>();
    assert_eq!(suppressed.len(), 1);
    assert_eq!(
        suppressed[0]["suppressions"][0],
        serde_json::json!({ "kind": "inSource", "justification": "tracked in #12" })
    );
    let invocation = &run["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert_eq!(invocation["toolExecutionNotifications"][0]["descriptor"]["id"], "failure-git");
    assert_eq!(invocation["toolConfigurationNotifications"][1]["associatedRule"]["id"], "version-decreased");
}

#[test]
fn sarif_says_how_many_results_code_scanning_would_not_take() {
    let texts = Texts::new();
    let fault = |number: usize| Finding { message: format!("fault {number}"), ..mismatch(&texts) };
    let report = Report { findings: (0..25_002).map(fault).collect(), ..report(&texts) };
    let run = sarif(&report, &texts);
    assert_eq!(run["results"].as_array().map(Vec::len), Some(25_000));
    let notes = run["invocations"][0]["toolExecutionNotifications"].to_string();
    assert!(notes.contains("2 more findings are left out"), "{notes}");
}

#[test]
fn gitlab_gets_an_issue_for_each_finding_failure_and_skipped_rule_with_a_fingerprint_of_its_own() {
    let texts = Texts::new();
    let schema = include_str!("../../../testdata/formats/gitlab.schema.json");
    let json = valid(schema, &said(Format::Gitlab, &report(&texts), &texts));
    let issues = json.as_array().expect("a list");
    let severities: Vec<_> = issues.iter().map(|issue| issue["severity"].as_str().unwrap_or_default()).collect();
    assert_eq!(severities, ["critical", "minor", "info", "blocker", "info", "info"]);
    let fingerprints: BTreeSet<_> = issues.iter().map(|issue| issue["fingerprint"].to_string()).collect();
    assert_eq!(fingerprints.len(), issues.len());
    assert_eq!(issues[2]["location"]["lines"], serde_json::json!({ "begin": 5, "end": 6 }));
}

#[test]
fn junit_is_read_back_with_what_fails_what_does_not_and_what_was_not_checked() {
    let texts = Texts::new();
    let text = said(Format::Junit, &report(&texts), &texts);
    let document = quick_junit::Report::deserialize_from_str(&text).expect("it is JUnit's XML");
    // The error fails; warning and info do not; the suppressed one and the two skipped rules were not run.
    assert_eq!((document.tests, document.failures, document.errors), (7, 1, 1));
    let skipped = document.test_suites.iter().map(|suite| suite.disabled).sum::<usize>();
    assert_eq!(skipped, 3, "{text}");
    assert!(
        text.contains("charts/agents/artifacthub-pkg.yml:2:10: error package-version-mismatch: `version`"),
        "{text}"
    );
}

#[test]
fn a_chart_without_findings_is_a_case_that_passed() {
    let texts = Texts::new();
    let report = Report { findings: vec![], failures: vec![], skipped: vec![], ..report(&texts) };
    let document =
        quick_junit::Report::deserialize_from_str(&said(Format::Junit, &report, &texts)).expect("JUnit's XML");
    assert_eq!((document.tests, document.failures, document.errors), (1, 0, 0));
}

/// Names of elements that are open at the end, or closed without being open.
fn unbalanced(page: &str) -> Vec<String> {
    let mut open: Vec<String> = vec![];
    for tag in page.split('<').skip(1).filter_map(|part| part.split_once('>').map(|(tag, _)| tag)) {
        let name = tag.trim_start_matches('/').split_whitespace().next().unwrap_or_default().to_owned();
        if tag.starts_with('!') || matches!(name.as_str(), "meta" | "br") {
            continue;
        }
        if !tag.starts_with('/') {
            open.push(name);
        } else if open.pop().as_deref() != Some(&name) {
            return vec![format!("</{name}>")];
        }
    }
    open
}

#[test]
fn the_page_has_every_finding_its_lines_and_nothing_that_runs_or_loads() {
    let texts = Texts::new();
    let page = said(Format::Html, &report(&texts), &texts);
    assert_eq!(unbalanced(&page), Vec::<String>::new());
    assert_eq!(page.matches("<article").count(), 3 + 1 + 1);
    assert!(page.contains("<b>2</b>version: <mark>1.2.2</mark>"), "{page}");
    assert!(page.contains("suppressed by comment: tracked in #12"));
    for loaded in ["<script", "src=", "<link", "url(", "@import", "javascript:"] {
        assert!(!page.contains(loaded), "{loaded}");
    }
}

#[test]
fn text_of_a_chart_is_no_html() {
    let texts = Texts::new();
    let hostile = "</p><script>alert(1)</script> <img src=x onerror=y> \" ' & `<b>`";
    let at = texts.at(texts.chart, "agents");
    let odd =
        Finding { help: Some(hostile.to_owned()), ..finding("a-b", Severity::Error, hostile, Label::new(at, hostile)) };
    let charts = report(&texts).charts.into_iter().map(|chart| ChartReport { name: Some(hostile.to_owned()), ..chart });
    let report = Report { findings: vec![odd], charts: charts.collect(), ..report(&texts) };
    let page = said(Format::Html, &report, &texts);
    assert_eq!(unbalanced(&page), Vec::<String>::new());
    assert!(!page.contains("<script") && !page.contains("<img"), "{page}");
}

#[test]
fn findings_of_one_place_are_told_apart() {
    let texts = Texts::new();
    let fault = |message: &str| Finding { message: message.to_owned(), ..mismatch(&texts) };
    let findings = vec![fault("one"), fault("two"), fault("three")];
    let report = Report { findings, ..report(&texts) };
    let junit = said(Format::Junit, &report, &texts);
    let case = regex::Regex::new("<testcase name=\"([^\"]+)\" classname=\"([^\"]+)\"").expect("a pattern");
    let names: Vec<_> = case.captures_iter(&junit).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len(), "{junit}");
    let first = "package-version-mismatch charts/agents/artifacthub-pkg.yml:2:10";
    let own: Vec<_> = names.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with(first)).collect();
    assert_eq!(own, [first, &format!("{first}: two"), &format!("{first}: three")], "{junit}");
    let run = sarif(&report, &texts);
    let hashes = run["results"].as_array().expect("a list").iter();
    let hashes: Vec<_> = hashes.map(|result| &result["partialFingerprints"]["primaryLocationLineHash"]).collect();
    assert_eq!(hashes, ["0123456789abcdef:1", "0123456789abcdef:2", "0123456789abcdef:3"]);
}
