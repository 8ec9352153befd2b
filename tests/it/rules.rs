//! Every rule says what its fixtures record, and nothing of what is good.
//!
//! `testdata/rules/<id>/` has cases: folders named `bad` and `good`, or beginning with `bad-` and `good-`. A case is a chart, or has
//! it in `chart`, or has it before and after in `old` and `new`, or is the one archive there. `source` has the folder that an archive
//! should be made from. `fixed` has the files that the fixes of `bad` change.
//! `fixture.yaml`, or `<case>.yaml` for one case, has `profiles`, `params` and `also`, the rules that find errors besides.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use chartgate::checks::registry;
use chartgate::finding::{Finding, Safety};
use chartgate::rule::{FixKind, Rule, Target};
use chartgate::text::{Address, Sources, edit};
use chartgate::yaml::Document;

use crate::fixture::{Fixture, testdata};

/// The folders of a rule's fixtures whose name begins so.
fn cases(rule: &Rule, kind: &str) -> Vec<(String, PathBuf)> {
    let folder = testdata().join("rules").join(&rule.id);
    let entries = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
    let named = entries.map(|entry| (entry.file_name().to_string_lossy().into_owned(), entry.path()));
    let mut cases: Vec<_> =
        named.filter(|(name, path)| path.is_dir() && (name == kind || name.starts_with(&format!("{kind}-")))).collect();
    cases.sort();
    cases
}

/// Looks at every rule, though another fails.
fn each_rule(check: impl Fn(&Rule)) {
    let registry = registry();
    let fails = |rule: &&Rule| catch_unwind(AssertUnwindSafe(|| check(rule))).is_err();
    let failed: Vec<&str> = registry.iter().filter(fails).map(|rule| rule.id.as_str()).collect();
    assert!(failed.is_empty(), "said above of each: {}", failed.join(", "));
}

fn fixture(rule: &Rule, case: &Path) -> Fixture {
    let shared = testdata().join("rules").join(&rule.id).join("fixture.yaml");
    let own = case.with_extension("yaml");
    Fixture::load(case, Some(if own.is_file() { &own } else { &shared }))
}

#[test]
fn every_rule_has_a_bad_and_a_good_fixture() {
    let registry = registry();
    let lacks = |kind: &'static str| registry.iter().filter(move |rule| cases(rule, kind).is_empty());
    let missing: Vec<_> = ["bad", "good"]
        .into_iter()
        .flat_map(|kind| lacks(kind).map(move |rule| format!("testdata/rules/{}/{kind}/", rule.id)))
        .collect();
    assert!(missing.is_empty(), "add a chart to each of these folders:\n{}", missing.join("\n"));
}

#[test]
fn every_folder_of_fixtures_is_a_rules() {
    let registry = registry();
    for entry in std::fs::read_dir(testdata().join("rules")).expect("the folder exists") {
        let name = entry.expect("readable").file_name().to_string_lossy().into_owned();
        assert!(
            registry.get(&name).is_some_and(|rule| rule.id == name),
            "testdata/rules/{name}: no rule has this id; rename it"
        );
    }
}

#[test]
fn bad_charts_are_found_at_the_recorded_places() {
    each_rule(|rule| {
        let mut text = String::new();
        for (name, folder) in cases(rule, "bad") {
            let fixture = fixture(rule, &folder);
            let said = fixture.run(rule, true);
            assert!(!said.findings.is_empty(), "testdata/rules/{}/{name}: the rule says nothing of it", rule.id);
            let failures: Vec<_> = said.failures.iter().map(|failure| &failure.message).collect();
            assert!(failures.is_empty(), "testdata/rules/{}/{name}: {failures:?}", rule.id);
            let _ = writeln!(text, "# {name}");
            said.findings.iter().for_each(|finding| text.push_str(&fixture.describe(finding)));
        }
        insta::with_settings!({
            snapshot_path => testdata().join("rules").join(&rule.id),
            prepend_module_to_snapshot => false,
            omit_expression => true,
        }, { insta::assert_snapshot!("expected", text) });
    });
}

#[test]
fn good_charts_are_silent() {
    each_rule(|rule| {
        for (name, folder) in cases(rule, "good") {
            let fixture = fixture(rule, &folder);
            let said = fixture.run(rule, true);
            let lines: String = said.findings.iter().map(|finding| fixture.describe(finding)).collect();
            let failures: Vec<_> = said.failures.iter().map(|failure| &failure.message).collect();
            assert!(lines.is_empty() && failures.is_empty(), "testdata/rules/{}/{name}: {lines}{failures:?}", rule.id);
        }
    });
}

#[test]
fn fixtures_are_broken_in_no_other_way() {
    let registry = registry();
    each_rule(|rule| {
        for (name, folder) in cases(rule, "bad").into_iter().chain(cases(rule, "good")) {
            let errors = fixture(rule, &folder).other_errors(rule, &registry);
            assert!(
                errors.is_empty(),
                "testdata/rules/{}/{name} also breaks other rules; mend it, or name them as `also:` in fixture.yaml: {errors:#?}",
                rule.id
            );
        }
    });
}

#[test]
fn a_message_has_a_word_for_every_place() {
    each_rule(|rule| {
        for (name, folder) in cases(rule, "bad") {
            for finding in fixture(rule, &folder).run(rule, true).findings {
                let left = rule.message.places().find(|(place, _)| finding.message.contains(&format!("{{{place}}}")));
                assert!(
                    left.is_none(),
                    "{}/{name}: pass `{}` to `Findings::report`, as the message asks for it",
                    rule.id,
                    left.map_or("", |(place, _)| place)
                );
            }
        }
    });
}

#[test]
fn findings_of_a_fixture_differ_in_their_fingerprints() {
    each_rule(|rule| {
        for (name, folder) in cases(rule, "bad") {
            let findings = fixture(rule, &folder).run(rule, true).findings;
            let mut seen = BTreeMap::new();
            for finding in &findings {
                let other = seen.insert(finding.fingerprint.clone(), &finding.message);
                assert!(
                    other.is_none(),
                    "{}/{name}: give `{}` and `{other:?}` subjects that differ",
                    rule.id,
                    finding.message
                );
            }
        }
    });
}

#[test]
fn a_chart_that_did_not_change_is_silent() {
    each_rule(|rule| {
        for (name, folder) in cases(rule, "bad").into_iter().chain(cases(rule, "good")) {
            if rule.target == Target::Change {
                let said = fixture(rule, &folder).unchanged().run(rule, true);
                assert!(said.findings.is_empty(), "{}/{name}: the rule fires where nothing changed", rule.id);
            }
        }
    });
}

#[test]
fn every_rule_runs_over_every_shared_chart_twice_alike_and_without_a_failure() {
    for entry in std::fs::read_dir(testdata().join("charts")).expect("the folder exists") {
        let folder = entry.expect("readable").path();
        for rule in registry().iter() {
            let said = [(), ()].map(|()| {
                let fixture = Fixture::load(&folder, None);
                let said = fixture.run(rule, false);
                let failures: Vec<_> = said.failures.iter().map(|failure| failure.message.clone()).collect();
                assert!(failures.is_empty(), "{} over {}: {failures:?}", rule.id, folder.display());
                said.findings.iter().map(|finding| fixture.describe(finding)).collect::<String>()
            });
            assert_eq!(said[0], said[1], "{} over {}", rule.id, folder.display());
        }
    }
}

/// The folder of files below another, with their contents.
fn files(folder: &Path) -> BTreeMap<PathBuf, String> {
    let entries =
        walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file());
    let read = |path: &Path| std::fs::read_to_string(path).expect("a fixture is text");
    entries.map(|entry| (entry.path().strip_prefix(folder).expect("below").to_owned(), read(entry.path()))).collect()
}

/// The files that the fixes of some findings change, as they are afterwards.
fn repaired(findings: &[Finding], sources: &Sources, root: &Path) -> BTreeMap<PathBuf, String> {
    let mut edits: BTreeMap<_, Vec<edit::Edit>> = BTreeMap::new();
    for edit in findings.iter().filter_map(|finding| finding.fix.as_ref()).flat_map(|fix| &fix.edits) {
        let known = edits.entry(edit.location.source).or_default();
        if !known.contains(edit) {
            known.push(edit.clone());
        }
    }
    let apply = |(source, edits): (chartgate::text::SourceId, Vec<edit::Edit>)| {
        let source = sources.get(source);
        let Address::Disk(path) = &source.address else {
            panic!("a fix edits a file on disk, not {:?}", source.address)
        };
        let text = edit::apply(&source.text, &edits).expect("edits do not overlap");
        (path.canonicalize().expect("it exists").strip_prefix(root).expect("below the fixture").to_owned(), text)
    };
    edits.into_iter().map(apply).collect()
}

#[test]
fn a_declared_fix_is_emitted_and_makes_the_fixed_chart() {
    each_rule(|rule| {
        for (name, folder) in cases(rule, "bad") {
            let expected = folder.with_file_name(name.replacen("bad", "fixed", 1));
            let before = fixture(rule, &folder);
            let findings = before.run(rule, true).findings;
            // A rule promises what the least safe of its fixes does.
            let promised = |finding: &&Finding| {
                let safety = finding.fix.as_ref().map(|fix| fix.safety);
                match rule.fix {
                    FixKind::None => false,
                    FixKind::Safe => safety == Some(Safety::Safe),
                    FixKind::Unsafe => safety.is_some_and(|safety| safety <= Safety::Unsafe),
                    FixKind::DisplayOnly => safety.is_some(),
                }
            };
            let fixes = findings.iter().filter(|finding| finding.fix.is_some()).count();
            assert_eq!(
                findings.iter().filter(promised).count(),
                fixes,
                "{}: declare the fix as `fix:` in the rule file",
                rule.id
            );
            if fixes == 0 {
                assert!(!expected.exists(), "{}/{name} has no fix, yet a fixed chart; remove it", rule.id);
                continue;
            }
            let root = before.root.canonicalize().expect("it exists");
            let repaired = repaired(&findings, &before.sources, &root);
            if std::env::var_os("CHARTGATE_BLESS").is_some() {
                bless(&expected, &repaired);
            }
            assert_eq!(repaired, files(&expected), "{}: write the fixed files to {}", rule.id, expected.display());
            let is_yaml = |path: &Path| path.extension().is_some_and(|name| name == "yaml" || name == "yml");
            let parts = |path: &Path| path.components().any(|part| part.as_os_str() == "templates");
            for (path, text) in repaired.iter().filter(|(path, _)| is_yaml(path) && !parts(path)) {
                let source = Sources::new().add(chartgate::text::Source::new("x", Address::Rendered, text.as_str()));
                assert!(Document::parse_all(source, text).is_ok(), "{}: {} no longer parses", rule.id, path.display());
            }
            converges(rule, &folder, &before.root, &repaired);
        }
        let is_fixable = rule.fix != FixKind::None;
        let emits = cases(rule, "bad").iter().any(|(_, folder)| {
            fixture(rule, folder).run(rule, true).findings.iter().any(|finding| finding.fix.is_some())
        });
        assert_eq!(
            is_fixable, emits,
            "{}: `fix:` of the rule file and the fixes that its check emits do not agree",
            rule.id
        );
    });
}

/// Writes the files that fixes make, to be read before they are committed.
fn bless(folder: &Path, repaired: &BTreeMap<PathBuf, String>) {
    let _ = std::fs::remove_dir_all(folder);
    for (path, text) in repaired {
        let target = folder.join(path);
        std::fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("writable");
        std::fs::write(target, text).expect("writable");
    }
}

/// After the fixes, no finding of the rule has a fix any more.
fn converges(rule: &Rule, case: &Path, root: &Path, repaired: &BTreeMap<PathBuf, String>) {
    let copy = tempfile::tempdir().expect("a temporary folder");
    for (path, text) in files(case) {
        let target = copy.path().join(&path);
        std::fs::create_dir_all(target.parent().expect("a file is in a folder")).expect("writable");
        std::fs::write(target, text).expect("writable");
    }
    let below = root.strip_prefix(case).unwrap_or(Path::new(""));
    for (path, text) in repaired {
        std::fs::write(copy.path().join(below).join(path), text).expect("writable");
    }
    let left = fixture(rule, copy.path()).run(rule, true).findings;
    assert!(left.iter().all(|finding| finding.fix.is_none()), "{}: a fix leaves something to fix", rule.id);
}
