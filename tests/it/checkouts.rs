//! What git keeps may lie on disk in another form, or not at all: no change is seen where there is none, and what is missing is said.

use std::path::Path;

use crate::cli::program;
use crate::git_repo::Repo;

/// Exit code, and what is found, failed or skipped, a line each.
fn said(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut command = program();
    let output = command.current_dir(folder).args(["check", "--offline", "--format", "json"]).args(arguments).output();
    let output = output.expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let text = |each: &serde_json::Value, key: &str| each[key].as_str().unwrap_or_default().to_owned();
    let lines = |list: &str, key: &str| -> Vec<String> {
        let all = report[list].as_array().expect("a list").iter();
        all.map(|each| [text(each, "rule"), text(each, key), text(each, "help")].join(" ").trim().to_owned()).collect()
    };
    let all = [lines("findings", "message"), lines("failures", "message"), lines("skipped", "reason")].concat();
    (output.status.code().expect("it exits"), all)
}

/// The charts that `chartgate changed` lists.
fn changed(folder: &Path) -> String {
    let output = program().current_dir(folder).args(["changed", "--format", "json"]).output();
    let output = output.expect("the program starts");
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let listed: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let charts = listed.as_array().expect("a list").iter();
    charts.map(|chart| chart["path"].as_str().expect("a path")).collect::<Vec<_>>().join(" ")
}

const REUSED: [&str; 2] = ["--select", "version-reused"];

/// A branch that changes nothing of the chart `charts/a`.
fn branch(repo: &Repo) {
    repo.commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("README.md", "r\n").commit();
}

/// Lets git write every file anew, as a checkout does.
fn checked_out(repo: &Repo) {
    repo.git(&["rm", "--quiet", "-r", "--cached", "."]);
    repo.git(&["reset", "--quiet", "--hard"]);
    // What was written in the same moment as the index may have been written to after it.
    std::thread::sleep(std::time::Duration::from_millis(50));
    repo.git(&["update-index", "--force-write-index"]);
}

#[test]
fn what_git_writes_in_another_form_is_no_change() {
    let utf16: Vec<u8> = "x: 1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let forms: [(&str, &str, Vec<u8>); 3] = [
        ("*.txt ident\n", "charts/a/x.txt", b"$Id$\n".to_vec()),
        ("*.txt text eol=crlf\n", "charts/a/x.txt", b"a\r\nb\r\n".to_vec()),
        ("*.txt working-tree-encoding=UTF-16LE\n", "charts/a/x.txt", utf16),
    ];
    for (attributes, path, content) in forms {
        let repo = Repo::new();
        repo.write(".gitattributes", attributes).chart("charts/a", "a", "1.0.0", "x: 1\n").write(path, content);
        branch(&repo);
        checked_out(&repo);
        assert_eq!(said(repo.root(), &REUSED), (0, vec![]), "{attributes}");
        assert_eq!(changed(repo.root()), "", "{attributes}");
        repo.write("charts/a/values.yaml", "x: 2\n");
        let (code, lines) = said(repo.root(), &REUSED);
        assert!(code == 1 && lines[0].contains("`values.yaml`: 2 lines") && !lines[0].contains("x.txt"), "{lines:?}");
        repo.write(path, "other\n");
        assert!(said(repo.root(), &REUSED).1[0].contains("x.txt"), "{attributes}");
    }
}

#[test]
fn what_somebody_commits_in_such_a_form_is_a_change() {
    let pointer = "version https://git-lfs.github.com/spec/v1\n\
        oid sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824\nsize 5\n";
    for (path, was, is) in [
        ("charts/a/x.sh", "echo a\n", "echo a\r\n"),
        ("charts/a/x.bin", "hello", pointer),
        ("charts/a/templates/x.yaml", "{{/* $Id: */}}a: b{{/* $ */}}\n", "{{/* $Id: */}}a: c{{/* $ */}}\n"),
    ] {
        let repo = Repo::new();
        repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(path, was);
        branch(&repo);
        repo.write(path, is).commit();
        assert_eq!(said(repo.root(), &REUSED).0, 1, "{path}");
        assert_eq!(changed(repo.root()), "charts/a", "{path}");
    }
}

#[test]
fn a_file_that_is_written_anew_with_its_old_size_is_seen() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n");
    branch(&repo);
    repo.write("charts/a/values.yaml", "x: 2\n");
    assert_eq!(said(repo.root(), &REUSED).0, 1);
    assert_eq!(changed(repo.root()), "charts/a");
}

#[test]
fn a_shallow_pull_request_keeps_what_is_certain() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
    repo.write("README.md", "1\n").commit();
    repo.write("README.md", "2\n").commit();
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("charts/a/values.yaml", "x: 2\n").commit();
    repo.git(&["checkout", "--quiet", "--detach", "main"]);
    repo.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "change"]);
    repo.git(&["branch", "merged"]);
    let clone = repo.cloned(&["--depth=2", "--branch=merged"]);
    let mut command = program();
    command.current_dir(clone.root()).env("GITHUB_BASE_REF", "main");
    let output = command.args(["check", "--offline", "--format", "concise"]).output().expect("the program starts");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("error version-reused") && said.contains("shallow clone"), "{said}");
}

#[test]
fn a_sparse_checkout_that_leaves_out_part_of_a_chart_leaves_it_undecided() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "x: 1\n");
    branch(&repo);
    repo.git(&["sparse-checkout", "set", "--no-cone", "/charts/a/Chart.yaml", "/charts/b/"]);
    let (code, lines) = said(repo.root(), &["charts/a"]);
    assert_eq!(code, 3, "{lines:?}");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("`charts/a/values.yaml`") && line.contains("the sparse checkout leaves it out")),
        "{lines:?}"
    );
    assert!(!lines.iter().any(|line| line.starts_with("version-reused version")), "{lines:?}");
}

#[test]
fn a_chart_that_a_sparse_checkout_leaves_out_whole_is_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "x: 1\n");
    branch(&repo);
    for mode in ["--cone", "--no-cone"] {
        repo.git(&["sparse-checkout", "set", mode, "charts/b"]);
        let (code, lines) = said(repo.root(), &REUSED);
        assert_eq!(code, 0, "{lines:?}");
        let said_so = |line: &String| {
            line.contains("the sparse checkout leaves out `charts/a/Chart.yaml`") && line.contains("not judged")
        };
        assert!(lines.iter().any(said_so), "{mode}: {lines:?}");
        assert!(!said(repo.root(), &["charts/b"]).1.iter().any(said_so), "it was not asked for");
    }
}

#[test]
fn a_dependency_in_a_submodule_is_compared_by_its_commit() {
    let library = Repo::new();
    library.chart("lib", "lib", "1.0.0", "x: 1\n").commit();
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n");
    let declared = "dependencies: [{ name: lib, version: 1.x.x, repository: file://../../sub/lib }]\n";
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{declared}"));
    repo.git(&["submodule", "--quiet", "add", &library.root().display().to_string(), "sub"]);
    branch(&repo);
    let only = ["--select", "version-reused", "charts/a"];
    assert_eq!(said(repo.root(), &only), (0, vec![]));
    assert_eq!(changed(repo.root()), "");
    library.write("lib/values.yaml", "x: 2\n").commit();
    repo.git(&["-C", "sub", "pull", "--quiet"]);
    repo.commit();
    let (code, lines) = said(repo.root(), &only);
    assert!(code == 1 && lines[0].contains("`charts/lib`"), "{lines:?}");
    assert_eq!(changed(repo.root()), "charts/a");
}

#[test]
fn files_outside_of_what_is_looked_through_are_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "x: 1\n");
    repo.write(
        ".chartgate.yaml",
        "profiles: { p: { production: true, charts: [charts/b], values: [../../p.yaml] } }\n",
    );
    repo.write("p.yaml", "x: 2\n");
    branch(&repo);
    let of_b = |file: &str| said(&repo.root().join("charts/b"), &[&REUSED[..], &["--files", file]].concat()).1;
    assert_eq!(of_b("../a/values.yaml"), ["* `../a/values.yaml` lies outside of `.`, where charts are looked for"]);
    assert_eq!(of_b("values.yaml"), [""; 0]);
    assert_eq!(of_b("../../p.yaml"), [""; 0], "the chart is judged by it");
}

/// A chart that takes by `file://` the chart which a submodule's root is, on a branch that changes nothing of it.
fn with_library_at_root() -> (Repo, Repo) {
    let library = Repo::new();
    library.chart(".", "lib", "1.0.0", "x: 1\n").write("templates/configmap.yaml", CONFIG_MAP).commit();
    let repo = Repo::new();
    let declared = "dependencies: [{ name: lib, version: 1.x.x, repository: file://../../vendor/lib }]\n";
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{declared}"));
    repo.write("charts/a/values.yaml", "x: 1\n").write("charts/a/templates/configmap.yaml", CONFIG_MAP);
    repo.git(&["submodule", "--quiet", "add", &library.root().display().to_string(), "vendor/lib"]);
    branch(&repo);
    (library, repo)
}

const CONFIG_MAP: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Chart.Name }} }\n";

#[test]
fn a_submodule_can_be_the_chart_that_another_takes() {
    let (_library, repo) = with_library_at_root();
    let (code, lines) = said(repo.root(), &["charts/a"]);
    assert_eq!((code, lines), (0, vec![]));
    repo.write("charts/a/templates/other.yaml", CONFIG_MAP.replace("Chart.Name }}", "Chart.Name }}-other"));
    let output = program().current_dir(repo.root()).args(["diff", "charts/a", "--format", "json"]).output();
    let diff: serde_json::Value = serde_json::from_slice(&output.expect("it starts").stdout).expect("JSON");
    let objects: Vec<&str> = diff["changes"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|change| change["message"].as_str().expect("words"))
        .collect();
    assert_eq!(objects.len(), 1, "nothing of the submodule is new: {diff}");
}

#[test]
fn a_submodule_that_is_not_checked_out_leaves_its_chart_undecided() {
    let (_library, repo) = with_library_at_root();
    let clone = repo.cloned(&["--branch=change"]);
    for arguments in [&["charts/a"][..], &["charts/a", "--at", "HEAD"]] {
        let (code, lines) = said(clone.root(), arguments);
        assert_eq!(code, 3, "{lines:?}");
        assert!(
            lines.iter().any(|line| line.contains("submodule") && line.contains("git submodule update --init")),
            "{lines:?}"
        );
    }
}

#[test]
fn a_sparse_checkout_that_leaves_out_a_dependency_leaves_its_chart_undecided() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("lib", "lib", "1.0.0", "x: 1\n");
    let declared = "dependencies: [{ name: lib, version: 1.x.x, repository: file://../../lib }]\n";
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{declared}"));
    branch(&repo);
    for kept in [&["/charts/"][..], &["/charts/", "/lib/Chart.yaml"]] {
        repo.git(&[&["sparse-checkout", "set", "--no-cone"], kept].concat());
        let (code, lines) = said(repo.root(), &["charts/a", "--ignore", "manifest-invalid"]);
        assert_eq!(code, 3, "{kept:?} {lines:?}");
    }
}

#[test]
fn a_sparse_checkout_that_leaves_out_the_configuration_does_not_judge_by_defaults() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(".chartgate.yaml", "failOn: never\n").commit();
    repo.git(&["sparse-checkout", "set", "--no-cone", "/charts/"]);
    let output = program().current_dir(repo.root()).args(["check", "--offline"]).output().expect("the program starts");
    let words = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.code() == Some(2) && words.contains("the sparse checkout leaves it out"), "{words}");
}

#[test]
fn files_of_a_dependency_and_of_definitions_concern_whoever_needs_them() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("lib", "lib", "1.0.0", "x: 1\n");
    let declared = "dependencies: [{ name: lib, version: 1.x.x, repository: file://../../lib }]\n";
    repo.write("charts/a/Chart.yaml", format!("apiVersion: v2\nname: a\nversion: 1.0.0\n{declared}"));
    let definition = |kind: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: foos.x.io }}\nspec:\n  group: x.io\n  \
             scope: Namespaced\n  names: {{ plural: foos, singular: foo, kind: Foo, listKind: FooList }}\n  versions:\n    - name: v1\n      \
             served: true\n      storage: true\n      schema: {{ openAPIV3Schema: {{ type: object, properties: {{ spec: {{ type: object, \
             properties: {{ min: {{ type: {kind} }} }} }} }} }} }}\n"
        )
    };
    repo.write("crds/foo.yaml", definition("integer"));
    repo.chart("charts/b", "b", "1.0.0", "");
    repo.write(
        "charts/b/templates/configmap.yaml",
        "apiVersion: x.io/v1\nkind: Foo\nmetadata: { name: a }\nspec: { min: 3 }\n",
    );
    branch(&repo);
    repo.write("lib/values.yaml", "x: 2\n").write("lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 1.0.1\n");
    repo.write("crds/foo.yaml", definition("string")).commit();
    let rules = ["--select", "version-reused,custom-resource-invalid"];
    let findings = |arguments: &[&str]| {
        let (code, lines) = said(repo.root(), &[&rules[..], arguments].concat());
        (code, lines.iter().filter(|line| line.starts_with("version-reused") || line.starts_with("custom")).count())
    };
    assert_eq!(findings(&[]), (1, 2));
    assert_eq!(findings(&["--changed"]), (1, 2));
    assert_eq!(findings(&["--files", "lib/values.yaml"]), (1, 1));
    assert_eq!(findings(&["--files", "crds/foo.yaml"]).0, 1);
}

#[test]
fn what_a_deployment_that_is_not_followed_may_read_concerns_its_chart() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n");
    let release = "variable \"x\" {}\nresource \"helm_release\" \"a\" {\n  name = \"a\"\n  chart = \"${path.module}/../charts/a\"\n  \
        set = [{ name = \"x\", value = var.x }]\n}\n";
    repo.write("tf/main.tf", release).write("tf/terraform.tfvars", "x = 1\n").write("docs/a.yaml", "a: 1\n");
    branch(&repo);
    repo.write("docs/a.yaml", "a: 2\n").commit();
    assert_eq!(said(repo.root(), &["--changed"]).0, 0, "nothing that it may read");
    repo.write("tf/terraform.tfvars", "x = 2\n").commit();
    for arguments in [&[][..], &["--changed"], &["--files", "tf/terraform.tfvars"]] {
        let (_, lines) = said(repo.root(), arguments);
        let is_said = lines.iter().any(|line| line.contains("cannot be followed"));
        assert!(is_said, "{arguments:?}: {lines:?}");
    }
    assert_eq!(said(repo.root(), &["--files", "docs/a.yaml"]).0, 0);
}

#[test]
fn a_pipeline_that_loses_its_gate_is_judged_whichever_charts_are() {
    let repo = Repo::new();
    let gate = "      - run: chartgate check\n";
    let workflow = |gate: &str| {
        format!(
            "on: push\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n{gate}      \
                - run: helm push a-1.0.0.tgz oci://ghcr.io/x\n"
        )
    };
    let path = ".github/workflows/release.yml";
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(path, workflow(gate));
    branch(&repo);
    let ungated =
        |arguments: &[&str]| said(repo.root(), arguments).1.iter().any(|line| line.starts_with("publish-not-gated "));
    assert!(!ungated(&["--changed"]) && !ungated(&["--files", path]));
    repo.write(path, workflow("")).commit();
    assert!(ungated(&["--changed"]) && ungated(&["--files", path]));
    assert!(!ungated(&["--files", "README.md"]));
}

#[test]
fn packages_beside_charts_and_charts_that_git_ignores_are_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "").write("charts/evil-1.0.0.tgz", "no chart").write(".gitignore", "out\n");
    repo.chart("out/deep/b", "b", "1.0.0", "").commit();
    let package = "beside charts a package is judged only where it is named: `charts/evil-1.0.0.tgz`";
    let ignored = "git ignores the chart in `out/deep/b`: name it to have it judged";
    let has = |lines: &[String], reason: &str| lines.iter().any(|line| line.ends_with(reason));
    let (_, lines) = said(repo.root(), &[]);
    assert!(has(&lines, package) && has(&lines, ignored), "{lines:?}");
    let (code, lines) = said(repo.root(), &["--files", "charts/evil-1.0.0.tgz"]);
    assert!(code != 0 && !has(&lines, package), "a file that is named is judged: {lines:?}");
    assert_ne!(said(repo.root(), &["charts/evil-1.0.0.tgz"]).0, 0, "it is judged where it is named");
    let (_, lines) = said(repo.root(), &["out/deep/b"]);
    assert!(lines.iter().all(|line| !line.contains("git ignores")), "{lines:?}");
    // What is published is no chart to judge.
    repo.write(".chartgate.yaml", "published: { folder: charts }\n").commit();
    assert!(!has(&said(repo.root(), &[]).1, package));
    repo.write(".chartgate.yaml", "charts: [charts/a]\n").chart("charts/c", "c", "1.0.0", "").commit();
    let output = program().current_dir(repo.root()).args(["changed", "--base", "HEAD"]).output();
    let notes = String::from_utf8(output.expect("the program starts").stderr).expect("it is text");
    assert!(notes.contains("leaves out `charts/c`") && notes.contains(package), "{notes}");
}
