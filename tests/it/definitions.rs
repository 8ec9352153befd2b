//! Definitions of custom resources outside of the chart: in the repository, and where `schemas` says.

use chartgate::finding::{Report, Verdict};
use chartgate::gate::{Charts, Error, PolicyChoice, Request, Session, Surroundings};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::git_repo::Repo;

const RULE: &str = "custom-resource-invalid";

/// A definition of `Widget` in `example.com/v1` whose `spec` has a schema in flow style.
fn crd(spec: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: widgets.example.com}}\nspec:\n  group: example.com\n  names: {{kind: Widget, plural: widgets}}\n  scope: Namespaced\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema: {{openAPIV3Schema: {{type: object, properties: {{spec: {spec}}}}}}}\n"
    )
}

/// A repository with a chart `charts/a` that renders a `Widget` with a `spec`.
fn repo(spec: &str) -> Repo {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n");
    repo.write(
        "charts/a/templates/widget.yaml",
        format!("apiVersion: example.com/v1\nkind: Widget\nmetadata: {{name: one}}\nspec: {spec}\n"),
    );
    repo
}

fn checked(repo: &Repo) -> Result<(Report, Sources), Error> {
    let session = Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")));
    let sources = Sources::new();
    let policy = PolicyChoice { select: vec![RULE.to_owned()], ..PolicyChoice::default() };
    let charts = Charts { paths: vec!["charts/a".into()], ..Charts::default() };
    let request = Request { charts, policy, ..Request::default() };
    session.check(&request, &sources).map(|report| (report, sources))
}

/// What a check says: findings with their place and labels, failures, and what was skipped.
fn said(repo: &Repo) -> Vec<String> {
    repo.commit();
    let (report, sources) = checked(repo).unwrap_or_else(|error| panic!("{error:?}"));
    let place = |at| format!("{}:{}", sources.path(at), sources.start(at).line);
    let mut lines: Vec<String> = report
        .findings
        .iter()
        .map(|finding| {
            let related = finding.related.iter().filter(|label| label.message.contains("definition"));
            let related: Vec<String> = related.map(|label| place(label.location)).collect();
            let message = format!("{} {}", place(finding.primary.location), finding.message);
            [vec![message], related].concat().join(" <- ")
        })
        .collect();
    let failure = |failure: &chartgate::finding::Failure| {
        format!("failure {} {}", failure.location.map(place).unwrap_or_default(), failure.message)
    };
    lines.extend(report.failures.iter().map(failure));
    assert_eq!(report.failures.is_empty(), report.verdict != Verdict::Undecided);
    lines.extend(report.skipped.iter().filter(|skipped| skipped.rule == RULE).map(|skipped| skipped.reason.clone()));
    lines
}

const SIZE: &str = "{type: object, properties: {size: {type: integer}}}";

#[test]
fn a_definition_in_another_chart_of_the_repository_counts() {
    let repo = repo("{size: big}");
    repo.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    repo.write("charts/b/crds/widget.yaml", crd(SIZE));
    assert_eq!(
        said(&repo),
        [
            "charts/a/templates/widget.yaml:4 `Widget/one`: `spec.size` is a string `big`, not a whole number <- charts/b/crds/widget.yaml:12"
        ]
    );
}

#[test]
fn a_definition_in_a_list_counts() {
    let repo = repo("{size: big}");
    let listed = format!("  {}", crd(SIZE).trim_end().replace('\n', "\n  "));
    repo.write("config/all.yaml", format!("apiVersion: v1\nkind: List\nitems:\n-{}\n", &listed[1..]));
    assert_eq!(
        said(&repo),
        [
            "charts/a/templates/widget.yaml:4 `Widget/one`: `spec.size` is a string `big`, not a whole number <- config/all.yaml:15"
        ]
    );
}

#[test]
fn the_nearest_of_two_definitions_counts_and_the_other_is_said() {
    let repo = repo("{size: big}");
    repo.write("config/crd/widget.yaml", crd(SIZE));
    repo.write("charts/crds/widget.yaml", crd("{type: object, properties: {size: {type: string}}}"));
    assert_eq!(
        said(&repo),
        [
            "`charts/crds/widget.yaml` defines `Widget` otherwise than `config/crd/widget.yaml`, and counts as the nearer one"
        ]
    );
}

#[test]
fn the_same_definition_in_two_places_is_no_collision() {
    let repo = repo("{size: 1}");
    repo.write("config/crd/widget.yaml", crd(SIZE));
    repo.write("deploy/widget.yaml", crd(SIZE));
    assert_eq!(said(&repo), [""; 0]);
}

#[test]
fn kinds_without_a_definition_are_named_in_one_line() {
    let repo = repo("{}");
    repo.write("charts/a/templates/gadget.yaml", "apiVersion: other.io/v1\nkind: Gadget\nmetadata: {name: g}\n");
    repo.write("charts/b/templates/crd.yaml", format!("{{{{- if true }}}}\n{}{{{{- end }}}}\n", crd(SIZE)));
    let expected = "no definition is known of 2 kinds: `Widget` of `example.com/v1`, `Gadget` of `other.io/v1`";
    assert_eq!(said(&repo), [expected]);
}

#[test]
fn a_definition_that_does_not_serve_the_version_counts_where_no_other_does() {
    let repo = repo("{size: big}");
    repo.write("charts/crds/old.yaml", crd(SIZE).replace("name: v1\n", "name: v1alpha1\n"));
    assert_eq!(
        said(&repo),
        ["charts/a/templates/widget.yaml:1 `Widget/one`: the definition of `Widget` does not serve `example.com/v1`"]
    );
    repo.write("deploy/new.yaml", crd(SIZE));
    let expected = "charts/a/templates/widget.yaml:4 `Widget/one`: `spec.size` is a string `big`, not a whole number <- deploy/new.yaml:12";
    assert_eq!(said(&repo), [expected]);
}

#[test]
fn schemas_of_a_catalogue_count_as_json_schemas() {
    let repo = repo("{size: big, other: 1, strict: {b: 1}}");
    repo.write(".chartgate.yaml", "schemas: [vendored]\n");
    let schema = r#"{
  "type": "object",
  "properties": {
    "spec": {"type": "object", "properties": {
      "size": {"type": "integer"},
      "strict": {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false}
    }}
  }
}
"#;
    repo.write("vendored/example.com/widget_v1.json", schema);
    assert_eq!(
        said(&repo),
        [
            "charts/a/templates/widget.yaml:4 `Widget/one`: `spec.size` is a string `big`, not a whole number <- vendored/example.com/widget_v1.json:5",
            "charts/a/templates/widget.yaml:4 `Widget/one`: unknown field `spec.strict.b` <- vendored/example.com/widget_v1.json:6",
        ]
    );
}

#[test]
fn definitions_that_the_configuration_names_come_before_those_of_the_repository() {
    let repo = repo("{size: big}");
    repo.write("charts/.chartgate.yaml", "schemas: [../vendored/widget.yaml]\n");
    repo.write("vendored/widget.yaml", crd(SIZE));
    repo.write("charts/crds/widget.yaml", crd("{type: object, properties: {size: {type: string}}}"));
    let expected = "charts/a/templates/widget.yaml:4 `Widget/one`: `spec.size` is a string `big`, not a whole number <- vendored/widget.yaml:12";
    assert_eq!(said(&repo), [expected]);
}

#[test]
fn what_is_broken_in_schemas_is_a_failure_at_its_line() {
    let repo = repo("{}");
    repo.write(".chartgate.yaml", "schemas: [vendored]\n");
    repo.write("vendored/example.com/widget_v1.json", "{\n  \"type\": \"object\",\n  \"properties\": {]\n}\n");
    repo.write("vendored/example.com/other_v1.json", "{\"type\": \"object\"\n");
    repo.write("vendored/crd.yaml", format!("{}  - name: [\n", crd(SIZE)));
    let lines = said(&repo);
    let failures: Vec<&str> = lines.iter().map(|line| line.split(" (").next().unwrap_or(line)).collect();
    assert_eq!(failures.len(), 4, "{lines:#?}");
    let has = |part: &str| failures.iter().any(|line| line.contains(part));
    assert!(
        has("failure vendored/example.com/widget_v1.json:3 `vendored/example.com/widget_v1.json` is not JSON"),
        "{lines:#?}"
    );
    assert!(has("failure vendored/example.com/other_v1.json:2"), "{lines:#?}");
    assert!(has("failure vendored/crd.yaml:13 cannot read the definitions in `vendored/crd.yaml`"), "{lines:#?}");
    assert!(has("no definition is known of 1 kind"), "{lines:#?}");
}

#[test]
fn a_schema_that_refers_to_others_is_a_failure_where_it_does() {
    let repo = repo("{}");
    repo.write(".chartgate.yaml", "schemas: [vendored]\n");
    repo.write(
        "vendored/example.com/widget_v1.json",
        "{\n  \"properties\": {\"spec\": {\"$ref\": \"other.json\"}}\n}\n",
    );
    let lines = said(&repo);
    assert_eq!(
        lines[0],
        "failure vendored/example.com/widget_v1.json:2 the schema in `vendored/example.com/widget_v1.json` refers to others, which is not followed"
    );
}

#[test]
fn schemas_are_files_of_the_repository() {
    let repo = repo("{}");
    let wrong = |path: &str| {
        repo.write(".chartgate.yaml", format!("schemas: [{path}]\n")).commit();
        match checked(&repo) {
            Err(Error::Config(errors)) => errors.into_iter().map(|error| error.message).collect::<Vec<_>>(),
            other => panic!("{:?}", other.map(|(report, _)| report)),
        }
    };
    assert_eq!(wrong("../elsewhere"), ["`../elsewhere` leads out of the repository"]);
    assert_eq!(wrong("/etc"), ["`/etc` leads out of the repository"]);
    assert_eq!(wrong("absent"), ["`absent` does not exist"]);
}

#[test]
fn what_schemas_holds_is_a_part_of_the_policy() {
    let repo = repo("{}");
    repo.write(".chartgate.yaml", "schemas: [vendored]\n");
    let digest = |text: &str| {
        repo.write("vendored/example.com/widget_v1.json", text).commit();
        let session = Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")));
        let (_, evidence) = session
            .check_with_evidence(&Request::default(), &Sources::new())
            .unwrap_or_else(|error| panic!("{error:?}"));
        evidence.expect("something was judged").policy
    };
    let first = digest("{}");
    assert_ne!(first, digest("{\"type\": \"object\"}"));
    assert_eq!(first, digest("{}"));
}

#[test]
fn rules_of_definitions_hold_what_needs_no_earlier_object() {
    let spec = "{type: object, properties: {min: {type: integer}, max: {type: integer}, name: {type: string}}, x-kubernetes-validations: [{rule: 'self.min <= self.max', message: 'min is above max'}, {rule: 'self == oldSelf', message: never}]}";
    let repo = repo("{min: 3, max: 2}");
    repo.write("charts/a/crds/widget.yaml", crd(spec));
    assert_eq!(
        said(&repo),
        [
            "charts/a/templates/widget.yaml:4 `Widget/one`: `spec` breaks a rule of its definition: min is above max <- charts/a/crds/widget.yaml:12"
        ]
    );
}
