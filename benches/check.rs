//! Speed of what a run spends its time on: YAML, loading a chart, looking for what deploys charts, and a whole check.
//!
//! `cargo bench` prints times; compare them within one run only, machines differ.

#![expect(clippy::disallowed_methods, reason = "a benchmark writes the files that it measures")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartgate::gate::{Request, Session, Surroundings};
use chartgate::gitops::{Own, Search, Tool, discover};
use chartgate::source::{Dir, EntryKind, Tree, list_whole};
use chartgate::text::Date;
use chartgate::text::{Address, Source, Sources};
use chartgate::yaml::Document;
use divan::{Bencher, black_box, counter::BytesCount};

fn main() {
    divan::main();
}

fn charts() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/charts")
}

/// A custom resource definition of about 200 KB, the largest YAML that charts ship.
fn large_yaml() -> String {
    let field = |index: usize| {
        format!(
            "    field{index}:\n      type: string # what it is\n      description: \"field {index} of many, and why\"\n      enum: [a, b, {index}]\n"
        )
    };
    let fields: String = (0..1_600).map(field).collect();
    format!("apiVersion: v1\nkind: Large\nspec:\n  properties:\n{fields}")
}

#[divan::bench]
fn yaml_parse(bencher: Bencher<'_, '_>) {
    let text = large_yaml();
    let source = Sources::new().add(Source::new("large.yaml", Address::Rendered, text.as_str()));
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| Document::parse(source, black_box(&text)).expect("the text is valid"));
}

#[divan::bench]
fn chart_load(bencher: Bencher<'_, '_>) {
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(&charts()).expect("the folder is there"));
    bencher.bench(|| chartgate::chart::load(&tree, black_box("agents"), &Sources::new()));
}

#[divan::bench]
fn whole_check(bencher: Bencher<'_, '_>) {
    let session = Session::new(Surroundings::new(charts(), Date::new(2026, 11, 21).expect("a day")));
    bencher.bench(|| {
        let report = session.check(black_box(&Request::default()), &Sources::new()).expect("the request is sound");
        assert!(!report.charts.is_empty(), "a timed run must have judged every chart");
    });
}

/// A folder with ten thousand YAML files: teams' manifests, kustomizations and values, and an Application for every fifth team.
fn many_files() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: String, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().expect("it is in the folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    };
    let lines =
        |text: &str, count: usize| (0..count).map(|index| text.replace('#', &index.to_string())).collect::<String>();
    write("charts/web/Chart.yaml".to_owned(), "apiVersion: v2\nname: web\nversion: 1.0.0\n");
    let values = lines("key#: value #\n", 40);
    let kustomization = "resources: [deployment.yaml, service.yaml, configmap.yaml]\n";
    for team in 0..500 {
        for service in 0..4 {
            let here = format!("teams/t{team}/s{service}");
            for kind in ["deployment", "service", "configmap"] {
                let fields = lines("  field#:\n    value: some text of line #\n    enabled: true\n", 20);
                let text = format!("apiVersion: v1\nkind: {kind}\nmetadata: {{name: s{service}}}\nspec:\n{fields}");
                write(format!("{here}/{kind}.yaml"), &text);
            }
            write(format!("{here}/kustomization.yaml"), kustomization);
            write(format!("{here}/values.yaml"), &values);
        }
        if team % 5 == 0 {
            let text = format!(
                "apiVersion: argoproj.io/v1alpha1\nkind: Application\nmetadata: {{name: t{team}}}\nspec:\n  source: {{path: charts/web, helm: {{valueFiles: [../../teams/t{team}/s0/values.yaml]}}}}\n"
            );
            write(format!("argo/t{team}.yaml"), &text);
        }
    }
    folder
}

#[divan::bench]
fn deployments_of_ten_thousand_files(bencher: Bencher<'_, '_>) {
    let folder = many_files();
    let tree: Arc<dyn Tree> = Arc::new(Dir::folder(folder.path()).expect("the folder is there"));
    let entries = list_whole(&*tree, "").expect("it can be listed");
    let files = entries.into_iter().filter(|entry| matches!(entry.kind, EntryKind::File { .. }));
    let mut paths: Vec<String> = files.map(|entry| entry.path).collect();
    paths.sort();
    let charts = BTreeMap::from([("charts/web".to_owned(), "web".to_owned())]);
    bencher.bench(|| {
        let sources = Sources::new();
        let search = Search {
            tree: &tree,
            paths: black_box(&paths),
            charts: &charts,
            published: &[],
            test_words: &[],
            sources: &sources,
            tools: &Tool::ALL,
            by_name: true,
            helm: None,
            own: &Own::default(),
            configured: &[],
        };
        let found = discover(&search);
        assert_eq!(found.deployments.len(), 100, "every Application is found");
    });
}
