//! A deployment of production that a change takes away is said, and one that it only moves is not.

use crate::cli::program;
use crate::git_repo::Repo;

fn application(name: &str, path: &str, more: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: {name}, namespace: argocd}}\nspec:\n  project: default\n  source: {{repoURL: 'https://github.com/o/r.git', path: {path}, targetRevision: HEAD{more}}}\n  destination: {{namespace: {name}, server: 'https://kubernetes.default.svc'}}\n"
    )
}

fn set(names: &[&str]) -> String {
    let elements: Vec<String> = names.iter().map(|name| format!("{{name: {name}}}")).collect();
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all, namespace: argocd}}\nspec:\n  goTemplate: true\n  generators: [{{list: {{elements: [{}]}}}}]\n  template:\n    metadata: {{name: '{{{{.name}}}}'}}\n    spec:\n      project: default\n      source: {{repoURL: 'https://github.com/o/r.git', path: charts/a, targetRevision: HEAD}}\n      destination: {{namespace: '{{{{.name}}}}', server: 'https://kubernetes.default.svc'}}\n",
        elements.join(", ")
    )
}

fn repo() -> Repo {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").chart("charts/b", "b", "1.0.0", "x: 1\n");
    repo.write("apps/eu/shop.yaml", application("shop", "charts/a", ""));
    repo.write("apps/test/shop.yaml", application("shop-test", "charts/a", ""));
    repo.write("apps/us/sets.yaml", set(&["one", "two"])).commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo
}

/// What is said of deployments that are gone, and of the policy.
fn said(repo: &Repo, arguments: &[&str]) -> Vec<String> {
    let mut command = program();
    command.current_dir(repo.root()).args(["check", "--offline", "--format", "concise"]).args(arguments);
    let output = command.output().expect("the program starts");
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("it is text");
    let is_meant = |line: &&str| line.contains("deployment-gone") || line.contains("policy-loosened");
    text.lines().filter(is_meant).map(str::to_owned).collect()
}

/// What a change does.
type Edit<'a> = &'a dyn Fn(&Repo);

fn remove(repo: &Repo, path: &str) {
    std::fs::remove_file(repo.root().join(path)).expect("it is there");
}

#[test]
fn production_that_a_change_takes_away_is_said_wherever_it_was_declared() {
    let gone = |place: &str, name: &str, why: &str| {
        format!("{place}: warning deployment-gone: the production deployment `{name}` of `charts/a` is gone: {why}")
    };
    let shop = "apps/eu/shop.yaml";
    let misspelled = application("shop", "charts/a", "").replace("kind: Application", "kind: Appliance");
    let cases: [(&str, &str, &str, String); 4] = [
        (shop, "", "charts/a/Chart.yaml:1:1", gone("", "apps/eu", "`apps/eu/shop.yaml` is not there any more")),
        (
            shop,
            "a: 1\n",
            "apps/eu/shop.yaml:1:1",
            gone("", "apps/eu", "`apps/eu/shop.yaml` does not declare it any more"),
        ),
        (
            shop,
            &misspelled,
            "apps/eu/shop.yaml:1:1",
            gone("", "apps/eu", "`apps/eu/shop.yaml` does not declare it any more"),
        ),
        (
            "apps/us/sets.yaml",
            &set(&["two"]),
            "apps/us/sets.yaml:1:1",
            gone("", "apps/us/one", "`apps/us/sets.yaml` does not declare it any more"),
        ),
    ];
    for (file, text, place, expected) in cases {
        let repo = repo();
        assert_eq!(said(&repo, &[]), [""; 0]);
        if text.is_empty() {
            remove(&repo, file);
        } else {
            repo.write(file, text);
        }
        repo.commit();
        let expected = format!("{place}{expected}");
        for arguments in [&[][..], &["--changed"], &["--policy-from", "origin/main"]] {
            assert_eq!(said(&repo, arguments), [expected.as_str()], "{arguments:?} {text}");
        }
        let accepted = "suppress: [{rule: deployment-gone, path: '**', reason: it is retired}]\n";
        repo.write(".chartgate.yaml", accepted).commit();
        assert!(!said(&repo, &[]).iter().any(|line| line.contains("deployment-gone")));
    }
}

#[test]
fn production_that_moves_or_changes_is_not_gone() {
    let shop = "apps/eu/shop.yaml";
    let changes: [(&str, Edit<'_>); 8] = [
        ("a version", &|repo| {
            repo.write(shop, application("shop", "charts/a", "").replace("HEAD", "v1.0.0"));
        }),
        ("values", &|repo| {
            repo.write(shop, application("shop", "charts/a", ", helm: {valuesObject: {x: 2}}"));
        }),
        ("a file", &|repo| {
            remove(repo, shop);
            repo.write("clusters/live/web.yaml", application("shop", "charts/a", ""));
        }),
        ("a name", &|repo| {
            repo.write(shop, application("market", "charts/a", ""));
        }),
        ("a name and a file", &|repo| {
            remove(repo, shop);
            repo.write("clusters/live/web.yaml", application("market", "charts/a", ""));
        }),
        ("a chart", &|repo| {
            repo.git(&["mv", "charts/a", "charts/c"]);
            repo.write(shop, application("shop", "charts/c", ""));
            repo.write("apps/test/shop.yaml", application("shop-test", "charts/c", ""));
            repo.write("apps/us/sets.yaml", set(&["one", "two"]).replace("charts/a", "charts/c"));
        }),
        ("another chart", &|repo| {
            repo.write(shop, application("shop", "charts/b", ""));
        }),
        ("a test", &|repo| remove(repo, "apps/test/shop.yaml")),
    ];
    for (what, change) in changes {
        let repo = repo();
        change(&repo);
        repo.commit();
        for arguments in [&[][..], &["--changed"], &["--policy-from", "origin/main"]] {
            assert_eq!(said(&repo, arguments), [""; 0], "{what} {arguments:?}");
        }
    }
}

#[test]
fn a_file_that_a_deployment_read_and_that_is_gone_concerns_its_chart() {
    let digest = format!("tag: 1.28@sha256:{}\n", "ab".repeat(32));
    let cases = [
        (", helm: {ignoreMissingValueFiles: true, valueFiles: [/envs/p.yaml]}", "envs/p.yaml"),
        (", helm: {valueFiles: ['/envs/*.yaml']}", "envs/p.yaml"),
    ];
    for (more, file) in cases {
        let repo = Repo::new();
        repo.chart("charts/a", "a", "1.0.0", "tag: 1.27.1\nextra: 0\n").chart("charts/b", "b", "1.0.0", "{}\n");
        let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers: [{name: c, image: 'nginx:{{ .Values.tag }}'}]\n";
        repo.write("charts/a/templates/configmap.yaml", pod);
        repo.write(file, &digest)
            .write(&file.replace("p.yaml", "q.yaml").replace("values.yaml", "c.yaml"), "extra: 1\n");
        if !more.is_empty() {
            repo.write("apps/shop.yaml", application("shop", "charts/a", more));
        }
        repo.commit();
        repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
        repo.git(&["rm", "--quiet", file]);
        repo.commit();
        for selection in [&["--changed"][..], &["--files", file]] {
            let arguments =
                [&["check", "--offline", "--format", "concise", "--select", "image-digest-missing"][..], selection];
            let (code, out, err) = crate::package::run(repo.root(), &arguments.concat());
            assert!(code == 1 && out.contains("nginx:1.27.1"), "{more} {selection:?}: {out}{err}");
            assert!(!out.contains("charts/b"), "{out}");
        }
    }
}

#[test]
fn where_deployments_cannot_be_compared_no_run_passes() {
    let repo = repo();
    for selection in [&[][..], &["--files", "apps/eu/shop.yaml"], &["--changed"]] {
        let arguments =
            ["check", "--offline", "--format", "concise", "--base", "nowhere", "--select", "deployment-gone"];
        let (code, out, err) = crate::package::run(repo.root(), &[&arguments[..], selection].concat());
        assert!(code == 3 && out.contains("`nowhere` names no commit"), "{selection:?}: {out}{err}");
    }
}
