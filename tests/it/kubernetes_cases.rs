//! Manifests of the kinds that other tools are tested with: what is wrong with each is found, and nothing else.

use std::collections::{BTreeMap, BTreeSet};

use chartgate::gate::{PolicyChoice, Request, Session, Surroundings};
use chartgate::text::Date;
use chartgate::text::Sources;
use serde::Deserialize;

use crate::fixture::testdata;
use crate::git_repo::Repo;

const RULES: [&str; 11] = [
    "api-removed",
    "custom-resource-invalid",
    "label-invalid",
    "manifest-field-invalid",
    "manifest-field-unknown",
    "manifest-key-duplicate",
    "manifest-list-duplicate",
    "object-name-invalid",
    "reference-dangling",
    "selector-mismatch",
    "selector-unstable",
];

#[derive(Deserialize)]
struct Case {
    what: String,
    manifest: String,
    #[serde(default)]
    finds: BTreeSet<String>,
}

/// Parts of an object that are refused or taken, with the object around them: `_` is where they go.
#[derive(Deserialize)]
struct Parts {
    inside: String,
    #[serde(default)]
    refused: Vec<String>,
    #[serde(default)]
    taken: Vec<String>,
}

/// The rules that find something in each manifest, by its name.
fn found(manifests: &BTreeMap<String, String>) -> BTreeMap<String, BTreeSet<String>> {
    let repo = Repo::nowhere();
    for (name, manifest) in manifests {
        repo.write(&format!("{name}/Chart.yaml"), format!("apiVersion: v2\nname: {name}\nversion: 1.0.0\n"));
        repo.write(&format!("{name}/templates/all.yaml"), manifest);
    }
    judged(&repo)
}

/// The rules that find something in each chart of a repository, by its name.
fn judged(repo: &Repo) -> BTreeMap<String, BTreeSet<String>> {
    let session = Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")));
    let policy = PolicyChoice { select: RULES.map(str::to_owned).into(), ..PolicyChoice::default() };
    let request = Request { policy, ..Request::default() };
    let report = session.check(&request, &Sources::new()).unwrap_or_else(|error| panic!("{error:?}"));
    assert_eq!(report.failures, []);
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for finding in report.findings {
        found.entry(finding.chart.unwrap_or_default()).or_default().insert(finding.rule);
    }
    found
}

#[test]
fn what_is_wrong_with_a_manifest_is_found_and_nothing_else() {
    let text = std::fs::read_to_string(testdata().join("kubernetes/cases.yaml")).expect("the cases are there");
    let cases: Vec<Case> = serde_yaml::from_str(&text).expect("a list of cases");
    let names: Vec<String> = (0..cases.len()).map(|index| format!("case-{index}")).collect();
    let manifests = names.iter().cloned().zip(cases.iter().map(|case| case.manifest.clone())).collect();
    let found = found(&manifests);
    for (name, case) in names.iter().zip(&cases) {
        assert_eq!(found.get(name).cloned().unwrap_or_default(), case.finds, "{}", case.what);
    }
}

#[test]
fn every_api_version_that_kubernetes_ever_removed_is_known() {
    let text = std::fs::read_to_string(testdata().join("kubernetes/removed.txt")).expect("the list is there");
    let mut manifests = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (api, kinds) = line.split_once(' ').expect("kinds stand behind a space");
        for kind in kinds.split(' ') {
            let name = format!("{api}-{kind}").to_lowercase().replace(['/', '.'], "-");
            let object = format!("apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web}}\n");
            manifests.insert(
                name,
                format!(
                    "{object}---\napiVersion: v1\nkind: List\nitems:\n- {}",
                    object.trim_end().replace('\n', "\n  ")
                ),
            );
        }
    }
    let found = found(&manifests);
    let missed: Vec<&String> =
        manifests.keys().filter(|name| !found.get(*name).is_some_and(|rules| rules.contains("api-removed"))).collect();
    assert_eq!(missed, [""; 0]);
}

#[test]
fn parts_of_objects_are_refused_as_the_api_server_refuses_them_and_others_are_taken() {
    parts("kubernetes/parts.yaml");
}

#[test]
fn what_kubernetes_own_tests_refuse_is_refused_and_what_they_take_is_taken() {
    parts("kubernetes/conditions.yaml");
}

fn parts(file: &str) {
    let text = std::fs::read_to_string(testdata().join(file)).expect("the parts are there");
    let groups: Vec<Parts> = serde_yaml::from_str(&text).expect("a list of parts");
    let mut wanted = vec![];
    for Parts { inside, refused, taken } in &groups {
        let parts = refused.iter().map(|part| (part, true)).chain(taken.iter().map(|part| (part, false)));
        wanted.extend(parts.map(|(part, is_refused)| (inside.replace('_', part), is_refused)));
    }
    let name = |index: usize| format!("part-{index}");
    let found = found(&wanted.iter().enumerate().map(|(index, (text, _))| (name(index), text.clone())).collect());
    let wrong: Vec<_> = wanted
        .iter()
        .enumerate()
        .filter(|(index, (_, is_refused))| found.contains_key(&name(*index)) != *is_refused)
        .map(|(index, (manifest, _))| (manifest, found.get(&name(index))))
        .collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn what_a_later_version_takes_an_earlier_one_refuses() {
    let names = ["a b", "1a", "a.b-c"];
    let judged_at = |version: &str| {
        let repo = Repo::nowhere();
        repo.write(".chartgate.yaml", format!("kubeVersions: ['{version}']\n"));
        for (index, name) in names.iter().enumerate() {
            let chart = format!("env-{index}");
            repo.write(&format!("{chart}/Chart.yaml"), format!("apiVersion: v2\nname: {chart}\nversion: 1.0.0\n"));
            let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers:";
            let container = format!("{{name: web, image: 'nginx:1.27.1', env: [{{name: '{name}', value: x}}]}}");
            repo.write(&format!("{chart}/templates/all.yaml"), format!("{pod} [{container}]\n"));
        }
        let kind = "apiVersion: resource.k8s.io/v1\nkind: DeviceClass\nmetadata: {name: web}\nspec: {}\n";
        repo.write("device/Chart.yaml", "apiVersion: v2\nname: device\nversion: 1.0.0\n");
        repo.write("device/templates/all.yaml", kind);
        judged(&repo).into_keys().collect::<Vec<_>>()
    };
    assert_eq!(judged_at("1.31"), ["device", "env-0", "env-1"]);
    assert_eq!(judged_at("1.34"), [""; 0]);
}
