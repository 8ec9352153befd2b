//! What the fuzz targets try of whole repositories: GitOps files beside a chart, and fixes of a chart on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartgate::finding::Report;
use chartgate::fix::{Reach, Territory, Texts, mend};
use chartgate::gate::{Charts, Request, Session, Surroundings};
use chartgate::gitops::{self, Own, Tool};
use chartgate::pipeline;
use chartgate::source::{Memory, Tree};
use chartgate::text::Date;
use chartgate::text::{Address, Source, Sources};
use chartgate::yaml::Document;

/// The files of a repository, in the order in which an input has their texts, each behind a zero byte.
const DEPLOYED: [&str; 6] = [
    "apps/web/app.yaml",
    "apps/web/kustomization.yaml",
    "apps/web/values.yaml",
    "apps/web/fleet.yaml",
    "helmfile.yaml",
    "charts/web/templates/child.yaml",
];

/// Files that pipelines are written in and that they run, in the same way.
const PIPELINES: [&str; 7] = [
    ".github/workflows/release.yml",
    "release.sh",
    "Makefile",
    ".gitlab-ci.yml",
    ".woodpecker.yml",
    "Taskfile.yml",
    "justfile",
];

/// The files of a chart, in the same way.
const CHART: [&str; 4] = ["Chart.yaml", "values.yaml", "artifacthub-pkg.yml", "templates/a.yaml"];

/// GitOps files: looking for deployments ends, twice the same, and whatever cannot be followed has a place in a file.
pub(super) fn gitops(data: &[u8]) {
    let chart = "apiVersion: v2\nname: web\nversion: 1.0.0\n";
    let mut files: BTreeMap<String, Arc<[u8]>> =
        split(data, &DEPLOYED).map(|(path, text)| (path.to_owned(), Arc::from(text))).collect();
    files.insert("charts/web/Chart.yaml".to_owned(), Arc::from(chart.as_bytes()));
    let paths: Vec<String> = files.keys().cloned().collect();
    let tree: Arc<dyn Tree> = Arc::new(Memory::new("", files));
    let found = || {
        let sources = Sources::new();
        let discovered = gitops::discover(&gitops::Search {
            tree: &tree,
            paths: &paths,
            charts: &BTreeMap::from([("charts/web".to_owned(), "web".to_owned())]),
            published: &[],
            test_words: &["test".to_owned()],
            sources: &sources,
            tools: &Tool::ALL,
            by_name: true,
            helm: None,
            own: &Own { addresses: vec!["https://example.org/shop.git".to_owned()], branches: vec!["main".to_owned()] },
            configured: &[],
        });
        let unresolved =
            discovered.unresolved.iter().map(|each| (sources.start(each.at).to_string(), each.message.clone()));
        let profiles = discovered.deployments.iter().map(|each| (each.chart.clone(), each.profile.name.clone()));
        (unresolved.collect::<Vec<_>>(), profiles.collect::<Vec<_>>())
    };
    let (unresolved, profiles) = found();
    assert!(unresolved.iter().all(|(at, message)| !at.is_empty() && !message.is_empty()), "{unresolved:?}");
    assert_eq!(found(), (unresolved, profiles));
}

/// Pipelines: following them ends within the budget, twice the same, and what is said has a place in a file.
pub(super) fn pipelines(data: &[u8]) {
    let mut files: BTreeMap<String, Arc<[u8]>> =
        split(data, &PIPELINES).map(|(path, text)| (path.to_owned(), Arc::from(text))).collect();
    // Any text is tried as a script as well.
    let script = String::from_utf8_lossy(data).replace('\0', "\n").replace('\n', "\n        ");
    let step = format!(
        "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n    - run: ./release.sh; make; just; task\n    - run: |\n        {script}\n"
    );
    files.insert(".github/workflows/script.yml".to_owned(), Arc::from(step.into_bytes()));
    let tree: Arc<dyn Tree> = Arc::new(Memory::new("", files));
    let found = || {
        let sources = Sources::new();
        let notices = pipeline::notices(&tree, &sources, &["https://github.com/Acme/web".to_owned()]);
        let said = notices.found.iter().map(|notice| (sources.start(notice.at).to_string(), notice.message.clone()));
        (said.collect::<Vec<_>>(), notices.sent.len(), notices.over.is_some())
    };
    let (said, sent, is_over) = found();
    assert!(said.iter().all(|(at, message)| !at.is_empty() && !message.is_empty()), "{said:?}");
    assert!(!is_over || said.is_empty(), "{said:?}");
    assert_eq!(found(), (said, sent, is_over));
}

/// Fixes of a chart: mending ends, leaves YAML what was YAML, and what was mended is mended.
pub(super) fn fixes(data: &[u8]) {
    let folder = tempfile::tempdir().expect("there is room for temporary files");
    let root = folder.path().canonicalize().expect("it was made just now");
    std::fs::create_dir(root.join("templates")).expect("writable");
    for (path, text) in split(data, &CHART) {
        std::fs::write(root.join(path), text).expect("writable");
    }
    let before = mended(&root);
    for (path, after) in &before {
        let was_yaml = is_yaml(&std::fs::read(path).expect("a changed file is there"));
        assert!(!was_yaml || is_yaml(after), "{}: {}", path.display(), String::from_utf8_lossy(after));
        std::fs::write(path, after).expect("writable");
    }
    assert_eq!(mended(&root), Texts::new(), "what was mended is mended again");
}

/// The parts of an input between zero bytes, each as the text of a file; the last file gets the rest.
fn split<'a>(data: &'a [u8], paths: &'a [&'a str]) -> impl Iterator<Item = (&'a str, &'a [u8])> {
    let parts = data.splitn(paths.len(), |byte| *byte == 0);
    paths.iter().copied().zip(parts).filter(|(_, text)| !text.is_empty())
}

/// What mending everything would write, by file.
fn mended(root: &Path) -> Texts {
    let mut surroundings = Surroundings::new(root.to_owned(), Date::new(2026, 1, 1).expect("a day"));
    surroundings.network.offline = true;
    let session = Session::new(surroundings);
    let sources = Sources::new();
    let judge = |texts: &Texts| -> Result<Report, String> {
        let charts = Charts { unsaved: texts.clone(), ..Charts::at_paths([PathBuf::from(".")]) };
        session.check(&Request { charts, ..Request::default() }, &sources).map_err(|error| format!("{error:?}"))
    };
    let Ok(mended) = mend(judge, Reach::Unsafe, &Territory::new(root, &[]), &sources) else { return Texts::new() };
    mended.changes.into_iter().map(|change| (change.path, change.after)).collect()
}

fn is_yaml(bytes: &[u8]) -> bool {
    let sources = Sources::new();
    let source = sources.add(Source::new("fuzz", Address::Rendered, ""));
    let text = std::str::from_utf8(bytes).ok();
    text.is_some_and(|text| Document::parse_all(source, text.trim_start_matches('\u{feff}')).is_ok())
}
