//! The container image: made by its script, pushed to the real registry, pulled, unpacked, and started as a runtime would start it.
//!
//! What is released is one static program for musl. That target is not on every machine, and a static build for another one would take as long as
//! the whole suite, so the program of the tests stands in, with the libraries that it is linked with beside it; the image itself is the script's.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::fixture::testdata;
use crate::oci_registry::{Programs, Server};

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sha256(data: &[u8]) -> String {
    Sha256::digest(data).iter().fold("sha256:".to_owned(), |mut text, byte| {
        write!(text, "{byte:02x}").expect("text takes all");
        text
    })
}

fn run(command: &mut Command) -> Output {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The words before a command that may change the root folder; none, said on standard error, where this user may not and this is not CI.
fn chroot() -> Option<Vec<&'static str>> {
    let says = |program: &str, arguments: &[&str]| {
        let output = Command::new(program).args(arguments).output();
        output.ok().filter(|output| output.status.success()).map(|output| output.stdout)
    };
    if says("id", &["-u"]).is_some_and(|id| id == b"0\n") {
        // Root of a container may lack the right, and nobody inside can give it.
        let may = says("chroot", &["--userspec=65532:65532", "/", "true"]).is_some();
        if !may {
            _ = std::io::Write::write_all(
                &mut std::io::stderr(),
                b"skipped: root may not change its root folder here\n",
            );
        }
        return may.then(|| vec!["chroot"]);
    }
    if says("sudo", &["-n", "true"]).is_some() {
        return Some(vec!["sudo", "-n", "chroot"]);
    }
    assert!(
        std::env::var_os("CI").is_none(),
        "the image is started in a root folder of its own, as root or by `sudo -n`"
    );
    _ = std::io::Write::write_all(
        &mut std::io::stderr(),
        b"skipped: only root may start the image in a folder of its own\n",
    );
    None
}

/// The program without what debuggers read, and the libraries that it is linked with.
fn program(folder: &Path) -> (PathBuf, Vec<PathBuf>) {
    let program = folder.join("chartgate");
    run(Command::new("strip").arg("-o").arg(&program).arg(env!("CARGO_BIN_EXE_chartgate")));
    let listed = String::from_utf8(run(Command::new("ldd").arg(&program)).stdout).expect("paths are UTF-8");
    let libraries = listed.split_whitespace().filter(|word| word.starts_with('/')).map(PathBuf::from);
    (program, libraries.collect())
}

/// Puts a layout into a registry as the distribution spec has it: every blob, then the manifest.
fn push(layout: &Path, repository: &str, tag: &str) {
    let read = |digest: &Value| {
        let digest = digest.as_str().expect("a digest");
        let path = layout.join("blobs").join(digest.replace(':', "/"));
        assert_eq!(sha256(&fs::read(&path).expect("the blob is there")), digest);
        (path, digest.to_owned())
    };
    let index: Value =
        serde_json::from_slice(&fs::read(layout.join("index.json")).expect("it is there")).expect("JSON");
    let (manifest, _) = read(&index["manifests"][0]["digest"]);
    let described: Value = serde_json::from_slice(&fs::read(&manifest).expect("it is there")).expect("JSON");
    let layers = described["layers"].as_array().expect("a list");
    for blob in layers.iter().chain([&described["config"]]) {
        let (path, digest) = read(&blob["digest"]);
        let begun = run(Command::new("curl")
            .args(["-sS", "-f", "-X", "POST", "-D", "-", "-o", "/dev/null"])
            .arg(format!("{repository}/blobs/uploads/")));
        let headers = String::from_utf8(begun.stdout).expect("headers are text");
        let location = headers.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case("location").then(|| value.trim().to_owned())
        });
        let location = location.expect("the registry says where to send it");
        let separator = if location.contains('?') { '&' } else { '?' };
        run(Command::new("curl")
            .args(["-sS", "-f", "-X", "PUT", "-H", "Content-Type: application/octet-stream", "-T"])
            .arg(path)
            .arg(format!("{location}{separator}digest={digest}")));
    }
    let kind = format!("Content-Type: {}", described["mediaType"].as_str().expect("a type"));
    run(Command::new("curl")
        .args(["-sS", "-f", "-X", "PUT", "-H", &kind, "-T"])
        .arg(manifest)
        .arg(format!("{repository}/manifests/{tag}")));
}

/// A manifest by its tag.
fn pull_manifest(repository: &str, tag: &str) -> Value {
    let accept = "Accept: application/vnd.oci.image.manifest.v1+json";
    let got = run(Command::new("curl").args(["-sS", "-f", "-H", accept]).arg(format!("{repository}/manifests/{tag}")));
    serde_json::from_slice(&got.stdout).expect("JSON")
}

/// A blob whose content is what its digest says.
fn pull(repository: &str, descriptor: &Value) -> Vec<u8> {
    let digest = descriptor["digest"].as_str().expect("a digest");
    let got = run(Command::new("curl").args(["-sS", "-f", "-L"]).arg(format!("{repository}/blobs/{digest}"))).stdout;
    assert_eq!(sha256(&got), digest);
    got
}

#[test]
fn the_image_is_pulled_as_it_was_made_and_judges_a_chart_as_nobody() {
    let (Some(programs), Some(chroot)) = (Programs::find(), chroot()) else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let (program, libraries) = program(folder.path());
    let package = root().join("scripts/package");
    run(Command::new(package).arg("image").arg(&program).arg("--out").arg(folder.path()));
    let server = Server::start(&programs, |_| String::new());
    let repository = format!("http://localhost:{}/v2/chartgate", server.port);
    push(&folder.path().join("image"), &repository, "test");

    let manifest = pull_manifest(&repository, "test");
    let config: Value = serde_json::from_slice(&pull(&repository, &manifest["config"])).expect("JSON");
    let [layer] = manifest["layers"].as_array().expect("a list").as_slice() else { panic!("one layer: {manifest}") };
    let image = folder.path().join("root");
    let packed = pull(&repository, layer);
    let mut archive = tar::Archive::new(flate2::read::GzDecoder::new(packed.as_slice()));
    archive.set_preserve_permissions(true);
    archive.unpack(&image).expect("the layer is an archive");
    let certificates = fs::read_to_string(image.join("etc/ssl/certs/ca-certificates.crt")).expect("they are there");
    assert!(certificates.contains("BEGIN CERTIFICATE"), "the authorities are in the image");
    let mut top: Vec<_> =
        fs::read_dir(&image).expect("it is a folder").map(|entry| entry.expect("readable").file_name()).collect();
    top.sort();
    assert_eq!(top, ["chartgate", "etc", "tmp", "work"], "the image holds nothing else");

    for library in &libraries {
        let place = image.join(library.strip_prefix("/").expect("ldd names absolute paths"));
        fs::create_dir_all(place.parent().expect("a library has a folder")).expect("the folder is ours");
        fs::copy(library, place).expect("the library is there");
    }
    let chart = testdata().join("charts/agents");
    let copied = image.join("work/agents");
    run(Command::new("cp").arg("-r").arg(chart).arg(&copied));
    // What a runtime takes from the configuration of the image.
    let user = config["config"]["User"].as_str().expect("a user");
    assert!(!user.starts_with('0') && user != "root", "{user}");
    let entry = config["config"]["Entrypoint"][0].as_str().expect("an entry point");
    let environment = config["config"]["Env"].as_array().expect("a list");
    let start = |arguments: &[&str]| {
        let mut command = Command::new(chroot[0]);
        command.args(&chroot[1..]).arg(format!("--userspec={user}")).arg(&image).arg(entry).args(arguments).env_clear();
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for variable in environment.iter().filter_map(Value::as_str).filter(|variable| !variable.starts_with("PATH=")) {
            let (name, value) = variable.split_once('=').expect("a variable has a value");
            command.env(name, value);
        }
        let output = command.output().expect("chroot starts");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        (output.status.code().expect("no signal ended it"), said)
    };
    let version = start(&["--version"]);
    assert_eq!(version, (0, format!("chartgate {}\n", env!("CARGO_PKG_VERSION"))));
    let (code, said) = start(&["check", "/work/agents", "--select", "package-version-mismatch", "--format", "concise"]);
    assert!(code == 1 && said.contains("package-version-mismatch"), "{code} {said}");
    // What is mounted was cloned by somebody else.
    let git = |arguments: &[&str]| {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
        run(Command::new("git").current_dir(&image).args(settings).args(arguments));
    };
    git(&["init", "--quiet"]);
    git(&["add", "work"]);
    git(&["commit", "--quiet", "--message=one"]);
    let (code, said) = start(&["check", "/work/agents", "--select", "package-version-mismatch", "--format", "concise"]);
    assert!(code == 1 && said.contains("package-version-mismatch"), "{code} {said}");
    let (code, said) = start(&["check", "/work/agents", "--format", "json=/report.json"]);
    assert!(code != 0 && said.contains("cannot write"), "nobody writes beside its folder: {code} {said}");
}
