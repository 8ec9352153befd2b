//! `chartgate pin`: what is written, what is left alone, and what half an answer does.

use std::process::Command;

use crate::cli::Sample;
use crate::fault_server::{FaultServer, Reply, digest};
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
fn a_registry_that_fails_half_way_leaves_every_file_as_it_was() {
    let server = registry();
    let text = format!("image:\n  tag: \"2.0\"\nsidecar: {}/proxy:broken\n", server.host());
    let sample = sample(&server.host(), &text);
    let (code, out, err) = sample.run(&["pin", "charts/a"]);
    assert_eq!((code, out.as_str()), (3, ""), "{err}");
    assert!(err.contains("nothing was written"), "{err}");
    assert_eq!(sample.read("charts/a/values-prod.yaml"), text);
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
