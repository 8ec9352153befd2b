//! What deployments rest on: the files that `--files` knows, and the layers that an image's tag and digest come from.

use serde_json::Value;

use crate::cli::program;
use crate::git_repo::Repo;

const DIGEST: &str = "sha256:1111111111111111111111111111111111111111111111111111111111111111";
const TEMPLATE: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - name: web\n      image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}'\n";
const RELEASE: &str =
    "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web, namespace: shop}\nspec:\n";
const SOURCE: &str = "  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}}\n";

/// A repository with one chart, whose own values have a digest or none.
fn repo(digest: &str, files: &[(&str, String)]) -> Repo {
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write(
        "charts/web/values.yaml",
        format!("image:\n  repository: ghcr.io/acme/web\n  tag: '1.0.0'\n  digest: '{digest}'\n"),
    );
    repo.write("charts/web/templates/pod.yaml", TEMPLATE);
    for (path, text) in files {
        repo.write(path, text);
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    repo
}

fn report(repo: &Repo, arguments: &[&str]) -> Value {
    let mut command = program();
    command.current_dir(repo.root()).args(["check", "--offline", "--format", "json"]).args(arguments);
    let output = command.output().expect("the program starts");
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
}

/// Each finding of a rule as its place.
fn places(report: &Value, rule: &str) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    let of_rule = findings.filter(|each| each["rule"] == rule);
    of_rule
        .map(|each| format!("{}:{}:{}", each["path"].as_str().unwrap_or("-"), each["line"], each["column"]))
        .collect()
}

fn inherited(digest: &str, files: &[(&str, String)]) -> Vec<String> {
    places(&report(&repo(digest, files), &[]), "image-digest-inherited")
}

fn application(helm: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: shop}}\n  source: {{repoURL: x, path: charts/web, helm: {{{helm}}}}}\n"
    )
}

#[test]
fn a_digest_laid_over_a_tag_is_not_inherited() {
    let base = format!("{RELEASE}{SOURCE}  values: {{image: {{tag: '2.0.0'}}}}\n");
    let merge = format!("{RELEASE}  values: {{image: {{digest: '{DIGEST}'}}}}\n");
    let operation = format!("[{{op: add, path: /spec/values/image/digest, value: '{DIGEST}'}}]");
    let overlays = [
        "resources: [../base]\npatches: [{path: p.yaml}]\n".to_owned(),
        format!("resources: [../base]\npatches: [{{target: {{kind: HelmRelease}}, patch: \"{operation}\"}}]\n"),
    ];
    for overlay in overlays {
        let files = [
            ("base/release.yaml", base.clone()),
            ("base/kustomization.yaml", "resources: [release.yaml]\n".to_owned()),
            ("live/kustomization.yaml", overlay.clone()),
            ("live/p.yaml", merge.clone()),
        ];
        assert!(inherited("", &files).is_empty(), "{overlay}");
    }
    let applied = format!(
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps, namespace: flux-system}}\nspec:\n  path: ./apps\n  sourceRef: {{kind: GitRepository, name: flux-system}}\n  patches: [{{target: {{kind: HelmRelease}}, patch: \"{operation}\"}}]\n"
    );
    assert!(inherited("", &[("apps/release.yaml", base), ("flux/apps.yaml", applied)]).is_empty());
    let inline = format!(
        "helmGlobals: {{chartHome: ../charts}}\nhelmCharts: [{{name: web, valuesFile: v.yaml, valuesInline: {{image: {{digest: '{DIGEST}'}}}}}}]\n"
    );
    let files = [("over/kustomization.yaml", inline), ("over/v.yaml", "image: {tag: '2.0.0'}\n".to_owned())];
    assert!(inherited("", &files).is_empty());
}

#[test]
fn a_tag_laid_over_a_digest_is_inherited_wherever_it_is_set() {
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  goTemplate: true\n  generators: [{list: {elements: [{tag: '2.0.0'}]}}]\n  template:\n    metadata: {name: web}\n    spec:\n      destination: {namespace: shop}\n      source: {repoURL: x, path: charts/web, helm: {parameters: [{name: image.tag, value: '{{.tag}}'}]}}\n";
    let parent = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {destination: {namespace: shop}, source: {repoURL: x, path: charts/web, helm: {valuesObject: {image: {tag: {{ .Values.tag | quote }}}}}}}\n";
    let patched = format!("{RELEASE}{SOURCE}  values: {{image: {{tag: '1.5.0', digest: '{DIGEST}'}}}}\n");
    let patch = format!("{RELEASE}  values: {{image: {{tag: '2.0.0'}}}}\n");
    let cases: Vec<(&str, Vec<(&str, String)>)> = vec![
        ("argo/web.yaml:6:87", vec![("argo/web.yaml", application("parameters: [{name: image.tag, value: '2.0.0'}]"))]),
        (
            "argo/web.yaml:6:66",
            vec![
                ("argo/web.yaml", application("fileParameters: [{name: image.tag, path: ../../tag.txt}]")),
                ("tag.txt", "2.0.0".to_owned()),
            ],
        ),
        (
            "helmfile.yaml:1:74",
            vec![(
                "helmfile.yaml",
                "releases: [{name: w, chart: ./charts/web, set: [{name: image.tag, value: '2.0.0'}]}]\n".to_owned(),
            )],
        ),
        ("sets/web.yaml:6:41", vec![("sets/web.yaml", set.to_owned())]),
        (
            "parent/values.yaml:1:6",
            vec![
                ("parent/Chart.yaml", "apiVersion: v2\nname: parent\nversion: 1.0.0\n".to_owned()),
                ("parent/values.yaml", "tag: '2.0.0'\n".to_owned()),
                ("parent/templates/web.yaml", parent.to_owned()),
            ],
        ),
        (
            "live/p.yaml:5:25",
            vec![
                ("base/release.yaml", patched),
                ("base/kustomization.yaml", "resources: [release.yaml]\n".to_owned()),
                ("live/kustomization.yaml", "resources: [../base]\npatches: [{path: p.yaml}]\n".to_owned()),
                ("live/p.yaml", patch),
            ],
        ),
    ];
    for (expected, files) in cases {
        assert_eq!(inherited(DIGEST, &files), [expected]);
    }
}

#[test]
fn every_file_that_a_deployment_rests_on_is_known_to_files() {
    let applied = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild: {substituteFrom: [{kind: ConfigMap, name: vars}]}\n";
    let vars =
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: vars, namespace: flux-system}\ndata: {TAG: '1.0.0'}\n";
    let chart = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmChart\nmetadata: {name: web, namespace: shop}\nspec: {chart: charts/web, sourceRef: {kind: GitRepository, name: own}}\n";
    let release =
        format!("{RELEASE}  chartRef: {{kind: HelmChart, name: web}}\n  values: {{image: {{tag: '${{TAG}}'}}}}\n");
    let set = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {name: s}\nspec:\n  goTemplate: true\n  generators: [{git: {repoURL: x, revision: HEAD, files: [{path: 'envs/*/config.json'}]}}]\n  template:\n    metadata: {name: '{{.name}}'}\n    spec:\n      destination: {namespace: shop}\n      source: {repoURL: x, path: charts/web, helm: {valuesObject: {image: {tag: '{{.tag}}'}}}}\n";
    let overlay = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\nreplacements: [{path: repl.yaml}]\nconfigMapGenerator: [{name: vers, envs: [vers.env]}]\n";
    let replacement = "source: {kind: ConfigMap, name: vers, fieldPath: data.img}\ntargets: [{select: {kind: Pod}, fieldPaths: [spec.containers.0.image]}]\n";
    let files = [
        ("flux/apps.yaml", applied.to_owned()),
        ("flux/vars.yaml", vars.to_owned()),
        ("apps/chart.yaml", chart.to_owned()),
        ("apps/release.yaml", release),
        ("sets/web.yaml", set.to_owned()),
        ("envs/live/config.json", "{\"name\": \"live\", \"tag\": \"2.0.0\"}\n".to_owned()),
        ("over/kustomization.yaml", overlay.to_owned()),
        ("over/repl.yaml", replacement.to_owned()),
        ("over/vers.env", "img=ghcr.io/acme/web:3\n".to_owned()),
    ];
    let repo = repo("", &files);
    repo.write("notes/a.yaml", "a: 1\n");
    let judges = |file: &str| !places(&report(&repo, &["--files", file]), "image-digest-missing").is_empty();
    for (file, _) in &files {
        assert!(judges(file), "{file}");
    }
    assert!(!judges("notes/a.yaml"));
}

#[test]
fn a_tag_that_an_entry_of_images_sets_is_at_its_line() {
    let overlay = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\nimages:\n- name: ghcr.io/acme/web\n  newTag: latest\n";
    let renderer = format!(
        "{RELEASE}{SOURCE}  postRenderers:\n  - kustomize:\n      images:\n      - name: ghcr.io/acme/web\n        newTag: latest\n"
    );
    for (expected, path, text) in [
        ("over/kustomization.yaml:5:11", "over/kustomization.yaml", overlay.to_owned()),
        ("apps/release.yaml:10:17", "apps/release.yaml", renderer),
    ] {
        let found = places(&report(&repo("", &[(path, text)]), &[]), "image-tag-floating");
        assert_eq!(found, [expected]);
    }
}

#[test]
fn help_for_a_tag_of_a_parameter_names_the_digest_beside_it() {
    let repo = repo("", &[("argo/web.yaml", application("parameters: [{name: image.tag, value: '2.0.0'}]"))]);
    let report = report(&repo, &[]);
    let missing: Vec<&Value> = report["findings"]
        .as_array()
        .expect("a list")
        .iter()
        .filter(|each| each["rule"] == "image-digest-missing")
        .collect();
    assert_eq!(places(&report, "image-digest-missing"), ["argo/web.yaml:6:87"]);
    assert_eq!(missing[0]["help"], "set `image.digest` to the image's digest, `sha256:…`");
}

#[test]
fn an_encrypted_values_file_is_no_profile() {
    let encrypted = "image: {tag: 'ENC[AES256_GCM,data:Zm9v,iv:Y2M=,tag:ZGQ=,type:str]'}\nsops: {mac: 'ENC[AES256_GCM,data:Zm9v,iv:Y2M=,tag:ZGQ=,type:str]', version: 3.9.0}\n";
    let repo = repo("", &[("charts/web/values-prod.yaml", encrypted.to_owned())]);
    let run = || program().current_dir(repo.root()).args(["check", "--explain-profiles"]).output().expect("it starts");
    let said = || String::from_utf8_lossy(&run().stdout).into_owned();
    assert!(!said().contains("\n  values-prod"), "{}", said());
    // A chart may have values of that name.
    repo.write("charts/web/values-prod.yaml", "image: {tag: '2'}\nsops: {enabled: true}\n");
    assert!(said().contains("\n  values-prod"), "{}", said());
}
