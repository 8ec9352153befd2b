//! Flux Kustomizations: what they write into the kustomization that they apply, and paths where nothing is.

use super::{RELEASE, found};

const BASE: &str = "apps/live/release.yaml";

fn release() -> String {
    RELEASE.replace(
        "chart: web, sourceRef: {kind: HelmRepository, name: ours}",
        "chart: charts/web, sourceRef: {kind: GitRepository, name: own}",
    )
}

fn applied(spec: &str, more: &[(&str, &str)]) -> Vec<String> {
    let kustomization = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps, namespace: flux-system}}\nspec:\n  path: ./apps/live\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{spec}"
    );
    let release = release();
    let mut files = vec![("clusters/apps.yaml", kustomization.as_str()), (BASE, release.as_str())];
    files.extend_from_slice(more);
    found(&files)
}

#[test]
fn what_a_kustomization_adds_is_written_into_the_one_of_the_folder() {
    let own = "resources: [release.yaml]\nnamePrefix: a-\npatches:\n- patch: |\n    apiVersion: helm.toolkit.fluxcd.io/v2\n    kind: HelmRelease\n    metadata: {name: web, namespace: shop}\n    spec: {values: {a: 1}}\n";
    let files = [("apps/live/kustomization.yaml", own)];
    // The patch comes before the prefix of the folder's own kustomization, and the namespace takes the place of its own.
    let patch = |name: &str| {
        format!(
            "  targetNamespace: live\n  namePrefix: b-\n  patches:\n  - target: {{kind: HelmRelease, name: {name}}}\n    patch: |\n      - {{op: add, path: /spec/values/b, value: 2}}\n"
        )
    };
    let expected = r#"apps/live production live/b-web values {"a":1,"b":2} set [] images [] manifests 0"#;
    assert_eq!(applied(&patch("web"), &files), [expected]);
    let expected = r#"apps/live production live/b-web values {"a":1} set [] images [] manifests 0"#;
    assert_eq!(applied(&patch("a-web"), &files), [expected]);
}

#[test]
fn components_of_a_kustomization_change_what_it_applies() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches:\n- target: {kind: HelmRelease}\n  patch: |\n    - {op: add, path: /spec/values, value: {c: 3}}\n";
    let files = [("parts/more/kustomization.yaml", component)];
    let spec = "  components: [../../parts/more]\n";
    let expected = r#"apps/live production shop/web values {"c":3} set [] images [] manifests 0"#;
    assert_eq!(applied(spec, &files), [expected]);
    let own = ("apps/live/kustomization.yaml", "resources: [release.yaml]\n");
    assert_eq!(applied(spec, &[files[0], own]), [expected]);
    let plain = "apps/live production shop/web values  set [] images [] manifests 0";
    assert_eq!(applied("  ignoreMissingComponents: true\n  components: [../../parts/gone]\n", &[]), [plain]);
    let said = ["7:16: the component `../../parts/gone` is not in this repository"];
    assert_eq!(applied("  components: [../../parts/gone]\n", &[]), said);
    let said = ["7:16: Flux refuses the component `https://example.org/x`, which is no path from the folder"];
    assert_eq!(applied("  components: ['https://example.org/x']\n", &[]), said);
}

#[test]
fn one_patch_may_be_for_any_file_of_a_folder_without_a_kustomization() {
    let second = release().replace("name: web", "name: second");
    let spec = "  patches:\n  - patch: |\n      apiVersion: helm.toolkit.fluxcd.io/v2\n      kind: HelmRelease\n      metadata: {name: second, namespace: shop}\n      spec: {values: {d: 4}}\n";
    let expected = [
        r#"apps/live/second production shop/second values {"d":4} set [] images [] manifests 0"#,
        "apps/live/web production shop/web values  set [] images [] manifests 0",
    ];
    assert_eq!(applied(spec, &[("apps/live/second.yaml", &second)]), expected);
}

fn lost(source: &str, path: &str, more: &[(&str, &str)]) -> Vec<String> {
    let kustomization = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps, namespace: flux-system}}\nspec:\n  path: {path}\n  sourceRef: {{kind: GitRepository, name: {source}}}\n"
    );
    let release = release();
    let mut files = vec![("clusters/live/apps.yaml", kustomization.as_str()), (BASE, release.as_str())];
    files.extend_from_slice(more);
    let lines = found(&files);
    lines.into_iter().filter(|line| !line.starts_with("apps/live production")).collect()
}

#[test]
fn a_path_where_nothing_is_is_said_where_it_surely_is_of_this_repository() {
    let said = |source: &str| {
        vec![format!("5:9: `path: apps/lve` is not in this repository, which is the GitRepository `{source}`")]
    };
    assert_eq!(lost("flux-system", "./apps/lve", &[]), said("flux-system"));
    assert!(lost("other", "./apps/lve", &[]).is_empty());
    assert!(lost("flux-system", "./apps/${ENV}", &[]).is_empty());
    let repository = |name: &str, url: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: {name}}}\nspec: {{url: '{url}', ref: {{branch: main}}}}\n"
        )
    };
    let own = repository("platform", "ssh://git@github.com/acme/shop");
    assert_eq!(lost("platform", "./apps/lve", &[("sources/own.yaml", &own)]), said("platform"));
    let other = repository("flux-system", "https://github.com/acme/other");
    assert!(lost("flux-system", "./apps/lve", &[("sources/other.yaml", &other)]).is_empty());
    // What applies itself applies this repository, wherever that lies.
    let outer = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all}\nspec: {path: ./clusters/live, sourceRef: {kind: GitRepository, name: mirror}}\n";
    assert_eq!(lost("mirror", "./apps/lve", &[("clusters/live/all.yaml", outer)]), said("mirror"));
    assert_eq!(lost("other", "../../etc", &[]), ["5:9: `path: ../../etc` leads out of the repository"]);
}

/// A ConfigMap of a name in a namespace, with values.
fn map(name: &str, namespace: &str, values: &str) -> String {
    format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: {name}, namespace: {namespace}}}\ndata:\n  values.yaml: '{values}'\n"
    )
}

#[test]
fn variables_are_filled_into_config_maps_of_a_folder_without_a_kustomization() {
    let release = release() + "  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let spec = "  postBuild: {substitute: {TAG: '2.0'}}\n";
    let files =
        [("apps/live/v.yaml", map("v", "shop", "tag: \"${TAG}\"")), ("apps/live/other.yaml", map("o", "shop", "a: 1"))];
    let files: Vec<_> = files.iter().map(|(path, text)| (*path, text.as_str())).collect();
    let expected = r#"apps/live production shop/web values {"tag":"2.0"} set [] images [] manifests 0"#;
    assert_eq!(applied(spec, &[&files[..], &[(BASE, release.as_str())]].concat()), [expected]);
}

#[test]
fn a_release_takes_values_from_so_many_objects_and_no_more() {
    let release = |count| release() + &format!("  valuesFrom: [{}]\n", "{kind: ConfigMap, name: v},".repeat(count));
    let map = map("v", "shop", "a: 1");
    let said = |count| applied("", &[(BASE, &release(count)), ("apps/live/v.yaml", &map)]);
    assert!(said(500)[0].contains(r#"values {"a":1}"#), "{:?}", said(500));
    assert!(said(501)[0].contains("takes values from more than 500 objects"), "{:?}", said(501));
}

#[test]
fn what_variables_hold_is_read_as_yaml_where_it_is_written() {
    let of = |values: &str| {
        let release = release() + &format!("  values: {values}\n");
        let spec = "  postBuild:\n    substitute: {LIST: '[a, \"b:1\"]', MAP: '{tag: latest}', NUM: '3.10', T: 'a: b', Q: \"it's\", D: 'a$b'}\n";
        applied(spec, &[(BASE, &release)])
    };
    let expected =
        |values: &str| [format!("apps/live production shop/web values {values} set [] images [] manifests 0")];
    for (written, read) in [
        ("{list: '${LIST}', map: '${MAP}'}", r#"{"list":["a","b:1"],"map":{"tag":"latest"}}"#),
        (
            "{num: '${NUM}', text: 'v${NUM}', none: '${NONE}', default: '${NONE:?x}'}",
            r#"{"num":3.1,"text":"v3.10","none":null,"default":"x"}"#,
        ),
        // An item may be a mapping where a value cannot.
        ("{items: ['${T}']}", r#"{"items":[{"a":"b"}]}"#),
        // What is written with quotes stays a text, and `$$` is a dollar anywhere.
        ("{quoted: '${NUM} #x', dollar: 'pa$$word'}", r#"{"quoted":"3.10 #x","dollar":"pa$word"}"#),
        ("{'${NUM}': 1}", r#"{"3.1":1}"#),
    ] {
        assert_eq!(of(written), expected(read), "{written}");
    }
    for (written, said) in [
        ("{value: '${T}'}", "`${T}` is no YAML once its variables are filled in"),
        ("{value: '${NUM-x}'}", "`${NUM-x}` is no expression that Flux can fill in"),
    ] {
        assert!(of(written)[0].contains(said), "{:?}", of(written));
    }
}

#[test]
fn a_variable_with_a_name_that_flux_refuses_keeps_it_from_applying_anything() {
    let release = release() + "  values: {tag: '${TAG}'}\n";
    let spec = "  postBuild: {substitute: {TAG: '1', app.tag: '2'}}\n";
    let said = ["7:47: Flux refuses `app.tag` as the name of a variable, and applies nothing"];
    assert_eq!(applied(spec, &[(BASE, &release)]), said);
}

#[test]
fn variables_that_a_patch_of_another_kustomization_asks_for_are_found() {
    let outer = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all, namespace: flux-system}\nspec:\n  path: ./clusters\n  sourceRef: {kind: GitRepository, name: flux-system}\n  patches:\n  - target: {kind: Kustomization}\n    patch: |\n      apiVersion: kustomize.toolkit.fluxcd.io/v1\n      kind: Kustomization\n      metadata: {name: _}\n      spec: {postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}}\n";
    let vars = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {TAG: latest}\n";
    let release = release() + "  values: {tag: '${TAG}'}\n";
    let files = [("root/all.yaml", outer), ("clusters/vars.yaml", vars), (BASE, release.as_str())];
    let expected = r#"apps/live production shop/web values {"tag":"latest"} set [] images [] manifests 0"#;
    assert_eq!(applied("", &files), [expected]);
}

#[test]
fn fields_that_a_version_no_longer_has_are_said() {
    let of = |version: &str| {
        let release = release().replace("helm.toolkit.fluxcd.io/v2", version)
            + "  postRenderers: [{kustomize: {patchesStrategicMerge: [{apiVersion: v1, kind: Pod, metadata: {name: x}}]}}]\n";
        found(&[(BASE, &release)])
    };
    let plain = "apps/live production shop/web values  set [] images [] manifests 0";
    assert_eq!(of("helm.toolkit.fluxcd.io/v2beta2"), [plain]);
    let said = "`helm.toolkit.fluxcd.io/v2` has no field `spec.postRenderers.kustomize.patchesStrategicMerge`";
    assert!(of("helm.toolkit.fluxcd.io/v2")[0].ends_with(said), "{:?}", of("helm.toolkit.fluxcd.io/v2"));
    let both = release() + "  chartRef: {kind: OCIRepository, name: x}\n";
    assert!(
        found(&[(BASE, &both)])[0].ends_with("the API server refuses a HelmRelease with both `chart` and `chartRef`")
    );
}

#[test]
fn of_objects_with_one_name_those_in_the_namespace_count() {
    let two = |kind: &str, spec: &dyn Fn(&str) -> String| {
        ["one", "two"].map(|namespace| {
            format!("---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: {kind}\nmetadata: {{name: s, namespace: {namespace}}}\nspec: {}\n", spec(namespace))
        })
        .concat()
    };
    let release = |namespace: &str, chart: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: web, namespace: {namespace}}}\nspec: {chart}\n"
        )
    };
    let repositories = two("HelmRepository", &|name| format!("{{url: 'https://{name}.example.org'}}"));
    let named = |more: &str| {
        format!("{{chart: {{spec: {{chart: x, version: 1.0.0, sourceRef: {{kind: HelmRepository, name: s{more}}}}}}}}}")
    };
    let of = |sources: &str, release: &str| found(&[("a/sources.yaml", sources), ("a/web.yaml", release)]);
    assert_eq!(
        of(&repositories, &release("two", &named(""))),
        ["elsewhere a/web.yaml https://two.example.org x 1.0.0"]
    );
    assert_eq!(
        of(&repositories, &release("two", &named(", namespace: one"))),
        ["elsewhere a/web.yaml https://one.example.org x 1.0.0"]
    );
    let charts = two("OCIRepository", &|name| format!("{{url: 'oci://ghcr.io/{name}/x', ref: {{tag: 1.0.0}}}}"));
    let reference = |more: &str| format!("{{chartRef: {{kind: OCIRepository, name: s{more}}}}}");
    assert_eq!(of(&charts, &release("one", &reference(""))), ["elsewhere a/web.yaml oci://ghcr.io/one x 1.0.0"]);
    assert_eq!(
        of(&charts, &release("one", &reference(", namespace: two"))),
        ["elsewhere a/web.yaml oci://ghcr.io/two x 1.0.0"]
    );
}

#[test]
fn values_come_from_the_config_map_of_the_own_namespace() {
    let maps = map("v", "other", "a: 1") + "---\n" + &map("v", "shop", "a: 2");
    let release = release() + "  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let expected = r#"apps/live production shop/web values {"a":2} set [] images [] manifests 0"#;
    assert_eq!(found(&[(BASE, &release), ("apps/live/maps.yaml", &maps)]), [expected]);
}

#[test]
fn values_files_count_in_their_order() {
    let of = |files: &str| {
        let release = release().replace("chart: charts/web", &format!("chart: charts/web, {files}"));
        let release = release
            .replace("fluxcd.io/v2", if files.contains("valuesFile:") { "fluxcd.io/v2beta1" } else { "fluxcd.io/v2" });
        let chart =
            [("charts/web/values.yaml", "a: 0\n"), ("charts/web/x.yaml", "a: 1\n"), ("charts/web/y.yaml", "a: 2\n")];
        found(&[&chart[..], &[(BASE, release.as_str())]].concat())
    };
    let expected =
        |values: &str| [format!("apps/live production shop/web values {values} set [] images [] manifests 0")];
    let (own, x, y) = ("charts/web/values.yaml", "charts/web/x.yaml", "charts/web/y.yaml");
    assert_eq!(of(&format!("valuesFiles: [{own}, {x}]")), expected(r#"{"a":1}"#));
    assert_eq!(of(&format!("valuesFiles: [{x}, {own}]")), expected(r#"{"a":1} {"a":0}"#));
    // The older field comes before the newer one.
    assert_eq!(of(&format!("valuesFile: {own}, valuesFiles: [{y}, {x}]")), expected(r#"{"a":2} {"a":1}"#));
    // What they leave out of the chart's own values is not there.
    let release = release().replace("chart: charts/web", &format!("chart: charts/web, valuesFiles: [{x}, {y}]"));
    let files = [("charts/web/values.yaml", "a: 0\nb: 1\n"), (x, "a: 1\nc: 3\n"), (y, "a: 2\n"), (BASE, &release)];
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let all = super::discovered(files).deployments;
    let own = all[0].profile.own_values.as_ref().map(|own| own.to_json().to_string());
    assert_eq!((own.as_deref(), all[0].profile.values.len()), (Some(r#"{"a":2,"c":3}"#), 0));
}

#[test]
fn a_config_map_is_read_as_the_kustomization_leaves_it_that_applies_it() {
    let kustomization = |name: &str, path: &str, post_build: &str| {
        format!(
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec: {{path: ./{path}, sourceRef: {{kind: GitRepository, name: flux-system}}, postBuild: {{{post_build}}}}}\n"
        )
    };
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings, namespace: flux-system}\ndata: {TAG: 'v${MAJOR}'}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n  values: {tag: '${TAG}'}\n";
    let of = |settings: &str| {
        let clusters = kustomization("settings", "settings", settings)
            + &kustomization("apps", "apps", "substituteFrom: [{kind: ConfigMap, name: settings}]");
        found(&[("clusters/live.yaml", &clusters), ("settings/map.yaml", map), ("apps/release.yaml", release)])
    };
    assert_eq!(
        of("substitute: {MAJOR: '7'}"),
        [r#"apps production shop/web values {"tag":"v7"} set [] images [] manifests 0"#]
    );
    let said = of("substituteFrom: [{kind: Secret, name: hidden}]");
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("what the Kustomization `settings` makes of the ConfigMap `settings` is not followed"),
        "{said:?}"
    );
}

/// A release that reads a ConfigMap `v`, and Kustomizations of two clusters, each of which applies `maps/CLUSTER` with something more and the release.
fn read_through(more: &str, files: &[(&str, &str)]) -> Vec<String> {
    let kustomization = |name: &str, path: &str, more: &str| {
        format!(
            "---\napiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n{more}"
        )
    };
    let live = kustomization("maps", "maps/live", more) + &kustomization("apps", "apps/live", "");
    let dev = kustomization("maps", "maps/dev", "");
    let release = release() + "  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let base = map("v", "shop", "{a: 1, b: 1}");
    let mut all = vec![
        ("clusters/live/all.yaml", live.as_str()),
        ("clusters/dev/all.yaml", dev.as_str()),
        (BASE, release.as_str()),
        ("maps/base/v.yaml", base.as_str()),
        ("maps/base/kustomization.yaml", "resources: [v.yaml]\n"),
    ];
    all.extend_from_slice(files);
    found(&all)
}

fn with_values(values: &str) -> [String; 1] {
    [format!("apps/live production shop/web values {values} set [] images [] manifests 0")]
}

#[test]
fn a_config_map_is_read_as_the_overlays_leave_it_that_gather_it() {
    let patch = |b: &str| {
        format!(
            "resources: [../base]\npatches:\n- patch: |\n    apiVersion: v1\n    kind: ConfigMap\n    metadata: {{name: v, namespace: shop}}\n    data: {{values.yaml: 'b: {b}'}}\n"
        )
    };
    let (live, dev) = (patch("2"), patch("3"));
    let overlays = [("maps/live/kustomization.yaml", live.as_str()), ("maps/dev/kustomization.yaml", dev.as_str())];
    // Of the two that apply it the one counts that lies beside what applies the release.
    assert_eq!(read_through("", &overlays), with_values(r#"{"b":2}"#));
    let on_top = "  patches:\n  - target: {kind: ConfigMap}\n    patch: |\n      - {op: replace, path: /data/values.yaml, value: 'b: 4'}\n";
    assert_eq!(read_through(on_top, &overlays), with_values(r#"{"b":4}"#));
    let said = |overlay: &str| {
        let lines = read_through("", &[("maps/live/kustomization.yaml", overlay)]);
        let lines = lines.iter().filter(|line| line.contains("ConfigMap `v`"));
        lines.filter_map(|line| Some(line.split_once("the ")?.1.to_owned())).collect::<String>()
    };
    let gone = "resources: [../base]\npatches: [{target: {kind: ConfigMap}, patch: '{$patch: delete, kind: ConfigMap, metadata: {name: v}}'}]\n";
    assert_eq!(said(gone), "ConfigMap `v` is not in this repository");
    let plugin =
        "resources: [../base]\ntransformers: ['{apiVersion: example.org/v1, kind: Mine, metadata: {name: x}}\n']\n";
    assert!(
        said(plugin).starts_with("Kustomization `maps` makes of the ConfigMap `v` is not followed"),
        "{}",
        said(plugin)
    );
}

#[test]
fn a_config_map_has_the_name_that_its_overlay_gives_it() {
    let base = map("v", "shop", "a: 1");
    let all = |release: &str, overlay: &str| {
        let release = release.replace("name: v}", "name: new-v}");
        found(&[(BASE, &release), ("maps/v.yaml", &base), ("maps/kustomization.yaml", overlay)])
    };
    let release = release() + "  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    assert_eq!(all(&release, "resources: [v.yaml]\nnamePrefix: new-\n"), with_values(r#"{"a":1}"#));
    let said = ["6:16: the ConfigMap `new-v` is not in this repository"];
    assert_eq!(all(&release, "resources: [v.yaml]\n"), said);
    let elsewhere = ["6:16: the ConfigMap `new-v` is in the namespace `other`, and Flux looks for it in `shop`"];
    assert_eq!(all(&release, "resources: [v.yaml]\nnamePrefix: new-\nnamespace: other\n"), elsewhere);
}

#[test]
fn overlays_that_make_different_things_of_a_config_map_are_said() {
    let base = map("v", "shop", "a: 1");
    let overlay = |value: &str| {
        format!(
            "resources: [../base]\nconfigMapGenerator:\n- {{name: v, namespace: shop, behavior: replace, literals: ['values.yaml=a: {value}']}}\n"
        )
    };
    let release = release() + "  valuesFrom: [{kind: ConfigMap, name: v}]\n";
    let of = |left: &str, right: &str| {
        let (left, right) = (overlay(left), overlay(right));
        found(&[
            (BASE, &release),
            ("maps/base/v.yaml", &base),
            ("maps/base/kustomization.yaml", "resources: [v.yaml]\n"),
            ("maps/left/kustomization.yaml", &left),
            ("maps/right/kustomization.yaml", &right),
        ])
    };
    assert_eq!(of("2", "2"), with_values(r#"{"a":2}"#));
    assert_eq!(of("2", "3"), ["6:16: more than one ConfigMap of this repository is named `v`"]);
}

#[test]
fn what_variables_make_ends_within_a_bound() {
    let value = "a".repeat(200_000);
    for written in ["${X%%*a*a*a*z}", "${X//a/${X}}", &"${X}".repeat(10_000)] {
        let release = release() + &format!("  values: {{tag: '{written}'}}\n");
        let spec = format!("  postBuild: {{substitute: {{X: {value}}}}}\n");
        let lines = applied(&spec, &[(BASE, &release)]);
        let is_said = lines[0].ends_with("what is filled in makes more than 4000000 bytes");
        assert!(is_said || written.contains('%'), "{}", &lines[0][..200]);
    }
}

#[test]
fn what_variables_are_read_for_ends_within_a_bound() {
    let release = release() + &format!("  values: {{tag: '{}'}}\n", "${X##*a}".repeat(1_000));
    let spec = format!("  postBuild: {{substitute: {{X: {}}}}}\n", "a".repeat(200_000));
    let lines = applied(&spec, &[(BASE, &release)]);
    assert!(lines[0].contains("variables and patterns of GitOps files take more than"), "{}", lines[0]);
}

/// Kustomizations that apply each other, two on each level: within what is followed.
const LEVELS: usize = 30;

#[test]
fn a_kustomization_that_is_reached_along_many_ways_is_applied_once() {
    let kustomization = |name: &str, path: &str| {
        format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  path: ./{path}\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n"
        )
    };
    let mut files = vec![("cluster/a.yaml".to_owned(), kustomization("first", "l0"))];
    for level in 0..LEVELS {
        let next = if level + 1 == LEVELS { "apps/live".to_owned() } else { format!("l{}", level + 1) };
        for way in ["a", "b"] {
            files.push((format!("l{level}/{way}.yaml"), kustomization(&format!("{way}{level}"), &next)));
        }
    }
    files.push((BASE.to_owned(), release()));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let released = found(&files);
    assert!(released.len() == 2, "each of the two outermost ones applies it: {released:?}");
}

#[test]
fn a_whole_number_for_a_path_stays_one_where_nothing_comes_over_it() {
    let map = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: tag, namespace: shop}\ndata: {tag: '20240101'}\n";
    let of = |values: &str| {
        let from = "  valuesFrom: [{kind: ConfigMap, name: tag, valuesKey: tag, targetPath: image.tag}]\n";
        let release = format!("{}{from}{values}", release());
        found(&[(BASE, &release), ("apps/live/map.yaml", map)])
    };
    let expected = r#"apps/live production shop/web values {"image":{"tag":20240101}} set ["image.tag=20240101"] images [] manifests 0"#;
    assert_eq!(of(""), [expected]);
    let said = of("  values: {image: a}\n");
    assert!(said.len() == 1 && said[0].contains(r#"{"image":"a"} set [] "#), "{said:?}");
}

#[test]
fn the_root_of_the_own_repository_is_applied_as_any_folder_is() {
    let all = |path: &str, source: &str, more: &[(&str, &str)]| {
        let kustomization = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps, namespace: flux-system}}\nspec:\n  sourceRef: {{kind: GitRepository, name: gitops}}\n{path}  patches:\n  - target: {{kind: HelmRelease}}\n    patch: |\n      - {{op: add, path: /spec/values, value: {{a: 1}}}}\n---\n{source}"
        );
        let release = release();
        let files = [("clusters/apps.yaml", kustomization.as_str()), (BASE, release.as_str())];
        found(&[&files, more].concat())
    };
    let source = |url: &str| {
        format!(
            "apiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata: {{name: gitops, namespace: flux-system}}\nspec: {{url: '{url}'}}\n"
        )
    };
    let own = source("ssh://git@github.com/acme/shop.git");
    let patched = [r#"apps/live production shop/web values {"a":1} set [] images [] manifests 0"#];
    for path in ["  path: ./\n", "  path: .\n", "  path: /\n", "  path: ''\n", ""] {
        assert_eq!(all(path, &own, &[]), patched, "{path}");
    }
    let plain = ["apps/live production shop/web values  set [] images [] manifests 0"];
    assert_eq!(all("  path: ./\n", &source("https://github.com/acme/other"), &[]), plain);
    // A source that is not here is this repository where it is taken for that elsewhere, or gathers what names it.
    let said = "5:14: the Kustomization `apps` changes what lies in the root of the GitRepository `gitops`, which may be this repository";
    let lines = all("  path: ./\n", "", &[]);
    assert!(lines.iter().any(|line| line == said), "{lines:?}");
    let other = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: other, namespace: flux-system}\nspec: {path: ./infra, sourceRef: {kind: GitRepository, name: gitops}}\n";
    assert_eq!(all("  path: ./\n", "", &[("clusters/other.yaml", other), ("infra/a.yaml", "a: 1\n")]), patched);
    let gathered = "resources: [clusters/apps.yaml, apps/live/release.yaml]\n";
    let lines = all("  path: ./\n", "", &[("kustomization.yaml", gathered)]);
    assert_eq!(lines, [patched[0].replace("apps/live", ".")]);
}
