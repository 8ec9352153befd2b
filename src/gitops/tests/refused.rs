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

fn object(version: &str, kind: &str, rest: &str) -> Vec<String> {
    let text = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: web, namespace: shop}}\n{rest}");
    found(&[("apps/web.yaml", &text)])
}

#[test]
fn an_object_whose_structure_is_refused_is_said() {
    const ARGO: &str = "argoproj.io/v1alpha1";
    const HELM: &str = "helm.toolkit.fluxcd.io/v2";
    const KUSTOMIZE: &str = "kustomize.toolkit.fluxcd.io/v1";
    const SOURCE: &str = "source.toolkit.fluxcd.io/v1";
    let no_mapping = "4:7: `spec` is a list, not a mapping";
    let cases = [
        (ARGO, "Application", "spec: [1]\n", no_mapping),
        (ARGO, "Application", "", "1:1: an Application needs a `source`"),
        (ARGO, "Application", "spec: {project: a}\n", "4:7: an Application needs a `source`"),
        (ARGO, "Application", "spec: {source: null, sources: null}\n", "4:7: an Application needs a `source`"),
        (
            ARGO,
            "ApplicationSet",
            "spec: {generators: [{}], template: {metadata: {name: a}, spec: {source: {path: charts/web}}}}\n",
            "4:21: a generator needs a kind: `list`, `git` or another",
        ),
        (
            ARGO,
            "application",
            "spec: {source: {path: charts/web}}\n",
            "2:7: no cluster knows `kind: application`; it is spelled `Application`",
        ),
        (ARGO, "[Application]", "spec: {source: {path: charts/web}}\n", "2:7: `kind` is a list, not a string"),
        (
            "v1",
            "List",
            "items: {a: {apiVersion: argoproj.io/v1alpha1, kind: Application}}\n",
            "4:8: `items` is a mapping, not a list",
        ),
        (ARGO, "Application", "spec: {source: charts/web}\n", "4:16: `spec.source` is a string, not a mapping"),
        (ARGO, "Application", "spec: {source: {repoURL: a}}\n", "4:16: a `source` needs a `path` or a `chart`"),
        (ARGO, "Application", "spec: {sources: {path: charts/web}}\n", "4:17: `spec.sources` is a mapping, not a list"),
        (ARGO, "Application", "spec: {sources: [charts/web]}\n", "4:18: `spec.sources` is a string, not a mapping"),
        (ARGO, "ApplicationSet", "spec: [1]\n", no_mapping),
        (ARGO, "ApplicationSet", "", "1:1: an ApplicationSet needs `spec.generators`"),
        (ARGO, "ApplicationSet", "spec: {generators: []}\n", "4:7: an ApplicationSet needs `spec.template`"),
        (
            ARGO,
            "ApplicationSet",
            "spec: {generators: {list: {}}, template: {}}\n",
            "4:20: `spec.generators` is a mapping, not a list",
        ),
        (HELM, "HelmRelease", "spec: [1]\n", no_mapping),
        (HELM, "HelmRelease", "", "1:1: a HelmRelease needs `chart.spec` or `chartRef`"),
        (HELM, "HelmRelease", "spec: {chart: web}\n", "4:15: `spec.chart` is a string, not a mapping"),
        (HELM, "HelmRelease", "spec: {chart: {spec: {chart: web}}}\n", "4:22: the chart needs a `sourceRef`"),
        (KUSTOMIZE, "Kustomization", "spec: [1]\n", no_mapping),
        (KUSTOMIZE, "Kustomization", "", "1:1: a Kustomization of Flux needs a `spec`"),
        (
            KUSTOMIZE,
            "Kustomization",
            "spec: {path: ./apps, patches: {}}\n",
            "4:31: `spec.patches` is a mapping, not a list",
        ),
        (SOURCE, "HelmRepository", "spec: [1]\n", no_mapping),
        (SOURCE, "OCIRepository", "spec: {url: [a]}\n", "4:13: `spec.url` is a list, not a string"),
        (SOURCE, "GitRepository", "spec: {ref: main}\n", "4:13: `spec.ref` is a string, not a mapping"),
    ];
    for (version, kind, rest, expected) in cases {
        assert_eq!(object(version, kind, rest), [expected], "{kind} {rest}");
    }
}

#[test]
fn what_only_looks_like_such_an_object_is_none() {
    assert!(object("app.k8s.io/v1beta1", "Application", "spec: {selector: {}}\n").is_empty());
    assert!(object("argoproj.io/v1alpha1", "Workflow", "spec: {entrypoint: a}\n").is_empty());
    assert!(object("argoproj.io/v1alpha1", "AppProject", "spec: {sourceRepos: ['*']}\n").is_empty());
    // A file of something else that has a tool's name.
    let other = "kind: Kustomization\nabout: a table\nfollowed: [a]\nignored: [b]\n";
    for path in ["tables/kustomization.yaml", "tables/fleet.yaml", "tables/helmfile.yaml"] {
        assert!(found(&[(path, other)]).is_empty(), "{path}");
    }
    // A patch is a part of another object.
    let patch = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {targetRevision: v2}}\n";
    let kustomization = "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n";
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: charts/web, repoURL: a}}\n";
    let overlay =
        [("apps/kustomization.yaml", kustomization), ("apps/patch.yaml", patch), ("apps/web.yaml", application)];
    let said = found(&overlay);
    assert!(said.len() == 1 && said[0].starts_with("apps production"), "{said:?}");
}

#[test]
fn a_field_that_nobody_knows_is_said_at_every_level() {
    let application = |rest: &str| object("argoproj.io/v1alpha1", "Application", rest);
    let source = "source: {path: charts/web, repoURL: a}";
    let unknown = "is not followed: chartgate does not know this field";
    assert_eq!(
        application(&format!("spec: {{{source}, plugins: x}}\n")),
        [format!("4:48: `spec.plugins: x` {unknown}")]
    );
    assert_eq!(
        application(&format!("spec: {{{source}, destination: {{namspace: x}}}}\n")),
        [format!("4:62: `spec.destination.namspace: x` {unknown}")]
    );
    assert_eq!(application(&format!("spec: {{{source}}}\nhelm: {{values: x}}\n")), [format!("5:1: `helm` {unknown}")]);
    let text = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, lables: {a: b}}\nspec: {source: {path: charts/web}}\n";
    assert_eq!(found(&[("a.yaml", text)]), [format!("3:23: `metadata.lables` {unknown}")]);
    // Of an object that deploys no chart as well: what is meant may be one.
    assert_eq!(application("spec: {sorce: {path: charts/web}}\n"), [format!("4:8: `spec.sorce` {unknown}")]);
    assert_eq!(
        object("argoproj.io/v1alpha1", "ApplicationSet", "spec: {generators: [{lists: {a: b}}], template: {}}\n"),
        [format!("4:22: `spec.generators.lists` {unknown}")]
    );
    // What a set makes is an Application.
    let set = format!(
        "spec: {{generators: [{{list: {{elements: [{{a: b}}]}}}}], template: {{metadata: {{name: a}}, spec: {{{source}, plugins: x}}}}}}\n"
    );
    assert_eq!(object("argoproj.io/v1alpha1", "ApplicationSet", &set), [format!("4:131: `spec.plugins: x` {unknown}")]);
    assert_eq!(
        object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", "spec: {pth: ./apps}\n"),
        [format!("4:8: `spec.pth: ./apps` {unknown}")]
    );
}

#[test]
fn other_tools_files_of_a_refused_structure_are_said() {
    let cases = [
        (
            "apps/kustomization.yaml",
            "[1]\n",
            "1:1: kustomize refuses `apps/kustomization.yaml`, which is a list, not a mapping",
        ),
        ("apps/kustomization.yaml", "resources: ../base\n", "1:12: `resources` is a string, not a list"),
        ("apps/kustomization.yaml", "# nothing\n", "1:1: kustomize refuses `apps/kustomization.yaml`, which is empty"),
        (
            "apps/kustomization.yaml",
            "resource: [a]\n",
            "1:1: `resource` is not followed: chartgate does not know this field",
        ),
        ("apps/fleet.yaml", "[1]\n", "1:1: Fleet refuses `apps/fleet.yaml`, which is a list, not a mapping"),
        ("apps/fleet.yaml", "helm: [1]\n", "1:7: `helm` is a list, not a mapping"),
        (
            "apps/fleet.yaml",
            "hlm: {chart: ../charts/web}\n",
            "1:1: `hlm` is not followed: chartgate does not know this field",
        ),
        (
            "charts/web/fleet.yaml",
            "targetCustomizations: [live]\n",
            "1:24: `targetCustomizations` is a string, not a mapping",
        ),
        (
            "apps/a.yaml",
            "- {apiVersion: argoproj.io/v1alpha1, kind: Application, spec: {source: {path: charts/web}}}\n",
            "1:1: a list of objects is none: they need `kind: List` and `items`, or documents of their own",
        ),
        (
            "apps/kustomization.yaml",
            "helmGlobals: [a]\nhelmCharts: [{name: web}]\n",
            "1:14: `helmGlobals` is a list, not a mapping",
        ),
        (
            "main.tf",
            "resource \"helm_release\" \"web\" {\n  chart = \"./charts/web\"\n  values = file(\"a.yaml\")\n}\n",
            "3:12: Terraform refuses `values` that are a text and no list",
        ),
        ("helmfile.yaml", "[1]\n", "1:1: helmfile refuses `helmfile.yaml`, which is a list, not a mapping"),
        ("helmfile.yaml", "releases: {}\n", "1:11: `releases` is a mapping, not a list"),
        ("helmfile.yaml", "releases: [web]\n", "1:12: `releases` is a string, not a mapping"),
        (
            "helmfile.yaml",
            "release: [{chart: ./charts/web}]\n",
            "1:1: `release` is not followed: chartgate does not know this field",
        ),
        (
            "main.tf",
            "resource \"helm_release\" \"web\" {\n  name = \"web\"\n}\n",
            "1:1: `helm_release.web` names no `chart`",
        ),
        (
            "main.tf",
            "resource \"helm_release\" {\n  chart = \"./charts/web\"\n}\n",
            "1:1: Terraform refuses a `helm_release` without exactly one name",
        ),
    ];
    for (path, text, expected) in cases {
        assert_eq!(found(&[(path, text)]), [expected], "{text}");
    }
}

#[test]
fn a_config_map_that_is_refused_gives_no_values() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: shop}\ndata: {values.yaml: {a: 1}}\n";
    assert_eq!(
        found(&[("apps/release.yaml", release), ("apps/map.yaml", map)]),
        ["6:16: the ConfigMap `v` is refused: `data.values.yaml` is a mapping, not a string"]
    );
}

#[test]
fn a_generator_of_encrypted_secrets_makes_nothing_that_is_judged() {
    let of = |kind: &str| {
        let secret =
            format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: s}}\ndata: {{a: 'ENC[x]'}}\nsops: {{age: []}}\n");
        let ksops = "apiVersion: viaduct.ai/v1\nkind: ksops\nmetadata: {name: s}\nfiles: [./s.enc.yaml]\n";
        found(&[
            ("charts/web/Chart.yaml", "name: web\n"),
            (
                "o/kustomization.yaml",
                "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: web}]\ngenerators: [s.yaml]\n",
            ),
            ("o/s.yaml", ksops),
            ("o/s.enc.yaml", &secret),
        ])
    };
    assert_eq!(of("Secret"), ["o production -/web values  set [] images [] manifests 0"]);
    assert_eq!(of("ConfigMap"), ["1:1: the generator `ksops` is not followed"]);
}

#[test]
fn an_object_whose_names_are_filled_in_by_another_program_is_a_template() {
    let application = |name: &str, namespace: &str, path: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: '{name}'}}\nspec:\n  destination: {{namespace: '{namespace}'}}\n  source: {{repoURL: https://example.org/a.git, path: '{path}'}}\n"
        );
        found(&[("argo/web.yaml", &text)])
    };
    let template = ["template argo/web.yaml"];
    assert_eq!(application("{{ name }}", "shop", "charts/web"), template);
    assert_eq!(application("web", "{{ env }}", "charts/web"), template);
    assert_eq!(application("web", "shop", "charts/${{ values.name }}"), template);
    assert_eq!(application("web", "shop", "{% if a %}charts/web"), template);
    let upper = application("web", "Shop", "charts/web");
    assert_eq!(upper, ["6:11: no namespace can be called `Shop`"]);
    assert_eq!(application("web", "shop", "charts/web").len(), 1);
}

#[test]
fn a_variable_of_a_release_that_no_kustomization_applies_is_said() {
    let may_be = |at: &str, name: &str| {
        format!(
            "{at}: `${{{name}}}` may be a variable of the Kustomization that applies the HelmRelease `web`, which is not in this repository"
        )
    };
    assert_eq!(release("  values: {image: {tag: '${TAG}'}}\n"), [may_be("6:25", "TAG")]);
    assert_eq!(release("  values: {image: {tag: '${TAG:=1.0.0}'}}\n"), [may_be("6:25", "TAG")]);
    for plain in ["'$${TAG}'", "'${'", "'${1}'", "'${.tag}'", "\"a\\n${TAG}\"", "'$TAG'"] {
        let said = release(&format!("  values: {{script: {plain}}}\n"));
        assert!(said[0].starts_with("apps production"), "{plain} {said:?}");
    }
}

#[test]
fn the_name_of_an_application_outside_of_the_namespace_of_argo_cd_is_not_known() {
    let of = |namespace: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web{namespace}}}\nspec:\n  source: {{path: charts/web, helm: {{parameters: [{{name: a, value: $ARGOCD_APP_NAME}}]}}}}\n"
        );
        found(&[("argo/web.yaml", &text)])
    };
    for known in ["", ", namespace: argocd", ", namespace: openshift-gitops"] {
        assert_eq!(of(known), [r#"argo production -/web values  set ["a=web"] images [] manifests 0"#], "{known}");
    }
    let said =
        "5:50: `ARGOCD_APP_NAME` is `web` where Argo CD itself runs in the namespace `team`, and `team_web` elsewhere";
    assert_eq!(of(", namespace: team"), [said]);
}
