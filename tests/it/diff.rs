//! `chartgate diff`: what changed since a revision, a folder or a package, and the version that calls for.

use crate::cli::program;
use crate::git_repo::Repo;

const TEMPLATE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: web\ndata:\n  level: {{ .Values.level }}\n";

/// A chart with a release on `main`, and with changes in the working tree.
fn changed() -> Repo {
    let repo = Repo::new();
    repo.chart("web", "web", "1.4.2", "level: info\n");
    repo.write("web/templates/configmap.yaml", TEMPLATE).write("web/README.md", "one\n").commit();
    repo.remote_branch("main", "HEAD");
    let template = TEMPLATE.replace(".Values.level", ".Values.logLevel | quote }}\n  format: {{ .Values.format");
    repo.chart("web", "web", "1.5.0", "logLevel: info\nformat: json\n");
    repo.write("web/templates/configmap.yaml", template).write("web/README.md", "two\n");
    repo
}

fn said(repo: &Repo, arguments: &[&str]) -> (i32, String, String) {
    let output = program().current_dir(repo.root()).arg("diff").args(arguments).output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the program writes UTF-8");
    let stdout = text(output.stdout).replace(&repo.git(&["rev-parse", "--short=10", "HEAD"]), "HEAD");
    (output.status.code().expect("no signal ended it"), stdout, text(output.stderr))
}

#[test]
fn changes_are_grouped_by_what_they_mean_with_both_places_and_the_least_version() {
    let (code, stdout, stderr) = said(&changed(), &["web"]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    insta::assert_snapshot!(stdout);
}

#[test]
fn programs_get_the_same_as_json() {
    let (code, stdout, _) = said(&changed(), &["web", "--format", "json"]);
    assert_eq!(code, 0);
    insta::assert_snapshot!(stdout);
}

#[test]
fn a_folder_a_package_and_a_revision_are_compared_alike() {
    let repo = changed();
    let verdict = |against: &str| {
        let (code, stdout, stderr) = said(&repo, &["web", "--against", against]);
        assert_eq!((code, stderr.as_str()), (0, ""), "{against}");
        stdout.lines().last().map(str::to_owned)
    };
    let folder = repo.beside("released");
    repo.git(&["worktree", "add", "--quiet", &folder.display().to_string(), "HEAD"]);
    let package = folder.join("web-1.4.2.tgz").display().to_string();
    let made = program().current_dir(&folder).args(["package", "web"]).output().expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let expected = Some("a major step: 1.4.2 → 2.0.0 or later; 1.5.0 is not enough".to_owned());
    for against in ["HEAD", &folder.join("web").display().to_string(), &package] {
        assert_eq!(verdict(against), expected, "{against}");
    }
}

#[test]
fn what_cannot_be_compared_is_no_pass() {
    let repo = changed();
    let (code, _, stderr) = said(&repo, &["web", "--against", "nowhere"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("`nowhere` names no commit"), "{stderr}");
    repo.write("web/templates/configmap.yaml", "{{ fail \"no\" }}");
    let (code, stdout, _) = said(&repo, &["web"]);
    assert_eq!(code, 3);
    assert!(stdout.contains("not compared: the chart does not render with its default values"), "{stdout}");
    assert!(stdout.contains("[change-value-required]"), "{stdout}");
    assert_eq!(said(&repo, &["nothing-there"]).0, 2);
}

#[test]
fn a_chart_that_is_new_or_the_same_needs_no_step() {
    let repo = changed();
    repo.chart("other", "other", "1.0.0", "");
    let (code, stdout, _) = said(&repo, &["other"]);
    assert_eq!((code, stdout.as_str()), (0, "other 1.0.0: new, not at the earlier commits\n"));
    repo.commit();
    let (code, stdout, _) = said(&repo, &["web", "--against", "HEAD"]);
    assert_eq!((code, stdout.lines().last()), (0, Some("nothing that is packaged differs")));
}

#[test]
fn the_last_release_is_the_published_one_where_a_place_is_configured() {
    let repo = changed();
    let made = program()
        .current_dir(repo.root())
        .args(["package", "web", "--at", "HEAD", "--destination", "released"])
        .output()
        .expect("the program starts");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    repo.write(".chartgate.yaml", "published: { folder: released }\n");
    let (code, stdout, stderr) = said(&repo, &["web"]);
    assert_eq!((code, stderr.as_str()), (0, ""), "{stdout}");
    assert!(stdout.starts_with("web 1.4.2 → 1.5.0, against ") && stdout.contains("web-1.4.2.tgz"), "{stdout}");
    let (code, _, stderr) = said(&repo, &["web", "--against", "oci://127.0.0.1:1/charts"]);
    assert_eq!(code, 3, "{stderr}");
    assert!(stderr.contains("127.0.0.1:1"), "{stderr}");
}
