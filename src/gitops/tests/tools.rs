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
    let of = |chart: &str| {
        let text = format!(
            "repositories:\n- name: acme # ours\nreleases:\n{{{{ range .Values.x }}}}\n- name: my-charts\n  chart: {chart}\n"
        );
        found(&[("helmfile.yaml.gotmpl", &text), ("charts/web/Chart.yaml", "name: web\n")])
    };
    assert_eq!(of("charts/web"), template, "a release with a name like a folder's is no repository");
    let listed = vec!["template helmfile.yaml.gotmpl".to_owned()];
    assert_eq!((of("acme/web"), of("oci://ghcr.io/acme/web")), (listed.clone(), listed));
}

#[test]
fn releases_with_the_address_of_a_chart_are_those_of_a_helmfile_whatever_its_name() {
    let chart = "https://example.org/charts/logging-1.1.0.tgz";
    let text = format!("releases:\n- name: logs\n  namespace: live\n  chart: {chart}\n");
    let web = ("charts/web/Chart.yaml", "name: web\n");
    assert_eq!(
        found(&[("old/logs.yaml", &text), web]),
        ["elsewhere old/logs.yaml https://example.org/charts logging 1.1.0"]
    );
    let templated = text.replace("live", "{{ env \"NAMESPACE\" }}");
    assert_eq!(found(&[("old/logs.yaml", &templated), web]), ["template old/logs.yaml"]);
    let local = text.replace(chart, "../charts/web").replace("live", "{{ env \"NAMESPACE\" }}");
    assert_eq!(found(&[("old/logs.yaml", &local), web]), [""; 0], "nothing says that it is a helmfile");
    assert_eq!(found(&[("a/values.yaml", "releases: [{name: a, chart: b}]\n"), web]), [""; 0]);
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
    let targets = bundle.replace("targetCustomizations:", "targets:\n- {name: plain, clusterName: a}");
    assert_eq!(found(&[("fleet/web/fleet.yaml", &targets), files[1], files[2]]), expected);
    let other = [("fleet/web/fleet.yml", bundle), files[1], files[2]];
    assert_eq!(found(&other), expected);
    let templated = bundle.replace("a: 1", "a: '${ .ClusterName }'");
    let said = found(&[("fleet/web/fleet.yaml", &templated), files[1], files[2]]).join("\n");
    assert!(said.contains("`${ .ClusterName }` is filled in with what Fleet knows of a cluster"), "{said}");
    let remote = "helm: {repo: https://charts.example.org, chart: db, version: 1.0.0}\n";
    assert_eq!(found(&[("f/fleet.yaml", remote)]), ["elsewhere f/fleet.yaml https://charts.example.org db 1.0.0"]);
}

#[test]
fn a_helmfile_is_its_documents_and_bases_over_each_other() {
    let documents = "environments: {default: {values: [{x: 1}]}}
---
repositories: [{name: mine, url: https://charts.example.org}]
releases: [{name: first, chart: charts/web}]
---
bases: [base.yaml]
namespace: live
releases:
- {name: web, chart: charts/web, values: ['values/{{ .Release.Name }}.yaml']}
- {name: db, chart: mine/db, version: 1.0.0}
";
    let files = [
        ("helmfile.yaml", documents),
        ("base.yaml", "bases: [more.yaml]\nhelmDefaults: {skipSchemaValidation: true}\n"),
        ("more.yaml", "releases: [{name: more, chart: charts/web}]\n"),
        ("values/web.yaml", "a: 1\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    let expected = [
        "./more production live/more values  set [] images [] manifests 0",
        r#"./web production live/web values {"a":1} set [] images [] manifests 0"#,
        "elsewhere helmfile.yaml https://charts.example.org db 1.0.0",
    ];
    assert_eq!(found(&files), expected);
    let release = "releases: [{name: web, chart: charts/web}]\n";
    for (base, why) in [
        ("gone.yaml", "the base `gone.yaml` is not in this repository"),
        ("'{{ x }}.yaml'", "the base `{{ x }}.yaml` is made by a template"),
        ("helmfile.yaml", "the base `helmfile.yaml` builds on itself, or is more than 16 levels deep"),
    ] {
        let lines = found(&[("helmfile.yaml", &format!("bases: [{base}]\n{release}")), files[4]]);
        assert_eq!(lines, [format!("1:9: {why}")]);
    }
}

#[test]
fn what_of_a_release_helmfile_makes_by_a_template_is_said_once() {
    let of = |more: &str| {
        let helmfile = format!("releases:\n- {{name: web, chart: charts/web, {more}}}\n");
        let template = ("v.yaml.gotmpl", "a: {{ .Values.a }}\n");
        found(&[("helmfile.yaml", &helmfile), ("charts/web/Chart.yaml", "name: web\n"), template])
    };
    let cases = [
        ("namespace: '{{ .Environment.Name }}'", "2:45: `namespace: {{ .Environment.Name }}` is made by a template"),
        ("apiVersions: [a/v1, '{{ x }}']", "2:54: `apiVersions: {{ x }}` is made by a template"),
        ("values: [v.yaml.gotmpl]", "2:43: `v.yaml.gotmpl` is a template, and helmfile alone fills it in"),
    ];
    for (more, expected) in cases {
        assert_eq!(of(more), [expected]);
    }
    let both = "bases: [gone.yaml]\nreleases: [{name: a, chart: charts/web}, {name: b, chart: charts/web}]\n";
    let files = [("helmfile.yaml", both), ("charts/web/Chart.yaml", "name: web\n")];
    assert_eq!(found(&files), ["1:9: the base `gone.yaml` is not in this repository"]);
}

#[test]
fn what_is_wrong_with_one_customization_of_a_bundle_is_no_other() {
    let bundle = "helm: {releaseName: web, chart: ../charts/web}\ntargetCustomizations:\n- {name: odd, yaml: {overlays: [x]}}\n- {name: even}\n";
    let expected = [
        "fleet production -/web values  set [] images [] manifests 0",
        "fleet/even production -/web values  set [] images [] manifests 0",
        "3:15: `targetCustomizations.yaml` is not followed: overlays change what the chart makes",
    ];
    assert_eq!(found(&[("fleet/fleet.yaml", bundle), ("charts/web/Chart.yaml", "name: web\n")]), expected);
}

#[test]
fn names_and_versions_that_helm_refuses_are_said_once() {
    let of = |field: &str| {
        let helmfile = format!("releases:\n- {{chart: charts/web, {field}}}\n");
        found(&[("helmfile.yaml", &helmfile), ("charts/web/Chart.yaml", "name: web\n")])
    };
    let long = "a".repeat(54);
    for name in ["A", "a_b", "-a", "a-", "a..b", long.as_str()] {
        assert_eq!(of(&format!("name: {name}")), [format!("2:3: Helm refuses the name `{name}` of a release")]);
    }
    for version in ["x", "'1'"] {
        let said = format!("2:3: Helm refuses `{}` as a version of Kubernetes", version.trim_matches('\''));
        assert_eq!(of(&format!("name: a, kubeVersion: {version}")), [said]);
    }
    for taken in ["name: a.b-c", "name: a1, kubeVersion: v1.31.2", "name: a, kubeVersion: '1.31'"] {
        assert!(of(taken)[0].contains("production"), "{:?}", of(taken));
    }
}

#[test]
fn a_helmfile_is_known_under_any_name_by_what_stands_in_it() {
    let chart = ("charts/web/Chart.yaml", "name: web\n");
    let releases = "releases: [{name: web, namespace: shop, chart: ../charts/web}]\n";
    let with = |beside: &str| found(&[("boot/apps.yaml", &format!("{beside}{releases}")), chart]);
    let expected = ["boot production shop/web values  set [] images [] manifests 0"];
    assert_eq!(with("helmDefaults: {wait: true}\n"), expected);
    assert_eq!(with("repositories: [{name: x, url: https://charts.example.org}]\n"), expected);
    // A chart of the repository is sign enough.
    assert_eq!(with(""), expected);
    // What another is made of is a part of that.
    let base = format!("helmDefaults: {{wait: true}}\n{releases}");
    let outer = ("boot/helmfile.yaml", "bases: [apps.yaml]\n");
    assert_eq!(found(&[("boot/apps.yaml", &base), outer, chart]), expected);
    let template = "repositories: []\nreleases:\n{{ range .Values.x }}\n- chart: ./charts/web\n{{ end }}\n";
    let said = ["3:1: `boot/apps.yaml` is a template, and helmfile alone fills it in"];
    assert_eq!(
        found(&[("boot/apps.yaml", template), chart]).iter().map(|line| &line[3..]).collect::<Vec<_>>(),
        [&said[0][3..]]
    );
    let inherited = "defaultInherit: base\ntemplates: {base: {chart: ../charts/web}}\nreleases: [{name: a, namespace: shop}, {name: b, namespace: shop}]\n";
    let said = ["1:17: the chart of a release that is inherited is not followed"];
    assert_eq!(found(&[("boot/apps.yaml", inherited), chart]), said);
    // Other tools speak of releases, too.
    assert!(found(&[("charts/web/values.yaml", "repositories: []\nreleases: [{name: a}]\n"), chart]).is_empty());
}

#[test]
fn texts_for_tpl_are_no_templates_of_helmfile() {
    let of = |values: &str| {
        let helmfile = format!("releases:\n- {{name: web, chart: charts/web, values: [{values}]}}\n");
        found(&[
            ("helmfile.yaml", &helmfile),
            ("charts/web/Chart.yaml", "name: web\n"),
            ("v.yaml", "a: {b: ref+vault://x}\n"),
            ("w.yaml", ""),
        ])
    };
    let expected =
        r#". production -/web values {"a":"{{ .Release.Name }}-{{- include \"x\" . }}"} set [] images [] manifests 0"#;
    assert_eq!(of(r#"{a: '{{ .Release.Name }}-{{- include "x" . }}'}"#), [expected]);
    let said = |values: &str| of(values)[0].split(": ").skip(1).collect::<Vec<_>>().join(": ");
    assert_eq!(said("{a: \"one\\n{{ .Values.x }}\"}"), "`{{ .Values.x }}` is made by a template");
    assert_eq!(said("v.yaml"), "`ref+vault://x` of `v.yaml` is not in this repository");
    assert_eq!(said("'[vw].yaml'"), "helmfile refuses `[vw].yaml`, which fits `v.yaml` and `w.yaml`");
}

#[test]
fn what_is_set_without_a_value_is_not_set() {
    let of = |fields: &str| {
        let helmfile = format!("releases:\n- {{name: web, chart: charts/web, {fields}}}\n");
        found(&[("helmfile.yaml", &helmfile), ("charts/web/Chart.yaml", "name: web\n"), ("f.txt", "text")])
    };
    let set = |set: &str| [format!(". production -/web values  set {set} images [] manifests 0")];
    assert_eq!(
        of("set: [{name: a, value: ''}, {name: b, value: 1, file: f.txt}, {name: c, values: []}]"),
        set(r#"["b=1"]"#)
    );
    assert_eq!(of("setString: [{name: a, file: f.txt}, {name: b, values: [1]}]"), set(r#"["b={1}"]"#));
    assert!(of("env: [{name: a, value: A}]")[0].ends_with("the environment of helmfile alone knows it"));
}

#[test]
fn lists_of_one_part_of_a_helmfile_join() {
    let release = |name: &str| format!("releases: [{{name: {name}, chart: charts/web}}]\n");
    let of = |mark: &str| {
        let text = release("one") + mark + "\n" + &release("two");
        found(&[("helmfile.yaml", &text), ("charts/web/Chart.yaml", "name: web\n")]).len()
    };
    assert_eq!((of("---"), of("--- # more"), of("---  "), of("...\n---")), (1, 2, 2, 1));
}

#[test]
fn a_folder_of_helmfiles_brings_all_of_them_and_inherits_nothing_unsaid() {
    let files = [
        ("helmfile.yaml", "helmfiles: [{path: subs/, inherits: [repositories]}]\n"),
        ("subs/x.yaml", "releases: [{name: web, chart: ../charts/web}]\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    let expected = [
        "subs production -/web values  set [] images [] manifests 0",
        "1:37: what `subs/` inherits of this helmfile is not followed",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn charts_are_known_by_their_published_address_by_every_tool() {
    let chart = ("charts/web/Chart.yaml", "name: web\n");
    for reference in ["oci://ghcr.io/example/charts/web", "https://ghcr.io/example/charts/web-1.0.0.tgz"] {
        let helmfile = format!("releases: [{{name: web, chart: '{reference}'}}]\n");
        assert_eq!(
            found(&[("helmfile.yaml", &helmfile), chart]),
            [". production -/web values  set [] images [] manifests 0"],
            "{reference}"
        );
    }
    for helm in [
        "repo: 'oci://ghcr.io/example/charts', chart: web",
        "repo: 'oci://ghcr.io/example/charts/web'",
        "chart: 'oci://ghcr.io/example/charts/web'",
    ] {
        let bundle = format!("helm: {{releaseName: web, {helm}}}\n");
        assert_eq!(
            found(&[("f/fleet.yaml", &bundle), chart]),
            ["f production -/web values  set [] images [] manifests 0"],
            "{helm}"
        );
    }
    let folder = ("helmfile.yaml", "releases: [{name: a, chart: ./k}]\n");
    assert_eq!(found(&[folder, ("k/kustomization.yaml", "resources: []\n"), chart]), [""; 0]);
}

#[test]
fn a_helmfile_that_cannot_be_read_is_said_unless_all_its_charts_are_published() {
    let all = |path: &str, text: &str| found(&[(path, text), ("charts/web/Chart.yaml", "name: web\n")]);
    let of = |path: &str, text: &str| all(path, text).len();
    for text in [
        "releases:\n- name: a\n  chart: charts/web\n  values: [\n",
        "releases:\n- {name: a, chart: ./charts/web, values: [{a: b}}\n",
        "releases:\n{{- range .Values.apps }}\n- name: {{ . }}\n  chart: charts/{{ . }}\n{{- end }}\n",
        "releases:\n- {name: {{ env \"X\" }}, inherit: [{template: t}]}\n",
        "helmfiles:\n{{ range .Values.parts }}\n- path: {{ . }}\n{{ end }}\n",
    ] {
        assert_eq!((of("helmfile.yaml", text), of("helmfile.yaml.gotmpl", text)), (1, 1), "{text}");
    }
    let published = "repositories:\n- name: stable\n  url: https://charts.example.org\nreleases:\n- name: {{ x }}\n  chart: stable/web\n- {name: b, chart: 'oci://ghcr.io/a/b', values: [}\n";
    assert_eq!(all("helmfile.yaml", published), ["template helmfile.yaml"]);
}

#[test]
fn a_helmfile_of_local_charts_is_known_by_its_name_or_its_charts() {
    let releases = "releases: [{name: web, namespace: shop, chart: ../charts/web}]\n";
    for path in ["d/helmfile-prod.yaml", "helmfiles/eu.yaml", "d/eu.yaml"] {
        assert_eq!(found(&[(path, releases), ("charts/web/Chart.yaml", "name: web\n")]).len(), 1, "{path}");
    }
    let other = "releases: [{name: web, namespace: shop, chart: one}]\n";
    assert_eq!(found(&[("d/eu.yaml", other), ("charts/web/Chart.yaml", "name: web\n")]), [""; 0]);
}
