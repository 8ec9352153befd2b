//! `--resolve`: registries are asked for the images that would run, and never without being asked to.

use std::sync::Arc;

use crate::cli::Sample;
use crate::fault_server::{FaultServer, Reply, digest};
use crate::oci_registry::{Programs, Server};

const CONFIG: &str =
    r#"{"os":"linux","architecture":"arm64","variant":"v8","created":"2026-01-02T03:04:05Z","rootfs":{}}"#;

/// The manifest of one image.
fn single() -> String {
    let config = digest(CONFIG.as_bytes());
    format!(
        r#"{{"schemaVersion":2,"config":{{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"{config}"}},"layers":[]}}"#
    )
}

/// An index of one image for two platforms, with what is attached to it.
fn index() -> String {
    let image = digest(single().as_bytes());
    let entry = |platform: &str| format!(r#"{{"digest":"{image}","platform":{platform}}}"#);
    let entries = [
        r#"{"os":"linux","architecture":"amd64"}"#,
        r#"{"os":"linux","architecture":"arm64","variant":"v8"}"#,
        r#"{"os":"unknown","architecture":"unknown"}"#,
    ];
    format!(r#"{{"schemaVersion":2,"manifests":[{}]}}"#, entries.map(entry).join(","))
}

/// A registry with an index under `2.0` and one image under `1.0`; it breaks over `broken`, and has half of `half`.
fn registry() -> FaultServer {
    let absent = r#"{"errors":[{"code":"MANIFEST_UNKNOWN"}]}"#;
    FaultServer::new(move |asked| {
        let last = asked.path.rsplit('/').next().unwrap_or_default();
        let is_half = asked.path.contains("/half/");
        let known = [CONFIG.to_owned(), single(), index()];
        if asked.path.contains("/blobs/") && is_half {
            return Reply::json(404, r#"{"errors":[{"code":"BLOB_UNKNOWN"}]}"#);
        }
        match last {
            "broken" => Reply::json(500, "{}"),
            "1.0" => {
                Reply::json(200, &single()).with(format!("Docker-Content-Digest: {}", digest(single().as_bytes())))
            }
            "2.0" => Reply::json(200, &index()).with(format!("Docker-Content-Digest: {}", digest(index().as_bytes()))),
            last => match known.iter().find(|body| digest(body.as_bytes()) == last) {
                Some(body) => Reply::json(200, body),
                None => Reply::json(404, absent),
            },
        }
    })
}

const POD: &str = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: {{ .Values.image }}\n";

/// A chart that runs one image.
fn sample(image: &str) -> Sample {
    let sample = Sample::new();
    sample.write("charts/good/templates/pod.yaml", POD);
    sample.write("charts/good/values.yaml", &format!("image: {image}\n"));
    sample
}

const RULES: &str = "image-absent,image-tag-moved,image-platform-missing";

fn found(sample: &Sample) -> (i32, Vec<String>) {
    let (code, out, err) = sample.run(&["check", "charts/good", "--resolve", "--select", RULES, "--format", "concise"]);
    (code, out.lines().chain(err.lines()).map(str::to_owned).collect())
}

#[test]
fn what_the_registry_lacks_is_an_error_and_what_it_has_for_other_platforms_a_warning() {
    let server = registry();
    let host = server.host();
    let (code, lines) = found(&sample(&format!("{host}/web:3.0")));
    assert_eq!(code, 1);
    assert!(lines[0].contains("error image-absent: the tag of") && lines[0].contains("values.yaml:1:8"), "{lines:?}");
    let (code, lines) = found(&sample(&format!("{host}/web:1.0")));
    assert_eq!(code, 0);
    assert!(lines[0].contains("has no `linux/amd64`, only `linux/arm64/v8`"), "{lines:?}");
    let (code, lines) = found(&sample(&format!("{host}/web:2.0")));
    assert_eq!((code, lines.len()), (0, 0), "{lines:?}");
    let gone = format!("sha256:{}", "0".repeat(64));
    let (code, lines) = found(&sample(&format!("{host}/web:2.0@{gone}")));
    assert_eq!(code, 1);
    assert!(lines.iter().any(|line| line.contains("image-absent: the digest of")), "{lines:?}");
    let moved = digest(single().as_bytes());
    let (code, lines) = found(&sample(&format!("{host}/web:2.0@{moved}")));
    assert_eq!(code, 0);
    assert!(
        lines.iter().any(|line| line.contains("info image-tag-moved") && line.contains("names `sha256:")),
        "{lines:?}"
    );
}

#[test]
fn a_registry_that_cannot_be_asked_is_no_pass() {
    let server = registry();
    for image in ["web:broken", "half/web:1.0"] {
        let (code, lines) = found(&sample(&format!("{}/{image}", server.host())));
        assert_eq!(code, 3, "{image}: {lines:?}");
        assert!(lines.iter().any(|line| line.contains("failure")), "{image}: {lines:?}");
    }
}

#[test]
fn nobody_is_asked_unless_somebody_wants_it() {
    let server = registry();
    let sample = sample(&format!("{}/web:3.0", server.host()));
    let plain = sample.run(&["check", "charts/good", "--format", "concise"]);
    assert!(!plain.1.contains("image-absent"), "{plain:?}");
    let named = sample.run(&["check", "charts/good", "--select", "images", "--format", "concise"]);
    assert!(
        named.1.contains("skipped image-absent, image-platform-missing, image-tag-moved: registries are asked"),
        "{named:?}"
    );
    sample.write(".chartgate.yaml", "resolve: true\n");
    let offline = sample.run(&["check", "charts/good", "--offline", "--format", "concise"]);
    assert!(offline.1.contains("as `--offline` wants it"), "{offline:?}");
    assert_eq!(server.log(), [""; 0]);
    let (code, out, _) = sample.run(&["check", "charts/good", "--format", "concise"]);
    assert_eq!((code, out.contains("error image-absent")), (1, true), "{out}");
    sample.write(".chartgate.yaml", "resolve: true\nrules: {image-absent: off}\n");
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0);
}

#[test]
fn an_image_of_many_charts_and_profiles_is_asked_for_once() {
    let server = Arc::new(registry());
    let image = format!("{}/web:2.0", server.host());
    let sample = sample(&image);
    sample.write("charts/good/values-prod.yaml", "replicas: 2\n");
    sample.write("charts/a/templates/pod.yaml", POD);
    sample.write("charts/a/values.yaml", &format!("image: {image}\n"));
    let (code, out, err) = sample.run(&["check", "charts", "--resolve", "--select", RULES]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(server.log().iter().filter(|line| line.contains("/manifests/")).count(), 1, "{:?}", server.log());
}

#[test]
fn images_say_how_old_they_are() {
    let server = registry();
    for (tag, platforms) in [("1.0", "linux/arm64/v8"), ("2.0", "linux/amd64 linux/arm64/v8")] {
        let sample = sample(&format!("{}/web:{tag}", server.host()));
        let (code, out, err) = sample.run(&["images", "charts/good", "--resolve"]);
        assert_eq!(code, 0, "{err}");
        assert!(out.contains(&format!(" {platforms}\n      built 2026-01-02")), "{out}");
        let (_, out, _) = sample.run(&["images", "charts/good", "--resolve", "--format", "json"]);
        assert!(out.contains("\"created\": \"2026-01-02T03:04:05Z\""), "{out}");
    }
}

#[test]
fn a_real_registry_is_asked_as_well() {
    let Some(programs) = Programs::find() else { return };
    let server = Server::start(&programs, |_| String::new());
    let folder = server.folder.path();
    std::fs::create_dir_all(folder.join("agents/templates")).expect("the folder is ours");
    std::fs::write(folder.join("agents/Chart.yaml"), "apiVersion: v2\nname: agents\nversion: 1.0.0\n").expect("ours");
    programs.helm(folder, &["package", "agents"]);
    programs.helm(folder, &["push", "agents-1.0.0.tgz", &server.target()]);
    let image = format!("localhost:{}/charts/agents", server.port);
    // A chart is no image: it is there, and says nothing of platforms.
    assert_eq!(found(&sample(&format!("{image}:1.0.0"))).0, 0);
    let (code, lines) = found(&sample(&format!("{image}:2.0.0")));
    assert_eq!(code, 1);
    assert!(lines[0].contains("error image-absent"), "{lines:?}");
}
