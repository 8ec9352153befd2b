//! Applications that charts make, level by level.

use super::{found, in_charts};
use crate::text::Sources;

fn application(name: &str, path: &str, helm: &str) -> String {
    format!(
        "---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  destination: {{namespace: shop}}\n  source:\n    path: {path}\n    helm: {helm}\n"
    )
}

/// A platform of three levels, whose charts lie in the order of their `names`.
fn platform(names: [&str; 3], root: Option<&str>) -> Vec<String> {
    platform_of(names, &root.map(|root| ("root.yaml", root.to_owned())).into_iter().collect::<Vec<_>>())
}

fn platform_of(names: [&str; 3], roots: &[(&str, String)]) -> Vec<String> {
    let [first, second, third] = names;
    let one = application("two", second, "{values: '{envs: {{ toJson .Values.envs }}}'}");
    let two = "{{- range .Values.envs }}\n".to_owned()
        + &application("web-{{ . }}", third, r#"{parameters: [{name: tag, value: "{{ . }}-1"}]}"#)
        + "{{- end }}\n";
    let three = application("{{ .Release.Name }}-leaf", "charts/web", r#"{values: 'tag: "{{ .Values.tag }}"'}"#);
    let mut files = vec![("charts/web/Chart.yaml".to_owned(), "name: web\nversion: 1.0.0\n".to_owned())];
    for (folder, template, values) in
        [(first, one, "envs: [a]\n"), (second, two, "envs: []\n"), (third, three, "tag: none\n")]
    {
        let chart = format!("apiVersion: v2\nname: {folder}\nversion: 1.0.0\n");
        files.push((format!("{folder}/Chart.yaml"), chart));
        files.push((format!("{folder}/values.yaml"), values.to_owned()));
        files.push((format!("{folder}/templates/a.yaml"), template));
    }
    files.extend(roots.iter().map(|(path, root)| ((*path).to_owned(), root.clone())));
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    found(&files)
}

fn leaf(folder: &str, env: &str) -> String {
    format!(
        r#"{folder}/web-{env}-leaf production shop/web-{env}-leaf values {{"tag":"{env}-1"}} set [] images [] manifests 0"#
    )
}

#[test]
fn every_level_is_rendered_as_the_level_above_deploys_it_and_not_otherwise() {
    let root = application("root", "l1", "{values: '{envs: [x, z]}'}");
    assert_eq!(platform(["l1", "l2", "l3"], Some(&root)), [leaf("l3", "x"), leaf("l3", "z")]);
    let root = application("root", "l3", "{values: '{envs: [x, z]}'}");
    assert_eq!(platform(["l3", "l2", "l1"], Some(&root)), [leaf("l1", "x"), leaf("l1", "z")]);
}

#[test]
fn a_chart_that_nothing_deploys_is_rendered_as_it_stands_before_those_that_it_deploys() {
    let only = |folder: &str| {
        vec![format!(r#"{folder} production shop/web-a-leaf values {{"tag":"a-1"}} set [] images [] manifests 0"#)]
    };
    assert_eq!(platform(["l1", "l2", "l3"], None), only("l3"));
    assert_eq!(platform(["l3", "l2", "l1"], None), only("l1"));
}

fn circle(name: &str) -> Vec<String> {
    let back = application(name, "apps", "{}") + &application("{{ .Release.Name }}-leaf", "charts/web", "{}");
    found(&[
        ("charts/web/Chart.yaml", "name: web\n"),
        ("apps/Chart.yaml", "apiVersion: v2\nname: apps\nversion: 1.0.0\n"),
        ("apps/templates/a.yaml", &back),
        ("root.yaml", &application("root", "apps", "{}")),
    ])
}

#[test]
fn a_chart_that_deploys_itself_under_ever_new_names_is_said() {
    let line = |release: &str| format!("apps/{release} production shop/{release} values  set [] images [] manifests 0");
    // One that keeps its own Application up goes round once.
    assert_eq!(circle("root"), ["apps production shop/root-leaf values  set [] images [] manifests 0"]);
    assert_eq!(circle("other"), [line("other-leaf"), line("root-leaf")]);
    let lines = circle("{{ .Release.Name }}-x");
    let said = "6:1: charts make deployments of charts in a circle, more than 8 levels deep, or more than 5000 objects";
    assert!(lines.iter().any(|line| line.ends_with(&said[5..])), "{lines:?}");
}

#[test]
fn what_is_for_testing_at_the_top_is_so_at_every_level() {
    let (live, dev) = ("{values: '{envs: [x]}'}", "{values: '{envs: [z]}'}");
    let roots = application("root", "l1", live);
    let lines = platform_of(
        ["l1", "l2", "l3"],
        &[("clusters/live/root.yaml", roots), ("clusters/dev/root.yaml", application("root", "l1", dev))],
    );
    let said: Vec<&str> = lines.iter().map(|line| line.split(" values").next().unwrap_or("")).collect();
    assert_eq!(said, ["l3/web-x-leaf production shop/web-x-leaf", "l3/web-z-leaf test shop/web-z-leaf"]);
}

#[test]
fn what_a_kustomization_of_a_chart_applies_is_deployed_once_as_that_leaves_it() {
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild: {substitute: {TAG: \"{{ .Values.tag }}\"}}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n  values: {tag: '${TAG:=latest}'}\n";
    let boot = [
        ("boot/Chart.yaml", "apiVersion: v2\nname: boot\nversion: 1.0.0\n"),
        ("boot/values.yaml", "tag: v7\n"),
        ("boot/templates/apps.yaml", kustomization),
        ("apps/release.yaml", release),
    ];
    let once = r#"apps production shop/web values {"tag":"v7"} set [] images [] manifests 0"#;
    assert_eq!(found(&boot), [once]);
    // A release that another chart makes takes its source from what is written.
    let made = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: cache, namespace: shop}\nspec: {chart: {spec: {chart: redis, version: 1.0.0, sourceRef: {kind: HelmRepository, name: charts}}}}\n";
    let repository = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts, namespace: shop}\nspec: {url: https://charts.example.org}\n";
    let named = [boot[0], boot[1], ("boot/templates/cache.yaml", made), ("sources/charts.yaml", repository)];
    assert_eq!(found(&named), ["elsewhere boot/Chart.yaml https://charts.example.org redis 1.0.0"]);
}

#[test]
fn a_release_that_a_chart_makes_finds_the_config_maps_beside_it() {
    let made = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n  valuesFrom: [{kind: ConfigMap, name: v}]\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: v, namespace: shop}\ndata:\n  values.yaml: |\n    tag: {{ .Values.tag }}\n";
    let boot = [
        ("boot/Chart.yaml", "apiVersion: v2\nname: boot\nversion: 1.0.0\n"),
        ("boot/values.yaml", "tag: v7\n"),
        ("boot/templates/web.yaml", made),
    ];
    assert_eq!(found(&boot), [r#"boot production shop/web values {"tag":"v7"} set [] images [] manifests 0"#]);
}

#[test]
fn what_overlays_have_in_common_and_cannot_be_built_is_said_once() {
    let base = "resources: [release.yaml]\npatches: [{target: {kind: HelmRelease, name: gone}, patch: '[{op: remove, path: /spec/values/a}]'}, {patch: '{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: other}}'}]\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec: {chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}}\n";
    let overlay = "resources: [../base]\n";
    let said = found(&[
        ("apps/base/kustomization.yaml", base),
        ("apps/base/release.yaml", release),
        ("apps/eu/kustomization.yaml", overlay),
        ("apps/us/kustomization.yaml", overlay),
    ]);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(said[0].starts_with("2:"), "{said:?}");
}

#[test]
fn many_charts_that_nothing_deploys_are_no_circle() {
    let names: Vec<String> = (0..12).map(|number| format!("app{number:02}")).collect();
    let mut files = vec![("charts/web/Chart.yaml".to_owned(), "name: web\n".to_owned())];
    for name in &names {
        files.push((format!("{name}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n")));
        files.push((format!("{name}/templates/a.yaml"), application(name, "charts/web", "{}")));
    }
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let line = |name: &String| format!("{name} production shop/{name} values  set [] images [] manifests 0");
    assert_eq!(found(&files), names.iter().map(line).collect::<Vec<_>>());
}

#[test]
fn what_a_chart_makes_of_itself_without_end_is_not_judged() {
    let each =
        application("a{{ . }}-{{ $.Release.Name | trunc 20 }}", "apps", "{values: 'a: {{ . }}{{ $.Values.a }}'}");
    let template = format!("{{{{ range until 20 }}}}\n{each}{{{{ end }}}}\n");
    let files = [
        ("apps/Chart.yaml", "apiVersion: v2\nname: apps\nversion: 1.0.0\n"),
        ("apps/templates/a.yaml", template.as_str()),
    ];
    let sources = Sources::new();
    let files = files.map(|(path, text)| (path.to_owned(), text.to_owned()));
    let found = in_charts(files.into_iter().collect(), &["apps"], &sources);
    assert_eq!(found.deployments.len(), 20 + 400);
    // The last level is what nobody knows the end of.
    assert_eq!(found.deployments.iter().filter(|each| each.problems.is_empty()).count(), 20);
    assert_eq!(found.unresolved.len(), 1);
}

#[test]
fn a_parent_may_fill_in_the_group_of_what_it_makes() {
    let templated =
        application("web", "charts/web", "{}").replace("argoproj.io/v1alpha1", "{{ .Values.group }}/v1alpha1");
    let files = [
        ("charts/web/Chart.yaml", "name: web\n"),
        ("apps/Chart.yaml", "apiVersion: v2\nname: apps\nversion: 1.0.0\n"),
        ("apps/values.yaml", "group: argoproj.io\n"),
        ("apps/templates/a.yaml", &templated),
    ];
    assert_eq!(found(&files), ["apps production shop/web values  set [] images [] manifests 0"]);
}

#[test]
fn a_parent_that_asks_for_values_is_listed() {
    let asking = application("web", "charts/web", "{values: 'a: {{ required \"tag is needed\" .Values.tag }}'}");
    let files = [
        ("charts/web/Chart.yaml", "name: web\n"),
        ("charts/apps/Chart.yaml", "apiVersion: v2\nname: apps\nversion: 1.0.0\n"),
        ("charts/apps/templates/a.yaml", asking.as_str()),
    ];
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let found = super::in_charts(files, &["charts/web", "charts/apps"], &crate::text::Sources::new());
    let listed: Vec<_> = found.passed_over.iter().map(|each| (each.path.as_str(), each.reason.as_str())).collect();
    let reason = "`charts/apps`, which makes deployments, does not render: execution error at (apps/templates/a.yaml:9:26): tag is needed";
    assert_eq!(listed, [("charts/apps/templates/a.yaml", reason)]);
}
