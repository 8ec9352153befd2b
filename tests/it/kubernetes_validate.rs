//! What the schemas of the Kubernetes project refuse is refused by chartgate too, and it refuses no more of what is sound.
//!
//! Judged is every object of the fixtures of the rules on objects, by the Python package `kubernetes-validate`, version by version.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use chartgate::admission;
use chartgate::kubernetes::{Minor, shape};
use serde_json::{Value, json};

use crate::fixture::{Fixture, testdata};

/// Reads a line of JSON for each object, and prints for each what is wrong with it; nothing for what has no schema.
const ORACLE: &str = include_str!("kubernetes_validate/oracle.py");

/// The rules whose fixtures are judged.
const RULES: [&str; 12] = [
    "api-deprecated",
    "api-removed",
    "label-invalid",
    "manifest-field-invalid",
    "manifest-field-unknown",
    "manifest-key-duplicate",
    "manifest-list-duplicate",
    "number-notation",
    "object-name-invalid",
    "reference-dangling",
    "selector-mismatch",
    "selector-unstable",
];

/// The versions that are compared.
const MINORS: [u8; 5] = [33, 34, 35, 36, 37];

/// A Python with the package; none, said on standard error, where it is missing and this is not CI.
fn python() -> Option<PathBuf> {
    let python = std::env::var_os("KUBERNETES_VALIDATE").map(PathBuf::from);
    let has = |python: &PathBuf| {
        let asked = Command::new(python).args(["-c", "import kubernetes_validate"]).output();
        asked.is_ok_and(|output| output.status.success())
    };
    if let Some(python) = python.filter(has) {
        return Some(python);
    }
    assert!(std::env::var_os("CI").is_none(), "kubernetes-validate is missing; scripts/test installs it");
    _ = writeln!(std::io::stderr(), "skipped: kubernetes-validate is not installed (scripts/test installs it)");
    None
}

/// The fixtures, each with whether it is sound.
fn cases() -> Vec<(PathBuf, bool)> {
    let mut found = vec![];
    for rule in RULES {
        let folder = std::fs::read_dir(testdata().join("rules").join(rule)).expect("a rule has fixtures");
        let mut cases: Vec<PathBuf> = folder.filter_map(Result::ok).map(|entry| entry.path()).collect();
        cases.sort();
        for case in cases.into_iter().filter(|case| case.join("Chart.yaml").is_file()) {
            let name = case.file_name().unwrap_or_default().to_string_lossy().into_owned();
            found.push((case, name.starts_with("good")));
        }
    }
    found
}

/// An object at a version.
struct Asked {
    name: String,
    is_sound: bool,
    /// What chartgate refuses of it.
    refused: Vec<String>,
    line: Value,
}

fn asked() -> Vec<Asked> {
    let mut found = vec![];
    for (case, is_sound) in cases() {
        let name = case.strip_prefix(testdata().join("rules")).expect("below it").display().to_string();
        for rendered in Fixture::load(&case, Some(&case.with_extension("yaml"))).renderings() {
            for minor in MINORS.map(Minor) {
                found.extend(of_rendering(&name, is_sound, &rendered, minor));
            }
        }
    }
    found
}

fn of_rendering(name: &str, is_sound: bool, rendered: &chartgate::render::Rendered, minor: Minor) -> Vec<Asked> {
    let mut refused: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    for refusal in admission::judge(rendered, &[minor], &admission::Known::default()).refusals {
        refused.entry(refusal.object).or_default().push(refusal.violation.message);
    }
    let objects = rendered.objects().enumerate();
    let known = objects.filter(|(_, object)| shape(object.api_version(), object.kind(), minor).is_some());
    known
        .map(|(position, object)| Asked {
            name: format!("{name} {} at {minor}", object.label()),
            is_sound,
            refused: refused.remove(&position).unwrap_or_default(),
            line: json!({ "minor": minor.to_string(), "object": object.root.to_json() }),
        })
        .collect()
}

/// What the oracle says of each object.
fn told(python: &Path, asked: &[Asked]) -> Vec<String> {
    let mut oracle = Command::new(python)
        .args(["-c", ORACLE])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python starts");
    let mut input = oracle.stdin.take().expect("it is piped");
    let lines: Vec<String> = asked.iter().map(|asked| format!("{}\n", asked.line)).collect();
    let writer = std::thread::spawn(move || input.write_all(lines.concat().as_bytes()));
    let output = oracle.wait_with_output().expect("it ends");
    writer.join().expect("it writes").expect("the oracle reads");
    assert!(output.status.success(), "the oracle fails");
    let lines: Vec<String> = String::from_utf8_lossy(&output.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), asked.len(), "the oracle answers for every object");
    lines
}

#[test]
fn what_the_schemas_of_kubernetes_refuse_is_refused_and_nothing_sound_is() {
    let Some(python) = python() else { return };
    let asked = asked();
    assert!(asked.len() > 400, "{} objects are judged", asked.len());
    let mut wrong = vec![];
    for (asked, told) in asked.iter().zip(told(&python, &asked)) {
        match (told.is_empty(), asked.refused.as_slice()) {
            (false, []) => wrong.push(format!("{}: accepted, though {told}", asked.name)),
            (true, [refused, ..]) if asked.is_sound => wrong.push(format!("{}: refused: {refused}", asked.name)),
            _ => {}
        }
    }
    assert_eq!(wrong, [""; 0], "{wrong:#?}");
}
