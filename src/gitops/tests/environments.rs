//! Values files that only their paths speak for.

use super::found;

const CHART: [(&str, &str); 2] = [
    ("charts/web/Chart.yaml", "name: web\ndependencies: [{name: db}]\n"),
    ("charts/web/values.yaml", "image: {}\nreplicas: 1\n"),
];

fn with(path: &str, text: &str) -> Vec<String> {
    found(&[CHART[0], CHART[1], (path, text)])
}

#[test]
fn a_values_file_of_production_outside_of_the_chart_is_a_profile_where_it_names_the_chart() {
    let expected =
        |name: &str| [format!(r#"{name} production -/- values {{"image":{{}}}} set [] images [] manifests 0"#)];
    assert_eq!(with("envs/prod/web.yaml", "image: {}\n"), expected("envs/prod/web"));
    assert_eq!(with("envs/web/prod.yml", "image: {}\n"), expected("envs/web/prod"));
    assert_eq!(with("envs/production/values.yaml", "image: {}\n"), expected("envs/production/values"));
    assert_eq!(with("envs/prod/web.yaml", "db: {a: '{{ .Release.Name }}'}\n").len(), 1);
}

#[test]
fn other_files_of_such_names_are_none() {
    let object = "apiVersion: v1\nkind: Secret\n";
    let others = [
        ("envs/prod/web.yaml", "services: {}\nversion: 3\n"),
        ("envs/prod/web.yaml", object),
        ("envs/prod/web.yaml", "image: {{ x }}\n"),
        ("envs/prod/other.yaml", "image: {}\n"),
        ("envs/nonprod/web.yaml", "image: {}\n"),
        ("prod-web.yaml", "image: {}\n"),
        (".github/prod/web.yaml", "image: {}\n"),
    ];
    for (path, text) in others {
        assert_eq!(with(path, text), Vec::<String>::new(), "{path}: {text}");
    }
}
