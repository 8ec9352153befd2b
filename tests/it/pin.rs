//! `chartgate pin`: what is written, what is left alone, and what half an answer does.

use std::process::Command;

use crate::cli::{Sample, program};
use crate::fault_server::{FaultServer, Reply, digest};
use crate::git_repo::Repo;
use crate::oci_registry::{Programs, Server};

/// What a registry answers for a tag.
fn manifest(tag: &str) -> String {
    format!(
        "{{\"schemaVersion\":2,\"config\":{{}},\"annotations\":{{\"tag\":\"{tag}\"}},\"manifests\":[{{\"platform\":{{\"os\":\"linux\",\"architecture\":\"amd64\"}}}}]}}"
    )
}

fn digest_of(tag: &str) -> String {
    digest(manifest(tag).as_bytes())
}

/// A registry that has every tag but those that say otherwise.
fn registry() -> FaultServer {
    FaultServer::new(|asked| {
        let reference = asked.path.rsplit('/').next().unwrap_or_default().to_owned();
        match reference.as_str() {
            "broken" => Reply::json(500, "{}"),
            "page" => Reply::page(200),
            "gone" => Reply::json(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
            reference if reference.starts_with("sha256:") => {
                let tags = ["1.0", "2.0", "3.0"].into_iter().find(|tag| digest_of(tag) == reference);
                tags.map_or_else(
                    || Reply::json(404, r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#),
                    |tag| Reply::json(200, &manifest(tag)),
                )
            }
            tag => Reply::json(200, &manifest(tag)).with(format!("Docker-Content-Digest: {}", digest_of(tag))),
        }
    })
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}\"\n  - name: b\n    image: {{ .Values.sidecar }}\n";

/// A chart whose production values set the tag of one image and name another whole.
fn sample(host: &str, prod: &str) -> Sample {
    let sample = Sample::new();
    sample.write("charts/a/templates/pod.yaml", POD);
    sample.write("charts/a/values.yaml", &format!("image:\n  repository: {host}/web # where it is\n  tag: \"1.0\"\n  digest: \"\"\nsidecar: {host}/proxy:1.0\n"));
    sample.write("charts/a/values-prod.yaml", prod);
    sample
}

#[test]
fn digests_go_beside_the_tags_that_production_runs() {
    let server = registry();
    let sample = sample(&server.host(), "image:\n  tag: \"2.0\" # the release\n");
    let defaults = sample.read("charts/a/values.yaml");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let prod = format!("image:\n  tag: \"2.0\" # the release\n  digest: \"{}\"\n", digest_of("2.0"));
    assert_eq!(sample.read("charts/a/values-prod.yaml"), prod);
    let pinned = format!("{}/proxy:1.0", server.host());
    assert_eq!(
        sample.read("charts/a/values.yaml"),
        defaults.replace(&pinned, &format!("{pinned}@{}", digest_of("1.0")))
    );
    assert!(out.contains("(profiles `default`, `values-prod`)") && out.ends_with("2 pinned, 0 left\n"), "{out}");
    assert_eq!(sample.run(&["pin", "charts/a"]).1, "0 pinned, 0 left\n");
    assert_eq!(sample.run(&["pin", "charts/a", "--check"]).0, 0);
    let (code, out, _) = sample.run(&["check", "charts/a", "--select", "image-digest-missing"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn where_no_profile_is_production_that_is_said() {
    let server = registry();
    let sample = sample(&server.host(), "{}\n");
    std::fs::remove_file(sample.path().join("charts/a/values-prod.yaml")).expect("it is there");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!((code, out.as_str()), (0, "0 pinned, 0 left\n"));
    assert!(err.contains("no profile is production; `--profile PROFILE` pins the images of another"), "{err}");
}

#[test]
fn a_profile_that_sets_the_same_tag_is_pinned_in_its_own_file() {
    let server = registry();
    let sample = sample(&server.host(), "image:\n  tag: \"1.0\"\n");
    let values =
        format!("image:\n  repository: {}/web\n  tag: \"1.0\"\n  digest: \"\"\nsidecar: none\n", server.host());
    sample.write("charts/a/values.yaml", &values);
    sample.write("charts/a/templates/pod.yaml", &POD.replace("  - name: b\n    image: {{ .Values.sidecar }}\n", ""));
    sample.write("charts/a/values-dev.yaml", "image: {tag: \"3.0\"}\n");
    let profiles = "profiles: {dev: {values: [values-dev.yaml]}, eu: {production: true, values: [values-prod.yaml]}, us: {production: true}}\n";
    sample.write(".chartgate.yaml", profiles);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    // In the chart's own values the digest would be that of what `dev` runs as well.
    assert!(code == 1 && out.contains("1 pinned, 1 left") && err.contains("in profile `dev` too"), "{code} {out}{err}");
    assert_eq!(sample.read("charts/a/values.yaml"), values);
    let pinned = format!("image:\n  tag: \"1.0\"\n  digest: \"{}\"\n", digest_of("1.0"));
    assert_eq!(sample.read("charts/a/values-prod.yaml"), pinned);
}

#[test]
fn a_tag_that_a_label_prints_too_takes_no_digest() {
    let server = registry();
    let sample = Sample::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {version: {{ .Values.image.tag | trunc 63 | quote }}}}\nspec:\n  containers:\n  - name: a\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n";
    let values = format!("image:\n  repository: {}/web\n  tag: \"1.0\"\n", server.host());
    sample.write("charts/a/templates/pod.yaml", pod);
    sample.write("charts/a/values.yaml", &values);
    sample.write("charts/a/values-prod.yaml", "{}\n");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert!(code == 1 && out.contains("0 pinned, 1 left"), "{code} {out}");
    assert!(err.contains("would stand at `metadata.labels.version` of `Pod/a` too"), "{err}");
    assert_eq!(sample.read("charts/a/values.yaml"), values);
}

#[test]
fn an_image_of_a_dependency_is_pinned_from_above() {
    let server = registry();
    let sample = Sample::new();
    let dependency =
        "dependencies: [{name: cache, alias: store, version: 1.0.0, repository: \"https://charts.example.org\"}]\n";
    sample.write("charts/a/Chart.yaml", &format!("apiVersion: v2\nname: a\nversion: 1.2.3\n{dependency}"));
    sample.write("charts/a/charts/cache/Chart.yaml", "apiVersion: v2\nname: cache\nversion: 1.0.0\n");
    let values = format!("image: {{repository: {0}/web, tag: \"1.0\"}}\nsidecar: {0}/proxy:1.0\n", server.host());
    let pod = POD.replace("{{ with .Values.image.digest }}@{{ . }}{{ end }}", "");
    sample.write("charts/a/charts/cache/values.yaml", &values);
    sample.write("charts/a/charts/cache/templates/pod.yaml", &pod);
    sample.write("charts/a/values-prod.yaml", "replicas: 2\nstore:\n  image:\n    pull: Always # ours\n");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let digest = digest_of("1.0");
    let pinned = format!(
        "replicas: 2\nstore:\n  image:\n    pull: Always # ours\n    tag: \"1.0@{digest}\"\n  sidecar: \"{}/proxy:1.0@{digest}\"\n",
        server.host()
    );
    assert_eq!(sample.read("charts/a/values-prod.yaml"), pinned);
    assert_eq!(sample.read("charts/a/charts/cache/values.yaml"), values, "the next update brings that file anew");
    let (code, out, _) = sample.run(&["check", "charts/a", "--select", "image-digest-missing"]);
    assert_eq!(code, 0, "{out}");
}

#[test]
fn a_registry_that_fails_half_way_leaves_every_file_as_it_was() {
    let server = registry();
    let text = format!("image:\n  tag: \"2.0\"\nsidecar: {}/proxy:broken\n", server.host());
    let sample = sample(&server.host(), &text);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert!(err.contains("nothing was written"), "{err}");
    assert_eq!(sample.read("charts/a/values-prod.yaml"), text);
    sample.write("charts/a/values-prod.yaml", &text.replace("broken", "page"));
    let (_, _, err) = sample.run(&["pin", "charts/a"]);
    assert!(err.contains("help: check the address in the image's name: a login page"), "{err}");
    sample.write("charts/a/values-prod.yaml", &text.replace("broken", "gone"));
    let (code, _, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 1);
    assert!(err.contains("/proxy:gone` is not in its registry"), "{err}");
    assert_eq!(sample.read("charts/a/values-prod.yaml"), text.replace("broken", "gone"));
}

#[test]
fn check_says_which_digests_their_tags_no_longer_name() {
    let server = registry();
    let moved = format!("image:\n  tag: \"2.0\"\n  digest: {}\n", digest_of("1.0"));
    let sample = sample(&server.host(), &moved);
    let (code, out, err) = sample.run(&["pin", "charts/a", "--check"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains(&format!("names `{}` now", digest_of("2.0"))), "{out}");
    sample.write("charts/a/values-prod.yaml", &moved.replace(&digest_of("1.0"), &format!("sha256:{}", "0".repeat(64))));
    let (code, out, _) = sample.run(&["pin", "charts/a", "--check"]);
    assert_eq!(code, 1);
    assert!(out.contains("is not in its registry"), "{out}");
}

#[test]
fn check_looks_at_what_artifact_hub_is_told_as_pin_does() {
    let server = registry();
    let pinned = |tag: &str, digest: &str| format!("image: {}/web:{tag}@{digest}", server.host());
    let sample = sample(&server.host(), &format!("image:\n  tag: \"2.0\"\n  digest: {}\n", digest_of("2.0")));
    let chart = sample.read("charts/a/Chart.yaml");
    let listing = |entries: &[String]| {
        let entries: Vec<String> = entries.iter().map(|entry| format!("    - name: a\n      {entry}\n")).collect();
        let entries = entries.concat();
        sample.write("charts/a/Chart.yaml", &format!("{chart}annotations:\n  artifacthub.io/images: |\n{entries}"));
    };
    listing(&[pinned("2.0", &digest_of("2.0")), pinned("2.0", &digest_of("1.0"))]);
    let (code, out, err) = sample.run(&["pin", "charts/a", "--check"]);
    assert_eq!(code, 1, "{out}{err}");
    let line = chart.lines().count() + 6;
    let moved = format!("names `{}` now (in `artifacthub.io/images`)\n", digest_of("2.0"));
    assert!(out.starts_with(&format!("charts/a/Chart.yaml:{line}:14: the tag of `")) && out.contains(&moved), "{out}");
    assert!(out.ends_with("2 pinned images, 1 that their tags no longer name\n"), "{out}");
    assert_eq!(sample.run(&["pin", "charts/a", "--check", "--profile", "values-prod"]).0, 0);
    listing(&[pinned("2.0", &digest_of("2.0"))]);
    assert_eq!(sample.run(&["pin", "charts/a", "--check"]).0, 0);
}

#[test]
fn images_are_shown_with_what_the_registry_has() {
    let server = registry();
    let sample = sample(&server.host(), "image: {tag: gone}\n");
    let (code, out, err) = sample.run(&["images", "charts/a", "--resolve"]);
    assert_eq!(code, 0, "{err}");
    assert!(
        out.contains(&format!("      {} linux/amd64\n", digest_of("1.0")))
            && out.contains("      not in its registry\n"),
        "{out}"
    );
}

#[test]
fn a_real_registry_gives_digests_that_helm_prints() {
    let Some(programs) = Programs::find() else { return };
    let server = Server::start(&programs, |_| String::new());
    let folder = server.folder.path();
    let metadata = "apiVersion: v2\nname: agents\nversion: 1.0.0\n";
    std::fs::create_dir_all(folder.join("agents/templates")).expect("the folder is ours");
    std::fs::write(folder.join("agents/Chart.yaml"), metadata).expect("the folder is ours");
    programs.helm(folder, &["package", "agents"]);
    programs.helm(folder, &["push", "agents-1.0.0.tgz", &server.target()]);
    let sample = Sample::new();
    sample.write("charts/a/templates/pod.yaml", POD);
    let image = format!("localhost:{}/charts/agents", server.port);
    sample.write(
        "charts/a/values.yaml",
        &format!("image: {{repository: \"{image}\", tag: 1.0.0}}\nsidecar: \"{image}:1.0.0\"\n"),
    );
    sample.write("charts/a/values-prod.yaml", "replicas: 1\n");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let output = Command::new(&programs.helm)
        .current_dir(sample.path())
        .args(["template", "charts/a"])
        .output()
        .expect("helm starts");
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(
        printed.matches(&format!("{image}:1.0.0@sha256:")).count(),
        2,
        "{printed}{}",
        sample.read("charts/a/values.yaml")
    );
}

#[test]
fn an_image_that_nobody_can_be_asked_for_is_said() {
    let server = registry();
    let sample = sample(&server.host(), "image:\n  tag: \"2.0\"\nsidecar: Nginx:1\n");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.ends_with("1 pinned, 1 left\n"), "{out}");
    assert!(
        err.contains("left `Nginx:1`: nobody can be asked for it: the repository is not lower-case words"),
        "{err}"
    );
}

#[test]
fn a_line_that_an_anchor_brings_elsewhere_is_left_alone() {
    let server = registry();
    let text =
        format!("image:\n  tag: \"2.0\"\n  digest: \"\"\nsidecar: &proxy {}/proxy:1.0\nother: *proxy\n", server.host());
    let sample = sample(&server.host(), &text);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(err.contains("by hand: the anchor `proxy` brings the line to other places too"), "{err}");
    assert!(sample.read("charts/a/values-prod.yaml").contains(&format!("&proxy {}/proxy:1.0\n", server.host())));
}

#[test]
fn images_that_artifact_hub_is_told_of_by_a_moving_tag_are_pinned_too() {
    let server = registry();
    let sample = sample(&server.host(), "image:\n  tag: \"2.0\"\n");
    let host = server.host();
    let text = format!(
        "apiVersion: v2\nname: a\nversion: 1.2.3\nannotations:\n  artifacthub.io/images: |\n    - name: web # shown\n      image: {host}/web:latest\n    - image: \"{host}/proxy:stable\"\n    - image: {host}/tool:1.0\n"
    );
    sample.write("charts/a/Chart.yaml", &text);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let expected = text
        .replace("web:latest", &format!("web:latest@{}", digest_of("latest")))
        .replace("proxy:stable", &format!("proxy:stable@{}", digest_of("stable")));
    assert_eq!(sample.read("charts/a/Chart.yaml"), expected);
    assert!(
        out.contains(&format!("{host}/proxy:stable → {} (in `artifacthub.io/images`)", digest_of("stable"))),
        "{out}"
    );
    // Who asks for the images of one profile gets those.
    sample.write("charts/a/Chart.yaml", &text);
    assert_eq!(sample.run(&["pin", "charts/a", "--profile", "default"]).0, 0);
    assert_eq!(sample.read("charts/a/Chart.yaml"), text);
    // Where the rule is off nobody wants it.
    sample.write(".chartgate.yaml", "rules: { annotation-image-floating: off }\n");
    assert_eq!(sample.run(&["pin", "charts/a"]).1, "0 pinned, 0 left\n");
    assert_eq!(sample.read("charts/a/Chart.yaml"), text);
}

#[test]
fn entries_for_artifact_hub_that_are_not_there_letter_by_letter_are_said() {
    let server = registry();
    let sample = sample(&server.host(), "image:\n  tag: \"2.0\"\n");
    let text = format!(
        "apiVersion: v2\nname: a\nversion: 1.2.3\nannotations:\n  artifacthub.io/images: \"- image: {}/web:latest\\n\"\n",
        server.host()
    );
    sample.write("charts/a/Chart.yaml", &text);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(
        err.contains(
            "in `artifacthub.io/images` can change without a new chart version: write its digest there by hand"
        ),
        "{err}"
    );
    assert_eq!(sample.read("charts/a/Chart.yaml"), text);
}

/// The kinds of faults that stood in a chart with definitions and GitOps files for months, each found in its history.
fn historic(sample: &Sample, host: &str) {
    let definition = |kind: &str| {
        let lower = kind.to_lowercase();
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: {lower}s.example.com}}\nspec:\n  group: example.com\n  scope: Namespaced\n  names: {{kind: {kind}, plural: {lower}s, singular: {lower}, listKind: {kind}List}}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n      openAPIV3Schema:\n        type: object\n        properties:\n          spec: {{type: object, properties: {{image: {{type: string}}, args: {{type: array, items: {{type: string}}}}}}}}\n"
        )
    };
    sample.write("charts/a/crds/agent.yaml", &definition("Agent"));
    sample.write("charts/a/crds/tool.yaml", &definition("Tool"));
    let example = "apiVersion: example.com/v1\nkind: Tool\nmetadata:\n  name: echo\nspec:\n  args:\n    - 'echo {{parameters.message}}'\n";
    sample.write("charts/a/examples/tool.yaml", example);
    sample.write(
        "charts/a/Chart.yaml",
        &format!("apiVersion: v2\nname: a\nversion: 1.2.3\nkeywords: [agents]\nannotations:\n  artifacthub.io/keywords: agents\n  artifacthub.io/images: |\n    - name: web\n      image: {host}/web:latest\n  artifacthub.io/crds: |\n    - kind: Agent\n      version: v1\n      name: agents.example.com\n  artifacthub.io/crdsExamples: |\n    - apiVersion: example.com/v1\n      kind: Agent\n      metadata:\n        name: one\n"),
    );
    sample.write("charts/a/README.md", "# A\n\nhelm install a oci://example.com/charts/a --version 1.1.0\n");
    sample.write(
        "charts/a/values.yaml",
        &format!("image:\n  repository: {host}/web\n  tag: latest\n  digest: ''\nsidecar: {host}/proxy:1.0\n"),
    );
    sample.write("charts/a/values-prod.yaml", "image:\n  tag: \"2.0\"\n");
    sample.write("charts/a/templates/pod.yaml", POD);
    sample.write("deploy/kustomization.yaml", "resources: [collector.yaml]\nhelmGlobals: {chartHome: ../charts}\nhelmCharts:\n- name: a\n  releaseName: a\n  valuesFile: values.yaml\n");
    sample.write("deploy/values.yaml", "# of the cluster\nimage: {tag: \"3.0\"}\n");
    sample.write("deploy/collector.yaml", &format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: collector}}\nspec:\n  selector: {{matchLabels: {{app: collector}}}}\n  template:\n    metadata: {{labels: {{app: collector}}}}\n    spec:\n      containers:\n      - name: collector\n        image: {host}/collector:1.0 # of the vendor\n"));
}

const MENDED: &str = "package-version-mismatch,readme-version-mismatch,image-digest-missing,annotation-image-floating,annotation-unknown,crd-annotation-missing,crd-example-missing";

#[test]
fn faults_of_parity_digests_and_annotations_are_mended_by_fix_and_pin_alone() {
    let server = registry();
    let sample = Sample::new();
    historic(&sample, &server.host());
    let git = |arguments: &[&str]| {
        let mut git = Command::new("git");
        git.current_dir(sample.path()).env("GIT_CONFIG_GLOBAL", "/dev/null").args([
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
        ]);
        assert!(git.args(arguments).output().expect("git starts").status.success(), "{arguments:?}");
    };
    git(&["init", "--quiet"]);
    git(&["add", "."]);
    let found = || {
        let (_, out, err) = sample.run(&["check", "charts/a", "--select", MENDED, "--format", "concise"]);
        let is_one = |line: &&str| MENDED.split(',').any(|rule| line.contains(&format!(" {rule}: ")));
        (out.lines().filter(is_one).map(str::to_owned).collect::<Vec<_>>(), err)
    };
    let (before, err) = found();
    for rule in MENDED.split(',') {
        assert!(before.iter().any(|line| line.contains(rule)), "{rule}: {before:#?}{err}");
    }
    let (_, out, err) = sample.run(&["check", "charts/a", "--fix"]);
    assert!(!out.contains("alone"), "{out}{err}");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let (after, err) = found();
    assert!(after.is_empty(), "{after:#?}{err}");
    let pinned = |tag: &str| digest_of(tag);
    assert_eq!(
        sample.read("deploy/values.yaml"),
        format!("# of the cluster\nimage: {{tag: \"3.0\", digest: \"{}\"}}\n", pinned("3.0"))
    );
    assert!(
        sample.read("deploy/collector.yaml").contains(&format!("/collector:1.0@{} # of the vendor\n", pinned("1.0")))
    );
    assert!(
        sample.read("charts/a/Chart.yaml").contains("        - 'echo {{parameters.message}}'\n"),
        "{}",
        sample.read("charts/a/Chart.yaml")
    );
}

#[test]
fn a_digest_is_written_as_its_neighbours_are() {
    let server = registry();
    let host = server.host();
    for (before, after) in [
        ("{\"image\": {\"tag\": \"2.0\"}}", "{\"image\": {\"tag\": \"2.0\", \"digest\": \"D\"}}"),
        ("{\"image\": {\"tag\": \"2.0\", \"digest\": null}}", "{\"image\": {\"tag\": \"2.0\", \"digest\": \"D\"}}"),
        ("image: {\n  tag: '2.0', # it\n}\n", "image: {\n  tag: '2.0', digest: \"D\", # it\n}\n"),
        (
            "\u{feff}image:\r\n  tag: \"2.0\" # it\r\n  digest:\r\nother: 1",
            "\u{feff}image:\r\n  tag: \"2.0\" # it\r\n  digest: D\r\nother: 1",
        ),
        ("image:\n  tag:\t\"2.0\"\t# it\n  digest:\t~\n", "image:\n  tag:\t\"2.0\"\t# it\n  digest:\tD\n"),
        (
            "x: &x {tag: \"1.0\"}\nimage:\n  <<: *x\n  tag: \"2.0\"",
            "x: &x {tag: \"1.0\"}\nimage:\n  <<: *x\n  tag: \"2.0\"\n  digest: \"D\"",
        ),
    ] {
        let sample = sample(&host, before);
        sample.write(
            "charts/a/values.yaml",
            &format!("image: {{repository: {host}/web}}\nsidecar: {host}/proxy@{}\n", digest_of("1.0")),
        );
        let (code, out, err) = sample.run(&["pin", "charts/a"]);
        assert_eq!(code, 0, "{before}: {out}{err}");
        assert_eq!(sample.read("charts/a/values-prod.yaml"), after.replace('D', &digest_of("2.0")), "{before}");
    }
}

#[test]
fn digits_alone_go_where_the_template_writes_the_algorithm() {
    let server = registry();
    let host = server.host();
    for key in ["sha", "digest"] {
        let sample = sample(&host, "image: {tag: \"2.0\"}\n");
        let pod = POD.replace("@{{ . }}", "@sha256:{{ . }}").replace("image.digest", &format!("image.{key}"));
        sample.write("charts/a/templates/pod.yaml", &pod);
        let values =
            format!("image: {{repository: {host}/web, {key}: \"\"}}\nsidecar: {host}/proxy@{}\n", digest_of("1.0"));
        sample.write("charts/a/values.yaml", &values);
        let (code, out, err) = sample.run(&["pin", "charts/a"]);
        let digits = digest_of("2.0").replace("sha256:", "");
        assert_eq!(code, 0, "{key}: {out}{err}");
        let expected = format!("image: {{tag: \"2.0\", {key}: \"{digits}\"}}\n");
        assert_eq!(sample.read("charts/a/values-prod.yaml"), expected);
        assert_eq!(sample.run(&["pin", "charts/a", "--check"]).0, 0);
    }
}

/// A chart whose template prints the tag behind the repository, and more.
fn tagged(host: &str, more: &str, schema: Option<&str>) -> Sample {
    let sample = Sample::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n";
    sample.write("charts/a/templates/pod.yaml", &format!("{pod}{more}"));
    sample.write("charts/a/values.yaml", &format!("image:\n  repository: {host}/web\n  tag: \"1.0.0\"\n"));
    sample.write("charts/a/values-prod.yaml", "prod: true\n");
    if let Some(schema) = schema {
        sample.write("charts/a/values.schema.json", schema);
    }
    sample
}

#[test]
fn a_digest_with_which_a_profile_no_longer_renders_is_refused_with_the_reason() {
    let server = registry();
    let of_tag = |rule: &str| format!("{{\"properties\":{{\"image\":{{\"properties\":{{\"tag\":{{{rule}}}}}}}}}}}");
    let other = "{{ if not .Values.prod }}{{ if semverCompare \">=1.0.0\" .Values.image.tag }}\n    args: [a]\n{{ end }}{{ end }}";
    let fail = "{{ if contains \"@\" .Values.image.tag }}{{ fail \"no digest in tag\" }}{{ end }}";
    let cases = [
        ("", Some(of_tag("\"pattern\":\"^[0-9.]+$\"")), "values.schema.json:1:"),
        ("", Some(of_tag("\"maxLength\":20")), "at '/image/tag'"),
        ("", Some(of_tag("\"enum\":[\"1.0.0\",\"1.1.0\"]")), "would not render under `"),
        (fail, None, "charts/a/templates/pod.yaml:8:"),
        (fail, None, "no digest in tag"),
        (other, None, "`charts/a` would not render under `default` at charts/a/templates/pod.yaml:8:"),
    ];
    for (more, schema, reason) in cases {
        let sample = tagged(&server.host(), more, schema.as_deref());
        let values = sample.read("charts/a/values.yaml");
        let (code, out, err) = sample.run(&["pin", "charts/a"]);
        assert!(code == 1 && out.contains("0 pinned, 1 left"), "{reason}: {code} {out}{err}");
        assert!(err.contains(reason), "{reason}: {err}");
        assert_eq!(sample.read("charts/a/values.yaml"), values);
        assert_eq!(sample.run(&["pin", "charts/a", "--diff"]).1, "", "{reason}");
    }
}

#[test]
fn a_key_that_the_schema_refuses_is_the_reason_and_digits_are_tried() {
    let server = registry();
    let sample = tagged(&server.host(), "", None);
    let pod = sample.read("charts/a/templates/pod.yaml");
    let with_digest = pod.replace(".image.tag }}", ".image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}");
    sample.write("charts/a/templates/pod.yaml", &with_digest);
    let closed =
        "{\"properties\":{\"image\":{\"additionalProperties\":false,\"properties\":{\"tag\":{},\"repository\":{}}}}}";
    sample.write("charts/a/values.schema.json", closed);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert!(code == 1 && out.contains("0 pinned, 1 left"), "{code} {out}{err}");
    assert!(err.contains("additional properties 'digest' not allowed"), "{err}");
    let digits = "{\"properties\":{\"image\":{\"properties\":{\"digest\":{\"pattern\":\"^[0-9a-f]{64}$\"}}}}}";
    sample.write("charts/a/values.schema.json", digits);
    sample.write("charts/a/templates/pod.yaml", &with_digest.replace("@{{ . }}", "@sha256:{{ . }}"));
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!(code, 0, "{out}{err}");
    let digest = digest_of("1.0.0");
    assert!(sample.read("charts/a/values.yaml").contains(digest.trim_start_matches("sha256:")));
}

#[test]
fn one_pin_that_breaks_a_profile_leaves_the_others() {
    let server = registry();
    let more = "  - name: b\n    image: {{ .Values.sidecar }}\n  - name: c\n    image: {{ .Values.proxy }}\n{{ if contains \"@\" .Values.sidecar }}{{ fail \"no digest in sidecar\" }}{{ end }}";
    let sample = tagged(&server.host(), more, None);
    let host = server.host();
    let values = sample.read("charts/a/values.yaml");
    let values = format!("{values}sidecar: {host}/side:1.1.0\nproxy: {host}/proxy:1.2.0\n");
    sample.write("charts/a/values.yaml", &values);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert!(code == 1 && out.contains("2 pinned, 1 left"), "{code} {out}{err}");
    assert!(err.contains("/side:1.1.0`: with its digest") && err.contains("no digest in sidecar"), "{err}");
    let after = sample.read("charts/a/values.yaml");
    assert!(
        after.contains("/side:1.1.0\n") && after.contains(&format!("/proxy:1.2.0@{}", digest_of("1.2.0"))),
        "{after}"
    );
}

#[test]
fn what_a_template_makes_of_a_bare_tag_stays() {
    let server = registry();
    let args = "    args: [{{ ternary \"--old\" \"--new\" (eq .Values.image.tag \"1.0.0\") }}]\n";
    for (more, reason) in [
        (
            "{{ if eq .Values.image.tag \"1.0.0\" }}    args: [a]\n{{ end }}",
            "`spec.containers[0].args` of `Pod/a` would be gone",
        ),
        (args, "`spec.containers[0].args[0]` of `Pod/a` would be otherwise"),
        (
            "{{ if eq .Values.image.tag \"1.0.0\" }}\n---\napiVersion: v1\nkind: Secret\nmetadata: {name: b}\n{{ end }}",
            "`Secret/b` would be gone",
        ),
    ] {
        let sample = tagged(&server.host(), more, None);
        let (code, out, err) = sample.run(&["pin", "charts/a"]);
        assert!(code == 1 && out.contains("0 pinned, 1 left") && err.contains(reason), "{reason}: {code} {out}{err}");
    }
    let sums = "  - name: b\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}\"\n    args: [\"{{ .Values.image.tag | sha256sum }}\", \"web-{{ .Values.image.tag | sha1sum | trunc 7 }}\"]\n";
    let sample = tagged(&server.host(), sums, None);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!((code, out.contains("1 pinned, 0 left")), (0, true), "{out}{err}");
}

#[test]
fn a_digest_that_brings_up_an_error_is_refused() {
    let server = registry();
    let sample = tagged(&server.host(), "", None);
    sample.write(".chartgate/rules/image-digest-forbidden.yaml", "id: image-digest-forbidden\nsummary: image has a digest\nwhy: Ours does not take any.\nremedy: Take it away.\nseverity: error\ncategory: images\ntarget: image\nsince: 0.1.0\ndeny: image.digest != \"\"\nmessage: \"`{image.name}` has a digest\"\nfix: none\n");
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert!(code == 1 && out.contains("0 pinned, 1 left"), "{code} {out}{err}");
    assert!(err.contains("would bring up `image-digest-forbidden` at charts/a/values.yaml:"), "{err}");
}

const APPLICATION: &str = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: a, namespace: argocd}\nspec:\n  project: default\n  destination: {server: https://kubernetes.default.svc, namespace: web}\n  source:\n    repoURL: https://git.example.org/acme/shop\n    targetRevision: HEAD\n    path: charts/a\n    helm:\n";

/// A repository with a chart and what deploys it; the chart's template prints the tag and a digest of its own.
fn deployed(host: &str, file: &str, text: &str) -> Repo {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n");
    repo.write("charts/a/templates/pod.yaml", POD.split("  - name: b").next().unwrap_or_default());
    repo.write("charts/a/values.yaml", format!("image:\n  repository: {host}/web\n  tag: \"1.0\"\n"));
    repo.write(file, text).commit();
    repo
}

fn pinned(repo: &Repo) -> (i32, String) {
    let done = program().current_dir(repo.root()).args(["pin", "charts/a"]).output().expect("the program starts");
    let said = [done.stdout, done.stderr].concat();
    (done.status.code().unwrap_or(-1), String::from_utf8(said).expect("it writes UTF-8"))
}

#[test]
fn values_that_stand_in_a_text_are_pinned_where_it_is_written_letter_by_letter() {
    let server = registry();
    let digest = digest_of("2.0");
    let cases = [
        (
            "      values: |\n        image:\n          tag: \"2.0\" # x\n  # end\n",
            "tag: \"2.0\" # x\n",
            "          digest: ",
        ),
        ("      values: |-\n        image:\n          tag: \"2.0\"\n          digest: \"\"\n", "digest: \"", ""),
        ("      values: |\n        image: {tag: \"2.0\"}\n", "image: {tag: \"2.0\", digest: ", ""),
    ];
    for (values, before, more) in cases {
        let repo = deployed(&server.host(), "apps/a.yaml", &format!("{APPLICATION}{values}"));
        let (code, said) = pinned(&repo);
        assert_eq!(code, 0, "{values}: {said}");
        let text = std::fs::read_to_string(repo.root().join("apps/a.yaml")).expect("it is there");
        assert!(text.contains(&digest), "{text}");
        let (_, rest) = text.split_once(before).expect("what was there is there");
        assert!(rest.starts_with(more), "{text}");
    }
}

#[test]
fn what_is_left_names_the_line_and_the_reason() {
    let server = registry();
    let quoted = format!("{APPLICATION}      values: \"image: {{tag: '2.0'}}\"\n");
    let parameters = format!("{APPLICATION}      parameters:\n        - {{name: image.tag, value: \"2.0\"}}\n");
    let terraform = "resource \"helm_release\" \"a\" {\n  name  = \"a\"\n  chart = \"./charts/a\"\n  values = [<<EOT\nimage:\n  tag: \"2.0\"\nEOT\n  ]\n}\n";
    for (file, text, reason) in [
        ("apps/a.yaml", quoted.as_str(), "by hand at apps/a.yaml:12:29, since the values stand in one text"),
        ("apps/a.yaml", &parameters, "by hand at apps/a.yaml:13:36, since a digest needs a parameter of its own"),
        ("main.tf", terraform, "by hand at main.tf:6:8, since its file is no YAML"),
    ] {
        let repo = deployed(&server.host(), file, text);
        let (code, said) = pinned(&repo);
        assert!(code == 1 && said.contains("0 pinned, 1 left") && said.contains(reason), "{file}: {code} {said}");
    }
    let alias = format!("t: &t \"1.0\"\nimage:\n  repository: {}/web\n  tag: *t\n", server.host());
    let sample = tagged(&server.host(), "", None);
    sample.write("charts/a/values.yaml", &alias);
    let (_, _, err) = sample.run(&["pin", "charts/a"]);
    assert!(err.contains("the anchor `t` brings") || err.contains(", since an alias stands there"), "{err}");
}

#[test]
fn one_tag_of_two_images_takes_neither_digest() {
    let server = FaultServer::new(|asked| {
        let body = manifest(&asked.path);
        Reply::json(200, &body).with(format!("Docker-Content-Digest: {}", digest(body.as_bytes())))
    });
    let more = format!("  - name: b\n    image: \"{}/side:{{{{ .Values.image.tag }}}}\"\n", server.host());
    let sample = tagged(&server.host(), &more, None);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert!(code == 1 && out.contains("0 pinned, 2 left"), "{code} {out}{err}");
    let reason = |own: &str, other: &str| {
        format!(
            "/{own}:1.0.0`: its digest and that of `{}/{other}:1.0.0` would both go to charts/a/values.yaml:3:8;",
            server.host()
        )
    };
    assert!(err.contains(&reason("web", "side")) && err.contains(&reason("side", "web")), "{err}");
}
