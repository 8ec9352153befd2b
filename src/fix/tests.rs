//! The rounds of fixing, over a judge that needs no chart.
#![expect(clippy::disallowed_methods, reason = "tests make real files")]

use std::convert::Infallible;
use std::path::Path;

use super::*;
use crate::finding::{Finding, Label, Severity};
use crate::text::edit::Edit;
use crate::text::{Address, Location, Source, Span};

/// A judge of one file: each `bad` in it is a finding, which a fix turns into what `into` says.
fn judge(path: &Path, texts: &Texts, sources: &Sources, into: &str, safety: Safety) -> Report {
    let bytes = texts.get(path).map_or_else(|| std::fs::read(path).expect("it is there"), |text| text.to_vec());
    let text = String::from_utf8(bytes).expect("it is text").trim_start_matches('\u{feff}').to_owned();
    let source = sources.add(Source::new("a.yaml", Address::Disk(path.to_owned()), text.as_str()));
    let mut report = Report::of_nothing(vec![], vec![]);
    for (start, found) in text.match_indices("bad") {
        let at = Location::new(source, Span::new(start, start + found.len()));
        report.findings.push(Finding {
            rule: "word-bad".to_owned(),
            severity: Severity::Error,
            message: "`bad` is no word".to_owned(),
            chart: None,
            profile: None,
            primary: Label::new(at, ""),
            related: vec![],
            help: None,
            fix: Some(Fix {
                title: format!("write `{into}`"),
                safety,
                edits: vec![Edit::replacement(at, into)],
                uncovers: false,
            }),
            status: Status::Open,
            fingerprint: String::new(),
        });
    }
    report
}

struct File(tempfile::TempDir);

impl File {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        std::fs::write(folder.path().join("a.yaml"), text).expect("a file can be written");
        Self(folder)
    }

    fn path(&self) -> PathBuf {
        self.0.path().canonicalize().expect("it is there").join("a.yaml")
    }

    fn territory(&self) -> Territory {
        Territory::new(self.0.path(), &[])
    }

    fn mend(&self, into: &str, safety: Safety, reach: Reach) -> Mended {
        let sources = Sources::new();
        let judge = |texts: &Texts| Ok::<_, Infallible>(judge(&self.path(), texts, &sources, into, safety));
        mend(judge, reach, &self.territory(), &sources).unwrap_or_else(|never| match never {})
    }
}

fn text(mended: &Mended) -> Option<&str> {
    let [change] = mended.changes.as_slice() else { return None };
    std::str::from_utf8(&change.after).ok()
}

#[test]
fn all_fixes_of_a_file_are_applied_and_other_bytes_stay() {
    let mended = File::new("\u{feff}a: bad # é\r\nb: bad\r\n").mend("good", Safety::Safe, Reach::Safe);
    assert_eq!(text(&mended), Some("\u{feff}a: good # é\r\nb: good\r\n"));
    assert_eq!((mended.before.findings.len(), mended.after.findings.len(), mended.applied.len()), (2, 0, 2));
}

#[test]
fn what_fixes_bring_up_is_fixed_too() {
    let mended = File::new("a: bbadad\n").mend("", Safety::Safe, Reach::Safe);
    assert_eq!(text(&mended), Some("a: \n"));
    assert_eq!(mended.applied.len(), 2);
}

#[test]
fn fixing_without_an_end_changes_nothing_and_is_a_failure() {
    for into in ["bad", "bad x"] {
        let mended = File::new("a: bad\n").mend(into, Safety::Safe, Reach::Safe);
        assert!(mended.changes.is_empty(), "{into}");
        assert_eq!(mended.after.verdict, Verdict::Undecided);
        let [failure] = mended.after.failures.as_slice() else { panic!("one failure: {:?}", mended.after.failures) };
        assert!(failure.message.starts_with("fixing does not come to an end"), "{}", failure.message);
    }
}

/// Fixes every line of a file in which each other line cannot be good.
fn mend_every_other(lines: usize) -> Mended {
    let file = File::new(&"a: bad\nb: bad\n".repeat(lines / 2));
    let sources = Sources::new();
    let judged = |texts: &Texts| {
        let mut report = judge(&file.path(), texts, &sources, "good", Safety::Safe);
        let text = texts.get(&file.path()).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
        let harm = text.matches("b: good").map(|_| Failure::new(FailureKind::Internal, "`b` cannot be good"));
        report.failures.extend(harm);
        for finding in &mut report.findings {
            let line = sources.start(finding.primary.location).line;
            finding.fix.as_mut().expect("it has one").title = format!("mend line {line}");
        }
        Ok::<_, Infallible>(report)
    };
    mend(judged, Reach::Safe, &file.territory(), &sources).unwrap_or_else(|never| match never {})
}

#[test]
fn many_fixes_that_do_harm_keep_none_of_the_others_back() {
    let mended = mend_every_other(100);
    assert_eq!(text(&mended), Some(&*"a: good\nb: bad\n".repeat(50)));
    assert!(mended.after.failures.is_empty(), "{:?}", mended.after.failures);
    assert_eq!(mended.refused.len(), 50);
}

#[test]
fn what_is_tried_has_an_end_that_is_said_and_what_was_good_stays() {
    let mended = mend_every_other(1_000);
    let text = text(&mended).expect("some lines are good");
    assert!(text.contains("a: good") && !text.contains("b: good"));
    let [failure] = mended.after.failures.as_slice() else { panic!("one failure: {:?}", mended.after.failures) };
    assert!(failure.message.starts_with("400 tries to fix brought up something else"), "{}", failure.message);
}

#[test]
fn a_fix_that_brings_up_something_else_is_taken_back_and_others_stay() {
    let file = File::new("a: bad\nb: bad\nc: bad\n");
    let sources = Sources::new();
    let judged = |texts: &Texts| {
        let mut report = judge(&file.path(), texts, &sources, "good", Safety::Safe);
        let text = texts.get(&file.path()).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
        if text.contains("b: good") {
            report.failures.push(Failure::new(FailureKind::Internal, "`b` cannot be good"));
        }
        // The titles belong to the lines, whatever was fixed before them.
        for finding in &mut report.findings {
            let line = sources.start(finding.primary.location).line;
            finding.fix.as_mut().expect("it has one").title = format!("mend line {line}");
        }
        Ok::<_, Infallible>(report)
    };
    let mended = mend(judged, Reach::Safe, &file.territory(), &sources).unwrap_or_else(|never| match never {});
    assert_eq!(text(&mended), Some("a: good\nb: bad\nc: good\n"));
    assert_eq!(mended.applied.len(), 2);
    assert!(matches!(mended.refused.as_slice(), [Refused { why: Why::Harms(title, _), .. }] if title == "mend line 2"));
}

#[test]
fn fixes_that_do_no_harm_together_are_applied_together() {
    let file = File::new("a: bad\nb: bad\nc: bad\n");
    let sources = Sources::new();
    let judged = |texts: &Texts| {
        let mut report = judge(&file.path(), texts, &sources, "good", Safety::Safe);
        let text = texts.get(&file.path()).map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
        let is_good = |key: &str| text.contains(&format!("{key}: good"));
        if is_good("c") || is_good("a") != is_good("b") {
            report.failures.push(Failure::new(FailureKind::Internal, "`a` and `b` have to be alike, and `c` bad"));
        }
        for finding in &mut report.findings {
            let line = sources.start(finding.primary.location).line;
            finding.fix.as_mut().expect("it has one").title = format!("mend line {line}");
        }
        Ok::<_, Infallible>(report)
    };
    let mended = mend(judged, Reach::Safe, &file.territory(), &sources).unwrap_or_else(|never| match never {});
    assert_eq!(text(&mended), Some("a: good\nb: good\nc: bad\n"));
    assert!(matches!(mended.refused.as_slice(), [Refused { why: Why::Harms(title, _), .. }] if title == "mend line 3"));
}

#[test]
fn a_fix_that_would_leave_no_yaml_is_refused() {
    let mended = File::new("a: bad\n").mend("[", Safety::Safe, Reach::Safe);
    assert!(mended.changes.is_empty() && mended.applied.is_empty());
    assert!(matches!(mended.refused.as_slice(), [Refused { why: Why::Breaks(_), .. }]), "{:?}", mended.refused);
}

#[test]
fn fixes_that_would_leave_no_yaml_are_refused_and_all_others_of_their_file_applied() {
    let file = File::new(&"a: bad\n".repeat(9));
    let sources = Sources::new();
    let broken = [1, 4, 5, 9];
    let judged = |texts: &Texts| {
        let mut report = judge(&file.path(), texts, &sources, "good", Safety::Safe);
        for finding in &mut report.findings {
            let line = sources.start(finding.primary.location).line;
            let fix = finding.fix.as_mut().expect("it has one");
            fix.title = format!("mend line {line}");
            if broken.contains(&line) {
                fix.edits[0].content = "[".to_owned();
            }
        }
        Ok::<_, Infallible>(report)
    };
    let mended = mend(judged, Reach::Safe, &file.territory(), &sources).unwrap_or_else(|never| match never {});
    let line = |line| if broken.contains(&line) { "a: bad\n" } else { "a: good\n" };
    assert_eq!(text(&mended), Some((1..=9).map(line).collect::<String>().as_str()));
    let refused: Vec<_> = mended.refused.iter().map(|refused| refused.why.clone()).collect();
    assert_eq!(refused, broken.map(|line| Why::Breaks(format!("mend line {line}"))));
}

#[test]
fn twenty_thousand_fixes_of_a_file_are_applied_and_shown() {
    // With one reading of the file for each of them this takes many minutes.
    let lines: Vec<String> = (0..20_000).map(|number| format!("key{number}: bad\n")).collect();
    let mended = File::new(&lines.concat()).mend("good", Safety::Safe, Reach::Safe);
    assert_eq!((mended.applied.len(), mended.after.findings.len()), (20_000, 0));
    let (patch, _) = diff::patch(&mended.changes);
    assert_eq!(patch.lines().filter(|line| line.starts_with('+')).count(), 20_001);
}

#[test]
fn unsafe_fixes_wait_until_they_are_asked_for() {
    let file = File::new("a: bad\n");
    let mended = file.mend("good", Safety::Unsafe, Reach::Safe);
    assert_eq!((mended.changes.len(), withheld(&mended.after, Reach::Safe)), (0, 1));
    assert_eq!(file.mend("good", Safety::Unsafe, Reach::Unsafe).changes.len(), 1);
    assert_eq!(file.mend("good", Safety::DisplayOnly, Reach::Unsafe).changes.len(), 0);
}

#[test]
fn a_file_that_changed_is_left_alone() {
    let file = File::new("a: bad\n");
    let mended = file.mend("good", Safety::Safe, Reach::Safe);
    std::fs::write(file.path(), "a: other\n").expect("it can be written");
    let left = file.territory().write(&mended.changes, false);
    assert!(matches!(left.as_slice(), [(_, Why::Changed)]), "{left:?}");
    assert_eq!(std::fs::read_to_string(file.path()).expect("it is there"), "a: other\n");
}

#[cfg(unix)]
#[test]
fn a_file_keeps_its_permissions_and_leaves_nothing_beside_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let file = File::new("a: bad\n");
    let mode = |mode| std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(mode)).expect("it is ours");
    mode(0o640);
    let mended = file.mend("good", Safety::Safe, Reach::Safe);
    assert!(file.territory().write(&mended.changes, false).is_empty());
    let metadata = std::fs::metadata(file.path()).expect("it is there");
    assert_eq!(metadata.permissions().mode() & 0o777, 0o640);
    assert_eq!(std::fs::read_dir(file.0.path()).expect("it is there").count(), 1);
    std::fs::write(file.path(), "a: bad\n").expect("it is ours");
    mode(0o440);
    let mended = file.mend("good", Safety::Safe, Reach::Safe);
    assert_eq!(mended.refused, [Refused { path: "a.yaml".to_owned(), why: Why::ReadOnly }]);
    assert!(mended.changes.is_empty());
}

#[cfg(unix)]
#[test]
fn links_and_what_lies_outside_are_left_alone() {
    let file = File::new("a: bad\n");
    let other = tempfile::tempdir().expect("a folder can be made");
    let link = other.path().canonicalize().expect("it is there").join("a.yaml");
    std::os::unix::fs::symlink(file.path(), &link).expect("it can be made");
    let whys = [(other.path(), &link), (other.path(), &file.path())]
        .map(|(folder, path)| Territory::new(folder, &[]).look(path).expect_err("it is refused"));
    assert_eq!(whys, [Why::Link, Why::Outside]);
    assert!(Territory::new(other.path(), &[file.0.path().to_owned()]).look(&file.path()).is_ok());
}

#[test]
fn a_patch_names_files_as_git_does() {
    let change = |shown: &str, before: &str, after: &str| Change {
        path: PathBuf::new(),
        shown: shown.to_owned(),
        before: before.as_bytes().into(),
        after: after.as_bytes().into(),
    };
    assert_eq!(
        diff::patch(&[change("a b.yaml", "x: 1\r\ny: 2", "x: 1\r\ny: 3")]).0,
        "diff --git a/a b.yaml b/a b.yaml\n--- a/a b.yaml\t\n+++ b/a b.yaml\t\n@@ -1,2 +1,2 @@\n x: 1\r\n-y: 2\n\\ No newline at end of file\n+y: 3\n\\ No newline at end of file\n"
    );
    assert!(diff::patch(&[change("é\"", "a\n", "b\n")]).0.contains("--- \"a/\\303\\251\\\"\"\n"));
}

#[test]
fn a_file_that_a_terminal_or_a_pipeline_would_obey_is_left_out_of_a_patch() {
    let change = |shown: &str, before: &str| Change {
        path: PathBuf::new(),
        shown: shown.to_owned(),
        before: before.as_bytes().into(),
        after: format!("{before}b: 1\n").into_bytes().into(),
    };
    let hostile = ["a: \u{1b}[2J\n", "a: |\n  ::error::x\n", "# ##vso[x]\n", "# \u{202e}\n"];
    for text in hostile {
        let (patch, left) = diff::patch(&[change("a.yaml", text), change("b.yaml", "a: ::1\r\n")]);
        assert!(patch.starts_with("diff --git a/b.yaml b/b.yaml\n"), "{patch}");
        assert_eq!(left, [Refused { path: "a.yaml".to_owned(), why: Why::Obeyed }]);
    }
}

/// What a judge says of a file, and that a word in it is wrong once nothing is bad any more.
fn revealing(text: &str, word: &str) -> Mended {
    let file = File::new(text);
    let sources = Sources::new();
    let judged = |texts: &Texts| {
        let mut report = judge(&file.path(), texts, &sources, "good", Safety::Safe);
        report.findings.iter_mut().for_each(|found| found.fix = found.fix.take().map(Fix::uncovering));
        if report.findings.is_empty() {
            let text = texts.get(&file.path()).map(|text| String::from_utf8_lossy(text).into_owned()).expect("fixed");
            let text = text.trim_start_matches('\u{feff}');
            let source = sources.add(Source::new("a.yaml", Address::Disk(file.path()), text));
            let start = text.find(word).expect("it is there");
            let mut found = judge(&file.path(), &Texts::new(), &sources, "good", Safety::Safe).findings.remove(0);
            found.primary = Label::new(Location::new(source, Span::new(start, start + word.len())), "");
            (found.rule, found.fingerprint, found.fix) = ("word-wrong".to_owned(), "1".to_owned(), None);
            report.findings.push(found);
        }
        Ok::<_, Infallible>(report)
    };
    mend(judged, Reach::Safe, &file.territory(), &sources).unwrap_or_else(|never| match never {})
}

#[test]
fn what_was_so_before_is_no_harm_and_what_a_fix_wrote_is() {
    for text in ["bad: value\n", "\u{feff}bad: value\n"] {
        let mended = revealing(text, "value");
        assert_eq!(mended.applied.len(), 1, "{text:?}");
        assert_eq!(mended.after.findings.len(), 1);
        let mended = revealing(text, "good");
        assert!(mended.changes.is_empty() && mended.applied.is_empty(), "{text:?}");
        assert!(matches!(mended.refused.as_slice(), [Refused { why: Why::Harms(..), .. }]));
    }
}

#[test]
fn fixes_that_would_leave_a_key_twice_are_left() {
    let mended = File::new("bad: 1\ngood: 1\nc: {bad: 1}\n").mend("good", Safety::Safe, Reach::Safe);
    assert_eq!(text(&mended), Some("bad: 1\ngood: 1\nc: {good: 1}\n"));
    assert!(matches!(mended.refused.as_slice(), [Refused { why: Why::Breaks(_), .. }]), "{:?}", mended.refused);
    let mended = File::new("x: [bad: 1, bad: 1]\ng: 1\ng: 2\n").mend("good", Safety::Safe, Reach::Safe);
    assert_eq!(mended.after.findings.len(), 0, "twice before is no matter, nor once in each of two mappings");
}
