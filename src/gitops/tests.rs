//! Small repositories, each with one way of deploying a chart.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::*;
use crate::kustomize::Build;
use crate::profile::TEST_WORDS;
use crate::source::{Entry, EntryKind, Error, LinkFault};
use crate::text::Address;

mod argocd;
mod environments;
mod fleet;
mod flux;
mod folders;
mod foreign;
mod hidden;
mod parents;
mod refused;
mod terraform;
mod together;
mod tools;

/// Files in memory.
#[derive(Debug)]
struct Files(BTreeMap<String, String>);

impl Tree for Files {
    fn list(&self, folder: &str) -> Result<Vec<Entry>, Error> {
        let below = self.0.iter().filter(|(path, _)| path.starts_with(&format!("{folder}/")));
        Ok(below
            .map(|(path, text)| Entry { path: path.clone(), kind: EntryKind::File { size: text.len() as u64 } })
            .collect())
    }

    fn read(&self, path: &str, limit: u64) -> Result<Vec<u8>, Error> {
        let path = path.to_owned();
        match self.0.get(&path).map(String::as_str) {
            None | Some(GONE) => Err(Error::NotFound { path }),
            Some(UNREADABLE) => Err(Error::Unreadable { path, reason: "permission denied".to_owned() }),
            Some(LARGE) => Err(Error::TooLarge { path, limit }),
            Some(OUTSIDE) => Err(Error::BrokenLink { path, why: LinkFault::Outside }),
            Some(DANGLING) => Err(Error::BrokenLink { path, why: LinkFault::Missing }),
            Some(text) => Ok(text.as_bytes().to_vec()),
        }
    }

    fn address(&self, _: &str) -> Address {
        Address::Rendered
    }

    fn shown(&self, path: &str) -> String {
        path.to_owned()
    }
}

/// Texts in the place of files that cannot be read.
const GONE: &str = "(tracked, and removed)";
const UNREADABLE: &str = "(unreadable)";
const LARGE: &str = "(too large)";
const OUTSIDE: &str = "(a link out of the repository)";
const DANGLING: &str = "(a link to nothing)";

/// What is found in files; the chart is always `web` in `charts/web`.
fn discovered(files: BTreeMap<String, String>) -> Discovered {
    in_sources(files, &Sources::new())
}

fn in_sources(files: BTreeMap<String, String>, sources: &Sources) -> Discovered {
    in_charts(files, &["charts/web"], sources)
}

/// The same with other charts, each called as its folder.
fn in_charts(files: BTreeMap<String, String>, folders: &[&str], sources: &Sources) -> Discovered {
    let files = Files(files);
    let paths: Vec<String> = files.0.keys().cloned().collect();
    let tree: Arc<dyn Tree> = Arc::new(files);
    let named = |folder: &&str| ((*folder).to_owned(), folder.rsplit('/').next().unwrap_or(folder).to_owned());
    let charts: BTreeMap<String, String> = folders.iter().map(named).collect();
    let search = Search {
        tree: &tree,
        paths: &paths,
        charts: &charts,
        published: &["oci://ghcr.io/example/charts".to_owned()],
        test_words: &TEST_WORDS.map(str::to_owned),
        sources,
        tools: &Tool::ALL,
        by_name: true,
        helm: None,
        own: &Own { addresses: vec!["git@github.com:acme/shop.git".to_owned()], branches: vec!["main".to_owned()] },
        configured: &[],
    };
    discover(&search)
}

/// Each deployment and each unresolved place in a line.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let sources = Sources::new();
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    let discovered = in_sources(files, &sources);
    let followed = discovered.deployments.iter().filter(|deployment| deployment.problems.is_empty());
    let mut lines: Vec<String> = followed.map(|deployment| shown(&deployment.profile)).collect();
    let elsewhere = discovered.releases.iter().filter(|release| release.deployment.problems.is_empty());
    lines.extend(elsewhere.map(|Release { file, chart, deployment, .. }| {
        let version = deployment.pin.as_ref().map_or("-", |pin| pin.version.as_str());
        format!("elsewhere {file} {} {} {version}", chart.repository, chart.name)
    }));
    let passed = |PassedOver { path, reason }: &PassedOver| match reason.as_str() {
        "it is a template of deployments and no chart's" => format!("template {path}"),
        _ => format!("nothing {path}: {reason}"),
    };
    lines.extend(discovered.passed_over.iter().map(passed));
    lines.extend(discovered.unresolved.iter().map(|each| format!("{}: {}", sources.start(each.at), each.message)));
    lines
}

fn shown(profile: &Profile) -> String {
    let values: Vec<String> = profile.values.iter().map(|root| root.to_json().to_string()).collect();
    let set: Vec<&str> = profile.set.iter().map(|setting| setting.expression.as_str()).collect();
    let build = profile.build.iter();
    let images: Vec<&str> = build.clone().flat_map(Build::overrides).map(|image| image.name.as_str()).collect();
    format!(
        "{} {} {}/{} values {} set {set:?} images {images:?} manifests {}",
        profile.name,
        if profile.production { "production" } else { "test" },
        profile.namespace.as_deref().unwrap_or("-"),
        profile.release.as_deref().unwrap_or("-"),
        values.join(" "),
        build.flat_map(Build::written).count(),
    )
}

#[test]
fn a_kustomization_inflates_a_local_chart_with_values_of_its_own() {
    let kustomization = "namespace: shop\nresources: [extra.yaml]\nhelmGlobals: {chartHome: ../../charts}\nhelmCharts:\n- name: web\n  releaseName: shop\n  valuesFile: v.yaml\n  additionalValuesFiles: [w.yaml]\n  valuesInline: {c: 3}\nimages:\n- {name: nginx, newTag: '1'}\n";
    let files = [
        ("apps/web/kustomization.yaml", kustomization),
        ("apps/web/extra.yaml", "kind: ConfigMap\nmetadata: {name: a}\n---\nkind: Secret\nmetadata: {name: b}\n"),
        ("apps/web/v.yaml", "a: 1\n"),
        ("apps/web/w.yaml", "b: 2\n"),
    ];
    let expected = r#"apps/web production shop/shop values {"a":1,"c":3} {"b":2} set [] images ["nginx"] manifests 2"#;
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
        r#"apps/live production shop/- values  set [] images ["a"] manifests 0"#,
        "apps/staging test shop/- values  set [] images [] manifests 0",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_chart_of_the_same_name_from_elsewhere_is_another_chart() {
    let ours = "helmCharts: [{name: web, repo: 'oci://ghcr.io/example/charts'}]\n";
    let theirs = "helmCharts: [{name: web, repo: 'https://charts.example.org'}]\n";
    let files = [("a/kustomization.yaml", ours), ("b/kustomization.yaml", theirs)];
    let expected = [
        "a production -/- values  set [] images [] manifests 0",
        "elsewhere b/kustomization.yaml https://charts.example.org web ",
    ];
    assert_eq!(found(&files), expected);
}

#[test]
fn a_values_file_that_is_not_there_is_said() {
    let kustomization = "helmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: web\n  valuesFile: gone.yaml\n";
    let lines = found(&[("a/kustomization.yaml", kustomization)]);
    assert_eq!(lines, ["4:15: `a/gone.yaml` does not exist"]);
}

#[test]
fn an_application_lays_files_values_and_parameters_over_each_other() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  sources:\n  - path: charts/web\n    helm:\n      valueFiles: [values-a.yaml, $here/envs/live.yaml]\n      values: |\n        c: 3\n      parameters: [{name: image.tag, value: 'a,b'}]\n  - {repoURL: 'https://example.com/repo', ref: here}\n";
    let files =
        [("clusters/web.yaml", application), ("charts/web/values-a.yaml", "a: 1\n"), ("envs/live.yaml", "b: 2\n")];
    let expected =
        r#"clusters production shop/web values {"a":1} {"b":2} {"c":3} set ["image.tag=a\\,b"] images [] manifests 0"#;
    assert_eq!(found(&files), [expected]);
}

#[test]
fn an_application_set_is_followed_where_it_needs_no_cluster() {
    let template = "  template:\n    metadata: {name: 'web-{{ .env }}'}\n    spec:\n      destination: {namespace: 'shop-{{ .env }}'}\n      source: {path: charts/web, helm: {valueFiles: ['../../envs/{{ .env }}.yaml']}}\n";
    let head = "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec:\n  goTemplate: true\n  generators:\n";
    let list = format!("{head}  - list: {{elements: [{{env: live}}, {{env: dev}}]}}\n  - clusters: {{}}\n{template}");
    let files = [("sets/web.yaml", list.as_str()), ("envs/live.yaml", "a: 1\n"), ("envs/dev.yaml", "a: 2\n")];
    let expected = [
        r#"sets/web-dev test shop-dev/web-dev values {"a":2} set [] images [] manifests 0"#,
        r#"sets/web-live production shop-live/web-live values {"a":1} set [] images [] manifests 0"#,
        "7:5: what the `clusters` generator supplies is known to a cluster or the network alone, and `../../envs/{{ .env }}.yaml` depends on it",
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
        "{RELEASE}  valuesFrom:\n  - {{kind: ConfigMap, name: base}}\n  - {{kind: ConfigMap, name: made, valuesKey: v.yaml}}\n  - {{kind: ConfigMap, name: tag, valuesKey: tag, targetPath: image.tag}}\n  values: {{c: 3}}\n"
    );
    let maps = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: base}\ndata:\n  values.yaml: |\n    a: 1\n---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: tag}\ndata: {tag: '1.2'}\n";
    let kustomization = "resources: [web.yaml, maps.yaml]\nconfigMapGenerator: [{name: made, files: [v.yaml=values-b.yaml], options: {disableNameSuffixHash: true}}]\n";
    let files = [
        ("a/web.yaml", release.as_str()),
        ("a/maps.yaml", maps),
        ("a/kustomization.yaml", kustomization),
        ("a/values-b.yaml", "b: 2\n"),
        ("ours.yaml", REPOSITORY),
    ];
    let expected =
        r#"a production shop/web values {"a":1} {"b":2} {"image":{"tag":"1.2"}} {"c":3} set [] images [] manifests 0"#;
    assert_eq!(found(&files), [expected]);
    let secret = release.replace("  values: {c: 3}", "  - {kind: Secret, name: keys}\n  values: {c: 3}");
    let files = [("a/web.yaml", secret.as_str()), files[1], files[2], files[3], files[4]];
    assert_eq!(found(&files), ["10:5: the values of the Secret `keys` are not read"]);
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
fn a_remote_resource_is_said_and_a_patch_is_followed() {
    let local = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\npatches:\n- {patch: '{kind: Deployment, metadata: {name: a}}', target: {kind: Deployment}}\n";
    assert_eq!(found(&[("a/kustomization.yaml", local)]), ["a production -/- values  set [] images [] manifests 0"]);
    let remote = format!("{local}resources: ['https://example.com/x.yaml']\n");
    assert_eq!(
        found(&[("a/kustomization.yaml", &remote)]),
        ["5:13: `https://example.com/x.yaml` is not in this repository"]
    );
}

#[test]
fn an_overlay_that_patches_an_application_is_what_argo_gets() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec:\n  destination: {namespace: shop}\n  source: {path: charts/web, helm: {valueFiles: [values-dev.yaml]}}\n";
    let patch = "resources: [../base]\npatches:\n- target: {kind: Application}\n  patch: |\n    - {op: replace, path: /spec/source/helm/valueFiles/0, value: values-live.yaml}\n";
    let files = [
        ("apps/base/kustomization.yaml", "resources: [app.yaml]\n"),
        ("apps/base/app.yaml", application),
        ("apps/live/kustomization.yaml", patch),
        ("charts/web/values-live.yaml", "a: 1\n"),
    ];
    assert_eq!(found(&files), [r#"apps/live production shop/web values {"a":1} set [] images [] manifests 0"#]);
}

#[test]
fn a_flux_kustomization_fills_in_variables_as_flux_reads_them() {
    let release = format!(
        "{RELEASE}  values: {{name: '${{NAME}}', tag: \"${{TAG:=1.10}}\", kept: '$${{X}}', long: 'a b ${{NAME^^}}'}}\n"
    );
    let applied = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps}\nspec:\n  path: ./apps\n  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild:\n    substitute: {NAME: web}\n    substituteFrom: [{kind: Secret, name: keys, optional: true}]\n";
    let files = [("apps/web.yaml", release.as_str()), ("ours.yaml", REPOSITORY), ("clusters/apps.yaml", applied)];
    let lines = found(&files);
    assert_eq!(lines, ["6:34: the variable `TAG` is not known: the variables of the Secret `keys` are not read"]);
    let known = applied.replace("    substituteFrom: [{kind: Secret, name: keys, optional: true}]\n", "");
    let files = [files[0], files[1], ("clusters/apps.yaml", known.as_str())];
    let expected = r#"apps production shop/web values {"name":"web","tag":1.1,"kept":"${X}","long":"a b WEB"} set [] images [] manifests 0"#;
    assert_eq!(found(&files), [expected]);
}

#[test]
fn what_a_chart_makes_is_deployed_as_if_it_were_written_out() {
    let template = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: '{{ .Values.name }}'}\nspec:\n  destination: {namespace: shop}\n  source:\n    path: charts/web\n    helm:\n      parameters: [{name: tag, value: '{{ .Values.tag }}'}]\n";
    let files = [
        ("boot/Chart.yaml", "apiVersion: v2\nname: boot\nversion: 1.0.0\n"),
        ("boot/values.yaml", "name: web\ntag: '1'\n"),
        ("boot/values-prod.yaml", "tag: '2'\n"),
        ("boot/templates/app.yaml", template),
    ];
    assert_eq!(found(&files), [r#"boot production shop/web values  set ["tag=2"] images [] manifests 0"#]);
    let broken = [files[0], files[1], ("boot/templates/app.yaml", "# argoproj.io/ Application\n{{ fail \"no\" }}\n")];
    let lines = found(&broken);
    assert!(lines.len() == 1 && lines[0].contains("`boot`, which makes deployments, does not render"), "{lines:?}");
}

#[test]
fn what_cannot_be_read_is_said_and_a_template_is_passed_over() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nspec: {source: {path: charts/web}}\n";
    let broken = format!("{application}---\na: b: c\n");
    let lines = found(&[("a.yaml", &broken), ("k/kustomization.yaml", "x: [\n")]);
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].starts_with(". production"), "a document beside a broken one is judged: {lines:?}");
    assert!(lines.iter().any(|line| line.contains("`a.yaml` is not YAML")), "{lines:?}");
    let template = format!("{{{{ if .Values.on }}}}\n{application}{{{{ end }}}}\n");
    assert_eq!(found(&[("a.yaml", &template)]), ["template a.yaml"]);
    let set =
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nspec: {template: {metadata: {name: {{.env}}-web}}}\n";
    let lines = found(&[("a.yaml", set)]);
    assert!(
        matches!(lines.as_slice(), [line] if line.starts_with("3:") && line.contains("`a.yaml` is not YAML")),
        "{lines:?}"
    );
    let mixed = format!("{application}---\n{template}");
    let lines = found(&[("a.yaml", &mixed)]);
    assert!(lines.len() == 2 && lines[0].starts_with(". production") && lines[1] == "template a.yaml", "{lines:?}");
}

#[test]
fn a_file_that_cannot_be_read_is_said_and_one_that_is_not_there_is_none() {
    for (content, expected) in [
        (UNREADABLE, "1:1: cannot read `apps/web.yaml`: permission denied"),
        (LARGE, "1:1: `apps/web.yaml` is larger than 134217728 bytes"),
        (OUTSIDE, "1:1: `apps/web.yaml` leads out of the repository or working directory"),
    ] {
        assert_eq!(found(&[("apps/web.yaml", content)]), [expected]);
    }
    for content in [GONE, DANGLING] {
        assert_eq!(found(&[("apps/web.yaml", content)]), Vec::<String>::new());
    }
    assert_eq!(found(&[("apps/web.txt", UNREADABLE)]), Vec::<String>::new());
}

#[test]
fn a_file_that_is_no_yaml_is_a_template_only_where_its_actions_keep_it_from_being_yaml() {
    let broken = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: '{{ x }}'\nspec: [\n";
    let [said] = <[String; 1]>::try_from(found(&[("apps/web.yaml", broken)])).expect("one thing is said");
    assert!(said.contains("`apps/web.yaml` is not YAML"), "{said}");
    let template =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata:\n  {{- include \"x\" . | nindent 2 }}\n";
    assert_eq!(found(&[("apps/web.yaml", template)]), ["template apps/web.yaml"]);
    let [said] =
        <[String; 1]>::try_from(found(&[("o/kustomization.yaml", "resources: [a\n# {{ x }}\n")])).expect("one");
    assert!(said.contains("`o/kustomization.yaml` is not YAML"), "{said}");
}

#[test]
fn an_optional_config_map_is_absent_only_where_every_file_that_may_hold_it_was_read() {
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec:\n  chart: {spec: {chart: charts/web, sourceRef: {kind: GitRepository, name: x}}}\n  valuesFrom: [{kind: ConfigMap, name: settings, optional: true}]\n";
    let with = |other: &str| found(&[("apps/web.yaml", release), ("apps/map.yaml", other)]).join("\n");
    assert!(with("kind: ConfigMap\nmetadata: {name: other}\n").starts_with("apps production"));
    let unread = with("kind: ConfigMap\nmetadata: {name: settings\n");
    assert!(unread.contains("cannot tell where the ConfigMap `settings` is: `apps/map.yaml` is not YAML"), "{unread}");
    assert!(with("kind: ConfigMap\nmetadata: {name: other\n").starts_with("apps production"));
    let generator =
        ("apps/gen/kustomization.yaml", "configMapGenerator: [{name: settings, files: [values.yaml=v.yaml]}]\n");
    let generated = found(&[("apps/web.yaml", release), generator]).join("\n");
    assert!(
        generated.contains("cannot tell where the ConfigMap `settings` is: `apps/gen/v.yaml` does not exist"),
        "{generated}"
    );
}

#[test]
fn what_a_set_reads_and_cannot_use_is_said() {
    let set = |generators: &str| {
        let text = format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: s}}\nspec:\n  goTemplate: true\n  goTemplateOptions: [missingkey=error]\n  generators: {generators}\n  template: {{metadata: {{name: '{{{{.name}}}}'}}, spec: {{source: {{path: charts/web}}}}}}\n"
        );
        found(&[("s.yaml", &text), ("apps/a.json", "3"), ("charts/web/Chart.yaml", "name: web\n")]).join("\n")
    };
    let scalar = set("[{list: {elementsYaml: 'name: web'}}]");
    assert!(scalar.contains("`elementsYaml` is no list"), "{scalar}");
    let number = set("[{git: {files: [{path: apps/*.json}]}}]");
    assert!(number.contains("`apps/a.json`, which an ApplicationSet reads, is a number, not a mapping"), "{number}");
    let matrix =
        set("[{matrix: {generators: [{list: {elements: [{a: b}]}}, {git: {directories: [{path: '{{.missing}}'}]}}]}}]");
    assert!(matrix.contains("missing"), "{matrix}");
}

#[test]
fn a_path_that_leads_out_of_the_repository_is_said() {
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: ../charts/web}}\n";
    let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: web}\nspec: {chart: {spec: {chart: ../web, sourceRef: {kind: GitRepository, name: x}}}}\n";
    assert_eq!(found(&[("a.yaml", application)]), ["4:23: `path: ../charts/web` leads out of the repository"]);
    assert_eq!(found(&[("a.yaml", release)]), ["4:30: `../web` leads out of the repository"]);
}

#[test]
fn a_flux_kustomization_that_changes_an_artifact_of_parts_is_said() {
    let with = |file: &str, more: &str| {
        let text = format!(
            "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {{name: apps}}\nspec: {{path: ./apps, sourceRef: {{kind: ExternalArtifact, name: apps}}{more}}}\n"
        );
        let release = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {name: a}\nspec: {chart: {spec: {chart: b, sourceRef: {kind: HelmRepository, name: c}}}}\n";
        let followed = |line: &String| !line.starts_with("elsewhere");
        found(&[("clusters/live.yaml", &text), (file, release)]).into_iter().filter(followed).collect::<Vec<_>>()
    };
    let variables = ", postBuild: {substitute: {a: b}}";
    assert_eq!(with("live/apps/a.yaml", ""), Vec::<String>::new());
    assert_eq!(with("live/issuers/a.yaml", variables), Vec::<String>::new());
    let said = "4:33: what the Kustomization `apps` changes in an ExternalArtifact is not followed";
    assert_eq!(with("live/apps/a.yaml", variables), [said]);
}

#[test]
fn sub_charts_make_deployments_and_those_that_are_not_here_are_said() {
    let umbrella = "apiVersion: v2\nname: platform\nversion: 1.0.0\ndependencies: [{name: apps, version: 1.0.0, repository: 'https://charts.example.org'}]\n";
    let values = "apps:\n  list:\n  - {name: web, path: charts/web, repoURL: here}\n";
    let part = "apiVersion: v2\nname: apps\nversion: 1.0.0\n";
    let template = "{{- range .Values.list }}\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: {{ .name }}}\nspec: {source: {path: {{ .path }}, repoURL: {{ .repoURL }}}}\n{{- end }}\n";
    let whole = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("platform/Chart.yaml", umbrella),
        ("platform/values.yaml", values),
        ("platform/charts/apps/Chart.yaml", part),
        ("platform/charts/apps/templates/apps.yaml", template),
    ];
    assert_eq!(found(&whole), ["platform production -/web values  set [] images [] manifests 0"]);
    let said = found(&whole[..3]).join("\n");
    assert!(said.contains("`platform`, which makes deployments, is not whole: the dependency `apps` from"), "{said}");
}

#[test]
fn a_chart_that_may_make_deployments_and_cannot_be_read_is_said_once() {
    let template = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\n";
    let lines = found(&[("platform/Chart.yaml", UNREADABLE), ("platform/templates/web.yaml", template)]);
    assert!(
        matches!(lines.as_slice(), [one] if one.contains("`platform`, which may make deployments, cannot be read")),
        "{lines:?}"
    );
}
