//! What suppresses a finding, and for how long; what suppresses nothing is said, where the run can know.

use chartgate::finding::{Finding, Status};
use chartgate::gate::{Request, Session, Surroundings};
use chartgate::text::{Date, Sources};

use crate::git_repo::Repo;

const RULE: &str = "yaml-key-duplicate";
const TWICE: &str = "a: 1\na: 2\n";

/// A folder with charts whose values have a key twice.
fn repo(charts: &[&str], config: &str) -> Repo {
    let repo = Repo::nowhere();
    for chart in charts {
        repo.chart(&format!("charts/{chart}"), chart, "1.0.0", TWICE);
    }
    repo.write(".chartgate.yaml", config);
    repo
}

/// What is found of some rules on a day, in some of the charts where that is asked.
fn found(repo: &Repo, (month, day): (u8, u8), charts: &[&str]) -> Vec<Finding> {
    let today = Date::new(2026, month, day).expect("a day");
    let surroundings = Surroundings::new(repo.root().to_owned(), today);
    let mut request = Request::default();
    request.charts.paths = charts.iter().map(|chart| repo.root().join("charts").join(chart)).collect();
    let report = Session::new(surroundings).check(&request, &Sources::new()).expect("there is a chart");
    assert_eq!(report.failures, []);
    let of_rules = |finding: &Finding| finding.rule == RULE || finding.rule.starts_with("suppression-");
    report.findings.into_iter().filter(of_rules).collect()
}

/// The rules of findings that count.
fn open(found: &[Finding]) -> Vec<&str> {
    found.iter().filter(|finding| finding.status == Status::Open).map(|finding| finding.rule.as_str()).collect()
}

#[test]
fn an_entry_counts_through_its_last_day() {
    let repo = repo(&["a"], "suppress: [{ rule: yaml-key-duplicate, path: charts/a, reason: x, until: 2026-01-31 }]\n");
    for day in [(1, 1), (1, 31)] {
        assert_eq!(open(&found(&repo, day, &[])), Vec::<&str>::new(), "{day:?}");
    }
    let mut late = open(&found(&repo, (2, 1), &[])).into_iter().map(str::to_owned).collect::<Vec<_>>();
    late.sort();
    assert_eq!(late, ["suppression-expired", RULE]);
}

#[test]
fn an_entry_for_profiles_covers_nothing_that_is_found_under_none() {
    let entry = "suppress: [{ rule: yaml-key-duplicate, path: charts/a, profiles: ['*'], reason: x }]\n";
    let found = found(&repo(&["a"], entry), (1, 1), &[]);
    assert!(open(&found).contains(&RULE), "{found:?}");
}

#[test]
fn of_many_comments_that_suppress_nothing_so_many_are_said_and_that_there_are_more() {
    let repo = repo(&["a"], "failOn: error\n");
    for (count, said, has_more) in [(200, 200, false), (250, 201, true)] {
        let lines = |index: usize| format!("k{index}: 1 # chartgate: ignore[yaml-key-duplicate] none\n");
        repo.write("charts/a/values.yaml", (0..count).map(lines).collect::<Vec<_>>().concat());
        let found = found(&repo, (1, 1), &[]);
        assert_eq!(found.len(), said);
        let is_it = |finding: &Finding| finding.message.starts_with("more than 200 comments in this file");
        assert_eq!(found.iter().any(is_it), has_more);
    }
}

#[test]
fn a_run_of_some_charts_does_not_know_that_an_entry_for_others_is_unused() {
    let entry = |chart: &str| format!("- {{ rule: yaml-key-duplicate, path: charts/{chart}, reason: x }}\n");
    let repo = repo(&["a", "b"], &format!("suppress:\n{}{}", entry("a"), entry("b")));
    repo.write("charts/b/values.yaml", "a: 1\n");
    assert_eq!(open(&found(&repo, (1, 1), &["a"])), Vec::<&str>::new());
    assert_eq!(open(&found(&repo, (1, 1), &["b"])), ["suppression-unused"]);
    assert_eq!(open(&found(&repo, (1, 1), &[])), ["suppression-unused"]);
}

#[test]
fn an_entry_whose_path_counts_from_elsewhere_says_what_to_write() {
    let repo = repo(&["a"], "failOn: error\n");
    std::fs::remove_file(repo.root().join(".chartgate.yaml")).expect("it was written");
    let entry = "suppress: [{ rule: yaml-key-duplicate, path: charts/a/values.yaml, reason: x }]\n";
    repo.write("charts/a/.chartgate.yaml", entry);
    let found = found(&repo, (1, 1), &[]);
    let unused = found.iter().find(|finding| finding.rule == "suppression-unused").expect("it covers nothing");
    let help = unused.help.as_deref().unwrap_or_default();
    assert!(help.contains("paths count from `charts/a`") && help.contains("`values.yaml`"), "{help}");
}
