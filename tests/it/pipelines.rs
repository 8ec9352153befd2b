//! Pipelines are followed as far as they go, and a bound that is reached is said.

use std::path::Path;

use crate::cli::program;
use crate::git_repo::Repo;

/// Exit code, and what is found, failed or skipped, a line each.
fn said(folder: &Path) -> (i32, Vec<String>) {
    let arguments = ["check", "--offline", "--format", "json", "--select", "publish-not-gated"];
    let output = program().current_dir(folder).args(arguments).output().expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let lines = |list: &str, key: &str| -> Vec<String> {
        let all = report[list].as_array().expect("a list").iter();
        all.map(|each| each[key].as_str().unwrap_or_default().to_owned()).collect()
    };
    let all = [lines("findings", "message"), lines("failures", "message"), lines("skipped", "reason")].concat();
    (output.status.code().expect("it exits"), all)
}

/// A repository with a chart and a workflow of one job with this step.
fn repo(step: &str) -> Repo {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n");
    repo.write(".github/workflows/release.yml", workflow("push", step));
    repo
}

fn workflow(trigger: &str, step: &str) -> String {
    format!("on: {trigger}\njobs: {{ a: {{ runs-on: x, steps: [{{ {step} }}] }} }}\n")
}

fn judged(repo: &Repo) -> (i32, Vec<String>) {
    repo.commit();
    said(repo.root())
}

const UNGATED: &str = "pushes a chart that no `chartgate` step has judged before";

#[test]
fn one_that_is_no_yaml_is_said_and_one_that_is_no_file_is_none() {
    let repo = repo("run: a");
    repo.write(".github/workflows/release.yml", "jobs: [\n");
    let (code, lines) = judged(&repo);
    let is_said = |line: &String| line.contains(".github/workflows/release.yml") && line.contains("it is no YAML");
    assert!(code == 0 && lines.iter().any(is_said), "{lines:?}");
    std::fs::remove_file(repo.root().join(".github/workflows/release.yml")).expect("it is there");
    repo.git(&["rm", "--quiet", "--cached", "-r", ".github"]);
    assert_eq!(said(repo.root()), (0, vec![]));
}

#[test]
fn scripts_targets_and_actions_that_run_each_other_many_times_are_each_looked_at_once() {
    let repo = repo("run: ./a.sh && make a");
    let many = |line: &str| format!("{line}\n").repeat(1000);
    repo.write("a.sh", many("./b.sh")).write("b.sh", many("./a.sh") + "helm push x oci://r/c\n");
    repo.write("Makefile", format!("a: {}\n\t./a.sh\n\nb: {}\n\t./b.sh\n", "b ".repeat(1000), "a ".repeat(1000)));
    let uses = |action: &str| {
        let steps = many(&format!("    - uses: ./actions/{action}"));
        format!("runs:\n  using: composite\n  steps:\n{steps}    - run: ./b.sh\n")
    };
    repo.write("actions/a/action.yml", uses("b")).write("actions/b/action.yml", uses("a"));
    let (code, lines) = judged(&repo);
    assert_eq!(code, 0, "{lines:?}");
    assert!(lines.iter().any(|line| *line == format!("`./a.sh` {UNGATED}")), "{lines:?}");
    assert!(lines.iter().any(|line| *line == format!("`make a` {UNGATED}")), "{lines:?}");
    repo.write(".github/workflows/release.yml", workflow("push", "uses: ./actions/a"));
    let (_, lines) = judged(&repo);
    assert!(lines.iter().any(|line| *line == format!("`./actions/a` {UNGATED}")), "{lines:?}");
}

#[test]
fn a_push_deep_down_is_found_and_a_bound_that_is_reached_fails() {
    let repo = repo("run: ./1.sh");
    let chain = |length: usize| {
        for script in 1..length {
            repo.write(&format!("{script}.sh"), format!("./{}.sh\n", script + 1));
        }
        repo.write(&format!("{length}.sh"), "helm push x oci://r/c\n");
        judged(&repo)
    };
    assert_eq!(chain(12), (0, vec![format!("`./1.sh` {UNGATED}")]));
    let (code, lines) = chain(40);
    let expected = "cannot tell what pipelines do with charts: it is nested more than 32 levels deep";
    assert_eq!((code, lines), (3, vec![expected.to_owned()]));

    let lines = |line: &str, count: usize| format!("          {line}\n").repeat(count);
    let script = lines("echo a", 20_000) + &lines("helm push x oci://r/c", 1000);
    let release = format!("on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: |\n{script}");
    repo.write(".github/workflows/release.yml", release);
    let (code, lines) = judged(&repo);
    assert!(code == 3 && lines.iter().any(|line| line.contains("it takes more than 10000000 steps")), "{lines:?}");
}

#[test]
fn a_workflow_that_a_called_workflow_calls_judges_for_both() {
    let repo = repo("run: a");
    let calls = |path: &str| format!("on: workflow_call\njobs: {{ a: {{ uses: {path} }} }}\n");
    let release = "on: push\njobs:\n  check: { uses: ./.github/workflows/outer.yml }\n  \
        push: { needs: check, runs-on: x, steps: [{ run: helm push x oci://r/c }] }\n";
    repo.write(".github/workflows/release.yml", release);
    repo.write(".github/workflows/outer.yml", calls("./.github/workflows/inner.yml"));
    repo.write(".github/workflows/inner.yml", workflow("workflow_call", "run: chartgate check"));
    assert_eq!(judged(&repo), (0, vec![]));

    repo.write(".github/workflows/inner.yml", calls("acme/ci/.github/workflows/check.yml@v1"));
    let (_, lines) = judged(&repo);
    let expected = "depends on the workflow `acme/ci/.github/workflows/check.yml@v1`, which is not followed";
    assert!(lines.len() == 1 && lines[0].ends_with(expected), "{lines:?}");

    repo.write(".github/workflows/inner.yml", calls("./.github/workflows/outer.yml"));
    assert_eq!(judged(&repo), (0, vec![format!("`helm push` {UNGATED}")]), "a circle judges nothing");
}

#[test]
fn jobs_of_gitlab_that_extend_each_other_many_times_end() {
    let repo = repo("run: a");
    let names = |name: &str| format!("{name}, ").repeat(1000);
    let jobs = format!(
        ".a: {{ extends: [{}] }}\n.b: {{ extends: [{}] }}\n.c: {{ script: helm push x oci://r/c }}\n\
         push: {{ extends: [.c, {}] }}\n",
        names(".b"),
        names(".a"),
        names(".a")
    );
    repo.write(".gitlab-ci.yml", jobs);
    assert_eq!(judged(&repo), (0, vec![format!("`helm push` {UNGATED}")]));
}

#[test]
fn what_follows_a_script_of_gitlab_whatever_became_of_it_is_judged_by_no_step_before() {
    let repo = repo("run: a");
    repo.write(".gitlab-ci.yml", "push:\n  script: [chartgate check]\n  after_script: [helm push x oci://r/c]\n");
    let expected =
        "`helm push` pushes the chart though `chartgate` fails before it: what pushes runs whatever became of it";
    assert_eq!(judged(&repo), (0, vec![expected.to_owned()]));
    repo.write(".gitlab-ci.yml", "push:\n  script: [chartgate check, helm push x oci://r/c]\n  after_script: [ls]\n");
    assert_eq!(judged(&repo), (0, vec![]));
}

#[test]
fn tasks_that_need_each_other_many_times_are_each_looked_at_once() {
    let repo = repo("run: just a && task a && npm run a");
    repo.write(
        "justfile",
        format!("a: {}\n    ls\n\nb: {}\n    helm push x oci://r/c\n", "b ".repeat(1000), "a ".repeat(1000)),
    );
    let task = |name: &str, needed: &str, command: &str| {
        format!("  {name}: {{ deps: [{}], cmds: [{command}] }}\n", format!("{needed}, ").repeat(1000))
    };
    repo.write("Taskfile.yml", format!("tasks:\n{}{}", task("a", "b", "ls"), task("b", "a", "helm push x oci://r/c")));
    let script = |name: &str| format!("npm run {name} && ").repeat(1000);
    let scripts =
        format!(r#"{{ "scripts": {{ "a": "{}ls", "b": "{}helm push x oci://r/c" }} }}"#, script("b"), script("a"));
    repo.write("package.json", scripts);
    let expected = ["just a", "task a", "npm run a"].map(|what| format!("`{what}` {UNGATED}"));
    assert_eq!(judged(&repo), (0, expected.to_vec()));
}

#[test]
fn a_name_that_no_registry_takes_is_said_of_the_chart_that_is_pushed() {
    let said = |repo: &Repo| {
        repo.commit();
        let arguments = ["check", "--offline", "--format", "concise", "--select", "publish-target-refused"];
        let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
        let text = String::from_utf8(output.stdout).expect("text");
        text.lines().filter(|line| line.contains("publish-target-refused:")).map(str::to_owned).collect::<Vec<_>>()
    };
    let repo = Repo::new();
    repo.chart("charts/a", "MyApp", "1.0.0", "x: 1\n");
    for package in ["MyApp-1.0.0.tgz", "dist/MyApp-$VERSION.tgz", "*.tgz"] {
        repo.write(
            ".github/workflows/release.yml",
            workflow("push", &format!("run: 'helm push {package} oci://ghcr.io/foo'")),
        );
        let lines = said(&repo);
        let expected = "the chart's name `MyApp` cannot be part of a path in `oci://ghcr.io/foo`";
        assert!(lines.len() == 1 && lines[0].ends_with(expected), "{package}: {lines:?}");
    }
    repo.chart("charts/b", "web", "1.0.0", "x: 1\n");
    repo.write(".github/workflows/release.yml", workflow("push", "run: helm push web-1.0.0.tgz oci://ghcr.io/foo"));
    assert!(said(&repo).is_empty(), "{:?}", said(&repo));
}

#[test]
fn variables_in_an_address_are_those_that_count_where_it_is_pushed_to() {
    let said = |job: &str| {
        let repo = Repo::new();
        repo.chart("charts/a", "a", "1.0.0", "x: 1\n");
        let workflow = format!("on: push\nenv: {{ OWNER: '${{{{ github.repository_owner }}}}' }}\njobs:\n  a:\n{job}");
        repo.write(".github/workflows/release.yml", workflow).commit();
        let arguments = ["check", "--offline", "--format", "concise", "--select", "publish-target-refused"];
        let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
        String::from_utf8(output.stdout).expect("text").contains("publish-target-refused:")
    };
    let job = |run: &str| said(&format!("    steps:\n    - run: |\n        {}\n", run.replace('\n', "\n        ")));
    for run in [
        "helm push a.tgz oci://ghcr.io/${{ env.OWNER }}",
        "helm push a.tgz oci://ghcr.io/$OWNER/charts",
        "REPO=ghcr.io/$OWNER\nhelm push a.tgz oci://$REPO",
        "export REPO=\"ghcr.io/Acme\"\nhelm push a.tgz \"oci://$REPO\"",
        "helm push a.tgz https://ghcr.io/foo",
        "helm push a.tgz oci://ghcr.io/ghcr.io/foo",
        "oras push ghcr.io/$GITHUB_REPOSITORY_OWNER/x:1 a.tgz",
    ] {
        assert!(job(run), "{run}");
    }
    for run in [
        "OWNER=${OWNER,,}\nhelm push a.tgz oci://ghcr.io/$OWNER",
        "OWNER=$(echo $OWNER | tr A-Z a-z)\nhelm push a.tgz oci://ghcr.io/${OWNER}/charts",
        "helm push charts/a https://charts.example.com",
        "oras push ghcr.io/acme/x:1.0-RC a.tgz",
    ] {
        assert!(!job(run), "{run}");
    }
    let later = "    steps:\n    - run: echo \"OWNER=${OWNER,,}\" >> $GITHUB_ENV\n    - run: helm push a.tgz oci://ghcr.io/${{ env.OWNER }}\n";
    assert!(!said(later), "what a step writes to GITHUB_ENV counts");
}

#[test]
fn what_charts_share_is_said_once_with_their_names() {
    let repo = Repo::new();
    for name in ["a", "b", "c"] {
        repo.chart(name, name, "1.0.0", "x: 1\n");
    }
    repo.write("artifacthub-repo.yml", "repositoryID: foo\n").commit();
    let said = |format: &str| {
        let arguments = ["check", "--offline", "--format", format, "--select", "repository-metadata-invalid"];
        let output = program().current_dir(repo.root()).args(arguments).output().expect("the program starts");
        String::from_utf8(output.stdout).expect("text")
    };
    let lines = said("concise");
    let lines: Vec<&str> = lines.lines().filter(|line| line.contains("repository-metadata-invalid:")).collect();
    assert!(lines.len() == 1 && lines[0].ends_with("(charts `a`, `b`, `c`)"), "{lines:?}");
    assert!(said("github").contains("%0Acharts `a`, `b`, `c`"), "{}", said("github"));
    assert_eq!(said("json").matches("\"rule\": \"repository-metadata-invalid\"").count(), 3, "one for each chart");
    assert_eq!(said("junit").matches("<failure").count(), 3, "each suite has its own");
}
