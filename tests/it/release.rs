//! A release from the first check to the pull, with the real registry and the real Helm.

use std::path::Path;

use serde_json::Value;

use crate::cli::program;
use crate::fixture::testdata;
use crate::git_repo::Repo;
use crate::oci_registry::{Programs, Server};
use crate::package::{entries, sample};

/// What a step of a pipeline gets from a check.
struct Checked {
    code: i32,
    report: Value,
    outputs: String,
}

impl Checked {
    fn findings(&self) -> Vec<(&str, &str)> {
        let findings = self.report["findings"].as_array().expect("a list");
        findings.iter().map(|each| (each["rule"].as_str().unwrap_or(""), each["help"].as_str().unwrap_or(""))).collect()
    }

    fn published(&self) -> &str {
        self.report["charts"][0]["published"].as_str().expect("a state")
    }
}

/// Runs `chartgate check` as GitHub Actions does.
fn check(repo: &Repo) -> Checked {
    let outputs = repo.beside("outputs");
    _ = std::fs::remove_file(&outputs);
    let mut command = program();
    command.current_dir(repo.root()).env("HOME", repo.beside("home")).env("GITHUB_ACTIONS", "true");
    command.env("GITHUB_OUTPUT", &outputs).args(["check", "charts/web", "--format", "json"]);
    let output = command.output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    Checked {
        code: output.status.code().expect("no signal ended it"),
        report: serde_json::from_str(&said).unwrap_or_else(|error| panic!("{error}: {said}")),
        outputs: std::fs::read_to_string(outputs).unwrap_or_default(),
    }
}

fn run(folder: &Path, arguments: &[&str]) {
    let output = program().current_dir(folder).args(arguments).output().expect("the program starts");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("the file is there")
}

#[test]
fn a_release_is_checked_packaged_pushed_once_and_pulled_as_it_was() {
    let Some(programs) = Programs::find() else { return };
    let server = Server::start(&programs, |_| String::new());
    let repo = Repo::new();
    repo.write(
        "charts/web/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0 # the first\ndescription: serves pages\n",
    );
    repo.write("charts/web/values.yaml", "port: 80\n");
    let template = |name: &str| {
        format!(
            "apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: {name} }}\ndata: {{ port: '{{{{ .Values.port }}}}' }}\n"
        )
    };
    repo.write("charts/web/templates/web.yaml", template("web"));
    repo.write(".chartgate.yaml", format!("published: {{ oci: '{}' }}\n", server.target()));
    repo.commit();

    let first = check(&repo);
    assert_eq!((first.code, first.published()), (0, "absent"), "{:#}", first.report);
    assert!(!first.outputs.contains("already-published=true"), "{}", first.outputs);

    run(repo.root(), &["package", "charts/web", "--destination", "dist"]);
    programs.helm(repo.root(), &["push", "dist/web-1.0.0.tgz", &server.target()]);
    let again = check(&repo);
    assert_eq!((again.code, again.published()), (0, "identical"), "{:#}", again.report);
    assert!(again.outputs.contains("already-published=true\n"), "{}", again.outputs);

    repo.write("charts/web/templates/web.yaml", template("shop"));
    let reused = check(&repo);
    assert_eq!((reused.code, reused.published()), (1, "different"), "{:#}", reused.report);
    let named =
        |(rule, help): &(&str, &str)| *rule == "version-reused" && help.contains("`templates/web.yaml`: 2 lines");
    assert!(reused.findings().iter().any(named), "{:#}", reused.report);

    repo.write("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 2.0.0\ndescription: serves pages\n")
        .commit();
    let raised = check(&repo);
    assert_eq!((raised.code, raised.published()), (0, "absent"), "{:#}", raised.report);
    run(repo.root(), &["check", "charts/web", "--attest", "dist/verdict.json"]);
    run(repo.root(), &["package", "charts/web", "--destination", "dist"]);
    programs.helm(repo.root(), &["push", "dist/web-2.0.0.tgz", &server.target()]);

    std::fs::create_dir(repo.root().join("pulled")).expect("the folder is ours");
    for version in ["1.0.0", "2.0.0"] {
        let chart = format!("{}/web", server.target());
        programs.helm(repo.root(), &["pull", &chart, "--version", version, "--destination", "pulled"]);
        let name = format!("web-{version}.tgz");
        assert_eq!(read(&repo.root().join("pulled").join(&name)), read(&repo.root().join("dist").join(&name)));
    }
    run(repo.root(), &["verify", "dist/verdict.json", "pulled/web-2.0.0.tgz"]);
    run(repo.root(), &["check", "pulled/web-2.0.0.tgz", "--source", "charts/web", "--select", "archive-differs"]);
}

/// Names and contents of an archive, sorted.
fn contents(archive: &Path) -> Vec<(String, Vec<u8>)> {
    let mut contents: Vec<_> = entries(archive).into_iter().map(|(name, _, data)| (name, data)).collect();
    contents.sort();
    contents
}

#[test]
fn helm_packages_the_same_files_and_reads_what_chartgate_packages() {
    let Some(programs) = Programs::find() else { return };
    let repo = sample();
    let charts = [repo.root().join("chart"), testdata().join("charts/agents")];
    for (chart, name) in charts.iter().zip(["web-1.1.tgz", "agents-0.4.2.tgz"]) {
        let chart = chart.display().to_string();
        programs.helm(repo.root(), &["package", &chart, "--destination", "."]);
        run(repo.root(), &["package", &chart, "--destination", "dist"]);
        let (theirs, ours) = (repo.root().join(name), repo.root().join("dist").join(name));
        assert_eq!(contents(&ours), contents(&theirs), "{name}");
        programs.helm(repo.root(), &["show", "chart", &ours.display().to_string()]);
        run(repo.root(), &["check", name, "--source", &chart, "--select", "archive-differs,archive-name-mismatch"]);
    }
    programs.helm(repo.root(), &["lint", "dist/agents-0.4.2.tgz"]);
    programs.helm(repo.root(), &["template", "dist/agents-0.4.2.tgz", "--generate-name", "--kube-version", "v1.30.0"]);
}
