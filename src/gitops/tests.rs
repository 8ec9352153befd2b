//! Small repositories, each with one way of deploying a chart.

use std::collections::BTreeMap;

use super::*;
use crate::profile::TEST_WORDS;
use crate::source::{Entry, Error};
use crate::text::Address;

/// Files in memory.
#[derive(Debug)]
struct Files(BTreeMap<String, String>);

impl Tree for Files {
    fn list(&self, _: &str) -> Result<Vec<Entry>, Error> {
        Ok(vec![])
    }

    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Error> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| Error::NotFound { path: path.to_owned() })
    }

    fn address(&self, _: &str) -> Address {
        Address::Rendered
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Each deployment and each unresolved place in a line; the chart is always `web` in `charts/web`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let tree = Files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    let sources = Sources::new();
    let paths: Vec<String> = tree.0.keys().cloned().collect();
    let charts = BTreeMap::from([("charts/web".to_owned(), "web".to_owned())]);
    let search = Search {
        tree: &tree,
        paths: &paths,
        charts: &charts,
        published: &["oci://ghcr.io/example/charts".to_owned()],
        test_words: &TEST_WORDS.map(str::to_owned),
        sources: &sources,
        kustomize: true,
        argocd: true,
    };
    let discovered = discover(&search);
    let mut lines: Vec<String> = discovered.deployments.iter().map(|deployment| shown(&deployment.profile)).collect();
    lines.extend(discovered.unresolved.iter().map(|each| format!("{}: {}", sources.start(each.at), each.message)));
    lines
}

fn shown(profile: &Profile) -> String {
    let values: Vec<String> = profile.values.iter().map(|root| root.to_json().to_string()).collect();
    let set: Vec<&str> = profile.set.iter().map(|setting| setting.expression.as_str()).collect();
    let images: Vec<&str> = profile.image_overrides.iter().map(|image| image.name.as_str()).collect();
    format!(
        "{} {} {}/{} values {} set {set:?} images {images:?} manifests {}",
        profile.name,
        if profile.production { "production" } else { "test" },
        profile.namespace.as_deref().unwrap_or("-"),
        profile.release.as_deref().unwrap_or("-"),
        values.join(" "),
        profile.manifests.len(),
    )
}

#[test]
fn a_kustomization_inflates_a_local_chart_with_values_of_its_own() {
    let kustomization = "namespace: shop\nresources: [extra.yaml]\nhelmGlobals: {chartHome: ../../charts}\nhelmCharts:\n- name: web\n  releaseName: shop\n  valuesFile: v.yaml\n  additionalValuesFiles: [w.yaml]\n  valuesInline: {c: 3}\nimages:\n- {name: nginx, newTag: '1'}\n";
    let files = [
        ("apps/web/kustomization.yaml", kustomization),
        ("apps/web/extra.yaml", "kind: ConfigMap\n---\nkind: Secret\n"),
        ("apps/web/v.yaml", "a: 1\n"),
        ("apps/web/w.yaml", "b: 2\n"),
    ];
    let expected =
        r#"apps/web production shop/shop values {"a":1} {"b":2} {"c":3} set [] images ["nginx"] manifests 2"#;
    assert_eq!(found(&files), [expected]);
}

#[test]
fn an_overlay_is_the_deployment_and_its_base_is_not() {
    let files = [
        ("apps/base/kustomization.yaml", "helmGlobals: {chartHome: ../../charts}\nhelmCharts: [{name: web}]\n"),
        ("apps/staging/kustomization.yaml", "resources: [../base]\nnamespace: shop\n"),
        (
            "apps/live/kustomization.yaml",
            "resources: [../base]\nnamespace: shop\nimages: [{name: a, digest: 'sha256:1'}]\n",
        ),
    ];
    let expected = [
        r#"apps/live production shop/web values  set [] images ["a"] manifests 0"#,
        "apps/staging test shop/web values  set [] images [] manifests 0",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_chart_of_the_same_name_from_elsewhere_is_another_chart() {
    let ours = "helmCharts: [{name: web, repo: 'oci://ghcr.io/example/charts'}]\n";
    let theirs = "helmCharts: [{name: web, repo: 'https://charts.example.org'}]\n";
    let files = [("a/kustomization.yaml", ours), ("b/kustomization.yaml", theirs)];
    assert_eq!(found(&files), ["a production -/web values  set [] images [] manifests 0"]);
}

#[test]
fn a_values_file_that_is_not_there_is_said() {
    let kustomization = "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  valuesFile: gone.yaml\n";
    let lines = found(&[("a/kustomization.yaml", kustomization)]);
    assert_eq!(lines[1..], ["4:15: `a/gone.yaml` does not exist"]);
}

#[test]
fn an_application_lays_files_values_and_parameters_over_each_other() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  sources:\n  - path: charts/web\n    helm:\n      valueFiles: [values-a.yaml, $here/envs/live.yaml, missing.yaml]\n      values: |\n        c: 3\n      parameters: [{name: image.tag, value: 'a,b'}]\n  - {repoURL: 'https://example.com/repo', ref: here}\n";
    let files =
        [("clusters/web.yaml", application), ("charts/web/values-a.yaml", "a: 1\n"), ("envs/live.yaml", "b: 2\n")];
    let expected = [
        r#"clusters production shop/web values {"a":1} {"b":2} {"c":3} set ["image.tag=a\\,b"] images [] manifests 0"#,
        "9:57: `charts/web/missing.yaml` does not exist",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn an_application_set_is_followed_where_it_needs_no_cluster() {
    let template = "  template:\n    metadata: {name: 'web-{{ .env }}'}\n    spec:\n      destination: {namespace: 'shop-{{ .env }}'}\n      source: {path: charts/web, helm: {valueFiles: ['../../envs/{{ .env }}.yaml']}}\n";
    let head = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n";
    let list = format!("{head}  - list: {{elements: [{{env: live}}, {{env: dev}}]}}\n  - clusters: {{}}\n{template}");
    let files = [("sets/web.yaml", list.as_str()), ("envs/live.yaml", "a: 1\n"), ("envs/dev.yaml", "a: 2\n")];
    let expected = [
        r#"sets/web-dev test shop-dev/web-dev values {"a":2} set [] images [] manifests 0"#,
        r#"sets/web-live production shop-live/web-live values {"a":1} set [] images [] manifests 0"#,
        "6:5: the `clusters` generator needs a cluster or the network",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_git_generator_gives_folders_and_files() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - git:\n      directories: [{path: envs/*}, {path: envs/old, exclude: true}]\n  template:\n    metadata: {name: '{{path.basename}}'}\n    spec:\n      source: {path: charts/web, helm: {valueFiles: ['/{{path}}/values.yaml']}}\n";
    let files = [("set.yaml", set), ("envs/live/values.yaml", "a: 1\n"), ("envs/old/values.yaml", "a: 0\n")];
    assert_eq!(found(&files), [r#". production -/live values {"a":1} set [] images [] manifests 0"#]);
}
