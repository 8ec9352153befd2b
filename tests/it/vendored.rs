//! What lies in `charts/` is compared with what its repository has: a dependency build would bring that.

use serde_json::Value;

use crate::cli::program;
use crate::dependencies::write_lock;
use crate::dependency_matrix::{Server, chart, packaged};
use crate::git_repo::Repo;
use crate::package::run;

const RULE: &str = "dependency-vendored-mismatch";
const OTHER: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: evil }\n";

/// A repository whose chart `shop` takes `db` 1.2.0 from a server, and that keeps nothing in `charts/` at `origin/main`.
struct Shop {
    repo: Repo,
    server: Server,
    url: String,
}

impl Shop {
    fn new(from: &str) -> Self {
        let (repo, server) = (Repo::new(), Server::new());
        chart(&repo, "db", "1.2.0", "");
        let db = packaged(&repo, "db", "dist", "db-1.2.0.tgz");
        let host = server.host();
        let url = if from == "oci" { format!("oci://{host}/deps") } else { format!("http://{host}/charts") };
        server.list("charts", "db", "1.2.0", &db);
        server.push("deps", "db", "1.2.0", &db);
        let shop = Self { repo, server, url };
        shop.declare("shop", "1.x");
        shop.repo.write(".gitignore", "dist\nhome\n").commit();
        shop.repo.remote_branch("main", "HEAD");
        shop
    }

    /// Declares and locks `db` in a chart.
    fn declare(&self, folder: &str, range: &str) {
        let list = format!("dependencies:\n- {{ name: db, version: {range}, repository: '{}' }}\n", self.url);
        chart(&self.repo, folder, "1.0.0", &list);
        write_lock(&self.repo, folder, &self.url, ("db", range, "1.2.0"));
    }

    /// Packages `db` into a folder, with another object than the repository's has.
    fn other(&self, into: &str) {
        self.repo.write("db/templates/evil.yaml", OTHER);
        packaged(&self.repo, "db", into, "db-1.2.0.tgz");
        std::fs::remove_file(self.repo.root().join("db/templates/evil.yaml")).expect("it is there");
    }

    fn check(&self, arguments: &[&str]) -> (i32, Value) {
        let mut command = program();
        command.current_dir(self.repo.root()).env("HOME", self.repo.root().join("home"));
        let arguments = [&["check", "shop", "--format", "json"], arguments].concat();
        let output = command.args(arguments).output().expect("the program starts");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        (output.status.code().expect("no signal ended it"), report)
    }

    fn changed(&self) -> (i32, String, String) {
        run(self.repo.root(), &["changed", "shop"])
    }
}

fn messages<'a>(report: &'a Value, list: &str, rule: &str) -> Vec<&'a str> {
    let all = report[list].as_array().expect("a list").iter();
    let of_rule = all.filter(|each| each["rule"].as_str().unwrap_or(rule) == rule);
    of_rule.filter_map(|each| each["message"].as_str().or(each["reason"].as_str())).collect()
}

#[test]
fn a_package_with_other_content_than_its_repository_has_is_found_by_all_that_compare() {
    for from in ["http", "oci"] {
        let shop = Shop::new(from);
        shop.other("shop/charts");
        shop.repo.commit();
        let (code, said) = shop.check(&[]);
        let message =
            format!("`charts/db-1.2.0.tgz` is not what `{}` has as `1.2.0`: `templates/evil.yaml` differs", shop.url);
        assert_eq!((code, messages(&said, "findings", RULE)), (1, vec![message.as_str()]), "{said}");
        assert_eq!(messages(&said, "findings", "version-reused").len(), 1, "{said}");
        assert_eq!(shop.changed(), (0, "shop shop 1.0.0\n".to_owned(), String::new()));
        let (_, diff, _) = run(shop.repo.root(), &["diff", "shop"]);
        assert!(diff.contains("charts/db/templates/evil.yaml"), "{diff}");
        assert_eq!(shop.check(&["--changed"]).0, 1);
        // One rule alone asks as well.
        assert_eq!(shop.check(&["--select", RULE]).0, 1);
        // Without that rule nobody is asked.
        assert_eq!(shop.check(&["--select", "version-reused"]).0, 0);
    }
}

#[test]
fn a_package_or_a_folder_with_the_content_that_its_repository_has_is_silent() {
    for from in ["http", "oci"] {
        let shop = Shop::new(from);
        packaged(&shop.repo, "db", "shop/charts", "db-1.2.0.tgz");
        shop.repo.commit();
        let quiet = |what: &str| {
            let (code, said) = shop.check(&[]);
            assert!(code == 0 && messages(&said, "findings", RULE).is_empty(), "{what}: {said}");
            assert!(messages(&said, "skipped", RULE).is_empty(), "{what}: {said}");
            assert_eq!(shop.changed(), (0, "the chart has not changed\n".to_owned(), String::new()), "{what}");
        };
        quiet("the same package");
        std::fs::remove_dir_all(shop.repo.root().join("shop/charts")).expect("it is there");
        chart(&shop.repo, "db", "1.2.0", "");
        std::fs::create_dir(shop.repo.root().join("shop/charts")).expect("it was removed");
        std::fs::rename(shop.repo.root().join("db"), shop.repo.root().join("shop/charts/db")).expect("on one disk");
        shop.repo.commit();
        quiet("the same as a folder");
        shop.repo.write("shop/charts/db/templates/evil.yaml", OTHER).commit();
        let (code, said) = shop.check(&[]);
        assert_eq!((code, messages(&said, "findings", RULE).len()), (1, 1), "{said}");
        assert_eq!(shop.changed().1, "shop shop 1.0.0\n");
    }
}

#[test]
fn a_version_that_is_not_out_and_a_repository_that_cannot_be_asked_are_no_pass() {
    for from in ["http", "oci"] {
        let shop = Shop::new(from);
        packaged(&shop.repo, "db", "shop/charts", "db-1.2.0.tgz");
        shop.repo.commit();
        let other = |body: &[u8]| {
            shop.server.list("charts", "db", "1.1.0", body);
            shop.server.push("deps", "db", "1.1.0", body);
            shop.server.forget("/v2/deps/db/manifests/1.2.0");
        };
        other(b"x");
        let (code, said) = shop.check(&[]);
        let message = format!("`charts/db-1.2.0.tgz` has the version `1.2.0`, which is not out at `{}`", shop.url);
        assert_eq!((code, messages(&said, "findings", RULE)), (1, vec![message.as_str()]), "{said}");
        assert_eq!(shop.changed().1, "shop shop 1.0.0\n");
        shop.server.close();
        let (code, said) = shop.check(&[]);
        assert_eq!((code, messages(&said, "findings", RULE).len()), (3, 0), "{said}");
        let failures = messages(&said, "failures", RULE);
        let begin = "`shop/charts/db-1.2.0.tgz` cannot be compared with its repository: the dependency `db` from ";
        assert!(failures.len() == 1 && failures[0].starts_with(begin), "{failures:?}");
        let (code, listed, said) = shop.changed();
        assert!(code == 3 && listed.is_empty() && said.contains("cannot be compared"), "{said}");
    }
}

#[test]
fn what_nobody_is_asked_for_is_said() {
    let shop = Shop::new("http");
    shop.other("shop/charts");
    shop.repo.commit();
    let path = "`shop/charts/db-1.2.0.tgz` was not compared with its repository";
    let (code, said) = shop.check(&["--offline"]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(messages(&said, "skipped", RULE), [format!("{path}: `--offline` asks nobody")]);
    let (code, listed, said) = run(shop.repo.root(), &["changed", "shop", "--offline"]);
    assert_eq!((code, listed.as_str()), (0, "the chart has not changed\n"));
    assert_eq!(said, format!("note: {path}: `--offline` asks nobody\n"));
    std::fs::remove_file(shop.repo.root().join("shop/Chart.lock")).expect("it is there");
    let (code, said) = shop.check(&["--select", RULE]);
    assert_eq!(
        (code, messages(&said, "skipped", RULE)),
        (0, vec![format!("{path}: no lock pins its version").as_str()])
    );
    // A version that is written out is pinned without a lock.
    chart(
        &shop.repo,
        "shop",
        "1.0.0",
        &format!("dependencies:\n- {{ name: db, version: 1.2.0, repository: '{}' }}\n", shop.url),
    );
    assert_eq!(shop.check(&["--select", RULE]).0, 1);
    shop.repo.write(".chartgate.yaml", "dependencies: { fetch: never }\n");
    std::fs::remove_dir_all(shop.repo.root().join("home")).expect("the cache lies there");
    let (code, said) = shop.check(&["--select", RULE]);
    assert_eq!(code, 0, "{said}");
    assert_eq!(messages(&said, "skipped", RULE), [format!("{path}: `dependencies.fetch: never` asks nobody")]);
}

#[test]
fn what_git_ignores_is_not_asked_for_and_what_lies_further_down_is() {
    let shop = Shop::new("http");
    shop.repo.write(".gitignore", "dist\nhome\nshop/charts/*.tgz\n");
    shop.other("shop/charts");
    let (code, said) = shop.check(&["--select", RULE]);
    assert!(code == 0 && messages(&said, "skipped", RULE).is_empty(), "{said}");
    std::fs::remove_dir_all(shop.repo.root().join("shop")).expect("it is there");
    chart(&shop.repo, "shop", "1.0.0", "");
    shop.declare("shop/charts/part", "1.x");
    shop.other("shop/charts/part/charts");
    let (code, said) = shop.check(&["--select", RULE]);
    let message = format!(
        "`charts/part/charts/db-1.2.0.tgz` is not what `{}` has as `1.2.0`: `templates/evil.yaml` differs",
        shop.url
    );
    assert_eq!((code, messages(&said, "findings", RULE)), (1, vec![message.as_str()]), "{said}");
}
