//! Custom resource definitions, their examples and Artifact Hub's annotations, judged as whole charts.

use std::path::Path;
use std::sync::Arc;

use chartgate::chart::load;
use chartgate::checks;
use chartgate::crd::Definitions;
use chartgate::finding::Finding;
use chartgate::published::{Comparison, History, Intent};
use chartgate::render::Cache;
use chartgate::rule::files::Files;
use chartgate::rule::{ChartValue, Context, Params, Registered, Said, run};
use chartgate::source::Tree;
use chartgate::source::dir::Dir;
use chartgate::text::Sources;

/// What one rule says of a chart of `testdata`, a line each, help and further places below it.
fn said(rule: &str, folder: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(&root).expect("a folder"));
    let sources = Sources::new();
    let chart = load::load(&tree, "", &sources);
    let registry = checks::registry();
    let rule = registry.get(rule).expect("a rule");
    let (files, params) = (Files::default(), Params::default());
    let value = ChartValue::default();
    let context = Context {
        value: &value,
        chart: &chart,
        sources: &sources,
        profiles: &[],
        definitions: &Definitions::default(),
        cache: &Cache::default(),
        files: &files,
        history: &History::of(Comparison::Failed),
        registered: &Registered::default(),
        intent: &Intent::default(),
        source: None,
        since: None,
        params: &params,
        is_named: false,
    };
    let Said { mut findings, failures, .. } = run(rule, rule.severity.expect("a level"), &context);
    assert_eq!(failures, [], "{folder}");
    findings.sort_by(|left, right| left.primary.cmp(&right.primary));
    findings.iter().map(|finding| shown(finding, &sources)).collect()
}

fn shown(finding: &Finding, sources: &Sources) -> String {
    let place = |location| format!("{}:{}", sources.path(location), sources.start(location));
    let first = format!("{} {}: {}", place(finding.primary.location), finding.severity, finding.message);
    let help = finding.help.iter().map(|help| format!("  = {help}"));
    let related = finding.related.iter().map(|label| format!("  {} {}", place(label.location), label.message));
    std::iter::once(first).chain(help).chain(related).map(|line| line + "\n").collect()
}

#[test]
fn an_annotation_that_artifact_hub_cannot_read_is_found_inside_its_block() {
    insta::assert_snapshot!(said("annotation-invalid", "rules/annotation-invalid/bad"));
    assert_eq!(said("annotation-invalid", "rules/annotation-invalid/good"), "");
}

#[test]
fn what_is_no_definition_does_not_belong_in_crds() {
    insta::assert_snapshot!(said("crd-invalid", "rules/crd-invalid/bad"));
    assert_eq!(said("crd-invalid", "rules/crd-invalid/good"), "");
}

#[test]
fn every_definition_that_artifact_hub_is_told_of_needs_an_example() {
    insta::assert_snapshot!(said("crd-example-missing", "rules/crd-example-missing/bad"));
    assert_eq!(said("crd-example-missing", "rules/crd-example-missing/good"), "");
}

#[test]
fn a_chart_that_tells_artifact_hub_nothing_of_its_definitions_is_left_alone() {
    assert_eq!(said("crd-example-missing", "rules/crd-invalid/good"), "");
}

#[test]
fn an_example_is_one_that_the_api_server_would_take() {
    insta::assert_snapshot!(said("crd-example-invalid", "rules/crd-example-invalid/bad"));
    assert_eq!(said("crd-example-invalid", "rules/crd-example-invalid/good"), "");
}

#[test]
fn an_annotation_that_artifact_hub_would_ignore_is_found() {
    insta::assert_snapshot!(said("annotation-unknown", "rules/annotation-unknown/bad"));
    assert_eq!(said("annotation-unknown", "rules/annotation-unknown/good"), "");
}

#[test]
fn the_list_of_definitions_and_the_definitions_agree() {
    insta::assert_snapshot!("listed_only", said("crd-annotation-orphan", "rules/crd-annotation-orphan/bad"));
    insta::assert_snapshot!("shipped_only", said("crd-annotation-missing", "rules/crd-annotation-missing/bad"));
    for rule in ["crd-annotation-orphan", "crd-annotation-missing"] {
        assert_eq!(said(rule, &format!("rules/{rule}/good")), "");
    }
}

#[test]
fn a_fixture_trips_no_error_of_another_rule() {
    let errors = ["annotation-invalid", "crd-invalid", "crd-example-invalid"];
    let folders = [
        "annotation-invalid",
        "annotation-unknown",
        "crd-annotation-missing",
        "crd-annotation-orphan",
        "crd-example-invalid",
        "crd-example-missing",
        "crd-invalid",
    ];
    for folder in folders {
        for other in errors.into_iter().filter(|other| *other != folder) {
            assert_eq!(said(other, &format!("rules/{folder}/bad")), "", "{other} on {folder}");
        }
    }
}

#[test]
fn the_agents_chart_lacks_one_example_and_has_one_that_is_wrong() {
    let missing = said("crd-example-missing", "charts/agents");
    assert!(missing.contains("`Budget` (agents.example.com) has no example"), "{missing}");
    let invalid = said("crd-example-invalid", "charts/agents");
    assert!(invalid.contains("`AgentRun` example `reviewer-1`: `spec.retries` is a string `two`"), "{invalid}");
    assert_eq!((missing.matches("warning").count(), invalid.matches("error").count()), (1, 1));
}
