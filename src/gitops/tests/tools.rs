//! Helmfiles and Fleet's bundles.

use super::found;

#[test]
fn a_helmfile_deploys_local_charts_with_values_files_and_expressions() {
    let helmfile = "repositories: [{name: bitnami, url: https://charts.example.org}]
releases:
- name: shop
  namespace: shop
  chart: ./charts/web
  values: [values/prod.yaml, {b: 2}]
  set: [{name: image.tag, value: 'a,b'}, {name: list, values: [1, 2]}]
- {name: off, chart: charts/web, installed: false}
- {name: db, chart: bitnami/postgresql, version: 1.0.0}
";
    let files = [("helmfile.yaml", helmfile), ("values/prod.yaml", "a: 1\n"), ("charts/web/Chart.yaml", "name: web\n")];
    let expected =
        r#". production shop/shop values {"a":1} {"b":2} set ["image.tag=a\\,b", "list={1,2}"] images [] manifests 0"#;
    assert_eq!(found(&files), [expected, "elsewhere helmfile.yaml https://charts.example.org postgresql 1.0.0"]);
}

#[test]
fn what_of_a_helmfile_is_made_by_templates_or_vaults_is_said() {
    let release = |more: &str| {
        let helmfile = format!("releases:\n- {{name: a, chart: charts/web, {more}}}\n");
        found(&[("helmfile.yaml", &helmfile), ("charts/web/Chart.yaml", "name: web\n")]).join("\n")
    };
    for (more, expected) in [
        ("values: ['{{ x }}.yaml']", "`{{ x }}.yaml` is made by a template"),
        ("values: [{a: ref+vault://b}]", "`ref+vault://b` is not in this repository"),
        ("values: [gone.yaml]", "`gone.yaml` does not exist"),
        ("secrets: [s.yaml]", "`releases.secrets` is not followed: encrypted values are not read"),
        ("mystery: 1", "`releases.mystery: 1` is not followed: chartgate does not know this field"),
        (
            "postRenderer: x",
            "`releases.postRenderer: x` is not followed: what a program makes of manifests is not known",
        ),
    ] {
        assert!(release(more).contains(expected), "{more}: {}", release(more));
    }
    assert!(release("missingFileHandler: Warn, values: [gone.yaml]").starts_with(". production"));
    let brings = ("helmfile.yaml", "helmfiles: [{path: more/*.yaml}, git::https://example.org/x@y.yaml]\n");
    let brought = ("more/db.yaml", "releases: [{name: db, chart: 'oci://ghcr.io/example/db', version: 1.0.0}]\n");
    let expected = [
        "elsewhere more/db.yaml oci://ghcr.io/example db 1.0.0",
        "1:34: the helmfile `git::https://example.org/x@y.yaml` is not in this repository",
    ];
    assert_eq!(found(&[brings, brought]), expected);
    let template = found(&[("helmfile.yaml.gotmpl", "releases:\n{{ range .Values.x }}\n- chart: ./charts/web\n")]);
    assert_eq!(template, ["1:1: `helmfile.yaml.gotmpl` is a template, and helmfile alone fills it in"]);
}

#[test]
fn a_bundle_of_fleet_is_deployed_as_it_stands_and_for_each_customization() {
    let bundle = "defaultNamespace: shop
helm: {releaseName: web, chart: ../../charts/web, values: {a: 1, b: 1}, valuesFiles: [v.yaml]}
targetCustomizations:
- {name: staging, helm: {values: {a: 2}}, clusterSelector: {matchLabels: {env: staging}}}
- {name: gone, doNotDeploy: true}
";
    let files =
        [("fleet/web/fleet.yaml", bundle), ("fleet/web/v.yaml", "b: 3\n"), ("charts/web/Chart.yaml", "name: web\n")];
    let expected = [
        r#"fleet/web production shop/web values {"a":1,"b":1} {"b":3} set [] images [] manifests 0"#,
        r#"fleet/web/staging test shop/web values {"a":1,"b":1} {"b":3} {"a":2} set [] images [] manifests 0"#,
    ];
    assert_eq!(found(&files), expected);
    let templated = bundle.replace("a: 1", "a: '${ .ClusterName }'");
    let said = found(&[("fleet/web/fleet.yaml", &templated), files[1], files[2]]).join("\n");
    assert!(said.contains("`${ .ClusterName }` is filled in with what Fleet knows of a cluster"), "{said}");
    let remote = "helm: {repo: https://charts.example.org, chart: db, version: 1.0.0}\n";
    assert_eq!(found(&[("f/fleet.yaml", remote)]), ["elsewhere f/fleet.yaml https://charts.example.org db 1.0.0"]);
}
