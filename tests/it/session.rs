//! One session that judges many requests, as an editor and a server do, with texts that are not saved yet.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use chartgate::finding::Report;
use chartgate::gate::{Charts, PolicyChoice, ProfileChoice, Request, Session, Surroundings};
use chartgate::text::Date;
use chartgate::text::Sources;

use crate::git_repo::Repo;

fn session(repo: &Repo) -> Session {
    Session::new(Surroundings::new(repo.root().to_owned(), Date::new(2026, 1, 1).expect("a day")))
}

fn unsaved(path: &str, text: &str) -> Charts {
    let text: Arc<[u8]> = Arc::from(text.as_bytes());
    Charts { unsaved: BTreeMap::from([(PathBuf::from(path), text)]), ..Charts::default() }
}

fn judged(session: &Session, charts: Charts, rules: &[&str]) -> Report {
    let select = rules.iter().map(|rule| (*rule).to_owned()).collect();
    let request = Request { charts, policy: PolicyChoice { select, ..PolicyChoice::default() }, ..Request::default() };
    session.check(&request, &Sources::new()).unwrap_or_else(|error| panic!("{error:?}"))
}

fn versions(report: &Report) -> Vec<&str> {
    report.charts.iter().filter_map(|chart| chart.version.as_deref()).collect()
}

#[test]
fn a_session_judges_what_is_not_saved_and_then_what_is() {
    let repo = Repo::new();
    repo.chart("charts/a", "a", "1.0.0", "x: 1\n").commit();
    repo.write("charts/a/values.yaml", "x: 2\n");
    let (session, rules) = (session(&repo), ["version-reused"]);
    let raised = unsaved("charts/a/Chart.yaml", "apiVersion: v2\nname: a\nversion: 1.0.1\n");
    let report = judged(&session, raised, &rules);
    assert_eq!((versions(&report), report.findings.len()), (vec!["1.0.1"], 0));
    let report = judged(&session, Charts::default(), &rules);
    assert_eq!((versions(&report), report.findings.len()), (vec!["1.0.0"], 1));
    let restored = unsaved(&repo.root().join("charts/a/values.yaml").display().to_string(), "x: 1\n");
    assert_eq!(judged(&session, restored, &rules).findings, [], "an absolute path names the same file");
}

#[test]
fn unsaved_configuration_counts() {
    let repo = Repo::new();
    repo.write(".chartgate.yaml", "").chart("a", "a", "1.0.0", "").commit();
    let config = unsaved(".chartgate.yaml", "failOn: warning\n");
    let report = judged(&session(&repo), config, &["version-reused"]);
    assert_eq!(report.fail_on.map(|level| level.to_string()).as_deref(), Some("warning"));
}

#[test]
fn a_profile_that_no_chart_has_is_refused_before_anything_is_judged() {
    let repo = Repo::new();
    // Whoever renders this chart needs a second.
    repo.chart("a", "a", "1.0.0", "").write("a/templates/x.yaml", "{{ fail \"rendered\" }}").commit();
    let profiles = ProfileChoice { names: vec!["prod".to_owned()], ..ProfileChoice::default() };
    let sources = Sources::new();
    let error =
        session(&repo).check(&Request { profiles, ..Request::default() }, &sources).expect_err("no such profile");
    assert!(format!("{error:?}").contains("there is no profile `prod`"), "{error:?}");
}

#[test]
fn the_report_says_what_each_chart_was_compared_with() {
    let repo = Repo::new();
    repo.chart("a", "a", "1.0.0", "x: 1\n").commit();
    repo.remote_branch("main", "HEAD");
    repo.git(&["checkout", "--quiet", "-b", "feature"]);
    repo.chart("a", "a", "1.0.0", "x: 2\n").chart("b", "b", "0.1.0", "").commit();
    let report = judged(&session(&repo), Charts::default(), &["version-reused"]);
    let with = |chart: usize| {
        let all = report.charts[chart].compared_with.iter();
        all.map(|with| format!("{} {:?} {}", with.place, with.version.as_deref(), with.state)).collect::<Vec<_>>()
    };
    let base = repo.git(&["rev-parse", "--short=10", "HEAD~1"]);
    assert_eq!(with(0), [format!("the merge-base `{base}` with `origin/main` Some(\"1.0.0\") different")]);
    assert_eq!(with(1), [format!("the merge-base `{base}` with `origin/main` None absent")]);
}
