//! What a tool refuses is said, at its line.

use super::found;

fn release(spec: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: shop}}\nspec:\n  chart: {{spec: {{chart: charts/web, sourceRef: {{kind: GitRepository, name: own}}}}}}\n{spec}"
    );
    found(&[("apps/release.yaml", &text)])
}

fn application(helm: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: shop}}\n  source:\n    repoURL: https://example.org/a.git\n    path: charts/web\n    helm: {{{helm}}}\n"
    );
    found(&[("argo/web.yaml", &text)])
}

#[test]
fn values_of_another_type_are_said() {
    let cases = [
        ("values: {a: 1}", "9:20: `spec.source.helm.values` is a mapping, not a string"),
        ("valuesObject: 'a: 1'", "9:26: `spec.source.helm.valuesObject` is a string, not a mapping"),
        (
            "parameters: [{name: a, value: 1.10}]",
            "9:42: `spec.source.helm.parameters.value` is a number, not a string; put it in quotes",
        ),
        (
            "ignoreMissingValueFiles: 'true'",
            "9:37: `spec.source.helm.ignoreMissingValueFiles` is a string, not a boolean",
        ),
        ("apiVersions: [1]", "9:26: `spec.source.helm.apiVersions` is a number, not a string; put it in quotes"),
        ("valueFiles: a.yaml", "9:24: `spec.source.helm.valueFiles` is a string, not a list"),
    ];
    for (helm, expected) in cases {
        assert_eq!(application(helm), [expected], "{helm}");
    }
    let cases = [
        ("  values: 'a: 1'\n", "6:11: `spec.values` is a string, not a mapping"),
        ("  values: |\n    a: 1\n", "7:5: `spec.values` is a string, not a mapping"),
        ("  values: [a]\n", "6:11: `spec.values` is a list, not a mapping"),
        ("  targetNamespace: on\n", "6:20: `spec.targetNamespace` is a boolean, not a string; put it in quotes"),
        ("  values: {a: 1}\n  values: {b: 1}\n", "7:3: kustomize refuses the key `values`, which is there twice"),
    ];
    for (spec, expected) in cases {
        assert_eq!(release(spec), [expected], "{spec}");
    }
}

#[test]
fn nothing_and_what_flux_fills_in_are_of_every_type() {
    assert_eq!(application("values: null, valuesObject: {a: 1}").len(), 1);
    assert!(application("values: null, valuesObject: {a: 1}")[0].starts_with("argo production"));
    assert!(
        release("  values: {a: 1}\n  targetNamespace: null\n  releaseName: '12'\n")[0].starts_with("apps production")
    );
    assert!(release("  suspend: ${SUSPEND}\n  values: {a: 1}\n")[0].starts_with("apps production"));
}

#[test]
fn a_path_of_this_very_repository_where_nothing_is_is_said() {
    let application = |url: &str, revision: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  source:\n    repoURL: {url}\n    path: charts/gone\n    targetRevision: {revision}\n"
        );
        found(&[("argo/web.yaml", &text)])
    };
    let said = ["7:11: `path: charts/gone` is not in this repository, which `repoURL` names"];
    for url in ["https://github.com/acme/shop", "https://user@GitHub.com/acme/shop.git", "git@github.com:acme/shop.git"]
    {
        assert_eq!(application(url, "HEAD"), said, "{url}");
        assert_eq!(application(url, "main"), said, "{url}");
        assert_eq!(application(url, "v1.0.0").len(), 1, "{url}");
        assert!(application(url, "v1.0.0")[0].starts_with("elsewhere"), "{url}");
    }
    assert!(application("https://github.com/acme/other", "HEAD")[0].starts_with("elsewhere"));
}

#[test]
fn an_overlay_of_what_is_gone_is_said_where_it_may_deploy_a_chart() {
    let overlay = "resources: [../base]\nimages: [{name: ghcr.io/example/web, newTag: '1'}]\n";
    let said = ["1:13: `../base` is neither a file nor a folder with a kustomization of this repository"];
    assert_eq!(found(&[("apps/live/kustomization.yaml", overlay)]), said);
    let component = "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\ncomponents: [../web]\n";
    let said = ["3:14: `../web` is neither a file nor a folder with a kustomization of this repository"];
    assert_eq!(found(&[("apps/live/kustomization.yaml", component)]), said);
    // Nothing of it speaks of a chart, and nothing of the repository is deployed by such tools.
    assert!(found(&[("config/default/kustomization.yaml", "resources: [../manager]\n")]).is_empty());
    // What is for testing, what a submodule has and what is elsewhere.
    assert!(found(&[("apps/dev/kustomization.yaml", overlay)]).is_empty());
    let submodule = [("apps/live/kustomization.yaml", "resources: [../../lib/web]\n"), ("lib", "")];
    assert!(found(&submodule).is_empty());
    let remote = "resources: ['https://github.com/acme/web//base?ref=v1']\n";
    assert!(found(&[("apps/live/kustomization.yaml", remote)]).is_empty());
}

#[test]
fn a_name_with_a_hash_is_followed_only_where_kustomize_does_so() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let of = |kustomization: &str| {
        let configuration = "nameReference:\n- kind: ConfigMap\n  version: v1\n  fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]\n";
        let all = "resources: [release.yaml]\nconfigMapGenerator: [{name: v, namespace: shop, files: [values.yaml=v.yaml]}]\n";
        found(&[
            ("apps/kustomization.yaml", &format!("{all}{kustomization}")),
            ("apps/release.yaml", release),
            ("apps/v.yaml", "a: 1\n"),
            ("apps/names.yaml", configuration),
        ])
    };
    let lost = "6:16: kustomize adds a hash to the name of the ConfigMap `v`, and no `nameReference` of its `configurations` brings it here";
    assert_eq!(of(""), [lost]);
    for follows in ["generatorOptions: {disableNameSuffixHash: true}\n", "configurations: [names.yaml]\n"] {
        assert!(of(follows)[0].starts_with("apps production"), "{:?}", of(follows));
    }
}
