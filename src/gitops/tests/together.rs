//! Charts that one overlay inflates beside each other.

use std::collections::BTreeSet;

use super::{found, in_charts};
use crate::text::Sources;

/// What is said of an overlay over the charts `web` and `api`, each of one Pod with a name.
fn said(first: &str, second: &str, text: &str) -> BTreeSet<String> {
    let pod =
        |name: &str| format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: '{name}'}}\nspec: {{containers: []}}\n");
    let files = [
        ("charts/web/Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n".to_owned()),
        ("charts/web/templates/a.yaml", pod(first)),
        ("charts/api/Chart.yaml", "apiVersion: v2\nname: api\nversion: 1.0.0\n".to_owned()),
        ("charts/api/templates/a.yaml", pod(second)),
        ("o/kustomization.yaml", format!("helmGlobals: {{chartHome: ../charts}}\n{text}\n")),
    ];
    let files = files.map(|(path, text)| (path.to_owned(), text)).into_iter().collect();
    let found = in_charts(files, &["charts/web", "charts/api"], &Sources::new());
    // Each of the charts is told.
    found.unresolved.into_iter().map(|each| each.message).collect()
}

#[test]
fn one_object_of_two_charts_is_refused() {
    let of = said;
    let both = "helmCharts: [{name: web, releaseName: a}, {name: api, releaseName: b}]";
    let said = BTreeSet::from(["kustomize cannot build this: `Pod/same` is there twice, from two charts".to_owned()]);
    assert_eq!(of("same", "same", both), said);
    assert_eq!(of("{{ .Release.Name }}", "{{ .Release.Name }}", both), BTreeSet::new());
    assert_eq!(of("same", "other", both), BTreeSet::new());
    let twice = "helmCharts: [{name: web, releaseName: a}, {name: web, releaseName: b}]";
    assert_eq!(of("same", "other", twice), said);
    assert_eq!(of("{{ .Release.Name }}", "other", twice), BTreeSet::new());
}

#[test]
fn charts_that_take_more_than_is_followed_are_said() {
    let both = "helmCharts: [{name: web, releaseName: a}, {name: api, releaseName: b}]";
    let said = said("{{ range 1000000000 }}{{ end }}a", "b", both);
    let begin = "cannot tell whether two charts of this overlay make one object: ";
    assert!(said.len() == 1 && said.iter().all(|line| line.starts_with(begin)), "{said:?}");
}

#[test]
fn one_cause_is_said_once() {
    let base = "helmGlobals: {chartHome: ../charts}\nhelmCharts: [{name: web}]\n";
    let chart = ("charts/web/Chart.yaml", "name: web\n");
    let circle = "1:1: this kustomization builds on itself in a circle";
    let files =
        [("a/kustomization.yaml", "resources: [../b]\n"), ("b/kustomization.yaml", "resources: [../a]\n"), chart];
    assert_eq!(found(&files), [circle]);
    let inner = [("a/kustomization.yaml", base), ("b/kustomization.yaml", "resources: [../c]\n")];
    let ring = ("c/kustomization.yaml", "resources: [../b, ../a]\n");
    assert_eq!(found(&[&inner[..], &[ring, chart]].concat()), [circle]);
    let application = "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {name: web}\nspec: {source: {path: a, kustomize: {images: [{a: b}]}}}\n";
    let said = found(&[("app.yaml", application), ("a/kustomization.yaml", base), chart]);
    assert_eq!(said, ["4:47: `spec.source.kustomize.images` is a mapping, not a string"]);
}
