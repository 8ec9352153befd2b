//! Charts are judged with their dependencies, wherever these lie, and the same whether they were built or not.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cli::program;
use crate::fault_server::{FaultServer, Reply, digest};
use crate::git_repo::Repo;
use crate::oci_registry::Programs;
use crate::package::{entries, run};

const POD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: { name: {{ .Chart.Name }} }\n";

fn declared(repo: &Repo, folder: &str, version: &str, dependencies: &str) {
    let name = folder.rsplit('/').next().expect("a path has a last part");
    let list = if dependencies.is_empty() { String::new() } else { format!("dependencies:\n{dependencies}") };
    repo.write(&format!("{folder}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: {version}\n{list}"));
    repo.write(&format!("{folder}/templates/cm.yaml"), POD);
}

/// A repository whose state is that of `origin/main`.
fn released(repo: &Repo) {
    let id = repo.commit();
    repo.remote_branch("main", &id).commit();
}

fn report(folder: &Path, arguments: &[&str]) -> (i32, Value) {
    let (code, out, err) = run(folder, &[&["check", "--offline", "--format", "json"], arguments].concat());
    (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
}

fn rules(report: &Value) -> Vec<&str> {
    report["findings"].as_array().expect("a list").iter().filter_map(|finding| finding["rule"].as_str()).collect()
}

fn texts<'a>(report: &'a Value, list: &str, field: &str) -> Vec<&'a str> {
    report[list].as_array().expect("a list").iter().filter_map(|each| each[field].as_str()).collect()
}

#[test]
fn what_a_dependency_build_adds_is_no_change() {
    let repo = Repo::new();
    declared(&repo, "svc", "0.1.0", "");
    declared(&repo, "top", "1.0.0", "- { name: svc, version: 0.1.0, repository: 'https://charts.example.org' }\n");
    released(&repo);
    assert_eq!(run(repo.root(), &["package", "svc", "-d", "top/charts"]).0, 0);
    write_lock(&repo, "top", "https://charts.example.org", ("svc", "0.1.0", "0.1.0"));
    for ignored in ["", "charts/\n"] {
        repo.write(".gitignore", ignored);
        let (code, said) = report(repo.root(), &["top"]);
        assert!(code == 0 && rules(&said).is_empty(), "{said}");
        assert_eq!(run(repo.root(), &["changed", "--offline", "--format", "json"]).1, "[]\n");
    }
    repo.write("top/templates/cm.yaml", format!("{POD}data: {{}}\n"));
    let (code, said) = report(repo.root(), &["top"]);
    assert_eq!((code, rules(&said)), (1, vec!["version-reused"]));
    assert!(texts(&said, "findings", "help")[0].ends_with("what differs: `templates/cm.yaml`: 1 line"), "{said}");
}

#[test]
fn committed_sub_charts_are_compared_byte_by_byte() {
    let repo = Repo::new();
    declared(&repo, "top", "1.0.0", "- { name: svc, version: 0.x.x, repository: 'https://charts.example.org' }\n");
    declared(&repo, "top/charts/svc", "0.1.0", "");
    released(&repo);
    repo.write("top/charts/svc/templates/cm.yaml", format!("{POD}data: {{}}\n"));
    let (code, said) = report(repo.root(), &["top"]);
    assert_eq!((code, rules(&said)), (1, vec!["version-reused"]));
    // Taken out of the repository, it is what the declaration says.
    std::fs::remove_dir_all(repo.root().join("top/charts")).expect("it is there");
    let (code, said) = report(repo.root(), &["top"]);
    assert_eq!((code, rules(&said)), (3, vec![]));
}

#[test]
fn an_umbrella_changes_with_what_it_takes_by_file() {
    let repo = Repo::new();
    declared(&repo, "charts/db", "0.1.0", "");
    declared(&repo, "charts/svc", "0.1.0", "- { name: db, version: 0.x.x, repository: 'file://../db' }\n");
    declared(&repo, "charts/top", "0.1.0", "- { name: svc, version: 0.x.x, repository: 'file://../svc' }\n");
    declared(&repo, "charts/alone", "0.1.0", "");
    released(&repo);
    declared(&repo, "charts/db", "0.1.1", "");
    let (code, listed, _) = run(repo.root(), &["changed"]);
    assert_eq!((code, listed.as_str()), (0, "charts/db db 0.1.1\ncharts/svc svc 0.1.0\ncharts/top top 0.1.0\n"));
    let (code, said) = report(repo.root(), &["charts/top"]);
    assert_eq!((code, rules(&said)), (1, vec!["version-reused"]));
    let (_, diff, _) = run(repo.root(), &["diff", "charts/top", "--format", "json"]);
    assert!(diff.contains("charts/svc/charts/db/Chart.yaml"), "{diff}");
    // Built, it says the same.
    assert_eq!(run(repo.root(), &["package", "charts/svc", "-d", "charts/top/charts"]).0, 0);
    let (built, said) = report(repo.root(), &["charts/top"]);
    assert_eq!((built, rules(&said)), (1, vec!["version-reused"]));
    // What is packaged holds all of it.
    assert_eq!(run(repo.root(), &["package", "charts/top", "-d", "dist"]).0, 0);
    let names: Vec<String> =
        entries(&repo.root().join("dist/top-0.1.0.tgz")).into_iter().map(|(name, ..)| name).collect();
    assert!(names.contains(&"top/charts/svc/charts/db/templates/cm.yaml".to_owned()), "{names:?}");
}

#[test]
fn what_a_dependency_lacks_is_said_of_whoever_takes_it() {
    let repo = Repo::new();
    declared(
        &repo,
        "child",
        "0.1.0",
        "- { name: db, version: 1.0.0, repository: 'https://ann:secret@charts.example.org' }\n",
    );
    declared(&repo, "parent", "0.1.0", "- { name: child, version: 0.1.0, repository: 'file://../child' }\n");
    declared(&repo, "above", "0.1.0", "- { name: parent, version: 0.1.0, repository: 'file://../parent' }\n");
    released(&repo);
    for chart in ["parent", "above"] {
        let (code, said) = report(repo.root(), &[chart, "--ignore", "dependency-repository-invalid"]);
        let message = "the dependency `db` from `https://charts.example.org` is neither in `charts/` nor in a cache, \
                       and `--offline` asks nobody";
        assert_eq!((code, texts(&said, "failures", "message")), (3, vec![message]));
        assert_eq!(texts(&said, "failures", "help"), ["run `helm dependency build child` before"]);
    }
}

#[test]
fn charts_that_take_each_other_end() {
    let repo = Repo::new();
    for (name, other) in [("a", "b"), ("b", "c"), ("c", "a")] {
        declared(
            &repo,
            name,
            "1.0.0",
            &format!("- {{ name: {other}, version: 1.0.0, repository: 'file://../{other}' }}\n"),
        );
    }
    // Each level doubles what the one below takes.
    for level in 0..14 {
        let below = format!("l{}", level + 1);
        let each = |alias: &str, way: &str| {
            format!("- {{ name: {below}, version: '*', repository: 'file://../{below}{way}', alias: {alias} }}\n")
        };
        let twice = each("x", "") + &each("y", "/.");
        declared(&repo, &format!("l{level}"), "1.0.0", &twice);
    }
    declared(&repo, "l14", "1.0.0", "");
    released(&repo);
    for chart in ["a", "b", "c"] {
        let (code, said) = report(repo.root(), &[chart]);
        assert!(code == 1 && rules(&said).contains(&"dependency-missing"), "{said}");
    }
    let (code, said) = report(repo.root(), &["l0"]);
    let failures = texts(&said, "failures", "message");
    assert!(code != 0 && failures.iter().any(|text| text.contains("takes more than 1000 charts")), "{said}");
}

/// A chart repository with some packages of `db`, and a chart that depends on it.
struct Shop {
    repo: Repo,
    server: FaultServer,
}

impl Shop {
    fn new(range: &str) -> Self {
        let repo = Repo::new();
        let mut packages = BTreeMap::new();
        let mut index = "apiVersion: v1\nentries:\n  db:\n".to_owned();
        for version in ["2.0.0", "1.2.0", "1.10.0", "1.11.0-rc.1"] {
            declared(&repo, "db", version, "");
            assert_eq!(run(repo.root(), &["package", "db", "-d", "dist"]).0, 0);
            let name = format!("db-{version}.tgz");
            let data = std::fs::read(repo.root().join("dist").join(&name)).expect("it was packaged");
            let digest = digest(&data).replace("sha256:", "");
            let urls = format!("    urls:\n    - files/{name}\n");
            index += "  - apiVersion: v2\n    name: db\n";
            index += &urls;
            index += &["    digest: ", &digest, "\n    version: ", version, "\n"].concat();
            packages.insert(format!("/charts/files/{name}"), data);
        }
        let server = FaultServer::new(move |asked| match (asked.path.as_str(), packages.get(&asked.path)) {
            ("/charts/index.yaml", _) => Reply::Whole(200, vec![], index.clone().into_bytes()),
            ("/login/index.yaml", _) => Reply::page(200),
            (_, Some(data)) => Reply::Whole(200, vec![], data.clone()),
            _ => Reply::page(404),
        });
        let shop = Self { repo, server };
        let from = shop.url();
        declared(&shop.repo, "shop", "1.0.0", &format!("- {{ name: db, version: '{range}', repository: '{from}' }}\n"));
        shop.repo.write(".gitignore", "*.tgz\nhome/\ndist/\n");
        shop
    }

    fn url(&self) -> String {
        format!("http://{}/charts", self.server.host())
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = program();
        command.current_dir(self.repo.root()).env("HOME", self.repo.root().join("home")).args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> (i32, String) {
        let output = self.command(arguments).output().expect("the program starts");
        let text = String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
        (output.status.code().expect("it ended"), text)
    }

    /// What the server was asked since the last time.
    fn asked(&self, before: &mut usize) -> Vec<String> {
        let log = self.server.log();
        let new = log[*before..].to_vec();
        *before = log.len();
        new
    }

    /// A lock that pins a version.
    fn lock(&self, range: &str, version: &str) {
        write_lock(&self.repo, "shop", &self.url(), ("db", range, version));
    }
}

/// A lock that pins a version of a chart, with the digest that Helm computes.
pub(crate) fn write_lock(repo: &Repo, folder: &str, url: &str, (name, range, version): (&str, &str, &str)) {
    let one = |version: &str| format!(r#"[{{"name":"{name}","version":"{version}","repository":"{url}"}}]"#);
    let digest = digest(format!("[{},{}]", one(range), one(version)).as_bytes());
    let entry = format!("dependencies:\n- name: {name}\n  repository: {url}\n  version: {version}\n");
    repo.write(
        &format!("{folder}/Chart.lock"),
        format!("{entry}digest: {digest}\ngenerated: \"2026-01-02T03:04:05Z\"\n"),
    );
}

const CHECK: [&str; 4] = ["check", "shop", "--format", "concise"];

#[test]
fn what_a_lock_pins_is_fetched_once_and_then_kept() {
    let (shop, mut before) = (Shop::new("1.x"), 0);
    shop.lock("1.x", "1.2.0");
    released(&shop.repo);
    let (code, said) = shop.run(&[&CHECK[..], &["--offline"]].concat());
    assert!(code == 3 && said.contains("`--offline` asks nobody"), "{said}");
    assert_eq!(shop.asked(&mut before), Vec::<String>::new());
    let (code, said) = shop.run(&CHECK);
    assert_eq!(code, 0, "{said}");
    assert_eq!(shop.asked(&mut before), ["GET /charts/index.yaml", "GET /charts/files/db-1.2.0.tgz"]);
    for arguments in
        [&CHECK[..], &[&CHECK[..], &["--offline"]].concat(), &["images", "shop"], &["package", "shop", "-d", "dist"]]
    {
        let (code, said) = shop.run(arguments);
        assert_eq!(code, 0, "{arguments:?} {said}");
        assert_eq!(shop.asked(&mut before), Vec::<String>::new(), "{arguments:?}");
    }
    let names: Vec<String> =
        entries(&shop.repo.root().join("dist/shop-1.0.0.tgz")).into_iter().map(|(name, ..)| name).collect();
    assert!(names.contains(&"shop/charts/db/Chart.yaml".to_owned()), "{names:?}");
    let (_, tree) = shop.run(&["deps", "shop"]);
    assert_eq!(tree, "shop 1.0.0 (shop)\n  db 1.2.0 (1.x): chartgate's cache\n");
    // What the cache cannot prove is fetched again.
    let kept = shop.repo.root().join("home/.cache/chartgate/charts/sha256");
    for entry in std::fs::read_dir(kept).expect("it was kept") {
        std::fs::write(entry.expect("readable").path(), "other").expect("the cache is ours");
    }
    assert_eq!(shop.run(&CHECK).0, 0);
    assert_eq!(shop.asked(&mut before).len(), 2);
}

#[test]
fn what_no_lock_pins_is_fetched_only_where_the_configuration_says_so() {
    let (shop, mut before) = (Shop::new("1.x"), 0);
    released(&shop.repo);
    let (code, said) = shop.run(&CHECK);
    assert!(code == 3 && said.contains("no lock pins its version"), "{said}");
    assert_eq!(shop.asked(&mut before), Vec::<String>::new());
    shop.repo.write(".chartgate.yaml", "dependencies: { fetch: always }\n");
    let (code, said) = shop.run(&["deps", "shop"]);
    let expected = format!("shop 1.0.0 (shop)\n  db 1.10.0 (1.x): {}\n", shop.url());
    assert_eq!((code, said), (0, expected));
    assert_eq!(shop.run(&CHECK).0, 0);
    shop.lock("1.x", "1.2.0");
    shop.repo.write(".chartgate.yaml", "dependencies: { fetch: never }\n");
    let (code, said) = shop.run(&CHECK);
    assert!(code == 3 && said.contains("`dependencies.fetch: never` asks nobody"), "{said}");
}

#[test]
fn what_a_repository_does_not_have_is_named_with_what_to_type() {
    let shop = Shop::new("3.x");
    shop.lock("3.x", "3.0.0");
    released(&shop.repo);
    let (code, said) = shop.run(&CHECK);
    assert!(code == 3 && said.contains("the dependency `db` from") && said.contains("is not out as `3.0.0`"), "{said}");
    shop.repo.write(".chartgate.yaml", "dependencies: { fetch: always }\n");
    std::fs::remove_file(shop.repo.root().join("shop/Chart.lock")).expect("it is there");
    let (code, said) = shop.run(&CHECK);
    assert!(code == 3 && said.contains("has no version in `3.x`"), "{said}");
    let elsewhere = format!("- {{ name: db, version: 1.x, repository: 'http://{}/login' }}\n", shop.server.host());
    declared(&shop.repo, "shop", "1.0.0", &elsewhere);
    let (_, said) = shop.run(&["check", "shop", "--ignore", "version-reused"]);
    assert!(said.contains("help: check the address in the declaration: a login page"), "{said}");
    declared(&shop.repo, "shop", "1.0.0", "- { name: db, version: 1.x, repository: '@acme' }\n");
    let (code, said) = shop.run(&[&CHECK[..], &["--ignore", "version-reused"]].concat());
    assert!(code == 3 && said.contains("Helm's repositories.yaml does not name it"), "{said}");
}

#[test]
fn what_helm_has_downloaded_is_taken_where_its_index_vouches_for_it() {
    let shop = Shop::new("1.2.0");
    released(&shop.repo);
    let offline = [&CHECK[..], &["--offline"]].concat();
    let helm = shop.repo.root().join("home/.cache/helm/repository");
    std::fs::create_dir_all(&helm).expect("the folder is ours");
    let package = shop.repo.root().join("dist/db-1.2.0.tgz");
    std::fs::copy(&package, helm.join("db-1.2.0.tgz")).expect("the folder is ours");
    assert_eq!(shop.run(&offline).0, 3, "nothing vouches for it");
    let digest = digest(&std::fs::read(&package).expect("it was packaged")).replace("sha256:", "");
    let index = format!("apiVersion: v1\nentries:\n  db:\n  - digest: {digest}\n    version: 1.2.0\n");
    shop.repo.write("home/.cache/helm/repository/acme-index.yaml", index);
    let known = format!("repositories:\n- name: acme\n  url: {}/\n", shop.url());
    shop.repo.write("home/.config/helm/repositories.yaml", known);
    let (code, said) = shop.run(&offline);
    assert_eq!(code, 0, "{said}");
    assert_eq!(shop.run(&["deps", "shop", "--offline"]).1, "shop 1.0.0 (shop)\n  db 1.2.0 (1.2.0): Helm's cache\n");
    // Helm 4 keeps packages by their content.
    std::fs::remove_file(helm.join("db-1.2.0.tgz")).expect("it is there");
    let content = shop.repo.root().join("home/.cache/helm/content").join(&digest[..2]);
    std::fs::create_dir_all(&content).expect("the folder is ours");
    std::fs::copy(&package, content.join(format!("{digest}.chart"))).expect("the folder is ours");
    assert_eq!(shop.run(&offline).0, 0);
    std::fs::write(content.join(format!("{digest}.chart")), "other").expect("the folder is ours");
    assert_eq!(shop.run(&offline).0, 3, "it is not what the index says");
    assert_eq!(shop.server.log(), Vec::<String>::new());
}

#[test]
fn an_update_writes_what_belongs_into_charts_and_the_lock() {
    let shop = Shop::new("1.x");
    declared(&shop.repo, "lib", "0.1.0", "");
    declared(
        &shop.repo,
        "shop",
        "1.0.0",
        &format!(
            "- {{ name: db, version: 1.x, repository: '{}' }}\n- {{ name: lib, version: '>0.0.1', repository: 'file://../lib' }}\n- {{ name: own, version: '*' }}\n",
            shop.url()
        ),
    );
    declared(&shop.repo, "shop/charts/own", "0.3.0", "");
    std::fs::copy(shop.repo.root().join("dist/db-1.2.0.tgz"), shop.repo.root().join("shop/charts/db-1.2.0.tgz"))
        .expect("copied");
    released(&shop.repo);
    let (code, said) = shop.run(&["deps", "shop", "--update"]);
    let tree = "shop 1.0.0 (shop)\n  db 1.10.0 (1.x): charts/db-1.10.0.tgz\n  lib 0.1.0 (>0.0.1): charts/lib-0.1.0.tgz\n  own 0.3.0 (*): charts/own\n";
    assert_eq!((code, said.as_str()), (0, tree));
    let charts = || {
        let entries = std::fs::read_dir(shop.repo.root().join("shop/charts")).expect("the folder is there");
        let mut names: Vec<_> =
            entries.map(|entry| entry.expect("readable").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    };
    assert_eq!(charts(), ["db-1.10.0.tgz", "lib-0.1.0.tgz", "own"]);
    let lock = || std::fs::read_to_string(shop.repo.root().join("shop/Chart.lock")).expect("it was written");
    let first = lock();
    let (code, said) = shop.run(&CHECK);
    assert_eq!(code, 0, "{said}");
    // A lock that says the same is left alone, whatever the time.
    assert_eq!(
        shop.command(&["deps", "shop", "--update"]).env("SOURCE_DATE_EPOCH", "1").status().expect("it starts").code(),
        Some(0)
    );
    assert_eq!(lock(), first);
    // Where something cannot be had, nothing is written.
    declared(&shop.repo, "shop", "1.0.0", &format!("- {{ name: db, version: 9.x, repository: '{}' }}\n", shop.url()));
    assert_eq!(shop.run(&["deps", "shop", "--update"]).0, 3);
    assert_eq!((charts().len(), lock()), (3, first));
    let Some(programs) = Programs::find() else { return };
    compare_with_helm(&shop, &programs);
}

/// The same by the real Helm: the lock but for its time, and every package.
fn compare_with_helm(shop: &Shop, programs: &Programs) {
    declared(
        &shop.repo,
        "shop",
        "1.0.0",
        &format!(
            "- {{ name: db, version: '<2 || >5', repository: '{}' }}\n- {{ name: lib, version: '>0.0.1', repository: 'file://../lib', alias: x }}\n- {{ name: own, version: '*' }}\n",
            shop.url()
        ),
    );
    assert_eq!(shop.run(&["deps", "shop", "--update"]).0, 0);
    let root = shop.repo.root();
    let read = |path: &str| std::fs::read(root.join(path)).expect("it was written");
    let (lock, db, lib) =
        (read("shop/Chart.lock"), read("shop/charts/db-1.10.0.tgz"), entries(&root.join("shop/charts/lib-0.1.0.tgz")));
    for file in ["shop/Chart.lock", "shop/charts/db-1.10.0.tgz", "shop/charts/lib-0.1.0.tgz"] {
        std::fs::remove_file(root.join(file)).expect("it is there");
    }
    programs.helm(root, &["dependency", "update", "shop"]);
    let without_time = |lock: Vec<u8>| {
        let text = String::from_utf8(lock).expect("text");
        text.lines().filter(|line| !line.starts_with("generated:")).map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(without_time(lock), without_time(read("shop/Chart.lock")));
    assert_eq!(db, read("shop/charts/db-1.10.0.tgz"));
    let contents = |entries: Vec<(String, u64, Vec<u8>)>| {
        entries.into_iter().map(|(name, _, data)| (name, data)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(contents(lib), contents(entries(&root.join("shop/charts/lib-0.1.0.tgz"))));
}

#[test]
fn a_diff_is_made_with_dependencies_that_are_not_in_the_repository() {
    let shop = Shop::new("1.x");
    shop.lock("1.x", "1.2.0");
    released(&shop.repo);
    shop.repo.write("shop/templates/cm.yaml", format!("{POD}data: {{ a: b }}\n"));
    let (code, said) = shop.run(&["diff", "shop", "--format", "json"]);
    assert_eq!(code, 0, "{said}");
    let diff: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!((&diff["least"], &diff["notCompared"]), (&"1.0.1".into(), &serde_json::json!([])), "{diff}");
    shop.lock("1.x", "1.10.0");
    let (code, said) = shop.run(&["check", "shop", "--select", "version-step-too-small", "--format", "json"]);
    let report: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(
        (code, texts(&report, "skipped", "reason"), report["failures"].as_array().map(Vec::len)),
        (0, vec![], Some(0)),
        "{said}"
    );
}

#[test]
fn every_request_is_told_to_those_who_ask_for_it() {
    let shop = Shop::new("1.x");
    shop.lock("1.x", "1.2.0");
    released(&shop.repo);
    let host = shop.server.host();
    let (code, said) = shop.run(&[&CHECK[..], &["--verbose"]].concat());
    assert_eq!(code, 0, "{said}");
    for path in ["index.yaml", "files/db-1.2.0.tgz"] {
        assert!(said.contains(&format!("asked GET http://{host}/charts/{path}: 200\n")), "{said}");
    }
    let (_, said) = shop.run(&CHECK);
    assert!(!said.contains("asked"), "{said}");
}
