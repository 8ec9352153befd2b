//! Helm 3 in the place of Helm 4: for a profile, for an Application, and on the command line.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::cli::program;
use crate::git_repo::Repo;

const TEMPLATE: &str = "# of the chart
apiVersion: v1
kind: Pod
metadata: {name: web, annotations: {has: '{{ hasKey .Values \"none\" }}', chart: '{{ toJson .Chart | trunc 13 }}'}}
spec:
  containers: [{name: web, image: 'web:{{ hasKey .Values \"none\" }}-{{ .Capabilities.HelmVersion.Version }}'}]
---
# nothing else
";

fn repository() -> Repo {
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("charts/web/values.yaml", "none: null\n");
    repo.write("charts/web/templates/web.yaml", TEMPLATE);
    repo.write(
        ".chartgate.yaml",
        "profiles:\n  three: {charts: [charts/web], helm: 3}\n  four: {charts: [charts/web], helm: 4}\n  any: {charts: [charts/web]}\n",
    );
    repo.write(
        "argo/web.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: x, path: charts/web, helm: {version: v3}}\n",
    );
    repo.commit();
    repo
}

fn run(repo: &Repo, arguments: &[&str]) -> String {
    let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(matches!(output.status.code(), Some(0 | 1 | 3)), "{said}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// The image of each profile.
fn images(repo: &Repo) -> BTreeMap<String, String> {
    let rows: Value = serde_json::from_str(&run(repo, &["images", "--offline", "--format", "json"])).expect("JSON");
    let text = |row: &Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().expect("a list").iter();
    rows.map(|row| (text(row, "profile"), text(row, "image"))).collect()
}

#[test]
fn each_profile_is_rendered_by_the_helm_that_is_told_for_it() {
    let repo = repository();
    let (three, four) = ("web:true-v3.19.0", "web:false-v4.3.1");
    let expected = |default: &str| {
        let all = [("any", default), ("argo", three), ("default", default), ("four", four), ("three", three)];
        BTreeMap::from(all.map(|(name, image)| (name.to_owned(), image.to_owned())))
    };
    assert_eq!(images(&repo), expected(four));
    let config = std::fs::read_to_string(repo.root().join(".chartgate.yaml")).expect("it was written");
    repo.write(".chartgate.yaml", format!("helm: 3\n{config}"));
    assert_eq!(images(&repo), expected(three));
}

#[test]
fn render_prints_what_either_helm_prints() {
    let repo = repository();
    let of = |has: &str, chart: &str, helm: &str| {
        format!(
            "---\n# Source: web/templates/web.yaml\n# of the chart\napiVersion: v1\nkind: Pod\nmetadata: {{name: web, annotations: {{has: '{has}', chart: '{chart}'}}}}\nspec:\n  containers: [{{name: web, image: 'web:{has}-{helm}'}}]\n"
        )
    };
    let three = run(&repo, &["render", "charts/web", "--helm", "3"]);
    assert!(three.starts_with(&of("true", r#"{"name":"web""#, "v3.19.0")), "{three}");
    let four = run(&repo, &["render", "charts/web"]);
    assert!(four.starts_with(&of("false", r#"{"APIVersion""#, "v4.3.1")), "{four}");
    assert_eq!(run(&repo, &["render", "charts/web", "--helm", "4"]), four);
    let report: Value = serde_json::from_str(&run(
        &repo,
        &["check", "charts/web", "--offline", "--format", "json", "--select", "helm-versions-differ"],
    ))
    .expect("JSON");
    let finding = &report["findings"][0];
    assert_eq!((&finding["severity"], &finding["rule"]), (&"info".into(), &"helm-versions-differ".into()), "{report}");
    assert_eq!(finding["path"], "charts/web/templates/web.yaml", "{report}");
}

#[test]
fn what_decided_and_what_was_not_followed_is_explained_to_people_and_programs() {
    let repo = repository();
    repo.write(
        ".chartgate.yaml",
        "profiles: {own: {charts: [charts/web], production: true}, other: {charts: [charts/web]}}\n",
    );
    repo.write(
        "argo/web.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web-qa}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: x, path: charts/web}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: odd}\nspec:\n  source: {repoURL: x, path: charts/web, helm: {valueFiles: [gone.yaml]}}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: db}\nspec:\n  source: {repoURL: 'https://charts.example.org', chart: db, targetRevision: 1.0.0}\n",
    );
    repo.commit();
    let explained = "charts/web
  default
    not production: the chart's own values
  own
    production: `production: true` in the configuration
    declared at: .chartgate.yaml:1:12
  other
    not production: the configuration does not say `production: true`
    declared at: .chartgate.yaml:1:59
  argo/web-qa
    not production: the word `qa` in its name `web-qa`
    declared at: argo/web.yaml:6:11
    release: web-qa
    namespace: shop
  not followed `argo/odd`: `charts/web/gone.yaml` does not exist (argo/web.yaml:12:62)
not here: db 1.0.0 from https://charts.example.org (argo/web.yaml, production)
";
    assert_eq!(run(&repo, &["check", "--explain-profiles"]), explained);
    let wire: Value =
        serde_json::from_str(&run(&repo, &["check", "--explain-profiles", "--format", "json"])).expect("JSON");
    let chart = &wire["charts"][0];
    let decided: Vec<_> = chart["profiles"].as_array().expect("a list").iter().map(|each| &each["decidedBy"]).collect();
    assert_eq!(decided[3], "the word `qa` in its name `web-qa`");
    let lost = &chart["notFollowed"][0];
    assert_eq!(
        (&lost["profile"], &lost["reason"], &lost["at"]["line"]),
        (&"argo/odd".into(), &"`charts/web/gone.yaml` does not exist".into(), &12.into())
    );
    assert_eq!((&wire["elsewhere"][0]["chart"], &wire["elsewhere"][0]["version"]), (&"db".into(), &"1.0.0".into()));
    assert_eq!(wire["notFollowed"], Value::Array(vec![]));
}
