//! A repository without charts is judged by what it deploys.

use serde_json::Value;

use crate::cli::program;
use crate::fault_server::{FaultServer, Reply};
use crate::git_repo::Repo;
use crate::package::run;

/// A chart that runs an image of the values, in one version.
fn packaged(folder: &std::path::Path, version: &str) -> Vec<u8> {
    let write = |path: &str, text: &str| {
        let path = folder.join("podinfo").join(path);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    };
    write("Chart.yaml", &format!("apiVersion: v2\nname: podinfo\nversion: {version}\n"));
    write("values.yaml", "image: {repository: ghcr.io/example/podinfo, tag: 6.1.0}\n");
    write(
        "templates/pod.yaml",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:\n    - {name: web, image: '{{ .Values.image.repository }}:{{ .Values.image.tag }}'}\n",
    );
    assert_eq!(run(folder, &["package", "podinfo"]).0, 0);
    std::fs::read(folder.join(format!("podinfo-{version}.tgz"))).expect("it was written")
}

/// A chart repository with one version of one chart.
fn server() -> FaultServer {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let data = packaged(folder.path(), "6.1.0");
    let index = "apiVersion: v1\nentries:\n  podinfo:\n  - {apiVersion: v2, name: podinfo, version: 6.1.0, urls: [podinfo-6.1.0.tgz]}\n";
    FaultServer::new(move |asked| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::Whole(200, vec![], index.as_bytes().to_vec()),
        "/charts/podinfo-6.1.0.tgz" => Reply::Whole(200, vec![], data.clone()),
        _ => Reply::page(404),
    })
}

fn release(name: &str, version: &str, values: &str) -> String {
    format!(
        "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: shop}}\nspec:\n  chart: {{spec: {{chart: podinfo, version: '{version}', sourceRef: {{kind: HelmRepository, name: podinfo}}}}}}\n  values: {values}\n"
    )
}

fn repository(url: &str) -> String {
    format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: podinfo}}\nspec: {{url: '{url}'}}\n"
    )
}

fn check(repo: &Repo, arguments: &[&str]) -> (i32, Value, String) {
    let mut command = program();
    command.current_dir(repo.root()).env("HOME", repo.root().join("home"));
    let output = command.args(["check", "--format", "json"]).args(arguments).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let report = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
    (output.status.code().expect("it ended"), report, said)
}

fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().expect("a list").iter();
    findings.map(|each| format!("{}: {}:{} {}", each["chart"], each["path"], each["line"], each["rule"])).collect()
}

#[test]
fn releases_of_charts_that_are_elsewhere_are_counted_and_their_versions_judged() {
    let repo = Repo::new();
    repo.write("apps/a/release.yaml", release("a", "6.1.0", "{}"));
    repo.write("apps/b/release.yaml", release("b", "6.x", "{}"));
    repo.write("apps/dev/release.yaml", release("c", "6.x", "{}"));
    repo.write("apps/repository.yaml", repository("https://charts.example.org")).commit();
    let (code, report, said) = check(&repo, &[]);
    assert_eq!(code, 3, "{said}");
    let failures = report["failures"].as_array().expect("a list");
    assert_eq!(failures.len(), 1, "{report}");
    assert_eq!(failures[0]["message"], "3 releases name charts that are not here");
    assert_eq!(failures[0]["help"], "`--fetch` brings them, and `gitops: {fetch: true}` in the configuration");
    assert_eq!(found(&report), [r#""apps/b/release.yaml": "apps/b/release.yaml":5 "deployment-version-floating""#]);
    let charts: Vec<String> = report["charts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|chart| format!("{} {} {}", chart["path"], chart["name"], chart["version"]))
        .collect();
    let expected = [
        r#""apps/a/release.yaml" "podinfo" "6.1.0""#,
        r#""apps/b/release.yaml" "podinfo" "6.x""#,
        r#""apps/dev/release.yaml" "podinfo" "6.x""#,
    ];
    assert_eq!(charts, expected);
}

#[test]
fn with_fetch_each_release_is_judged_with_its_chart() {
    let (repo, server) = (Repo::new(), server());
    repo.write("apps/a/release.yaml", release("a", "6.1.0", "{image: {tag: latest}}"));
    repo.write("apps/b/release.yaml", release("b", "6.2.0", "{}"));
    repo.write("apps/repository.yaml", repository(&format!("http://{}/charts", server.host()))).commit();
    let (code, report, said) = check(&repo, &["--fetch"]);
    let expected = [
        r#""apps/a/release.yaml": "apps/a/release.yaml":6 "image-digest-missing""#,
        r#""apps/a/release.yaml": "apps/a/release.yaml":6 "image-tag-floating""#,
        r#""apps/b/release.yaml": "apps/b/release.yaml":5 "deployment-version-absent""#,
    ];
    assert_eq!((code, found(&report)), (1, expected.map(str::to_owned).into()), "{report}{said}");
    assert_eq!(report["failures"].as_array().map(Vec::len), Some(0), "{report}");
    repo.write(".chartgate.yaml", "gitops: {fetch: true}\n");
    assert_eq!(found(&check(&repo, &[]).1), expected);
    let (code, report, _) = check(&repo, &["--fetch", "--offline"]);
    assert_eq!((code, report["failures"].as_array().map(Vec::len)), (1, Some(1)), "what was fetched is kept: {report}");
}

#[test]
fn releases_of_one_file_have_names_of_their_own() {
    let repo = Repo::new();
    repo.write("apps/base/release.yaml", release("web", "6.x", "{}"));
    repo.write("apps/base/kustomization.yaml", "resources: [release.yaml]\n");
    for overlay in ["live", "dev"] {
        repo.write(&format!("apps/{overlay}/kustomization.yaml"), "resources: [../base]\n");
    }
    repo.commit();
    let (_, report, _) = check(&repo, &[]);
    let charts = report["charts"].as_array().expect("a list").iter();
    let paths: Vec<&str> = charts.filter_map(|chart| chart["path"].as_str()).collect();
    let expected = ["apps/base/release.yaml (web of apps/dev)", "apps/base/release.yaml (web of apps/live)"];
    assert_eq!(paths, expected);
    assert_eq!(found(&report).len(), 1, "only one is production: {report}");
}

#[test]
fn a_run_over_what_changed_judges_every_release() {
    let repo = Repo::new();
    repo.write("apps/b/release.yaml", release("b", "6.x", "{}"));
    let id = repo.commit();
    repo.remote_branch("main", &id);
    let (code, report, said) = check(&repo, &["--changed"]);
    assert_eq!((code, found(&report).len()), (3, 1), "{report}{said}");
}

#[test]
fn a_comment_in_the_file_of_a_release_counts_for_it() {
    let repo = Repo::new();
    let text = release("b", "6.x", "{}")
        .replace("  chart:", "  # chartgate: ignore[deployment-version-floating] a bot\n  chart:");
    repo.write("apps/release.yaml", text).commit();
    let (_, report, _) = check(&repo, &[]);
    assert_eq!(report["findings"][0]["suppressed"]["reason"], "a bot", "{report}");
}

#[test]
fn a_folder_that_holds_neither_charts_nor_deployments_is_a_wrong_request() {
    let repo = Repo::new();
    repo.write("a.yaml", "a: 1\n").commit();
    let (code, _, said) = check(&repo, &[]);
    assert!(code == 2 && said.contains("no chart in `.`"), "{code} {said}");
}

#[test]
fn releases_beside_charts_are_counted_and_with_fetch_judged_with_theirs() {
    let (repo, server) = (Repo::new(), server());
    let pod = |image: &str| {
        format!(
            "apiVersion: v1\nkind: Pod\nmetadata: {{name: own}}\nspec:\n  containers: [{{name: own, image: '{image}'}}]\n"
        )
    };
    repo.write("charts/own/Chart.yaml", "apiVersion: v2\nname: own\nversion: 1.0.0\n");
    repo.write("charts/own/templates/pod.yaml", pod("ghcr.io/example/own:latest"));
    repo.write("apps/a/release.yaml", release("a", "6.1.0", "{image: {tag: latest}}"));
    repo.write("apps/b/release.yaml", release("b", "6.x", "{}"));
    repo.write("apps/repository.yaml", repository(&format!("http://{}/charts", server.host()))).commit();
    let own = r#""charts/own": "charts/own/templates/pod.yaml":5 "image-tag-floating""#.to_owned();
    let names = |report: &Value| -> Vec<String> {
        let charts = report["charts"].as_array().expect("a list").iter();
        charts.map(|chart| format!("{} {}", chart["path"], chart["name"])).collect()
    };
    let counted = "deployments of charts that are not here are not judged beside charts that are: 2";
    let says =
        |report: &Value| report["skipped"].as_array().expect("a list").iter().any(|each| each["reason"] == counted);
    let (code, report, said) = check(&repo, &[]);
    assert_eq!((code, found(&report)), (0, vec![own.clone()]), "{report}{said}");
    assert_eq!(names(&report), [r#""charts/own" "own""#]);
    assert!(says(&report), "{report}");

    let judged = [
        r#""apps/a/release.yaml": "apps/a/release.yaml":6 "image-digest-missing""#,
        r#""apps/a/release.yaml": "apps/a/release.yaml":6 "image-tag-floating""#,
        r#""apps/b/release.yaml": "apps/b/release.yaml":5 "deployment-version-floating""#,
        r#""apps/b/release.yaml": "podinfo-6.1.0.tgz/values.yaml":1 "image-digest-missing""#,
    ];
    let of_releases =
        |report: &Value| found(report).into_iter().filter(|each| !each.contains("charts/own")).collect::<Vec<_>>();
    let (code, report, said) = check(&repo, &["--fetch"]);
    assert_eq!((code, of_releases(&report)), (1, judged.map(str::to_owned).to_vec()), "{report}{said}");
    assert!(found(&report).contains(&own) && !says(&report), "{report}");
    let all = [r#""charts/own" "own""#, r#""apps/a/release.yaml" "podinfo""#, r#""apps/b/release.yaml" "podinfo""#];
    assert_eq!(names(&report), all);
    // The configuration says the same, and one chart by its name is judged alone.
    repo.write(".chartgate.yaml", "gitops: {fetch: true}\n");
    assert_eq!(names(&check(&repo, &[]).1), all);
    assert_eq!(names(&check(&repo, &["charts/own"]).1), [r#""charts/own" "own""#]);
    // What cannot be fetched is said, and the charts that are here are judged all the same.
    repo.write("apps/repository.yaml", repository("http://127.0.0.1:1/charts"));
    let (code, report, _) = check(&repo, &["--fetch"]);
    assert_eq!((code, report["failures"].as_array().map(Vec::len)), (3, Some(2)), "{report}");
    assert!(found(&report).contains(&own), "{report}");
}

/// A chart whose templates deploy `podinfo` from a chart repository.
fn platform(folder: &std::path::Path, host: &str) -> Vec<u8> {
    let write = |path: &str, text: &str| {
        let path = folder.join("platform").join(path);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    };
    write("Chart.yaml", "apiVersion: v2\nname: platform\nversion: 2.0.0\n");
    write("values.yaml", "tag: 6.1.0\n");
    let application = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: podinfo}}\nspec:\n  destination: {{namespace: shop}}\n  source: {{repoURL: 'http://{host}/charts', chart: podinfo, targetRevision: 6.1.0, helm: {{parameters: [{{name: image.tag, value: '{{{{ .Values.tag }}}}'}}]}}}}\n"
    );
    write("templates/podinfo.yaml", &application);
    assert_eq!(run(folder, &["package", "platform"]).0, 0);
    std::fs::read(folder.join("platform-2.0.0.tgz")).expect("it was written")
}

#[test]
fn what_a_fetched_chart_deploys_is_fetched_and_judged_as_well() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (podinfo, parent) = (packaged(folder.path(), "6.1.0"), std::sync::Arc::new(std::sync::OnceLock::new()));
    let index = "apiVersion: v1\nentries:\n  podinfo:\n  - {apiVersion: v2, name: podinfo, version: 6.1.0, urls: [podinfo-6.1.0.tgz]}\n  platform:\n  - {apiVersion: v2, name: platform, version: 2.0.0, urls: [platform-2.0.0.tgz]}\n";
    let package = std::sync::Arc::clone(&parent);
    let server = FaultServer::new(move |asked| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::Whole(200, vec![], index.as_bytes().to_vec()),
        "/charts/podinfo-6.1.0.tgz" => Reply::Whole(200, vec![], podinfo.clone()),
        "/charts/platform-2.0.0.tgz" => Reply::Whole(200, vec![], package.get().cloned().unwrap_or_default()),
        _ => Reply::page(404),
    });
    parent.set(platform(folder.path(), &server.host())).expect("it is set once");
    let repo = Repo::new();
    let root = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: platform}}\nspec:\n  source:\n    repoURL: http://{}/charts\n    chart: platform\n    targetRevision: 2.0.0\n    helm:\n      valuesObject:\n        tag: latest\n",
        server.host()
    );
    repo.write("apps/platform.yaml", root).commit();
    let (code, report, said) = check(&repo, &["--fetch"]);
    let child = r#""apps/platform.yaml (podinfo of apps)": "apps/platform.yaml":11"#;
    let expected = ["image-digest-missing", "image-tag-floating"].map(|rule| format!("{child} \"{rule}\""));
    assert_eq!((code, found(&report)), (1, expected.into()), "{report}{said}");
}

#[test]
fn what_a_kustomization_of_a_fetched_chart_applies_is_judged_once() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let podinfo = packaged(folder.path(), "6.1.0");
    let write = |path: &str, content: &str| {
        let path = folder.path().join("parent").join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::fs::write(path, content).expect("a file can be written");
    };
    write("Chart.yaml", "apiVersion: v2\nname: parent\nversion: 1.0.0\n");
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: live, namespace: flux-system}\nspec:\n  path: ./live\n  sourceRef: {kind: GitRepository, name: flux-system}\n  postBuild: {substitute: {TAG: latest}}\n";
    write("templates/live.yaml", kustomization);
    assert_eq!(run(folder.path(), &["package", "parent"]).0, 0);
    let parent = std::fs::read(folder.path().join("parent-1.0.0.tgz")).expect("it was written");
    let index = "apiVersion: v1\nentries:\n  podinfo:\n  - {apiVersion: v2, name: podinfo, version: 6.1.0, urls: [podinfo-6.1.0.tgz]}\n  parent:\n  - {apiVersion: v2, name: parent, version: 1.0.0, urls: [parent-1.0.0.tgz]}\n";
    let server = FaultServer::new(move |asked| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::Whole(200, vec![], index.as_bytes().to_vec()),
        "/charts/podinfo-6.1.0.tgz" => Reply::Whole(200, vec![], podinfo.clone()),
        "/charts/parent-1.0.0.tgz" => Reply::Whole(200, vec![], parent.clone()),
        _ => Reply::page(404),
    });
    let repo = Repo::new();
    let release = |name: &str, version: &str, more: &str| {
        format!(
            "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: {name}, namespace: flux-system}}\nspec:\n  chart: {{spec: {{chart: {name}, version: {version}, sourceRef: {{kind: HelmRepository, name: charts}}}}}}\n{more}"
        )
    };
    let charts = format!(
        "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {{name: charts, namespace: flux-system}}\nspec: {{url: 'http://{}/charts'}}\n",
        server.host()
    );
    repo.write("boot/charts.yaml", charts);
    repo.write("boot/parent.yaml", release("parent", "1.0.0", ""));
    repo.write("live/podinfo.yaml", release("podinfo", "6.1.0", "  values: {image: {tag: '${TAG:=6.1.0}'}}\n"));
    repo.commit();
    let (code, report, said) = check(&repo, &["--fetch"]);
    let child = r#""live/podinfo.yaml": "live/podinfo.yaml":6"#;
    let expected = ["image-digest-missing", "image-tag-floating"].map(|rule| format!("{child} \"{rule}\""));
    assert_eq!((code, found(&report)), (1, expected.into()), "{report}{said}");
}

#[test]
fn a_chart_makes_deployments_under_its_configured_profiles() {
    let repo = Repo::new();
    let chart = |folder: &str, name: &str, values: &str, template: &str| {
        repo.write(&format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"));
        repo.write(&format!("{folder}/values.yaml"), values);
        repo.write(&format!("{folder}/templates/a.yaml"), template);
    };
    chart(
        "web",
        "web",
        "tag: 1.0.0\n",
        "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'ghcr.io/example/web:{{ .Values.tag }}'}]}\n",
    );
    chart(
        "boot",
        "boot",
        "apps: []\n",
        "{{- range .Values.apps }}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: {{ .name }}}\nspec:\n  destination: {namespace: shop}\n  source: {repoURL: https://example.org/a.git, path: web, helm: {parameters: [{name: tag, value: {{ .tag }}}]}}\n{{- end }}\n",
    );
    repo.write("boot/live.yaml", "apps:\n- name: web\n  tag: latest\n");
    repo.write(".chartgate.yaml", "profiles: {live: {production: true, charts: [boot], values: [live.yaml]}}\n");
    repo.commit();
    let (_, report, said) = check(&repo, &["--offline"]);
    let floating: Vec<String> = found(&report).into_iter().filter(|line| line.contains("image-tag-floating")).collect();
    assert_eq!(floating, [r#""web": "boot/live.yaml":3 "image-tag-floating""#], "{report}{said}");
    repo.write(
        ".chartgate.yaml",
        "profiles: {live: {production: true, charts: [boot], set: ['apps[0].name=web', 'apps[0].tag=latest']}}\n",
    );
    let (_, report, said) = check(&repo, &["--offline"]);
    let floating: Vec<String> = found(&report).into_iter().filter(|line| line.contains("image-tag-floating")).collect();
    assert_eq!(floating, [r#""web": ".chartgate.yaml":1 "image-tag-floating""#], "{report}{said}");
    // What is no production makes none.
    repo.write(".chartgate.yaml", "profiles: {live: {charts: [boot], values: [live.yaml]}}\n");
    let (_, report, _) = check(&repo, &["--offline"]);
    let missing = found(&report)
        .into_iter()
        .any(|line| line.contains(r#""web": "boot/live.yaml""#) && line.contains("image-digest-missing"));
    assert!(!missing, "{report}");
}

#[test]
fn versions_and_packages_are_named_in_every_way_that_helm_takes() {
    let (repo, server) = (Repo::new(), server());
    let url = format!("http://{}/charts", server.host());
    let application = |version: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: podinfo}}\nspec:\n  source:\n    repoURL: {url}\n    chart: podinfo\n    targetRevision: {version}\n    helm: {{valueFiles: [values.yaml]}}\n"
        )
    };
    repo.write("apps/exact.yaml", application("v6.1.0"));
    repo.write("apps/short.yaml", application("'6.1'"));
    repo.write("apps/gone.yaml", application("v6.2.0"));
    repo.write("apps/helmfile.yaml", format!("releases:\n- {{name: podinfo, chart: '{url}/podinfo-6.1.0.tgz'}}\n"));
    repo.write(
        "apps/lost/helmfile.yaml",
        format!("releases:\n- {{name: podinfo, chart: '{url}/podinfo-6.3.0.tgz'}}\n"),
    );
    repo.commit();
    let (_, report, said) = check(&repo, &["--fetch"]);
    let image = |file: &str| format!("\"{file}\": \"{file}\":");
    let found = found(&report);
    let absent: Vec<&String> = found.iter().filter(|line| line.contains("deployment-version-absent")).collect();
    assert_eq!(absent.len(), 2, "{found:?}{said}");
    assert!(
        absent[0].starts_with(&image("apps/gone.yaml")) && absent[1].starts_with(&image("apps/lost/helmfile.yaml"))
    );
    assert_eq!(report["failures"].as_array().map(Vec::len), Some(0), "{report}");
    for file in ["apps/exact.yaml", "apps/short.yaml", "apps/helmfile.yaml"] {
        let judged = report["findings"]
            .as_array()
            .expect("a list")
            .iter()
            .any(|each| each["chart"] == file && each["rule"] == "image-digest-missing");
        assert!(judged, "{file}: {report}");
    }
}

#[test]
fn a_helmfile_under_a_name_of_its_own_that_cannot_be_read_is_said() {
    let repo = Repo::new();
    repo.write("web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("web/apps.yaml.gotmpl", b"repositories: []\nreleases:\n- {name: web, chart: ., values: [\"\xff\"]}\n")
        .commit();
    let (code, report, said) = check(&repo, &["web", "--offline"]);
    let failures = report["failures"].to_string();
    assert!(code == 3 && failures.contains("`web/apps.yaml.gotmpl` is not UTF-8"), "{code} {failures} {said}");
}

/// A chart that makes an Application of each entry of its values, as `argocd-apps` does.
fn maker(folder: &std::path::Path) -> Vec<u8> {
    let write = |path: &str, text: &str| {
        let path = folder.join("apps").join(path);
        std::fs::create_dir_all(path.parent().expect("it has one")).expect("a folder can be made");
        std::fs::write(path, text).expect("a file can be written");
    };
    write("Chart.yaml", "apiVersion: v2\nname: apps\nversion: 1.0.0\n");
    let application = "{{- range $name, $app := .Values.applications }}\n---\napiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: '{{ $name }}'}\nspec:\n  {{- toYaml $app | nindent 2 }}\n{{- end }}\n";
    write("templates/applications.yaml", application);
    assert_eq!(run(folder, &["package", "apps"]).0, 0);
    std::fs::read(folder.join("apps-1.0.0.tgz")).expect("it was written")
}

#[test]
fn what_a_published_chart_may_make_of_a_chart_that_is_here_is_said_and_with_fetch_followed() {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let data = maker(folder.path());
    let index =
        "apiVersion: v1\nentries:\n  apps:\n  - {apiVersion: v2, name: apps, version: 1.0.0, urls: [apps-1.0.0.tgz]}\n";
    let server = FaultServer::new(move |asked| match asked.path.as_str() {
        "/charts/index.yaml" => Reply::Whole(200, vec![], index.as_bytes().to_vec()),
        "/charts/apps-1.0.0.tgz" => Reply::Whole(200, vec![], data.clone()),
        _ => Reply::page(404),
    });
    let repo = Repo::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: 'ghcr.io/example/web:{{ .Values.tag }}'}]\n";
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("charts/web/values.yaml", "tag: 1.0.0\n").write("charts/web/templates/pod.yaml", pod);
    repo.write("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: 1.0.0\n");
    repo.write("charts/db/templates/pod.yaml", pod.replace("{{ .Values.tag }}", "1.0.0"));
    let root = format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: root}}\nspec:\n  source:\n    repoURL: http://{}/charts\n    chart: apps\n    targetRevision: 1.0.0\n    helm:\n      valuesObject:\n        applications:\n          web:\n            destination: {{namespace: live}}\n            source: {{repoURL: 'https://github.com/acme/web', path: charts/web, helm: {{valuesObject: {{tag: latest}}}}}}\n",
        server.host()
    );
    repo.write("root.yaml", &root).commit();
    let said = "a deployment of this chart cannot be followed: what the chart `apps` makes of these values may deploy it, and that chart is not here: `--fetch` brings it";
    for arguments in [&["charts/web"][..], &[]] {
        let (code, report, stderr) = check(&repo, arguments);
        assert_eq!((code, &report["failures"][0]["message"]), (3, &Value::from(said)), "{report}{stderr}");
        assert_eq!(report["failures"][0]["line"], 14, "{report}");
    }
    assert_eq!(check(&repo, &["charts/db"]).0, 0, "nothing speaks of it");
    // A path beside no address is no source.
    let ingress = root
        .replace("source: {repoURL: 'https://github.com/acme/web', path: charts/web,", "ingress: {path: charts/web,");
    repo.write("root.yaml", &ingress).commit();
    assert_eq!(check(&repo, &["charts/web"]).0, 0, "it is a path of something else");
    repo.git(&["remote", "add", "origin", "https://github.com/me/mine.git"]);
    repo.write("root.yaml", &root).commit();
    assert_eq!(check(&repo, &["charts/web"]).0, 0, "the source is another repository");
    repo.git(&["remote", "remove", "origin"]);
    let floating = r#""charts/web": "root.yaml":14 "image-tag-floating""#.to_owned();
    for arguments in [&["charts/web", "--fetch"][..], &["--fetch"]] {
        let (code, report, stderr) = check(&repo, arguments);
        assert!(code == 1 && found(&report).contains(&floating), "{report}{stderr}");
        assert_eq!(report["failures"].as_array().map(Vec::len), Some(0), "{report}");
    }
}

#[test]
fn gitops_files_that_git_does_not_track_yet_are_named() {
    let repo = Repo::new();
    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    repo.write("charts/web/templates/pod.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web}\n").commit();
    repo.write("apps/release.yaml", release("a", "6.1.0", "{}"));
    repo.write("apps/values.yaml", "a: 1\n");
    let reasons = |report: &Value| report["skipped"].to_string();
    let named =
        "GitOps files that git does not track yet are not looked at: `apps/release.yaml`; `git add` brings them in";
    let (_, report, said) = check(&repo, &[]);
    assert!(reasons(&report).contains(named), "{report}{said}");
    repo.commit();
    assert!(!reasons(&check(&repo, &[]).1).contains("does not track"), "it is tracked now");
}

#[test]
fn links_of_a_revision_are_followed_as_those_of_the_working_tree() {
    let repo = Repo::new();
    repo.write("shared/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: 'ghcr.io/example/web:{{ .Values.tag }}'}]\n";
    repo.write("shared/web/templates/pod.yaml", pod).write("shared/web/values.yaml", "tag: 1.0.0\n");
    repo.write("values/live.yaml", "tag: latest\n");
    let link = |target: &str, path: &str| {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder can be made");
        std::os::unix::fs::symlink(target, path).expect("a link can be made");
    };
    link("../../values/live.yaml", "shared/web/live.yaml");
    link("../shared/web", "charts/web");
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: charts/web, helm: {valueFiles: [live.yaml]}}}\n";
    repo.write("apps/web.txt", application);
    link("web.txt", "apps/web.yaml");
    repo.commit();
    let floating = r#""shared/web": "values/live.yaml":1 "image-tag-floating""#.to_owned();
    for arguments in [&["shared/web"][..], &["shared/web", "--at", "HEAD"]] {
        let (_, report, said) = check(&repo, arguments);
        let found = found(&report);
        assert!(
            found.iter().any(|each| each.contains("image-tag-floating")),
            "{arguments:?} {floating} {report}{said}"
        );
    }
}

/// What is tried, its files, and where the link `deploy/link` leads.
type Linked = (&'static str, Vec<(&'static str, String)>, &'static str);

#[test]
fn links_to_folders_are_followed_wherever_a_path_is_written() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: 'ghcr.io/example/web:{{ .Values.tag }}'}]\n";
    let application = |values: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec: {{source: {{path: charts/web, helm: {{valueFiles: [{values}], ignoreMissingValueFiles: true}}}}}}\n"
        )
    };
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nimages: [{name: ghcr.io/example/web, newTag: latest}]\n";
    let patch = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: 'ghcr.io/example/web:latest'}]}\n";
    let inflated = |more: &str| format!("helmGlobals: {{chartHome: ../charts}}\nhelmCharts: [{{name: web}}]\n{more}");
    let linked_home =
        inflated("").replace("../charts", "link").replace("{name: web}", "{name: web, valuesFile: link/live.yaml}");
    let flux = release("web", "1.0.0", "{tag: latest}")
        .replace("chart: podinfo", "chart: charts/web")
        .replace("kind: HelmRepository, name: podinfo", "kind: GitRepository, name: own");
    let kustomization = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: apps, namespace: flux-system}\nspec:\n  path: ./deploy/link\n  sourceRef: {kind: GitRepository, name: own}\n  patches: [{target: {kind: HelmRelease}, patch: '- {op: add, path: /spec/values, value: {tag: latest}}'}]\n";
    let values = "tag: latest\n";
    let cases: [Linked; 8] = [
        (
            "values",
            vec![("deploy/a.yaml", application("../../deploy/link/live.yaml")), ("real/live.yaml", values.into())],
            "../real",
        ),
        (
            "a pattern",
            vec![("deploy/a.yaml", application("../../deploy/link/*.yaml")), ("real/live.yaml", values.into())],
            "../real",
        ),
        (
            "a pattern of folders",
            vec![("deploy/a.yaml", application("../../deploy/*/live.yaml")), ("real/live.yaml", values.into())],
            "../real",
        ),
        (
            "a component",
            vec![
                ("deploy/kustomization.yaml", inflated("components: [link]\n")),
                ("real/kustomization.yaml", component.into()),
            ],
            "../real",
        ),
        (
            "a patch",
            vec![
                ("deploy/kustomization.yaml", inflated("patches: [{path: link/p.yaml}]\n")),
                ("deploy/real/p.yaml", patch.into()),
            ],
            "real",
        ),
        (
            "a home of charts",
            vec![("deploy/kustomization.yaml", linked_home), ("charts/live.yaml", values.into())],
            "../charts",
        ),
        (
            "values of a helmfile",
            vec![
                (
                    "deploy/helmfile.yaml",
                    "releases: [{name: web, chart: ../charts/web, values: [link/live.yaml]}]\n".into(),
                ),
                ("real/live.yaml", values.into()),
            ],
            "../real",
        ),
        (
            "a path of Flux",
            vec![
                ("deploy/apps.yaml", kustomization.into()),
                ("real/a.yaml", flux.replace("{tag: latest}", "{tag: '1'}")),
            ],
            "../real",
        ),
    ];
    for (name, files, target) in cases {
        let repo = Repo::new();
        repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
        repo.write("charts/web/templates/pod.yaml", pod).write("charts/web/values.yaml", "tag: 1.0.0\n");
        for (path, text) in &files {
            repo.write(path, text);
        }
        std::os::unix::fs::symlink(target, repo.root().join("deploy/link")).expect("a link can be made");
        repo.commit();
        for arguments in [&["charts/web"][..], &["charts/web", "--at", "HEAD"]] {
            let (_, report, said) = check(&repo, arguments);
            let found = found(&report);
            assert!(
                found.iter().any(|each| each.contains("image-tag-floating")),
                "{name} {arguments:?}: {report}{said}"
            );
            assert_eq!(report["failures"].as_array().map(Vec::len), Some(0), "{name}: {report}{said}");
        }
    }
}

#[test]
fn a_sub_chart_that_is_deployed_by_itself_is_no_part_of_its_parent_alone() {
    let repo = Repo::new();
    repo.chart(".", "root", "1.0.0", "inner: {on: false}\n").write(".helmignore", "apps/\n");
    let chart = "apiVersion: v2\nname: root\nversion: 1.0.0\ndependencies: [{name: inner, version: 1.0.0, condition: inner.on}]\n";
    repo.write("Chart.yaml", chart);
    repo.chart("charts/inner", "inner", "1.0.0", "");
    repo.write(
        "apps/inner.yaml",
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web, namespace: argocd}\nspec:\n  project: default\n  destination: {namespace: web, server: x}\n  source: {repoURL: \"https://e.com/x.git\", path: charts/inner}\n",
    );
    repo.commit();
    let check = |charts: &[&str]| {
        let options = ["--offline", "--format", "concise", "--select", "version-invalid,image-tag-missing"];
        run(repo.root(), &[&["check"][..], charts, &options[..]].concat())
    };
    let (code, out, _) = check(&["."]);
    assert!(
        code == 3 && out.contains("apps/inner.yaml:7:") && out.contains("`chartgate check . charts/inner`"),
        "{out}"
    );
    let (code, out, _) = check(&[".", "charts/inner"]);
    assert_eq!(code, 0, "{out}");
}
