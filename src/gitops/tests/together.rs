//! Charts that one overlay inflates beside each other.

use std::collections::BTreeSet;

use super::in_charts;
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
