//! Which changes of a chart call for a new version, and what is said where it is missing.

use std::sync::Arc;

use chartgate::chart::{self, Chart};
use chartgate::checks::registry;
use chartgate::crd::Definitions;
use chartgate::finding::Severity;
use chartgate::published::{Comparison, DifferenceKind, History, Intent, compare};
use chartgate::render::Cache;
use chartgate::rule::{self, ChartValue, Context, Files, Params, Registered};
use chartgate::source::{Dir, Tree};
use chartgate::text::Sources;

use crate::git_repo::Repo;

type Content<'a> = &'a [(&'a str, &'a [u8])];

const CHART: (&str, &[u8]) = ("Chart.yaml", b"apiVersion: v2\nname: a\nversion: 1.2.3\n");

struct Pair {
    _folder: Repo,
    new: Chart,
    sources: Sources,
    comparison: Comparison,
}

fn pair(old: Content<'_>, new: Content<'_>) -> Pair {
    let folder = Repo::nowhere();
    for (side, files) in [("old", old), ("new", new)] {
        for (path, content) in files {
            folder.write(&format!("{side}/{path}"), content);
        }
    }
    let tree = |side| -> Arc<dyn Tree> { Arc::new(Dir::folder(&folder.root().join(side)).expect("a folder")) };
    let sources = Sources::new();
    let new = chart::load(&tree("new"), "", &sources);
    let comparison = compare::with_earlier(&new, &tree("old"), "", "the earlier state").expect("readable");
    Pair { _folder: folder, new, sources, comparison }
}

/// What differs, as `path: lines`.
fn differences(old: Content<'_>, new: Content<'_>) -> Vec<String> {
    let Comparison::Existing { differences, .. } = pair(old, new).comparison else { panic!("it existed") };
    let kind = |kind| match kind {
        DifferenceKind::Added => "added".to_owned(),
        DifferenceKind::Removed => "removed".to_owned(),
        DifferenceKind::Changed { lines: Some(lines) } => lines.to_string(),
        DifferenceKind::Changed { lines: None } => "binary".to_owned(),
    };
    differences.iter().map(|difference| format!("{}: {}", difference.path, kind(difference.kind))).collect()
}

/// What both rules say, with the help behind the message.
fn said(pair: &Pair, params: &str) -> Vec<String> {
    let params = Params(serde_json::from_str(params).expect("JSON"));
    let registry = registry();
    let (files, _) = Files::read(&pair.new, &pair.sources, []);
    let value = ChartValue::default();
    let context = Context {
        value: &value,
        chart: &pair.new,
        sources: &pair.sources,
        profiles: &[],
        history: &History::of(pair.comparison.clone()),
        registered: &Registered::default(),
        intent: &Intent::default(),
        source: None,
        since: None,
        definitions: &Definitions::default(),
        cache: &Cache::default(),
        files: &files,
        params: &params,
        is_named: false,
    };
    let run = |id: &str| rule::run(registry.get(id).expect("the rule exists"), Severity::Error, &context).findings;
    let findings = ["version-reused", "version-decreased"].into_iter().flat_map(run);
    findings.map(|finding| format!("{}: {}", finding.rule, finding.message)).collect()
}

fn with_version(version: &str) -> Vec<u8> {
    format!("apiVersion: v2\nname: a\nversion: {version}\n").into_bytes()
}

#[test]
fn files_are_added_removed_and_changed_by_lines() {
    let old: Content<'_> = &[CHART, ("gone.txt", b""), ("text", b"a\nb\nc\n"), ("binary", b"\0a"), ("same", b"x")];
    let new: Content<'_> = &[CHART, ("new.txt", b""), ("text", b"a\nB\nc\nd\n"), ("binary", b"\0b"), ("same", b"x")];
    assert_eq!(differences(old, new), ["binary: binary", "gone.txt: removed", "new.txt: added", "text: 3"]);
    assert_eq!(differences(new, new), [""; 0]);
}

#[test]
fn only_what_is_packaged_counts_each_side_by_its_own_helmignore() {
    let old: Content<'_> = &[CHART, (".helmignore", b"ci/\n.helmignore\n"), ("ci/a", b"1"), ("notes", b"")];
    let new: Content<'_> = &[CHART, (".helmignore", b"ci/\nnotes\n.helmignore\n"), ("ci/a", b"2"), ("notes", b"")];
    assert_eq!(differences(old, new), ["notes: removed"]);
}

#[test]
fn chart_yaml_counts_by_its_meaning_in_sub_charts_too() {
    let written: &[u8] = b"# comment\nversion: \"1.2.3\"\nname: 'a'\napiVersion: v2\n";
    let old: Content<'_> = &[CHART, ("charts/b/Chart.yaml", b"apiVersion: v2\nname: b\nversion: 1.0.0\n")];
    let same: Content<'_> =
        &[("Chart.yaml", written), ("charts/b/Chart.yaml", b"name: b\nversion: '1.0.0'\napiVersion: v2\n")];
    assert_eq!(differences(old, same), [""; 0]);
    let other: Content<'_> =
        &[("Chart.yaml", written), ("charts/b/Chart.yaml", b"apiVersion: v2\nname: b\nversion: 1.0.1\n")];
    assert_eq!(differences(old, other), ["charts/b/Chart.yaml: 2"]);
    let template: Content<'_> = &[CHART, ("templates/Chart.yaml", b"a: 1\n")];
    let quoted: Content<'_> = &[CHART, ("templates/Chart.yaml", b"'a': 1\n")];
    assert_eq!(differences(template, quoted), ["templates/Chart.yaml: 2"]);
}

#[test]
fn the_time_of_a_lock_does_not_count_and_its_digest_does() {
    let lock = |digest: &str, time: &str| {
        format!("dependencies: []\ndigest: sha256:{digest}\ngenerated: \"{time}\"\n").into_bytes()
    };
    let compared =
        |other: &[u8]| differences(&[CHART, ("Chart.lock", &lock("a", "2024"))], &[CHART, ("Chart.lock", other)]);
    assert_eq!(compared(&lock("a", "2025")), [""; 0]);
    assert_eq!(compared(&lock("b", "2024")), ["Chart.lock: 2"]);
}

#[test]
fn a_file_that_is_written_otherwise_is_a_change_and_a_mark_of_byte_order_is_none() {
    let old: Content<'_> = &[CHART, ("lines", b"a\nb\n"), ("mark", b"x: 1\n")];
    let new: Content<'_> = &[CHART, ("lines", b"a\r\nb\r\n"), ("mark", b"\xef\xbb\xbfx: 1\n")];
    assert_eq!(differences(old, new), ["lines: 4"]);
}

#[test]
fn at_most_one_of_the_rules_speaks() {
    let judged = |old: &str, new: &str, changed: bool| {
        let values: &[u8] = if changed { b"x: 2\n" } else { b"x: 1\n" };
        let (old, new) = (with_version(old), with_version(new));
        said(
            &pair(
                &[("Chart.yaml", &old), ("values.yaml", b"x: 1\n")],
                &[("Chart.yaml", &new), ("values.yaml", values)],
            ),
            "{}",
        )
    };
    let reused = "version-reused: version `1.2.3` is that of the earlier state, but 1 packaged file differs";
    assert_eq!(judged("1.2.3", "1.2.3", false), [""; 0]);
    assert_eq!(judged("1.2.3", "1.2.3", true), [reused]);
    assert_eq!(judged("1.2.3", "1.2.4", true), [""; 0]);
    assert_eq!(judged("1.2.3", "2.0.0-rc.1", true), [""; 0]);
    let lower = "version-decreased: version `1.2.3` is lower than `1.10.0`, that of the earlier state";
    assert_eq!(judged("1.10.0", "1.2.3", true), [lower]);
    assert_eq!(judged("1.10.0", "1.2.3", false), [lower]);
    assert_eq!(judged("1.2.3", "1.2.3-rc.1", true).len(), 1);
    let metadata = "version-reused: version `1.2.3+b` is that of the earlier state, but 2 packaged files differ; it is `1.2.3+a` \
        there, which is the same version written otherwise";
    assert_eq!(judged("1.2.3+a", "1.2.3+b", true), [metadata]);
    assert_eq!(judged("latest", "latest", true).len(), 1, "no version for Helm, and still the same one");
    assert_eq!(judged("latest", "1.0.0", true), [""; 0]);
}

#[test]
fn exempt_files_do_not_call_for_a_version() {
    let old: Content<'_> = &[CHART, ("README.md", b"1"), ("docs/a.md", b"1")];
    let readme = pair(old, &[CHART, ("README.md", b"2"), ("docs/a.md", b"1")]);
    assert_eq!(said(&readme, "{}").len(), 1);
    assert_eq!(said(&readme, r#"{"exempt": ["README.md"]}"#), [""; 0]);
    let both = pair(old, &[CHART, ("README.md", b"2"), ("docs/a.md", b"2")]);
    assert_eq!(said(&both, r#"{"exempt": ["README.md"]}"#).len(), 1);
    assert_eq!(said(&both, r#"{"exempt": ["**/*.md"]}"#), [""; 0]);
}
