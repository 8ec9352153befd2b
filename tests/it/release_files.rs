//! Archives are compared with their source, verdicts are written and verified, and what changed is told.

use std::path::Path;

use serde_json::Value;

use crate::cli::program;
use crate::git_repo::Repo;
use crate::package::run;

const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.0.0\n";

/// A chart `web` that depends on the library `common` beside it, and a chart `db`, committed as what was released.
fn shop() -> Repo {
    let repo = Repo::new();
    repo.chart("charts/common", "common", "1.0.0", "a: 1\n");
    repo.chart("charts/db", "db", "1.0.0", "a: 1\n");
    repo.chart("charts/web", "web", "1.0.0", "a: 1\n");
    let web = "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies:\n  - { name: common, version: 1.x, repository: 'file://../common' }\n";
    repo.write("charts/web/Chart.yaml", web);
    repo.chart("charts/web/charts/common", "common", "1.0.0", "a: 1\n");
    for chart in ["common", "db", "web", "web/charts/common"] {
        repo.write(
            &format!("charts/{chart}/templates/configmap.yaml"),
            "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Chart.Name }} }\n",
        );
    }
    let id = repo.commit();
    repo.remote_branch("main", &id).commit();
    repo
}

fn changed(repo: &Repo) -> Vec<String> {
    let (code, out, err) = run(repo.root(), &["changed", "--format", "json"]);
    assert_eq!((code, err.as_str()), (0, ""));
    let rows: Value = serde_json::from_str(&out).expect("JSON");
    rows.as_array().expect("a list").iter().map(|row| row["name"].as_str().expect("a name").to_owned()).collect()
}

#[test]
fn an_archive_is_compared_with_its_source() {
    let repo = shop();
    assert_eq!(run(repo.root(), &["package", "charts/db", "-d", "dist"]).0, 0);
    let check = ["check", "dist/db-1.0.0.tgz", "--source", "charts/db", "--format", "concise"];
    let (code, out, err) = run(repo.root(), &check);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    repo.write("charts/db/values.yaml", "a: 2\n").write("charts/db/README.md", "new");
    let (code, out, _) = run(repo.root(), &check);
    assert_eq!(code, 1);
    assert!(out.contains("archive-differs"), "{out}");
    let (_, out, _) = run(repo.root(), &["check", "dist/db-1.0.0.tgz", "--source", "charts/db"]);
    assert!(out.contains("`README.md`: missing in the archive, `values.yaml`: 2 lines"), "{out}");
    for wrong in [["check", "charts/db", "--source", "charts/db"], ["check", "dist/db-1.0.0.tgz", "--source", "charts"]]
    {
        assert_eq!(run(repo.root(), &wrong).0, 2, "{wrong:?}");
    }
}

#[test]
fn an_archive_is_judged_by_the_configuration_and_the_rules_around_the_working_directory() {
    let repo = shop();
    repo.write(".chartgate.yaml", "rules:\n  replicas-missing: { level: error }\n");
    let rule = "id: replicas-missing\nsummary: a\nwhy: b\nremedy: c\nseverity: warning\ncategory: house\ntarget: values\nsince: 0.1.0\n\
                deny: '!has(values.replicas)'\nmessage: no replicas\nexamples:\n  bad: { values: {} }\n  good: { values: { replicas: 1 } }\n";
    repo.write(".chartgate/rules/replicas-missing.yaml", rule);
    assert_eq!(run(repo.root(), &["package", "charts/db", "-d", "dist"]).0, 0);
    let (code, out, err) = run(&repo.root().join("dist"), &["check", "db-1.0.0.tgz", "--format", "concise"]);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("replicas-missing"), "{out}");
}

#[test]
fn a_verdict_file_is_an_in_toto_statement_and_the_same_each_time() {
    let repo = shop();
    let attest = |epoch: Option<&str>| {
        let mut command = program();
        command.current_dir(repo.root()).args(["check", "charts/db", "--attest", "verdict.json"]);
        command.envs(epoch.map(|epoch| ("SOURCE_DATE_EPOCH", epoch)));
        assert!(command.output().expect("the program starts").status.success());
        std::fs::read_to_string(repo.root().join("verdict.json")).expect("it was written")
    };
    let first = attest(None);
    assert_eq!(first, attest(None));
    let mut statement: Value = serde_json::from_str(&attest(Some("1700000000"))).expect("JSON");
    let policy = statement["predicate"]["policy"]["digest"]["sha256"].take();
    assert_eq!(policy.as_str().map(str::len), Some(64));
    let place = statement["predicate"]["compared"]["answers"][0]["place"].take();
    assert!(place.as_str().is_some_and(|place| place.starts_with("the merge-base `")), "{place}");
    insta::assert_snapshot!(serde_json::to_string_pretty(&statement).expect("JSON"));
    assert!(!first.contains("timeVerified"), "without a date from outside there is none");
}

#[test]
fn a_chart_that_was_judged_may_go_out_as_folder_and_as_archive() {
    let repo = shop();
    assert_eq!(run(repo.root(), &["check", "charts/db", "charts/web", "--attest", "verdict.json"]).0, 0);
    assert_eq!(run(repo.root(), &["package", "charts/db", "charts/web", "-d", "dist"]).0, 0);
    for chart in ["charts/db", "charts/web", "dist/db-1.0.0.tgz", "dist/web-1.0.0.tgz"] {
        let (code, out, err) = run(repo.root(), &["verify", "verdict.json", chart]);
        assert_eq!(
            (code, out.as_str(), err.as_str()),
            (0, &*format!("pass: `{chart}` is what was judged, by the same rules\n"), "")
        );
    }
}

fn refused(repo: &Repo, chart: &str) -> (i32, String) {
    let (code, out, err) = run(repo.root(), &["verify", "verdict.json", chart]);
    assert_eq!(out, "");
    (code, err)
}

#[test]
fn a_verdict_holds_for_its_content_its_policy_and_a_pass_alone() {
    let repo = shop();
    let attest = || run(repo.root(), &["check", "charts/db", "--attest", "verdict.json"]).0;
    assert_eq!(attest(), 0);
    let (code, said) = refused(&repo, "charts/common");
    assert!(code == 1 && said.contains("nothing is said of `common`"), "{code} {said}");
    repo.write("charts/db/values.yaml", "a: 2\n");
    let (code, said) = refused(&repo, "charts/db");
    assert!(code == 1 && said.contains("`db` is not what was judged: its content has the digest"), "{code} {said}");
    repo.write("charts/db/values.yaml", "a: 1\n")
        .write(".chartgate.yaml", "rules: { yaml-key-duplicate: { level: off } }\n");
    let (code, said) = refused(&repo, "charts/db");
    assert!(code == 1 && said.contains("judged by other rules"), "{code} {said}");
    std::fs::remove_file(repo.root().join(".chartgate.yaml")).expect("it was written");
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "charts/db"]).0, 0);
    let rule = "id: name-long\nsummary: a\nwhy: a\nremedy: a\nseverity: off\ncategory: chart\ntarget: metadata\ndeny: metadata.name == 'x'\nmessage: a\n";
    repo.write(".chartgate/rules/name-long.yaml", rule);
    let (code, said) = refused(&repo, "charts/db");
    assert!(
        code == 1 && said.contains("judged by other rules"),
        "a rule that is off counts by its text: {code} {said}"
    );
    std::fs::remove_file(repo.root().join(".chartgate/rules/name-long.yaml")).expect("it was written");
    let (code, _, err) = run(repo.root(), &["verify", "verdict.json", "charts/db", "--offline"]);
    assert!(code == 1 && err.contains("it was judged with registries asked"), "{code} {err}");
    repo.write("charts/db/Chart.yaml", "apiVersion: v2\nname: db\nversion: one\n");
    assert_eq!(attest(), 1);
    let (code, said) = refused(&repo, "charts/db");
    assert!(code == 1 && said.contains("the verdict on it was not pass"), "{code} {said}");
}

#[test]
fn a_verdict_file_that_cannot_be_read_decides_nothing() {
    let repo = shop();
    assert_eq!(run(repo.root(), &["check", "charts/db", "--attest", "verdict.json"]).0, 0);
    let first = std::fs::read_to_string(repo.root().join("verdict.json")).expect("it was written");
    let unread = |text: &str| {
        repo.write("verdict.json", text);
        refused(&repo, "charts/db")
    };
    let other = r#"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/provenance/v1"}"#;
    let twice = first.replacen("\"subject\": [", "\"subject\": [], \"subject\": [", 1);
    let result = "\"verificationResult\": \"PASSED\"";
    let inner = first.replacen(result, &format!("\"verificationResult\": \"FAILED\", {result}"), 1);
    assert!(twice != first && inner != first, "{first}");
    for (text, reason) in [
        (twice.as_str(), "the key `subject` stands there twice"),
        (&inner, "the key `verificationResult` stands there twice"),
        ("<html>", "it is no in-toto statement: expected value"),
        ("{}", "its `_type` is ``"),
        (other, "it is a statement of type `https://slsa.dev/provenance/v1`"),
        (
            r#"{"_type": "https://in-toto.io/Statement/v1", "predicateType": "https://slsa.dev/verification_summary/v1"}"#,
            "missing field",
        ),
    ] {
        let (code, said) = unread(text);
        assert!(code == 3 && said.contains(reason), "{code} {said}");
    }
    assert_eq!(run(repo.root(), &["verify", "nowhere.json", "charts/db"]).0, 3);
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "nowhere"]).0, 2);
    assert_eq!(run(repo.root(), &["verify", "verdict.json"]).0, 2);
    for narrowing in
        ["--select=chart-invalid", "--ignore=chart-invalid", "--fail-on=never", "--profile=default", "--changed"]
    {
        assert_eq!(run(repo.root(), &["check", "--attest", "v.json", narrowing]).0, 2, "{narrowing}");
    }
}

#[test]
fn a_chart_has_changed_where_its_package_has() {
    let repo = shop();
    assert_eq!(changed(&repo), [""; 0]);
    let (code, out, _) = run(repo.root(), &["changed"]);
    assert_eq!((code, out.as_str()), (0, "none of 3 charts has changed\n"));
    repo.write("charts/db/.helmignore", "docs/\n").commit();
    let id = repo.git(&["rev-parse", "HEAD"]);
    repo.remote_branch("main", &id).commit();
    repo.write("charts/db/docs/a.md", "not packaged");
    repo.write("charts/db/Chart.yaml", "# new\nversion: \"1.0.0\"\nname: db\napiVersion: v2\n");
    assert_eq!(changed(&repo), [""; 0]);
    repo.write("charts/db/values.yaml", "a: 2\n");
    let (_, out, _) = run(repo.root(), &["changed", "--format", "json"]);
    assert_eq!(out, "[{\"name\":\"db\",\"path\":\"charts/db\",\"version\":\"1.0.0\"}]\n");
    assert_eq!(run(repo.root(), &["changed"]).1, "charts/db db 1.0.0\n");
}

#[test]
fn a_chart_changes_with_the_charts_it_takes_from_the_file_system() {
    let repo = shop();
    repo.write("charts/web2/Chart.yaml", "apiVersion: v2\nname: web2\nversion: 1.0.0\ndependencies:\n  - { name: web, version: 1.x, repository: 'file://../web' }\n");
    let id = repo.commit();
    repo.remote_branch("main", &id).write("charts/common/values.yaml", "a: 2\n");
    assert_eq!(changed(&repo), ["common", "web", "web2"]);
    repo.git(&["checkout", "--quiet", "--", "."]);
    repo.write("charts/web2/Chart.yaml", "apiVersion: v2\nname: web2\nversion: 1.0.0\ndependencies:\n  - { name: web, version: 1.x, repository: 'file:///elsewhere' }\n");
    let id = repo.commit();
    repo.remote_branch("main", &id).commit();
    assert_eq!(changed(&repo), ["web2"], "what cannot be compared counts as changed");
}

#[test]
fn what_changed_is_undecided_without_a_base() {
    let repo = shop();
    for folder in [repo.cloned(&["--depth=1"]), Repo::nowhere()] {
        folder.write("charts/a/Chart.yaml", CHART);
        let (code, out, err) = run(folder.root(), &["changed", "--format=json", "--base=v0"]);
        assert_eq!((code, out.as_str()), (3, ""), "{err}");
        let (code, out, _) = run(folder.root(), &["check", "--changed", "--base=v0", "--format=concise"]);
        assert_eq!(code, 3, "{out}");
    }
    let (code, out, _) = run(Repo::nowhere().write("charts/a/Chart.yaml", CHART).root(), &["changed", "--format=json"]);
    assert_eq!((code, out.as_str()), (3, ""));
}

/// The charts that `check --changed` judges.
fn judged(folder: &Path) -> Vec<String> {
    let (code, out, err) = run(folder, &["check", "--changed", "--format", "json"]);
    assert!(code < 2, "{err}");
    let report: Value = serde_json::from_str(&out).expect("JSON");
    report["charts"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|chart| chart["name"].as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn a_check_of_what_changed_says_where_nothing_did() {
    let repo = shop();
    let (code, out, err) = run(repo.root(), &["check", "--changed"]);
    let said = "pass: no chart differs from the base, nor does what it is judged by\n";
    assert_eq!((code, out.as_str(), err.as_str()), (0, said, ""));
    repo.write("charts/db/templates/configmap.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: b }\n");
    assert_eq!(judged(repo.root()), ["db"]);
}

#[test]
fn a_chart_is_judged_again_where_what_it_is_judged_by_changed() {
    let repo = shop();
    repo.write(
        "gitops/db/kustomization.yaml",
        "helmCharts:\n  - { name: db, valuesFile: values.yaml }\nhelmGlobals: { chartHome: ../../charts }\n",
    );
    repo.write("gitops/db/values.yaml", "a: 3\n").write("charts/web/values-prod.yaml", "a: 1\n");
    repo.write("charts/web/.helmignore", "values-prod.yaml\n").write("ops/values.yaml", "a: 1\n");
    repo.write(".chartgate.yaml", "discover: [kustomize]\n");
    let id = repo.commit();
    repo.remote_branch("main", &id).commit();
    let after = |path: &str, text: &str| {
        repo.write(path, text);
        let judged = judged(repo.root());
        repo.git(&["checkout", "--quiet", "--", "."]);
        judged
    };
    assert_eq!(after("gitops/db/values.yaml", "a: 4\n"), ["db"]);
    assert_eq!(after("charts/web/values-prod.yaml", "a: 2\n"), ["web"]);
    assert_eq!(after("ops/values.yaml", "a: 2\n"), [""; 0]);
    assert_eq!(after(".chartgate.yaml", "discover: [kustomize]\nfailOn: error\n"), ["common", "db", "web"]);
    std::fs::remove_file(repo.root().join(".chartgate.yaml")).expect("it is there");
    assert_eq!(judged(repo.root()), ["common", "db", "web"], "a policy that is gone is another policy");
}

#[test]
fn a_values_file_of_the_configuration_that_is_deleted_opens_its_charts() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "").write("envs/prod.yaml", "x: 1\n");
    repo.write(".chartgate.yaml", "profiles: { p: { production: true, values: [../../envs/prod.yaml] } }\n").commit();
    repo.remote_branch("main", "HEAD");
    std::fs::remove_file(repo.root().join("envs/prod.yaml")).expect("it is there");
    for narrow in [&["--changed"][..], &["--files", "envs/prod.yaml"]] {
        let (code, out, _) =
            run(repo.root(), &[&["check", "--offline", "--select", "image-digest-missing"], narrow].concat());
        assert!(out.contains("is not judged under the profile `p`") && code == 0, "{narrow:?}: {code} {out}");
    }
}

#[test]
fn a_chart_that_cannot_be_identified_never_passes_whatever_is_asked() {
    let repo = Repo::new();
    repo.chart("chart", "a", "1.0.0", "a: 1\n").commit();
    repo.write("chart/values.yaml", "a: 2\n");
    for unreadable in ["apiVersion: v2\nname: a\nversion: [1\n", "apiVersion: v2\nname: a\n"] {
        repo.write("chart/Chart.yaml", unreadable);
        let check = |rules: &str| run(repo.root(), &["check", "chart", "--base", "HEAD", "--select", rules]);
        let (code, out, _) = check("version-reused");
        assert_eq!(code, 3, "{out}");
        assert!(out.contains("Chart.yaml does not say which chart and which version this is"), "{out}");
        assert_eq!(check("version-reused,chart-invalid,yaml-invalid").0, 1, "the rules that are on say it");
    }
}

#[test]
fn a_version_that_the_pipeline_sets_is_judged_packaged_and_verified() {
    let repo = Repo::new();
    repo.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 0.0.0 # set by the pipeline\n");
    repo.write(
        "charts/a/templates/a.yaml",
        "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: 'a-{{ .Chart.Version }}' }\n",
    );
    repo.write(".chartgate.yaml", "published: { tags: \"{name}-{version}\" }\n").commit();
    let set = ["--version", "1.2.3", "--app-version", "4.5"];
    let with = |arguments: &[&str]| run(repo.root(), &[arguments, &set].concat());
    let (code, out, err) = with(&["check", "charts/a", "--tag", "a-1.2.3", "--attest", "verdict.json"]);
    assert_eq!(code, 0, "{out}{err}");
    assert_eq!(
        run(repo.root(), &["check", "charts/a", "--tag", "a-1.2.3"]).0,
        1,
        "the placeholder is not what the tag says"
    );
    assert_eq!(with(&["package", "charts/a"]).0, 0);
    assert!(repo.root().join("a-1.2.3.tgz").is_file());
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "a-1.2.3.tgz"]).0, 0);
    assert_eq!(with(&["verify", "verdict.json", "charts/a"]).0, 0);
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "charts/a"]).0, 1);
    assert_eq!(run(repo.root(), &["check", "charts/a", "--version", "one"]).0, 2);
}

#[test]
fn tags_know_releases_of_charts_whose_files_carry_a_placeholder() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "0.0.0", "x: 1\n").write(".chartgate.yaml", "published: { tags: \"v{version}\" }\n");
    repo.commit();
    repo.git(&["tag", "v1.0.0"]);
    repo.write("charts/a/values.yaml", "x: 2\n").commit();
    let check = |version: &str, tag: &[&str]| {
        let arguments =
            ["check", "--offline", "--format", "concise", "--ignore", "manifest-invalid", "--version", version];
        let (code, out, err) = run(repo.root(), &[&arguments[..], tag].concat());
        (code, out + &err)
    };
    let (code, said) = check("1.0.0", &[]);
    assert!(code == 1 && said.contains("version-reused"), "{said}");
    let (code, said) = check("1.1.0", &["--tag", "v1.1.0"]);
    assert_eq!(code, 0, "{said}");
    assert!(check("1.2.0", &[]).1.contains("version-step-skipped"));
    let (code, out, err) = run(repo.root(), &["diff", "charts/a", "--version", "1.1.0"]);
    assert!(code == 0 && out.starts_with("a 1.0.0 → 1.1.0, against the release `refs/tags/v1.0.0`"), "{out}{err}");
    // The tag of this run marks what is released now, unless it stands where the chart is another.
    let (code, said) = check("1.0.0", &["--tag", "v1.0.0"]);
    assert!(code == 1 && said.contains("version-reused"), "{said}");
    repo.git(&["tag", "--force", "v1.0.0"]);
    repo.write("README.md", "words\n").commit();
    let (code, said) = check("1.0.0", &["--tag", "v1.0.0"]);
    assert_eq!(code, 0, "{said}");
    // Git alone does not know what a version of the files went out as.
    repo.write(".chartgate.yaml", "failOn: warning\n").commit();
    let (code, said) = check("1.2.0", &[]);
    assert!(code == 0 && said.contains("git does not tell which versions are out"), "{said}");
}

#[test]
fn an_archive_is_measured_by_the_folder_that_its_configuration_names() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").write(".chartgate.yaml", "published: { folder: out }\n").commit();
    assert_eq!(run(repo.root(), &["package", "charts/a", "-d", "out"]).0, 0);
    repo.write("charts/a/values.yaml", "x: 2\n").write("sub/out/README.md", "no package\n");
    assert_eq!(run(repo.root(), &["package", "charts/a", "-d", "new"]).0, 0);
    for (folder, archive) in [("", "new/a-1.0.0.tgz"), ("sub", "../new/a-1.0.0.tgz")] {
        let (code, out, _) = run(&repo.root().join(folder), &["check", archive, "--offline", "--format", "concise"]);
        assert!(code == 1 && out.contains("version-reused"), "{folder}: {out}");
    }
}

#[test]
fn a_base_of_ones_own_choice_makes_no_verdict_file() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "").commit();
    let (code, _, err) = run(repo.root(), &["check", "charts/a", "--base", "HEAD", "--attest", "verdict.json"]);
    assert!(code == 2 && err.contains("--base"), "{code} {err}");
    let (code, _, err) = run(repo.root(), &["check", "charts/a", "--at", "HEAD", "--attest", "verdict.json"]);
    assert!(code == 2 && err.contains("--at"), "a revision brings its parent as the base: {code} {err}");
    assert!(!repo.root().join("verdict.json").exists());
}

#[test]
fn a_verdict_says_what_was_compared_with_what_and_holds_only_where_no_more_would_be_asked() {
    let repo = Repo::nowhere();
    repo.write("charts/a/Chart.yaml", CHART);
    let attest = || run(repo.root(), &["check", "charts/a", "--attest", "verdict.json"]).0;
    let statement = || -> Value {
        let text = std::fs::read_to_string(repo.root().join("verdict.json")).expect("it is written");
        serde_json::from_str(&text).expect("JSON")
    };
    assert_eq!(attest(), 0);
    assert_eq!(statement()["predicate"]["compared"]["asked"], serde_json::json!([]));
    let skipped = statement()["predicate"]["skipped"].to_string();
    assert!(skipped.contains("version-reused"), "{skipped}");
    repo.git(&["init", "--quiet", "--initial-branch=main"]);
    repo.commit();
    let (code, _, err) = run(repo.root(), &["verify", "verdict.json", "charts/a"]);
    assert!(code == 1 && err.contains("without asking `git`"), "{code} {err}");
    assert_eq!(attest(), 0);
    let answers = &statement()["predicate"]["compared"]["answers"];
    assert_eq!((&answers[0]["path"], &answers[0]["state"]), (&"charts/a".into(), &"identical".into()), "{answers}");
    assert_eq!(run(repo.root(), &["verify", "verdict.json", "charts/a"]).0, 0);
}

#[test]
fn where_versions_are_raised_at_releases_a_change_awaits_the_next() {
    let repo = Repo::new();
    let pod = |value| format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{ name: a }}\ndata: {{ a: '{value}' }}\n");
    repo.write(".chartgate.yaml", "published: { bump: at-release }\n")
        .write("a/Chart.yaml", CHART)
        .write("a/templates/a.yaml", pod(1));
    repo.commit();
    repo.write("a/templates/a.yaml", pod(2)).commit();
    let (code, out, _) = run(repo.root(), &["check"]);
    assert!(code == 0 && out.contains("version-not-raised"), "{out}");
    let (code, out, _) = run(repo.root(), &["check", "--tag", "a-1.0.0"]);
    assert!(code == 1 && out.contains("version-reused"), "{out}");
}
