//! Speed of the three things a run spends its time on: YAML, loading a chart, and a whole check.
//!
//! `cargo bench` prints times; compare them within one run only, machines differ.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use chartgate::config::Date;
use chartgate::gate::{Request, Session, Surroundings};
use chartgate::source::{Dir, Tree};
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
