//! `chartgate package` writes what `helm package` writes, with the same bytes on every machine.

use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use chartgate::chart::load;
use chartgate::chart::package::{digest, package};
use chartgate::published::compare::differences;
use chartgate::source::{Archive, Dir, Tree};
use chartgate::text::Sources;
use flate2::read::GzDecoder;

use crate::cli::program;
use crate::fixture::testdata;
use crate::git_repo::Repo;

/// Runs the program in a folder.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = program().current_dir(folder).args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    (output.status.code().expect("no signal ended it"), text(output.stdout), text(output.stderr))
}

/// Names, dates and contents of an archive, in its order.
pub(crate) fn entries(archive: &Path) -> Vec<(String, u64, Vec<u8>)> {
    let bytes = std::fs::read(archive).expect("the archive is there");
    let mut archive = tar::Archive::new(GzDecoder::new(bytes.as_slice()));
    let entries = archive.entries().expect("it is an archive");
    let read = entries.map(|entry| {
        let mut entry = entry.expect("the entry is sound");
        let name = entry.path().expect("the name is text").display().to_string();
        let mut data = vec![];
        entry.read_to_end(&mut data).expect("the entry is whole");
        (name, entry.header().mtime().expect("it has a date"), data)
    });
    read.collect()
}

/// A chart with everything that Helm writes in its own way, committed.
pub(crate) fn sample() -> Repo {
    let repo = Repo::new();
    repo.write(
        "chart/Chart.yaml",
        "# a comment\nversion: 1.10\nname: web\napiVersion: v2\nunknown: 1\nAppVersion: 1.0\ndescription: \"a\\tb\\u200b\"\n\
         annotations: { z: \"1\", a: 'two\n\n  lines' }\ndependencies:\n  - { name: db, version: 1.x, repository: 'file://../db' }\n",
    );
    repo.write("chart/Chart.lock", "digest: sha256:0\ngenerated: 2024-01-02T03:04:05.600+00:00\ndependencies: []\n");
    repo.write("chart/values.yaml", "\u{feff}# kept\na: 1\n").write("chart/.helmignore", "*.bak\nsecret/\n");
    repo.write("chart/values.schema.json", "{}").write("chart/README.md", "read").write("chart/x.bak", "");
    repo.write("chart/secret/key", "").write("chart/crds-x/a", "").write("chart/crds/a.yaml", "kind: A\n");
    repo.write("chart/templates/a.yaml", "{{ .Values.a }}").write("chart/templates/tests/b.yaml", "");
    repo.write("chart/charts/db/Chart.yaml", "name: db\nversion: 1.2.3\napiVersion: v1\n# gone\n");
    repo.write("chart/charts/db/templates/c.yaml", "").write("chart/charts/_aside/x", "").commit();
    repo
}

#[test]
fn a_package_holds_what_helm_writes_in_helms_order() {
    let repo = sample();
    let (code, out, err) = run(repo.root(), &["package", "chart", "-d", "dist/new"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("dist/new/web-1.1.tgz sha256:"), "{out}");
    let entries = entries(&repo.root().join("dist/new/web-1.1.tgz"));
    let names: Vec<_> = entries.iter().map(|(name, ..)| name.as_str()).collect();
    let expected = [
        "web/Chart.yaml",
        "web/Chart.lock",
        "web/values.yaml",
        "web/values.schema.json",
        "web/templates/a.yaml",
        "web/templates/tests/b.yaml",
        "web/.helmignore",
        "web/README.md",
        "web/crds/a.yaml",
        "web/crds-x/a",
        "web/charts/db/Chart.yaml",
        "web/charts/db/templates/c.yaml",
    ];
    assert_eq!(names, expected);
    let text = |index: usize| String::from_utf8(entries[index].2.clone()).expect("text");
    insta::assert_snapshot!(format!("{}---\n{}---\n{}", text(0), text(1), text(10)), @r#"
    annotations:
      a: |-
        two
        lines
      z: "1"
    apiVersion: v2
    appVersion: "1"
    dependencies:
    - name: db
      repository: file://../db
      version: 1.x
    description: a b
    name: web
    version: "1.1"
    ---
    dependencies: []
    digest: sha256:0
    generated: "2024-01-02T03:04:05.6Z"
    ---
    apiVersion: v1
    name: db
    version: 1.2.3
    "#);
    assert_eq!(text(2), "# kept\na: 1\n", "Helm drops the byte order mark");
}

#[test]
fn a_package_has_the_same_bytes_twice_and_from_a_fresh_clone() {
    let repo = sample();
    let clone = repo.cloned(&[]);
    let digest = |repo: &Repo| run(repo.root(), &["package", "chart"]).1;
    let first = digest(&repo);
    assert!(first.contains("sha256:"), "{first}");
    assert_eq!(first, digest(&repo));
    assert_eq!(first, digest(&clone));
    let at_revision = run(clone.root(), &["package", "chart", "--at", "HEAD"]).1;
    assert_eq!(first, at_revision, "a revision is packaged as its working tree is");
    let time: u64 = repo.git(&["log", "-1", "--format=%ct"]).parse().expect("a time");
    let archive = repo.root().join("web-1.1.tgz");
    assert!(entries(&archive).iter().all(|(_, mtime, _)| *mtime == time), "files are dated as the commit");
    let modified = std::fs::metadata(&archive).and_then(|metadata| metadata.modified()).expect("a date");
    assert_eq!(modified, std::time::UNIX_EPOCH + std::time::Duration::from_secs(time), "so is the archive");
}

#[test]
fn the_date_is_that_of_source_date_epoch_where_it_is_set() {
    let repo = sample();
    let dated = |epoch: &str| {
        let mut command = program();
        command.current_dir(repo.root()).env("SOURCE_DATE_EPOCH", epoch).args(["package", "chart"]);
        command.output().expect("the program starts")
    };
    assert!(dated("1234").status.success());
    assert!(entries(&repo.root().join("web-1.1.tgz")).iter().all(|(_, mtime, _)| *mtime == 1234));
    let refused = dated("yesterday");
    assert_eq!(refused.status.code(), Some(2));
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(said, "error: `SOURCE_DATE_EPOCH` is `yesterday`, not a number of seconds\n");
}

#[test]
fn the_content_digest_can_be_computed_by_hand_from_the_package() {
    let repo = sample();
    let (_, out, _) = run(repo.root(), &["package", "chart", "--format=json"]);
    let rows: serde_json::Value = serde_json::from_str(&out).expect("JSON");
    let by_hand =
        "tar -xzf web-1.1.tgz -C .. && cd .. && find web -type f | LC_ALL=C sort | xargs sha256sum | sha256sum";
    let output = Command::new("sh").arg("-c").arg(by_hand).current_dir(repo.root()).output().expect("a shell");
    let by_hand = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(rows[0]["content"].as_str(), by_hand.split(' ').next());
    assert_eq!(rows[0]["path"], "web-1.1.tgz");
    assert_eq!(rows[0]["version"], "1.1");
}

#[test]
fn what_helm_refuses_is_not_packaged() {
    let repo = sample();
    repo.write(
        "chart/Chart.yaml",
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{ name: gone, version: 1 }]\n",
    );
    let (code, out, err) = run(repo.root(), &["package", "chart"]);
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(err.contains("`chart` cannot be packaged: the dependency `gone` is not in `charts/`"), "{err}");
    repo.write("chart/Chart.yaml", "apiVersion: v2\nname: web\nversion: one\n");
    repo.write("chart/values.schema.json", "{").write("chart/Chart.lock", "generated: yesterday\n");
    let (code, _, err) = run(repo.root(), &["package", "chart"]);
    assert_eq!(code, 1);
    for said in ["is not a semantic version", "is not valid JSON", "`generated` of `Chart.lock` is not a time"] {
        assert!(err.contains(said), "{said}: {err}");
    }
    assert!(!repo.root().join("web-1.0.0.tgz").exists());
    assert_eq!(run(repo.root(), &["package", "chart/templates"]).0, 2);
    assert_eq!(run(repo.root(), &["package"]).0, 2);
}

#[test]
fn two_charts_never_become_one_file() {
    let repo = Repo::new();
    repo.chart("a", "same", "1.0.0", "a: 1\n").chart("b", "same", "1.0.0", "a: 2\n").commit();
    let (code, _, err) = run(repo.root(), &["package", "a", "b"]);
    assert_eq!((code, err.as_str()), (2, "error: both `a` and `b` would become `same-1.0.0.tgz`\n"));
    assert!(!repo.root().join("same-1.0.0.tgz").exists());
}

#[test]
fn a_library_chart_is_packaged_and_an_archive_is_not_packaged_again() {
    let repo = Repo::new();
    repo.write("lib/Chart.yaml", "apiVersion: v2\nname: lib\nversion: 0.1.0\ntype: library\n");
    repo.write("lib/templates/_lib.tpl", "").commit();
    assert_eq!(run(repo.root(), &["package", "lib"]).0, 0);
    let (code, _, err) = run(repo.root(), &["package", "lib-0.1.0.tgz"]);
    assert_eq!(code, 2);
    assert!(err.contains("`lib-0.1.0.tgz` is packaged already"), "{err}");
    let (code, _, err) = run(repo.root(), &["check", "lib-0.1.0.tgz"]);
    assert_eq!((code, err.as_str()), (0, ""));
}

#[test]
fn a_chart_and_its_archive_are_the_same_content() {
    let below = |folder: &str| std::fs::read_dir(testdata().join(folder)).expect("the folder exists");
    let folders = below("charts").chain(below("rules")).filter_map(Result::ok).map(|entry| entry.path());
    let mut packaged = 0;
    for folder in folders.flat_map(|folder| [folder.join("good"), folder]) {
        if !folder.join("Chart.yaml").is_file() {
            continue;
        }
        let tree: Arc<dyn Tree> = Arc::new(Dir::folder(&folder).expect("a folder"));
        let chart = load(&tree, "", &Sources::new());
        let Ok(made) = package(&chart, 0) else { continue };
        let archive: Arc<dyn Tree> = Arc::new(Archive::from_bytes(&made.data, &made.file_name).expect("an archive"));
        let unpacked = load(&archive, "", &Sources::new());
        let shown = folder.display();
        assert_eq!(differences(&unpacked, &chart), [], "{shown}");
        assert_eq!(digest(&unpacked), digest(&chart), "{shown}");
        assert_eq!(package(&unpacked, 0).as_ref(), Ok(&made), "{shown}: packaging again changes nothing");
        packaged += 1;
    }
    assert!(packaged > 20, "the charts of the tests can be packaged: {packaged}");
}
