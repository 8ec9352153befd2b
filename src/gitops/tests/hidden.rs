//! What is deployed in production stays that, whatever a test or a folder that nobody deploys says of the same files.

use super::found;

const OVERLAY: &str = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: web}]\n";
const CHART: (&str, &str) = ("charts/web/Chart.yaml", "name: web\n");

fn application(name: &str, namespace: &str, source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}}}\nspec:\n  project: default\n  destination: {{namespace: {namespace}}}\n  source: {{repoURL: 'https://github.com/acme/shop', {source}}}\n"
    )
}

fn shown(place: &str) -> String {
    format!("{place} values  set [] images [] manifests 0")
}

#[test]
fn an_application_that_a_kustomization_takes_for_a_patch_is_deployed_all_the_same() {
    let live = application("web", "shop", "path: charts/web");
    let map = ("x/map.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n");
    let component =
        "kind: Component\napiVersion: kustomize.config.k8s.io/v1alpha1\npatches: [{path: apps/live.yaml}]\n";
    for (path, kustomization) in [
        ("x/kustomization.yaml", "resources: [map.yaml]\npatches: [{path: ../apps/live.yaml}]\n"),
        ("x/kustomization.yaml", "resources: [map.yaml]\npatchesStrategicMerge: [../apps/live.yaml]\n"),
        ("x/kustomization.yaml", "resources: [map.yaml]\nreplacements: [{path: ../apps/live.yaml}]\n"),
        ("x/kustomization.yaml", "resources: [map.yaml]\ntransformers: [../apps/live.yaml]\n"),
        ("x/kustomization.yaml", "resources: [map.yaml]\nconfigurations: [../apps/live.yaml]\n"),
        ("kustomization.yaml", component),
    ] {
        let files = [CHART, ("apps/live.yaml", live.as_str()), map, (path, kustomization)];
        assert_eq!(found(&files), [shown("apps production shop/web")], "{kustomization}");
    }
    // Part of an object is none.
    let part = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: charts/web}}\n";
    let kustomization = ("x/kustomization.yaml", "resources: [map.yaml]\npatches: [{path: ../apps/live.yaml}]\n");
    assert!(found(&[("apps/live.yaml", part), map, kustomization]).is_empty());
}

#[test]
fn a_test_that_gathers_a_file_of_another_folder_does_not_take_it_away() {
    let live = application("web", "shop", "path: charts/web");
    let over = ("apps/dev/kustomization.yaml", "resources: [../live.yaml]\n");
    let files = [CHART, ("apps/live.yaml", live.as_str()), over];
    assert_eq!(found(&files), [shown("apps production shop/web"), shown("apps/dev test shop/web")]);
}

#[test]
fn an_overlay_stays_what_it_is_where_only_a_test_or_another_repository_changes_it() {
    let live = application("web", "shop", "path: live");
    let test = application("web-dev", "dev", "path: live, kustomize: {images: ['nginx=nginx:2']}");
    let changed = "previews test -/web values  set [] images [\"nginx\"] manifests 0".to_owned();
    let files = [CHART, ("live/kustomization.yaml", OVERLAY), ("previews/dev.yaml", &test), ("argo/live.yaml", &live)];
    assert_eq!(found(&files), [shown("live production -/web"), changed.clone()]);
    // Where the test is all that deploys it, it is one.
    assert_eq!(found(&files[..3]), std::slice::from_ref(&changed));
    let named = test.replace("path: live", "path: prod");
    let files = [CHART, ("prod/kustomization.yaml", OVERLAY), ("previews/dev.yaml", &named)];
    assert_eq!(found(&files), [changed, shown("prod production -/web")]);
    let other = application("other", "shop", "path: live, kustomize: {images: ['nginx=nginx:2']}");
    let other = other.replace("acme/shop", "elsewhere/thing");
    let files = [CHART, ("live/kustomization.yaml", OVERLAY), ("argo/other.yaml", &other)];
    let copied = "argo production -/web values  set [] images [\"nginx\"] manifests 0".to_owned();
    assert_eq!(found(&files), [copied, shown("live production -/web")]);
}

#[test]
fn an_overlay_that_only_tests_deploy_is_one() {
    let test = application("web-dev", "dev", "path: live");
    let files = [CHART, ("live/kustomization.yaml", OVERLAY), ("argo/dev.yaml", &test)];
    assert_eq!(found(&files), [shown("live test -/web")]);
    let live = application("web", "shop", "path: live");
    let files = [files[0], files[1], files[2], ("argo/live.yaml", &live)];
    assert_eq!(found(&files), [shown("live production -/web")]);
}

#[test]
fn what_is_called_production_gives_way_to_production_alone() {
    let values = ("envs/prod/web.yaml", "image: {}\n");
    let chart = ("charts/web/values.yaml", "image: {}\n");
    let test = application("web-dev", "dev", "path: charts/web");
    let named = r#"envs/prod/web production -/- values {"image":{}} set [] images [] manifests 0"#.to_owned();
    let files = [CHART, chart, values, ("argo/web.yaml", &test)];
    assert_eq!(found(&files), [shown("argo test dev/web-dev"), named]);
    let live = application("web", "shop", "path: charts/web");
    let files = [CHART, chart, values, ("argo/web.yaml", &live)];
    assert_eq!(found(&files), [shown("argo production shop/web")]);
    let over = ("dev/kustomization.yaml", "resources: [../prod]\n");
    let files = [CHART, ("prod/kustomization.yaml", OVERLAY), over];
    assert_eq!(found(&files), [shown("dev test -/web"), shown("prod production -/web")]);
    let over = ("live/kustomization.yaml", "resources: [../prod]\n");
    let files = [CHART, ("prod/kustomization.yaml", OVERLAY), over];
    assert_eq!(found(&files), [shown("live production -/web")]);
}

#[test]
fn a_base_of_applications_that_is_deployed_by_itself_counts_beside_its_overlays() {
    let child = application("web", "shop", "path: charts/web");
    let roots = [application("root", "argocd", "path: apps/base"), application("root-dev", "argocd", "path: apps/dev")];
    let files = [
        CHART,
        ("apps/base/web.yaml", child.as_str()),
        ("apps/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("apps/dev/kustomization.yaml", "resources: [../base]\n"),
        ("root-dev.yaml", &roots[1]),
        ("root.yaml", &roots[0]),
    ];
    assert_eq!(found(&files), [shown("apps/base production shop/web"), shown("apps/dev test shop/web")]);
    assert_eq!(found(&files[..5]), [shown("apps/dev test shop/web")]);
}

#[test]
fn options_over_an_overlay_of_applications_are_said_wherever_those_lie() {
    let child = application("web", "shop", "path: charts/web");
    let patched = "path: apps/live, kustomize: {patches: [{target: {kind: Application}, patch: '[]'}]}";
    let root = application("root", "argocd", patched);
    let files = [
        CHART,
        ("apps/base/web.yaml", child.as_str()),
        ("apps/base/kustomization.yaml", "resources: [web.yaml]\n"),
        ("apps/live/kustomization.yaml", "resources: [../base]\n"),
        ("root.yaml", &root),
    ];
    let said = found(&files);
    assert!(said.len() == 2 && said[1].contains("may change the deployments that lie in `apps/live`"), "{said:?}");
}
