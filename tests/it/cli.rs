//! The program as a user starts it: arguments, exit codes, what goes to which stream.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// A folder with a chart that has one error and one warning, and no git around it.
pub(crate) struct Sample {
    folder: tempfile::TempDir,
}

impl Sample {
    pub(crate) fn new() -> Self {
        let sample = Self { folder: tempfile::tempdir().expect("a folder can be made") };
        sample.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n");
        sample.write(
            "charts/a/artifacthub-pkg.yml",
            "version: 1.2.2\nname: a\ndisplayName: A\ncreatedAt: 2026-01-31T12:00:00Z\ndescription: A\n",
        );
        sample.write("charts/a/values.yaml", "replicas: 1\nreplicas: 2\n");
        sample.write("charts/good/Chart.yaml", "apiVersion: v2\nname: good\nversion: 1.0.0\n");
        sample.write("charts/good/values.yaml", "replicas: 1\n");
        for chart in ["a", "good"] {
            sample.write(&format!("charts/{chart}/README.md"), "# A chart\n");
            sample.write(&format!("charts/{chart}/LICENSE"), "MIT License\n");
            sample.write(&format!("charts/{chart}/templates/NOTES.txt"), "Thank you.\n");
        }
        sample
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a parent")).expect("a folder can be made");
        std::fs::write(&path, text).expect("a file can be written");
        path
    }

    pub(crate) fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).expect("the file is there")
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.path()).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        said(self.command(arguments).output().expect("the program starts"))
    }
}

/// chartgate with nothing of this process's CI in its environment.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartgate"));
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
    command
}

fn said(output: Output) -> (i32, String, String) {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

#[test]
fn a_fault_fails_a_good_chart_passes_and_a_threshold_decides() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["check", "charts/a"]).0, 1);
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0);
    assert_eq!(sample.run(&["check", "charts/a", "--fail-on", "never"]).0, 0);
    assert_eq!(sample.run(&["check", "charts/a", "--ignore", "package-version-mismatch"]).0, 0);
    let warnings = ["check", "charts/a", "--ignore", "package-version-mismatch", "--fail-on=warning"];
    assert_eq!(sample.run(&warnings).0, 1);
}

#[test]
fn a_wrong_command_line_is_told_apart_from_a_fault() {
    let sample = Sample::new();
    for arguments in [
        &["check", "--no-such-flag"][..],
        &["check", "nowhere"],
        &["check", "--select", "no-such-rule"],
        &["check", "--format", "human", "--format", "json"],
        &["check", "--format", "jsno"],
        &["check", "--git-dir", "."],
        &["explain", "no-such-rule"],
        &[],
    ] {
        let (code, out, err) = sample.run(arguments);
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        assert!(!err.is_empty(), "{arguments:?}");
    }
}

#[test]
fn a_wrong_configuration_is_shown_at_its_place() {
    let sample = Sample::new();
    sample.write(".chartgate.yaml", "rules:\n  package-version-mismach: off\n");
    let (code, _, err) = sample.run(&["check"]);
    assert_eq!(code, 2);
    assert!(err.contains(".chartgate.yaml:2:3") && err.contains("did you mean `package-version-mismatch`?"), "{err}");
}

#[test]
fn a_revision_without_a_repository_is_a_wrong_command_line() {
    assert_eq!(Sample::new().run(&["check", "--at", "HEAD"]).0, 2);
}

#[test]
fn reports_go_to_files_beside_what_is_printed() {
    let sample = Sample::new();
    let (code, out, err) =
        sample.run(&["check", "charts/a", "--format=json=report.json", "--format=concise=lines.txt"]);
    assert_eq!((code, err.as_str()), (1, ""));
    assert!(out.contains("error[package-version-mismatch]"), "{out}");
    let json: serde_json::Value = serde_json::from_str(&sample.read("report.json")).expect("it is JSON");
    let findings = json["findings"].as_array().expect("a list").len();
    let lines = sample.read("lines.txt");
    assert_eq!((findings, lines.lines().filter(|line| !line.starts_with("note ")).count()), (2, 2), "{lines}");
}

#[test]
fn a_report_that_cannot_be_written_never_passes() {
    let sample = Sample::new();
    let (code, _, err) = sample.run(&["check", "charts/good", "--format=json=no/such/folder.json"]);
    assert_eq!(code, 3, "{err}");
    assert!(err.contains("cannot write `no/such/folder.json`"), "{err}");
}

#[cfg(unix)]
#[test]
fn a_reader_that_leaves_changes_nothing() {
    let sample = Sample::new();
    let mut child =
        sample.command(&["check", "charts/a"]).stdout(std::process::Stdio::piped()).spawn().expect("it starts");
    drop(child.stdout.take());
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
}

#[test]
fn github_actions_gets_annotations_a_summary_and_the_verdict() {
    let sample = Sample::new();
    let (summary, outputs) = (sample.write("summary.md", "before\n"), sample.write("outputs", ""));
    let mut command = sample.command(&["check", "charts/a"]);
    command.env("GITHUB_ACTIONS", "true").env("GITHUB_STEP_SUMMARY", &summary).env("GITHUB_OUTPUT", &outputs);
    let (code, out, _) = said(command.output().expect("it starts"));
    assert_eq!(code, 1);
    assert!(out.contains("::error file="), "{out}");
    assert!(sample.read("summary.md").starts_with("before\n### chartgate: fail"));
    assert_eq!(sample.read("outputs"), "verdict=fail\nalready-published=false\n");
}

#[test]
fn settings_and_profiles_are_told_in_words_on_github_too() {
    let sample = Sample::new();
    for option in ["--show-settings", "--explain-profiles"] {
        let mut command = sample.command(&["check", "charts/a", option]);
        let (code, out, err) = said(command.env("GITHUB_ACTIONS", "true").output().expect("it starts"));
        assert_eq!((code, err.as_str()), (0, ""), "{option}");
        assert!(!out.is_empty() && !out.contains("::"), "{option}: {out}");
    }
}

#[test]
fn a_configuration_may_begin_with_a_byte_order_mark() {
    let sample = Sample::new();
    let found = sample.run(&["check", "charts/a", "--quiet"]).0;
    sample.write(".chartgate.yaml", "\u{feff}failOn: never\n");
    let (code, _, err) = sample.run(&["check", "charts/a", "--quiet"]);
    assert_eq!((found, code, err.as_str()), (1, 0, ""));
}

#[test]
fn pipes_get_no_colour_unless_it_is_asked_for() {
    let sample = Sample::new();
    assert!(!sample.run(&["check", "charts/a"]).1.contains('\u{1b}'));
    assert!(sample.run(&["check", "charts/a", "--color", "always"]).1.contains('\u{1b}'));
}

#[test]
fn quiet_says_nothing_of_a_good_chart() {
    assert_eq!(Sample::new().run(&["check", "charts/good", "--quiet"]), (0, String::new(), String::new()));
}

#[test]
fn files_name_the_charts_that_package_or_read_them() {
    let sample = Sample::new();
    sample.write("deploy/prod.yaml", "replicas: 3\n");
    sample.write("README.md", "words\n");
    let charts = |files: &[&str]| {
        let arguments: Vec<_> = ["check", "--format", "json", "--files"].iter().chain(files).copied().collect();
        let (code, out, err) = sample.run(&arguments);
        let json: serde_json::Value = serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}"));
        let names = json["charts"].as_array().expect("a list").iter().map(|chart| chart["name"].to_string());
        (code, names.collect::<Vec<_>>().join(" "))
    };
    assert_eq!(charts(&["charts/a/values.yaml"]), (1, "\"a\"".to_owned()));
    assert_eq!(charts(&["charts/good/values.yaml", "README.md"]), (0, "\"good\"".to_owned()));
    assert_eq!(charts(&["README.md"]), (0, String::new()));
    assert_eq!(charts(&["charts/a/gone.yaml"]), (1, "\"a\"".to_owned()), "a package without a file is another");
    assert_eq!(charts(&["gone.yaml"]), (0, String::new()));
    assert_eq!(charts(&[]), (0, String::new()));
    assert_eq!(charts(&["--fail-on", "never", "--", "charts/a/values.yaml", "-x"]), (0, "\"a\"".to_owned()));
    sample
        .write(".chartgate.yaml", "profiles: { prod: { charts: [charts/good], values: [../../deploy/prod.yaml] } }\n");
    assert_eq!(charts(&["deploy/prod.yaml"]), (0, "\"good\"".to_owned()));
    assert_eq!(charts(&[".chartgate.yaml"]), (1, "\"a\" \"good\"".to_owned()));
    // What a link leads to decides as the link does.
    sample.write("shared/prod.yaml", "replicas: 3\n");
    sample.write("shared/files/motd", "words\n");
    std::fs::remove_file(sample.path().join("deploy/prod.yaml")).expect("it is there");
    for (link, target) in [("deploy/prod.yaml", "../shared/prod.yaml"), ("charts/good/files", "../../shared/files")] {
        std::os::unix::fs::symlink(target, sample.path().join(link)).expect("a link can be made");
    }
    for file in ["shared/prod.yaml", "shared/files/motd"] {
        assert_eq!(charts(&[file]).1, "\"good\"", "{file}");
    }
    // So does a folder, and a way through a link.
    std::os::unix::fs::symlink("charts/good", sample.path().join("way")).expect("a link can be made");
    for file in ["charts/good/", "way/values.yaml"] {
        assert_eq!(charts(&[file]).1, "\"good\"", "{file}");
    }
}

#[test]
fn profiles_that_are_of_no_chart_are_errors() {
    let sample = Sample::new();
    sample.write(".chartgate.yaml", "profiles: { prod: { production: true, charts: [charts/goood] } }\n");
    let (code, _, said) = sample.run(&["check"]);
    assert!(code == 2 && said.contains("`charts` of the profile `prod` names none of the charts"), "{code} {said}");
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0, "what is for other charts is no fault of this one");
    sample.write("charts/good/.chartgate.yaml", "extends: [../../.chartgate.yaml]\n");
    sample.write(".chartgate.yaml", "profiles: { prod: { production: true, charts: [charts/a] } }\n");
    assert_eq!(sample.run(&["check"]).0, 1, "a profile of the configuration that is extended is for another chart");
    sample.write(".chartgate.yaml", "profiles: { prod: { production: true, charts: [charts/good] } }\n");
    assert_eq!(sample.run(&["check"]).0, 1, "the chart that a profile names has a configuration of its own");
    let (code, _, said) = sample.run(&["images", "--profile", "nosuch"]);
    assert!(code == 2 && said.contains("there is no profile `nosuch`"), "{code} {said}");
}

#[test]
fn charts_that_a_configuration_names_are_there() {
    let sample = Sample::new();
    sample.write(".chartgate.yaml", "charts: [charts/good, charts/gone, 'library/*']\n");
    let (code, _, said) = sample.run(&["check"]);
    assert!(code == 2 && said.contains("`charts` names `charts/gone`, where no chart is"), "{code} {said}");
    assert_eq!(said.matches('×').count(), 1, "a pattern may name nothing yet: {said}");
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0, "other charts were not asked for");
    sample.write(".chartgate.yaml", "charts: ['charts/*', '!charts/a']\n");
    let (code, _, said) = sample.run(&["check"]);
    assert!(code == 2 && said.contains("`!charts/a` leaves nothing out"), "{code} {said}");
}

#[test]
fn a_folder_of_packages_is_judged_package_by_package() {
    let sample = Sample::new();
    sample.write(".gitignore", "dist\n");
    for chart in ["charts/good", "charts/a"] {
        assert_eq!(sample.run(&["package", chart, "-d", "dist"]).0, 0);
    }
    let judged = |arguments: &[&str]| {
        let (_, out, _) = sample.run(arguments);
        let report: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
        let paths = report["charts"].as_array().expect("a list").iter().map(|chart| chart["path"].to_string());
        paths.collect::<Vec<_>>()
    };
    let paths = judged(&["check", "dist", "--format", "json"]);
    assert!(paths.len() == 2 && paths.iter().all(|path| path.contains("dist/") && path.contains(".tgz")), "{paths:?}");
    assert_eq!(judged(&["check", "charts/good", "--format", "json"]), ["\"charts/good\""]);
    // There is no repository around it, so that the folder may be the whole of what is looked at.
    let mut command = program();
    command.current_dir(sample.path().join("dist")).args(["check", "--offline", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&command.output().expect("it starts").stdout).expect("JSON");
    assert_eq!(report["charts"].as_array().map(Vec::len), Some(2), "{report}");
}

#[test]
fn files_of_no_chart_are_passed_with_one_line() {
    let sample = Sample::new();
    sample.write("README.md", "words\n");
    let (code, out, _) = sample.run(&["check", "--files", "README.md"]);
    assert_eq!((code, out.lines().count()), (0, 1), "{out}");
    let empty = tempfile::tempdir().expect("a folder can be made");
    std::fs::write(empty.path().join("README.md"), "words\n").expect("a file can be written");
    let output = program().current_dir(empty.path()).args(["check", "--files", "README.md"]).output();
    assert_eq!(said(output.expect("it starts")).0, 0);
}

#[test]
fn a_file_where_no_chart_is_looked_for_is_said() {
    let sample = Sample::new();
    let output = program()
        .current_dir(sample.path().join("charts/good"))
        .args(["check", "--files", "../a/values.yaml"])
        .output();
    let (code, out, _) = said(output.expect("it starts"));
    assert!(code == 0 && out.contains("`../a/values.yaml` lies outside of"), "{code} {out}");
}

#[test]
fn reports_are_written_through_no_link_of_the_checkout() {
    let sample = Sample::new();
    let outside = tempfile::tempdir().expect("a folder can be made");
    let target = outside.path().join("victim");
    std::fs::write(&target, "mine").expect("it is ours");
    for (link, to) in [("report.json", target.as_path()), ("out", outside.path())] {
        std::os::unix::fs::symlink(to, sample.path().join(link)).expect("a link can be made");
    }
    for arguments in [
        &["check", "charts/good", "--format", "json=report.json"][..],
        &["check", "charts/good", "--format", "junit=out/victim"],
        &["check", "charts/good", "--attest", "report.json"],
        &["package", "charts/good", "--destination", "out"],
    ] {
        let (code, _, err) = sample.run(arguments);
        assert!(code == 3 && err.contains("is a link"), "{arguments:?}: {code} {err}");
        assert_eq!(std::fs::read(&target).expect("it is there"), b"mine", "{arguments:?}");
    }
    assert_eq!(std::fs::read_dir(outside.path()).expect("it is there").count(), 1);
}

#[test]
fn a_null_device_is_an_output_however_it_was_opened() {
    let sample = Sample::new();
    // Programs that start others open it for reading as well.
    for is_read in [false, true] {
        let null = std::fs::OpenOptions::new().read(is_read).write(true).open("/dev/null").expect("it is there");
        let mut check = program();
        check.current_dir(sample.path()).args(["check", "charts/good", "--offline"]).stdout(null);
        let (code, _, err) = said(check.output().expect("it starts"));
        assert!(code == 0 && err.is_empty(), "read {is_read}: {code} {err}");
    }
}

#[test]
fn settings_and_profiles_go_to_standard_output_in_two_forms() {
    let sample = Sample::new();
    for question in ["--show-settings", "--explain-profiles"] {
        for format in ["json=out.json", "sarif"] {
            let (code, _, err) = sample.run(&["check", question, "--format", format]);
            assert!(code == 2 && err.contains("settings and profiles"), "{question} {format}: {code} {err}");
        }
        assert_eq!(sample.run(&["check", question, "--format", "json"]).0, 0);
    }
}

#[test]
fn a_page_shows_no_passwords() {
    let sample = Sample::new();
    sample.write(
        "charts/a/values.yaml",
        "mirror: https://ann:s3cret@example.com/a\nmirror: https://ann:s3cret@example.com/b\n",
    );
    for format in ["html", "human"] {
        let (_, out, _) = sample.run(&["check", "charts/a", "--format", format, "--select", "yaml-key-duplicate"]);
        assert!(out.contains("example.com") && !out.contains("s3cret"), "{format}: {out}");
    }
}

#[test]
fn init_writes_beside_what_is_there_and_where_it_is_looked_for() {
    let sample = Sample::new();
    sample.write("chartgate.yml", "failOn: error\n");
    let (_, out, _) = sample.run(&["init", "--ci", "none"]);
    assert!(out.contains("kept `chartgate.yml`"), "{out}");
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0);
    sample.write(".git/HEAD", "ref: refs/heads/main\n");
    let output = program().current_dir(sample.path().join("charts/good")).args(["init", "--ci", "github"]).output();
    let (code, out, _) = said(output.expect("it starts"));
    assert!(code == 0 && out.contains("wrote `../../.github/workflows/chartgate.yml`"), "{code} {out}");
    // Beside Chart.yaml it would be packaged.
    assert!(out.contains("kept `../../chartgate.yml`"), "{out}");
    assert!(!sample.path().join("charts/good/.chartgate.yaml").exists());
    assert!(sample.path().join(".pre-commit-config.yaml").is_file());
    std::fs::create_dir(sample.path().join("docs")).expect("a folder can be made");
    std::fs::remove_file(sample.path().join("chartgate.yml")).expect("it is there");
    let output = program().current_dir(sample.path().join("docs")).args(["init", "--ci", "none"]).output();
    let (_, out, _) = said(output.expect("it starts"));
    assert!(out.contains("wrote `../.chartgate.yaml`"), "no chart is there for it to count for: {out}");
    assert!(out.contains("kept `../.pre-commit-config.yaml`; add to its `repos`:\n  - repo: "), "{out}");
    let output = program().current_dir(sample.path().join("charts")).args(["init", "--ci", "none"]).output();
    assert!(said(output.expect("it starts")).1.contains("wrote `.chartgate.yaml`"));
}

#[test]
fn init_keeps_its_files_out_of_a_chart_that_is_the_whole_repository() {
    let repo = crate::git_repo::Repo::new();
    repo.write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n").write("values.yaml", "a: 1\n").commit();
    let run = |arguments: &[&str]| {
        let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
        (output.status.code(), String::from_utf8(output.stdout).expect("it is text"))
    };
    let (_, out) = run(&["check", "--offline", "--format", "concise"]);
    assert!(out.contains("file-unwanted: the package has `.git`, the repository itself"), "{out}");
    assert_eq!(run(&["init", "--ci", "github"]).0, Some(0));
    let ignored = std::fs::read_to_string(repo.root().join(".helmignore")).expect("it was written");
    assert_eq!(ignored, ".git/\n.gitignore\n.chartgate.yaml\n.github/\n.pre-commit-config.yaml\n");
    repo.commit();
    let (_, out) = run(&["check", "--offline", "--format", "concise"]);
    assert!(!out.contains("file-unwanted") && out.contains("but 1 packaged file differs"), "{out}");
    std::fs::remove_file(repo.root().join(".chartgate.yaml")).expect("it is there");
    let (_, out) = run(&["init", "--ci", "github"]);
    assert!(out.contains("kept `.helmignore`; add to it:\n.git/\n"), "{out}");
}

#[test]
fn lists_name_charts_as_they_are_typed_where_one_stands() {
    let repo = crate::git_repo::Repo::new();
    repo.chart("charts/web", "web", "1.0.0", "").write("docs/a.md", "a\n").commit();
    repo.write("charts/web/values.yaml", "b: 1\n");
    let run = |arguments: &[&str]| {
        let output = program().current_dir(repo.root().join("docs")).args(arguments).output();
        said(output.expect("it starts")).1
    };
    assert_eq!(run(&["changed", "..", "--base", "HEAD"]), "../charts/web web 1.0.0\n");
    assert!(run(&["changed", "..", "--base", "HEAD", "--format", "json"]).contains("\"path\":\"charts/web\""));
    assert!(run(&["deps", "../charts/web"]).starts_with("web 1.0.0 (../charts/web)"));
}

#[test]
fn keys_are_not_called_unknown_beside_values_that_cannot_be_read() {
    let sample = Sample::new();
    sample.write("charts/good/values.yaml", "a: 1\n b: 2\n");
    sample.write("charts/good/values-prod.yaml", "replicas: 2\n");
    let arguments = ["check", "charts/good", "--select", "values-key-unknown,yaml-invalid", "--format", "concise"];
    let (_, out, _) = sample.run(&arguments);
    assert!(out.contains("error yaml-invalid") && !out.contains("warning values-key-unknown"), "{out}");
    assert!(out.contains("note skipped values-key-unknown: values.yaml cannot be read"), "{out}");
    let (_, out, _) = sample.run(&[&arguments[..], &["-q"]].concat());
    assert!(out.lines().all(|line| line.contains("yaml-invalid")) && !out.is_empty(), "{out}");
}

#[test]
fn gitops_files_without_git_are_not_passed_over_in_silence() {
    let sample = Sample::new();
    let run = || sample.run(&["check", "charts/good", "--offline", "--format", "concise"]).1;
    assert!(!run().contains("GitOps files"));
    sample.write("argocd/web.yaml", "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: charts/good}}\n");
    let said = "GitOps files such as `argocd/web.yaml` are not looked at: there is no git repository, which says which files count";
    assert!(run().contains(said), "{}", run());
}

#[test]
fn init_writes_a_configuration_that_is_valid_and_never_overwrites_one() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["init"]).0, 0);
    assert_eq!(sample.run(&["check", "charts/good"]).0, 0);
    assert_eq!(sample.run(&["init"]).0, 2);
    // Below the root of a repository, what runs its pipelines is found all the same.
    let repo = crate::git_repo::Repo::new();
    repo.chart("deploy/web", "web", "1.0.0", "")
        .write(".gitlab-ci.yml", "a: {}\n")
        .write("Jenkinsfile", "pipeline {}\n");
    let output = program().current_dir(repo.root().join("deploy")).arg("init").output();
    let (code, out, _) = said(output.expect("it starts"));
    assert!(code == 0 && out.contains("wrote `../.gitlab/chartgate.yml`"), "{out}");
    assert!(out.contains("for Jenkins, add the stage of https://"), "{out}");
}

#[test]
fn init_looks_at_the_repository_and_touches_nothing_that_is_there() {
    let sample = Sample::new();
    sample.write(
        ".github/workflows/release.yml",
        "jobs: { a: { steps: [ { run: helm push a.tgz oci://ghcr.io/Acme/charts } ] } }\n",
    );
    sample.write(".pre-commit-config.yaml", "repos: []\n");
    let (code, out, _) = sample.run(&["init"]);
    assert_eq!(code, 0);
    assert!(
        out.starts_with(
            "wrote `.chartgate.yaml`\nwrote `.github/workflows/chartgate.yml`\nkept `.pre-commit-config.yaml`"
        ),
        "{out}"
    );
    assert_eq!(sample.read(".pre-commit-config.yaml"), "repos: []\n");
    let config = sample.read(".chartgate.yaml");
    assert!(config.contains("\npublished:\n  oci: \"oci://ghcr.io/acme/charts\"\n"), "{config}");
    assert!(config.contains("#   charts/a\n#   charts/good\n"), "{config}");
    assert!(sample.read(".github/workflows/chartgate.yml").contains(concat!("chartgate@v", env!("CARGO_PKG_VERSION"))));
    assert_eq!(sample.run(&["check", "charts/good", "--offline"]).0, 0);
    for system in ["gitlab", "woodpecker", "none"] {
        assert_eq!(Sample::new().run(&["init", "--ci", system]).0, 0);
    }
}

#[test]
fn init_leaves_the_pipeline_that_woodpecker_reads_in_force() {
    for file in [".woodpecker.yml", ".woodpecker.yaml"] {
        let sample = Sample::new();
        sample.write(file, "steps: [{name: build, image: alpine, commands: [make]}]\n");
        let (code, out, _) = sample.run(&["init"]);
        assert_eq!(code, 0, "{out}");
        assert!(!sample.path().join(".woodpecker").exists(), "{out}");
        assert!(
            out.contains("for Woodpecker, add the steps of https://") && out.contains(&format!(" to {file}\n")),
            "{out}"
        );
    }
    let sample = Sample::new();
    sample.write(".woodpecker.yml", "steps: []\n");
    sample.write(".woodpecker/build.yaml", "steps: []\n");
    let (_, out, _) = sample.run(&["init"]);
    assert!(out.contains("wrote `.woodpecker/chartgate.yml`"), "{out}");
}

#[test]
fn init_names_the_branch_that_git_calls_the_default_one() {
    let repo = crate::git_repo::Repo::new();
    repo.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.0\n").commit();
    repo.git(&["checkout", "-q", "-b", "trunk"]);
    let mut command = program();
    let done = command.current_dir(repo.root()).args(["init", "--ci", "github"]).output().expect("the program starts");
    assert!(done.status.success());
    let workflow =
        || std::fs::read_to_string(repo.root().join(".github/workflows/chartgate.yml")).expect("it is there");
    assert!(workflow().contains("push: { branches: [trunk] }"), "{}", workflow());
}

#[test]
fn two_formats_cannot_go_to_one_file() {
    let sample = Sample::new();
    for other in ["sarif=a", "sarif=./a", "sarif=charts/../a"] {
        let (code, _, said) = sample.run(&["check", "--format", "json=a", "--format", other]);
        assert!(code == 2 && said.contains("two formats cannot go to one file"), "{other}: {said}");
    }
    for option in ["--attest", "--baseline"] {
        let (code, _, said) = sample.run(&["check", "--format", "json=a", option, "./a"]);
        assert!(code == 2 && said.contains("a format cannot go to the file of"), "{option}: {said}");
    }
    assert!(!sample.path().join("a").exists(), "nothing is written");
}

#[cfg(target_os = "linux")]
#[test]
fn a_report_that_did_not_arrive_is_no_pass() {
    let sample = Sample::new();
    for arguments in
        [&["check", "charts/good"][..], &["rules"], &["--help"], &["check", "charts/good", "--format", "json"]]
    {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let mut command = sample.command(arguments);
        let ended = command.stdout(full).stderr(std::process::Stdio::null()).status().expect("it starts");
        assert_eq!(ended.code(), Some(3), "{arguments:?}");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let ended = sample.command(arguments).stdout(writer).status().expect("it starts");
        assert_eq!(ended.code(), Some(3), "{arguments:?}");
        // The shell closes standard output, and Rust's start puts /dev/null in its place.
        let program = sample.command(arguments);
        let mut command = std::process::Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" >&-"]).arg(program.get_program()).args(program.get_args());
        let ended = command.current_dir(sample.path()).output().expect("it starts");
        let said = String::from_utf8_lossy(&ended.stderr);
        assert!(ended.status.code() == Some(3) && said.contains("cannot write to standard output"), "{said}");
    }
    let (code, _, said) = sample.run(&["check", "charts/good", "--format", "json=/dev/full"]);
    assert!(code == 3 && said.contains("cannot write `/dev/full`"), "{said}");
}

#[test]
fn statistics_count_by_rule_and_rules_are_listed_for_programs() {
    let sample = Sample::new();
    let (_, out, _) = sample.run(&["check", "charts/a", "--format", "concise", "--statistics"]);
    assert!(out.ends_with("    1  error    package-version-mismatch\n    1  warning  yaml-key-duplicate\n"), "{out}");
    let (code, out, _) = sample.run(&["rules", "--format", "json"]);
    let rules: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    let rules = rules.as_array().expect("a list");
    assert!(code == 0 && rules.iter().any(|rule| rule["id"] == "image-digest-missing" && rule["level"] == "error"));
}

#[test]
fn timings_go_to_standard_error_and_change_nothing() {
    let sample = Sample::new();
    let arguments = ["check", "charts/a", "--format", "concise"];
    let (plain, timed) = (sample.run(&arguments), sample.run(&[&arguments[..], &["--timings"]].concat()));
    assert_eq!((plain.0, &plain.1), (timed.0, &timed.1));
    assert!(!plain.2.contains(" ms"), "{}", plain.2);
    for words in
        ["time by stage", "  render\n", "  load charts\n", "time by rule", "  yaml-key-duplicate\n", "other rules\n"]
    {
        assert!(timed.2.contains(words), "{words}: {}", timed.2);
    }
    // What is over after the first stages has no others.
    let (code, _, said) = sample.run(&["check", "charts/none", "--timings"]);
    assert!(code == 2 && !said.contains("  rules\n"), "{said}");
}

#[test]
fn rules_are_listed_and_explained_and_completions_are_scripts() {
    let sample = Sample::new();
    let (code, out, _) = sample.run(&["rules"]);
    assert_eq!(code, 0);
    assert_eq!(out.lines().count(), chartgate::checks::registry().iter().count());
    for rule in chartgate::checks::registry().iter() {
        let (code, out, err) = sample.run(&["explain", &rule.id]);
        assert!(code == 0 && err.is_empty() && out.contains(rule.why.trim_end()), "{}: {out}{err}", rule.id);
    }
    let (code, out, _) = sample.run(&["explain", "artifact-hub"]);
    assert!(code == 0 && out.contains("\nannotation-invalid: ") && !out.contains("version-reused"), "{out}");
    assert!(sample.run(&["completions", "bash"]).1.contains("_chartgate"));
    for (page, holds) in [
        (&["man"][..], ".TH chartgate 1"),
        (&["man", "check"], "\\-\\-baseline"),
        (&["man", "pin"], concat!(".TH chartgate-pin 1  \"chartgate ", env!("CARGO_PKG_VERSION"), "\"")),
        (&["man", "rules", "test"], "\\fIFOLDER\\fR"),
    ] {
        let (code, out, err) = sample.run(page);
        assert!(code == 0 && out.contains(holds), "{page:?}: {out}{err}");
    }
    let (code, _, err) = sample.run(&["man", "rules", "tset"]);
    assert_eq!((code, err.trim_end()), (2, "error: there is no command `rules tset`; did you mean `test`?"));
    assert_eq!(sample.run(&["--version"]), (0, format!("chartgate {}\n", env!("CARGO_PKG_VERSION")), String::new()));
}

#[test]
fn suppressions_keep_a_finding_in_the_report_with_its_reason() {
    let sample = Sample::new();
    sample.write(
        "charts/a/artifacthub-pkg.yml",
        "version: 1.2.2 # chartgate: ignore[package-version-mismatch] by hand\nname: a\ndisplayName: A\ncreatedAt: 2026-01-31T12:00:00Z\ndescription: A\n",
    );
    sample.write(
        ".chartgate.yaml",
        "suppress:\n  - { rule: yaml-key-duplicate, path: charts/*, reason: both are read, until: 2999-12-31 }\n",
    );
    let (code, out, _) = sample.run(&["check", "charts/a", "--format", "json", "--fail-on", "info"]);
    let json: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    let suppressed: Vec<_> = json["findings"].as_array().expect("a list").iter().map(|it| &it["suppressed"]).collect();
    let expected = [
        serde_json::json!({ "by": "comment", "reason": "by hand" }),
        serde_json::json!({ "by": "configuration", "reason": "both are read" }),
    ];
    assert_eq!((code, suppressed), (0, expected.iter().collect()), "{out}");
}

#[test]
fn images_are_listed_with_the_lines_that_make_them_and_profiles_explained() {
    let place = Sample::new();
    let chart = concat!(env!("CARGO_MANIFEST_DIR"), "/testdata/charts/agents");
    let (code, listed, _) = place.run(&["images", chart, "--profile", "values-prod", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_str(&listed).expect("JSON");
    let runner =
        rows.as_array().expect("a list").iter().find(|row| row["key"] == "runner.image.digest").expect("a row");
    assert_eq!((code, &runner["image"]), (0, &"ghcr.io/example/agents-runner:1.8.0".into()));
    assert!(runner["at"]["path"].as_str().is_some_and(|path| path.ends_with("values-prod.yaml")), "{runner}");
    assert_eq!(runner["at"]["line"], 17);
    let (code, explained, _) = place.run(&["check", "--explain-profiles", chart]);
    assert_eq!(code, 0);
    assert!(explained.contains("production: the word `prod` in `values-prod.yaml`"), "{explained}");
}

#[test]
fn values_of_production_and_of_tests_are_found_by_their_names_and_explained_to_programs() {
    let place = Sample::new();
    place.write("charts/good/values.yaml", "image: {}\nreplicas: 1\n");
    for path in ["prod-values.yaml", "production.yaml", "envs/prod/eu.yaml", "ci/ha-values.yaml", "values.dev.yaml"] {
        place.write(&format!("charts/good/{path}"), "replicas: 2\n");
    }
    place.write("charts/good/envs/prod/values.yaml", "image: {tag: '1'}\n");
    place.write("charts/good/idfprod.yaml", "server: web\nuser: deploy\nreplicas: 1\n");
    place.write("charts/good/envs/prod/object.yaml", "apiVersion: v1\nkind: Secret\n");
    let (code, out, said) = place.run(&["check", "--explain-profiles", "--format", "json", "charts/good"]);
    let explained: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let profiles = explained["charts"][0]["profiles"].as_array().expect("a list");
    let shown: Vec<String> = profiles
        .iter()
        .map(|profile| {
            let values = profile["values"].as_array().map_or(0, Vec::len);
            format!("{} {} {values} {}", profile["name"], profile["production"], profile["decidedBy"])
        })
        .collect();
    let expected = [
        r#""default" false 0 "the chart's own values""#,
        r#""ci/ha-values" false 1 "`ci/` holds the values that chart-testing installs a chart with""#,
        r#""envs/prod/eu" true 2 "the word `prod` in `envs/prod/eu.yaml`""#,
        r#""envs/prod/values" true 1 "the word `prod` in `envs/prod/values.yaml`""#,
        r#""prod-values" true 1 "the word `prod` in `prod-values.yaml`""#,
        r#""production" true 1 "the word `production` in `production.yaml`""#,
    ];
    assert_eq!((code, shown), (0, expected.map(str::to_owned).into()), "{said}");
    let passed_over = &explained["charts"][0]["passedOver"][0];
    assert_eq!(passed_over["path"], "charts/good/idfprod.yaml");
    assert_eq!(passed_over["reason"], "the chart's values have 1 of its 3 keys");
}

#[test]
fn a_profile_whose_values_no_chart_has_is_a_wrong_configuration() {
    let place = Sample::new();
    place.write(".chartgate.yaml", "kubeVersion: latest\n");
    let (code, _, said) = place.run(&["check"]);
    assert!(code == 2 && said.contains("`latest` is no Kubernetes version"), "{code} {said}");
    place.write(".chartgate.yaml", "profiles:\n  prod: { production: true, values: [values-prd.yaml] }\n");
    let (code, _, said) = place.run(&["check"]);
    assert!(code == 2 && said.contains("no chart has the values file `values-prd.yaml`"), "{code} {said}");
}

#[test]
fn render_sets_the_text_of_files_and_takes_the_names_that_helm_takes() {
    let sample = Sample::new();
    sample.write("charts/good/templates/a.yaml", "a: {{ .Values.key | quote }}\nb: {{ .Release.Name }}\n");
    sample.write("key.txt", "one, {two}");
    let (code, shown, _) = sample.run(&["render", "charts/good", "--set-file", "key=key.txt", "--name", "a.b"]);
    assert_eq!((code, shown.as_str()), (0, "---\n# Source: good/templates/a.yaml\na: \"one, {two}\"\nb: a.b\n"));
    let (code, _, said) = sample.run(&["render", "charts/good", "--set-file", "key=gone.txt"]);
    assert!(code == 2 && said.starts_with("error: failed parsing --set-file data: "), "{code} {said}");
    for name in ["Bad_Name", "a..b", "-a", "", &"a".repeat(54)] {
        let (code, _, said) = sample.run(&["render", "charts/good", &format!("--name={name}")]);
        assert!(code == 1 && said.starts_with("error: release name check failed: release name "), "{code} {said}");
    }
}

#[test]
fn a_dependency_beside_the_chart_is_rendered_with_it_as_helm_would_build_it() {
    let sample = Sample::new();
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n- {name: lib, version: '^1', repository: 'file://../lib'}\n";
    sample.write("charts/web/Chart.yaml", chart);
    sample.write("charts/web/values.yaml", "lib: {key: from-web}\n");
    sample.write("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.2.0\n");
    sample
        .write("charts/lib/templates/a.yaml", "kind: ConfigMap\napiVersion: v1\nmetadata: {name: {{ .Values.key }}}\n");
    let (code, _, said) = sample.run(&["render", "charts/web"]);
    assert!(code == 3 && said.contains("found in Chart.yaml, but missing in charts/ directory: lib"), "{code} {said}");
    let built = ["render", "charts/web", "--dependency-update"];
    let (code, shown, said) = sample.run(&built);
    let expected =
        "---\n# Source: web/charts/lib/templates/a.yaml\nkind: ConfigMap\napiVersion: v1\nmetadata: {name: from-web}\n";
    assert_eq!((code, shown.as_str()), (0, expected), "{said}");
    assert_eq!(sample.run(&["check", "charts/web"]).0, 0);
    sample.write("charts/lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 2.0.0\n");
    let (code, _, said) = sample.run(&built);
    assert!(code == 3 && said.contains("can't get a valid version for dependency lib"), "{code} {said}");
    assert_eq!(sample.run(&["check", "charts/web"]).0, 1);
    // Whoever does not want to be told of it is told that nothing else could be checked.
    assert_eq!(sample.run(&["check", "charts/web", "--ignore", "dependency-missing"]).0, 3);
    std::fs::remove_dir_all(sample.path().join("charts/lib")).expect("it is there");
    assert_eq!(sample.run(&["check", "charts/web"]).0, 1);
}

#[test]
fn people_read_paths_that_they_can_type_where_they_stand_and_programs_those_of_the_repository() {
    let repo = crate::git_repo::Repo::new();
    repo.chart("charts/web", "web", "1.0.0", "a: 1\na: 2\n")
        .write("charts/web/artifacthub-pkg.yml", "version: 1.0.1\n");
    repo.chart("charts/shop", "shop", "1.0.0", "a: 1\na: 2\n").commit();
    let run = |arguments: &[&str]| {
        let output = program().current_dir(repo.root().join("charts/web")).args(arguments).output();
        said(output.expect("it starts")).1
    };
    let select = ["--select", "yaml-key-duplicate"];
    let concise = run(&[&["check", ".", "../shop", "--format", "concise"], &select[..]].concat());
    let places: Vec<_> = concise.lines().filter_map(|line| line.split(": ").next()).take(2).collect();
    assert_eq!(places, ["../shop/values.yaml:1:1", "values.yaml:1:1"], "{concise}");
    let human = run(&[&["check", "../shop"], &select[..]].concat());
    assert!(human.contains("[../shop/values.yaml:1:1]"), "{human}");
    let fixed = run(&["check", "--fix", "--select", "package-version-mismatch"]);
    assert!(fixed.contains("fixed artifacthub-pkg.yml:1:10"), "{fixed}");
    for format in ["json", "sarif", "github", "markdown"] {
        let text = run(&[&["check", "--format", format], &select[..]].concat());
        assert!(text.contains("charts/web/values.yaml"), "{format}: {text}");
    }
}
