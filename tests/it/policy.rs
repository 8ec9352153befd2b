//! The policy cannot be bent in silence by what it judges.

use std::path::Path;

use crate::cli::program;
use crate::git_repo::Repo;

/// `main` with a policy that a chart of the branch `change` breaks.
fn repo() -> Repo {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "rules: { image-tag-floating: { level: error } }\n");
    repo.write(".chartgate/rules/name-long.yaml", RULE).write("charts/a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: nginx:latest }] }\n";
    repo.write("charts/b/Chart.yaml", "apiVersion: v2\nname: b\nversion: 1.0.0\n")
        .write("charts/b/templates/pod.yaml", pod);
    repo.commit();
    repo
}

const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.0.0\n";
const RULE: &str = "id: name-long\nsummary: a\nwhy: a\nremedy: a\nseverity: warning\ncategory: chart\ntarget: metadata\n\
    deny: metadata.name.size() > 40\nmessage: a\n";

/// Exit code, and each finding as `severity rule path:line message`.
fn said(folder: &Path, arguments: &[&str]) -> (i32, Vec<String>) {
    let mut command = program();
    let output = command.current_dir(folder).args(["check", "--offline", "--format", "json"]).args(arguments).output();
    let output = output.expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let open = report["findings"].as_array().expect("a list").iter().filter(|finding| finding["suppressed"].is_null());
    let lines = open.map(|finding| {
        let place = format!("{}:{}", text(finding, "path"), finding["line"]);
        format!("{} {} {place} {}", text(finding, "severity"), text(finding, "rule"), text(finding, "message"))
    });
    (output.status.code().expect("it exits"), lines.collect())
}

#[test]
fn what_a_change_loosens_is_said_without_being_asked() {
    let repo = repo();
    let (code, lines) = said(repo.root(), &[]);
    assert!(code == 1 && lines.iter().any(|line| line.starts_with("error image-tag-floating")), "{lines:?}");
    for (policy, expected) in [
        ("rules: { image-tag-floating: { level: off } }\n", "`image-tag-floating` is off, and was error"),
        ("failOn: never\nrules: { image-tag-floating: { level: error } }\n", "`failOn` is `never`, and was `error`"),
        (
            "charts: [charts/a]\nrules: { image-tag-floating: { level: error } }\n",
            "`charts` names fewer charts than it did",
        ),
    ] {
        repo.write(".chartgate.yaml", policy);
        let (_, lines) = said(repo.root(), &[]);
        let loosened: Vec<&String> = lines.iter().filter(|line| line.contains(" policy-loosened ")).collect();
        assert!(
            loosened.iter().any(|line| line.starts_with("warning") && line.ends_with(expected)),
            "{policy}: {lines:?}"
        );
    }
    std::fs::remove_file(repo.root().join(".chartgate.yaml")).expect("it is there");
    let (_, lines) = said(repo.root(), &[]);
    assert!(lines.iter().any(|line| line.contains("the configuration is gone")), "{lines:?}");
}

#[test]
fn a_policy_from_elsewhere_counts_and_loosening_it_is_an_error() {
    let repo = repo();
    let silent = "failOn: never\nrules: { image-tag-floating: { level: off } }\n";
    repo.write(".chartgate.yaml", silent)
        .write(".chartgate/rules/name-long.yaml", RULE.replace("> 40", "> 400"))
        .commit();
    assert_eq!(said(repo.root(), &[]).0, 0, "the tree's own policy");
    let (code, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
    assert_eq!(code, 1);
    for expected in [
        "error image-tag-floating charts/b/templates/pod.yaml:4",
        "error policy-loosened .chartgate.yaml:1 `failOn` is `never`, and was `error`",
        "error policy-loosened .chartgate.yaml:2 `image-tag-floating` is off, and was error",
        "the rule in `.chartgate/rules/name-long.yaml` is another than it was",
    ] {
        assert!(lines.iter().any(|line| line.contains(expected)), "{expected}: {lines:#?}");
    }
}

#[test]
fn a_configuration_that_one_chart_of_several_gets_or_loses_is_compared() {
    let repo = repo();
    let loosened = |arguments: &[&str]| -> Vec<String> {
        let lines = said(repo.root(), arguments).1.into_iter();
        lines.filter(|line| line.contains(" policy-loosened ")).collect()
    };
    repo.write("charts/b/.chartgate.yaml", "replaces: true\nfailOn: never\n").commit();
    let asked = loosened(&["--policy-from", "origin/main"]);
    let never = "error policy-loosened charts/b/.chartgate.yaml:2 `failOn` is `never`, and was `error`";
    assert!(asked.iter().any(|line| line == never), "{asked:?}");
    let unasked = loosened(&[]);
    assert!(unasked.iter().any(|line| line.contains("`failOn` is `never`")), "{unasked:?}");
    let repo = self::repo();
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write("charts/a/.chartgate.yaml", "failOn: warning\n")
        .write("charts/0/Chart.yaml", CHART.replace("name: a", "name: z"));
    repo.commit();
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    std::fs::remove_file(repo.root().join("charts/a/.chartgate.yaml")).expect("it is there");
    repo.commit();
    for arguments in [&[][..], &["--policy-from", "origin/main"]] {
        let lines = said(repo.root(), arguments).1;
        let gone = |line: &&String| line.contains(" policy-loosened ") && line.contains("`failOn`");
        assert!(lines.iter().any(|line| gone(&line)), "{arguments:?}: {lines:?}");
    }
}

#[test]
fn comments_count_in_pipelines_and_are_compared_there() {
    let repo = repo();
    let step = "      - run: helm push a.tgz oci://ghcr.io/acme/charts";
    let workflow = |comment: &str| {
        format!(
            "on: {{push: {{tags: ['*']}}}}\njobs:\n  release:\n    runs-on: ubuntu-latest\n    steps:\n{step}{comment}\n"
        )
    };
    repo.write(".github/workflows/release.yml", workflow("")).commit();
    let of_rule = |arguments: &[&str], rule: &str| {
        let lines = said(repo.root(), arguments).1.into_iter();
        lines.filter(|line| line.contains(rule)).count()
    };
    assert_eq!(of_rule(&[], "publish-not-gated"), 1);
    let comment = " # chartgate: ignore[publish-not-gated] another job judges it";
    repo.write(".github/workflows/release.yml", workflow(comment)).commit();
    assert_eq!(of_rule(&[], "publish-not-gated"), 0);
    assert_eq!(of_rule(&["--policy-from", "origin/main"], "policy-loosened .github/workflows/release.yml:6"), 1);
}

#[test]
fn a_file_that_the_command_line_names_is_compared_where_a_change_can_write_it() {
    let repo = repo();
    repo.git(&["checkout", "--quiet", "-B", "change", "origin/main"]);
    let strict = "rules: { image-tag-floating: { level: error } }\n";
    repo.link("gate.yaml", ".github/gate.yaml").write("deep/note", "").write(".github/gate.yaml", strict).commit();
    repo.remote_branch("main", "HEAD").write(".github/gate.yaml", "failOn: never\n").commit();
    let config = ["--config", ".github/gate.yaml"];
    let loosened = |line: &String| line.contains(" policy-loosened .github/gate.yaml:1 `failOn` is `never`");
    for arguments in [&[][..], &["--at", "HEAD"], &["--changed"]] {
        let (code, lines) = said(repo.root(), &[&config[..], arguments].concat());
        assert!(code == 0 && lines.iter().any(loosened), "{arguments:?}: {lines:?}");
    }
    let (code, lines) = said(repo.root(), &[&config[..], &["--policy-from", "origin/main"]].concat());
    assert!(code == 1 && lines.iter().any(loosened), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("`image-tag-floating` is warning, and was error")), "{lines:?}");
    // By a link, and from a folder below.
    for (folder, path) in [(repo.root().to_owned(), "gate.yaml"), (repo.root().join("deep"), "../.github/gate.yaml")] {
        let (_, lines) = said(&folder, &["--config", path, &repo.root().join("charts/a").display().to_string()]);
        assert!(lines.iter().any(|line| line.contains("`failOn` is `never`")), "{path}: {lines:?}");
    }
    // What is no part of the repository is the user's own, and what the base lacks is no configuration yet.
    std::fs::write(repo.beside("own.yaml"), "failOn: never\n").expect("the folder is ours");
    let own = repo.beside("own.yaml").display().to_string();
    let (code, lines) = said(repo.root(), &["--config", &own]);
    assert!(code == 0 && lines.iter().all(|line| !line.contains(" policy-loosened ")), "{lines:?}");
    repo.write("new.yaml", "failOn: never\n").commit();
    let (_, lines) = said(repo.root(), &["--config", "new.yaml"]);
    assert!(lines.iter().all(|line| !line.contains(" policy-loosened ")), "{lines:?}");
    let report = report(repo.root(), &["--config", "new.yaml", "--policy-from", "origin/main"]);
    assert_eq!(report["policies"][0]["configuration"], serde_json::Value::Null);
    assert!(report["skipped"].to_string().contains("`new.yaml` is not there where HEAD left"), "{report}");
}

/// What a check of the folder reports.
fn report(folder: &Path, arguments: &[&str]) -> serde_json::Value {
    let mut command = program();
    let output = command.current_dir(folder).args(["check", "--offline", "--format", "json"]).args(arguments).output();
    serde_json::from_slice(&output.expect("the program starts").stdout).expect("it is JSON")
}

#[test]
fn a_policy_from_elsewhere_counts_for_packages() {
    let repo = repo();
    repo.write(".chartgate.yaml", "failOn: never\nrules: { image-tag-floating: { level: off } }\n")
        .write(".gitignore", "dist\n")
        .commit();
    let pack = program().current_dir(repo.root()).args(["package", "charts/b", "-d", "dist", "--offline"]).output();
    assert!(pack.expect("the program starts").status.success());
    let package = "dist/b-1.0.0.tgz";
    let (code, lines) = said(repo.root(), &[package]);
    let loosened = |severity: &str, line: &String| {
        line.starts_with(severity) && line.contains("policy-loosened .chartgate.yaml:1 `failOn` is `never`")
    };
    assert!(code == 0 && lines.iter().any(|line| loosened("warning", line)), "{lines:?}");
    let (code, lines) = said(repo.root(), &[package, "--policy-from", "origin/main"]);
    assert!(code == 1 && lines.iter().any(|line| loosened("error", line)), "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("error image-tag-floating dist/b-1.0.0.tgz/")), "{lines:?}");
}

#[test]
fn comments_of_a_package_are_those_of_its_chart() {
    let repo = repo();
    let values = "# chartgate: ignore[image-tag-floating] it is ours\nimage: nginx:latest\n";
    repo.write("charts/b/values.yaml", values).commit();
    repo.remote_branch("main", "HEAD");
    let loosened = || {
        let pack = program().current_dir(repo.root()).args(["package", "charts/b", "-d", "dist", "--offline"]).output();
        assert!(pack.expect("the program starts").status.success());
        let (_, lines) = said(repo.root(), &["dist/b-1.0.0.tgz", "--policy-from", "origin/main"]);
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).count()
    };
    assert_eq!(loosened(), 0);
    repo.write(
        "charts/b/values.yaml",
        format!("{values}other: nginx # chartgate: ignore[image-digest-missing] it is ours\n"),
    );
    assert_eq!(loosened(), 1);
}

#[test]
fn a_revision_of_a_pull_request_is_compared_with_where_it_left_the_branch() {
    let repo = repo();
    repo.write(".chartgate.yaml", "failOn: never\n").commit();
    repo.write("note", "x").commit();
    let of = |arguments: &[&str]| {
        let mut command = program();
        let command = command.current_dir(repo.root()).env("GITHUB_BASE_REF", "main");
        let output = command.args(["check", "--offline", "--format", "concise"]).args(arguments).output();
        String::from_utf8(output.expect("the program starts").stdout).expect("it is text")
    };
    for arguments in [&[][..], &["--at", "HEAD"], &["--at", "HEAD~1"]] {
        let said = of(arguments);
        assert!(said.contains("policy-loosened: `failOn` is `never`"), "{arguments:?}: {said}");
        assert!(said.contains("the merge-base `"), "{arguments:?}: {said}");
    }
    assert!(of(&["--at", "origin/main"]).contains("root commit"), "a commit of the branch is after its parent");
}

#[test]
fn whoever_owns_the_policy_can_allow_it_to_be_loosened() {
    let repo = repo();
    repo.git(&["checkout", "--quiet", "-B", "change", "origin/main"]);
    repo.write(".chartgate.yaml", "rules: { policy-loosened: { level: info } }\nfailOn: warning\n").commit();
    repo.remote_branch("main", "HEAD").write(".chartgate.yaml", "failOn: error\n").commit();
    let (code, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
    assert_eq!(code, 0, "{lines:?}");
    assert!(lines.iter().any(|line| line.starts_with("info policy-loosened")), "{lines:?}");
}

#[test]
fn the_first_configuration_of_a_repository_loosens_nothing() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write(".chartgate.yaml", "failOn: never\n").commit();
    let (code, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
    assert!(code == 0 && !lines.iter().any(|line| line.contains("policy-loosened")), "{lines:?}");
}

#[test]
fn a_comment_that_a_change_adds_is_said_and_one_that_was_there_is_not() {
    let repo = repo();
    let values = "image: nginx:latest # chartgate: ignore[image-tag-floating] a mirror\nother: 1\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: { name: a }\nspec: { containers: [{ name: a, image: '{{ .Values.image }}' }] }\n";
    repo.write("charts/a/values.yaml", values).write("charts/a/templates/pod.yaml", pod).commit();
    repo.remote_branch("main", "HEAD");
    repo.write("charts/a/values.yaml", format!("first: 1\n{}", values.replace("nginx:", "httpd:"))).commit();
    let policy = ["--policy-from", "origin/main", "charts/a"];
    let loosened = |arguments: &[&str]| {
        let (code, lines) = said(repo.root(), arguments);
        (code, lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect::<Vec<_>>())
    };
    assert_eq!(loosened(&policy).1, [""; 0], "it moved with its line, which another image stands in");
    let bent =
        "image: nginx:latest\nother: 1 # chartgate: ignore[image-tag-floating,policy-loosened] nobody shall see\n";
    repo.write("charts/a/values.yaml", bent).commit();
    let (code, lines) = loosened(&policy);
    let expected = "error policy-loosened charts/a/values.yaml:2 the change adds a comment that suppresses `image-tag-floating, policy-loosened`";
    assert_eq!((code, lines), (1, vec![expected.to_owned()]));
    assert_eq!(loosened(&["charts/a"]).1, [""; 0], "without a policy from elsewhere its reason answers for it");
    let two =
        "web:\n  image: nginx:1.27.1 # chartgate: ignore[image-tag-floating] a mirror\nproxy:\n  image: nginx:1.27.1\n";
    repo.write("charts/a/values.yaml", two).commit();
    repo.remote_branch("main", "HEAD");
    let comment = " # chartgate: ignore[image-tag-floating] a mirror";
    let moved = two
        .replace(comment, "")
        .replace("proxy:\n  image: nginx:1.27.1", &format!("proxy:\n  image: nginx:latest{comment}"));
    repo.write("charts/a/values.yaml", moved).commit();
    let (code, lines) = loosened(&policy);
    assert!(code == 1 && lines.len() == 1 && lines[0].contains("values.yaml:4"), "it moved to another line: {lines:?}");
}

#[test]
fn a_comment_that_moves_with_its_chart_or_its_file_is_none_that_a_change_adds() {
    let repo = Repo::new();
    let values = "x: nginx:1.27 # chartgate: ignore[values-key-unknown] built here\n";
    repo.chart("charts/a", "a", "1.0.0", "y: 1\n").write("charts/a/values-prod.yaml", values).commit();
    let loosened = || {
        let (_, lines) = said(repo.root(), &["--policy-from", "main"]);
        lines.iter().filter(|line| line.contains(" policy-loosened ")).count()
    };
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    repo.git(&["mv", "charts/a", "charts/b"]);
    repo.commit();
    assert_eq!(loosened(), 0);
    repo.git(&["mv", "charts/b/values-prod.yaml", "charts/b/values-production.yaml"]);
    repo.commit();
    assert_eq!(loosened(), 0);
    repo.write("charts/b/values-live.yaml", values).commit();
    assert_eq!(loosened(), 1, "there is one more now");
}

#[test]
fn under_a_policy_from_elsewhere_the_baseline_is_that_of_the_policy() {
    let repo = repo();
    let check = |arguments: &[&str]| said(repo.root(), &[arguments, &["--baseline", "baseline.json"]].concat()).0;
    let mut update = program();
    update.current_dir(repo.root()).args(["check", "--offline", "--baseline", "baseline.json", "--update-baseline"]);
    let written = update.output().expect("the program starts");
    assert!(repo.root().join("baseline.json").is_file(), "{}", String::from_utf8_lossy(&written.stderr));
    repo.commit();
    assert_eq!(check(&[]), 0);
    assert_ne!(check(&["--policy-from", "origin/main"]), 0, "main has no baseline");
    repo.remote_branch("main", "HEAD");
    assert_eq!(check(&["--policy-from", "origin/main"]), 0);
}

#[test]
fn rules_beside_a_nested_configuration_are_compared_too() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", CHART).write("charts/.chartgate.yaml", "");
    repo.write("charts/.chartgate/rules/name-long.yaml", RULE).commit();
    repo.remote_branch("main", "HEAD");
    std::fs::remove_file(repo.root().join("charts/.chartgate/rules/name-long.yaml")).expect("it is there");
    repo.commit();
    let (code, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
    let expected = "the rule in `charts/.chartgate/rules/name-long.yaml` is gone";
    assert!(code == 1 && lines.iter().any(|line| line.contains(expected)), "{lines:?}");
}

#[test]
fn rules_that_go_where_there_is_no_configuration_are_said() {
    let repo = Repo::new();
    repo.write(".chartgate/rules/name-long.yaml", RULE).write("charts/a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    std::fs::remove_dir_all(repo.root().join(".chartgate")).expect("it is there");
    repo.commit();
    for (arguments, severity) in [(&[][..], "warning"), (&["--policy-from", "origin/main"], "error")] {
        let (_, lines) = said(repo.root(), arguments);
        let expected = format!(
            "{severity} policy-loosened charts/a/Chart.yaml:1 the rule in `.chartgate/rules/name-long.yaml` is gone"
        );
        assert!(lines.contains(&expected), "{arguments:?} {lines:?}");
    }
}

#[test]
fn production_that_a_change_takes_away_is_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write("charts/a/values-prod.yaml", "x: 2\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let loosened = || {
        repo.commit();
        let (_, lines) = said(repo.root(), &[]);
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect::<Vec<_>>()
    };
    repo.git(&["mv", "charts/a/values-prod.yaml", "charts/a/values-production.yaml"]);
    assert_eq!(loosened(), [""; 0], "it is production under its new name");
    repo.write("charts/a/values-production.yaml", "# nothing\n");
    assert!(loosened()[0].ends_with("`values-prod` is gone: `values-prod.yaml` is not there any more"), "it is empty");
    repo.write("charts/a/values-production.yaml", "x: 2\n").git(&[
        "mv",
        "charts/a/values-production.yaml",
        "charts/a/values-eu.yaml",
    ]);
    let expected = "warning policy-loosened charts/a/Chart.yaml:1 the production profile `values-prod` is gone: `values-prod.yaml` is not there any more";
    assert_eq!(loosened(), [expected]);
    repo.git(&["mv", "charts/a", "charts/b"]);
    assert_eq!(loosened(), [expected.replace("charts/a", "charts/b")], "a chart that moved is the same chart");
}

#[test]
fn a_chart_that_leaves_a_production_profile_is_said() {
    let repo = Repo::new();
    let profile = "profiles: { live: { production: true, charts: [charts/a, charts/b], values: [live.yaml] } }\n";
    repo.write(".chartgate.yaml", profile).chart("charts/b", "b", "1.0.0", "").write("charts/b/live.yaml", "x: 2\n");
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write("charts/a/live.yaml", "x: 2\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("charts/a/values.yaml", "x: 3\n").commit();
    assert!(!said(repo.root(), &[]).1.iter().any(|line| line.contains(" policy-loosened ")));
    repo.git(&["mv", "charts/a", "charts/c"]);
    let (_, lines) = said(repo.root(), &[]);
    let expected = "warning policy-loosened .chartgate.yaml:1 `charts/c` is no longer judged under the production profile `live`: it moved from `charts/a`";
    assert!(lines.iter().any(|line| line == expected), "{lines:?}");
}

#[test]
fn fewer_kubernetes_versions_are_said_and_newer_ones_are_not() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "kubeVersions: [\"1.33\", \"1.36\"]\n").write("a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let loosened = |versions: &str| {
        repo.write(".chartgate.yaml", format!("kubeVersions: [{versions}]\n")).commit();
        said(repo.root(), &[]).1.iter().any(|line| line.ends_with("charts are no longer judged for Kubernetes `1.33`"))
    };
    assert!(!loosened("\"1.34\", \"1.37\""));
    assert!(loosened("\"1.36\""));
    assert!(loosened("\"1.34\", \"1.36\""), "the lower end went up, and nothing newer came");
    assert!(!loosened("\"1.32\", \"1.33\", \"1.36\""), "an older one asks for more");
}

#[test]
fn a_place_that_takes_over_from_git_is_said() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "failOn: error\n").write("a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write(".chartgate.yaml", "published: { tags: 'nope-{version}' }\n").commit();
    let (_, lines) = said(repo.root(), &[]);
    let expected = "`published.tags` takes the place of git's history, which told what was released";
    assert!(lines.iter().any(|line| line.ends_with(expected)), "{lines:?}");
}

#[test]
fn a_chart_that_moves_out_of_the_charts_that_are_judged_is_said() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "charts: [\"charts/*\"]\n").chart("charts/a", "a", "1.0.0", "y: 1\n");
    repo.chart("charts/b", "b", "1.0.0", "y: 1\n").chart("old/c", "c", "1.0.0", "y: 1\n").commit();
    repo.git(&["checkout", "--quiet", "-b", "change"]);
    repo.git(&["mv", "charts/a", "old/a"]);
    repo.git(&["mv", "old/c", "old/d"]);
    repo.commit();
    let (code, lines) = said(repo.root(), &["--policy-from", "main"]);
    let loosened: Vec<&String> = lines.iter().filter(|line| line.contains(" policy-loosened ")).collect();
    assert!(
        code == 1
            && loosened.len() == 1
            && loosened[0]
                .contains("`old/a` is not judged any more: `charts` leave it out since it moved from `charts/a`"),
        "{lines:?}"
    );
}

#[test]
fn a_chart_that_moves_to_a_looser_policy_is_said() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "failOn: warning\n").write("examples/.chartgate.yaml", "failOn: never\n");
    repo.write("charts/a/Chart.yaml", CHART).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.git(&["mv", "charts/a", "examples/a"]);
    repo.commit();
    let expected = "since the chart moved from `charts/a`, `failOn` is `never`, and was `warning`";
    for arguments in [&[][..], &["--policy-from", "origin/main"]] {
        let (_, lines) = said(repo.root(), arguments);
        assert!(lines.iter().any(|line| line.ends_with(expected)), "{arguments:?} {lines:?}");
    }
}

#[test]
fn a_change_does_not_choose_what_it_is_measured_by() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "failOn: warning\n").chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let silent = "failOn: never\npublished: { base: HEAD }\n";
    repo.write(".chartgate.yaml", silent).write("charts/a/values.yaml", "x: 2\n").commit();
    for arguments in [&[][..], &["--changed"]] {
        let (_, lines) = said(repo.root(), arguments);
        for expected in [
            "`failOn` is `never`, and was `warning`",
            "`published.base` has changes measured by `HEAD`, and not by the branch that is found",
            "error version-reused charts/a/Chart.yaml:3",
        ] {
            assert!(lines.iter().any(|line| line.contains(expected)), "{arguments:?}: {expected}: {lines:?}");
        }
    }
    // What was agreed on before the change counts, and where it is changed, that of before.
    repo.write(".chartgate.yaml", "published: { base: origin/release }\n").commit();
    repo.remote_branch("main", "HEAD").remote_branch("release", "HEAD");
    repo.write("charts/a/values.yaml", "x: 3\n").commit();
    let is_reused = || said(repo.root(), &[]).1.iter().any(|line| line.contains(" version-reused "));
    assert!(is_reused());
    repo.remote_branch("release", "HEAD").write("notes", "").commit();
    assert!(!is_reused(), "it is in the release branch");
    repo.write(".chartgate.yaml", "published: { base: HEAD }\n").write("charts/a/values.yaml", "x: 4\n").commit();
    assert!(is_reused());
}

#[test]
fn every_setting_that_asks_less_is_said() {
    let loosened = |before: &str, now: &str| -> Vec<String> {
        let repo = Repo::new();
        repo.write(".chartgate.yaml", before).chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
        repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
        repo.write(".chartgate.yaml", now).commit();
        let lines = said(repo.root(), &[]).1.into_iter().filter(|line| line.contains(" policy-loosened "));
        lines.map(|line| line.split_once(".chartgate.yaml:").expect("its place").1.to_owned()).collect()
    };
    let cases = [
        ("helm: 4\n", "failOn: error\nhelm: 3\n", "2 charts are rendered as Helm 3 does, and were as Helm 4 does"),
        (
            "failOn: error\n",
            "gitops: { helm: 3 }\n",
            "1 deployments are rendered as Helm 3 does, and were as Helm 4 does",
        ),
        (
            "kubeVersion: \"1.36\"\n",
            "kubeVersion: \"1.25\"\n",
            "1 charts are rendered for Kubernetes `v1.25`, and were for `v1.36`",
        ),
        ("profiles: { dev: {}, test: {} }\n", "profiles: { dev: {} }\n", "1 the profile `test` is gone"),
        (
            "profiles: { dev: {} }\n",
            "profiles: { dev: { charts: [charts/a] } }\n",
            "1 the profile `dev` is for fewer charts than it was",
        ),
    ];
    for (before, now, expected) in cases {
        assert_eq!(loosened(before, now), [expected], "{before} {now}");
        assert_eq!(loosened(now, before), [""; 0], "{now} {before}");
    }
}

#[test]
fn a_deployment_of_production_that_becomes_a_test_is_said() {
    let application = |name: &str, namespace: &str| {
        format!(
            "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  project: default\n  source: {{repoURL: 'https://github.com/o/r.git', path: charts/a, targetRevision: HEAD}}\n  destination: {{namespace: {namespace}, server: 'https://kubernetes.default.svc'}}\n"
        )
    };
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write("argocd/a.yaml", application("a", "shop")).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let loosened = || {
        repo.commit();
        let (_, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect::<Vec<_>>()
    };
    assert_eq!(loosened(), [""; 0]);
    let turned = |place: &str, name: &str, why: &str| {
        let what = format!("the deployment `{name}` was production, and is taken for a test now: {why}");
        [format!("error policy-loosened {place} {what}")]
    };
    repo.git(&["mv", "argocd/a.yaml", "argocd/b.yaml"]);
    assert_eq!(loosened(), [""; 0], "it is production in its new file");
    repo.git(&["mv", "argocd/b.yaml", "argocd/a.yaml"]);
    repo.write("argocd/test/a.yaml", application("a", "shop"));
    assert_eq!(loosened(), [""; 0], "a test beside it is no loss");
    std::fs::remove_file(repo.root().join("argocd/a.yaml")).expect("it is there");
    assert_eq!(
        loosened(),
        turned("argocd/test/a.yaml:6", "argocd/test", "the word `test` in its path `argocd/test/a.yaml`")
    );
    std::fs::remove_file(repo.root().join("argocd/test/a.yaml")).expect("it is there");
    repo.write("argocd/a.yaml", application("a-dev", "shop"));
    assert_eq!(loosened(), turned("argocd/a.yaml:6", "argocd", "the word `dev` in its name `a-dev`"));
    repo.write("argocd/a.yaml", application("a", "qa"));
    assert_eq!(loosened(), turned("argocd/a.yaml:6", "argocd", "the word `qa` in its namespace `qa`"));
}

#[test]
fn a_chart_that_loses_its_head_is_no_silent_loss() {
    const CHECK: [&str; 4] = ["check", "--offline", "--select", "chart-invalid"];
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "x: 1\n");
    repo.write("charts/b/templates/a.yaml", "").write("other/templates/a.html", "").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let failures = |arguments: &[&str]| {
        let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
        let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("it is text");
        (output.status.code(), text)
    };
    assert_eq!(failures(&CHECK).0, Some(0));
    repo.git(&["mv", "charts/b/Chart.yaml", "charts/b/Chart.yml"]);
    repo.commit();
    for arguments in [
        &CHECK[..],
        &["check", "--offline", "--changed"],
        &["check", "--show-settings"],
        &["changed"],
        &["deps"],
        &["images"],
    ] {
        let (code, text) = failures(arguments);
        let said = "`charts/b` is not judged: Helm does not take `charts/b/Chart.yml` for its Chart.yaml";
        assert!(code == Some(3) && text.contains(said), "{arguments:?}: {text}");
    }
    repo.git(&["rm", "--quiet", "charts/b/Chart.yml"]);
    repo.commit();
    let (code, text) = failures(&CHECK);
    let said = "`charts/b` is not judged: it was a chart, and has `templates/` and no Chart.yaml any more";
    assert!(code == Some(3) && text.contains(said), "{text}");
    repo.git(&["rm", "-r", "--quiet", "charts/b"]);
    repo.commit();
    assert_eq!(failures(&CHECK).0, Some(0), "a chart that is gone as a whole is no loss");
}

#[test]
fn definitions_that_a_nested_configuration_inherits_are_not_fewer() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(".chartgate.yaml", "schemas: [schemas]\n");
    repo.write("schemas/a.yaml", "").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let nested = "extends: [../../.chartgate.yaml]\nrules: {icon-missing: warning}\n";
    repo.write("charts/a/.chartgate.yaml", nested).commit();
    for arguments in [&[][..], &["--policy-from", "origin/main"]] {
        let (_, lines) = said(repo.root(), arguments);
        assert!(lines.iter().all(|line| !line.contains(" policy-loosened ")), "{lines:?}");
    }
    repo.write("charts/a/.chartgate.yaml", "replaces: true\nschemas: []\n").commit();
    let (_, lines) = said(repo.root(), &[]);
    assert!(lines.iter().any(|line| line.ends_with("`schemas` names fewer definitions than it did")), "{lines:?}");
}

#[test]
fn a_comment_that_suppresses_nothing_loosens_nothing() {
    let repo = repo();
    for comment in ["ignore-file[icon-missing] why", "ignore[no-such-rule] why", "ignore[icon-missing]", "ignore why"] {
        repo.write("charts/b/Chart.yaml", format!("apiVersion: v2\nname: b\nversion: 1.0.0 # chartgate: {comment}\n"))
            .commit();
        let (_, lines) = said(repo.root(), &["--policy-from", "origin/main"]);
        assert!(lines.iter().all(|line| !line.contains(" policy-loosened ")), "{comment}: {lines:?}");
    }
}

#[test]
fn findings_that_a_change_adds_to_the_baseline_are_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n")
        .write("b.json", "{\"schemaVersion\": 1, \"findings\": []}\n")
        .commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.write("charts/a/values.yaml", "x: 1\nx: 2\n").commit();
    let update = ["check", "--offline", "--baseline", "b.json", "--update-baseline"];
    assert!(program().current_dir(repo.root()).args(update).output().expect("the program starts").status.success());
    repo.commit();
    let loosened = |arguments: &[&str]| {
        let (_, lines) = said(repo.root(), &[&["--baseline", "b.json"], arguments].concat());
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect::<Vec<_>>()
    };
    for (arguments, level) in [(&[][..], "warning"), (&["--policy-from", "origin/main"][..], "error")] {
        let lines = loosened(arguments);
        assert!(lines.len() == 1 && lines[0].starts_with(level), "{arguments:?}: {lines:?}");
        assert!(lines[0].contains("` to the baseline"), "{lines:?}");
    }
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    assert_eq!(loosened(&[]), [""; 0], "what was in it before is no news");
}

#[test]
fn a_revision_that_the_policy_comes_from_is_what_production_is_compared_with() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write("charts/a/values-prod.yaml", "x: 2\n").commit();
    repo.git(&["branch", "base"]);
    repo.git(&["mv", "charts/a/values-prod.yaml", "charts/a/values-eu.yaml"]);
    repo.commit();
    let (_, lines) = said(repo.root(), &["--policy-from", "base"]);
    assert!(lines.iter().any(|line| line.contains("the production profile `values-prod` is gone")), "{lines:?}");
}

#[test]
fn a_change_does_not_silence_the_rule_that_tells_of_it() {
    let before = "rules: { image-tag-floating: { level: error } }\n";
    let kept = "image-tag-floating: { level: error }";
    for policy in [
        "rules: { image-tag-floating: off, policy-loosened: off }\n".to_owned(),
        "rules: { '*': off }\n".to_owned(),
        "rules: { image-tag-floating: off, policy-loosened: { params: { kinds: [] } } }\n".to_owned(),
        format!(
            "failOn: never\nrules: {{ {kept} }}\noverrides: [{{ paths: ['**'], rules: {{ policy-loosened: off }} }}]\n"
        ),
    ] {
        let repo = repo();
        repo.write(".chartgate.yaml", policy.as_str());
        let (_, lines) = said(repo.root(), &[]);
        assert!(lines.iter().any(|line| line.starts_with("warning policy-loosened")), "{policy}: {lines:?}");
    }
    // Where nobody can read what counted before, nothing is silenced either.
    let repo = self::repo();
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write(".chartgate.yaml", "rules: { no-such-rule: off }\n").commit();
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    repo.write(".chartgate.yaml", "rules: { policy-loosened: off }\n").commit();
    let output = program().current_dir(repo.root()).args(["check", "--offline"]).output().expect("the program starts");
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("it is text");
    assert!(text.contains("the policy cannot be compared with the earlier one"), "{text}");
    // Where the owner of the policy turned it off, it is off.
    let repo = self::repo();
    repo.git(&["checkout", "--quiet", "main"]);
    repo.write(".chartgate.yaml", before.replace("rules: {", "rules: { policy-loosened: off,")).commit();
    repo.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    repo.git(&["checkout", "--quiet", "-b", "other"]);
    repo.write(".chartgate.yaml", "rules: { policy-loosened: off }\n").commit();
    let (_, lines) = said(repo.root(), &[]);
    assert!(lines.iter().all(|line| !line.contains(" policy-loosened ")), "{lines:?}");
}

#[test]
fn what_one_entry_turns_down_is_said_once_and_where_it_stands() {
    let repo = repo();
    let loosened = |policy: &str| -> Vec<String> {
        repo.write(".chartgate.yaml", policy);
        let lines = said(repo.root(), &[]).1;
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect()
    };
    let lines = loosened("failOn: error\nrules:\n  '*': off\n");
    assert!(lines.len() == 1 && lines[0].contains(" .chartgate.yaml:3 "), "{lines:?}");
    assert!(lines[0].contains(" is off, and was ") && lines[0].contains("more rules count less"), "{lines:?}");
    let kept = "  image-tag-floating: { level: error }\n";
    let lines = loosened(&format!("rules:\n{kept}  image-digest-*: off\n"));
    assert!(lines.len() == 1 && lines[0].contains(" .chartgate.yaml:3 "), "{lines:?}");
    // An entry that raised rules is gone: it is said at the start of the file.
    let lines = loosened("failOn: error\n");
    assert!(lines.len() == 1 && lines[0].contains("`image-tag-floating` is warning, and was error"), "{lines:?}");
}

#[test]
fn definitions_that_say_something_else_are_said() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(".chartgate.yaml", "schemas: [schemas]\n");
    repo.write("schemas/a.yaml", "a: 1\n").write("schemas/b.yaml", "b: 1\n").commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    let told = |arguments: &[&str]| -> Vec<String> {
        let lines = said(repo.root(), arguments).1;
        lines.into_iter().filter(|line| line.contains(" policy-loosened ")).collect()
    };
    assert_eq!(told(&[]), [""; 0]);
    let of = |kind: &str, schema: &str| {
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: webs.a.b}}\nspec: {{group: a.b, scope: Namespaced, names: {{kind: {kind}, plural: webs}}, versions: [{{name: v1, served: true, storage: true, schema: {{openAPIV3Schema: {schema}}}}}]}}\n"
        )
    };
    repo.write("schemas/b.yaml", of("Web", "{type: object, properties: {spec: {type: string}}}")).commit();
    repo.remote_branch("main", "HEAD");
    repo.write("schemas/c.yaml", of("Other", "{type: object}")).commit();
    assert_eq!(told(&[]), [""; 0], "a kind that nothing defined asks for more");
    repo.write("schemas/a0.yaml", of("Web", "{type: object, x-kubernetes-preserve-unknown-fields: true}")).commit();
    let lines = told(&[]);
    let another = "the definition in `schemas/a0.yaml` is another one of a kind that was defined already";
    assert!(lines.len() == 1 && lines[0].contains(another), "{lines:?}");
    std::fs::remove_file(repo.root().join("schemas/a0.yaml")).expect("it is there");
    // A folder that is looked at first takes precedence as well.
    repo.write("more/web.yaml", of("Web", "{type: object}"))
        .write(".chartgate.yaml", "schemas: [more, schemas]\n")
        .commit();
    let lines = told(&[]);
    assert!(lines.len() == 1 && lines[0].contains("`more/web.yaml` is another one"), "{lines:?}");
    repo.write(".chartgate.yaml", "schemas: [schemas]\n").commit();
    repo.write("schemas/a.yaml", "a: 2\n").commit();
    for (arguments, level) in [(&[][..], "warning"), (&["--policy-from", "origin/main"][..], "error")] {
        let lines = told(arguments);
        let is_said = |line: &String| line.contains("the definition in `schemas/a.yaml` is another than it was");
        assert!(lines.len() == 1 && is_said(&lines[0]) && lines[0].starts_with(level), "{lines:?}");
    }
    repo.git(&["mv", "schemas/b.yaml", "schemas/b.txt"]);
    repo.commit();
    let lines = told(&[]);
    assert!(lines.len() == 1 && lines[0].contains("`schemas/a.yaml` and 1 more"), "{lines:?}");
}

#[test]
fn an_entry_that_a_change_adds_hides_nothing_of_the_change() {
    let repo = repo();
    let silent = "rules: { image-tag-floating: { level: off } }\n";
    let entry = "suppress: [{ rule: policy-loosened, path: \"**\", reason: it is ours }]\n";
    repo.write(".chartgate.yaml", format!("{silent}{entry}")).commit();
    let loosened = || -> Vec<String> {
        let lines = said(repo.root(), &[]).1.into_iter();
        lines.filter(|line| line.contains(" policy-loosened ")).collect()
    };
    let lines = loosened();
    assert!(lines.iter().any(|line| line.contains("is off, and was error")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("findings of `policy-loosened`")), "{lines:?}");
    let strict = "rules: { image-tag-floating: { level: error } }\n";
    repo.write(".chartgate.yaml", format!("{strict}{entry}")).commit();
    repo.remote_branch("main", "HEAD").write(".chartgate.yaml", format!("{silent}{entry}")).commit();
    assert_eq!(loosened(), [""; 0], "the owner of the policy wants it so");
}

#[test]
fn a_profile_that_is_emptied_is_said_and_one_whose_files_move_is_not() {
    let repo = repo();
    repo.git(&["checkout", "--quiet", "-B", "change", "origin/main"]);
    let policy = |full: &str| format!("profiles: {{ full: {full} }}\ndependencies: {{ fetch: always }}\n");
    let full = "{ values: [ci/full.yaml], set: [\"a.b=1,c=x\"] }";
    repo.write("charts/a/ci/full.yaml", "bad: true\n").write("charts/a/values.yaml", "bad: false\n");
    repo.write(".chartgate.yaml", policy(full)).commit();
    repo.remote_branch("main", "HEAD").write("note", "").commit();
    let loosened = |arguments: &[&str]| -> Vec<String> {
        let lines = said(repo.root(), arguments).1.into_iter();
        lines.filter(|line| line.contains(" policy-loosened ")).collect()
    };
    for (profile, expected) in [
        ("{}", "the profile `full` does not read `ci/full.yaml` any more"),
        ("{ values: [values.yaml], set: [\"a.b=1,c=x\"] }", "the profile `full` does not read `ci/full.yaml` any more"),
        ("{ values: [ci/full.yaml], set: [c=x] }", "the profile `full` does not set `a.b` any more"),
        ("{ values: [ci/full.yaml], set: [\"a.b=1,c=x\", bad=false] }", "the profile `full` sets `bad` to `false`"),
    ] {
        repo.write(".chartgate.yaml", policy(profile));
        for arguments in [&[][..], &["--policy-from", "origin/main"]] {
            let lines = loosened(arguments);
            assert!(lines.len() == 1 && lines[0].contains(expected), "{profile} {arguments:?}: {lines:?}");
        }
    }
    for profile in [
        full,
        "{ values: [ci/full.yaml, values.yaml], set: [\"a.b=2,c=x\", d=1] }",
        "{ values: [ci/full.yaml], set: [c=y, \"a.b=1\"] }",
    ] {
        repo.write(".chartgate.yaml", policy(profile));
        assert_eq!(loosened(&[]), [""; 0], "{profile}");
    }
    repo.git(&["mv", "charts/a/ci/full.yaml", "charts/a/ci/all.yaml"]);
    repo.write(".chartgate.yaml", policy(&full.replace("full.yaml", "all.yaml"))).commit();
    assert_eq!(loosened(&[]), [""; 0], "it moved with its file");
    repo.write(".chartgate.yaml", policy("{ values: [values.yaml], set: [\"a.b=1,c=x\"] }")).commit();
    assert_eq!(loosened(&[]).len(), 1, "another file that was there is none that came");
    repo.write(".chartgate.yaml", policy(&full.replace("full.yaml", "all.yaml")).replace("always", "locked"));
    let lines = loosened(&[]);
    assert!(lines.len() == 1 && lines[0].contains("fewer dependencies are fetched"), "{lines:?}");
}
