//! What Fleet reads beside and without a `fleet.yaml`.

use super::found;

const CHART: (&str, &str) = ("charts/web/Chart.yaml", "name: web\n");
const BUNDLE: &str = "charts/web/fleet.yaml";

#[test]
fn a_kustomization_beside_a_bundle_is_laid_over_the_chart() {
    let files = [
        (BUNDLE, "helm: {values: {a: 1}}\n"),
        CHART,
        ("charts/web/kustomization.yaml", "images: [{name: a, newTag: latest}]\n"),
    ];
    let said = found(&files);
    let expected = "1:1: Fleet lays `charts/web/kustomization.yaml` over the chart, which is not followed";
    assert!(said.iter().any(|line| line == expected), "{said:?}");
}

#[test]
fn values_files_count_where_the_chart_is_named() {
    let files = |bundle: &'static str| [(BUNDLE, bundle), CHART, ("charts/web/v.yaml", "a: 2\n")];
    let expected = r#"charts/web production -/web values {"a":1} {"a":2} set [] images [] manifests 0"#;
    let named = "namespace: ''\nhelm: {chart: ., releaseName: web, values: {a: 1}, valuesFiles: [v.yaml]}\n";
    assert_eq!(found(&files(named)), [expected]);
    let said = found(&files("helm: {values: {a: 1}, valuesFiles: [v.yaml]}\n"));
    assert_eq!(
        said,
        ["1:37: Fleet reads `helm.valuesFiles` only where `helm.chart` or `helm.repo` is set: write `chart: .`"]
    );
}

#[test]
fn numbers_are_texts_where_texts_are_wanted() {
    let bundle = "namespace: 1\nhelm: {releaseName: 2, values: {a: 1}}\n";
    let expected = r#"charts/web production 1/2 values {"a":1} set [] images [] manifests 0"#;
    assert_eq!(found(&[(BUNDLE, bundle), CHART]), [expected]);
    let remote = "helm: {repo: 'https://charts.example.org', chart: db, version: 1.10}\n";
    assert_eq!(found(&[("f/fleet.yaml", remote)]), ["elsewhere f/fleet.yaml https://charts.example.org db 1.1"]);
}

#[test]
fn a_repository_of_fleet_deploys_the_charts_that_it_names() {
    let repository = |spec: &str| {
        format!("apiVersion: fleet.cattle.io/v1alpha1\nkind: GitRepo\nmetadata: {{name: r}}\nspec: {spec}\n")
    };
    let plain = repository("{repo: 'https://github.com/acme/shop', paths: [charts/web, charts/none]}");
    let expected = "charts/web production -/- values  set [] images [] manifests 0";
    assert_eq!(found(&[("r.yaml", &plain), CHART]), [expected]);
    let other = plain.replace("acme/shop", "acme/other");
    assert_eq!(found(&[("r.yaml", &other), CHART]), [""; 0]);
    let bundles = repository("{repo: 'https://github.com/acme/shop', bundles: [{base: envs, options: eu.yaml}]}");
    let options = "helm: {chart: ../charts/web, releaseName: eu, values: {a: 1}}\n";
    let expected = r#"envs production -/eu values {"a":1} set [] images [] manifests 0"#;
    assert_eq!(found(&[("r.yaml", &bundles), ("envs/eu.yaml", options), CHART]), [expected]);
    assert_eq!(found(&[("r.yaml", &bundles), CHART]), ["4:78: the file of `options` is not in this repository"]);
    let outside = bundles.replace("base: envs", "base: ../x");
    assert_eq!(
        found(&[("r.yaml", &outside), ("eu.yaml", options), CHART]),
        ["4:78: the file of `options` is not in this repository"]
    );
}

#[test]
fn a_helm_operation_is_a_bundle_by_itself() {
    let object = "apiVersion: fleet.cattle.io/v1alpha1\nkind: HelmOp\nmetadata: {name: r}\nspec: {helm: {repo: 'https://charts.example.org', chart: db, version: 1.0.0}}\n";
    assert_eq!(found(&[("op.yaml", object)]), ["elsewhere op.yaml https://charts.example.org db 1.0.0"]);
}

#[test]
fn labels_of_clusters_are_said_wherever_fleet_puts_them() {
    let said =
        |values: &str| found(&[(BUNDLE, &format!("helm: {{values: {values}, disablePreProcess: true}}\n")), CHART]);
    let label = "global.fleet.clusterLabels.env";
    let of = |column: usize| [format!("1:{column}: in the place of `{label}` Fleet puts that label of each cluster")];
    assert_eq!(said(&format!("{{a: {label}}}")), of(20));
    assert_eq!(said(&format!("{{a: [{{b: {label}}}]}}")), of(25));
    // Texts of a list stay what they are.
    let kept = format!(r#"charts/web production -/- values {{"a":["{label}"]}} set [] images [] manifests 0"#);
    assert_eq!(said(&format!("{{a: [{label}]}}")), [kept]);
}

#[test]
fn paths_of_a_repository_are_patterns() {
    let of = |paths: &str| {
        let repository = format!(
            "apiVersion: fleet.cattle.io/v1alpha1\nkind: GitRepo\nmetadata: {{name: live}}\nspec: {{repo: 'https://github.com/acme/shop', branch: main, paths: [{paths}]}}\n"
        );
        found(&[("fleet/live.yaml", &repository), CHART])
    };
    let deployed = ["charts/web production -/- values  set [] images [] manifests 0"];
    for paths in ["charts/web", "charts/*", "'*/w?b'", "'/charts/[w]eb/'", "./charts/*"] {
        assert_eq!(of(paths), deployed, "{paths}");
    }
    // No star goes beyond a name.
    for paths in ["'*'", "'charts/**/x'", "chart/web", "charts/a*"] {
        let lines = of(paths);
        let path = paths.trim_matches('\'');
        let is_there = path == "*";
        let said = format!("`paths: {path}` leads to no folder of this repository, which the GitRepo names");
        assert_eq!(lines.iter().any(|line| line.ends_with(&said)), !is_there, "{lines:?}");
    }
}
