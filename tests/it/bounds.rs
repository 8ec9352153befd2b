//! Rules that compare much with much come to an end, and say so where they stop before it.

use crate::cli::program;
use crate::git_repo::Repo;

/// Exit code, and the failures.
fn said(files: &[(&str, String)]) -> (i32, Vec<String>) {
    let repo = Repo::nowhere();
    repo.write("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    for (path, text) in files {
        repo.write(path, text);
    }
    let output = program().current_dir(repo.root()).args(["check", ".", "--offline", "--format", "json"]).output();
    let output = output.expect("the program starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let failures = report["failures"].as_array().expect("a list").iter();
    let failures = failures.map(|failure| failure["message"].as_str().expect("a text").to_owned()).collect();
    (output.status.code().expect("no signal ended it"), failures)
}

fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(|index| line(index) + "\n").collect()
}

#[test]
fn values_that_nothing_knows_are_looked_for_within_a_bound() {
    let keys = |name: &'static str, value: &'static str| move |index| format!("{name}{index}: {value}");
    // Each of the keys is looked for in a file that `tpl` may render.
    let notes = ("files/notes.txt", "{{ ".to_owned() + &"x.y ".repeat(400_000));
    let unknown = [("values.yaml", "a: 1\n".to_owned()), ("values-prod.yaml", lines(1000, keys("b", "1"))), notes];
    let expected = "`values-key-unknown` asks for too much: it takes more than 10000000 steps";
    assert_eq!(said(&unknown), (3, vec![expected.to_owned()]));

    let template = lines(600, |index| format!("# {{{{ .Values.b{index} }}}}"));
    let readme = ("README.md", "a b c ".repeat(400_000));
    let unset = [("values.yaml", "a: 1\n".to_owned()), ("templates/a.yaml", template), readme];
    let expected = "`values-key-unset` asks for too much: it takes more than 10000000 steps";
    assert_eq!(said(&unset), (3, vec![expected.to_owned()]));
}

#[test]
fn nulls_that_take_nothing_away_are_looked_for_within_a_bound() {
    let keys = |name: &'static str, value: &'static str| move |index| format!("{name}{index}: {value}");
    let values = ("values.yaml", lines(20_000, keys("a", "1")));
    let expected = "`values-null-void` asks for too much: it takes more than 10000000 steps";
    let (code, failures) = said(&[values, ("values-prod.yaml", lines(10_000, keys("b", "null")))]);
    assert!(code == 3 && failures.iter().any(|failure| failure == expected), "{failures:?}");
}

#[test]
fn a_rule_that_finds_or_fails_too_often_says_that_it_stops() {
    let template = lines(5001, |index| format!("# {{{{ .Values.b{index} }}}}"));
    let (code, failures) = said(&[("values.yaml", "a: 1\n".to_owned()), ("templates/a.yaml", template)]);
    let expected = "`values-key-unset` finds more than 5000 things; the others are not shown";
    assert_eq!((code, failures), (3, vec![expected.to_owned()]));
}

#[test]
fn templates_that_print_one_document_many_times_or_escape_and_compare_much_end() {
    let template = |text: String| said(&[("templates/a.yaml", text)]);
    assert_eq!(template("---\n".repeat(40_000)), (0, vec![]));
    let is_bound = |(code, failures): (i32, Vec<String>), step: &str| {
        assert!(code == 3 && failures.iter().any(|failure| failure.contains(step)), "{failures:?}");
    };
    let quoted = r#"{{ $s := "\"" }}{{ range until 40 }}{{ $s = quote $s }}{{ end }}{{ len $s }}"#;
    is_bound(template(quoted.to_owned()), "too many steps");
    let compared = "{{ $c := repeat 20000 \">=1.0.0 || \" }}{{ range until 1000 }}{{ semverCompare (print $c \">=1\") \"0.1.0\" }}{{ end }}";
    is_bound(template(compared.to_owned()), "too many steps");
}

#[test]
fn one_text_of_many_numbers_is_read_once() {
    let values = lines(20_000, |index| format!("k{index}: {{a: {{b: {index}}}}}"));
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\ndata:\n  a: |\n{{ toYaml .Values | indent 4 }}\n";
    // Where the text is read for each, that takes minutes, and the runner of the tests ends it.
    let (code, failures) = said(&[("templates/a.yaml", text.to_owned()), ("values-prod.yaml", values)]);
    assert_eq!((code, failures), (0, vec![]));
}

/// A definition with one rule.
fn definition(rule: &str) -> String {
    format!(
        "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {{name: webs.example.org}}\nspec:\n  group: example.org\n  names: {{kind: Web, listKind: WebList, plural: webs, singular: web}}\n  scope: Namespaced\n  versions:\n    - name: v1\n      served: true\n      storage: true\n      schema:\n        openAPIV3Schema:\n          type: object\n          properties: {{ports: {{type: array, items: {{type: integer}}}}}}\n          x-kubernetes-validations: [{{rule: '{rule}', message: refused}}]\n"
    )
}

#[test]
fn expressions_of_definitions_that_are_beyond_the_bounds_are_failures() {
    let rules = [
        "(".repeat(40) + "true" + &")".repeat(40),
        vec!["size(self.ports) == 1"; 300].join(" || "),
        "1 == 1 || ".repeat(900) + "true",
    ];
    for (rule, why) in rules.iter().zip(["more than 32 levels", "more than 32 levels", "longer than 8192 bytes"]) {
        for path in ["crds/web.yaml", "templates/web.yaml"] {
            let (code, failures) = said(&[(path, definition(rule))]);
            assert!(code == 3 && failures.len() == 1 && failures[0].contains(why), "{path} {code}: {failures:?}");
        }
    }
}

#[test]
fn a_path_of_thousands_of_folders_ends_no_thread() {
    let path = "a/".repeat(60_000);
    let chart = format!(
        "apiVersion: v2\nname: web\nversion: 1.0.0\ndependencies: [{{name: x, version: 1.0.0, repository: 'file://./{path}x'}}]\n"
    );
    let (code, failures) = said(&[("Chart.yaml", chart)]);
    assert!(code != 0, "{failures:?}");
}
