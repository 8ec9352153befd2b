//! Overlays over a chart against what the real kustomize makes of them: the same images, and the same refusals.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use chartgate::extract::object;
use chartgate::text::{Address, Source, Sources};
use chartgate::yaml::{Document, Node};
use rayon::prelude::*;

use crate::git_repo::Repo;

/// How many overlays are tried.
const COUNT: usize = 300;

/// The real programs.
struct Programs {
    kubectl: PathBuf,
    helm: PathBuf,
}

impl Programs {
    /// `KUBECTL` and `HELM`, or those on the path, if they are as new as those that are followed; else none, which CI does not take.
    fn find() -> Option<Self> {
        let find = |variable: &str, name: &str| {
            let on_path = || {
                std::env::split_paths(&std::env::var_os("PATH")?)
                    .map(|folder| folder.join(name))
                    .find(|path| path.is_file())
            };
            std::env::var_os(variable).map(PathBuf::from).or_else(on_path)
        };
        let programs = find("KUBECTL", "kubectl").zip(find("HELM", "helm"));
        let is_new = |(kubectl, _): &(PathBuf, PathBuf)| {
            let output = Command::new(kubectl).args(["version", "--client"]).output();
            output.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).contains("Kustomize Version: v5.8"))
        };
        let found = programs.filter(is_new).map(|(kubectl, helm)| Self { kubectl, helm });
        if found.is_none() {
            assert!(
                std::env::var_os("CI").is_none(),
                "kubectl with kustomize 5.8 and helm are needed in CI; name them by KUBECTL and HELM"
            );
            _ = writeln!(
                std::io::stderr(),
                "skipped: kubectl with kustomize 5.8 and helm are not here; name them by KUBECTL and HELM"
            );
        }
        found
    }

    /// The images of what kustomize builds; none where it refuses.
    fn images(&self, folder: &Path) -> Option<BTreeSet<String>> {
        let output = Command::new(&self.kubectl)
            .args(["kustomize", "--enable-helm", "--load-restrictor", "LoadRestrictionsNone", "--helm-command"])
            .args([&self.helm, &folder.to_path_buf()])
            .output()
            .expect("kubectl runs");
        output.status.success().then(|| images(&String::from_utf8_lossy(&output.stdout)))
    }
}

fn images(text: &str) -> BTreeSet<String> {
    let sources = Sources::new();
    let id = sources.add(Source::new("built.yaml", Address::Rendered, text));
    let documents = Document::parse_all(id, text).expect("kustomize prints YAML");
    let of = |root: &Node| object::images(root).iter().map(|found| found.reference.to_owned()).collect::<Vec<_>>();
    documents.iter().flat_map(|document| of(&document.root)).collect()
}

const DEPLOYMENT: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: {{ .Release.Name }}, namespace: {{ .Release.Namespace }}, labels: {app: web}}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      initContainers:
        - {name: init, image: 'busybox:1.36'}
      containers:
        - name: main
          image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'
          env: [{name: SIDE_IMAGE, value: 'ghcr.io/acme/side:1'}]
        - {name: proxy, image: 'ghcr.io/acme/proxy:2@sha256:ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb'}
      volumes:
        - {name: data, image: {reference: 'ghcr.io/acme/data:3'}}
---
apiVersion: batch/v1
kind: CronJob
metadata: {name: clean}
spec:
  schedule: '* * * * *'
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: clean, image: nginx}], volumes: [{name: v, image: {reference: nginx}}]}}}}
---
apiVersion: example.com/v1
kind: Widget
metadata: {name: widget}
spec: {image: 'nginx:1.27', containers: [{name: w, image: 'nginx:1.27'}], sidecarImage: 'busybox:1.36'}
";

const HOOKS: &str = "apiVersion: batch/v1
kind: Job
metadata: {name: hook, annotations: {helm.sh/hook: pre-install}}
spec: {template: {spec: {restartPolicy: Never, containers: [{name: h, image: 'ghcr.io/acme/hook:1'}]}}}
---
apiVersion: v1
kind: Pod
metadata: {name: probe, annotations: {helm.sh/hook: test}}
spec:
  containers:
  - {name: t, image: 'ghcr.io/acme/test:{{ .Capabilities.KubeVersion.Minor }}'}
  - {name: v, image: 'ghcr.io/acme/kv:{{ .Capabilities.KubeVersion }}'}
  ephemeralContainers: [{name: e, image: 'nginx:1.26'}]
";

const EXTRA: &str = "apiVersion: v1
kind: Pod
metadata: {name: extra, labels: {app: extra}}
spec: {containers: [{name: main, image: 'nginx:1.27'}, {name: other, image: 'ghcr.io/acme/web:9'}]}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {image: 'ghcr.io/acme/set:4', tag: '77'}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Pod, metadata: {name: listed}, spec: {containers: [{name: l, image: 'busybox:1.36'}]}}
";

/// Numbers that are the same in every run (SplitMix64).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((mixed ^ (mixed >> 31)) % limit as u64).expect("it is below the limit")
    }

    fn is_one_in(&mut self, limit: usize) -> bool {
        self.below(limit) == 0
    }

    fn of<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }
}

const DIGEST: &str = "sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9";

/// Entries of `images`.
fn image_entries(numbers: &mut Numbers) -> String {
    let names = [
        "nginx",
        "busybox",
        "ghcr.io/acme/web",
        "ghcr.io/acme/proxy",
        "ghcr.io/acme/data",
        "ghcr.io/acme/.*",
        "web",
        "'*'",
    ];
    let mut text = String::from("images:\n");
    for _ in 0..=numbers.below(3) {
        text.extend(["  - name: ", numbers.of(&names), "\n"]);
        let fields = [
            "    newTag: '5'\n".to_owned(),
            format!("    digest: {DIGEST}\n"),
            "    newName: mirror.local:5000/new\n".to_owned(),
            format!("    newTag: 5@{DIGEST}\n"),
            format!("    newTag: '6'\n    digest: {DIGEST}\n"),
            "    tagSuffix: -x\n".to_owned(),
            "    newName: mirror.local/other\n    newTag: '7'\n".to_owned(),
        ];
        text += &fields[numbers.below(fields.len())];
    }
    text
}

/// Entries of `patches`.
fn patches(numbers: &mut Numbers) -> String {
    let all = [
        "  - target: {kind: Deployment}\n    patch: |\n      - {op: replace, path: /spec/template/spec/containers/0/image, value: 'patched:1'}\n",
        "  - target: {kind: Deployment, name: w.*}\n    patch: |\n      - {op: add, path: /spec/template/spec/containers/-, value: {name: last, image: 'added:1'}}\n",
        "  - target: {kind: Deployment}\n    patch: |\n      - {op: add, path: /spec/template/spec/containers/0, value: {name: first, image: 'added:2'}}\n",
        "  - target: {labelSelector: app=web}\n    patch: |\n      - {op: remove, path: /spec/template/spec/initContainers}\n",
        "  - target: {labelSelector: 'app in (extra)', kind: Pod}\n    patch: |\n      - {op: replace, path: /spec/containers/1/image, value: 'patched:3'}\n",
        "  - target: {kind: Deployment}\n    patch: |\n      - {op: move, from: /spec/template/spec/containers/1/image, path: /spec/template/spec/containers/0/image}\n",
        "  - target: {kind: Deployment}\n    patch: |\n      - {op: test, path: /spec/template/spec/containers/0/name, value: main}\n      - {op: copy, from: /spec/template/spec/containers/0, path: /spec/template/spec/containers/-}\n",
        "  - target: {kind: Deployment}\n    patch: |\n      - {op: remove, path: /spec/template/spec/nothing}\n",
        "  - target: {kind: Nothing}\n    patch: |\n      - {op: remove, path: /spec/nothing}\n",
        "  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n      spec: {template: {spec: {containers: [{name: side, image: 'evil:latest'}, {name: main, image: 'merged:1'}]}}}\n",
        "  - target: {kind: Deployment}\n    patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: any}\n      spec: {template: {spec: {containers: [{name: proxy, $patch: delete}], initContainers: null}}}\n",
        "  - target: {kind: Widget}\n    patch: |\n      apiVersion: example.com/v1\n      kind: Widget\n      metadata: {name: any}\n      spec: {containers: [{name: x, image: 'widget:2'}], image: 'widget:1'}\n",
        "  - patch: |\n      apiVersion: v1\n      kind: Pod\n      metadata: {name: extra}\n      $patch: delete\n",
        "  - patch: |\n      apiVersion: v1\n      kind: Pod\n      metadata: {name: nowhere}\n      spec: {}\n",
        "  - patch: |\n      apiVersion: apps/v1\n      kind: Deployment\n      metadata: {name: web}\n      spec: {template: {spec: {containers: [{$patch: replace}, {name: only, image: 'only:1'}]}}}\n",
        "  - path: ../../patch.yaml\n",
        "  - target: {kind: Deployment, name: pre-web}\n    patch: |\n      - {op: replace, path: /spec/template/spec/initContainers/0/image, value: 'patched:4'}\n",
        "  - target: {kind: Deployment, namespace: default, annotationSelector: '!team'}\n    patch: |\n      - {op: add, path: /metadata/annotations, value: {team: a}}\n      - {op: replace, path: /spec/template/spec/initContainers/0/image, value: 'patched:5'}\n",
        "  - target: {kind: Deployment}\n    options: {allowNameChange: true, allowKindChange: true}\n    patch: |\n      apiVersion: apps/v1\n      kind: StatefulSet\n      metadata: {name: other}\n      spec: {template: {spec: {containers: [{name: main, image: 'kind:1'}]}}}\n",
        "  - target: {kind: ConfigMap}\n    patch: |\n      - {op: replace, path: /data/image, value: 'ghcr.io/acme/set:5'}\n",
    ];
    let mut text = String::from("patches:\n");
    for _ in 0..=numbers.below(2) {
        text += numbers.of(&all);
    }
    text
}

/// An entry of `replacements`.
fn replacements(numbers: &mut Numbers) -> String {
    let all = [
        "  - source: {kind: ConfigMap, name: settings, fieldPath: data.image}\n    targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
        "  - source: {kind: ConfigMap, name: settings, fieldPath: data.tag}\n    targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.[name=main].image'], options: {delimiter: ':', index: 1}}]\n",
        "  - source: {kind: Pod, name: extra, fieldPath: spec.containers.0.image, options: {delimiter: ':'}}\n    targets: [{select: {kind: Widget}, reject: [{name: other}], fieldPaths: [spec.image]}]\n",
        "  - source: {kind: ConfigMap, name: nowhere, fieldPath: data.image}\n    targets: [{select: {kind: Deployment}, fieldPaths: [spec.template.spec.containers.0.image]}]\n",
        "  - source: {kind: ConfigMap, name: settings, fieldPath: data.image}\n    targets: [{select: {kind: Pod, name: extra}, fieldPaths: ['spec.containers.*.image']}]\n",
        "  - sourceValue: 'literal:1'\n    targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.initContainers.[name=init].image']}]\n",
        "  - sourceValue: 'literal:2'\n    targets: [{select: {kind: CronJob, namespace: default}, fieldPaths: [spec.jobTemplate.spec.template.spec.containers.0.image]}]\n",
        "  - sourceValue: 'literal:3'\n    targets: [{select: {kind: Pod}, reject: [{kind: Nothing, labelSelector: app=extra}], fieldPaths: ['spec.containers.*.image']}]\n",
        "  - sourceValue: mirror.local\n    targets: [{select: {kind: Deployment}, fieldPaths: ['spec.template.spec.containers.*.image'], options: {delimiter: /, index: 0}}]\n",
        "  - sourceValue: mirror.local\n    targets: [{select: {kind: Pod}, fieldPaths: ['spec.containers.*.image'], options: {delimiter: /, index: -1}}]\n",
        "  - source: {kind: Deployment, fieldPath: metadata.name}\n    targets: [{select: {kind: Widget}, fieldPaths: [spec.image], options: {delimiter: ':', index: 9}}]\n",
    ];
    format!("replacements:\n{}", numbers.of(&all))
}

/// What every kustomization may have.
fn changes(numbers: &mut Numbers) -> String {
    let mut text = String::new();
    if numbers.is_one_in(3) {
        text += "namespace: shop\n";
    }
    if numbers.is_one_in(5) {
        text += "namePrefix: pre-\n";
    }
    if numbers.is_one_in(5) {
        text += "nameSuffix: -suf\n";
    }
    if numbers.is_one_in(5) {
        text += numbers.of(&[
            "labels: [{pairs: {app: web}}]\n",
            "labels: [{pairs: {app: all}, includeSelectors: true, includeTemplates: true}]\n",
            "commonAnnotations: {team: a}\n",
        ]);
    }
    if numbers.is_one_in(5) {
        text += numbers.of(&[
            "configMapGenerator: [{name: settings, behavior: merge, literals: ['image=ghcr.io/acme/set:6']}]\n",
            "configMapGenerator: [{name: settings, behavior: replace, literals: ['image=ghcr.io/acme/set:7', tag=8]}]\n",
            "configMapGenerator: [{name: made, literals: ['image=ghcr.io/acme/made:1']}]\n",
        ]);
    }
    if numbers.is_one_in(2) {
        text += &image_entries(numbers);
    }
    if numbers.is_one_in(2) {
        text += &patches(numbers);
    }
    if numbers.is_one_in(4) {
        text += &replacements(numbers);
    }
    text
}

/// An entry of `helmCharts`.
fn inflation(numbers: &mut Numbers) -> String {
    let mut text =
        String::from("helmGlobals: {chartHome: ../../charts}\nhelmCharts:\n  - name: web\n    releaseName: web\n");
    let options = [
        "",
        "    skipHooks: true\n",
        "    skipTests: true\n",
        "    kubeVersion: '1.31'\n",
        "    valuesInline: {image: {tag: inline}}\n",
        "    valuesFile: ../../values.yaml\n",
        "    valuesFile: ../../values.yaml\n    valuesInline: {image: {tag: inline}}\n",
        "    valuesFile: ../../values.yaml\n    valuesMerge: merge\n    valuesInline: {image: {tag: inline}}\n",
        "    valuesFile: ../../values.yaml\n    valuesMerge: replace\n    valuesInline: {image: {repository: replaced}}\n",
        "    additionalValuesFiles: [../../values.yaml]\n    valuesInline: {image: {tag: inline, repository: null}}\n",
    ];
    let option = numbers.of(&options);
    // Helm's own version of Kubernetes differs between its versions.
    if !option.contains("kubeVersion") {
        text += "    kubeVersion: '1.35'\n";
    }
    text + option
}

/// Writes an overlay and what it stands on.
fn overlay(repo: &Repo, index: usize) {
    let mut numbers = Numbers(0x00C0_FFEE + index as u64);
    let mut text = inflation(&mut numbers);
    if numbers.is_one_in(2) {
        text += "resources: [../../extra.yaml]\n";
    }
    text += &changes(&mut numbers);
    if numbers.is_one_in(4) {
        repo.write(
            &format!("parts/c{index}/kustomization.yaml"),
            format!("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n{}", changes(&mut numbers)),
        );
        text.extend(["components: [../../parts/c", &index.to_string(), "]\n"]);
    }
    if numbers.is_one_in(3) {
        repo.write(&format!("bases/b{index}/kustomization.yaml"), &text);
        text = format!("resources: [../../bases/b{index}]\n{}", changes(&mut numbers));
    }
    repo.write(&format!("overlays/o{index}/kustomization.yaml"), text);
}

/// What chartgate says of each overlay: the images, by profile.
fn ours(repo: &Repo) -> Vec<(String, String)> {
    of_chart(repo, "charts/web")
}

fn of_chart(repo: &Repo, chart: &str) -> Vec<(String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_chartgate"))
        .args(["images", chart, "--format", "json"])
        .current_dir(repo.root())
        .output()
        .expect("chartgate runs");
    let rows: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |row: &serde_json::Value, field: &str| row[field].as_str().unwrap_or_default().to_owned();
    rows.as_array().expect("a list").iter().map(|row| (text(row, "profile"), text(row, "image"))).collect()
}

#[test]
fn overlays_run_the_images_that_kustomize_gives_them() {
    let Some(programs) = Programs::find() else { return };
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .write("charts/web/values.yaml", "image: {repository: ghcr.io/acme/web, tag: '1'}\n")
        .write("charts/web/templates/deployment.yaml", DEPLOYMENT)
        .write("charts/web/templates/hooks.yaml", HOOKS)
        .write("extra.yaml", EXTRA)
        .write("values.yaml", "image: {tag: from-file}\n")
        .write("patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: main, image: 'from-file:1'}]}}}\n");
    (0..COUNT).for_each(|index| overlay(&repo, index));
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    let (ours, root) = (ours(&repo), repo.root());
    let compare = |index: usize| {
        let profile = format!("overlays/o{index}");
        let found: BTreeSet<String> =
            ours.iter().filter(|(of, _)| *of == profile).map(|(_, image)| image.clone()).collect();
        let real = programs.images(&root.join(&profile)).unwrap_or_default();
        (found != real).then(|| format!("{profile}: {found:?}, but kustomize {real:?}"))
    };
    let wrong: Vec<String> = (0..COUNT).into_par_iter().filter_map(compare).collect();
    assert!(wrong.is_empty(), "{} of {COUNT} differ:\n{}", wrong.len(), wrong.join("\n"));
}

/// Lines of a kustomization over a chart, of which kustomize takes some and refuses others.
fn lines() -> Vec<String> {
    let text = include_str!("../../testdata/gitops/kustomizations.txt");
    text.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace("\\n", "\n")).collect()
}

/// The files that they speak of.
const FILES: [(&str, &str); 15] = [
    ("twice.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata: {a: b}\ndata: {a: c}\n"),
    ("cm.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm}\ndata: {a: b}\n"),
    ("same.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: cm, namespace: default}\n"),
    ("web.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web, namespace: default}\n"),
    ("nameless.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {namespace: a}\n"),
    ("values.yaml", "a: 1\n"),
    ("list.yaml", "- a\n"),
    ("empty.yaml", "# nothing\n"),
    ("env.txt", "A=B\n# more\n\nC\n"),
    ("configuration.yaml", "images: [{path: spec/x, kind: Foo}]\n"),
    ("folder/kustomization.yaml", "resources: [d.yaml]\n"),
    ("folder/d.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: d}\n"),
    ("part/kustomization.yaml", "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\n"),
    ("part/more.txt", "nothing\n"),
    (
        "both/kustomization.yaml",
        "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: c-\nnameSuffix: -d\n",
    ),
];

#[test]
fn what_kustomize_refuses_is_no_profile_and_what_it_takes_is() {
    let Some(programs) = Programs::find() else { return };
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .write("charts/web/values.yaml", "image: {repository: ghcr.io/acme/web, tag: '1'}\n")
        .write("charts/web/templates/deployment.yaml", DEPLOYMENT)
        .write("values.yaml", "a: 1\n");
    let lines = lines();
    for (index, line) in lines.iter().enumerate() {
        let chart = if line.starts_with("helmCharts") {
            ""
        } else {
            "helmCharts: [{name: web, releaseName: web, namespace: default}]\n"
        };
        let here = format!("overlays/o{index}");
        let text = format!("helmGlobals: {{chartHome: ../../charts}}\n{chart}{line}\n");
        repo.write(&format!("{here}/kustomization.yaml"), text);
        for (path, text) in FILES {
            repo.write(&format!("{here}/{path}"), text);
        }
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    let ours = ours(&repo);
    let wrong = lines.par_iter().enumerate().filter_map(|(index, line)| {
        let profile = format!("overlays/o{index}");
        let is_own = |of: &str| of == profile || of.starts_with(&format!("{profile}/"));
        let found: BTreeSet<String> =
            ours.iter().filter(|(of, _)| is_own(of)).map(|(_, image)| image.clone()).collect();
        let real = programs.images(&repo.root().join(&profile));
        let is_same = found == real.clone().unwrap_or_default();
        (!is_same).then(|| match real {
            Some(real) => format!("{line}: {found:?}, but kustomize {real:?}"),
            None => format!("{line}: kustomize refuses it"),
        })
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_chart_that_kustomize_pulled_and_that_was_committed_is_the_one_that_runs() {
    let Some(programs) = Programs::find() else { return };
    let entry = "name: web, releaseName: rel, repo: 'https://charts.example.com'";
    for (home, globals, version) in [
        ("overlays/o0/charts/web-1.0.0", "", ", version: 1.0.0"),
        ("charts/web-1.0.0", "helmGlobals: {chartHome: ../../charts}\n", ", version: 1.0.0"),
        ("charts", "helmGlobals: {chartHome: ../../charts}\n", ""),
    ] {
        let repo = Repo::new();
        repo.write(&format!("{home}/web/Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n")
            .write(&format!("{home}/web/values.yaml"), "image: {repository: ghcr.io/acme/web, tag: '7'}\n")
            .write(&format!("{home}/web/templates/deployment.yaml"), DEPLOYMENT)
            .write("overlays/o0/kustomization.yaml", format!("{globals}helmCharts: [{{{entry}{version}}}]\n"));
        repo.git(&["add", "."]);
        repo.git(&["commit", "--quiet", "--message=one"]);
        let real = programs.images(&repo.root().join("overlays/o0")).expect("kustomize builds it without a network");
        let ours = of_chart(&repo, &format!("{home}/web"));
        let found: BTreeSet<String> =
            ours.into_iter().filter(|(of, _)| of == "overlays/o0").map(|(_, image)| image).collect();
        assert_eq!(found, real, "{home}");
    }
}

/// What the rules on objects say of a chart with an overlay.
fn of_overlay(lines: &str) -> Vec<String> {
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n")
        .write("charts/web/values.yaml", "{}\n")
        .write("charts/web/templates/deployment.yaml", DEPLOYED);
    let text = format!("helmGlobals: {{chartHome: ../charts}}\nhelmCharts: [{{name: web, releaseName: web}}]\n{lines}");
    repo.write("o/kustomization.yaml", text);
    repo.write("o/beside.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: own}\ndata: {a: 1}\n");
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    let rules = [
        "label-invalid",
        "manifest-field-invalid",
        "manifest-field-unknown",
        "object-name-invalid",
        "selector-mismatch",
    ];
    let output = Command::new(env!("CARGO_BIN_EXE_chartgate"))
        .args(["check", "charts/web", "--offline", "--format", "json", "--select", &rules.join(",")])
        .current_dir(repo.root())
        .output()
        .expect("chartgate runs");
    let report: serde_json::Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    let text = |finding: &serde_json::Value, field: &str| finding[field].as_str().unwrap_or_default().to_owned();
    let findings = report["findings"].as_array().expect("a list");
    let said = |finding| format!("{}:{} {}", text(finding, "path"), finding["line"], text(finding, "message"));
    findings.iter().map(said).collect()
}

const DEPLOYED: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 1
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers: [{name: main, image: 'nginx:1.27.1'}]
";

#[test]
fn objects_are_judged_as_an_overlay_leaves_them() {
    let merge = "patches:\n- patch: |\n    apiVersion: apps/v1\n    kind: Deployment\n    metadata: {name: web}\n";
    let operation =
        "patches:\n- target: {kind: Deployment}\n  patch: |\n    - op: replace\n      path: /spec/replicas\n";
    let cases: [(String, &[&str]); 10] = [
        (format!("{merge}    spec: {{replicas: 2}}\n"), &[]),
        (format!("{operation}      value: 2\nnamePrefix: a-\nlabels: [{{pairs: {{a: b}}}}]\n"), &[]),
        (
            format!("{merge}    spec: {{replicas: '2'}}\n"),
            &["o/kustomization.yaml:8 `Deployment/web`: `spec.replicas` is a string `2`, not a whole number"],
        ),
        (
            format!("{operation}      value: '2'\n"),
            &["o/kustomization.yaml:8 `Deployment/web`: `spec.replicas` is a string `2`, not a whole number"],
        ),
        (
            format!(
                "{merge}    $patch: replace\n    spec: {{replicas: '2', selector: {{matchLabels: {{a: b}}}}, template: {{metadata: {{labels: {{a: b}}}}, spec: {{containers: [{{name: main, image: 'nginx:1.27.1'}}]}}}}}}\n"
            ),
            &["o/kustomization.yaml:9 `Deployment/web`: `spec.replicas` is a string `2`, not a whole number"],
        ),
        (
            format!("{merge}    spec: {{replica: 2}}\n"),
            &["o/kustomization.yaml:8 `Deployment/web`: unknown field `spec.replica`"],
        ),
        (
            format!("{merge}    spec: {{template: {{metadata: {{labels: {{app: site}}}}}}}}\n"),
            &[
                "charts/web/templates/deployment.yaml:6 `Deployment/web`: the selector wants `app: web`, and the pods have `site`",
            ],
        ),
        (
            "namePrefix: Bad_\n".to_owned(),
            &[
                "o/kustomization.yaml:3 `Deployment/Bad_web`: `Bad_web` is no name that a Deployment can have: it may only have lower-case letters, digits, `-` and `.`, and begins and ends with a letter or digit",
            ],
        ),
        (
            "labels: [{pairs: {a: 'b+c'}}]\n".to_owned(),
            &[
                "o/kustomization.yaml:3 `Deployment/web`: the value `b+c` of label `a` may only have letters, digits, `-`, `_` and `.`, and a letter or digit at both ends",
            ],
        ),
        (
            "resources: [beside.yaml]\n".to_owned(),
            &["o/beside.yaml:4 `ConfigMap/own`: `data.a` is a number `1`, not a string"],
        ),
    ];
    for (lines, expected) in cases {
        assert_eq!(of_overlay(&lines), expected, "{lines}");
    }
}

#[test]
fn a_key_that_is_no_text_to_kustomize_is_an_error_of_its_overlay() {
    for (key, is_taken) in [("16", false), ("1.5", false), ("true", false), ("on", true), ("'16'", true), ("y", true)] {
        let repo = crate::git_repo::Repo::new();
        let map = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: b}}\ndata:\n  {key}: x\n");
        repo.chart("c", "c", "1.0.0", "{}\n").write("c/templates/configmap.yaml", map);
        repo.write(
            "prod/kustomization.yaml",
            "helmGlobals: {chartHome: ..}\nhelmCharts: [{name: c, releaseName: c}]\n",
        );
        repo.commit();
        let arguments = ["check", ".", "--offline", "--format", "concise", "--select", "render-failed"];
        let (code, out, err) = crate::package::run(repo.root(), &arguments);
        assert_eq!(code == 0, is_taken, "{key}: {out}{err}");
        assert!(is_taken || out.contains("it wants quotes"), "{key}: {out}");
    }
}
