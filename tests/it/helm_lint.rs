//! Whatever the real `helm lint --strict` reports as error or warning is reported by chartgate too, at the same file.
//!
//! Judged are the charts in `testdata/helm-lint/`, a file each for a part of a chart, and every fixture of every rule.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::fixture::testdata;

/// What Helm says, by a part of it, and the rules one of which has to say it. The first that fits counts.
const RULES: &[(&str, &[&str])] = &[
    ("Chart.yaml: apiVersion is required", &["chart-api-version-missing", "chart-invalid"]),
    ("Chart.yaml: apiVersion '", &["chart-invalid"]),
    ("Chart.yaml: appVersion should be of type", &["chart-text-unquoted"]),
    ("Chart.yaml: version should be of type", &["version-invalid", "chart-invalid"]),
    ("is less than or equal to", &["version-invalid"]),
    ("is not a valid SemVerV2", &["version-invalid", "chart-invalid"]),
    ("is not a valid SemVer", &["chart-invalid"]),
    ("is not valid in apiVersion 'v1'", &["chart-api-version-old"]),
    ("with apiVersion 'v1'", &["chart-api-version-old"]),
    ("maintainer entry is empty", &["chart-invalid"]),
    ("each maintainer requires a name", &["maintainer-invalid"]),
    ("for maintainer", &["maintainer-invalid"]),
    ("invalid source URL", &["chart-url-invalid"]),
    ("invalid icon URL", &["chart-url-invalid"]),
    ("failed to strictly parse", &["chart-key-unknown", "yaml-key-duplicate"]),
    ("Chart.yaml: unable to parse YAML", &["chart-invalid"]),
    ("Chart.yaml: name is required", &["chart-invalid"]),
    ("Chart.yaml: version is required", &["chart-invalid"]),
    ("Chart.yaml: chart name", &["chart-invalid"]),
    ("values.yaml: unable to parse YAML", &["yaml-invalid", "folder-is-file"]),
    ("values don't meet", &["render-failed", "render-needs-values", "values-schema-invalid", "yaml-invalid"]),
    (
        "values.yaml: ",
        &["render-failed", "render-needs-values", "values-null-refused", "values-schema-invalid", "yaml-invalid"],
    ),
    ("templates/: directory does not exist", &["templates-missing"]),
    ("templates/: not a directory", &["folder-is-file"]),
    ("crds/: not a directory", &["folder-is-file"]),
    ("file extension", &["template-extension-unknown"]),
    ("starts with an illegal indent", &["manifest-indented", "manifest-invalid"]),
    ("is deprecated in", &["api-deprecated", "api-removed"]),
    ("object name does not conform", &["object-name-invalid", "object-name-long"]),
    ("must contain matchLabels", &["selector-mismatch", "manifest-field-invalid"]),
    ("within List objects are ignored", &["resource-policy-void"]),
    ("apiVersion is not in", &["crd-invalid"]),
    ("object kind is not", &["crd-invalid"]),
    ("] crds/", &["crd-invalid"]),
    ("] templates/: ", UNLOADED),
    ("invalid Yaml document separator", &["manifest-separator-joined"]),
    ("] templates/", &["manifest-invalid"]),
    ("metadata is missing these dependencies", &["dependency-unlisted"]),
    ("directory is missing these dependencies", &["dependency-missing"]),
    ("unable to load chart", UNLOADED),
];

/// What keeps Helm from loading or rendering a chart.
const UNLOADED: &[&str] = &[
    "archive-invalid",
    "chart-invalid",
    "file-too-large",
    "helmignore-invalid",
    "render-failed",
    "render-needs-values",
    "symlink-broken",
    "yaml-invalid",
];

/// What chartgate means to leave unsaid: a part of the chart's path, of what Helm says, and why.
const LEFT: &[(&str, &str, &str)] = &[
    (
        "api-removed/good",
        "is deprecated in",
        "the template asks the cluster which version it serves, and lint knows of none",
    ),
    ("-asking", "\"-web\"", "a value that is missing may be the first part of the name"),
    (
        "fail-with-condition",
        "unable to parse YAML",
        "what `fail` refuses is asked for, and no more said of that template",
    ),
    ("indented-but-read", "object name", "Helm reads the document without the blanks before it, and the name in it"),
    ("manifest-invalid/bad-empty", "object name", "a document `{}` is no object, and has no name to judge"),
    ("manifest-indented", "object name", "Helm reads the document without the blanks before it, and the name in it"),
];

/// A real Helm of version 4; none, said on standard error, where it is missing and this is not CI.
pub(crate) fn helm() -> Option<PathBuf> {
    let helm = std::env::var_os("HELM").map_or_else(|| PathBuf::from("helm"), PathBuf::from);
    let version = Command::new(&helm).args(["version", "--short"]).output();
    if version.is_ok_and(|version| String::from_utf8_lossy(&version.stdout).starts_with("v4.")) {
        return Some(helm);
    }
    assert!(std::env::var_os("CI").is_none(), "Helm 4 is missing; scripts/test installs it");
    _ = writeln!(std::io::stderr(), "skipped: Helm 4 is not installed (scripts/test installs it)");
    None
}

/// Writes the charts of a file, each a mapping of paths to texts, and gives their folders.
fn written(file: &Path, root: &Path) -> Vec<PathBuf> {
    const SOUND: &str = "apiVersion: v2\nname: web\nversion: 1.0.0\nicon: https://example.com/web.png\n";
    let text = std::fs::read_to_string(file).expect("a file of charts is text");
    let charts: BTreeMap<String, BTreeMap<String, String>> = serde_yaml::from_str(&text).expect("a file of charts");
    let stem = file.file_stem().expect("a name").to_string_lossy().into_owned();
    let write = |(name, files): (String, BTreeMap<String, String>)| {
        let folder = root.join(&stem).join(&name);
        let has_templates = files.keys().any(|path| path.starts_with("templates")) || name == "templates-missing";
        let sound = [("Chart.yaml".to_owned(), SOUND.to_owned())];
        let template = (!has_templates).then(|| ("templates/web.yaml".to_owned(), String::new()));
        for (path, text) in sound.into_iter().chain(template).chain(files) {
            let path = folder.join(path);
            std::fs::create_dir_all(path.parent().expect("below the chart")).expect("a folder");
            std::fs::write(path, text).expect("writable");
        }
        folder
    };
    charts.into_iter().map(write).collect()
}

/// Copies the fixtures of all rules without their configuration, and gives the charts among them.
fn copied(root: &Path) -> Vec<PathBuf> {
    let from = testdata().join("rules");
    for entry in walkdir::WalkDir::new(&from).into_iter().map(|entry| entry.expect("readable")) {
        let to = root.join(entry.path().strip_prefix(&from).expect("below it"));
        match entry.file_type() {
            kind if kind.is_dir() => std::fs::create_dir_all(&to).expect("a folder"),
            kind if kind.is_symlink() => {
                let target = std::fs::read_link(entry.path()).expect("a link");
                std::os::unix::fs::symlink(target, &to).expect("a link");
            }
            _ if entry.file_name() == ".chartgate.yaml" => {}
            _ => _ = std::fs::copy(entry.path(), &to).expect("a file"),
        }
    }
    let cases = walkdir::WalkDir::new(root).min_depth(2).max_depth(2).sort_by_file_name().into_iter();
    let named = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        path.is_dir() && (name.starts_with("bad") || name.starts_with("good"))
    };
    let charts =
        cases.map(|entry| entry.expect("readable").into_path()).filter(|path| named(path)).map(|case| chart(&case));
    charts.filter(|chart| chart.is_file() || chart.join("Chart.yaml").is_file()).collect()
}

/// The chart of a fixture: see `tests/it/rules.rs`.
fn chart(case: &Path) -> PathBuf {
    let new = case.join("new");
    let folder = if new.is_dir() { new } else { case.to_owned() };
    let inner = folder.join("chart");
    let folder = if inner.is_dir() { inner } else { folder };
    let files = std::fs::read_dir(&folder).expect("a folder").filter_map(Result::ok).map(|entry| entry.path());
    let archive = files.filter(|path| path.extension().is_some_and(|extension| extension == "tgz")).min();
    archive.filter(|_| !folder.join("Chart.yaml").is_file()).unwrap_or(folder)
}

/// What Helm reports of each chart as error or warning, several lines as one.
fn linted(helm: &Path, charts: &[PathBuf]) -> BTreeMap<PathBuf, Vec<String>> {
    let output = Command::new(helm).args(["lint", "--strict"]).args(charts).output().expect("Helm starts");
    let mut found: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
    let mut chart = PathBuf::new();
    let mut is_told = false;
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let Some(path) = line.strip_prefix("==> Linting ") {
            chart = PathBuf::from(path);
            is_told = false;
        } else if line.starts_with('[') || line.starts_with("Error: ") || line.is_empty() {
            is_told = line.starts_with("[ERROR]") || line.starts_with("[WARNING]");
            if is_told {
                found.entry(chart.clone()).or_default().push(line.to_owned());
            }
        } else if let Some(last) = found.get_mut(&chart).and_then(|lines| lines.last_mut()).filter(|_| is_told) {
            last.push(' ');
            last.push_str(line.trim());
        }
    }
    found
}

/// What chartgate says of a chart: rules with the files they point at, and what could not be checked.
#[derive(Default)]
struct Said {
    rules: BTreeSet<(String, String)>,
    /// Those of them that are errors.
    errors: BTreeSet<(String, String)>,
    failures: Vec<String>,
}

fn judged(root: &Path, charts: &[PathBuf]) -> BTreeMap<PathBuf, Said> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_chartgate"));
    command.current_dir(root).args(["check", "--offline", "--format", "json"]).args(charts);
    let output = command.output().expect("chartgate starts");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&output.stderr)));
    let text = |value: &serde_json::Value, key: &str| value[key].as_str().unwrap_or_default().to_owned();
    let mut said: BTreeMap<PathBuf, Said> = BTreeMap::new();
    for finding in report["findings"].as_array().expect("a list") {
        let of_chart = said.entry(root.join(text(finding, "chart"))).or_default();
        let said = (text(finding, "rule"), text(finding, "path"));
        if text(finding, "severity") == "error" {
            of_chart.errors.insert(said.clone());
        }
        of_chart.rules.insert(said);
    }
    for failure in report["failures"].as_array().expect("a list") {
        said.entry(root.join(text(failure, "chart"))).or_default().failures.push(text(failure, "message"));
    }
    said
}

/// Whether chartgate says what Helm says; otherwise what it should have said.
fn is_said(chart: &Path, message: &str, said: &Said) -> Result<(), String> {
    let shown = chart.display().to_string();
    if LEFT.iter().any(|(part, words, _)| shown.contains(part) && message.contains(words)) || is_better(chart, message)
    {
        return Ok(());
    }
    let Some((_, rules)) = RULES.iter().find(|(part, _)| message.contains(part)) else {
        return Err("nothing in RULES fits".to_owned());
    };
    if message.contains("missing these dependencies") && !said.failures.is_empty() {
        return Ok(());
    }
    let file = message.split_once("] ").and_then(|(_, rest)| rest.split_once(": ")).map_or("", |(file, _)| file);
    let is_file = file.starts_with("templates/") || file.starts_with("crds/");
    let is_there = |path: &str| !is_file || path.ends_with(file) || path.ends_with(file.trim_end_matches('/'));
    let is_it = |(rule, path): &(String, String)| {
        rules.contains(&rule.as_str()) && (is_there(path) || matches!(file, "templates/" | "crds/"))
    };
    // Values that a chart asks its user for are no fault of it.
    let asks_user = said.rules.iter().any(|(rule, _)| rule == "render-needs-values");
    if message.starts_with("[ERROR]") && !asks_user && said.rules.iter().any(is_it) && !said.errors.iter().any(is_it) {
        Err("is an error for Helm, without `--strict` too, and none here".to_owned())
    } else if said.rules.iter().any(is_it) {
        Ok(())
    } else {
        Err(format!("wants one of {rules:?}, said are {:?}", said.rules))
    }
}

/// Where Helm's lint is wrong: it wants names of lists and of what the API server names, and knows no `file://`.
fn is_better(chart: &Path, message: &str) -> bool {
    let read = |path: &str| std::fs::read_to_string(chart.join(path)).unwrap_or_default();
    if message.contains("object name does not conform") {
        let template =
            message.split_once("] ").and_then(|(_, rest)| rest.split_once(": ")).map_or("", |(file, _)| file);
        let text = read(template);
        return message.contains("requirements: \"\"") && (text.contains("List\n") || text.contains("generateName"));
    }
    message.contains("directory is missing these dependencies")
        && (read("Chart.yaml") + &read("requirements.yaml")).contains("file://")
}

#[test]
fn what_helm_lint_reports_is_reported() {
    let Some(helm) = helm() else { return };
    let folder = tempfile::tempdir().expect("a folder can be made");
    let root = folder.path().canonicalize().expect("it exists");
    let files = std::fs::read_dir(testdata().join("helm-lint")).expect("the folder exists");
    let mut charts: Vec<PathBuf> =
        files.flat_map(|file| written(&file.expect("readable").path(), &root.join("charts"))).collect();
    charts.sort();
    charts.extend(copied(&root.join("rules")));
    let (told, said) = (linted(&helm, &charts), judged(&root, &charts));
    assert!(told.len() > charts.len() / 2, "Helm says something of most of these");
    let nothing = Said::default();
    let missing = told.iter().flat_map(|(chart, messages)| {
        let said = said.get(chart).unwrap_or(&nothing);
        messages.iter().filter_map(move |message| {
            let missing = is_said(chart, message, said).err()?;
            Some(format!("{}\n    {message}\n    {missing}", chart.display()))
        })
    });
    let missing: Vec<_> = missing.collect();
    assert!(missing.is_empty(), "Helm reports what chartgate does not:\n{}", missing.join("\n"));
}
