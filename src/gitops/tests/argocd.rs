//! Applications and ApplicationSets: forms that real repositories have.

use std::collections::BTreeMap;

use super::{discovered, found};

const CHART: (&str, &str) = ("charts/web/Chart.yaml", "name: web\n");

fn application(source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: web}}\nspec:\n  destination: {{namespace: shop}}\n{source}"
    )
}

fn set(generators: &str, source: &str) -> String {
    format!(
        "apiVersion: argoproj.io/v1alpha1\nkind: ApplicationSet\nmetadata: {{name: all}}\nspec:\n  goTemplate: true\n  generators:\n{generators}  template:\n    metadata: {{name: web}}\n    spec:\n      destination: {{namespace: shop}}\n      source: {{{source}}}\n"
    )
}

#[test]
fn a_base_that_an_application_deploys_counts_though_an_overlay_builds_on_it() {
    let application =
        "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: live}\nspec: {source: {path: base}}\n";
    let base = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web, releaseName: web}]\n";
    let files = [
        ("app.yaml", application),
        ("base/kustomization.yaml", base),
        ("over/kustomization.yaml", "resources: [../base]\n"),
        ("charts/web/Chart.yaml", "name: web\n"),
    ];
    let said = found(&files);
    assert!(said.len() == 2 && said[0].starts_with("base ") && said[1].starts_with("over "), "{said:?}");
    assert_eq!(found(&files[1..]).len(), 1);
}

#[test]
fn a_source_with_both_ref_and_path_is_deployed() {
    let sources = "  sources:\n  - {repoURL: https://example.org/other.git, path: deploy/gone, ref: own}\n";
    assert_eq!(
        found(&[("argo/web.yaml", &application(sources))]),
        ["elsewhere argo/web.yaml https://example.org/other.git deploy/gone "]
    );
    let sources = "  sources:\n  - {repoURL: https://github.com/acme/shop, path: charts/gone, ref: own}\n";
    assert_eq!(
        found(&[("argo/web.yaml", &application(sources))]),
        ["7:51: `path: charts/gone` is not in this repository, which `repoURL` names"]
    );
    let sources = "  sources:\n  - {repoURL: https://example.org/other.git, ref: own}\n";
    assert!(found(&[("argo/web.yaml", &application(sources))]).is_empty());
}

#[test]
fn a_kustomization_that_an_application_changes_is_deployed_through_that_alone() {
    let overlay = "helmGlobals: {chartHome: ../../charts}\nhelmCharts: [{name: web, releaseName: web}]\n";
    let changed = "argo production -/web values  set [] images [\"nginx\"] manifests 0";
    let plain = application("  source: {repoURL: x, path: overlays/live}\n");
    let options = "repoURL: x, path: overlays/live, kustomize: {images: ['nginx=nginx:2']}";
    let beside = ("overlays/live/.argocd-source-web.yaml", "kustomize: {images: ['nginx=nginx:2']}\n");
    let of = |application: &str, more: &[(&str, &str)]| {
        let files = [("argo/web.yaml", application), ("overlays/live/kustomization.yaml", overlay), CHART];
        found(&[&files, more].concat())
    };
    assert_eq!(of(&application(&format!("  source: {{{options}}}\n")), &[]), [changed]);
    assert_eq!(of(&application(&format!("  sources:\n  - {{{options}}}\n")), &[]), [changed]);
    assert_eq!(of(&plain, &[beside]), [changed]);
    assert_eq!(of(&set("  - list: {elements: [{a: b}]}\n", options), &[]), [changed]);
    // Without options it is what it is by itself.
    assert_eq!(of(&plain, &[]), [changed.replace("argo", "overlays/live").replace("\"nginx\"", "")]);
}

#[test]
fn a_template_that_fails_is_one_cause() {
    let source =
        "repoURL: x, path: charts/web, helm: {values: 'a: {{ fail \"no\" }}', valueFiles: ['{{ .gone.x }}.yaml']}";
    let lines = found(&[("argo/all.yaml", &set("  - list: {elements: [{a: b}]}\n", source)), CHART]);
    assert!(lines.len() == 1 && lines[0].contains("no"), "{lines:?}");
}

#[test]
fn values_that_a_generator_writes_out_are_known_whatever_else_it_supplies() {
    for generator in ["clusters", "pullRequest", "scmProvider"] {
        let generators = format!("  - {generator}: {{values: {{tag: '1.0', name: '{{{{ .name }}}}'}}}}\n");
        let known = set(&generators, "repoURL: x, path: charts/web, helm: {values: 'tag: {{ .values.tag }}'}");
        let expected = "argo production shop/web values {\"tag\":1.0} set [] images [] manifests 0";
        assert_eq!(found(&[("argo/all.yaml", &known), CHART]), [expected], "{generator}");
        let supplied = set(&generators, "repoURL: x, path: charts/web, helm: {values: 'name: {{ .values.name }}'}");
        let said = found(&[("argo/all.yaml", &supplied), CHART]);
        assert!(said.len() == 1 && said[0].contains("and `name: {{ .values.name }}` depends on it"), "{said:?}");
    }
}

#[test]
fn what_a_generator_finds_in_another_repository_is_told_in_its_words() {
    let source = "repoURL: https://example.org/other.git, path: '{{ .path.path }}'";
    let of = |url: &str| {
        let generators = format!("  - git: {{repoURL: {url}, directories: [{{path: add-ons/*}}]}}\n");
        let text = set(&generators, source);
        let files = BTreeMap::from([("argo/all.yaml".to_owned(), text), (CHART.0.to_owned(), CHART.1.to_owned())]);
        discovered(files)
    };
    let other = of("https://example.org/other.git");
    let told: Vec<_> =
        other.releases.iter().map(|release| (release.chart.name.as_str(), release.chart.repository.as_str())).collect();
    assert_eq!(told, [("{{ .path.path }}", "https://example.org/other.git")]);
    let problems = &other.releases[0].deployment.problems;
    assert!(
        problems[0].message.contains("what the `git` generator finds in `https://example.org/other.git`"),
        "{problems:?}"
    );
    assert_eq!(other.unresolved, []);
    // A pattern that fits nothing here makes nothing.
    let own = of("https://github.com/acme/shop");
    assert!(own.releases.is_empty() && own.unresolved.is_empty(), "{own:?}");
}
