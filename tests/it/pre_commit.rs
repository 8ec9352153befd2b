//! The hook, run by the real pre-commit in a real repository, built as pre-commit builds it.

use std::path::Path;
use std::process::{Command, Output};

use crate::cli::Sample;

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(program);
    command.current_dir(folder).args(arguments);
    // A hook that runs this test must not lend it its own repository.
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        command.env_remove(name);
    }
    builds_apart(&mut command);
    command.env("PRE_COMMIT_HOME", folder.join(".git/pre-commit-home")).env("PRE_COMMIT_COLOR", "never");
    command.output().unwrap_or_else(|error| panic!("{program} does not start: {error}"))
}

/// Builds go to a folder of their own: while cargo puts a program into `target/debug` anew, other tests cannot start it.
fn builds_apart(command: &mut Command) {
    let target = concat!(env!("CARGO_MANIFEST_DIR"), "/target/pre-commit");
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", target);
    // One profile for the hook and the wheel, so that both use the same built dependencies.
    command
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn git(folder: &Path, arguments: &[&str]) {
    let settings = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"];
    let output = run(folder, "git", &[&settings[..], arguments].concat());
    assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
}

/// A repository of what the working tree holds now, committed or not.
fn own_repository() -> tempfile::TempDir {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let copy = tempfile::tempdir().expect("a folder can be made");
    for name in ["src", "rules", "Cargo.toml", "Cargo.lock", ".pre-commit-hooks.yaml", "README.md", "benches", "fuzz"] {
        if root.join(name).exists() {
            let status = Command::new("cp").arg("-R").arg(root.join(name)).arg(copy.path()).status();
            assert!(status.expect("cp starts").success(), "{name}");
        }
    }
    git(copy.path(), &["init", "--quiet"]);
    git(copy.path(), &["add", "--force", "."]);
    git(copy.path(), &["commit", "--quiet", "--message=now"]);
    copy
}

#[test]
fn the_hook_builds_from_source_and_judges_the_charts_of_changed_files() {
    if Command::new("pre-commit").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "pre-commit is missing; scripts/test installs it");
        eprintln!("skipped: pre-commit is not installed (scripts/test installs it)");
        return;
    }
    let (own, sample) = (own_repository(), Sample::new());
    let url = own.path().display();
    let config =
        format!("repos:\n- repo: {url}\n  rev: HEAD\n  hooks: [{{ id: chartgate-src, language_version: system }}]\n");
    sample.write(".pre-commit-config.yaml", &config);
    git(sample.path(), &["init", "--quiet"]);
    git(sample.path(), &["add", "."]);
    git(sample.path(), &["commit", "--quiet", "--message=one"]);
    let hook = |files: &[&str]| {
        let output = run(sample.path(), "pre-commit", &[&["run", "--verbose", "--files"], files].concat());
        (output.status.success(), said(&output))
    };
    let (passed, text) = hook(&["charts/a/values.yaml"]);
    assert!(!passed && text.contains("package-version-mismatch"), "{text}");
    // The name of a file is no option.
    sample.write("-x", "words\n");
    git(sample.path(), &["add", "."]);
    let (passed, text) = hook(&["./-x"]);
    assert!(passed && text.contains("no chart packages or reads these files"), "{text}");
    let (passed, text) = hook(&[".pre-commit-config.yaml"]);
    assert!(passed && text.contains("no chart packages or reads these files"), "{text}");
}

/// The wheel, in a folder that pip looks into.
fn wheel() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("scripts/package");
    let out = folder.path().to_str().expect("a path in UTF-8");
    let mut command = Command::new(script);
    command.args(["wheel", "--out", out]);
    builds_apart(&mut command);
    let made = command.output().expect("the script starts");
    assert!(made.status.success(), "{}", said(&made));
    folder
}

#[test]
fn the_wheel_that_builds_from_source_once_lets_the_hook_block_a_commit() {
    if Command::new("pre-commit").arg("--version").output().is_err() {
        assert!(std::env::var_os("CI").is_none(), "pre-commit is missing; scripts/test installs it");
        eprintln!("skipped: pre-commit is not installed (scripts/test installs it)");
        return;
    }
    let (wheels, sample) = (wheel(), Sample::new());
    let version = env!("CARGO_PKG_VERSION");
    sample.write(
        ".pre-commit-config.yaml",
        &format!(
            "repos:\n- repo: local\n  hooks:\n  - id: chartgate\n    name: chartgate\n    entry: chartgate check --files\n    args: [--]\n    language: python\n    additional_dependencies: [chartgate=={version}]\n    require_serial: true\n"
        ),
    );
    git(sample.path(), &["init", "--quiet"]);
    git(sample.path(), &["add", "."]);
    let mut commit = Command::new("pre-commit");
    commit.current_dir(sample.path()).args(["run", "--files", "charts/a/values.yaml"]);
    for name in ["GIT_DIR", "GIT_INDEX_FILE", "GIT_WORK_TREE"] {
        commit.env_remove(name);
    }
    // Nothing but the wheel is there to install: pre-commit's own empty package is built with what its environment holds.
    commit.env("PIP_NO_INDEX", "1").env("PIP_FIND_LINKS", wheels.path());
    commit.env("PIP_NO_BUILD_ISOLATION", "0").env("VIRTUALENV_SETUPTOOLS", "bundle").env("VIRTUALENV_WHEEL", "bundle");
    commit.env("PRE_COMMIT_HOME", sample.path().join(".git/pre-commit-home")).env("PRE_COMMIT_COLOR", "never");
    let output = commit.output().expect("pre-commit starts");
    let text = said(&output);
    assert!(!output.status.success() && text.contains("package-version-mismatch"), "{text}");
}
