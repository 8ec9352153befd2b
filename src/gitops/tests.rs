//! Small repositories, each with one way of deploying a chart.

use std::collections::BTreeMap;

use super::*;
use crate::profile::TEST_WORDS;
use crate::source::{Entry, Error};
use crate::text::Address;

/// Files in memory.
#[derive(Debug)]
struct Files(BTreeMap<String, String>);

impl Tree for Files {
    fn list(&self, _: &str) -> Result<Vec<Entry>, Error> {
        Ok(vec![])
    }

    fn read(&self, path: &str, _: u64) -> Result<Vec<u8>, Error> {
        self.0.get(path).map(|text| text.clone().into_bytes()).ok_or_else(|| Error::NotFound { path: path.to_owned() })
    }

    fn address(&self, _: &str) -> Address {
        Address::Rendered
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Each deployment and each unresolved place in a line; the chart is always `web` in `charts/web`.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let tree = Files(files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect());
    let sources = Sources::new();
    let paths: Vec<String> = tree.0.keys().cloned().collect();
    let charts = BTreeMap::from([("charts/web".to_owned(), "web".to_owned())]);
    let search = Search {
        tree: &tree,
        paths: &paths,
        charts: &charts,
        published: &["oci://ghcr.io/example/charts".to_owned()],
        test_words: &TEST_WORDS.map(str::to_owned),
        sources: &sources,
        kustomize: true,
        argocd: true,
        flux: true,
    };
    let discovered = discover(&search);
    let mut lines: Vec<String> = discovered.deployments.iter().map(|deployment| shown(&deployment.profile)).collect();
    lines.extend(discovered.unresolved.iter().map(|each| format!("{}: {}", sources.start(each.at), each.message)));
    lines
}

fn shown(profile: &Profile) -> String {
    let values: Vec<String> = profile.values.iter().map(|root| root.to_json().to_string()).collect();
    let set: Vec<&str> = profile.set.iter().map(|setting| setting.expression.as_str()).collect();
    let images: Vec<&str> = profile.image_overrides.iter().map(|image| image.name.as_str()).collect();
    format!(
        "{} {} {}/{} values {} set {set:?} images {images:?} manifests {}",
        profile.name,
        if profile.production { "production" } else { "test" },
        profile.namespace.as_deref().unwrap_or("-"),
        profile.release.as_deref().unwrap_or("-"),
        values.join(" "),
        profile.manifests.len(),
    )
}

#[test]
fn a_kustomization_inflates_a_local_chart_with_values_of_its_own() {
    let kustomization = "namespace: shop\nresources: [extra.yaml]\nhelmGlobals: {chartHome: ../../charts}\nhelmCharts:\n- name: web\n  releaseName: shop\n  valuesFile: v.yaml\n  additionalValuesFiles: [w.yaml]\n  valuesInline: {c: 3}\nimages:\n- {name: nginx, newTag: '1'}\n";
    let files = [
        ("apps/web/kustomization.yaml", kustomization),
        ("apps/web/extra.yaml", "kind: ConfigMap\n---\nkind: Secret\n"),
        ("apps/web/v.yaml", "a: 1\n"),
        ("apps/web/w.yaml", "b: 2\n"),
    ];
    let expected =
        r#"apps/web production shop/shop values {"a":1} {"b":2} {"c":3} set [] images ["nginx"] manifests 2"#;
    assert_eq!(found(&files), [expected]);
}

#[test]
fn an_overlay_is_the_deployment_and_its_base_is_not() {
    let files = [
        ("apps/base/kustomization.yaml", "helmGlobals: {chartHome: ../../charts}\nhelmCharts: [{name: web}]\n"),
        ("apps/staging/kustomization.yaml", "resources: [../base]\nnamespace: shop\n"),
        (
            "apps/live/kustomization.yaml",
            "resources: [../base]\nnamespace: shop\nimages: [{name: a, digest: 'sha256:1'}]\n",
        ),
    ];
    let expected = [
        r#"apps/live production shop/web values  set [] images ["a"] manifests 0"#,
        "apps/staging test shop/web values  set [] images [] manifests 0",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_chart_of_the_same_name_from_elsewhere_is_another_chart() {
    let ours = "helmCharts: [{name: web, repo: 'oci://ghcr.io/example/charts'}]\n";
    let theirs = "helmCharts: [{name: web, repo: 'https://charts.example.org'}]\n";
    let files = [("a/kustomization.yaml", ours), ("b/kustomization.yaml", theirs)];
    assert_eq!(found(&files), ["a production -/web values  set [] images [] manifests 0"]);
}

#[test]
fn a_values_file_that_is_not_there_is_said() {
    let kustomization = "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  valuesFile: gone.yaml\n";
    let lines = found(&[("a/kustomization.yaml", kustomization)]);
    assert_eq!(lines[1..], ["4:15: `a/gone.yaml` does not exist"]);
}

#[test]
fn an_application_lays_files_values_and_parameters_over_each_other() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  sources:\n  - path: charts/web\n    helm:\n      valueFiles: [values-a.yaml, $here/envs/live.yaml, missing.yaml]\n      values: |\n        c: 3\n      parameters: [{name: image.tag, value: 'a,b'}]\n  - {repoURL: 'https://example.com/repo', ref: here}\n";
    let files =
        [("clusters/web.yaml", application), ("charts/web/values-a.yaml", "a: 1\n"), ("envs/live.yaml", "b: 2\n")];
    let expected = [
        r#"clusters production shop/web values {"a":1} {"b":2} {"c":3} set ["image.tag=a\\,b"] images [] manifests 0"#,
        "9:57: `charts/web/missing.yaml` does not exist",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn an_application_set_is_followed_where_it_needs_no_cluster() {
    let template = "  template:\n    metadata: {name: 'web-{{ .env }}'}\n    spec:\n      destination: {namespace: 'shop-{{ .env }}'}\n      source: {path: charts/web, helm: {valueFiles: ['../../envs/{{ .env }}.yaml']}}\n";
    let head = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n";
    let list = format!("{head}  - list: {{elements: [{{env: live}}, {{env: dev}}]}}\n  - clusters: {{}}\n{template}");
    let files = [("sets/web.yaml", list.as_str()), ("envs/live.yaml", "a: 1\n"), ("envs/dev.yaml", "a: 2\n")];
    let expected = [
        r#"sets/web-dev test shop-dev/web-dev values {"a":2} set [] images [] manifests 0"#,
        r#"sets/web-live production shop-live/web-live values {"a":1} set [] images [] manifests 0"#,
        "6:5: the `clusters` generator needs a cluster or the network",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_git_generator_gives_folders_and_files() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  generators:\n  - git:\n      directories: [{path: envs/*}, {path: envs/old, exclude: true}]\n  template:\n    metadata: {name: '{{path.basename}}'}\n    spec:\n      source: {path: charts/web, helm: {valueFiles: ['/{{path}}/values.yaml']}}\n";
    let files = [("set.yaml", set), ("envs/live/values.yaml", "a: 1\n"), ("envs/old/values.yaml", "a: 0\n")];
    assert_eq!(found(&files), [r#". production -/live values {"a":1} set [] images [] manifests 0"#]);
}

const RELEASE: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n  chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: ours}}}\n";
const REPOSITORY: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: ours}\nspec: {type: oci, url: 'oci://ghcr.io/example/charts'}\n";

#[test]
fn a_helm_release_deploys_the_chart_that_its_repository_has() {
    let release = format!(
        "{RELEASE}  targetNamespace: live\n  values: {{b: 2}}\n  postRenderers: [{{kustomize: {{images: [{{name: nginx, newTag: '1'}}]}}}}]\n"
    );
    let files = [("clusters/web.yaml", release.as_str()), ("sources/ours.yaml", REPOSITORY)];
    let expected = r#"clusters production live/live-web values {"b":2} set [] images ["nginx"] manifests 0"#;
    assert_eq!(found(&files), [expected]);
}

#[test]
fn a_helm_release_names_a_path_of_this_repository_or_an_oci_repository() {
    let from_git = RELEASE.replace(
        "chart: web, sourceRef: {kind: HelmRepository",
        "chart: ./charts/web, sourceRef: {kind: GitRepository",
    );
    let from_oci = RELEASE.replace(
        "chart: {spec: {chart: web, sourceRef: {kind: HelmRepository, name: ours}}}",
        "chartRef: {kind: OCIRepository, name: web}\n  releaseName: x",
    );
    let oci = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: OCIRepository\nmetadata: {name: web}\nspec: {url: 'oci://ghcr.io/example/charts/web'}\n";
    let files = [("a/web.yaml", from_git.as_str()), ("staging/web.yaml", from_oci.as_str()), ("s.yaml", oci)];
    let expected = [
        "a production shop/web values  set [] images [] manifests 0",
        "staging test shop/x values  set [] images [] manifests 0",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn values_of_config_maps_are_read_and_those_of_secrets_are_said_to_be_elsewhere() {
    let release = format!(
        "{RELEASE}  valuesFrom:\n  - {{kind: ConfigMap, name: base}}\n  - {{kind: ConfigMap, name: made, valuesKey: v.yaml}}\n  - {{kind: ConfigMap, name: tag, valuesKey: tag, targetPath: image.tag}}\n  - {{kind: Secret, name: keys}}\n  values: {{c: 3}}\n"
    );
    let maps = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata:\n  values.yaml: |\n    a: 1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: tag}\ndata: {tag: '1.2,3'}\n";
    let kustomization =
        "resources: [web.yaml, maps.yaml]\nconfigMapGenerator: [{name: made, files: [v.yaml=values-b.yaml]}]\n";
    let files = [
        ("a/web.yaml", release.as_str()),
        ("a/maps.yaml", maps),
        ("a/kustomization.yaml", kustomization),
        ("a/values-b.yaml", "b: 2\n"),
        ("ours.yaml", REPOSITORY),
    ];
    let expected = [
        r#"a production shop/web values {"a":1} {"b":2} {"c":3} set ["image.tag=1.2\\,3"] images [] manifests 0"#,
        "10:5: the values of the Secret `keys` are not in this repository",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn an_overlay_that_patches_a_helm_release_is_the_deployment() {
    let patch = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {values: {replicas: 3, image: {tag: live}}}\n";
    let base = format!("{RELEASE}  values: {{replicas: 1}}\n");
    let files = [
        ("apps/base/kustomization.yaml", "resources: [release.yaml]\n"),
        ("apps/base/release.yaml", base.as_str()),
        (
            "apps/live/kustomization.yaml",
            "resources: [../base]\npatches: [{path: p.yaml, target: {kind: HelmRelease}}]\n",
        ),
        ("apps/live/p.yaml", patch),
        ("apps/staging/kustomization.yaml", "resources: [../base]\nnamespace: stage\n"),
        ("ours.yaml", REPOSITORY),
    ];
    let expected = [
        r#"apps/live production shop/web values {"replicas":3,"image":{"tag":"live"}} set [] images [] manifests 0"#,
        r#"apps/staging test stage/web values {"replicas":1} set [] images [] manifests 0"#,
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_release_of_a_repository_that_is_not_here_may_be_of_the_chart() {
    let lines = found(&[("a/web.yaml", RELEASE)]);
    assert_eq!(lines, ["5:41: the HelmRepository `ours` is not in this repository"]);
}

#[test]
fn remote_resources_and_patches_that_are_not_followed_are_said() {
    let kustomization = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\nresources: ['https://example.com/x.yaml']\npatches:\n- patch: |\n    - {op: replace, path: /spec/image, value: x}\n- patch: |\n    kind: Deployment\n    metadata: {name: web}\n    spec: {template: {spec: {containers: [{name: web, image: 'nginx:2'}]}}}\n";
    let json = "- target: {kind: Deployment, name: web}\n  patch: |\n    - {op: replace, path: /spec/template/spec/containers/0/image, value: 'nginx:3'}\n";
    let lines = found(&[("a/kustomization.yaml", &format!("{kustomization}{json}"))]);
    let expected = [
        "3:13: `https://example.com/x.yaml` is not in this repository",
        "5:3: a patch changes images in a way that is not followed",
    ];
    assert_eq!(lines[1..], expected);
}
