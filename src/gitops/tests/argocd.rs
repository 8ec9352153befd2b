//! Applications and ApplicationSets: forms that real repositories have.

use std::collections::BTreeMap;

use super::{discovered, found};

const CHART: (&str, &str) = ("charts/web/Chart.yaml", "name: web\n");

fn application(source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: shop}}\n{source}"
    )
}

fn set(generators: &str, source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  goTemplate: true\n  generators:\n{generators}  template:\n    metadata: {{name: web}}\n    spec:\n      destination: {{namespace: shop}}\n      source: {{{source}}}\n"
    )
}

#[test]
fn a_base_that_an_application_deploys_counts_though_an_overlay_builds_on_it() {
    let application =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: live}\nspec: {source: {path: base}}\n";
    let base = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: web}]\n";
    let files = [
        ("app.yaml", application),
        ("base/kustomization.yaml", base),
        ("over/kustomization.yaml", "resources: [../base]\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    let said = found(&files);
    assert!(said.len() == 2 && said[0].starts_with("base ") && said[1].starts_with("over "), "{said:?}");
    assert_eq!(found(&files[1..]).len(), 1);
}

#[test]
fn a_source_with_both_ref_and_path_is_deployed() {
    let sources = "  sources:\n  - {repoURL: https://example.org/other.git, path: deploy/gone, ref: own}\n";
    assert_eq!(
        found(&[("argo/web.yaml", &application(sources))]),
        ["elsewhere argo/web.yaml https://example.org/other.git deploy/gone "]
    );
    let sources = "  sources:\n  - {repoURL: https://github.com/acme/shop, path: charts/gone, ref: own}\n";
    assert_eq!(
        found(&[("argo/web.yaml", &application(sources))]),
        ["7:51: `path: charts/gone` is not in this repository, which `repoURL` names"]
    );
    let sources = "  sources:\n  - {repoURL: https://example.org/other.git, ref: own}\n";
    assert!(found(&[("argo/web.yaml", &application(sources))]).is_empty());
}

#[test]
fn a_kustomization_that_an_application_changes_is_deployed_through_that_alone() {
    let overlay = "helmGlobals: {chartHome: ../../charts}\nhelmCharts: [{name: web, releaseName: web}]\n";
    let changed = "argo production -/web values  set [] images [\"nginx\"] manifests 0";
    let plain = application("  source: {repoURL: 'https://github.com/acme/shop', path: overlays/live}\n");
    let options =
        "repoURL: 'https://github.com/acme/shop', path: overlays/live, kustomize: {images: ['nginx=nginx:2']}";
    let beside = ("overlays/live/.argocd-source-web.yaml", "kustomize: {images: ['nginx=nginx:2']}\n");
    let of = |application: &str, more: &[(&str, &str)]| {
        let files = [("argo/web.yaml", application), ("overlays/live/kustomization.yaml", overlay), CHART];
        found(&[&files, more].concat())
    };
    assert_eq!(of(&application(&format!("  source: {{{options}}}\n")), &[]), [changed]);
    assert_eq!(of(&application(&format!("  sources:\n  - {{{options}}}\n")), &[]), [changed]);
    assert_eq!(of(&plain, &[beside]), [changed]);
    assert_eq!(of(&set("  - list: {elements: [{a: b}]}\n", options), &[]), [changed]);
    // Without options it is what it is by itself.
    assert_eq!(of(&plain, &[]), [changed.replace("argo", "overlays/live").replace("\"nginx\"", "")]);
}

#[test]
fn a_template_that_fails_is_one_cause() {
    let source =
        "repoURL: x, path: charts/web, helm: {values: 'a: {{ fail \"no\" }}', valueFiles: ['{{ .gone.x }}.yaml']}";
    let lines = found(&[("argo/all.yaml", &set("  - list: {elements: [{a: b}]}\n", source)), CHART]);
    assert!(lines.len() == 1 && lines[0].contains("no"), "{lines:?}");
}

#[test]
fn values_that_a_generator_writes_out_are_known_whatever_else_it_supplies() {
    for generator in ["clusters", "pullRequest", "scmProvider"] {
        let generators = format!("  - {generator}: {{values: {{tag: '1.0', name: '{{{{ .name }}}}'}}}}\n");
        let known = set(&generators, "repoURL: x, path: charts/web, helm: {values: 'tag: {{ .values.tag }}'}");
        let is_for = if generator == "pullRequest" { "test" } else { "production" };
        let expected = format!("argo {is_for} shop/web values {{\"tag\":1.0}} set [] images [] manifests 0");
        assert_eq!(found(&[("argo/all.yaml", &known), CHART]), [expected], "{generator}");
        let supplied = set(&generators, "repoURL: x, path: charts/web, helm: {values: 'name: {{ .values.name }}'}");
        let said = found(&[("argo/all.yaml", &supplied), CHART]);
        assert!(said.len() == 1 && said[0].contains("and `name: {{ .values.name }}` depends on it"), "{said:?}");
    }
}

#[test]
fn what_a_generator_finds_in_another_repository_is_told_in_its_words() {
    let source = "repoURL: https://example.org/other.git, path: '{{ .path.path }}'";
    let of = |url: &str| {
        let generators = format!("  - git: {{repoURL: {url}, directories: [{{path: add-ons/*}}]}}\n");
        let text = set(&generators, source);
        let files = BTreeMap::from([("argo/all.yaml".to_owned(), text), (CHART.0.to_owned(), CHART.1.to_owned())]);
        discovered(files)
    };
    let other = of("https://example.org/other.git");
    let told: Vec<_> =
        other.releases.iter().map(|release| (release.chart.name.as_str(), release.chart.repository.as_str())).collect();
    assert_eq!(told, [("{{ .path.path }}", "https://example.org/other.git")]);
    let problems = &other.releases[0].deployment.problems;
    assert!(
        problems[0].message.contains("what the `git` generator finds in `https://example.org/other.git`"),
        "{problems:?}"
    );
    assert_eq!(other.unresolved, []);
    // A pattern that fits nothing here makes nothing.
    let own = of("https://github.com/acme/shop");
    assert!(own.releases.is_empty() && own.unresolved.is_empty(), "{own:?}");
}

#[test]
fn files_that_a_pattern_fits_come_before_those_of_the_folders_beside_them() {
    let of = |pattern: &str| {
        let source = format!("  source: {{path: charts/web, helm: {{valueFiles: ['{pattern}']}}}}\n");
        found(&[
            CHART,
            ("argo/web.yaml", &application(&source)),
            ("charts/web/envs/a.yaml", "x: a\n"),
            ("charts/web/envs/inner/c.yaml", "x: c\n"),
            ("charts/web/envs/z.yaml", "x: z\n"),
        ])
    };
    let expected = |values: &str| [format!("argo production shop/web values {values} set [] images [] manifests 0")];
    assert_eq!(of("envs/**/*.yaml"), expected(r#"{"x":"a"} {"x":"z"} {"x":"c"}"#));
    assert_eq!(
        of("**/*.yaml"),
        expected(r#"{"x":"a"} {"x":"z"} {"x":"c"}"#)
            .map(|line| line.replace("values {", "values {\"name\":\"web\"} {"))
    );
    assert_eq!(of("envs/*.yaml"), expected(r#"{"x":"a"} {"x":"z"}"#));
    let said = [
        "6:50: `charts/web/envs/*` fits the folder `charts/web/envs/inner` as well, and Helm refuses a folder as values",
    ];
    assert_eq!(of("envs/*"), said);
}

#[test]
fn the_tool_whose_options_are_set_renders_a_source() {
    let kustomization = ("charts/web/kustomization.yaml", "resources: [extra.yaml]\n");
    let extra = ("charts/web/extra.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n");
    let of = |options: &str, more: &[(&str, &str)]| {
        let source = format!("  source: {{path: charts/web{options}}}\n");
        found(&[&[CHART, ("argo/web.yaml", application(&source).as_str())], more].concat())
    };
    let helm = ["argo production shop/web values  set [] images [] manifests 0"];
    for idle in ["", ", directory: {recurse: false, jsonnet: {}}", ", kustomize: {images: [], forceCommonLabels: true}"]
    {
        assert_eq!(of(idle, &[]), helm, "{idle}");
        // Of a folder with both Argo CD builds the kustomization.
        assert!(of(idle, &[kustomization, extra]).is_empty(), "{idle}");
    }
    assert_eq!(of(", helm: {skipCrds: true}", &[kustomization, extra]), helm);
    assert!(of(", directory: {recurse: true}", &[]).is_empty());
    let said = ["6:30: Argo CD builds `charts/web` with kustomize for this, and there is no kustomization"];
    assert_eq!(of(", kustomize: {namePrefix: x-}", &[]), said);
    let said = ["6:59: Argo CD refuses a source with both `kustomize` and `helm`"];
    assert_eq!(of(", kustomize: {namePrefix: x-}, helm: {skipCrds: true}", &[]), said);
}

#[test]
fn values_that_are_an_empty_object_count_over_those_that_are_text() {
    let of = |helm: &str| {
        let source = format!("  source: {{path: charts/web, helm: {{{helm}}}}}\n");
        found(&[CHART, ("argo/web.yaml", &application(&source))])
    };
    let expected = |values: &str| [format!("argo production shop/web values {values} set [] images [] manifests 0")];
    assert_eq!(of("valuesObject: {}, values: 'a: 1'"), expected("{}"));
    assert_eq!(of("valuesObject: null, values: 'a: 1'"), expected(r#"{"a":1}"#));
}

#[test]
fn the_generators_of_a_matrix_agree_on_what_both_supply() {
    let of = |is_go: bool, second: &str| {
        let placeholder = if is_go { "{{ .env }}" } else { "{{env}}" };
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  goTemplate: {is_go}\n  generators:\n  - matrix:\n      generators:\n      - list: {{elements: [{{env: a}}]}}\n      - list: {{elements: [{{env: {second}}}]}}\n  template:\n    metadata: {{name: 'web-{placeholder}'}}\n    spec: {{destination: {{namespace: shop}}, source: {{path: charts/web}}}}\n"
        );
        found(&[CHART, ("argo/all.yaml", &text)])
    };
    let expected = ["argo production shop/web-a values  set [] images [] manifests 0"];
    assert_eq!(of(true, "b"), expected);
    assert_eq!(of(false, "a"), expected);
    let said = ["10:33: Argo CD refuses an element with a boolean without `goTemplate`, which takes text"];
    assert_eq!(of(false, "true"), said);
    let said = ["10:9: Argo CD refuses a matrix whose generators supply different values of `env`"];
    assert_eq!(of(false, "b"), said);
}

#[test]
fn values_of_another_repository_are_said_though_they_may_be_missing() {
    let of = |url: &str, files: &str, more: &[(&str, &str)]| {
        // A mirror of this repository has its files, where the chart comes from there as well.
        let chart = if more.is_empty() { "https://github.com/acme/shop" } else { url };
        let sources = format!(
            "  sources:\n  - {{repoURL: {chart}, path: charts/web, helm: {{ignoreMissingValueFiles: true, valueFiles: [{files}]}}}}\n  - {{repoURL: '{url}', ref: v}}\n"
        );
        found(&[&[CHART, ("argo/web.yaml", application(&sources).as_str())], more].concat())
    };
    let plain = ["argo production shop/web values  set [] images [] manifests 0"];
    assert_eq!(of("https://github.com/acme/shop", "$v/live.yaml", &[]), plain);
    let said =
        ["7:114: the values file `$v/live.yaml` lies in `https://example.org/other.git`, which is not this repository"];
    assert_eq!(of("https://example.org/other.git", "$v/live.yaml", &[]), said);
    let base = ("base.yaml", "a: 1\n");
    let expected = [r#"argo production shop/web values {"a":1} set [] images [] manifests 0"#];
    assert_eq!(of("https://example.org/other.git", "$v/base.yaml, $v/live.yaml", &[base]), expected);
}

#[test]
fn an_application_outside_of_argo_cds_namespace_has_a_file_of_both_names() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: team}\nspec: {source: {path: charts/web, helm: {values: 'a: 1'}}}\n";
    let of = |name: &str, over: &str| {
        let path = format!("charts/web/{name}");
        found(&[("a/app.yaml", application), (path.as_str(), over), ("charts/web/Chart.yaml", "name: web\n")])
    };
    let expected = |values: &str| [format!("a production -/web values {values} set [] images [] manifests 0")];
    assert_eq!(of(".argocd-source-team_web.yaml", "helm: {values: 'a: 2'}\n"), expected(r#"{"a":2}"#));
    assert_eq!(of(".argocd-source-other_web.yaml", "helm: {values: 'a: 2'}\n"), expected(r#"{"a":1}"#));
    // What is taken away stays, as the file is read into what was there.
    assert_eq!(of(".argocd-source.yaml", "helm: {values: null}\n"), expected(r#"{"a":1}"#));
}

#[test]
fn nulls_in_an_object_of_values_take_away() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: charts/web, helm: {valuesObject: {a: 1, b: {c: 2, d: 3}}}}}\n";
    let over = "helm: {valuesObject: {a: null, b: {c: null, e: 4}}}\n";
    let files = [
        ("a/app.yaml", application),
        ("charts/web/.argocd-source.yaml", over),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    assert_eq!(found(&files), [r#"a production -/web values {"b":{"d":3,"e":4}} set [] images [] manifests 0"#]);
}

#[test]
fn an_absolute_path_is_refused() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: /charts/web}}\n";
    let files = [("a/app.yaml", application), ("charts/web/Chart.yaml", "name: web\n")];
    assert_eq!(found(&files), ["4:23: `path: /charts/web` is absolute, which Argo CD refuses"]);
}

#[test]
fn an_application_that_knows_this_repository_means_another_by_another_address() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  sources:\n  - {repoURL: 'https://github.com/acme/shop', path: charts/web, helm: {valueFiles: [$vals/envs/v.yaml]}}\n  - {repoURL: 'https://github.com/acme/values', ref: vals}\n";
    let files = [("a/app.yaml", application), ("envs/v.yaml", "a: 1\n"), ("charts/web/Chart.yaml", "name: web\n")];
    let said =
        "the values file `$vals/envs/v.yaml` lies in `https://github.com/acme/values`, which is not this repository";
    assert!(found(&files)[0].ends_with(said), "{:?}", found(&files));
}

#[test]
fn a_parameter_that_is_not_supplied_is_said() {
    let set = |template: &str, options: &str| {
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: webs}}\nspec:\n  goTemplate: true\n{options}  generators: [{{list: {{elements: [{{name: a}}]}}}}]\n  template:\n    metadata: {{name: '{{{{.name}}}}'}}\n    spec: {{source: {{path: charts/web, helm: {{values: 'tag: v{template}'}}}}}}\n"
        );
        found(&[("a/set.yaml", &set), ("charts/web/Chart.yaml", "name: web\n")])
    };
    let said = "names a parameter that is not supplied, for which Argo CD writes `<no value>`";
    assert!(set("{{.tag}}", "")[0].ends_with(said), "{:?}", set("{{.tag}}", ""));
    let expected = r#"a production -/a values {"tag":"v1"} set [] images [] manifests 0"#;
    assert_eq!(set("{{.tag | default \"1\"}}", ""), [expected]);
}

#[test]
fn entries_of_images_are_set_as_the_command_of_kustomize_sets_them() {
    let of = |images: &str| {
        let application = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{source: {{path: k, kustomize: {{images: [{images}]}}}}}}\n"
        );
        let own = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: web}]\nimages: [{name: web, newName: mirror/web, newTag: '1'}]\n";
        let files = [
            ("a/app.yaml", application.as_str()),
            ("k/kustomization.yaml", own),
            ("charts/web/Chart.yaml", "name: web\n"),
        ];
        let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let all = super::discovered(files.into_iter().collect());
        let [deployment] = all.deployments.as_slice() else { panic!("{all:?}") };
        if let Some(problem) = deployment.problems.first() {
            return vec![problem.message.clone()];
        }
        let images = deployment.profile.build.iter().flat_map(super::Build::overrides);
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        images.map(|image| format!("{}={}:{}", image.name, part(&image.new_name), part(&image.new_tag))).collect()
    };
    assert_eq!(of("'web=*:2'"), ["web=mirror/web:2"]);
    assert_eq!(of("'web=other:*'"), ["web=other:1"]);
    assert_eq!(of("'web:2', 'app=*:3'"), ["app=:3", "web=:2"]);
    assert_eq!(of("web"), ["kustomize refuses the image `web`, which says nothing but a name"]);
}

#[test]
fn what_is_made_for_pull_requests_is_no_production() {
    let set = |generators: &str| {
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: webs}}\nspec:\n  generators: [{generators}]\n  template:\n    metadata: {{name: web}}\n    spec: {{source: {{path: charts/web}}}}\n"
        );
        found(&[("a/set.yaml", &set), ("charts/web/Chart.yaml", "name: web\n")])
    };
    let one = "{pullRequest: {github: {owner: o, repo: r}}}";
    assert_eq!(set(one), ["a test -/web values  set [] images [] manifests 0"]);
    assert_eq!(set(&format!("{{matrix: {{generators: [{one}, {{list: {{elements: [{{a: b}}]}}}}]}}}}")).len(), 1);
    assert_eq!(set("{list: {elements: [{a: b}]}}"), ["a production -/web values  set [] images [] manifests 0"]);
}

#[test]
fn what_is_filled_in_ends_within_a_bound() {
    let project = "p".repeat(500_000);
    let parameter = "$ARGOCD_APP_PROJECT_NAME".repeat(2_000);
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{project: {project}, source: {{path: charts/web, helm: {{parameters: [{{name: a, value: {parameter}}}]}}}}}}\n"
    );
    let said = "what is filled in makes more than 4000000 bytes";
    let lines = found(&[("a/app.yaml", &application), ("charts/web/Chart.yaml", "name: web\n")]);
    assert!(lines[0].ends_with(said), "{}", &lines[0][..200]);
}

#[test]
fn patterns_of_values_files_have_a_bound_together() {
    let patterns: Vec<String> = (0..300).map(|number| format!("'/v/**/{number}*.yaml'")).collect();
    let application = application(&format!(
        "  source: {{path: charts/web, helm: {{ignoreMissingValueFiles: true, valueFiles: [{}]}}}}\n",
        patterns.join(", ")
    ));
    let values: Vec<String> = (0..3_000).map(|number| format!("v/{number}/values.yaml")).collect();
    let mut files = vec![("a/app.yaml", application.as_str()), ("charts/web/Chart.yaml", "name: web\n")];
    files.extend(values.iter().map(|path| (path.as_str(), "a: 1\n")));
    let lines = found(&files);
    assert!(lines.iter().any(|line| line.contains("patterns of GitOps files take more than")), "{:?}", lines.first());
}

#[test]
fn an_object_that_a_kustomization_gathers_counts_whatever_its_file_is_called() {
    let application = application("  source: {path: charts/web}\n");
    let files = [
        CHART,
        ("base/app.txt", application.as_str()),
        ("base/kustomization.yaml", "resources: [app.txt]\n"),
        ("live/kustomization.yaml", "resources: [../base]\n"),
    ];
    assert_eq!(found(&files), ["live production shop/web values  set [] images [] manifests 0"]);
    assert_eq!(found(&files[..2]), [""; 0], "nothing applies it");
}

/// What the Applications of a set are said of, with a template for the path and parameters.
fn placed(is_go: bool, generator: &str, path: &str, name: &str) -> Vec<String> {
    let text = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  goTemplate: {is_go}\n  generators:\n  - {generator}\n  template:\n    metadata: {{name: '{name}'}}\n    spec:\n      destination: {{namespace: shop}}\n      source: {{repoURL: x, path: '{path}'}}\n"
    );
    found(&[CHART, ("sets/all.yaml", &text)])
}

#[test]
fn a_path_that_cannot_be_filled_in_is_said_where_it_may_lead_to_a_chart() {
    let list = "list: {elements: [{name: web}]}";
    let git = "git: {directories: [{path: charts/*}]}";
    let cases = [
        (true, list, "charts/{{.shop}}", "web", "`charts/{{.shop}}` names a parameter that is not supplied"),
        (true, git, "{{path}}", "web", "function \"path\" not defined"),
        (
            false,
            git,
            "{{.path.path}}",
            "web",
            "`{{.path.path}}` names a parameter that is not supplied, as `goTemplate: true`",
        ),
        (false, git, "{{path}}", "{{.path.basename}}", "`{{.path.basename}}` names a parameter that is not supplied"),
    ];
    for (is_go, generator, path, name, expected) in cases {
        let said = placed(is_go, generator, path, name);
        assert!(said.len() == 1 && said[0].contains(expected), "{path}: {said:?}");
    }
    assert_eq!(placed(true, list, "deploy/{{.shop}}", "web"), Vec::<String>::new(), "no chart may lie there");
    assert_eq!(placed(false, git, "{{path}}", "web").len(), 1);
}

#[test]
fn a_set_fills_in_what_sprig_and_argo_cd_have_and_nothing_of_helms() {
    let of = |code: &str| {
        let list = "list: {elements: [{name: a, list: '[\"b\"]', text: '\"b\"', bad: '['}]}";
        let text = set(
            &format!("  - {list}\n"),
            &format!("path: charts/web, helm: {{parameters: [{{name: a, value: 'v{code}'}}]}}"),
        );
        found(&[CHART, ("sets/all.yaml", &text)])
    };
    for code in ["{{ index (fromJson .list) 0 }}", "{{ fromJson .text }}", "{{ index (fromYamlArray .list) 0 }}"] {
        assert_eq!(of(code), ["sets production shop/web values  set [\"a=vb\"] images [] manifests 0"], "{code}");
    }
    for name in
        ["required \"x\" .name", "tpl .name .", "lookup \"v1\" \"Pod\" \"a\" \"b\"", "getHostByName \"x\"", "toToml ."]
    {
        let said = of(&format!("{{{{ {name} }}}}"));
        assert!(said.len() == 1 && said[0].contains("not defined"), "{name}: {said:?}");
    }
    for code in ["{{ fromYaml .bad }}", "{{ fromYaml .list }}"] {
        let said = of(code);
        assert!(
            said.len() == 1 && (said[0].contains("converting") || said[0].contains("unmarshal")),
            "{code}: {said:?}"
        );
    }
}

#[test]
fn the_root_of_a_repository_is_a_dot_to_a_set() {
    let text = set(
        "  - git: {files: [{path: c.json}]}\n",
        "path: charts/web, helm: {valueFiles: ['{{ .path.path }}/values.yaml'], parameters: [{name: a, value: '{{ .path.basename }}{{ index .path.segments 0 }}'}]}",
    );
    let values = ("charts/web/values.yaml", "a: 1\n");
    let said = found(&[CHART, values, ("c.json", "{}"), ("values.yaml", "a: 2\n"), ("sets/all.yaml", &text)]);
    assert!(said.len() == 1 && said[0].contains(r#"values {"a":1} set ["a=.."]"#), "{said:?}");
}

#[test]
fn all_templates_of_sets_have_one_bound() {
    let elements: Vec<String> = (0..120).map(|number| format!("{{a: x{number}}}")).collect();
    let long = "x".repeat(200_000);
    let text = set(
        &format!("  - list: {{elements: [{}]}}\n", elements.join(", ")),
        &format!("path: charts/web, helm: {{parameters: [{{name: a, value: '{long}{{{{a}}}}'}}]}}"),
    );
    let said = found(&[CHART, ("sets/all.yaml", &text.replace("goTemplate: true", "goTemplate: false"))]);
    assert!(
        said.iter().any(|line| line.contains("templates, variables and patterns of GitOps files take more than")),
        "{:?}",
        said.last()
    );
}

#[test]
fn the_address_of_a_chart_is_known_however_it_is_parted() {
    for (url, chart) in [
        ("ghcr.io/example", "charts/web"),
        ("ghcr.io/example/charts", "web"),
        ("GHCR.io/example/charts", "web"),
        ("ghcr.io", "example/charts/web"),
    ] {
        let source = format!("  source: {{repoURL: {url}, chart: {chart}, targetRevision: 1.0.0}}\n");
        let said = found(&[CHART, ("argo/web.yaml", &application(&source))]);
        assert!(said.len() == 1 && said[0].starts_with("argo production shop/web"), "{url}: {said:?}");
    }
    let source = "  source: {repoURL: ghcr.io/example, chart: other/web, targetRevision: 1.0.0}\n";
    let said = found(&[CHART, ("argo/web.yaml", &application(source))]);
    assert!(said.len() == 1 && said[0].starts_with("elsewhere "), "{said:?}");
}

#[test]
fn applications_of_one_set_with_one_name_are_refused() {
    let text = set("  - list: {elements: [{a: 1}]}\n  - list: {elements: [{a: 2}]}\n", "path: charts/web");
    let said = found(&[CHART, ("sets/all.yaml", &text)]);
    assert!(said.len() == 1 && said[0].contains("Applications of one set with one name, `web`"), "{said:?}");
}

#[test]
fn a_folder_is_no_values_file_though_such_may_be_missing() {
    let source =
        "  source: {repoURL: x, path: charts/web, helm: {ignoreMissingValueFiles: true, valueFiles: [/envs/z]}}\n";
    let said = found(&[CHART, ("argo/web.yaml", &application(source)), ("envs/z/a.yaml", "a: 1\n")]);
    assert!(said.len() == 1 && said[0].contains("`envs/z` is a folder"), "{said:?}");
}

#[test]
fn a_values_file_that_many_deployments_name_is_held_once() {
    let text = application("  source: {repoURL: x, path: charts/web, helm: {valueFiles: [shared.yaml]}}\n");
    let named = |name: &str| (format!("argo/{name}.yaml"), text.replacen("name: web", &format!("name: {name}"), 1));
    let mut files = BTreeMap::from([named("a"), named("b")]);
    files.insert("charts/web/Chart.yaml".to_owned(), "name: web\n".to_owned());
    files.insert("charts/web/shared.yaml".to_owned(), "a: 1\n".to_owned());
    let found = discovered(files);
    let values = found.deployments.iter().filter_map(|one| one.profile.values.first()?.as_map());
    let places: Vec<_> = values.map(std::ptr::from_ref).collect();
    assert_eq!(places.len(), 2, "{found:?}");
    assert_eq!(places[0], places[1], "both have the same mapping");
}

#[test]
fn what_a_set_makes_of_one_file_does_not_rest_on_the_others() {
    let generator = "  - git: {files: [{path: 'envs/*/c.yaml'}]}\n";
    let text = set(generator, "path: charts/web, helm: {parameters: [{name: tag, value: '{{ .tag }}'}]}");
    let mut files = vec![(CHART.0.to_owned(), CHART.1.to_owned()), ("sets/all.yaml".to_owned(), text)];
    files.extend((0..20).map(|number| (format!("envs/e{number}/c.yaml"), format!("tag: v{number}\n"))));
    let found = discovered(files.into_iter().collect());
    assert_eq!(found.deployments.len(), 20);
    for each in &found.deployments {
        let read: Vec<&String> = each.read.iter().collect();
        assert!(read.len() == 2 && read[0].starts_with("envs/e") && read[1] == "sets/all.yaml", "{read:?}");
    }
}

#[test]
fn a_set_that_makes_nothing_is_listed_with_the_reason() {
    let of = |generators: &str| found(&[CHART, ("sets/all.yaml", &set(generators, "path: charts/web"))]);
    let folders = "  - git: {directories: [{path: none, exclude: true}, {path: 'chart/*'}]}\n";
    for (generators, why) in [
        ("  - list: {elements: []}\n", "its `list` generator gives nothing"),
        (folders, "its `git` generator finds no folder that fits `chart/*`"),
        ("  - git: {files: [{path: 'a/*.json'}]}\n", "its `git` generator finds no file that fits `a/*.json`"),
        (
            "  - list: {elements: [{a: b}]}\n    selector: {matchLabels: {a: c}}\n",
            "nothing that its `list` generator gives fits the `selector`",
        ),
        (
            "  - list: {elements: []}\n  - list: {}\n",
            "its `list` generator gives nothing, its `list` generator gives nothing",
        ),
    ] {
        let said = of(&generators.replace("REPO", "https://github.com/acme/shop"));
        let line = format!("nothing sets/all.yaml: the ApplicationSet `all` makes no Application, since {why}");
        assert_eq!(said, [line], "{generators}");
    }
    assert_eq!(of("  - list: {elements: []}\n  - list: {elements: [{a: b}]}\n").len(), 1);
}

#[test]
fn names_of_sources_that_argo_cd_refuses_are_said() {
    let own = "{repoURL: 'git@github.com:acme/shop.git', path: charts/web, helm: {valueFiles: [$v/v.yaml]}}";
    let of = |others: &str| {
        let text = application(&format!("  sources: [{own}, {others}]\n"));
        let found = found(&[CHART, ("v.yaml", "a: 1\n"), ("argo/web.yaml", &text)]);
        found.into_iter().map(|line| line.split(": ").skip(1).collect::<Vec<_>>().join(": ")).collect::<Vec<_>>()
    };
    let source = |more: &str| format!("{{repoURL: 'git@github.com:acme/shop.git', {more}}}");
    assert_eq!(of(&source("ref: v")), [""]);
    assert_eq!(
        of(&format!("{}, {}", source("ref: v"), source("ref: v"))),
        ["Argo CD refuses two sources with `ref: v`"]
    );
    let said = of(&format!("{}, {}", source("ref: v"), source("ref: a.b")));
    assert!(said.len() == 1 && said[0].starts_with("Argo CD refuses `ref: a.b`"), "{said:?}");
    let said = of(&source("ref: v, chart: x"));
    let why = "Argo CD refuses `$v/v.yaml`, as the source of that `ref` has a `chart`";
    assert!(said.iter().any(|line| line == why), "{said:?}");
}

#[test]
fn a_value_that_an_element_says_lies_there() {
    let of = |head: &str, helm: &str| {
        let set = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n{head}  generators:\n  - list:\n      \
             elements:\n      - tag: \"7.1\"\n  template:\n    metadata: {{name: web}}\n    spec:\n      source:\n        path: charts/web\n        \
             helm:\n{helm}"
        );
        let sources = crate::text::Sources::new();
        let files = [("set.yaml", set.as_str()), CHART];
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
        let discovered = super::in_sources(files, &sources);
        let profile = &discovered.deployments.first().expect("one").profile;
        let values = profile.values.iter().filter_map(|root| root.get("image")?.get("tag"));
        let at = values.map(|node| node.location).chain(profile.set.iter().filter_map(|setting| setting.at)).next();
        let at = at.expect("a value with a place");
        sources.get(at.source).slice(at.span).to_owned()
    };
    let block = |line: &str| {
        format!("          values: |\n            # a comment\n            image:\n              name: a\n{line}")
    };
    let parameters = "          parameters:\n          - {name: image.tag, value: '{{tag}}'}\n";
    assert_eq!(of("", parameters), "\"7.1\"");
    assert_eq!(of("  goTemplate: true\n", &parameters.replace("{{tag}}", "{{ .tag }}")), "\"7.1\"");
    assert_eq!(of("", "          valuesObject: {image: {tag: '{{tag}}'}}\n"), "\"7.1\"");
    assert_eq!(of("", &block("              tag: '{{tag}}'\n")), "\"7.1\"");
    assert_eq!(of("  goTemplate: true\n", &block("              tag: {{ .tag | quote }}\n")), "\"7.1\"");
    assert_eq!(of("", &block("              tag: 'v{{tag}}'\n")), "tag: 'v{{tag}}'", "more than the element says it");
    assert_eq!(of("", &block("              tag: 7.2\n              x: {{tag}}\n")), "7.2");
}
