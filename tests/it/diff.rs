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

/// A schema inside of `levels` others, as values.schema.json has them.
fn nested(levels: usize, inner: &str) -> String {
    let (open, close) = (r#"{ "properties": { "a": "#.repeat(levels), " } }".repeat(levels));
    format!("{open}{inner}{close}\n")
}

#[test]
fn schemas_are_compared_as_deep_as_they_go_and_beyond_the_bound_it_is_said() {
    let compared = |old: &str, new: &str| {
        let repo = Repo::new();
        repo.chart("web", "web", "1.0.0", "").write("web/values.schema.json", old).commit();
        repo.remote_branch("main", "HEAD");
        repo.chart("web", "web", "1.0.1", "").write("web/values.schema.json", new);
        said(&repo, &["web"])
    };
    let (code, stdout, _) = compared(&nested(60, "{}"), &nested(60, r#"{ "minLength": 3 }"#));
    assert!(code == 0 && stdout.contains("now has `minLength: 3`"), "{stdout}");
    let (code, stdout, _) = compared(&nested(80, "{}"), &nested(80, r#"{ "minLength": 3 }"#));
    let expected = "not compared: values.schema.json is nested more than 64 levels deep";
    assert!(code == 3 && stdout.contains(expected), "{stdout}");
    let tree = |leaf: &str| format!(r##"{{ "properties": {{ "a": {{ "$ref": "#" }}, "b": {leaf} }} }}"##);
    let (code, stdout, _) = compared(&tree("{}"), &tree(r#"{ "maximum": 3 }"#));
    assert!(code == 0 && stdout.matches("now has `maximum: 3`").count() == 1, "{stdout}");
    let (code, stdout, _) = compared("{}", r##"{ "$ref": "#/$defs/a", "$defs": { "a": { "$ref": "#/$defs/a" } } }"##);
    assert!(code == 3 && stdout.contains("refers through more than 64 schemas"), "{stdout}");
}

#[test]
fn fields_of_definitions_are_compared_as_deep_as_they_go() {
    let definition = |levels: usize, inner: &str| {
        let (open, close) = ("{ type: object, properties: { a: ".repeat(levels), " } }".repeat(levels));
        format!(
            "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{ name: foos.x.io }}\nspec:\n  \
             group: x.io\n  scope: Namespaced\n  names: {{ kind: Foo, plural: foos }}\n  versions:\n    - name: v1\n      \
             served: true\n      storage: true\n      schema: {{ openAPIV3Schema: {open}{inner}{close} }}\n"
        )
    };
    let compared = |levels: usize, old: &str, new: &str| {
        let repo = Repo::new();
        repo.chart("web", "web", "1.0.0", "").write("web/crds/foo.yaml", definition(levels, old)).commit();
        repo.remote_branch("main", "HEAD");
        repo.chart("web", "web", "1.0.1", "").write("web/crds/foo.yaml", definition(levels, new));
        said(&repo, &["web"])
    };
    let (code, stdout, _) = compared(60, "{ type: string }", "{ type: string, minLength: 3 }");
    assert!(code == 0 && stdout.contains("now has `minLength: 3`"), "{stdout}");
    let (code, stdout, _) = compared(70, "{ type: string }", "{ type: string, minLength: 3 }");
    let expected = "not compared: the schema of `foos.x.io v1` is nested more than 64 levels deep";
    assert!(code == 3 && stdout.contains(expected), "{stdout}");
    // `status` at the root is not what users write; elsewhere it is a field as others are.
    let fields = |names: &str| format!("{{ type: object, properties: {{ {names} }} }}");
    let (_, stdout, _) = compared(0, &fields("b: {}, status: {}"), &fields("b: {}, c: {}, status: {}"));
    assert!(stdout.contains("`foos.x.io v1` has new fields: `c` ["), "{stdout}");
    let (_, stdout, _) = compared(0, &fields("b: {}"), &fields("b: {}, status: {}"));
    assert!(!stdout.contains("status"), "{stdout}");
    let (_, stdout, _) = compared(1, &fields("b: {}"), &fields("b: {}, status: {}"));
    assert!(stdout.contains("new fields: `a.status` ["), "{stdout}");
}
