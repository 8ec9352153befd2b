//! `--fix` and `--diff`: files as they are afterwards, what is said, and what is left alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use chartgate::checks::registry;
use chartgate::finding::{Report, Status};
use chartgate::fix::{Mended, Reach, Territory, Texts, Why, mend};
use chartgate::gate::{Charts, Request, Session, Surroundings};
use chartgate::text::Date;
use chartgate::text::Sources;
use chartgate::yaml::Document;

use crate::cli::Sample;
use crate::fixture::testdata;
use crate::git_repo::Repo;

#[test]
fn fix_mends_what_is_certain_and_says_what_is_left() {
    let sample = Sample::new();
    let before = sample.read("charts/a/artifacthub-pkg.yml");
    let (code, out, err) = sample.run(&["check", "charts/a", "--fix"]);
    assert_eq!((code, err.as_str()), (0, ""), "{out}");
    assert_eq!(sample.read("charts/a/artifacthub-pkg.yml"), before.replace("1.2.2", "1.2.3"));
    assert!(
        out.contains("fixed charts/a/artifacthub-pkg.yml:1:10: set `version` to `1.2.3` (package-version-mismatch)"),
        "{out}"
    );
    let last = out.lines().last().expect("there are lines");
    let expected =
        "1 finding in 1 file fixed, 1 left; 1 more fix may change more than what was found: `--unsafe-fixes`";
    assert_eq!(last, expected, "{out}");
    assert_eq!(sample.read("charts/a/values.yaml"), "replicas: 1\nreplicas: 2\n");
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix", "--unsafe-fixes", "--quiet"]);
    assert_eq!((code, out.as_str()), (0, ""));
    assert_eq!(sample.read("charts/a/values.yaml"), "replicas: 2\n");
}

#[test]
fn a_report_for_programs_stays_one_and_people_read_beside_it_what_was_fixed() {
    let sample = Sample::new();
    let (code, out, err) = sample.run(&["check", "charts/a", "--fix", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).expect("it is JSON");
    assert_eq!((code, &report["verdict"]), (0, &"pass".into()));
    assert!(
        err.ends_with(
            "1 finding in 1 file fixed, 1 left; 1 more fix may change more than what was found: `--unsafe-fixes`\n"
        ),
        "{err}"
    );
}

#[test]
fn what_remains_decides_about_the_exit_code() {
    let sample = Sample::new();
    sample.write("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: one\n");
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("chart-invalid"), "{out}");
}

#[test]
fn diff_prints_a_patch_that_git_applies_and_touches_nothing() {
    let repo = Repo::new();
    let text = "\u{feff}version: 1.2.2 # é\r\nname: a\r\ndisplayName: A";
    for (path, text) in [
        ("my charts/é/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n"),
        ("my charts/é/artifacthub-pkg.yml", text),
        ("my charts/é/values.yaml", "a: 1\na: 1"),
        ("my charts/é/templates/NOTES.txt", "Thank you.\n"),
    ] {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    repo.git(&["add", "."]);
    let run = |arguments: &[&str]| {
        let output = crate::cli::program().current_dir(repo.root()).args(arguments).output().expect("it starts");
        (
            output.status.code(),
            String::from_utf8(output.stdout).expect("text"),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (code, patch, err) = run(&["check", "--offline", "--diff"]);
    assert_eq!(code, Some(1), "no file is mended yet: {err}");
    assert!(patch.starts_with("diff --git ") && err.contains("2 findings in 2 files would be fixed, "), "{patch}{err}");
    assert_eq!(repo.git(&["diff", "--stat"]), "", "no file is touched");
    std::fs::write(repo.beside("patch"), &patch).expect("writable");
    repo.git(&["apply", "--verbose", &repo.beside("patch").display().to_string()]);
    let read = |name: &str| std::fs::read_to_string(repo.root().join("my charts/é").join(name)).expect("it is there");
    assert_eq!(read("artifacthub-pkg.yml"), text.replace("1.2.2", "1.2.3"));
    assert_eq!(read("values.yaml"), "a: 1");
    assert_eq!(run(&["check", "--offline", "--diff"]).1, "");
}

#[test]
fn archives_and_revisions_are_refused() {
    let sample = Sample::new();
    assert_eq!(sample.run(&["package", "charts/good"]).0, 0);
    let (code, out, err) = sample.run(&["check", "good-1.0.0.tgz", "--fix"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("`good-1.0.0.tgz` is a packaged chart, which cannot be fixed"), "{err}");
    for arguments in
        [&["check", "--fix", "--at", "HEAD"][..], &["check", "--unsafe-fixes"], &["check", "--fix", "--diff"]]
    {
        assert_eq!(sample.run(arguments).0, 2, "{arguments:?}");
    }
}

#[test]
fn suppressed_findings_are_not_fixed() {
    let sample = Sample::new();
    let text = "version: 1.2.2 # chartgate: ignore[package-version-mismatch] set later\nname: a\ndisplayName: A\n";
    sample.write("charts/a/artifacthub-pkg.yml", text);
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix"]);
    assert_eq!(code, 0, "{out}");
    assert_eq!(sample.read("charts/a/artifacthub-pkg.yml"), text);
}

#[cfg(unix)]
#[test]
fn read_only_files_and_links_are_left_alone_and_that_is_said() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let sample = Sample::new();
    let path = sample.path().join("charts/a/artifacthub-pkg.yml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).expect("it is ours");
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix"]);
    assert_eq!(code, 1, "{out}");
    assert!(
        out.contains("left `charts/a/artifacthub-pkg.yml` alone: it is read-only\n0 findings in 0 files fixed"),
        "{out}"
    );
    std::fs::remove_file(&path).expect("it is ours");
    let real = sample.write("shared/pkg.yml", "version: 1.2.2\nname: a\ndisplayName: A\n");
    symlink(&real, &path).expect("it can be made");
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("left `charts/a/artifacthub-pkg.yml` alone: a link leads to it"), "{out}");
    assert_eq!(sample.read("shared/pkg.yml"), "version: 1.2.2\nname: a\ndisplayName: A\n");
}

#[test]
fn a_value_that_an_anchor_shares_is_left_to_people() {
    let sample = Sample::new();
    let text = "apiVersion: v2\nname: a\nversion: &version v1.2.3\nappVersion: *version\n";
    sample.write("charts/a/Chart.yaml", text);
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix", "--select", "version-invalid"]);
    assert_eq!(code, 1, "{out}");
    assert!(out.contains("mend it by hand: the anchor `version` brings it to other places too"), "{out}");
    assert_eq!(sample.read("charts/a/Chart.yaml"), text);
}

#[test]
fn values_outside_of_the_repository_are_left_alone() {
    let (sample, other) = (Sample::new(), tempfile::tempdir().expect("a folder can be made"));
    let digest = format!("SHA256:{}", "A".repeat(64));
    sample.write("charts/a/artifacthub-pkg.yml", "version: 1.2.3\n");
    sample.write("charts/a/templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: \"nginx@{{ .Values.digest }}\"}]\n");
    sample.write("charts/a/values.yaml", &format!("digest: sha256:{}\n", "0".repeat(64)));
    let values = other.path().join("values.yaml");
    std::fs::write(&values, format!("digest: {digest}\n")).expect("writable");
    let named = values.display().to_string();
    let arguments = ["check", "charts/a", "--fix", "--select", "image-digest-malformed", "--values", &named];
    let (code, out, err) = sample.run(&arguments);
    assert_eq!(code, 1, "{out}{err}");
    assert!(out.contains("alone: it lies outside of the repository"), "{out}");
    assert_eq!(std::fs::read_to_string(&values).expect("it is there"), format!("digest: {digest}\n"));
}

/// The cases of all rules that fixes change: folders named `fixed…` beside `bad…`.
fn mendable() -> Vec<PathBuf> {
    let mut cases = vec![];
    for rule in registry().iter() {
        let entries = std::fs::read_dir(testdata().join("rules").join(&rule.id)).expect("it is there");
        for entry in entries.map(|entry| entry.expect("readable").path()) {
            let name = entry.file_name().expect("it has a name").to_string_lossy().into_owned();
            cases.extend(name.starts_with("fixed").then(|| entry.with_file_name(name.replacen("fixed", "bad", 1))));
        }
    }
    cases.sort();
    cases
}

/// A copy of a case whose files of metadata and values went through a change.
fn copy(case: &Path, change: &dyn Fn(&str) -> String) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder can be made");
    for entry in
        walkdir::WalkDir::new(case).into_iter().filter_map(Result::ok).filter(|entry| entry.file_type().is_file())
    {
        let target = folder.path().join(entry.path().strip_prefix(case).expect("below"));
        std::fs::create_dir_all(target.parent().expect("it has a folder")).expect("writable");
        let text = std::fs::read_to_string(entry.path()).expect("a fixture is text");
        let is_plain =
            !entry.path().components().any(|part| part.as_os_str() == "templates" || part.as_os_str() == "crds");
        std::fs::write(target, if is_plain { change(&text) } else { text }).expect("writable");
    }
    folder
}

fn mended(folder: &Path) -> (Mended, Sources) {
    let sources = Sources::new();
    let root = folder.canonicalize().expect("it is there");
    let mut surroundings = Surroundings::new(root.clone(), Date::new(2026, 1, 1).expect("a day"));
    surroundings.network.offline = true;
    let session = Session::new(surroundings);
    let judge = |texts: &Texts| {
        let charts = Charts { unsaved: texts.clone(), ..Charts::default() };
        session.check(&Request { charts, ..Request::default() }, &sources)
    };
    let mended = mend(judge, Reach::Unsafe, &Territory::new(&root, &[]), &sources);
    (mended.unwrap_or_else(|error| panic!("{}: {error:?}", folder.display())), sources)
}

/// How often each rule speaks, by profile.
fn counts(report: &Report) -> BTreeMap<(String, Option<String>), usize> {
    let mut counts = BTreeMap::new();
    for finding in report.findings.iter().filter(|finding| finding.status == Status::Open) {
        *counts.entry((finding.rule.clone(), finding.profile.clone())).or_default() += 1;
    }
    counts
}

fn texts(mended: &Mended) -> BTreeMap<String, String> {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it is text");
    mended.changes.iter().map(|change| (change.shown.clone(), text(&change.after))).collect()
}

/// Whether a fix was applied to what went unread before.
fn uncovers(mended: &Mended) -> bool {
    let fixes = mended.before.findings.iter().filter_map(|finding| finding.fix.as_ref());
    fixes.filter(|fix| fix.uncovers).any(|fix| mended.applied.iter().any(|applied| applied.title == fix.title))
}

#[test]
fn fixes_of_all_fixtures_leave_nothing_to_fix_and_bring_up_nothing_else() {
    let mut changed = 0;
    for case in mendable() {
        let folder = copy(&case, &|text| text.to_owned());
        let (mended, _) = mended(folder.path());
        let (before, after) = (counts(&mended.before), counts(&mended.after));
        for (about, count) in &after {
            let is_known = before.get(about).is_some_and(|known| count <= known);
            assert!(is_known || uncovers(&mended), "{}: {about:?} is new", case.display());
        }
        let harmful = |title: &str| {
            mended.refused.iter().any(|refused| matches!(&refused.why, Why::Harms(known, _) if known == title))
        };
        let open = mended.after.findings.iter().filter(|finding| finding.status == Status::Open);
        let left: Vec<_> = open.filter_map(|finding| finding.fix.as_ref()).filter(|fix| !harmful(&fix.title)).collect();
        assert!(left.is_empty(), "{}: {left:?}", case.display());
        for fix in &mended.applied {
            let of_rule = |counts: &BTreeMap<(String, Option<String>), usize>| {
                counts.iter().filter(|((rule, _), _)| *rule == fix.rule).map(|(_, count)| count).sum::<usize>()
            };
            assert!(of_rule(&after) < of_rule(&before), "{}: `{}` is still there", case.display(), fix.rule);
        }
        for (path, text) in
            texts(&mended).iter().filter(|(path, _)| path.ends_with("yaml") && !path.contains("templates/"))
        {
            let source = Sources::new().add(chartgate::text::Source::new(
                "x",
                chartgate::text::Address::Rendered,
                text.as_str(),
            ));
            assert!(Document::parse_all(source, text).is_ok(), "{}: {path} no longer parses", case.display());
        }
        changed += mended.changes.len();
    }
    assert!(changed > 25, "the fixtures have fixes: {changed}");
}

#[test]
fn fixes_know_nothing_of_line_breaks_marks_and_comments() {
    let plain = |text: &str| text.to_owned();
    let crlf = |text: &str| text.replace('\n', "\r\n");
    let commented = |text: &str| format!("# before\n\n{text}\n# after\n");
    // A file may end without a break.
    let bare = |text: &str| text.trim_end_matches('\n').to_owned();
    for case in mendable() {
        let [expected, broken, around, open] =
            [&plain as &dyn Fn(&str) -> String, &crlf, &commented, &bare].map(|change| {
                let folder = copy(&case, change);
                texts(&mended(folder.path()).0)
            });
        for (path, text) in &expected {
            if path.contains("templates/") {
                continue;
            }
            assert_eq!(broken.get(path), Some(&crlf(text)), "{}: {path} with other line breaks", case.display());
            if path.ends_with("yaml") || path.ends_with("yml") {
                assert_eq!(
                    open.get(path).map(|text| bare(text)),
                    Some(bare(text)),
                    "{}: {path} without an end",
                    case.display()
                );
                assert_eq!(around.get(path), Some(&commented(text)), "{}: {path} with comments", case.display());
            }
        }
    }
}

#[test]
fn a_patch_of_every_fixture_applies() {
    for case in mendable() {
        let folder = copy(&case, &|text| text.to_owned());
        let (mended, _) = mended(folder.path());
        let patch = folder.path().join("the patch");
        std::fs::write(&patch, chartgate::fix::diff::patch(&mended.changes).0).expect("writable");
        let mut git = Command::new("git");
        let output =
            git.current_dir(folder.path()).env("GIT_CEILING_DIRECTORIES", "/").args(["apply", "the patch"]).output();
        let output = output.expect("git starts");
        assert!(
            mended.changes.is_empty() || output.status.success(),
            "{}: {}",
            case.display(),
            String::from_utf8_lossy(&output.stderr)
        );
        for (path, text) in texts(&mended) {
            assert_eq!(
                std::fs::read_to_string(folder.path().join(&path)).expect("it is there"),
                text,
                "{}",
                case.display()
            );
        }
    }
}

#[test]
fn values_that_several_profiles_read_are_fixed_and_the_profiles_named() {
    let sample = Sample::new();
    let digest = "A".repeat(64);
    sample.write("charts/a/templates/pod.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers: [{name: a, image: \"nginx@{{ .Values.digest }}\"}]\n");
    sample.write("charts/a/values.yaml", &format!("digest: sha256:{}\n", "0".repeat(64)));
    sample.write("charts/a/shared.yaml", &format!("digest: {digest} # of both\n"));
    sample.write(".chartgate.yaml", "profiles: {east: {values: [shared.yaml]}, west: {values: [shared.yaml]}}\n");
    let (code, out, _) = sample.run(&["check", "charts/a", "--fix", "--select", "image-digest-malformed"]);
    assert_eq!(code, 0, "{out}");
    assert!(
        out.contains(", which the profiles `east`, `west` read (image-digest-malformed)\n1 finding in 1 file fixed"),
        "{out}"
    );
    assert_eq!(sample.read("charts/a/shared.yaml"), format!("digest: sha256:{} # of both\n", digest.to_lowercase()));
}

#[test]
fn that_a_released_chart_changes_keeps_no_fix_back() {
    let repo = Repo::new();
    for (path, text) in [
        ("a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.2.3\n"),
        ("a/artifacthub-pkg.yml", "version: 1.2.2\nname: a\ndisplayName: A\n"),
        ("a/templates/NOTES.txt", "Thank you.\n"),
    ] {
        let path = repo.root().join(path);
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("writable");
        std::fs::write(path, text).expect("writable");
    }
    repo.git(&["add", "."]);
    repo.git(&["commit", "--quiet", "--message=one"]);
    let output = crate::cli::program().current_dir(repo.root()).args(["check", "a", "--offline", "--fix"]).output();
    let out = String::from_utf8_lossy(&output.expect("it starts").stdout).into_owned();
    assert!(out.contains("1 finding in 1 file fixed"), "{out}");
    assert!(repo.git(&["diff"]).contains("+version: 1.2.3"));
}

#[test]
fn a_misspelt_name_is_mended_although_it_hid_what_is_wrong() {
    let sample = Sample::new();
    let text = |domain: &str, value: &str| {
        format!(
            "apiVersion: v2\nname: shop\nversion: 1.0.0\nannotations:\n  artifacthub.{domain}/category: {value} # ours\n"
        )
    };
    sample.write("charts/shop/values.yaml", "{}\n");
    let fixes = |value: &str| {
        sample.write("charts/shop/Chart.yaml", &text("com", value));
        sample.run(&["check", "charts/shop", "--fix", "--select", "artifact-hub"])
    };
    let (code, out, err) = fixes("database");
    assert_eq!((code, sample.read("charts/shop/Chart.yaml")), (0, text("io", "database")), "{out}{err}");
    assert!(out.contains("info[readme-missing]"), "the name hid that there is no README: {out}");
    // What is wrong with the value was wrong under the other name as well.
    let (code, out, err) = fixes("toys");
    assert_eq!((code, sample.read("charts/shop/Chart.yaml")), (1, text("io", "toys")), "{out}{err}");
    assert!(out.contains("error[annotation-invalid]"), "{out}");
}

#[test]
fn kinds_of_changes_are_mended_in_quoted_and_folded_texts_too() {
    let chart = |changes: &str| {
        format!("apiVersion: v2\nname: a\nversion: 1.2.3\nannotations:\n  artifacthub.io/changes: {changes}\n  b: c\n")
    };
    let cases = [
        (r#""- kind: add\n  description: add x\n""#, r#""- kind: added\n  description: add x\n""#),
        (
            r#""- description: x\n  kind: add\n- kind: \"fix\"\n  description: y\n- {kind: add, description: z}""#,
            r#""- description: x\n  kind: added\n- kind: \"fixed\"\n  description: y\n- {kind: added, description: z}""#,
        ),
        ("'[{kind: fix, description: mend a kind}]'", "'[{kind: fixed, description: mend a kind}]'"),
        (">-\n    - kind: add\n\n      description: x", ">-\n    - kind: added\n\n      description: x"),
        ("'[{\"kind\": \"fix\", \"description\": \"a\"}]'", "'[{\"kind\": \"fixed\", \"description\": \"a\"}]'"),
        // What stands in a description may be meant.
        (r#""- kind: add\n  description: 'kind: add'\n""#, r#""- kind: add\n  description: 'kind: add'\n""#),
        // An escape hides what stands there.
        (r#""- kind: \x61dd\n  description: x\n""#, r#""- kind: \x61dd\n  description: x\n""#),
    ];
    for (before, after) in cases {
        let sample = Sample::new();
        sample.write("charts/a/Chart.yaml", &chart(before));
        let (_, out, _) = sample.run(&["check", "charts/a", "--fix", "--select", "annotation-invalid"]);
        assert_eq!(sample.read("charts/a/Chart.yaml"), chart(after), "{out}");
        assert!(!out.contains("would bring up"), "{out}");
    }
}

#[test]
fn what_a_fix_would_bring_up_is_named() {
    let sample = Sample::new();
    let chart = "apiVersion: v2\nname: a\nversion: 1.2.3\nannotations: {artifacthub.io/license: MIT}\n";
    sample.write("charts/a/Chart.yaml", chart);
    sample.write("charts/a/.helmignore", "**/*.md\n");
    let (_, out, _) = sample.run(&["check", "charts/a", "--fix"]);
    assert!(out.contains("to write `*.md` would bring up `readme-missing` at charts/a/Chart.yaml:3:10: "), "{out}");
}

#[test]
fn digests_are_mended_where_one_thing_alone_can_be_meant() {
    let (digest, upper) = (format!("sha256:{}", "ab".repeat(32)), format!("SHA256:{}", "AB".repeat(32)));
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n  - name: a\n    image: \"{{ .Values.image.repository }}:{{ .Values.image.tag }}{{ with .Values.image.digest }}@{{ . }}{{ end }}\"\n";
    let values =
        |tag: &str, digest: &str| format!("image:\n  repository: a/b\n  tag: \"{tag}\"\n  digest: \"{digest}\"\n");
    let cases = [
        (values("1.0", &format!("@{digest}")), values("1.0", &digest)),
        (values("1.0", &format!("{digest} ")), values("1.0", &digest)),
        (values(&format!("1.0@{upper}"), ""), values(&format!("1.0@{digest}"), "")),
        (values(&format!("1.0@{digest}"), &digest), values("1.0", &digest)),
        (
            values(&format!("1.0@{digest}"), &digest.replace('a', "c")),
            values(&format!("1.0@{digest}"), &digest.replace('a', "c")),
        ),
    ];
    for (before, after) in cases {
        let sample = Sample::new();
        sample.write("charts/a/templates/pod.yaml", pod);
        sample.write("charts/a/values.yaml", &before);
        let (_, out, _) = sample.run(&["check", "charts/a", "--fix", "--select", "image-digest-malformed"]);
        assert_eq!(sample.read("charts/a/values.yaml"), after, "{out}");
    }
}

const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.2.3\ntype: application\n";

/// A chart with templates, fixed, and what was said.
fn fixed(templates: &[(&str, &str)], arguments: &[&str]) -> (Sample, String) {
    let sample = Sample::new();
    sample.write("charts/a/Chart.yaml", CHART);
    for (name, text) in templates {
        sample.write(&format!("charts/a/templates/{name}"), text);
    }
    let (_, out, err) = sample.run(&[&["check", "charts/a", "--offline", "--fix"], arguments].concat());
    (sample, out + &err)
}

#[test]
fn a_fix_that_leaves_what_it_is_for_is_not_applied() {
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - name: c\n    image: nginx:1.27.1\n    env:\n    - name: A\n      value: {{ 3 }}\n    - name: B\n      value: !!int 3\n    - name: C\n      value: {{ true }}\n    - name: D\n      value: 4\n";
    let (sample, out) = fixed(&[("p.yaml", pod)], &["--select", "manifest-field-invalid"]);
    assert_eq!(sample.read("charts/a/templates/p.yaml"), pod.replace("value: 4", "value: \"4\""), "{out}");
    assert!(out.contains("1 finding in 1 file fixed, 3 left"), "{out}");
}

#[test]
fn a_helper_that_prints_a_number_and_a_text_keeps_no_other_fix_back() {
    let helper = "{{- define \"a.port\" -}}\n80\n{{- end -}}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p, labels: {a: b}}\nspec:\n  restartPolicy: Sometimes\n  containers:\n  - {name: c, image: \"nginx:1.10\", env: [{name: P, value: {{ include \"a.port\" . }}}, {name: Q, value: 4}]}\n";
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: p}\nspec:\n  selector: {a: b}\n  ports:\n  - {name: c, port: {{ include \"a.port\" . }}}\n";
    let templates = [("_h.tpl", helper), ("p.yaml", pod), ("s.yaml", service)];
    let (sample, out) = fixed(&templates, &["--unsafe-fixes", "--select", "manifest-field-invalid"]);
    assert_eq!(sample.read("charts/a/templates/_h.tpl"), helper, "{out}");
    assert!(sample.read("charts/a/templates/p.yaml").contains("value: \"4\""), "{out}");
    assert!(out.contains("would bring up `manifest-field-invalid` at "), "{out}");
}

#[test]
fn a_helper_that_others_call_is_changed_where_that_is_asked_for_alone() {
    let helper = "{{- define \"a.port\" -}}\n80\n{{- end -}}\n";
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: p}\nspec:\n  containers:\n  - {name: c, image: \"nginx:1.27.1\", env: [{name: P, value: {{ include \"a.port\" . }}}]}\n";
    let service = "{{- if .Values.on }}\napiVersion: v1\nkind: Service\nmetadata: {name: p}\nspec:\n  ports:\n  - {name: c, port: {{ include \"a.port\" . }}}\n{{- end }}\n";
    let quoted = helper.replace("80", "\"80\"");
    let once = [("_h.tpl", helper), ("p.yaml", pod)];
    let twice = [("_h.tpl", helper), ("p.yaml", pod), ("s.yaml", service)];
    let select = ["--select", "manifest-field-invalid"];
    assert_eq!(fixed(&once, &select).0.read("charts/a/templates/_h.tpl"), quoted);
    let (sample, out) = fixed(&twice, &select);
    assert_eq!(sample.read("charts/a/templates/_h.tpl"), helper, "{out}");
    let (sample, out) = fixed(&twice, &[&select[..], &["--unsafe-fixes"]].concat());
    assert_eq!(sample.read("charts/a/templates/_h.tpl"), quoted, "{out}");
}

#[test]
fn a_hook_that_never_runs_is_mended_although_it_hid_what_is_wrong() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata:\n  name: {{ .Release.Name }}-database-migration\n  annotations: {\"helm.sh/hook\": pre-instal}\nspec:\n  template:\n    spec:\n      restartPolicy: Never\n      containers: [{name: c, image: \"nginx:1.27.1\"}]\n";
    let (sample, out) = fixed(&[("job.yaml", job)], &[]);
    assert_eq!(sample.read("charts/a/templates/job.yaml"), job.replace("pre-instal", "pre-install"), "{out}");
    assert!(out.contains("object-name-long"), "the event hid that the name is too long: {out}");
}

#[test]
fn a_change_is_put_in_quotes_with_the_number_behind_it() {
    let sample = Sample::new();
    let chart =
        |change: &str| format!("{CHART}annotations:\n  artifacthub.io/changes: |\n    - first\n    - {change}\n");
    sample.write("charts/a/Chart.yaml", &chart("feat: add b #2"));
    let (_, out, _) = sample.run(&["check", "charts/a", "--fix", "--select", "annotation-invalid,change-text-cut"]);
    assert_eq!(sample.read("charts/a/Chart.yaml"), chart("\"feat: add b #2\""), "{out}");
}

#[test]
fn values_of_a_sub_chart_are_named_where_they_stand_below_those_of_the_parent() {
    let sample = Sample::new();
    let pod = "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  {{- toYaml .Values.p | nindent 2 }}\n  containers: [{name: a, image: \"nginx:1.27.1\"}]\n";
    for (file, text) in [
        ("Chart.yaml", &*format!("{CHART}dependencies: [{{name: sub, version: 1.0.0}}]\n")),
        ("values.yaml", "# the parent's\nsub:\n  p:\n    hostPID: true\n"),
        ("charts/sub/Chart.yaml", "apiVersion: v2\nname: sub\nversion: 1.0.0\n"),
        ("charts/sub/values.yaml", "p:\n  restartPolicy: always\n"),
        ("charts/sub/templates/a.yaml", pod),
    ] {
        sample.write(&format!("charts/a/{file}"), text);
    }
    let arguments = ["check", "charts/a", "--offline", "--select", "manifest-field-*", "--format", "concise"];
    let (_, out, _) = sample.run(&arguments);
    assert!(out.contains("charts/a/charts/sub/values.yaml:2:18: "), "{out}");
}
