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
    command.env("CARGO_NET_OFFLINE", "true").env("CARGO_TARGET_DIR", shared_target());
    command.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    command.env("PRE_COMMIT_HOME", folder.join(".git/pre-commit-home")).env("PRE_COMMIT_COLOR", "never");
    command.output().unwrap_or_else(|error| panic!("{program} does not start: {error}"))
}

fn shared_target() -> &'static str {
    concat!(env!("CARGO_MANIFEST_DIR"), "/target/pre-commit")
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
        format!("repos:\n- repo: {url}\n  rev: HEAD\n  hooks: [{{ id: chartgate, language_version: system }}]\n");
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
    let (passed, text) = hook(&[".pre-commit-config.yaml"]);
    assert!(passed && text.contains("no chart packages or reads these files"), "{text}");
}
