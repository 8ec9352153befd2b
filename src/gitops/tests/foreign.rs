//! Objects of tools that are not read.

use super::{BTreeMap, discovered, found};

fn object(version: &str, kind: &str, spec: &str) -> String {
    format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\nspec: {spec}\n")
}

#[test]
fn what_may_be_of_a_chart_of_the_repository_is_said() {
    for (version, kind, spec) in [
        ("helm.fluxcd.io/v1", "HelmRelease", "{chart: {git: 'git@github.com:acme/shop', path: charts/web}}"),
        (
            "helm.fluxcd.io/v1",
            "HelmRelease",
            "{chart: {repository: 'https://charts.example.org', name: web, version: 1.0.0}}",
        ),
        ("flux.weave.works/v1beta1", "HelmRelease", "{chart: {path: charts/web}}"),
        ("flux.weave.works/v1alpha2", "FluxHelmRelease", "{chart: {name: web}}"),
        ("helm.cattle.io/v1", "HelmChart", "{chart: 'oci://ghcr.io/example/charts/web', version: 1.0.0}"),
        (
            "helm.crossplane.io/v1beta1",
            "Release",
            "{forProvider: {chart: {name: web, repository: 'https://charts.example.org'}}}",
        ),
    ] {
        let expected = format!("1:1: the {kind} `web` is of `{version}`, which is not followed");
        assert_eq!(found(&[("a.yaml", &object(version, kind, spec))]), [expected]);
    }
}

#[test]
fn texts_that_lie_in_texts_are_told_by_their_lines_beyond_a_bound() {
    let mut text =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: charts/web}}\n".to_owned();
    for _ in 0..20 {
        let inner = format!("    {}\n", text.trim_end().replace('\n', "\n    "));
        text = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: web}}\ndata:\n  a.yaml: |\n{inner}");
    }
    let lines = found(&[("a.yaml", &text)]);
    assert!(lines.len() == 1 && lines[0].contains("Application"), "{lines:?}");
}

#[test]
fn a_release_of_another_chart_is_counted() {
    let object = object(
        "helm.fluxcd.io/v1",
        "HelmRelease",
        "{chart: {repository: 'https://charts.example.org', name: redis, version: 1.0.0}}",
    );
    let all = discovered(BTreeMap::from([("a.yaml".to_owned(), object)]));
    let [release] = all.releases.as_slice() else { panic!("{all:?}") };
    assert_eq!(
        (release.chart.repository.as_str(), release.chart.name.as_str()),
        ("https://charts.example.org", "redis")
    );
    let problems = &release.deployment.problems;
    assert_eq!(problems[0].message, "the HelmRelease `web` is of `helm.fluxcd.io/v1`, which is not followed");
}

#[test]
fn what_makes_objects_is_said_where_one_of_them_deploys() {
    let inner = "{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: a}, spec: {}}";
    let of = |spec: &str| found(&[("a.yaml", &object("fluxcd.controlplane.io/v1", "ResourceSet", spec))]);
    let expected = ["1:1: the ResourceSet `web` is of `fluxcd.controlplane.io/v1`, which is not followed"];
    assert_eq!(of(&format!("{{resources: [{inner}]}}")), expected);
    assert_eq!(of("{resourcesTemplate: 'kind: HelmRelease'}"), expected);
    assert_eq!(of("{resources: [{apiVersion: v1, kind: Namespace, metadata: {name: a}}]}"), [""; 0]);
}

#[test]
fn an_object_that_another_holds_is_said_where_it_is_of_a_chart_of_the_repository() {
    let application = |path: &str| {
        format!(
            "{{apiVersion: argoproj.io/v1alpha1, kind: Application, metadata: {{name: a}}, spec: {{source: {{path: '{path}'}}}}}}"
        )
    };
    let chart = ("charts/web/Chart.yaml", "name: web\n");
    let of = |path: &str| {
        let inner = application(path);
        [
            ("kubernetes.crossplane.io/v1alpha2", "Object", format!("spec: {{forProvider: {{manifest: {inner}}}}}")),
            (
                "work.open-cluster-management.io/v1",
                "ManifestWork",
                format!("spec: {{workload: {{manifests: [{inner}]}}}}"),
            ),
            ("kro.run/v1alpha1", "ResourceGraphDefinition", format!("spec: {{resources: [{{template: {inner}}}]}}")),
            ("v1", "ConfigMap", format!("data:\n  app.yaml: |\n    {inner}")),
            ("argoproj.io/v1alpha1", "Workflow", format!("spec: {{manifest: {inner}}}")),
        ]
    };
    let said = |version: &str, kind: &str, rest: &str| {
        found(&[("a.yaml", &format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: x}}\n{rest}\n")), chart])
    };
    for path in ["charts/web", "{{path}}", "${schema.spec.path}"] {
        for (version, kind, rest) in of(path) {
            let expected =
                format!("1:1: the {kind} `x` holds an object with `kind: Application`, which is not followed");
            assert_eq!(said(version, kind, &rest), [expected], "{path}");
        }
    }
    // A text with code of a template is no YAML, and may be an object of any chart.
    let text = "data:\n  app.yaml: |\n    apiVersion: argoproj.io/v1alpha1\n    kind: KIND\n    {{- if .a }}\n    spec: {}\n    {{- end }}";
    assert_eq!(said("v1", "ConfigMap", &text.replace("KIND", "Application")).len(), 1);
    assert_eq!(said("v1", "ConfigMap", &text.replace("KIND", "Rollout")), [""; 0]);
    for (version, kind, rest) in of("deploy/other") {
        assert_eq!(said(version, kind, &rest), [""; 0], "{kind}");
    }
}

#[test]
fn other_tools_are_said_where_a_field_leads_to_a_chart_of_the_repository() {
    let chart = ("charts/web/Chart.yaml", "name: web\n");
    for (version, kind, spec) in [
        ("core.oam.dev/v1beta1", "Application", "{components: [{type: helm, properties: {chart: charts/web}}]}"),
        (
            "config.projectsveltos.io/v1beta1",
            "ClusterProfile",
            "{helmCharts: [{repositoryURL: 'oci://ghcr.io/example', chartName: x, chart: charts/web}]}",
        ),
    ] {
        let of = |spec: &str| found(&[("a.yaml", &object(version, kind, spec)), chart]);
        assert_eq!(of(spec), [format!("1:1: the {kind} `web` is of `{version}`, which is not followed")]);
        assert_eq!(of(&spec.replace("charts/web", "charts/redis")), [""; 0]);
    }
}
