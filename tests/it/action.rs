//! The steps of the GitHub Action, run as scripts with GitHub's files simulated.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::cli::Sample;

fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/action").join(name)
}

fn step(sample: &Sample, name: &str, path: &str, variables: &[(&str, &str)]) -> (Output, String) {
    let written = sample.write("github-file", "");
    let temporary = sample.path().join("runner");
    std::fs::create_dir_all(&temporary).expect("a folder can be made");
    let mut command = Command::new("bash");
    command.arg(script(name)).current_dir(sample.path()).env_clear();
    command.env("PATH", path).env("RUNNER_TEMP", &temporary).env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_OUTPUT", &written).env("GITHUB_PATH", &written);
    command
        .env("RUNNER_OS", "Linux")
        .env("RUNNER_ARCH", "X64")
        .env("CHARTGATE_ACTION_PATH", env!("CARGO_MANIFEST_DIR"));
    let output = command.envs(variables.iter().copied()).output().expect("bash starts");
    (output, std::fs::read_to_string(written).expect("it is there"))
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn with_program() -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_chartgate"));
    format!("{}:{}", program.parent().expect("it lies in a folder").display(), without_program())
}

fn without_program() -> String {
    "/usr/local/bin:/usr/bin:/bin".to_owned()
}

#[test]
fn the_check_step_leaves_verdict_and_report_and_fails_with_the_gate() {
    let sample = Sample::new();
    let (output, written) = step(&sample, "check.sh", &with_program(), &[("CHARTGATE_PATH", "charts/a\ncharts/good")]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    let report = sample.path().join("runner/chartgate-report.json");
    assert_eq!(written, format!("verdict=fail\nalready-published=false\nreport={}\n", report.display()));
    let json: serde_json::Value =
        serde_json::from_slice(&std::fs::read(report).expect("it is there")).expect("it is JSON");
    assert_eq!(json["charts"].as_array().map(Vec::len), Some(2));
}

#[test]
fn the_check_step_hands_every_input_on() {
    let sample = Sample::new();
    let config = ("CHARTGATE_CONFIG", "gate.yaml");
    sample.write("gate.yaml", "rules: { package-version-mismatch: off }\nprofiles: { prod: { production: true } }\n");
    let never = ("CHARTGATE_FAIL_ON", "warning");
    let path = ("CHARTGATE_PATH", "charts/a");
    let (output, _) = step(&sample, "check.sh", &with_program(), &[config, path, ("CHARTGATE_PROFILE", "prod")]);
    assert_eq!(output.status.code(), Some(0), "{}", out(&output));
    let (output, _) = step(&sample, "check.sh", &with_program(), &[config, path, never]);
    assert_eq!(output.status.code(), Some(1), "{}", out(&output));
    let (path, attest) = (("CHARTGATE_PATH", "charts/good"), ("CHARTGATE_ATTEST", "out/verdict.json"));
    let (output, _) = step(&sample, "check.sh", &with_program(), &[path, attest]);
    assert!(output.status.success() && sample.path().join("out/verdict.json").is_file(), "the folder is made");
    let (output, written) = step(&sample, "check.sh", &with_program(), &[("CHARTGATE_PATH", "--help")]);
    assert_eq!((output.status.code(), written.as_str()), (Some(2), ""), "{}", out(&output));
}

#[test]
fn the_check_step_takes_patterns_and_writes_every_report_that_is_asked_for() {
    let sample = Sample::new();
    sample.write("charts/b c/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n");
    let inputs = [
        ("CHARTGATE_PATH", "  charts/good\n\n charts/b* "),
        ("CHARTGATE_SARIF", "out/results.sarif"),
        ("CHARTGATE_FORMATS", "markdown=out/comment.md\njunit=out/junit.xml"),
        ("CHARTGATE_OFFLINE", "true"),
        ("CHARTGATE_SELECT", "yaml-key-duplicate"),
    ];
    let (output, written) = step(&sample, "check.sh", &with_program(), &inputs);
    assert!(output.status.success(), "{}", out(&output));
    let sarif = written.lines().find_map(|line| line.strip_prefix("sarif=")).expect("it is an output");
    assert!(sarif.starts_with('/') && Path::new(sarif).is_file(), "later steps run elsewhere: {written}");
    for file in ["out/results.sarif", "out/comment.md", "out/junit.xml"] {
        assert!(sample.path().join(file).is_file(), "{file}");
    }
    let report = std::fs::read_to_string(sample.path().join("runner/chartgate-report.json")).expect("it is there");
    assert!(report.contains("charts/b c") && !report.contains("charts/a"), "{report}");
    let (output, _) = step(&sample, "check.sh", &with_program(), &[("CHARTGATE_CHANGED", "yes")]);
    assert_eq!(output.status.code(), Some(2));
    sample.write("html", "a file of that name");
    let (output, _) = step(&sample, "check.sh", &with_program(), &[("CHARTGATE_FORMATS", "html")]);
    assert_eq!((output.status.code(), &*sample.read("html")), (Some(2), "a file of that name"));
    let (output, _) = step(&sample, "check.sh", &with_program(), &[("CHARTGATE_SELECT", "no-such-rule")]);
    assert!(
        output.status.code() == Some(2) && out(&output).contains("::error title=chartgate::error"),
        "{}",
        out(&output)
    );
}

#[test]
fn the_check_step_says_what_to_set_in_a_shallow_clone() {
    let (whole, shallow) = (Sample::new(), tempfile::tempdir().expect("a folder can be made"));
    let git = |folder: &Path, arguments: &[&str]| {
        let settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
        let status =
            Command::new("git").current_dir(folder).args(settings).args(arguments).output().expect("git starts");
        assert!(status.status.success(), "{}", out(&status));
    };
    git(whole.path(), &["init", "--quiet"]);
    git(whole.path(), &["add", "."]);
    git(whole.path(), &["commit", "--quiet", "--message=one"]);
    git(whole.path(), &["commit", "--quiet", "--allow-empty", "--message=two"]);
    let url = format!("file://{}", whole.path().display());
    git(shallow.path(), &["clone", "--quiet", "--depth=1", &url, "clone"]);
    let written = whole.write("github-file", "");
    let output = Command::new("bash")
        .arg(script("check.sh"))
        .current_dir(shallow.path().join("clone"))
        .env("PATH", with_program())
        .env("RUNNER_TEMP", shallow.path())
        .env("GITHUB_OUTPUT", written)
        .env("CHARTGATE_PATH", "charts/good")
        .output()
        .expect("bash starts");
    assert!(out(&output).contains("fetch-depth: 0"), "{}", out(&output));
    assert_eq!(output.status.code(), Some(3), "{}", out(&output));
}

#[test]
fn the_install_step_takes_what_is_on_path_if_it_is_the_version_asked_for() {
    let sample = Sample::new();
    for version in ["", env!("CARGO_PKG_VERSION"), concat!("v", env!("CARGO_PKG_VERSION"))] {
        let (output, written) = step(&sample, "install.sh", &with_program(), &[("CHARTGATE_VERSION", version)]);
        assert!(output.status.success() && written.is_empty(), "{}", out(&output));
        assert!(out(&output).starts_with("using "), "{}", out(&output));
    }
}

/// A folder in the place of the releases, with one asset and its checksum.
fn release(sample: &Sample, version: &str, checksum: Option<&str>) -> String {
    let name = format!("chartgate-{version}-x86_64-unknown-linux-musl.tar.gz");
    let folder = sample.path().join(format!("releases/v{version}"));
    sample.write("asset/chartgate", "#!/bin/sh\necho released\n");
    std::fs::create_dir_all(&folder).expect("a folder can be made");
    let mut tar = Command::new("tar");
    tar.arg("-czf").arg(folder.join(&name)).arg("-C").arg(sample.path().join("asset")).arg("chartgate");
    assert!(tar.status().expect("tar starts").success());
    let sum = Command::new("sha256sum").arg(folder.join(&name)).output().expect("sha256sum starts");
    let actual = String::from_utf8_lossy(&sum.stdout).into_owned();
    sample.write(&format!("releases/v{version}/{name}.sha256"), checksum.unwrap_or(&actual));
    format!("file://{}", sample.path().join("releases").display())
}

#[test]
fn the_install_step_takes_a_release_whose_checksum_is_right() {
    let sample = Sample::new();
    let releases = release(&sample, "9.9.9", None);
    let variables = [("CHARTGATE_VERSION", "v9.9.9"), ("CHARTGATE_RELEASES", releases.as_str())];
    let (output, written) = step(&sample, "install.sh", &without_program(), &variables);
    assert!(output.status.success(), "{}", out(&output));
    assert_eq!(written, format!("{}\n", sample.path().join("runner/chartgate/bin").display()));
    assert!(sample.path().join("runner/chartgate/bin/chartgate").is_file());
}

#[test]
fn an_archive_that_was_kept_is_taken_where_its_checksum_is_right_and_fetched_anew_otherwise() {
    let sample = Sample::new();
    let releases = release(&sample, "9.9.9", None);
    let variables = [("CHARTGATE_VERSION", "9.9.9"), ("CHARTGATE_RELEASES", releases.as_str())];
    let name = "chartgate-9.9.9-x86_64-unknown-linux-musl.tar.gz";
    let (kept, published) =
        (sample.path().join("runner/chartgate").join(name), sample.path().join("releases/v9.9.9").join(name));
    let install = || step(&sample, "install.sh", &without_program(), &variables).0;
    assert!(install().status.success());
    std::fs::write(&kept, "another archive").expect("the folder is ours");
    let output = install();
    assert!(output.status.success(), "{}", out(&output));
    assert_eq!(std::fs::read(&kept).expect("it is there"), std::fs::read(&published).expect("it is there"));
    std::fs::remove_file(&published).expect("it is there");
    assert!(install().status.success(), "what was kept is not fetched");
    std::fs::write(&kept, "another archive").expect("the folder is ours");
    assert!(!install().status.success());
}

#[test]
fn the_install_step_stops_at_a_wrong_checksum_and_at_a_release_that_is_not_there() {
    let sample = Sample::new();
    let releases = release(&sample, "9.9.9", Some("0123  x\n"));
    for version in ["9.9.9", "9.9.8"] {
        let variables = [("CHARTGATE_VERSION", version), ("CHARTGATE_RELEASES", releases.as_str())];
        let (output, written) = step(&sample, "install.sh", &without_program(), &variables);
        assert!(!output.status.success() && written.is_empty(), "{}", out(&output));
        assert!(out(&output).contains("::error"), "{}", out(&output));
    }
}
