//! What is published decides: tags and folders of packages are asked, their answers are never guessed, and git holds back.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use chartgate::finding::{PublishedState, Report};
use chartgate::gate::{PolicyChoice, Request, Session, Surroundings};
use chartgate::report::{Format, Look, Screen, github, markdown, render};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::git_repo::Repo;

const TAGS: &str = "published: { tags: \"{name}-{version}\" }\n";

/// A request in the surroundings of its process.
struct Run {
    surroundings: Surroundings,
    request: Request,
}

impl Run {
    fn of(repo: &Repo, rules: &[&str]) -> Self {
        let select = rules.iter().map(|rule| (*rule).to_owned()).collect();
        let policy = PolicyChoice { select, ..PolicyChoice::default() };
        let today = Date::new(2026, 1, 1).expect("a day");
        let surroundings = Surroundings::new(repo.root().to_owned(), today);
        Self { surroundings, request: Request { policy, ..Request::default() } }
    }

    fn with(mut self, change: impl FnOnce(&mut Request)) -> Self {
        change(&mut self.request);
        self
    }

    fn around(mut self, change: impl FnOnce(&mut Surroundings)) -> Self {
        change(&mut self.surroundings);
        self
    }

    fn report(&self, sources: &Sources) -> Report {
        let session = Session::new(self.surroundings.clone());
        session.check(&self.request, sources).unwrap_or_else(|error| panic!("{error:?}"))
    }
}

fn request(repo: &Repo) -> Run {
    Run::of(repo, &["version-reused", "version-decreased"])
}

fn at(repo: &Repo, revision: &str) -> Run {
    request(repo).with(|request| request.charts.at = Some(revision.to_owned()))
}

/// Verdict, state of each chart, findings, failures and what was skipped, a line each.
fn said(run: &Run) -> Vec<String> {
    let report = run.report(&Sources::new());
    let state = |state| match state {
        PublishedState::Absent => "absent",
        PublishedState::Identical => "identical",
        PublishedState::Different => "different",
        PublishedState::Unknown => "unknown",
    };
    let charts =
        report.charts.iter().map(|chart| format!("{}: {} {}", chart.path, chart.verdict, state(chart.published)));
    let findings = report.findings.iter().map(|finding| {
        format!("{}: {} -- {}", finding.rule, finding.message, finding.help.as_deref().unwrap_or_default())
    });
    let failures = report.failures.iter().map(|failure| format!("failure {}: {}", failure.kind, failure.message));
    let skipped = report.skipped.iter().map(|skipped| format!("skipped {}: {}", skipped.rule, skipped.reason));
    charts.chain(findings).chain(failures).chain(skipped).collect()
}

/// A repository whose chart `a` was released as 1.0.0 and 1.1.0 by tags, with nothing after it.
fn released(config: &str) -> Repo {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", config).chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
    repo.git(&["tag", "a-1.0.0"]);
    repo.chart("charts/a", "a", "1.1.0", "x: 2\n").commit();
    repo.git(&["tag", "--annotate", "--message", "release", "a-1.1.0"]);
    repo
}

#[test]
fn a_version_that_no_tag_marks_may_be_mended_whatever_git_holds() {
    let repo = released(TAGS);
    repo.chart("charts/a", "a", "1.2.0", "x: 3\n").commit();
    repo.remote_branch("main", "HEAD");
    repo.write("charts/a/values.yaml", "x: 4\n");
    assert_eq!(said(&request(&repo)), ["charts/a: pass absent"]);
    let with_base = request(&repo).with(|request| request.base = Some("HEAD".to_owned()));
    let base = said(&with_base);
    assert_eq!(base[0], "charts/a: fail unknown");
    assert!(base[1].contains("`HEAD`") && base[1].contains("values.yaml"), "{base:?}");
}

#[test]
fn a_tagged_version_is_identical_or_reused_and_needs_no_branch() {
    let repo = released(TAGS);
    assert_eq!(said(&request(&repo)), ["charts/a: pass identical"]);
    repo.write("charts/a/README.md", "new").write("charts/a/Chart.yaml", "version: '1.1.0'\nname: a\napiVersion: v2\n");
    assert_eq!(
        said(&request(&repo)),
        [
            "charts/a: fail different",
            "version-reused: version `1.1.0` is that of the release `refs/tags/a-1.1.0`, but 1 packaged file differs -- \
             set `version: 1.1.1`; what differs: `README.md`: added",
        ]
    );
}

#[test]
fn what_a_tag_marks_is_found_where_the_chart_was_then() {
    let repo = released(TAGS);
    std::fs::create_dir(repo.root().join("helm")).expect("writable");
    repo.git(&["mv", "charts/a", "helm/a"]);
    repo.chart("charts/a", "other", "0.1.0", "").commit();
    assert_eq!(said(&request(&repo)), ["charts/a: pass absent", "helm/a: pass identical"]);
    // A chart that brings a namesake along is no release of it.
    repo.chart("helm/a", "a", "1.1.1", "").chart("umbrella/charts/a", "a", "1.1.1", "sub: 1\n");
    repo.chart("umbrella", "umbrella", "1.0.0", "").commit();
    repo.git(&["tag", "a-1.1.1"]);
    std::fs::create_dir(repo.root().join("last")).expect("writable");
    repo.git(&["mv", "helm/a", "last/a"]);
    assert!(said(&request(&repo)).contains(&"last/a: pass identical".to_owned()));
}

#[test]
fn a_tag_of_a_chart_that_its_commit_does_not_hold_is_no_answer() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", TAGS).write("README.md", "").commit();
    repo.git(&["tag", "a-1.0.0"]);
    repo.chart("charts/a", "a", "1.0.0", "").commit();
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "charts/a: undecided unknown");
    assert!(lines[1].contains("`a-1.0.0`") && lines[1].contains("no chart of that name"), "{lines:?}");
}

#[test]
fn tags_without_a_name_mark_only_charts_of_that_version() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "published: { tags: \"v{version}\" }\n");
    repo.chart("a", "a", "1.0.0", "").chart("b", "b", "3.0.0", "").commit();
    repo.git(&["tag", "v1.0.0"]);
    repo.git(&["tag", "v1"]);
    repo.chart("b", "b", "1.0.0", "").chart("c", "c", "1.0.0", "");
    assert_eq!(said(&request(&repo)), ["a: pass identical", "b: pass absent", "c: pass absent"]);
}

#[test]
fn clones_that_leave_out_tags_cannot_say_absent() {
    let repo = released(TAGS);
    repo.chart("charts/a", "a", "1.2.0", "x: 3\n").commit();
    let of_clone = |arguments: &[&str]| said(&request(&repo.cloned(arguments)));
    assert_eq!(of_clone(&[]), ["charts/a: pass absent"]);
    for arguments in [&["--depth=1"][..], &["--no-tags"]] {
        let lines = of_clone(arguments);
        assert_eq!(lines[0], "charts/a: undecided unknown", "{arguments:?}");
        assert!(lines[1].contains("leaves out tags"), "{lines:?}");
    }
    // A tag that is there answers all the same.
    let tagged = repo.cloned(&["--depth=1", "--branch=a-1.1.0"]);
    assert_eq!(said(&request(&tagged)), ["charts/a: pass identical"]);
}

#[test]
fn worktrees_detached_heads_and_revisions_see_the_same_tags() {
    let repo = released(TAGS);
    repo.git(&["checkout", "--quiet", "--detach"]);
    assert_eq!(said(&request(&repo)), ["charts/a: pass identical"]);
    let worktree = repo.beside("worktree");
    repo.git(&["worktree", "add", "--quiet", &worktree.display().to_string(), "a-1.0.0"]);
    let there = request(&repo).around(|around| around.working_dir = worktree);
    assert_eq!(said(&there), ["charts/a: pass identical"]);
    assert_eq!(said(&at(&repo, "HEAD~1")), ["charts/a: pass identical"]);
    let bare = repo.cloned(&["--bare"]);
    let of_bare = at(&bare, "HEAD").with(|request| request.charts.git_dir = Some(bare.root().to_owned()));
    assert_eq!(said(&of_bare), ["charts/a: pass identical"]);
}

#[test]
fn the_tag_that_a_run_is_for_marks_what_is_to_be_released() {
    let repo = released(TAGS);
    let tagged = |name: &str| request(&repo).around(|around| around.ci.tag = Some(name.to_owned()));
    assert_eq!(said(&tagged("a-1.1.0")), ["charts/a: pass absent"]);
    assert_eq!(said(&tagged("a-1.0.0")), ["charts/a: pass identical"]);
}

#[test]
fn a_tag_that_says_another_version_is_found_and_one_of_others_is_said_to_be() {
    let repo = released(TAGS);
    let judged = |name: &str, is_named| {
        let (tag, run) = (Some(name.to_owned()), Run::of(&repo, &["version-tag-mismatch"]));
        said(&if is_named { run.with(|request| request.tag = tag) } else { run.around(|around| around.ci.tag = tag) })
    };
    assert_eq!(judged("a-1.1.0", false), ["charts/a: pass unknown"]);
    let lines = judged("a-1.2.0", false);
    assert!(lines[0].starts_with("charts/a: fail") && lines[1].contains("`a-1.2.0` says `1.2.0`"), "{lines:?}");
    let stray = "skipped version-tag-mismatch: the tag `app-2.0.0` is not one of the chart's";
    assert_eq!(judged("app-2.0.0", true), ["charts/a: pass unknown", stray]);
    repo.write(".chartgate.yaml", "");
    assert_eq!(judged("v1.1.0", true), ["charts/a: pass unknown"]);
    assert!(judged("v1.2.0", true)[0].starts_with("charts/a: fail"));
    assert!(judged("v1.2.0", false)[0].starts_with("charts/a: pass"), "it may be the application's");
}

#[test]
fn a_packaged_chart_is_compared_by_the_configuration_beside_it() {
    let repo = released(TAGS);
    package(&repo.root().join("out"), "a", "1.1.0", "x: 2\n");
    let archive = || request(&repo).with(|request| request.charts.paths = vec![PathBuf::from("out/a-1.1.0.tgz")]);
    assert_eq!(said(&archive()), ["out/a-1.1.0.tgz: pass identical"]);
    package(&repo.root().join("out"), "a", "1.1.0", "x: 3\n");
    assert_eq!(said(&archive())[0], "out/a-1.1.0.tgz: fail different");
    repo.write(".chartgate.yaml", "published: { folder: dist }\n");
    package(&repo.root().join("dist"), "a", "1.1.0", "x: 3\n");
    assert_eq!(said(&archive()), ["out/a-1.1.0.tgz: pass identical"]);
}

#[test]
fn tags_without_a_repository_leave_the_question_open() {
    let nowhere = Repo::nowhere();
    nowhere.write(".chartgate.yaml", TAGS).chart("a", "a", "1.0.0", "");
    let lines = said(&request(&nowhere));
    assert_eq!(lines[0], "a: undecided unknown");
    assert!(lines[1].contains("no git repository whose tags"), "{lines:?}");
}

#[test]
fn a_lower_version_than_the_greatest_of_its_line_is_decreased_and_a_backport_is_not() {
    let repo = released(TAGS);
    repo.git(&["tag", "a-1.1.5"]);
    repo.git(&["tag", "a-2.0.0"]);
    let judged = |version: &str| {
        repo.chart("charts/a", "a", version, "x: 9\n");
        said(&request(&repo))
            .into_iter()
            .skip(1)
            .map(|line| line.split(" -- ").next().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(judged("1.1.6"), [""; 0], "a backport");
    assert_eq!(judged("1.2.0"), [""; 0]);
    assert_eq!(
        judged("1.1.3"),
        ["version-decreased: version `1.1.3` is lower than `1.1.5`, which is out at `git tags {name}-{version}`"]
    );
    assert_eq!(judged("1.1.5-rc.1").len(), 1);
    repo.git(&["tag", "a-1.1.7-rc.1"]);
    assert_eq!(judged("1.1.6"), [""; 0], "a pre-release of the next version does not stop a fix");
    assert_eq!(judged("1.1.7-alpha").len(), 1);
}

/// A package as Helm lays it out, Chart.yaml as it writes it.
fn package(folder: &Path, name: &str, version: &str, values: &str) -> PathBuf {
    let chart = format!("apiVersion: v2\nname: {name}\nversion: {version}\n");
    let files =
        [("Chart.yaml", chart.as_str()), ("values.yaml", values), ("templates/configmap.yaml", "kind: ConfigMap\n")];
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(vec![], flate2::Compression::fast()));
    for (path, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, format!("{name}/{path}"), content.as_bytes()).expect("it can be packed");
    }
    let data = archive.into_inner().and_then(flate2::write::GzEncoder::finish).expect("it can be packed");
    std::fs::create_dir_all(folder).expect("writable");
    let path = folder.join(format!("{name}-{version}.tgz"));
    std::fs::write(&path, data).expect("writable");
    path
}

#[test]
fn a_folder_of_packages_says_what_is_out() {
    let repo = Repo::nowhere();
    repo.write(".chartgate.yaml", "published: { folder: dist }\n").chart("a", "a", "1.0.0", "x: 1\n");
    let dist = repo.root().join("dist");
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "a: undecided unknown", "a folder that is not there is no empty one");
    package(&dist, "a", "0.9.0", "x: 0\n");
    assert_eq!(said(&request(&repo)), ["a: pass absent"]);
    package(&dist, "a", "1.0.0", "x: 1\n");
    assert_eq!(said(&request(&repo)), ["a: pass identical"]);
    package(&dist, "a", "1.0.0", "x: 2\n");
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "a: fail different");
    assert!(lines[1].contains("`dist/a-1.0.0.tgz`") && lines[1].contains("`values.yaml`: 2 lines"), "{lines:?}");
}

#[test]
fn a_change_cannot_rewrite_the_packages_it_is_measured_by() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "published: { folder: dist }\n").chart("a", "a", "1.0.0", "x: 1\n");
    let dist = repo.root().join("dist");
    package(&dist, "a", "1.0.0", "x: 1\n");
    let main = repo.commit();
    repo.remote_branch("main", "HEAD").git(&["checkout", "--quiet", "-b", "change"]);
    repo.chart("a", "a", "1.0.0", "x: 2\n");
    let line = format!("`{}:dist/a-1.0.0.tgz`", &main[..10]);
    for rewrite in [
        |dist: &Path| _ = package(dist, "a", "1.0.0", "x: 2\n"),
        |dist: &Path| {
            std::fs::remove_file(dist.join("a-1.0.0.tgz")).expect("it is there");
            package(dist, "a", "0.9.0", "x: 0\n");
        },
    ] {
        rewrite(&dist);
        let lines = said(&request(&repo));
        assert!(lines[0] == "a: fail different" && lines[1].contains(&line), "uncommitted: {lines:?}");
        repo.commit();
        let lines = said(&request(&repo));
        assert!(lines[0] == "a: fail different" && lines[1].contains(&line), "{lines:?}");
    }
    repo.chart("a", "a", "1.1.0", "x: 2\n");
    package(&dist, "a", "1.1.0", "x: 2\n");
    repo.commit();
    assert_eq!(said(&request(&repo)), ["a: pass identical"], "the change brings the package of its own version");
    let shallow = repo.cloned(&["--depth=1", "--branch=change"]);
    let pull_request = request(&shallow).around(|around| around.ci.target_branch = Some("main".to_owned()));
    let lines = said(&pull_request);
    assert_eq!(lines[0], "a: undecided unknown", "{lines:?}");
    assert!(lines[1].contains("cannot tell which packages were in `dist` before the change"), "{lines:?}");
}

#[test]
fn packages_of_charts_with_longer_names_are_theirs() {
    let repo = Repo::nowhere();
    repo.write(".chartgate.yaml", "published: { folder: ../dist }\n").chart("a", "a", "1-1.0.0", "");
    let dist = repo.beside("dist");
    package(&dist, "a-1", "1.0.0", "");
    package(&dist, "a-1", "2.0.0", "");
    assert_eq!(said(&request(&repo)), ["a: pass absent"]);
    std::fs::copy(dist.join("a-1-1.0.0.tgz"), dist.join("a-3.0.0.tgz")).expect("writable");
    repo.chart("a", "a", "3.0.0", "");
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "a: undecided unknown");
    assert!(lines[1].contains("holds version `1.0.0` of `a-1`"), "{lines:?}");
    std::fs::write(dist.join("a-4.0.0.tgz"), "no archive").expect("writable");
    repo.chart("a", "a", "4.0.0", "");
    assert_eq!(said(&request(&repo))[0], "a: undecided unknown");
}

#[test]
fn any_place_with_other_content_wins() {
    let repo = released("published: { tags: \"{name}-{version}\", folder: dist }\n");
    let dist = repo.root().join("dist");
    package(&dist, "a", "1.1.0", "x: 2\n");
    assert_eq!(said(&request(&repo)), ["charts/a: pass identical"]);
    package(&dist, "a", "1.1.0", "x: 3\n");
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "charts/a: fail different");
    assert!(lines[1].contains("dist/a-1.1.0.tgz"), "{lines:?}");
    std::fs::write(dist.join("a-1.1.0.tgz"), "no archive").expect("writable");
    assert_eq!(said(&request(&repo))[0], "charts/a: undecided unknown");
}

#[test]
fn packages_in_a_revision_are_those_of_the_revision() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "published: { folder: dist }\n").chart("a", "a", "1.0.0", "x: 1\n");
    package(&repo.root().join("dist"), "a", "1.0.0", "x: 1\n");
    repo.commit();
    package(&repo.root().join("dist"), "a", "1.0.0", "x: 2\n");
    assert_eq!(said(&request(&repo))[0], "a: fail different");
    let bare = repo.cloned(&["--bare"]);
    let of_bare = |bare: &Repo| at(bare, "HEAD").with(|request| request.charts.git_dir = Some(bare.root().to_owned()));
    assert_eq!(said(&of_bare(&bare)), ["a: pass identical"]);
    repo.write(".chartgate.yaml", "published: { folder: ../dist }\n").commit();
    let bare = repo.cloned(&["--bare"]);
    let lines = said(&of_bare(&bare));
    assert!(lines[1].contains("it is not in the revision"), "{lines:?}");
}

#[test]
fn merges_and_submodules_do_not_hide_what_is_tagged() {
    let repo = released(TAGS);
    repo.git(&["checkout", "--quiet", "-b", "feature", "HEAD~1"]);
    repo.write("theirs", "").commit();
    repo.git(&["merge", "--quiet", "--no-ff", "--message", "merge", "main"]);
    assert_eq!(said(&request(&repo)), ["charts/a: pass identical"]);
    let inner = Repo::new();
    inner.write("file", "").commit();
    repo.git(&["submodule", "--quiet", "add", &inner.root().display().to_string(), "charts/a/files"]);
    repo.chart("charts/a", "a", "1.2.0", "").commit();
    repo.git(&["tag", "a-1.2.0"]);
    repo.git(&["rm", "--quiet", "--force", "charts/a/files"]);
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "charts/a: undecided unknown");
    assert!(lines[1].contains("submodule"), "{lines:?}");
}

const REGISTRY: &str = "published: { oci: \"oci://127.0.0.1:1/charts\" }\n";

#[test]
fn a_registry_out_of_reach_leaves_the_question_open_unless_nobody_is_to_ask() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", REGISTRY).chart("a", "a", "1.0.0", "x: 1\n").commit();
    repo.remote_branch("main", "HEAD");
    let lines = said(&request(&repo));
    assert_eq!(lines[0], "a: undecided unknown");
    assert!(lines[1].starts_with("failure network: ") && lines[1].contains("oci://127.0.0.1:1/charts"), "{lines:?}");
    let offline = request(&repo).around(|around| around.network.offline = true);
    let skipped = |rule| format!("skipped {rule}: `oci://127.0.0.1:1/charts` was not asked, as `--offline` wants it");
    let expected = ["a: pass unknown".to_owned(), skipped("version-decreased"), skipped("version-reused")];
    assert_eq!(said(&offline), expected);
    repo.write("a/values.yaml", "x: 2\n");
    let lines = said(&offline);
    assert!(
        lines[1].starts_with("version-reused: ") && lines[1].contains("where `1.0.0` began"),
        "git decides: {lines:?}"
    );
    // What a place on this machine says still counts, but not as an answer for all.
    repo.write(".chartgate.yaml", format!("{}{}", REGISTRY.replace(" }", ","), "  tags: \"{name}-{version}\" }\n"));
    assert_eq!(said(&offline), expected);
    repo.git(&["tag", "a-1.0.0"]);
    assert_eq!(said(&offline)[0], "a: fail different");
}

#[test]
fn passwords_in_an_address_are_never_said() {
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "").commit();
    repo.remote_branch("main", "HEAD");
    for config in ["oci: \"oci://me:hunter2@127.0.0.1:1/a/a\"", "index: \"http://me:hunter2@127.0.0.1:1/\""] {
        repo.write(".chartgate.yaml", format!("published: {{ {config} }}\n"));
        for offline in [true, false] {
            let sources = Sources::new();
            let report = Run::of(&repo, &[]).around(|around| around.network.offline = offline).report(&sources);
            for format in Format::ALL {
                let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: false };
                let text = render(format, &report, &sources, look).to_string();
                assert!(!text.contains("hunter2"), "{text}");
            }
        }
    }
}

#[test]
fn every_format_says_what_is_published_already() {
    let repo = released(TAGS);
    let sources = Sources::new();
    let report = request(&repo).report(&sources);
    let look = Look { screen: Screen::Plain, unicode: true, width: 100, quiet: false };
    let text = |format| render(format, &report, &sources, look).to_string();
    let human = "charts/a: version `1.1.0` is already published, identical\n";
    assert!(text(Format::Human).starts_with(human), "{}", text(Format::Human));
    let concise = "charts/a: note published: version `1.1.0` is already published, identical\n";
    assert!(text(Format::Concise).starts_with(concise), "{}", text(Format::Concise));
    assert!(text(Format::Github).starts_with(&format!("::notice title=already published::{human}")));
    assert!(text(Format::Json).contains("\"published\": \"identical\""));
    assert!(
        markdown::job_summary(&report, &sources)
            .as_str()
            .contains("- `charts/a`: version `1.1.0` is already published")
    );
    assert_eq!(github::outputs(&report), "verdict=pass\nalready-published=true\n");
    let other = Report { charts: vec![], ..report };
    assert_eq!(github::outputs(&other), "verdict=pass\nalready-published=false\n");
}

/// The real Helm; none, said on standard error, where it is missing and this is not CI.
fn helm() -> Option<PathBuf> {
    let helm = std::env::var_os("CHARTGATE_HELM").map_or_else(|| PathBuf::from("helm"), PathBuf::from);
    if Command::new(&helm).arg("version").output().is_ok_and(|output| output.status.success()) {
        return Some(helm);
    }
    assert!(std::env::var_os("CI").is_none(), "helm is missing; scripts/test installs it");
    _ = writeln!(std::io::stderr(), "skipped: helm is not installed (scripts/test installs it)");
    None
}

#[test]
fn what_real_helm_packages_is_identical_to_its_source() {
    let Some(helm) = helm() else { return };
    let repo = Repo::nowhere();
    let package = |chart: &str, to: &str| {
        let output = Command::new(&helm).current_dir(repo.root()).args(["package", chart, "-d", to]).output();
        let output = output.expect("helm starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    repo.write(".chartgate.yaml", "charts: [web, old]\npublished: { folder: dist }\n");
    repo.chart("lib", "lib", "1.2.3", "a: 1\n").write("lib/.helmignore", "secret\n").write("lib/secret", "x");
    repo.write(
        "web/Chart.yaml",
        "# comment\nversion: \"1.0.0\" # release\nname: 'web'\napiVersion: v2\nappVersion: 1.10\nunknown: [1]\nkeywords: []\n\
         description: |\n  two\n  lines\u{200b}\nannotations: { a: 'true', \"b\": \"x: y\" }\ndeprecated: false\nmaintainers:\n- { email: a@example.org, name: a }\n\
         dependencies:\n  - { name: lib, version: ~1.2.0, repository: \"https://charts.example.org\", condition: lib.enabled, tags: [x] }\n  \
         - { name: folder, version: 0.1.0 }\n",
    );
    repo.write("web/Chart.lock", "generated: \"2024-05-06T07:08:09.10+02:00\"\ndigest: sha256:00\ndependencies:\n- version: 1.2.3\n  name: lib\n  repository: https://charts.example.org\n");
    package("lib", "web/charts");
    repo.chart("web/charts/otherwise", "folder", "0.1.0", "").write("web/charts/otherwise/README.md", "# read\n");
    repo.write("web/values.yaml", "\u{feff}lines: 1\r\nmore: 2\r\n").write("web/.helmignore", "*.bak\nci/\n");
    repo.write("web/a.bak", "x")
        .write("web/ci/values.yaml", "")
        .write("web/LICENSE", "")
        .write("web/icon.png", b"\x89PNG\0");
    repo.write("web/templates/_helpers.tpl", "{{/* none */}}")
        .write("shared/notes", "linked")
        .link("web/notes", "../shared/notes");
    repo.write("old/Chart.yaml", "name: old\nversion: 1.2.3\ndescription: made for Helm 2\n")
        .write("old/values.yaml", "");
    repo.write(
        "old/requirements.yaml",
        "dependencies:\n- name: lib\n  version: 1.2.3\n  repository: https://charts.example.org\n",
    );
    repo.write("old/requirements.lock", "dependencies: []\ngenerated: 2020-01-01T00:00:00Z\n");
    package("lib", "old/charts");
    package("web", "dist");
    package("old", "dist");
    let left_out = "skipped *: `charts` in `.chartgate.yaml` leaves out `lib`";
    let same = ["old: pass identical", "web: pass identical", left_out];
    assert_eq!(said(&request(&repo)), same);
    // What is not packaged may change, and so may what Helm does not write.
    repo.write("web/ci/values.yaml", "a: 1\n").write("lib/values.yaml", "a: 2\n");
    assert_eq!(said(&request(&repo)), same);
    repo.write("web/charts/otherwise/README.md", "# written\n")
        .write("old/requirements.lock", "dependencies: []\ndigest: x\n");
    let lines = said(&request(&repo));
    assert!(lines.iter().any(|line| line.contains("`charts/folder/README.md`: 2 lines")), "{lines:?}");
    assert!(lines.iter().any(|line| line.contains("`requirements.lock`: ")), "{lines:?}");
}

#[test]
fn a_version_that_differs_in_build_metadata_alone_is_a_reuse_wherever_releases_are_known() {
    for (out, now) in [("1.0.0", "1.0.0+x"), ("1.0.0+x", "1.0.0"), ("1.0.0+x", "1.0.0+y")] {
        let repo = Repo::new();
        repo.write(".chartgate.yaml", TAGS).chart("charts/a", "a", out, "x: 1\n").commit();
        repo.git(&["tag", &format!("a-{out}")]);
        repo.chart("charts/a", "a", now, "x: 2\n").commit();
        let lines = said(&request(&repo));
        assert_eq!(lines[0], "charts/a: fail different", "{out} {now}");
        repo.write(".chartgate.yaml", "published: { folder: dist }\n");
        package(&repo.root().join("dist"), "a", out, "x: 1\n");
        let lines = said(&request(&repo));
        assert_eq!(lines[0], "charts/a: fail different", "{out} {now}");
    }
}
