//! The classification against the recorded fields of the published definitions.

use super::*;

#[test]
fn every_field_of_the_published_definitions_is_classified() {
    let mut unclassified = vec![];
    for table in all() {
        let lost = table.published.paths().into_iter().filter(|path| table.class(path).is_none());
        unclassified.extend(lost.map(|path| format!("{}: {path}", table.kind)));
    }
    assert!(unclassified.is_empty(), "classify these in src/gitops/fields:\n{}", unclassified.join("\n"));
}

#[test]
fn every_classified_field_is_one_of_the_published_definitions() {
    // Fields of versions that are no longer published, and parts that definitions leave open.
    const OLDER: [&str; 11] = [
        "HelmRelease: spec.chart.spec.valuesFile",
        "HelmRelease: spec.postRenderers.kustomize.patchesJson6902",
        "HelmRelease: spec.postRenderers.kustomize.patchesStrategicMerge",
        "Flux Kustomization: spec.patchesJson6902",
        "Flux Kustomization: spec.patchesStrategicMerge",
        "Flux Kustomization: spec.validation",
        "HelmChart: spec.valuesFile",
        "ApplicationSet: spec.generators.matrix.generators",
        "ApplicationSet: spec.generators.merge.generators",
        // Of versions that are still to come.
        "Application: spec.source.directory.disableExtensionFilter",
        "Kustomization: labels.includeVolumeClaimTemplates",
    ];
    let mut unknown = vec![];
    for table in all() {
        let known = table.published.paths();
        let is_known = |path: &String| {
            let shown = format!("{}: {path}", table.kind);
            let is_copied = table.same.keys().any(|part| path.starts_with(part.as_str()));
            known.contains(path) || is_copied || path.starts_with("metadata.") || OLDER.contains(&shown.as_str())
        };
        unknown
            .extend(table.entries.keys().filter(|path| !is_known(path)).map(|path| format!("{}: {path}", table.kind)));
    }
    assert!(unknown.is_empty(), "no definition has these:\n{}", unknown.join("\n"));
}

#[test]
fn what_should_be_a_list_and_is_none_is_said() {
    let source = crate::text::Sources::new();
    let text = "spec: {source: {helm: {valueFiles: values-prod.yaml, parameters: {a: b}, fileParameters: []}}}\n";
    let id = source.add(crate::text::Source::new("a.yaml", crate::text::Address::Rendered, text));
    let root = crate::yaml::Document::parse(id, text).expect("valid").root;
    let said: Vec<String> = of("Application").problems(&root).into_iter().map(|problem| problem.message).collect();
    let expected = [
        "`spec.source.helm.valueFiles` is a string, not a list",
        "`spec.source.helm.parameters` is a mapping, not a list",
    ];
    assert_eq!(said, expected);
}

#[test]
fn an_unknown_field_is_not_followed() {
    let source = crate::text::Sources::new();
    let text =
        "spec:\n  syncPolicy: {automated: {}}\n  source: {helm: {valueFiles: [a], mystery: yes}, plugin: {name: x}}\n";
    let id = source.add(crate::text::Source::new("a.yaml", crate::text::Address::Rendered, text));
    let root = crate::yaml::Document::parse(id, text).expect("valid").root;
    let problems = of("Application").problems(&root);
    let said: Vec<String> =
        problems.iter().map(|problem| format!("{} {}", source.start(problem.at), problem.message)).collect();
    let expected = [
        "3:36 `spec.source.helm.mystery: yes` is not followed: chartgate does not know this field",
        "3:51 `spec.source.plugin` is not followed: what a plugin makes is not known",
    ];
    assert_eq!(said, expected);
}
